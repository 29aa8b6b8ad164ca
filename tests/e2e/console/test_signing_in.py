"""Signing in by a link that works once, and out again."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, run_command

pytestmark = pytest.mark.browser


async def test_a_stranger_learns_how_to_sign_in(stranger: Page) -> None:
    await stranger.goto("/people")

    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()
    await expect(stranger.get_by_text("quanyu login")).to_be_visible()
    await stranger.get_by_role("button", name="English").click()
    await expect(stranger.get_by_role("heading", name="Sign in to Quanyu")).to_be_visible()


async def test_a_pasted_link_signs_in_once(stranger: Page, console: Console) -> None:
    link = (await run_command(console, "login")).strip()
    await stranger.goto("/")
    await stranger.get_by_label("粘贴登录链接或登录码").fill(link)
    await stranger.get_by_role("button", name="登录", exact=True).click()
    await expect(stranger.get_by_role("heading", name="总览")).to_be_visible()

    await stranger.get_by_role("button", name=re.compile("退出")).click()
    await expect(stranger.get_by_role("heading", name="登录全域控制台")).to_be_visible()

    await stranger.goto(link)
    await expect(stranger.get_by_text("已经用过或过期")).to_be_visible()
    await expect(stranger.get_by_role("navigation")).to_have_count(0)
