"""The desk of one kind of study: computes daily or when asked, shows groups and their people."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight.activity import count_events
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.runs import AGAIN_S, Publisher, Turns, still_holds, whole_ms
from quanyu.modules.insight.studies.contracts import (
    CardT,
    GroupPeople,
    PersonFigure,
    SettingsT,
    StudyGroup,
    StudyMove,
    StudyPoint,
    StudySummary,
    UnderWay,
)
from quanyu.modules.insight.studies.queries import Run, Scored, StudyQueries
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.service import People
from quanyu.modules.tenants.contracts import Brand
from quanyu.modules.tenants.service import Tenants

_log = get_logger("insight.studies")

CHUNK: Final = 2_000
READING, COMPUTING, WRITING = "reading", "computing", "writing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a study says of one person; a higher score comes first in lists."""

    person_id: int
    label: str
    score: float | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Computed(Generic[CardT]):
    """A card, and everybody's verdict unless it refuses."""

    card: CardT
    verdicts: Sequence[Verdict]


class Progress:
    """How far a computation is, for whoever looks."""

    def __init__(self) -> None:
        self.now = UnderWay(step=READING, share=0.0)

    def tell(self, step: str, share: float) -> None:
        """Say what is done now."""
        self.now = UnderWay(step=step, share=round(share, 3))


@dataclass(frozen=True, slots=True)
class Asked(Generic[CardT, SettingsT]):
    """What a study computes from."""

    gate: TenantWarehouse
    brand: Brand
    as_of: datetime
    settings: SettingsT
    card_before: CardT | None
    labels_before: dict[int, str]
    progress: Progress


