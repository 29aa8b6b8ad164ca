"""Signed words that name one person for a time: in links of ours, where nobody logs in.

Nothing is stored, the signature is all; a word says nothing by itself and cannot be made up.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from quanyu.infra.crypto import TOKEN_BYTES, KeyRing
from quanyu.kernel.ids import PersonId, TenantId

_BODY: Final = struct.Struct(">BIII")  # Number of the blind key, brand, person, Unix seconds of the end.


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a ticket names, and until when."""

    tenant_id: TenantId
    person_id: PersonId
    expires_at: datetime


class Tickets:
    """Makes and reads tickets of one use; those of another use are not read."""

    def __init__(self, keyring: KeyRing, use: str) -> None:
        self._keyring = keyring
        self._use = use

    def make(
        self, tenant_id: TenantId, person_id: PersonId, ends: datetime, *, about: str = ""
    ) -> tuple[str, datetime]:
        """Return a ticket, 39 characters long, and the whole second it ends; good for ``about`` alone."""
        ends = datetime.fromtimestamp(int(ends.timestamp()), UTC)
        version = self._keyring.blind_version
        body = _BODY.pack(version, tenant_id, person_id, int(ends.timestamp()))
        raw = body + self._signature(version, about, body)
        return base64.urlsafe_b64encode(raw).decode().rstrip("="), ends

    def read(self, text: str, now: datetime, *, about: str = "") -> Ticket | None:
        """Return what a ticket says; ``None`` when it is not ours, was changed, or has ended."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return None
        body, signature = raw[: _BODY.size], raw[_BODY.size :]
        if len(signature) != TOKEN_BYTES:
            return None
        version, tenant, person, ends = _BODY.unpack(body)
        if version not in self._keyring.blind_versions:
            return None
        if not hmac.compare_digest(signature, self._signature(version, about, body)):
            return None
        expires_at = datetime.fromtimestamp(ends, UTC)
        if expires_at <= now:
            return None
        return Ticket(TenantId(tenant), PersonId(person), expires_at)

    def _signature(self, version: int, about: str, body: bytes) -> bytes:
        return self._keyring.blind_with(version, self._use, about, body.hex())
