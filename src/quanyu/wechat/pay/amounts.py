"""Amounts: fen on the wire, yuan in bills; integers here, never a float."""

import re
from typing import Final

from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.money import Money
from quanyu.wechat.calls import Part

_YUAN: Final = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,5}))?")


class InvalidAmount(InvalidInput):
    """A text is no amount of yuan in whole fen."""

    code = "wechat.pay_invalid_amount"


class OrderAmount(Part, frozen=True):
    """What an order costs, in fen."""

    total: int
    currency: str = "CNY"

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)


class PaidAmount(Part, frozen=True):
    """What an order costs and what the person paid after discounts, in fen."""

    total: int = 0
    payer_total: int = 0
    currency: str = "CNY"
    payer_currency: str = ""

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)


def fen_of(yuan: str) -> int:
    """Read yuan with at most two decimals that count, such as ``0.10`` or ``0.60000``.

    Raises:
        InvalidAmount: it is no such text, or holds parts of a fen.
    """
    found = _YUAN.fullmatch(yuan.strip())
    if found is None or (found[3] or "")[2:].strip("0"):
        raise InvalidAmount(f"{yuan[:40]!r} is no amount of yuan in whole fen", message_zh="金额格式不正确")
    fen = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0")[:2])
    return -fen if found[1] else fen


def yuan_of(fen: int) -> str:
    """Write fen as yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
