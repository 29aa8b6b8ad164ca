"""Welcomes: written and seen on the page, with what keeps them from being saved."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Console

pytestmark = pytest.mark.browser


def _connect(console: Console) -> None:
    """Connect a corp that nobody reaches: what is written here is not sent."""
    console.send(
        "/api/v1/wecom/corps",
        {
            "corp_id": "wwwelcome0000001",
            "agent_id": 1000002,
            "app_secret": "secret-of-a-test",
            "name": "欢迎语测试企业",
            "base_url": "http://127.0.0.1:9/qyapi.weixin.qq.com",
        },
    )


async def test_a_welcome_is_written_seen_and_kept(page: Page, console: Console) -> None:
    _connect(console)
    await page.goto("/welcomes")
    await page.get_by_role("button", name="新建欢迎语").click()
    form = page.get_by_test_id("welcome-form")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("alert")).to_contain_text("请填写名称")

    await form.get_by_label("名称", exact=True).fill("新客礼")
    await form.get_by_label("企业", exact=True).click()
    await page.locator(".ant-select-dropdown").get_by_title("欢迎语测试企业").click()
    await form.get_by_label("文字").fill("你好，")
    await form.get_by_role("button", name="客户昵称").click()
    await expect(form).to_contain_text("19 / 4000 字节")
    await form.get_by_label("昵称未知时").fill("茶友")
    await form.get_by_label("备用文本").fill("你好！")
    await form.get_by_role("button", name="添加链接").click()
    part = form.get_by_test_id("welcome-part")
    await part.get_by_label("标题").fill("好" * 43)
    await expect(part).to_contain_text("129 / 128 字节")
    await part.get_by_label("标题").fill("领券")
    await part.get_by_label("链接地址").fill("https://shop.example/gift")

    trial = page.get_by_test_id("welcome-try")
    await trial.get_by_role("button", name="生成预览").click()
    phone = trial.get_by_test_id("phone-preview")
    await expect(phone).to_contain_text("茶友")
    await expect(phone).to_contain_text("领券")

    await form.get_by_role("button", name="添加每周时段").click()
    weekly = form.get_by_test_id("welcome-slot").nth(1)
    await weekly.get_by_label("文字").fill("周末好")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("heading", name="编辑欢迎语")).to_be_visible()
    await page.get_by_role("link", name="← 欢迎语").click()
    row = page.get_by_test_id("welcomes-table").get_by_role("row").filter(has_text="新客礼")
    await expect(row).to_contain_text("全企业")
    await expect(row).to_contain_text("当前生效")

    await page.get_by_role("tab", name="屏蔽词").click()
    await page.get_by_label("昵称屏蔽词").fill("代发")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("button", name="保存")).to_be_disabled()
    await page.get_by_role("tab", name="发送记录").click()
    await expect(page.get_by_role("tab", name="发送记录", selected=True)).to_be_visible()
