"""A journey drawn by mouse and keys: steps, ways, taking back, what is wrong, notes, and unsaved work."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

BLANK: dict[str, Any] = {
    "entry": {"kind": "event", "event": "Canvas Test Began"},
    "start": "out",
    "nodes": {"out": {"kind": "end"}},
}


def card(page: Page, node: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{node}"]')


def port(page: Page, node: str, way: str) -> Locator:
    return card(page, node).locator(f'[data-handleid="{way}"]')


async def connect(page: Page, source: Locator, target: Locator) -> None:
    """Draw from one connection point to another as a hand does: in small moves."""
    for step, at in enumerate((source, target)):
        box = await at.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y, steps=1 if step == 0 else 12)
        await (page.mouse.down() if step == 0 else page.mouse.up())


async def test_three_steps_drawn_by_mouse(page: Page, console: Console) -> None:
    made = console.send("/api/v1/journeys", {"name": "画布测试", "definition": BLANK})
    await page.goto(f"/journeys/{made['id']}/edit")
    canvas = page.get_by_test_id("journey-canvas")
    palette = page.get_by_role("toolbar", name="步骤种类")
    problems = page.get_by_test_id("journey-problems")
    await expect(problems).to_contain_text("可以发布")
    await expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()

    await palette.get_by_role("button", name="判断", exact=True).drag_to(
        canvas, target_position={"x": 160, "y": 300}
    )
    await expect(card(page, "condition")).to_be_visible()
    await palette.get_by_role("button", name="等待", exact=True).drag_to(
        canvas, target_position={"x": 620, "y": 120}
    )
    await expect(problems).to_contain_text("还没有连到下一步")
    await expect(card(page, "wait").get_by_label("有问题")).to_be_visible()
    await connect(page, port(page, "@entry", "next"), port(page, "condition", "in"))
    await connect(page, port(page, "condition", "yes"), port(page, "wait", "in"))
    await connect(page, port(page, "condition", "no"), port(page, "out", "in"))
    await connect(page, port(page, "wait", "next"), port(page, "out", "in"))
    await expect(problems).not_to_contain_text("还没有连到下一步")
    await expect(page.get_by_text("有未保存的修改")).to_be_visible()

    # Pressed, a kind stands below the chosen step; deleted and taken back it is there again.
    await card(page, "wait").click()
    await expect(page.get_by_test_id("inspector").get_by_label("等待多久")).to_be_visible()
    await page.keyboard.press("Control+c")
    await page.keyboard.press("Control+v")
    await expect(card(page, "wait-2")).to_be_visible()
    await page.keyboard.press("Delete")
    await expect(card(page, "wait-2")).to_have_count(0)
    await page.keyboard.press("Control+z")
    await expect(card(page, "wait-2")).to_be_visible()
    await page.keyboard.press("Control+Shift+z")
    await expect(card(page, "wait-2")).to_have_count(0)

    # Moved by keys, a step keeps its new place; a note beside it is signed when saved.
    await card(page, "wait").click()
    await card(page, "wait").press("ArrowRight")
    notes = page.get_by_test_id("step-notes")
    await notes.get_by_label("给同事写一条备注").fill("一小时够吗？")
    await notes.get_by_role("button", name="添加").click()
    await expect(notes).to_contain_text("保存后署名")
    # Going elsewhere loses nothing.
    await page.get_by_role("link", name="← 画布测试").click()
    await page.get_by_role("button", name="编辑").click()
    await page.get_by_role("button", name="恢复").click()
    await expect(card(page, "condition")).to_be_visible()
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("heading", name="画布测试")).to_be_visible()

    saved = console.platform.ask("GET", f"/api/v1/journeys/{made['id']}").json()
    draft = saved["definition"]
    assert saved["findings"] == []
    assert (draft["start"], draft["nodes"]["condition"]["yes"], draft["nodes"]["condition"]["no"]) == (
        "condition",
        "wait",
        "out",
    )
    assert draft["nodes"]["wait"]["next"] == "out"
    assert set(draft["layout"]) == {"@entry", "out", "condition", "wait"}
    assert [(note["node"], note["text"], bool(note["author"] and note["at"])) for note in draft["notes"]] == [
        ("wait", "一小时够吗？", True)
    ]
    await page.get_by_role("button", name=re.compile("等待.*小时")).click()
    await expect(page.get_by_role("dialog")).to_contain_text("一小时够吗？")


async def test_what_somebody_else_saved_is_not_replaced_unasked(page: Page, console: Console) -> None:
    made = console.send("/api/v1/journeys", {"name": "两人同改", "definition": BLANK})
    await page.goto(f"/journeys/{made['id']}/edit")
    await page.get_by_label("旅程名称").fill("我的名字")
    answer = console.platform.ask(
        "PUT", f"/api/v1/journeys/{made['id']}", {"name": "别人的名字", "definition": BLANK}
    )
    assert answer.is_success
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("alert")).to_contain_text("其他人刚刚修改了这个旅程")
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("heading", name="我的名字")).to_be_visible()


async def test_on_a_phone_the_list_is_edited(phone: Page, console: Console) -> None:
    made = console.send("/api/v1/journeys", {"name": "手机编辑", "definition": BLANK})
    await phone.goto(f"/journeys/{made['id']}/edit")
    await expect(phone.get_by_test_id("journey-canvas")).to_have_count(0)
    await expect(phone.get_by_test_id("step-list")).to_be_visible()
    await phone.get_by_test_id("journey-form").get_by_role("button", name="加一步").first.click()
    await phone.get_by_role("menuitem", name="等待行为").click()
    await expect(phone.get_by_test_id("journey-problems")).to_contain_text("还没有填完")
    assert await phone.evaluate(OVERHANG) <= 0


async def test_a_template_of_the_server_is_filled_in(page: Page, console: Console) -> None:
    await page.goto("/journeys")
    await page.get_by_role("button", name="新建旅程").first.click()
    for name in ("关注欢迎", "首单转化", "沉睡唤回", "未付款提醒", "补货提醒", "直播预约", "新人 SOP"):
        await expect(page.get_by_role("menuitem", name=re.compile(name))).to_be_visible()
    await page.get_by_role("menuitem", name=re.compile("未付款提醒")).click()
    await expect(page.get_by_label("旅程名称")).to_have_value("未付款提醒")
    await expect(page.get_by_test_id("journey-problems")).to_contain_text("可以发布")
    made = console.platform.ask("GET", "/api/v1/journeys/templates/unpaid?language=en").json()
    assert (made["name"], made["definition"]["nodes"]["remind"]["account_id"]) == ("Abandoned payment", "")
    assert console.platform.ask("GET", "/api/v1/journeys/templates/nothing").status_code == 404
