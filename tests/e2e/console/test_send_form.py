"""The send form: account, kind, template from the list, one input per keyword (D9, WX-3)."""

import re

import pytest
from playwright.async_api import Page, expect

from support.processes import HTTP, eventually

from .conftest import FOLLOWER, Console

pytestmark = pytest.mark.browser


def _notice_template(console: Console) -> str:
    """Give the account a subscription notice of its own; return its id."""
    account, url = console.sandbox.account, console.sandbox.url
    asked = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}
    token = HTTP.post(f"{url}/cgi-bin/stable_token", json=asked).json()["access_token"]
    added = HTTP.post(
        f"{url}/wxaapi/newtmpl/addtemplate",
        params={"access_token": token},
        json={"tid": "2430", "kidList": [1, 2], "sceneDesc": "新品"},
    ).json()
    return str(added["priTmplId"])


def _draft(console: Console) -> str:
    definition = {
        "entry": {
            "kind": "event",
            "event": "wechat.official_account.message_received",
            "where": [{"field": "properties.content", "op": "eq", "value": "到货"}],
        },
        "start": "say",
        "nodes": {
            "say": {
                "kind": "send",
                "account_id": console.account_id,
                "message_kind": "customer_service_text",
                "content": {"text": "到货了"},
                "message_class": "transactional",
                "next": "end",
            },
            "end": {"kind": "end"},
        },
    }
    return str(console.send("/api/v1/journeys", {"name": "到货通知", "definition": definition})["id"])


async def test_an_accepted_notice_is_chosen_filled_in_and_sent(page: Page, console: Console) -> None:
    template = _notice_template(console)
    console.sandbox.act(FOLLOWER, "subscriptions", answers={template: "accept"})
    allowed = "/api/v1/messages/allowances"
    eventually(
        lambda: console.platform.ask("GET", allowed, account=console.account_id).json()["credits"],
        what="the accept to be counted",
    )
    journey = _draft(console)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"/journeys/{journey}/edit")
    form = page.get_by_test_id("journey-form")
    await expect(form.get_by_test_id("send-need")).to_contain_text("客服消息窗口")
    await form.get_by_role("combobox", name="类型").click()
    await page.get_by_title("订阅通知").click()
    await form.get_by_role("button", name="从平台同步模板").click()
    await form.get_by_role("combobox", name="模板", exact=True).click()
    await page.get_by_title("上新提醒").click()
    await expect(form.get_by_test_id("send-need")).to_contain_text("现在可发给 1 人")
    await form.get_by_label("商品名称（thing1）").fill("明前龙井")
    await form.get_by_label(re.compile("amount2")).fill("¥128.00")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_role("button", name="保存草稿").click()
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("tooltip").get_by_role("button", name="发布").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_visible()

    console.sandbox.act(FOLLOWER, "say", text="到货")

    await page.goto(f"/messages?journey={journey}&channel=official_account")
    row = page.get_by_test_id("messages-table").get_by_text("订阅通知")
    await expect(row).to_be_visible()
    await expect(page.get_by_test_id("messages-table")).to_contain_text("明前龙井")
    await expect(page.get_by_test_id("messages-table")).to_contain_text("平台已接受")
    arrived = [one for one in console.sandbox.messages_to(FOLLOWER) if one["kind"] == "subscribe"]
    assert [one["body"]["data"]["thing1"] for one in arrived] == ["明前龙井"]
    await page.goto(f"/messages?journey={journey}&channel=mini_program")
    await expect(page.get_by_text("没有符合条件的消息")).to_be_visible()


async def test_one_person_is_written_to_from_their_page(page: Page, console: Console) -> None:
    console.sandbox.act(FOLLOWER, "say", text="你好")  # Opens the window.
    account = console.platform.ask("GET", "/api/v1/messages/allowances", account=console.account_id)
    assert account.is_success
    people = console.platform.ask("GET", "/api/v1/people", limit=50).json()["items"]
    follower = next(one["id"] for one in people if one["reachable"])
    eventually(
        lambda: console.platform.ask("GET", "/api/v1/messages/allowances", account=console.account_id).json()[
            "window_people"
        ],
        what="the window to be open",
    )
    await page.goto(f"/people/{follower}?tab=messages")
    await page.get_by_role("button", name="发送消息").click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_label("消息内容（Liquid）").fill("您预订的春茶到了")
    await drawer.get_by_text("服务通知", exact=True).click()
    await drawer.get_by_role("button", name=re.compile("^发\\s?送$")).click()

    await expect(drawer.get_by_role("alert")).to_contain_text("已安排发送")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("person-messages")).to_contain_text("您预订的春茶到了")
