"""The brand's rules of sending, set by hand: quiet hours, caps, and each account's speed (SOP-5)."""

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


async def test_quiet_hours_and_caps_are_kept_as_typed(page: Page, console: Console) -> None:
    """SOP-5: a message in quiet hours moves on or is skipped, as the brand says."""
    await page.goto(f"{console.url}/messages/rules")
    policy = page.get_by_test_id("message-policy")
    quiet = policy.get_by_role("switch", name="启用免打扰时段")
    if await quiet.get_attribute("aria-checked") != "true":
        await quiet.click()
    await policy.get_by_label("开始时间").fill("21:30")
    await policy.get_by_label("结束时间").fill("09:00")
    await policy.get_by_label("每人每天最多").fill("2")
    await policy.get_by_label("每人每周最多").fill("")
    await policy.get_by_role("button", name="保 存").or_(policy.get_by_role("button", name="保存")).click()
    await expect(policy.get_by_role("status")).to_have_text("已保存，此后的消息按新规则判断")

    kept = console.platform.ask("GET", POLICY).json()
    assert (kept["quiet_hours"]["start"], kept["quiet_hours"]["end"]) == ("21:30:00", "09:00:00")
    assert (kept["quiet_hours"]["mode"], kept["daily_cap"], kept["weekly_cap"]) == ("hold", 2, None)

    await page.reload()
    await expect(policy.get_by_label("开始时间")).to_have_value("21:30")
    await expect(policy.get_by_label("每人每天最多")).to_have_value("2")


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
    # As fast as before, for the other tests of the folder.
    assert console.platform.ask(
        "PATCH", f"/api/v1/messages/lanes/{console.account_id}", {"rate_per_s": 5_000}
    ).is_success
