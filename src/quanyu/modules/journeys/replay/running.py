"""A replay from its draft to its report: blocks of people, wave by wave of questions, then the governor."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Final, TypeVar

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import (
    Condition,
    Definition,
    Node,
    SegmentEntered,
    SegmentLeft,
    Send,
    Split,
    UntilDate,
    WaitUntil,
    dump_definition,
)
from quanyu.modules.journeys.entering import starting_event
from quanyu.modules.journeys.graph import questions_of
from quanyu.modules.journeys.ports import Audience, Persons
from quanyu.modules.journeys.replay.blocks import Block, Letters, Lived, judge_block, live_block
from quanyu.modules.journeys.replay.contracts import ReplayReport
from quanyu.modules.journeys.replay.history import Entries, Past, entries_of
from quanyu.modules.journeys.replay.living import Planned
from quanyu.modules.journeys.replay.report import report_of
from quanyu.modules.journeys.replay.tally import Tally
from quanyu.modules.messaging import rehearsal
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import MessageClass
from quanyu.modules.messaging.rehearsal import Opening, Received, Rehearsal, Say

PEOPLE_OF_BLOCK: Final = 40_000
_LETTERS_AT_ONCE: Final = 5_000  # People.
_ASKED_AT_ONCE: Final = 20_000
_TICKS_MAX: Final = 120  # Moments a condition is asked as of.
_SMALL_BYTES: Final = 2_000_000  # What is done sooner than a process starts.
_WAVES_MAX: Final = 100
_REMEMBERED: Final = timedelta(days=8)  # Longer than a week's counter and than any window.

T = TypeVar("T")
Asked = tuple[int, str, datetime, int]  # Person, node, instant, and which of its conditions.
# Tells how far it is; raises if nobody wants it any more.
Tell = Callable[[str, float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to replay."""

    tenant_id: TenantId
    journey_id: int
    definition: Definition
    since: datetime
    until: datetime


