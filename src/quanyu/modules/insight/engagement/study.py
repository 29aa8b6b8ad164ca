"""The study of engagement: everybody's score from what they did of late, once a day."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.engagement import asking, scoring
from quanyu.modules.insight.engagement.contracts import (
    EngagementCard,
    EngagementSettings,
    EngagementSummary,
    EventPoints,
)
from quanyu.modules.insight.lifecycle.stages import local_day
from quanyu.modules.insight.lifetime.limits import EPOCH
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


class Engagement:
    """`studies.desk.Study`: how much people do of late."""

    kind = "engagement"
    every_s = 0.0
    attributes: tuple[str, ...] = ("engagement_score", "engagement_level")
    card_type = EngagementCard
    settings_type = EngagementSettings
    summary_type: type[StudySummary[EngagementCard, EngagementSettings]] = EngagementSummary

    async def compute(self, asked: Asked[EngagementCard, EngagementSettings]) -> Computed[EngagementCard]:
        """Add up everybody's points, and set them against the middle."""
        zone, settings = asked.brand.time_zone, asked.settings
        today = local_day(asked.as_of, zone)
        bound = asking.bound_of(settings, as_of_ms=epoch_ms(asked.as_of), zone=zone, today=today)
        found = await asked.gate.query_columns(asking.PEOPLE, bound)
        events = await asked.gate.query(asking.EVENTS, bound)
        points = list(found["total"])
        middle = scoring.middle_of(points, settings)
        verdicts = await asyncio.to_thread(
            _verdicts, found, scoring.scores(points, middle).tolist(), settings
        )
        card = EngagementCard(
            first_day=today - timedelta(days=asking.HALF_LIVES * settings.half_life_days - 1),
            last_day=today,
            middle=middle,
            events=tuple(
                EventPoints(name=name, points=total, people=people) for name, total, people in events
            ),
        )
        return Computed(card, verdicts)

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The score, 0 to 100, and its level."""
        return (verdict.detail["score"], verdict.detail["level"])

    def tells(self, asked: Asked[EngagementCard, EngagementSettings]) -> bool:
        """A score fades by itself: nobody did anything."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of ten points; it follows every later computation."""
        low = int(label)
        high = low + scoring.TEN if low < 90 else 101
        tests = (("gte", low), ("lt", high))
        parts = [
            {"kind": "attribute", "key": "engagement_score", "op": op, "value": value} for op, value in tests
        ]
        return {"kind": "all", "of": parts}


def engagement_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> StudyDesk[EngagementCard, EngagementSettings]:
    """Build the desk."""
    return StudyDesk(Engagement(), uows, warehouse, people, tenants)


def _verdicts(found: Any, scores: list[int], settings: EngagementSettings) -> list[Verdict]:
    rows = zip(
        found["who"], scores, found["total"], found["last_on"], found["names"], found["worths"], strict=True
    )
    return [
        Verdict(
            person_id=int(who),
            label=str(scoring.ten_of(score)),
            score=round(float(points), 4),
            detail={
                "score": score,
                "level": scoring.level_of(score, settings).value,
                "points": round(float(points), 2),
                "last_on": (EPOCH + timedelta(days=int(last))).isoformat(),
                "events": [
                    {"name": str(name), "points": float(worth)}
                    for name, worth in zip(names, worths, strict=True)
                ],
            },
        )
        for who, score, points, last, names, worths in rows
    ]