class Study(Protocol[CardT, SettingsT]):
    """What differs from kind to kind."""

    kind: str
    every_s: float  # Computed again after so long, a day at least.
    attributes: tuple[str, ...]
    card_type: type[CardT]
    settings_type: type[SettingsT]
    summary_type: type[StudySummary[CardT, SettingsT]]

    async def compute(self, asked: Asked[CardT, SettingsT]) -> Computed[CardT]:
        """Compute as of an instant."""
        ...

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """Return the attributes of a person, aligned with ``attributes``."""
        ...

    def tells(self, asked: Asked[CardT, SettingsT]) -> bool:
        """Tell whether going from one group to another is a fact about people this time."""
        ...

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """State that a person went from one group to another."""
        ...

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a group."""
        ...


def _scored(place: int, verdict: Verdict, before: dict[int, str]) -> Scored:
    """Return the row of a verdict; ``place`` counts from 0."""
    return Scored(
        verdict.person_id,
        place + 1,
        verdict.label,
        before.get(verdict.person_id),
        verdict.score,
        json.dumps(verdict.detail),
    )


class StudyDesk(Generic[CardT, SettingsT]):
    """One computation at a time per brand; everybody sees the last finished one."""

    def __init__(
        self,
        study: Study[CardT, SettingsT],
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        people: People,
        tenants: Tenants,
    ) -> None:
        self.study = study
        self._uows = uows
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._turns = Turns()
        self._under_way: dict[TenantId, Progress] = {}
        self._tasks: dict[TenantId, asyncio.Task[None]] = {}
        self._failed: set[TenantId] = set()

    def begin(self, tenant_id: TenantId) -> UnderWay:
        """Start computing as of now and return at once; one that is under way goes on."""
        task = self._tasks.get(tenant_id)
        if task is None or task.done():
            self._tasks[tenant_id] = asyncio.create_task(self._in_background(tenant_id))
        return self._seen(tenant_id) or UnderWay(step=READING, share=0.0)

    async def cancel(self, tenant_id: TenantId) -> None:
        """Stop what ``begin`` started; nothing of it is seen. Idempotent."""
        task = self._tasks.pop(tenant_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self, tenant_id: TenantId, *, as_of: datetime | None = None) -> int:
        """Compute as of an instant (default now), set attributes, and return how many people were judged.

        Written in chunks and seen once all is there; a computation cut off is never seen, and the
        schedule begins it again. Waits for one under way.

        Raises:
            WarehouseUnavailable: nothing has changed.
        """
        async with self._turns.of(tenant_id):
            return await self._run(tenant_id, as_of)

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> int | None:
        """Compute as of now unless the last computation is younger; the schedule calls this.

        One that said something of nobody is old after an hour, and one of a young history that has much grown
        since at once: a brand's first orders, or an import, may have come.
        """
        async with self._turns.of(tenant_id):
            async with self._uows.system(tenant_id) as uow:
                current = await self._queries(uow).find_current()
                now = uow.clock.now()
            if current is not None and await still_holds(
                self._warehouse.for_tenant(tenant_id),
                age_s=(now - current.started_at).total_seconds(),
                enough_s=self._enough_s(than_s, current),
                history=current.history,
            ):
                return None
            return await self._run(tenant_id, None)

    def _seen(self, tenant_id: TenantId) -> UnderWay | None:
        """Return how far it is; one that still waits for its turn is under way as well."""
        progress = self._under_way.get(tenant_id)
        if progress is not None:
            return progress.now
        task = self._tasks.get(tenant_id)
        return None if task is None or task.done() else UnderWay(step=READING, share=0.0)

    def _enough_s(self, than_s: float, current: Run) -> float:
        return max(than_s, self.study.every_s) if current.people else min(than_s, AGAIN_S)

    def _queries(self, uow: UnitOfWork) -> StudyQueries:
        return StudyQueries(uow, self.study.kind)

    async def _in_background(self, tenant_id: TenantId) -> None:
        self._failed.discard(tenant_id)
        try:
            await self.run(tenant_id)
        except Exception:
            self._failed.add(tenant_id)
            _log.error("insight.study_failed", kind=self.study.kind, tenant=tenant_id, exc_info=True)

    async def _run(self, tenant_id: TenantId, as_of: datetime | None) -> int:
        progress = self._under_way[tenant_id] = Progress()
        try:
            return await self._compute(tenant_id, as_of, progress)
        finally:
            del self._under_way[tenant_id]

    async def _compute(self, tenant_id: TenantId, as_of: datetime | None, progress: Progress) -> int:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            brand = await self._tenants.get_brand(uow)
            queries = self._queries(uow)
            current = await queries.find_current()
            before = await queries.labels(current.id) if current is not None else {}
            settings = await self._settings(queries)
        asked = Asked(
            gate=self._warehouse.for_tenant(tenant_id),
            brand=brand,
            as_of=whole_ms(as_of or now),
            settings=settings,
            card_before=None if current is None else self.study.card_type.model_validate(current.card),
            labels_before=before,
            progress=progress,
        )
        history = await count_events(asked.gate)
        found = await self.study.compute(asked)
        progress.tell(WRITING, 0.0)
        await self._publish(tenant_id, asked, found, now, history)
        return len(found.verdicts)

    async def _publish(
        self,
        tenant_id: TenantId,
        asked: Asked[CardT, SettingsT],
        found: Computed[CardT],
        now: datetime,
        history: int,
    ) -> None:
        run_id = new_id()
        before = asked.labels_before
        judged = {one.person_id: one for one in found.verdicts}
        moves = Counter((before.get(one.person_id, ""), one.label) for one in judged.values())
        moves.update((label, "") for person, label in before.items() if person not in judged)
        # Rows are made chunk by chunk: all at once would take as much memory as the verdicts.
        ordered = sorted(judged.values(), key=lambda one: (-(one.score or 0.0), one.person_id))
        del judged

        async def start(queries: StudyQueries) -> None:
            await queries.start(
                run_id,
                as_of=asked.as_of,
                people=len(ordered),
                card=found.card.model_dump_json(),
                history=history,
            )
            await queries.add_moves(run_id, asked.as_of, moves)

        async def add(queries: StudyQueries, places: Sequence[int]) -> None:
            part = [_scored(place, ordered[place], before) for place in places]
            await queries.add_scores(run_id, part)
            for place, score in zip(places, part, strict=True) if self.study.tells(asked) else ():
                if score.before not in (None, score.label):
                    fact = self.study.fact(ordered[place], score.before or "", asked.as_of)
                    if fact is not None:
                        queries.publish(fact)

        publisher = Publisher(
            self._uows, self._people, f"insight.{self.study.kind}", self.study.attributes, CHUNK
        )
        await publisher.publish(
            tenant_id,
            self._queries,
            range(len(ordered)),
            run_id=run_id,
            at=now,
            start=start,
            add=add,
            writes=lambda places: self._writes([ordered[place] for place in places]),
            whose=lambda place: ordered[place].person_id,
        )

    def _writes(self, verdicts: Sequence[Verdict]) -> list[AttributeWrite]:
        return [
            AttributeWrite(person_id=PersonId(one.person_id), key=key, value=value)
            for one in verdicts
            for key, value in zip(self.study.attributes, self.study.values(one), strict=True)
        ]

    async def _settings(self, queries: StudyQueries) -> SettingsT:
        return self.study.settings_type.model_validate(await queries.find_settings() or {})

    async def save_settings(self, uow: UnitOfWork, settings: SettingsT) -> SettingsT:
        """Keep what the operator set; the next computation goes by it."""
        await self._queries(uow).save_settings(settings.model_dump(mode="json"))
        return settings

    async def settings(self, uow: UnitOfWork) -> SettingsT:
        """Return what the operator set, or the defaults."""
        return await self._settings(self._queries(uow))

    async def summary(self, uow: UnitOfWork) -> StudySummary[CardT, SettingsT]:
        """Return the last finished computation, and what is under way."""
        queries = self._queries(uow)
        run = await queries.find_current()
        moves = [] if run is None else await queries.moves(run.id)
        return self.study.summary_type(
            as_of=None if run is None else run.as_of,
            computed_at=None if run is None else run.started_at,
            people=0 if run is None else run.people,
            settings=await self._settings(queries),
            card=None if run is None else self.study.card_type.model_validate(run.card),
            groups=_groups(moves),
            moves=tuple(StudyMove(before=one[0], label=one[1], people=one[2]) for one in moves),
            history=() if run is None else _history(await queries.history(run.id)),
            under_way=self._seen(uow.tenant_id),
            has_failed=uow.tenant_id in self._failed,
        )

    async def people(
        self, uow: UnitOfWork, chosen: GroupPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is behind a figure of the last computation."""
        queries = self._queries(uow)
        run = await queries.find_current()
        size = clamp_limit(limit)
        after = int(decode_cursor(cursor, int)[0]) if cursor else 0
        which = {"label": chosen.label, "before": chosen.before}
        found = [] if run is None else await queries.page(run.id, after=after, limit=size + 1, **which)
        shown = [PersonId(person) for person, _ in found[:size]]
        by_segment = chosen.label is not None and chosen.before is None
        return FigurePeople(
            items=await self._people.rows(uow, shown),
            next_cursor=encode_cursor(found[size - 1][1]) if len(found) > size else None,
            total=0 if run is None else await queries.count(run.id, **which),
            as_of=uow.clock.now() if run is None else run.as_of,
            definition=self.study.definition(chosen.label or "") if by_segment else None,
        )

    async def of_person(self, uow: UnitOfWork, person: PersonId) -> PersonFigure | None:
        """Return what the last computation says of one person."""
        queries = self._queries(uow)
        run: Run | None = await queries.find_current()
        found = {} if run is None else await queries.of_people(run.id, [person])
        if run is None or person not in found:
            return None
        row = found[person]
        return PersonFigure(
            label=row.label,
            before=row.before,
            score=row.score,
            detail=json.loads(row.detail),
            as_of=run.as_of,
        )


def _groups(moves: Sequence[tuple[str, str, int]]) -> tuple[StudyGroup, ...]:
    """Return every group there is or was; who was nowhere before the first computation did not come."""
    labels = sorted({label for came, went, _ in moves for label in (came, went) if label})
    return tuple(
        StudyGroup(
            label=label,
            people=sum(people for _, went, people in moves if went == label),
            came=sum(people for came, went, people in moves if went == label != came),
            left=sum(people for came, went, people in moves if came == label != went),
        )
        for label in labels
    )


def _history(rows: Sequence[tuple[datetime, str, int]]) -> tuple[StudyPoint, ...]:
    points: dict[datetime, dict[str, int]] = {}
    for as_of, label, people in rows:
        points.setdefault(as_of, {})[label] = people
    return tuple(StudyPoint(as_of=as_of, groups=groups) for as_of, groups in points.items())
