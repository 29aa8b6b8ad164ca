"""Connecting an official account and finding out why it does not answer."""

import re

import pytest
from playwright.async_api import Page, expect

from support.processes import HTTP

from .conftest import Console

pytestmark = pytest.mark.browser


async def test_connecting_shows_what_to_enter_and_what_is_wrong(page: Page) -> None:
    await page.goto("/channels")
    await page.get_by_role("button", name="连接公众号").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("AppID").fill("nonsense")
    await dialog.get_by_role("button", name="连接", exact=True).click()
    await expect(dialog.get_by_text("AppID 以 wx 开头")).to_be_visible()

    await dialog.get_by_label("AppID").fill("wxe2e0channel")
    await dialog.get_by_label("AppSecret").fill("secret-of-a-test")
    await dialog.get_by_label("名称（可选）").fill("渠道测试号")
    await dialog.get_by_label("接口地址（代理或沙盒）").fill("http://127.0.0.1:9")
    await dialog.get_by_role("button", name="连接", exact=True).click()
    setup = page.get_by_test_id("callback-setup")
    await expect(setup).to_contain_text("/callbacks/official-account/")
    await expect(setup).to_contain_text("安全模式")
    await setup.get_by_role("button", name="我已填好").click()

    account = page.get_by_test_id("official-account").filter(has_text="渠道测试号")
    await expect(account).to_contain_text("还没有收到回调")
    await account.get_by_role("link", name="渠道测试号").click()
    await expect(page.get_by_role("heading", name="渠道测试号", level=1)).to_be_visible()
    await page.get_by_role("button", name="检查连接").click()
    checks = page.get_by_test_id("channel-checks")
    await expect(checks.get_by_label("未通过").first).to_be_visible()
    reachable = checks.get_by_role("listitem").filter(has_text="微信接口")
    await expect(reachable).to_contain_text("检查本机能否访问")


async def test_a_mini_program_is_connected_with_its_mode(page: Page) -> None:
    await page.goto("/channels")
    await page.get_by_role("button", name="连接小程序").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("AppID").fill("wxe2e0minione")
    await dialog.get_by_label("AppSecret").fill("secret-of-a-test")
    await dialog.get_by_label("名称（可选）").fill("测试小程序")
    await dialog.get_by_label("接口地址（代理或沙盒）").fill("http://127.0.0.1:9")
    await dialog.get_by_role("button", name="连接", exact=True).click()

    setup = page.get_by_test_id("callback-setup")
    await expect(setup).to_contain_text("/callbacks/mini-program/")
    await expect(setup).to_contain_text("安全模式")
    await expect(setup).to_contain_text("JSON")
    await setup.get_by_role("button", name="我已填好").click()

    account = page.get_by_test_id("mini-program").filter(has_text="测试小程序")
    await expect(account).to_contain_text("0 位用户")
    await account.get_by_role("link", name="测试小程序").click()
    await expect(page.get_by_text("转给小程序客服")).to_be_visible()
    await page.get_by_role("button", name="检查连接").click()
    checks = page.get_by_test_id("channel-checks")
    await expect(checks.get_by_label("未通过").first).to_be_visible()


async def test_a_working_account_passes_its_checks(page: Page) -> None:
    await page.goto("/channels")
    account = page.get_by_test_id("official-account").filter(has_text="青山茶食")
    await expect(account).to_contain_text("收到回调")
    await expect(account).to_contain_text("1 位粉丝")
    await account.get_by_role("link", name="青山茶食").click()

    await page.get_by_role("button", name="检查连接").click()

    checks = page.get_by_test_id("channel-checks")
    await expect(checks.get_by_label("通过", exact=True).first).to_be_visible()
    await expect(checks.get_by_label("未通过")).to_have_count(0)


async def test_followers_are_brought_over_with_progress(page: Page, console: Console) -> None:
    await page.goto(f"/channels/{console.account_id}?tab=followers")
    panel = page.get_by_test_id("sync-followers")

    await panel.get_by_role("button", name="同步").click()

    await expect(panel.get_by_test_id("sync-run")).to_contain_text("已完成")
    await expect(panel.get_by_text("平台上的粉丝").locator("xpath=following-sibling::dd")).to_have_text("1")
    await expect(page.get_by_test_id("followers-count")).to_have_text("1")


async def test_the_overview_shows_what_comes_in_and_what_is_left(page: Page, console: Console) -> None:
    await page.goto(f"/channels/{console.account_id}")
    health = page.get_by_test_id("account-health")
    await expect(health.get_by_text("已关注").locator("xpath=following-sibling::dd")).to_have_text("1")
    await expect(page.get_by_test_id("last-callbacks")).to_contain_text("关注公众号")

    quotas = page.get_by_test_id("quotas")
    await quotas.get_by_role("button", name="查询余量").click()

    await expect(quotas.get_by_role("row").filter(has_text="客服消息")).to_contain_text(re.compile(r"\d"))


async def test_a_wrong_token_is_named_with_its_remedy(page: Page, console: Console) -> None:
    # An account of its own: refused deliveries stay with it for a day.
    connected = console.send(
        "/api/v1/channels/official-accounts",
        {"app_id": "wxe2ewrongtoken", "app_secret": "secret-of-a-test", "base_url": "http://127.0.0.1:9"},
    )
    forged = f"{connected['setup']['url']}?msg_signature=0&timestamp=1&nonce=2&encrypt_type=aes"
    assert HTTP.post(forged, content=b"<xml><Encrypt>bm9uZQ==</Encrypt></xml>").is_client_error

    await page.goto(f"/channels/{connected['account']['id']}")

    await expect(page.get_by_test_id("account-health").get_by_role("alert")).to_contain_text("Token")
