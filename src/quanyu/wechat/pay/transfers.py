"""Transfers to a person, who confirms them in WeChat within 24 hours (商家转账, the mode of 2025).

Source: pay.weixin.qq.com, 商家转账 (read 2026). States: ACCEPTED → PROCESSING → WAIT_USER_CONFIRM →
TRANSFERING → SUCCESS, or FAIL; after a cancel CANCELING → CANCELLED. The spelling is the platform's. From
0.10 yuan; the name is needed from 2,000 yuan on.
"""

from collections.abc import Mapping
from typing import Final, Literal

from quanyu.wechat.calls import Sensitive
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call

AMOUNT_MIN: Final = 10  # Fen.
NAMED_FROM: Final = 200_000  # Fen: from here on with the person's name.
# What the platform wants told of a transfer, by scene, where it is documented.
REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "1000": ("活动名称", "奖励说明"),  # Cash marketing.
    "1005": ("岗位类型", "报酬说明"),  # Commission.
}
SCENES: Final = ("1000", "1002", "1004", "1005", "1006", "1009", "1010", "1011", "1013")
FINAL_STATES: Final = frozenset({"SUCCESS", "FAIL", "CANCELLED"})


class SceneReport(Part, frozen=True):
    info_type: str
    info_content: str


class ReceiveStyle(Part, frozen=True):
    type: Literal["CONFIRM_PAGE", "RED_PACKET"]


class TransferRequest(Request, frozen=True):
    appid: str
    out_bill_no: str  # At most 32 letters and digits.
    transfer_scene_id: str
    openid: str
    transfer_amount: int  # Fen.
    transfer_remark: str  # At most 32 signs.
    transfer_scene_report_infos: tuple[SceneReport, ...]
    user_name: Sensitive | None = None
    notify_url: str = ""
    user_recv_perception: str = ""
    user_recv_style: ReceiveStyle | None = None


class TransferAnswer(Answer, frozen=True):
    """``package_info`` is there only while the person has to confirm."""

    out_bill_no: str
    transfer_bill_no: str
    state: str
    create_time: str = ""
    fail_reason: str = ""
    package_info: str = ""


class Transfer(Answer, frozen=True):
    """A transfer as the platform knows it."""

    out_bill_no: str
    transfer_bill_no: str
    state: str
    mch_id: str = ""
    appid: str = ""
    transfer_amount: int = 0  # Fen.
    transfer_remark: str = ""
    fail_reason: str = ""
    openid: str = ""
    user_name: Sensitive | None = None
    create_time: str = ""
    update_time: str = ""


class ByOutBillNo(Request, frozen=True):
    out_bill_no: str


class ByTransferBillNo(Request, frozen=True):
    transfer_bill_no: str


class CancelAnswer(Answer, frozen=True):
    """``state``: CANCELING, CANCELLED."""

    out_bill_no: str
    transfer_bill_no: str
    state: str
    update_time: str = ""


class ReceiptAnswer(Answer, frozen=True):
    """An electronic receipt. ``state``: GENERATING, FINISHED, FAILED; the hash is SHA-256."""

    state: str
    create_time: str = ""
    update_time: str = ""
    hash_type: str = ""
    hash_value: str = ""
    download_url: str = ""
    fail_reason: str = ""


_BASE: Final = "/v3/fund-app/mch-transfer"
TRANSFER: Final = pay_call("POST", f"{_BASE}/transfer-bills", TransferRequest, TransferAnswer)
QUERY: Final = pay_call("GET", f"{_BASE}/transfer-bills/out-bill-no/{{out_bill_no}}", ByOutBillNo, Transfer)
QUERY_BY_ID: Final = pay_call(
    "GET", f"{_BASE}/transfer-bills/transfer-bill-no/{{transfer_bill_no}}", ByTransferBillNo, Transfer
)
CANCEL: Final = pay_call(
    "POST", f"{_BASE}/transfer-bills/out-bill-no/{{out_bill_no}}/cancel", ByOutBillNo, CancelAnswer
)
MAKE_RECEIPT: Final = pay_call("POST", f"{_BASE}/elecsign/out-bill-no", ByOutBillNo, ReceiptAnswer)
RECEIPT: Final = pay_call("GET", f"{_BASE}/elecsign/out-bill-no/{{out_bill_no}}", ByOutBillNo, ReceiptAnswer)
MAKE_RECEIPT_BY_ID: Final = pay_call(
    "POST", f"{_BASE}/elecsign/transfer-bill-no", ByTransferBillNo, ReceiptAnswer
)
RECEIPT_BY_ID: Final = pay_call(
    "GET", f"{_BASE}/elecsign/transfer-bill-no/{{transfer_bill_no}}", ByTransferBillNo, ReceiptAnswer
)
