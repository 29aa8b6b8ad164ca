"""Complaints (消费者投诉 2.0): listed, answered, finished, with pictures.

Source: pay.weixin.qq.com, 消费者投诉 (read 2026). The first answer makes PENDING to PROCESSING,
``complete`` makes it PROCESSED. ``complainted_mchid`` and ``negotiation-historys`` are the platform's
spelling.
"""

from typing import Any, Final, Literal

from quanyu.wechat.calls import Done, Download, File, Nothing, Sensitive
from quanyu.wechat.pay.declaring import Answer, Meta, Part, Request, pay_call


class ComplaintsRequest(Request, frozen=True):
    begin_date: str  # yyyy-MM-dd; at most 30 days.
    end_date: str
    limit: int = 10  # At most 50.
    offset: int = 0
    complainted_mchid: str = ""


class ComplaintOrder(Part, frozen=True):
    transaction_id: str = ""
    out_trade_no: str = ""
    amount: int = 0  # Fen.


class ServiceOrder(Part, frozen=True):
    order_id: str = ""
    out_order_no: str = ""
    state: str = ""


class ComplaintMedia(Part, frozen=True):
    media_type: str = ""
    media_url: tuple[str, ...] = ()


class Complaint(Answer, frozen=True):
    """``complaint_state``: PENDING, PROCESSING, PROCESSED."""

    complaint_id: str
    complaint_state: str
    complaint_time: str = ""
    complaint_detail: str = ""
    complainted_mchid: str = ""
    payer_phone: Sensitive | None = None
    payer_openid: str = ""
    complaint_order_info: tuple[ComplaintOrder, ...] = ()
    service_order_info: tuple[ServiceOrder, ...] = ()
    complaint_media_list: tuple[ComplaintMedia, ...] = ()
    complaint_full_refunded: bool = False
    incoming_user_response: bool = False
    problem_description: str = ""
    user_complaint_times: int = 0
    problem_type: str = ""  # REFUND, SERVICE_NOT_WORK, OTHERS.
    apply_refund_amount: int = 0  # Fen.
    user_tag_list: tuple[str, ...] = ()  # TRUSTED, HIGH_RISK.
    in_platform_service: bool = False
    need_immediate_service: bool = False
    is_agent_mode: bool = False
    additional_info: dict[str, Any] | None = None


class ComplaintsAnswer(Answer, frozen=True):
    data: tuple[Complaint, ...] = ()
    limit: int = 0
    offset: int = 0
    total_count: int = 0


class ComplaintRequest(Request, frozen=True):
    complaint_id: str


class HistoryRequest(Request, frozen=True):
    complaint_id: str
    limit: int = 100  # At most 300.
    offset: int = 0


class HistoryEntry(Part, frozen=True):
    log_id: str
    operator: str = ""
    operate_time: str = ""
    operate_type: str = ""
    operate_details: str = ""
    image_list: tuple[str, ...] = ()
    complaint_media_list: ComplaintMedia | tuple[ComplaintMedia, ...] | None = None  # Both are seen.
    user_appy_platform_service_reason: str = ""  # The platform's own spelling.
    user_appy_platform_service_reason_description: str = ""
    normal_message: dict[str, Any] | None = None  # Of immediate service, in blocks.
    click_message: dict[str, Any] | None = None  # What the person tapped of such a message.


class HistoryAnswer(Answer, frozen=True):
    data: tuple[HistoryEntry, ...] = ()
    limit: int = 0
    offset: int = 0
    total_count: int = 0


class MiniProgramJump(Part, frozen=True):
    appid: str
    path: str
    text: str = ""


class ReplyRequest(Request, frozen=True):
    complaint_id: str
    complainted_mchid: str
    response_content: str  # At most 200 signs.
    response_images: tuple[str, ...] = ()  # Media ids, at most 4.
    jump_url: str = ""
    jump_url_text: str = ""
    mini_program_jump_info: MiniProgramJump | None = None


class ImmediateReplyRequest(Request, frozen=True):
    """A message of blocks, for complaints that want immediate service."""

    complaint_id: str
    complainted_mchid: str
    message: dict[str, Any]  # ``blocks``, ``sender_identity`` MANUAL or MACHINE, ``custom_data``.
    idempotent_id: str  # Said once, however often the call is made.


class ImmediateReplyAnswer(Answer, frozen=True):
    log_id: str = ""


class CompleteRequest(Request, frozen=True):
    complaint_id: str
    complainted_mchid: str


class RefundDecisionRequest(Request, frozen=True):
    complaint_id: str
    action: Literal["APPROVE", "REJECT"]
    launch_refund_day: int | None = None  # 0 is today.
    reject_reason: str = ""
    reject_media_list: tuple[str, ...] = ()
    remark: str = ""


class AddressRequest(Request, frozen=True):
    url: str


class AddressAnswer(Answer, frozen=True):
    mchid: str
    url: str


class ImageRequest(Request, frozen=True):
    meta: Meta
    file: File  # JPG, PNG or BMP, at most 2 MB.


class ImageAnswer(Answer, frozen=True):
    media_id: str


class MediaRequest(Request, frozen=True):
    media_id: str


_BASE: Final = "/v3/merchant-service"
_ONE: Final = f"{_BASE}/complaints-v2/{{complaint_id}}"
COMPLAINTS: Final = pay_call("GET", f"{_BASE}/complaints-v2", ComplaintsRequest, ComplaintsAnswer)
COMPLAINT: Final = pay_call("GET", _ONE, ComplaintRequest, Complaint)
HISTORY: Final = pay_call("GET", f"{_ONE}/negotiation-historys", HistoryRequest, HistoryAnswer)
# No number of ours: said twice it stands there twice.
REPLY: Final = pay_call("POST", f"{_ONE}/response", ReplyRequest, Done, repeatable=False)
REPLY_AT_ONCE: Final = pay_call(
    "POST", f"{_ONE}/response-immediate-service", ImmediateReplyRequest, ImmediateReplyAnswer
)
COMPLETE: Final = pay_call("POST", f"{_ONE}/complete", CompleteRequest, Done)
DECIDE_REFUND: Final = pay_call("POST", f"{_ONE}/update-refund-progress", RefundDecisionRequest, Done)
SET_ADDRESS: Final = pay_call("POST", f"{_BASE}/complaint-notifications", AddressRequest, AddressAnswer)
ADDRESS: Final = pay_call("GET", f"{_BASE}/complaint-notifications", Nothing, AddressAnswer)
CHANGE_ADDRESS: Final = pay_call("PUT", f"{_BASE}/complaint-notifications", AddressRequest, AddressAnswer)
DELETE_ADDRESS: Final = pay_call("DELETE", f"{_BASE}/complaint-notifications", Nothing, Done)
UPLOAD_IMAGE: Final = pay_call("POST", f"{_BASE}/images/upload", ImageRequest, ImageAnswer)
IMAGE: Final = pay_call("GET", f"{_BASE}/images/{{media_id}}", MediaRequest, Download)
