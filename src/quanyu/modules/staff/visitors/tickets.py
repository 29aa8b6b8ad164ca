"""Signed words in the address or a cookie of a public page: who looks.

A ticket is ``<number in base 32>.<signature>``: nobody can make another's up, and it says nothing by itself.
"""

import hmac
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import InvalidId, PersonId, TenantId, decode_id, encode_id

_SIGNATURE_BYTES: Final = 8
_PERSON: Final = "group_code_person"


class PersonTickets:
    """Signs and reads who somebody is, for public pages."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def issue(self, tenant_id: TenantId, person_id: PersonId) -> str:
        """Return the ticket of a person; the same whenever it is asked."""
        return f"{encode_id('p', person_id)[2:]}.{self._sign(tenant_id, person_id)}"

    def read(self, tenant_id: TenantId, text: str) -> PersonId | None:
        """Return whose ticket this is, or ``None`` if nobody signed it here."""
        number, _, signature = text.partition(".")
        try:
            person_id = PersonId(decode_id("p", f"p_{number}"))
        except InvalidId:
            return None
        for version in self._keyring.blind_versions:
            signed = self._sign(tenant_id, person_id, version)
            if hmac.compare_digest(signed.encode(), signature.encode()):
                return person_id
        return None

    def _sign(self, tenant_id: TenantId, person_id: PersonId, version: int | None = None) -> str:
        used = self._keyring.blind_version if version is None else version
        token = self._keyring.blind_with(used, _PERSON, str(tenant_id), str(person_id))
        return token[:_SIGNATURE_BYTES].hex()
