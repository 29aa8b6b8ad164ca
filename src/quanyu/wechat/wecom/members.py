"""Members of the corp.

Apps made since June 2022 see no portrait, gender, mobile, mail, QR code or address here; members give those
themselves by ``oauth``. Source: developer.work.weixin.qq.com, 成员管理 (path 90195 and following),
获取成员ID列表 (96067); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Flag, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post

DELETING_MAX: Final = 200
CONVERTING_MAX: Final = 1000


class Text(Part, frozen=True):
    value: str


class Web(Part, frozen=True):
    url: str
    title: str


class MiniProgram(Part, frozen=True):
    appid: str
    pagepath: str
    title: str


class Attribute(Part, frozen=True, kw_only=True):
    """A field of the corp's own: ``type`` 0 a text, 1 a web page, 2 a mini program (outside only)."""

    type: int
    name: str
    text: Text | None = None
    web: Web | None = None
    miniprogram: MiniProgram | None = None


class Attributes(Part, frozen=True):
    attrs: tuple[Attribute, ...] = ()


class Channels(Part, frozen=True):
    nickname: str
    status: int = 0


class ExternalProfile(Part, frozen=True, kw_only=True):
    """What customers see."""

    external_corp_name: str = ""
    wechat_channels: Channels | None = None
    external_attr: tuple[Attribute, ...] = ()


class MemberFields(Request, frozen=True, kw_only=True):
    """What may be said of a member; what is ``None`` stays as it is."""

    userid: str  # 1 to 64 of A-Z a-z 0-9 _ - @ . and the first a letter or digit.
    name: str = ""  # 1 to 64 signs.
    alias: str | None = None
    mobile: str | None = None  # Or ``email``: one of the two.
    email: str | None = None
    biz_mail: str | None = None
    department: tuple[int, ...] | None = None  # At most 100.
    order: tuple[int, ...] | None = None  # One for each department.
    position: str | None = None  # At most 128.
    gender: Literal["1", "2"] | None = None
    telephone: str | None = None
    is_leader_in_dept: tuple[Flag, ...] | None = None
    direct_leader: tuple[str, ...] | None = None
    avatar_mediaid: str | None = None
    enable: Flag | None = None
    extattr: Attributes | None = None
    external_profile: ExternalProfile | None = None
    external_position: str | None = None  # At most 12.
    nickname: str | None = None
    address: str | None = None  # At most 128.
    main_department: int | None = None


class CreateRequest(MemberFields, frozen=True, kw_only=True):
    to_invite: bool = True


class CreatedDepartment(Part, frozen=True):
    id: int
    name: str = ""


class CreatedDepartments(Part, frozen=True):
    department_info: tuple[CreatedDepartment, ...] = ()


class Created(Answer, frozen=True):
    """``created_department_list`` has the departments that did not exist and were made on the way."""

    created_department_list: CreatedDepartments = CreatedDepartments()


class UpdateRequest(MemberFields, frozen=True, kw_only=True):
    new_userid: str = ""  # Once in a member's life, if the platform gave the present one.


class UserId(Request, frozen=True):
    userid: str


class Member(Answer, frozen=True):
    userid: str
    name: str = ""
    department: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    position: str = ""
    mobile: str = ""
    gender: str = ""  # "0" unknown, "1" male, "2" female.
    email: str = ""
    biz_mail: str = ""
    is_leader_in_dept: tuple[int, ...] = ()
    direct_leader: tuple[str, ...] = ()
    avatar: str = ""
    thumb_avatar: str = ""
    telephone: str = ""
    alias: str = ""
    address: str = ""
    open_userid: str = ""
    main_department: int = 0
    extattr: Attributes = Attributes()
    status: int = 0  # 1 active, 2 disabled, 4 not activated, 5 left.
    qr_code: str = ""
    external_position: str = ""
    external_profile: ExternalProfile = ExternalProfile()


class UserIds(Request, frozen=True):
    useridlist: tuple[str, ...]  # At most ``DELETING_MAX``.


class DepartmentRequest(Request, frozen=True):
    department_id: int
    fetch_child: Flag = 0


class BriefMember(Part, frozen=True):
    userid: str
    name: str = ""
    department: tuple[int, ...] = ()
    open_userid: str = ""


class BriefMembers(Answer, frozen=True):
    userlist: tuple[BriefMember, ...] = ()


class Members(Answer, frozen=True):
    userlist: tuple[Member, ...] = ()


class IdsRequest(Request, frozen=True):
    cursor: str = ""
    limit: int = 0  # At most 10,000.


class Placed(Part, frozen=True):
    """One member in one department."""

    userid: str
    department: int = 0


class IdsAnswer(Answer, frozen=True):
    dept_user: tuple[Placed, ...] = ()
    next_cursor: str = ""


class MobileRequest(Request, frozen=True):
    mobile: str


class EmailRequest(Request, frozen=True):
    email: str
    email_type: Literal[1, 2] = 1  # 1 of the corp, 2 personal.


class UserIdAnswer(Answer, frozen=True):
    userid: str


class OpenId(Request, frozen=True):
    openid: str


class OpenIdAnswer(Answer, frozen=True):
    openid: str


class OpenUserIds(Request, frozen=True):
    open_userid_list: tuple[str, ...]  # At most ``CONVERTING_MAX``.
    source_agentid: int


class SameMember(Part, frozen=True):
    userid: str
    open_userid: str


class SameMembers(Answer, frozen=True):
    userid_list: tuple[SameMember, ...] = ()
    invalid_open_userid_list: tuple[str, ...] = ()


CREATE: Final = post("/user/create", CreateRequest, Created)
GET: Final = get("/user/get", UserId, Member)
UPDATE: Final = post("/user/update", UpdateRequest, Done, repeatable=True)
DELETE: Final = get("/user/delete", UserId, Done, repeatable=False)
DELETE_BATCH: Final = post("/user/batchdelete", UserIds, Done)
LIST_BRIEF: Final = get("/user/simplelist", DepartmentRequest, BriefMembers)
LIST: Final = get("/user/list", DepartmentRequest, Members)
LIST_IDS: Final = ask("/user/list_id", IdsRequest, IdsAnswer)
BY_MOBILE: Final = ask("/user/getuserid", MobileRequest, UserIdAnswer)
BY_EMAIL: Final = ask("/user/get_userid_by_email", EmailRequest, UserIdAnswer)
TO_OPENID: Final = ask("/user/convert_to_openid", UserId, OpenIdAnswer)
FROM_OPENID: Final = ask("/user/convert_to_userid", OpenId, UserIdAnswer)
FROM_OPEN_USERID: Final = ask("/batch/openuserid_to_userid", OpenUserIds, SameMembers)
