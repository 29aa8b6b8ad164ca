"""What the front end hands over: data signed or encrypted with the person's session key.

AES-128-CBC, PKCS#7 over 16 bytes; the watermark inside must name our own app.
Source: developers.weixin.qq.com, 开放数据校验与解密 (read 2026). Vectors: ``tests/unit/wechat``.
"""

import binascii
from base64 import b64decode
from hashlib import sha1
from hmac import compare_digest
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from quanyu.kernel.errors import ErrorKind
from quanyu.wechat.errors import WechatError

_BLOCK: Final = 16
_BYTES_MAX: Final = 64 * 1024


class OpenDataRefused(WechatError):
    """The data was not made with this session key, or not for this app. The message tells no secret."""

    kind = ErrorKind.INVALID
    code = "wechat.open_data_refused"


class _Watermark(msgspec.Struct, frozen=True):
    appid: str
    timestamp: int = 0


class _Marked(msgspec.Struct, frozen=True):
    watermark: _Watermark


def verify_raw_data(raw_data: str, *, signature: str, session_key: str) -> None:
    """Check the signature of ``rawData``.

    Raises:
        OpenDataRefused: it was not made with this session key.
    """
    expected = sha1((raw_data + session_key).encode()).hexdigest()  # noqa: S324 - the platform prescribes it.
    if not (signature.isascii() and compare_digest(expected, signature)):
        raise OpenDataRefused("rawData was not signed with this session key")


def decrypt(encrypted_data: str, *, iv: str, session_key: str, app_id: str) -> dict[str, Any]:
    """Return what ``encryptedData`` holds, with its watermark checked.

    Raises:
        OpenDataRefused: not of the documented form, another session key, or another app.
    """
    plain = _decrypt(
        _base64(encrypted_data, "encryptedData"),
        iv=_base64(iv, "iv"),
        key=_base64(session_key, "session_key"),
    )
    try:
        mark = msgspec.json.decode(plain, type=_Marked, strict=False).watermark
        fields: dict[str, Any] = msgspec.json.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpenDataRefused("the decrypted data is not the documented JSON") from error
    if not compare_digest(mark.appid.encode(), app_id.encode()):
        raise OpenDataRefused("the data was encrypted for another app id")
    return fields


def _base64(text: str, name: str) -> bytes:
    if len(text) > _BYTES_MAX:
        raise OpenDataRefused(f"{name} is too long")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise OpenDataRefused(f"{name} is not base64") from error


def _decrypt(sealed: bytes, *, iv: bytes, key: bytes) -> bytes:
    if len(key) != _BLOCK or len(iv) != _BLOCK or not sealed or len(sealed) % _BLOCK:
        raise OpenDataRefused("key, iv or data do not have the length they must have")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    padded = plain[-1]
    if not 1 <= padded <= _BLOCK or not plain.endswith(bytes([padded]) * padded):
        raise OpenDataRefused("the data was not encrypted with this session key")
    return plain[:-padded]
