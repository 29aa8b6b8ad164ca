"""What the graph refused or put aside, by the value it hung on: a family phone, a shop's tablet.

A case is an identifier, not an edge: a phone that thirty people used is one decision.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.identifiers import namespace_of
from quanyu.modules.people.matching.contracts import IdentityCase, IdentityCases
from quanyu.modules.people.matching.errors import CaseNotFound
from quanyu.modules.people.sealing import open_value
from quanyu.modules.people.separation import queries as identity_queries
from quanyu.modules.people.separation import views as identity_views
from quanyu.modules.people.service import People

EDGES_MAX: Final = 5_000  # The newest refused joins that are looked at.
CASES_MAX: Final = 100
_SHOWN: Final = 5  # People of a case.


class Refused(NamedTuple):
    """One join that a limit refused."""

    a: bytes
    b: bytes
    reason: str
    since: datetime
    namespace_a: str
    namespace_b: str
    person_a: int
    person_b: int


class CaseQueries:
    """Every statement on cases, bound to one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def refused(self) -> list[Refused]:
        """Return the newest joins that limits refused, between identifiers nobody has marked."""
        rows = await self._execute(
            """
            SELECT e.a, e.b, e.reason, e.first_event_at, a.namespace AS namespace_a,
                b.namespace AS namespace_b, a.canonical_id AS person_a, b.canonical_id AS person_b
            FROM identity_edge e
            JOIN identity a ON a.tenant_id = e.tenant_id AND a.token = e.a
            JOIN identity b ON b.tenant_id = e.tenant_id AND b.token = e.b
            WHERE e.tenant_id = :tenant AND e.state = 'demoted' AND e.reason LIKE 'limit:%'
            ORDER BY e.first_event_at DESC LIMIT :most
            """,
            most=EDGES_MAX,
        )
        return [Refused(bytes(row.a), bytes(row.b), *tuple(row)[2:]) for row in rows]

    async def settled(self) -> dict[bytes, int]:
        """Return which cases somebody saw and left, and how many refusals there were then."""
        rows = await self._execute("SELECT token, edges FROM identity_case WHERE tenant_id = :tenant")
        return {bytes(row.token): row.edges for row in rows}

    async def quarantined(self) -> list[tuple[bytes, str, int, datetime]]:
        """Return what was put aside and is not settled: (value, reason, identifiers, since)."""
        rows = await self._execute(
            "SELECT DISTINCT ON (a) a, reason, identifiers, created_at FROM identity_quarantine "
            "WHERE tenant_id = :tenant AND settled_at IS NULL ORDER BY a, id DESC LIMIT :most",
            most=CASES_MAX,
        )
        return [(bytes(row.a), row.reason, row.identifiers, row.created_at) for row in rows]

    async def people_beside(self, tokens: Sequence[bytes]) -> dict[bytes, list[int]]:
        """Return some of the people whose identifiers were seen beside each value."""
        rows = await self._execute(
            """
            SELECT w.token, ARRAY(
                SELECT DISTINCT i.canonical_id FROM (
                    SELECT e.b AS other FROM identity_edge e WHERE e.tenant_id = :tenant AND e.a = w.token
                    UNION ALL
                    SELECT e.a FROM identity_edge e WHERE e.tenant_id = :tenant AND e.b = w.token
                    LIMIT :most
                ) seen JOIN identity i ON i.tenant_id = :tenant AND i.token = seen.other
                ORDER BY 1
            ) AS people FROM unnest(CAST(:tokens AS bytea[])) AS w (token)
            """,
            tokens=list(tokens),
            most=EDGES_MAX,
        )
        return {bytes(row.token): list(row.people) for row in rows}

    async def settle(self, token: bytes, *, edges: int, actor: str) -> None:
        """Note that somebody saw a case and left it as it is."""
        now = self._uow.clock.now()
        await self._execute(
            "INSERT INTO identity_case (tenant_id, token, edges, settled_by, settled_at) "
            "VALUES (:tenant, :token, :edges, :actor, :now) ON CONFLICT (tenant_id, token) DO UPDATE SET "
            "edges = excluded.edges, settled_by = excluded.settled_by, settled_at = excluded.settled_at",
            token=token, edges=edges, actor=actor, now=now,
        )  # fmt: skip
        await self._execute(
            "UPDATE identity_quarantine SET settled_at = :now, settled_by = :actor "
            "WHERE tenant_id = :tenant AND a = :token AND settled_at IS NULL",
            token=token, actor=actor, now=now,
        )  # fmt: skip

    async def count(self) -> int:
        """Return how many cases wait, at most those that are listed."""
        return len(_cases(await self.refused(), await self.settled(), await self.quarantined()))

    async def _execute(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **params})


