"""Moves one brand's people: a set at a time, each question asked once for all who stand before it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys import crossing, facts
from quanyu.modules.journeys.definition import NODES_MAX, Condition, Definition, WaitEvent
from quanyu.modules.journeys.drawing import lot_of
from quanyu.modules.journeys.failures import is_expected, is_passing, kind_of
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.queries import awaited, enrolments, journeys, merges
from quanyu.modules.journeys.queries.enrolments import Enrolment, Move, storable_json
from quanyu.modules.journeys.rules import (
    CATCH_UP,
    Advance,
    Answers,
    Exit,
    SendEffect,
    Status,
    advance,
    origin_key,
)
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import MessageClass, PlanMessage
from quanyu.modules.messaging.service import Messaging

_log = get_logger("journeys.moving")

_ROUNDS_MAX: Final = NODES_MAX + 1  # Questions in a row, without a wait between them.
_ASK_AGAIN_S: Final = 5.0  # Of real time, while the warehouse is away.
_ASK_BROKEN_AGAIN_S: Final = 60.0
# Of real time: a question that has no answer by then is asked again, in case its asker died.
_LEASE_S: Final = 60.0

# Who each person is known as today; ids it leaves out stand for themselves.
Canonical = Callable[[UnitOfWork, Sequence[PersonId]], Awaitable[Mapping[PersonId, PersonId]]]
Claim = Callable[[UnitOfWork, Sequence[int]], Awaitable[list[Enrolment]]]


@dataclass(slots=True)
class Plan:
    """Somebody's way as far as it is known, with the answers given so far."""

    enrolment: Enrolment
    definition: Definition
    answers: Answers
    result: Advance

    def answer(self, now: datetime, **more: Any) -> None:
        self.answers = replace(self.answers, **more)
        self.result = advance(self.definition, self.enrolment.state, self.answers, now)

    @property
    def asked_node(self) -> Condition | WaitEvent | None:
        node = self.definition.nodes[self.result.state.node] if self.result.asks else None
        return node if isinstance(node, Condition | WaitEvent) else None


@dataclass(frozen=True, slots=True)
class Moved:
    """How many people were claimed, and who of them now stands before a condition: see ``Mover.answer``."""

    claimed: int
    asking: tuple[Plan, ...]


