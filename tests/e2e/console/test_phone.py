"""Every page fits a phone, and the menu works without a mouse."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/people",
    "/segments",
    "/segments/new",
    "/rfm",
    "/journeys",
    "/journeys/new/edit?template=winBack",
    "/messages",
    "/channels",
    "/imports",
    "/settings",
)


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_sticks_out_sideways(phone: Page, path: str) -> None:
    await phone.goto(path)
    await expect(phone.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    await phone.wait_for_load_state("networkidle")

    assert await phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


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

    assert await phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
