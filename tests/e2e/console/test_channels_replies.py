"""Automatic replies: written on the page, said by the account."""

import re
import secrets

import pytest
from playwright.async_api import Locator, Page, expect

from support.processes import HTTP, eventually

from .conftest import FOLLOWER, Console, confirm

pytestmark = pytest.mark.browser


async def _open(page: Page, console: Console) -> Locator:
    await page.goto(f"/channels/{console.account_id}?tab=replies")
    return page.get_by_test_id("replies-keyword")


async def _write_keyword_rule(page: Page, section: Locator, *, name: str, keyword: str, text: str) -> None:
    await section.get_by_role("button", name="添加规则").first.click()
    form = page.get_by_test_id("reply-form")
    await form.get_by_label("规则名称").fill(name)
    await form.get_by_role("textbox", name="关键词").fill(keyword)
    await form.get_by_label("文字内容").fill(text)
    await expect(form.get_by_test_id("phone-preview")).to_contain_text(text)
    await page.get_by_role("button", name="保存").click()
    await expect(form).to_have_count(0)


async def _delete(section: Locator, page: Page, name: str) -> None:
    await section.get_by_role("button", name=f"删除「{name}」").click()
    await confirm(page, "删除")
    await expect(section.get_by_role("button", name=name, exact=True)).to_have_count(0)


async def test_a_rule_answers_in_the_test_box_and_on_the_phone(page: Page, console: Console) -> None:
    section = await _open(page, console)
    await _write_keyword_rule(page, section, name="营业时间", keyword="营业", text="每天 9:00–21:00")
    await expect(section.get_by_test_id("reply-rule").filter(has_text="营业时间")).to_contain_text("含 营业")

    trial = page.get_by_test_id("reply-try")
    await trial.get_by_label("输入一条消息").fill("今天几点营业?")
    await trial.get_by_role("button", name="试试看").click()
    await expect(trial.get_by_test_id("phone-preview")).to_contain_text("每天 9:00–21:00")
    await expect(trial).to_contain_text("由规则「营业时间」回答")

    def heard() -> bool:
        console.sandbox.act(FOLLOWER, "say", text="营业吗")
        console.sandbox.until_idle()
        return any("每天 9:00–21:00" in str(one) for one in console.sandbox.messages_to(FOLLOWER))

    eventually(heard, what="the rule to answer on the phone")
    await _delete(section, page, "营业时间")
    await trial.get_by_role("button", name="试试看").click()
    await expect(trial).to_contain_text("不会回复")


async def test_the_arrows_change_which_rule_answers(page: Page, console: Console) -> None:
    section = await _open(page, console)
    await _write_keyword_rule(page, section, name="运费", keyword="快递", text="满 99 元包邮")
    await _write_keyword_rule(page, section, name="进度", keyword="快递费", text="请提供单号")
    trial = page.get_by_test_id("reply-try")
    await trial.get_by_label("输入一条消息").fill("快递费多少")
    await trial.get_by_role("button", name="试试看").click()
    await expect(trial).to_contain_text("由规则「运费」回答")

    await section.get_by_role("button", name="把「进度」往前移").press("Enter")
    rules = section.get_by_test_id("reply-rule").filter(has_text=re.compile("运费|进度"))
    await expect(rules.first).to_contain_text("进度")
    await trial.get_by_role("button", name="试试看").click()
    await expect(trial).to_contain_text("由规则「进度」回答")

    await section.get_by_role("switch", name="启用「进度」").click()
    await expect(section.get_by_role("switch", name="启用「进度」")).not_to_be_checked()
    await trial.get_by_role("button", name="试试看").click()
    await expect(trial).to_contain_text("由规则「运费」回答")
    await _delete(section, page, "运费")
    await _delete(section, page, "进度")


