"""Followers, their user info, remarks, and openids that moved with an account.

Source: developers.weixin.qq.com, 用户管理 (read 2026). 0 and 1 stand for booleans.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Part, Request

INFO_BATCH_MAX: Final = 100


class OpenId(Request, frozen=True):
    openid: str
    lang: str = ""  # zh_CN, zh_TW or en.


class UserInfo(Answer, frozen=True):
    """A person as one account knows them. Who does not follow comes with ``subscribe`` false and little else.

    ``nickname``, ``sex``, city and avatar have been empty since 2021-12-27 and are left out.
    """

    openid: str
    subscribe: bool = False
    subscribe_time: int = 0  # Unix seconds of the last time they followed.
    unionid: str = ""
    language: str = ""
    remark: str = ""
    groupid: int = 0
    tagid_list: tuple[int, ...] = ()
    subscribe_scene: str = ""  # ADD_SCENE_QR_CODE and others.
    qr_scene: int = 0
    qr_scene_str: str = ""


class UserInfoBatch(Request, frozen=True):
    user_list: tuple[OpenId, ...]  # At most ``INFO_BATCH_MAX``.


class UserInfoBatchAnswer(Answer, frozen=True):
    user_info_list: tuple[UserInfo, ...] = ()


class FollowersRequest(Request, frozen=True):
    next_openid: str = ""


class OpenIds(Part, frozen=True):
    openid: tuple[str, ...] = ()


class FollowersAnswer(Answer, frozen=True):
    """Up to 10,000 openids; the page after the last has ``count`` 0 and no ``data``."""

    total: int
    count: int
    data: OpenIds = OpenIds()
    next_openid: str = ""


class RemarkRequest(Request, frozen=True):
    openid: str
    remark: str  # Less than 30 signs; empty removes it.


class MigrateRequest(Request, frozen=True):
    from_appid: str
    openid_list: tuple[str, ...]  # At most 100, of the old account.


class Migrated(Part, frozen=True):
    ori_openid: str
    new_openid: str = ""
    err_msg: str = ""  # "ok", or why there is no new one.


class MigrateAnswer(Answer, frozen=True):
    result_list: tuple[Migrated, ...] = ()


INFO: Final = Call("GET", "/cgi-bin/user/info", OpenId, UserInfo, repeatable=True)
INFO_BATCH: Final = Call(
    "POST", "/cgi-bin/user/info/batchget", UserInfoBatch, UserInfoBatchAnswer, repeatable=True
)
FOLLOWERS: Final = Call("GET", "/cgi-bin/user/get", FollowersRequest, FollowersAnswer, repeatable=True)
SET_REMARK: Final = Call("POST", "/cgi-bin/user/info/updateremark", RemarkRequest, Done, repeatable=True)
# With the new account's token.
MIGRATE: Final = Call("POST", "/cgi-bin/changeopenid", MigrateRequest, MigrateAnswer, repeatable=True)
