"""待确认合并 in the console: two who look alike, found, accepted and taken back."""

import secrets

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_two_who_look_alike_are_merged_and_taken_apart_again(phone: Page, console: Console) -> None:
    name = f"申屠{secrets.token_hex(4)}"
    told = {"name": name, "birthday": "1987-03-09", "city": "漠河", "address": f"北极村 {name} 号"}
    # One registered, one only told who they are at the counter.
    console.track(
        {"type": "identify", "userId": name, "traits": {**told, "email": f"{name}@qq.com"}},
        {"type": "identify", "anonymousId": name, "traits": {**told, "email": f"{name}@163.com"}},
    )

    def is_suggested() -> bool:
        found = console.platform.ask("GET", "/api/v1/people/matches").json()["items"]
        return any(match["a"]["display_name"] == name for match in found)

    eventually(is_suggested, what="the two to be suggested")

    await phone.goto("/people/review")
    match = phone.get_by_test_id("match").filter(has_text=name)
    await expect(match.get_by_role("row", name="生日")).to_contain_text("相同")
    await expect(match.get_by_role("row", name="邮箱")).to_contain_text("几乎相同")
    assert await phone.evaluate(OVERHANG) <= 0
    await match.get_by_role("button", name="是同一人，合并").tap()
    await expect(match).to_have_count(0)

    await phone.goto("/people/review?view=accepted")
    await match.get_by_role("button", name="撤销").tap()
    await expect(match).to_have_count(0)
    await phone.goto("/people/review")
    await expect(match).to_have_count(1)
    await phone.goto("/people/review?view=runs")
    await expect(phone.get_by_test_id("match-settings")).to_contain_text("不自动合并")
    assert await phone.evaluate(OVERHANG) <= 0
