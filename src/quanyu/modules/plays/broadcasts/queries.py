"""Statements about broadcasts, their runs and their people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.plays.broadcasts.contracts import BroadcastStatus, PersonState, SaveBroadcast


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    """A broadcast as it is stored."""

    id: int
    name: str
    status: BroadcastStatus
    plan: SaveBroadcast
    run: int
    next_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a broadcast."""

    run: int
    started_at: datetime
    cursor: int
    counted_at: datetime | None
    wave: int
    wave_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """Somebody of an audience as they are written down."""

    person_id: int
    state: PersonState
    due_at: datetime
    wave: int
    timing: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move from one state to another."""

    at: datetime
    actor: str
    from_status: str
    to_status: str
    reason: str | None


_COLUMNS = "id, name, status, plan, run, next_at, created_at, updated_at"
_RUN = "run, started_at, cursor, counted_at, wave, wave_at, ended_at"


def _mine(uow: UnitOfWork, broadcast_id: int, **more: Any) -> dict[str, Any]:
    return {"tenant": uow.tenant_id, "id": broadcast_id, "now": uow.clock.now(), **more}


async def insert(uow: UnitOfWork, broadcast_id: int, plan: SaveBroadcast) -> None:
    """Write a draft."""
    await uow.execute(
        "INSERT INTO broadcast (tenant_id, id, name, status, plan, created_at, updated_at) "
        "VALUES (:tenant, :id, :name, 'draft', CAST(:plan AS jsonb), :now, :now)",
        _mine(uow, broadcast_id, name=plan.name, plan=plan.model_dump_json()),
    )


async def save_plan(uow: UnitOfWork, broadcast_id: int, plan: SaveBroadcast) -> None:
    """Write another plan."""
    await uow.execute(
        "UPDATE broadcast SET name = :name, plan = CAST(:plan AS jsonb), updated_at = :now "
        "WHERE tenant_id = :tenant AND id = :id",
        _mine(uow, broadcast_id, name=plan.name, plan=plan.model_dump_json()),
    )


async def delete(uow: UnitOfWork, broadcast_id: int) -> None:
    """Delete a draft that never ran, with who moved it."""
    for table, column in (("broadcast_move", "broadcast_id"), ("broadcast", "id")):
        await uow.execute(
            f"DELETE FROM {table} WHERE tenant_id = :tenant AND {column} = :id",  # noqa: S608
            _mine(uow, broadcast_id),
        )


async def count(uow: UnitOfWork) -> int:
    """Return how many broadcasts the brand has."""
    found = await uow.execute(
        "SELECT count(*) FROM broadcast WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return int(found.scalar_one())


async def find(uow: UnitOfWork, broadcast_id: int, *, lock: bool = False) -> BroadcastRow | None:
    """Return one broadcast."""
    found = await uow.execute(
        f"SELECT {_COLUMNS} FROM broadcast WHERE tenant_id = :tenant AND id = :id"  # noqa: S608
        + (" FOR UPDATE" if lock else ""),
        _mine(uow, broadcast_id),
    )
    row = found.first()
    return None if row is None else _row(row)


async def list_page(uow: UnitOfWork, *, before_id: int | None, rows_max: int) -> list[BroadcastRow]:
    """Return broadcasts, newest first."""
    found = await uow.execute(
        f"SELECT {_COLUMNS} FROM broadcast WHERE tenant_id = :tenant "  # noqa: S608
        + ("AND id < :before " if before_id is not None else "")
        + "ORDER BY id DESC LIMIT :rows",
        {"tenant": uow.tenant_id, "before": before_id, "rows": rows_max},
    )
    return [_row(row) for row in found]


async def list_open(uow: UnitOfWork) -> list[BroadcastRow]:
    """Return the broadcasts there is something to do for, the oldest first."""
    found = await uow.execute(
        f"SELECT {_COLUMNS} FROM broadcast WHERE tenant_id = :tenant "  # noqa: S608
        "AND status IN ('scheduled', 'snapshotting', 'sending', 'cancelling') "
        "AND (status <> 'scheduled' OR next_at <= :now) ORDER BY id",
        {"tenant": uow.tenant_id, "now": uow.clock.now()},
    )
    return [_row(row) for row in found]


async def move(
    uow: UnitOfWork,
    row: BroadcastRow,
    target: BroadcastStatus,
    *,
    actor: str,
    reason: str | None = None,
    next_at: datetime | None = None,
    run: int | None = None,
) -> bool:
    """Move a broadcast from where it was seen to be; tell whether it still was there (MS-1)."""
    found = await uow.execute(
        "UPDATE broadcast SET status = :target, next_at = :next, run = :run, updated_at = :now "
        "WHERE tenant_id = :tenant AND id = :id AND status = :seen",
        _mine(
            uow,
            row.id,
            target=str(target),
            next=next_at,
            run=row.run if run is None else run,
            seen=str(row.status),
        ),
    )
    if found.rowcount != 1:
        return False
    await uow.execute(
        "INSERT INTO broadcast_move (tenant_id, broadcast_id, id, at, actor, from_status, to_status, reason) "
        "VALUES (:tenant, :id, :move, :now, :actor, :seen, :target, :reason)",
        _mine(
            uow,
            row.id,
            move=new_id(),
            actor=actor,
            seen=str(row.status),
            target=str(target),
            reason=reason,
        ),
    )
    return True


async def list_moves(uow: UnitOfWork, broadcast_id: int, *, rows_max: int) -> list[MoveRow]:
    """Return who moved a broadcast, the latest first."""
    found = await uow.execute(
        "SELECT at, actor, from_status, to_status, reason FROM broadcast_move "
        "WHERE tenant_id = :tenant AND broadcast_id = :id ORDER BY id DESC LIMIT :rows",
        _mine(uow, broadcast_id, rows=rows_max),
    )
    return [MoveRow(*row) for row in found]


# --- runs ---


async def begin_run(uow: UnitOfWork, broadcast_id: int, run: int) -> None:
    """Write that a run began."""
    await uow.execute(
        "INSERT INTO broadcast_run (tenant_id, broadcast_id, run, started_at) "
        "VALUES (:tenant, :id, :run, :now)",
        _mine(uow, broadcast_id, run=run),
    )


async def get_run(uow: UnitOfWork, broadcast_id: int, run: int) -> RunRow:
    """Return a run that began."""
    found = await uow.execute(
        f"SELECT {_RUN} FROM broadcast_run "  # noqa: S608
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run",
        _mine(uow, broadcast_id, run=run),
    )
    return RunRow(*found.one())


async def list_runs(uow: UnitOfWork, broadcast_id: int, *, rows_max: int) -> list[RunRow]:
    """Return the runs of a broadcast, the latest first."""
    found = await uow.execute(
        f"SELECT {_RUN} FROM broadcast_run "  # noqa: S608
        "WHERE tenant_id = :tenant AND broadcast_id = :id ORDER BY run DESC LIMIT :rows",
        _mine(uow, broadcast_id, rows=rows_max),
    )
    return [RunRow(*row) for row in found]


async def advance(uow: UnitOfWork, broadcast_id: int, run: int, *, cursor: int, is_over: bool) -> None:
    """Write how far the audience is written down."""
    await uow.execute(
        "UPDATE broadcast_run SET cursor = :cursor, "
        "counted_at = CASE WHEN :over THEN CAST(:now AS timestamptz) END "
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run",
        _mine(uow, broadcast_id, run=run, cursor=cursor, over=is_over),
    )


async def end_first_wave(uow: UnitOfWork, broadcast_id: int, run: int) -> None:
    """Write that everybody of the first wave had their turn."""
    await uow.execute(
        "UPDATE broadcast_run SET wave_at = :now "
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run",
        _mine(uow, broadcast_id, run=run),
    )


async def first_wave(uow: UnitOfWork, broadcast_id: int, run: int) -> list[int]:
    """Return the messages of the first wave."""
    found = await uow.execute(
        "SELECT message_id FROM broadcast_person WHERE tenant_id = :tenant AND broadcast_id = :id "
        "AND run = :run AND wave = 0 AND state = 'planned'",
        _mine(uow, broadcast_id, run=run),
    )
    return [message_id for (message_id,) in found]


async def next_wave(uow: UnitOfWork, broadcast_id: int, run: int) -> None:
    """Let the rest of the audience have their turn."""
    await uow.execute(
        "UPDATE broadcast_run SET wave = 1 WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run",
        _mine(uow, broadcast_id, run=run),
    )


async def end_run(uow: UnitOfWork, broadcast_id: int, run: int) -> None:
    """Write that a run is over."""
    await uow.execute(
        "UPDATE broadcast_run SET ended_at = :now "
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run",
        _mine(uow, broadcast_id, run=run),
    )


# --- people ---


async def add_people(uow: UnitOfWork, broadcast_id: int, run: int, people: Sequence[AudienceRow]) -> None:
    """Write a part of the audience."""
    await uow.execute(
        """
        INSERT INTO broadcast_person
            (tenant_id, broadcast_id, run, person_id, state, due_at, wave, timing)
        SELECT :tenant, :id, :run, p.* FROM unnest(
            CAST(:people AS int[]), CAST(:states AS text[]), CAST(:due AS timestamptz[]),
            CAST(:waves AS smallint[]), CAST(:timings AS text[])
        ) AS p
        """,
        _mine(
            uow,
            broadcast_id,
            run=run,
            people=[one.person_id for one in people],
            states=[str(one.state) for one in people],
            due=[one.due_at for one in people],
            waves=[one.wave for one in people],
            timings=[one.timing for one in people],
        ),
    )


async def take_due(uow: UnitOfWork, broadcast_id: int, run: RunRow, *, rows_max: int) -> list[int]:
    """Return people whose turn has come, up to the wave that may go."""
    found = await uow.execute(
        "SELECT person_id FROM broadcast_person "
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run AND state = 'waiting' "
        "AND wave <= :wave AND due_at <= :now ORDER BY wave, due_at LIMIT :rows",
        _mine(uow, broadcast_id, run=run.run, wave=run.wave, rows=rows_max),
    )
    return [person for (person,) in found]


async def any_waiting(uow: UnitOfWork, broadcast_id: int, run: int, *, wave: int | None = None) -> bool:
    """Tell whether somebody's turn has not come yet, in all or in one wave."""
    found = await uow.execute(
        "SELECT EXISTS (SELECT FROM broadcast_person WHERE tenant_id = :tenant AND broadcast_id = :id "
        "AND run = :run AND state = 'waiting' AND wave = coalesce(CAST(:wave AS smallint), wave))",
        _mine(uow, broadcast_id, run=run, wave=wave),
    )
    return bool(found.scalar_one())


