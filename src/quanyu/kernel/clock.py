"""The clock, read at entry points and passed in.

Business time may run faster than real time or start elsewhere (``QUANYU_CLOCK``), so that a
rehearsal plays weeks in minutes. Network time-outs always use real time.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the business time."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...

    def real_seconds(self, span: timedelta) -> float:
        """Return how many real seconds pass while the business clock advances by ``span``."""
        ...


class InvalidClock(ValueError):
    """``QUANYU_CLOCK`` is not of the form ``<real_epoch_s>:<virtual_epoch_s>:<rate>``."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """virtual = ``virtual_start_s`` + (real - ``real_start_s``) x ``rate``; the default is real time."""

    real_start_s: float = 0.0
    virtual_start_s: float = 0.0
    rate: float = 1.0

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "SystemClock":
        """Read ``QUANYU_CLOCK``; unset or empty means real time.

        Raises:
            InvalidClock: the value has another form, a rate that is not positive, or no present.
        """
        text = environ.get("QUANYU_CLOCK", "")
        if not text:
            return cls()
        try:
            real, virtual, rate = (float(part) for part in text.split(":"))
        except ValueError as error:
            raise InvalidClock(f"QUANYU_CLOCK={text!r}: expected real:virtual:rate in seconds") from error
        if not rate > 0:
            raise InvalidClock(f"QUANYU_CLOCK={text!r}: the rate must be greater than zero")
        clock = cls(real, virtual, rate)
        try:
            if not all(map(math.isfinite, (real, virtual, rate))):
                raise ValueError("not finite")
            clock.now()
        except (ValueError, OverflowError, OSError) as error:
            raise InvalidClock(f"QUANYU_CLOCK={text!r}: its present lies beyond any calendar") from error
        return clock

    def now(self) -> datetime:
        virtual_s = self.virtual_start_s + (time.time() - self.real_start_s) * self.rate
        return datetime.fromtimestamp(virtual_s, UTC)

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds() / self.rate

    def to_env(self) -> str:
        """Return the ``QUANYU_CLOCK`` value another process needs to run on this clock."""
        return f"{self.real_start_s!r}:{self.virtual_start_s!r}:{self.rate!r}"


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()

    def advance(self, span: timedelta) -> None:
        """Move forward by ``span``."""
        self._now += span


def business_span(clock: Clock, real: timedelta) -> timedelta:
    """Return how far the business clock goes while ``real`` passes, and no less than ``real``.

    A claim outlives a network call, which takes real time: on a fast clock that is longer.
    """
    return real * max(1.0, real.total_seconds() / clock.real_seconds(real))
