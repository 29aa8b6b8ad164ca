"""Every query of saved analyses, boards and annotations on PostgreSQL."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.insight.dashboards.contracts import (
    Annotation,
    Board,
    BoardDraft,
    BoardRole,
    SaveAnalysis,
    SavedAnalysis,
    WriteAnnotation,
)

ANALYSIS: Final = "ana"
BOARD: Final = "brd"
NOTE: Final = "ann"


async def list_analyses(uow: UnitOfWork) -> tuple[SavedAnalysis, ...]:
    """Return every kept analysis, by name."""
    rows = await uow.execute(
        "SELECT id, name, asked, saved_by, saved_at FROM saved_analysis WHERE tenant_id = :tenant "
        "ORDER BY name, id",
        {"tenant": uow.tenant_id},
    )
    return tuple(_analysis(row) for row in rows)


async def find_analysis(uow: UnitOfWork, analysis: str) -> SavedAnalysis | None:
    """Return a kept analysis."""
    rows = await uow.execute(
        "SELECT id, name, asked, saved_by, saved_at FROM saved_analysis "
        "WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(ANALYSIS, analysis)},
    )
    row = rows.first()
    return None if row is None else _analysis(row)


async def put_analysis(
    uow: UnitOfWork, analysis: str | None, command: SaveAnalysis, *, by: str
) -> str | None:
    """Keep an analysis, or replace one; return its id, ``None`` where there is none to replace."""
    number = new_id() if analysis is None else decode_id(ANALYSIS, analysis)
    statement = (
        "INSERT INTO saved_analysis (tenant_id, id, name, asked, saved_by, saved_at) "
        "VALUES (:tenant, :id, :name, CAST(:asked AS jsonb), :by, :now) RETURNING id"
        if analysis is None
        else "UPDATE saved_analysis SET name = :name, asked = CAST(:asked AS jsonb), saved_by = :by, "
        "saved_at = :now WHERE tenant_id = :tenant AND id = :id RETURNING id"
    )
    rows = await uow.execute(
        statement,
        {
            "tenant": uow.tenant_id,
            "id": number,
            "name": command.name,
            "asked": _json(command.asked),
            "by": by,
            "now": uow.clock.now(),
        },
    )
    return None if rows.first() is None else encode_id(ANALYSIS, number)


async def drop_analysis(uow: UnitOfWork, analysis: str) -> None:
    """Keep an analysis no longer."""
    await uow.execute(
        "DELETE FROM saved_analysis WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(ANALYSIS, analysis)},
    )


async def add_first_boards(uow: UnitOfWork, drafts: Mapping[BoardRole, BoardDraft]) -> None:
    """Add the boards made for roles, once in a brand's life: a deleted one does not come back."""
    for role, draft in drafts.items():
        await uow.execute(
            "INSERT INTO dashboard (tenant_id, id, role, version, draft, changed_by, changed_at) "
            "VALUES (:tenant, :id, :role, 1, CAST(:draft AS jsonb), '', :now) ON CONFLICT DO NOTHING",
            {
                "tenant": uow.tenant_id,
                "id": new_id(),
                "role": role.value,
                "draft": _json(draft),
                "now": uow.clock.now(),
            },
        )


async def roles_served(uow: UnitOfWork) -> int:
    """Return for how many roles a board was made, deleted ones too."""
    rows = await uow.execute(
        "SELECT count(*) FROM dashboard WHERE tenant_id = :tenant AND role IS NOT NULL",
        {"tenant": uow.tenant_id},
    )
    return int(rows.scalar_one())


async def list_boards(uow: UnitOfWork) -> tuple[Board, ...]:
    """Return every board that is not deleted, oldest first."""
    rows = await uow.execute(
        "SELECT id, role, version, draft, changed_by, changed_at FROM dashboard "
        "WHERE tenant_id = :tenant AND deleted_at IS NULL ORDER BY id",
        {"tenant": uow.tenant_id},
    )
    return tuple(_board(row) for row in rows)


