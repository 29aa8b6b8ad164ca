"""The study of spending: everybody's typical order, price level and way with discounts, once a day."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.currencies import choose_currency
from quanyu.modules.insight.lifecycle.stages import local_day
from quanyu.modules.insight.orders import amount_text, epoch_ms
from quanyu.modules.insight.spending import asking
from quanyu.modules.insight.spending.contracts import (
    CategoryPrices,
    SpendingCard,
    SpendingSettings,
    SpendingSummary,
)
from quanyu.modules.insight.spending.scoring import parts_of, verdicts
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


class Spending:
    """`studies.desk.Study`: how much people spend, and whether a discount moves them."""

    kind = "spending"
    every_s = 0.0
    attributes: tuple[str, ...] = ("spending_power", "discount_affinity", "price_level", "discount_share")
    card_type = SpendingCard
    settings_type = SpendingSettings
    summary_type: type[StudySummary[SpendingCard, SpendingSettings]] = SpendingSummary

    async def compute(self, asked: Asked[SpendingCard, SpendingSettings]) -> Computed[SpendingCard]:
        """Add up everybody's orders, and compare them with each other."""
        zone, settings = asked.brand.time_zone, asked.settings
        today = local_day(asked.as_of, zone)
        before = today - timedelta(days=settings.days)
        currency = await choose_currency(asked.gate, brand_currency=asked.brand.currency)
        bound = asking.bound_of(as_of_ms=epoch_ms(asked.as_of), zone=zone, after=before, currency=currency)
        found = await asking.buyers(asked.gate, bound)
        levels = await asking.levels(asked.gate, bound)
        orders, discounted = sum(found["orders"]), sum(found["discounted"])
        judged = await asyncio.to_thread(
            verdicts, found, levels, discounted / orders if orders else 0.0, settings, currency.code
        )
        typical = sorted(Decimal(one.detail["typical_order"]) for one in judged)
        card = SpendingCard(
            currency=currency.code,
            other_currencies=currency.others,
            first_day=before + timedelta(days=1),
            last_day=today,
            orders=orders,
            discounted=discounted,
            judged_from=len(found["who"]),
            typical_low=_at(typical, 1),
            typical_median=_at(typical, 2),
            typical_high=_at(typical, 3),
            categories=tuple(
                CategoryPrices(
                    category=category,
                    lines=lines,
                    low=amount_text(low),
                    median=amount_text(median),
                    high=amount_text(high),
                )
                for category, lines, low, median, high in await asking.prices(asked.gate, bound)
            ),
        )
        return Computed(card, judged)

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """Both bands, the price level in percent, and the share of orders with a discount."""
        power, affinity = parts_of(verdict.label)
        level = verdict.detail["price_level"]
        percent = None if level is None else round(level * 100)
        return (power.value, affinity.value, percent, verdict.detail["discount_share"])

    def tells(self, asked: Asked[SpendingCard, SpendingSettings]) -> bool:
        """A band among others moves when they do: no fact about the person."""
        return False

    def fact(self, verdict: Verdict, before: str, at: Any) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a group; it follows every later computation."""
        power, affinity = parts_of(label)
        asked = (("spending_power", power.value), ("discount_affinity", affinity.value))
        parts = [{"kind": "attribute", "key": key, "op": "eq", "value": value} for key, value in asked]
        return {"kind": "all", "of": parts}


def spending_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> StudyDesk[SpendingCard, SpendingSettings]:
    """Build the desk."""
    return StudyDesk(Spending(), uows, warehouse, people, tenants)


def _at(ordered: list[Decimal], quarter: int) -> str:
    """Return the amount a quarter, half or three quarters of the way; of none, zero."""
    return amount_text(ordered[(len(ordered) - 1) * quarter // 4] if ordered else Decimal(0))
