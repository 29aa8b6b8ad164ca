"""The study of data quality: attributes and sources judged daily, with the people behind findings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.events.sources.contracts import SourceTally
from quanyu.modules.events.sources.service import tally_sources
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.whole import Everybody
from quanyu.modules.insight.errors import TooManyBehind
from quanyu.modules.insight.lifecycle.stages import local_day
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.quality.contracts import (
    SOURCE_DAYS,
    AttributeQuality,
    QualityCard,
    QualityPoint,
    QualitySettings,
    QualitySummary,
    SourceQuality,
)
from quanyu.modules.insight.quality.scoring import judge_attribute, judge_source, weighted
from quanyu.modules.insight.studies.contracts import GroupPeople, StudySummary
from quanyu.modules.insight.studies.desk import COMPUTING, READING, Asked, Computed, StudyDesk, Verdict
from quanyu.modules.insight.studies.queries import Run
from quanyu.modules.people.quality.contracts import Finding, FromSource, PeopleTally
from quanyu.modules.people.quality.judging import Judge, folded
from quanyu.modules.people.quality.queries import Freshness
from quanyu.modules.people.quality.service import PeopleQuality, Wanted
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

DAYS_KEPT: Final = 90
OWN_DAYS_KEPT: Final = 30
SOURCES_MAX: Final = 200
OURS: Final = "quanyu"  # What the brand's own platform states of itself.
_UNRESOLVED: Final = """
SELECT source, countIf(person = 0) FROM events
WHERE tenant_id = {tenant:UInt32} AND source != 'quanyu'
    AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC') GROUP BY source
"""


class UnknownFinding(InvalidInput):
    """A finding is ``<finding>:<attribute>``, of the last judgement."""

    code = "insight.unknown_finding"


class Quality:
    """`studies.desk.Study`: how far what is known can be relied on. It says nothing of single people."""

    kind = "quality"
    every_s = 0.0
    attributes: tuple[str, ...] = ()
    card_type = QualityCard
    settings_type = QualitySettings
    summary_type: type[StudySummary[QualityCard, QualitySettings]] = QualitySummary

    def __init__(self, uows: UnitOfWorkFactory, people: PeopleQuality) -> None:
        self._uows = uows
        self._people = people

    async def compute(self, asked: Asked[QualityCard, QualitySettings]) -> Computed[QualityCard]:
        """Count people's values and sources' events, and score both."""
        tenant = asked.brand.tenant_id
        tally = await self._people.tally(
            tenant,
            judge_of(asked.settings, asked.as_of, asked.brand.time_zone),
            freshness_of(asked.settings, asked.as_of),
            lambda share: asked.progress.tell(READING, share),
        )
        asked.progress.tell(COMPUTING, 0.0)
        since = asked.as_of - timedelta(days=SOURCE_DAYS)
        async with self._uows.system(tenant) as uow:
            events = await tally_sources(uow, since)
        rows = await asked.gate.query(_UNRESOLVED, {"since_ms": epoch_ms(since)})
        unresolved = {str(source): int(count) for source, count in rows}
        return Computed(_card(asked, tally, events, unresolved), ())

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """Nobody has one."""
        return ()

    def tells(self, asked: Asked[QualityCard, QualitySettings]) -> bool:
        """Nothing."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any] | None:
        """Return the segment of a finding, where segments can ask."""
        finding, _, key = label.partition(":")
        if finding != Finding.MISSING:
            return None
        return {"kind": "attribute", "key": key, "op": "is_missing"}


class QualityDesk(StudyDesk[QualityCard, QualitySettings]):
    """The desk of quality: the people behind a finding are asked for when somebody looks."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        people: People,
        tenants: Tenants,
        counted: PeopleQuality,
    ) -> None:
        super().__init__(Quality(uows, counted), uows, warehouse, people, tenants)  # type: ignore[arg-type]
        self._counted = counted

    def _enough_s(self, than_s: float, current: Run) -> float:
        return than_s

    async def people(
        self, uow: UnitOfWork, chosen: GroupPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is behind a finding now; ``label`` is the finding, a colon and the attribute.

        Raises:
            UnknownFinding: the last judgement has none such.
        """
        size = clamp_limit(limit)
        card, row, wanted = await self._wanted(uow, chosen.label or "")
        settings, now = await self.settings(uow), uow.clock.now()
        brand = await self._tenants.get_brand(uow)
        found, more = await self._counted.find(
            uow,
            judge_of(settings, now, brand.time_zone),
            freshness_of(settings, now),
            wanted,
            after=int(decode_cursor(cursor, int)[0]) if cursor else 0,
            limit=size,
        )
        is_askable = wanted.finding is Finding.MISSING and row is not None and not row.is_sealed
        return FigurePeople(
            items=await self._people.rows(uow, found),
            next_cursor=None if more is None else encode_cursor(more),
            total=_total(card, row, wanted),
            as_of=now,
            definition=cast(Quality, self.study).definition(chosen.label or "") if is_askable else None,
        )

    async def everybody(self, tenant_id: TenantId, chosen: GroupPeople, *, most: int) -> Everybody:
        """Return everybody behind a finding.

        Raises:
            UnknownFinding, TooManyBehind: nothing was read of anybody.
        """
        found: list[PersonId] = []
        after: int | None = 0
        async with self._uows.system(tenant_id) as uow:
            _, _, wanted = await self._wanted(uow, chosen.label or "")
            settings, now = await self.settings(uow), uow.clock.now()
            brand = await self._tenants.get_brand(uow)
        judge, fresh = judge_of(settings, now, brand.time_zone), freshness_of(settings, now)
        while after is not None:
            async with self._uows.system(tenant_id) as uow:
                some, after = await self._counted.find(uow, judge, fresh, wanted, after=after, limit=5_000)
            found += some
            if len(found) > most:
                raise TooManyBehind(
                    f"more than {most} people are behind this figure",
                    message_zh=f"该数字背后超过 {most} 人，无法保存为名单",
                )
        return Everybody(tuple(sorted(found)), now)

    async def _wanted(
        self, uow: UnitOfWork, label: str
    ) -> tuple[QualityCard, AttributeQuality | None, Wanted]:
        run = await self._queries(uow).find_current()
        card = None if run is None else QualityCard.model_validate(run.card)
        finding, _, key = label.partition(":")
        row = None if card is None else next((one for one in card.attributes if one.key == key), None)
        if card is None or row is None or finding not in set(Finding):
            raise UnknownFinding(f"no finding {label!r}", message_zh="没有这一项发现，请重新计算后再看")
        tokens = frozenset(card.shared_tokens.get(key, ()))
        return card, row, Wanted(key, Finding(finding), tokens)


