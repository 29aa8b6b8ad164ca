"""What callers and pages see of a row of figures: pure."""

from collections.abc import Sequence
from typing import Any, Final

from quanyu.kernel.ids import PersonId
from quanyu.modules.insight.lifetime.queries import Score
from quanyu.modules.people.contracts import AttributeWrite

ATTRIBUTES: Final = (
    "lifetime_alive",
    "lifetime_alive_band",
    "lifetime_buys_90d",
    "lifetime_purchases_365d",
    "lifetime_next_on",
    "lifetime_value",
    "lifetime_value_band",
)
# Currencies without a smaller unit (ISO 4217); the others here have hundredths.
_WHOLE: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})


def minor_per_unit(currency: str) -> int:
    """Return how many of the smallest unit make one of the currency."""
    return 1 if currency in _WHOLE else 100


def score_view(score: Score) -> dict[str, Any]:
    """Return the fields every view of a row has."""
    return {
        "days_bought": score.days_bought,
        "last_on": score.last_on,
        "alive": score.alive,
        "buys_soon": score.buys_soon,
        "purchases": score.purchases,
        "next_on": score.next_on,
        "spend_minor": score.spend_minor,
        "value_minor": score.value_minor,
        "alive_band": score.alive_band,
        "value_band": score.value_band,
    }


def writes(scores: Sequence[Score], currency: str) -> list[AttributeWrite]:
    """Return the attributes of people; what is not known is cleared."""
    unit = minor_per_unit(currency)
    return [
        AttributeWrite(person_id=PersonId(score.person_id), key=key, value=value)
        for score in scores
        for key, value in zip(ATTRIBUTES, _values(score, unit), strict=True)
    ]


def _values(score: Score, unit: int) -> tuple[Any, ...]:
    # The amount is a number of whole currency so that conditions read like those on other amounts.
    amount = None if score.value_minor is None else score.value_minor / unit
    return (
        score.alive,
        score.alive_band,
        score.buys_soon,
        score.purchases,
        None if score.next_on is None else score.next_on.isoformat(),
        amount,
        score.value_band,
    )
