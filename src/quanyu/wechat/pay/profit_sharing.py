"""Profit sharing (分账): parts of a payment go to other merchants or people.

Source: pay.weixin.qq.com, 分账 (read 2026). The order was made with ``settle_info.profit_sharing``;
sharing begins a minute after the payment and ends 30 days after it. Receivers are added first.
``FINISHED`` says that the request was worked off: each receiver has a result of its own.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Sensitive
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call

RECEIVERS_MAX: Final = 50  # In one request; as many requests per order.

ReceiverType = Literal["MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID"]
Relation = Literal[
    "SERVICE_PROVIDER",
    "STORE",
    "STAFF",
    "STORE_OWNER",
    "PARTNER",
    "HEADQUARTER",
    "BRAND",
    "DISTRIBUTOR",
    "USER",
    "SUPPLIER",
    "CUSTOM",
]


class AddReceiverRequest(Request, frozen=True):
    """``name`` is the full name of a merchant, or checks a person's."""

    appid: str
    type: ReceiverType
    account: str
    relation_type: Relation
    name: Sensitive | None = None
    custom_relation: str = ""


class DeleteReceiverRequest(Request, frozen=True):
    appid: str
    type: ReceiverType
    account: str


class ReceiverAnswer(Answer, frozen=True):
    type: str
    account: str
    relation_type: str = ""
    custom_relation: str = ""
    name: Sensitive | None = None


class Share(Part, frozen=True):
    type: ReceiverType
    account: str
    amount: int  # Fen.
    description: str
    name: Sensitive | None = None


class ShareRequest(Request, frozen=True):
    """``unfreeze_unsplit`` releases the rest to the merchant: nothing can be shared afterwards."""

    transaction_id: str
    out_order_no: str
    receivers: tuple[Share, ...]
    unfreeze_unsplit: bool
    appid: str = ""


class ShareResult(Part, frozen=True):
    """``result``: PENDING, SUCCESS, CLOSED."""

    type: str
    account: str
    amount: int
    result: str
    description: str = ""
    fail_reason: str = ""
    detail_id: str = ""
    create_time: str = ""
    finish_time: str = ""


class SharingAnswer(Answer, frozen=True):
    """``state``: PROCESSING, FINISHED."""

    transaction_id: str
    out_order_no: str
    order_id: str
    state: str
    receivers: tuple[ShareResult, ...] = ()


class SharingQuery(Request, frozen=True):
    out_order_no: str
    transaction_id: str


class UnfreezeRequest(Request, frozen=True):
    """``out_order_no`` is a new number."""

    transaction_id: str
    out_order_no: str
    description: str


class ReturnRequest(Request, frozen=True):
    """Take a share back from a merchant; one of the order's two numbers is given."""

    out_return_no: str
    return_mchid: str
    amount: int
    description: str
    order_id: str = ""
    out_order_no: str = ""


class ReturnAnswer(Answer, frozen=True):
    """``result``: PROCESSING, SUCCESS, FAILED."""

    out_return_no: str
    return_id: str
    return_mchid: str
    amount: int
    result: str
    order_id: str = ""
    out_order_no: str = ""
    description: str = ""
    fail_reason: str = ""
    create_time: str = ""
    finish_time: str = ""


class ReturnQuery(Request, frozen=True):
    out_return_no: str
    out_order_no: str


class AmountsRequest(Request, frozen=True):
    transaction_id: str


class AmountsAnswer(Answer, frozen=True):
    transaction_id: str
    unsplit_amount: int  # Fen.


class MaxRatioRequest(Request, frozen=True):
    sub_mchid: str


class MaxRatioAnswer(Answer, frozen=True):
    sub_mchid: str
    max_ratio: int  # Basis points: 2000 is 20 %.


ADD_RECEIVER: Final = pay_call("POST", "/v3/profitsharing/receivers/add", AddReceiverRequest, ReceiverAnswer)
DELETE_RECEIVER: Final = pay_call(
    "POST", "/v3/profitsharing/receivers/delete", DeleteReceiverRequest, ReceiverAnswer
)
SHARE: Final = pay_call("POST", "/v3/profitsharing/orders", ShareRequest, SharingAnswer)
QUERY: Final = pay_call("GET", "/v3/profitsharing/orders/{out_order_no}", SharingQuery, SharingAnswer)
UNFREEZE: Final = pay_call("POST", "/v3/profitsharing/orders/unfreeze", UnfreezeRequest, SharingAnswer)
RETURN: Final = pay_call("POST", "/v3/profitsharing/return-orders", ReturnRequest, ReturnAnswer)
QUERY_RETURN: Final = pay_call(
    "GET", "/v3/profitsharing/return-orders/{out_return_no}", ReturnQuery, ReturnAnswer
)
AMOUNTS: Final = pay_call(
    "GET", "/v3/profitsharing/transactions/{transaction_id}/amounts", AmountsRequest, AmountsAnswer
)
MAX_RATIO: Final = pay_call(
    "GET", "/v3/profitsharing/merchant-configs/{sub_mchid}", MaxRatioRequest, MaxRatioAnswer
)
