"""Coupons that a payment uses by itself, and what each side pays then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.state.pay.orders import Order
from wechat_sandbox.state.pay.pay import Pay


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """One coupon used: how it is shown, and who bears it. Money in fen."""

    shown: dict[str, Any]  # An entry of ``promotion_detail``.
    amount: int
    merchant_bears: int  # What the merchant goes without; the rest comes out of a budget paid before.


Finder = Callable[[Pay, Order, float], list[Discount]]
_FINDERS: list[Finder] = []


def discounts(finder: Finder) -> Finder:
    """Declare a family whose coupons payments use; the finder also marks them used."""
    _FINDERS.append(finder)
    return finder


class Discounts:
    """Puts discounts on a payment."""

    def __init__(self, pay: Pay) -> None:
        self._pay = pay

    def apply(self, order: Order, at: float) -> None:
        """Use the person's coupons that fit, and settle who pays what."""
        found = [one for finder in _FINDERS for one in finder(self._pay, order, at)]
        order.promotions = [one.shown for one in found]
        order.payer_total = order.total - sum(one.amount for one in found)
        order.settlement_total = order.total - sum(one.merchant_bears for one in found)
