"""The wizard of passing customers on, and the page beside chats, with a company of the sandbox."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from quanyu.infra.crypto import open_key_ring
from support.processes import HTTP, eventually

from .conftest import Console

pytestmark = pytest.mark.browser
STAFF = {"staff01": "王店长", "staff02": "李导购"}
NAMES = {31: "林知夏", 32: "周明轩", 33: "陈小满"}
# What WeCom's client gives a page: it accepts what the company's own check accepts.
CLIENT = """
window.wx = {
  error() {}, ready(then) { this.then = then; }, config(options) { window.told = options; this.then(); },
  agentConfig(options) { window.toldAgent = options; options.success(); },
  invoke(name, options, then) { then({ err_msg: name + ":ok", userId: "%s" }); },
};
"""


@dataclass
class Office:
    """A company both sides know, with two members and three customers of the first."""

    console: Console
    corp: dict[str, Any]
    shown_id: str
    externals: dict[int, str]

    def control(self, method: str, path: str, **body: Any) -> Any:
        return self.console.sandbox.ask(method, f"/corps/{self.corp['corpid']}{path}", **body)

    @property
    def agent(self) -> dict[str, Any]:
        agent: dict[str, Any] = self.corp["agents"][0]
        return agent

    def look_as(self, member: str) -> str:
        """The address at the sandbox that opens the page beside chats as a member."""
        sandbox, agent = self.console.sandbox.url, self.agent["agentid"]
        return f"{sandbox}/sandbox/phone/corps/{self.corp['corpid']}/{member}/toolbar/{agent}"


@pytest.fixture(scope="module")
def office(console: Console) -> Office:
    """The company. Its callbacks go nowhere, so that no other test meets its people."""
    corp = console.sandbox.ask("POST", "/corps", name="继承测试企业", staff=4)["corp"]
    for userid, name in STAFF.items():  # A sync that comes by itself tells the same.
        console.sandbox.ask("PUT", f"/corps/{corp['corpid']}/staff/{userid}", name=name)
    connected = console.send(
        "/api/v1/wecom/corps",
        {
            "corp_id": corp["corpid"],
            "agent_id": corp["agents"][0]["agentid"],
            "app_secret": corp["agents"][0]["secret"],
            "name": "继承测试企业",
            "base_url": f"{console.sandbox.url}/qyapi.weixin.qq.com",
        },
    )["corp"]
    office = Office(console, corp, connected["id"], {})
    # Whoever is added after the first sync is known here as this file writes them, and becomes no person.
    eventually(lambda: _is_synced(office), what="the first syncs to end")
    for person in NAMES:
        link = office.control("POST", f"/customers/{person}/add", userid="staff01")
        office.externals[person] = link["external_userid"]
    _know(office)
    pages = HTTP.get(f"{console.url}/api/v1/staff-sidebar", headers=_cookies(console)).json()["items"]
    (page,) = [one for one in pages if one["corp"] == office.shown_id]
    office.control("PUT", f"/agents/{office.agent['agentid']}", toolbar_url=page["url"])
    return office


def _is_synced(office: Office) -> bool:
    path = f"/api/v1/staff/corps/{office.shown_id}/syncs"
    found = office.console.platform.ask("GET", path).json()["items"]
    return {one["kind"] for one in found if one["state"] == "done"} >= {"staff", "customers"}


def _cookies(console: Console) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in console.platform.cookies.items())}


def _know(office: Office) -> None:
    """Write what callbacks and syncs would have told of staff and customers."""
    keyring, now = open_key_ring(office.console.platform.data), datetime.now(UTC)
    with office.console.platform.database() as connection:
        tenant, corp_id = connection.execute(
            "SELECT tenant_id, id FROM official_account WHERE app_id = %s", [office.corp["corpid"]]
        ).fetchone()  # type: ignore[misc]
        for number, (userid, name) in enumerate(STAFF.items(), start=1):
            connection.execute(
                "INSERT INTO staff_member (tenant_id, corp_id, userid, id, name, status, can_serve, "
                "created_at, "
                "updated_at) VALUES (%s, %s, %s, %s, %s, 1, true, %s, %s) ON CONFLICT (tenant_id, "
                "corp_id, userid) "
                "DO UPDATE SET name = excluded.name, status = 1, can_serve = true",
                [tenant, corp_id, userid, corp_id + number, name, now, now],
            )
        for person, external in office.externals.items():
            token = keyring.blind("external_userid", office.corp["corpid"], external)
            sealed = [keyring.seal(text.encode()) for text in (external, NAMES[person])]
            connection.execute(
                "INSERT INTO external_contact (tenant_id, corp_id, token, sealed, name_sealed, type, "
                "created_at) "
                "VALUES (%s, %s, %s, %s, %s, 1, %s)",
                [tenant, corp_id, token, *sealed, now],
            )
            connection.execute(
                "INSERT INTO staff_customer (tenant_id, corp_id, member_userid, customer_token, "
                "added_at, status, "
                "add_way, created_at, updated_at) VALUES (%s, %s, 'staff01', %s, %s, 'active', 1, %s, %s)",
                [tenant, corp_id, token, now, now, now],
            )


async def test_the_wizard_tells_what_would_happen(page: Page, office: Office) -> None:
    await page.goto(f"/inheritance/new?corp={office.shown_id}")
    await page.get_by_role("radio", name="王店长 · 3 位客户").check()
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("没有客户群")).to_be_visible()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("combobox", name="接替人").click()
    await page.get_by_title("李导购 · 0 位客户").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("spinbutton", name="李导购 客户上限").fill("2")
    await page.get_by_role("button", name="生成预览").click()

    progress = page.get_by_test_id("inheritance-progress")
    await expect(progress).to_contain_text("尚未提交")
    await expect(progress).to_contain_text("接替人名额不足 × 1")
    assert office.control("GET", "/transfers")["items"] == []
    await expect(page.get_by_test_id("inheritance-shares")).to_contain_text("李导购")
    items = page.get_by_test_id("inheritance-items")
    await expect(items.get_by_role("row").filter(has_text="待提交")).to_have_count(3)
    await expect(items).to_contain_text("周明轩")
    # Submitting would make people of them, whom other tests count; see the integration tests for the rest.
    await page.get_by_role("button", name="放弃").click()
    await page.locator(".ant-popconfirm .ant-btn-primary").click()
    await expect(progress).to_contain_text("已放弃")
    assert office.control("GET", "/transfers")["items"] == []


@pytest.fixture
async def member(browser: Browser) -> Any:
    """A browser of a member of the staff, outside WeCom, who is signed in nowhere."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": 380, "height": 720}, locale="zh-CN"
    )
    context.set_default_timeout(45_000)
    yield await context.new_page()
    await context.close()


