"""When somebody's membership changed by time alone: the exact instant between two evaluations.

What a definition says of one person is constant between breakpoints: the instants of their facts and dates,
the same shifted by every span the definition names, and local midnights. So the last change lies on one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import localcontext
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.windows import CalendarWindow, RollingWindow, Window, span_of
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.dates import Ahead, Anniversary, DateTest, Days, Within
from quanyu.modules.segments.conditions.facts import Ago, Recency
from quanyu.modules.segments.conditions.habits import Regular, Restarted, Stopped
from quanyu.modules.segments.conditions.membership import InSegment, Moved, Relation
from quanyu.modules.segments.conditions.sequence import Sequence as Steps
from quanyu.modules.segments.oracle import DIGITS, PersonLike, holds, look_up
from quanyu.modules.segments.plain.dates import read_instant
from quanyu.modules.segments.tree import Condition, conditions_of

BREAKPOINTS_MAX: Final = 5_000  # Of one person between two evaluations.
_INSTANT: Final = timedelta(milliseconds=1)  # Windows are closed: one is out of them just after the border.
_NOTHING: Final = timedelta(0)


def crossed_at(
    definition: Condition,
    person: PersonLike,
    *,
    is_in: bool,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> datetime | None:
    """Return when in (since, until] the person last became what they are: in, or out.

    ``None`` where time did nothing: what is known of them changed (a late event, an attribute, a tag).
    """
    instants = breakpoints(definition, person, since=since, until=until, zone=zone)
    if len(instants) > BREAKPOINTS_MAX:
        return None
    with localcontext(prec=DIGITS):
        if instants and holds(definition, person, instants[-1], zone) is not is_in:
            return None
        for before, instant in reversed(list(pairwise([since, *instants]))):
            if holds(definition, person, before, zone) is not is_in:
                return instant
    return None


def breakpoints(
    definition: Condition, person: PersonLike, *, since: datetime, until: datetime, zone: ZoneInfo
) -> list[datetime]:
    """Return, ascending, the instants in (since, until] at which anything can change by itself."""
    found = set(midnights(since, until, zone) if looks_at_days(definition) else ())
    spans = spans_of(definition)
    for instant in _instants(definition, person, zone):
        for span in spans:
            for shifted in (instant + span, instant + span + _INSTANT):
                if since < shifted <= until:
                    found.add(shifted)
    return sorted(found)


def _instants(definition: Condition, person: PersonLike, zone: ZoneInfo) -> Iterator[datetime]:
    for event in person.events:
        yield event.occurred_at
        yield from (item.occurred_at for item in event.items if item.occurred_at is not None)
    for node in conditions_of(definition):
        if isinstance(node, DateTest):
            instant = read_instant(look_up(person.attributes, node.key), zone)
            if instant is not None:
                yield instant
        elif isinstance(node, InSegment) and node.since is not None and node.number in person.segments:
            yield person.segments[node.number]


def spans_of(definition: Condition) -> Sequence[timedelta]:
    """Return every shift at which a fact or a date begins or ceases to count."""
    found = {_NOTHING}
    for node in conditions_of(definition):
        found |= set(_node_spans(node))
    return sorted(found)


def _node_spans(node: Condition) -> Iterable[timedelta]:
    window = _window_of(node)
    if isinstance(window, RollingWindow):
        yield window.span
    if isinstance(node, Recency) and isinstance(node.when, Ago):
        yield span_of(node.when.amount, node.when.unit)
    if isinstance(node, InSegment) and isinstance(node.since, Ago):
        yield span_of(node.since.amount, node.since.unit)
    if isinstance(node, (Stopped, Restarted)):
        yield node.earlier.length
        yield node.recent.length
    if isinstance(node, DateTest) and isinstance(node.when, (Ago, Ahead)):
        length = span_of(node.when.amount, node.when.unit)
        yield length if isinstance(node.when, Ago) else -length


def looks_at_days(definition: Condition) -> bool:
    """Tell whether anything changes at local midnight."""
    return any(
        isinstance(_window_of(node), CalendarWindow)
        or isinstance(node, Regular)
        or (isinstance(node, DateTest) and isinstance(node.when, (Days, Anniversary, Within)))
        for node in conditions_of(definition)
    )


def _window_of(node: Condition) -> Window | None:
    if isinstance(node, (Facts, Steps, Moved)):
        return node.window
    if isinstance(node, InSegment):
        return None if isinstance(node.since, Ago) else node.since
    return node.since if isinstance(node, (Relation, Consented)) else None


def midnights(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the local midnights in (since, until]."""
    day = since.astimezone(zone).date()
    for _ in range(BREAKPOINTS_MAX + 1):
        day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        if midnight > until:
            return
        if midnight > since:
            yield midnight


def depends_on_time(definition: Condition) -> bool:
    """Tell whether time alone can change who is in."""
    kinds = (Facts, Steps, Relation, Consented, DateTest, Moved)
    return any(
        isinstance(node, kinds) or (isinstance(node, InSegment) and node.since is not None)
        for node in conditions_of(definition)
    )
