"""The app itself: settings, its menu, and what members see of it in their workbench.

Source: developer.work.weixin.qq.com, 应用管理 (path 90227 and following), 自定义菜单 (90231),
工作台自定义展示 (92535); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Flag, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post


class AgentId(Request, frozen=True):
    agentid: int


class AllowedUser(Part, frozen=True):
    userid: str


class AllowedUsers(Part, frozen=True):
    user: tuple[AllowedUser, ...] = ()


class AllowedDepartments(Part, frozen=True):
    partyid: tuple[int, ...] = ()


class AllowedTags(Part, frozen=True):
    tagid: tuple[int, ...] = ()


class Agent(Answer, frozen=True):
    agentid: int
    name: str = ""
    square_logo_url: str = ""
    description: str = ""
    allow_userinfos: AllowedUsers = AllowedUsers()
    allow_partys: AllowedDepartments = AllowedDepartments()
    allow_tags: AllowedTags = AllowedTags()
    close: int = 0  # 1: the app is disabled.
    redirect_domain: str = ""
    report_location_flag: int = 0
    isreportenter: int = 0
    home_url: str = ""
    customized_publish_status: int = 0


class ListedAgent(Part, frozen=True):
    agentid: int
    name: str = ""
    square_logo_url: str = ""


class Agents(Answer, frozen=True):
    """Only the app that owns the token."""

    agentlist: tuple[ListedAgent, ...] = ()


class SettingsRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    agentid: int
    report_location_flag: Flag | None = None
    logo_mediaid: str | None = None
    name: str | None = None
    description: str | None = None
    redirect_domain: str | None = None
    isreportenter: Flag | None = None
    home_url: str | None = None


class Button(Part, frozen=True, kw_only=True):
    """A button with an action, or one that opens up to five others. At most three on top."""

    name: str
    type: str = ""  # click, view, view_miniprogram, scancode_push, scancode_waitmsg, pic_*, location_select.
    key: str = ""
    url: str = ""
    pagepath: str = ""
    appid: str = ""
    sub_button: tuple["Button", ...] = ()


class CreateMenuRequest(Request, frozen=True, kw_only=True):
    agentid: int
    button: tuple[Button, ...]


class Menu(Answer, frozen=True):
    button: tuple[Button, ...] = ()


class KeyFigure(Part, frozen=True, kw_only=True):
    data: str
    key: str = ""
    jump_url: str = ""
    pagepath: str = ""


class KeyFigures(Part, frozen=True):
    items: tuple[KeyFigure, ...]  # At most four.


class WorkbenchImage(Part, frozen=True, kw_only=True):
    url: str
    jump_url: str = ""
    pagepath: str = ""


class WorkbenchLine(Part, frozen=True, kw_only=True):
    title: str  # At most 128 bytes.
    jump_url: str = ""
    pagepath: str = ""


class WorkbenchLines(Part, frozen=True):
    items: tuple[WorkbenchLine, ...]  # At most three.


class WorkbenchPage(Part, frozen=True, kw_only=True):
    url: str
    jump_url: str = ""
    pagepath: str = ""
    height: str = ""  # single_row or double_row.
    hide_title: bool = False
    enable_webview_click: bool = False


class WorkbenchContent(Request, frozen=True, kw_only=True):
    """What is shown: the field named like ``type``; ``normal`` shows the plain icon."""

    agentid: int
    type: Literal["keydata", "image", "list", "webview", "normal"]
    keydata: KeyFigures | None = None
    image: WorkbenchImage | None = None
    list: WorkbenchLines | None = None
    webview: WorkbenchPage | None = None


class WorkbenchTemplate(WorkbenchContent, frozen=True, kw_only=True):
    replace_user_data: bool = False  # Also where a member's own content was set.


class WorkbenchTemplateAnswer(Answer, frozen=True):
    type: str = "normal"
    keydata: KeyFigures | None = None
    image: WorkbenchImage | None = None
    list: WorkbenchLines | None = None
    webview: WorkbenchPage | None = None


class WorkbenchData(WorkbenchContent, frozen=True, kw_only=True):
    userid: str  # For this member; 10 a minute and member.


GET: Final = get("/agent/get", AgentId, Agent)
LIST: Final = get("/agent/list", Nothing, Agents)
SET: Final = post("/agent/set", SettingsRequest, Done, repeatable=True)
CREATE_MENU: Final = post("/menu/create", CreateMenuRequest, Done, repeatable=True, query=("agentid",))
GET_MENU: Final = get("/menu/get", AgentId, Menu)
DELETE_MENU: Final = get("/menu/delete", AgentId, Done)
SET_WORKBENCH: Final = post("/agent/set_workbench_template", WorkbenchTemplate, Done, repeatable=True)
GET_WORKBENCH: Final = ask("/agent/get_workbench_template", AgentId, WorkbenchTemplateAnswer)
SET_WORKBENCH_DATA: Final = post("/agent/set_workbench_data", WorkbenchData, Done, repeatable=True)
