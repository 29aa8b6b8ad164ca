"""Versions of a journey, what differs between them, going back, and why somebody went the way they went."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_versions_are_compared_and_a_way_is_explained(
    page: Page, phone: Page, console: Console
) -> None:
    """SOP-1: what was published stays; what changed is told, and an old version is the draft again."""
    nodes = {
        "asked": {
            "kind": "condition",
            "label": "是杭州人吗",
            "test": {"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"},
            "yes": "rest",
            "no": "out",
        },
        "rest": {"kind": "wait", "seconds": 86_400, "next": "out"},
        "out": {"kind": "end"},
    }
    definition = {"entry": {"kind": "event", "event": "Versions Began"}, "start": "asked", "nodes": nodes}
    made = console.send("/api/v1/journeys", {"name": "版本测试", "definition": definition})
    console.send(f"/api/v1/journeys/{made['id']}/publish")
    console.track({"type": "track", "userId": "u-3", "event": "Versions Began", "properties": {}})

    await page.goto(f"/journeys/{made['id']}")
    await (
        page.get_by_test_id("journey-graph").get_by_role("button", name=re.compile("等待 1.*进入 1")).click()
    )
    await page.get_by_test_id("node-people").get_by_role("button", name="走过的路").click()
    steps = page.get_by_test_id("passed-steps")
    await expect(steps.get_by_role("listitem").first).to_contain_text("是杭州人吗")
    await expect(steps.get_by_role("listitem").last).to_contain_text("停在这里")
    await steps.get_by_role("button", name="为什么是这个结果？").click()
    await expect(page.get_by_test_id("step-why")).to_contain_text("杭州")

    changed = {
        **definition,
        "nodes": {**nodes, "rest": {**nodes["rest"], "label": "歇一天", "seconds": 172_800}},
    }
    answer = console.platform.ask(
        "PUT", f"/api/v1/journeys/{made['id']}", {"name": "版本测试", "definition": changed}
    )
    assert answer.is_success
    await page.goto(f"/journeys/{made['id']}")
    await page.get_by_role("button", name="版本", exact=True).click()
    difference = page.get_by_test_id("version-difference")
    await expect(difference).to_contain_text("歇一天")
    await expect(difference.locator("del")).to_have_text(["86400"])
    await expect(difference.locator("ins")).to_have_text(["歇一天", "172800"])
    row = page.get_by_test_id("versions-table").get_by_role("row").nth(1)
    await expect(row).to_contain_text("当前")
    await row.get_by_role("button", name="恢复为草稿").click()
    await confirm(page, "恢复为草稿")
    await expect(page.get_by_test_id("journey-canvas")).to_be_visible()
    draft = console.platform.ask("GET", f"/api/v1/journeys/{made['id']}").json()["definition"]
    assert draft["nodes"]["rest"]["seconds"] == 86_400

    await phone.goto(f"/journeys/{made['id']}/versions")
    await expect(phone.get_by_text("没有不同")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0


async def test_people_on_the_way_are_moved_to_the_present_version(
    page: Page, phone: Page, console: Console
) -> None:
    """SOP-1: they move by an explicit deed, with a preview."""
    nodes = {"rest": {"kind": "wait", "seconds": 86_400, "next": "out"}, "out": {"kind": "end"}}
    definition = {"entry": {"kind": "event", "event": "Migration Began"}, "start": "rest", "nodes": nodes}
    made = console.send("/api/v1/journeys", {"name": "迁移测试", "definition": definition})
    path = f"/api/v1/journeys/{made['id']}"
    console.send(f"{path}/publish")
    console.track({"type": "track", "userId": "u-3", "event": "Migration Began", "properties": {}})
    await page.goto(f"/journeys/{made['id']}")
    await expect(page.get_by_test_id("journey-totals")).to_contain_text("进行中1")
    longer = {"kind": "wait", "label": "多歇两天", "seconds": 259_200, "next": "out"}
    changed = {**definition, "start": "pause", "nodes": {"pause": longer, "out": {"kind": "end"}}}
    assert console.platform.ask("PUT", path, {"name": "迁移测试", "definition": changed}).is_success
    console.send(f"{path}/publish")

    await page.goto(f"/journeys/{made['id']}/versions")
    await page.get_by_role("button", name="迁移到当前版本").click()
    plan = page.get_by_test_id("migration-nodes")
    await expect(plan).to_contain_text("1 人将离开")
    await plan.get_by_role("combobox").click()
    await page.get_by_title("1 · 多歇两天").click()
    await expect(plan).not_to_contain_text("将离开")
    await page.get_by_role("button", name="迁移 1 人").click()
    await confirm(page, "开始迁移")
    done = page.get_by_test_id("migrations-table").get_by_role("row").nth(1)
    await expect(done).to_contain_text("已完成")
    await page.goto(f"/journeys/{made['id']}")
    moved = page.get_by_test_id("journey-graph").get_by_role("button", name=re.compile("多歇两天.*等待 1"))
    await moved.click()
    await page.get_by_test_id("node-people").get_by_role("button", name="走过的路").click()
    await expect(page.get_by_test_id("passed-steps")).to_contain_text("迁移到新版本")

    await phone.goto(f"/journeys/{made['id']}/versions")
    await expect(phone.get_by_text("迁移记录").first).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
