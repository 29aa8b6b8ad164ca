"""Messages and sessions of 微信客服. Source: official pages 分配客服会话, 接收消息和事件, 发送消息,
发送欢迎语等事件响应消息, 获取客户基础信息 (D 94669, 94670, 94677, 95122, 95159).
"""

import base64
import binascii
from typing import Any

from wechat_sandbox.endpoints.wecom.kf_accounts import account_of, book_of
from wechat_sandbox.endpoints.wecom.materials import shelves_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import Customers, External
from wechat_sandbox.state.wecom.kf_book import KfSession
from wechat_sandbox.state.wecom.kf_content import ON_EVENT, read_message
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.kf_rules import ANSWERS_FOR_S, State
from wechat_sandbox.wire.errors import PlatformError

WITHOUT_TOKEN_PER_MINUTE = 60
CUSTOMERS_MAX = 100


@WECOM.post("/kf/service_state/get", right=Right.KF)
def get_state(call: CorpCall) -> Answer:
    session = _session(call)
    served = {"servicer_userid": session.servicer} if session.servicer else {}
    return {"service_state": int(session.state)} | served


@WECOM.post("/kf/service_state/trans", right=Right.KF)
def change_state(call: CorpCall) -> Answer:
    session = _session(call)
    after = State(call.number("service_state", low=0, high=4))
    code = KfDesk(call.world, call.corp).change_state(
        session.open_kfid, session.external_userid, after, call.text("servicer_userid"), call.at
    )
    return {"msg_code": code} if code else {}


@WECOM.post("/kf/sync_msg", right=Right.KF)
def read_messages(call: CorpCall) -> Answer:
    """Return messages and events of an account after a cursor, three days back at most."""
    account, token = account_of(call), call.text("token", bytes_most=128, invalid=95007)
    limit = call.number("limit", 1000, low=1, high=1000)
    call.number("voice_format", 0, high=1)
    if token:
        book_of(call).check_token(token, call.at)
    else:
        key = f"kf_sync:{call.corp.corpid}"
        call.desk.paces.count(key, at=call.at, seconds=60, limit=WITHOUT_TOKEN_PER_MINUTE, code=45009)
    after = _read_cursor(call.text("cursor", bytes_most=64), account.open_kfid)
    found = book_of(call).log(account.open_kfid).told(after, call.at)
    page = found[:limit]
    last = page[-1][0] if page else after
    return {
        "next_cursor": _write_cursor(last, account.open_kfid),
        "has_more": int(len(found) > len(page)),
        "msg_list": [message.as_row(account.open_kfid) for _, message in page],
    }


@WECOM.post("/kf/send_msg", right=Right.KF)
def send(call: CorpCall) -> Answer:
    """Answer a customer: five messages to each of theirs, within two days."""
    account = account_of(call)
    customer = _customer(call, call.text("touser", missing=40058))
    kind, body = read_message(call.body, shelves_of(call).has_media)
    msgid = KfDesk(call.world, call.corp).send(
        account.open_kfid, customer.external_userid, call.text("msgid", bytes_most=32), kind, body, call.at
    )
    return {"msgid": msgid}


@WECOM.post("/kf/send_msg_on_event", right=Right.KF)
def send_on_event(call: CorpCall) -> Answer:
    """Spend the code of an event on a message."""
    code = call.text("code", missing=40058, bytes_most=32)
    kind, body = read_message(call.body, shelves_of(call).has_media, kinds=ON_EVENT)
    msgid = call.text("msgid", bytes_most=32)
    return {"msgid": KfDesk(call.world, call.corp).send_on_event(code, msgid, kind, body, call.at)}


@WECOM.post("/kf/recall_msg", right=Right.KF)
def recall(call: CorpCall) -> Answer:
    """Take back a message the API has sent (40058 there is none under this id)."""
    account, msgid = account_of(call), call.text("msgid", missing=40058)
    if not book_of(call).log(account.open_kfid).take_back(msgid):
        raise PlatformError(40058, "msgid")
    return {}


@WECOM.post("/kf/customer/batchget", right=Right.KF)
def get_customers(call: CorpCall) -> Answer:
    """Return customers heard of within two days; who is unknown or silent is listed apart."""
    wanted = call.texts("external_userid_list", most=CUSTOMERS_MAX, missing=40058)
    with_context = call.number("need_enter_session_context", 0, high=1) == 1
    customers, recent = Customers(call.world, call.corp), _recent(call)
    rows, invalid = [], []
    for external_userid in wanted:
        external = customers.find_external(external_userid)
        if external is None or external_userid not in recent:
            invalid.append(external_userid)
        else:
            session = recent[external_userid]
            rows.append(_customer_row(external, customers.unionid_of(external), session, with_context))
    if not rows and any(customers.find_external(one) for one in wanted):
        raise PlatformError(95031)
    return {"customer_list": rows, "invalid_external_userid": invalid}


def _session(call: CorpCall) -> KfSession:
    account = account_of(call)
    customer = _customer(call, call.text("external_userid", missing=41035))
    desk = KfDesk(call.world, call.corp)
    return desk.session(account.open_kfid, customer.external_userid, call.at)


def _customer(call: CorpCall, external_userid: str) -> External:
    return Customers(call.world, call.corp).get_external(external_userid)


def _recent(call: CorpCall) -> dict[str, KfSession]:
    """Return the latest session of every customer who wrote or came in within two days."""
    found: dict[str, KfSession] = {}
    for session in book_of(call).sessions():
        if call.at - _seen_at(session) < ANSWERS_FOR_S:
            known = found.get(session.external_userid)
            if known is None or _seen_at(known) <= _seen_at(session):
                found[session.external_userid] = session
    return found


def _seen_at(session: KfSession) -> float:
    return max(session.window.heard_at, session.entered.at if session.entered else float("-inf"))


def _customer_row(external: External, unionid: str, session: KfSession, with_context: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "external_userid": external.external_userid,
        "nickname": external.name,
        "avatar": external.avatar,
        "gender": external.gender,
    }
    row |= {"unionid": unionid} if unionid else {}
    if with_context and session.entered is not None:
        entered = session.entered
        context: dict[str, Any] = {"scene": entered.scene, "scene_param": entered.scene_param}
        row["enter_session_context"] = context | (
            {"wechat_channels": entered.channels} if entered.channels else {}
        )
    return row


def _write_cursor(number: int, open_kfid: str) -> str:
    return base64.urlsafe_b64encode(f"{number}:{open_kfid[-12:]}".encode()).decode()


def _read_cursor(cursor: str, open_kfid: str) -> int:
    """Return the number behind a cursor; one of another account is none (50100)."""
    if not cursor:
        return 0
    try:
        number, _, mark = base64.urlsafe_b64decode(cursor).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise PlatformError(50100) from error
    if not number.isdecimal() or mark != open_kfid[-12:]:
        raise PlatformError(50100)
    return int(number)
