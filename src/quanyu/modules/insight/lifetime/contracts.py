"""What crosses the boundary of customer lifetime. Money is in whole minor units (fen for CNY)."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from quanyu.modules.insight.lifetime.card import ModelCard, Refusal


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class LifetimeBar(_Frozen):
    """People of one band: how many, and what they are expected to do within a year."""

    band: int
    people: int
    purchases: float
    value_minor: int | None


class LifetimeSummary(_Frozen):
    """The last finished computation; ``as_of`` is ``None`` before the first.

    Without figures for anybody (``people`` is 0) ``card.refusal`` says why.
    """

    as_of: datetime | None
    computed_at: datetime | None
    currency: str
    minor_per_unit: int  # How many of the smallest unit make one of the currency.
    people: int
    horizon_days: int
    soon_days: int
    yearly_discount: float
    purchases: float  # Expected of everybody within the horizon.
    value_minor: int | None
    card: ModelCard | None
    alive: tuple[
        LifetimeBar, ...
    ]  # Band 0 bought once; 1 to 5 by probability of being active, 20 points each.
    value: tuple[LifetimeBar, ...]  # Fifths of people by value; 5 is worth most.


class RunLifetime(_Frozen):
    """Compute as of an instant; default now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: AwareDatetime | None = None


class LifetimeRun(_Frozen):
    """A finished computation; with a refusal nobody has figures."""

    as_of: datetime
    people: int
    took_ms: int
    refusal: Refusal | None


class LifetimePerson(_Frozen):
    """A row of the list of people; probabilities from 0 to 1."""

    person_id: str
    display_name: str
    user_id: str | None
    days_bought: int
    last_on: date
    alive: float | None  # None for whoever bought once: the model cannot tell.
    buys_soon: float  # Of at least one purchase within ``soon_days``.
    purchases: float  # Expected within ``horizon_days``.
    next_on: date | None  # By then a purchase is as likely to have come as not; None if that day never comes.
    spend_minor: int | None  # Expected for each purchase.
    value_minor: int | None  # Within ``horizon_days``, discounted.
    alive_band: int
    value_band: int | None


class LifetimePeoplePage(_Frozen):
    """One page of people, those worth most first."""

    items: tuple[LifetimePerson, ...]
    next_cursor: str | None
    total: int
