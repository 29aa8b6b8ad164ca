"""Our own client's calls of mini programs: every declared call."""

import hashlib
import re
from datetime import date, timedelta
from typing import Any

from contract.conformance.cases import Build, Case, OutOfScope, call
from contract.conformance.matching import NUMBER, TEXT
from contract.conformance.world import PAGE, World
from quanyu.wechat.common import custom_messages


def mini(*arguments: Any, **options: Any) -> Case:
    return call(*arguments, account="mini_program", **options)


def app(w: World) -> dict[str, Any]:
    return {"appid": w.platform.mini_program["appid"]}


def _signed(w: World) -> dict[str, str]:
    return {"openid": w.user, "signature": w.signature}


LOGIN: dict[str, Build | OutOfScope] = {
    "login.EXCHANGE": lambda w: mini(
        {"js_code": w.login_code()}, gives={"openid": w.user, "session_key": TEXT, "unionid": TEXT}
    ),
    "login.CHECK_SESSION": lambda w: mini(_signed(w), gives={}),
    "login.RESET_SESSION": lambda w: mini(
        _signed(w), gives={"openid": w.user, "session_key": lambda key: key != w.session_key}
    ),
    "login.PAID_UNION_ID": lambda w: mini(
        {"openid": w.payer, "transaction_id": w.payment}, gives={"unionid": TEXT}
    ),
    "login.PLUGIN_OPEN_PID": lambda w: mini({"code": w.act("plugin-code")["code"]}, gives={"openpid": TEXT}),
    "login.ENCRYPT_KEYS": lambda w: mini(
        _signed(w),
        gives={"key_info_list": lambda keys: all(key["encrypt_key"] for key in keys) and len(keys) > 0},
    ),
    "login.PHONE": lambda w: mini(
        {"code": w.act("phone-code", w.with_phone)["code"]},
        gives={"phone_info": {"phoneNumber": re.compile(r"1\d{10}"), "countryCode": "86"}},
    ),
    "login.CHECK_ENCRYPTED": lambda w: mini(
        {"encrypted_msg_hash": hashlib.sha256(w.sealed.encode()).hexdigest()},
        gives={"vaild": True, "create_time": NUMBER},
    ),
}

_CODE = {"file": {"content": lambda got: got[:2] in (b"\xff\xd8", b"\x89P")}}
_TARGET = {"path": PAGE, "query": "store=1", "env_version": "release"}
CODES: dict[str, Build | OutOfScope] = {
    "codes.LIMITED": lambda w: mini({"path": PAGE}, gives=_CODE),
    "codes.UNLIMITED": lambda w: mini({"scene": "store=1", "page": PAGE}, gives=_CODE),
    "codes.QR_CODE": lambda w: mini({"path": PAGE}, gives=_CODE),
    "links.SCHEME": lambda w: mini(
        {"jump_wxa": _TARGET, "is_expire": True, "expire_type": 1, "expire_interval": 7},
        gives={"openlink": re.compile(r"weixin://dl/business/\?t=\w+")},
    ),
    "links.NFC_SCHEME": lambda w: mini(
        {"jump_wxa": _TARGET, "model_id": "model-1", "sn": "0001"}, gives={"openlink": TEXT}
    ),
    "links.QUERY_SCHEME": lambda w: mini(
        {"scheme": w.scheme},
        gives={"scheme_info": {"appid": app(w)["appid"], "path": PAGE, "query": "store=1"}},
    ),
    "links.URL_LINK": lambda w: mini(
        {"path": PAGE, "query": "store=1"}, gives={"url_link": re.compile(r"https?://[^/]+/.+")}
    ),
    "links.QUERY_URL_LINK": lambda w: mini(
        {"url_link": w.url_link}, gives={"url_link_info": {"appid": app(w)["appid"], "path": PAGE}}
    ),
    "links.SHORT_LINK": lambda w: mini(
        {"page_url": f"{PAGE}?store=1", "page_title": "商城"}, gives={"link": re.compile(r"#小程序://.+")}
    ),
}

MESSAGES: dict[str, Build | OutOfScope] = {
    "subscribe_messages.SEND": lambda w: mini(
        {"touser": w.subscriber, "template_id": w.notice, "data": w.notice_data, "page": PAGE},
        gives={"msgid": int},
    ),
    "subscribe_messages.SET_CARD": lambda w: mini(w.card_key | {"content_json": "{}"}, gives={}),
    "subscribe_messages.CARD": lambda w: mini(
        w.active_card, gives={"notify_info": {"notify_type": w.card_key["notify_type"], "code_state": int}}
    ),
    "subscribe_messages.EXTEND_CARD": lambda w: mini(w.active_card | {"ext_json": "{}"}, gives={}),
    "subscribe_messages.CREATE_ACTIVITY": lambda w: mini(
        {"openid": w.user}, gives={"activity_id": TEXT, "expiration_time": NUMBER}
    ),
    "subscribe_messages.UPDATE_MESSAGE": lambda w: mini(
        {
            "activity_id": w.activity,
            "target_state": 0,
            "template_info": {"parameter_list": [{"name": "member_count", "value": "2"}]},
        },
        gives={},
    ),
    "customer_service.REGISTER": lambda w: mini(
        {"account_name": "shop1", "nickname": "一店", "icon_media_id": w.mini_image},
        gives={"business_id": NUMBER},
    ),
    "customer_service.UPDATE": lambda w: mini({"business_id": w.business, "nickname": "二店"}, gives={}),
    "customer_service.BUSINESS": lambda w: mini(
        {"business_id": w.business}, gives={"business_info": {"business_id": w.business, "nickname": "门店"}}
    ),
    "customer_service.BUSINESSES": lambda w: mini(
        {"offset": 0, "count": 10}, gives={"list": [{"business_id": w.business}]}
    ),
    "customer_service.SEND": lambda w: mini(
        custom_messages.CustomText(
            touser=w.mini_customer, text=custom_messages.Text("您好"), businessid=w.business
        ),
        gives={},
    ),
    "customer_service.TYPING": lambda w: mini(
        {"touser": w.mini_customer, "command": "Typing", "businessid": w.business}, gives={}
    ),
    "customer_service.BIND_CORP": lambda w: mini({"corpid": "ww1234567890abcdef"}, gives={}),
    "customer_service.UNBIND_CORP": lambda w: mini({"corpid": w.corp}, gives={}),
    "customer_service.BOUND_CORP": lambda w: mini({}, gives={"corpid": w.corp, "bindTime": NUMBER}),
}

