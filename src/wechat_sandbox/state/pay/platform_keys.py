"""The platform's own keys: certificates that are rotated, and the public key that never ends.

A new certificate is handed out at once and signs a day later, so that everybody can fetch it in time.
"""

from dataclasses import dataclass

import msgspec

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.pay import crypto

_META = "pay_platform_keys"
_NAME = "Tenpay.com sandbox sign"
_ISSUER = "Tenpay.com sandbox authority"
VALID_S = 5 * 365 * DAY_S
NOTICE_S = float(DAY_S)  # A certificate appears so long before it signs.
OVERLAP_S = float(DAY_S)  # And is listed so long after the next one signs.


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCertificate:
    """One certificate; ``signs_from`` in virtual epoch seconds."""

    serial_no: str
    private_key_pem: str
    certificate_pem: str
    effective_at: float
    expires_at: float
    signs_from: float


@dataclass(slots=True, kw_only=True)
class _Kept:
    public_key_id: str = ""
    public_key_private_pem: str = ""
    certificates: list[PlatformCertificate] | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs answers and callbacks, under the name that goes into ``Wechatpay-Serial``."""

    serial: str
    private_key_pem: str


class PlatformKeys:
    """Made on first use, kept with the state."""

    def __init__(self, store: Storage, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._kept = msgspec.convert(store.read_meta(_META) or {}, _Kept)

    def certificates(self, at: float) -> list[PlatformCertificate]:
        """Return the certificates that may sign now or soon, the one that signs first."""
        known = self._certificates(at)
        begun = [one for one in known if one.signs_from <= at]
        current = begun[-1]
        coming = [one for one in known if one.signs_from > at]
        leaving = [one for one in begun[:-1] if at < current.signs_from + OVERLAP_S]
        return [current, *coming, *leaving]

    def rotate(self, at: float, *, after_s: float = NOTICE_S) -> PlatformCertificate:
        """Make the next certificate; it signs ``after_s`` from now."""
        known = self._certificates(at)
        made = _make(at, signs_from=at + after_s)
        self._kept.certificates = [*known, made][-4:]
        self._write()
        return made

    @property
    def public_key_id(self) -> str:
        self._ensure_public_key()
        return self._kept.public_key_id

    @property
    def public_key_pem(self) -> str:
        self._ensure_public_key()
        return crypto.public_pem(self._kept.public_key_private_pem)

    def signer(self, at: float, *, public_key: bool) -> Signer:
        """Return the key that signs."""
        if public_key:
            self._ensure_public_key()
            return Signer(self._kept.public_key_id, self._kept.public_key_private_pem)
        current = self.certificates(at)[0]
        return Signer(current.serial_no, current.private_key_pem)

    def find(self, serial: str, at: float) -> Signer | None:
        """Return the key a request names to say what it encrypted with."""
        if serial == self._kept.public_key_id:
            return self.signer(at, public_key=True)
        for one in self.certificates(at):
            if one.serial_no == serial.upper().zfill(40):
                return Signer(one.serial_no, one.private_key_pem)
        return None

    def _certificates(self, at: float) -> list[PlatformCertificate]:
        if not self._kept.certificates:
            self._kept.certificates = [_make(at, signs_from=0.0)]
            self._write()
        return self._kept.certificates

    def _ensure_public_key(self) -> None:
        if not self._kept.public_key_private_pem:
            self._kept.public_key_private_pem = crypto.make_key()
            self._kept.public_key_id = f"PUB_KEY_ID_0{abs(self._seed) % 10**10:010d}20241010"
            self._write()

    def _write(self) -> None:
        self._store.write_meta(_META, msgspec.to_builtins(self._kept))


def _make(at: float, *, signs_from: float) -> PlatformCertificate:
    private = crypto.make_key()
    certificate, serial = crypto.make_certificate(
        private, name=_NAME, issuer=_ISSUER, since=at, until=at + VALID_S
    )
    return PlatformCertificate(
        serial_no=serial,
        private_key_pem=private,
        certificate_pem=certificate,
        effective_at=at,
        expires_at=at + VALID_S,
        signs_from=signs_from,
    )
