"""Mass messages: to all, to a tag, to a list; preview, state, speed and taking back."""

from collections.abc import Callable, Mapping
from typing import Any

from wechat_sandbox.accounts import OFFICIAL, AccountKind
from wechat_sandbox.endpoints.paging import read_openids
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.identities import person_of
from wechat_sandbox.state.mass import MassMessages
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.news import News, NewsKind, NewsShelf
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.tags import Tags
from wechat_sandbox.wire.errors import PlatformError

OPENIDS_MAX = 10_000
CLIENT_KEY_BYTES_MAX = 32
PICTURES_MAX = 20
# Speed level → ten thousand messages a minute.
SPEEDS = {0: 80, 1: 60, 2: 45, 3: 30, 4: 10}
_SERVICE = frozenset({AccountKind.SERVICE})
_Content = dict[str, Any]


@REGISTRY.post("/cgi-bin/message/mass/sendall", kinds=OFFICIAL, certified_only=True, utf8_only=True)
def send_all(call: Call) -> Mapping[str, object]:
    """Accept a message to all followers or to those of one tag."""
    content, news = _read_content(call)
    return _send(call, content, news, _read_filter(call))


@REGISTRY.post("/cgi-bin/message/mass/send", kinds=_SERVICE, certified_only=True, utf8_only=True)
def send_to_list(call: Call) -> Mapping[str, object]:
    """Accept a message to 2 to 10,000 openids."""
    listed = call.body.get("touser")
    if isinstance(listed, list) and len(listed) == 1:
        raise PlatformError(40130)
    people = read_openids(call, "touser", most=OPENIDS_MAX)
    content, news = _read_content(call, bad_type=45162)
    return _send(call, content, news, people)


@REGISTRY.post(
    "/cgi-bin/message/mass/preview", kinds=OFFICIAL, certified_only=True, utf8_only=True, daily_limit=100
)
def preview(call: Call) -> Mapping[str, object]:
    """Show a message to one follower, named by openid or WeChat id."""
    relation = _read_previewer(call)
    content, news = _read_content(call)
    if not relation.following:
        raise PlatformError(43004)
    shown = content | ({"articles": news.as_items(call.world)} if news else {})
    msg_id = call.world.new_id(call.at)
    call.world.deliver(relation, f"preview:{call.text('msgtype')}", shown, call.at, msgid=msg_id)
    return OK | {"msg_id": msg_id}


@REGISTRY.post("/cgi-bin/message/mass/get", kinds=OFFICIAL, certified_only=True)
def get_status(call: Call) -> Mapping[str, object]:
    message = MassMessages(call.world, call.account).get(str(call.body.get("msg_id", "")))
    return {"msg_id": message.msg_id, "msg_status": message.status}


@REGISTRY.post("/cgi-bin/message/mass/delete", kinds=OFFICIAL, certified_only=True)
def take_back(call: Call) -> Mapping[str, object]:
    messages = MassMessages(call.world, call.account)
    url = call.text("url")
    message = messages.find_by_url(url) if url else messages.get(str(call.body.get("msg_id", "")))
    messages.delete(message, call.number("article_idx", 0))
    return OK


@REGISTRY.both("/cgi-bin/message/mass/speed/get", kinds=OFFICIAL, certified_only=True)
def get_speed(call: Call) -> Mapping[str, object]:
    speed = _speed(call).find(call.account.appid, "speed") or 0
    return {"speed": speed, "realspeed": SPEEDS[speed]}


@REGISTRY.post("/cgi-bin/message/mass/speed/set", kinds=OFFICIAL, certified_only=True)
def set_speed(call: Call) -> Mapping[str, object]:
    if "speed" not in call.body:
        raise PlatformError(45084)
    speed = call.number("speed")
    if speed not in SPEEDS:
        raise PlatformError(45083)
    _speed(call).put(call.account.appid, "speed", speed)
    return OK


