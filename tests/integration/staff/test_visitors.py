"""Who opens a public page in WeChat is known without being asked, and the page never depends on it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from contract.sandbox.conftest import StartRig, product, start_rig
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.visitors import routes
from quanyu.modules.staff.visitors.recognition import WAY_LIFE, Recognition, is_own_page
from quanyu.wechat.transport import Timeouts, open_transport

from .company import Company, connect

__all__ = ["product", "start_rig"]
OURS = "http://brand.example"
WECHAT = {"user-agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"}
PAGE = "/g/abc?store=A"


class People:
    """Person 41 was found to be person 40."""

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]:
        return {PersonId(41): PersonId(40)}


@dataclass
class Site:
    """A public page of ours, and WeCom's."""

    company: Company
    recognition: Recognition
    app: FastAPI
    is_proven: bool = True

    def phone(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=OURS, headers=WECHAT)

    async def at_wecom(self, answer: httpx.Response, person: int) -> str:
        """Let WeCom say who looks; return the address it leads back to."""
        asked = dict(httpx.QueryParams(urlsplit(answer.headers["location"]).query))
        status, _, headers = await self.company.rig.fetch(
            "/connect/oauth2/authorize", **(asked | {"person": str(person)})
        )
        assert status == 302
        return str(headers["Location"])

    async def known_as(self, person: int, person_id: int) -> None:
        async with self.company.uows.system(self.company.tenant_id) as uow:
            await uow.execute(
                "UPDATE external_contact SET person_id = :person "
                "WHERE tenant_id = :tenant AND token = :token",
                {
                    "person": person_id,
                    "tenant": self.company.tenant_id,
                    "token": self.company.token(person),
                },
            )


@pytest.fixture
async def site(
    start_rig: StartRig,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    tenant_id: TenantId,
) -> AsyncIterator[Site]:
    async with open_transport(Timeouts(connect_s=2, read_s=5, total_s=8)) as transport:
        rig = await start_rig(people=20, workers=1)
        company = await connect(rig, uows, clock, key_ring, transport, tenant_id)

        async def is_proven(uow: UnitOfWork, corp_id: AccountId) -> bool:
            return made.is_proven

        recognition = Recognition(uows, key_ring, company.clients, People(), is_proven, public_url=OURS)
        app = FastAPI()
        app.include_router(routes.router(recognition))

        @app.get("/g/{token}")
        async def page(request: Request, token: str) -> Response:
            async with uows.system(tenant_id) as uow:
                way = await recognition.way(uow, company.corp_id, routes.visit_of(request))
                if way is not None:
                    return routes.lead_away(request, way)
                return PlainTextResponse(f"{await recognition.person(uow, request.cookies)}")

        made = Site(company, recognition, app)
        yield made


async def test_a_customer_is_known_by_who_they_are_today_and_asked_once(site: Site) -> None:
    await site.company.staff("staff01")
    await site.company.add("staff01", 3)
    await site.known_as(3, 41)
    async with site.phone() as phone:
        back = await site.at_wecom(await phone.get(PAGE), 3)
        landed = await phone.get(back)
        assert landed.headers["location"] == f"{PAGE}&asked=1"
        assert (await phone.get(landed.headers["location"])).text == "40"
        assert (await phone.get(PAGE)).text == "40"


async def test_a_stranger_sees_the_page_and_is_left_alone(site: Site) -> None:
    async with site.phone() as phone:
        landed = await phone.get(await site.at_wecom(await phone.get(PAGE), 4))
        assert (await phone.get(landed.headers["location"])).text == "None"
        assert (await phone.get(PAGE)).text == "None", "not asked again"
        phone.cookies.clear()
        assert (await phone.get(f"{PAGE}&asked=1")).text == "None", "nor for ever without cookies"


async def test_nobody_is_sent_where_they_would_see_an_error(site: Site) -> None:
    """Before the trusted domain is proven, and outside WeChat, the page is simply shown."""
    async with site.phone() as phone:
        assert (await phone.get(PAGE, headers={"user-agent": "Safari"})).text == "None"
        site.is_proven = False
        assert (await phone.get(PAGE)).text == "None"


async def test_a_code_of_another_browser_or_of_yesterday_makes_nobody_anybody(site: Site) -> None:
    await site.company.staff("staff01")
    await site.company.add("staff01", 3)
    await site.known_as(3, 41)
    async with site.phone() as phone, site.phone() as stranger:
        back = await site.at_wecom(await phone.get(PAGE), 3)
        await stranger.get(PAGE)
        assert (await stranger.get((await stranger.get(back)).headers["location"])).text == "None"
        site.company.clock.advance(WAY_LIFE)
        assert (await phone.get((await phone.get(back)).headers["location"])).text == "None"


def test_nobody_is_led_anywhere_else() -> None:
    assert is_own_page(PAGE)
    assert is_own_page("/l/q_12ab")
    others = ["", "//evil.example", "https://evil.example/g/a", "/g/a/../../api", "/g/a?x=\r\nb", "/g/a\n"]
    assert not [to for to in others if is_own_page(to)]


async def test_the_way_back_is_no_way_to_other_sites(site: Site) -> None:
    async with site.phone() as phone:
        assert (await phone.get("/v/back", params={"to": "https://evil.example/g/a"})).status_code == 404
