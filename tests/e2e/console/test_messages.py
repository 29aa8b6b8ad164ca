"""What became of a message, in words."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import FOLLOWER, Console

pytestmark = pytest.mark.browser


def answer_to(console: Console, word: str) -> str:
    """Publish a journey that answers whoever writes ``word``; return its id."""
    definition = {
        "entry": {
            "kind": "event",
            "event": "wechat.official_account.message_received",
            "where": [{"field": "properties.content", "op": "eq", "value": word}],
        },
        "start": "answer",
        "nodes": {
            "answer": {
                "kind": "send",
                "account_id": console.account_id,
                "message_kind": "customer_service_text",
                "content": {"text": "今天的新品是白茶。"},
                "message_class": "transactional",
                "next": "end",
            },
            "end": {"kind": "end"},
        },
    }
    made = console.send("/api/v1/journeys", {"name": f"自动回复 {word}", "definition": definition})
    console.send(f"/api/v1/journeys/{made['id']}/publish")
    return str(made["id"])


async def test_a_sent_message_shows_its_words_and_state(page: Page, console: Console) -> None:
    journey = answer_to(console, "新品")

    console.sandbox.act(FOLLOWER, "say", text="新品")

    await page.goto(f"/messages?journey={journey}")
    row = page.get_by_test_id("messages-table").get_by_role("row").nth(1)
    await expect(row).to_contain_text("今天的新品是白茶。")
    await expect(row).to_contain_text(re.compile("平台已接受|已送达"))
    await expect(row).to_contain_text("客服消息")

    await page.get_by_test_id("message-states").get_by_role("button", name=re.compile("平台拒绝")).click()
    await expect(page.get_by_text("没有符合条件的消息")).to_be_visible()
    assert "state=rejected" in page.url


async def test_held_sending_says_so_and_is_released_with_one_click(page: Page, console: Console) -> None:
    assert console.platform.ask("PUT", "/api/v1/messages/hold").is_success
    await page.goto(f"{console.url}/messages")
    held = page.get_by_test_id("held")
    await expect(held).to_contain_text("消息发送已暂停")
    await held.get_by_role("button", name="解除暂停").click()
    await page.get_by_role("button", name="确 定").or_(page.get_by_role("button", name="确定")).click()
    await expect(held).to_have_count(0)
