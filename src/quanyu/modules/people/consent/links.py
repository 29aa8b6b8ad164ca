"""Links to somebody's preference page: for one person, signed, and for a time."""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from quanyu.infra.crypto import TOKEN_BYTES, KeyRing
from quanyu.kernel.ids import PersonId, TenantId

PATH: Final = "/preferences"
LASTS: Final = timedelta(days=90)
LASTS_DAYS_MAX: Final = 365
_BODY: Final = struct.Struct(">BIII")  # Number of the blind key, brand, person, Unix seconds of the end.


@dataclass(frozen=True, slots=True)
class PreferenceLink:
    """Whom a link is for, and until when."""

    tenant_id: TenantId
    person_id: PersonId
    expires_at: datetime


class PreferenceLinks:
    """Makes and reads links. Nothing is stored: the signature is all."""

    def __init__(self, keyring: KeyRing, public_url: str) -> None:
        self._keyring = keyring
        self._base = f"{public_url.rstrip('/')}{PATH}/"

    def make(
        self, tenant_id: TenantId, person_id: PersonId, now: datetime, lasts: timedelta = LASTS
    ) -> tuple[str, datetime]:
        """Return the address of somebody's page and the instant it ends."""
        ends = datetime.fromtimestamp(int((now + lasts).timestamp()), UTC)
        version = self._keyring.blind_version
        body = _BODY.pack(version, tenant_id, person_id, int(ends.timestamp()))
        token = base64.urlsafe_b64encode(body + self._signature(version, body)).decode().rstrip("=")
        return f"{self._base}{token}", ends

    def of(self, tenant_id: TenantId, person_id: PersonId, now: datetime) -> str:
        """Return the address of somebody's page, as messages name it: the same for a whole day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.make(tenant_id, person_id, day)[0]

    def read(self, token: str, now: datetime) -> PreferenceLink | None:
        """Return what a link says; ``None`` when it is not ours, was changed, or has ended."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        body, signature = raw[: _BODY.size], raw[_BODY.size :]
        if len(signature) != TOKEN_BYTES:
            return None
        version, tenant, person, ends = _BODY.unpack(body)
        if version not in self._keyring.blind_versions:
            return None
        if not hmac.compare_digest(signature, self._signature(version, body)):
            return None
        expires_at = datetime.fromtimestamp(ends, UTC)
        if expires_at <= now:
            return None
        return PreferenceLink(TenantId(tenant), PersonId(person), expires_at)

    def _signature(self, version: int, body: bytes) -> bytes:
        return self._keyring.blind_with(version, "preference-link", "", body.hex())
