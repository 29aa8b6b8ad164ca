"""Batch transfers of old merchants, and their receipts. Source: website tree (2026-08)."""

from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.receipts import offer_file, receipt_file
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.batches import Batch, Batches, Detail
from wechat_sandbox.state.pay.orders import digest_of
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import CIPHER, URL, Fields, Group, Many, Text, Whole

_ROOT = "/v3/transfer/batches"
_NUMBER = Text(max=32, pattern=r"[0-9A-Za-z]+")
_DETAIL = Group(
    {
        "out_detail_no!": _NUMBER,
        "transfer_amount!": Whole(min=10, max=200_000_00),
        "transfer_remark!": Text(max=32),
        "openid!": Text(max=64),
        "user_name": CIPHER,
        "user_id_card": CIPHER,
    }
)
_BATCH: Fields = {
    "appid!": Text(max=32),
    "out_batch_no!": _NUMBER,
    "batch_name!": Text(max=32),
    "batch_remark!": Text(max=32),
    "total_amount!": Whole(min=1),
    "total_num!": Whole(min=1, max=1000),
    "transfer_detail_list!": Many(_DETAIL, min=1, max=1000),
    "transfer_scene_id": Text(max=36),
    "notify_url": URL,
}
_STATUSES = ("ALL", "WAIT_PAY", "SUCCESS", "FAIL")


@PAY.post(_ROOT, _BATCH)
def make(call: PayCall) -> Answer:
    """Pay up to a thousand people."""
    if not call.merchant.old_transfers:
        raise PayError("NO_AUTH", "商户已升级为新版商家转账,或未开通批量转账")
    body, batches = call.body, Batches(call.pay)
    call.pay.check_binding(call.merchant, body["appid"])
    details = [_detail(call, index, one) for index, one in enumerate(body["transfer_detail_list"])]
    digest = digest_of([body["out_batch_no"], body["total_amount"], [one.out_detail_no for one in details]])
    known = batches.find(call.merchant.mchid, body["out_batch_no"])
    if known is not None and known.digest != digest:
        raise PayError("ALREADY_EXISTS", "商户批次单号已存在,但信息不一致")
    if known is None:
        if (len(details), sum(one.amount for one in details)) != (body["total_num"], body["total_amount"]):
            raise PayError("PARAM_ERROR", "批次总金额或总笔数与明细不一致")
        known = _batch(call, details, digest)
        batches.accept(known)
    return {
        "out_batch_no": known.out_batch_no,
        "batch_id": known.batch_id,
        "create_time": china_time(known.created_at),
        "batch_status": known.status,
    }


@PAY.get(_ROOT + "/out-batch-no/{out_batch_no}")
def query(call: PayCall) -> Answer:
    """A batch by the merchant's number."""
    return _show(call, _find(call))


@PAY.get(_ROOT + "/batch-id/{batch_id}")
def query_by_id(call: PayCall) -> Answer:
    """A batch by the platform's number."""
    return _show(call, _find(call))


@PAY.get(_ROOT + "/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}")
def query_detail(call: PayCall) -> Answer:
    """One payment by the merchant's numbers."""
    return _show_detail(call, _find(call))


@PAY.get(_ROOT + "/batch-id/{batch_id}/details/detail-id/{detail_id}")
def query_detail_by_id(call: PayCall) -> Answer:
    """One payment by the platform's numbers."""
    return _show_detail(call, _find(call))


@PAY.post("/v3/transfer/bill-receipt", {"out_batch_no!": Text(max=32)})
def ask_receipt(call: PayCall) -> Answer:
    """Ask for the receipt of a batch."""
    batch = _find_number(call, call.body["out_batch_no"])
    return _receipt(call, batch) | {"signature_status": "ACCEPTED"}


@PAY.get("/v3/transfer/bill-receipt/{out_batch_no}")
def query_receipt(call: PayCall) -> Answer:
    """Where the receipt of a batch is."""
    batch = _find_number(call, call.params["out_batch_no"])
    content = receipt_file(batch.batch_id, batch.total_amount, batch.updated_at)
    return _receipt(call, batch) | {"signature_status": "FINISHED"} | offer_file(call, content)