async def test_blanks_and_refusals_are_said_where_they_are(page: Page, console: Console) -> None:
    section = await _open(page, console)
    await section.get_by_role("button", name="添加规则").first.click()
    form = page.get_by_test_id("reply-form")
    await page.get_by_role("button", name="保存").click()
    await expect(form.get_by_text("给规则起个名字")).to_be_visible()
    await expect(form.get_by_text("请填写关键词")).to_be_visible()
    await expect(form.get_by_text("请填写文字")).to_be_visible()

    await form.get_by_label("规则名称").fill("环视")
    await form.get_by_role("combobox", name="比较方式").click()
    await page.get_by_title("正则", exact=True).click()
    await form.get_by_role("textbox", name="关键词").fill("(?=运费)")
    await form.get_by_label("文字内容").fill("好")
    await page.get_by_role("button", name="保存").click()

    await expect(form.get_by_role("alert")).to_contain_text("cannot be used")
    await expect(form.get_by_label("规则名称")).to_have_value("环视")


async def test_every_kind_of_content_has_fields_and_a_preview(page: Page, console: Console) -> None:
    await _open(page, console)
    await page.get_by_role("button", name="添加规则：被关注时").click()
    form = page.get_by_test_id("reply-form")
    preview = form.get_by_test_id("phone-preview")
    await form.get_by_label("文字内容").fill('欢迎!<a href="https://example.com">看看新茶</a>')
    await expect(preview.get_by_title("https://example.com")).to_have_text("看看新茶")

    await form.get_by_role("button", name="+ 图文卡片").click()
    await form.get_by_label("标题").fill("春茶上新")
    await form.get_by_label("点击后打开的地址").fill("https://example.com/spring")
    await form.get_by_role("button", name="+ 音乐").click()
    await form.get_by_role("listitem", name="第 3 条 · 音乐").get_by_label("标题").fill("采茶歌")
    await expect(preview).to_contain_text("春茶上新")
    await expect(preview).to_contain_text("采茶歌")

    music = form.get_by_role("listitem", name="第 3 条 · 音乐")
    await music.get_by_role("button", name="删除这条内容").click()
    await page.get_by_role("button", name="保存").click()
    await expect(form).to_have_count(0)
    section = page.get_by_test_id("replies-follow")
    await expect(section.get_by_test_id("reply-rule")).to_contain_text("[图文卡片] 春茶上新")

    trial = page.get_by_test_id("reply-try")
    await trial.get_by_role("button", name="试试关注").click()
    await expect(trial.get_by_test_id("phone-preview")).to_contain_text("看看新茶")
    await _delete(section, page, "被关注时")


def _upload(console: Console, name: str) -> None:
    """Put a picture into the account's library, as somebody does in the platform's own console."""
    sandbox = console.sandbox
    asked = {"grant_type": "client_credential", "appid": sandbox.appid, "secret": sandbox.account["secret"]}
    token = HTTP.post(f"{sandbox.url}/cgi-bin/stable_token", json=asked).json()["access_token"]
    added = HTTP.post(
        f"{sandbox.url}/cgi-bin/material/add_material?access_token={token}&type=image",
        files={"media": (name, b"\x89PNG\r\n\x1a\n", "image/png")},
    )
    assert added.json()["media_id"], added.text


async def test_a_picture_is_chosen_from_the_accounts_library(page: Page, console: Console) -> None:
    name = f"spring-tea-{secrets.token_hex(3)}.png"
    _upload(console, name)
    section = await _open(page, console)
    await section.get_by_role("button", name="添加规则").first.click()
    form = page.get_by_test_id("reply-form")
    await form.get_by_label("规则名称").fill("春茶图")
    await form.get_by_role("textbox", name="关键词").fill("春茶图")
    await form.get_by_role("button", name="删除这条内容").click()
    await form.get_by_role("button", name="+ 图片").click()
    # What is typed is offered as an id as well; the picture bears the time it came.
    await form.get_by_role("combobox", name="素材 media_id").fill(name)
    await page.locator(".ant-select-item-option").filter(has_text=f"{name} ·").click()
    await expect(form.locator(".ant-select").filter(has_text=name)).to_be_visible()
    await page.get_by_role("button", name="保存").click()
    await expect(form).to_have_count(0)

    await expect(section.get_by_test_id("reply-rule").filter(has_text="春茶图")).to_contain_text("[图片]")
    await _delete(section, page, "春茶图")


async def test_replies_are_written_on_a_phone_too(phone: Page, console: Console) -> None:
    section = await _open(phone, console)
    await _write_keyword_rule(phone, section, name="手机上写的", keyword="门店地址", text="湖滨路 1 号")
    assert await phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    await _delete(section, phone, "手机上写的")
