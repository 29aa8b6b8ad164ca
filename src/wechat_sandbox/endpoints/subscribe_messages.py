"""Subscribe messages: the public library, an account's own templates, and sending."""

import re
from collections.abc import Mapping

from wechat_sandbox.accounts import MINI_PROGRAMS, AccountKind
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.state.mini_program.pages import Pages
from wechat_sandbox.state.notice_library import CATEGORIES, TITLES, Title, find_title
from wechat_sandbox.state.subscriptions import Notice, Subscriptions, read_values
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 30
KEYWORDS = range(2, 6)
SCENE_CHARS_MAX = 15
_SERVICE = frozenset({AccountKind.SERVICE})
_STATES = ("developer", "trial", "formal")
_LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")
_IDS = re.compile(r"\d+(,\d+)*")


@REGISTRY.get("/wxaapi/newtmpl/getcategory")
def list_categories(call: Call) -> Mapping[str, object]:
    return OK | {"data": [{"id": number, "name": name} for number, name in CATEGORIES]}


@REGISTRY.get("/wxaapi/newtmpl/getpubtemplatetitles")
def list_titles(call: Call) -> Mapping[str, object]:
    ids = call.query.get("ids", "")
    if not ids:
        raise PlatformError(200018)
    if not _IDS.fullmatch(ids) or not set(map(int, ids.split(","))) <= {number for number, _ in CATEGORIES}:
        raise PlatformError(200019)
    start, limit = _query_number(call, "start", 200016), _query_number(call, "limit", 200017)
    if not 1 <= limit <= PAGE_MAX:
        raise PlatformError(200017)
    wanted = {int(number) for number in ids.split(",")}
    titles = [title for title in TITLES if title.category_id in wanted]
    rows = [
        {"tid": title.tid, "title": title.title, "type": title.type, "categoryId": title.category_id}
        for title in titles[start : start + limit]
    ]
    return OK | {"count": len(titles), "data": rows}


@REGISTRY.get("/wxaapi/newtmpl/getpubtemplatekeywords")
def list_keywords(call: Call) -> Mapping[str, object]:
    title = _get_title(call.query.get("tid", ""))
    rows = [
        {"kid": one.kid, "name": one.name, "example": one.example, "rule": one.rule} for one in title.keywords
    ]
    return OK | {"count": len(rows), "data": rows}


@REGISTRY.post("/wxaapi/newtmpl/addtemplate")
def add_template(call: Call) -> Mapping[str, object]:
    """Take two to five keywords of a title into the account's list."""
    title = _get_title(str(call.body.get("tid", "")))
    kids = call.body.get("kidList")
    if not isinstance(kids, list) or len(kids) not in KEYWORDS or len(set(map(str, kids))) < len(kids):
        raise PlatformError(200020)
    scene = call.body.get("sceneDesc", "")
    if not isinstance(scene, str) or len(scene) > SCENE_CHARS_MAX:
        raise PlatformError(200021)
    notice = _subscriptions(call).add(title, [read_number(kid) for kid in kids], scene)
    return OK | {"priTmplId": notice.template_id}


@REGISTRY.get("/wxaapi/newtmpl/gettemplate")
def list_templates(call: Call) -> Mapping[str, object]:
    return OK | {"data": [_row(notice) for notice in _subscriptions(call).all()]}


@REGISTRY.post("/wxaapi/newtmpl/deltemplate")
def delete_template(call: Call) -> Mapping[str, object]:
    if not call.text("priTmplId"):
        raise PlatformError(20002)
    if not _subscriptions(call).delete(call.text("priTmplId")):
        raise PlatformError(20001)
    return OK


@REGISTRY.post("/cgi-bin/message/subscribe/send", kinds=MINI_PROGRAMS, utf8_only=True)
def send_from_mini_program(call: Call) -> Mapping[str, object]:
    """Deliver one message for one credit; the outcome follows as ``subscribe_msg_sent_event``."""
    relation = call.recipient(call.text("touser"))
    notice = _get_notice(call)
    state = call.body.get("miniprogram_state") or "formal"
    language = call.body.get("lang") or "zh_CN"
    if state not in _STATES or language not in _LANGUAGES:
        raise PlatformError(40097)
    page = call.text("page")
    if page and not Pages(call.world, call.account).is_published(page):
        raise PlatformError(41030)
    values = read_values(notice, call.body.get("data"))
    msgid = _subscriptions(call).send(
        relation, notice, values, at=call.at, page=page, miniprogram_state=state, lang=language
    )
    return OK | {"msgid": msgid}


@REGISTRY.post("/cgi-bin/message/subscribe/bizsend", kinds=_SERVICE, certified_only=True, utf8_only=True)
def send_from_service_account(call: Call) -> Mapping[str, object]:
    """The same from a service account; it may lead to a page or into a mini program."""
    relation = call.recipient(call.text("touser"))
    notice = _get_notice(call)
    values = read_values(notice, call.body.get("data"))
    target = call.body.get("miniprogram")
    _subscriptions(call).send(
        relation, notice, values, at=call.at, page=call.text("page"), miniprogram=target
    )
    return OK


def _subscriptions(call: Call) -> Subscriptions:
    return Subscriptions(call.world, call.account)


def _get_notice(call: Call) -> Notice:
    notice = _subscriptions(call).find(call.text("template_id"))
    if notice is None:
        raise PlatformError(40037)
    return notice


def _get_title(tid: str) -> Title:
    title = find_title(int(tid)) if tid.isascii() and tid.isdecimal() else None
    if title is None:
        raise PlatformError(200014)
    return title


def _query_number(call: Call, name: str, code: int) -> int:
    text = call.query.get(name, "")
    if not (text.isascii() and text.isdecimal()):
        raise PlatformError(code)
    return int(text)


def _row(notice: Notice) -> dict[str, object]:
    row: dict[str, object] = {
        "priTmplId": notice.template_id,
        "title": notice.title,
        "content": notice.content,
        "example": notice.example,
        "type": notice.type,
    }
    choices = [
        {"keywordCode": slot.key, "enumValueList": list(slot.choices)}
        for slot in notice.slots
        if slot.choices
    ]
    return row | {"keywordEnumValueList": choices} if choices else row
