"""Callback bodies: XML or JSON; plain, compatible or secure; and the replies they may get.

Source: official documentation 消息推送 (mirror read 2026-07-30); JSON shapes of subscribe events from the
SKIT samples: their ``CreateTime``, ``PopupScene``, ``ErrorCode`` and ``MsgID`` are strings, and a list of one
is an object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from wechat_sandbox.accounts import Account, CallbackFormat, CallbackMode
from wechat_sandbox.wire.codec import CallbackCodec, CodecError, sign
from wechat_sandbox.wire.xml import InvalidXml, XmlValue, document, parse

Fields = Mapping[str, XmlValue]
PASSIVE_KINDS = frozenset({"text", "image", "voice", "video", "music", "news", "transfer_customer_service"})
MINI_PROGRAM_PASSIVE_KINDS = frozenset({"transfer_customer_service"})
# Event in JSON → the element that wraps its list in XML.
_WRAPPED = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


class BadReply(ValueError):
    """An answer to a callback that is neither empty, nor ``success``, nor a proper reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A callback's body, ready for all its attempts, and what its query has to sign."""

    body: bytes
    content_type: str
    encrypted: str  # Empty in plain mode.


class Envelope:
    """Writes callbacks of one account and opens the answers."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._json = account.callback_format is CallbackFormat.JSON
        self._mode = account.callback_mode

    def seal(self, fields: Fields) -> Sealed:
        """Return the body; sealing again gives another ciphertext, so retries reuse one."""
        content_type = "application/json" if self._json else "text/xml"
        if self._mode is CallbackMode.PLAIN:
            return Sealed(body=self._write(fields), content_type=content_type, encrypted="")
        encrypted = self._codec().encrypt(self._write(fields))
        head: dict[str, Any] = {"ToUserName": self._account.original_id}
        shown = head if self._mode is CallbackMode.SECURE else self._shape(fields)
        outer = {**shown, "Encrypt": encrypted}
        body = msgspec.json.encode(outer) if self._json else document(outer).encode()
        return Sealed(body=body, content_type=content_type, encrypted=encrypted)

    def query(self, sealed: Sealed, *, timestamp: str, nonce: str, openid: str) -> dict[str, str]:
        """Return the signed query of one attempt."""
        token = self._account.token
        query = {"signature": sign(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        query["openid"] = openid
        if sealed.encrypted:
            query["encrypt_type"] = "aes"
            query["msg_signature"] = sign(token, timestamp, nonce, sealed.encrypted)
        return query

    def open_reply(self, answer: bytes, *, openid: str) -> dict[str, Any]:
        """Open a passive reply and check that it is one.

        Raises:
            BadReply: the envelope, its signature, the kind of message or the addressee is wrong.
        """
        try:
            reply = self._open(answer)
        except (CodecError, InvalidXml, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadReply(str(error)) from error
        kinds = MINI_PROGRAM_PASSIVE_KINDS if self._account.is_mini_program else PASSIVE_KINDS
        if reply.get("MsgType") not in kinds:
            raise BadReply("the reply has no known MsgType")
        if reply.get("ToUserName") != openid:
            raise BadReply("the reply is addressed to another openid")
        if reply.get("FromUserName") != self._account.original_id:
            raise BadReply("the reply comes from another account")
        return reply

    def _open(self, answer: bytes) -> dict[str, Any]:
        outer = self._parse(answer)
        encrypted = outer.get("Encrypt")
        if self._mode is not CallbackMode.SECURE and encrypted is None:
            return outer
        if not isinstance(encrypted, str) or not encrypted:
            raise CodecError("the answer carries no Encrypt")
        codec = self._codec()
        codec.verify(
            str(outer.get("MsgSignature", "")),
            timestamp=str(outer.get("TimeStamp", "")),
            nonce=str(outer.get("Nonce", "")),
            encrypted=encrypted,
        )
        return self._parse(codec.decrypt(encrypted))

    def _write(self, fields: Fields) -> bytes:
        shaped = self._shape(fields)
        return msgspec.json.encode(shaped) if self._json else document(shaped).encode()

    def _shape(self, fields: Fields) -> dict[str, Any]:
        return _as_json(fields) if self._json else dict(fields)

    def _parse(self, text: bytes) -> dict[str, Any]:
        if not self._json:
            return parse(text)
        content = msgspec.json.decode(text)
        if not isinstance(content, dict):
            raise InvalidXml("the reply is not an object")
        return content

    def _codec(self) -> CallbackCodec:
        return CallbackCodec(self._account.token, self._account.aes_key, self._account.appid)


def _as_json(fields: Fields) -> dict[str, Any]:
    wrapper = _WRAPPED.get(str(fields.get("Event", "")))
    if wrapper is None or wrapper not in fields:
        return dict(fields)
    inside = fields[wrapper]
    assert isinstance(inside, Mapping)
    entries = inside["List"]
    rows = [_as_texts(row) for row in (entries if isinstance(entries, list) else [entries])]
    outer = {name: value for name, value in fields.items() if name != wrapper}
    outer["CreateTime"] = str(fields["CreateTime"])
    return outer | {"List": rows[0] if len(rows) == 1 else rows}


def _as_texts(row: XmlValue) -> dict[str, str]:
    assert isinstance(row, Mapping)
    return {name: str(value) for name, value in row.items()}
