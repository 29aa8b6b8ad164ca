"""Statements on what was decided about identifiers, and on what is shown of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.people.editing import EdgeBefore
from quanyu.modules.people.graph_queries import EdgeRow
from quanyu.modules.people.rules import EdgeKey

EDGES_MAX = 500
DECISIONS_MAX = 50


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """An identifier as stored, for a page."""

    token: bytes
    namespace: str
    scope: str
    sealed: bytes
    first_seen_at: datetime
    flag: str | None
    person_id: int | None
    canonical_id: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as stored."""

    id: int
    kind: str
    tokens: tuple[bytes, ...]
    edges: tuple[EdgeBefore, ...]
    actor: str
    reason: str
    decided_at: datetime
    undone_by: str
    undone_at: datetime | None


_IDENTITY = "i.token, i.namespace, i.scope, i.sealed, i.first_seen_at, i.flag, i.person_id, i.canonical_id"


async def identities_of(uow: UnitOfWork, person_id: int) -> list[ShownIdentity]:
    """Return a canonical person's identifiers, oldest first."""
    rows = await uow.execute(
        f"SELECT {_IDENTITY} FROM identity i WHERE i.tenant_id = :tenant AND i.canonical_id = :person "  # noqa: S608
        "ORDER BY i.first_seen_at, i.token",
        {"tenant": uow.tenant_id, "person": person_id},
    )
    return [_identity(row) for row in rows]


async def identities_by_token(uow: UnitOfWork, tokens: Sequence[bytes]) -> list[ShownIdentity]:
    """Return the identifiers with these tokens."""
    rows = await uow.execute(
        f"SELECT {_IDENTITY} FROM unnest(CAST(:tokens AS bytea[])) AS w (token) "  # noqa: S608
        "JOIN identity i ON i.tenant_id = :tenant AND i.token = w.token",
        {"tenant": uow.tenant_id, "tokens": list(tokens)},
    )
    return [_identity(row) for row in rows]


async def edges_at(uow: UnitOfWork, tokens: Sequence[bytes]) -> list[EdgeRow]:
    """Return edges at these identifiers whatever their state, strongest first, at most ``EDGES_MAX``."""
    rows = await uow.execute(
        """
        SELECT a, b, evidence, source, strength, first_event_at, state, reason, note FROM (
            SELECT e.* FROM unnest(CAST(:tokens AS bytea[])) AS w (token)
            JOIN identity_edge e ON e.tenant_id = :tenant AND e.a = w.token
            UNION
            SELECT e.* FROM unnest(CAST(:tokens AS bytea[])) AS w (token)
            JOIN identity_edge e ON e.tenant_id = :tenant AND e.b = w.token
        ) found ORDER BY strength DESC, first_event_at, a, b, evidence LIMIT :most
        """,
        {"tenant": uow.tenant_id, "tokens": list(tokens), "most": EDGES_MAX},
    )
    return [
        EdgeRow(bytes(row.a), bytes(row.b), row.evidence, row.source, row.strength, row.first_event_at,
                row.state, row.reason, row.note)
        for row in rows
    ]  # fmt: skip


async def delete_edges(uow: UnitOfWork, keys: Sequence[EdgeKey]) -> None:
    """Forget edges: only those that a decision itself had made."""
    await uow.execute(
        "DELETE FROM identity_edge e USING unnest(CAST(:ones AS bytea[]), CAST(:others AS bytea[]), "
        "CAST(:evidence AS text[])) AS w (a, b, evidence) "
        "WHERE e.tenant_id = :tenant AND e.a = w.a AND e.b = w.b AND e.evidence = w.evidence",
        {
            "tenant": uow.tenant_id,
            "ones": [key[0] for key in keys],
            "others": [key[1] for key in keys],
            "evidence": [key[2] for key in keys],
        },
    )


async def keep_decision(
    uow: UnitOfWork,
    kind: str,
    tokens: Sequence[bytes],
    edges: Sequence[EdgeBefore],
    *,
    actor: str,
    reason: str,
) -> int:
    """Write down what was decided; return its number."""
    decision_id = new_id()
    before = [
        [one.key[0].hex(), one.key[1].hex(), one.key[2], one.state, one.reason, one.note] for one in edges
    ]
    await uow.execute(
        "INSERT INTO identity_decision (tenant_id, id, kind, tokens, edges, actor, reason, decided_at) "
        "VALUES (:tenant, :id, :kind, :tokens, CAST(:edges AS jsonb), :actor, :reason, :now)",
        {
            "tenant": uow.tenant_id,
            "id": decision_id,
            "kind": kind,
            "tokens": list(tokens),
            "edges": msgspec.json.encode(before).decode(),
            "actor": actor,
            "reason": reason,
            "now": uow.clock.now(),
        },
    )
    return decision_id


_DECISION = "id, kind, tokens, edges, actor, reason, decided_at, undone_by, undone_at"


async def decisions_about(uow: UnitOfWork, tokens: Sequence[bytes]) -> list[Decision]:
    """Return what was decided about any of these identifiers, newest first."""
    rows = await uow.execute(
        f"SELECT {_DECISION} FROM identity_decision WHERE tenant_id = :tenant "  # noqa: S608
        "AND tokens && CAST(:tokens AS bytea[]) ORDER BY id DESC LIMIT :most",
        {"tenant": uow.tenant_id, "tokens": list(tokens), "most": DECISIONS_MAX},
    )
    return [_decision(row) for row in rows]


async def lock_decision(uow: UnitOfWork, decision_id: int) -> Decision | None:
    """Return a decision, locked until commit."""
    rows = await uow.execute(
        f"SELECT {_DECISION} FROM identity_decision WHERE tenant_id = :tenant AND id = :id FOR UPDATE",  # noqa: S608
        {"tenant": uow.tenant_id, "id": decision_id},
    )
    row = rows.first()
    return None if row is None else _decision(row)


async def mark_undone(uow: UnitOfWork, decision_id: int, *, actor: str) -> None:
    """Write down who took a decision back."""
    await uow.execute(
        "UPDATE identity_decision SET undone_by = :actor, undone_at = :now "
        "WHERE tenant_id = :tenant AND id = :id",
        {"actor": actor, "now": uow.clock.now(), "tenant": uow.tenant_id, "id": decision_id},
    )


def _identity(row: Any) -> ShownIdentity:
    token, namespace, scope, sealed, first_seen_at, flag, person_id, canonical_id = row
    return ShownIdentity(
        bytes(token), namespace, scope, bytes(sealed), first_seen_at, flag, person_id, canonical_id
    )


def _decision(row: Any) -> Decision:
    return Decision(
        id=row.id,
        kind=row.kind,
        tokens=tuple(bytes(one) for one in row.tokens),
        edges=tuple(
            EdgeBefore((bytes.fromhex(a), bytes.fromhex(b), evidence), state, reason, note)
            for a, b, evidence, state, reason, note in row.edges
        ),
        actor=row.actor,
        reason=row.reason,
        decided_at=row.decided_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )
