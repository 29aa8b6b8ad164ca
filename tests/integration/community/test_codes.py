"""Group live codes against the platform: GC-1 … GC-6, CW-9."""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contract.wecom.corp import Corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.community.codes.contracts import (
    GroupCode,
    GroupCodeState,
    GroupStandby,
    ImageDraft,
    NewGroupCode,
    OnJoin,
    WayDraft,
)
from quanyu.modules.community.codes.joins import JoinSubscriber
from quanyu.modules.community.codes.landing import Asked, Landing, LandingDesk, new_visitor
from quanyu.modules.community.codes.pages import render, router
from quanyu.modules.community.codes.rules import Outcome
from quanyu.modules.community.codes.service import GroupCodeDesk, read_code_id
from quanyu.modules.community.codes.ways import WayKeeper
from quanyu.modules.community.errors import CodeRefused
from quanyu.modules.community.groups.fetcher import GroupFetcher
from quanyu.modules.community.groups.subscribers import GroupSubscriber
from quanyu.modules.community.ports import CorpRef
from quanyu.modules.staff.visitors.recognition import WayOut
from quanyu.modules.staff.visitors.tickets import PersonTickets

from .conftest import Event, OneCorp
from .test_groups import brand, facts_of, open_group

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
STANDBY = GroupStandby(kind="url", url="https://brand.example.com/help", text="请找店员")


class Memory:
    """People, segments, staff codes, tags and sends, as far as codes ask."""

    def __init__(self) -> None:
        self.stages: dict[PersonId, str] = {}
        self.tags: dict[bytes, set[str]] = {}

    async def attributes_of(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[Any, Any]:
        return {one: {"funnel_stage": self.stages.get(one)} for one in person_ids}

    async def set_attributes(self, uow: UnitOfWork, writes: Any, **_: Any) -> int:
        self.stages |= {one.person_id: one.value for one in writes}
        return len(writes)

    async def canonical_ids(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[Any, Any]:
        return {one: one for one in person_ids}

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[Any, str]:
        return {}

    async def members(self, uow: UnitOfWork, segment_id: str) -> list[int]:
        return []

    async def contains(self, uow: UnitOfWork, segment_id: str, person_id: PersonId) -> bool:
        return False

    async def page_url(self, uow: UnitOfWork, code_id: str) -> str:
        return "https://brand.example.com/l/1"

    async def send_of(self, uow: UnitOfWork, mark: str) -> int | None:
        return None

    async def wish(
        self,
        uow: UnitOfWork,
        corp: CorpRef,
        token: bytes,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        origin: str,
    ) -> None:
        held = self.tags.setdefault(token, set())
        held |= set(add)
        held -= set(remove)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def desk(corps: OneCorp) -> GroupCodeDesk:
    return GroupCodeDesk(corps, brand, public_url="https://brand.example.com")


@pytest.fixture
def keeper(uows: UnitOfWorkFactory, corps: OneCorp, now: FixedClock) -> WayKeeper:
    return WayKeeper(uows, corps)


@pytest.fixture
def landing(uows: UnitOfWorkFactory, key_ring: KeyRing, memory: Memory) -> LandingDesk:
    return LandingDesk(
        uows,
        PersonTickets(key_ring),
        find_brand=brand,
        people=memory,
        segments=memory,
        staff_codes=memory,
        sends=memory,
    )


class World:
    """Drives events, fetches and ways until nothing is due."""

    def __init__(
        self,
        corp: Corp,
        uows: UnitOfWorkFactory,
        tenant_id: TenantId,
        clock: FixedClock,
        parts: tuple[GroupSubscriber, GroupFetcher, WayKeeper, JoinSubscriber],
    ) -> None:
        self.corp, self.uows, self.tenant_id, self.clock = corp, uows, tenant_id, clock
        self._subscriber, self._fetcher, self._keeper, self._joins = parts
        self._joined = 0

    async def group(self, *people: int, name: str = "一群") -> tuple[str, str]:
        """Open a group; return its chat id and its id here."""
        owner, *_ = await self.corp.staff()
        chat = await open_group(self.corp, owner, *people, name=name)
        await self.settle(chat)
        return chat, await self.id_of(chat)

    async def id_of(self, chat: str) -> str:
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT id FROM customer_group WHERE tenant_id = :t AND chat_id = :c",
                {"t": self.tenant_id, "c": chat},
            )
            return encode_id("grp", rows.scalar_one())

    async def settle(self, *chats: str) -> None:
        for chat in chats:
            event = Event("wechat.wecom.group_changed", {"app": self.corp.id, "group": chat})
            async with self.uows.system(self.tenant_id) as uow:
                await self._subscriber.apply(uow, [event], None)
        self.clock.advance(timedelta(seconds=2))
        while await self._fetcher.run_once(self.tenant_id) or await self._keeper.run_once(self.tenant_id):
            self.clock.advance(timedelta(seconds=2))

    async def tell_joins(self, person_id: int) -> None:
        """Hand the facts of stays on, all about one person."""
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT name, properties, context FROM log_event WHERE tenant_id = :t "
                "AND name LIKE 'community.member%' ORDER BY position OFFSET :seen",
                {"t": self.tenant_id, "seen": self._joined},
            )
            events = [
                Event(row.name, row.context, row.properties, person_id=PersonId(person_id)) for row in rows
            ]
            self._joined += len(events)
            await self._joins.apply(uow, events, None)


