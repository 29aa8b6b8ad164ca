"""The page beside chats: who gets in, whose customers they see, and what they may change."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from contract.sandbox.conftest import StartRig, product, start_rig
from quanyu.app.corp_tags import SidebarTags
from quanyu.app.sidebar import build_sidebar
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.service import People
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.inheritance.service import InheritanceDesk
from quanyu.modules.staff.sidebar.queries import SESSION_LIFE
from quanyu.modules.staff.sidebar.signing_in import WAY_LIFE, page_of
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.tenants.audit.service import AuditLog
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.transport import Timeouts, Transport, open_transport

from .company import Company, connect

__all__ = ["product", "start_rig"]
OURS = "http://brand.example"
API = "/api/v1/sidebar"


@dataclass
class Page:
    """Our side, asked as a browser asks, and WeCom's."""

    company: Company
    app: FastAPI

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=OURS)

    async def way_out(self, browser: httpx.AsyncClient) -> dict[str, str]:
        """Begin to sign in; return the query WeCom's page is asked with."""
        path = page_of(self.company.tenant_id, self.company.corp_id).split("/")
        answer = await browser.get(f"{API}/login", params={"brand": path[2], "corp": path[3]})
        assert answer.status_code == 303, answer.text
        return dict(httpx.QueryParams(urlsplit(answer.headers["location"]).query))

    async def identified(self, asked: dict[str, str], **who: str) -> dict[str, str]:
        """Let WeCom say who looks; return what it comes back with."""
        rig = self.company.rig
        status, _, headers = await rig.fetch("/connect/oauth2/authorize", **(asked | who))
        assert status == 302
        return dict(httpx.QueryParams(urlsplit(headers["Location"]).query))

    async def sign_in(self, browser: httpx.AsyncClient, userid: str) -> httpx.Response:
        back = await self.identified(await self.way_out(browser), member=userid)
        return await browser.get(f"{API}/back", params=back)


async def names_of_codes(uow: Any, corp_id: Any, states: Any) -> dict[str, str]:
    return {state: "门店海报" for state in states if state == "q_1"}


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=2, read_s=5, total_s=8)) as opened:
        yield opened


@pytest.fixture
async def page(
    start_rig: StartRig,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    transport: Transport,
    tenant_id: TenantId,
) -> Page:
    rig = await start_rig(people=20, workers=1)
    company = await connect(rig, uows, clock, key_ring, transport, tenant_id)
    await company.staff("staff01", "staff02")
    ports: Any = None
    sidebar = build_sidebar(
        uows,
        key_ring,
        company.clients,
        People(key_ring, warehouse),
        Tenants(),
        Messaging(
            MessagingPorts(
                recipients=ports,
                variables=ports,
                zones=ports,
                consent=LedgerConsent(Consent()),
            ),
            Sealer(key_ring),
        ),
        Directory(Corps()),
        InheritanceDesk(uows, key_ring, company.clients),
        public_url=OURS,
        tags=SidebarTags(CorpTagMarks(Corps())),
        state_names=names_of_codes,
    )
    app = FastAPI()

    async def nobody(_: Any) -> web.Caller:
        raise web.Unauthenticated("no console here")

    web.install(app, authenticate=nobody, uows=uows, note=AuditLog(uows).note)
    sidebar.install(app)
    for routes in sidebar.routers:
        app.include_router(routes)
    return Page(company, app)


