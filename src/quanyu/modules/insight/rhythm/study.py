"""The study of life rhythm: everybody's best hours and weekdays, once a day, shrunk to the brand's."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId
from quanyu.modules.insight.lifecycle.stages import day_number, local_day
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.rhythm.contracts import RhythmCard, RhythmSettings
from quanyu.modules.insight.rhythm.shrinking import HOURS, WEEKDAYS, part_of, shares, shrunk
from quanyu.modules.insight.studies import acts
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

BEST: Final = 3
_LOCAL: Final = "toTimeZone(occurred_at, {zone:String})"
# However much somebody does within an hour of one day, they were there once.
_VISITS: Final = (
    f"SELECT {acts.WHO} AS who, {acts.DAY} AS day, toDayOfWeek({_LOCAL}) AS weekday, "  # noqa: S608
    f"toHour({_LOCAL}) AS hour FROM events "
    f"WHERE {acts.ACTS} AND {acts.UP_TO} AND {acts.DAY} > {{from_day:Int32}} GROUP BY who, day, weekday, hour"
)
_WEEK: Final = f"SELECT weekday, hour, count() FROM ({_VISITS}) GROUP BY weekday, hour"  # noqa: S608
_PEOPLE: Final = (
    "SELECT who, arrayMap(one -> countEqual(groupArray(hour) AS hours, one), range(24)) AS by_hour, "  # noqa: S608
    "arrayMap(one -> countEqual(groupArray(weekday) AS weekdays, one), range(1, 8)) AS by_weekday "
    f"FROM ({_VISITS}) GROUP BY who ORDER BY who"
)


class RhythmSummary(StudySummary[RhythmCard, RhythmSettings]):
    """The last patterns."""


class Rhythm:
    """`studies.desk.Study`: when people are there."""

    kind = "rhythm"
    every_s = 0.0
    attributes: tuple[str, ...] = ("best_hour", "best_weekday")
    card_type = RhythmCard
    settings_type = RhythmSettings
    summary_type: type[StudySummary[RhythmCard, RhythmSettings]] = RhythmSummary

    async def compute(self, asked: Asked[RhythmCard, RhythmSettings]) -> Computed[RhythmCard]:
        """Count visits by hour and weekday, and shrink everybody's to the brand's."""
        zone = asked.brand.time_zone
        today = local_day(asked.as_of, zone)
        first = today - timedelta(days=asked.settings.days)
        bound = {"as_of_ms": epoch_ms(asked.as_of), "zone": zone, "from_day": day_number(first)}
        week = np.zeros((WEEKDAYS, HOURS), dtype=np.int64)
        for weekday, hour, visits in await asked.gate.query(_WEEK, bound):
            week[int(weekday) - 1, int(hour)] = int(visits)
        hours, weekdays = shares(week.sum(axis=0)), shares(week.sum(axis=1))
        card = RhythmCard(
            first_day=first + timedelta(days=1),
            last_day=today,
            time_zone=zone,
            visits=int(week.sum()),
            week=tuple(tuple(row) for row in week.tolist()),
            hours=tuple(np.round(hours, 4).tolist()),
            weekdays=tuple(np.round(weekdays, 4).tolist()),
            best_hour=int(hours.argmax()),
        )
        found = await asked.gate.query_columns(_PEOPLE, bound)
        weight = float(asked.settings.weight)
        return Computed(
            card,
            _verdicts(
                list(found["who"]),
                np.asarray(list(found["by_hour"]), dtype=np.float64).reshape(-1, HOURS),
                shrunk(list(found["by_hour"]), hours, weight),
                shrunk(list(found["by_weekday"]), weekdays, weight),
                weight,
            ),
        )

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The likeliest hour, 0 to 23, and weekday, 1 is Monday."""
        return (verdict.detail["best_hours"][0], verdict.detail["best_weekday"])

    def tells(self, asked: Asked[RhythmCard, RhythmSettings]) -> bool:
        """A habit is no fact."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a part of the day; it follows every later computation."""
        hours = [hour for hour in range(HOURS) if part_of(hour) == label]
        return {"kind": "attribute", "key": "best_hour", "op": "in", "value": hours}


class RhythmDesk(StudyDesk[RhythmCard, RhythmSettings]):
    """The desk of rhythm, which others may ask for somebody's best hour."""

    async def best_hour(self, uow: UnitOfWork, person: PersonId) -> int | None:
        """Return the local hour a person is likeliest there, the brand's of whoever was never; or ``None``.

        ``None``: nothing has been computed, or nobody was ever there.
        """
        figure = await self.of_person(uow, person)
        if figure is not None:
            hours: list[int] = figure.detail["best_hours"]  # type: ignore[assignment]
            return hours[0]
        run = await self._queries(uow).find_current()
        card = None if run is None else self.study.card_type.model_validate(run.card)
        return card.best_hour if card is not None and card.visits else None

    async def best_hours(self, uow: UnitOfWork, people: Sequence[PersonId]) -> Mapping[PersonId, int]:
        """Return ``best_hour`` of many people at once; nobody, where nothing has been computed."""
        queries = self._queries(uow)
        run = await queries.find_current()
        if run is None:
            return {}
        card = self.study.card_type.model_validate(run.card)
        found = await queries.of_people(run.id, list(people))
        own = {PersonId(one): int(json.loads(row.detail)["best_hours"][0]) for one, row in found.items()}
        usual = dict.fromkeys(people, card.best_hour) if card.visits else {}
        return {**usual, **own}


def rhythm_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> RhythmDesk:
    """Build the desk."""
    return RhythmDesk(Rhythm(), uows, warehouse, people, tenants)


def _verdicts(who: list[int], counts: Any, hours: Any, weekdays: Any, weight: float) -> list[Verdict]:
    visits = counts.sum(axis=1)
    # Among equally likely hours the earlier one comes first.
    best = np.argsort(-np.round(hours, 9), axis=1, kind="stable")[:, :BEST].tolist()
    own = np.round(visits / (visits + weight), 4).tolist()
    rows = zip(
        who, visits.tolist(), hours.round(4).tolist(), weekdays.round(4).tolist(), best, own, strict=True
    )
    return [
        Verdict(
            person_id=int(person),
            label=part_of(likely[0]),
            score=share,
            detail={
                "visits": int(count),
                "hours": by_hour,
                "weekdays": by_weekday,
                "best_hours": likely,
                "best_weekday": 1 + int(np.argmax(by_weekday)),
            },
        )
        for person, count, by_hour, by_weekday, likely, share in rows
    ]
