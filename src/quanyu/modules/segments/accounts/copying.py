"""The warehouse's copy of contacts of now: where people work, with what their companies say."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.people.companies.service import Accounts

CHUNK: Final = 20_000
_COLUMNS: Final = (
    *("tenant_id", "company", "person", "roles", "says", "segments"),
    *("digest", "version", "deleted"),
)
_STORED: Final = (
    "SELECT company, person, digest FROM company_contact FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND deleted = 0"
)


@dataclass(frozen=True, slots=True)
class _Row:
    company: int
    person: int
    roles: Sequence[str]
    says: str
    segments: Sequence[int]

    @property
    def digest(self) -> int:
        """What two equal rows share."""
        text = json.dumps([list(self.roles), self.says, list(self.segments)])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


class ContactCopy:
    """One brand's copy: a row for each person at each company, whatever merges made of either."""

    def __init__(self, warehouse: Warehouse, tenant_id: TenantId) -> None:
        self._warehouse = warehouse
        self._gate = warehouse.for_tenant(tenant_id)
        self._tenant_id = tenant_id

    async def bring(self, accounts: Accounts, segments: Mapping[int, Sequence[int]]) -> int:
        """Write what differs; return how many rows. ``segments``: those each company is in. Idempotent.

        Raises:
            WarehouseUnavailable: some may be written; call again later.
        """
        wanted = {(row.company, row.person): row for row in _rows(accounts, segments)}
        rows = await self._gate.query(_STORED)
        stored = {(int(company), int(person)): int(digest) for company, person, digest in rows}
        version = new_id()  # Time-ordered, also across a restore of PostgreSQL to an earlier state.
        lines = [
            self._line(row, digest, version)
            for key, row in wanted.items()
            if stored.get(key) != (digest := row.digest)
        ]
        gone = (_Row(company, person, (), "{}", ()) for company, person in stored.keys() - wanted.keys())
        lines += [self._line(row, 0, version, deleted=1) for row in gone]
        for start in range(0, len(lines), CHUNK):
            part = "".join(lines[start : start + CHUNK])
            await self._warehouse.insert_tsv("company_contact", _COLUMNS, part.encode())
        return len(lines)

    def _line(self, row: _Row, digest: int, version: int, *, deleted: int = 0) -> str:
        roles = ",".join(f"'{_escaped(role)}'" for role in row.roles)
        values = (int(self._tenant_id), row.company, row.person, f"[{roles}]", _escaped(row.says))
        segments = f"[{','.join(map(str, row.segments))}]"
        return "\t".join(map(str, (*values, segments, digest, version, deleted))) + "\n"


def _rows(accounts: Accounts, segments: Mapping[int, Sequence[int]]) -> Iterator[_Row]:
    roles: dict[tuple[int, int], set[str]] = {}
    for company, person, held in accounts.contacts:
        roles.setdefault((int(company), int(person)), set()).update(held)
    says: dict[int, str] = {int(one): _said(said) for one, said in accounts.companies.items()}
    for (company_id, who), every in roles.items():
        if company_id in says:
            in_segments = segments.get(company_id, ())
            yield _Row(company_id, who, sorted(every), says[company_id], in_segments)


def _said(said: Mapping[str, Any]) -> str:
    return json.dumps(dict(sorted(said.items())), ensure_ascii=False)


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), ("'", "\\'"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, written)
    return text
