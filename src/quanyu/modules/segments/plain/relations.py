"""Belonging in plain Python: memberships one by one, ties replayed event by event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.conditions.facts import Ago
from quanyu.modules.segments.conditions.membership import Bond, InSegment, Moved, Relation
from quanyu.modules.segments.plain.facts import SECONDS, inside
from quanyu.modules.segments.plain.history import HistoryEvent

_KEYS = {Bond.GROUP: "context.group", Bond.ACCOUNT: "context.app", Bond.STAFF: "context.staff"}


def belongs(node: InSegment, since: datetime | None, as_of: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a membership that began at ``since`` (``None``: there is none) is one asked about."""
    if since is None or node.since is None:
        return since is not None
    if not isinstance(node.since, Ago):
        return inside(since, node.since, as_of, zone)
    age, span = as_of - since, timedelta(seconds=node.since.amount * SECONDS[node.since.unit])
    return age >= span if node.since.op == "at_least" else timedelta(0) <= age <= span


def moves_of(
    node: Moved, events: Sequence[HistoryEvent], as_of: datetime, zone: ZoneInfo
) -> list[HistoryEvent]:
    """Return every time the person entered, or left, in the window."""
    return [
        event
        for event in events
        if event.name == f"segments.{node.move}"
        and event.properties.get("segment_id") == encode_id("seg", node.number)
        and inside(event.occurred_at, node.window, as_of, zone)
    ]


def related_to(
    node: Relation, events: Sequence[HistoryEvent], as_of: datetime, zone: ZoneInfo
) -> dict[str, datetime]:
    """Return since when the person is tied to each of those asked about."""
    tied: dict[str, datetime] = {}
    for event in sorted(events, key=lambda one: (one.occurred_at, one.position)):
        key = event.texts.get(_KEYS[node.to]) or ""
        if event.occurred_at > as_of or not key:
            continue
        begins = _begins(node.to, event)
        if begins:
            tied[key] = event.occurred_at
        elif begins is False:
            tied.pop(key, None)
    return {
        key: since
        for key, since in tied.items()
        if (not node.ids or key in node.ids) and inside(since, node.since, as_of, zone)
    }


def _begins(bond: Bond, event: HistoryEvent) -> bool | None:
    """Tell whether the event begins a tie (or ends it); ``None`` if it does neither."""
    match bond, event.name:
        case (Bond.GROUP, "community.member_joined") | (Bond.STAFF, "wechat.wecom.customer_added"):
            return True
        case Bond.ACCOUNT, "wechat.official_account.followed":
            return True
        case Bond.ACCOUNT, "wechat.official_account.user_info_fetched":
            told = event.properties.get("subscribed")
            return told if isinstance(told, bool) else None
        case (
            (Bond.GROUP, "community.member_left")
            | (Bond.ACCOUNT, "wechat.official_account.unfollowed")
            | (Bond.STAFF, "wechat.wecom.customer_deleted_by_staff")
            | (Bond.STAFF, "wechat.wecom.staff_deleted_by_customer")
        ):
            return False
        case _:
            return None
