"""Account tags: made on the page, kept on the platform, given to people."""

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Console, confirm, pick

pytestmark = pytest.mark.browser


async def _open(page: Page, console: Console) -> Locator:
    await page.goto(f"/channels/{console.account_id}?tab=tags")
    return page.get_by_test_id("tags-table")


async def _create(page: Page, name: str) -> None:
    await page.get_by_role("button", name="新建标签").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("标签名").fill(name)
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)


async def _delete(page: Page, table: Locator, name: str) -> None:
    await table.get_by_role("button", name=f"删除「{name}」").click()
    await confirm(page, "删除")
    await expect(table.get_by_role("row").filter(has_text=name)).to_have_count(0)


def _tags_on_the_platform(console: Console) -> set[str]:
    """What a sync of tags would find: asked of the platform by our own API."""
    listed = console.platform.ask(
        "GET", f"/api/v1/channels/official-accounts/{console.account_id}/tags"
    ).json()
    return {tag["name"] for tag in listed["items"]}


def _follower(console: Console) -> str:
    people = console.platform.ask("GET", "/api/v1/people").json()["items"]
    return str(next(person["id"] for person in people if person["reachable"]))


async def test_a_tag_is_created_renamed_given_and_deleted(page: Page, console: Console) -> None:
    table = await _open(page, console)
    await _create(page, "老客")
    await table.get_by_role("button", name="给「老客」改名").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("标签名").fill("常客")
    await dialog.get_by_role("button", name="保存").click()
    row = table.get_by_role("row").filter(has_text="常客")
    await expect(row).to_be_visible()
    assert "常客" in _tags_on_the_platform(console)

    await table.get_by_role("button", name="给人打上或取下「常客」").click()
    drawer = page.get_by_test_id("tag-people")
    picker = drawer.get_by_role("combobox", name="选择用户")
    await pick(page, picker, "林知夏")
    await pick(page, picker, _follower(console))
    await page.keyboard.press("Escape")
    await drawer.get_by_role("button", name="打上标签").click()
    await expect(drawer.get_by_role("status")).to_contain_text("1 人的变更")
    await expect(drawer.get_by_role("status")).to_contain_text("1 人在这个公众号下没有 openid")
    await page.get_by_role("button", name="关闭", exact=True).click()

    known = row.get_by_role("cell").nth(2)
    await expect(known).to_have_text("1")
    await expect(row).not_to_contain_text("待同步")
    await _delete(page, table, "常客")


async def test_a_name_too_long_cannot_be_saved_and_a_taken_one_is_refused(
    page: Page, console: Console
) -> None:
    table = await _open(page, console)
    await _create(page, "重复名")
    await page.get_by_role("button", name="新建标签").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("标签名").fill("十一个字太长了放不下去")
    await expect(dialog.get_by_role("alert")).to_contain_text("最多 30 字节")
    await expect(dialog.get_by_role("button", name="保存")).to_be_disabled()

    await dialog.get_by_label("标签名").fill("重复名")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("45157")
    await dialog.get_by_role("button", name="取消").click()
    await _delete(page, table, "重复名")


async def test_a_sync_of_tags_shows_what_the_platform_has(page: Page, console: Console) -> None:
    table = await _open(page, console)
    panel = page.get_by_test_id("sync-tags")
    await panel.get_by_role("button", name="同步").click()

    await expect(panel.get_by_test_id("sync-run").first).to_contain_text("已完成")
    await expect(table.get_by_role("row").filter(has_text="星标组")).to_contain_text("系统保留")
