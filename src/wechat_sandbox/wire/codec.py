"""Signing and encryption of callbacks in secure mode.

Source: official documentation 消息推送 / 消息加解密 (mirror read 2026-07-30). Vectors are in
``tests/unit/sandbox/test_codec.py``.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # The platform pads to 32 bytes, not to the 16 of AES.
_RANDOM = 16
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}\Z")


class CodecError(ValueError):
    """An envelope is not one the platform would accept."""


def sign(*parts: str) -> str:
    """Return the hex SHA-1 of the parts sorted byte by byte and joined."""
    ordered = sorted(part.encode() for part in parts)
    return hashlib.sha1(b"".join(ordered), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class CallbackCodec:
    """Encrypts what the platform sends and opens what an account answers."""

    token: str
    aes_key: str
    appid: str

    def __post_init__(self) -> None:
        if not _AES_KEY.match(self.aes_key):
            raise CodecError("an EncodingAESKey has 43 letters or digits")

    def encrypt(self, message: bytes, *, random: bytes | None = None) -> str:
        """Return the base64 text of ``random | length | message | appid``, padded and encrypted."""
        head = random if random is not None else os.urandom(_RANDOM)
        buffer = head + len(message).to_bytes(4, "big") + message + self.appid.encode()
        fill = _BLOCK - len(buffer) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(buffer + bytes([fill]) * fill) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """Open ``Encrypt`` and return the message inside.

        Raises:
            CodecError: not base64, not whole blocks, a wrong length or another account's appid.
        """
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CodecError("Encrypt is not base64") from error
        if not sealed or len(sealed) % 16:
            raise CodecError("Encrypt is not a whole number of blocks")
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        return self._unwrap(_unpad(padded))

    def verify(self, signature: str, *, timestamp: str, nonce: str, encrypted: str) -> None:
        """Check a ``msg_signature``.

        Raises:
            CodecError: the signature is another one.
        """
        expected = sign(self.token, timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise CodecError("MsgSignature does not match")

    def _unwrap(self, buffer: bytes) -> bytes:
        start = _RANDOM + 4
        end = start + int.from_bytes(buffer[_RANDOM:start], "big")
        if len(buffer) < start or end > len(buffer):
            raise CodecError("the length inside the envelope exceeds it")
        if buffer[end:] != self.appid.encode():
            raise CodecError("the envelope belongs to another appid")
        return buffer[start:end]

    def _cipher(self) -> "Cipher[modes.CBC]":
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _unpad(padded: bytes) -> bytes:
    fill = padded[-1]
    # Official samples take a value outside 1..32 as "no padding".
    return padded[:-fill] if 1 <= fill <= _BLOCK else padded
