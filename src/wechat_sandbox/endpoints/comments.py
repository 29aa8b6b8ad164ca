"""Comments under published and mass-sent articles; ``index`` counts from 0 here."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.comments import Comment, Comments
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 50


@REGISTRY.post("/cgi-bin/comment/open", kinds=OFFICIAL, certified_only=True)
def open_comments(call: Call) -> Mapping[str, object]:
    _comments(call).switch(*_article(call), is_open=True)
    return OK


@REGISTRY.post("/cgi-bin/comment/close", kinds=OFFICIAL, certified_only=True)
def close_comments(call: Call) -> Mapping[str, object]:
    _comments(call).switch(*_article(call), is_open=False)
    return OK


@REGISTRY.post("/cgi-bin/comment/list", kinds=OFFICIAL, certified_only=True)
def list_comments(call: Call) -> Mapping[str, object]:
    """Page through comments: all (``type`` 0), not featured (1) or featured (2)."""
    begin, count, kind = call.number("begin", 0), call.number("count", PAGE_MAX - 1), call.number("type", 0)
    if begin < 0 or not 1 <= count < PAGE_MAX:
        raise PlatformError(88010)
    if kind not in (0, 1, 2):
        raise PlatformError(40035)
    found = [one for one in _comments(call).under(*_article(call)) if kind == 0 or one.elected == (kind == 2)]
    page = found[begin : begin + count]
    return OK | {"total": len(found), "comment": [one.as_item() for one in page]}


@REGISTRY.post("/cgi-bin/comment/markelect", kinds=OFFICIAL, certified_only=True)
def elect(call: Call) -> Mapping[str, object]:
    _comments(call).elect(_comment(call), elected=True)
    return OK


@REGISTRY.post("/cgi-bin/comment/unmarkelect", kinds=OFFICIAL, certified_only=True)
def unelect(call: Call) -> Mapping[str, object]:
    _comments(call).elect(_comment(call), elected=False)
    return OK


@REGISTRY.post("/cgi-bin/comment/delete", kinds=OFFICIAL, certified_only=True)
def delete_comment(call: Call) -> Mapping[str, object]:
    _comments(call).delete(_comment(call))
    return OK


@REGISTRY.post("/cgi-bin/comment/reply/add", kinds=OFFICIAL, certified_only=True, utf8_only=True)
def add_reply(call: Call) -> Mapping[str, object]:
    _comments(call).reply(_comment(call), call.text("content"), call.at)
    return OK


@REGISTRY.post("/cgi-bin/comment/reply/delete", kinds=OFFICIAL, certified_only=True)
def delete_reply(call: Call) -> Mapping[str, object]:
    _comments(call).unreply(_comment(call))
    return OK


def _comments(call: Call) -> Comments:
    return Comments(call.world, call.account)


def _article(call: Call) -> tuple[int, int]:
    return call.number("msg_data_id"), call.number("index", 0)


def _comment(call: Call) -> Comment:
    return _comments(call).get(*_article(call), call.number("user_comment_id"))
