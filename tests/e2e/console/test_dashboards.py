"""A board shows the figures somebody put on it, and who is behind them."""

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_analysis_is_kept_put_on_a_board_and_leads_to_its_people(
    page: Page, phone: Page, console: Console
) -> None:
    mark = secrets.token_hex(3)
    sniffed, sipped = f"闻香 {mark}", f"品茗 {mark}"
    funnel: dict[str, Any] = {"steps": [{"name": sniffed}, {"name": sipped}]}

    def stored() -> bool:
        answer = console.send("/api/v1/behaviour/funnel", funnel)
        return bool(answer["total"]["reached"] == [2, 1])

    for user, event in (("u-2", sniffed), ("u-3", sniffed), ("u-2", sipped)):
        console.track({"type": "track", "userId": user, "event": event})
    await asyncio.to_thread(eventually, stored, what="both steps to be history")
    board = f"茶会 {mark}"
    console.send("/api/v1/dashboards", {"name": board})

    await page.goto(f"/behaviour?tab=funnel&funnel={quote(json.dumps(funnel))}")
    await expect(page.get_by_test_id("funnel-total")).to_contain_text("转化率 50%")
    await page.get_by_role("button", name="放到看板").click()
    await pick(page, page.get_by_role("combobox", name="选择看板"), board)
    await page.get_by_label("卡片标题").fill("茶会漏斗")
    await page.get_by_role("button", name="放上去").click()
    await page.get_by_role("status").filter(has_text=f"已放到「{board}」").click()

    await page.get_by_role("button", name="编辑", exact=True).click()
    await pick(page, page.get_by_role("combobox", name="添加指标"), "新增关注")
    headings = page.get_by_test_id("board").get_by_role("heading")
    await expect(headings).to_have_text(["茶会漏斗", "新增关注"])
    await page.get_by_role("button", name="往前移").last.click()
    await expect(headings).to_have_text(["新增关注", "茶会漏斗"])
    await page.get_by_role("button", name="完成", exact=True).click()
    await page.get_by_role("button", name="流失 1").click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("陈小满")

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("board")).to_contain_text("转化率 50%")
    assert await phone.evaluate(OVERHANG) <= 0
