"""Who asks for service, and offering them a member or a group instead.

Source: developer.work.weixin.qq.com, 「升级服务」配置 (path 94674), 获取客户基础信息 (95159); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Flag, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post
from quanyu.wechat.wecom.kf.messages import ChannelsVisit

CUSTOMERS_MAX: Final = 100


class InfoRequest(Request, frozen=True):
    external_userid_list: tuple[str, ...]  # At most ``CUSTOMERS_MAX``, in contact within 48 hours.
    need_enter_session_context: Flag = 0


class EnterContext(Part, frozen=True, kw_only=True):
    scene: str = ""
    scene_param: str = ""
    wechat_channels: ChannelsVisit | None = None


class KfCustomer(Part, frozen=True, kw_only=True):
    external_userid: str
    nickname: str = ""
    avatar: str = ""
    gender: int = 0
    unionid: str = ""
    enter_session_context: EnterContext | None = None


class InfoAnswer(Answer, frozen=True):
    customer_list: tuple[KfCustomer, ...] = ()
    invalid_external_userid: tuple[str, ...] = ()


class MemberRange(Part, frozen=True):
    userid_list: tuple[str, ...] = ()
    department_id_list: tuple[int, ...] = ()


class GroupRange(Part, frozen=True):
    chat_id_list: tuple[str, ...] = ()


class UpgradeConfig(Answer, frozen=True):
    member_range: MemberRange = MemberRange()
    groupchat_range: GroupRange = GroupRange()


class OfferedMember(Part, frozen=True):
    userid: str
    wording: str = ""


class OfferedGroup(Part, frozen=True):
    chat_id: str
    wording: str = ""


class UpgradeRequest(Request, frozen=True, kw_only=True):
    """Offer a member (``type`` 1) or a group (2)."""

    open_kfid: str
    external_userid: str
    type: Literal[1, 2]
    member: OfferedMember | None = None
    groupchat: OfferedGroup | None = None


class CancelRequest(Request, frozen=True):
    open_kfid: str
    external_userid: str


INFO: Final = ask("/kf/customer/batchget", InfoRequest, InfoAnswer)
UPGRADE_CONFIG: Final = get("/kf/customer/get_upgrade_service_config", Nothing, UpgradeConfig)
UPGRADE: Final = post("/kf/customer/upgrade_service", UpgradeRequest, Done, repeatable=True)
CANCEL_UPGRADE: Final = post("/kf/customer/cancel_upgrade_service", CancelRequest, Done, repeatable=True)