def quality_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants, keyring: KeyRing
) -> QualityDesk:
    """Build the desk."""
    return QualityDesk(uows, warehouse, people, tenants, PeopleQuality(uows, keyring))


def judge_of(settings: QualitySettings, as_of: datetime, zone: str) -> Judge:
    """Return what judges values by the brand's rules, as of a local day."""
    return Judge(
        rules={one.key: one for one in settings.rules},
        placeholders=frozenset(folded(one) for one in settings.placeholders),
        today=local_day(as_of, zone),
    )


def freshness_of(settings: QualitySettings, as_of: datetime) -> Freshness:
    """Return after how long values are stale."""
    own = [(one.key, one.fresh_days) for one in settings.rules if one.fresh_days is not None]
    return Freshness(as_of, [key for key, _ in own], [days for _, days in own], settings.fresh_days)


def _card(
    asked: Asked[QualityCard, QualitySettings],
    tally: PeopleTally,
    events: Mapping[str, SourceTally],
    unresolved: Mapping[str, int],
) -> QualityCard:
    before = asked.card_before
    attributes = _attributes(asked, tally)
    sources = _sources(asked, tally, events, unresolved)
    of_attributes = weighted([(one.score, one.weight) for one in attributes])
    of_sources = weighted([(one.score, float(one.events + one.values)) for one in sources])
    both = [(one, 1.0) for one in (of_attributes, of_sources) if one is not None]
    day = local_day(asked.as_of, asked.brand.time_zone)
    point = QualityPoint(day=day, score=weighted(both), attributes=of_attributes, sources=of_sources)
    past = [one for one in (before.history if before else ()) if one.day < day]
    return QualityCard(
        people=tally.people,
        score=point.score,
        attributes_score=of_attributes,
        sources_score=of_sources,
        attributes=attributes,
        sources=sources,
        history=(*past[1 - DAYS_KEPT :], point),
        shared_tokens={one.key: one.shared_tokens for one in tally.attributes.values() if one.shared_tokens},
    )


def _attributes(
    asked: Asked[QualityCard, QualitySettings], tally: PeopleTally
) -> tuple[AttributeQuality, ...]:
    rules = {one.key: one for one in asked.settings.rules}
    judge = judge_of(asked.settings, asked.as_of, asked.brand.time_zone)
    before = {one.key: one.history for one in (asked.card_before.attributes if asked.card_before else ())}
    found = [
        judge_attribute(one, tally.people, judge.kind_of(key), rules.get(key))
        for key, one in tally.attributes.items()
    ]
    found.sort(key=lambda one: (one.score, one.key))
    return tuple(
        one.model_copy(update={"history": _history(before.get(one.key, ()), one.score, asked)})
        for one in found
    )


def _sources(
    asked: Asked[QualityCard, QualitySettings],
    tally: PeopleTally,
    events: Mapping[str, SourceTally],
    unresolved: Mapping[str, int],
) -> tuple[SourceQuality, ...]:
    told: dict[str, FromSource] = {}
    for attribute in tally.attributes.values():
        for source, one in attribute.sources.items():
            sum_ = told.setdefault(source, FromSource())
            sum_.filled += one.filled
            sum_.faulty += one.faulty
    before = {one.source: one.history for one in (asked.card_before.sources if asked.card_before else ())}
    found = [
        judge_source(
            source,
            events.get(source, SourceTally()),
            unresolved.get(source, 0),
            told.get(source, FromSource()),
        )
        for source in sorted({*events, *told} - {OURS})
    ]
    heard = [one for one in found if one.parts]
    heard.sort(key=lambda one: (one.score, one.source))
    return tuple(
        one.model_copy(update={"history": _history(before.get(one.source, ()), one.score, asked)})
        for one in heard[:SOURCES_MAX]
    )


def _history(
    before: tuple[tuple[datetime, float], ...], score: float, asked: Asked[QualityCard, QualitySettings]
) -> tuple[tuple[datetime, float], ...]:
    """Return the scores of local days, the last one of each."""
    zone = asked.brand.time_zone
    today = local_day(asked.as_of, zone)
    past = [one for one in before if local_day(one[0], zone) < today]
    return (*past[1 - OWN_DAYS_KEPT :], (asked.as_of, score))


def _total(card: QualityCard, row: AttributeQuality | None, wanted: Wanted) -> int:
    found = () if row is None else row.findings
    return next((one.people for one in found if one.finding is wanted.finding), 0)
