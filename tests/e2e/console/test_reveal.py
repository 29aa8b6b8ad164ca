"""B9: identifiers in full on the person page: chosen, with a reason, written down."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_phone_number_is_shown_in_full_for_a_reason(phone: Page, console: Console) -> None:
    found = console.platform.ask("GET", "/api/v1/people", q="13812345678").json()["items"][0]
    await phone.goto(f"/people/{found['id']}")
    await phone.get_by_test_id("person-attributes").get_by_role("button", name="查看完整信息").click()
    form = phone.get_by_test_id("reveal")
    show = phone.get_by_role("button", name="显示", exact=True)
    await form.get_by_role("checkbox", name="手机号").first.check()
    await expect(show).to_be_disabled()
    await form.get_by_label("原因").fill("回拨客户电话")
    assert await phone.evaluate(OVERHANG) <= 0
    await show.click()

    await expect(form.get_by_role("status")).to_contain_text("+8613812345678")
    await form.get_by_text("查看记录").click()
    await expect(form).to_contain_text("回拨客户电话")
