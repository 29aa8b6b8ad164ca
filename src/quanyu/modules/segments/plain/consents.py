"""Consent in plain Python: the statements one after the other, the last of which counts."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from quanyu.modules.segments.conditions.consent import Consented, Stance
from quanyu.modules.segments.plain.facts import inside
from quanyu.modules.segments.plain.history import HistoryEvent

_SAYS = {
    "people.consent_granted": Stance.GRANTED,
    "people.consent_expired": Stance.EXPIRED,
    "people.consent_withdrawn": Stance.WITHDRAWN,
}
_MILDEST_FIRST = list(_SAYS.values())


def said_last(
    node: Consented, events: Sequence[HistoryEvent], as_of: datetime
) -> tuple[Stance, datetime] | None:
    """Return what the person said last of this purpose on this channel, and when."""
    last: tuple[Stance, datetime] | None = None
    for event in sorted(events, key=lambda one: one.occurred_at):
        stance = _SAYS.get(event.name)
        if stance is None or event.occurred_at > as_of:
            continue
        about = (event.properties.get("purpose"), event.properties.get("channel"))
        if about[0] not in (node.purpose, "*") or about[1] not in (node.channel, "*"):
            continue
        is_milder = (
            last is not None
            and last[1] == event.occurred_at
            and _MILDEST_FIRST.index(stance) < _MILDEST_FIRST.index(last[0])
        )
        if not is_milder:
            last = (stance, event.occurred_at)
    return last


def stands(node: Consented, events: Sequence[HistoryEvent], as_of: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the person stands like that with the purpose."""
    last = said_last(node, events, as_of)
    if last is None:
        return node.state is Stance.SILENT
    return last[0] is node.state and inside(last[1], node.since, as_of, zone)
