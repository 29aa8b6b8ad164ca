"""Accounts, links and servicers of 微信客服.

Source: official pages 客服账号管理, 接待人员管理 (D 94661–94665).
"""

import re
from dataclasses import replace

from wechat_sandbox.endpoints.wecom.materials import keep_picture
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.kf_book import KfAccount, KfBook, Servicer
from wechat_sandbox.wire.errors import PlatformError

ACCOUNTS_MAX = 5000
NAME_CHARS_MAX = 16
SERVICERS_MAX, DEPARTMENTS_MAX = 100, 20
_SCENE = re.compile(r"[0-9A-Za-z_-]{0,32}\Z")


def book_of(call: CorpCall) -> KfBook:
    return KfBook(call.world.store, call.corp.corpid)


def account_of(call: CorpCall) -> KfAccount:
    """Return the account a body names, as far as this token may touch it.

    Raises:
        PlatformError: 40058 none named, 95000 no such one, 48007 an administrator keeps it from the API.
    """
    account = book_of(call).get(call.text("open_kfid", missing=40058))
    if not account.managed:
        raise PlatformError(48007)
    return account


@WECOM.post("/kf/account/add", right=Right.KF)
def add_account(call: CorpCall) -> Answer:
    """Make an account (95005 too many, 95006 a bad name)."""
    name, book = _name(call), book_of(call)
    avatar = keep_picture(call, call.text("media_id", missing=40058))
    if len(book.accounts()) >= ACCOUNTS_MAX:
        raise PlatformError(95005)
    account = KfAccount(open_kfid=new_key(call.world, "wk", call.at), name=name, avatar=avatar)
    book.save(account)
    return {"open_kfid": account.open_kfid}


@WECOM.post("/kf/account/del", right=Right.KF)
def delete_account(call: CorpCall) -> Answer:
    book_of(call).save(replace(account_of(call), deleted=True))
    return {}


@WECOM.post("/kf/account/update", right=Right.KF)
def update_account(call: CorpCall) -> Answer:
    account = account_of(call)
    if call.body.get("name") is not None:
        account = replace(account, name=_name(call))
    if media_id := call.text("media_id"):
        account = replace(account, avatar=keep_picture(call, media_id))
    book_of(call).save(account)
    return {}


@WECOM.both("/kf/account/list", right=Right.KF)
def list_accounts(call: CorpCall) -> Answer:
    offset, limit = call.number("offset", 0), call.number("limit", 100, low=1, high=100)
    rows = [
        {
            "open_kfid": account.open_kfid,
            "name": account.name,
            "avatar": account.avatar,
            "manage_privilege": account.managed,
        }
        for account in book_of(call).accounts()
    ]
    return {"account_list": rows[offset : offset + limit]}


@WECOM.post("/kf/add_contact_way", right=Right.KF)
def add_link(call: CorpCall) -> Answer:
    """Return the address that opens the chat; ``scene`` comes back in ``enter_session``."""
    account, scene = account_of(call), call.text("scene", bytes_most=32)
    if not _SCENE.match(scene):
        raise PlatformError(40058, "scene")
    address = f"https://work.weixin.qq.com/kf/kfc{account.open_kfid[2:]}"
    return {"url": address + (f"?enc_scene={scene}" if scene else "")}


@WECOM.post("/kf/servicer/add", right=Right.KF)
def add_servicers(call: CorpCall) -> Answer:
    """Take members or departments on; each gets an answer of its own."""
    account = account_of(call)
    rows, servicers = [], list(account.servicers)
    for userid, department in _wanted(call):
        there = _find(servicers, userid, department)
        code = _check(call, userid, department)
        rows.append(_row(userid, department, code, "ignored" if there and not code else "success"))
        if not there and not code:
            servicers.append(Servicer(userid=userid, department_id=department))
    book_of(call).save(replace(account, servicers=tuple(servicers)))
    return {"result_list": rows}


@WECOM.post("/kf/servicer/del", right=Right.KF)
def delete_servicers(call: CorpCall) -> Answer:
    account = account_of(call)
    rows, servicers = [], list(account.servicers)
    for userid, department in _wanted(call):
        there = _find(servicers, userid, department)
        if there is not None:
            servicers.remove(there)
        rows.append(_row(userid, department, 0 if there else 95014, "success"))
    book_of(call).save(replace(account, servicers=tuple(servicers)))
    return {"result_list": rows}


@WECOM.both("/kf/servicer/list", right=Right.KF)
def list_servicers(call: CorpCall) -> Answer:
    open_kfid = call.query.get("open_kfid", "") or call.text("open_kfid", missing=40058)
    rows: list[dict[str, object]] = []
    for one in book_of(call).get(open_kfid).servicers:
        if one.department_id:
            rows.append({"department_id": one.department_id})
        elif one.stopped:
            rows.append({"userid": one.userid, "status": 1, "stop_type": one.stop_type})
        else:
            rows.append({"userid": one.userid, "status": 0})
    return {"servicer_list": rows}


def _name(call: CorpCall) -> str:
    name = call.text("name")
    if not 1 <= len(name) <= NAME_CHARS_MAX:
        raise PlatformError(95006)
    return name


def _wanted(call: CorpCall) -> list[tuple[str, int]]:
    users = call.texts("userid_list", most=SERVICERS_MAX)
    departments = call.numbers("department_id_list", most=DEPARTMENTS_MAX)
    if not users and not departments:
        raise PlatformError(40058, "userid_list and department_id_list are both empty")
    return [(userid, 0) for userid in users] + [("", department) for department in departments]


def _find(servicers: list[Servicer], userid: str, department: int) -> Servicer | None:
    return next((one for one in servicers if (one.userid, one.department_id) == (userid, department)), None)


def _check(call: CorpCall, userid: str, department: int) -> int:
    if department:
        return 0 if call.directory.find_department(department) else 60123
    return 0 if call.directory.find(userid) else 60111


def _row(userid: str, department: int, code: int, text: str) -> dict[str, object]:
    who: dict[str, object] = {"department_id": department} if department else {"userid": userid}
    return who | {"errcode": code, "errmsg": text if not code else "invalid servicer"}
