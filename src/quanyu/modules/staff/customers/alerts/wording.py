"""What members are told about lost customers: pure, one text for each message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from quanyu.modules.staff.customers.alerts.contracts import Alert, AlertKind

LINES_MAX = 10
CONTENT_BYTES_MAX = 2_048  # Of a text message.

_SAYS = {
    AlertKind.LOST_BY_CUSTOMER: "{at} 客户“{customer}”删除了员工 {staff}",
    AlertKind.LOST_BY_STAFF: "{at} 员工 {staff} 删除了客户“{customer}”",
    AlertKind.MANY_DELETIONS: "{at} 员工 {staff} 当日已删除 {count} 位客户，请核实",
    AlertKind.DELETED_BEFORE_LEAVING: "{at} 员工 {staff} 离职前删除了 {count} 位客户，请核实",
}


def immediate(
    alerts: Sequence[Alert], staff: Mapping[str, str], customers: Mapping[bytes, str], zone: str
) -> str:
    """Return the message about alerts that are told at once; beyond a few only their number is said."""
    lines = [_line(one, staff, customers, zone) for one in alerts[:LINES_MAX]]
    if len(alerts) > LINES_MAX:
        lines.append(f"……共 {len(alerts)} 条，详见全域后台“客户提醒”")
    return cut("\n".join(["【客户流失提醒】", *lines]))


def digest(alerts: Sequence[Alert], staff: Mapping[str, str]) -> str:
    """Return the day's message: how many each member lost and deleted, most first."""
    counts: dict[str, dict[AlertKind, int]] = {}
    for one in alerts:
        of_member = counts.setdefault(one.userid, {})
        of_member[one.kind] = of_member.get(one.kind, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    lines = [f"{staff.get(userid, userid)}：{_counted(found)}" for userid, found in ordered[:LINES_MAX]]
    if len(ordered) > LINES_MAX:
        lines.append(f"……共 {len(ordered)} 位员工，详见全域后台“客户提醒”")
    return cut("\n".join(["【客户流失日报】", *lines]))


def cut(text: str) -> str:
    """Shorten a text to what a message holds, between two signs."""
    return text.encode()[:CONTENT_BYTES_MAX].decode(errors="ignore")


def _line(alert: Alert, staff: Mapping[str, str], customers: Mapping[bytes, str], zone: str) -> str:
    name = customers.get(alert.token or b"", "") or "未知客户"
    return _SAYS[alert.kind].format(
        at=_time(alert.happened_at, zone),
        customer=name,
        staff=staff.get(alert.userid, alert.userid),
        count=alert.count,
    )


def _counted(found: Mapping[AlertKind, int]) -> str:
    parts = []
    if lost := found.get(AlertKind.LOST_BY_CUSTOMER):
        parts.append(f"被 {lost} 位客户删除")
    if deleted := found.get(AlertKind.LOST_BY_STAFF):
        parts.append(f"删除了 {deleted} 位客户")
    if suspicious := sum(
        found.get(kind, 0) for kind in (AlertKind.MANY_DELETIONS, AlertKind.DELETED_BEFORE_LEAVING)
    ):
        parts.append(f"{suspicious} 条异常")
    return "，".join(parts)


def _time(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.month}月{local.day}日 {local:%H:%M}"
