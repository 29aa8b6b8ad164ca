"""Defining a figure once, and seeing who is behind it."""

import asyncio
import secrets
from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_metric_is_defined_tried_and_leads_to_its_people(
    page: Page, phone: Page, console: Console
) -> None:
    tasted, name = f"品鉴 {secrets.token_hex(3)}", f"品鉴人数 {secrets.token_hex(3)}"

    def stored() -> bool:
        formula = {"kind": "events", "event": {"name": tasted}}
        answer: dict[str, Any] = console.send("/api/v1/metrics/try", {"formula": formula})
        return bool(answer["current"]["total"]["value"] == "3")

    for user in ("u-2", "u-3", "u-2"):
        console.track({"type": "track", "userId": user, "event": tasted})
    await asyncio.to_thread(eventually, stored, what="the tastings to be history")

    await page.goto("/figures")
    await expect(page.get_by_role("link", name="净收入")).to_be_visible()
    await page.get_by_role("button", name="新建指标").click()
    await page.get_by_label("名称", exact=True).fill(name)
    await pick(page, page.get_by_role("combobox", name="事件", exact=True), tasted)
    await expect(page.get_by_test_id("metric-trial").get_by_test_id("metric-value")).to_have_text("3")
    await pick(page, page.get_by_role("combobox", name="指标", exact=True), "人数")
    await expect(page.get_by_test_id("metric-trial").get_by_test_id("metric-value")).to_have_text("2")
    await page.get_by_role("button", name="保存指标").click()

    await expect(page.get_by_test_id("metric-versions")).to_contain_text("v1")
    answer = page.get_by_test_id("metric-answer")
    await expect(answer.get_by_test_id("metric-value")).to_have_text("2")
    await answer.get_by_role("button", name="共 2 人").click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("陈小满")

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("metric-answer").get_by_test_id("metric-value")).to_have_text("2")
    assert await phone.evaluate(OVERHANG) <= 0
