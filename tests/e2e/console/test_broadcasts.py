"""MS-1, MS-2: a broadcast from the wizard to its result, everybody of its audience with a reason.

Everybody is left out by a segment, so that no message is planned that other tests of the folder would count.
"""

import asyncio
import secrets

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_broadcast_is_planned_checked_started_and_read(
    page: Page, phone: Page, console: Console
) -> None:
    mark = secrets.token_hex(3)
    await asyncio.to_thread(_segment, console, f"杭州 {mark}")
    await page.goto("/broadcasts")
    await page.get_by_role("button", name="新建群发").first.click()
    await page.get_by_label("名称").fill(f"新茶 {mark}")
    for label in ("发给分群", "排除分群"):
        await page.get_by_role("combobox", name=label).click()
        await page.get_by_title(f"杭州 {mark} · 2").last.click()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label("消息内容（Liquid）").fill("新茶到了")
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label("每分钟最多").fill("60")
    await page.get_by_role("button", name="下一步").click()
    audience = page.get_by_test_id("audience")
    await expect(audience).to_contain_text("被排除2")
    await expect(audience).to_contain_text("将要发送0")
    await page.get_by_role("button", name="保存并开始").click()
    await page.get_by_role("tooltip").get_by_role("button", name="确定").click()

    await expect(page.get_by_role("heading", name=f"新茶 {mark}")).to_be_visible()
    await expect(page.get_by_text("已完成", exact=True)).to_be_visible()
    await expect(page.get_by_test_id("broadcast-moves")).to_contain_text("草稿 → 已排期")
    people = page.get_by_test_id("broadcast-people")
    await people.get_by_role("button", name="在排除分群中 2").click()
    await expect(people.get_by_test_id("broadcast-people-table")).to_contain_text("陈小满")
    await people.get_by_role("combobox", name="按手机、ID 或姓名查找").fill("周明轩")
    await page.get_by_title("周明轩").last.click()
    await expect(people).to_contain_text("此人不在这次的受众中")
    await people.get_by_role("button", name="清除筛选").click()
    await expect(page.get_by_test_id("broadcast-result")).to_contain_text("没有设置对照组")

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("broadcast-people-table")).to_contain_text("陈小满")
    assert await phone.evaluate(OVERHANG) <= 0
    for path in ("/broadcasts", "/broadcasts/new/edit"):
        await phone.goto(path)
        await expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert await phone.evaluate(OVERHANG) <= 0


async def test_a_scheduled_broadcast_can_be_taken_back_and_cancelled(page: Page, console: Console) -> None:
    mark = secrets.token_hex(3)
    segment = await asyncio.to_thread(_segment, console, f"杭州 {mark}")
    plan = {
        "name": f"定时 {mark}",
        "segment_id": segment,
        "account_id": console.account_id,
        "message_kind": "customer_service_text",
        "content": {"text": "明天见"},
        "schedule": {"kind": "at", "at": "2099-01-01T00:00:00Z"},
    }
    made = await asyncio.to_thread(console.send, "/api/v1/broadcasts", plan)
    await page.goto(f"/broadcasts/{made['id']}")
    await _press(page, "开始", "已排期")
    await page.get_by_role("button", name="撤回排期").click()
    await expect(page.get_by_text("草稿", exact=True)).to_be_visible()
    await _press(page, "开始", "已排期")
    await _press(page, "取消群发", "已取消")


async def _press(page: Page, button: str, becomes: str) -> None:
    await page.get_by_role("button", name=button, exact=True).click()
    await page.get_by_role("tooltip").get_by_role("button", name="确定").click()
    await expect(page.get_by_text(becomes, exact=True)).to_be_visible()


def _segment(console: Console, name: str) -> str:
    """Make a segment of the two people of Hangzhou, and wait until it is counted."""
    definition = {"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"}
    made = console.send("/api/v1/segments", {"name": name, "definition": definition})
    path = f"/api/v1/segments/{made['id']}"
    eventually(
        lambda: console.platform.ask("GET", path).json()["count"] == 2, what="the segment to be counted"
    )
    return str(made["id"])
