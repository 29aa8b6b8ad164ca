"""Spending power and discount affinity of every buyer, from what they are compared with. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quanyu.modules.insight.orders import amount_text
from quanyu.modules.insight.spending.contracts import Affinity, Power, SpendingSettings
from quanyu.modules.insight.studies.desk import Verdict


def ranks(values: Any) -> Any:
    """Return where each value stands among all, 0 to 1: halfway through those that are the same."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to) / (2 * max(1, len(ordered)))


def shrunk_share(discounted: Any, orders: Any, *, brand: float, weight: float) -> Any:
    """Return (discounted + weight · the brand's share) / (orders + weight)."""
    return (discounted + weight * brand) / (orders + weight)


def power_of(score: float, settings: SpendingSettings) -> Power:
    """Return the band of a score."""
    if score < settings.low_below:
        return Power.LOW
    return Power.HIGH if score >= settings.high_from else Power.MIDDLE


def affinity_of(share: float, brand: float, settings: SpendingSettings) -> Affinity:
    """Return the band of a share against the brand's."""
    if not brand:
        return Affinity.NONE
    if share >= brand * (1 + settings.apart):
        return Affinity.HIGH
    return Affinity.LOW if share <= brand * (1 - settings.apart) else Affinity.USUAL


def verdicts(
    found: Any, levels: Mapping[int, float], brand: float, settings: SpendingSettings, currency: str
) -> Sequence[Verdict]:
    """Judge everybody with enough orders; ``found`` has the columns of ``asking.buyers``, in ``currency``."""
    orders = np.asarray(list(found["orders"]), dtype=np.int64)
    enough = np.flatnonzero(orders >= settings.orders_min)
    who = np.asarray(list(found["who"]), dtype=np.int64)[enough]
    typical = np.asarray(list(found["typical"]), dtype=object)[enough]
    discounted = np.asarray(list(found["discounted"]), dtype=np.int64)[enough]
    orders = orders[enough]
    rank = ranks(typical.astype(np.float64))
    level = np.asarray([levels.get(int(one), np.nan) for one in who], dtype=np.float64)
    # Whose lines say no price is known by their orders alone.
    score = np.where(np.isnan(level), rank, (rank + np.nan_to_num(level)) / 2).round(4)
    share = shrunk_share(discounted, orders, brand=brand, weight=settings.weight).round(4)
    rows = zip(
        who.tolist(), typical, orders.tolist(), discounted.tolist(), rank.round(4).tolist(), level.tolist(),
        score.tolist(), share.tolist(), strict=True,
    )  # fmt: skip
    return [
        Verdict(
            person_id=person,
            label=label_of(power_of(strength, settings), affinity_of(inclined, brand, settings)),
            score=strength,
            detail={
                "orders": count,
                "discounted": cheaper,
                "typical_order": amount_text(amount),
                "currency": currency,
                "order_rank": standing,
                "price_level": None if np.isnan(paid) else round(paid, 4),
                "discount_share": inclined,
            },
        )
        for person, amount, count, cheaper, standing, paid, strength, inclined in rows
    ]


def label_of(power: Power, affinity: Affinity) -> str:
    """Name the group of people of one spending power and one discount affinity."""
    return f"{power}.{affinity}"


def parts_of(label: str) -> tuple[Power, Affinity]:
    """Return what ``label_of`` was given."""
    power, _, affinity = label.partition(".")
    return Power(power), Affinity(affinity)
