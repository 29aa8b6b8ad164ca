"""Customer-service accounts, the links that lead to them, and who serves.

Source: developer.work.weixin.qq.com, 客服账号管理 (paths 94662 to 94665) and 接待人员管理 (94646 and
following); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post

SERVICERS_MAX: Final = 100
DEPARTMENTS_MAX: Final = 20


class AddRequest(Request, frozen=True):
    name: str  # At most 16 signs.
    media_id: str  # The portrait.


class AccountId(Request, frozen=True):
    open_kfid: str


class Added(Answer, frozen=True):
    open_kfid: str


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    open_kfid: str
    name: str | None = None
    media_id: str | None = None


class ListRequest(Request, frozen=True):
    offset: int = 0
    limit: int = 0  # At most 100.


class Account(Part, frozen=True):
    open_kfid: str
    name: str = ""
    avatar: str = ""
    manage_privilege: bool = False  # Whether this app may manage its sessions.


class Accounts(Answer, frozen=True):
    account_list: tuple[Account, ...] = ()


class LinkRequest(Request, frozen=True):
    open_kfid: str
    scene: str = ""  # At most 32 bytes of 0-9 a-z A-Z _ -; comes back with ``enter_session``.


class LinkAnswer(Answer, frozen=True):
    url: str  # ``&scene_param=`` may be added: at most 128 bytes, URL-encoded.


class ServicersRequest(Request, frozen=True, kw_only=True):
    open_kfid: str
    userid_list: tuple[str, ...] = ()  # At most ``SERVICERS_MAX``.
    department_id_list: tuple[int, ...] = ()  # At most ``DEPARTMENTS_MAX``.


class ServicerResult(Part, frozen=True, kw_only=True):
    userid: str = ""
    department_id: int = 0
    errcode: int = 0
    errmsg: str = ""  # success, or ignored for who was one before.


class ServicerResults(Answer, frozen=True):
    result_list: tuple[ServicerResult, ...] = ()


class Servicer(Part, frozen=True, kw_only=True):
    userid: str = ""
    department_id: int = 0
    status: int = 0  # 0 receives, 1 has stopped.
    stop_type: int = 0


class Servicers(Answer, frozen=True):
    servicer_list: tuple[Servicer, ...] = ()


class Qualification(Answer, frozen=True):
    wechat_channels_binding: bool = False


ADD: Final = post("/kf/account/add", AddRequest, Added)
DELETE: Final = post("/kf/account/del", AccountId, Done)
UPDATE: Final = post("/kf/account/update", UpdateRequest, Done, repeatable=True)
LIST: Final = ask("/kf/account/list", ListRequest, Accounts)
LINK: Final = post("/kf/add_contact_way", LinkRequest, LinkAnswer, repeatable=True)
ADD_SERVICERS: Final = post("/kf/servicer/add", ServicersRequest, ServicerResults, repeatable=True)
DELETE_SERVICERS: Final = post("/kf/servicer/del", ServicersRequest, ServicerResults, repeatable=True)
SERVICERS: Final = get("/kf/servicer/list", AccountId, Servicers)
QUALIFICATION: Final = get("/kf/get_corp_qualification", Nothing, Qualification)
