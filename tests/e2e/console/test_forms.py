"""A form is answered on a phone, page by page, and its answer reaches the profile."""

import io
import re
import secrets
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from support.forms import choice, chosen, jump, options, picks, plain, ranking, text
from support.processes import HTTP

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
        [
            text("called", required=True, personal=True, attribute="name") | {"title": "怎么称呼您？"},
            {"kind": "image", "key": "photo", "title": "晒一晒您的茶席"},
        ],
        title=title,
        kind="questionnaire",
        thanks={"title": "收到，谢谢"},
    )


def _photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "PNG")
    return made.getvalue()


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
    picture = {"name": "tea.png", "mimeType": "image/png", "buffer": _photo()}
    await phone.get_by_label("晒一晒您的茶席").set_input_files(picture)
    await expect(phone.get_by_text("已上传 tea.png")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.reload()  # What was written stays on the phone.
    await expect(phone.get_by_label("怎么称呼您？")).to_have_value("许青山")
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_role("heading", name="收到，谢谢")).to_be_visible()

    await phone.reload()
    await expect(phone.get_by_role("heading", name="您已经提交过了")).to_be_visible()
    answers = console.platform.ask("GET", f"/api/v1/forms/{made['id']}/answers").json()
    (answer,) = answers["items"]
    assert [one["text"] for one in answer["values"]][:3] == ["选项 yes", "10", "许青山"]
    (file,) = answer["values"][3]["files"]
    path = f"/api/v1/forms/{made['id']}/answers/{answer['id']}/files/{file['id']}"
    kept = console.platform.ask("GET", path)
    assert (file["name"], kept.headers["x-content-type-options"]) == ("tea.jpg", "nosniff")
    assert answer["source"] == "poster"


async def test_options_are_put_in_order_by_touch_and_by_keyboard(
    page: Page, phone: Page, console: Console
) -> None:
    title = f"茶的排序 {secrets.token_hex(4)}"
    definition = plain([ranking("teas", "green", "black", "white", required=True)], title=title)
    made = console.send("/api/v1/forms", {"name": title, "definition": definition})
    await page.goto(f"/forms/{made['id']}/edit")
    await page.get_by_role("button", name="题 teas").click()
    await page.get_by_role("textbox", name="选项 1").fill("绿茶")
    await page.get_by_role("button", name="添加跳转").click()
    condition = page.get_by_test_id("form-jump")
    await expect(condition.get_by_text("排在前几位")).to_be_visible()
    await page.get_by_role("button", name="删除跳转").click()
    await page.get_by_label("最少填写秒数").fill("3600")
    await page.get_by_role("button", name="发布", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    address = await page.get_by_test_id("form-url").get_attribute("href")
    assert address is not None

    await phone.goto(f"/f/{address.rsplit('/', 1)[1]}?lang=zh")
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_text("此题必填")).to_be_visible()
    await phone.get_by_role("button", name="把「选项 white」排在第 1 位").tap()
    await phone.get_by_role("button", name="把「绿茶」排在第 2 位").tap()
    places = phone.locator(".ranked li > span")
    await expect(places).to_have_text(["选项 white", "绿茶", "选项 black"])  # The one left comes last.
    await phone.get_by_role("button", name="「选项 black」上移").focus()
    await phone.keyboard.press("Enter")
    await phone.keyboard.press("Enter")
    await expect(places).to_have_text(["选项 black", "选项 white", "绿茶"])
    await phone.keyboard.press("Enter")  # At the top the way down is what is left.
    await expect(places).to_have_text(["选项 white", "选项 black", "绿茶"])
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.reload()
    await expect(places).to_have_text(["选项 white", "选项 black", "绿茶"])
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_role("alert")).to_contain_text("提交过快：请核对回答")
    ask = console.platform.ask
    draft = ask("GET", f"/api/v1/forms/{made['id']}").json()["draft"]
    calmer = draft | {"rules": draft["rules"] | {"least_seconds": None}}
    ask("PUT", f"/api/v1/forms/{made['id']}", {"name": title, "definition": calmer})
    console.send(f"/api/v1/forms/{made['id']}/publish")
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_role("heading", name="提交成功，感谢您的参与")).to_be_visible()

    await page.get_by_role("tab", name="结果").click()
    await expect(page.get_by_test_id("form-refusals")).to_contain_text("提交过快")
    result = page.get_by_test_id("result-teas")
    await expect(result).to_contain_text("平均第 1 位 · 1 人排第一")
    await result.get_by_role("button", name="第 1 位").first.click()
    await expect(page.get_by_test_id("form-answers")).to_contain_text("选项 white > 选项 black > 绿茶")


