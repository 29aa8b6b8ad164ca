"""The preference page on a phone: a person opens their link, withdraws, and it counts."""

import asyncio
import uuid

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


def found(console: Console, user: str) -> str:
    items = console.platform.ask("GET", f"/api/v1/people?q={user}").json()["items"]
    return items[0]["id"] if items else ""


async def test_a_person_withdraws_on_their_phone(phone: Page, console: Console) -> None:
    user = f"prefs-{uuid.uuid4().hex}"
    console.track({"type": "track", "userId": user, "event": "Page Read"})
    await asyncio.to_thread(eventually, lambda: found(console, user) != "", what="the person to be known")
    person = await asyncio.to_thread(found, console, user)
    link = console.send(f"/api/v1/people/{person}/preferences-link", {})

    await phone.goto(link["url"] + "?lang=zh")
    await expect(phone.get_by_role("heading", level=1)).to_have_text("消息与授权偏好")
    assert await phone.evaluate(OVERHANG) <= 0
    marketing = phone.locator("section").filter(has_text="营销信息")
    await marketing.get_by_label("短信").uncheck()
    await phone.get_by_role("button", name="保存我的选择").click()
    await expect(phone.get_by_role("status")).to_contain_text("已保存")
    await expect(marketing.get_by_label("短信")).not_to_be_checked()
    await expect(marketing.get_by_label("公众号")).to_be_checked()

    await phone.get_by_role("button", name="全部撤回").click()
    await expect(marketing.get_by_label("公众号")).not_to_be_checked()
    said = console.platform.ask("GET", f"/api/v1/people/{person}/consent").json()["entries"]
    assert {one["source"] for one in said} == {"page"}
    assert await phone.evaluate(OVERHANG) <= 0
