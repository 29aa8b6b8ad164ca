"""Figures of a mini program, computed from its visits.

Days are those of China. A person is new on the day of their first visit ever.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import CHINA
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import Fact, FactKind, Facts
from wechat_sandbox.state.mini_program.visits import ENTRY, EXIT

_STAYS = (3, 6, 11, 21, 31, 51, 101)  # Upper ends, exclusive, of the stay classes 1 to 7; 8 is longer.
_DEPTHS = (2, 3, 4, 5, 6, 11)  # The same of the depth classes 1 to 6; 7 is deeper.
# Class of ``access_source_session_cnt`` by scene; all others are 10 (other).
_SOURCES = {
    1001: 2, 1089: 2, 1005: 3, 1006: 3, 1007: 4, 1008: 4, 1036: 4, 1011: 8, 1012: 8, 1047: 8, 1048: 8,
    1020: 5, 1035: 5, 1043: 5, 1014: 6, 1107: 6, 1065: 12, 1194: 12,
}  # fmt: skip
_OTHER_SOURCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days, both ends included."""

    first: date
    last: date

    @property
    def instants(self) -> tuple[float, float]:
        return _midnight(self.first), _midnight(self.last + timedelta(days=1))


class Analysis:
    """Figures of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._facts = Facts(world.store)
        self._appid = account.appid

    def summary(self, day: date) -> dict[str, int]:
        """Return the visitors so far, and the shares of a day."""
        span = Span(first=day, last=day)
        shares = self._of(FactKind.MINI_SHARE, span)
        before = self._facts.between(self._appid, (FactKind.MINI_VISIT,), 0.0, span.instants[1])
        return {
            "visit_total": len({fact.person for fact in before}),
            "share_pv": len(shares),
            "share_uv": len({fact.person for fact in shares}),
        }

    def trend(self, span: Span) -> dict[str, float]:
        visits, pages = self._of(FactKind.MINI_VISIT, span), self._of(FactKind.MINI_PAGE, span)
        people = {fact.person for fact in visits}
        stayed_s = sum(fact.amount for fact in visits) / 1000
        return {
            "session_cnt": len(visits),
            "visit_pv": len(pages),
            "visit_uv": len(people),
            "visit_uv_new": len(people - self._before(span.first)),
            "stay_time_uv": _share(stayed_s, len(people)),
            "stay_time_session": _share(stayed_s, len(visits)),
            "visit_depth": _share(len(pages), len(visits)),
        }

    def retention(self, span: Span, later: list[Span]) -> dict[str, list[dict[str, int]]]:
        """Return how many of a span's new and of all its visitors came back in each later span."""
        everyone = self._people(span)
        fresh = everyone - self._before(span.first)
        back = [self._people(one) for one in later]
        return {
            "visit_uv_new": _keyed([len(fresh), *(len(fresh & people) for people in back)]),
            "visit_uv": _keyed([len(everyone), *(len(everyone & people) for people in back)]),
        }

    def pages(self, day: date, most: int) -> list[dict[str, object]]:
        """Return the most seen pages of a day."""
        span = Span(first=day, last=day)
        views, shares = self._of(FactKind.MINI_PAGE, span), self._of(FactKind.MINI_SHARE, span)
        by_path: dict[str, list[Fact]] = {}
        for fact in views:
            by_path.setdefault(fact.ref, []).append(fact)
        ranked = sorted(by_path.items(), key=lambda item: (-len(item[1]), item[0]))[:most]
        return [
            _page_row(path, facts, [fact for fact in shares if fact.ref == path]) for path, facts in ranked
        ]

    def distribution(self, day: date) -> list[dict[str, object]]:
        visits = self._of(FactKind.MINI_VISIT, Span(first=day, last=day))
        groups = {
            "access_source_session_cnt": (_SOURCES.get(fact.source, _OTHER_SOURCE) for fact in visits),
            "access_staytime_info": (_class(fact.amount / 1000, _STAYS) for fact in visits),
            "access_depth_info": (_class(int(fact.ref), _DEPTHS) for fact in visits),
        }
        return [{"index": index, "item_list": _counted(keys)} for index, keys in groups.items()]

    def visitors(self, span: Span) -> tuple[set[int], set[int]]:
        """Return everyone of a span, and those among them who were new."""
        people = self._people(span)
        return people, people - self._before(span.first)

    def _of(self, kind: FactKind, span: Span) -> list[Fact]:
        return list(self._facts.between(self._appid, (kind,), *span.instants))

    def _people(self, span: Span) -> set[int]:
        return {fact.person for fact in self._of(FactKind.MINI_VISIT, span)}

    def _before(self, day: date) -> set[int]:
        earlier = self._facts.between(self._appid, (FactKind.MINI_VISIT,), 0.0, _midnight(day))
        return {fact.person for fact in earlier}


def _page_row(path: str, facts: list[Fact], shares: list[Fact]) -> dict[str, object]:
    stayed_s = sum(fact.amount for fact in facts) / 1000
    return {
        "page_path": path,
        "page_visit_pv": len(facts),
        "page_visit_uv": len({fact.person for fact in facts}),
        "page_staytime_pv": _share(stayed_s, len(facts)),
        "entrypage_pv": sum(1 for fact in facts if fact.source & ENTRY),
        "exitpage_pv": sum(1 for fact in facts if fact.source & EXIT),
        "page_share_pv": len(shares),
        "page_share_uv": len({fact.person for fact in shares}),
    }


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()


def _share(total: float, parts: int) -> float:
    return round(total / parts, 4) if parts else 0


def _class(value: float, ends: tuple[int, ...]) -> int:
    return 1 + sum(1 for end in ends if value >= end)


def _keyed(values: list[int]) -> list[dict[str, int]]:
    return [{"key": key, "value": value} for key, value in enumerate(values)]


def _counted(keys: Iterable[int]) -> list[dict[str, int]]:
    return [{"key": key, "value": value} for key, value in sorted(Counter(keys).items())]