def _receipt(call: PayCall, batch: Batch) -> dict[str, Any]:
    if batch.status != "FINISHED":
        raise PayError("INVALID_REQUEST", "批次完成后才可以申请回单")
    times = {"create_time": china_time(batch.updated_at), "update_time": china_time(call.at)}
    return {"out_batch_no": batch.out_batch_no, "signature_no": batch.batch_id} | times


def _detail(call: PayCall, index: int, values: dict[str, Any]) -> Detail:
    name = call.secret(f"transfer_detail_list/{index}/user_name", values.get("user_name"))
    call.pay.find_person(call.body["appid"], values["openid"])
    return Detail(
        out_detail_no=values["out_detail_no"],
        detail_id=call.pay.digits("1040000071100", call.at, 40),
        openid=values["openid"],
        amount=values["transfer_amount"],
        remark=values["transfer_remark"],
        user_name=name,
    )


def _batch(call: PayCall, details: list[Detail], digest: str) -> Batch:
    body = call.body
    return Batch(
        mchid=call.merchant.mchid,
        appid=body["appid"],
        out_batch_no=body["out_batch_no"],
        batch_id=call.pay.digits("1030000071100", call.at, 40),
        name=body["batch_name"],
        remark=body["batch_remark"],
        total_amount=body["total_amount"],
        digest=digest,
        created_at=call.at,
        updated_at=call.at,
        details=details,
        scene_id=body.get("transfer_scene_id", ""),
        notify_url=body.get("notify_url", ""),
    )


def _find(call: PayCall) -> Batch:
    if "out_batch_no" in call.params:
        return _find_number(call, call.params["out_batch_no"])
    found = Batches(call.pay).find_by_id(call.params["batch_id"])
    if found is None or found.mchid != call.merchant.mchid:
        raise PayError("NOT_FOUND", "批次单不存在")
    return found


def _find_number(call: PayCall, number: str) -> Batch:
    found = Batches(call.pay).find(call.merchant.mchid, number)
    if found is None:
        raise PayError("NOT_FOUND", "批次单不存在")
    return found


def _show(call: PayCall, batch: Batch) -> dict[str, Any]:
    whole: dict[str, Any] = {"transfer_batch": batch.wire()}
    if call.needed("need_query_detail").lower() != "true":
        return whole
    status = call.query.get("detail_status", "ALL")
    if status not in _STATUSES:
        raise param_error("/query/detail_status", status, "不在可选值之内")
    offset, limit = call.number("offset", 0), call.number("limit", 20, low=20, high=100)
    found = [one for one in batch.details if status in ("ALL", one.status)]
    rows = [
        {"detail_id": one.detail_id, "out_detail_no": one.out_detail_no, "detail_status": one.status}
        for one in found[offset : offset + limit]
    ]
    return whole | {"transfer_detail_list": rows, "offset": offset, "limit": limit}


def _show_detail(call: PayCall, batch: Batch) -> dict[str, Any]:
    marks = (call.params.get("out_detail_no"), call.params.get("detail_id"))
    found = next(
        (one for one in batch.details if one.out_detail_no == marks[0] or one.detail_id == marks[1]), None
    )
    if found is None:
        raise PayError("NOT_FOUND", "明细单不存在")
    shown: dict[str, Any] = {
        "mchid": batch.mchid,
        "out_batch_no": batch.out_batch_no,
        "batch_id": batch.batch_id,
        "appid": batch.appid,
        "out_detail_no": found.out_detail_no,
        "detail_id": found.detail_id,
        "detail_status": found.status,
        "transfer_amount": found.amount,
        "transfer_remark": found.remark,
        "openid": found.openid,
        "initiate_time": china_time(batch.created_at),
        "update_time": china_time(batch.updated_at),
    }
    if found.user_name:
        shown["user_name"] = call.seal(found.user_name)
    return shown | ({"fail_reason": found.fail_reason} if found.fail_reason else {})
