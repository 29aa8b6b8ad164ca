"""Passive replies: what an account may answer a callback with, and what comes of it."""

from collections.abc import Callable
from typing import Any

from wechat_sandbox.accounts import Account, AccountKind
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.kf_sessions import Sessions
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.wecom.corp import Addressee
from wechat_sandbox.storage import Line
from wechat_sandbox.wire.envelope import BadReply
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.world import Callback, World

TEXT_BYTES_MAX = 2048
ARTICLES_MAX = 8
# Messages and clicks are answered with one article; events like a follow may bring eight.
_ONE_ARTICLE = frozenset({"CLICK"})


def take_reply(world: World, callback: Callback, reply: dict[str, Any], at: float) -> str:
    """Show a reply to the person, or pass them on to the staff; return its type.

    Raises:
        BadReply: something is missing, too long, or names a file that does not exist.
    """
    kind, relation, account = str(reply["MsgType"]), callback.relation, callback.account
    if relation is None or isinstance(account, Addressee):
        return f"ignored: {kind}"
    if kind == "transfer_customer_service":
        if account.kind is not AccountKind.MINI_PROGRAM:
            _transfer(world, account, relation, reply, at)
        world.write(relation, "note", "transfer", at, {"text": "transfer_customer_service"})
        return kind
    check = _CHECKS.get(kind)
    if check is not None:
        check(Media(world, account), callback, reply, at)
    world.deliver(relation, f"passive:{kind}", reply, at)
    return kind


def take_corp_reply(world: World, callback: Callback, reply: dict[str, Any], at: float) -> str:
    """Show an app's reply to the member who wrote or tapped; return its type.

    Raises:
        BadReply: it is addressed to somebody else.
    """
    kind = str(reply["MsgType"])
    if reply.get("ToUserName") != callback.openid:
        raise BadReply("the reply is addressed to another member")
    line = Line(
        appid=callback.account.appid,
        person=-1,
        openid=callback.openid,
        direction="to_staff",
        kind=f"passive:{kind}",
        at=at,
        body=reply,
    )
    world.store.append_line(line)
    return kind


def _transfer(world: World, account: Account, relation: Relation, reply: dict[str, Any], at: float) -> None:
    info = reply.get("TransInfo")
    name = str(info.get("KfAccount", "")) if isinstance(info, dict) else ""
    Sessions(world, account).transfer(relation, name, at)


Check = Callable[[Media, Callback, dict[str, Any], float], None]


def _check_text(media: Media, callback: Callback, reply: dict[str, Any], at: float) -> None:
    content = reply.get("Content")
    if not isinstance(content, str) or not content:
        raise BadReply("the reply has no Content")
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise BadReply("Content has more than 2048 bytes")


def _file_check(branch: str, *kinds: MediaKind) -> Check:
    def check(media: Media, callback: Callback, reply: dict[str, Any], at: float) -> None:
        inside = reply.get(branch)
        name = "ThumbMediaId" if branch == "Music" else "MediaId"
        media_id = inside.get(name) if isinstance(inside, dict) else None
        if not isinstance(media_id, str):
            raise BadReply(f"the reply has no {branch} with {name}")
        try:
            media.get(media_id, at, *kinds)
        except PlatformError as error:
            raise BadReply(f"{name} names no file") from error

    return check


def _check_news(media: Media, callback: Callback, reply: dict[str, Any], at: float) -> None:
    articles = reply.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else None
    listed = items if isinstance(items, list) else [items]
    if not all(isinstance(item, dict) and item.get("Title") for item in listed):
        raise BadReply("the reply has no Articles with titles")
    if str(reply.get("ArticleCount")) != str(len(listed)):
        raise BadReply("ArticleCount is not the number of articles")
    is_single = callback.event.startswith("message:") or callback.event in _ONE_ARTICLE
    if len(listed) > (1 if is_single else ARTICLES_MAX):
        raise BadReply("too many articles")


_CHECKS: dict[str, Check] = {
    "text": _check_text,
    "image": _file_check("Image", MediaKind.IMAGE),
    "voice": _file_check("Voice", MediaKind.VOICE),
    "video": _file_check("Video", MediaKind.VIDEO),
    "music": _file_check("Music", MediaKind.THUMB, MediaKind.IMAGE),
    "news": _check_news,
}
