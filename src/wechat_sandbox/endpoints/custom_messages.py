"""Customer-service messages within the windows people open."""

from collections.abc import Callable, Mapping
from typing import Any

from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.wire.errors import PlatformError

TEXT_BYTES_MAX = 2048
_MEDIA_KINDS = ("image", "voice", "video", "music", "mpnews", "mpnewsarticle", "wxcard", "miniprogrampage")


@REGISTRY.post("/cgi-bin/message/custom/send", daily_limit=500_000, utf8_only=True)
def send_custom(call: Call) -> Mapping[str, object]:
    """Deliver one message if a window with budget is open (45015, 45047)."""
    relation = call.recipient(call.text("touser"))
    kind = call.text("msgtype")
    content = _read_content(call, kind)
    if relation.refuses_messages:
        raise PlatformError(48002)
    call.world.spend_grant(relation, call.at)
    call.world.store.write_relation(relation.appid, relation.person, relation)
    call.world.deliver(relation, f"custom:{kind}", content, call.at)
    return OK


def _read_content(call: Call, kind: str) -> dict[str, Any]:
    branch = call.body.get(kind)
    if kind in _MEDIA_KINDS:
        # Nothing can have been uploaded yet, so no media id exists.
        raise PlatformError(40007)
    reader = _READERS.get(kind)
    if reader is None:
        raise PlatformError(40008)
    if not isinstance(branch, dict):
        raise PlatformError(44004)
    reader(branch)
    return branch


def _check_text(branch: dict[str, Any]) -> None:
    content = branch.get("content")
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise PlatformError(45002)


def _check_news(branch: dict[str, Any]) -> None:
    articles = branch.get("articles")
    if not isinstance(articles, list) or not articles:
        raise PlatformError(44003)
    if len(articles) > 1:
        raise PlatformError(45008)


def _check_menu(branch: dict[str, Any]) -> None:
    items = branch.get("list")
    if not isinstance(items, list) or not items:
        raise PlatformError(47001)
    if not all(isinstance(item, dict) and item.get("id") and item.get("content") for item in items):
        raise PlatformError(47001)


_READERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "text": _check_text,
    "news": _check_news,
    "msgmenu": _check_menu,
}
