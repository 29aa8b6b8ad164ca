"""Consent said on a person's page, a text published, and a request carried through to its report."""

import asyncio
import json
import uuid
import zipfile

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def somebody(console: Console) -> str:
    """Let a person come to be whom no other test knows; return their outside id."""
    user = f"rights-{uuid.uuid4().hex}"
    console.track({"type": "track", "userId": user, "event": "Page Read"})

    def found() -> str:
        items = console.platform.ask("GET", f"/api/v1/people?q={user}").json()["items"]
        return items[0]["id"] if items else ""

    await asyncio.to_thread(eventually, lambda: found() != "", what="the person to be known")
    return await asyncio.to_thread(found)


async def test_a_withdrawal_is_entered_with_its_reason_and_a_text_is_published(
    phone: Page, console: Console
) -> None:
    person = await somebody(console)
    await phone.goto(f"/people/{person}?tab=consent")
    card = phone.get_by_test_id("person-consent")
    await expect(card).to_contain_text("营销信息")
    assert await phone.evaluate(OVERHANG) <= 0
    await card.get_by_role("button", name="登记表态").click()
    await phone.get_by_label("原因与依据").fill("来电要求停止")
    await phone.get_by_role("button", name="保存").click()
    ledger = phone.get_by_test_id("person-consent-ledger")
    await expect(ledger).to_contain_text("来电要求停止")
    await expect(ledger).to_contain_text("已撤回")
    await card.get_by_role("button", name="偏好页链接").click()
    await expect(card.get_by_role("link", name="打开")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0

    key = f"t{uuid.uuid4().hex[:12]}"
    await phone.goto("/consent")
    await phone.get_by_role("button", name="新增用途").click()
    await phone.get_by_label("标识").fill(key)
    await phone.get_by_label("中文名称").fill(f"内测邀请 {key}")
    await phone.get_by_label("英文名称").fill(f"Beta {key}")
    await phone.get_by_role("button", name="保存").click()
    panel = phone.get_by_test_id(f"purpose-{key}")
    await panel.get_by_role("button", name="发布新版本").click()
    dialog = phone.get_by_role("dialog")
    await dialog.get_by_label("中文文本").fill("我同意收到内测邀请。")
    await dialog.get_by_label("英文文本").fill("I agree to invitations.")
    await dialog.get_by_role("button", name="发布新版本").click()
    await expect(panel).to_contain_text("我同意收到内测邀请。")
    await expect(panel).to_contain_text("v1")
    assert await phone.evaluate(OVERHANG) <= 0


async def test_an_erasure_is_entered_confirmed_by_another_and_reported(phone: Page, console: Console) -> None:
    person = await somebody(console)
    await phone.goto(f"/people/{person}?tab=consent")
    await phone.get_by_test_id("person-rights").get_by_role("button", name="登记请求").click()
    form = phone.get_by_test_id("new-rights-request")
    await form.get_by_label("请求").click()
    await phone.get_by_title("删除", exact=True).click()
    await form.get_by_label("如何核实身份").fill("预留手机号回拨")
    await phone.get_by_role("dialog").get_by_role("button", name="登记请求").click()
    await expect(phone.get_by_test_id("erasure-preview")).to_contain_text("历史事件")
    assert await phone.evaluate(OVERHANG) <= 0

    # Whoever entered it confirms: it waits. Somebody else confirms too: it begins at once.
    request = phone.url.rsplit("/", 1)[1]
    await phone.get_by_role("button", name="确认删除", exact=True).click()
    await confirm(phone, "确认删除")
    await expect(phone.get_by_test_id("rights-handling")).to_contain_text("开始执行")
    answer = await asyncio.to_thread(
        console.platform.ask_locally, "POST", f"/api/v1/rights/requests/{request}/confirm"
    )
    assert answer.status_code == 200, answer.text
    await expect(phone.get_by_test_id("rights-facts")).to_contain_text("已办结")
    await expect(phone.get_by_test_id("rights-facts")).to_contain_text("此人已删除")
    await expect(phone.get_by_test_id("rights-report")).to_contain_text("person.identifiers")
    await expect(phone.get_by_test_id("erasure-steps").get_by_role("listitem")).to_have_count(6)
    assert await phone.evaluate(OVERHANG) <= 0

    await phone.goto("/rights?kind=erasure&state=done")
    row = phone.get_by_role("row").filter(has_text=person)
    await expect(row).to_contain_text("已办结")
    assert await phone.evaluate(OVERHANG) <= 0


async def test_a_package_is_made_in_the_background_taken_and_deleted(phone: Page, console: Console) -> None:
    person = await somebody(console)
    await phone.goto(f"/people/{person}?tab=consent")
    await phone.get_by_test_id("person-rights").get_by_role("button", name="登记请求").click()
    form = phone.get_by_test_id("new-rights-request")
    await form.get_by_label("如何核实身份").fill("身份证原件")
    await phone.get_by_role("dialog").get_by_role("button", name="登记请求").click()
    packages = phone.get_by_test_id("rights-packages")
    await packages.get_by_role("button", name="制作资料包").click()
    await expect(packages).to_contain_text("已完成", timeout=30_000)
    async with phone.expect_download() as taken:
        await packages.get_by_role("link", name="下载资料包").click()
    with zipfile.ZipFile(await (await taken.value).path()) as file:
        data = json.loads(file.read("data.json"))["data"]
        assert '<html lang="zh-CN">' in file.read("overview.html").decode()
    assert [one["name"] for one in data["events"]] == ["Page Read"]
    await expect(packages).to_contain_text("admin 于")
    await packages.get_by_text("来自哪些存储").click()
    await expect(packages).to_contain_text("identifiers")
    assert await phone.evaluate(OVERHANG) <= 0
    await packages.get_by_role("button", name="删除资料包").click()
    await confirm(phone, "删除资料包")
    await expect(packages).to_contain_text("已手动删除")
    assert await phone.evaluate(OVERHANG) <= 0
