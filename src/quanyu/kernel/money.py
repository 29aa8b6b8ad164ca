"""Money of our own ledgers: integers of the smallest unit. No floats anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from quanyu.kernel.errors import InvalidInput


class CurrencyMismatch(InvalidInput):
    """Two amounts of different currencies were put together."""

    code = "quanyu.currency_mismatch"


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """``amount_minor`` in the currency's smallest unit (fen for CNY)."""

    amount_minor: int
    currency: str = "CNY"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{other.currency} cannot be combined with {self.currency}")
        return other.amount_minor

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split by ``weights`` so that the parts sum to the whole (largest remainders first)."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise InvalidInput("weights must be non-negative and sum to more than zero")
        shares = [self.amount_minor * weight // total for weight in weights]
        remainders = [self.amount_minor * weight % total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
        for index in by_remainder[: self.amount_minor - sum(shares)]:
            shares[index] += 1
        return tuple(Money(share, self.currency) for share in shares)
