"""Customer groups 客户群: lists, people, and the codes by which customers join.

Source: developer.work.weixin.qq.com, 客户群管理 (paths 92120, 92122, 94828) and 加入群聊管理 (92229);
read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Flag, Part, Request
from quanyu.wechat.wecom.declaring import ask, post

OWNERS_MAX: Final = 100
JOIN_GROUPS_MAX: Final = 5


class Owners(Part, frozen=True):
    userid_list: tuple[str, ...]  # At most ``OWNERS_MAX``.


class ListRequest(Request, frozen=True, kw_only=True):
    limit: int  # 1 to 1,000.
    status_filter: int = 0  # 0 all, 1 owner resigned, 2 handing over, 3 handed over.
    owner_filter: Owners | None = None  # Needed where more than 1,000 members are in scope.
    cursor: str = ""


class ListedGroup(Part, frozen=True):
    chat_id: str
    status: int = 0  # 0 normal; else as ``status_filter``.


class Groups(Answer, frozen=True):
    group_chat_list: tuple[ListedGroup, ...] = ()
    next_cursor: str = ""


class GroupRequest(Request, frozen=True):
    chat_id: str
    need_name: Flag = 0


class Inviter(Part, frozen=True):
    userid: str


class GroupMember(Part, frozen=True, kw_only=True):
    userid: str  # A member's, or an external user id.
    type: int = 1  # 1 a member, 2 somebody outside.
    unionid: str = ""
    join_time: int = 0  # Unix seconds.
    join_scene: int = 0  # 1 invited, 2 by an invitation link, 3 by the group's code.
    invitor: Inviter | None = None
    group_nickname: str = ""
    name: str = ""  # With ``need_name``.
    state: str = ""  # Of the join way.


class Admin(Part, frozen=True):
    userid: str


class Group(Part, frozen=True, kw_only=True):
    chat_id: str
    name: str = ""
    owner: str = ""
    create_time: int = 0
    notice: str = ""
    member_list: tuple[GroupMember, ...] = ()
    admin_list: tuple[Admin, ...] = ()
    member_version: str = ""


class GroupAnswer(Answer, frozen=True):
    group_chat: Group


class OpenGid(Request, frozen=True):
    opengid: str  # As a mini program in the group decrypts it.


class ChatIdAnswer(Answer, frozen=True):
    chat_id: str


class AddJoinWayRequest(Request, frozen=True, kw_only=True):
    scene: Literal[1, 2]  # 1 a button in a mini program, 2 a QR code.
    chat_id_list: tuple[str, ...]  # At most ``JOIN_GROUPS_MAX``.
    remark: str = ""  # 30 signs are kept.
    auto_create_room: Flag = 1  # When all are full.
    room_base_name: str = ""  # At most 40 signs.
    room_base_id: int = 0  # The number the next new group has in its name.
    state: str = ""  # At most 30 signs; comes back with who joined.
    mark_source: bool | None = None


class JoinWayAdded(Answer, frozen=True):
    config_id: str


class ConfigId(Request, frozen=True):
    config_id: str


class JoinWay(Part, frozen=True, kw_only=True):
    config_id: str
    scene: int = 2
    remark: str = ""
    auto_create_room: int = 1
    room_base_name: str = ""
    room_base_id: int = 0
    chat_id_list: tuple[str, ...] = ()
    qr_code: str = ""
    state: str = ""
    mark_source: bool = True


class JoinWayAnswer(Answer, frozen=True):
    join_way: JoinWay


class UpdateJoinWayRequest(AddJoinWayRequest, frozen=True, kw_only=True):
    """Everything is overwritten."""

    config_id: str


LIST: Final = ask("/externalcontact/groupchat/list", ListRequest, Groups)
GET: Final = ask("/externalcontact/groupchat/get", GroupRequest, GroupAnswer)
BY_OPEN_GID: Final = ask("/externalcontact/opengid_to_chatid", OpenGid, ChatIdAnswer)
# Not repeatable: each one made counts in the quota of contact ways.
ADD_JOIN_WAY: Final = post("/externalcontact/groupchat/add_join_way", AddJoinWayRequest, JoinWayAdded)
GET_JOIN_WAY: Final = ask("/externalcontact/groupchat/get_join_way", ConfigId, JoinWayAnswer)
UPDATE_JOIN_WAY: Final = post(
    "/externalcontact/groupchat/update_join_way", UpdateJoinWayRequest, Done, repeatable=True
)
DELETE_JOIN_WAY: Final = post("/externalcontact/groupchat/del_join_way", ConfigId, Done)
