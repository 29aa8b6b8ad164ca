"""From the platform's words to ours: what a callback is called in the log, and what it says."""

import re
from collections.abc import Mapping
from functools import singledispatch
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from quanyu.wechat.official_account import messages as wx

PREFIX: Final = "wechat.official_account."
FOLLOWED: Final = f"{PREFIX}followed"
UNFOLLOWED: Final = f"{PREFIX}unfollowed"
USER_INFO_FETCHED: Final = f"{PREFIX}user_info_fetched"

_OPENID: Final = re.compile(r"o[A-Za-z0-9_-]{27}")
_TEXT_MAX: Final = 2_000
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
# These come from the platform about the account; their sender is nobody.
_ABOUT_THE_ACCOUNT: Final = (wx.MassSendFinishedEvent, wx.PublishFinishedEvent, wx.CertificationEvent)


class Translation(NamedTuple):
    """The event a callback becomes."""

    name: str
    properties: dict[str, Any]
    scene: str = ""  # Goes to the context: by which way the person came.
    source_code: str = ""  # The scene of the parameter QR code.
    context: Mapping[str, str] = _NOTHING  # What else goes to the context.


def openid_of(callback: wx.Callback) -> str:
    """Return whose callback it is; empty when it is about the account."""
    sender = callback.FromUserName
    if isinstance(callback, _ABOUT_THE_ACCOUNT):
        return ""
    if isinstance(callback, wx.OtherEvent) and not _OPENID.fullmatch(sender):
        return ""  # An event we do not know, from a sender that does not look like a person.
    return sender


@singledispatch
def translate(callback: wx.Callback) -> Translation:
    """Return what ``callback`` is in the log."""
    raise AssertionError(f"no translation of {type(callback).__name__}")


@translate.register
def _(callback: wx.Message) -> Translation:
    shown = msgspec.structs.asdict(callback)
    for common in ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId"):
        del shown[common]
    said = {snake(name): value for name, value in shown.items() if value}
    return Translation(f"{PREFIX}message_received", {"type": callback.MsgType, **said})


@translate.register
def _(callback: wx.TextMessage) -> Translation:
    properties: dict[str, Any] = {"type": "text", "content": callback.Content[:_TEXT_MAX]}
    if callback.bizmsgmenuid:
        properties["menu_item"] = callback.bizmsgmenuid
    if callback.MsgDataId:
        properties |= {"msg_data_id": callback.MsgDataId, "idx": callback.Idx}
    return Translation(f"{PREFIX}message_received", properties)


@translate.register
def _(callback: wx.SubscribeEvent) -> Translation:
    properties = _given(scene=callback.scene, ticket=callback.Ticket)
    return Translation(FOLLOWED, properties, "qr_code" if callback.scene else "", callback.scene)


@translate.register
def _(callback: wx.UnsubscribeEvent) -> Translation:
    return Translation(UNFOLLOWED, {})


@translate.register
def _(callback: wx.ScanEvent) -> Translation:
    properties = _given(scene=callback.EventKey, ticket=callback.Ticket)
    return Translation(f"{PREFIX}scanned", properties, "qr_code", callback.EventKey)


@translate.register
def _(callback: wx.LocationEvent) -> Translation:
    place = {
        "latitude": callback.Latitude,
        "longitude": callback.Longitude,
        "precision": callback.Precision,
    }
    return Translation(f"{PREFIX}location_reported", place)


@translate.register
def _(callback: wx.ClickEvent) -> Translation:
    return Translation(f"{PREFIX}menu_clicked", {"key": callback.EventKey, "action": "CLICK"})


@translate.register
def _(callback: wx.ViewEvent) -> Translation:
    return Translation(f"{PREFIX}menu_viewed", {"url": callback.EventKey, **_given(menu_id=callback.MenuId)})


@translate.register
def _(callback: wx.ViewMiniProgramEvent) -> Translation:
    properties = {"page_path": callback.EventKey, **_given(menu_id=callback.MenuId)}
    return Translation(f"{PREFIX}menu_mini_program_opened", properties)


@translate.register
def _(callback: wx.ScanCodeEvent) -> Translation:
    scanned = callback.ScanCodeInfo
    properties = {"key": callback.EventKey, "action": callback.Event}
    return Translation(
        f"{PREFIX}menu_clicked",
        {**properties, **_given(scan_type=scanned.ScanType, scan_result=scanned.ScanResult)},
    )


