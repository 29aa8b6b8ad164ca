"""What every callback of WeCom carries, and what tells two of them apart.

The platform delivers up to three times, in any order, and to several apps of a corp. Its own advice for
telling repeats, sender and second, would make one of two customers added in the same second: our key of an
event names everything the event is about.
Source: developer.work.weixin.qq.com, 回调配置 (path 90930), 接收消息与事件 (90238); read 2026.
"""

import hashlib
from typing import Any, ClassVar

import msgspec

_SHOWN_MAX = 64  # Signs of a value that stands in a key as it is.


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """What every callback carries."""

    ToUserName: str  # The corp id.
    CreateTime: int  # Unix seconds.
    MsgType: str
    FromUserName: str = ""  # The member; ``sys`` in events of the platform; none in those of kf.
    AgentID: str = ""  # The app, in what members do there.

    @property
    def delivery_key(self) -> str:
        """What stays the same when the platform delivers again, and differs otherwise, in one corp."""
        raise NotImplementedError


class Event(Callback, frozen=True, kw_only=True):
    """Something that happened."""

    # The fields that, with event and second, tell one from another.
    identity: ClassVar[tuple[str, ...]] = ()

    Event: str
    ChangeType: str = ""
    SuiteId: str = ""  # The suite, of apps a provider has installed.

    @property
    def delivery_key(self) -> str:
        about = (_shown(getattr(self, name)) for name in self.identity)
        return ":".join((self.Event, self.ChangeType, str(self.CreateTime), *about))


class OtherEvent(Event, frozen=True, kw_only=True):
    """An event we have no words for; ``fields`` holds all of it, and a repeat carries the same."""

    identity: ClassVar[tuple[str, ...]] = ("FromUserName", "AgentID", "fields")

    fields: dict[str, Any] = {}


class Message(Callback, frozen=True, kw_only=True):
    """Something a member sent to an app."""

    MsgId: str = ""

    @property
    def delivery_key(self) -> str:
        known = self.MsgId or digest(msgspec.to_builtins(self))
        return f"message:{self.AgentID}:{self.FromUserName}:{known}"


class OtherMessage(Message, frozen=True, kw_only=True):
    """A message of a type we have no words for; ``fields`` holds all of it."""

    fields: dict[str, Any] = {}


def digest(value: Any) -> str:
    """Return a short digest of anything; the order of members does not count."""
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=8).hexdigest()


def _shown(value: Any) -> str:
    if value is None:
        return ""
    is_plain = isinstance(value, str | int) and len(str(value)) <= _SHOWN_MAX and ":" not in str(value)
    return str(value) if is_plain else digest(value)
