"""Every statement of journeys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Json

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.rules import State, Status, Step


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """A journey as it is stored."""

    id: int
    name: str
    status: str
    draft: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody's passage, as the engine moves it."""

    id: int
    journey_id: int
    version: int
    person_id: int
    variables: dict[str, Any]
    state: State
    matched_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """Somebody who enters."""

    id: int
    person_id: int
    entry_key: str
    ordinal: int
    cause: str
    variables: Mapping[str, Any]
    state: State


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The latest entry of somebody under one key."""

    ordinal: int
    entered_at: datetime
    is_active: bool


_JOURNEY = "SELECT id, name, status, draft, version, created_at, updated_at FROM journey"
_ENROLMENT = (
    "SELECT e.id, e.journey_id, e.version, e.person_id, e.variables, e.node, e.seq, e.status, e.wake_at, "
    "e.entered_node_at, e.matched_at FROM enrolment e"
)


async def serialise(uow: UnitOfWork) -> None:
    """Let engine and subscriber of a brand take turns: what one parks the other must see (JN-9)."""
    await uow.execute("SELECT pg_advisory_xact_lock(7106, :tenant)", {"tenant": uow.tenant_id})


async def insert_journey(uow: UnitOfWork, row: JourneyRow) -> None:
    """Insert a draft."""
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO journey (tenant_id, id, name, status, draft, version, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            row.id,
            row.name,
            row.status,
            Json(row.draft),
            row.version,
            row.created_at,
            row.updated_at,
        ),
    )


async def list_journeys(uow: UnitOfWork, limit: int = 200) -> list[JourneyRow]:
    """Return the brand's journeys, newest first."""
    rows = await uow.execute(
        f"{_JOURNEY} WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [JourneyRow(*row) for row in rows]


async def find_journey(uow: UnitOfWork, journey_id: int, *, lock: bool = False) -> JourneyRow | None:
    """Return one journey, locked for a change if asked."""
    rows = await uow.execute(
        f"{_JOURNEY} WHERE tenant_id = :tenant AND id = :id{' FOR UPDATE' if lock else ''}",
        {"tenant": uow.tenant_id, "id": journey_id},
    )
    row = rows.first()
    return None if row is None else JourneyRow(*row)


async def save_draft(
    uow: UnitOfWork, journey_id: int, *, name: str, draft: Mapping[str, Any], now: datetime
) -> None:
    """Replace the draft; the published version stays as it is."""
    connection = await uow.raw()
    await connection.execute(
        "UPDATE journey SET name = %s, draft = %s, updated_at = %s WHERE tenant_id = %s AND id = %s",
        (name, Json(draft), now, uow.tenant_id, journey_id),
    )


async def publish_version(
    uow: UnitOfWork,
    row: JourneyRow,
    definition: Mapping[str, Any],
    *,
    entry: tuple[str, str],
    now: datetime,
) -> int:
    """Freeze the draft as the next version and make it the one people enter."""
    version = row.version + 1
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO journey_version (tenant_id, journey_id, version, definition, published_at) "
        "VALUES (%s, %s, %s, %s, %s)",
        (uow.tenant_id, row.id, version, Json(definition), now),
    )
    await connection.execute(
        "UPDATE journey SET status = 'active', version = %s, entry_kind = %s, entry_name = %s, "
        "updated_at = %s WHERE tenant_id = %s AND id = %s",
        (version, *entry, now, uow.tenant_id, row.id),
    )
    return version


async def set_status(uow: UnitOfWork, journey_id: int, status: str, *, now: datetime) -> None:
    """Change a journey's status."""
    await uow.execute(
        "UPDATE journey SET status = :status, updated_at = :now WHERE tenant_id = :tenant AND id = :id",
        {"status": status, "now": now, "tenant": uow.tenant_id, "id": journey_id},
    )


async def load_definition(uow: UnitOfWork, journey_id: int, version: int) -> dict[str, Any]:
    """Return a published graph."""
    rows = await uow.execute(
        "SELECT definition FROM journey_version "
        "WHERE tenant_id = :tenant AND journey_id = :id AND version = :version",
        {"tenant": uow.tenant_id, "id": journey_id, "version": version},
    )
    definition: dict[str, Any] = rows.scalar_one()
    return definition


