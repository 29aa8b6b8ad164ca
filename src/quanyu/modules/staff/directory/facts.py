"""The facts the directory states."""

from datetime import datetime

from quanyu.infra.unit_of_work import Fact
from quanyu.modules.staff.directory.contracts import MEMBER_CHANGED, Member, MemberChange


def member_changed(
    member: Member, app_id: str, what: MemberChange, *, at: datetime, reason: str = ""
) -> Fact:
    """State that a member came, left, went on- or offline, or may serve or not; idempotent by time."""
    properties = {
        "what": what.value,
        "staff": member.userid,
        "status": int(member.status),
        "can_serve": member.can_serve,
        "is_online": member.is_online,
        "reason": reason,
    }
    return Fact(
        name=MEMBER_CHANGED,
        message_id=f"member_changed:{app_id}:{member.userid}:{what.value}:{at.timestamp():.3f}",
        occurred_at=at,
        properties={name: value for name, value in properties.items() if value != ""},
        context={"channel": "wecom", "app": app_id, "staff": member.userid},
    )
