"""Days of China in statistics: what may be asked for, and where each day begins and ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from wechat_sandbox.clock import CHINA
from wechat_sandbox.endpoints.registry import Call
from wechat_sandbox.state.facts import Fact, FactKind
from wechat_sandbox.wire.errors import PlatformError

READY_HOUR = 8  # The figures of yesterday are there from eight o'clock on.


@dataclass(frozen=True, slots=True)
class Day:
    """One day in China."""

    date: date

    @property
    def name(self) -> str:
        return self.date.isoformat()

    @property
    def start(self) -> float:
        return datetime.combine(self.date, time(), CHINA).timestamp()

    @property
    def end(self) -> float:
        return Day(self.date + timedelta(days=1)).start

    @property
    def week(self) -> str:
        """The Monday of its week."""
        return (self.date - timedelta(days=self.date.weekday())).isoformat()

    @property
    def month(self) -> str:
        """The first day of its month."""
        return self.date.replace(day=1).isoformat()


def read_days(call: Call, *, most: int, since: date | None = None) -> list[Day]:
    """Return the days of ``begin_date`` to ``end_date``.

    Raises:
        PlatformError: 61500 no dates, 61501 too many days, not past, or before ``since``, 61503 figures of
            yesterday asked for before eight o'clock.
    """
    begin, end = _read_date(call, "begin_date"), _read_date(call, "end_date")
    now = datetime.fromtimestamp(call.at, CHINA)
    count = (end - begin).days + 1
    if not 1 <= count <= most or end >= now.date() or (since is not None and begin < since):
        raise PlatformError(61501)
    if end == now.date() - timedelta(days=1) and now.hour < READY_HOUR:
        raise PlatformError(61503)
    return [Day(begin + timedelta(days=offset)) for offset in range(count)]


def facts_of(call: Call, day: Day, *kinds: FactKind) -> Iterator[Fact]:
    """Yield what happened at the caller's account on a day."""
    return call.world.facts.between(call.account.appid, kinds, day.start, day.end)


def hour_of(fact: Fact) -> int:
    """Return ``ref_hour``: 0 to 2300."""
    return datetime.fromtimestamp(fact.at, CHINA).hour * 100


def day_of(at: float) -> Day:
    return Day(datetime.fromtimestamp(at, CHINA).date())


def _read_date(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.text(name))
    except ValueError as error:
        raise PlatformError(61500) from error
