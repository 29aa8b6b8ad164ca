"""Complaints: looking, answering, settling. Source: website tree (2026-08), with the wire's spelling."""

from datetime import date
from typing import Any

from wechat_sandbox.clock import china_day
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.state.pay.complaints import PENDING, PROCESSED, PROCESSING, Complaint, Complaints
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import URL, Anything, Fields, Group, Many, Text, Whole

_ROOT = "/v3/merchant-service/complaints-v2"
_ONE = _ROOT + "/{complaint_id}"
_ADDRESS = "/v3/merchant-service/complaint-notifications"
_MCHID = Text(max=64)
_BY = "商户"
_JUMP = Group({"appid!": Text(max=32), "path!": Text(max=512), "text!": Text(max=16)})
_RESPONSE: Fields = {
    "complainted_mchid!": _MCHID,
    "response_content!": Text(max=200),
    "response_images": Many(Text(max=512), max=4),
    "jump_url": Text(max=512),
    "jump_url_text": Text(max=10),
    "mini_program_jump_info": _JUMP,
}
_SPAN_DAYS = 30


@PAY.get(_ROOT, limit=Limit(calls=200, seconds=60))
def list_all(call: PayCall) -> Answer:
    """The complaints of a period, newest first."""
    begin, end = (_date(call, name) for name in ("begin_date", "end_date"))
    if begin > end or (end - begin).days > _SPAN_DAYS:
        raise param_error("/query/end_date", end.isoformat(), f"查询区间最长 {_SPAN_DAYS} 天")
    offset, limit = call.number("offset", 0), call.number("limit", 10, low=1, high=50)
    found = [
        one
        for one in reversed(Complaints(call.pay).all(call.merchant.mchid))
        if begin.isoformat() <= china_day(one.made_at) <= end.isoformat()
    ]
    page = [_wire(call, one) for one in found[offset : offset + limit]]
    return {"data": page, "limit": limit, "offset": offset, "total_count": len(found)}


@PAY.get(_ONE)
def show(call: PayCall) -> Answer:
    """One complaint."""
    return _wire(call, _find(call))


@PAY.get(_ONE + "/negotiation-historys", limit=Limit(calls=200, seconds=60))
def history(call: PayCall) -> Answer:
    """What was said and done, the last first."""
    rows = _find(call).history
    offset, limit = call.number("offset", 0), call.number("limit", 100, low=1, high=300)
    page = rows[offset : offset + limit]
    return {"data": page, "limit": limit, "offset": offset, "total_count": len(rows)}


@PAY.post(_ONE + "/response", _RESPONSE, limit=Limit(calls=60, seconds=60))
def respond(call: PayCall) -> None:
    """Answer the person."""
    found = _named(call)
    _answer(call, found, call.body["response_content"], call.body.get("response_images", []))


@PAY.post(
    _ONE + "/response-immediate-service",
    {"complainted_mchid!": _MCHID, "message!": Anything(), "idempotent_id!": Text(max=64)},
)
def respond_at_once(call: PayCall) -> Answer:
    """Answer with a message made of blocks; the same ``idempotent_id`` says it once."""
    found = _named(call)
    for entry in found.history:
        if entry.get("idempotent_id") == call.body["idempotent_id"]:
            return {"log_id": entry["log_id"]}
    log_id = _answer(call, found, "", [])
    found.history[0] |= {"normal_message": call.body["message"]}
    found.history[0] |= {"idempotent_id": call.body["idempotent_id"]}
    Complaints(call.pay).save(found)
    return {"log_id": log_id}


@PAY.post(_ONE + "/complete", {"complainted_mchid!": _MCHID}, limit=Limit(calls=1500, seconds=60))
def complete(call: PayCall) -> None:
    """Say that a complaint is settled."""
    found = _named(call)
    if found.state == PENDING:
        raise PayError("INVALID_REQUEST", "待处理的投诉单请先回复用户")
    if found.state != PROCESSED:
        found.state, found.awaits_answer = PROCESSED, False
        Complaints(call.pay).log(found, _BY, "MERCHANT_CONFIRM_COMPLETE", call.at)


