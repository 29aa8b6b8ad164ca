"""Building conditions on segments, companies and codes: by names, with what they come to beside them."""

import asyncio
import json
import re
import secrets
from typing import Any

import pytest
from playwright.async_api import Page, expect

from e2e.console.conftest import Console, pick
from e2e.console.test_phone import OVERHANG
from support.processes import eventually

pytestmark = pytest.mark.browser


async def add(page: Page, kind: str) -> None:
    await page.get_by_role("button", name="添加条件").last.click()
    await page.get_by_role("menuitem", name=kind, exact=True).click()


async def choose(page: Page, picker: str, option: str) -> None:
    """Choose from a short list that is not searched."""
    await page.get_by_role("combobox", name=picker).click()
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=option).click()


async def shown(page: Page) -> list[dict[str, Any]]:
    """Return the conditions as JSON, and go back to the editor."""
    await page.get_by_role("tab", name="JSON").click()
    text = await page.get_by_role("textbox", name="JSON").input_value()
    await page.get_by_role("tab", name="条件").click()
    parts: list[dict[str, Any]] = json.loads(text)["of"]
    return parts


async def test_how_long_who_left_and_where_people_work(page: Page, console: Console) -> None:
    mark = secrets.token_hex(4)
    who = f"belongs-{mark}"
    console.track(
        {"type": "identify", "userId": who, "traits": {"name": f"属{mark}"}},
        {"type": "track", "userId": who, "event": f"入会 {mark}"},
        {
            "type": "group", "userId": who, "groupId": f"B-{mark}",
            "traits": {"name": f"归属{mark}", f"plan{mark}": "gold", "role": "采购"},
        },
    )  # fmt: skip
    joined = {"kind": "event", "name": f"入会 {mark}"}

    def counted(*asked: dict[str, Any]) -> bool:
        body = {"definition": {"kind": "all", "of": list(asked)}}
        return bool(console.send("/api/v1/segments/preview", body)["count"] == 1)

    employed = {"kind": "company_contact", "where": [{"key": f"plan{mark}", "op": "is_set"}]}
    await asyncio.to_thread(eventually, lambda: counted(joined, employed), what="both to be history")
    segment = console.send("/api/v1/segments", {"name": f"会员 {mark}", "definition": joined})["id"]
    firms = console.send(
        "/api/v1/account-segments",
        {"name": f"金牌 {mark}", "definition": {"kind": "company", "key": f"plan{mark}", "op": "is_set"}},
    )["id"]
    moved = {"kind": "segment_move", "segment": segment, "move": "entered"}
    at_firm = {"kind": "company_contact", "segment": firms}

    await asyncio.to_thread(eventually, lambda: counted(moved, at_firm), what="both to be told")
    await page.goto("/segments/new")
    count = page.get_by_test_id("preview-count")

    await add(page, "属于人群")
    await pick(page, page.get_by_role("combobox", name="选择人群"), f"会员 {mark}")
    await expect(count).to_have_text(re.compile("^1"))
    await choose(page, "在其中", "已满")
    await expect(count).to_have_text(re.compile("^0"))
    await choose(page, "在其中", "自某段时间起")
    await expect(count).to_have_text(re.compile("^1"))

    await add(page, "进出人群")
    await pick(page, page.get_by_role("combobox", name="选择人群").last, f"会员 {mark}")
    await expect(count).to_have_text(re.compile("^1"))
    await choose(page, "进入或离开", "离开过")
    await expect(count).to_have_text(re.compile("^0"))
    await choose(page, "进入或离开", "进入过")

    await add(page, "企业联系人")
    await pick(page, page.get_by_role("combobox", name="任意企业，或选择企业分群"), f"金牌 {mark}")
    await expect(count).to_have_text(re.compile("^1"))
    await page.get_by_role("button", name="限定企业属性").click()
    await pick(page, page.get_by_role("combobox", name="属性", exact=True), f"plan{mark}")
    await page.get_by_role("combobox", name="值", exact=True).fill("free")
    await expect(count).to_have_text(re.compile("^0"))
    await page.get_by_role("combobox", name="值", exact=True).fill("gold")
    await expect(count).to_have_text(re.compile("^1"))

    month = {"amount": 30, "unit": "days"}
    assert await shown(page) == [
        {"kind": "segment", "segment": segment, "since": {"kind": "rolling", **month}},
        {**moved, "window": {"kind": "rolling", **month}},
        {**at_firm, "where": [{"key": f"plan{mark}", "op": "eq", "value": "gold"}]},
    ]
    await page.get_by_role("button", name="原因").click()
    told = page.get_by_test_id("explanation")
    await expect(told).to_contain_text(f"会员 {mark}")
    await expect(told).to_contain_text("进入人群")
    await expect(told).to_contain_text(f"归属{mark}")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_function(f"({OVERHANG}) <= 0")


async def test_codes_are_picked_by_their_names(page: Page, console: Console) -> None:
    mark = secrets.token_hex(4)
    code = console.send(
        f"/api/v1/channels/official-accounts/{console.account_id}/codes",
        {"name": f"收银台 {mark}", "kind": "permanent"},
    )
    await page.goto("/segments/new")
    await add(page, "事件")
    await page.get_by_role("combobox", name="事件").fill("wechat.official_account.followed")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="添加筛选").click()
    await pick(page, page.get_by_role("combobox", name="字段"), "context.source")
    await page.get_by_role("combobox", name="值", exact=True).fill(mark)
    option = page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=f"收银台 {mark}")
    await option.click()
    (made,) = await shown(page)
    assert made["where"] == [{"field": "context.source", "op": "eq", "value": code["scene"]}]
    await expect(page.get_by_text(f"收银台 {mark}").first).to_be_visible()
