"""Who answers inside WeChat is told by the official account, over the wire; links name people as well."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from contract.sandbox.conftest import StartRig, product, start_rig
from contract.sandbox.rig import Rig
from integration.segments.world import happened
from quanyu.app.forms import build_forms, form_routers
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.kernel.clock import FixedClock
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.forms.contracts import FormId
from quanyu.modules.forms.tickets import LASTS, FormTickets
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.staff.visitors.fans import FAN_COOKIE
from quanyu.modules.staff.visitors.recognition import WAY_LIFE, Recognition
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from support.forms import choice, form, picks, text

from .conftest import Forms

__all__ = ["product", "start_rig"]
OURS = "http://brand.example"
WECHAT = {"user-agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"}
Q = choice("tea", "green", "black", required=True)


@dataclass
class Site:
    """The public pages of a brand, and the platform its official account is on."""

    forms: Forms
    rig: Rig
    app: FastAPI
    account: str
    tickets: FormTickets

    def phone(self, **headers: str) -> httpx.AsyncClient:
        """Return a browser with cookies of its own."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=OURS, headers={**WECHAT, **headers}
        )

    async def publish(self, *questions: dict[str, Any], asks: str = "base", required: bool = False) -> FormId:
        access = {"account": self.account, "asks": asks, "required": required}
        return await self.forms.publish(form([*(questions or (Q,))], rules={"wechat": access}))

    def page(self, made: FormId) -> str:
        return f"/f/{self.forms.tokens[made]}"

    async def at_wechat(self, answer: httpx.Response, person: int, **more: str) -> str:
        """Let WeChat say who looks; return the address it leads back to."""
        assert answer.status_code == 302
        query = {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
        }
        query |= {"person": str(person), **more}
        status, _, headers = await self.rig.fetch("/connect/oauth2/authorize", **query)
        assert status == 302
        return str(headers["Location"])

    async def enter(self, phone: httpx.AsyncClient, page: str, person: int, **more: str) -> str:
        """Open a page by WeChat and return the address one ends at."""
        landed = await phone.get(await self.at_wechat(await phone.get(page), person, **more))
        assert landed.status_code == 303
        return str(landed.headers["location"])

    async def send(
        self, phone: httpx.AsyncClient, made: FormId, submission: str, ticket: str = "", **answers: Any
    ) -> httpx.Response:
        body = {
            "submission": submission,
            "version": 1,
            "answers": answers or {"tea": picks("green")},
            "ticket": ticket,
        }
        return await phone.post(f"{self.page(made)}/answers", json=body)

    async def person_of(self, namespace: str, scope: str, value: str) -> int | None:
        async with self.forms.brand.uows.app(self.forms.brand.tenant) as uow:
            found = await self.forms.brand.people.people_by_identifier(
                uow, [Identifier(namespace, scope, value)]
            )
        return found[0]

    async def ann(self) -> int:
        """Return somebody the brand knows, by a user id alone."""
        await self.forms.brand.tell(happened("Viewed", "ann", self.forms.brand.clock.now()))
        person = await self.person_of("user_id", "", "ann")
        assert person is not None
        return person

    def link(self, made: FormId, person: int) -> str:
        brand = self.forms.brand
        url = self.tickets.url(brand.tenant, person, self.forms.tokens[made], brand.clock.now())  # type: ignore[arg-type]
        return url.removeprefix(OURS)


async def _connect(forms: Forms, rig: Rig, channels: Channels) -> str:
    command = ConnectOfficialAccount(
        app_id=rig.account.appid, app_secret=rig.account.secret, base_url=rig.sandbox.url
    )
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        return (await channels.connect(uow, command)).account.id


def _site(forms: Forms, rig: Rig, key_ring: KeyRing, transport: Transport) -> tuple[FastAPI, Channels]:
    uows = forms.brand.uows
    clients = AccountClients(uows, key_ring, transport)
    channels = Channels(key_ring, clients, transport, public_url=OURS)

    async def is_proven(*_: object) -> bool:
        return False

    recognition = Recognition(uows, key_ring, None, forms.brand.people, is_proven, public_url=OURS)  # type: ignore[arg-type]
    made = build_forms(
        uows,
        key_ring,
        Tenants(),
        forms.brand.people,
        Corps(),
        recognition,
        clients,
        channels,
        public_url=OURS,
    )
    forms.desk, forms.door = made.desk, made.door
    app = FastAPI()
    web.install(app, authenticate=None, uows=uows)  # type: ignore[arg-type]
    for router in form_routers(made, console=Path("/nowhere"), public_url=OURS):
        app.include_router(router)
    return app, channels


@pytest.fixture
async def site(
    start_rig: StartRig, forms: Forms, key_ring: KeyRing, clock: FixedClock
) -> AsyncIterator[Site]:
    async with open_transport(Timeouts(connect_s=2, read_s=5, total_s=8)) as transport:
        rig = await start_rig(people=20, workers=1)
        clock.advance(datetime.fromtimestamp(rig.clock.now(), UTC) - clock.now())
        app, channels = _site(forms, rig, key_ring, transport)
        account = await _connect(forms, rig, channels)
        yield Site(forms, rig, app, account, FormTickets(key_ring, public_url=OURS))


async def test_an_answer_is_of_whom_wechat_names_whichever_phone_they_hold(site: Site) -> None:
    made = await site.publish()
    async with site.phone() as phone, site.phone() as other:
        assert (await site.enter(phone, site.page(made), 3)).endswith("?wx=known")
        assert (await site.send(phone, made, "answer-1")).status_code == 200
        await site.enter(other, site.page(made), 3)
        again = await site.send(other, made, "answer-2")
        assert (again.status_code, again.json()["code"]) == (409, "forms.already_answered")

        await site.forms.settle()
        person = await site.person_of("openid", site.rig.account.appid, site.rig.openid(3))
        assert person is not None
        assert [row.known_as for row in await site.forms.kept(made)] == [person]
        again = await site.send(other, made, "answer-3")
        assert again.json()["code"] == "forms.already_answered", "now that they are a person, too"
        assert (await phone.get(site.page(made))).status_code != 302, "nobody is asked twice"


async def test_a_profile_is_asked_for_and_may_be_refused(site: Site) -> None:
    made = await site.publish(asks="userinfo", required=True)
    async with site.phone() as phone:
        assert "scope=snsapi_userinfo" in (await phone.get(site.page(made))).headers["location"]
        refused = await site.enter(phone, site.page(made), 4, confirm="0")
        assert refused.endswith("?wx=refused")
        assert (await phone.get(refused)).status_code != 302, "they are not driven in a circle"
        shown = (await phone.get(f"{site.page(made)}/form")).json()
        assert (shown["state"], "form" in shown) == ("wechat", False)
        assert (await site.send(phone, made, "answer-1")).json()["code"] == "forms.wechat_needed"
        assert await site.forms.kept(made) == []

        snapshot = await site.enter(phone, site.page(made), 4, confirm="1", snapshot="1")
        assert snapshot.endswith("?wx=snapshot")
        assert FAN_COOKIE not in phone.cookies

        await site.enter(phone, site.page(made), 4, confirm="1")
        assert (await phone.get(f"{site.page(made)}/form")).json()["state"] == "open"
        assert (await site.send(phone, made, "answer-2")).status_code == 200
    await site.forms.settle()
    person = await site.person_of("openid", site.rig.account.appid, site.rig.openid(4))
    assert person is not None
    async with site.forms.brand.uows.app(site.forms.brand.tenant) as uow:
        told = await site.forms.brand.people.attributes_of(uow, [person])  # type: ignore[list-item]
    assert told[person]["nickname"]  # type: ignore[index]


async def test_a_code_of_somebody_else_used_twice_or_too_late_makes_nobody_anybody(site: Site) -> None:
    made = await site.publish(required=True)
    async with site.phone() as phone, site.phone() as victim, site.phone() as late:
        back = await site.at_wechat(await phone.get(site.page(made)), 3)
        await victim.get(site.page(made))
        assert (await victim.get(back)).headers["location"].endswith("?wx=failed")
        assert FAN_COOKIE not in victim.cookies
        assert (await phone.get(back)).headers["location"].endswith("?wx=known")
        phone.cookies.delete(FAN_COOKIE)
        assert (await phone.get(back)).headers["location"].endswith("?wx=failed")
        assert FAN_COOKIE not in phone.cookies

        back = await site.at_wechat(await late.get(site.page(made)), 3)
        site.forms.brand.clock.advance(WAY_LIFE)
        assert (await late.get(back)).headers["location"].endswith("?wx=failed")
        elsewhere = await late.get("/v/fan", params={"to": "https://evil.example/f/a"})
        assert elsewhere.status_code == 404


async def test_outside_wechat_nobody_is_led_away(site: Site) -> None:
    made = await site.publish(required=True)
    async with site.phone(**{"user-agent": "Safari"}) as phone:
        assert (await phone.get(site.page(made))).status_code != 302
        assert (await phone.get(f"{site.page(made)}/form")).json()["state"] == "wechat"


async def test_a_personal_link_answers_for_a_person_until_it_ends(site: Site) -> None:
    person = await site.ann()
    made, other = await site.forms.publish(form([Q])), await site.forms.publish(form([Q]))
    link = site.link(made, person)
    ticket = parse_qs(urlsplit(link).query)["k"][0]
    assert len(ticket) < 48
    async with site.phone(**{"user-agent": "Safari"}) as phone:
        await phone.get(link)
        assert (await site.send(phone, other, "answer-0", ticket)).status_code == 200, "of nobody"
        assert (await site.send(phone, made, "answer-1", ticket)).status_code == 200
        assert (await site.forms.kept(other))[0].known_as is None
        assert (await site.forms.kept(made))[0].known_as == person
    site.forms.brand.clock.advance(LASTS + timedelta(days=1))
    late = await site.forms.publish(form([Q]))
    async with site.phone() as phone:
        old = parse_qs(urlsplit(site.link(late, person)).query)["k"][0]
        site.forms.brand.clock.advance(LASTS)
        assert (await site.send(phone, late, "answer-2", old)).status_code == 200
        assert (await site.forms.kept(late))[0].known_as is None


async def test_a_link_passed_on_is_an_answer_of_who_opens_it_in_wechat(site: Site) -> None:
    person = await site.ann()
    made = await site.publish()
    link = site.link(made, person)
    async with site.phone() as stranger:
        await site.enter(stranger, link, 5)
        ticket = parse_qs(urlsplit(link).query)["k"][0]
        assert (await site.send(stranger, made, "answer-1", ticket)).status_code == 200
    await site.forms.settle()
    of_stranger = await site.person_of("openid", site.rig.account.appid, site.rig.openid(5))
    assert of_stranger not in (None, person)
    assert [row.known_as for row in await site.forms.kept(made)] == [of_stranger]


async def test_a_number_written_through_a_link_names_nobody(site: Site) -> None:
    person = await site.ann()
    number = {"kind": "phone", "key": "tel", "title": "手机", "attribute": "phone"}
    name = text("called", personal=True, attribute="name")
    made = await site.forms.publish(form([number, name]))
    ticket = parse_qs(urlsplit(site.link(made, person)).query)["k"][0]
    async with site.phone(**{"user-agent": "Safari"}) as phone:
        sent = await site.send(phone, made, "answer-1", ticket, tel="13800138000", called="安安")
        assert sent.status_code == 200
    await site.forms.settle()
    assert await site.person_of("phone", "", "13800138000") is None
    async with site.forms.brand.uows.app(site.forms.brand.tenant) as uow:
        told = await site.forms.brand.people.attributes_of(uow, [person])  # type: ignore[list-item]
    assert told[person]["name"] == "安安"  # type: ignore[index]
    assert "phone" not in told[person]  # type: ignore[index]


async def test_a_file_comes_over_http_from_a_browser_that_opened_the_form(site: Site) -> None:
    asked = {"kind": "file", "key": "proof", "title": "凭证", "max_mb": 1}
    made = await site.forms.publish(form([asked]))
    pdf, to = b"%PDF-1.7\n%%EOF\n", f"{site.page(made)}/files"
    async with site.phone() as phone:
        assert (await phone.post(to, params={"q": "proof"}, content=pdf)).status_code == 429
        await phone.get(f"{site.page(made)}/form")
        taken = await phone.post(to, params={"q": "proof", "name": "收据.exe"}, content=pdf)
        assert (taken.status_code, taken.json()["kind"]) == (201, "pdf")
        large = await phone.post(to, params={"q": "proof"}, content=b"x" * (1024 * 1024 + 2))
        assert large.status_code == 413
        elsewhere = {"origin": "https://evil.example"}
        foreign = await phone.post(to, params={"q": "proof"}, content=pdf, headers=elsewhere)
        assert foreign.status_code == 403
        assert (await phone.post(to, params={"q": "no"}, content=pdf)).status_code == 422
        sent = await site.send(phone, made, "answer-1", proof=[taken.json()])
        assert sent.status_code == 200, sent.text
