"""What payments ask of modules above them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.money import Money


@dataclass(frozen=True, slots=True)
class LatePayment:
    """A payment that came after the payment was closed."""

    key: str  # The caller's, of the payment.
    amount: Money
    paid_at: datetime


class LatePayments(Protocol):
    """Decides whether what was released can still be had (ST-4): stock, coupon, points, a seat."""

    async def accept(self, uow: UnitOfWork, late: LatePayment) -> bool:
        """Reserve everything again and return true, or reserve nothing and return false: the money goes back.

        Runs in the transaction that takes the payment, so it makes no call to the outside.
        """
        ...


class NothingIsLate:
    """Gives every late payment back: where nobody above takes one."""

    async def accept(self, uow: UnitOfWork, late: LatePayment) -> bool:
        """Return false."""
        return False
