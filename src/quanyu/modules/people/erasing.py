"""Forgetting who somebody is: their identifiers go, so that nothing kept under their ids names anybody."""

from dataclasses import dataclass
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.people import graph_queries, profile_queries


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who somebody was: the person ids and the tokens of the identifiers they had."""

    people: tuple[int, ...]
    tokens: tuple[bytes, ...]
    edges: int


async def who_is(uow: UnitOfWork, person_id: PersonId) -> Forgotten | None:
    """Return the ids and tokens of somebody; ``None`` when there is no such person."""
    canonical = (await profile_queries.find_canonical(uow, [person_id])).get(person_id)
    if canonical is None:
        return None
    members = await profile_queries.list_members(uow, [canonical])
    rows = await uow.execute(
        "SELECT token FROM identity WHERE tenant_id = :tenant AND canonical_id = :person ORDER BY token",
        {"tenant": uow.tenant_id, "person": canonical},
    )
    tokens = tuple(bytes(row.token) for row in rows)
    return Forgotten(tuple(sorted(member.id for member in members)), tokens, 0)


async def forget(uow: UnitOfWork, person_id: PersonId) -> Forgotten | None:
    """Delete somebody's identifiers, what held them together, and the person; return who it was.

    The next event that carries one of the identifiers makes a new person.
    """
    connection = await uow.raw()
    await graph_queries.lock_version(connection, uow.tenant_id)
    found = await who_is(uow, person_id)
    if found is None:
        return None
    tokens = list(found.tokens)
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
    await _run(uow, "DELETE FROM person WHERE tenant_id = :tenant AND id = ANY(:it)", list(found.people))
    # A stamp nobody knows: what processes remember of identities is forgotten with it.
    await graph_queries.stamp_version(connection, uow.tenant_id, new_id(), remapped=True, new_people=-1)
    return Forgotten(found.people, found.tokens, edges)


async def _run(uow: UnitOfWork, sql: str, it: list[Any]) -> int:
    return (await uow.execute(sql, {"tenant": uow.tenant_id, "it": it})).rowcount
