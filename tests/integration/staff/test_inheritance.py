"""Passing customers and groups on, against the sandbox over the wire, with days that pass in moments."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig, product, start_rig
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.translation import CUSTOMER_TRANSFER_FAILED
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.directory.contracts import MEMBER_CHANGED
from quanyu.modules.staff.inheritance.contracts import (
    CustomerFilter,
    Inheritance,
    ItemState,
    Kind,
    Method,
    Origin,
    PlanInheritance,
    State,
    Taker,
    read_id,
)
from quanyu.modules.staff.inheritance.errors import NothingToPassOn, UnknownMember, WrongState
from quanyu.modules.staff.inheritance.service import InheritanceDesk
from quanyu.modules.staff.inheritance.subscribers import InheritanceSubscriber
from quanyu.modules.staff.inheritance.worker import CLAIM, InheritanceWorker
from quanyu.wechat.transport import Timeouts, Transport, open_transport

from .company import Company, connect

__all__ = ["product", "start_rig"]
DAY = timedelta(hours=24, minutes=2)


@dataclass
class Heirs:
    """The desk and the worker of one company."""

    company: Company
    desk: InheritanceDesk
    worker: InheritanceWorker

    async def plan(self, handover: str, *takers: str, kind: Kind = Kind.ON_JOB, **more: Any) -> Inheritance:
        named = tuple(Taker(userid=one) if isinstance(one, str) else one for one in takers)
        command = PlanInheritance(
            corp=self.company.shown_id, handover=handover, kind=kind, takers=named, **more
        )
        return await self.desk.plan(self.company.tenant_id, command, by="林店长")

    async def act(self, what: str, plan: Inheritance) -> Inheritance:
        async with self.company.uows.app(self.company.tenant_id) as uow:
            done: Inheritance = await getattr(self.desk, what)(uow, read_id(plan.id), by="林店长")
            return done

    async def see(self, plan: Inheritance) -> Inheritance:
        async with self.company.uows.app(self.company.tenant_id) as uow:
            return await self.desk.get(uow, read_id(plan.id))

    async def work(self) -> None:
        for _ in range(30):
            if not await self.worker.run_once(self.company.tenant_id):
                return
        raise AssertionError("the worker never rests")

    async def reasons(self, plan: Inheritance, what: str = "customer") -> dict[str, int]:
        async with self.company.uows.app(self.company.tenant_id) as uow:
            page = await self.desk.items(uow, read_id(plan.id), what=what, state=None, cursor=None, limit=200)
        counted: dict[str, int] = {}
        for one in page.items:
            key = f"{one.state}:{one.reason}" if one.reason else str(one.state)
            counted[key] = counted.get(key, 0) + 1
        return counted


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=2, read_s=5, total_s=8)) as opened:
        yield opened


@pytest.fixture
async def heirs(
    start_rig: StartRig,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    transport: Transport,
    tenant_id: TenantId,
) -> Heirs:
    rig = await start_rig(people=260, workers=1)
    company = await connect(rig, uows, clock, key_ring, transport, tenant_id)
    await company.staff("staff01", "staff02", "staff03", "staff04")
    desk = InheritanceDesk(uows, key_ring, company.clients)
    return Heirs(company, desk, InheritanceWorker(uows, key_ring, company.clients))


def counts(plan: Inheritance) -> dict[str, int]:
    return {state.value: count for state, count in plan.customers.items() if count}


async def test_a_members_customers_move_to_several_after_a_day_and_some_refuse(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", *range(5))
    plan = await heirs.plan("staff01", "staff02", "staff03", message="以后由我为您服务")
    assert (plan.state, counts(plan), plan.problems) == (State.DRAFT, {"planned": 5}, {})
    assert [taker.customers for taker in plan.takers] == [3, 2]
    await heirs.work()
    assert (await company.control("GET", "/transfers"))["items"] == []  # A draft submits nothing.

    await heirs.act("submit", plan)
    await heirs.work()
    plan = await heirs.see(plan)
    assert (plan.state, counts(plan)) == (State.RUNNING, {"waiting": 5})
    assert len((await company.control("GET", "/transfers"))["items"]) == 5
    await company.control("POST", "/customers/3/refuse-transfer")
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"waiting": 5}  # Nothing is due, and nothing was heard.

    company.advance(DAY)
    await heirs.work()
    plan = await heirs.see(plan)
    assert (plan.state, counts(plan)) == (State.DONE, {"done": 4, "refused": 1})
    assert plan.reasons == {"refused": 1}
    names = [name for name, _ in await company.facts("staff.customer_transfer")]
    assert sorted(names) == sorted(
        ["staff.customer_transfer_started"] * 5
        + ["staff.customer_transferred"] * 4
        + ["staff.customer_transfer_refused"]
    )
    held = {one["userid"]: one["customers"] for one in (await company.control("GET", "/staff"))["items"]}
    assert (held["staff01"], held["staff02"] + held["staff03"]) == (1, 4)


async def test_those_who_left_are_known_with_whom_they_left_behind(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", *range(120))
    await company.leave("staff01")
    found = await heirs.desk.candidates(company.tenant_id, company.shown_id, Kind.RESIGNED)
    assert [(one.userid, one.name, one.customers) for one in found.items] == [("staff01", "成员01", 120)]
    plan = await heirs.plan(
        "staff01",
        Taker(userid="staff02", weight=3),
        Taker(userid="staff03"),
        kind=Kind.RESIGNED,
        method=Method.WEIGHT,
    )
    assert [taker.customers for taker in plan.takers] == [90, 30]
    await heirs.act("submit", plan)
    await heirs.work()
    again = await heirs.desk.candidates(company.tenant_id, company.shown_id, Kind.RESIGNED)
    assert again.items == ()  # All are on the way.
    company.advance(DAY)
    await heirs.work()
    plan = await heirs.see(plan)
    assert (plan.state, counts(plan)) == (State.DONE, {"done": 120})


async def test_customers_are_chosen_by_when_they_came_and_through_what(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2, at=company.clock.now() - timedelta(days=40), state="spring")
    await company.add("staff01", 3, state="summer")
    recent = CustomerFilter(added_from=company.clock.now() - timedelta(days=1))
    assert counts(await heirs.plan("staff01", "staff02", customers=recent)) == {"planned": 1}
    spring = CustomerFilter(states=("spring",))
    assert counts(await heirs.plan("staff01", "staff02", customers=spring)) == {"planned": 2}
    with pytest.raises(NothingToPassOn):
        await heirs.plan("staff01", "staff02", customers=CustomerFilter(states=("autumn",)))
    with pytest.raises(UnknownMember):
        await heirs.plan("staff01", "nobody")
    with pytest.raises(UnknownMember):
        await heirs.plan("staff01", "staff02", kind=Kind.RESIGNED)


async def test_problems_are_told_before_and_left_out(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", *range(4))
    first = await heirs.act("submit", await heirs.plan("staff01", Taker(userid="staff02", limit=2)))
    assert first.reasons == {"no_room": 2}
    await heirs.work()
    second = await heirs.plan("staff01", "staff03")
    assert second.problems == {"in_transfer": 2}
    await heirs.act("submit", second)
    await heirs.work()
    company.advance(DAY)
    await heirs.work()
    assert await heirs.reasons(await heirs.see(second)) == {"done": 2, "failed:in_transfer": 2}
    # Twice within ninety days is what the platform allows (D 92125).
    await company.add("staff04", 9)
    for giver, taker in (("staff04", "staff02"), ("staff02", "staff04")):
        await company.add(giver, 9)
        only = CustomerFilter(added_from=company.clock.now() - timedelta(minutes=1))
        await heirs.act("submit", await heirs.plan(giver, taker, customers=only))
        await heirs.work()
        company.advance(DAY)
        await heirs.work()
    await company.add("staff04", 9)
    third = await heirs.plan("staff04", "staff03", customers=CustomerFilter(added_from=company.clock.now()))
    assert third.problems == {"too_often": 1}


async def test_whoever_is_full_is_passed_over_for_the_next(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2)
    await company.control("PUT", "/staff/staff02", {"customer_limit": 0})
    plan = await heirs.act("submit", await heirs.plan("staff01", "staff02", "staff03"))
    await heirs.work()
    company.advance(DAY)
    await heirs.work()
    plan = await heirs.see(plan)
    assert counts(plan) == {"done": 2}  # CS-3: the next candidate by itself.
    assert [taker.customers for taker in plan.takers] == [0, 2]


async def test_a_plan_stops_and_goes_on_and_a_draft_is_dropped(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2)
    plan = await heirs.act("submit", await heirs.plan("staff01", "staff02"))
    await heirs.act("stop", plan)
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"planned": 2}
    with pytest.raises(WrongState):
        await heirs.act("drop", plan)
    await heirs.act("resume", plan)
    await heirs.work()
    company.advance(timedelta(seconds=1))
    stopped = await heirs.act("stop", plan)  # Too late for these: the platform goes on with them.
    assert counts(stopped) == {"waiting": 2}
    company.advance(DAY)
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"done": 2}
    await company.add("staff01", 5)
    draft = await heirs.plan("staff01", "staff02")
    assert (await heirs.act("drop", draft)).state is State.DROPPED
    names = [name for name, _ in await company.facts("staff.inheritance")]
    verbs = ("submitted", "stopped", "resumed", "stopped", "ended", "dropped")
    assert names == [f"staff.inheritance_{verb}" for verb in verbs]


async def test_an_answer_that_is_lost_is_asked_for_and_never_assumed(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2)
    fault = {"path": "/cgi-bin/externalcontact/transfer_customer", "drop_after_effect": True, "times": 1}
    await company.rig.control("POST", "/faults", fault)
    plan = await heirs.act("submit", await heirs.plan("staff01", "staff02"))
    await heirs.worker.run_once(company.tenant_id)
    assert counts(await heirs.see(plan)) == {"submitted": 2}
    company.advance(timedelta(minutes=1))
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"waiting": 2}
    assert len((await company.control("GET", "/transfers"))["items"]) == 2


async def test_a_process_that_dies_between_intent_and_call_loses_and_doubles_nothing(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2)
    plan = await heirs.act("submit", await heirs.plan("staff01", "staff02"))

    async def die(*_: Any) -> None:
        raise SystemExit

    start, heirs.worker._start = heirs.worker._start, die  # type: ignore[method-assign,assignment]
    with pytest.raises(SystemExit):
        await heirs.worker.run_once(company.tenant_id)
    heirs.worker._start = start  # type: ignore[method-assign]
    assert counts(await heirs.see(plan)) == {"submitted": 2}
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"submitted": 2}  # The claim of the dead still holds.
    company.advance(CLAIM + timedelta(seconds=1))
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"waiting": 2}
    company.advance(DAY)
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"done": 2}


async def test_groups_get_new_owners(heirs: Heirs) -> None:
    company = heirs.company
    chats = [
        (await company.control("POST", "/groups", {"owner": "staff01", "name": f"群{n}"}))["chat_id"]
        for n in range(3)
    ]
    owned = await heirs.desk.groups_of(company.tenant_id, company.shown_id, "staff01")
    assert sorted(one.name for one in owned.items) == ["群0", "群1", "群2"]
    plan = await heirs.plan("staff01", "staff02", "staff03", customers=None, groups=tuple(chats))
    await heirs.act("submit", plan)
    await heirs.work()
    plan = await heirs.see(plan)
    assert (plan.state, plan.groups[ItemState.DONE]) == (State.DONE, 3)
    assert sorted(taker.groups for taker in plan.takers) == [1, 2]
    owners = {(await company.control("GET", f"/groups/{chat}"))["owner"] for chat in chats}
    assert owners == {"staff02", "staff03"}


def told(company: Company, name: str, userid: str, person: int | None = None, **properties: Any) -> LogEvent:
    """Return an event of the company as the log tells it."""
    now = company.clock.now()
    context = {"channel": "wecom", "app": company.app_id, "staff": userid}
    if person is not None:
        context["customer"] = company.token(person).hex()
    return LogEvent(
        position=1,
        person_id=None,
        kind="track",
        name=name,
        occurred_at=now,
        received_at=now,
        source=f"wecom:{company.app_id}",
        message_id="1",
        properties=properties,
        context=context,
    )


async def hear(company: Company, *events: LogEvent) -> None:
    async with company.uows.system(company.tenant_id) as uow:
        await InheritanceSubscriber().apply(uow, events, None)


async def test_a_refusal_that_is_heard_of_ends_the_wait_at_once(heirs: Heirs) -> None:
    company = heirs.company
    await company.add("staff01", 1, 2)
    plan = await heirs.act("submit", await heirs.plan("staff01", "staff02"))
    await heirs.work()
    await company.control("POST", "/customers/1/refuse-transfer")
    await hear(company, told(company, CUSTOMER_TRANSFER_FAILED, "staff02", 1))
    await heirs.work()
    assert counts(await heirs.see(plan)) == {"refused": 1, "waiting": 1}


async def test_whoever_leaves_opens_a_task_once_and_a_plan_takes_its_place(heirs: Heirs) -> None:
    """GC-6: the owner leaves, an inheritance task is there."""
    company = heirs.company
    await company.add("staff01", 1)
    await company.leave("staff01")
    left = told(company, MEMBER_CHANGED, "staff01", what="left", can_serve=True)
    outsider = told(company, MEMBER_CHANGED, "staff04", what="left", can_serve=False)
    await hear(company, left, left, outsider)
    async with company.uows.app(company.tenant_id) as uow:
        (task,) = (await heirs.desk.list_plans(uow, cursor=None, limit=None)).items
    assert (task.state, task.origin, task.handover_name) == (State.OPEN, Origin.STAFF_LEFT, "成员01")
    plan = await heirs.plan("staff01", "staff02", kind=Kind.RESIGNED)
    await hear(company, left)  # Told again, now that a plan is made.
    async with company.uows.app(company.tenant_id) as uow:
        shown = (await heirs.desk.list_plans(uow, cursor=None, limit=None)).items
    assert [one.id for one in shown] == [plan.id]