class Replayer:
    """Replays one draft at a time; two processes work on blocks of people."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        audience: Audience,
        persons: Persons,
        messages: Rehearsal,
        pool: WorkPool,
        *,
        people_of_block: int = PEOPLE_OF_BLOCK,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._audience = audience
        self._persons = persons
        self._messages = messages
        self._pool = pool
        self._people_of_block = people_of_block

    async def run(self, order: Order, tell: Tell) -> tuple[ReplayReport, Mapping[str, Sequence[int]]]:
        """Return the report, and some people behind each of its figures. Changes nothing.

        Raises:
            WorkFailed, WarehouseError: nothing was kept.
        """
        began = perf_counter()
        says = _says(order)
        async with self._uows.app(order.tenant_id) as uow:
            setting = await self._messages.setting(uow, says)
        past = Past(self._warehouse, order.tenant_id, order.definition, since=order.since, until=order.until)
        await tell("entries", 0.02)
        entries = await self._entries(order)
        blocks = await self._blocks(order, past, entries, str(setting.zones.brand), tell)
        await tell("people", 0.3)
        tally, planned, questions = await self._live(order, blocks, tell)
        await tell("messages", 0.8)
        letters = _Letters(order, says, setting, planned)
        for part in letters.parts():
            tally.add(await self._judge(letters, part))
            letters.done += len(part)
            await tell("messages", 0.8 + 0.2 * letters.share_done)
        report = report_of(
            tally,
            order.definition,
            since=order.since,
            until=order.until,
            zone=str(setting.zones.brand),
            questions=questions,
            tick_s=_tick_s(order),
            computed=entries.computed,
            seconds=perf_counter() - began,
        )
        return report, tally.samples

    async def _entries(self, order: Order) -> Entries:
        entry = order.definition.entry
        if not isinstance(entry, SegmentEntered | SegmentLeft):
            return Entries()
        return await entries_of(
            self._uows, self._audience, order.tenant_id, entry, since=order.since, until=order.until
        )

    async def _blocks(self, order: Order, past: Past, entries: Entries, zone: str, tell: Tell) -> list[Block]:
        """Read everybody's past, a block at a time."""
        people = len({person for person, _ in entries.people}) + await past.count_entrants()
        count = max(1, -(-people // self._people_of_block))
        came: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for start in range(0, len(entries.people), _ASKED_AT_ONCE):
            part = entries.people[start : start + _ASKED_AT_ONCE]
            for block, one in zip(await past.blocks_of([who for who, _ in part], count), part, strict=True):
                came[block].append(one)
        entry = order.definition.entry
        blocks = []
        for number in range(count):
            blocks.append(
                Block(
                    journey_id=order.journey_id,
                    definition=dump_definition(order.definition),
                    since=order.since,
                    until=order.until,
                    zone=zone,
                    events=await past.events(number, count),
                    segment_id=entry.segment_id if isinstance(entry, SegmentEntered | SegmentLeft) else "",
                    starts_by=starting_event(entry),
                    entries=came[number],
                    computed=entries.computed,
                )
            )
            await tell("reading", 0.05 + 0.25 * (number + 1) / count)
        return blocks

    async def _live(
        self, order: Order, blocks: Sequence[Block], tell: Tell
    ) -> tuple[Tally, dict[int, list[Planned]], int]:
        """Live everybody's past; return figures, messages by person, and how many questions were asked."""
        tally, planned, asked = Tally(), dict[int, list[Planned]](), 0
        waiting: list[tuple[Block, dict[int, list[Any]] | None]] = [(block, None) for block in blocks]
        for wave in range(_WAVES_MAX):
            lived = await asyncio.gather(
                *(self._work(len(block.events), live_block, block, known) for block, known in waiting)
            )
            for one in lived:
                tally.add(one.tally)
                planned |= one.planned
            await tell("people", min(0.78, 0.4 + 0.1 * wave))
            questions = [question for one in lived for question in one.questions]
            if not questions:
                break
            asked += len(questions)
            answers = await self._answer(order, questions, tell)
            waiting = [
                (block, _with_answers(known, one, answers))
                for (block, known), one in zip(waiting, lived, strict=True)
                if one.questions
            ]
        return tally, planned, asked

    async def _work(self, size: int, work: Callable[..., T], *arguments: Any) -> T:
        if size < _SMALL_BYTES:
            return await self._pool.run_small(work, *arguments)
        return await self._pool.run(work, *arguments)

    async def _answer(self, order: Order, questions: Sequence[Asked], tell: Tell) -> dict[Asked, Any]:
        """Return the answers; questions of about the same time are asked together."""
        together: defaultdict[tuple[str, int, datetime], list[Asked]] = defaultdict(list)
        for question in questions:
            together[question[1], question[3], _tick_of(order, question[2])].append(question)
        answers: dict[Asked, Any] = {}
        for (name, place, as_of), asked in sorted(together.items()):
            node = order.definition.nodes[name]
            for start in range(0, len(asked), _ASKED_AT_ONCE):
                part = asked[start : start + _ASKED_AT_ONCE]
                people = sorted({PersonId(person) for person, *_ in part})
                known = await self._know(order.tenant_id, node, place, people, as_of)
                answers |= {one: known.get(PersonId(one[0])) for one in part}
            await tell("conditions", 0.5)
        return answers

    async def _know(
        self, tenant_id: TenantId, node: Node, place: int, people: Sequence[PersonId], as_of: datetime
    ) -> Mapping[PersonId, Any]:
        """Return who meets a condition as of then; of a date that is waited for, what it is today."""
        if isinstance(node, Condition | Split):
            test = questions_of(node)[place].test
            found = await self._audience.among(tenant_id, test, people, as_of=as_of)
            return {one: one in found for one in people}
        assert isinstance(node, WaitUntil)
        assert isinstance(node.until, UntilDate)
        key = node.until.attribute
        async with self._uows.app(tenant_id) as uow:
            known = await self._persons.attributes_of(uow, people, [key])
        return {one: own.get(key) for one, own in known.items()}

    async def _judge(self, letters: "_Letters", part: Mapping[int, Sequence[Planned]]) -> Tally:
        """Decide about the messages of some people."""
        people = sorted(PersonId(person) for person in part)
        wanted: defaultdict[str, set[PersonId]] = defaultdict(set)
        for person, planned in part.items():
            for one in planned:
                wanted[one.node].add(PersonId(person))
        since = letters.order.since - max(_REMEMBERED, rehearsal.remembered(letters.setting.policy))
        async with self._uows.app(letters.order.tenant_id) as uow:
            reach = await self._messages.reach(
                uow, letters.says, {name: sorted(those) for name, those in wanted.items()}
            )
            got = await self._messages.received(
                uow, people, since=since, until=letters.order.until, but_of=letters.order.journey_id
            )
            setting = await self._messages.at_home(uow, letters.setting, people)
        windows = await self._windows(letters, people, since)
        received: defaultdict[int, list[Received]] = defaultdict(list)
        around: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
        for letter in got:
            around[letter.person_id].append((letter.at, letter.journey_id or 0))
            received[letter.person_id].append(letter)
        return await self._work(
            sum(map(len, part.values())) * 400,
            judge_block,
            Letters(
                planned=part,
                says=letters.says,
                reach=reach,
                past={
                    person: rehearsal.Past(windows=windows[person], received=received[person])
                    for person in part
                },
                around=around,
                setting=setting,
            ),
        )

    async def _windows(
        self, letters: "_Letters", people: Sequence[PersonId], since: datetime
    ) -> defaultdict[int, dict[int, list[Opening]]]:
        """Return by person and account when they opened windows, and how."""
        found: defaultdict[int, dict[int, list[Opening]]] = defaultdict(dict)
        past = Past(
            self._warehouse,
            letters.order.tenant_id,
            letters.order.definition,
            since=since,
            until=letters.order.until,
        )
        acts = await past.acts(people, rehearsal.OPENERS)
        async with self._uows.app(letters.order.tenant_id) as uow:
            accounts = await self._messages.accounts_of(uow, sorted({app for _, _, _, app, _, _ in acts}))
        for who, name, at_ms, app, menu_item, action in acts:
            opening = rehearsal.opening(_act(who, name, at_ms, menu_item, action))
            account = accounts.get(app)
            if opening is not None and account is not None:
                found[who].setdefault(account, []).append(opening)
        return found


@dataclass(slots=True)
class _Letters:
    """All messages of a replay, given out in parts."""

    order: Order
    says: Mapping[str, Say]
    setting: rehearsal.Setting
    planned: Mapping[int, list[Planned]]
    done: int = 0

    @property
    def share_done(self) -> float:
        return min(1.0, self.done / max(1, len(self.planned)))

    def parts(self) -> Sequence[Mapping[int, Sequence[Planned]]]:
        people = sorted(self.planned)
        parts = []
        for start in range(0, len(people), _LETTERS_AT_ONCE):
            parts.append({one: self.planned[one] for one in people[start : start + _LETTERS_AT_ONCE]})
        return parts


def _says(order: Order) -> dict[str, Say]:
    campaign = encode_id("jrn", order.journey_id)
    nodes = order.definition.nodes
    return {name: _say(node, campaign) for name, node in nodes.items() if isinstance(node, Send)}


def _say(node: Send, campaign: str) -> Say:
    template = node.content.get("template_id")
    return Say(
        account_id=read_account_id(node.message_kind, node.account_id),
        kind=node.message_kind,
        message_class=MessageClass(node.message_class),
        purpose=node.purpose or "",
        template_id=str(template) if template else None,
        expires_after=timedelta(seconds=node.expires_after_s),
        campaign=campaign,
    )


def _with_answers(
    known: Mapping[int, list[Any]] | None, lived: Lived, answers: Mapping[Asked, Any]
) -> dict[int, list[Any]]:
    """Return the answers of those who go on, the newest last."""
    return {one[0]: [*(known or {}).get(one[0], ()), answers[one]] for one in lived.questions}


def _tick_s(order: Order) -> int:
    hours = (order.until - order.since) / timedelta(hours=1)
    return 3600 * max(1, -(-int(hours) // _TICKS_MAX))


def _tick_of(order: Order, at: datetime) -> datetime:
    """Return the beginning of the tick an instant falls into."""
    tick = _tick_s(order)
    return datetime.fromtimestamp(int(at.timestamp()) // tick * tick, UTC)


def _act(who: int, name: str, at_ms: int, menu_item: str, action: str) -> LogEvent:
    """Return an event as far as windows go."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    properties = {key: value for key, value in (("menu_item", menu_item), ("action", action)) if value}
    return LogEvent(
        position=0,
        person_id=PersonId(who),
        kind="track",
        name=name,
        occurred_at=at,
        received_at=at,
        source="",
        message_id="",
        properties=properties,
    )