async def test_a_form_is_drawn_up_published_and_read(page: Page, phone: Page, console: Console) -> None:
    name = f"新品投票 {secrets.token_hex(4)}"
    await page.goto("/forms")
    await page.get_by_role("button", name="新建表单").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill(name)
    await dialog.get_by_label("新品投票").check()
    await dialog.get_by_role("button", name="创建").click()

    question = page.get_by_test_id("form-question")
    await question.get_by_role("button", name="你最期待哪一款？").click()
    await question.get_by_role("textbox", name="题目").fill("")
    await expect(page.get_by_test_id("form-issues")).to_contain_text("请填写题目")
    await expect(page.get_by_role("button", name="发布", exact=True)).to_be_disabled()
    await question.get_by_role("textbox", name="题目").fill("选哪一款新茶？")
    await question.get_by_role("textbox", name="选项 1").fill("明前龙井")
    await expect(page.get_by_test_id("form-preview").get_by_text("明前龙井")).to_be_visible()
    await expect(page.get_by_test_id("form-issues")).to_have_count(0)
    await page.get_by_role("button", name="发布", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()

    address = await page.get_by_test_id("form-url").get_attribute("href")
    assert address is not None
    await phone.goto(f"/f/{address.rsplit('/', 1)[1]}?lang=zh")
    await phone.get_by_label("明前龙井").check()
    await phone.get_by_role("button", name="投票").tap()
    await expect(phone.get_by_text("1 票 · 100%")).to_be_visible()

    await page.get_by_role("tab", name="结果").click()
    result = page.get_by_test_id("result-q1")
    await result.get_by_role("button", name="明前龙井").click()
    answers = page.get_by_test_id("form-answers")
    await expect(answers.get_by_role("row")).to_have_count(2)
    await expect(answers).to_contain_text("选哪一款新茶？")

    await phone.goto(page.url.split("?")[0])
    await expect(phone.get_by_test_id("form-results")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.goto(f"{page.url.split('?')[0]}/edit")
    await expect(phone.get_by_test_id("form-builder")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0


def _answer(console: Console, address: str, source: str, answers: dict[str, Any]) -> None:
    """Answer a form as its page does."""
    sent = {"submission": secrets.token_hex(8), "version": 1, "answers": answers, "source": source}
    token = address.rsplit("/", 1)[1]
    HTTP.get(f"{console.url}/f/{token}/form", params={"s": source}).raise_for_status()
    HTTP.post(f"{console.url}/f/{token}/answers", json=sent).raise_for_status()


async def test_results_are_narrowed_by_their_address(page: Page, phone: Page, console: Console) -> None:
    name = f"渠道问卷 {secrets.token_hex(4)}"
    asked = plain([choice("tea", "green", "black"), text("why")], title=name, rules={"once": "many"})
    made = console.send("/api/v1/forms", {"name": name, "definition": asked})
    url = console.send(f"/api/v1/forms/{made['id']}/publish")["row"]["url"]
    for source, tea in (("poster", "green"), ("poster", "green"), ("", "black")):
        _answer(console, url, source, {"tea": picks(tea), "why": "包装精美"})

    await page.goto(f"/forms/{made['id']}")
    result = page.get_by_test_id("result-tea")
    await expect(result).to_contain_text("3 人作答")
    await expect(page.get_by_role("img", name="每日回答")).to_be_visible()
    words = page.get_by_test_id("result-why")
    await words.get_by_role("button", name="统计高频词").click()
    await expect(words).to_contain_text("没有足够多人写到的词")  # All three came from one browser.
    narrowing = page.get_by_test_id("form-narrowing")
    await narrowing.get_by_label("渠道").click()
    await page.get_by_title("poster").click()
    await expect(result).to_contain_text("2 人作答")
    await expect(page).to_have_url(re.compile(r"\?source=poster$"))

    await phone.goto(page.url)  # The link shows the same.
    await expect(phone.get_by_test_id("result-tea")).to_contain_text("2 人作答")
    assert await phone.evaluate(OVERHANG) <= 0
    await page.get_by_label("开始日期").fill("2031-01-01")
    await expect(page.get_by_text("所选范围内没有回答")).to_be_visible()
    await narrowing.get_by_role("button", name="清除筛选").click()
    await result.get_by_role("button", name="选项 green").click()
    await expect(page.get_by_test_id("form-answers").get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="把这些人存为名单").click()  # All are unknown.
    await expect(page.get_by_role("status").filter(has_text="选项 green")).to_be_visible()
