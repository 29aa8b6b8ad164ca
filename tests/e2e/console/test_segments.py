"""Building a segment by hand and by JSON."""

import asyncio
import json
import re
import secrets

import pytest
from playwright.async_api import Page, expect

from e2e.console.conftest import Console
from e2e.console.test_phone import OVERHANG
from support.processes import eventually

pytestmark = pytest.mark.browser


async def test_conditions_count_people_while_they_are_built(page: Page) -> None:
    await page.goto("/segments/new")
    count = page.get_by_test_id("preview-count")
    await page.get_by_role("button", name="添加条件").click()
    await page.get_by_role("menuitem", name="事件").click()
    await expect(page.get_by_text("把条件填完整")).to_be_visible()
    await page.get_by_role("combobox", name="事件").fill("Order Completed")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(count).to_have_text(re.compile("^2"))

    await page.get_by_role("button", name="添加条件").click()
    await page.get_by_role("menuitem", name="属性").click()
    await page.get_by_role("combobox", name="选择属性").fill("city")
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="值", exact=True).fill("杭州")
    await expect(count).to_have_text(re.compile("^1"))

    await page.get_by_role("button", name="排除").last.click()
    await expect(count).to_have_text(re.compile("^1"))
    await expect(page.get_by_test_id("segment-preview")).to_contain_text("周明轩")


async def test_a_saved_segment_has_members(page: Page) -> None:
    definition = {
        "kind": "aggregate",
        "name": "Order Completed",
        "function": "sum",
        "of": {"kind": "field", "field": "revenue"},
        "test": {"op": "gte", "value": 100},
    }
    await page.goto("/segments/new")
    await page.get_by_label("人群名称").fill("消费过百")
    await page.get_by_role("tab", name="JSON").click()
    await page.get_by_role("textbox", name="JSON").fill(json.dumps(definition))
    await page.get_by_role("button", name="应用到编辑器").click()
    await expect(page.get_by_test_id("preview-count")).to_have_text(re.compile("^1"))
    await page.get_by_role("button", name="保存").click()

    await expect(page.get_by_role("heading", name="消费过百")).to_be_visible()
    await page.get_by_role("tab", name="成员").click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("林知夏")
    await page.goto("/segments")
    await expect(page.get_by_role("row", name=re.compile("消费过百"))).to_contain_text("1")


async def test_what_the_server_refuses_is_shown(page: Page) -> None:
    wrong = {"kind": "attribute", "key": "city", "op": "between", "value": [2, 1]}
    await page.goto("/segments/new")
    await page.get_by_role("tab", name="JSON").click()
    await page.get_by_role("textbox", name="JSON").fill("{")
    await page.get_by_role("button", name="应用到编辑器").click()
    await expect(page.get_by_role("alert")).to_contain_text("JSON 无法读取")

    await page.get_by_role("textbox", name="JSON").fill(json.dumps(wrong))
    await page.get_by_role("button", name="应用到编辑器").click()

    await expect(page.get_by_test_id("segment-preview").get_by_role("alert")).to_contain_text("分群定义有误")


async def test_why_somebody_is_in_is_told(page: Page, console: Console) -> None:
    tasted = f"品茶 {secrets.token_hex(3)}"

    def stored() -> bool:
        asked = {"event": {"name": tasted}}
        return bool(console.send("/api/v1/behaviour/distribution", asked)["people"] == 1)

    console.track({"type": "track", "userId": "u-2", "event": tasted})
    await asyncio.to_thread(eventually, stored, what="the tasting to be history")
    did = {"kind": "event", "name": tasted}
    viewed = {"kind": "event", "name": "Nobody Did This", "count": {"op": "eq", "value": 0}}
    sequence = {"kind": "sequence", "steps": [{"name": tasted}, {"name": "Nobody Did This"}]}
    definition = {"kind": "all", "of": [did, viewed, {"kind": "not", "of": sequence}]}
    await page.goto("/segments/new")
    await page.get_by_role("tab", name="JSON").click()
    await page.get_by_role("textbox", name="JSON").fill(json.dumps(definition))
    await page.get_by_role("button", name="应用到编辑器").click()
    await page.get_by_role("tab", name="条件").click()
    await expect(page.get_by_text("添加一步")).to_be_visible()
    # Until the count has caught up, the sample is that of the definition before.
    await expect(page.get_by_role("button", name="原因")).to_have_count(1)
    await page.get_by_role("button", name="原因").click()

    told = page.get_by_test_id("explanation")
    await expect(told).to_contain_text("在人群中")
    await expect(told).to_contain_text("须不满足")
    await expect(told.get_by_label("不满足")).to_have_count(1)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(told).to_be_visible()
    # The drawer is still sliding to its new width.
    await page.wait_for_function(f"({OVERHANG}) <= 0")


async def test_a_file_becomes_a_list_and_says_which_rows_it_could_not_use(page: Page) -> None:
    name = f"门店名单 {secrets.token_hex(3)}"
    await page.goto("/segments")
    await page.get_by_role("button", name="上传名单").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("名单文件").set_input_files(
        {"name": "门店.csv", "mimeType": "text/csv", "buffer": "用户ID\nu-1\nu-2\nu-none\n".encode()}
    )
    await form.get_by_label("名单名称").fill(name)
    await form.get_by_role("button", name=re.compile("^上 ?传$")).click()

    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    versions = page.get_by_test_id("list-versions")
    await expect(versions).to_contain_text("没有这个人")
    await expect(versions.get_by_role("link", name="下载未匹配的行")).to_have_attribute(
        "href", re.compile(r"/list/versions/1/rejects\.csv$")
    )
    await page.get_by_role("tab", name="成员").click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("林知夏")
    await page.get_by_role("tab", name="版本").click()
    await expect(versions).to_contain_text("门店.csv")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_function(f"({OVERHANG}) <= 0")


async def test_people_like_a_list_are_looked_for(page: Page, console: Console) -> None:
    mark = secrets.token_hex(4)
    names = [f"like-{mark}-{n}" for n in range(3)]
    console.track(*({"type": "track", "userId": name, "event": f"茶会 {mark}"} for name in names))

    def stored() -> bool:
        asked = {"event": {"name": f"茶会 {mark}"}}
        return bool(console.send("/api/v1/behaviour/distribution", asked)["people"] == len(names))

    await asyncio.to_thread(eventually, stored, what="all acts to be history")
    await page.goto("/segments")
    await page.get_by_role("button", name="上传名单").click()
    await page.get_by_label("名单文件").set_input_files(
        {
            "name": f"种子 {mark}.csv",
            "mimeType": "text/csv",
            "buffer": "\n".join(["user_id", *names]).encode(),
        }
    )
    await page.get_by_role("dialog").get_by_role("button", name="上传").click()
    await expect(page.get_by_role("heading", name=f"种子 {mark}")).to_be_visible()
    await page.get_by_role("button", name="找相似的人").click()
    await page.get_by_role("dialog").get_by_text("按人数").click()
    await page.get_by_role("spinbutton", name="按人数").fill("15")
    await page.get_by_role("button", name="开始查找").click()

    # So few teach nothing, and the page says how many it takes; nobody is put on the list.
    panel = page.get_by_test_id("lookalike")
    await expect(panel).to_contain_text(f"种子 {mark}")
    await expect(panel.get_by_role("status")).to_contain_text("没有可用的结果")
    await expect(panel.get_by_role("alert")).to_contain_text("至少要 10 人")
    await expect(panel.get_by_role("button", name="采用")).to_have_count(0)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_function(f"({OVERHANG}) <= 0")