async def mark_planned(uow: UnitOfWork, broadcast_id: int, run: int, messages: Mapping[int, int]) -> None:
    """Write the messages that were planned, by person."""
    await uow.execute(
        "UPDATE broadcast_person p SET state = 'planned', message_id = m.message "
        "FROM unnest(CAST(:people AS int[]), CAST(:messages AS bigint[])) AS m (person, message) "
        "WHERE p.tenant_id = :tenant AND p.broadcast_id = :id AND p.run = :run AND p.person_id = m.person",
        _mine(uow, broadcast_id, run=run, people=list(messages), messages=list(messages.values())),
    )


async def mark(
    uow: UnitOfWork, broadcast_id: int, run: int, people: Collection[int], state: PersonState
) -> None:
    """Write that these people get no message, and why."""
    if people:
        await uow.execute(
            "UPDATE broadcast_person SET state = :state WHERE tenant_id = :tenant AND broadcast_id = :id "
            "AND run = :run AND person_id = ANY(CAST(:people AS int[]))",
            _mine(uow, broadcast_id, run=run, state=str(state), people=list(people)),
        )


async def cancel_waiting(uow: UnitOfWork, broadcast_id: int, run: int, *, rows_max: int) -> int:
    """Let some whose turn has not come go without; return how many."""
    found = await uow.execute(
        """
        UPDATE broadcast_person p SET state = 'cancelled'
        FROM (
            SELECT person_id FROM broadcast_person
            WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run AND state = 'waiting'
            LIMIT :rows
        ) w
        WHERE p.tenant_id = :tenant AND p.broadcast_id = :id AND p.run = :run AND p.person_id = w.person_id
        """,
        _mine(uow, broadcast_id, run=run, rows=rows_max),
    )
    return found.rowcount


