"""How fast a mini program opens, computed from its visits: each person's phone has its own pace.

The platform names its measures by ``module``: 10016 the whole opening, 10017 fetching the package, 10021
drawing the first screen. The figure of a day is the mean over its visits, in milliseconds.
"""

from dataclasses import dataclass
from datetime import date, datetime

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import CHINA
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind, Facts

LONGEST_S = 90 * 86_400


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured at each opening, and what it takes at least and at most."""

    name: str
    least_ms: int
    most_ms: int

    def of(self, person: int) -> int:
        """Return what it takes on the phone of a person: always the same."""
        # Spread evenly without a pattern that neighbours would show: Knuth's multiplicative hash.
        place = person * 2654435761 % 2**32 / 2**32
        return round(self.least_ms + place * (self.most_ms - self.least_ms))


MEASURES = {
    "10016": Measure("启动总耗时", 900, 3_200),
    "10017": Measure("下载耗时", 150, 1_100),
    "10021": Measure("初次渲染耗时", 250, 900),
}


class Performance:
    """Opening times of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._facts = Facts(world.store)
        self._appid = account.appid

    def by_day(self, measure: Measure, begin: float, end: float) -> list[tuple[date, int]]:
        """Return the mean of each day with visits between two instants, both included, oldest first."""
        visits = self._facts.between(self._appid, (FactKind.MINI_VISIT,), begin, end + 1)
        days: dict[date, list[int]] = {}
        for visit in visits:
            day = datetime.fromtimestamp(visit.at, CHINA).date()
            days.setdefault(day, []).append(measure.of(visit.person))
        return [(day, round(sum(taken) / len(taken))) for day, taken in sorted(days.items())]
