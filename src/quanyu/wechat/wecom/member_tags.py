"""Tags on members and departments; not the tags on customers, which are ``corp_tags``.

Source: developer.work.weixin.qq.com, 标签管理 (path 90210 and following), read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import get, post

MEMBERS_MAX: Final = 1000
DEPARTMENTS_MAX: Final = 100


class CreateRequest(Request, frozen=True, kw_only=True):
    tagname: str  # At most 32 signs, once in the corp.
    tagid: int | None = None  # Chosen by the platform if absent.


class Created(Answer, frozen=True):
    tagid: int


class RenameRequest(Request, frozen=True):
    tagid: int
    tagname: str


class TagId(Request, frozen=True):
    tagid: int


class Tagged(Part, frozen=True):
    userid: str
    name: str = ""


class TagAnswer(Answer, frozen=True):
    tagname: str = ""
    userlist: tuple[Tagged, ...] = ()
    partylist: tuple[int, ...] = ()


class TaggingRequest(Request, frozen=True, kw_only=True):
    tagid: int
    userlist: tuple[str, ...] = ()  # At most ``MEMBERS_MAX``.
    partylist: tuple[int, ...] = ()  # At most ``DEPARTMENTS_MAX``.


class TaggingAnswer(Answer, frozen=True):
    """Those that are not valid are left out and named; the others are done."""

    invalidlist: str = ""  # User ids, parted by ``|``.
    invalidparty: tuple[int, ...] = ()


class Tag(Part, frozen=True):
    tagid: int
    tagname: str = ""


class Tags(Answer, frozen=True):
    taglist: tuple[Tag, ...] = ()


CREATE: Final = post("/tag/create", CreateRequest, Created)
RENAME: Final = post("/tag/update", RenameRequest, Done, repeatable=True)
DELETE: Final = get("/tag/delete", TagId, Done, repeatable=False)
GET: Final = get("/tag/get", TagId, TagAnswer)
TAG: Final = post("/tag/addtagusers", TaggingRequest, TaggingAnswer, repeatable=True)
UNTAG: Final = post("/tag/deltagusers", TaggingRequest, TaggingAnswer, repeatable=True)
LIST: Final = get("/tag/list", Nothing, Tags)
