"""The brand's rules of sending, set by hand: quiet hours, caps, blocklist, each account's speed (SOP-5)."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from .conftest import FOLLOWER, Console
from .test_messages import answer_to

pytestmark = pytest.mark.browser

POLICY = "/api/v1/messages/policy"


@pytest.fixture(autouse=True)
def as_before(console: Console) -> Iterator[None]:
    """The other tests of the folder send by the rules that were there."""
    before = console.platform.ask("GET", POLICY).json()
    yield
    assert console.platform.ask("PUT", POLICY, before).is_success


async def test_quiet_hours_caps_and_exclusions_are_kept_as_typed(page: Page, console: Console) -> None:
    """SOP-5: a message in quiet hours moves on or is skipped, as the brand says; FC: caps as rules."""
    assert console.platform.ask("PUT", POLICY, {}).is_success
    await page.goto(f"{console.url}/messages/rules")
    policy = page.get_by_test_id("message-policy")
    await policy.get_by_role("button", name="添加时段").click()
    await policy.get_by_label("开始时间").fill("21:30")
    await policy.get_by_label("结束时间").fill("09:00")
    await policy.get_by_role("button", name="添加上限").click()
    await policy.get_by_label("规则标识").fill("spacing")
    await policy.get_by_label("每", exact=True).fill("3")
    await policy.get_by_label("最多（条）").fill("1")
    await policy.get_by_label("超出时").click()
    await page.locator(".ant-select-dropdown:visible").get_by_text("等到有空位再发").click()
    await policy.get_by_role("button", name=re.compile("保\\s*存")).click()
    await expect(policy.get_by_role("status")).to_have_text("已保存，此后的消息按新规则判断")

    kept = console.platform.ask("GET", POLICY).json()
    (quiet,), (cap,) = kept["quiet_hours"], kept["caps"]
    assert (quiet["start"], quiet["end"], quiet["mode"]) == ("21:30:00", "09:00:00", "hold")
    assert (cap["key"], cap["limit"], cap["every"], cap["unit"]) == ("spacing", 1, 3, "days")
    assert cap["when_capped"] == "wait"

    await page.reload()
    await expect(policy.get_by_label("开始时间")).to_have_value("21:30")
    await expect(policy.get_by_label("最多（条）")).to_have_value("1")


async def test_somebody_is_blocked_and_the_message_says_why(page: Page, console: Console) -> None:
    first, journey = answer_to(console, "初见"), answer_to(console, "黑名单")
    console.sandbox.act(FOLLOWER, "say", text="初见")
    await page.goto(f"{console.url}/messages?journey={first}")
    await expect(page.get_by_test_id("messages-table")).to_contain_text("今天的新品是白茶。")
    (answer,) = console.platform.ask("GET", f"/api/v1/messages?journey={first}").json()["items"]
    person = answer["person_id"]
    await page.goto(f"{console.url}/people/{person}?tab=messages")
    card = page.get_by_test_id("person-reach")
    await card.get_by_role("button", name="加入黑名单").click()
    await page.get_by_role("dialog").get_by_label("范围").click()
    await page.locator(".ant-select-dropdown:visible").get_by_text("什么都不发").click()
    await page.get_by_role("dialog").get_by_label("原因").fill("要求不再联系")
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("加\\s*入")).click()
    await expect(card.get_by_text("要求不再联系")).to_be_visible()
    try:
        console.sandbox.act(FOLLOWER, "say", text="黑名单")
        await page.goto(f"{console.url}/messages?journey={journey}")
        row = page.get_by_test_id("messages-table").get_by_role("row").filter(has_text="此人在黑名单中")
        await row.get_by_role("button", name="为什么").click()
        await expect(page.get_by_role("dialog")).to_contain_text("不发送")
        await page.goto(f"{console.url}/messages/rules")
        entry = page.get_by_test_id("blocklist").get_by_role("row").filter(has_text="要求不再联系")
        await entry.get_by_role("button", name="移出黑名单").click()
        await expect(entry).to_have_count(0)
    finally:
        path = f"/api/v1/messages/blocklist/{person}"
        assert console.platform.ask("DELETE", path).is_success


async def test_an_account_is_paused_slowed_and_let_go_on(page: Page, console: Console) -> None:
    # An account has a lane from its first message on.
    journey = answer_to(console, "速度")
    console.sandbox.act(FOLLOWER, "say", text="速度")
    await page.goto(f"{console.url}/messages?journey={journey}")
    await expect(page.get_by_test_id("messages-table")).to_contain_text("今天的新品是白茶。")

    await page.goto(f"{console.url}/messages/rules")
    lane = page.get_by_test_id(f"lane-{console.account_id}")
    await lane.get_by_label("每秒最多发送").fill("200")
    await lane.get_by_role("button", name="设定速度").click()
    await expect(lane.get_by_role("button", name="设定速度")).to_be_disabled()
    await lane.get_by_role("button", name="暂停发送").click()
    await expect(lane).to_contain_text("已暂停")
    lanes = console.platform.ask("GET", "/api/v1/messages/lanes").json()["items"]
    kept = next(one for one in lanes if one["account_id"] == console.account_id)
    assert (kept["paused"], kept["rate_per_s"]) == (True, 200)

    await lane.get_by_role("button", name="继续发送").click()
    await expect(lane).to_contain_text("正常")
    await lane.get_by_label("每秒最多发送").fill("")
    await lane.get_by_role("button", name="设定速度").click()
    await expect(lane.get_by_role("button", name="设定速度")).to_be_disabled()
    lanes = console.platform.ask("GET", "/api/v1/messages/lanes").json()["items"]
    assert next(one for one in lanes if one["account_id"] == console.account_id)["rate_per_s"] is None
