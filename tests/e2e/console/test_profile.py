"""The person page: an attribute set by hand with its history, and the cards behind the tabs, on a phone."""

import re
import secrets

import pytest
from playwright.async_api import Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_attribute_is_set_by_hand_and_every_tab_answers(phone: Page, console: Console) -> None:
    found = console.platform.ask("GET", "/api/v1/people", q="13812345678").json()["items"][0]
    key = f"taste_{secrets.token_hex(4)}"
    await phone.goto(f"/people/{found['id']}")
    attributes = phone.get_by_test_id("person-attributes")
    await attributes.get_by_role("button", name="设置属性").click()
    drawer = phone.get_by_test_id("attribute-drawer")
    # On a busy machine the button still bears the sign of loading for a while after it was done.
    save = drawer.get_by_role("button", name=re.compile(r"(^|\s)保存$"))
    await drawer.get_by_label("属性名", exact=True).fill(key)
    await drawer.get_by_label("值", exact=True).fill("清淡")
    await save.click()
    history = drawer.get_by_test_id("attribute-history")
    await expect(history).to_contain_text("清淡")
    await drawer.get_by_label("值", exact=True).fill("浓郁")
    await save.click()
    await expect(history.get_by_role("row").filter(has_text="浓郁")).to_contain_text("当前采用")
    await expect(history).to_contain_text("清淡")
    assert await phone.evaluate(OVERHANG) <= 0

    await phone.goto(f"/people/{found['id']}?tab=orders")
    await expect(phone.get_by_test_id("person-orders")).to_contain_text("SO-1")
    for tab, card in (("messages", "消息"), ("journeys", "旅程"), ("relations", "加入的客户群")):
        await phone.goto(f"/people/{found['id']}?tab={tab}")
        await expect(phone.get_by_role("heading", name=card).first).to_be_visible()
        assert await phone.evaluate(OVERHANG) <= 0