class Mover:
    """Claims people who are due, asks what must be asked, and commits their moves with all effects.

    Whoever cannot be moved leaves as ``failed``, with the reason in the log; everybody else goes on.
    """

    def __init__(
        self, uows: UnitOfWorkFactory, audience: Audience, messaging: Messaging, canonical: Canonical
    ) -> None:
        self._uows = uows
        self._audience = audience
        self._messaging = messaging
        self._canonical = canonical
        self._graphs = Graphs()

    async def move_due(self, tenant_id: TenantId, journey_ids: Sequence[int], *, each: int) -> Moved:
        """Move up to ``each`` people of each journey as far as they can go without a question.

        Raises:
            Exception: nothing is wrong with anybody, a later try may work; see ``failures.is_passing``.
        """
        claimed: list[int] = []

        async def claim(uow: UnitOfWork, running: Sequence[int]) -> list[Enrolment]:
            now = uow.clock.now()
            found = await enrolments.claim_due(uow, running, now=now, each=each)
            claimed.extend(one.id for one in found)
            return found

        try:
            asking = await self._move(tenant_id, journey_ids, claim)
        except Exception as error:
            if is_passing(error) or not claimed:
                raise
            asking = await self._isolate(tenant_id, journey_ids, claimed, error)
        return Moved(len(claimed), tuple(asking))

    async def _isolate(
        self, tenant_id: TenantId, journey_ids: Sequence[int], ids: Sequence[int], error: Exception
    ) -> list[Plan]:
        """Halve until the one who cannot be moved stands alone, then let them out."""
        if len(ids) == 1:
            await self._give_up(tenant_id, ids, error)
            return []
        asking = []
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            try:
                asking += await self._move(tenant_id, journey_ids, _those(half))
            except Exception as half_error:
                if is_passing(half_error):
                    raise
                asking += await self._isolate(tenant_id, journey_ids, half, half_error)
        return asking

    async def _give_up(self, tenant_id: TenantId, ids: Sequence[int], error: Exception) -> None:
        async with self._uows.system(tenant_id) as uow:
            await awaited.join_turn(uow)
            out = await crossing.let_out(uow, ids, Exit.FAILED)
        for one in out[:1]:
            _log.error(
                "journeys.passage_failed",
                journey=encode_id("jrn", one.journey_id),
                enrolment=encode_id("enr", one.id),
                node=one.step.node,
                reason=kind_of(error),
                people=len(out),
                exc_info=error,
            )

    async def _move(self, tenant_id: TenantId, journey_ids: Sequence[int], claim: Claim) -> list[Plan]:
        async with self._uows.system(tenant_id) as uow:
            found = await self._claim(uow, journey_ids, claim)
            now = uow.clock.now()
            return await self._settle(uow, await self._plan(uow, found, now), now)

    async def _claim(self, uow: UnitOfWork, journey_ids: Sequence[int], claim: Claim) -> list[Enrolment]:
        await awaited.join_turn(uow)
        running = await journeys.hold_active(uow, journey_ids)
        found = await claim(uow, running) if running else []
        return await self._under_present_names(uow, found)

    async def _under_present_names(self, uow: UnitOfWork, found: list[Enrolment]) -> list[Enrolment]:
        """Who was merged in the moment they entered is given their present name, and moved next time."""
        new = sorted({PersonId(one.person_id) for one in found if one.state.seq == 0})
        known = await self._canonical(uow, new) if new else {}
        moved = [(int(one), int(other)) for one, other in known.items() if one != other]
        if not moved:
            return found
        await merges.follow(uow, moved)
        renamed = {one for one, _ in moved} | {other for _, other in moved}
        return [one for one in found if one.person_id not in renamed]

    async def _plan(self, uow: UnitOfWork, found: Sequence[Enrolment], now: datetime) -> list[Plan]:
        versions = {(one.journey_id, one.version) for one in found}
        graphs = {version: await self._graphs.of(uow, *version) for version in versions}
        plans = []
        for one in found:
            definition = graphs[one.journey_id, one.version]
            answers = Answers(matched=one.matched, lot=_lot(one))
            plans.append(Plan(one, definition, answers, advance(definition, one.state, answers, now)))
        return plans

    async def _settle(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime) -> list[Plan]:
        """Commit everybody's moves and effects, up to a condition; return who stands before one.

        These are not claimed again while they are being asked about, unless that takes very long.
        """
        arriving = [plan for plan in plans if isinstance(plan.asked_node, WaitEvent)]
        if arriving:
            await self._answer_what_came(uow, arriving, now)
        if plans:
            ask_again_at = now + self._business(_LEASE_S)
            await enrolments.write_moves(uow, [_move(plan, ask_again_at) for plan in plans])
            for plan in plans:
                _state_leaving(uow, plan)
        sends = [(plan, effect) for plan in plans for effect in plan.result.sends]
        if sends:
            await self._messaging.plan(uow, [_message(plan, effect, now) for plan, effect in sends])
        return [_standing_before(plan) for plan in plans if plan.result.asks]

    async def _answer_what_came(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime) -> None:
        """An event that came while somebody was entering the node counts (JN-9)."""
        seen = await awaited.list_seen(
            uow,
            sorted({name for plan in plans for name in plan.definition.awaited_events()}),
            sorted({plan.enrolment.person_id for plan in plans}),
            since=now - CATCH_UP,
        )
        by_person: defaultdict[int, defaultdict[str, list[LogEvent]]] = defaultdict(lambda: defaultdict(list))
        for person_id, event in seen:
            by_person[person_id][event.name].append(event)
        for plan in plans:
            plan.answer(now, seen=by_person[plan.enrolment.person_id])

    # --- conditions: the warehouse is asked with no transaction open ---

    async def answer(self, tenant_id: TenantId, asking: Sequence[Plan]) -> None:
        """Ask each condition once for everybody who stands before it, and move them on."""
        for _ in range(_ROUNDS_MAX):
            groups: defaultdict[tuple[int, int, str], list[Plan]] = defaultdict(list)
            for plan in asking:
                one = plan.enrolment
                groups[one.journey_id, one.version, one.state.node].append(plan)
            if not groups:
                return
            asking = [
                plan for group in groups.values() for plan in await self._answer_group(tenant_id, group)
            ]
        # Catching up in a long loop: due at once, behind those who wait for their turn.
        async with self._uows.system(tenant_id) as uow:
            await enrolments.postpone(uow, [plan.enrolment.id for plan in asking], uow.clock.now())

    async def _answer_group(self, tenant_id: TenantId, group: Sequence[Plan]) -> list[Plan]:
        try:
            await self._ask(tenant_id, group)
        except Exception as error:
            await self._without_answer(tenant_id, group, error)
            return []
        return await self._move_answered(tenant_id, group)

    async def _ask(self, tenant_id: TenantId, group: Sequence[Plan]) -> None:
        node = group[0].asked_node
        assert isinstance(node, Condition)
        people = sorted({PersonId(plan.enrolment.person_id) for plan in group})
        those = await self._audience.among(tenant_id, node.test, people)
        now = self._uows.clock.now()
        for plan in group:
            plan.answer(now, conditions={plan.enrolment.state.seq: plan.enrolment.person_id in those})

    async def _move_answered(self, tenant_id: TenantId, group: Sequence[Plan]) -> list[Plan]:
        """Move those on who still stand there; halve around whoever cannot be moved."""
        try:
            async with self._uows.system(tenant_id) as uow:
                those = _those([plan.enrolment.id for plan in group])
                found = await self._claim(uow, [group[0].enrolment.journey_id], those)
                still = {one.id: one for one in found}
                same = [plan for plan in group if _is_same(plan.enrolment, still.get(plan.enrolment.id))]
                now = uow.clock.now()
                changed = still.keys() - {plan.enrolment.id for plan in same}
                if changed:  # The answer was about somebody who is another by now.
                    await enrolments.postpone(uow, sorted(changed), now)
                return await self._settle(uow, same, now)
        except Exception as error:
            if is_passing(error):
                await self._without_answer(tenant_id, group, error)
                return []
            if len(group) == 1:
                await self._give_up(tenant_id, [group[0].enrolment.id], error)
                return []
        middle = len(group) // 2
        first = await self._move_answered(tenant_id, group[:middle])
        return first + await self._move_answered(tenant_id, group[middle:])

    async def _without_answer(self, tenant_id: TenantId, group: Sequence[Plan], error: Exception) -> None:
        """Who cannot be answered waits where they are; only a question that is none lets them out."""
        ids = [plan.enrolment.id for plan in group]
        if isinstance(error, AppError) and error.kind is ErrorKind.INVALID:
            await self._give_up(tenant_id, ids, error)
            return
        passing = is_passing(error)
        log = _log.warning if passing else _log.error
        log(
            "journeys.question_failed",
            journey=encode_id("jrn", group[0].enrolment.journey_id),
            node=group[0].enrolment.state.node,
            people=len(group),
            reason=kind_of(error),
            exc_info=None if is_expected(error) else error,
        )
        wait = self._business(_ASK_AGAIN_S if passing else _ASK_BROKEN_AGAIN_S)
        async with self._uows.system(tenant_id) as uow:
            await enrolments.postpone(uow, ids, uow.clock.now() + wait)

    def _business(self, real_s: float) -> timedelta:
        """Return how far the business clock goes in so many real seconds."""
        second = timedelta(seconds=1)
        return second * (real_s / self._uows.clock.real_seconds(second))


