"""Bodies hold personal data: they are kept encrypted, and recipients are known by tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.contracts import AddressKind


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a call to the platform needs, and what an operator is shown."""

    address: str
    payload: Mapping[str, Any]
    preview: str
    address_kind: AddressKind = AddressKind.OPENID


class Sealer:
    """Seals and opens letters; each opens only as the message it was sealed for."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def recipient_token(self, account_id: int, address: str) -> bytes:
        """Return the token under which an address's windows are kept."""
        return self._keys.blind("messaging.recipient", str(account_id), address)

    def seal(self, tenant_id: TenantId, message_id: int, letter: Letter) -> bytes:
        """Encrypt a letter."""
        content = msgspec.json.encode((letter.address, letter.payload, letter.preview, letter.address_kind))
        return self._keys.seal(content, context=_context(tenant_id, message_id))

    def open(self, tenant_id: TenantId, message_id: int, sealed: bytes) -> Letter:
        """Decrypt a letter.

        Raises:
            CannotOpen: it was changed or belongs to another message.
        """
        content = self._keys.open(sealed, context=_context(tenant_id, message_id))
        # Letters sealed before there were other addresses name no kind: they hold an openid.
        address, payload, preview, *kind = msgspec.json.decode(content)
        return Letter(address, payload, preview, *map(AddressKind, kind))


def _context(tenant_id: TenantId, message_id: int) -> bytes:
    return f"message:{tenant_id}:{message_id}".encode()
