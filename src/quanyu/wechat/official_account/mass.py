"""Mass messages: to all, to a tag, or to a list of openids; and what became of them.

A 服务号 reaches each person four times a calendar month, a 订阅号 sends once a day; 60 calls a minute.
"Accepted" is all the answer says; the outcome comes with MASSSENDJOBFINISH.
Source: developers.weixin.qq.com, 群发接口 (read 2026).
"""

from typing import Final, Literal

import msgspec

from quanyu.wechat.calls import Answer, Call, Done, Flag, Nothing, Part, Request
from quanyu.wechat.errors import PlatformRefusal

CLIENT_ID_BYTES_MAX: Final = 32
OPENIDS_MAX: Final = 10_000  # And two at least.
_USED_BEFORE: Final = 45065
_BRANCHES: Final = {
    "mpnews": "mpnews",
    "text": "text",
    "voice": "voice",
    "image": "images",
    "mpvideo": "mpvideo",
}


class MediaId(Part, frozen=True):
    media_id: str


class Text(Part, frozen=True):
    content: str


class Images(Part, frozen=True):
    media_ids: tuple[str, ...]
    recommend: str = ""
    title: str = ""
    need_open_comment: Flag = 0
    only_fans_can_comment: Flag = 0


class Video(Part, frozen=True):
    media_id: str  # From ``material.UPLOAD_MASS_VIDEO``.
    title: str = ""
    description: str = ""


class MassMessage(Request, frozen=True, kw_only=True):
    """What is sent: the one branch that ``msgtype`` names; its pictures go under ``images``."""

    msgtype: Literal["mpnews", "text", "voice", "image", "mpvideo"]
    mpnews: MediaId | None = None  # Of a draft, which leaves the draft box when it is sent.
    text: Text | None = None
    voice: MediaId | None = None
    images: Images | None = None
    mpvideo: Video | None = None

    def __post_init__(self) -> None:
        if getattr(self, _BRANCHES[self.msgtype]) is None:
            raise ValueError(f"a mass message of type {self.msgtype} needs {_BRANCHES[self.msgtype]}")


class Filter(msgspec.Struct, frozen=True):
    """All followers, or those with one tag. To all also goes into the account's history."""

    is_to_all: bool
    tag_id: int | msgspec.UnsetType = msgspec.UNSET


class ToFilter(MassMessage, frozen=True, kw_only=True):
    filter: Filter
    send_ignore_reprint: Flag = 0  # 1 sends also what is judged to be a reprint.
    clientmsgid: str = ""  # At most 32 bytes; the same one within 24 hours sends nothing again.


class ToList(MassMessage, frozen=True, kw_only=True):
    touser: tuple[str, ...]  # 2 to ``OPENIDS_MAX``; 服务号 only.
    send_ignore_reprint: Flag = 0
    clientmsgid: str = ""


class Preview(MassMessage, frozen=True, kw_only=True):
    touser: str = ""
    towxname: str = ""  # Instead: a WeChat id, 100 times a day.


class MassSent(Answer, frozen=True):
    msg_id: int
    msg_data_id: int = 0  # Of articles: what statistics and comments know them by.


class MassIdRequest(Request, frozen=True):
    msg_id: int


class DeleteRequest(Request, frozen=True):
    """Names a message, or by ``url`` an article of it. Only articles and videos can be deleted."""

    msg_id: int = 0
    article_idx: int = 0  # From 1; 0 means all.
    url: str = ""


class MassState(Answer, frozen=True):
    msg_id: int
    msg_status: str  # SEND_SUCCESS, SENDING, SEND_FAIL or DELETE.


class Speed(Answer, frozen=True):
    speed: int  # 0 to 4, the fastest first.
    realspeed: int = 0  # Ten thousands a minute.


class SpeedRequest(Request, frozen=True):
    speed: Literal[0, 1, 2, 3, 4]  # 800,000, 600,000, 450,000, 300,000, 100,000 a minute.


# Not repeatable by themselves: only a ``clientmsgid`` makes them so, and the sender decides.
SEND_TO_ALL: Final = Call("POST", "/cgi-bin/message/mass/sendall", ToFilter, MassSent)
SEND_TO_LIST: Final = Call("POST", "/cgi-bin/message/mass/send", ToList, MassSent)
PREVIEW: Final = Call("POST", "/cgi-bin/message/mass/preview", Preview, Done)
DELETE: Final = Call("POST", "/cgi-bin/message/mass/delete", DeleteRequest, Done)
STATE: Final = Call("POST", "/cgi-bin/message/mass/get", MassIdRequest, MassState, repeatable=True)
SPEED: Final = Call("POST", "/cgi-bin/message/mass/speed/get", Nothing, Speed, repeatable=True)
SET_SPEED: Final = Call("POST", "/cgi-bin/message/mass/speed/set", SpeedRequest, Done, repeatable=True)


def sent_before(error: PlatformRefusal) -> int | None:
    """Return the msg_id of the message that used this ``clientmsgid`` first, if ``error`` tells of one.

    So repeating a send whose outcome is unknown ends with the id of the one that counted.
    """
    if error.errcode != _USED_BEFORE:
        return None
    msg_id = error.fields.get("msg_id")
    return int(msg_id) if msg_id is not None else None
