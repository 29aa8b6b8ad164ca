"""Forgetting who somebody is: their identifiers go, so that nothing kept under their ids names anybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.people import graph_queries, profile_queries


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who somebody was: the person ids, when each was made, and the tokens of the identifiers they had."""

    people: tuple[int, ...]
    tokens: tuple[bytes, ...]
    edges: int
    made_at: tuple[datetime, ...] = ()


async def who_is(uow: UnitOfWork, person_id: PersonId) -> Forgotten | None:
    """Return the ids and tokens of somebody; ``None`` when there is no such person."""
    canonical = (await profile_queries.find_canonical(uow, [person_id])).get(person_id)
    if canonical is None:
        return None
    members = await uow.execute(
        "SELECT id, created_at FROM person WHERE tenant_id = :tenant AND canonical_id = :person ORDER BY id",
        {"tenant": uow.tenant_id, "person": canonical},
    )
    known = members.all()
    rows = await uow.execute(
        "SELECT token FROM identity WHERE tenant_id = :tenant AND canonical_id = :person ORDER BY token",
        {"tenant": uow.tenant_id, "person": canonical},
    )
    tokens = tuple(bytes(row.token) for row in rows)
    people = tuple(int(one.id) for one in known)
    return Forgotten(people, tokens, 0, tuple(one.created_at for one in known))


async def who_bears(
    uow: UnitOfWork, tokens: Sequence[bytes], people: Sequence[tuple[int, datetime]]
) -> list[PersonId]:
    """Return who has one of these tokens, or is one of these ids, if made at that very instant."""
    rows = await uow.execute(
        """
        SELECT canonical_id FROM identity WHERE tenant_id = :tenant AND token = ANY(CAST(:tokens AS bytea[]))
            AND canonical_id IS NOT NULL
        UNION
        SELECT p.canonical_id FROM person p
        JOIN unnest(CAST(:ids AS int[]), CAST(:made AS timestamptz[])) AS w (id, made)
            ON w.id = p.id AND w.made = p.created_at
        WHERE p.tenant_id = :tenant ORDER BY 1
        """,
        {
            "tenant": uow.tenant_id,
            "tokens": list(tokens),
            "ids": [number for number, _ in people],
            "made": [made for _, made in people],
        },
    )
    return [PersonId(row.canonical_id) for row in rows]


async def forget(uow: UnitOfWork, person_id: PersonId) -> Forgotten | None:
    """Delete somebody's identifiers, what held them together, and the person; return who it was.

    The next event that carries one of the identifiers makes a new person.
    """
    connection = await uow.raw()
    await graph_queries.lock_version(connection, uow.tenant_id)
    found = await who_is(uow, person_id)
    if found is None:
        return None
    return replace(found, edges=await _forget(uow, found.people, found.tokens, profiles=1))


async def forget_people(uow: UnitOfWork, profiles: Sequence[int]) -> Forgotten:
    """Do the same to many canonical people at once, who have no other ids; return who they were."""
    await graph_queries.lock_version(await uow.raw(), uow.tenant_id)
    rows = await uow.execute(
        "SELECT token FROM identity WHERE tenant_id = :tenant AND canonical_id = ANY(CAST(:it AS int[])) "
        "ORDER BY token",
        {"tenant": uow.tenant_id, "it": list(profiles)},
    )
    tokens = tuple(bytes(row.token) for row in rows)
    people = tuple(sorted(profiles))
    return Forgotten(people, tokens, await _forget(uow, people, tokens, profiles=len(people)))


async def _forget(uow: UnitOfWork, people: tuple[int, ...], held: tuple[bytes, ...], *, profiles: int) -> int:
    tokens = list(held)
    theirs = "WHERE tenant_id = :tenant AND (a = ANY(:it) OR b = ANY(:it))"
    edges = await _run(uow, "DELETE FROM identity_edge " + theirs, tokens)  # noqa: S608
    await _run(uow, "DELETE FROM identity_quarantine " + theirs, tokens)  # noqa: S608
    await _run(
        uow,
        "UPDATE identity_decision SET tokens = '{}', edges = '[]', reason = '' "
        "WHERE tenant_id = :tenant AND tokens && CAST(:it AS bytea[])",
        tokens,
    )
    await _run(uow, "DELETE FROM identity WHERE tenant_id = :tenant AND token = ANY(:it)", tokens)
    await _run(uow, "DELETE FROM person WHERE tenant_id = :tenant AND id = ANY(:it)", list(people))
    # A stamp nobody knows: what processes remember of identities is forgotten with it.
    await graph_queries.stamp_version(
        await uow.raw(), uow.tenant_id, new_id(), remapped=True, new_people=-profiles
    )
    return edges


async def _run(uow: UnitOfWork, sql: str, it: list[Any]) -> int:
    return (await uow.execute(sql, {"tenant": uow.tenant_id, "it": it})).rowcount