@PAY.post(
    _ONE + "/update-refund-progress",
    {
        "action!": Text(one_of=("APPROVE", "REJECT")),
        "launch_refund_day": Whole(max=60),
        "reject_reason": Text(max=200),
        "reject_media_list": Anything(),
        "remark": Text(max=200),
    },
)
def decide_refund(call: PayCall) -> None:
    """Say whether the money the person asks for will come back."""
    found, body = _find(call), call.body
    if found.problem_type != "REFUND":
        raise PayError("INVALID_REQUEST", "该投诉单未申请退款")
    approves = body["action"] == "APPROVE"
    if approves and "launch_refund_day" not in body:
        raise param_error("/body/launch_refund_day", None, "同意退款时必填")
    if not approves and not body.get("reject_reason"):
        raise param_error("/body/reject_reason", None, "拒绝退款时必填")
    found.state, found.refund_agreed = PROCESSING, approves
    kind = "MERCHANT_APPROVE_REFUND" if approves else "MERCHANT_REFUSE_RERUND"
    Complaints(call.pay).log(found, _BY, kind, call.at, details=body.get("reject_reason", ""))


@PAY.post(_ADDRESS, {"url!": URL})
def set_address(call: PayCall) -> Answer:
    """Say where complaints are told; there is one address at most."""
    if call.merchant.complaint_notify_url:
        raise PayError("RESOURCE_ALREADY_EXISTS", "回调地址已存在")
    return _put_address(call)


@PAY.put(_ADDRESS, {"url!": URL})
def change_address(call: PayCall) -> Answer:
    """Change the address."""
    _address(call)
    return _put_address(call)


@PAY.get(_ADDRESS)
def show_address(call: PayCall) -> Answer:
    """Where complaints are told."""
    return {"mchid": call.merchant.mchid, "url": _address(call)}


@PAY.delete(_ADDRESS)
def drop_address(call: PayCall) -> None:
    """Tell them nowhere."""
    _address(call)
    call.pay.merchants.change(call.merchant, {"complaint_notify_url": ""})


def _put_address(call: PayCall) -> dict[str, Any]:
    call.pay.merchants.change(call.merchant, {"complaint_notify_url": call.body["url"]})
    return {"mchid": call.merchant.mchid, "url": call.body["url"]}


def _address(call: PayCall) -> str:
    if not call.merchant.complaint_notify_url:
        raise PayError("RESOURCE_NOT_EXISTS", "回调地址不存在")
    return call.merchant.complaint_notify_url


def _answer(call: PayCall, found: Complaint, text: str, pictures: list[str]) -> str:
    if found.state == PROCESSED:
        raise PayError("INVALID_REQUEST", "投诉单已处理完成")
    found.state, found.awaits_answer = PROCESSING, False
    return Complaints(call.pay).log(found, _BY, "MERCHANT_RESPONSE", call.at, details=text, pictures=pictures)


def _named(call: PayCall) -> Complaint:
    if call.body["complainted_mchid"] != call.merchant.mchid:
        raise param_error(
            "/body/complainted_mchid", call.body["complainted_mchid"], "与请求签名的商户号不一致"
        )
    return _find(call)


def _find(call: PayCall) -> Complaint:
    found = Complaints(call.pay).find(call.merchant.mchid, call.params["complaint_id"])
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "投诉单不存在")
    return found


def _wire(call: PayCall, complaint: Complaint) -> dict[str, Any]:
    phone = {"payer_phone": call.seal(complaint.phone)} if complaint.phone else {}
    return complaint.wire() | phone


def _date(call: PayCall, name: str) -> date:
    text = call.needed(name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise param_error(f"/query/{name}", text, "日期格式应为 yyyy-MM-dd") from error