SECURITY: dict[str, Build | OutOfScope] = {
    "security.CHECK_TEXT": lambda w: mini(
        {"content": "桂花乌龙茶", "scene": 2, "openid": w.visitor},
        gives={"result": {"suggest": "pass", "label": 100}, "trace_id": TEXT},
    ),
    "security.CHECK_MEDIA": lambda w: mini(
        {"media_url": "https://shop.example/photo.jpg", "media_type": 2, "scene": 1, "openid": w.visitor},
        gives={"trace_id": TEXT},
    ),
    "security.CHECK_PICTURE": lambda w: mini({"media": w.file("photo.jpg", "image/jpeg")}, gives={}),
    "security.RISK_RANK": lambda w: mini(
        app(w) | {"openid": w.visitor, "scene": 0, "client_ip": "203.0.113.7"}, gives={"risk_rank": int}
    ),
}

SHIPPING: dict[str, Build | OutOfScope] = {
    "shipping.SHIP": lambda w: mini(
        w.shipment(w.payment), gives={}, then=lambda: (w.trade(), {"order_state": 2})
    ),
    "shipping.SHIP_COMBINED": lambda w: mini(
        _combined(w.shipment(w.payment)), gives={}, then=lambda: (w.trade(), {"order_state": 2})
    ),
    "shipping.ORDER": lambda w: mini(
        {"transaction_id": w.payment},
        gives={"order": {"openid": w.payer, "paid_amount": 6800, "order_state": 1}},
    ),
    "shipping.ORDERS": lambda w: mini(
        {"openid": w.payer}, gives={"order_list": [{"transaction_id": w.payment}], "has_more": False}
    ),
    "shipping.REMIND": lambda w: mini({"transaction_id": w.shipped, "received_time": w.now}, gives={}),
    "shipping.SET_JUMP_PATH": lambda w: mini({"path": PAGE}, gives={}),
    "shipping.IS_MANAGED": lambda w: mini(app(w), gives={"is_trade_managed": bool}),
    "shipping.IS_CONFIRMED": lambda w: mini(app(w), gives={"completed": bool}),
    "shipping.REPORT_SPECIAL": lambda w: mini({"order_id": w.payment, "type": 2}, gives={}),
}


def _combined(shipment: dict[str, Any]) -> dict[str, Any]:
    """Return one upload for several orders: here for one."""
    whole = {name: shipment.pop(name) for name in ("upload_time", "payer")}
    return {"order_key": shipment["order_key"], "sub_orders": [shipment]} | whole


def _span(first: date, last: date, gives: Any) -> Case:
    return mini({"begin_date": f"{first:%Y%m%d}", "end_date": f"{last:%Y%m%d}"}, gives=gives)


def _day(gives: Any) -> Build:
    return lambda w: _span(w.today - timedelta(days=1), w.today - timedelta(days=1), gives)


def _week(gives: Any) -> Build:
    def build(w: World) -> Case:
        monday = w.today - timedelta(days=w.today.weekday() + 7)
        return _span(monday, monday + timedelta(days=6), gives)

    return build


def _month(gives: Any) -> Build:
    def build(w: World) -> Case:
        last = w.today.replace(day=1) - timedelta(days=1)
        return _span(last.replace(day=1), last, gives)

    return build


_LIST = {"list": list}
_RETENTION = {"ref_date": TEXT, "visit_uv_new": list, "visit_uv": list}
ANALYSIS: dict[str, Build | OutOfScope] = {
    "analysis.SUMMARY": _day(_LIST),
    "analysis.VISITS_BY_DAY": _day(_LIST),
    "analysis.VISITS_BY_WEEK": _week(_LIST),
    "analysis.VISITS_BY_MONTH": _month(_LIST),
    "analysis.RETENTION_BY_DAY": _day(_RETENTION),
    "analysis.RETENTION_BY_WEEK": _week(_RETENTION),
    "analysis.RETENTION_BY_MONTH": _month(_RETENTION),
    "analysis.PAGES": _day({"ref_date": TEXT, "list": list}),
    "analysis.DISTRIBUTION": _day({"ref_date": TEXT, "list": list}),
    "analysis.PORTRAIT": _day({"ref_date": TEXT, "visit_uv": dict}),
    "analysis.PERFORMANCE": lambda w: mini(
        {"module": "10016", "time": {"begin_timestamp": w.now - 86_400, "end_timestamp": w.now}},
        gives={"data": {"body": {"tables": list, "count": 1}}},
    ),
}