@translate.register
def _(callback: wx.SendPicturesEvent) -> Translation:
    properties = {"key": callback.EventKey, "action": callback.Event, "count": callback.SendPicsInfo.Count}
    return Translation(f"{PREFIX}menu_clicked", properties)


@translate.register
def _(callback: wx.LocationSelectEvent) -> Translation:
    place = callback.SendLocationInfo
    properties = {
        "key": callback.EventKey,
        "action": callback.Event,
        "latitude": place.Location_X,
        "longitude": place.Location_Y,
        **_given(label=place.Label, place=place.Poiname),
    }
    return Translation(f"{PREFIX}menu_clicked", properties)


@translate.register
def _(callback: wx.TemplateSendFinishedEvent) -> Translation:
    # Text, because message ids outgrow the numbers JSON readers keep exactly.
    properties = {"msgid": str(callback.MsgID), "status": callback.Status}
    return Translation(f"{PREFIX}template_send_finished", properties)


@translate.register
def _(callback: wx.MassSendFinishedEvent) -> Translation:
    properties = {
        "msgid": str(callback.MsgID),
        "status": callback.Status,
        "total": callback.TotalCount,
        "filtered": callback.FilterCount,
        "sent": callback.SentCount,
        "failed": callback.ErrorCount,
    }
    return Translation(f"{PREFIX}mass_send_finished", properties)


@translate.register
def _(callback: wx.PublishFinishedEvent) -> Translation:
    outcome = callback.PublishEventInfo
    properties = {
        "publish_id": outcome.publish_id,
        "status": outcome.publish_status,
        **_given(article_id=outcome.article_id),
    }
    return Translation(f"{PREFIX}publish_finished", properties)


@translate.register
def _(callback: wx.SubscribeMessagePopupEvent) -> Translation:
    return _subscribe_messages("subscribe_message_answered", callback.SubscribeMsgPopupEvent)


@translate.register
def _(callback: wx.SubscribeMessageChangeEvent) -> Translation:
    return _subscribe_messages("subscribe_message_changed", callback.SubscribeMsgChangeEvent)


@translate.register
def _(callback: wx.SubscribeMessageSentEvent) -> Translation:
    return _subscribe_messages("subscribe_message_sent", callback.SubscribeMsgSentEvent)


@translate.register
def _(callback: wx.EnterSessionEvent) -> Translation:
    return Translation(f"{PREFIX}service_session_entered", _given(session_from=callback.SessionFrom))


@translate.register
def _(callback: wx.ServiceSessionEvent) -> Translation:
    name = {"kf_create_session": "opened", "kf_close_session": "closed"}[callback.Event]
    return Translation(f"{PREFIX}service_session_{name}", {"staff_account": callback.KfAccount})


@translate.register
def _(callback: wx.ServiceSwitchEvent) -> Translation:
    properties = {"from_account": callback.FromKfAccount, "staff_account": callback.ToKfAccount}
    return Translation(f"{PREFIX}service_session_switched", properties)


@translate.register
def _(callback: wx.AuthorizationChangedEvent) -> Translation:
    properties = {"event": callback.Event, **_given(revoked=callback.RevokeInfo)}
    return Translation(f"{PREFIX}authorization_changed", properties)


@translate.register
def _(callback: wx.CertificationEvent) -> Translation:
    return Translation(
        f"{PREFIX}certification_changed",
        {"event": callback.Event, **_given(reason=callback.FailReason)},
    )


@translate.register
def _(callback: wx.OtherEvent) -> Translation:
    # The fields themselves may be personal: they stay in the sealed raw callback.
    properties = {"event": callback.Event, **_given(key=callback.EventKey[:_TEXT_MAX])}
    return Translation(f"{PREFIX}other", properties)


@translate.register
def _(callback: wx.OtherMessage) -> Translation:
    return Translation(f"{PREFIX}message_received", {"type": callback.MsgType})


def _subscribe_messages(name: str, items: wx.SubscribeMessageItems) -> Translation:
    answers = [
        _given(
            template_id=item.TemplateId,
            answer=item.SubscribeStatusString,
            popup_scene=item.PopupScene,
            msgid=item.MsgID,
            error_code=item.ErrorCode,
            error=item.ErrorStatus,
        )
        for item in items.List
    ]
    return Translation(f"{PREFIX}{name}", {"items": answers})


def _given(**fields: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """Write a name of the platform as our properties are written."""
    return _WORD_START.sub("_", name).replace("__", "_").lower()
