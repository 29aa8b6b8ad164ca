"""Corp tags in the console: made and kept there, read from elsewhere, and whose word counts."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def corp(console: Console) -> dict[str, Any]:
    """A company of its own in the sandbox, connected; nobody is its customer."""
    agent = {"name": "全域助手", "calls_customers": True}
    made = console.sandbox.ask("POST", "/corps", name="标签测试企业", staff=2, agents=[agent])["corp"]
    app = made["agents"][0]
    connected = console.send(
        "/api/v1/wecom/corps",
        {
            "corp_id": made["corpid"],
            "agent_id": app["agentid"],
            "app_secret": app["secret"],
            "name": "标签测试企业",
            "base_url": f"{console.sandbox.url}/qyapi.weixin.qq.com",
        },
    )
    return {"id": connected["corp"]["id"], "path": f"/corps/{made['corpid']}"}


async def test_tags_are_made_renamed_offered_and_deleted(
    page: Page, console: Console, corp: dict[str, Any]
) -> None:
    await page.goto(f"/corp-tags?corp={corp['id']}")
    await page.get_by_role("button", name="新建标签组").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("标签组名").fill("来源")
    await form.get_by_label("标签名").fill("门店\n官网\n" + "长" * 31)
    await expect(form.get_by_role("alert")).to_contain_text("最多 30 个字")
    await form.get_by_label("标签名").fill("门店\n官网，门店")
    await form.get_by_role("button", name="保存").click()
    group = page.get_by_role("region", name="来源")
    await expect(group.get_by_test_id("corp-tag")).to_contain_text(["门店", "官网"])

    await group.get_by_role("button", name="「官网」往前移").click()
    await expect(group.get_by_test_id("corp-tag")).to_contain_text(["官网", "门店"])
    await group.get_by_role("button", name="给「门店」改名").click()
    await form.get_by_label("名称").fill("线下门店")
    await form.get_by_role("button", name="保存").click()
    await group.get_by_role("button", name="给客户打上或取下「线下门店」").click()
    drawer = page.get_by_test_id("tag-customers")
    await pick(page, drawer.get_by_role("combobox", name="选择用户"), "林知夏")
    await page.keyboard.press("Escape")
    await drawer.get_by_role("button", name="打上标签").click()
    await expect(drawer.get_by_role("status")).to_contain_text("1 人不是任何员工的客户")
    await page.get_by_role("button", name="关闭", exact=True).click()

    await group.get_by_role("button", name="删除「官网」").click()
    await confirm(page, "删除")
    await expect(group.get_by_test_id("corp-tag")).to_have_count(1)
    groups = console.sandbox.ask("GET", f"{corp['path']}/tags")["items"]
    made = next(one["tags"] for one in groups if one["group_name"] == "来源")
    assert [tag["name"] for tag in made if not tag["deleted"]] == ["线下门店"]


async def test_tags_made_elsewhere_are_read_and_the_policy_says_what_it_means(
    phone: Page, console: Console, corp: dict[str, Any]
) -> None:
    console.sandbox.ask("POST", f"{corp['path']}/tags", group_name="等级", names=["VIP"])
    await phone.goto(f"/corp-tags?corp={corp['id']}&q=vip")
    await phone.get_by_role("button", name="重新读取").click()
    group = phone.get_by_role("region", name="等级")
    await expect(group).to_contain_text("外部创建")
    await expect(group.get_by_role("button", name="给「VIP」改名")).to_have_count(0)

    await phone.get_by_label("本系统打的标签被企业微信那边改掉时").click()
    await phone.get_by_title("以本系统为准").click()
    await expect(phone.get_by_text("按本系统的决定改回去")).to_be_visible()
    await expect(phone.get_by_text("没有冲突")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
