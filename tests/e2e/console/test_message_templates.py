"""Message templates: written with a live preview, checked over a segment, tried out, begun from."""

import asyncio
import secrets

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import FOLLOWER, Console, pick

pytestmark = pytest.mark.browser


async def test_a_template_is_written_previewed_checked_and_begun_from(page: Page, console: Console) -> None:
    mark = secrets.token_hex(3)  # A second try finds what the first left behind.
    await asyncio.to_thread(_segment, console, f"杭州 {mark}")
    await page.goto("/messages/templates")
    await page.get_by_role("button", name="新建消息模板").first.click()
    form = page.get_by_test_id("template-form")
    await form.get_by_label("名称").fill(f"城市问候 {mark}")
    await form.get_by_label("消息内容（Liquid）").fill(
        "{{ person.name }}，{{ person.city }}的{{ person.level | default: '茶友' }}你好 "
        "{{ 'https://shop.example.com' | short_link }}"
    )
    # The preview is somebody's real one, as it is typed.
    preview = page.get_by_test_id("template-preview")
    await expect(preview).to_contain_text("person.level")  # Somebody's at first; another takes their place.
    if await preview.get_by_title("陈小满").count() == 0:
        await pick(page, preview.get_by_label("以谁的身份"), "陈小满")
    await expect(preview.get_by_test_id("phone-preview")).to_contain_text("陈小满，杭州的茶友你好")
    await expect(preview.get_by_test_id("phone-preview")).to_contain_text("/s/")
    await expect(preview).to_contain_text("person.level")

    missing = page.get_by_test_id("template-missing")
    await missing.get_by_role("combobox", name="分群").click()
    await page.get_by_title(f"杭州 {mark}").click()
    await expect(missing.get_by_role("row", name="level")).to_contain_text("用替代文字")
    await expect(missing.get_by_role("row", name="name")).to_contain_text("0")

    save = page.get_by_role("button", name="保 存").or_(page.get_by_role("button", name="保存"))
    await save.click()
    await expect(page.get_by_role("heading", name=f"城市问候 {mark}")).to_be_visible()
    await form.get_by_label("消息内容（Liquid）").fill("{{ person.city }}你好")
    await save.click()
    await expect(page.get_by_test_id("template-versions")).to_contain_text("版本 1")

    # A broadcast begins with what it says now.
    await page.goto("/broadcasts/new/edit")
    await page.get_by_label("名称").fill("从模板开始")
    await page.get_by_role("combobox", name="发给分群").click()
    await page.get_by_title(f"杭州 {mark}").click()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("combobox", name="从消息模板开始").click()
    await page.get_by_title(f"城市问候 {mark} · 客服消息 · 文字").click()
    await expect(page.get_by_label("消息内容（Liquid）")).to_have_value("{{ person.city }}你好")


def _segment(console: Console, name: str) -> None:
    """Make a segment of the two people of Hangzhou, and wait until it is counted."""
    definition = {"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"}
    made = console.send("/api/v1/segments", {"name": name, "definition": definition})
    path = f"/api/v1/segments/{made['id']}"
    eventually(
        lambda: console.platform.ask("GET", path).json()["count"] == 2, what="the segment to be counted"
    )


async def test_a_test_message_is_marked_and_counted_nowhere(page: Page, console: Console) -> None:
    await asyncio.to_thread(console.sandbox.act, FOLLOWER, "say", text="试发")
    known = await asyncio.to_thread(console.sandbox.ask, "GET", f"/people/{FOLLOWER}")
    openid = known["relations"][0]["openid"]
    (follower,) = await asyncio.to_thread(_people, console, f"?q={openid}")
    others = [one for one in await asyncio.to_thread(_people, console, "?q=陈小满") if one != follower]
    mark = secrets.token_hex(4)  # A second try must not find the first.
    variant = {
        "account_id": console.account_id,
        "message_kind": "template",
        "content": {"template_id": "none", "data": {"x": f"试发 {mark}"}},
    }
    before = (await asyncio.to_thread(console.platform.ask, "GET", "/api/v1/messages/summary")).json()
    body = {"key": mark, "person_ids": [follower, *others][:10], "variant": variant}
    sent = await asyncio.to_thread(console.send, "/api/v1/message-templates/test", body)
    # The one who follows gets it; the others have no address in the account.
    assert {one["person_id"]: one["reason"] for one in sent["items"]} == {
        **dict.fromkeys(others, "no_channel"),
        follower: None,
    }
    await page.goto("/messages")
    row = page.get_by_test_id("messages-table").get_by_role("row", name=mark)
    await expect(row).to_have_count(len(sent["items"]))
    await expect(row.first).to_contain_text("试发")
    after = (await asyncio.to_thread(console.platform.ask, "GET", "/api/v1/messages/summary")).json()
    assert after["planned"] == before["planned"]


def _people(console: Console, query: str) -> list[str]:
    return [one["id"] for one in console.platform.ask("GET", f"/api/v1/people{query}").json()["items"]]


async def test_the_pages_of_templates_fit_a_phone(phone: Page) -> None:
    for path in ("/messages/templates", "/messages/templates/new"):
        await phone.goto(path)
        await expect(phone.get_by_role("heading", level=1)).to_be_visible()
        width = await phone.evaluate("document.documentElement.scrollWidth")
        assert width <= await phone.evaluate("window.innerWidth"), path
