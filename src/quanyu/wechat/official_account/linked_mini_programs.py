"""Mini programs linked to the account, and ordinary QR codes that open one.

Source: developers.weixin.qq.com, 小程序管理 and 扫普通链接二维码打开小程序 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Flag, Nothing, Part, Request


class JumpRulesRequest(Request, frozen=True):
    appid: str = ""
    get_type: int = 0  # 0 all, 1 by prefix, 2 page by page.
    prefix_list: tuple[str, ...] = ()  # At most 200.
    page_num: int = 0
    page_size: int = 0  # At most 200.


class JumpRule(Part, frozen=True):
    prefix: str
    path: str = ""
    state: int = 0  # 1 not published, 2 published.
    permit_sub_rule: int = 0  # 1 for itself only, 2 for all below the prefix.
    open_version: int = 0  # 1 development, 2 trial, 3 release.
    debug_url: tuple[str, ...] = ()


class JumpRulesAnswer(Answer, frozen=True):
    rule_list: tuple[JumpRule, ...] = ()
    list_size: int = 0
    qrcodejump_open: bool = False
    qrcodejump_pub_quota: int = 0  # Rules that may still be published this month.


class JumpFileAnswer(Answer, frozen=True):
    """The file that proves, laid under the prefix, that the domain is ours."""

    file_name: str
    file_content: str


class AddJumpRuleRequest(Request, frozen=True):
    prefix: str
    path: str
    is_edit: Flag  # 1 changes a rule that exists.
    permit_sub_rule: int = 0
    open_version: int = 0
    state: int = 0
    debug_url: tuple[str, ...] = ()  # At most five.
    appid: str = ""


class JumpPrefixRequest(Request, frozen=True):
    prefix: str
    appid: str = ""


class LinkedFunction(Part, frozen=True):
    id: int = 0
    name: str = ""
    status: int = 0


class LinkedMiniProgram(Part, frozen=True):
    appid: str = ""
    username: str = ""  # gh_…
    nickname: str = ""
    headimg_url: str = ""
    email: str = ""
    source: str = ""
    status: int = 0  # 1 linked, 2 waits for the mini program, 3 refused by it, 12 waits for its owner.
    selected: bool = False
    released: bool = False
    nearby_display_status: bool = False
    func_infos: tuple[LinkedFunction, ...] = ()


class LinkedMiniPrograms(Part, frozen=True):
    items: tuple[LinkedMiniProgram, ...] = ()


class LinkedAnswer(Answer, frozen=True):
    wxopens: LinkedMiniPrograms = LinkedMiniPrograms()


class LinkRequest(Request, frozen=True):
    appid: str
    notify_users: Flag
    show_profile: Flag


class UnlinkRequest(Request, frozen=True):
    appid: str


JUMP_RULES: Final = Call(
    "POST", "/cgi-bin/wxopen/qrcodejumpget", JumpRulesRequest, JumpRulesAnswer, repeatable=True
)
JUMP_FILE: Final = Call(
    "POST", "/cgi-bin/wxopen/qrcodejumpdownload", Nothing, JumpFileAnswer, repeatable=True
)
ADD_JUMP_RULE: Final = Call("POST", "/cgi-bin/wxopen/qrcodejumpadd", AddJumpRuleRequest, Done)
PUBLISH_JUMP_RULE: Final = Call("POST", "/cgi-bin/wxopen/qrcodejumppublish", JumpPrefixRequest, Done)
DELETE_JUMP_RULE: Final = Call("POST", "/cgi-bin/wxopen/qrcodejumpdelete", JumpPrefixRequest, Done)
LINKED: Final = Call("POST", "/cgi-bin/wxopen/wxamplinkget", Nothing, LinkedAnswer, repeatable=True)
LINK: Final = Call("POST", "/cgi-bin/wxopen/wxamplink", LinkRequest, Done)
UNLINK: Final = Call("POST", "/cgi-bin/wxopen/wxampunlink", UnlinkRequest, Done)
