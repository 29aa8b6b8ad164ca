"""What an e-commerce event says of money: the columns history keeps exactly, as decimal text.

Names follow the e-commerce specification of Segment. In history, refunds are negative: the revenue of
``Order Refunded`` and the quantities of its lines, so that sums are net without anyone remembering to.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

REFUND: Final = "Order Refunded"
LINES_MAX: Final = 5_000
_STEP: Final = Decimal("0.0001")
_LARGEST: Final = Decimal(10) ** 14
_LINE_TEXTS: Final = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")
_MONEY_KEYS: Final = frozenset({"revenue", "total", "order_id", "currency", "quantity", "products"})


class Commerce(NamedTuple):
    """The money columns of one event; amounts are decimal text with at most four places."""

    order_id: str = ""
    revenue: str | None = None
    currency: str = ""
    quantity: str | None = None
    items: tuple[dict[str, Any], ...] = ()


NOTHING: Final = Commerce()
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def take_commerce(name: str, properties: dict[str, Any]) -> Commerce:
    """Read the money columns of an event and take ``products`` out of ``properties``.

    Amounts that are not numbers are left among the properties and not counted.
    """
    if _MONEY_KEYS.isdisjoint(properties):
        return NOTHING
    products = properties.pop("products", None)
    revenue = decimal_text(properties.get("revenue", properties.get("total")))
    quantity = decimal_text(properties.get("quantity"))
    refund = name == REFUND
    return Commerce(
        order_id=_text(properties.get("order_id")),
        revenue=_negative(revenue) if refund else revenue,
        currency=read_currency(properties.get("currency")),
        quantity=_negative(quantity) if refund else quantity,
        items=lines_of(products, refund=refund),
    )


def read_currency(value: Any) -> str:
    """Return a currency's code in capitals; empty for anything that is not three letters."""
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if _CURRENCY.fullmatch(code) else ""


def has_amount(properties: Mapping[str, Any]) -> bool:
    """Whether an event states an amount of money that counts in figures: its own, or its lines'."""
    stated = properties.get("revenue", properties.get("total"))
    return decimal_text(stated) is not None or bool(lines_of(properties.get("products"), refund=False))


def lines_of(products: Any, *, refund: bool) -> tuple[dict[str, Any], ...]:
    """Bring order lines into the form history keeps: texts as text, amounts as decimal text."""
    # Decoded JSON first: asking whether something is a sequence or a mapping in general is slow.
    if products is None:
        return ()
    if type(products) is not list and (not isinstance(products, Sequence) or isinstance(products, str)):
        return ()
    return tuple(
        _line(product, refund=refund)
        for product in products[:LINES_MAX]
        if type(product) is dict or isinstance(product, Mapping)
    )


def _line(product: Mapping[str, Any], *, refund: bool) -> dict[str, Any]:
    line = dict(product)
    for key in _LINE_TEXTS:
        if key in line:
            line[key] = _text(line[key])
    line["price"] = decimal_text(product.get("price")) or "0"
    quantity = decimal_text(product.get("quantity", 1)) or "0"
    line["quantity"] = _negative(quantity) if refund else quantity
    return line


def decimal_text(value: Any) -> str | None:
    """Return a number as plain decimal text with at most four places, or ``None`` if it is no amount.

    A float means the shortest decimal that reads back as it, which is what its sender wrote.
    """
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(repr(value) if isinstance(value, float) else value)
        if not amount.is_finite() or abs(amount) >= _LARGEST:
            return None
    except InvalidOperation:
        return None
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -4:
        amount = amount.quantize(_STEP)
    return format(amount, "f")


def _negative(amount: str | None) -> str | None:
    return amount if amount is None or amount.startswith("-") else f"-{amount}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
