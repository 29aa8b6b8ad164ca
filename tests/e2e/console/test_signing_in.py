"""Signing in by password or by a link that works once, and out again; a forgotten password."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm, run_command
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

PASSWORD = "龙井 桂花 松子 夜雨"
OTHER = "春茶 竹篮 细雨 石桥"


async def test_a_stranger_learns_how_to_sign_in(stranger: Page) -> None:
    await stranger.goto("/people")

    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()
    await expect(stranger.get_by_label("密码", exact=True)).to_be_visible()
    await expect(stranger.get_by_text("quanyu login --user")).to_be_visible()
    await stranger.get_by_role("button", name="English").click()
    await expect(stranger.get_by_role("heading", name="Sign in to Quanyu")).to_be_visible()


async def test_a_pasted_link_signs_in_once(stranger: Page, console: Console) -> None:
    link = (await run_command(console, "login")).strip()
    await stranger.goto("/")
    await stranger.get_by_text("用一次性登录链接登录").click()
    await stranger.get_by_label("粘贴登录链接或登录码").fill(link)
    await stranger.get_by_role("button", name="用链接登录").click()
    await expect(stranger.get_by_role("heading", name="总览")).to_be_visible()

    await stranger.get_by_role("button", name=re.compile("^退出 ")).click()
    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()

    await stranger.goto(link)
    await expect(stranger.get_by_text("已经用过或过期")).to_be_visible()
    await expect(stranger.get_by_role("navigation")).to_have_count(0)


async def test_a_member_signs_in_by_password_and_gets_a_new_one(
    stranger: Page, page: Page, console: Console
) -> None:
    email = f"gu-{uuid4().hex[:8]}@example.com"
    link = console.send("/api/v1/members", {"email": email, "role": "operator"})["url"]
    await stranger.goto(link)
    await stranger.get_by_label("您的姓名").fill("顾南星")
    await stranger.get_by_label("设置密码").fill(PASSWORD)
    await stranger.get_by_role("button", name="加入并登录").click()
    await expect(stranger.get_by_role("heading", name="总览")).to_be_visible()

    await stranger.goto("/security")
    form = stranger.get_by_test_id("own-password")
    await form.get_by_label("当前密码").fill("不是这个密码呀呀呀")
    await form.get_by_label("设置密码").fill(OTHER)
    await form.get_by_role("button", name="保存密码").click()
    await expect(form.get_by_role("alert")).to_contain_text("当前密码不正确")
    await form.get_by_label("当前密码").fill(PASSWORD)
    await form.get_by_role("button", name="保存密码").click()
    await expect(stranger.get_by_text("密码已保存")).to_be_visible()
    async with stranger.expect_event("load"):  # What is typed before the page is fresh would be lost.
        await stranger.get_by_role("button", name=re.compile("^退出 ")).click()
    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()

    async def sign_in(password: str) -> None:
        await stranger.get_by_label("邮箱").fill(email)
        await stranger.get_by_label("密码", exact=True).fill(password)
        await stranger.get_by_role("button", name=re.compile("^登\\s*录$")).click()

    await sign_in(PASSWORD)
    await expect(stranger.get_by_role("alert")).to_contain_text("邮箱或密码不正确")
    await page.goto("/members")
    row = page.get_by_test_id("members-table").get_by_role("row").filter(has_text=email)
    await row.get_by_role("button", name="重设密码").click()
    await confirm(page, "生成链接")
    await stranger.goto(await page.get_by_test_id("member-link").inner_text())
    await expect(stranger.get_by_text(email)).to_be_visible()
    await stranger.get_by_label("设置密码").fill(PASSWORD)
    await stranger.get_by_role("button", name="保存新密码").click()
    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()
    await sign_in(PASSWORD)
    await expect(stranger.get_by_role("heading", name="总览")).to_be_visible()


@pytest.mark.parametrize("path", ["/security", "/reset?code=none"])
async def test_pages_of_ones_own_account_fit_a_phone(phone: Page, path: str) -> None:
    await phone.goto(path)
    await expect(phone.get_by_role("heading", level=1)).to_be_visible()
    await phone.wait_for_load_state("networkidle")
    assert await phone.evaluate(OVERHANG) <= 0
