"""Customers, customer groups, corp tags and acquisition links change.

What we change ourselves by API is not called back. A callback may be lost: reconcile by the lists.
Source: developer.work.weixin.qq.com, 客户联系事件通知 (paths 92130, 92277, 97299), read 2026.
"""

from typing import ClassVar

import msgspec

from quanyu.wechat.wecom.events.base import Event

_PAIR = ("UserID", "ExternalUserID")


class CustomerAdded(Event, frozen=True, kw_only=True):
    """``add_external_contact``, and ``add_half_external_contact`` before the member has accepted."""

    identity: ClassVar[tuple[str, ...]] = _PAIR

    UserID: str
    ExternalUserID: str
    State: str = ""  # Of the contact way or the acquisition link.
    WelcomeCode: str = ""  # Good for 20 seconds, once; none if an administrator set a welcome.


class CustomerEdited(Event, frozen=True, kw_only=True):
    """``edit_external_contact``: a member changed remark, tags or phone numbers in the client."""

    identity: ClassVar[tuple[str, ...]] = _PAIR

    UserID: str
    ExternalUserID: str


class CustomerRemoved(Event, frozen=True, kw_only=True):
    """``del_external_contact``: the member removed the customer, or somebody inherited them."""

    identity: ClassVar[tuple[str, ...]] = _PAIR

    UserID: str
    ExternalUserID: str
    Source: str = ""  # ``DELETE_BY_TRANSFER``: inherited.

    @property
    def is_inherited(self) -> bool:
        """Whether somebody else took the customer over."""
        return self.Source == "DELETE_BY_TRANSFER"


class MemberRemoved(Event, frozen=True, kw_only=True):
    """``del_follow_user``: the customer removed the member, and still counts as theirs."""

    identity: ClassVar[tuple[str, ...]] = _PAIR

    UserID: str
    ExternalUserID: str


class TransferFailed(Event, frozen=True, kw_only=True):
    identity: ClassVar[tuple[str, ...]] = (*_PAIR, "FailReason")

    UserID: str
    ExternalUserID: str
    FailReason: str = ""  # customer_refused or customer_limit_exceed.


class ArchiveAgreed(Event, frozen=True, kw_only=True):
    """``msg_audit_approved``: the customer agreed that chats are kept; only now a welcome may go out."""

    identity: ClassVar[tuple[str, ...]] = _PAIR

    UserID: str
    ExternalUserID: str
    WelcomeCode: str = ""


class GroupCreated(Event, frozen=True, kw_only=True):
    identity: ClassVar[tuple[str, ...]] = ("ChatId",)

    ChatId: str


class ChangedPeople(msgspec.Struct, frozen=True):
    Item: tuple[str, ...] = ()


class GroupUpdated(Event, frozen=True, kw_only=True):
    """People came or went, or owner, name or notice changed: ``UpdateDetail`` says which."""

    identity: ClassVar[tuple[str, ...]] = (
        "ChatId",
        "UpdateDetail",
        "JoinScene",
        "QuitScene",
        "CurMemVer",
        "people",
    )

    ChatId: str
    UpdateDetail: str = ""  # add_member, del_member, change_owner, change_name or change_notice.
    JoinScene: int | None = None  # 0 invited, 3 by the group's code.
    QuitScene: int | None = None  # 0 left, 1 removed.
    MemChangeCnt: int = 0
    MemChangeList: ChangedPeople = ChangedPeople()
    LastMemVer: str = ""
    CurMemVer: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Who came or went: members and customers."""
        return self.MemChangeList.Item


class GroupDismissed(Event, frozen=True, kw_only=True):
    identity: ClassVar[tuple[str, ...]] = ("ChatId",)

    ChatId: str


class CorpTagChanged(Event, frozen=True, kw_only=True):
    """``create``, ``update`` and ``delete``; with a group its tags go without an event of their own."""

    identity: ClassVar[tuple[str, ...]] = ("Id", "TagType", "StrategyId")

    Id: str
    TagType: str = ""  # tag or tag_group.
    StrategyId: int = 0


class CorpTagsShuffled(Event, frozen=True, kw_only=True):
    """The order changed, of a group's tags or of all groups if ``Id`` is empty."""

    identity: ClassVar[tuple[str, ...]] = ("Id", "StrategyId")

    Id: str = ""
    StrategyId: int = 0


