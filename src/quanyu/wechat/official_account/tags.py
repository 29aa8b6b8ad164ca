"""Tags, who carries them, and the blacklist.

100 tags per account, 20 per person; tags 0, 1 and 2 belong to the platform.
Source: developers.weixin.qq.com, 用户标签管理 and 黑名单管理 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Request
from quanyu.wechat.official_account.users import FollowersAnswer, OpenIds

TAGGING_MAX: Final = 50  # Openids in one call.
BLACKLISTING_MAX: Final = 20


class NewTag(Part, frozen=True):
    name: str  # At most 30 bytes.


class CreateTagRequest(Request, frozen=True):
    tag: NewTag


class Tag(Part, frozen=True):
    id: int
    name: str = ""
    count: int = 0  # People who carry it.


class TagAnswer(Answer, frozen=True):
    tag: Tag


class TagsAnswer(Answer, frozen=True):
    tags: tuple[Tag, ...] = ()


class RenamedTag(Part, frozen=True):
    id: int
    name: str


class RenameTagRequest(Request, frozen=True):
    tag: RenamedTag


class TagId(Part, frozen=True):
    id: int


class DeleteTagRequest(Request, frozen=True):
    tag: TagId


class TaggedRequest(Request, frozen=True):
    tagid: int
    next_openid: str = ""


class TaggedAnswer(Answer, frozen=True):
    """Up to 10,000 openids; the page after the last has ``count`` 0."""

    count: int = 0
    data: OpenIds = OpenIds()
    next_openid: str = ""


class TaggingRequest(Request, frozen=True):
    openid_list: tuple[str, ...]  # At most ``TAGGING_MAX``.
    tagid: int


class TagsOfRequest(Request, frozen=True):
    openid: str


class TagsOfAnswer(Answer, frozen=True):
    tagid_list: tuple[int, ...] = ()


class BlacklistRequest(Request, frozen=True):
    begin_openid: str = ""


class BlacklistingRequest(Request, frozen=True):
    openid_list: tuple[str, ...]  # At most ``BLACKLISTING_MAX``.


CREATE: Final = Call("POST", "/cgi-bin/tags/create", CreateTagRequest, TagAnswer)
LIST: Final = Call("GET", "/cgi-bin/tags/get", Nothing, TagsAnswer, repeatable=True)
RENAME: Final = Call("POST", "/cgi-bin/tags/update", RenameTagRequest, Done, repeatable=True)
DELETE: Final = Call("POST", "/cgi-bin/tags/delete", DeleteTagRequest, Done)
TAGGED: Final = Call("POST", "/cgi-bin/user/tag/get", TaggedRequest, TaggedAnswer, repeatable=True)
TAG: Final = Call("POST", "/cgi-bin/tags/members/batchtagging", TaggingRequest, Done, repeatable=True)
UNTAG: Final = Call("POST", "/cgi-bin/tags/members/batchuntagging", TaggingRequest, Done, repeatable=True)
TAGS_OF: Final = Call("POST", "/cgi-bin/tags/getidlist", TagsOfRequest, TagsOfAnswer, repeatable=True)
BLACKLIST: Final = Call(
    "POST", "/cgi-bin/tags/members/getblacklist", BlacklistRequest, FollowersAnswer, repeatable=True
)
BLOCK: Final = Call(
    "POST", "/cgi-bin/tags/members/batchblacklist", BlacklistingRequest, Done, repeatable=True
)
UNBLOCK: Final = Call(
    "POST", "/cgi-bin/tags/members/batchunblacklist", BlacklistingRequest, Done, repeatable=True
)
