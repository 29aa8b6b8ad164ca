"""What 微信支付 tells by itself: verified over the raw body, decrypted, never believed otherwise.

Source: pay.weixin.qq.com, 回调通知 (read 2026). Replays: the timestamp under the signature must be within
five minutes of our clock, and ``id`` is the same for every delivery of one notification, so whoever keeps
the ids takes each once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from quanyu.kernel.clock import Clock, business_span
from quanyu.wechat.calls import Part
from quanyu.wechat.errors import TransportError, WechatError
from quanyu.wechat.pay.crypto import Sealed, open_sealed
from quanyu.wechat.pay.errors import CannotDecrypt, NoticeRefusal, NoticeRefused
from quanyu.wechat.pay.signing import PROBE, SCHEME, is_signed

WINDOW: Final = timedelta(minutes=5)
BODY_BYTES_MAX: Final = 256 * 1024
_ID_CHARACTERS_MAX: Final = 64


class Keys(Protocol):
    """Finds the key that a signature names."""

    async def key(self, serial: str) -> RSAPublicKey:
        """Return it, or raise ``UnknownKey``."""
        ...


class SignedHeaders(msgspec.Struct, frozen=True):
    """The headers that carry a signature."""

    timestamp: str
    nonce: str
    signature: str
    serial: str
    kind: str = SCHEME


class Envelope(Part, frozen=True):
    """A notification as it travels."""

    id: str
    event_type: str
    resource: Sealed
    resource_type: str = ""
    create_time: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification that is the platform's own, opened. ``content`` is JSON; see ``events``."""

    id: str
    event_type: str
    original_type: str
    create_time: str
    nonce: str
    content: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """Return the content as it is."""
        read: dict[str, Any] = msgspec.json.decode(self.content)
        return read


def read_headers(headers: Mapping[str, str]) -> SignedHeaders | None:
    """Return what signs a message, ``None`` if something of it is missing. Names are in lower case."""
    found = [headers.get(f"wechatpay-{name}", "") for name in ("timestamp", "nonce", "signature", "serial")]
    if not all(found):
        return None
    timestamp, nonce, signature, serial = found
    kind = headers.get("wechatpay-signature-type", SCHEME)
    return SignedHeaders(timestamp=timestamp, nonce=nonce, signature=signature, serial=serial, kind=kind)


def is_timely(timestamp: str, clock: Clock) -> bool:
    """Tell whether a signed timestamp is within five minutes of our clock, in real time."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    away_s = abs(clock.now().timestamp() - int(timestamp))
    return away_s <= business_span(clock, WINDOW).total_seconds()


async def open_notification(
    headers: Mapping[str, str], body: bytes, *, keys: Keys, api_v3_key: str, clock: Clock
) -> Notification:
    """Verify and decrypt one delivery.

    Raises:
        NoticeRefused: it is not the platform's, or not fresh; ``reason`` says which.
        TransportError: the key that signed it could not be asked for now; a later delivery may be taken.
    """
    if len(body) > BODY_BYTES_MAX:
        raise NoticeRefused(NoticeRefusal.MALFORMED, f"the body exceeds {BODY_BYTES_MAX} bytes")
    signed = read_headers(headers)
    if signed is None or signed.kind != SCHEME:
        raise NoticeRefused(NoticeRefusal.HEADERS_MISSING, "a header of the signature is missing")
    if signed.signature.startswith(PROBE):
        raise NoticeRefused(NoticeRefusal.SIGNATURE_PROBE, "a probe of the platform, refused as it should be")
    if not is_timely(signed.timestamp, clock):
        raise NoticeRefused(NoticeRefusal.BAD_TIMESTAMP, "signed more than five minutes from our clock")
    await _verify(signed, body, keys)
    return _open(body, api_v3_key)


async def _verify(signed: SignedHeaders, body: bytes, keys: Keys) -> None:
    try:
        key = await keys.key(signed.serial)
    except TransportError:
        raise
    except WechatError as error:  # No such serial, or a merchant that has no certificates.
        raise NoticeRefused(NoticeRefusal.UNKNOWN_KEY, error.message) from error
    if not is_signed(key, signed.signature, timestamp=signed.timestamp, nonce=signed.nonce, body=body):
        raise NoticeRefused(NoticeRefusal.BAD_SIGNATURE, "the signature is not the platform's")


def _open(body: bytes, api_v3_key: str) -> Notification:
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoticeRefused(NoticeRefusal.MALFORMED, f"not the expected JSON: {error}") from error
    if not 0 < len(envelope.id) <= _ID_CHARACTERS_MAX:
        raise NoticeRefused(NoticeRefusal.MALFORMED, "the notification has no usable id")
    try:
        content = open_sealed(envelope.resource, api_v3_key)
    except CannotDecrypt as error:
        raise NoticeRefused(NoticeRefusal.CANNOT_DECRYPT, error.message) from error
    return Notification(
        id=envelope.id,
        event_type=envelope.event_type,
        original_type=envelope.resource.original_type,
        create_time=envelope.create_time,
        nonce=envelope.resource.nonce,
        content=content,
    )