async def tally(
    uow: UnitOfWork, broadcast_ids: Sequence[int]
) -> dict[tuple[int, int], dict[PersonState, int]]:
    """Count the people of every run of some broadcasts by state."""
    found = await uow.execute(
        "SELECT broadcast_id, run, state, count(*) FROM broadcast_person "
        "WHERE tenant_id = :tenant AND broadcast_id = ANY(CAST(:ids AS bigint[])) "
        "GROUP BY broadcast_id, run, state",
        {"tenant": uow.tenant_id, "ids": list(broadcast_ids)},
    )
    counts: dict[tuple[int, int], dict[PersonState, int]] = {}
    for broadcast_id, run, state, number in found:
        counts.setdefault((broadcast_id, run), {})[PersonState(state)] = number
    return counts


async def list_people(
    uow: UnitOfWork,
    broadcast_id: int,
    run: int,
    *,
    state: PersonState | None,
    among: Sequence[int] | None = None,
    after: int,
    rows_max: int,
) -> list[tuple[int, str, str, datetime, int | None]]:
    """Return (person, state, timing, due, message) of people of a run, of all or ``among`` some."""
    found = await uow.execute(
        "SELECT person_id, state, timing, due_at, message_id FROM broadcast_person "
        "WHERE tenant_id = :tenant AND broadcast_id = :id AND run = :run AND person_id > :after "
        "AND state = coalesce(CAST(:state AS text), state) "
        "AND (CAST(:among AS int[]) IS NULL OR person_id = ANY(CAST(:among AS int[]))) "
        "ORDER BY person_id LIMIT :rows",
        _mine(
            uow,
            broadcast_id,
            run=run,
            after=after,
            state=state,
            among=None if among is None else list(among),
            rows=rows_max,
        ),
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


def _row(row: Any) -> BroadcastRow:
    values = list(row)
    values[2] = BroadcastStatus(values[2])
    values[3] = SaveBroadcast.model_validate(values[3])
    return BroadcastRow(*values)
