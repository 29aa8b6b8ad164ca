"""Transfers to people, confirmed or with leave given before. Source: pages of 2025-03 and 2025-08."""

from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.state.pay.authorizations import (
    BY_MERCHANT,
    IN_EFFECT,
    WAITING,
    Authorization,
    Authorizations,
)
from wechat_sandbox.state.pay.orders import digest_of
from wechat_sandbox.state.pay.transfers import Transfer, Transfers, TransferState
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import CIPHER, URL, Fields, Group, Many, Text, Whole

_ROOT = "/v3/fund-app/mch-transfer"
_BILLS = f"{_ROOT}/transfer-bills"
NAME_FROM, NO_NAME_BELOW = 200_000, 30
_NUMBER = Text(max=32, pattern=r"[0-9A-Za-z]+")
_INFO = Group({"info_type!": Text(max=15), "info_content!": Text(max=32)})
_COMMON: Fields = {
    "appid!": Text(max=32),
    "out_bill_no!": _NUMBER,
    "user_name": CIPHER,
    "transfer_amount!": Whole(min=10, max=200_000_00),
    "transfer_remark!": Text(max=32),
    "notify_url": URL,
    "user_recv_perception": Text(max=32),
    "transfer_scene_report_infos!": Many(_INFO, min=1, max=10),
}
_TRANSFER: Fields = {
    **_COMMON,
    "transfer_scene_id!": Text(max=36),
    "openid!": Text(max=64),
    "user_recv_style": Group({"type!": Text(one_of=("CONFIRM_PAGE", "RED_PACKET"))}),
}
_LEAVE = Group(
    {
        "user_display_name!": Text(max=32),
        "out_authorization_no!": _NUMBER,
        "authorization_notify_url!": URL,
    }
)
# What must be reported for a scene, and what a person may be told; only these two are documented.
_INFOS = {"1000": ("活动名称", "奖励说明"), "1005": ("岗位类型", "报酬说明")}
_PERCEPTIONS = {
    "1000": ("现金奖励", "活动奖励"),
    "1005": ("劳务报酬", "报销款", "企业补贴", "开工利是"),
}


@PAY.post(_BILLS, _TRANSFER, limit=Limit(calls=100))
def make(call: PayCall) -> Answer:
    """Begin a transfer that the person confirms within a day."""
    return _brief(_accept(call, call.body["openid"], call.body["transfer_scene_id"], asks=True))


@PAY.post(
    f"{_BILLS}/pre-transfer-with-authorization",
    {**_TRANSFER, "authorization_info!": _LEAVE, "sponsor_mchid": Text(max=32)},
    limit=Limit(calls=100),
)
def make_with_leave(call: PayCall) -> Answer:
    """The same, and confirming it also allows later ones."""
    info = call.body["authorization_info"]
    transfer = _accept(call, call.body["openid"], call.body["transfer_scene_id"], asks=True)
    authorizations = Authorizations(call.pay)
    if authorizations.find(call.merchant.mchid, info["out_authorization_no"]) is None:
        authorizations.ask(_authorization(call, info, digest_of(info)))
    transfer.out_authorization_no = info["out_authorization_no"]
    Transfers(call.pay).save(transfer)
    names = ("user_display_name", "out_authorization_no")
    return _brief(transfer) | {name: info[name] for name in names}


@PAY.post(
    f"{_BILLS}/transfer",
    {
        **_COMMON,
        "transfer_scene_id!": Text(max=36),
        "authorization_id": Text(max=64),
        "out_authorization_no": _NUMBER,
        "sponsor_mchid": Text(max=32),
    },
    limit=Limit(calls=100),
)
def make_without_asking(call: PayCall) -> Answer:
    """A transfer to somebody who allowed it before."""
    leave = _find_leave(call)
    if leave.state != IN_EFFECT or leave.scene_id != call.body["transfer_scene_id"]:
        raise PayError("INVALID_REQUEST", "用户授权未生效,或转账场景与授权时不一致")
    return _whole(call, _accept(call, leave.openid, leave.scene_id, asks=False))


@PAY.get(_BILLS + "/out-bill-no/{out_bill_no}")
def query(call: PayCall) -> Answer:
    """A transfer by the merchant's number."""
    return _whole(call, _find(call))


@PAY.get(_BILLS + "/transfer-bill-no/{transfer_bill_no}")
def query_by_platform_number(call: PayCall) -> Answer:
    """A transfer by the platform's number."""
    return _whole(call, _find(call))


@PAY.post(_BILLS + "/out-bill-no/{out_bill_no}/cancel", {}, limit=Limit(calls=20))
def cancel(call: PayCall) -> Answer:
    """Take a transfer back before it is confirmed."""
    found = _find(call)
    Transfers(call.pay).cancel(found, call.at)
    return {
        "out_bill_no": found.out_bill_no,
        "transfer_bill_no": found.transfer_bill_no,
        "state": found.state.value,
        "update_time": china_time(found.updated_at),
    }


@PAY.post(
    f"{_ROOT}/user-confirm-authorization",
    {
        "out_authorization_no!": _NUMBER,
        "appid!": Text(max=32),
        "openid!": Text(max=64),
        "transfer_scene_id!": Text(max=36),
        "user_display_name!": Text(max=32),
        "user_recv_perception": Text(max=32),
        "authorization_notify_url!": URL,
        "scene_info": Group(
            {"client_ip": Text(max=45), "device_id": Text(max=64), "device_type": Text(max=32)}
        ),
    },
)
def ask_leave(call: PayCall) -> Answer:
    """Ask a person to be paid without being asked each time."""
    authorizations, digest = Authorizations(call.pay), digest_of(call.body)
    _check_scene(call, call.body["transfer_scene_id"])
    call.pay.check_binding(call.merchant, call.body["appid"])
    call.pay.find_person(call.body["appid"], call.body["openid"])
    found = authorizations.find(call.merchant.mchid, call.body["out_authorization_no"])
    if found is None:
        found = _authorization(call, call.body, digest)
        authorizations.ask(found)
    elif found.digest != digest:
        raise PayError("ALREADY_EXISTS", "商户授权单号已存在,但信息不一致")
    return {
        "out_authorization_no": found.out_authorization_no,
        "state": found.state,
        "create_time": china_time(found.created_at),
        "package_info": found.package_info,
    }


