"""WXBizMsgCrypt: signatures and encryption of official-account callbacks and replies.

Source: developers.weixin.qq.com, 消息推送 / 消息加解密说明 (read 2026). Test vector: token ``AAAAA``,
EncodingAESKey 43 x ``A``, app id ``wxba5fad812f8e6fb9``; timestamp 1714036504 with nonce 1514711492
signs to ``f464b24fc39322e44b38aa78f5edd27bd1441696`` (more in ``tests/unit/wechat``).
"""

import re
import secrets
from base64 import b64decode, b64encode
from hashlib import sha1
from hmac import compare_digest
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from quanyu.wechat.callbacks.errors import (
    BadSignature,
    CallbackRefusal,
    InvalidEncodingKey,
    MalformedCallback,
)

_AES_KEY_FORM: Final = re.compile(r"[A-Za-z0-9]{43}")
_RANDOM_BYTES: Final = 16
_HEADER_BYTES: Final = _RANDOM_BYTES + 4  # The random prefix and the message length.
_PAD_BLOCK: Final = 32  # PKCS#7 over 32 bytes, twice the cipher's own block.
_PADDINGS: Final = tuple(bytes([count]) * count for count in range(_PAD_BLOCK + 1))


def sign(*parts: str) -> str:
    """Return the platform's signature: SHA-1 over the sorted parts, in hexadecimal."""
    # Code points sort as their UTF-8 bytes do. The platform prescribes SHA-1; there is nothing to choose.
    return sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


def verify_signature(*parts: str, signature: str) -> None:
    """Compare ``signature`` with that of ``parts``, in constant time.

    Raises:
        BadSignature: they differ.
    """
    if not (signature.isascii() and compare_digest(sign(*parts), signature)):
        raise BadSignature


def decode_aes_key(encoding_aes_key: str) -> bytes:
    """Return the 32 key bytes of an EncodingAESKey.

    Raises:
        InvalidEncodingKey: it is not 43 letters and digits.
    """
    if not _AES_KEY_FORM.fullmatch(encoding_aes_key):
        raise InvalidEncodingKey(
            "EncodingAESKey must be exactly 43 letters and digits, "
            f"this one has {len(encoding_aes_key)} characters or other signs"
        )
    return b64decode(encoding_aes_key + "=")


class MessageCrypt:
    """Opens what the platform sends one account, and seals what is answered.

    Use one instance from one thread at a time: it keeps a cipher context between messages.
    """

    def __init__(self, *, token: str, encoding_aes_key: str, app_id: str) -> None:
        key = decode_aes_key(encoding_aes_key)
        self._token = token
        self._app_id = app_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        # CBC mixes the previous cipher block into the next plain block and into no other. A context kept
        # between messages therefore garbles only the first 16 plain bytes, which are random and thrown
        # away, and saves setting up AES once per message, the dearest step of opening one.
        self._decryptor = self._cipher.decryptor()

    def verify_plain(self, *, signature: str, timestamp: str, nonce: str) -> None:
        """Check the signature of a request that is not encrypted, such as the URL verification.

        Raises:
            BadSignature: it was not made with this account's token.
        """
        verify_signature(self._token, timestamp, nonce, signature=signature)

    def open(self, encrypted: str, *, msg_signature: str, timestamp: str, nonce: str) -> bytes:
        """Verify, then decrypt the base64 text of an ``Encrypt`` field; return the message.

        Nothing is decoded before the signature holds.

        Raises:
            BadSignature: the signature was not made with this account's token.
            MalformedCallback: signed, but not of the platform's layout, or meant for another app.
        """
        verify_signature(self._token, timestamp, nonce, encrypted, signature=msg_signature)
        try:
            # msgspec reads base64 three times as fast as binascii, and refuses stray characters.
            sealed = msgspec.convert(encrypted, bytes)
        except msgspec.ValidationError as error:
            raise MalformedCallback(CallbackRefusal.MALFORMED_CIPHERTEXT, "Encrypt is not base64") from error
        return self._decrypt(sealed)

    def seal(self, message: bytes) -> str:
        """Encrypt ``message`` and return it as base64 text."""
        body = b"".join(
            (secrets.token_bytes(_RANDOM_BYTES), len(message).to_bytes(4, "big"), message, self._app_id)
        )
        return self._encrypt(body)

    def sign_sealed(self, encrypted: str, *, timestamp: str, nonce: str) -> str:
        """Return the ``msg_signature`` of an ``Encrypt`` text."""
        return sign(self._token, timestamp, nonce, encrypted)

    def _encrypt(self, body: bytes) -> str:
        encryptor = self._cipher.encryptor()
        padding = _PADDINGS[_PAD_BLOCK - len(body) % _PAD_BLOCK]
        return b64encode(encryptor.update(body + padding) + encryptor.finalize()).decode()

    def _decrypt(self, sealed: bytes) -> bytes:
        if not sealed or len(sealed) % _PAD_BLOCK:
            # A partial block would also stay behind in the kept context.
            raise MalformedCallback(
                CallbackRefusal.MALFORMED_CIPHERTEXT, f"{len(sealed)} encrypted bytes are not whole blocks"
            )
        plain = self._decryptor.update(sealed)
        padded = plain[-1]
        if not 1 <= padded <= _PAD_BLOCK or not plain.endswith(_PADDINGS[padded]):
            raise MalformedCallback(CallbackRefusal.WRONG_PADDING, "the padding is not PKCS#7 over 32 bytes")
        message_end = _HEADER_BYTES + int.from_bytes(plain[_RANDOM_BYTES:_HEADER_BYTES])  # Big-endian.
        if message_end > len(plain) - padded:
            raise MalformedCallback(
                CallbackRefusal.MALFORMED_CIPHERTEXT, "the stated length exceeds the message"
            )
        if not compare_digest(plain[message_end:-padded], self._app_id):
            raise MalformedCallback(
                CallbackRefusal.WRONG_APP_ID, "the message was encrypted for another app id"
            )
        return plain[_HEADER_BYTES:message_end]
