"""Statements on suggestions, and on what already decides about two people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.people.matching.model import Agreement

Pair = tuple[int, int]  # Canonical ids, the lesser first.

_COLUMNS: Final = (
    "s.id, s.person_a, s.person_b, s.model, s.run_id, s.score, s.agreements, s.state, s.reason, s.found_at, "
    "s.decided_by, s.decided_at, s.is_automatic, s.never_automatic, s.a, s.b"
)
# Merged meanwhile, by whatever way: not shown, and ended when the finder comes to them.
_BOTH_STAND: Final = """
    2 = (
        SELECT count(*) FROM person p WHERE p.tenant_id = s.tenant_id AND p.id IN (s.person_a, s.person_b)
        AND p.canonical_id = p.id
    )
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion as stored."""

    id: int
    person_a: int
    person_b: int
    model: str
    run_id: int
    score: float
    agreements: tuple[Agreement, ...]
    state: str
    reason: str
    found_at: datetime
    decided_by: str
    decided_at: datetime | None
    is_automatic: bool
    never_automatic: bool
    a: bytes | None
    b: bytes | None


class Found(NamedTuple):
    """A pair worth suggesting."""

    pair: Pair
    score: float
    agreements: tuple[Agreement, ...]


class HeldIdentity(NamedTuple):
    """An identifier somebody has."""

    token: bytes
    namespace: str
    scope: str
    is_flagged: bool


class SuggestionQueries:
    """Every statement on suggestions, bound to one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def open_with(self, people: Sequence[int]) -> list[Suggestion]:
        """Return the open suggestions about any of these people."""
        rows = await self._execute(
            f"""
            SELECT {_COLUMNS} FROM unnest(CAST(:people AS int[])) AS w (id)
            JOIN match_suggestion s ON s.tenant_id = :tenant AND s.person_a = w.id WHERE s.state = 'open'
            UNION
            SELECT {_COLUMNS} FROM unnest(CAST(:people AS int[])) AS w (id)
            JOIN match_suggestion s ON s.tenant_id = :tenant AND s.person_b = w.id WHERE s.state = 'open'
            """,  # noqa: S608
            people=list(people),
        )
        return [_suggestion(row) for row in rows]

    async def refused(self, people: Sequence[int]) -> set[Pair]:
        """Return the pairs among these people that somebody refused, whoever they have become since."""
        rows = await self._execute(
            """
            WITH member AS (
                SELECT p.id FROM unnest(CAST(:people AS int[])) AS w (id)
                JOIN person p ON p.tenant_id = :tenant AND p.id = w.id
                UNION
                SELECT p.id FROM unnest(CAST(:people AS int[])) AS w (id)
                JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id AND p.canonical_id <> p.id
            )
            SELECT a.canonical_id AS a, b.canonical_id AS b
            FROM member m JOIN match_suggestion s ON s.tenant_id = :tenant AND s.person_a = m.id
            JOIN person a ON a.tenant_id = :tenant AND a.id = s.person_a
            JOIN person b ON b.tenant_id = :tenant AND b.id = s.person_b
            WHERE s.state = 'refused'
            """,
            people=list(people),
        )
        return {(min(row.a, row.b), max(row.a, row.b)) for row in rows}

    async def held_apart(self, people: Sequence[int]) -> set[Pair]:
        """Return the pairs among these people that an operator separated."""
        rows = await self._execute(
            """
            SELECT a.canonical_id AS a, b.canonical_id AS b
            FROM unnest(CAST(:people AS int[])) AS w (id)
            JOIN identity a ON a.tenant_id = :tenant AND a.canonical_id = w.id
            JOIN identity_edge e ON e.tenant_id = :tenant AND e.a = a.token AND e.state = 'removed'
            JOIN identity b ON b.tenant_id = :tenant AND b.token = e.b
            WHERE b.canonical_id = ANY(CAST(:people AS int[])) AND a.canonical_id <> b.canonical_id
            """,
            people=list(people),
        )
        return {(min(row.a, row.b), max(row.a, row.b)) for row in rows}

    async def identities(self, people: Sequence[int]) -> dict[int, list[HeldIdentity]]:
        """Return which identifiers people have."""
        rows = await self._execute(
            "SELECT i.canonical_id, i.token, i.namespace, i.scope, i.flag "
            "FROM unnest(CAST(:people AS int[])) AS w (id) "
            "JOIN identity i ON i.tenant_id = :tenant AND i.canonical_id = w.id",
            people=list(people),
        )
        found: dict[int, list[HeldIdentity]] = {}
        for row in rows:
            held = HeldIdentity(bytes(row.token), row.namespace, row.scope, row.flag is not None)
            found.setdefault(row.canonical_id, []).append(held)
        return found

    async def save(self, found: Sequence[Found], *, model: str, run_id: int) -> int:
        """Keep what was found, open; what was open already is brought up to date. Return how many are new."""
        before = {
            (one.person_a, one.person_b) for one in await self.open_with([one.pair[0] for one in found])
        }
        now = self._uow.clock.now()
        for one in found:
            await self._execute(
                "INSERT INTO match_suggestion AS s (tenant_id, id, person_a, person_b, model, run_id, "
                "score, agreements, state, found_at, changed_at) "
                "VALUES (:tenant, :id, :a, :b, :model, :run, :score, "
                "CAST(:agreements AS jsonb), 'open', :now, :now) "
                "ON CONFLICT (tenant_id, person_a, person_b) WHERE state = 'open' DO UPDATE SET "
                "model = excluded.model, run_id = excluded.run_id, score = excluded.score, "
                "agreements = excluded.agreements, changed_at = excluded.changed_at "
                "WHERE (s.model, s.score, s.agreements) IS DISTINCT FROM "
                "(excluded.model, excluded.score, excluded.agreements)",
                id=new_id(),
                a=one.pair[0],
                b=one.pair[1],
                model=model,
                run=run_id,
                score=one.score,
                agreements=msgspec.json.encode(one.agreements).decode(),
                now=now,
            )
        return sum(1 for one in found if one.pair not in before)

    async def end(self, ids: Sequence[int], *, reason: str) -> None:
        """End open suggestions that hold no more."""
        await self._execute(
            "UPDATE match_suggestion s SET state = 'ended', reason = :reason, changed_at = :now "
            "FROM unnest(CAST(:ids AS bigint[])) AS w (id) "
            "WHERE s.tenant_id = :tenant AND s.id = w.id AND s.state = 'open'",
            ids=list(ids),
            reason=reason,
            now=self._uow.clock.now(),
        )

    async def lock(self, suggestion_id: int) -> Suggestion | None:
        """Return a suggestion, locked until commit."""
        rows = await self._execute(
            f"SELECT {_COLUMNS} FROM match_suggestion s "  # noqa: S608
            "WHERE s.tenant_id = :tenant AND s.id = :id FOR UPDATE",
            id=suggestion_id,
        )
        row = rows.first()
        return None if row is None else _suggestion(row)

    async def accept(
        self, suggestion_id: int, edge: tuple[bytes, bytes], *, actor: str, automatic: bool
    ) -> None:
        """Note that the two are one person, and the edge that says so."""
        await self._decide(
            suggestion_id, "state = 'accepted', is_automatic = :automatic, a = :ea, b = :eb",
            actor=actor, automatic=automatic, ea=edge[0], eb=edge[1],
        )  # fmt: skip

    async def refuse(self, suggestion_id: int, *, actor: str) -> None:
        """Note that the two are two people."""
        await self._decide(suggestion_id, "state = 'refused'", actor=actor)

    async def reopen(self, ids: Sequence[int]) -> list[int]:
        """Take decisions back; return which could be, as another may be open for the same two by now."""
        rows = await self._execute(
            """
            UPDATE match_suggestion s SET state = CASE WHEN EXISTS (
                SELECT 1 FROM match_suggestion o WHERE o.tenant_id = :tenant AND o.state = 'open'
                AND o.person_a = s.person_a AND o.person_b = s.person_b
            ) THEN 'ended' ELSE 'open' END,
            reason = 'taken_back', a = NULL, b = NULL, is_automatic = false, never_automatic = true,
            decided_by = '', decided_at = NULL, changed_at = :now
            FROM unnest(CAST(:ids AS bigint[])) AS w (id) WHERE s.tenant_id = :tenant AND s.id = w.id
            RETURNING s.id
            """,
            ids=list(ids),
            now=self._uow.clock.now(),
        )
        return [row.id for row in rows]

    async def made_by(self, run_id: int, *, accepted: bool, limit: int) -> list[Suggestion]:
        """Return suggestions of a run that became edges: made unasked, or accepted by somebody, too."""
        rows = await self._execute(
            f"SELECT {_COLUMNS} FROM match_suggestion s WHERE s.tenant_id = :tenant AND s.run_id = :run "  # noqa: S608
            "AND s.state = 'accepted' AND (s.is_automatic OR :accepted) ORDER BY s.id LIMIT :most FOR UPDATE",
            run=run_id,
            accepted=accepted,
            most=limit,
        )
        return [_suggestion(row) for row in rows]

    async def count_made_by(self, run_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return per run how many edges it made unasked, and how many somebody accepted."""
        rows = await self._execute(
            "SELECT run_id, count(*) FILTER (WHERE is_automatic) AS automatic, "
            "count(*) FILTER (WHERE NOT is_automatic) AS accepted "
            "FROM match_suggestion WHERE tenant_id = :tenant AND state = 'accepted' "
            "AND run_id = ANY(CAST(:runs AS bigint[])) GROUP BY run_id",
            runs=list(run_ids),
        )
        return {row.run_id: (row.automatic, row.accepted) for row in rows}

    async def count_people_of(self, run_id: int, *, accepted: bool) -> int:
        """Return how many people the edges of a run made one with somebody."""
        rows = await self._execute(
            "SELECT count(DISTINCT person) AS n FROM match_suggestion s, "
            "LATERAL (VALUES (s.person_a), (s.person_b)) AS p (person) "
            "WHERE s.tenant_id = :tenant AND s.run_id = :run AND s.state = 'accepted' "
            "AND (s.is_automatic OR :accepted)",
            run=run_id,
            accepted=accepted,
        )
        return int(rows.one().n)

    async def count_open(self) -> int:
        """Return how many wait for somebody to decide."""
        rows = await self._execute(
            f"SELECT count(*) AS n FROM match_suggestion s WHERE s.tenant_id = :tenant AND s.state = 'open' "  # noqa: S608
            f"AND {_BOTH_STAND}"
        )
        return int(rows.one().n)

    async def list_open(
        self, *, field: str, at_least: float, before: tuple[float, int] | None, limit: int
    ) -> list[Suggestion]:
        """Return open suggestions, likeliest first; with ``field`` those that agree in it."""
        score, last = before or (2.0, 2**63 - 1)
        rows = await self._execute(
            f"SELECT {_COLUMNS} FROM match_suggestion s WHERE s.tenant_id = :tenant AND s.state = 'open' "  # noqa: S608
            f"AND {_BOTH_STAND} AND s.score >= :least AND (s.score, s.id) < (:score, :last) "
            f"{_AGREES if field else ''} ORDER BY s.score DESC, s.id DESC LIMIT :most",
            least=at_least,
            score=score,
            last=last,
            field=field,
            most=limit,
        )
        return [_suggestion(row) for row in rows]

    async def list_decided(
        self, state: str, *, field: str, at_least: float, before: tuple[datetime, int] | None, limit: int
    ) -> list[Suggestion]:
        """Return suggestions in a decided state, newest decision first."""
        rows = await self._execute(
            f"SELECT {_COLUMNS} FROM match_suggestion s WHERE s.tenant_id = :tenant AND s.state = :state "  # noqa: S608
            f"AND s.score >= :least {_AGREES if field else ''} "
            f"{'AND (s.decided_at, s.id) < (:at, :last)' if before else ''} "
            "ORDER BY s.decided_at DESC, s.id DESC LIMIT :most",
            state=state,
            least=at_least,
            field=field,
            most=limit,
            **({"at": before[0], "last": before[1]} if before else {}),
        )
        return [_suggestion(row) for row in rows]

    async def never_automatic(self, pairs: Iterable[Pair]) -> set[Pair]:
        """Return which of these pairs somebody decided about before: a machine does not decide again."""
        pairs = sorted(pairs)
        rows = await self._execute(
            "SELECT DISTINCT s.person_a AS a, s.person_b AS b "
            "FROM unnest(CAST(:ones AS int[]), CAST(:others AS int[])) AS w (a, b) "
            "JOIN match_suggestion s ON s.tenant_id = :tenant AND s.person_a = w.a AND s.person_b = w.b "
            "WHERE s.never_automatic OR s.state IN ('accepted', 'refused')",
            ones=[a for a, _ in pairs],
            others=[b for _, b in pairs],
        )
        return {(row.a, row.b) for row in rows}

    async def _decide(self, suggestion_id: int, change: str, *, actor: str, **params: Any) -> None:
        await self._execute(
            f"UPDATE match_suggestion SET {change}, decided_by = :actor, decided_at = :now, "  # noqa: S608
            "changed_at = :now, reason = '' WHERE tenant_id = :tenant AND id = :id",
            id=suggestion_id,
            actor=actor,
            now=self._uow.clock.now(),
            **params,
        )

    async def _execute(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **params})


_AGREES: Final = (
    "AND EXISTS (SELECT 1 FROM jsonb_array_elements(s.agreements) AS f (one) "
    "WHERE f.one ->> 0 = :field AND f.one ->> 1 <> 'different')"
)


def _suggestion(row: Any) -> Suggestion:
    told = dict(row._mapping)
    told["agreements"] = tuple(Agreement(*one) for one in told["agreements"])
    for end in ("a", "b"):
        told[end] = None if told[end] is None else bytes(told[end])
    return Suggestion(**told)
