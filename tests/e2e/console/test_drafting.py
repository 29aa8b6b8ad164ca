"""A sentence fills the builder of segments and the editor of journeys."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_sentence_fills_the_segment_builder(page: Page) -> None:
    await page.goto("/segments/new")
    box = page.get_by_test_id("describe")
    await box.get_by_label("用一句话描述").fill("最近 30 天下单至少 1 次且在杭州的蓝色客户")
    await box.get_by_role("button", name="生成草稿").click()
    await expect(box.get_by_role("status")).to_contain_text("未识别：蓝色")
    await expect(page.get_by_test_id("preview-count")).to_have_text(re.compile("^1"))
    await expect(page.get_by_test_id("segment-preview")).to_contain_text("林知夏")

    await box.get_by_label("用一句话描述").fill("喜欢蓝色")
    await page.keyboard.press("Enter")
    await expect(box.get_by_role("alert").first).to_contain_text("没有读懂")


async def test_a_sentence_fills_the_journey_editor_and_is_saved_as_a_draft(
    phone: Page, console: Console
) -> None:
    await phone.goto("/journeys/new/edit")
    box = phone.get_by_test_id("describe")
    await box.get_by_label("用一句话描述").fill("新关注后 1 天发欢迎消息，3 天没下单再提醒一次")
    await box.get_by_role("button", name="生成草稿").tap()
    await expect(box.get_by_role("status")).to_contain_text("消息文字是常用示例")
    form = phone.get_by_test_id("journey-form")
    await expect(form.get_by_label("旅程名称")).to_have_value(re.compile("新关注后 1 天"))
    await expect(form.get_by_label("消息内容（Liquid）")).to_have_count(2)
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.get_by_role("button", name="保存草稿").tap()
    await expect(phone.get_by_role("button", name="发布")).to_be_visible()
    drawn = console.platform.ask("GET", "/api/v1/journeys").json()["items"]
    assert [one["status"] for one in drawn if one["name"].startswith("新关注后 1 天")] == ["draft"]


async def test_a_model_is_chosen_checked_and_taken_away(page: Page) -> None:
    """An inner address is refused with what to do; the key is not shown again."""
    await page.goto("/settings")
    panel = page.get_by_test_id("settings-model")
    await panel.get_by_label("接口地址").fill("http://127.0.0.1:9/v1")
    await panel.get_by_label("模型名称").fill("tiny")
    await panel.get_by_label("密钥").fill("sk-secret")
    await panel.get_by_role("button", name="保存").click()
    await panel.get_by_role("button", name="测试连接").click()
    await expect(panel.get_by_role("status")).to_contain_text("QUANYU_MODEL_HOSTS")
    await page.reload()
    await expect(panel.get_by_label("密钥")).to_have_attribute("placeholder", "已保存，留空不变")
    await expect(panel).to_contain_text("测试连接")
    await panel.get_by_role("button", name="停用模型").click()
    await confirm(page, "停用模型")
    await expect(panel.get_by_role("button", name="测试连接")).to_be_hidden()
