"""Every page fits a phone, and the menu works without a mouse."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console

pytestmark = pytest.mark.browser

# Not the inner width: a phone's browser makes that as wide as what sticks out.
OVERHANG = "document.documentElement.scrollWidth - screen.width"
JOURNEY = {
    "entry": {"kind": "event", "event": "Product Shared"},
    "start": "ask",
    "nodes": {
        "end": {"kind": "end", "label": "到此为止"},
        "rest": {"kind": "wait", "label": "等一天", "seconds": 86_400, "next": "end"},
        "ask": {
            "kind": "condition",
            "label": "买过吗？",
            "test": {"kind": "event", "name": "Order Completed"},
            "yes": "rest",
            "no": "end",
        },
    },
}


@pytest.mark.parametrize("width", [320, 375])
async def test_a_journey_is_a_list_of_steps_to_tap(phone: Page, console: Console, width: int) -> None:
    made = console.send("/api/v1/journeys", {"name": f"手机上看 {width}", "definition": JOURNEY})
    await phone.set_viewport_size({"width": width, "height": 720})
    await phone.goto(f"/journeys/{made['id']}")

    steps = phone.get_by_test_id("step-list").get_by_role("listitem")
    await expect(steps).to_have_count(4)
    await expect(steps.nth(0)).to_contain_text("发生「分享商品」")
    await expect(steps.nth(1)).to_contain_text("是 → 2")
    await expect(steps.nth(1)).to_contain_text("否 → 3")
    await expect(steps.nth(2)).to_contain_text("等一天")
    await expect(steps.nth(3)).to_contain_text("到此为止")
    size = await steps.nth(1).evaluate(
        "one => parseFloat(getComputedStyle(one.querySelector('strong')).fontSize)"
    )
    assert size >= 14
    await expect(phone.get_by_test_id("journey-totals").get_by_text("中途离开")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0

    await steps.nth(2).get_by_role("button").tap()
    await expect(phone.get_by_role("dialog")).to_contain_text("停在这一步的人")


async def test_the_menu_opens_and_closes_by_keyboard(phone: Page) -> None:
    await phone.goto("/")
    opener = phone.get_by_role("button", name="打开菜单")
    await opener.press("Enter")
    menu = phone.get_by_role("dialog")
    await expect(menu.get_by_role("link", name="旅程")).to_be_visible()
    await phone.keyboard.press("Escape")
    await expect(menu).to_have_count(0)

    await opener.press("Enter")
    await menu.get_by_role("link", name="旅程").press("Enter")
    await expect(phone.get_by_role("heading", name=re.compile("旅程"), level=1)).to_be_visible()
    await expect(menu).to_have_count(0)


TABS = ("overview", "followers", "tags", "replies", "menus", "codes")


@pytest.mark.parametrize("tab", TABS)
async def test_no_tab_of_a_channel_sticks_out_sideways(phone: Page, console: Console, tab: str) -> None:
    await phone.goto(f"/channels/{console.account_id}?tab={tab}")
    await expect(phone.get_by_role("tabpanel")).to_be_visible()
    await phone.wait_for_load_state("networkidle")

    assert await phone.evaluate(OVERHANG) <= 0
