"""What the platform calls a mini program back with, written as XML or JSON as its console says.

People write text, images and cards in customer service; the rest are events. Unknown types come out as
``OtherMessage`` and ``OtherEvent`` with everything they carried.
Source: developers.weixin.qq.com, 小程序消息推送 (read 2026). Fields keep the platform's spelling.
"""

from typing import ClassVar, Final

import msgspec

from quanyu.wechat.callbacks.errors import CallbackRefusal
from quanyu.wechat.callbacks.json_fields import is_json, read_json_fields
from quanyu.wechat.callbacks.xml import Fields, read_fields
from quanyu.wechat.official_account.messages import (
    AuthorizationChangedEvent,
    Callback,
    EnterSessionEvent,
    Event,
    ImageMessage,
    Message,
    MiniProgramPageMessage,
    ServiceSessionEvent,
    ServiceSwitchEvent,
    SubscribeMessageChangeEvent,
    SubscribeMessagePopupEvent,
    SubscribeMessageSentEvent,
    TextMessage,
)
from quanyu.wechat.official_account.parsing import to_callback


class CheckVerdict(msgspec.Struct, frozen=True):
    suggest: str = ""  # pass, review or risky.
    label: int = 0  # 100 normal; see ``security.Verdict``.


class CheckDetail(msgspec.Struct, frozen=True):
    strategy: str = ""
    errcode: int = 0
    suggest: str = ""
    label: int = 0
    prob: float = 0.0  # 0 to 100.


class MediaCheckEvent(Event, frozen=True):
    """The result of ``security.CHECK_MEDIA``; ``trace_id`` is the one that call returned."""

    distinguished_by: ClassVar[str] = "trace_id"

    appid: str = ""
    trace_id: str = ""
    version: int = 0
    errcode: int = 0  # Not 0: the file could not be checked.
    errmsg: str = ""
    result: CheckVerdict = CheckVerdict()
    detail: tuple[CheckDetail, ...] = ()


class TradeAccessEvent(Event, frozen=True):
    """The mini program takes money and must begin to tell its shipping."""

    distinguished_by: ClassVar[str] = "msg"

    msg: str = ""


class TradeShippingEvent(Event, frozen=True):
    """A payment was not shipped for 48 hours."""

    distinguished_by: ClassVar[str] = "transaction_id"

    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""
    pay_time: int = 0  # Unix seconds.
    msg: str = ""


class TradeSettlementEvent(Event, frozen=True):
    """A payment was shipped, confirmed or settled: what has happened carries a time."""

    distinguished_by: ClassVar[str] = "stage"

    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""
    pay_time: int = 0
    shipped_time: int = 0
    estimated_settlement_time: int = 0
    confirm_receive_method: int = 0  # 1 by the person, 2 by itself.
    confirm_receive_time: int = 0
    settlement_time: int = 0

    @property
    def stage(self) -> str:
        """The payment and how far it has come."""
        return f"{self.transaction_id}:{self.shipped_time}:{self.confirm_receive_time}:{self.settlement_time}"


class PunishEvent(Event, frozen=True):
    """The platform penalises the mini program."""

    distinguished_by: ClassVar[str] = "punish_id"

    event_type: str = ""
    punish_id: str = ""
    appid: str = ""
    punish_time: int = 0
    illegal_reason: str = ""
    illegal_content: str = ""
    rule_name: str = ""
    rule_url: str = ""
    adjust_guide_url: str = ""
    detail: str = ""  # JSON as text.


MESSAGE_TYPES: Final[dict[str, type[Message]]] = {
    "text": TextMessage,
    "image": ImageMessage,
    "miniprogrampage": MiniProgramPageMessage,
}

EVENT_TYPES: Final[dict[str, type[Event]]] = {
    "user_enter_tempsession": EnterSessionEvent,
    "subscribe_msg_popup_event": SubscribeMessagePopupEvent,
    "subscribe_msg_change_event": SubscribeMessageChangeEvent,
    "subscribe_msg_sent_event": SubscribeMessageSentEvent,
    "kf_create_session": ServiceSessionEvent,
    "kf_close_session": ServiceSessionEvent,
    "kf_switch_session": ServiceSwitchEvent,
    "user_info_modified": AuthorizationChangedEvent,
    "user_authorization_revoke": AuthorizationChangedEvent,
    "user_authorization_cancellation": AuthorizationChangedEvent,
    "wxa_media_check": MediaCheckEvent,
    "trade_manage_remind_access_api": TradeAccessEvent,
    "trade_manage_remind_shipping": TradeShippingEvent,
    "trade_manage_order_settlement": TradeSettlementEvent,
    "wxa_punish_event": PunishEvent,
}

# In JSON the list of these stands at the top; in XML it lies in an element of this name.
_NESTED_IN_XML: Final = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def parse_callback(document: bytes) -> Callback:
    """Read a decrypted document, XML or JSON.

    Raises:
        MalformedCallback: neither of the two, beyond the limits, or without what every callback carries.
    """
    if is_json(document):
        fields = _as_in_xml(read_json_fields(document, CallbackRefusal.MALFORMED_MESSAGE))
    else:
        fields = read_fields(document, CallbackRefusal.MALFORMED_MESSAGE)
    return to_callback(fields, MESSAGE_TYPES, EVENT_TYPES)


def _as_in_xml(fields: Fields) -> Fields:
    name = _NESTED_IN_XML.get(str(fields.get("Event")))
    if name is None or "List" not in fields:
        return fields
    rest = {key: value for key, value in fields.items() if key != "List"}
    return {**rest, name: {"List": fields["List"]}}
