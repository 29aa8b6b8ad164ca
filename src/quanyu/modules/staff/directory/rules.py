"""Pure decisions about members."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from quanyu.modules.staff.directory.contracts import Department, Member, MemberChange, MemberStatus


def changes_of(before: Member | None, after: Member) -> tuple[MemberChange, ...]:
    """Return what others have to know of a member's change; nothing while nobody was asked who they are."""
    if before is None or (before.status is MemberStatus.UNKNOWN and not before.has_left):
        known = after.status is not MemberStatus.UNKNOWN and not after.has_left
        return (MemberChange.JOINED,) if known else ((MemberChange.LEFT,) if after.has_left else ())
    if after.has_left != before.has_left:
        return (MemberChange.LEFT if after.has_left else MemberChange.JOINED,)
    found = []
    if after.is_online != before.is_online:
        found.append(MemberChange.ONLINE if after.is_online else MemberChange.OFFLINE)
    if (after.status, after.can_serve) != (before.status, before.can_serve):
        found.append(MemberChange.STATUS)
    return tuple(found)


def status_of(number: int) -> MemberStatus:
    """Return the platform's status; a number it may add one day says nothing."""
    return MemberStatus(number) if number in set(MemberStatus) else MemberStatus.UNKNOWN


def leaders_of(member: Member, departments: Mapping[int, Department]) -> tuple[str, ...]:
    """Return who leads a department of the member's, the member excepted."""
    found = {
        leader
        for number in member.departments
        if (department := departments.get(number)) is not None
        for leader in department.leaders
    }
    return tuple(sorted(found - {member.userid}))


def below(departments: Sequence[Department], root: int) -> frozenset[int]:
    """Return a department with all below it; what is tangled into a ring is walked once."""
    children: dict[int, list[int]] = {}
    for one in departments:
        children.setdefault(one.parent_id, []).append(one.department_id)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += children.get(number, [])
    return frozenset(found)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two instants that may be missing."""
    return max((at for at in (one, other) if at is not None), default=None)
