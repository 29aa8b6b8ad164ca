"""What crosses the boundary of insight. Amounts are decimal text, exactly as history adds up."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.modules.insight.rfm.definitions import RfmSettings, ScoreBorder


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class AllOrders(_Frozen):
    """Every order and refund, also of customers nobody knows."""

    invoices: int  # Distinct order ids of completed and refunded orders.
    customers: int  # Distinct known people.
    lines: int
    cancelled_lines: int  # Lines of refunds.
    net_revenue: str  # Refunds are negative.


class PositiveOrders(_Frozen):
    """Lines of known people with a quantity and a price above zero."""

    invoices: int
    customers: int
    lines: int
    revenue: str  # Sum of price x quantity.


class OrderFigures(_Frozen):
    """Figures of orders in a period."""

    currency: str
    other_currencies: tuple[str, ...]  # Orders in these are not in the figures: ask for each by itself.
    all: AllOrders
    positive_known: PositiveOrders


class DayFigures(_Frozen):
    """One local day."""

    date: date
    revenue: str
    orders: int


class DailyFigures(_Frozen):
    """Consecutive local days, in one currency."""

    currency: str
    days: tuple[DayFigures, ...]


class CurrencyRevenue(_Frozen):
    """Net revenue in a currency that is not the brand's; amounts of two currencies are never added."""

    currency: str
    total: str
    recent: str  # Of the period asked for.


class ClassName(_Frozen):
    """A class's name in both languages."""

    zh: str
    en: str


class RfmClassFigures(_Frozen):
    """One class: how many people, what they brought, and their share of all revenue."""

    model_config = ConfigDict(
        frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    rfm_class: str = Field(alias="class")
    name: ClassName
    people: int
    revenue: str
    share: str  # Of revenue, 0 to 1, four decimals.


class RfmCell(_Frozen):
    """How many people have these two scores."""

    r: int
    f: int
    people: int


class RfmSummary(_Frozen):
    """The last finished computation; ``as_of`` is ``None`` before the first."""

    as_of: datetime | None
    computed_at: datetime | None
    people: int
    currency: str
    settings: RfmSettings
    is_stale: bool  # Computed by other settings than those there are now.
    classes: tuple[RfmClassFigures, ...]
    matrix: tuple[RfmCell, ...]
    borders: tuple[ScoreBorder, ...]


class RunRfm(_Frozen):
    """Compute scores as of an instant; default now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: AwareDatetime | None = None


class RfmRun(_Frozen):
    """A finished computation."""

    as_of: datetime
    people: int
    took_ms: int


class RfmScore(_Frozen):
    """One person's figures and scores."""

    model_config = ConfigDict(
        frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    recency_days: int
    frequency: int
    monetary: str
    r: int
    f: int
    m: int
    rfm_class: str = Field(alias="class")


class RfmPerson(RfmScore):
    """A row of the list of people; ``user_id`` is the shop's own number, where it is known."""

    person_id: str
    display_name: str
    user_id: str | None


class RfmPeoplePage(_Frozen):
    """One page of people, those who spent most first."""

    items: tuple[RfmPerson, ...]
    next_cursor: str | None
    total: int