async def test_a_member_signs_in_through_wecom_and_sees_their_own_customers_alone(page: Page) -> None:
    company = page.company
    await company.add("staff01", 1, 2, state="q_1")
    await company.add("staff02", 2, 3)
    async with page.browser() as browser:
        assert (await browser.get(f"{API}/session")).status_code == 401
        answer = await page.sign_in(browser, "staff01")
        assert answer.headers["location"] == page_of(company.tenant_id, company.corp_id)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert f"Path={API}" in cookie
        session = (await browser.get(f"{API}/session")).json()
        assert (session["userid"], session["name"]) == ("staff01", "成员01")
        own = (await browser.get(f"{API}/customers")).json()
        assert {one["customer"] for one in own["items"]} == {
            company.token(1).hex(),
            company.token(2).hex(),
        }
        shared = (await browser.get(f"{API}/customers/{company.token(2).hex()}")).json()
        assert [one["name"] for one in shared["colleagues"]] == ["成员02"]
        assert shared["state"] == "门店海报", "not the code's own cipher"
        for foreign in (company.token(3).hex(), "zz", "00"):
            assert (await browser.get(f"{API}/customers/{foreign}")).status_code == 404
        found = await browser.post(f"{API}/customers/find", json={"external_userid": company.externals[1]})
        assert found.json() == {"customer": company.token(1).hex()}
        other = {"external_userid": company.externals[3]}
        assert (await browser.post(f"{API}/customers/find", json=other)).status_code == 404
        # A member's session opens nothing of the console.
        assert (await browser.get("/api/v1/staff-sidebar")).status_code == 401


async def test_a_code_signs_in_the_browser_that_asked_once_and_in_time(page: Page) -> None:
    async with page.browser() as mine, page.browser() as theirs:
        stolen = await page.identified(await page.way_out(theirs), member="staff01")
        for browser in (mine, theirs):
            if browser is mine:
                await page.way_out(mine)
            answer = await browser.get(f"{API}/back", params=stolen)
            expected = "/sidebar/?problem=browser" if browser is mine else "/sidebar/brd_"
            assert answer.headers["location"].startswith(expected)
        again = await theirs.get(f"{API}/back", params=stolen)
        assert again.headers["location"] == "/sidebar/?problem=browser"  # The way was used up.
        outside = await page.identified(await page.way_out(mine), person="3")
        answer = await mine.get(f"{API}/back", params=outside)
        assert answer.headers["location"] == "/sidebar/?problem=outsider"
        slow = await page.identified(await page.way_out(mine), member="staff01")
        page.company.advance(WAY_LIFE)
        answer = await mine.get(f"{API}/back", params=slow)
        assert answer.headers["location"] == "/sidebar/?problem=late"
        assert (await mine.get(f"{API}/session")).status_code == 401


async def test_a_session_ends_with_its_time_and_with_the_job(page: Page) -> None:
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        await page.company.leave("staff01")
        assert (await browser.get(f"{API}/session")).status_code == 401
        await page.sign_in(browser, "staff02")
        assert (await browser.get(f"{API}/session")).status_code == 200
        page.company.advance(SESSION_LIFE)
        assert (await browser.get(f"{API}/session")).status_code == 401
        await page.sign_in(browser, "staff02")
        assert (await browser.post(f"{API}/logout")).status_code == 204
        assert (await browser.get(f"{API}/session")).status_code == 401


async def test_notes_go_to_the_platform_in_the_members_name_and_on_record(page: Page) -> None:
    company = page.company
    await company.add("staff01", 1)
    await company.add("staff02", 1)
    path = f"{API}/customers/{company.token(1).hex()}/notes"
    written = {"remark": "林女士", "description": "喜欢龙井", "mobiles": ["13800138000"]}
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        stranger = {"sec-fetch-site": "cross-site"}
        assert (await browser.put(path, json=written, headers=stranger)).status_code == 403
        assert (await browser.put(path, json={})).status_code == 422
        answer = await browser.put(path, json=written)
        assert answer.status_code == 200, answer.text
        assert {key: answer.json()[key] for key in written} == written
        assert (await browser.put(path, json={"mobiles": []})).json()["mobiles"] == []
        refused = await browser.put(path, json={"remark": "一" * 21})
        assert refused.status_code == 422
    (theirs,) = [
        link
        for link in (await company.control("GET", "/customers/1"))["followers"]
        if link["userid"] == "staff02"
    ]
    assert theirs["remark"] != "林女士"
    noted = await company.facts("staff.customer_noted")
    assert [properties["actor"] for _, properties in noted] == ["staff:staff01"] * 2
    assert "林女士" not in str(noted)
    async with company.uows.app(company.tenant_id) as uow:
        rows = await uow.execute("SELECT what, fields, state FROM sidebar_deed ORDER BY id")
        assert [(row.what, row.fields, row.state) for row in rows if row.what == "notes"] == [
            ("notes", ["description", "mobiles", "remark"], "done"),
            ("notes", ["mobiles"], "done"),
        ]


