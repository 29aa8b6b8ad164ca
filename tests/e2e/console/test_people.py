"""Finding a person and reading their story."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, confirm, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

KNOWN = ("林知夏", "周明轩", "陈小满")


async def test_a_phone_number_finds_its_owner(page: Page) -> None:
    await page.goto("/people")
    table = page.get_by_test_id("people-table")
    for name in KNOWN:
        await expect(table.get_by_role("row").filter(has_text=name)).to_have_count(1)

    await page.get_by_role("searchbox").fill("13812345678")

    await expect(table.get_by_role("row")).to_have_count(2)
    row = table.get_by_role("row").nth(1)
    await expect(row).to_contain_text("林知夏")
    await expect(row).to_contain_text("杭州")
    await expect(row).to_contain_text("¥196.50")
    assert "q=13812345678" in page.url


async def test_nobody_found_offers_a_way_back(page: Page) -> None:
    await page.goto("/people?q=没有这个人")

    await expect(page.get_by_text("没有符合条件的用户")).to_be_visible()
    await page.get_by_role("button", name="清除筛选").click()
    for name in KNOWN:
        await expect(page.get_by_test_id("people-table").get_by_text(name)).to_be_visible()


async def test_a_profile_shows_identities_totals_and_timeline(page: Page) -> None:
    await page.goto("/people?q=13812345678")
    await page.get_by_role("link", name=re.compile("林知夏")).click()

    await expect(page.get_by_role("heading", name="林知夏")).to_be_visible()
    await expect(page.get_by_test_id("person-card")).to_contain_text("¥196.50")
    identities = page.get_by_test_id("person-identities")
    await expect(identities).to_contain_text("手机号")
    await expect(identities).not_to_contain_text("13812345678")
    await expect(identities).to_contain_text("出现在同一事件")
    await expect(page.get_by_test_id("person-attributes")).to_contain_text("杭州")
    timeline = page.get_by_test_id("timeline")
    await expect(timeline.get_by_role("button", name=re.compile("完成订单.*¥196.50.*SO-1"))).to_be_visible()
    await expect(
        timeline.get_by_role("button", name=re.compile("浏览商品.*明前龙井.*¥128.00"))
    ).to_be_visible()


async def test_separating_shows_what_would_move_before_anything_does(phone: Page) -> None:
    await phone.goto("/people?q=13812345678")
    await phone.get_by_text("林知夏").first.tap()
    identities = phone.get_by_test_id("person-identities")
    await expect(identities.get_by_role("button", name="分开所选标识")).to_be_disabled()
    await identities.get_by_role("checkbox", name=re.compile("手机号")).check()
    await identities.get_by_role("button", name="分开所选标识").tap()

    dialog = phone.get_by_role("dialog")
    await expect(dialog.get_by_test_id("separation-preview")).to_contain_text("分开后共 2 位客户")
    await expect(dialog.get_by_test_id("separation-preview")).to_contain_text("新客户")
    confirm = dialog.get_by_role("button", name="确认分开")
    await expect(confirm).to_be_disabled()
    await dialog.get_by_label("原因").fill("母女共用一部手机")
    await expect(confirm).to_be_enabled()
    assert await phone.evaluate(OVERHANG) <= 0
    await dialog.get_by_role("button", name=re.compile("取 ?消")).tap()
    await expect(dialog).to_be_hidden()


async def test_the_timeline_narrows_and_shows_its_json(page: Page) -> None:
    await page.goto("/people?q=13812345678")
    await page.get_by_role("link", name=re.compile("林知夏")).click()
    timeline = page.get_by_test_id("timeline")
    await timeline.get_by_role("combobox", name="全部事件").click()
    await page.get_by_title("完成订单", exact=True).click()

    await expect(timeline.get_by_role("listitem")).to_have_count(1)
    order = timeline.get_by_role("button", name=re.compile("完成订单"))
    await order.press("Enter")
    await expect(order).to_have_attribute("aria-expanded", "true")
    await expect(timeline.locator("pre")).to_contain_text('"order_id": "SO-1"')


@pytest.mark.parametrize(
    ("locale", "spent", "rfm_class", "shared"),
    [("zh", "消费金额", "一般挽留", "分享商品"), ("en", "Spent", "Sleeping", "Shared a product")],
)
async def test_codes_are_shown_in_words(
    page: Page, console: Console, locale: str, spent: str, rfm_class: str, shared: str
) -> None:
    console.track(
        {
            "type": "track",
            "userId": "u-2",
            "messageId": "shared-once",
            "event": "Product Shared",
            "properties": {"name": "松子酥"},
        }
    )
    console.send("/api/v1/rfm/run", {})
    await page.add_init_script(f"localStorage.setItem('quanyu.locale', '{locale}')")
    await page.goto("/people?q=周明轩")
    await page.get_by_role("link", name=re.compile("周明轩")).click()

    attributes = page.get_by_test_id("person-attributes")
    await expect(attributes).to_contain_text(spent)
    await expect(attributes).to_contain_text("¥50.00")
    await expect(attributes).to_contain_text(rfm_class)
    await expect(attributes).not_to_contain_text("rfm_")
    await expect(attributes).not_to_contain_text("general_")
    await expect(page.get_by_test_id("timeline").get_by_role("button", name=shared)).to_be_visible()


async def test_an_unknown_person_is_said_plainly(page: Page) -> None:
    await page.goto("/people/per_zzzz")

    await expect(page.get_by_role("alert")).to_contain_text("没有找到")


async def test_a_list_is_narrowed_arranged_and_kept_as_a_view(page: Page, console: Console) -> None:
    mark = secrets.token_hex(4)
    city = f"城{mark}"
    console.track(
        {
            "type": "identify",
            "userId": f"l1-{mark}",
            "traits": {"name": f"甲{mark}", "home": city, "grade": 7},
        },
        {
            "type": "identify",
            "userId": f"l2-{mark}",
            "traits": {"name": f"乙{mark}", "home": city, "grade": 9},
        },
    )
    where = json.dumps(
        {"kind": "all", "of": [{"kind": "attribute", "key": "home", "op": "eq", "value": city}]}
    )
    query = urlencode({"where": where, "order": "attribute:grade", "column": "attribute:grade"})
    table = page.get_by_test_id("people-table")
    names = table.get_by_role("link")

    async def both_are_listed() -> None:
        await page.goto(f"/people?{query}")
        await expect(names).to_have_text([re.compile(f"乙{mark}"), re.compile(f"甲{mark}")], timeout=3_000)

    await retried(both_are_listed)
    await page.get_by_role("button", name="从大到小").click()
    await expect(names).to_have_text([re.compile(f"甲{mark}"), re.compile(f"乙{mark}")])
    await expect(table.get_by_role("row").nth(1)).to_contain_text("7")

    await page.get_by_role("button", name="视图").click()
    await page.get_by_placeholder("视图名称").fill(f"视图{mark}")
    await page.get_by_role("button", name="保存当前列表").click()
    kept = page.get_by_test_id("people-views").get_by_role("button", name=f"视图{mark}", exact=True)
    await expect(kept).to_be_visible()
    await page.goto("/people")
    await page.get_by_role("button", name="视图").click()
    await kept.click()

    await expect(names).to_have_text([re.compile(f"甲{mark}"), re.compile(f"乙{mark}")])
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(names.first).to_be_visible()
    assert await page.evaluate(OVERHANG) <= 0


async def test_people_who_are_ticked_are_changed_and_changed_back(page: Page, console: Console) -> None:
    mark = secrets.token_hex(4)
    names = (f"丙{mark}", f"丁{mark}")
    console.track(
        *(
            {"type": "identify", "userId": f"j-{name}", "traits": {"name": name, "home": mark}}
            for name in names
        )
    )
    where = json.dumps(
        {"kind": "all", "of": [{"kind": "attribute", "key": "home", "op": "eq", "value": mark}]}
    )
    listed = f"/people?{urlencode({'where': where, 'column': 'attribute:home'})}"
    rows = page.get_by_test_id("people-table").get_by_role("link")

    async def both_are_listed() -> None:
        await page.goto(listed)
        await expect(rows).to_have_count(2, timeout=3_000)

    await retried(both_are_listed)
    await page.get_by_role("checkbox", name="选择已列出的用户").check()
    await page.get_by_test_id("people-bulk").get_by_role("button", name="批量修改").click()
    drawer = page.get_by_test_id("change-many")
    await drawer.get_by_text("改属性").click()
    await pick(page, drawer.get_by_label("选择属性"), f"club_{mark}")
    await drawer.get_by_label("值", exact=True).fill(f"会{mark}")
    await drawer.get_by_role("button", name="修改 2 人").click()
    await page.get_by_role("link", name="查看进度").click()

    row = page.get_by_test_id("people-jobs").get_by_role("row").filter(has_text=f"会{mark}").last
    await expect(row).to_contain_text("改动 2 人")
    await row.get_by_role("button", name="撤销").click()
    await confirm(page, "撤销")
    undone = page.get_by_test_id("people-jobs").get_by_role("row").filter(has_text=f"会{mark}")
    await expect(undone).to_have_count(2)
    await expect(undone.first).to_contain_text("改动 2 人")
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(undone.first).to_be_visible()
    assert await page.evaluate(OVERHANG) <= 0


async def test_people_are_put_on_a_list_and_taken_back(page: Page) -> None:
    name = f"回访{uuid4().hex[:6]}"
    nobody = {"kind": "event", "name": f"Never {name}"}
    made = await page.request.post(
        "/api/v1/segments/lists/snapshot", data={"name": name, "definition": nobody}
    )
    assert made.ok, await made.text()
    segment = (await made.json())["segment"]["id"]
    await page.goto("/people?q=13812345678")
    table = page.get_by_test_id("people-table")
    await table.get_by_role("row").filter(has_text="林知夏").get_by_role("checkbox").check()
    await page.get_by_test_id("people-bulk").get_by_role("button", name="批量修改").click()
    drawer = page.get_by_test_id("change-many")
    await drawer.get_by_text("进入旅程").click()
    await expect(drawer.get_by_role("button", name="修改 1 人")).to_be_disabled()
    await drawer.get_by_text("加入名单").click()
    await pick(page, drawer.get_by_role("combobox", name="名单"), name)
    await drawer.get_by_role("button", name="修改 1 人").click()
    await page.get_by_role("link", name="查看进度").click()

    row = page.get_by_test_id("people-jobs").get_by_role("row").filter(has_text=f"加入名单「{name}」").last
    await expect(row).to_contain_text("改动 1 人")
    await page.goto(f"/segments/{segment}")
    await expect(page.get_by_test_id("list-versions")).to_contain_text("批量任务 · 追加")
    await page.goto("/people/jobs")
    await row.get_by_role("button", name="撤销").click()
    await confirm(page, "撤销")
    undone = page.get_by_test_id("people-jobs").get_by_role("row").filter(has_text=name)
    await expect(undone).to_have_count(2)
    await expect(undone.first).to_contain_text("改动 1 人")
    await page.goto(f"/segments/{segment}")
    await expect(page.get_by_test_id("list-versions")).to_contain_text("批量任务 · 移除")


async def retried(look: Callable[[], Awaitable[None]]) -> None:
    """Look until it is so: a list that is asked for does not follow by itself."""
    for _ in range(30):
        try:
            await look()
        except AssertionError:
            continue
        return
    await look()