@PAY.get(_ROOT + "/user-confirm-authorization/out-authorization-no/{number}")
def query_leave(call: PayCall) -> Answer:
    """Whether a person allows it."""
    found = _leave(call, call.params["number"])
    asks = found.state == WAITING and call.query.get("is_display_authorization") == "true"
    return found.whole() | ({"package_info": found.package_info} if asks else {})


@PAY.post(_ROOT + "/user-confirm-authorization/out-authorization-no/{number}/close", {})
def close_leave(call: PayCall) -> Answer:
    """Give the leave back."""
    found = _leave(call, call.params["number"])
    Authorizations(call.pay).close(found, BY_MERCHANT, call.at)
    return found.whole()


def _accept(call: PayCall, openid: str, scene_id: str, *, asks: bool) -> Transfer:
    body, transfers = call.body, Transfers(call.pay)
    call.pay.check_binding(call.merchant, body["appid"])
    name = call.secret("user_name", body.get("user_name"))
    # The same name is another ciphertext each time.
    digest = digest_of([{key: value for key, value in body.items() if key != "user_name"}, name])
    known = transfers.repeated(call.merchant.mchid, body["out_bill_no"], digest)
    if known is not None:
        return known
    _check_name(body["transfer_amount"], name)
    _check_scene(call, scene_id)
    _check_report(body, scene_id)
    call.pay.find_person(body["appid"], openid)
    made = Transfer(
        mchid=call.merchant.mchid,
        out_bill_no=body["out_bill_no"],
        transfer_bill_no=call.pay.digits("1330000071100", call.at, 40),
        appid=body["appid"],
        openid=openid,
        scene_id=scene_id,
        amount=body["transfer_amount"],
        remark=body["transfer_remark"],
        digest=digest,
        created_at=call.at,
        updated_at=call.at,
        notify_url=body.get("notify_url", ""),
        user_name=name,
        perception=body.get("user_recv_perception", ""),
    )
    transfers.make(made, asks=asks)
    return made


def _check_name(amount: int, name: str) -> None:
    if amount >= NAME_FROM and not name:
        raise param_error("/body/user_name", None, "转账金额在 2000 元以上时必填")
    if amount < NO_NAME_BELOW and name:
        raise param_error("/body/user_name", None, "转账金额低于 0.3 元时不能填写")


def _check_scene(call: PayCall, scene_id: str) -> None:
    if scene_id not in call.merchant.transfer_scenes:
        raise PayError("INVALID_REQUEST", "商户未获得该转账场景")


def _check_report(body: dict[str, Any], scene_id: str) -> None:
    given = tuple(sorted(one["info_type"] for one in body["transfer_scene_report_infos"]))
    wanted = _INFOS.get(scene_id)
    if wanted is not None and given != tuple(sorted(wanted)):
        raise param_error("/body/transfer_scene_report_infos", list(given), "与转账场景要求的报备信息不一致")
    perception, known = body.get("user_recv_perception"), _PERCEPTIONS.get(scene_id)
    if perception and known and perception not in known:
        raise PayError("INVALID_REQUEST", "该转账场景不支持所传的用户收款感知")


def _authorization(call: PayCall, info: dict[str, Any], digest: str) -> Authorization:
    return Authorization(
        mchid=call.merchant.mchid,
        out_authorization_no=info["out_authorization_no"],
        authorization_id=call.pay.digits("2260", call.at, 32),
        appid=call.body["appid"],
        openid=call.body["openid"],
        scene_id=call.body["transfer_scene_id"],
        display_name=info["user_display_name"],
        notify_url=info["authorization_notify_url"],
        created_at=call.at,
        digest=digest,
        perception=call.body.get("user_recv_perception", ""),
    )


def _find(call: PayCall) -> Transfer:
    transfers, number = Transfers(call.pay), call.params.get("out_bill_no")
    found = (
        transfers.find(call.merchant.mchid, number)
        if number
        else transfers.find_by_number(call.params["transfer_bill_no"])
    )
    if found is None or found.mchid != call.merchant.mchid:
        raise PayError("NOT_FOUND", "转账单不存在")
    return found


def _find_leave(call: PayCall) -> Authorization:
    number = call.body.get("out_authorization_no")
    if number:
        return _leave(call, number)
    found = Authorizations(call.pay).find_by_id(call.body.get("authorization_id", ""))
    if found is None or found.mchid != call.merchant.mchid:
        raise PayError("NOT_FOUND", "授权单不存在")
    return found


def _leave(call: PayCall, number: str) -> Authorization:
    found = Authorizations(call.pay).find(call.merchant.mchid, number)
    if found is None:
        raise PayError("NOT_FOUND", "授权单不存在")
    return found


def _brief(transfer: Transfer) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "create_time": china_time(transfer.created_at),
        "state": transfer.state.value,
    }
    if transfer.state is TransferState.WAIT_USER_CONFIRM:
        shown["package_info"] = transfer.package_info
    return shown | ({"fail_reason": transfer.fail_reason} if transfer.fail_reason else {})


def _whole(call: PayCall, transfer: Transfer) -> dict[str, Any]:
    name = {"user_name": call.seal(transfer.user_name)} if transfer.user_name else {}
    return transfer.wire() | name
