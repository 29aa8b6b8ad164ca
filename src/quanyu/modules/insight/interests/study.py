"""The study of interests: everybody's share per category, decayed by time and shrunk to the brand's."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Columns, Warehouse
from quanyu.modules.insight.interests import asking
from quanyu.modules.insight.interests.contracts import (
    CategoryShare,
    InterestCard,
    InterestDay,
    InterestProposal,
    InterestSettings,
    InterestSummary,
)
from quanyu.modules.insight.lifecycle.stages import local_day
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

TOP: Final = 3
SHOWN: Final = 5
CATEGORIES_MAX: Final = 200
DAYS_KEPT: Final = 60
DAY_CATEGORIES: Final = 20
BEFORE_DAYS: Final = 28


class Interests:
    """`studies.desk.Study`: what people turn to."""

    kind = "interests"
    every_s = 0.0
    attributes: tuple[str, ...] = ("interest_1", "interest_2", "interest_3")
    card_type = InterestCard
    settings_type = InterestSettings
    summary_type: type[StudySummary[InterestCard, InterestSettings]] = InterestSummary

    async def compute(self, asked: Asked[InterestCard, InterestSettings]) -> Computed[InterestCard]:
        """Add up what everybody did by category, and shrink it to the brand's shares."""
        found = await asked.gate.query_columns(
            asking.interests_sql(asked.settings.fields),
            asking.bound(asked.settings, epoch_ms(asked.as_of)),
        )
        day = local_day(asked.as_of, asked.brand.time_zone)
        return await asyncio.to_thread(_computed, found, asked.settings.weight, day, asked.card_before)

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The three strongest, as far as there are."""
        own = [one["category"] for one in verdict.detail["interests"][:TOP]]
        return (*own, *[None] * (TOP - len(own)))

    def tells(self, asked: Asked[InterestCard, InterestSettings]) -> bool:
        """A liking is no fact."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a category; it follows every later computation."""
        return {"kind": "attribute", "key": "interest_1", "op": "eq", "value": label}


class InterestDesk(StudyDesk[InterestCard, InterestSettings]):
    """The desk of interests."""

    async def proposals(self, uow: UnitOfWork) -> tuple[InterestProposal, ...]:
        """Return properties that may tell categories.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        return await asking.proposals(self._warehouse.for_tenant(uow.tenant_id), await self.settings(uow))


def interest_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> InterestDesk:
    """Build the desk."""
    return InterestDesk(Interests(), uows, warehouse, people, tenants)


def _computed(
    found: Columns, weight: float, day: date, before: InterestCard | None
) -> Computed[InterestCard]:
    """Compare everybody's own with the sums of all; ``found`` has the columns of ``interests_sql``."""
    totals: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for categories, scores in zip(found["categories"], found["scores"], strict=True):
        totals.update(dict(zip(categories, scores, strict=True)))
        counts.update(categories)
    kept = sorted(totals, key=lambda one: (-totals[one], one))[:CATEGORIES_MAX]
    sum_kept = sum(totals[one] for one in kept)
    crowd = {one: totals[one] / sum_kept for one in kept}
    rows = zip(found["who"], found["categories"], found["scores"], strict=True)
    verdicts = [
        verdict
        for who, categories, scores in rows
        if (verdict := judge(int(who), dict(zip(categories, scores, strict=True)), crowd, weight)) is not None
    ]
    return Computed(_card(crowd, counts, len(totals) - len(kept), day, before), verdicts)


def judge(who: int, own: Mapping[str, float], crowd: Mapping[str, float], weight: float) -> Verdict | None:
    """Return (own + weight * crowd's share) / (all own + weight) of what a person turned to; pure."""
    mine = {category: score for category, score in own.items() if category in crowd}
    total = sum(mine.values())
    if not total:
        return None
    shares = {
        category: (score + weight * crowd[category]) / (total + weight) for category, score in mine.items()
    }
    ordered = sorted(shares, key=lambda one: (-shares[one], one))[:SHOWN]
    return Verdict(
        person_id=who,
        label=ordered[0],
        score=round(total / (total + weight), 4),
        detail={
            "interests": [
                {
                    "category": one,
                    "share": round(shares[one], 4),
                    "against_brand": round(shares[one] / crowd[one], 2),
                }
                for one in ordered
            ]
        },
    )


def _card(
    crowd: Mapping[str, float],
    counts: Mapping[str, int],
    left_out: int,
    day: date,
    before: InterestCard | None,
) -> InterestCard:
    past = [one for one in (before.history if before else ()) if one.day < day]
    then = _about(past, day)
    today = InterestDay(
        day=day, shares={one: round(share, 4) for one, share in list(crowd.items())[:DAY_CATEGORIES]}
    )
    return InterestCard(
        categories=tuple(
            CategoryShare(
                category=one,
                share=round(share, 4),
                people=counts[one],
                share_before=None if then is None else then.shares.get(one),
            )
            for one, share in crowd.items()
        ),
        left_out=left_out,
        history=(*past[1 - DAYS_KEPT :], today),
    )


def _about(past: Sequence[InterestDay], day: date) -> InterestDay | None:
    """Return the last day at least four weeks ago; of a younger history the first."""
    old = [one for one in past if (day - one.day).days >= BEFORE_DAYS]
    return old[-1] if old else (past[0] if past else None)
