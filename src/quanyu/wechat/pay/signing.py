"""Signatures of 微信支付: SHA-256 with RSA PKCS#1 v1.5 over lines that each end with a line feed.

Source: pay.weixin.qq.com, 签名与验签规则 (read 2026). Pure: neither clock nor network.
"""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from quanyu.wechat.pay.errors import InvalidPayKey

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
PROBE: Final = "WECHATPAY/SIGNTEST/"  # How the platform's deliberately wrong signatures begin.
PUBLIC_KEY_ID: Final = re.compile(r"PUB_KEY_ID_\w{1,60}")
_BITS_MIN: Final = 2048


def lines(*parts: str | bytes) -> bytes:
    """Return the message that is signed: each part, and a line feed after each, the last one too."""
    return b"".join((part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)


@dataclass(frozen=True, slots=True)
class Signer:
    """A merchant's private key and the serial number of its certificate."""

    mch_id: str
    serial_no: str
    key: RSAPrivateKey

    def sign(self, message: bytes) -> str:
        """Return the signature in base64."""
        return base64.b64encode(self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()

    def authorization(self, method: str, target: str, body: bytes, *, timestamp: int, nonce: str) -> str:
        """Return the header of a request. ``target`` is path and query exactly as they are sent."""
        signature = self.sign(lines(method, target, str(timestamp), nonce, body))
        return (
            f'{SCHEME} mchid="{self.mch_id}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self.serial_no}"'
        )


def is_signed(key: RSAPublicKey, signature: str, *, timestamp: str, nonce: str, body: bytes) -> bool:
    """Tell whether an answer or a notification carries the signature of ``key``."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, lines(timestamp, nonce, body), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def new_nonce() -> str:
    """Return 32 random letters and digits."""
    return secrets.token_hex(16)


def read_private_key(pem: str) -> RSAPrivateKey:
    """Read the merchant's key, ``apiclient_key.pem``.

    Raises:
        InvalidPayKey: it is no RSA key of at least 2048 bits, or one with a password.
    """
    try:
        key = serialization.load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _invalid("the private key cannot be read", "商户私钥无法读取（apiclient_key.pem）") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS_MIN:
        raise _invalid("the private key is not RSA of 2048 bits", "商户私钥应为 2048 位 RSA 密钥")
    return key


def read_public_key(pem: str) -> RSAPublicKey:
    """Read the platform's public key, ``pub_key.pem``.

    Raises:
        InvalidPayKey: it is no RSA key of at least 2048 bits.
    """
    try:
        key = serialization.load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _invalid("the public key cannot be read", "微信支付公钥无法读取（pub_key.pem）") from error
    return _rsa(key)


def read_certificate(pem: str) -> x509.Certificate:
    """Read a certificate of the platform or of the merchant.

    Raises:
        InvalidPayKey: it is none, or not for RSA of at least 2048 bits.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.strip().encode())
        _rsa(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _invalid("the certificate cannot be read", "证书无法读取") from error
    return certificate


def certificate_key(certificate: x509.Certificate) -> RSAPublicKey:
    """Return the public key in a certificate that ``read_certificate`` read."""
    return _rsa(certificate.public_key())


def serial_of(certificate: x509.Certificate) -> str:
    """Return the serial number as headers write it: hexadecimal, upper case."""
    return f"{certificate.serial_number:X}"


def same_serial(one: str) -> str:
    """Return a serial number in the one form it is compared in: no leading zeros, upper case."""
    return one if one.startswith("PUB_KEY_ID_") else one.upper().lstrip("0")


def _rsa(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey) or key.key_size < _BITS_MIN:
        raise _invalid("the public key is not RSA of 2048 bits", "公钥应为 2048 位 RSA 密钥")
    return key


def _invalid(message: str, message_zh: str) -> InvalidPayKey:
    return InvalidPayKey(message, message_zh=message_zh)
