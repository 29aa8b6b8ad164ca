"""Callback bodies of 企业微信: always encrypted XML, the receive id at the end is the corp's id.

Source: official pages 回调配置 and 加解密方案说明 (page ids 90930, 90968).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.wire.codec import CallbackCodec, CodecError, sign
from wechat_sandbox.wire.envelope import BadReply, Sealed
from wechat_sandbox.wire.xml import InvalidXml, XmlValue, document, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpEnvelope:
    """Writes callbacks of one callback address and opens the answers."""

    corpid: str
    agentid: str  # Empty for addresses that belong to no app.
    token: str
    aes_key: str

    def seal(self, fields: Mapping[str, XmlValue]) -> Sealed:
        """Return the body; sealing again gives another ciphertext, so retries reuse one."""
        encrypted = self._codec().encrypt(document(fields).encode())
        outer: dict[str, XmlValue] = {
            "ToUserName": self.corpid,
            "AgentID": self.agentid,
            "Encrypt": encrypted,
        }
        return Sealed(body=document(outer).encode(), content_type="text/xml", encrypted=encrypted)

    def query(self, sealed: Sealed, *, timestamp: str, nonce: str, openid: str) -> dict[str, str]:
        """Return the signed query of one attempt; it names nobody."""
        return self._signed(sealed.encrypted, timestamp, nonce)

    def echo_query(self, echo: str, *, timestamp: str, nonce: str) -> dict[str, str]:
        """Return the query that asks an address to answer with ``echo``."""
        encrypted = self._codec().encrypt(echo.encode())
        return self._signed(encrypted, timestamp, nonce) | {"echostr": encrypted}

    def open_reply(self, answer: bytes, *, openid: str) -> dict[str, Any]:
        """Open a passive reply.

        Raises:
            BadReply: the envelope or its signature is wrong, or it names no type of message.
        """
        try:
            outer = parse(answer)
            encrypted = str(outer.get("Encrypt", ""))
            codec = self._codec()
            codec.verify(
                str(outer.get("MsgSignature", "")),
                timestamp=str(outer.get("TimeStamp", "")),
                nonce=str(outer.get("Nonce", "")),
                encrypted=encrypted,
            )
            reply = parse(codec.decrypt(encrypted))
        except (CodecError, InvalidXml, UnicodeDecodeError) as error:
            raise BadReply(str(error)) from error
        if not reply.get("MsgType"):
            raise BadReply("the reply has no MsgType")
        return reply

    def _signed(self, encrypted: str, timestamp: str, nonce: str) -> dict[str, str]:
        signature = sign(self.token, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _codec(self) -> CallbackCodec:
        return CallbackCodec(self.token, self.aes_key, self.corpid)
