"""Passing customer groups on: who may take which over. Pure.

Source: official pages 分配离职成员的客户群, 分配在职成员的客户群 (D 92127, 95703).
"""

from dataclasses import replace

from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.group_book import Group, GroupStatus
from wechat_sandbox.wire.errors import PlatformError

TRANSFERS_MAX = 2
WITHIN_S = 90 * 86_400.0


def take_over_after_leaving(group: Group, new_owner: str, directory: Directory, at: float) -> Group:
    """Return a group whose owner has left, under its new owner.

    Raises:
        PlatformError: 90508 taken over before, 90500 the owner still works here, 90504 nothing would change.
    """
    if group.owner == new_owner:
        raise PlatformError(90504)
    if directory.find(group.owner) is not None:
        raise PlatformError(90508 if group.status is GroupStatus.TRANSFERRED else 90500)
    return replace(group.owned_by(new_owner, at), status=GroupStatus.TRANSFERRED)


def take_over_at_work(group: Group, new_owner: str, directory: Directory, at: float) -> Group:
    """Return a group its owner gives to a colleague.

    Raises:
        PlatformError: 90502 the owner has left, 90504 nothing would change, 90509 twice in ninety days.
    """
    if directory.find(group.owner) is None:
        raise PlatformError(90502)
    if group.owner == new_owner:
        raise PlatformError(90504)
    recent = tuple(moment for moment in group.transfers if at - moment < WITHIN_S)
    if len(recent) >= TRANSFERS_MAX:
        raise PlatformError(90509)
    return replace(group.owned_by(new_owner, at), transfers=(*recent, at))


def status_now(group: Group, directory: Directory) -> GroupStatus:
    """Return what lists tell of a group: whether its owner has left."""
    if directory.find(group.owner) is None:
        return GroupStatus.OWNER_LEFT
    return group.status