def _send(call: Call, content: _Content, news: News | None, people: list[Relation]) -> Mapping[str, object]:
    messages = MassMessages(call.world, call.account)
    key = call.text("clientmsgid")
    if len(key.encode()) > CLIENT_KEY_BYTES_MAX:
        raise PlatformError(45067)
    if key and (earlier := messages.find_earlier(key, call.at)) is not None:
        raise PlatformError(45065, extra={"msg_id": earlier})
    messages.take_quota(call.at)
    message, publication = messages.send(
        call.text("msgtype"), content, people, call.at, news=news, client_key=key
    )
    answer: dict[str, object] = OK | {"msg_id": message.msg_id}
    return answer | ({"msg_data_id": publication.msg_data_id} if publication else {})


def _read_filter(call: Call) -> list[Relation]:
    given = call.body.get("filter")
    if not isinstance(given, dict):
        raise PlatformError(47001)
    if given.get("is_to_all"):
        return call.world.followers(call.account)
    if "tag_id" not in given and "group_id" not in given:
        raise PlatformError(40152)
    tags, tag_id = Tags(call.world, call.account), read_number(given.get("tag_id", given.get("group_id")))
    try:
        tags.get(tag_id)
    except PlatformError as error:
        raise PlatformError(40152) from error
    return tags.members(tag_id)


def _read_previewer(call: Call) -> Relation:
    name = call.text("towxname")
    if not name:
        return call.recipient(call.text("touser"))
    person = person_of(name)
    if person is None or person >= call.world.people:
        raise PlatformError(40132)
    return call.world.get_relation(call.account, person)


def _read_content(call: Call, *, bad_type: int = 40008) -> tuple[_Content, News | None]:
    """Return what a message carries, and its articles if it is news."""
    kind = call.text("msgtype")
    if kind == "wxcard":
        raise PlatformError(45113)
    if kind == "mpnews":
        return {}, _read_news(call)
    reader = _READERS.get(kind)
    if reader is None:
        raise PlatformError(bad_type)
    return reader(call), None


def _read_news(call: Call) -> News:
    media_id = str(_branch(call, "mpnews").get("media_id", ""))
    for kind in NewsKind:
        news = NewsShelf(call.world, call.account, kind).find(media_id)
        if news is not None:
            return news
    raise PlatformError(40007)


def _read_text(call: Call) -> _Content:
    content = _branch(call, "text").get("content")
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    return {"content": content}


def _read_voice(call: Call) -> _Content:
    return _file(call, _branch(call, "voice"), MediaKind.VOICE)


def _read_film(call: Call) -> _Content:
    branch = _branch(call, "mpvideo")
    return _file(call, branch, MediaKind.VIDEO) | {
        name: branch[name] for name in ("title", "description") if name in branch
    }


def _read_pictures(call: Call) -> _Content:
    """Read ``images``; previews and older callers say ``image`` with one file."""
    if "images" not in call.body:
        return _file(call, _branch(call, "image"), MediaKind.IMAGE)
    branch = _branch(call, "images")
    ids = branch.get("media_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= PICTURES_MAX:
        raise PlatformError(40007)
    media = Media(call.world, call.account)
    files = [media.get(str(one), call.at, MediaKind.IMAGE) for one in ids]
    return branch | {"media_ids": [file.media_id for file in files]}


def _read_music(call: Call) -> _Content:
    branch = _branch(call, "music")
    if not branch.get("musicurl"):
        raise PlatformError(40035)
    return branch


def _file(call: Call, branch: _Content, kind: MediaKind) -> _Content:
    media_id = str(branch.get("media_id", ""))
    return {"media_id": Media(call.world, call.account).get(media_id, call.at, kind).media_id}


def _branch(call: Call, name: str) -> _Content:
    branch = call.body.get(name)
    if not isinstance(branch, dict):
        raise PlatformError(40007 if name != "text" else 44004)
    return branch


_READERS: dict[str, Callable[[Call], _Content]] = {
    "text": _read_text,
    "voice": _read_voice,
    "image": _read_pictures,
    "mpvideo": _read_film,
    "music": _read_music,
}


def _speed(call: Call) -> Shelf[int]:
    return Shelf(call.world.store, "mass_speed", int)
