"""How fast and whether an account may send: a token bucket and a circuit breaker, without a clock."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    """Allows ``rate_per_s`` on average and ``burst`` at once. Seconds are real: the platform's limits are."""

    rate_per_s: float
    burst: float
    _tokens: float = field(init=False)
    _at_s: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def available(self, now_s: float) -> int:
        """Return how many may go now."""
        if self._at_s is not None:
            self._tokens = min(self.burst, self._tokens + (now_s - self._at_s) * self.rate_per_s)
        self._at_s = now_s
        return int(self._tokens + 1e-6)  # Tenths of seconds are no round numbers of floats.

    def set_rate(self, rate_per_s: float) -> None:
        """Go on at another rate."""
        if rate_per_s != self.rate_per_s:
            self.rate_per_s = rate_per_s
            self.burst = max(1.0, rate_per_s)
            self._tokens = min(self._tokens, self.burst)

    def take(self, count: int) -> None:
        """Use ``count`` of what ``available`` allowed."""
        self._tokens -= count

    def wait_s(self) -> float:
        """Return how long until one more may go."""
        return max(0.0, (1 - self._tokens) / self.rate_per_s)


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
