"""How lines become orders.

Pure: the same lines in any order give the same orders, and parts sum to the whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum
from typing import Final, NamedTuple, TypeVar

from quanyu.flows.imports.cells import EXACT
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapping import CreditQuantities, NegativeLines, Scalar

COMPLETED: Final = "Order Completed"
REFUNDED: Final = "Order Refunded"
ORDER_LINES_MAX: Final = 10_000
_FOUR_PLACES: Final = Decimal("0.0001")
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_MONEY_LIMIT: Final = Decimal(10) ** 14
Value = TypeVar("Value", bound=Scalar)


class LineKind(IntEnum):
    """What a row of an orders file states."""

    SALE = 0
    CREDIT = 1  # Money given back.
    RETURNED = 2  # A sale that was given back later: both.


class Part(NamedTuple):
    """So many units at one price."""

    quantity: Decimal
    price: Decimal


class Name(NamedTuple):
    """One identifier of the person who bought."""

    namespace: str
    scope: str
    value: str


class Line(NamedTuple):
    """One row of an orders file, read."""

    kind: LineKind
    occurred_at: datetime
    number: Decimal  # The file's own order of lines, zero without one.
    product: tuple[str, ...]  # Empty where the file tells nothing.
    parts: tuple[Part, ...]
    names: tuple[Name, ...]
    currency: str
    properties: tuple[Scalar | None, ...]
    context: tuple[str | None, ...]
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order as the event tells it; ``occurred_at`` only where it differs from the event's."""

    product: tuple[str, ...]
    price: Decimal
    quantity: Decimal
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """What an order says: completed, or given back (then quantities and revenue are negative)."""

    name: str
    message_id: str
    order_id: str
    occurred_at: datetime  # Of the last line.
    names: tuple[Name, ...]
    currency: str
    revenue: Decimal
    quantity: Decimal
    items: tuple[Item, ...]
    properties: tuple[Scalar | None, ...]
    context: tuple[str | None, ...]


def line_kind(
    *, is_credit: bool, is_returned: bool, is_negative: bool, negative_lines: NegativeLines
) -> LineKind:
    """Decide what a row states."""
    if is_credit or (is_negative and negative_lines is NegativeLines.REFUND):
        return LineKind.CREDIT
    return LineKind.RETURNED if is_returned else LineKind.SALE


def parts_of_price(quantity: Decimal, price: Decimal) -> tuple[Part, ...]:
    """Return the single part of a line that tells the price of one unit."""
    return (Part(quantity, price),)


def parts_of_amount(quantity: Decimal, amount: Decimal) -> tuple[Part, ...] | None:
    """Split a line's amount over its units so that the parts sum to it exactly.

    Whole quantities give one price, or two prices a ten-thousandth apart. A fractional quantity with no
    exact price becomes one unit at the whole amount. ``None``: nothing was sold, yet it cost something.
    """
    if not amount:
        return (Part(quantity, _ZERO),)
    if not quantity:
        return None
    if quantity == quantity.to_integral_value():
        return _shared_out(int(quantity), amount)
    price = EXACT.divide(amount, quantity).quantize(_FOUR_PLACES, context=EXACT)
    if EXACT.multiply(price, quantity) == amount:
        return (Part(quantity, price.normalize(EXACT)),)
    return (Part(_ONE if amount > 0 else -_ONE, abs(amount)),)


def _shared_out(units: int, amount: Decimal) -> tuple[Part, ...]:
    share, left = divmod(int(abs(amount).scaleb(4)), abs(units))
    unit_sign = 1 if units > 0 else -1
    price_sign = 1 if (amount > 0) == (units > 0) else -1
    shared = ((abs(units) - left, share), (left, share + 1))
    return tuple(
        Part(Decimal(count * unit_sign), Decimal(price * price_sign).scaleb(-4).normalize(EXACT))
        for count, price in shared
        if count
    )


