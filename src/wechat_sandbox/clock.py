"""The virtual clock, shared with the product through one environment variable.

``QUANYU_CLOCK="<real_epoch_s>:<virtual_epoch_s>:<rate>"`` means
``virtual = virtual_epoch + (real - real_epoch) * rate``. Unset, virtual time is real time.
Instants are virtual epoch seconds (float); network time-outs never use this clock.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

CLOCK_VARIABLE = "QUANYU_CLOCK"
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
DAY_S = 86_400


class InvalidClock(ValueError):
    """The clock setting cannot be read."""


class Clock(Protocol):
    """What the sandbox asks of time."""

    @property
    def rate(self) -> float: ...

    def now(self) -> float: ...


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """A clock that starts at a chosen instant and runs at a chosen rate."""

    real_epoch_s: float = 0.0
    virtual_epoch_s: float = 0.0
    rate: float = 1.0
    real_now: Callable[[], float] = field(default=time.time, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "VirtualClock":
        """Read the shared setting; unset means real time."""
        setting = environ.get(CLOCK_VARIABLE, "").strip()
        return cls.parse(setting) if setting else cls()

    @classmethod
    def parse(cls, setting: str) -> "VirtualClock":
        """Read ``real:virtual:rate``.

        Raises:
            InvalidClock: not three numbers, or a rate that is not positive.
        """
        parts = setting.split(":")
        try:
            real_epoch_s, virtual_epoch_s, rate = (float(part) for part in parts)
        except ValueError as error:
            raise InvalidClock(f"{CLOCK_VARIABLE} must be real:virtual:rate, not {setting!r}") from error
        if rate <= 0:
            raise InvalidClock(f"{CLOCK_VARIABLE} needs a rate above zero, not {rate}")
        return cls(real_epoch_s, virtual_epoch_s, rate)

    def now(self) -> float:
        """Return the virtual instant in epoch seconds."""
        return self.virtual_epoch_s + (self.real_now() - self.real_epoch_s) * self.rate


@dataclass(slots=True)
class ManualClock:
    """A clock moved by hand, for tests."""

    at: float
    rate: float = 1.0

    def now(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


def iso(at: float) -> str:
    """Write an instant as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def china_time(at: float) -> str:
    """Write an instant as RFC 3339 with the offset of China, in whole seconds."""
    return datetime.fromtimestamp(at, CHINA).isoformat(timespec="seconds")


def china_day(at: float) -> str:
    """Return the calendar day in China, on which the platform resets its daily quotas."""
    return datetime.fromtimestamp(at, CHINA).date().isoformat()


def china_midnight(at: float) -> float:
    """Return the instant at which the day of ``at`` began in China."""
    local = datetime.fromtimestamp(at, CHINA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
