"""Keys, signatures and encryption of WeChat Pay v3.

Source: signature rules and field encryption of the official skills repository (wechatpay-skills, 2026-04),
callback encryption AEAD_AES_256_GCM. Instants are virtual epoch seconds.
"""

import base64
import binascii
import hashlib
import os
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

ALGORITHM = "AEAD_AES_256_GCM"
SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
_KEY_BITS = 2048
_YEARS_5_DAYS = 1826
# The field encryption of the platform is fixed to SHA-1: RSA/ECB/OAEPWithSHA-1AndMGF1Padding.
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303


class CannotDecrypt(ValueError):
    """A ciphertext was not made for this key."""


def make_key() -> str:
    """Return a new private key as PEM (PKCS #8)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(private_pem: str) -> str:
    """Return the public half of a private key as PEM."""
    return (
        _private(private_pem)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def make_certificate(
    private_pem: str, *, name: str, issuer: str, since: float, until: float
) -> tuple[str, str]:
    """Return a certificate as PEM and its serial number in upper-case hex.

    Programs check the dates against the real clock or the virtual one, so both lie within.
    """
    key = _private(private_pem)
    now = datetime.now(UTC)
    begin = min(now, datetime.fromtimestamp(since, UTC)) - timedelta(days=1)
    end = max(now + timedelta(days=_YEARS_5_DAYS), datetime.fromtimestamp(until, UTC))
    serial = int.from_bytes(b"\x4a" + os.urandom(19), "big")
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), f"{serial:040X}"


def sign(private_pem: str, message: bytes) -> str:
    """Return an RSA-SHA256 signature (PKCS #1 v1.5) in base64."""
    signature = _private(private_pem).sign(message, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def verifies(certificate_pem: str, message: bytes, signature: str) -> bool:
    """Whether a signature was made with the key of a certificate."""
    try:
        _public(certificate_pem).verify(
            base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def seal(api_v3_key: str, plain: bytes, *, nonce: str, associated_data: str) -> str:
    """Encrypt as callbacks and certificates are: base64 of ciphertext and tag."""
    sealed = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), plain, associated_data.encode())
    return base64.b64encode(sealed).decode()


def encrypt_field(certificate_pem: str, text: str) -> str:
    """Encrypt a sensitive field of an answer for a merchant."""
    return base64.b64encode(_public(certificate_pem).encrypt(text.encode(), _OAEP)).decode()


def decrypt_field(private_pem: str, text: str) -> str:
    """Decrypt a sensitive field of a request.

    Raises:
        CannotDecrypt: no base64, or encrypted for another key.
    """
    try:
        return _private(private_pem).decrypt(base64.b64decode(text, validate=True), _OAEP).decode()
    except (ValueError, binascii.Error) as error:
        raise CannotDecrypt(str(error)) from error


def sha1_hex(content: bytes) -> str:
    """Hash a file as bills are."""
    return hashlib.sha1(content).hexdigest()  # noqa: S324 - the platform's choice.


@lru_cache(maxsize=256)
def _private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@lru_cache(maxsize=256)
def _public(certificate_pem: str) -> rsa.RSAPublicKey:
    key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )
