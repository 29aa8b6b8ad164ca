"""The public page of a code: it always answers, and gives nothing away (CW-2, CW-8, CW-10, CW-13)."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes import landing
from quanyu.modules.staff.codes.contracts import Place, PlaceKind
from quanyu.modules.staff.codes.states import LiveCodeId
from quanyu.modules.staff.visitors.recognition import Visit, WayOut

from .conftest import Corp
from .live_codes import World


@dataclass
class Answer:
    """What the page answered."""

    status: int = 0
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


async def get(app: Any, address: str) -> Answer:
    """Open an address of the application."""
    answer, url = Answer(), urlsplit(address)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.text += message.get("body", b"").decode()

    scope = {
        "type": "http",
        "method": "GET",
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": [],
    }
    await app(scope, receive, send)
    return answer


@dataclass
class Known:
    """Recognises whoever it is told to."""

    person_id: PersonId | None = None
    url: str = ""
    asked: int = 0

    async def person(self, uow: UnitOfWork, cookies: Any) -> PersonId | None:
        return self.person_id

    async def way(self, uow: UnitOfWork, corp_id: AccountId, visit: Visit) -> WayOut | None:
        self.asked += 1
        return WayOut(self.url, "sealed") if self.url else None


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
async def world(uows: UnitOfWorkFactory, corp: Corp, key_ring: KeyRing) -> World:
    made = World.of(uows, corp, key_ring)
    await made.members("ann", "ben")
    return made


@pytest.fixture
def app(world: World, known: Known) -> FastAPI:
    async def brand_name(uow: UnitOfWork) -> str:
        return "青山<茶食>"

    opened = FastAPI()
    who: Any = known
    opened.include_router(landing.router(world.uows, world.states, world.leader, brand_name, who))
    return opened


async def _made(world: World, code_id: LiveCodeId) -> None:
    async with world.uows.system(world.corp.tenant_id) as uow:
        await uow.execute(
            "UPDATE live_code_way SET phase = 'live', config_id = 'cfg' || id, "
            "qr_code = 'https://qr.example.com/' || array_to_string(wanted_users, '+'), "
            "actual_users = wanted_users, actual_hash = wanted_hash "
            "WHERE tenant_id = :tenant AND code_id = :code",
            {"tenant": uow.tenant_id, "code": code_id},
        )


async def test_the_page_shows_the_picture_of_the_moment(world: World, app: FastAPI) -> None:
    code_id = await world.create({"ann": {}})
    path = urlsplit((await world.shown(code_id)).row.landing_url).path
    waiting = await get(app, path)
    assert (waiting.status, "refresh" in waiting.text) == (200, True)

    await _made(world, code_id)
    shown = await get(app, path)
    assert '<img src="https://qr.example.com/ann"' in shown.text
    assert "青山&lt;茶食&gt;" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert len(shown.text) < 2_500


async def test_cw_2_with_nobody_there_the_page_leads_on(world: World, app: FastAPI) -> None:
    code_id = await world.create({"ann": {}}, fallback={"kind": "kf", "url": "https://kf.example.com/1"})
    path = urlsplit((await world.shown(code_id)).row.landing_url).path
    await world.members("ann", is_online=False)
    async with world.uows.system(world.corp.tenant_id) as uow:
        await world.router.reroute(uow, [code_id], cause="test")
    led = await get(app, path)
    assert (led.status, led.headers["location"]) == (302, "https://kf.example.com/1")


async def test_cw_13_a_deleted_code_leads_to_another(world: World, app: FastAPI) -> None:
    old, new = await world.create({"ann": {}}), await world.create({"ben": {}})
    path = urlsplit((await world.shown(old)).row.landing_url).path
    place = Place(kind=PlaceKind.CODE, code=(await world.code(new)).reference)
    async with world.uows.app(world.corp.tenant_id) as uow:
        await world.desk.delete(uow, old, place, actor="admin")
    await _made(world, new)
    assert "https://qr.example.com/ben" in (await get(app, path)).text


async def test_cw_10_a_personal_link_knows_who_opens_it(world: World, app: FastAPI) -> None:
    code_id = await world.create({"ann": {}, "ben": {}}, is_exclusive=True, distribution="sequential")
    world.corp.persons["c1"] = PersonId(41)
    await world.hear(world.corp.event("customer_added", "ben", "c1", at=0))
    async with world.uows.app(world.corp.tenant_id) as uow:
        link = await world.desk.personal_link(uow, code_id, PersonId(41))
    url = urlsplit(link.url)
    personal = f"{url.path}?{url.query}"
    await get(app, personal)  # Ben's own code is made when it is asked for.
    await _made(world, code_id)

    assert "https://qr.example.com/ben" in (await get(app, personal)).text
    assert "专属顾问 Ben" in (await get(app, personal)).text
    assert "https://qr.example.com/ann" in (await get(app, url.path)).text
    changed = personal[:-1] + ("0" if personal[-1] != "0" else "1")
    assert "https://qr.example.com/ann" in (await get(app, changed)).text


async def test_cw_10_who_scans_an_exclusive_code_in_wechat_is_led_to_their_own_member(
    world: World, app: FastAPI, known: Known
) -> None:
    code_id = await world.create({"ann": {}, "ben": {}}, is_exclusive=True, distribution="sequential")
    world.corp.persons["c1"] = PersonId(41)
    await world.hear(world.corp.event("customer_added", "ben", "c1", at=0))
    path = urlsplit((await world.shown(code_id)).row.landing_url).path
    known.url = "https://open.weixin.example/connect"
    asked = await get(app, path)
    assert (asked.status, asked.headers["location"]) == (302, known.url)

    known.url, known.person_id = "", PersonId(41)
    await get(app, path)
    await _made(world, code_id)
    assert "专属顾问 Ben" in (await get(app, path)).text


async def test_whom_it_is_all_the_same_to_is_not_asked(world: World, app: FastAPI, known: Known) -> None:
    code_id = await world.create({"ann": {}})
    await get(app, urlsplit((await world.shown(code_id)).row.landing_url).path)
    assert known.asked == 0


@pytest.mark.parametrize("state", ["nonsense", "q_0", "q_1" + "0" * 12, "%00", "q_" + "z" * 200])
async def test_cw_8_what_we_never_made_is_closed(app: FastAPI, state: str) -> None:
    answer = await get(app, f"/l/{state}")
    assert (answer.status, "停用" in answer.text) == (404, True)
