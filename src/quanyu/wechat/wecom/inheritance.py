"""Handing over 继承: customers and groups of members who stay or have left.

A customer is handed over after 24 hours unless they refuse; one customer twice within 90 days at most.
The member who takes over must have signed in within a year.
Source: developer.work.weixin.qq.com, 在职继承 (paths 92125, 94081, 94082, 95703) and 离职继承 (92124, 92127);
read 2026.
"""

from enum import IntEnum
from typing import Final

from quanyu.wechat.calls import Answer, Part, Request
from quanyu.wechat.wecom.declaring import ask, post

CUSTOMERS_MAX: Final = 100
GROUPS_MAX: Final = 100


class TransferStatus(IntEnum):
    """How far a handing-over is."""

    DONE = 1
    WAITING = 2
    REFUSED = 3  # By the customer.
    LIMIT = 4  # The member who takes over has the most customers one may have.


class TransferRequest(Request, frozen=True, kw_only=True):
    handover_userid: str
    takeover_userid: str
    external_userid: tuple[str, ...]  # At most ``CUSTOMERS_MAX``.
    transfer_success_msg: str = ""  # At most 200 signs; the platform's own words if empty.


class ResignedTransferRequest(Request, frozen=True, kw_only=True):
    handover_userid: str
    takeover_userid: str
    external_userid: tuple[str, ...]


class TransferStart(Part, frozen=True):
    external_userid: str
    errcode: int = 0  # 0: it has started; see the table of codes for the others.


class TransferAnswer(Answer, frozen=True):
    customer: tuple[TransferStart, ...] = ()


class ResultRequest(Request, frozen=True):
    handover_userid: str
    takeover_userid: str
    cursor: str = ""


class TransferResult(Part, frozen=True):
    external_userid: str
    status: int  # A ``TransferStatus``.
    takeover_time: int = 0  # Unix seconds.


class ResultAnswer(Answer, frozen=True):
    customer: tuple[TransferResult, ...] = ()  # At most 1,000.
    next_cursor: str = ""


class UnassignedRequest(Request, frozen=True):
    cursor: str = ""
    page_size: int = 0  # At most 1,000.


class Unassigned(Part, frozen=True):
    handover_userid: str
    external_userid: str
    dimission_time: int = 0  # Unix seconds.


class UnassignedAnswer(Answer, frozen=True):
    info: tuple[Unassigned, ...] = ()
    is_last: bool = False
    next_cursor: str = ""


class GroupTransferRequest(Request, frozen=True):
    chat_id_list: tuple[str, ...]  # At most ``GROUPS_MAX``.
    new_owner: str


class FailedGroup(Part, frozen=True):
    chat_id: str
    errcode: int = 0
    errmsg: str = ""


class GroupTransferAnswer(Answer, frozen=True):
    """Groups that are not named have a new owner."""

    failed_chat_list: tuple[FailedGroup, ...] = ()


# Repeatable: what has started is refused, customer by customer.
TRANSFER: Final = post("/externalcontact/transfer_customer", TransferRequest, TransferAnswer, repeatable=True)
RESULT: Final = ask("/externalcontact/transfer_result", ResultRequest, ResultAnswer)
UNASSIGNED: Final = ask("/externalcontact/get_unassigned_list", UnassignedRequest, UnassignedAnswer)
RESIGNED_TRANSFER: Final = post(
    "/externalcontact/resigned/transfer_customer", ResignedTransferRequest, TransferAnswer, repeatable=True
)
RESIGNED_RESULT: Final = ask("/externalcontact/resigned/transfer_result", ResultRequest, ResultAnswer)
RESIGNED_GROUP_TRANSFER: Final = post(
    "/externalcontact/groupchat/transfer", GroupTransferRequest, GroupTransferAnswer, repeatable=True
)
GROUP_TRANSFER: Final = post(
    "/externalcontact/groupchat/onjob_transfer", GroupTransferRequest, GroupTransferAnswer, repeatable=True
)
