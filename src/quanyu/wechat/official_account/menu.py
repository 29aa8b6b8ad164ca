"""Menus, conditional menus, and the automatic answers set in the platform's own console.

A name takes 16 bytes on the first level and 60 on the second, a key 128, a link 1,024. People see a
new menu within five minutes. Source: developers.weixin.qq.com, 自定义菜单 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Request


class Button(Part, frozen=True):
    """An entry; with ``sub_button`` it opens one to five others and has no action of its own."""

    name: str = ""
    type: str = ""  # click, view, miniprogram, scancode_waitmsg, location_select, article_id, …
    key: str = ""  # click and the like; comes back as ``EventKey``.
    url: str = ""  # view; also where a mini program cannot open.
    media_id: str = ""
    article_id: str = ""
    appid: str = ""  # miniprogram
    pagepath: str = ""  # miniprogram
    sub_button: tuple["Button", ...] = ()


class MatchRule(Part, frozen=True):
    """Who sees a conditional menu: by tag, by device, or both. Other fields are withdrawn."""

    tag_id: int | None = None
    client_platform_type: int | None = None  # 1 iOS, 2 Android, 3 other.


class CreateMenuRequest(Request, frozen=True):
    button: tuple[Button, ...]  # One to three.


class CreateConditionalRequest(Request, frozen=True):
    button: tuple[Button, ...]
    matchrule: MatchRule


class ConditionalCreated(Answer, frozen=True):
    menuid: int


class MenuIdRequest(Request, frozen=True):
    menuid: int


class TryMatchRequest(Request, frozen=True):
    user_id: str  # An openid or a WeChat id.


class ButtonsAnswer(Answer, frozen=True):
    button: tuple[Button, ...] = ()


class Menu(Part, frozen=True):
    button: tuple[Button, ...] = ()
    menuid: int = 0
    matchrule: MatchRule | None = None  # None for the default menu.


class MenusAnswer(Answer, frozen=True):
    menu: Menu
    conditionalmenu: tuple[Menu, ...] = ()


class News(Part, frozen=True):
    title: str = ""
    author: str = ""
    digest: str = ""
    show_cover: bool = False
    cover_url: str = ""
    content_url: str = ""
    source_url: str = ""


class NewsList(Part, frozen=True):
    list: tuple[News, ...] = ()


class CurrentButtons(Part, frozen=True):
    list: tuple["CurrentButton", ...] = ()


class CurrentButton(Part, frozen=True):
    """An entry as it is now; one made in the console may carry texts, pictures and news instead of a key."""

    name: str = ""
    type: str = ""
    key: str = ""
    value: str = ""
    url: str = ""
    news_info: NewsList = NewsList()
    sub_button: CurrentButtons = CurrentButtons()


class CurrentMenu(Part, frozen=True):
    button: tuple[CurrentButton, ...] = ()


class CurrentMenuAnswer(Answer, frozen=True):
    is_menu_open: bool = False
    selfmenu_info: CurrentMenu = CurrentMenu()


class AutoReply(Part, frozen=True):
    type: str = ""
    content: str = ""


class Keyword(Part, frozen=True):
    type: str = ""
    match_mode: str = ""  # contain or equal.
    content: str = ""


class KeywordReply(Part, frozen=True):
    type: str = ""
    content: str = ""
    news_info: NewsList = NewsList()


class KeywordRule(Part, frozen=True):
    rule_name: str = ""
    create_time: int = 0
    reply_mode: str = ""  # reply_all or random_one.
    keyword_list_info: tuple[Keyword, ...] = ()
    reply_list_info: tuple[KeywordReply, ...] = ()


class KeywordRules(Part, frozen=True):
    list: tuple[KeywordRule, ...] = ()


class AutoRepliesAnswer(Answer, frozen=True):
    is_add_friend_reply_open: bool = False
    is_autoreply_open: bool = False
    add_friend_autoreply_info: AutoReply = AutoReply()
    message_default_autoreply_info: AutoReply = AutoReply()
    keyword_autoreply_info: KeywordRules = KeywordRules()


CREATE: Final = Call("POST", "/cgi-bin/menu/create", CreateMenuRequest, Done, repeatable=True)
GET: Final = Call("GET", "/cgi-bin/menu/get", Nothing, MenusAnswer, repeatable=True)  # 46003 without one.
CURRENT: Final = Call(
    "GET", "/cgi-bin/get_current_selfmenu_info", Nothing, CurrentMenuAnswer, repeatable=True
)
# Removes the conditional menus too.
DELETE: Final = Call("GET", "/cgi-bin/menu/delete", Nothing, Done, repeatable=True)
CREATE_CONDITIONAL: Final = Call(
    "POST", "/cgi-bin/menu/addconditional", CreateConditionalRequest, ConditionalCreated
)
DELETE_CONDITIONAL: Final = Call("POST", "/cgi-bin/menu/delconditional", MenuIdRequest, Done)
TRY_MATCH: Final = Call("POST", "/cgi-bin/menu/trymatch", TryMatchRequest, ButtonsAnswer, repeatable=True)
AUTO_REPLIES: Final = Call(
    "GET", "/cgi-bin/get_current_autoreply_info", Nothing, AutoRepliesAnswer, repeatable=True
)
