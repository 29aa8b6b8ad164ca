"""The steps and entries of journeys as an operator fills them in: on a phone, and on a person's page."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

DRAFT = {
    "entry": {"kind": "event", "event": "Steps Test Began"},
    "start": "out",
    "nodes": {"out": {"kind": "end"}},
}


async def test_steps_are_filled_in_on_a_phone_and_somebody_is_let_in(
    page: Page, phone: Page, console: Console
) -> None:
    """JN-8, JN-10, SOP-2: wait until, several conditions, repeat, update; then a person by request."""
    made = console.send("/api/v1/journeys", {"name": "步骤测试", "definition": DRAFT})
    await phone.goto(f"/journeys/{made['id']}/edit")
    form = phone.get_by_test_id("journey-form")
    await form.get_by_text("按请求", exact=True).click()
    for kind, node in (
        ("更新用户", "update"),
        ("重复", "repeat"),
        ("等待", "wait"),
        ("等到", "wait-until"),
        ("多路判断", "split"),
    ):
        await form.get_by_role("button", name="加一步").first.click()
        await phone.get_by_role("menuitem", name=kind, exact=True).click()
        await expect(form.locator(f'[data-node="{node}"]')).to_be_visible()
        await expect(phone.locator(".ant-dropdown:visible")).to_have_count(0)  # It fades.
    split = form.locator('[data-node="split"]')
    await split.get_by_role("button", name="加一路").click()
    await split.get_by_label("「B 路」的名称").fill("老客")
    await split.get_by_role("button", name="「B 路」上移").click()
    until = form.locator('[data-node="wait-until"]')
    await until.get_by_text("属性日期", exact=True).click()
    await pick(phone, until.get_by_role("combobox", name="哪个日期属性"), "birthday")
    await until.get_by_label("提前或推后").fill("-3")
    await until.get_by_text(re.compile("每年一次")).click()
    update = form.locator('[data-node="update"]')
    await update.get_by_text("属性", exact=True).click()
    await pick(phone, update.get_by_role("combobox", name="选择属性"), "journey_stage")
    await update.get_by_role("textbox", name="值", exact=True).fill("loyal")
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.get_by_role("button", name="保存草稿").click()
    await expect(phone.get_by_role("heading", name="步骤测试")).to_be_visible()
    console.send(f"/api/v1/journeys/{made['id']}/publish")
    nodes = console.platform.ask("GET", f"/api/v1/journeys/{made['id']}").json()["published"]["nodes"]
    assert [one["name"] for one in nodes["split"]["branches"]] == ["b", "a"]
    assert nodes["wait-until"]["until"] == {
        "kind": "date", "attribute": "birthday", "offset": -3, "unit": "days", "at": "09:00", "yearly": True,
    }  # fmt: skip
    assert nodes["update"]["change"] == {"kind": "attribute", "key": "journey_stage", "value": "loyal"}

    found = console.platform.ask("GET", "/api/v1/people?q=u-3").json()["items"]
    await page.goto(f"/people/{found[0]['id']}?tab=journeys")
    card = page.get_by_test_id("person-journeys")
    await card.get_by_role("button", name="加入旅程").click()
    window = page.get_by_role("dialog")
    await pick(page, window.get_by_role("combobox", name="旅程"), "步骤测试")
    await window.get_by_role("button", name="加入旅程").click()
    await expect(window.get_by_text("已加入「步骤测试」")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(card.get_by_role("link", name="步骤测试")).to_be_visible()
