"""A report made of a tally. Pure."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.definition import Definition, Send
from quanyu.modules.journeys.replay.contracts import (
    Conflict,
    DayReport,
    NodeReport,
    RefusedCount,
    ReplayReport,
    SendReport,
)
from quanyu.modules.journeys.replay.tally import Tally
from quanyu.modules.messaging.capabilities import read_any_account_id
from quanyu.modules.messaging.reasons import TEXTS, RefusalReason


def report_of(
    tally: Tally,
    definition: Definition,
    *,
    since: datetime,
    until: datetime,
    zone: str,
    questions: int,
    tick_s: int,
    computed: bool,
    seconds: float,
) -> ReplayReport:
    """Return what would have happened, node by node and day by day."""
    return ReplayReport(
        since=since,
        until=until,
        people=tally.people,
        entries=tally.entries,
        outcomes=dict(tally.outcomes),
        goals=tally.goals,
        nodes={name: _node(tally, name) for name in definition.nodes},
        sends={name: _send(tally, name) for name, node in definition.nodes.items() if isinstance(node, Send)},
        days=_days(tally, definition, since, until, ZoneInfo(zone)),
        hours=tuple(tally.hours[hour] for hour in range(24)),
        conflicts=tuple(
            Conflict(
                journey_id=encode_id("jrn", journey) if journey else None,
                messages=messages,
                people=tally.conflicting[journey],
            )
            for journey, messages in tally.conflicts.most_common()
        ),
        questions=questions,
        tick_s=tick_s,
        computed_entries=computed,
        seconds=round(seconds, 1),
    )


def _node(tally: Tally, name: str) -> NodeReport:
    ways = {way: count for (node, way), count in tally.ways.items() if node == name}
    standing = tally.standing[name]
    return NodeReport(arrived=sum(ways.values()) + standing, ways=ways, standing=standing)


def _send(tally: Tally, name: str) -> SendReport:
    refused = tuple(
        RefusedCount(reason=reason, reason_text=TEXTS[RefusalReason(reason)], count=count)
        for (node, reason), count in tally.refused.most_common()
        if node == name
    )
    sent = tally.sent[name]
    planned = sent + sum(one.count for one in refused)
    return SendReport(planned=planned, sent=sent, held=tally.held[name], refused=refused)


def _days(
    tally: Tally, definition: Definition, since: datetime, until: datetime, zone: ZoneInfo
) -> tuple[DayReport, ...]:
    """Return every day of the period, and those after it on which held messages would have gone out."""
    names = {
        read_any_account_id(node.account_id): node.account_id
        for node in definition.nodes.values()
        if isinstance(node, Send)
    }
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = {str(day + timedelta(days=number)) for number in range((last - day).days + 1)}
    days |= {one for one, _ in tally.sent_on} | set(tally.refused_on)
    sent: Counter[str] = Counter()
    for (one, _), count in tally.sent_on.items():
        sent[one] += count
    return tuple(
        DayReport(
            day=one,
            entered=tally.entered[one],
            sent=sent[one],
            refused=tally.refused_on[one],
            accounts={name: tally.sent_on[one, account] for account, name in names.items()},
        )
        for one in sorted(days)
    )