@pytest.fixture
def world(
    corp: Corp,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    now: FixedClock,
    key_ring: KeyRing,
    corps: OneCorp,
    subscriber: GroupSubscriber,
    keeper: WayKeeper,
    memory: Memory,
) -> World:
    fetcher = GroupFetcher(uows, key_ring, corps, keeper)
    joins = JoinSubscriber(corps, memory, memory)
    return World(corp, uows, tenant_id, now, (subscriber, fetcher, keeper, joins))


async def make(world: World, desk: GroupCodeDesk, *targets: Any, **more: Any) -> GroupCode:
    """Make a code and let its ways be asked for."""
    command = NewGroupCode(name="茶友群", targets=targets, standby=STANDBY, **more)
    async with world.uows.app(world.tenant_id) as uow:
        made = await desk.create(uow, command)
    await world.settle()
    return await get(world, desk, made)


async def get(world: World, desk: GroupCodeDesk, code: GroupCode) -> GroupCode:
    async with world.uows.app(world.tenant_id) as uow:
        return await desk.get(uow, read_code_id(code.id))


async def config_of(world: World, code: GroupCode) -> str:
    async with world.uows.system(world.tenant_id) as uow:
        rows = await uow.execute(
            "SELECT config_id FROM group_code_target WHERE tenant_id = :t AND code_id = :c AND kind = 'way'",
            {"t": world.tenant_id, "c": read_code_id(code.id)},
        )
        return str(rows.scalar_one())


async def visit(landing: LandingDesk, code: GroupCode, **more: Any) -> Landing:
    asked = Asked(token=code.url.rpartition("/")[2], visitor=more.pop("visitor", new_visitor()), **more)
    found = await landing.open(asked)
    assert found is not None
    return found


async def test_joining_by_a_code_brings_and_leaving_takes_back(
    world: World, desk: GroupCodeDesk, memory: Memory, corp: Corp
) -> None:
    """GC-5: tags and stage once, taken back once; statistics by code."""
    chat, group = await world.group(1)
    code = await make(
        world,
        desk,
        WayDraft(name="一店", groups=(group,), auto_create=False),
        on_join=OnJoin(tags=("et1",), stage="首单前"),
    )
    assert code.targets[0].qr_url.startswith("http")
    memory.stages[PersonId(9)] = "新客"
    await corp.control("POST", f"/join-ways/{await config_of(world, code)}/scan", {"who": 2})
    await world.settle(chat)
    await world.tell_joins(9)
    assert ({"et1"} in memory.tags.values(), memory.stages[PersonId(9)]) == (True, "首单前")

    await corp.control("POST", f"/groups/{chat}/members/2/leave")
    await world.settle(chat)
    await world.tell_joins(9)

    assert ({"et1"} in memory.tags.values(), memory.stages[PersonId(9)]) == (False, "新客")
    async with world.uows.app(world.tenant_id) as uow:
        counted = await desk.statistics(uow, read_code_id(code.id), first=None, last=None)
        assert (counted.joined, counted.left, counted.inside) == (1, 1, 0)
        assert (counted.days[-1].joined, counted.days[-1].left) == (1, 1)
    names = [name for name, _ in await facts_of(world.uows, world.tenant_id)]
    assert names.count("stage_changed") == 2


