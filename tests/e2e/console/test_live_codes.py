"""A live code in the console: made of real members, kept at the platform, watched, and led away."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.processes import HTTP, eventually

from .conftest import Console

pytestmark = pytest.mark.browser

NAME = "活码测试企业"


@pytest.fixture(scope="module")
def corp(console: Console) -> dict[str, Any]:
    """A company of the sandbox, connected, with its members known."""
    made = console.sandbox.ask("POST", "/corps", name=NAME, staff=4)
    made = next(one for one in console.sandbox.ask("GET", "/corps")["items"] if one["name"] == NAME)
    agent = console.sandbox.ask(
        "POST", f"/corps/{made['corpid']}/agents", name="全域助手", calls_customers=True
    )
    connected = console.send(
        "/api/v1/wecom/corps",
        {
            "corp_id": made["corpid"],
            "agent_id": agent["agentid"],
            "app_secret": agent["secret"],
            "contacts_secret": made["secrets"]["contacts"],
            "name": NAME,
            "base_url": f"{console.sandbox.url}/qyapi.weixin.qq.com",
        },
    )
    corp_id = connected["corp"]["id"]
    setup = connected["setup"]
    console.sandbox.ask(
        "PUT",
        f"/corps/{made['corpid']}/callbacks/customers",
        url=setup["url"],
        token=setup["token"],
        aes_key=setup["encoding_aes_key"],
    )
    console.send(f"/api/v1/staff/corps/{corp_id}/syncs", {"kind": "staff"})
    eventually(
        lambda: len(_able(console, corp_id)) >= 2, what="the members to be known, and that they may serve"
    )
    return {"corpid": made["corpid"], "id": corp_id, "staff": _able(console, corp_id)}


def _able(console: Console, corp_id: str) -> list[dict[str, Any]]:
    rows = console.platform.ask("GET", "/api/v1/staff", corp=corp_id).json()["items"]
    return [row for row in rows if row["is_available"]]


async def test_cw_6_cw_12_cw_13_a_code_is_made_watched_and_led_away(
    page: Page, console: Console, corp: dict[str, Any]
) -> None:
    first, second = (row["name"] for row in corp["staff"][:2])
    await page.goto("/codes")
    await page.get_by_role("button", name="新建活码").first.click()
    form = page.get_by_test_id("live-code-form")
    await page.get_by_role("button", name="保存").click()
    await expect(form.get_by_text("请填写名称")).to_be_visible()
    await expect(form.get_by_text("至少添加一名员工")).to_be_visible()

    await form.get_by_label("名称", exact=True).fill("门店海报")
    await form.get_by_label("企业", exact=True).click()
    await page.locator(".ant-select-dropdown").get_by_title(NAME).click()
    await form.get_by_label("名称", exact=True).fill("门店海报")
    await form.get_by_label("添加员工").click()
    for name in (first, second):
        await page.locator(".ant-select-dropdown:visible").get_by_title(name, exact=True).click()
    await page.keyboard.press("Escape")
    await form.get_by_label(f"{first} 每日上限").fill("5")
    await form.get_by_text("依次排满").click()
    await form.get_by_role("button", name="添加特殊日期").click()
    await page.get_by_role("button", name="保存").click()
    await expect(form.get_by_text("特殊日期的起止日期有误")).to_be_visible()
    await form.get_by_label("开始").fill("2036-10-01")
    await page.get_by_role("button", name="保存").click()

    await expect(page.get_by_role("heading", name="门店海报")).to_be_visible()
    members = page.get_by_test_id("live-code-members")
    await expect(members.get_by_role("row").filter(has_text=first)).to_contain_text("0 / 5")
    way = page.get_by_test_id("live-code-way")
    await expect(way).to_contain_text("已同步")
    await expect(way).to_contain_text(first)
    platform = console.sandbox.ask("GET", f"/corps/{corp['corpid']}/ways")["items"]
    assert [one["user"] for one in platform] == [[corp["staff"][0]["userid"]]]
    trail = page.get_by_test_id("live-code-trail")
    await expect(trail).to_contain_text("平台二维码已生成")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="下载海报").click()
    assert (await download.value).suggested_filename == "门店海报.png"

    code_id = page.url.rpartition("/")[2]
    code = console.platform.ask("GET", f"/api/v1/live-codes/{code_id}").json()
    landing = HTTP.get(f"{console.url}/l/{code['state']}")
    assert code["row"]["landing_url"].endswith(f"/l/{code['state']}")
    assert (landing.status_code, code["way"]["qr_code"] in landing.text) == (200, True)
    figures = console.platform.ask("GET", f"/api/v1/live-codes/{code_id}/figures").json()
    assert (figures["adds"], figures["days"]) == (0, [])

    # CW-3, CW-14: who scans the picture comes through the door, counts, and shows.
    console.sandbox.ask("POST", f"/corps/{corp['corpid']}/customers/3/scan", code=platform[0]["config_id"])
    eventually(
        lambda: console.platform.ask("GET", f"/api/v1/live-codes/{code_id}/figures").json()["adds"] == 1,
        what="the add to be counted",
    )
    await page.reload()
    await expect(members.get_by_role("row").filter(has_text=first)).to_contain_text("1 / 5")

    await page.get_by_role("button", name="删除").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("提示语，留空则用默认文字").fill("活动已结束")
    await dialog.get_by_role("button", name="删除").click()
    await expect(trail).to_contain_text("平台二维码已撤下")
    assert console.sandbox.ask("GET", f"/corps/{corp['corpid']}/ways")["items"] == []
    closed = HTTP.get(f"{console.url}/l/{code['state']}")
    assert "活动已结束" in closed.text
    await page.get_by_role("link", name="员工活码").first.click()
    quota = page.get_by_test_id("code-quota")
    await expect(quota).to_contain_text("500,000")