def assemble(
    order_id: str, lines: Sequence[Line], *, credit: CreditQuantities
) -> tuple[OrderFact, ...] | Fault:
    """Turn all lines of one order into what it says, or say why it cannot be imported."""
    if len(lines) > ORDER_LINES_MAX:
        return Fault(Reason.ORDER_TOO_LONG)
    names = _names(lines)
    if names is None:
        return Fault(Reason.ORDER_PEOPLE)
    if any(line.currency != lines[0].currency for line in lines):
        return Fault(Reason.ORDER_CURRENCIES)
    refunded = _refund_lines(lines, credit)
    if isinstance(refunded, Fault):
        return refunded
    sold = [line for line in lines if line.kind is not LineKind.CREDIT]
    facts = []
    for name, chosen in ((COMPLETED, sold), (REFUNDED, refunded)):
        if chosen:
            facts.append(_fact(name, order_id, chosen, names=names))
    if any(abs(fact.revenue) >= _MONEY_LIMIT for fact in facts):
        return Fault(Reason.NUMBER_RANGE)
    return tuple(facts)


def _names(lines: Sequence[Line]) -> tuple[Name, ...] | None:
    """Return who bought: the names all lines together carry; ``None`` when they contradict each other."""
    if all(line.names == lines[0].names for line in lines):
        return lines[0].names
    found: dict[tuple[str, str], Name] = {}
    for line in lines:
        for name in line.names:
            if found.setdefault((name.namespace, name.scope), name) != name:
                return None
    return tuple(sorted(found.values()))


def _refund_lines(lines: Sequence[Line], credit: CreditQuantities) -> list[Line] | Fault:
    chosen = []
    for line in lines:
        if line.kind is LineKind.RETURNED:
            chosen.append(
                line._replace(parts=_turned(line.parts), occurred_at=line.returned_at or line.occurred_at)
            )
        elif line.kind is LineKind.CREDIT:
            if credit is CreditQuantities.UNSIGNED and _total(line.parts) < 0:
                return Fault(Reason.REFUND_NEGATIVE)
            parts = _turned(line.parts) if credit is CreditQuantities.UNSIGNED else line.parts
            chosen.append(line._replace(parts=tuple(map(_as_given_back, parts))))
    if sum((_total(line.parts) for line in chosen), _ZERO) > 0:
        return Fault(Reason.REFUND_POSITIVE)
    return chosen


def _turned(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(Part(-part.quantity, part.price) for part in parts)


def _as_given_back(part: Part) -> Part:
    """Write two units at a negative price as minus two units at the positive price."""
    if part.quantity > 0 > part.price:
        return Part(-part.quantity, -part.price)
    return part


def _total(parts: Sequence[Part]) -> Decimal:
    total = _ZERO
    for part in parts:
        total = EXACT.add(total, EXACT.multiply(part.quantity, part.price))
    return total


def _fact(name: str, order_id: str, lines: Sequence[Line], *, names: tuple[Name, ...]) -> OrderFact:
    ordered = sorted(lines, key=_line_order) if len(lines) > 1 else lines
    occurred_at = max(line.occurred_at for line in lines)
    parts = [part for line in ordered for part in line.parts]
    revenue = _total(parts).quantize(_FOUR_PLACES, rounding=ROUND_HALF_EVEN, context=EXACT)
    return OrderFact(
        name=name,
        message_id=f"order:{order_id}:{'completed' if name == COMPLETED else 'refunded'}",
        order_id=order_id,
        occurred_at=occurred_at,
        names=names,
        currency=lines[0].currency,
        revenue=revenue,
        quantity=sum((part.quantity for part in parts), _ZERO),
        items=tuple(
            Item(
                line.product,
                part.price,
                part.quantity,
                None if line.occurred_at == occurred_at else line.occurred_at,
            )
            for line in ordered
            for part in line.parts
        ),
        properties=_latest(ordered, lambda line: line.properties),
        context=_latest(ordered, lambda line: line.context),
    )


def _line_order(line: Line) -> tuple[object, ...]:
    # Two lines with the same key are the same line twice, so a file sorted otherwise gives the same order.
    return (line.occurred_at, line.number, line.product, line.parts)


def _latest(
    lines: Sequence[Line], values_of: Callable[[Line], tuple[Value | None, ...]]
) -> tuple[Value | None, ...]:
    """Return one value per field: that of the latest line that has one."""
    first = values_of(lines[0])
    if all(values_of(line) == first for line in lines):
        return first
    chosen: list[Value | None] = []
    for place in range(len(first)):
        told = [
            (line.occurred_at, repr(value), value)
            for line in lines
            if (value := values_of(line)[place]) is not None
        ]
        # By text where the time is the same, because which of the rows comes first means nothing.
        chosen.append(max(told, key=lambda one: one[:2])[2] if told else None)
    return tuple(chosen)
