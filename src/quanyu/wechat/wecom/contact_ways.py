"""Contact ways 联系我: codes and buttons by which somebody adds a member.

500,000 made by API in a corp, group join ways included; 100 members each. A temporary one works once and is
for medical corps. Source: developer.work.weixin.qq.com, 客户联系「联系我」管理 (path 92228), read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.declaring import ask, post

MEMBERS_MAX: Final = 100
SINGLE: Final = 1  # ``type``: one member.
SEVERAL: Final = 2  # ``type``: several members or departments; the platform chooses.
MINI_PROGRAM: Final = 1  # ``scene``.
QR_CODE: Final = 2  # ``scene``.


class EndText(Part, frozen=True):
    content: str  # At most 4,000 bytes.


class EndImage(Part, frozen=True, kw_only=True):
    media_id: str = ""
    pic_url: str = ""  # How the platform shows it.


class EndLink(Part, frozen=True, kw_only=True):
    title: str  # At most 128 bytes.
    url: str
    picurl: str = ""
    desc: str = ""  # At most 512 bytes.


class EndMiniProgram(Part, frozen=True, kw_only=True):
    title: str  # At most 64 bytes.
    appid: str
    page: str
    pic_media_id: str = ""


class Conclusions(Part, frozen=True, kw_only=True):
    """What is said when a temporary conversation ends: a text, and one of the others."""

    text: EndText | None = None
    image: EndImage | None = None
    link: EndLink | None = None
    miniprogram: EndMiniProgram | None = None


class AddRequest(Request, frozen=True, kw_only=True):
    type: Literal[1, 2]
    scene: Literal[1, 2]
    style: int = 0  # Of the button in a mini program.
    remark: str = ""  # At most 30 signs; for members' eyes.
    skip_verify: bool = True
    state: str = ""  # At most 30 signs; comes back with who added.
    user: tuple[str, ...] = ()  # Exactly one if ``SINGLE``.
    party: tuple[int, ...] = ()
    is_temp: bool = False
    expires_in: int = 0  # Seconds, at most 14 days; 7 days if 0. Temporary ones only, like the next three.
    chat_expires_in: int = 0
    unionid: str = ""
    conclusions: Conclusions | None = None
    is_exclusive: bool = False  # One customer adds one member of this code.
    mark_source: bool | None = None


class Added(Answer, frozen=True):
    config_id: str
    qr_code: str = ""  # A picture's address; of ``QR_CODE`` only.


class ConfigId(Request, frozen=True):
    config_id: str


class ContactWay(Part, frozen=True, kw_only=True):
    config_id: str
    type: int = 0
    scene: int = 0
    style: int = 0
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    qr_code: str = ""
    user: tuple[str, ...] = ()
    party: tuple[int, ...] = ()
    is_temp: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str = ""
    is_exclusive: bool = False
    mark_source: bool = True
    conclusions: Conclusions | None = None


class ContactWayAnswer(Answer, frozen=True):
    contact_way: ContactWay


class ListRequest(Request, frozen=True, kw_only=True):
    """Those made by API since July 2021; without times the last 90 days."""

    start_time: int = 0  # Unix seconds.
    end_time: int = 0
    cursor: str = ""
    limit: int = 0  # At most 1,000; 100 if 0.


class ListedWay(Part, frozen=True):
    config_id: str


class ContactWays(Answer, frozen=True):
    contact_way: tuple[ListedWay, ...] = ()
    next_cursor: str = ""


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is given overwrites; what is ``None`` stays as it is."""

    config_id: str
    remark: str | None = None
    skip_verify: bool | None = None
    style: int | None = None
    state: str | None = None
    user: tuple[str, ...] | None = None
    party: tuple[int, ...] | None = None
    expires_in: int | None = None
    chat_expires_in: int | None = None
    unionid: str | None = None
    mark_source: bool | None = None
    conclusions: Conclusions | None = None


class CloseRequest(Request, frozen=True):
    userid: str
    external_userid: str


# Not repeatable: each one made counts, and none can be found again by what is in it.
ADD: Final = post("/externalcontact/add_contact_way", AddRequest, Added)
GET: Final = ask("/externalcontact/get_contact_way", ConfigId, ContactWayAnswer)
LIST: Final = ask("/externalcontact/list_contact_way", ListRequest, ContactWays)
UPDATE: Final = post("/externalcontact/update_contact_way", UpdateRequest, Done, repeatable=True)
DELETE: Final = post("/externalcontact/del_contact_way", ConfigId, Done)
CLOSE_TEMPORARY_CHAT: Final = post("/externalcontact/close_temp_chat", CloseRequest, Done, repeatable=True)