async def test_full_groups_leave_the_way_and_the_standby_waits(
    world: World, desk: GroupCodeDesk, landing: LandingDesk, corp: Corp, corps: OneCorp
) -> None:
    """GC-1, GC-2: live joins fill the first group; the way then leads to the second, then nowhere more."""
    (first_chat, first), (second_chat, second) = (
        await world.group(3, name="甲"),
        await world.group(4, name="乙"),
    )
    draft = WayDraft(name="店", groups=(first, second), auto_create=False)
    code = await make(world, desk, draft, capacity=12, margin=8)
    assert code.targets[0].room == 4  # Two of four are taken by owner and guest, in each.
    assert (await visit(landing, code)).group_name == "甲"

    for person in (5, 6):
        await corp.control("POST", f"/groups/{first_chat}/members", {"who": person, "scene": 3})
    await world.settle(first_chat)

    assert (await visit(landing, code)).group_name == "乙"
    ways = (await corp.control("GET", "/join-ways"))["items"]
    config = await config_of(world, code)
    (way,) = (one for one in ways if one["config_id"] == config)
    assert way["chat_id_list"] == [second_chat]
    for person in (5, 6):
        await corp.control("POST", f"/groups/{second_chat}/members", {"who": person, "scene": 3})
    await world.settle(second_chat)
    shown = await visit(landing, code)
    assert (shown.outcome, shown.link_url) == (Outcome.STANDBY, STANDBY.url)
    assert STANDBY.url in render(shown, "zh")


async def test_groups_the_platform_opens_join_the_code(world: World, desk: GroupCodeDesk, corp: Corp) -> None:
    """GC-1: a new group is known by the state of who joined there."""
    _, group = await world.group(7)
    code = await make(world, desk, WayDraft(name="店", groups=(group,), base_name="茶友"))
    config = await config_of(world, code)
    ways = (await corp.control("GET", "/join-ways"))["items"]
    (state,) = (one["state"] for one in ways if one["config_id"] == config)
    opened, opened_id = await world.group(8, name="茶友2")
    await corp.control("POST", f"/groups/{opened}/members", {"who": 9, "scene": 3, "state": state})

    await world.settle(opened)

    assert (await get(world, desk, code)).targets[0].groups == (group, opened_id)


async def test_a_dismissed_group_is_skipped(
    world: World, desk: GroupCodeDesk, landing: LandingDesk, corp: Corp
) -> None:
    """GC-6."""
    (gone, first), (_, second) = await world.group(10, name="旧"), await world.group(11, name="新")
    code = await make(world, desk, WayDraft(name="店", groups=(first, second), auto_create=False))
    assert (await visit(landing, code)).group_name == "旧"

    await corp.control("POST", f"/groups/{gone}/dismiss")
    await world.settle(gone)

    assert (await visit(landing, code)).group_name == "新"


async def test_who_is_in_a_group_of_the_code_is_told_so(
    world: World, desk: GroupCodeDesk, landing: LandingDesk, key_ring: KeyRing, corp: Corp
) -> None:
    """GC-4: known by a signed ticket, whichever identity joined; a made-up ticket is nobody's."""
    _, group = await world.group(12, name="已在群")
    code = await make(world, desk, WayDraft(name="店", groups=(group,), auto_create=False))
    await world.tell_joins(77)
    ticket = PersonTickets(key_ring).issue(world.tenant_id, PersonId(77))

    known = await visit(landing, code, tickets=(ticket,))

    assert (known.outcome, known.group_name, known.ticket) == (Outcome.ALREADY, "已在群", ticket)
    assert "已在群" in render(known, "zh")
    assert (await visit(landing, code, tickets=(f"{ticket}0",))).outcome is Outcome.WAY


async def test_the_page_learns_who_looks_before_it_leads_anywhere(
    world: World, desk: GroupCodeDesk, uows: UnitOfWorkFactory, key_ring: KeyRing, memory: Memory
) -> None:
    """GC-4: in WeChat a browser nobody knows is sent to be recognised, and comes back with a ticket."""
    _, group = await world.group(13, name="已在群")
    code = await make(world, desk, WayDraft(name="店", groups=(group,), auto_create=False))
    await world.tell_joins(78)

    class Recognising:
        async def way(self, uow: UnitOfWork, corp_id: int, visit: Any) -> WayOut | None:
            known = {"quanyu_person"} & visit.cookies.keys()
            return None if known else WayOut(f"https://open.weixin.example/{corp_id}", "sealed")

    who: Any = Recognising()
    asking = LandingDesk(
        uows,
        PersonTickets(key_ring),
        find_brand=brand,
        people=memory,
        segments=memory,
        staff_codes=memory,
        sends=memory,
        recognition=who,
    )
    app = FastAPI()
    app.include_router(router(asking))
    page = f"/g/{code.url.rpartition('/')[2]}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://b.example") as phone:
        assert (await phone.get(page)).headers["location"] == "https://open.weixin.example/7"
        phone.cookies.set("quanyu_person", PersonTickets(key_ring).issue(world.tenant_id, PersonId(78)))
        assert 'data-outcome="already"' in (await phone.get(page)).text
        async with uows.app(world.tenant_id) as uow:
            await desk.set_state(uow, read_code_id(code.id), GroupCodeState.PAUSED)
        phone.cookies.clear()
        assert (await phone.get(page)).status_code == 200, "nobody is asked where nothing depends on it"


