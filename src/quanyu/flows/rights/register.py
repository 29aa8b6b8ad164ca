"""Rows of the register of rights requests."""

# ruff: noqa: S608 - statements are made of the names in holdings and of constants.

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from quanyu.flows.rights.contracts import RightsSettings
from quanyu.flows.rights.errors import RightsRequestNotFound
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id

LEASE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A row of the register."""

    id: int
    person_id: int
    kind: str
    state: str
    verified_how: str
    note: str
    outcome: str
    opened_by: int
    opened_by_name: str
    handled_by_name: str
    received_at: datetime
    due_on: date
    starts_at: datetime | None
    closed_at: datetime | None
    people: tuple[int, ...]
    tokens: tuple[bytes, ...]
    steps: dict[str, Any]
    attempts: int
    trouble: str


async def load_settings(uow: UnitOfWork) -> RightsSettings:
    """Return the brand's settings."""
    rows = await uow.execute(
        "SELECT due_working_days, delay_hours FROM rights_setting WHERE tenant_id = :tenant",
        {"tenant": uow.tenant_id},
    )
    row = rows.first()
    if row is None:
        return RightsSettings()
    return RightsSettings(due_working_days=row.due_working_days, delay_hours=row.delay_hours)


async def save_settings(uow: UnitOfWork, settings: RightsSettings) -> None:
    """Write the brand's settings."""
    await uow.execute(
        "INSERT INTO rights_setting (tenant_id, due_working_days, delay_hours) "
        "VALUES (:tenant, :due, :delay) ON CONFLICT (tenant_id) DO UPDATE "
        "SET due_working_days = excluded.due_working_days, delay_hours = excluded.delay_hours",
        {"tenant": uow.tenant_id, "due": settings.due_working_days, "delay": settings.delay_hours},
    )


async def add(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Add a request."""
    await uow.execute(
        f"INSERT INTO rights_request (tenant_id, {', '.join(values)}) "
        f"VALUES (:tenant, {', '.join(f':{name}' for name in values)})",
        {"tenant": uow.tenant_id, **values},
    )


async def get(uow: UnitOfWork, request_id: int, *, lock: bool = False) -> Request:
    """Return a request.

    Raises:
        RightsRequestNotFound: there is none.
    """
    rows = await uow.execute(
        f"SELECT * FROM rights_request WHERE tenant_id = :tenant AND id = :id{' FOR UPDATE' if lock else ''}",
        {"tenant": uow.tenant_id, "id": request_id},
    )
    row = rows.first()
    if row is None:
        raise RightsRequestNotFound(
            f"there is no request {encode_id('rgt', request_id)}", message_zh="没有这个个人信息请求"
        )
    return _request(row)


async def latest(
    uow: UnitOfWork, *, state: str | None, kind: str | None, person_id: int | None, before: int, limit: int
) -> list[Request]:
    """Return requests, newest first; an id before which they were entered goes on from there."""
    rows = await uow.execute(
        """
        SELECT * FROM rights_request
        WHERE tenant_id = :tenant AND id < :before AND (CAST(:state AS text) IS NULL OR state = :state)
            AND (CAST(:kind AS text) IS NULL OR kind = :kind)
            AND (CAST(:person AS int) IS NULL OR person_id IN (
                SELECT p.id FROM person p JOIN person w ON w.tenant_id = :tenant AND w.id = :person
                WHERE p.tenant_id = :tenant AND p.canonical_id = w.canonical_id
                UNION ALL SELECT CAST(:person AS int)
            ))
        ORDER BY id DESC LIMIT :limit
        """,
        {
            "tenant": uow.tenant_id, "state": state, "kind": kind, "person": person_id,
            "before": before, "limit": limit,
        },
    )  # fmt: skip
    return [_request(row) for row in rows]


async def count_waiting(uow: UnitOfWork, today: date) -> tuple[int, int]:
    """Return how many requests are not closed, and how many of these should have been by today."""
    rows = await uow.execute(
        "SELECT count(*), count(*) FILTER (WHERE due_on < :today) FROM rights_request "
        "WHERE tenant_id = :tenant AND closed_at IS NULL",
        {"tenant": uow.tenant_id, "today": today},
    )
    waiting, overdue = rows.one()
    return int(waiting), int(overdue)


async def change(uow: UnitOfWork, request_id: int, values: Mapping[str, Any]) -> None:
    """Change a request."""
    await uow.execute(
        f"UPDATE rights_request SET {', '.join(f'{name} = :{name}' for name in values)} "
        "WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": request_id, **values},
    )


async def keep_steps(
    uow: UnitOfWork, request_id: int, steps: Mapping[str, Any], *, leased: bool = True
) -> None:
    """Write what was done so far, in the transaction that does it."""
    await uow.execute(
        "UPDATE rights_request SET steps = CAST(:steps AS jsonb), leased_until = :until "
        "WHERE tenant_id = :tenant AND id = :id",
        {
            "tenant": uow.tenant_id,
            "id": request_id,
            "steps": json.dumps(steps),
            "until": uow.clock.now() + LEASE if leased else None,
        },
    )


async def claim(uow: UnitOfWork, only: int | None = None) -> Request | None:
    """Take the next erasure whose hour has come and that nobody is at; or ``only`` one, whoever was at it."""
    rows = await uow.execute(
        """
        UPDATE rights_request
        SET state = 'running', leased_until = :until, attempts = attempts + 1, trouble = ''
        WHERE tenant_id = :tenant AND id = (
            SELECT id FROM rights_request WHERE tenant_id = :tenant AND state IN ('confirmed', 'running')
                AND CASE WHEN CAST(:only AS bigint) IS NULL
                    THEN starts_at <= :now AND (leased_until IS NULL OR leased_until <= :now)
                    ELSE id = :only END
            ORDER BY starts_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING *
        """,
        {
            "tenant": uow.tenant_id,
            "now": uow.clock.now(),
            "until": uow.clock.now() + LEASE,
            "only": only,
        },
    )
    row = rows.first()
    return None if row is None else _request(row)


async def note_trouble(uow: UnitOfWork, request_id: int, trouble: str) -> None:
    """Write why an attempt came to no end; the next begins when the lease is over, or when asked for."""
    await uow.execute(
        "UPDATE rights_request SET trouble = :trouble, leased_until = :until "
        "WHERE tenant_id = :tenant AND id = :id AND state = 'running'",
        {
            "tenant": uow.tenant_id,
            "id": request_id,
            "trouble": trouble,
            "until": uow.clock.now() + LEASE,
        },
    )


def _request(row: Any) -> Request:
    return Request(
        id=row.id,
        person_id=row.person_id,
        kind=row.kind,
        state=row.state,
        verified_how=row.verified_how,
        note=row.note,
        outcome=row.outcome,
        opened_by=row.opened_by,
        opened_by_name=row.opened_by_name,
        handled_by_name=row.handled_by_name,
        received_at=row.received_at,
        due_on=row.due_on,
        starts_at=row.starts_at,
        closed_at=row.closed_at,
        people=tuple(row.people),
        tokens=tuple(bytes(token) for token in row.tokens),
        steps=row.steps,
        attempts=row.attempts,
        trouble=row.trouble,
    )
