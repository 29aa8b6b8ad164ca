"""The engine: moves sets of people on, each node's question asked once for all who stand there."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.journeys import queries
from quanyu.modules.journeys.definition import Condition, Definition, WaitEvent, parse_definition
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.queries import Enrolment, Move
from quanyu.modules.journeys.rules import Advance, Answers, SendEffect, Status, advance
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, PlanMessage
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.segments.matching import matches

_log = get_logger("journeys.engine")

CLAIM_MAX: Final = 2_000
QUESTIONS_MAX: Final = 50  # Conditions in a row, without a wait between them.
IDLE_LOOK_S: Final = 0.5
NO_TENANT: Final = TenantId(0)


@dataclass(slots=True)
class _Plan:
    """Somebody's way as far as it is known, with the answers given so far."""

    enrolment: Enrolment
    definition: Definition
    answers: Answers
    result: Advance


class Engine:
    """Moves people on. Any number may run; rows are claimed with SKIP LOCKED."""

    def __init__(self, uows: UnitOfWorkFactory, audience: Audience, messaging: Messaging) -> None:
        self._uows = uows
        self._audience = audience
        self._messaging = messaging
        self._definitions: dict[tuple[TenantId, int, int], Definition] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that somebody may be due."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Move everybody who is due, of every brand, until ``stop`` is set."""
        while not stop.is_set():
            self._wake.clear()
            try:
                moved = await self.run_once()
            except Unavailable as error:
                _log.warning("journeys.waiting", error=error.code)
                moved = 0
            except Exception as error:
                _log.error("journeys.round_failed", exc_info=error)
                moved = 0
            if not moved:
                await self._pause(stop)

    async def _pause(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.create_task(self._wake.wait()), asyncio.create_task(stop.wait())]
        await asyncio.wait(waiting, timeout=IDLE_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def run_once(self) -> int:
        """Move one batch of each brand; return how many people moved or were looked at."""
        async with self._uows.system(NO_TENANT) as uow:
            tenants = await queries.list_brands_due(uow, now=uow.clock.now())
        return sum([await self.run_tenant(tenant_id) for tenant_id in tenants])

    async def run_tenant(self, tenant_id: TenantId) -> int:
        """Move one batch of a brand; return how many moves were written."""
        now = self._uows.clock.now()
        async with self._uows.system(tenant_id) as uow:
            due = await queries.list_due(uow, now=now, limit=CLAIM_MAX)
            definitions = [await self._definition(uow, one.journey_id, one.version) for one in due]
        if not due:
            return 0
        plans = [_plan(one, definition, now) for one, definition in zip(due, definitions, strict=True)]
        await self._answer_questions(tenant_id, plans, now)
        async with self._uows.system(tenant_id) as uow:
            return await self._commit(uow, plans, now)

    async def _definition(self, uow: UnitOfWork, journey_id: int, version: int) -> Definition:
        key = (uow.tenant_id, journey_id, version)
        known = self._definitions.get(key)
        if known is None:
            known = parse_definition(await queries.load_definition(uow, journey_id, version))
            self._definitions[key] = known  # Published graphs never change.
        return known

    async def _answer_questions(self, tenant_id: TenantId, plans: Sequence[_Plan], now: datetime) -> None:
        """Ask each pending condition once for everybody who stands before it, until nobody asks."""
        for _ in range(QUESTIONS_MAX):
            asking: dict[tuple[int, int, str], list[_Plan]] = {}
            for plan in plans:
                if plan.result.asks:
                    one = plan.enrolment
                    asking.setdefault((one.journey_id, one.version, plan.result.asks), []).append(plan)
            if not asking:
                return
            for (_, _, node_id), group in asking.items():
                await self._ask(tenant_id, node_id, group, now)

    async def _ask(self, tenant_id: TenantId, node_id: str, group: Sequence[_Plan], now: datetime) -> None:
        node = group[0].definition.nodes[node_id]
        assert isinstance(node, Condition)
        people = [PersonId(plan.enrolment.person_id) for plan in group]
        those = await self._audience.among(tenant_id, node.test, people)
        for plan in group:
            answer = plan.enrolment.person_id in those
            plan.answers = replace(plan.answers, conditions={**plan.answers.conditions, node_id: answer})
            plan.result = advance(plan.definition, plan.enrolment.state, plan.answers, now)

    async def _commit(self, uow: UnitOfWork, plans: Sequence[_Plan], now: datetime) -> int:
        await queries.serialise(uow)
        unchanged = await queries.lock_unchanged(uow, [plan.enrolment for plan in plans])
        settled = [plan for plan in plans if plan.enrolment.id in unchanged and not plan.result.asks]
        if not settled:
            return 0
        await queries.write_moves(uow, [_move(plan) for plan in settled])
        messages = [_message(plan, send, now) for plan in settled for send in plan.result.sends]
        if messages:
            await self._messaging.plan(uow, messages)
        await self._match_what_came_meanwhile(uow, settled, now)
        return len(settled)

    async def _match_what_came_meanwhile(
        self, uow: UnitOfWork, plans: Sequence[_Plan], now: datetime
    ) -> None:
        """An event that came while somebody was entering the node counts (JN-9)."""
        parked = {plan.enrolment.id: plan for plan in plans if _awaited(plan) is not None}
        if not parked:
            return
        names = {node.event for plan in parked.values() if (node := _awaited(plan))}
        people = {plan.enrolment.person_id for plan in parked.values()}
        since = min(plan.result.state.entered_node_at or now for plan in parked.values())
        seen = await queries.list_seen(uow, sorted(names), sorted(people), since=since)
        matched: dict[int, datetime] = {}
        for plan in parked.values():
            node, state = _awaited(plan), plan.result.state
            assert node is not None
            assert state.entered_node_at is not None
            for event in seen:
                mine = event.person_id == plan.enrolment.person_id and event.name == node.event
                in_time = state.entered_node_at <= event.occurred_at <= (state.wake_at or now)
                if mine and in_time and matches(node.where, event):
                    matched[plan.enrolment.id] = event.occurred_at
                    break
        await queries.mark_matched(uow, matched, now=now)


def _plan(enrolment: Enrolment, definition: Definition, now: datetime) -> _Plan:
    answers = Answers({}, enrolment.matched_at)
    return _Plan(enrolment, definition, answers, advance(definition, enrolment.state, answers, now))


def _awaited(plan: _Plan) -> WaitEvent | None:
    state = plan.result.state
    node = plan.definition.nodes.get(state.node) if state.status is Status.ACTIVE else None
    return node if isinstance(node, WaitEvent) else None


def _move(plan: _Plan) -> Move:
    node = _awaited(plan)
    return Move(plan.enrolment, plan.result.state, plan.result.steps, node.event if node else None)


def _message(plan: _Plan, effect: SendEffect, now: datetime) -> PlanMessage:
    one, send = plan.enrolment, effect.send
    return PlanMessage(
        origin_key=f"journey:{encode_id('enr', one.id)}:{effect.seq}",
        person_id=PersonId(one.person_id),
        account_id=decode_id("oac", send.account_id),
        message_kind=MessageKind(send.message_kind),
        content=send.content,
        variables=_variables(one.variables),
        message_class=MessageClass(send.message_class),
        journey_id=one.journey_id,
        node_id=effect.node,
        expires_at=now + timedelta(seconds=send.expires_after_s),
    )


def _variables(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return variables if "event" in variables else {**variables, "event": {}}
