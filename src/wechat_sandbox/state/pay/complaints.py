"""Complaints of people about merchants, and what was said and done about them.

Source: website tree (2026-08). The first answer makes a complaint PROCESSING; what the merchant
does itself is not told to it.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.state.pay.orders import Order
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.refunds import Refund, after_refund
from wechat_sandbox.state.shelf import Shelf

PENDING, PROCESSING, PROCESSED = "PENDING", "PROCESSING", "PROCESSED"
# What the platform's own service is asked to do, and does: what is told of it, and whether it is in charge.
PLATFORM_ACTS = {
    "apply": ("USER_APPLY_PLATFORM_SERVICE", True),
    "cancel": ("USER_CANCEL_PLATFORM_SERVICE", False),
    "respond": ("RESPONSE_BY_PLATFORM", True),
    "finish": ("PLATFORM_SERVICE_FINISHED", False),
}


@dataclass(slots=True, kw_only=True)
class Complaint:
    """One complaint."""

    complaint_id: str
    mchid: str
    openid: str
    appid: str
    phone: str
    detail: str
    problem: str
    made_at: float
    orders: list[dict[str, Any]]
    problem_type: str = "OTHERS"
    refund_amount: int = 0
    pictures: list[str] = field(default_factory=list)
    state: str = PENDING
    awaits_answer: bool = True
    is_refunded: bool = False
    refund_agreed: bool = False  # The merchant said that the money comes back.
    in_platform_service: bool = False
    immediate: bool = False
    times: int = 1
    tags: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    def wire(self) -> dict[str, Any]:
        """Return the complaint, without the phone."""
        shown: dict[str, Any] = {
            "complaint_id": self.complaint_id,
            "complaint_time": china_time(self.made_at),
            "complaint_detail": self.detail,
            "complaint_state": self.state,
            "complainted_mchid": self.mchid,
            "payer_openid": self.openid,
            "complaint_order_info": self.orders,
            "complaint_full_refunded": self.is_refunded,
            "incoming_user_response": self.awaits_answer,
            "problem_description": self.problem,
            "user_complaint_times": self.times,
            "problem_type": self.problem_type,
            "user_tag_list": self.tags,
            "in_platform_service": self.in_platform_service,
            "need_immediate_service": self.immediate,
            "is_agent_mode": False,
        }
        if self.refund_amount:
            shown["apply_refund_amount"] = self.refund_amount
        if self.pictures:
            shown["complaint_media_list"] = [
                {"media_type": "USER_COMPLAINT_IMAGE", "media_url": self.pictures}
            ]
        return shown


class Complaints:
    """All complaints. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._shelf = Shelf(pay.store, "pay_complaint", Complaint)

    def find(self, mchid: str, complaint_id: str) -> Complaint | None:
        return self._shelf.find(mchid, complaint_id)

    def all(self, mchid: str) -> list[Complaint]:
        return self._shelf.values(mchid)

    def make(
        self,
        order: Order,
        *,
        detail: str,
        problem_type: str,
        refund: int,
        phone: str,
        at: float,
        immediate: bool = False,
    ) -> Complaint:
        """A person complains about a payment."""
        before = [one for one in self.all(order.mchid) if one.openid == order.payer_openid]
        made = Complaint(
            complaint_id=self.pay.digits("2000", at, 24),
            mchid=order.mchid,
            openid=order.payer_openid,
            appid=order.appid,
            phone=phone,
            detail=detail,
            problem=detail[:30],
            made_at=at,
            orders=[
                {
                    "transaction_id": order.transaction_id,
                    "out_trade_no": order.out_trade_no,
                    "amount": order.total,
                }
            ],
            problem_type=problem_type,
            refund_amount=refund,
            is_refunded=order.refunded >= order.total,
            times=len(before) + 1,
            immediate=immediate,
        )
        self.log(made, "用户", "USER_CREATE_COMPLAINT", at, details=detail)
        self.tell(made, "COMPLAINT.CREATE", "CREATE_COMPLAINT", at)
        return made

    def speak(self, complaint: Complaint, text: str, at: float, *, pictures: list[str]) -> None:
        """The person says more; one that was settled is open again."""
        again = complaint.state == PROCESSED
        complaint.state = PROCESSING if complaint.state != PENDING else PENDING
        complaint.awaits_answer = True
        kind = "USER_CONTINUE_COMPLAINT" if again else "USER_RESPONSE"
        self.log(complaint, "用户", kind, at, details=text, pictures=pictures)
        told = "CONTINUE_COMPLAINT" if again else "USER_RESPONSE"
        self.tell(complaint, "COMPLAINT.STATE_CHANGE", told, at)

    def involve_platform(self, complaint: Complaint, act: str, at: float, *, text: str = "") -> None:
        """The person calls the platform's service in or sends it away; it answers, or is done."""
        kind, complaint.in_platform_service = PLATFORM_ACTS[act]
        operator = "用户" if kind.startswith("USER") else "平台"
        logged = "PLATFORM_RESPONSE" if act == "respond" else kind
        self.log(complaint, operator, logged, at, details=text)
        self.tell(complaint, "COMPLAINT.STATE_CHANGE", kind, at)

    def note_refund(self, complaint: Complaint, order: Order, at: float) -> None:
        """Money of the payment went back; told only where the merchant had agreed to it in the complaint."""
        complaint.is_refunded = order.refunded >= order.total
        part = "FULL" if complaint.is_refunded else "PARTIAL"
        self.log(complaint, "系统", f"COMPLAINT_{part}_REFUNDED_SYSTEM_MESSAGE", at)
        if complaint.refund_agreed:
            self.tell(complaint, "COMPLAINT.STATE_CHANGE", "REFUND_SUCCESS", at)

    def log(
        self,
        complaint: Complaint,
        operator: str,
        kind: str,
        at: float,
        *,
        details: str = "",
        pictures: list[str] | None = None,
    ) -> str:
        """Write down what was said or done, and keep the complaint."""
        entry: dict[str, Any] = {
            "log_id": self.pay.digits("3003", at, 28),
            "operator": operator,
            "operate_time": china_time(at),
            "operate_type": kind,
            "image_list": pictures or [],
        }
        if details:
            entry["operate_details"] = details
        complaint.history.insert(0, entry)
        self.save(complaint)
        self.pay.note(complaint.appid, complaint.openid)
        return str(entry["log_id"])

    def save(self, complaint: Complaint) -> None:
        self._shelf.put(complaint.mchid, complaint.complaint_id, complaint)

    def tell(self, complaint: Complaint, event: str, action: str, at: float) -> None:
        """Tell the merchant."""
        merchant = self.pay.merchants.get(complaint.mchid)
        self.pay.notices.post(
            merchant,
            merchant.complaint_notify_url,
            event,
            {"complaint_id": complaint.complaint_id, "action_type": action},
            at=at,
            original_type="complaint",
            summary="产生新投诉" if event.endswith("CREATE") else "投诉单状态变化",
        )


@after_refund
def _note_refund(pay: Pay, order: Order, refund: Refund, at: float) -> None:
    complaints = Complaints(pay)
    for one in complaints.all(order.mchid):
        if any(row["transaction_id"] == refund.transaction_id for row in one.orders):
            complaints.note_refund(one, order, at)
