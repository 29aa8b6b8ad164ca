"""Who may act on whom, and give what: pure."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from quanyu.kernel.permissions import WORDS, Permission, Role
from quanyu.modules.tenants.access.errors import InvalidEmail, LastOwner, OutOfReach, UnfitMember
from quanyu.modules.tenants.access.members.contracts import AccountState, Standing

# What mail programs take as well; whether it arrives only a mail could tell.
_EMAIL: Final = re.compile(
    r"[^\s@<>\"',;:()\[\]\\]{1,64}@[^\s@<>\"',;:()\[\]\\]+\.[^\s@<>\"',;:()\[\]\\.]{2,}"
)


class Actor(Protocol):
    """Who acts: a caller, as far as rules care."""

    @property
    def user_id(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def permissions(self) -> frozenset[Permission]: ...


def normal_email(text: str) -> str:
    """Return an e-mail address as it is stored and compared: without spaces around, in lower case.

    Raises:
        InvalidEmail: it is none.
    """
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise InvalidEmail("this is not an e-mail address", message_zh="这不是有效的邮箱地址")
    return email


def may_act_on(actor: Actor, target: Standing) -> bool:
    """Whether ``target`` is within reach: no owner unless one asks, nobody who may do more."""
    if target.role == Role.OWNER and actor.role != Role.OWNER:
        return False
    return target.permissions <= actor.permissions


def check_reach(actor: Actor, target: Standing) -> None:
    """Let nobody act on an owner without being one, or on somebody who may do more.

    Raises:
        OutOfReach
    """
    if target.role == Role.OWNER and actor.role != Role.OWNER:
        raise OutOfReach("only owners can change owners", message_zh="只有所有者可以变更所有者")
    check_within(actor, target.permissions, "this member may do what you may not", "该成员拥有您没有的权限")


def check_gift(actor: Actor, role: str, permissions: frozenset[Permission]) -> None:
    """Let nobody give a role with more than they have; owners alone make owners.

    Raises:
        OutOfReach
    """
    if role == Role.OWNER and actor.role != Role.OWNER:
        raise OutOfReach("only owners can make owners", message_zh="只有所有者可以任命所有者")
    check_within(actor, permissions, "you cannot give permissions that you lack", "不能授予您自己没有的权限")


def check_not_self(actor: Actor, target: Standing) -> None:
    """Let nobody lock themselves out by mistake.

    Raises:
        UnfitMember
    """
    if actor.user_id == target.user_id:
        raise UnfitMember(
            "you cannot disable or remove yourself; ask another manager",
            message_zh="不能停用或移除自己，请由其他管理者操作",
        )


def check_owner_stays(target: Standing, active_owners: Sequence[int]) -> None:
    """Keep the last active owner: called when ``target`` is about to stop being one.

    Raises:
        LastOwner
    """
    if target.role == Role.OWNER and target.state is AccountState.ACTIVE and len(active_owners) <= 1:
        raise LastOwner(
            "this is the brand's last active owner; make another member an owner first",
            message_zh="这是品牌最后一位有效的所有者，请先任命另一位所有者",
        )


def check_within(actor: Actor, permissions: frozenset[Permission], words: str, words_zh: str) -> None:
    beyond = sorted(permissions - actor.permissions)
    if beyond:
        names = "、".join(WORDS[one].zh for one in beyond[:3])
        raise OutOfReach(
            f"{words}: {', '.join(beyond[:3])}{' …' if len(beyond) > 3 else ''}",
            message_zh=f"{words_zh}：{names}{' 等' if len(beyond) > 3 else ''}",
            permissions=[one.value for one in beyond],
        )
