"""What is said in customer service: pulled by a cursor, sent while the window is open.

Five messages after each of the customer's, within 48 hours, in the states ``NEW`` and ``ASSISTANT``.
Source: developer.work.weixin.qq.com, 接收消息和事件 (path 94670), 发送消息 (94677), 发送欢迎语等事件响应消息
(95122); read 2026.
"""

from enum import IntEnum
from typing import Any, Final

from quanyu.wechat.calls import Answer, Done, Flag, Part, Request
from quanyu.wechat.wecom.declaring import ask, post

PULL_MAX: Final = 1000


class Origin(IntEnum):
    """Who spoke."""

    CUSTOMER = 3
    SYSTEM = 4
    SERVICER = 5


class SyncRequest(Request, frozen=True, kw_only=True):
    """Of the last three days; what the API sent does not come back."""

    open_kfid: str
    cursor: str = ""  # At most 64 bytes; one per account.
    token: str = ""  # Of the callback, at most 128 bytes, good for 10 minutes.
    limit: int = PULL_MAX
    voice_format: Flag = 0  # 0 AMR, 1 SILK.


class ChannelsVisit(Part, frozen=True):
    nickname: str = ""
    shop_nickname: str = ""
    scene: int = 0


class KfEvent(Part, frozen=True, kw_only=True):
    """What happened; ``event_type`` says which fields have a meaning."""

    event_type: str
    open_kfid: str = ""
    external_userid: str = ""
    scene: str = ""  # enter_session.
    scene_param: str = ""
    welcome_code: str = ""  # Good for 20 seconds; absent if a welcome came within 48 hours.
    wechat_channels: ChannelsVisit | None = None
    fail_msgid: str = ""  # msg_send_fail.
    fail_type: int = 0  # 4 window closed, 5 session closed, 6 more than five, 10 refused …
    servicer_userid: str = ""
    status: int = 0  # servicer_status_change: 1 receives, 2 has stopped.
    stop_type: int = 0
    change_type: int = 0  # session_status_change: 1 from the pool, 2 transferred, 3 ended, 4 entered again.
    old_servicer_userid: str = ""
    new_servicer_userid: str = ""
    msg_code: str = ""
    recall_msgid: str = ""  # user_recall_msg and servicer_recall_msg.
    reject_switch: int = 0  # reject_customer_msg_switch_change: 1 refuses.


class KfText(Part, frozen=True):
    content: str = ""
    menu_id: str = ""  # The item tapped in a ``msgmenu``.


class KfMedia(Part, frozen=True):
    media_id: str = ""


class KfPlace(Part, frozen=True):
    latitude: float = 0.0
    longitude: float = 0.0
    name: str = ""
    address: str = ""


class KfLink(Part, frozen=True):
    title: str = ""
    desc: str = ""
    url: str = ""
    pic_url: str = ""


class KfCard(Part, frozen=True):
    userid: str = ""


class KfMiniProgram(Part, frozen=True):
    title: str = ""
    appid: str = ""
    pagepath: str = ""
    thumb_media_id: str = ""


class KfRow(Part, frozen=True, kw_only=True):
    """One message or event; what it says is in the field named like ``msgtype``."""

    msgid: str = ""  # Always there, but in the platform's samples of some events: no reason to stop reading.
    msgtype: str
    send_time: int = 0  # Unix seconds.
    origin: int = 0  # An ``Origin``.
    open_kfid: str = ""
    external_userid: str = ""
    servicer_userid: str = ""
    text: KfText | None = None
    image: KfMedia | None = None
    voice: KfMedia | None = None
    video: KfMedia | None = None
    file: KfMedia | None = None
    location: KfPlace | None = None
    link: KfLink | None = None
    business_card: KfCard | None = None
    miniprogram: KfMiniProgram | None = None
    msgmenu: dict[str, Any] | None = None
    channels_shop_product: dict[str, Any] | None = None
    channels_shop_order: dict[str, Any] | None = None
    merged_msg: dict[str, Any] | None = None
    channels: dict[str, Any] | None = None
    event: KfEvent | None = None

    @property
    def account(self) -> str:
        """The service account, wherever it stands: events carry it inside."""
        return self.open_kfid or (self.event.open_kfid if self.event else "")

    @property
    def customer(self) -> str:
        """The customer, wherever it stands; empty for what concerns none."""
        return self.external_userid or (self.event.external_userid if self.event else "")


class SyncAnswer(Answer, frozen=True):
    next_cursor: str = ""
    has_more: int = 0
    msg_list: tuple[KfRow, ...] = ()


class MessageSent(Answer, frozen=True):
    msgid: str = ""


class OutText(Part, frozen=True):
    content: str  # At most 2,048 bytes.
    menu_id: str = ""


class OutMedia(Part, frozen=True):
    media_id: str


class OutLink(Part, frozen=True, kw_only=True):
    title: str  # At most 128 bytes.
    url: str
    thumb_media_id: str
    desc: str = ""  # At most 512 bytes.


class OutMiniProgram(Part, frozen=True, kw_only=True):
    appid: str
    thumb_media_id: str
    pagepath: str
    title: str = ""  # At most 64 bytes.


class ClickItem(Part, frozen=True):
    content: str  # At most 128 bytes.
    id: str = ""  # At most 128 bytes; comes back as ``menu_id``.


class ViewItem(Part, frozen=True):
    url: str
    content: str


class MiniProgramItem(Part, frozen=True):
    appid: str
    pagepath: str
    content: str


class TextItem(Part, frozen=True):
    content: str
    no_newline: Flag = 0


class MenuEntry(Part, frozen=True, tag_field="type"):
    """A line of a menu; the subclass is the ``type``."""


class MenuClick(MenuEntry, frozen=True, tag="click"):
    click: ClickItem


class MenuView(MenuEntry, frozen=True, tag="view"):
    view: ViewItem


class MenuMiniProgram(MenuEntry, frozen=True, tag="miniprogram"):
    miniprogram: MiniProgramItem


class MenuText(MenuEntry, frozen=True, tag="text"):
    text: TextItem


class OutMenu(Part, frozen=True, kw_only=True):
    list: tuple[MenuClick | MenuView | MenuMiniProgram | MenuText, ...] = ()  # At most 50.
    head_content: str = ""  # At most 1,024 bytes, like ``tail_content``.
    tail_content: str = ""


class OutPlace(Part, frozen=True, kw_only=True):
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class OutAcquisitionLink(Part, frozen=True):
    link_url: str


class KfMessage(Request, frozen=True, kw_only=True, tag_field="msgtype"):
    """A message to a customer; the subclass is the ``msgtype``."""

    touser: str
    open_kfid: str
    msgid: str = ""  # Our own id, at most 32 letters, digits, _ and -: the key that makes a repeat harmless.


class KfTextMessage(KfMessage, frozen=True, kw_only=True, tag="text"):
    text: OutText


class KfImageMessage(KfMessage, frozen=True, kw_only=True, tag="image"):
    image: OutMedia


class KfVoiceMessage(KfMessage, frozen=True, kw_only=True, tag="voice"):
    voice: OutMedia


class KfVideoMessage(KfMessage, frozen=True, kw_only=True, tag="video"):
    video: OutMedia


class KfFileMessage(KfMessage, frozen=True, kw_only=True, tag="file"):
    file: OutMedia


class KfLinkMessage(KfMessage, frozen=True, kw_only=True, tag="link"):
    link: OutLink


class KfMiniProgramMessage(KfMessage, frozen=True, kw_only=True, tag="miniprogram"):
    miniprogram: OutMiniProgram


class KfMenuMessage(KfMessage, frozen=True, kw_only=True, tag="msgmenu"):
    msgmenu: OutMenu


class KfPlaceMessage(KfMessage, frozen=True, kw_only=True, tag="location"):
    location: OutPlace


class KfAcquisitionMessage(KfMessage, frozen=True, kw_only=True, tag="ca_link"):
    ca_link: OutAcquisitionLink


AnyKfMessage = (
    KfTextMessage
    | KfImageMessage
    | KfVoiceMessage
    | KfVideoMessage
    | KfFileMessage
    | KfLinkMessage
    | KfMiniProgramMessage
    | KfMenuMessage
    | KfPlaceMessage
    | KfAcquisitionMessage
)


class KfEventMessage(Request, frozen=True, kw_only=True, tag_field="msgtype"):
    """An answer to an event, by its code: once."""

    code: str  # ``welcome_code`` or ``msg_code``, at most 32 bytes.
    msgid: str = ""


class KfEventText(KfEventMessage, frozen=True, kw_only=True, tag="text"):
    text: OutText


class KfEventMenu(KfEventMessage, frozen=True, kw_only=True, tag="msgmenu"):
    msgmenu: OutMenu


class RecallRequest(Request, frozen=True):
    msgid: str
    open_kfid: str


SYNC: Final = ask("/kf/sync_msg", SyncRequest, SyncAnswer)
# Repeatable with a ``msgid`` of our own: the second time is refused with 95033.
SEND: Final = post("/kf/send_msg", KfMessage, MessageSent)
SEND_ON_EVENT: Final = post("/kf/send_msg_on_event", KfEventMessage, MessageSent)
RECALL: Final = post("/kf/recall_msg", RecallRequest, Done, repeatable=True)
