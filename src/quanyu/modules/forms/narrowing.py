"""Narrowing results to days and to a source: one clause, whatever is counted."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.forms.contracts import Narrowing
from quanyu.modules.forms.errors import UnfitFilter

_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Since, and before, which instants, and by which source; half-open, ``None`` is any."""

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None

    def params(self) -> dict[str, Any]:
        """Return what the clauses below ask for, but for tenant and form."""
        return asdict(self)


EVERYTHING: Final = Bounds()


def bounds_of(narrowing: Narrowing, zone: ZoneInfo) -> Bounds:
    """Return what a filter means in a brand's calendar.

    Raises:
        UnfitFilter: the days are not in order or beyond any calendar of ours, or a source is to be none.
    """
    first, last = narrowing.first_day, narrowing.last_day
    for day in (first, last):
        if day is not None and not _EARLIEST <= day <= _LATEST:
            raise UnfitFilter(
                f"{day} is not between {_EARLIEST} and {_LATEST}; choose another day",
                message_zh=f"日期 {day} 超出范围（{_EARLIEST} 至 {_LATEST}），请重新选择",
            )
    if first is not None and last is not None and last < first:
        raise UnfitFilter(
            f"the last day {last} is before the first day {first}; swap them",
            message_zh=f"结束日期 {last} 早于开始日期 {first}，请调换",
        )
    if narrowing.unmarked and narrowing.source:
        raise UnfitFilter(
            "choose a source, or answers without one, not both", message_zh="渠道与「未标记」只能选一个"
        )
    return Bounds(
        None if first is None else datetime.combine(first, time.min, zone),
        None if last is None else datetime.combine(last + timedelta(days=1), time.min, zone),
        "" if narrowing.unmarked else narrowing.source or None,
    )


def _clause(table: str, instant: str) -> str:
    return (
        f"{table}.tenant_id = :tenant AND {table}.form_id = :form "
        f"AND (CAST(:since AS timestamptz) IS NULL OR {table}.{instant} >= CAST(:since AS timestamptz)) "
        f"AND (CAST(:until AS timestamptz) IS NULL OR {table}.{instant} < CAST(:until AS timestamptz)) "
        f"AND (CAST(:source AS text) IS NULL OR {table}.source = CAST(:source AS text))"
    )


# ``form_answer a`` by when it was sent, ``form_visit v`` by when the page was first opened.
ANSWERS: Final = _clause("a", "submitted_at")
COUNTED: Final = f"{ANSWERS} AND NOT a.is_repeat"
VISITS: Final = _clause("v", "opened_at")
