"""B4: a tag of ours linked with an account's on the page: given here, it is there; compared; unlinked."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm, pick
from .test_channels_tags import _follower
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

NAME = "常来喝茶"


def _carriers(console: Console, tag: int) -> list[str]:
    path = f"/api/v1/channels/official-accounts/{console.account_id}/tags/{tag}/people"
    return [one["person_id"] for one in console.platform.ask("GET", path).json()["items"]]


async def test_a_tag_is_linked_followed_compared_and_parted(phone: Page, console: Console) -> None:
    ask = console.platform.ask
    group = ask("POST", "/api/v1/person-tags/groups", {"name": "关联测试组"}).json()["id"]
    tag = ask("POST", "/api/v1/person-tags", {"group": group, "name": NAME}).json()["id"]
    await phone.goto("/tags")
    region = phone.get_by_role("region", name="关联测试组")
    await region.get_by_role("button", name=f"「{NAME}」的平台标签").click()
    drawer = phone.get_by_test_id("tag-links")
    await expect(drawer).to_contain_text("还没有关联任何平台标签")
    await pick(phone, drawer.get_by_role("combobox", name="账号"), "青山茶食")
    await drawer.get_by_role("button", name="关联", exact=True).click()
    card = drawer.get_by_test_id("tag-link")
    await expect(card).to_contain_text(NAME)
    assert await phone.evaluate(OVERHANG) <= 0

    [link] = [one for one in ask("GET", "/api/v1/tag-links").json()["items"] if one["tag"] == tag]
    follower = _follower(console)
    ask("POST", "/api/v1/person-tags/change", {"people": [follower], "add": [tag]})
    for _ in range(200):
        if follower in _carriers(console, int(link["platform_tag"])):
            break
        await asyncio.sleep(0.1)
    assert follower in _carriers(console, int(link["platform_tag"]))

    await card.get_by_role("button", name="试核对").click()
    await expect(card.get_by_role("status")).to_contain_text("核对 1 人，1 处一致")
    await card.get_by_role("button", name="取消关联").click()
    await confirm(phone, "取消关联")
    await expect(card).to_have_count(0)
    assert follower in _carriers(console, int(link["platform_tag"]))