async def entered_by(uow: UnitOfWork, names: Sequence[str]) -> list[tuple[int, int, str, str]]:
    """Return (journey, version, entry kind, entry name) of active journeys these events may start."""
    rows = await uow.execute(
        "SELECT id, version, entry_kind, entry_name FROM journey WHERE tenant_id = :tenant "
        "AND status = 'active' AND ((entry_kind = 'event' AND entry_name = ANY(:names)) "
        "OR (entry_kind = 'segment_entered' AND 'segments.entered' = ANY(:names)))",
        {"tenant": uow.tenant_id, "names": list(names)},
    )
    return [tuple(row) for row in rows]


async def awaited_among(uow: UnitOfWork, names: Sequence[str]) -> set[str]:
    """Return which of these event names some published, living graph waits for."""
    rows = await uow.execute(
        """
        SELECT DISTINCT node.value ->> 'event'
        FROM journey j
        JOIN journey_version v ON v.tenant_id = j.tenant_id AND v.journey_id = j.id
        CROSS JOIN LATERAL json_each(v.definition -> 'nodes') AS node
        WHERE j.tenant_id = :tenant AND j.status IN ('active', 'paused')
            AND node.value ->> 'kind' = 'wait_event' AND node.value ->> 'event' = ANY(:names)
        """,
        {"tenant": uow.tenant_id, "names": list(names)},
    )
    return {row[0] for row in rows}


async def last_entries(
    uow: UnitOfWork, journey_id: int, person_ids: Iterable[int]
) -> dict[tuple[int, str], LastEntry]:
    """Return the latest entry of each (person, entry key)."""
    rows = await uow.execute(
        "SELECT DISTINCT ON (person_id, entry_key) person_id, entry_key, ordinal, entered_at, status "
        "FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey AND person_id = ANY(:people) "
        "ORDER BY person_id, entry_key, ordinal DESC",
        {"tenant": uow.tenant_id, "journey": journey_id, "people": list(person_ids)},
    )
    return {
        (row.person_id, row.entry_key): LastEntry(row.ordinal, row.entered_at, row.status == Status.ACTIVE)
        for row in rows
    }


async def insert_enrolments(
    uow: UnitOfWork, journey_id: int, version: int, entries: Sequence[NewEnrolment], *, now: datetime
) -> int:
    """Let people in and return how many; an occasion that let somebody in before does nothing (JN-1)."""
    if not entries:
        return 0
    connection = await uow.raw()
    cursor = await connection.execute(
        """
        INSERT INTO enrolment (tenant_id, id, journey_id, version, person_id, entry_key, ordinal, cause,
            variables, entered_at, node, seq, status, wake_at, due_at)
        SELECT %(tenant)s, id, %(journey)s, %(version)s, person_id, entry_key, ordinal, cause,
            variables::jsonb, %(now)s, node, 0, 'active', %(now)s, %(now)s
        FROM unnest(%(ids)s::bigint[], %(people)s::int[], %(keys)s::text[], %(ordinals)s::int[],
            %(causes)s::text[], %(variables)s::text[], %(nodes)s::text[])
            AS e (id, person_id, entry_key, ordinal, cause, variables, node)
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "version": version,
            "now": now,
            "ids": [one.id for one in entries],
            "people": [one.person_id for one in entries],
            "keys": [one.entry_key for one in entries],
            "ordinals": [one.ordinal for one in entries],
            "causes": [one.cause for one in entries],
            "variables": [_json(one.variables) for one in entries],
            "nodes": [one.state.node for one in entries],
        },
    )
    return cursor.rowcount


async def list_due(uow: UnitOfWork, *, now: datetime, limit: int) -> list[Enrolment]:
    """Return who must be moved on, longest due first; people of paused journeys stay."""
    rows = await uow.execute(
        f"{_ENROLMENT} JOIN journey j ON j.tenant_id = e.tenant_id AND j.id = e.journey_id "
        "WHERE e.tenant_id = :tenant AND e.status = 'active' AND e.due_at <= :now AND j.status = 'active' "
        "ORDER BY e.due_at LIMIT :limit",
        {"tenant": uow.tenant_id, "now": now, "limit": limit},
    )
    return [_enrolment(row) for row in rows]


async def lock_unchanged(uow: UnitOfWork, enrolments: Sequence[Enrolment]) -> set[int]:
    """Lock those that are still as they were read, leaving out what another worker holds (JN-7)."""
    rows = await uow.execute(
        """
        SELECT e.id FROM enrolment e
        JOIN unnest(:ids ::bigint[], :seqs ::int[], :matched ::timestamptz[]) AS w (id, seq, matched_at)
            ON e.id = w.id
        WHERE e.tenant_id = :tenant AND e.status = 'active' AND e.seq = w.seq
            AND e.matched_at IS NOT DISTINCT FROM w.matched_at
        ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [one.id for one in enrolments],
            "seqs": [one.state.seq for one in enrolments],
            "matched": [one.matched_at for one in enrolments],
        },
    )
    return {row.id for row in rows}


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody's new place, and what they passed."""

    enrolment: Enrolment
    state: State
    steps: tuple[Step, ...]
    awaits: str | None


