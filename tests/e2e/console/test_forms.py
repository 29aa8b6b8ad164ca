"""A form is answered on a phone, page by page, and its answer reaches the profile."""

import secrets
from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.forms import choice, chosen, jump, options, plain, text

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


def questionnaire(title: str) -> dict[str, Any]:
    """Return a form with a way around its second page."""
    return plain(
        [
            choice("drinks", required=True, jumps=[jump("q:called", chosen("drinks", "no"))])
            | {"title": "您喝茶吗？", "options": options("yes", "no")}
        ],
        [{"kind": "nps", "key": "nps", "title": "您会推荐我们吗？", "required": True}],
        [text("called", required=True, personal=True, attribute="name") | {"title": "怎么称呼您？"}],
        title=title,
        kind="questionnaire",
        thanks={"title": "收到，谢谢"},
    )


async def test_a_form_is_answered_on_a_phone(phone: Page, console: Console) -> None:
    title = f"口味问卷 {secrets.token_hex(4)}"
    made = console.send("/api/v1/forms", {"name": title, "definition": questionnaire(title)})
    row = console.send(f"/api/v1/forms/{made['id']}/publish")["row"]

    await phone.goto(f"/f/{row['url'].rsplit('/', 1)[1]}?s=poster&lang=zh")
    await expect(phone.get_by_role("heading", name=title, level=1)).to_be_visible()
    await phone.get_by_role("button", name="下一页").tap()
    await expect(phone.get_by_text("此题必填")).to_be_visible()
    await phone.get_by_label("选项 no").check()
    await phone.get_by_role("button", name="下一页").tap()
    await expect(phone.get_by_text("第 3 页，共 3 页")).to_be_visible()
    await phone.get_by_role("button", name="上一页").tap()
    await phone.get_by_label("选项 yes").check()
    await phone.get_by_role("button", name="下一页").tap()
    await phone.get_by_label("10", exact=True).check(force=True)
    await phone.get_by_role("button", name="下一页").tap()
    await phone.get_by_label("怎么称呼您？").fill("许青山")
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.reload()  # What was written stays on the phone.
    await expect(phone.get_by_label("怎么称呼您？")).to_have_value("许青山")
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_role("heading", name="收到，谢谢")).to_be_visible()

    await phone.reload()
    await expect(phone.get_by_role("heading", name="您已经提交过了")).to_be_visible()
    answers = console.platform.ask("GET", f"/api/v1/forms/{made['id']}/answers").json()
    (answer,) = answers["items"]
    assert [one["text"] for one in answer["values"]] == ["选项 yes", "10", "许青山"]
    assert answer["source"] == "poster"
