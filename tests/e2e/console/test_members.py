"""Inviting somebody, joining, a role of the brand's own, and disabling: the main jobs of members' pages."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

PASSWORD = "龙井 桂花 松子 夜雨"


async def test_somebody_is_invited_joins_and_is_disabled(
    page: Page, stranger: Page, console: Console
) -> None:
    email = f"su-{uuid4().hex[:8]}@example.com"
    await page.goto("/members")
    await page.get_by_role("button", name="邀请成员").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("邮箱").fill(email)
    await form.get_by_label("角色").click()
    await page.locator(".ant-select-item-option").filter(has_text="员工").click()
    await form.get_by_role("button", name="生成邀请链接").click()
    link = await page.get_by_test_id("member-link").inner_text()
    row = page.get_by_test_id("members-table").get_by_role("row").filter(has_text=email)
    await expect(row).to_contain_text("待加入")

    await stranger.goto(link)
    await expect(stranger.get_by_text(email)).to_be_visible()
    await stranger.get_by_label("您的姓名").fill("苏晓棠")
    await stranger.get_by_label("设置密码").fill("password123")
    await stranger.get_by_role("button", name="加入并登录").click()
    await expect(stranger.get_by_role("alert")).to_contain_text("过于常见")
    await stranger.get_by_label("设置密码").fill(PASSWORD)
    await stranger.get_by_role("button", name="加入并登录").click()
    menu = stranger.get_by_role("navigation")
    await expect(menu.get_by_role("link", name="用户", exact=True)).to_be_visible()
    await expect(menu.get_by_role("link", name="成员", exact=True)).to_have_count(0)

    # The browser is the last owner, whom nobody may demote: the refusal is said where it was asked.
    boss = page.get_by_test_id("members-table").get_by_role("row").filter(has_text="（您）")
    await boss.get_by_role("button", name="更换角色").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("角色").click()
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text="员工").click()
    await form.get_by_role("button", name=re.compile("保\\s*存")).click()
    await expect(form.get_by_role("alert")).to_contain_text("最后一位有效的所有者")

    await page.reload()
    await expect(row).to_contain_text("苏晓棠")
    await row.get_by_role("button", name=re.compile("停\\s*用")).click()
    await confirm(page, "停用")
    await expect(row).to_contain_text("已停用")
    await page.route(
        "**/enable", lambda route: route.fulfill(status=409, json={"status": 409, "detail_zh": "不行"})
    )
    await row.get_by_role("button", name=re.compile("启\\s*用")).click()
    await expect(row.get_by_role("alert")).to_contain_text("不行")
    await stranger.goto("/people")
    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()


async def test_a_role_is_made_of_permissions_and_deleted(page: Page, console: Console) -> None:
    await page.goto("/roles")
    table = page.get_by_test_id("roles-table")
    auditor = table.get_by_role("row", name=re.compile("^审计"))
    await auditor.get_by_role("button", name="查看权限").click()
    shown = page.get_by_role("dialog")
    await expect(shown.get_by_role("checkbox", name="查看审计日志")).to_be_checked()
    await expect(shown.get_by_role("checkbox", name="查看审计日志")).to_be_disabled()
    await page.keyboard.press("Escape")
    await expect(shown).to_have_count(0)

    await page.get_by_role("button", name="新建角色").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("角色名称").fill("夜班客服")
    await form.get_by_role("checkbox", name="查看消息").check()
    await form.get_by_role("checkbox", name="管理消息的发送").check()
    await form.get_by_role("button", name=re.compile("保\\s*存")).click()
    row = table.get_by_role("row").filter(has_text="夜班客服")
    await expect(row).to_contain_text("消息")
    await row.get_by_role("button", name=re.compile("删\\s*除")).click()
    await confirm(page, "删除")
    await expect(row).to_have_count(0)


@pytest.mark.parametrize("path", ["/members", "/roles", "/join?code=none"])
async def test_members_pages_fit_a_phone(phone: Page, path: str) -> None:
    await phone.goto(path)
    await expect(phone.get_by_role("heading", level=1)).to_be_visible()
    await phone.wait_for_load_state("networkidle")
    assert await phone.evaluate(OVERHANG) <= 0
