"""Tags of ours in the console: a group made, a tag given on a person's page, found again in the list."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_tag_is_made_tried_as_a_rule_given_and_found(phone: Page, console: Console) -> None:
    await phone.goto("/tags")
    await phone.get_by_role("button", name="新建标签组").click()
    form = phone.get_by_role("dialog")
    await form.get_by_label("标签组名").fill("口味测试组")
    await form.get_by_label("互斥：每个人最多带这一组的一个标签").check()
    await form.get_by_role("button", name="保存").click()
    group = phone.get_by_role("region", name="口味测试组")
    await group.get_by_role("button", name="新建标签").click()
    await form.get_by_label("标签名").fill("爱喝白茶")
    await form.get_by_role("button", name="保存").click()
    await expect(group.get_by_test_id("person-tag")).to_contain_text("爱喝白茶")

    await group.get_by_role("button", name="「爱喝白茶」的规则").click()
    drawer = phone.get_by_test_id("person-tag-rule")
    await drawer.get_by_role("button", name="添加条件").click()
    await phone.get_by_role("menuitem", name="属性").click()
    await drawer.get_by_role("combobox", name="选择属性").fill("nobody_has_this")
    await phone.keyboard.press("Enter")
    await drawer.get_by_role("combobox", name="值", exact=True).fill("x")
    await drawer.get_by_role("button", name="试运行").click()
    await expect(drawer.get_by_role("status")).to_contain_text("命中 0 人")
    await phone.get_by_role("button", name="关闭", exact=True).click()

    found = console.platform.ask("GET", "/api/v1/people", q="13812345678").json()["items"][0]
    await phone.goto(f"/people/{found['id']}")
    panel = phone.get_by_test_id("person-own-tags")
    await pick(phone, panel.get_by_role("combobox", name="打上或取下客户标签"), "爱喝白茶")
    await phone.keyboard.press("Escape")
    await expect(panel.get_by_title("口味测试组").first).to_be_visible()

    tag = next(
        tag["id"]
        for one in console.platform.ask("GET", "/api/v1/person-tags").json()["groups"]
        for tag in one["tags"]
        if tag["name"] == "爱喝白茶"
    )
    await phone.goto(f"/people?tag={tag}")
    await expect(phone.get_by_test_id("people-table")).to_contain_text("林知夏")
    await phone.goto("/tags")
    await expect(phone.get_by_role("region", name="口味测试组")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
