"""Moves one brand's people: a set at a time, each question asked once for all who stand before it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import rouse
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys import crossing, facts
from quanyu.modules.journeys.definition import NODES_MAX, Condition, Split
from quanyu.modules.journeys.failures import is_expected, is_passing, kind_of
from quanyu.modules.journeys.graph import questions_of, way_of_the_rest
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.plans import Plan, changes_of, message_of, move_of, plan_of, standing_before
from quanyu.modules.journeys.ports import Audience, Persons
from quanyu.modules.journeys.queries import awaited, changes, counts, enrolments, journeys, merges
from quanyu.modules.journeys.queries.enrolments import Enrolment
from quanyu.modules.journeys.rules import CATCH_UP, Exit, Status
from quanyu.modules.messaging.service import Messaging

_log = get_logger("journeys.moving")

_ROUNDS_MAX: Final = NODES_MAX + 1  # Questions in a row, without a wait between them.
_ASK_AGAIN_S: Final = 5.0  # Of real time, while the warehouse is away.
_ASK_BROKEN_AGAIN_S: Final = 60.0
# Of real time: a question that has no answer by then is asked again, in case its asker died.
_LEASE_S: Final = 60.0

Claim = Callable[[UnitOfWork, Sequence[int]], Awaitable[list[Enrolment]]]


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
        self, uows: UnitOfWorkFactory, audience: Audience, messaging: Messaging, persons: Persons
    ) -> None:
        self._uows = uows
        self._audience = audience
        self._messaging = messaging
        self._persons = persons
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
        known = await self._persons.canonical_ids(uow, new) if new else {}
        moved = [(int(one), int(other)) for one, other in known.items() if one != other]
        if not moved:
            return found
        await merges.follow(uow, moved)
        renamed = {one for one, _ in moved} | {other for _, other in moved}
        return [one for one in found if one.person_id not in renamed]

    async def _plan(self, uow: UnitOfWork, found: Sequence[Enrolment], now: datetime) -> list[Plan]:
        versions = {(one.journey_id, one.version) for one in found}
        graphs = {version: await self._graphs.of(uow, *version) for version in versions}
        tells_time = any(graph.tells_time() for graph in graphs.values())
        zone = ZoneInfo(await self._persons.zone_of(uow)) if tells_time else None
        return [plan_of(one, graphs[one.journey_id, one.version], zone, now) for one in found]

    async def _settle(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime) -> list[Plan]:
        """Commit everybody's moves and effects, up to a condition; return who stands before one.

        These are not claimed again while they are being asked about, unless that takes very long.
        """
        asking = [plan for plan in plans if plan.asks_here]
        if asking:
            await self._answer_here(uow, asking, now)
        if plans:
            ask_again_at = now + self._business(_LEASE_S)
            await enrolments.write_moves(uow, [move_of(plan, ask_again_at) for plan in plans])
            for plan in plans:
                _state_leaving(uow, plan)
        sends = [(plan, effect) for plan in plans for effect in plan.result.sends]
        if sends:
            await self._messaging.plan(uow, [message_of(plan, effect, now) for plan, effect in sends])
        asked = [change for plan in plans for change in changes_of(plan, now)]
        if asked:
            await changes.insert(uow, asked)
            uow.after_commit(rouse)
        return [standing_before(plan) for plan in plans if plan.result.asks]

    async def _answer_here(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime) -> None:
        """Tell what came while somebody was entering a node (JN-9), their dates, and their rounds."""
        people = sorted({PersonId(plan.enrolment.person_id) for plan in plans})
        names = sorted({name for plan in plans for name in plan.definition.awaited_events()})
        seen = await awaited.list_seen(uow, names, people, since=now - CATCH_UP) if names else ()
        by_person: defaultdict[int, defaultdict[str, list[LogEvent]]] = defaultdict(lambda: defaultdict(list))
        for person_id, event in seen:
            by_person[person_id][event.name].append(event)
        keys = sorted({key for plan in plans for key in plan.definition.attributes()})
        known = await self._persons.attributes_of(uow, people, keys) if keys else {}
        repeating = [plan.enrolment.id for plan in plans if plan.definition.repeats()]
        rounds = await counts.count_rounds(uow, repeating)
        for plan in plans:
            who = PersonId(plan.enrolment.person_id)
            own = known.get(who, {})
            dates = {key: own.get(key) for key in plan.definition.attributes()}
            plan.answer(now, seen=by_person[who], attributes=dates, rounds=rounds.get(plan.enrolment.id, {}))

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
        assert isinstance(node, Condition | Split)
        ways: dict[int, str] = {}
        rest = {PersonId(plan.enrolment.person_id) for plan in group}
        for question in questions_of(node):
            those = await self._audience.among(tenant_id, question.test, sorted(rest)) if rest else ()
            ways |= dict.fromkeys(those, question.way)
            rest -= ways.keys()
        now = self._uows.clock.now()
        for plan in group:
            way = ways.get(plan.enrolment.person_id, way_of_the_rest(node))
            plan.answer(now, ways={plan.enrolment.state.seq: way})

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


def _is_same(asked: Enrolment, now_is: Enrolment | None) -> bool:
    """Tell whether the one a question was asked of still stands there, and is still the same person."""
    return now_is is not None and (asked.state, asked.person_id) == (now_is.state, now_is.person_id)


def _those(ids: Sequence[int]) -> Claim:
    async def claim(uow: UnitOfWork, running: Sequence[int]) -> list[Enrolment]:
        return await enrolments.claim_those(uow, running, ids)

    return claim


def _state_leaving(uow: UnitOfWork, plan: Plan) -> None:
    one, state = plan.enrolment, plan.result.state
    if state.status is not Status.ACTIVE:
        last = plan.result.steps[-1]
        reason = str(last.outcome)
        fact = facts.left(one.journey_id, one.id, one.person_id, last.left_at, seq=last.seq, reason=reason)
        uow.publish(fact)
