"""Gateways in the console: connect, check, and write to somebody by them (WX-3)."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from playwright.async_api import Page, expect

from contract.sms.conftest import APP, PAID, SECRET, SECRET_ID, application
from integration.gateways.mail_server import PASSWORD, USER, mail_server
from wechat_sandbox.clock import VirtualClock
from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.sandbox import Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture
async def outside() -> AsyncIterator[Sandbox]:
    """The other side of the gateways, in real time."""
    config = SandboxConfig(port=0, seed=9, people=5, crowd=False, sms=(application(),)).checked()
    sandbox = Sandbox(config, VirtualClock())
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def fill(page: Page, values: Mapping[str, Any]) -> None:
    dialog = page.get_by_role("dialog")
    for label, value in values.items():
        await dialog.get_by_label(label).first.fill(value)


async def write_to(page: Page, name: str, *, account: str) -> None:
    """Open the form on somebody's page, for a service message by a gateway."""
    await page.goto(f"/people?q={name}")
    await page.get_by_role("link", name=name).first.click()
    await page.get_by_role("tab", name="触达").click()
    await page.get_by_role("button", name="发送消息").click()
    await page.get_by_role("combobox", name="用哪个账号发送").click()
    await page.get_by_title(account).click()
    await page.get_by_text("服务通知", exact=True).click()


async def test_a_text_message_from_connecting_to_the_telephone(page: Page, outside: Sandbox) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/channels")
    await page.get_by_role("button", name="连接其他通道").click()
    await page.get_by_role("menuitem", name="短信").click()
    await fill(
        page,
        {
            "名称（可选）": "店铺短信",
            "SDK AppID": APP,
            "SecretId": SECRET_ID,
            "SecretKey": SECRET,
            "短信签名": "青山茶食",
            "接口地址（代理或沙盒）": f"{outside.url}/sms.tencentcloudapi.com",
        },
    )
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="添加模板").click()
    await fill(
        page,
        {
            "模板 1 的 ID": PAID,
            "模板 1 的名称": "付款成功",
            "模板 1 的正文": "您的订单{1}已付款{2}元。",
        },
    )
    await dialog.get_by_role("button", name="连接", exact=True).click()
    # A text without a word about unsubscribing is no marketing text.
    await expect(dialog.get_by_text("退订").last).to_be_visible()
    await dialog.get_by_role("checkbox", name="营销短信").uncheck()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await dialog.get_by_role("button", name="连接", exact=True).click()

    await page.get_by_test_id("gateway").get_by_role("link", name="店铺短信").click()
    await page.get_by_role("button", name="检查连接").click()
    checks = page.get_by_test_id("channel-checks")
    await expect(checks.get_by_label("通过", exact=True)).to_have_count(3)
    await expect(page.get_by_test_id("gateway-templates")).to_contain_text("您的订单{1}已付款{2}元。")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390

    await write_to(page, "林知夏", account="店铺短信 · 短信")
    await page.get_by_role("combobox", name="模板", exact=True).click()
    await page.get_by_title("付款成功").click()
    await page.get_by_label("（1）").fill("SO-1")
    await page.get_by_label("（2）").fill("196.50")
    await page.get_by_role("button", name=re.compile("^发\\s?送$")).click()
    await expect(page.get_by_text("已安排发送")).to_be_visible()
    while not outside.sms.sent(APP):
        await page.wait_for_timeout(100)
    assert [(one.phone, one.text) for one in outside.sms.sent(APP)] == [
        ("+8613812345678", "【青山茶食】您的订单SO-1已付款196.50元。")
    ]
    await page.goto("/messages?channel=sms")
    await expect(page.get_by_role("table")).to_contain_text("短信")


async def test_mail_and_webhooks_are_connected_checked_and_written_to(page: Page) -> None:
    async with mail_server() as server:
        await page.goto("/channels")
        await page.get_by_role("button", name="连接其他通道").click()
        await page.get_by_role("menuitem", name="邮件").click()
        await fill(
            page,
            {
                "名称（可选）": "店铺邮件",
                "发件地址": "news@tea.example",
                "SMTP 服务器": "127.0.0.1",
                "端口": str(server.port),
                "登录账号": USER,
                "密码或授权码": PASSWORD,
            },
        )
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("combobox", name="加密方式").click()
        await page.get_by_title("不加密（仅限本机或内网）").click()
        await dialog.get_by_role("button", name="连接", exact=True).click()
        await page.get_by_test_id("gateway").get_by_role("link", name="店铺邮件").click()
        await page.get_by_role("button", name="检查连接").click()
        checks = page.get_by_test_id("channel-checks")
        await expect(checks.get_by_label("通过", exact=True)).to_have_count(3)

    await write_to(page, "林知夏", account="店铺邮件 · 邮件")
    await page.get_by_label("主题").fill("春茶到了")
    await page.get_by_label("正文（纯文本）").fill("您好")
    await page.get_by_role("button", name=re.compile("^发\\s?送$")).click()
    await expect(page.get_by_text("没有发送：该渠道没有此人的地址")).to_be_visible()

    await page.goto("/channels")
    await page.get_by_role("button", name="连接其他通道").click()
    await page.get_by_role("menuitem", name="Webhook").click()
    await fill(
        page,
        {"名称（可选）": "客户系统", "接收地址": "http://127.0.0.1:9/hook", "签名密钥": "a-secret-of-both"},
    )
    await page.get_by_role("dialog").get_by_role("button", name="连接", exact=True).click()
    await page.get_by_test_id("gateway").get_by_role("link", name="客户系统").click()
    await page.get_by_role("button", name="检查连接").click()
    await expect(page.get_by_test_id("channel-checks")).to_contain_text("QUANYU_WEBHOOK_HOSTS")
    await write_to(page, "林知夏", account="客户系统 · Webhook")
    await page.get_by_label("事件名").fill("crm.followup")
    await page.get_by_role("button", name="添加字段").click()
    await page.get_by_label("字段 1", exact=True).fill("name")
    await page.get_by_label("字段 1 的值（Liquid）").fill("{{ person.display_name }}")
    await expect(page.get_by_role("button", name=re.compile("^发\\s?送$"))).to_be_enabled()
