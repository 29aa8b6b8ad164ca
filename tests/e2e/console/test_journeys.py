"""A journey from its template to people moving through it, and the message that could not go out."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_journey_from_template_to_refusal(page: Page, console: Console) -> None:
    await page.goto("/journeys")
    await page.get_by_role("button", name="新建旅程").first.click()
    await page.get_by_role("menuitem", name=re.compile("关注欢迎")).click()
    form = page.get_by_test_id("journey-form")
    await form.get_by_label("旅程名称").fill("答题欢迎")
    await form.get_by_role("combobox", name="选择事件").first.fill("Quiz Done")
    await page.keyboard.press("Enter")
    await form.get_by_role("button", name="删除这一步").first.click()  # The first wait.
    await form.get_by_label("消息内容（Liquid）").first.fill("你好 {{ person.city }}")
    await page.get_by_role("button", name="保存草稿").click()

    await expect(page.get_by_role("heading", name="答题欢迎")).to_be_visible()
    journey = page.url.rsplit("/", 1)[1]
    graph = page.get_by_test_id("journey-graph")
    await expect(graph.get_by_text("发生「Quiz Done」")).to_be_visible()
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("tooltip").get_by_role("button", name="发布").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_visible()

    console.track({"type": "track", "userId": "u-3", "event": "Quiz Done", "properties": {}})
    step = graph.get_by_role("button", name=re.compile("发送欢迎语.*进入 1"))
    await expect(step).to_be_visible()
    waiting = graph.get_by_role("button", name=re.compile("等待 1"))
    await waiting.click()
    await expect(page.get_by_test_id("node-people")).to_contain_text("陈小满")
    await page.keyboard.press("Escape")

    await page.goto(f"/messages?state=refused&journey={journey}")
    table = page.get_by_test_id("messages-table")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("陈小满")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("没有此人的地址")
    await expect(
        page.get_by_test_id("message-states").get_by_role("button", name=re.compile("未发送"))
    ).to_contain_text(re.compile("[1-9]"))  # The bar counts everybody's, those of other tests, too.


async def test_exits_a_goal_and_a_parted_way_are_drawn(page: Page, console: Console) -> None:
    """JN-12, JN-13: an operator says what ends a journey and what it is for; steps of two ways are put in."""
    await page.goto("/journeys")
    await page.get_by_role("button", name="新建旅程").first.click()
    await page.get_by_role("menuitem", name=re.compile("关注欢迎")).click()
    form = page.get_by_test_id("journey-form")
    await form.get_by_label("旅程名称").fill("有目标的欢迎")
    await form.get_by_role("combobox", name="选择事件").first.fill("Goal Test Began")
    await page.keyboard.press("Enter")
    await form.get_by_label("统计达成目标的人数").check()
    await (
        form.get_by_test_id("journey-goal").get_by_role("combobox", name="选择事件").fill("Goal Test Reached")
    )
    await page.keyboard.press("Enter")
    exits = form.get_by_test_id("journey-exits")
    await exits.get_by_role("button", name="撤回同意").click()
    await exits.get_by_role("button", name="发生某个行为").click()
    await exits.get_by_role("combobox", name="选择事件").fill("Complained")
    await page.keyboard.press("Enter")
    await form.get_by_role("button", name="加一步").first.click()
    await page.get_by_role("menuitem", name="等待行为").click()
    asked = form.locator('[data-node="wait-event"]')
    await asked.get_by_role("combobox", name="选择事件").fill("Looked Twice")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("heading", name="有目标的欢迎")).to_be_visible()
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("tooltip").get_by_role("button", name="发布").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_visible()

    journey = page.url.rsplit("/", 1)[1]
    published = console.platform.ask("GET", f"/api/v1/journeys/{journey}").json()["published"]
    assert [rule["kind"] for rule in published["exits"]] == ["consent_withdrawn", "event"]
    assert published["goal"]["within_s"] == 7 * 86_400
    assert published["nodes"]["wait-event"]["matched"] == "end"
    console.track({"type": "track", "userId": "u-3", "event": "Goal Test Began", "properties": {}})
    totals = page.get_by_test_id("journey-totals")
    await expect(totals).to_contain_text("进入1")
    # No order: figures of the brand, which other tests read, stay what they are.
    console.track({"type": "track", "userId": "u-3", "event": "Goal Test Reached", "properties": {}})
    await expect(totals).to_contain_text("达成目标1")
    await expect(totals).to_contain_text("中途离开1")


async def test_people_are_parted_by_chance(page: Page, phone: Page, console: Console) -> None:
    """JN-10: an operator parts people by weight, and sees how many took which way."""
    definition = {
        "entry": {"kind": "event", "event": "Split Test Began"},
        "start": "out",
        "nodes": {"out": {"kind": "end"}},
    }
    made = console.send("/api/v1/journeys", {"name": "随机分流测试", "definition": definition})
    await page.goto(f"/journeys/{made['id']}/edit")
    form = page.get_by_test_id("journey-form")
    await form.get_by_role("button", name="加一步").first.click()
    await page.get_by_role("menuitem", name="随机分流").click()
    split = form.locator('[data-node="random"]')
    await split.get_by_role("button", name="加一路").click()
    await split.get_by_label("「A 路」的权重").fill("100")
    await expect(split).to_contain_text("25%")
    await split.get_by_role("button", name="删除「B 路」").click()
    await page.get_by_role("button", name="保存草稿").click()
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("tooltip").get_by_role("button", name="发布").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_visible()
    published = console.platform.ask("GET", f"/api/v1/journeys/{made['id']}").json()["published"]
    ways = [(way["name"], way["weight"]) for way in published["nodes"]["random"]["ways"]]
    assert ways == [("a", 100), ("c", 50)]

    console.track({"type": "track", "userId": "u-3", "event": "Split Test Began", "properties": {}})
    step = page.get_by_test_id("journey-graph").get_by_role("button", name=re.compile("随机分流.*进入 1"))
    await step.click()
    await expect(page.get_by_text(re.compile("^[AC] 路$")).last).to_be_visible()

    await phone.goto(f"/journeys/{made['id']}/edit")
    await expect(phone.get_by_label("「A 路」的权重")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0


async def test_a_journey_is_paused_resumed_and_stopped(page: Page, console: Console) -> None:
    definition = {
        "entry": {"kind": "event", "event": "Never Happens"},
        "start": "end",
        "nodes": {"end": {"kind": "end"}},
    }
    made = console.send("/api/v1/journeys", {"name": "开关测试", "definition": definition})
    console.send(f"/api/v1/journeys/{made['id']}/publish")
    await page.goto(f"/journeys/{made['id']}")

    for action, status in (("暂停", "已暂停"), ("恢复", "进行中"), ("停止", "已停止")):
        await page.get_by_role("button", name=action, exact=True).click()
        await page.get_by_role("tooltip").get_by_role("button", name=action, exact=True).click()
        await expect(page.get_by_text(status, exact=True).first).to_be_visible()
    await expect(page.get_by_role("button", name="编辑")).to_have_count(0)


async def test_a_draft_is_replayed_on_history(page: Page, phone: Page, console: Console) -> None:
    """What a draft would have done is told before anybody is let in, with the people behind each figure."""
    console.track({"type": "track", "userId": "u-3", "event": "Replay Test Began", "properties": {}})
    definition = {
        "entry": {"kind": "event", "event": "Replay Test Began"},
        "start": "rest",
        "nodes": {"rest": {"kind": "wait", "seconds": 0, "next": "out"}, "out": {"kind": "end"}},
    }
    made = console.send("/api/v1/journeys", {"name": "待重放", "definition": definition})
    await page.goto(f"/journeys/{made['id']}")
    await page.get_by_role("button", name="历史重放").click()
    await expect(page.get_by_text("还没有重放过")).to_be_visible()
    await page.get_by_role("button", name="开始重放").click()
    totals = page.get_by_test_id("replay-totals")
    await expect(totals.get_by_role("button").first).to_have_text("1", timeout=30_000)
    await expect(page.get_by_test_id("replay-nodes")).to_contain_text("继续 1")
    await totals.get_by_role("button").first.click()
    await expect(page.get_by_test_id("replay-people")).to_contain_text("陈小满")

    await phone.goto(f"/journeys/{made['id']}/replays")
    await expect(phone.get_by_test_id("replay-totals")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
