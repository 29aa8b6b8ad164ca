"""What the pages show of a person, made from what the stores hold: pure, nothing is read here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.people.contracts import PersonRow, TimelineItem, TotalsView
from quanyu.modules.people.profile_queries import CONTEXT_COLUMNS, Purchases, decode_properties

_PRODUCT_KEYS: Final = ("product_id", "sku", "name", "price", "quantity")


def profile_row(
    person_id: int,
    *,
    name: str,
    seen: tuple[datetime, datetime],
    attributes: Mapping[str, Any],
    bought: Purchases | None,
    rfm_class: str | None,
    reachable: bool | None,
) -> PersonRow:
    """Return one row of a list of people."""
    city = attributes.get("city") or attributes.get("address.city") or attributes.get("phone_region")
    return PersonRow(
        id=encode_id("per", person_id),
        display_name=name,
        avatar_seed=encode_id("per", person_id),
        first_seen_at=seen[0],
        last_seen_at=seen[1],
        city=None if city is None else str(city),
        rfm_class=rfm_class or attributes.get("rfm_class"),
        orders=None if bought is None else bought.orders,
        revenue=None if bought is None else decimal_text(bought.revenue),
        currency=None if bought is None else bought.currency,
        reachable=reachable,
    )


def totals(bought: Purchases) -> TotalsView:
    """Return what somebody bought, amounts as decimal text."""
    return TotalsView(
        orders=bought.orders,
        revenue=decimal_text(bought.revenue),
        currency=bought.currency,
        last_order_at=bought.last_order_at,
        events=bought.events,
    )


def timeline_item(row: tuple[Any, ...]) -> TimelineItem:
    """Return one event of a timeline from the row ``profile_queries.timeline`` reads."""
    context = dict(zip(CONTEXT_COLUMNS, row[11:], strict=True))
    properties = decode_properties(row[6])
    if row[10]:
        properties["products"] = [dict(zip(_PRODUCT_KEYS, line, strict=True)) for line in row[10]]
    return TimelineItem(
        id=encode_id("evt", row[0]),
        name=row[1],
        kind=row[2],
        occurred_at=row[3],
        received_at=row[4],
        source=row[5],
        properties=properties,
        revenue=None if row[7] is None else decimal_text(row[7]),
        currency=row[8],
        order_id=row[9],
        context={key: value for key, value in context.items() if value},
    )


def decimal_text(value: Decimal) -> str:
    """Write an amount with the decimals it has, without the zeros a column's scale adds."""
    return f"{value.normalize():f}"


def milliseconds(at: datetime) -> int:
    """Return an instant as Unix milliseconds; one without a zone is UTC, as the warehouse answers it."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)
