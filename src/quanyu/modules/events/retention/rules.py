"""Pure decisions about how long events are kept."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from quanyu.modules.events.retention.contracts import EventUse, Keep

EVERY_OTHER = ""  # The name under which the rule for all other names lies.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Events of a name heard before its cut go, of names not listed before ``rest``; ``None``: never."""

    named: Mapping[str, datetime | None]
    rest: datetime | None

    def of(self, name: str) -> datetime | None:
        """Return the cut of a name."""
        return self.named.get(name, self.rest)

    @property
    def latest(self) -> datetime | None:
        """The latest of all cuts; ``None`` when nothing ever goes."""
        return max((one for one in (*self.named.values(), self.rest) if one is not None), default=None)

    def no_later_than(self, border: datetime | None) -> "Cuts":
        """Return the same cuts, none behind ``border``."""
        if border is None:
            return self

        def capped(cut: datetime | None) -> datetime | None:
            return None if cut is None else min(cut, border)

        return Cuts({name: capped(cut) for name, cut in self.named.items()}, capped(self.rest))


def day_of(now: datetime) -> date:
    """Return the UTC day of an instant; the archive's days are the same."""
    return now.astimezone(UTC).date()


def warehouse_cuts(rules: Mapping[str, Keep], kept: Collection[str], today: date) -> Cuts:
    """Return what the warehouse lets go of on a day; ``kept`` names never go."""
    return _cuts({name: rule.warehouse_days for name, rule in rules.items()}, kept, today)


def archive_cuts(rules: Mapping[str, Keep], kept: Collection[str], today: date) -> Cuts:
    """Return what the archive lets go of on a day."""
    return _cuts({name: rule.archive_days for name, rule in rules.items()}, kept, today)


def _cuts(days: Mapping[str, int | None], kept: Collection[str], today: date) -> Cuts:
    midnight = datetime.combine(today, time(), UTC)

    def cut(number: int | None) -> datetime | None:
        return None if number is None else max(_EPOCH, midnight - timedelta(days=number))

    named = {name: cut(number) for name, number in days.items() if name != EVERY_OTHER}
    return Cuts({**named, **dict.fromkeys(kept)}, cut(days.get(EVERY_OTHER)))


def again(
    dropped: Mapping[str, datetime], rules: Mapping[str, Keep], kept: Collection[str], today: date
) -> Cuts:
    """Return what goes again when history is stored anew: what had gone, as far as rules still ask for it.

    So a replay gives the figures there were; after a rule was made longer, it brings back what the
    archive still has.
    """
    now = warehouse_cuts(rules, kept, today)
    both = ((name, before, now.of(name)) for name, before in dropped.items())
    return Cuts({name: min(before, cut) for name, before, cut in both if cut is not None}, None)


@dataclass(frozen=True, slots=True)
class DayJudgement:
    """Which names of a day of the archive go: those listed, or all but those listed."""

    names: frozenset[str]
    all_but: bool

    def goes(self, name: str) -> bool:
        """Whether events of a name go."""
        return (name in self.names) is not self.all_but

    @property
    def spares_all(self) -> bool:
        """Whether nothing goes."""
        return not self.all_but and not self.names

    @property
    def mark(self) -> str:
        """Names the judgement: a file judged by the same one is not opened again."""
        if self.spares_all:
            return ""
        text = json.dumps([sorted(self.names), self.all_but], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def judge_day(cuts: Cuts, day: date) -> DayJudgement:
    """Say what goes of a day: names whose cut lies behind the whole of it."""
    end = datetime.combine(day + timedelta(days=1), time(), UTC)

    def is_due(cut: datetime | None) -> bool:
        return cut is not None and end <= cut

    all_but = is_due(cuts.rest)
    listed = (name for name, cut in cuts.named.items() if is_due(cut) is not all_but)
    return DayJudgement(frozenset(listed), all_but)


def further_back(uses: Iterable[EventUse], keep: Keep, is_about: Collection[str]) -> tuple[EventUse, ...]:
    """Return the uses of the names a rule is about that look further back than the warehouse would."""
    days = keep.warehouse_days
    if days is None:
        return ()
    found = {
        (one.kind, one.id, one.event): one
        for one in uses
        if one.event in is_about and (one.days is None or one.days > days)
    }
    return tuple(found[key] for key in sorted(found))


def names_without_rule(
    names: Iterable[str], rules: Mapping[str, Keep], kept: Collection[str]
) -> Sequence[str]:
    """Return the names the rule for all others is about."""
    return sorted({one for one in names if one not in rules and one not in kept})
