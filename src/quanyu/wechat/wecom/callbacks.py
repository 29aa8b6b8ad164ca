"""From a request at a corp's callback address to a typed callback, and back to a sealed answer.

Every delivery is encrypted, the verification of the address too. The message names the corp it is for (the
suite, for a provider's app), and that is compared. XML, or JSON where the platform offers it.
Source: developer.work.weixin.qq.com, 回调配置 (path 90930), 加解密方案说明 (90968); read 2026. Vectors:
``tests/unit/wechat/wecom/test_callback_vectors.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.json_fields import is_json, read_json_fields
from quanyu.wechat.callbacks.xml import Fields, read_fields, with_lists
from quanyu.wechat.official_account.replies import Wire, seal_reply
from quanyu.wechat.wecom.events.apps import APP_EVENTS, MESSAGE_TYPES
from quanyu.wechat.wecom.events.base import Callback, Event, OtherEvent, OtherMessage
from quanyu.wechat.wecom.events.contacts import CONTACT_EVENTS
from quanyu.wechat.wecom.events.customers import CUSTOMER_EVENTS
from quanyu.wechat.wecom.events.service import SERVICE_EVENTS

_SIGN_MAX: Final = 200  # Signs of one parameter; signatures have 40.
_ECHO_MAX: Final = 2_000
RETRY_AFTER_S: Final = 5.0  # Without an answer the platform delivers again, three times in all.

EVENT_TYPES: Final[dict[tuple[str, str], type[Event]]] = {
    **CONTACT_EVENTS,
    **CUSTOMER_EVENTS,
    **SERVICE_EVENTS,
    **APP_EVENTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the query of a request says."""

    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Delivery":
        """Read a query; what is missing is empty, and fits no signature."""
        return cls(
            msg_signature=query.get("msg_signature", "")[:_SIGN_MAX],
            timestamp=query.get("timestamp", "")[:_SIGN_MAX],
            nonce=query.get("nonce", "")[:_SIGN_MAX],
            echostr=query.get("echostr", "")[:_ECHO_MAX],
        )


class CallbackOpener:
    """Opens what the platform sends to one callback address, and seals what is answered.

    Use one instance from one thread at a time.
    """

    def __init__(self, *, token: str, encoding_aes_key: str, receive_id: str) -> None:
        """``receive_id`` is the corp id; of a provider's app its suite id.

        Raises:
            InvalidEncodingKey: the key is not 43 letters and digits.
        """
        self._crypt = MessageCrypt(token=token, encoding_aes_key=encoding_aes_key, app_id=receive_id)

    def echo(self, delivery: Delivery) -> str:
        """Return what the verification of the address is to be answered with, bare, within a second.

        Raises:
            BadSignature: it was not signed with this address's token.
            MalformedCallback: signed, but not encrypted for this corp.
        """
        plain = self._open(delivery.echostr, delivery)
        try:
            return plain.decode()
        except UnicodeDecodeError as error:
            raise MalformedCallback(CallbackRefusal.MALFORMED_MESSAGE, "the echo is not UTF-8") from error

    def open(self, delivery: Delivery, body: bytes) -> bytes:
        """Verify a delivery and return its document.

        Raises:
            BadSignature: it was not signed with this address's token.
            MalformedCallback: signed, but not of the platform's form, or meant for another corp.
        """
        return self._open(read_encrypted(body), delivery)

    def seal(self, document: str, *, at: datetime, wire: Wire = Wire.XML) -> bytes:
        """Return a rendered passive reply, encrypted and signed; no reply is an empty body."""
        return seal_reply(self._crypt, document, at=at, wire=wire)

    def _open(self, encrypted: str, delivery: Delivery) -> bytes:
        try:
            return self._crypt.open(
                encrypted,
                msg_signature=delivery.msg_signature,
                timestamp=delivery.timestamp,
                nonce=delivery.nonce,
            )
        except UnicodeEncodeError as error:  # Half letters in the query: nobody signed those.
            raise BadSignature from error


def read_encrypted(body: bytes) -> str:
    """Return the base64 text of a delivery; JSON spells its names also in small letters.

    Raises:
        MalformedCallback: not such a document.
    """
    read = read_json_fields if is_json(body) else read_fields
    fields = read(body, CallbackRefusal.MALFORMED_ENVELOPE)
    encrypted = fields.get("Encrypt", fields.get("encrypt"))
    if not isinstance(encrypted, str):
        raise MalformedCallback(CallbackRefusal.NOT_ENCRYPTED, "there is no single Encrypt field")
    return encrypted


def parse_callback(document: bytes) -> Callback:
    """Read a decrypted document, XML or JSON.

    A type we have no words for, or one whose fields changed their form, comes out as ``OtherEvent`` or
    ``OtherMessage`` with everything it carried: a signed callback is never dropped because it is new.

    Raises:
        MalformedCallback: neither of the two, beyond the limits, or without what every callback carries.
    """
    read = read_json_fields if is_json(document) else read_fields
    fields = _as_of_the_corp(read(document, CallbackRefusal.MALFORMED_MESSAGE))
    is_event = fields.get("MsgType") == "event"
    kind = _kind(fields, is_event=is_event)
    if kind is not None:
        try:
            return msgspec.convert(with_lists(fields, kind), kind, strict=False)
        except msgspec.ValidationError:
            pass  # The platform may change the form of a field.
    other: type[Callback] = OtherEvent if is_event else OtherMessage
    try:
        return msgspec.convert({**fields, "fields": fields}, other, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedCallback(CallbackRefusal.MALFORMED_MESSAGE, str(error)) from error


def _kind(fields: Fields, *, is_event: bool) -> type[Callback] | None:
    if not is_event:
        return MESSAGE_TYPES.get(str(fields.get("MsgType")))
    return EVENT_TYPES.get((str(fields.get("Event")), str(fields.get("ChangeType", ""))))


def _as_of_the_corp(fields: Fields) -> Fields:
    """Return what a provider's app is told as the corp's own app would have been told it."""
    if "InfoType" not in fields:
        return fields
    renamed: dict[str, Any] = {
        "ToUserName": fields.get("AuthCorpId"),
        "FromUserName": "sys",
        "CreateTime": fields.get("TimeStamp"),
        "MsgType": "event",
        "Event": fields["InfoType"],
    }
    return {**fields, **{name: value for name, value in renamed.items() if value is not None}}
