"""The platform's certificates: several are valid at once while one replaces another.

Source: pay.weixin.qq.com, 下载平台证书 (read 2026).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from quanyu.wechat.pay.crypto import Sealed, open_sealed
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call
from quanyu.wechat.pay.signing import certificate_key, read_certificate, same_serial


class CertificatesRequest(Request, frozen=True):
    algorithm_type: str = "RSA"


class SealedCertificate(Part, frozen=True):
    serial_no: str
    effective_time: str
    expire_time: str
    encrypt_certificate: Sealed


class CertificatesAnswer(Answer, frozen=True):
    data: tuple[SealedCertificate, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformCertificate:
    """A certificate of the platform, opened."""

    serial: str  # As ``same_serial`` writes it.
    pem: str
    effective_at: datetime
    expires_at: datetime

    @property
    def key(self) -> RSAPublicKey:
        return certificate_key(read_certificate(self.pem))


# The one call whose answer is verified by what it carries, so only ``PlatformKeys`` makes it.
CERTIFICATES: Final = pay_call("GET", "/v3/certificates", CertificatesRequest, CertificatesAnswer)


def open_certificates(answer: CertificatesAnswer, api_v3_key: str) -> tuple[PlatformCertificate, ...]:
    """Decrypt what the platform answered.

    Raises:
        CannotDecrypt: the APIv3 key is another one.
        InvalidPayKey: what was decrypted is no certificate.
    """
    return tuple(_open(one, api_v3_key) for one in answer.data)


def _open(sealed: SealedCertificate, api_v3_key: str) -> PlatformCertificate:
    pem = open_sealed(sealed.encrypt_certificate, api_v3_key).decode("utf-8", "replace")
    known = read_certificate(pem)
    return PlatformCertificate(
        serial=same_serial(sealed.serial_no),
        pem=pem,
        effective_at=known.not_valid_before_utc,
        expires_at=known.not_valid_after_utc,
    )
