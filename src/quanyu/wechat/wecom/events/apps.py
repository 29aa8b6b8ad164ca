"""What members do in an app: messages, menus, cards, coming and going.

Source: developer.work.weixin.qq.com, 接收消息 (path 90239) and 接收事件 (90240), read 2026.
"""

from typing import Any, ClassVar

import msgspec

from quanyu.wechat.wecom.events.base import Event, Message


class TextMessage(Message, frozen=True, kw_only=True):
    Content: str = ""


class ImageMessage(Message, frozen=True, kw_only=True):
    PicUrl: str = ""
    MediaId: str = ""


class VoiceMessage(Message, frozen=True, kw_only=True):
    MediaId: str = ""
    Format: str = ""


class VideoMessage(Message, frozen=True, kw_only=True):
    MediaId: str = ""
    ThumbMediaId: str = ""


class LocationMessage(Message, frozen=True, kw_only=True):
    Location_X: float = 0.0  # Latitude.
    Location_Y: float = 0.0  # Longitude.
    Scale: int = 0
    Label: str = ""
    AppType: str = ""


class LinkMessage(Message, frozen=True, kw_only=True):
    Title: str = ""
    Description: str = ""
    Url: str = ""
    PicUrl: str = ""


class AppEvent(Event, frozen=True, kw_only=True):
    """Something a member did; ``EventKey`` is the menu's key or address."""

    identity: ClassVar[tuple[str, ...]] = ("FromUserName", "AgentID", "EventKey")

    EventKey: str = ""


class LocationEvent(AppEvent, frozen=True, kw_only=True):
    """``LOCATION``: where the member is, on entering or while they are there."""

    Latitude: float = 0.0
    Longitude: float = 0.0
    Precision: float = 0.0
    AppType: str = ""


class Scanned(msgspec.Struct, frozen=True):
    ScanType: str = ""
    ScanResult: str = ""


class ScanCodeEvent(AppEvent, frozen=True, kw_only=True):
    """``scancode_push`` and ``scancode_waitmsg``."""

    ScanCodeInfo: Scanned = Scanned()


class PictureItem(msgspec.Struct, frozen=True):
    PicMd5Sum: str = ""


class PictureList(msgspec.Struct, frozen=True):
    item: tuple[PictureItem, ...] = ()


class PicturesInfo(msgspec.Struct, frozen=True):
    Count: int = 0
    PicList: PictureList = PictureList()


class PicturesEvent(AppEvent, frozen=True, kw_only=True):
    """``pic_sysphoto``, ``pic_photo_or_album`` and ``pic_weixin``; the pictures follow as messages."""

    SendPicsInfo: PicturesInfo = PicturesInfo()


class PlaceInfo(msgspec.Struct, frozen=True):
    Location_X: float = 0.0
    Location_Y: float = 0.0
    Scale: int = 0
    Label: str = ""
    Poiname: str = ""


class PlaceEvent(AppEvent, frozen=True, kw_only=True):
    """``location_select``."""

    SendLocationInfo: PlaceInfo = PlaceInfo()
    AppType: str = ""


class ChosenOptions(msgspec.Struct, frozen=True):
    OptionId: tuple[str, ...] = ()


class Selected(msgspec.Struct, frozen=True):
    QuestionKey: str = ""
    OptionIds: ChosenOptions = ChosenOptions()


class Selections(msgspec.Struct, frozen=True):
    SelectedItem: tuple[Selected, ...] = ()


class CardEvent(AppEvent, frozen=True, kw_only=True):
    """``template_card_event``: a button, vote or choice; by ``ResponseCode`` the card is updated, once."""

    identity: ClassVar[tuple[str, ...]] = (
        "FromUserName",
        "AgentID",
        "EventKey",
        "TaskId",
        "ResponseCode",
    )

    TaskId: str = ""
    CardType: str = ""
    ResponseCode: str = ""
    SelectedItems: Selections = Selections()


class CardMenuEvent(AppEvent, frozen=True, kw_only=True):
    """``template_card_menu_event``: an entry of the card's own menu."""

    identity: ClassVar[tuple[str, ...]] = (
        "FromUserName",
        "AgentID",
        "EventKey",
        "TaskId",
        "ResponseCode",
    )

    TaskId: str = ""
    CardType: str = ""
    ResponseCode: str = ""


class ApprovalEvent(AppEvent, frozen=True, kw_only=True):
    """``open_approval_change``: an approval went on; ``ApprovalInfo`` as the platform writes it."""

    identity: ClassVar[tuple[str, ...]] = ("FromUserName", "AgentID", "ApprovalInfo")

    ApprovalInfo: dict[str, Any]


MESSAGE_TYPES: dict[str, type[Message]] = {
    "text": TextMessage,
    "image": ImageMessage,
    "voice": VoiceMessage,
    "video": VideoMessage,
    "location": LocationMessage,
    "link": LinkMessage,
}

APP_EVENTS: dict[tuple[str, str], type[Event]] = {
    ("subscribe", ""): AppEvent,
    ("unsubscribe", ""): AppEvent,
    ("enter_agent", ""): AppEvent,
    ("click", ""): AppEvent,
    ("view", ""): AppEvent,
    ("view_miniprogram", ""): AppEvent,
    ("share_agent_change", ""): AppEvent,
    ("LOCATION", ""): LocationEvent,
    ("scancode_push", ""): ScanCodeEvent,
    ("scancode_waitmsg", ""): ScanCodeEvent,
    ("pic_sysphoto", ""): PicturesEvent,
    ("pic_photo_or_album", ""): PicturesEvent,
    ("pic_weixin", ""): PicturesEvent,
    ("location_select", ""): PlaceEvent,
    ("template_card_event", ""): CardEvent,
    ("template_card_menu_event", ""): CardMenuEvent,
    ("open_approval_change", ""): ApprovalEvent,
}
