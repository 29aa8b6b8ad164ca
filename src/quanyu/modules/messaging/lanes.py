"""How fast and whether an account may send: leases of a shared rate, a circuit breaker; no clock."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stock:
    """What may go at once, as all processes know it. Seconds are real: the platform's limits are."""

    tokens: float
    filled_s: float


def lease(
    stock: Stock | None, *, rate_per_s: float, asked: int, returned: int, now_s: float
) -> tuple[Stock, int]:
    """Give a process up to ``asked`` of the stock, after it ``returned`` what it did not use.

    Allows ``rate_per_s`` on average, and one second's worth at once, but never less than one. A process
    whose clock is behind fills nothing: together they never send faster.
    """
    burst = max(1.0, rate_per_s)
    tokens, filled_s = burst, now_s
    if stock is not None:
        grown = max(0.0, now_s - stock.filled_s) * rate_per_s
        tokens, filled_s = min(burst, stock.tokens + grown + returned), max(now_s, stock.filled_s)
    granted = min(asked, int(tokens + 1e-6))  # Tenths of seconds are no round numbers of floats.
    return Stock(tokens - granted, filled_s), granted


@dataclass(slots=True)
class Slice:
    """What one process has leased. It ends soon, so that a process that idles keeps nothing from others."""

    left: int = 0
    ends_s: float = float("-inf")

    def available(self, now_s: float) -> int:
        """Return how many may go now."""
        return self.left if now_s < self.ends_s else 0


@dataclass(slots=True)
class Breaker:
    """Opens after ``threshold`` failures in a row; after ``cooldown_s`` lets one through to try."""

    threshold: int
    cooldown_s: float
    _failures: int = field(init=False, default=0)
    _opened_at_s: float | None = field(init=False, default=None)
    _probing: bool = field(init=False, default=False)

    @property
    def is_open(self) -> bool:
        """Tell whether sending is held back."""
        return self._opened_at_s is not None

    def allowance(self, now_s: float, wanted: int) -> int:
        """Return how many of ``wanted`` calls may be made now."""
        if self._opened_at_s is None:
            return wanted
        if self._probing or now_s - self._opened_at_s < self.cooldown_s:
            return 0
        return min(wanted, 1)

    def began(self, count: int) -> None:
        """Note that ``count`` calls are being made."""
        if self._opened_at_s is not None and count:
            self._probing = True

    def succeeded(self) -> None:
        """Note that the account answered: it works."""
        self._failures = 0
        self._opened_at_s = None
        self._probing = False

    def failed(self, now_s: float) -> None:
        """Note that the account did not answer, or cannot send at all."""
        self._failures += 1
        self._probing = False
        if self._failures >= self.threshold:
            self._opened_at_s = now_s