async def test_pictures_warn_fill_up_and_end(
    world: World, desk: GroupCodeDesk, landing: LandingDesk, now: FixedClock
) -> None:
    """GC-3: warned a day before, skipped at the end; the limit counts visitors, not visits."""
    ends = now.now() + timedelta(hours=30)
    picture = ImageDraft(name="手工群", user_limit=2, expires_at=ends, picture=PNG)
    code = await make(world, desk, picture)
    first, second = new_visitor(), new_visitor()
    for visitor in (first, second, first):
        assert (await visit(landing, code, visitor=visitor)).outcome is Outcome.IMAGE
    assert (await visit(landing, code)).outcome is Outcome.STANDBY
    shown = await visit(landing, code, visitor=first)
    token, target = code.url.rpartition("/")[2], shown.picture_url.rpartition("/")[2]
    found = await landing.picture(token, decode_id("gct", target))
    assert found == (base64.b64decode(PNG), "image/png")
    assert await landing.picture(token, 1) is None

    now.advance(timedelta(hours=7))
    await world.settle()

    names = [name for name, _ in await facts_of(world.uows, world.tenant_id)]
    assert names.count("code_picture_expiring") == 1
    assert (await get(world, desk, code)).targets[0].is_expiring
    now.advance(timedelta(hours=24))
    assert (await visit(landing, code, visitor=first)).outcome is Outcome.STANDBY


async def test_ending_a_code_gives_its_ways_back_and_leads_on(
    world: World, desk: GroupCodeDesk, landing: LandingDesk, corp: Corp
) -> None:
    _, group = await world.group(13)
    code = await make(world, desk, WayDraft(name="店", groups=(group,), auto_create=False))
    config = await config_of(world, code)
    async with world.uows.app(world.tenant_id) as uow:
        assert (await desk.list_codes(uow)).ways_used == 1
        await desk.set_state(uow, read_code_id(code.id), GroupCodeState.ARCHIVED)

    await world.settle()

    assert config not in [one["config_id"] for one in (await corp.control("GET", "/join-ways"))["items"]]
    assert (await visit(landing, code)).outcome is Outcome.STANDBY
    async with world.uows.app(world.tenant_id) as uow:
        assert (await desk.list_codes(uow)).ways_used == 0
        with pytest.raises(CodeRefused):
            await desk.set_state(uow, read_code_id(code.id), GroupCodeState.ACTIVE)


async def test_a_lost_answer_is_counted_and_asked_again(
    world: World, desk: GroupCodeDesk, corp: Corp, now: FixedClock
) -> None:
    """CW-9: nothing lists join ways, so one that may have been made counts against the quota."""
    _, group = await world.group(14)
    call = "/cgi-bin/externalcontact/groupchat/add_join_way"
    await corp.control("POST", "/faults", {"path": call, "drop_after_effect": True, "times": 1})
    code = await make(world, desk, WayDraft(name="店", groups=(group,), auto_create=False))
    assert code.targets[0].status == "wanted"

    now.advance(timedelta(minutes=5))
    await world.settle()

    code = await get(world, desk, code)
    assert (code.targets[0].status, code.targets[0].qr_url.startswith("http")) == ("ready", True)
    async with world.uows.app(world.tenant_id) as uow:
        assert (await desk.list_codes(uow)).ways_used == 2


async def test_what_does_not_fit_together_is_refused(world: World, desk: GroupCodeDesk) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        with pytest.raises(CodeRefused):
            await desk.create(
                uow,
                NewGroupCode(
                    name="x",
                    standby=STANDBY,
                    targets=(WayDraft(name="x", groups=("grp_1",), auto_create=False),),
                ),
            )
    async with world.uows.app(world.tenant_id) as uow:
        bad = ImageDraft(name="x", expires_at=world.clock.now(), picture="bm90IGEgcGljdHVyZQ==")
        with pytest.raises(CodeRefused):
            await desk.create(uow, NewGroupCode(name="x", standby=STANDBY, targets=(bad,)))
