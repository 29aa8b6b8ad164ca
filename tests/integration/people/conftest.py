"""A resolver on a real database, fed with rows as the log holds them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.contracts import Identifier, ResolveResult, ResolveRow
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.sealing import IdentifierSealer
from quanyu.modules.people.traits import split_traits

AT = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


def identifier(name: str) -> Identifier:
    """``user_id:u1`` or ``openid@wx1:oX``."""
    kind, _, value = name.partition(":")
    namespace, _, scope = kind.partition("@")
    return Identifier(namespace, scope, value)


@dataclass
class Desk:
    """Writes rows, resolves them, and looks at what is stored."""

    uows: UnitOfWorkFactory
    tenant: TenantId
    key_ring: KeyRing
    resolver: Resolver
    positions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.sealer = IdentifierSealer(self.key_ring)

    def row(
        self,
        *names: str,
        minute: float = 0,
        traits: dict[str, Any] | None = None,
        person_id: int | None = None,
        source: str = "web",
    ) -> ResolveRow:
        """Build a row as the doors write it; with ``traits`` it is an identify call."""
        split = split_traits(traits or {})
        tokens, listed = self.sealer.seal([*(identifier(name) for name in names), *split.identifiers])
        told = {**split.clear, **split.derived}
        return ResolveRow(
            position=next(self.positions),
            kind="track" if traits is None else "identify",
            occurred_at=AT + timedelta(minutes=minute),
            source=source,
            tokens=tokens,
            identifiers_json=listed,
            sealed=self.key_ring.seal(msgspec.json.encode(split.sealed)) if split.sealed else None,
            traits_json=None if traits is None else msgspec.json.encode(told).decode(),
            person_id=person_id,
        )

    async def resolve(self, *rows: ResolveRow) -> ResolveResult:
        """Resolve rows in a transaction of their own."""
        async with self.uows.system(self.tenant) as uow:
            return await self.resolver.resolve(uow, rows)

    async def query(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Run a statement; ``:tenant`` is bound."""
        async with self.uows.system(self.tenant) as uow:
            found = await uow.execute(sql, {"tenant": self.tenant, **params})
            return [tuple(row) for row in found]

    async def people(self, names: Sequence[str]) -> set[frozenset[str]]:
        """Return who is one person, by the identifiers' names."""
        tokens = {self.token(name): name for name in names}
        groups: dict[int, set[str]] = {}
        for token, person in await self.query(
            "SELECT token, canonical_id FROM identity WHERE tenant_id = :tenant"
        ):
            if bytes(token) in tokens:
                groups.setdefault(person, set()).add(tokens[bytes(token)])
        return {frozenset(group) for group in groups.values()}

    def token(self, name: str) -> bytes:
        """Return an identifier's token."""
        return self.sealer.seal([identifier(name)])[0]

    async def check(self) -> None:
        """Assert what must hold of every brand at any time."""
        broken = await self.query(
            """
            SELECT 'identity and its person id disagree', i.token::text FROM identity i
            JOIN person p ON p.tenant_id = i.tenant_id AND p.id = i.person_id
            WHERE i.tenant_id = :tenant AND p.canonical_id <> i.canonical_id
            UNION ALL
            SELECT 'canonical id is not canonical', p.id::text FROM person p
            JOIN person c ON c.tenant_id = p.tenant_id AND c.id = p.canonical_id
            WHERE p.tenant_id = :tenant AND c.canonical_id <> c.id
            UNION ALL
            SELECT 'canonical id is not the least', p.id::text FROM person p
            WHERE p.tenant_id = :tenant AND p.canonical_id > p.id
            UNION ALL
            SELECT 'a held edge spans two people', e.a::text FROM identity_edge e
            JOIN identity a ON a.tenant_id = e.tenant_id AND a.token = e.a
            JOIN identity b ON b.tenant_id = e.tenant_id AND b.token = e.b
            WHERE e.tenant_id = :tenant AND e.state = 'held' AND a.canonical_id <> b.canonical_id
            UNION ALL
            SELECT 'a person nobody is', i.canonical_id::text FROM identity i
            LEFT JOIN person p ON p.tenant_id = i.tenant_id AND p.id = i.canonical_id
            WHERE i.tenant_id = :tenant AND p.id IS NULL
            UNION ALL
            SELECT 'the count is wrong', v.people::text FROM identity_version v
            WHERE v.tenant_id = :tenant AND v.people <> (
                SELECT count(*) FROM person p WHERE p.tenant_id = v.tenant_id AND p.canonical_id = p.id)
            """
        )
        assert broken == []


@pytest.fixture
def desk(uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing) -> Desk:
    return Desk(uows, tenant_id, key_ring, Resolver(key_ring))
