"""The menu designer: drawn on the page, published to the platform, seen by a follower."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Console, confirm, pick

pytestmark = pytest.mark.browser


async def _new_menu(page: Page, console: Console) -> Locator:
    await page.goto(f"/channels/{console.account_id}?tab=menus&menu=new")
    return page.get_by_test_id("menu-designer")


async def _draw_button(form: Locator, page: Page, *, name: str, kind: str, field: str, value: str) -> None:
    await form.get_by_label("按钮名称").fill(name)
    await form.get_by_role("combobox", name="点按后").click()
    await page.locator(".ant-select-item-option").get_by_text(kind, exact=True).click()
    await form.get_by_label(field).fill(value)


async def _publish(page: Page, designer: Locator) -> None:
    await designer.get_by_role("button", name="发布", exact=True).click()
    await confirm(page, "发布")


async def test_a_menu_is_drawn_published_and_seen_by_a_follower(page: Page, console: Console) -> None:
    designer = await _new_menu(page, console)
    form = designer.get_by_test_id("menu-button-form")
    await _draw_button(
        form, page, name="商城", kind="打开网页", field="网页地址", value="https://shop.example.com/"
    )
    await designer.get_by_role("button", name="添加一级按钮").click()
    await form.get_by_label("按钮名称").fill("更多")
    await designer.get_by_role("button", name="在「更多」下添加按钮").click()
    await _draw_button(
        form, page, name="今日优惠", kind="发送事件（自动回复）", field="key", value="SALE_TODAY"
    )
    await _publish(page, designer)

    await expect(designer).to_contain_text(re.compile("发布"))
    await expect(designer.get_by_text("有未保存的修改")).to_have_count(0)
    await expect(designer.get_by_role("note")).to_contain_text("SALE_TODAY")
    history = page.get_by_test_id("menu-history").get_by_role("listitem")
    await expect(history.first).to_contain_text("成功")

    sees = page.get_by_test_id("menu-match")
    people = console.platform.ask("GET", "/api/v1/people").json()["items"]
    follower = next(person["id"] for person in people if person["reachable"])
    await pick(page, sees.get_by_role("combobox", name="用户"), follower)
    await page.keyboard.press("Escape")
    await sees.get_by_role("button", name="询问微信").click()
    await expect(sees.get_by_role("status")).to_contain_text("商城")
    await expect(sees.get_by_role("status")).to_contain_text("今日优惠")


async def test_an_earlier_menu_comes_back_from_history(page: Page, console: Console) -> None:
    for name in ("春茶", "秋茶"):
        designer = await _new_menu(page, console)
        form = designer.get_by_test_id("menu-button-form")
        await _draw_button(
            form, page, name=name, kind="打开网页", field="网页地址", value="https://shop.example.com/"
        )
        await _publish(page, designer)
        await expect(page.get_by_test_id("menu-history").get_by_role("listitem").first).to_contain_text(name)
    bar = designer.get_by_role("group", name="菜单栏")
    await expect(bar.get_by_role("button", name="秋茶", exact=True)).to_be_visible()

    earlier = page.get_by_test_id("menu-history").get_by_role("listitem").filter(has_text="春茶").first
    await earlier.get_by_role("button", name=re.compile("放回草稿")).click()

    await expect(bar.get_by_role("button", name="春茶", exact=True)).to_be_visible()
    await expect(designer).to_contain_text("有未保存的修改")
    await designer.get_by_role("button", name="保存草稿").click()
    await expect(designer).to_contain_text("草稿与已发布的不同")


async def test_what_is_wrong_is_said_at_its_button(page: Page, console: Console) -> None:
    designer = await _new_menu(page, console)
    form = designer.get_by_test_id("menu-button-form")
    bar = designer.get_by_role("group", name="菜单栏")
    await designer.get_by_role("button", name="保存草稿").click()
    await expect(form.get_by_role("alert")).to_contain_text("请填写名称")

    await _draw_button(
        form, page, name="小程序", kind="打开小程序", field="小程序 AppID", value="not-an-app-id"
    )
    await form.get_by_label("小程序页面路径").fill("pages/index")
    await form.get_by_label("网页地址").fill("https://shop.example.com/")
    await designer.get_by_role("button", name="添加一级按钮").click()
    await _draw_button(
        form, page, name="门店", kind="打开网页", field="网页地址", value="https://shop.example.com/"
    )
    await designer.get_by_role("button", name="保存草稿").click()

    await expect(bar.get_by_role("button", name="小程序 有问题")).to_have_attribute("aria-pressed", "true")
    await expect(form.get_by_role("alert")).to_contain_text("String should match pattern")
    await form.get_by_label("小程序 AppID").fill("wx1234567890abcdef")
    await designer.get_by_role("button", name="保存草稿").click()
    await expect(bar.get_by_label("有问题")).to_have_count(0)
    await expect(designer.get_by_text("有未保存的修改")).to_have_count(0)


async def test_a_menu_is_drawn_on_a_phone_too(phone: Page, console: Console) -> None:
    designer = await _new_menu(phone, console)
    form = designer.get_by_test_id("menu-button-form")
    await _draw_button(
        form, phone, name="手机画的", kind="打开网页", field="网页地址", value="https://shop.example.com/"
    )
    await designer.get_by_role("button", name="保存草稿").click()
    await expect(designer.get_by_text("有未保存的修改")).to_have_count(0)
    assert await phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