async def find_board(uow: UnitOfWork, board: str) -> Board | None:
    """Return a board that is not deleted."""
    rows = await uow.execute(
        "SELECT id, role, version, draft, changed_by, changed_at FROM dashboard "
        "WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL",
        {"tenant": uow.tenant_id, "id": decode_id(BOARD, board)},
    )
    row = rows.first()
    return None if row is None else _board(row)


async def add_board(uow: UnitOfWork, draft: BoardDraft, *, by: str) -> str:
    """Keep a board; return its outside id."""
    number = new_id()
    await uow.execute(
        "INSERT INTO dashboard (tenant_id, id, version, draft, changed_by, changed_at) "
        "VALUES (:tenant, :id, 1, CAST(:draft AS jsonb), :by, :now)",
        {
            "tenant": uow.tenant_id,
            "id": number,
            "draft": _json(draft),
            "by": by,
            "now": uow.clock.now(),
        },
    )
    return encode_id(BOARD, number)


async def change_board(uow: UnitOfWork, board: str, draft: BoardDraft, *, version: int, by: str) -> bool:
    """Replace a board; return whether ``version`` still was the newest."""
    rows = await uow.execute(
        "UPDATE dashboard SET version = version + 1, draft = CAST(:draft AS jsonb), changed_by = :by, "
        "changed_at = :now WHERE tenant_id = :tenant AND id = :id AND version = :version "
        "AND deleted_at IS NULL RETURNING id",
        {
            "tenant": uow.tenant_id,
            "id": decode_id(BOARD, board),
            "version": version,
            "draft": _json(draft),
            "by": by,
            "now": uow.clock.now(),
        },
    )
    return rows.first() is not None


async def drop_board(uow: UnitOfWork, board: str) -> None:
    """Delete a board; the row stays, so that a first board is not made again."""
    await uow.execute(
        "UPDATE dashboard SET deleted_at = coalesce(deleted_at, :now) WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(BOARD, board), "now": uow.clock.now()},
    )


async def list_annotations(uow: UnitOfWork, *, since: date | None, limit: int) -> tuple[Annotation, ...]:
    """Return notes about days, the latest day first."""
    rows = await uow.execute(
        "SELECT id, day, text, written_by, written_at FROM annotation WHERE tenant_id = :tenant "
        "AND day >= coalesce(CAST(:since AS date), day) ORDER BY day DESC, id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "since": since, "limit": limit},
    )
    return tuple(
        Annotation(
            id=encode_id(NOTE, row.id),
            day=row.day,
            text=row.text,
            written_by=row.written_by,
            written_at=row.written_at,
        )
        for row in rows
    )


async def add_annotation(uow: UnitOfWork, command: WriteAnnotation, *, by: str) -> Annotation:
    """Note something about a day."""
    number = new_id()
    now: datetime = uow.clock.now()
    await uow.execute(
        "INSERT INTO annotation (tenant_id, id, day, text, written_by, written_at) "
        "VALUES (:tenant, :id, :day, :text, :by, :now)",
        {
            "tenant": uow.tenant_id,
            "id": number,
            "day": command.day,
            "text": command.text,
            "by": by,
            "now": now,
        },
    )
    return Annotation(
        id=encode_id(NOTE, number), day=command.day, text=command.text, written_by=by, written_at=now
    )


async def drop_annotation(uow: UnitOfWork, annotation: str) -> None:
    """Delete a note."""
    await uow.execute(
        "DELETE FROM annotation WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(NOTE, annotation)},
    )


def _json(model: BaseModel) -> str:
    return json.dumps(model.model_dump(mode="json", by_alias=True, exclude={"version"}))


def _analysis(row: Any) -> SavedAnalysis:
    return SavedAnalysis(
        id=encode_id(ANALYSIS, row.id),
        name=row.name,
        asked=row.asked,
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )


def _board(row: Any) -> Board:
    return Board(
        id=encode_id(BOARD, row.id),
        version=row.version,
        role=None if row.role is None else BoardRole(row.role),
        draft=BoardDraft.model_validate(row.draft),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
