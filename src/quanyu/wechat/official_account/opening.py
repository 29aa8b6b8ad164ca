"""From a request at the callback address to the document inside, in each of the platform's three modes.

| mode | the request carries | what is believed |
|---|---|---|
| plain 明文模式 | the document | all of it, though no signature covers the body |
| compatible 兼容模式 | the document, and the same encrypted | the encrypted one alone |
| secure 安全模式 | it encrypted | it |

An account that has an EncodingAESKey never takes an unencrypted document: who could not forge the one must
not be able to send the other. Source: developers.weixin.qq.com, 消息加解密说明 (read 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.wechat.callbacks.crypto import MessageCrypt, verify_signature
from quanyu.wechat.callbacks.envelope import read_envelope
from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.xml import DOCUMENT_BYTES_MAX
from quanyu.wechat.official_account.replies import Wire, seal_reply

_QUERY_MAX: Final = 200  # Signs of one parameter; signatures have 40.


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the query of a request says."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    msg_signature: str = ""
    echostr: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Delivery":
        """Read a query; what is missing is empty, and fits no signature."""
        return cls(
            signature=query.get("signature", "")[:_QUERY_MAX],
            timestamp=query.get("timestamp", "")[:_QUERY_MAX],
            nonce=query.get("nonce", "")[:_QUERY_MAX],
            msg_signature=query.get("msg_signature", "")[:_QUERY_MAX],
            echostr=query.get("echostr", "")[:_QUERY_MAX],
        )


class CallbackOpener:
    """Opens what the platform sends one account, and seals what is answered; from one thread at a time."""

    def __init__(self, *, token: str, app_id: str, encoding_aes_key: str = "") -> None:
        """Without a key the account is in plaintext mode.

        Raises:
            InvalidEncodingKey: the key is not 43 letters and digits.
        """
        self._token = token
        self._crypt = (
            MessageCrypt(token=token, encoding_aes_key=encoding_aes_key, app_id=app_id)
            if encoding_aes_key
            else None
        )

    def echo(self, delivery: Delivery) -> str:
        """Return what the verification of the address is to be answered with.

        Raises:
            BadSignature: it was not signed with this account's token.
        """
        self._verify(delivery)
        return delivery.echostr

    def open(self, delivery: Delivery, body: bytes) -> bytes:
        """Verify a delivery and return its document.

        Raises:
            BadSignature: it was not signed with this account's token.
            MalformedCallback: signed, but not what this account's mode sends, or meant for another app.
        """
        if self._crypt is not None:
            return self._crypt.open(
                read_envelope(body),
                msg_signature=delivery.msg_signature,
                timestamp=delivery.timestamp,
                nonce=delivery.nonce,
            )
        self._verify(delivery)
        if len(body) > DOCUMENT_BYTES_MAX:
            raise MalformedCallback(
                CallbackRefusal.MALFORMED_MESSAGE, f"the document exceeds {DOCUMENT_BYTES_MAX} bytes"
            )
        return body

    def seal(self, document: str, *, at: datetime, wire: Wire = Wire.XML) -> bytes:
        """Return a rendered reply as the account's mode wants it."""
        if self._crypt is None:
            return document.encode()
        return seal_reply(self._crypt, document, at=at, wire=wire)

    def _verify(self, delivery: Delivery) -> None:
        verify_signature(self._token, delivery.timestamp, delivery.nonce, signature=delivery.signature)
