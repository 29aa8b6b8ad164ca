"""What 微信支付 encrypts: AES-256-GCM with the APIv3 key, RSA-OAEP for single fields.

Source: pay.weixin.qq.com, 敏感信息加解密 and 回调报文解密 (read 2026).
"""

import base64
import binascii
import re
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quanyu.wechat.calls import Part
from quanyu.wechat.pay.errors import CannotDecrypt, InvalidPayKey

ALGORITHM: Final = "AEAD_AES_256_GCM"
_API_V3_KEY: Final = re.compile(r"[\x21-\x7e]{32}")
# SHA-1 is what the platform prescribes; as OAEP's digest it needs no resistance to collisions.
_OAEP: Final = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303


class Sealed(Part, frozen=True):
    """An encrypted document. ``ciphertext`` is base64 of the cipher text and its 16-byte tag."""

    ciphertext: str
    nonce: str
    algorithm: str = ALGORITHM
    associated_data: str = ""
    original_type: str = ""


def check_api_v3_key(key: str) -> str:
    """Return the key.

    Raises:
        InvalidPayKey: it is not 32 printable ASCII characters.
    """
    if not _API_V3_KEY.fullmatch(key):
        raise InvalidPayKey("an APIv3 key has 32 characters", message_zh="APIv3 密钥应为 32 位字符")
    return key


def open_sealed(sealed: Sealed, api_v3_key: str) -> bytes:
    """Decrypt a notification's resource or a certificate.

    Raises:
        CannotDecrypt: it was changed, or encrypted with another key or in another way.
    """
    if sealed.algorithm != ALGORITHM:
        raise CannotDecrypt(f"unknown algorithm {sealed.algorithm[:40]}")
    try:
        cipher = base64.b64decode(sealed.ciphertext, validate=True)
        return AESGCM(api_v3_key.encode()).decrypt(
            sealed.nonce.encode(), cipher, sealed.associated_data.encode()
        )
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CannotDecrypt(
            "not encrypted with this merchant's APIv3 key", message_zh="APIv3 密钥与商户平台设置的不一致"
        ) from error


def encrypt_field(text: str, key: RSAPublicKey) -> str:
    """Return a field that only the platform can read, in base64."""
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def decrypt_field(text: str, key: RSAPrivateKey) -> str:
    """Read a field that the platform encrypted for the merchant.

    Raises:
        CannotDecrypt: it was encrypted for another certificate.
    """
    try:
        return key.decrypt(base64.b64decode(text, validate=True), _OAEP).decode()
    except (binascii.Error, ValueError) as error:
        raise CannotDecrypt("not encrypted for this merchant's certificate") from error
