"""Customers 外部联系人: who has them, who they are, what members note of them.

A customer who deleted the member still counts and can be read; one whom the member deleted cannot.
Source: developer.work.weixin.qq.com, 客户管理 (paths 92571, 92113, 92114, 92994, 92115, 99434); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post
from quanyu.wechat.wecom.members import ExternalProfile

MEMBERS_MAX: Final = 100  # Of one batch.


class FollowUsers(Answer, frozen=True):
    follow_user: tuple[str, ...] = ()


class OfMember(Request, frozen=True):
    userid: str


class CustomerIds(Answer, frozen=True):
    external_userid: tuple[str, ...] = ()


class CustomerRequest(Request, frozen=True):
    external_userid: str
    cursor: str = ""


class ExternalContact(Part, frozen=True, kw_only=True):
    external_userid: str
    name: str = ""
    avatar: str = ""
    type: int = 1  # 1 of WeChat, 2 of WeCom.
    gender: int = 0  # 0 unknown, 1 male, 2 female.
    unionid: str = ""  # Of WeChat users, if the corp is bound to an open platform account.
    position: str = ""  # This and the next ones: of WeCom users.
    corp_name: str = ""
    corp_full_name: str = ""
    external_profile: ExternalProfile = ExternalProfile()


class FollowerTag(Part, frozen=True, kw_only=True):
    group_name: str = ""
    tag_name: str = ""
    type: int = 1  # 1 of the corp, 2 of the member alone, 3 of a strategy.
    tag_id: str = ""  # Members' own tags have none.


class FromChannels(Part, frozen=True):
    nickname: str = ""
    source: int = 0


class Follower(Part, frozen=True, kw_only=True):
    """What one member says of a customer."""

    userid: str
    remark: str = ""
    description: str = ""
    createtime: int = 0  # Unix seconds.
    tags: tuple[FollowerTag, ...] = ()
    remark_corp_name: str = ""
    remark_mobiles: tuple[str, ...] = ()
    oper_userid: str = ""  # Who brought them together.
    add_way: int = 0  # 1 QR code, 16 acquisition link, 202 assigned …; see the documentation.
    state: str = ""  # Of the contact way or the acquisition link.
    wechat_channels: FromChannels | None = None


class CustomerAnswer(Answer, frozen=True):
    external_contact: ExternalContact
    follow_user: tuple[Follower, ...] = ()
    next_cursor: str = ""  # Only with more than 500 followers.


class BatchRequest(Request, frozen=True, kw_only=True):
    userid_list: tuple[str, ...]  # At most ``MEMBERS_MAX``.
    cursor: str = ""
    limit: int = 0  # At most 100; 50 if 0.


class FollowInfo(Part, frozen=True, kw_only=True):
    """As ``Follower``, but tags by their ids alone."""

    userid: str
    remark: str = ""
    description: str = ""
    createtime: int = 0
    tag_id: tuple[str, ...] = ()
    remark_corp_name: str = ""
    remark_mobiles: tuple[str, ...] = ()
    oper_userid: str = ""
    add_way: int = 0
    state: str = ""
    wechat_channels: FromChannels | None = None


class Followed(Part, frozen=True):
    external_contact: ExternalContact
    follow_info: FollowInfo


class BatchFailure(Part, frozen=True):
    unlicensed_userid_list: tuple[str, ...] = ()


class BatchAnswer(Answer, frozen=True):
    external_contact_list: tuple[Followed, ...] = ()
    next_cursor: str = ""
    fail_info: BatchFailure = BatchFailure()


class RemarkRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is; one at least is given. ``remark_mobiles=("",)`` clears them."""

    userid: str
    external_userid: str
    remark: str | None = None  # At most 20 signs.
    description: str | None = None  # At most 150 signs.
    remark_company: str | None = None  # At most 20 signs; of WeChat users only.
    remark_mobiles: tuple[str, ...] | None = None
    remark_pic_mediaid: str | None = None


class ServedRequest(Request, frozen=True):
    cursor: str = ""  # Good for 4 hours.
    limit: int = 0  # At most 1,000.


class Served(Part, frozen=True, kw_only=True):
    """Somebody served, customer or not; who is none has ``tmp_openid`` alone."""

    is_customer: bool = False
    tmp_openid: str = ""
    external_userid: str = ""
    name: str = ""  # Masked.
    follow_userid: str = ""
    chat_id: str = ""
    chat_name: str = ""
    add_time: int = 0


class ServedAnswer(Answer, frozen=True):
    info_list: tuple[Served, ...] = ()
    next_cursor: str = ""


FOLLOW_USERS: Final = get("/externalcontact/get_follow_user_list", Nothing, FollowUsers)
LIST: Final = get("/externalcontact/list", OfMember, CustomerIds)
GET: Final = get("/externalcontact/get", CustomerRequest, CustomerAnswer)
BATCH: Final = ask("/externalcontact/batch/get_by_user", BatchRequest, BatchAnswer)
REMARK: Final = post("/externalcontact/remark", RemarkRequest, Done, repeatable=True)
SERVED: Final = ask("/externalcontact/contact_list", ServedRequest, ServedAnswer)