class AcquisitionBalance(Event, frozen=True, kw_only=True):
    """``balance_low`` (below 20), ``balance_exhausted`` and ``balance_increased``."""


class AcquisitionQuotaExpires(Event, frozen=True, kw_only=True):
    """14, 7, 3, 2 and 1 days before."""

    identity: ClassVar[tuple[str, ...]] = ("ExpireTime", "ExpireQuotaNum")

    ExpireTime: int = 0  # Unix seconds.
    ExpireQuotaNum: int = 0


class AcquisitionLink(Event, frozen=True, kw_only=True):
    """``link_unavailable`` and ``delete_link``."""

    identity: ClassVar[tuple[str, ...]] = ("LinkId",)

    LinkId: str


class AcquisitionVisit(Event, frozen=True, kw_only=True):
    """``open_profile`` and ``friend_request``: how far somebody came; the event does not say who.

    Two people of one link and channel in one second cannot be told from a repeat: these events are
    hints, and the link's statistics the figures.
    """

    identity: ClassVar[tuple[str, ...]] = ("LinkId", "State")

    LinkId: str
    State: str = ""


class AcquisitionChat(Event, frozen=True, kw_only=True):
    """``customer_start_chat``: the first message of a link's customer."""

    identity: ClassVar[tuple[str, ...]] = (*_PAIR, "LinkId")

    UserID: str
    ExternalUserID: str
    LinkId: str = ""


class AcquisitionMessage(Event, frozen=True, kw_only=True):
    """``message_from_customer``: the third, fifth and tenth message; ``ChatKey`` tells whose."""

    identity: ClassVar[tuple[str, ...]] = ("LinkId", "ChatKey")

    LinkId: str
    ChatKey: str = ""  # For ``acquisition.CHAT_INFO``, within 30 minutes.


_CUSTOMER, _GROUP = "change_external_contact", "change_external_chat"
_TAG, _ACQUISITION = "change_external_tag", "customer_acquisition"

CUSTOMER_EVENTS: dict[tuple[str, str], type[Event]] = {
    (_CUSTOMER, "add_external_contact"): CustomerAdded,
    (_CUSTOMER, "add_half_external_contact"): CustomerAdded,
    (_CUSTOMER, "edit_external_contact"): CustomerEdited,
    (_CUSTOMER, "del_external_contact"): CustomerRemoved,
    (_CUSTOMER, "del_follow_user"): MemberRemoved,
    (_CUSTOMER, "transfer_fail"): TransferFailed,
    (_CUSTOMER, "msg_audit_approved"): ArchiveAgreed,
    (_GROUP, "create"): GroupCreated,
    (_GROUP, "update"): GroupUpdated,
    (_GROUP, "dismiss"): GroupDismissed,
    (_TAG, "create"): CorpTagChanged,
    (_TAG, "update"): CorpTagChanged,
    (_TAG, "delete"): CorpTagChanged,
    (_TAG, "shuffle"): CorpTagsShuffled,
    (_ACQUISITION, "balance_low"): AcquisitionBalance,
    (_ACQUISITION, "balance_exhausted"): AcquisitionBalance,
    (_ACQUISITION, "balance_increased"): AcquisitionBalance,
    (_ACQUISITION, "quota_expire_soon"): AcquisitionQuotaExpires,
    (_ACQUISITION, "link_unavailable"): AcquisitionLink,
    (_ACQUISITION, "delete_link"): AcquisitionLink,
    (_ACQUISITION, "open_profile"): AcquisitionVisit,
    (_ACQUISITION, "friend_request"): AcquisitionVisit,
    (_ACQUISITION, "customer_start_chat"): AcquisitionChat,
    (_ACQUISITION, "message_from_customer"): AcquisitionMessage,
}
