"""The corp's tags on customers, those of rule groups, and giving them to customers.

10,000 tags in a corp. An app may change only tags it made. ``order`` lies in [0, 2^32), bigger comes first.
Source: developer.work.weixin.qq.com, 管理企业标签 (path 92117), 编辑客户企业标签 (92118),
管理企业规则组下的客户标签 (94882); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.declaring import ask, post


class ListRequest(Request, frozen=True):
    """Everything if both are empty; ``group_id`` wins. Deleted ones are told only to who names them."""

    tag_id: tuple[str, ...] = ()
    group_id: tuple[str, ...] = ()


class Tag(Part, frozen=True, kw_only=True):
    id: str
    name: str = ""
    create_time: int = 0  # Unix seconds.
    order: int = 0
    deleted: bool = False


class TagGroup(Part, frozen=True, kw_only=True):
    group_id: str
    group_name: str = ""
    create_time: int = 0
    order: int = 0
    deleted: bool = False
    tag: tuple[Tag, ...] = ()
    strategy_id: int = 0  # Only of rule groups.


class TagGroups(Answer, frozen=True):
    tag_group: tuple[TagGroup, ...] = ()


class NewTag(Part, frozen=True):
    name: str  # At most 30 signs; one that exists comes back as it is.
    order: int = 0


class AddRequest(Request, frozen=True, kw_only=True):
    """Tags of an existing group, by ``group_id`` or its name, or of a new one."""

    tag: tuple[NewTag, ...]
    group_id: str = ""
    group_name: str = ""  # At most 30 signs.
    order: int | None = None  # Of a new group.
    agentid: int | None = None


class TagGroupAnswer(Answer, frozen=True):
    tag_group: TagGroup


class EditRequest(Request, frozen=True, kw_only=True):
    """Of a tag or a group; what is ``None`` stays as it is."""

    id: str
    name: str | None = None
    order: int | None = None
    agentid: int | None = None


class DeleteRequest(Request, frozen=True, kw_only=True):
    """One of both at least; with its last tag a group goes too."""

    tag_id: tuple[str, ...] = ()
    group_id: tuple[str, ...] = ()
    agentid: int | None = None


class StrategyListRequest(Request, frozen=True, kw_only=True):
    strategy_id: int = 0
    tag_id: tuple[str, ...] = ()
    group_id: tuple[str, ...] = ()


class StrategyAddRequest(Request, frozen=True, kw_only=True):
    strategy_id: int
    tag: tuple[NewTag, ...]
    group_id: str = ""
    group_name: str = ""
    order: int | None = None


class StrategyEditRequest(Request, frozen=True, kw_only=True):
    id: str
    name: str | None = None
    order: int | None = None


class StrategyDeleteRequest(Request, frozen=True, kw_only=True):
    tag_id: tuple[str, ...] = ()
    group_id: tuple[str, ...] = ()


class MarkRequest(Request, frozen=True, kw_only=True):
    """One of both lists at least. One customer after the other: two at once are refused with 45035."""

    userid: str
    external_userid: str
    add_tag: tuple[str, ...] = ()
    remove_tag: tuple[str, ...] = ()


LIST: Final = ask("/externalcontact/get_corp_tag_list", ListRequest, TagGroups)
# Repeatable: a name that exists gives the tag that is there.
ADD: Final = post("/externalcontact/add_corp_tag", AddRequest, TagGroupAnswer, repeatable=True)
EDIT: Final = post("/externalcontact/edit_corp_tag", EditRequest, Done, repeatable=True)
DELETE: Final = post("/externalcontact/del_corp_tag", DeleteRequest, Done)
STRATEGY_LIST: Final = ask("/externalcontact/get_strategy_tag_list", StrategyListRequest, TagGroups)
STRATEGY_ADD: Final = post(
    "/externalcontact/add_strategy_tag", StrategyAddRequest, TagGroupAnswer, repeatable=True
)
STRATEGY_EDIT: Final = post("/externalcontact/edit_strategy_tag", StrategyEditRequest, Done, repeatable=True)
STRATEGY_DELETE: Final = post("/externalcontact/del_strategy_tag", StrategyDeleteRequest, Done)
MARK: Final = post("/externalcontact/mark_tag", MarkRequest, Done, repeatable=True)