async def write_moves(uow: UnitOfWork, moves: Sequence[Move]) -> None:
    """Write new places, append steps and add to the counts."""
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE enrolment e SET node = m.node, seq = m.seq, status = m.status, wake_at = m.wake_at,
            due_at = m.wake_at, entered_node_at = m.entered_node_at, awaits = m.awaits, matched_at = NULL,
            exit_reason = m.exit_reason
        FROM unnest(%(ids)s::bigint[], %(nodes)s::text[], %(seqs)s::int[], %(statuses)s::text[],
            %(wakes)s::timestamptz[], %(entered)s::timestamptz[], %(awaits)s::text[], %(reasons)s::text[])
            AS m (id, node, seq, status, wake_at, entered_node_at, awaits, exit_reason)
        WHERE e.tenant_id = %(tenant)s AND e.id = m.id
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [move.enrolment.id for move in moves],
            "nodes": [move.state.node for move in moves],
            "seqs": [move.state.seq for move in moves],
            "statuses": [move.state.status.value for move in moves],
            "wakes": [move.state.wake_at for move in moves],
            "entered": [move.state.entered_node_at for move in moves],
            "awaits": [move.awaits for move in moves],
            "reasons": [_exit_reason(move) for move in moves],
        },
    )
    steps = [(move.enrolment, step) for move in moves for step in move.steps]
    if not steps:
        return
    await connection.execute(
        """
        INSERT INTO journey_step (tenant_id, enrolment_id, seq, node, entered_at, left_at, outcome)
        SELECT %(tenant)s, * FROM unnest(%(ids)s::bigint[], %(seqs)s::int[], %(nodes)s::text[],
            %(entered)s::timestamptz[], %(left)s::timestamptz[], %(outcomes)s::text[])
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [enrolment.id for enrolment, _ in steps],
            "seqs": [step.seq for _, step in steps],
            "nodes": [step.node for _, step in steps],
            "entered": [step.entered_at for _, step in steps],
            "left": [step.left_at for _, step in steps],
            "outcomes": [step.outcome for _, step in steps],
        },
    )
    counts: dict[tuple[int, str, str], int] = {}
    for enrolment, step in steps:
        key = (enrolment.journey_id, step.node, step.outcome)
        counts[key] = counts.get(key, 0) + 1
    await add_counts(uow, counts)


async def add_counts(uow: UnitOfWork, counts: Mapping[tuple[int, str, str], int]) -> None:
    """Add to (journey, node, outcome) counts, in key order."""
    connection = await uow.raw()
    keys = sorted(counts)
    await connection.execute(
        """
        INSERT INTO journey_node_count AS c (tenant_id, journey_id, node, outcome, count)
        SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
        ON CONFLICT (tenant_id, journey_id, node, outcome) DO UPDATE SET count = c.count + excluded.count
        """,
        (
            uow.tenant_id,
            [key[0] for key in keys],
            [key[1] for key in keys],
            [key[2] for key in keys],
            [counts[key] for key in keys],
        ),
    )


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Somebody parked until an event."""

    enrolment_id: int
    journey_id: int
    version: int
    node: str
    person_id: int
    entered_node_at: datetime
    wake_at: datetime


async def list_awaiting(uow: UnitOfWork, names: Sequence[str], person_ids: Sequence[int]) -> list[Awaiting]:
    """Return who of these people waits for an event of one of these names and was not matched yet."""
    rows = await uow.execute(
        "SELECT id, journey_id, version, node, person_id, entered_node_at, wake_at FROM enrolment "
        "WHERE tenant_id = :tenant AND status = 'active' AND awaits = ANY(:names) "
        "AND person_id = ANY(:people) AND matched_at IS NULL ORDER BY id",
        {"tenant": uow.tenant_id, "names": list(names), "people": list(person_ids)},
    )
    return [Awaiting(*row) for row in rows]


async def mark_matched(uow: UnitOfWork, matched: Mapping[int, datetime], *, now: datetime) -> None:
    """Note when the awaited event happened; the engine moves them on at once."""
    if not matched:
        return
    await uow.execute(
        "UPDATE enrolment e SET matched_at = m.at, due_at = least(e.due_at, :now) "
        "FROM unnest(:ids ::bigint[], :ats ::timestamptz[]) AS m (id, at) "
        "WHERE e.tenant_id = :tenant AND e.id = m.id AND e.status = 'active'",
        {"tenant": uow.tenant_id, "now": now, "ids": list(matched), "ats": list(matched.values())},
    )


async def keep_seen(
    uow: UnitOfWork, seen: Sequence[LogEvent], *, now: datetime, forget_before: datetime
) -> None:
    """Keep awaited events for a while, and forget old ones."""
    connection = await uow.raw()
    await connection.execute(
        """
        INSERT INTO awaited_event (tenant_id, name, person_id, position, occurred_at, seen_at, body)
        SELECT %(tenant)s, name, person_id, position, occurred_at, %(now)s, body
        FROM unnest(%(names)s::text[], %(people)s::int[], %(positions)s::bigint[], %(ats)s::timestamptz[],
            %(bodies)s::text[]) AS s (name, person_id, position, occurred_at, body)
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": uow.tenant_id,
            "now": now,
            "names": [one.name for one in seen],
            "people": [one.person_id for one in seen],
            "positions": [one.position for one in seen],
            "ats": [one.occurred_at for one in seen],
            "bodies": [msgspec.json.encode(one).decode() for one in seen],
        },
    )
    await connection.execute(
        "DELETE FROM awaited_event WHERE tenant_id = %s AND seen_at < %s", (uow.tenant_id, forget_before)
    )


async def list_seen(
    uow: UnitOfWork, names: Sequence[str], person_ids: Sequence[int], *, since: datetime
) -> list[LogEvent]:
    """Return kept events of these people since an instant, oldest first."""
    rows = await uow.execute(
        "SELECT body FROM awaited_event WHERE tenant_id = :tenant AND name = ANY(:names) "
        "AND person_id = ANY(:people) AND occurred_at >= :since ORDER BY occurred_at, position",
        {"tenant": uow.tenant_id, "names": list(names), "people": list(person_ids), "since": since},
    )
    return [msgspec.json.decode(row.body, type=LogEvent) for row in rows]


async def exit_all(uow: UnitOfWork, journey_id: int, reason: str) -> int:
    """Let everybody out of a journey; return how many."""
    rows = await uow.execute(
        "UPDATE enrolment SET status = 'exited', exit_reason = :reason, wake_at = NULL, due_at = NULL, "
        "awaits = NULL WHERE tenant_id = :tenant AND journey_id = :journey AND status = 'active'",
        {"reason": reason, "tenant": uow.tenant_id, "journey": journey_id},
    )
    return rows.rowcount


async def count_steps(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, dict[str, int]]]:
    """Return counts by journey, node and outcome."""
    rows = await uow.execute(
        "SELECT journey_id, node, outcome, count FROM journey_node_count "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys)",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    counts: dict[int, dict[str, dict[str, int]]] = {}
    for journey_id, node, outcome, count in rows:
        counts.setdefault(journey_id, {}).setdefault(node, {})[outcome] = count
    return counts


async def count_waiting(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many people are at each node now."""
    rows = await uow.execute(
        "SELECT journey_id, node, count(*) FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys) AND status = 'active' GROUP BY 1, 2",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    counts: dict[int, dict[str, int]] = {}
    for journey_id, node, count in rows:
        counts.setdefault(journey_id, {})[node] = count
    return counts


async def count_enrolments(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many passages of each journey are active, completed, exited."""
    rows = await uow.execute(
        "SELECT journey_id, status, count(*) FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys) GROUP BY 1, 2",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    counts: dict[int, dict[str, int]] = {}
    for journey_id, status, count in rows:
        counts.setdefault(journey_id, {})[status] = count
    return counts


async def list_at_node(
    uow: UnitOfWork, journey_id: int, node: str, *, after: int, limit: int
) -> list[tuple[int, int, datetime, datetime | None]]:
    """Return (enrolment, person, since, until) of people at a node."""
    rows = await uow.execute(
        "SELECT id, person_id, coalesce(entered_node_at, entered_at), wake_at FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND node = :node AND status = 'active' "
        "AND id > :after ORDER BY id LIMIT :limit",
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "node": node,
            "after": after,
            "limit": limit,
        },
    )
    return [tuple(row) for row in rows]


async def follow_merges(uow: UnitOfWork, merges: Sequence[tuple[int, int]]) -> None:
    """Move passages of people who turned out to be others (from, to).

    Where both are in the same journey the more advanced passage goes on and the other ends as
    ``merged``, so that nobody is told the same thing twice.
    """
    from_ids = [one for one, _ in merges]
    to_ids = [other for _, other in merges]
    await uow.execute(
        """
        WITH moved AS (
            SELECT * FROM unnest(:from_ids ::int[], :to_ids ::int[]) AS m (from_id, to_id)
        ), both_in AS (
            SELECT e.id, row_number() OVER (
                PARTITION BY e.journey_id, e.entry_key, coalesce(m.to_id, e.person_id)
                ORDER BY e.seq DESC, e.entered_at, e.id) AS place
            FROM enrolment e LEFT JOIN moved m ON m.from_id = e.person_id
            WHERE e.tenant_id = :tenant AND e.status = 'active'
                AND (e.person_id IN (SELECT from_id FROM moved) OR e.person_id IN (SELECT to_id FROM moved))
        )
        UPDATE enrolment e SET status = 'exited', exit_reason = 'merged', wake_at = NULL, due_at = NULL,
            awaits = NULL
        FROM both_in b WHERE e.tenant_id = :tenant AND e.id = b.id AND b.place > 1
        """,
        {"tenant": uow.tenant_id, "from_ids": from_ids, "to_ids": to_ids},
    )
    # Ordinals continue after those the other person has used, so the unique key holds.
    await uow.execute(
        """
        WITH moved AS (
            SELECT e.id, m.from_id, m.to_id, row_number() OVER (
                PARTITION BY e.journey_id, e.entry_key, m.to_id ORDER BY e.entered_at, e.id) AS place,
                coalesce((SELECT max(o.ordinal) FROM enrolment o WHERE o.tenant_id = e.tenant_id
                    AND o.journey_id = e.journey_id AND o.entry_key = e.entry_key
                    AND o.person_id = m.to_id), 0) AS used
            FROM enrolment e
            JOIN unnest(:from_ids ::int[], :to_ids ::int[]) AS m (from_id, to_id) ON m.from_id = e.person_id
            WHERE e.tenant_id = :tenant
        )
        UPDATE enrolment e SET person_id = moved.to_id, ordinal = moved.used + moved.place,
            cause = e.cause || ':of:' || moved.from_id
        FROM moved WHERE e.tenant_id = :tenant AND e.id = moved.id
        """,
        {"tenant": uow.tenant_id, "from_ids": from_ids, "to_ids": to_ids},
    )


async def list_brands_due(uow: UnitOfWork, *, now: datetime) -> list[TenantId]:
    """Return the brands that have somebody to move on; for the platform role."""
    rows = await uow.execute(
        "SELECT DISTINCT tenant_id FROM enrolment WHERE status = 'active' AND due_at <= :now", {"now": now}
    )
    return [TenantId(row.tenant_id) for row in rows]


def _enrolment(row: Any) -> Enrolment:
    state = State(row.node, row.seq, Status(row.status), row.wake_at, row.entered_node_at)
    return Enrolment(row.id, row.journey_id, row.version, row.person_id, row.variables, state, row.matched_at)


def _exit_reason(move: Move) -> str | None:
    return move.steps[-1].outcome if move.state.status is Status.EXITED and move.steps else None


def _json(value: Mapping[str, Any]) -> str:
    # jsonb cannot hold a zero character.
    return msgspec.json.encode(value).decode().replace("\\u0000", "")