def _standing_before(plan: Plan) -> Plan:
    """Return a plan that starts at the condition somebody has come to."""
    enrolment = replace(plan.enrolment, state=plan.result.state, matched=None)
    learned = _learned(plan)
    if learned:
        variables = {**msgspec.json.decode(enrolment.variables), **learned}
        enrolment = replace(enrolment, variables=storable_json(variables))
    answers = Answers(lot=_lot(enrolment))
    return Plan(enrolment, plan.definition, answers, Advance(plan.result.state, (), (), asks=True))


def _lot(one: Enrolment) -> str:
    return lot_of(one.journey_id, one.person_id)


def _is_same(asked: Enrolment, now_is: Enrolment | None) -> bool:
    """Tell whether the one a question was asked of still stands there, and is still the same person."""
    return now_is is not None and (asked.state, asked.person_id) == (now_is.state, now_is.person_id)


def _those(ids: Sequence[int]) -> Claim:
    async def claim(uow: UnitOfWork, running: Sequence[int]) -> list[Enrolment]:
        return await enrolments.claim_those(uow, running, ids)

    return claim


def _move(plan: Plan, ask_again_at: datetime) -> Move:
    state = plan.result.state
    awaits = None
    if state.is_awaiting:
        node = plan.definition.nodes[state.node]
        assert isinstance(node, WaitEvent)
        awaits = node.event
    return Move(
        enrolment=plan.enrolment,
        state=state,
        due_at=ask_again_at if plan.result.asks else state.wake_at,
        steps=plan.result.steps,
        awaits=awaits,
        variables=_learned(plan),
    )


def _state_leaving(uow: UnitOfWork, plan: Plan) -> None:
    one, state = plan.enrolment, plan.result.state
    if state.status is not Status.ACTIVE:
        last = plan.result.steps[-1]
        reason = str(last.outcome)
        fact = facts.left(one.journey_id, one.id, one.person_id, last.left_at, seq=last.seq, reason=reason)
        uow.publish(fact)


def _learned(plan: Plan) -> Mapping[str, Any] | None:
    matched = plan.result.matched
    return {"matched": matched.variables} if matched else None


def _message(plan: Plan, effect: SendEffect, now: datetime) -> PlanMessage:
    one, send = plan.enrolment, effect.send
    return PlanMessage(
        origin_key=origin_key(one.id, effect.seq),
        person_id=PersonId(one.person_id),
        account_id=read_account_id(send.message_kind, send.account_id),
        message_kind=send.message_kind,
        content=send.content,
        variables=_variables(one, effect),
        message_class=MessageClass(send.message_class),
        purpose=send.purpose,
        journey_id=one.journey_id,
        node_id=effect.node,
        expires_at=now + timedelta(seconds=send.expires_after_s),
    )


def _variables(enrolment: Enrolment, effect: SendEffect) -> Mapping[str, Any]:
    """``event`` let the person in, ``matched`` is what they were last waited for; both may be empty."""
    variables = {"event": {}, "matched": {}, **msgspec.json.decode(enrolment.variables)}
    return {**variables, "matched": effect.matched.variables} if effect.matched else variables
