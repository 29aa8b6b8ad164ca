"""SOP-5: why a journey did not reach somebody can be read on its page, and on a phone."""

import asyncio
import secrets

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_journey_tells_why_somebody_did_not_come_in(
    page: Page, phone: Page, console: Console
) -> None:
    journey, person = await asyncio.to_thread(_passed_by, console, f"Tasted {secrets.token_hex(3)}")
    await page.goto(f"/journeys/{journey}")
    await page.get_by_role("button", name="为什么没收到").click()
    drawer = page.get_by_role("dialog", name="为什么收到或没收到")
    await expect(drawer).to_contain_text("选择一个人")
    await drawer.get_by_role("combobox", name="按手机、ID 或姓名查找").fill("周明轩")
    await page.get_by_title("周明轩").last.click()

    answer = page.get_by_test_id("journey-why")
    await expect(answer.get_by_role("status")).to_have_text("发生过相应的事，但都未能进入，原因见下")
    await expect(answer).to_contain_text("不满足进入条件")
    assert person in page.url

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("journey-why")).to_contain_text("不满足进入条件")
    assert await phone.evaluate(OVERHANG) <= 0


def _passed_by(console: Console, event: str) -> tuple[str, str]:
    """A journey for those who score high, and somebody who did not."""
    entry = {
        "kind": "event",
        "event": event,
        "where": [{"field": "properties.score", "op": "gte", "value": 60}],
    }
    definition = {"entry": entry, "start": "end", "nodes": {"end": {"kind": "end"}}}
    made = console.send("/api/v1/journeys", {"name": event, "definition": definition})
    console.send(f"/api/v1/journeys/{made['id']}/publish")
    console.track({"type": "track", "userId": "u-2", "event": event, "properties": {"score": 12}})
    found = console.platform.ask("GET", "/api/v1/people?q=周明轩").json()["items"]
    person = str(found[0]["id"])
    eventually(lambda: _verdict(console, made["id"], person) == "passed_by", what="the event to be history")
    return made["id"], person


def _verdict(console: Console, journey: str, person: str) -> str:
    answer = console.platform.ask("GET", f"/api/v1/journeys/{journey}/why/{person}")
    return str(answer.json()["verdict"])
