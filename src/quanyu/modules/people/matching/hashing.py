"""Blocking keys and values as numbers that say nothing without the key of this deployment."""

from collections.abc import Mapping, Sequence
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.modules.people.matching import blocking
from quanyu.modules.people.matching.model import Record

# How common their values are is counted. A phone, an address or a card number is hardly anybody else's.
COUNTED: Final = ("name", "nickname", "given_name", "surname", "birth_date", "postcode", "city")


class Hasher:
    """Turns keys and values of one brand into signed 64-bit numbers."""

    def __init__(self, keyring: KeyRing, tenant_id: int) -> None:
        self._keyring = keyring
        self._scope = str(tenant_id)

    def keys(self, record: Record) -> tuple[int, ...]:
        """Return the blocking keys of a record, what says most first."""
        return tuple(dict.fromkeys(self._number("key", key) for key in blocking.keys(record)))

    def counted(self, record: Record) -> tuple[int, ...]:
        """Return the values of a record that are counted, and the fields it has."""
        found = [self.value(field, value) for field in COUNTED for value in record.get(field, ())]
        fields = [self.field(field) for field in COUNTED for _ in record.get(field, ())]
        return (*found, *fields)

    def value(self, field: str, value: str) -> int:
        """Return the number of one value of a field."""
        return self._number(f"value:{field}", value)

    def field(self, field: str) -> int:
        """Return the number under which all values of a field are counted."""
        return self._number("field", field)

    def _number(self, kind: str, text: str) -> int:
        token = self._keyring.blind(f"match:{kind}", self._scope, text)
        return int.from_bytes(token[:8], "big", signed=True)


class StoredFrequencies:
    """How common values are among all people of a brand, as counted so far."""

    def __init__(self, hasher: Hasher, *, records: int, people: Mapping[int, int]) -> None:
        self._hasher = hasher
        self._records = records
        self._people = people

    @property
    def records(self) -> int:
        return self._records

    def of(self, field: str, value: str) -> tuple[int, int]:
        if field not in COUNTED:
            return 1, self._records
        known = self._people.get(self._hasher.field(field), 0)
        return self._people.get(self._hasher.value(field, value), 0), known


def wanted(hasher: Hasher, records: Sequence[Record]) -> list[int]:
    """Return the numbers of everything whose frequency comparing these records may ask for."""
    values = {
        hasher.value(field, value)
        for record in records
        for field in COUNTED
        for value in record.get(field, ())
    }
    return sorted(values | {hasher.field(field) for field in COUNTED})