class _Case(NamedTuple):
    token: bytes
    kind: str
    reasons: tuple[str, ...]
    edges: int
    since: datetime


class CaseDesk:
    """List what waits for review, and note what somebody saw; the identity desk marks and separates."""

    def __init__(self, keyring: KeyRing, people: People) -> None:
        self._keyring = keyring
        self._people = people

    async def list_cases(self, uow: UnitOfWork) -> IdentityCases:
        """Return the cases that concern most people first, at most ``CASES_MAX``."""
        queries = CaseQueries(uow)
        refused = await queries.refused()
        cases = _cases(refused, await queries.settled(), await queries.quarantined())
        shown = cases[:CASES_MAX]
        tokens = [case.token for case in shown]
        known = {one.token: one for one in await identity_queries.identities_by_token(uow, tokens)}
        people = await queries.people_beside(tokens)
        wanted = sorted({PersonId(one) for ids in people.values() for one in ids[:_SHOWN]})
        rows = {row.id: row for row in await self._people.rows(uow, wanted)}
        items = tuple(
            IdentityCase(
                identity=identity_views.identity(
                    known[case.token], open_value(self._keyring, known[case.token].sealed)
                ),
                kind=case.kind,
                reasons=case.reasons,
                people=len(people.get(case.token, ())),
                shown=tuple(
                    row
                    for one in people.get(case.token, ())[:_SHOWN]
                    if (row := rows.get(encode_id("per", one)))
                ),
                since=case.since,
            )
            for case in shown
            if case.token in known
        )
        return IdentityCases(items=items, is_all=len(cases) <= CASES_MAX and len(refused) < EDGES_MAX)

    async def settle(self, uow: UnitOfWork, identity: str, *, actor: str) -> None:
        """Leave a case as it is. It comes back when more joins through the same value are refused.

        Raises:
            CaseNotFound: nothing waits about this identifier.
        """
        queries, token = CaseQueries(uow), identity_views.token_of(identity)
        refused = await queries.refused()
        cases = _cases(refused, await queries.settled(), await queries.quarantined())
        case = next((one for one in cases if one.token == token), None)
        if case is None:
            raise CaseNotFound("nothing waits for review about it", message_zh="该标识没有待处理的事项")
        await queries.settle(token, edges=case.edges, actor=actor)


def _cases(
    refused: Sequence[Refused],
    settled: dict[bytes, int],
    quarantined: Sequence[tuple[bytes, str, int, datetime]],
) -> list[_Case]:
    found = [
        _Case(token, "quarantined", (reason,), identifiers, since)
        for token, reason, identifiers, since in quarantined
    ]
    by_value: defaultdict[bytes, list[Refused]] = defaultdict(list)
    for one in refused:
        by_value[_weaker(one)].append(one)
    put_aside = {case.token for case in found}
    for token, joins in by_value.items():
        if token not in put_aside and len(joins) > settled.get(token, 0):
            reasons = tuple(sorted({one.reason for one in joins}))
            found.append(_Case(token, "limit", reasons, len(joins), min(one.since for one in joins)))
    return sorted(found, key=lambda case: (-case.edges, case.token))


def _weaker(one: Refused) -> bytes:
    """The end that says less of who somebody is: the phone of a follower, the browser of a member."""
    strength_a, strength_b = namespace_of(one.namespace_a).strength, namespace_of(one.namespace_b).strength
    return one.a if (strength_a, one.a) < (strength_b, one.b) else one.b