async def test_a_member_picks_their_customer_and_goes_offline(
    member: Page, page: Page, office: Office
) -> None:
    await member.goto(office.look_as("staff01"))
    await expect(member.get_by_text("王店长")).to_be_visible()
    await member.get_by_role("button", name="周明轩").click()
    await expect(member.get_by_test_id("customer")).to_contain_text("周明轩")
    followers = office.control("GET", "/customers/32")["followers"]
    remark = {one["userid"]: one["remark"] for one in followers}["staff01"]
    await expect(member.get_by_label("备注名")).to_have_value(remark)
    await member.get_by_role("button", name="← 返回").click()
    await member.get_by_role("switch", name="是否分配新客户").click()
    await expect(member.get_by_text("暂停接待")).to_be_visible()
    # The console keeps what was done, and by whom.
    await page.goto("/staff-sidebar")
    deeds = page.get_by_test_id("sidebar-deeds")
    await expect(deeds.get_by_role("row").filter(has_text="暂停接待")).to_contain_text("王店长")
    # And it is closed to the member.
    answer = await member.goto(f"{office.console.url}/api/v1/people")
    assert answer is not None
    assert answer.status == 401


async def test_beside_a_chat_the_page_opens_with_its_customer(browser: Browser, office: Office) -> None:
    context = await browser.new_context(
        user_agent="Mozilla/5.0 (iPhone) wxwork/4.1.9 MicroMessenger/7.0.1 Language/zh", locale="zh-CN"
    )
    context.set_default_timeout(45_000)

    async def client(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=CLIENT % office.externals[33])

    await context.route("https://res.wx.qq.com/**", client)
    await context.route("https://open.work.weixin.qq.com/**", client)
    beside = await context.new_page()
    await beside.goto(office.look_as("staff01"))
    await expect(beside.get_by_test_id("customer")).to_contain_text("陈小满")
    told = json.loads(await beside.evaluate("JSON.stringify([window.told, window.toldAgent, location.href])"))
    for config, agent in ((told[0], {}), (told[1], {"agentid": told[1]["agentid"]})):
        said = {"url": told[2], "noncestr": config["nonceStr"], "timestamp": str(config["timestamp"])}
        accepted = office.control("POST", "/check-page", **said, signature=config["signature"], **agent)
        assert accepted == {"accepted": True}
    # Somebody who is not theirs opens nothing.
    stranger = await context.new_page()
    await stranger.goto(office.look_as("staff02"))
    await expect(stranger.get_by_text("该联系人不是你的客户")).to_be_visible()
    await context.close()
