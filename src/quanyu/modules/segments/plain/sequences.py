"""Sequences in plain Python: try every choice of events until one fits."""

from collections.abc import Sequence as Many
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.modules.segments.conditions.sequence import Happening, Sequence
from quanyu.modules.segments.plain.facts import SECONDS, inside
from quanyu.modules.segments.plain.history import HistoryEvent
from quanyu.modules.segments.plain.values import compare, field_value, kind_of


def happened_in_sequence(
    node: Sequence, events: Many[HistoryEvent], as_of: datetime, zone: ZoneInfo
) -> list[HistoryEvent]:
    """Return the events of one way to meet the sequence, empty where there is none."""
    seen = [event for event in events if inside(event.occurred_at, node.window, as_of, zone)]
    for group in _alike(node, seen):
        barriers = [event.occurred_at for event in group if _is_one_of(event, node.without)]
        chain = _continue(node, [], sorted(group, key=lambda event: event.occurred_at), barriers)
        if chain:
            return chain
    return []


def _alike(node: Sequence, events: list[HistoryEvent]) -> list[list[HistoryEvent]]:
    """Put together what has the same value; without ``same``, everything."""
    if node.same is None:
        return [events]
    groups: dict[Any, list[HistoryEvent]] = {}
    for event in events:
        value = field_value(event, None, node.same)
        if value is not None and kind_of(value) != "other":
            groups.setdefault((kind_of(value), value), []).append(event)
    return list(groups.values())


def _continue(
    node: Sequence, chain: list[HistoryEvent], events: Many[HistoryEvent], barriers: Many[datetime]
) -> list[HistoryEvent]:
    if len(chain) == len(node.steps):
        return chain
    step = node.steps[len(chain)]
    for event in events:
        if any(event is used for used in chain) or not _is_one_of(event, (step,)):
            continue
        if chain and not _may_follow(node, chain, event, barriers):
            continue
        found = _continue(node, [*chain, event], events, barriers)
        if found:
            return found
    return []


def _may_follow(
    node: Sequence, chain: Many[HistoryEvent], event: HistoryEvent, barriers: Many[datetime]
) -> bool:
    first, before, at = chain[0].occurred_at, chain[-1].occurred_at, event.occurred_at
    limits = [(first, node.within), (before, node.steps[len(chain)].within)]
    return (
        at >= before
        and all(
            span is None or at - since <= timedelta(seconds=span.amount * SECONDS[span.unit])
            for since, span in limits
        )
        and not any(first < barrier < at for barrier in barriers)
    )


def _is_one_of(event: HistoryEvent, wanted: Many[Happening]) -> bool:
    return any(
        event.name in one.names
        and all(compare(field_value(event, None, test.field), test) for test in one.where)
        for one in wanted
    )