async def test_what_the_platform_refuses_is_told_and_on_record(page: Page) -> None:
    company = page.company
    await company.add("staff01", 1)
    fault = {"path": "/cgi-bin/externalcontact/remark", "errcode": 84061, "times": 1}
    await company.rig.control("POST", "/faults", fault)
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        path = f"{API}/customers/{company.token(1).hex()}/notes"
        assert (await browser.put(path, json={"remark": "x"})).status_code == 409
    assert await company.facts("staff.customer_noted") == []
    async with company.uows.app(company.tenant_id) as uow:
        rows = await uow.execute("SELECT state FROM sidebar_deed WHERE what = 'notes'")
        assert rows.scalars().all() == ["refused"]


async def test_only_our_own_page_is_signed_and_the_client_accepts_it(page: Page) -> None:
    company = page.company
    await company.control("PUT", f"/agents/{company.agent_id}", {"redirect_domain": "brand.example"})
    url = f"{OURS}{page_of(company.tenant_id, company.corp_id)}?a=1"
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        config = (await browser.post(f"{API}/page-config", json={"url": url})).json()
        for foreign in ("https://evil.example/sidebar/x", f"{OURS}/people"):
            answer = await browser.post(f"{API}/page-config", json={"url": foreign})
            assert answer.status_code == 422
    for part, agent in ((config["corp"], {}), (config["agent"], {"agentid": company.agent_id})):
        said = {
            "url": url,
            "noncestr": part["nonceStr"],
            "timestamp": str(part["timestamp"]),
            "signature": part["signature"],
        }
        assert await company.control("POST", "/check-page", said | agent) == {"accepted": True}


async def test_a_member_goes_offline_and_back_once_each(page: Page) -> None:
    """CW-12: staff go on- and offline, and it is on record."""
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        for is_online in (False, False, True):
            page.company.advance(WAY_LIFE / 10)
            answer = await browser.put(f"{API}/online", json={"is_online": is_online})
            assert answer.status_code == 204
            assert (await browser.get(f"{API}/session")).json()["is_online"] is is_online
    changes = await page.company.facts("staff.member_changed")
    assert [properties["what"] for _, properties in changes] == ["offline", "online"]
    async with page.company.uows.app(page.company.tenant_id) as uow:
        rows = await uow.execute("SELECT actor, role, action FROM audit_entry ORDER BY id")
        assert [tuple(row) for row in rows] == [("staff01", "staff", "switch")] * 3


async def test_tags_are_wished_for_on_the_members_own_relation(page: Page) -> None:
    company = page.company
    await company.add("staff01", 1)
    await company.add("staff02", 2)
    async with page.browser() as browser:
        await page.sign_in(browser, "staff01")
        assert (await browser.get(f"{API}/tags")).json() == {"items": [], "can_mark": True}
        wish = {"add": ["etVIP"]}
        for person, status in ((1, 202), (2, 404)):
            path = f"{API}/customers/{company.token(person).hex()}/tags"
            assert (await browser.put(path, json=wish)).status_code == status
    async with company.uows.app(company.tenant_id) as uow:
        rows = await uow.execute("SELECT member_userid, tag_id, ours, origin FROM customer_tag")
        assert [tuple(row) for row in rows] == [("staff01", "etVIP", True, "sidebar:staff01")]
    asked = await company.facts("staff.customer_tags_asked")
    assert [properties["fields"] for _, properties in asked] == [["+etVIP"]]
