"""The contents of notifications, by event type, as types.

Source: pay.weixin.qq.com, 回调通知 of the single products (read 2026).
"""

from typing import Any, Final

import msgspec

from quanyu.wechat.calls import Answer, Part
from quanyu.wechat.pay.combined import CombinedTransaction
from quanyu.wechat.pay.errors import NoticeRefusal, NoticeRefused
from quanyu.wechat.pay.favor import Coupon
from quanyu.wechat.pay.notifications import Notification
from quanyu.wechat.pay.orders import Transaction
from quanyu.wechat.pay.payscore import ServiceOrder
from quanyu.wechat.pay.transfer_authorizations import Authorization
from quanyu.wechat.pay.transfers import Transfer


class RefundNotice(Answer, frozen=True):
    """``refund_status``: SUCCESS, CLOSED, ABNORMAL."""

    mchid: str
    out_trade_no: str
    transaction_id: str
    out_refund_no: str
    refund_id: str
    refund_status: str
    success_time: str = ""
    user_received_account: str = ""
    amount: "RefundNoticeAmount | None" = None


class RefundNoticeAmount(Part, frozen=True):
    """Fen."""

    total: int = 0
    refund: int = 0
    payer_total: int = 0
    payer_refund: int = 0


class SharedReceiver(Part, frozen=True):
    type: str = ""
    account: str = ""
    amount: int = 0
    description: str = ""


class SharingNotice(Answer, frozen=True):
    """One receiver has got a share, or given one back."""

    mchid: str
    transaction_id: str
    order_id: str
    out_order_no: str
    receiver: SharedReceiver | None = None
    success_time: str = ""


class ReceivedCoupon(Answer, frozen=True):
    """A person has received a merchant coupon."""

    coupon_code: str
    stock_id: str
    event_type: str = ""
    send_time: str = ""
    openid: str = ""
    unionid: str = ""
    send_channel: str = ""
    send_merchant: str = ""
    attach_info: dict[str, Any] | None = None  # Of a gift: ``transaction_id``, ``activity_id`` and the like.


class ServiceSwitched(Answer, frozen=True):
    """A person has opened or closed the service."""

    service_id: str
    openid: str
    appid: str = ""
    mchid: str = ""
    user_service_status: str = ""
    openorclose_time: str = ""
    authorization_code: str = ""
    out_request_no: str = ""


class ComplaintNotice(Answer, frozen=True):
    complaint_id: str
    action_type: str = ""


class Echo(Answer, frozen=True):
    """The merchant's own test of verification and decryption."""

    echo_message: str = ""
    encrypt_echo_message: str = ""


class Other(Answer, frozen=True):
    """An event type that is not known here."""


CONTENTS: Final[dict[str, type[Answer]]] = {
    "TRANSACTION.SUCCESS": Transaction,
    "REFUND.SUCCESS": RefundNotice,
    "REFUND.ABNORMAL": RefundNotice,
    "REFUND.CLOSED": RefundNotice,
    "PROFITSHARING.SUCCESS": SharingNotice,
    "PROFITSHARING.RETURN": SharingNotice,
    "MCHTRANSFER.BILL.FINISHED": Transfer,
    "MCHTRANSFER.AUTHORIZATION.CONFIRMED": Authorization,
    "MCHTRANSFER.AUTHORIZATION.CLOSED": Authorization,
    "COUPON.USE": Coupon,
    "COUPON.SEND": ReceivedCoupon,
    "PAYSCORE.USER_CONFIRM": ServiceOrder,
    "PAYSCORE.USER_PAID": ServiceOrder,
    "PAYSCORE.USER_OPEN_SERVICE": ServiceSwitched,
    "PAYSCORE.USER_CLOSE_SERVICE": ServiceSwitched,
    "COMPLAINT.CREATE": ComplaintNotice,
    "COMPLAINT.STATE_CHANGE": ComplaintNotice,
    "SECURITY_ECHO.SUCCESS": Echo,
}


def read_content(notice: Notification) -> Any:
    """Return the content as the type of its event; ``Other`` for an event not known here.

    Raises:
        NoticeRefused: the content is not what its event type says.
    """
    kind = CONTENTS.get(notice.event_type, Other)
    if notice.event_type == "TRANSACTION.SUCCESS":
        if notice.original_type == "profitsharing":  # How sharing was told before it had a type of its own.
            kind = SharingNotice
        elif b'"combine_out_trade_no"' in notice.content:
            kind = CombinedTransaction
    try:
        return msgspec.json.decode(notice.content, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoticeRefused(
            NoticeRefusal.MALFORMED, f"{notice.event_type[:60]}: not as documented: {error}"
        ) from error
