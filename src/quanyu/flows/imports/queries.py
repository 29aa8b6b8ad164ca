"""Every statement about imports."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quanyu.flows.imports.contracts import ImportFindings, ImportPhase, ImportStatus
from quanyu.flows.imports.prepare import Manifest
from quanyu.infra.unit_of_work import UnitOfWork

_VIEW = """
    tenant_id, id, kind, file, actor, map_name, map_text, dry_run, status, phase, share, cancel_requested,
    rows_total, rows_read, rows_rejected, rows_skipped, rows_repeated, reject_reasons, events_total,
    events_by_name, events_of_nobody, events_written, events_duplicate, events_differing, chunks_total,
    chunks_done, error, findings, first_xid::text AS first_xid, first_position,
    last_xid::text AS last_xid, last_position,
    created_at, started_at, finished_at, queryable_at
"""


class ImportQueries:
    """Rows of imports, inside one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(
        self,
        *,
        import_id: int,
        kind: str,
        file: str,
        map_name: str,
        map_text: str,
        identity: bytes,
        dry_run: bool,
        actor: str = "",
    ) -> Any:
        """Add a queued import, or return the open one of the same identity."""
        added = await self._uow.execute(
            f"""
            INSERT INTO import_job
                (tenant_id, id, kind, file, map_name, map_text, identity, dry_run, actor, status, phase,
                created_at)
            VALUES
                (:tenant, :id, :kind, :file, :map_name, :map_text, :identity, :dry_run, :actor, 'queued',
                'waiting', :now)
            ON CONFLICT (tenant_id, identity) WHERE status IN ('queued', 'running') DO NOTHING
            RETURNING {_VIEW}
            """,  # noqa: S608 - the columns are ours.
            {
                "tenant": self._uow.tenant_id,
                "id": import_id,
                "kind": kind,
                "file": file,
                "map_name": map_name,
                "map_text": map_text,
                "identity": identity,
                "dry_run": dry_run,
                "actor": actor,
                "now": self._uow.clock.now(),
            },
        )
        row = added.first()
        if row is not None:
            return row
        found = await self._uow.execute(
            f"""
            SELECT {_VIEW} FROM import_job
            WHERE tenant_id = :tenant AND identity = :identity AND status IN ('queued', 'running')
            """,  # noqa: S608
            {"tenant": self._uow.tenant_id, "identity": identity},
        )
        return found.one()

    async def find(self, import_id: int, *, lock: bool = False) -> Any:
        """Return the import, or ``None``."""
        found = await self._uow.execute(
            f"SELECT {_VIEW} FROM import_job WHERE tenant_id = :tenant AND id = :id"  # noqa: S608
            + (" FOR UPDATE" if lock else ""),
            {"tenant": self._uow.tenant_id, "id": import_id},
        )
        return found.first()

    async def list_before(self, before: int | None, *, limit: int) -> Sequence[Any]:
        """Return imports, newest first; ids are in the order of time."""
        found = await self._uow.execute(
            f"""
            SELECT {_VIEW} FROM import_job
            WHERE tenant_id = :tenant AND id < coalesce(:before, 9223372036854775807)
            ORDER BY id DESC LIMIT :limit
            """,  # noqa: S608
            {"tenant": self._uow.tenant_id, "before": before, "limit": limit},
        )
        return found.all()

    async def request_cancel(self, import_id: int) -> None:
        """Ask the worker to stop; one that has not begun is cancelled at once."""
        await self._uow.execute(
            """
            UPDATE import_job SET cancel_requested = true,
                status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END,
                finished_at = CASE WHEN status = 'queued' THEN :now ELSE finished_at END
            WHERE tenant_id = :tenant AND id = :id
            """,
            {"tenant": self._uow.tenant_id, "id": import_id, "now": self._uow.clock.now()},
        )

    async def next_open(self) -> Any:
        """Return the oldest unfinished import of any brand, or ``None`` (system role only)."""
        found = await self._uow.execute(
            f"""
            SELECT {_VIEW} FROM import_job WHERE status IN ('queued', 'running')
            ORDER BY created_at, id LIMIT 1
            """  # noqa: S608
        )
        return found.first()

    async def begin(self, import_id: int) -> None:
        """Note that the worker took the import up; whatever was prepared before is prepared anew."""
        await self._uow.execute(
            """
            UPDATE import_job SET status = 'running', phase = 'reading', share = 0, rows_read = 0,
                rows_total = NULL, chunks_total = NULL, chunks_done = 0,
                started_at = coalesce(started_at, :now)
            WHERE tenant_id = :tenant AND id = :id AND status IN ('queued', 'running')
            """,
            {"tenant": self._uow.tenant_id, "id": import_id, "now": self._uow.clock.now()},
        )

    async def progress(
        self, import_id: int, *, phase: ImportPhase, share: float, rows_read: int | None, rejected: int | None
    ) -> bool:
        """Note progress; say whether somebody asked to cancel."""
        found = await self._uow.execute(
            """
            UPDATE import_job SET phase = :phase, share = :share, rows_read = coalesce(:rows, rows_read),
                rows_rejected = coalesce(:rejected, rows_rejected)
            WHERE tenant_id = :tenant AND id = :id
            RETURNING cancel_requested
            """,
            {
                "tenant": self._uow.tenant_id,
                "id": import_id,
                "phase": phase,
                "share": share,
                "rows": rows_read,
                "rejected": rejected,
            },
        )
        return bool(found.scalar_one())

    async def prepared(self, import_id: int, manifest: Manifest) -> None:
        """Note what preparing found."""
        await self._uow.execute(
            """
            UPDATE import_job SET phase = 'writing', share = 0, rows_total = :rows, rows_read = :rows,
                rows_rejected = :rejected, rows_skipped = :skipped, rows_repeated = :repeated,
                reject_reasons = :reasons, events_total = :events, events_by_name = :names,
                events_of_nobody = :nobody, chunks_total = :chunks
            WHERE tenant_id = :tenant AND id = :id
            """,
            {
                "tenant": self._uow.tenant_id,
                "id": import_id,
                "rows": manifest.rows,
                "rejected": manifest.rows_rejected,
                "skipped": manifest.rows_skipped,
                "repeated": manifest.rows_repeated,
                "reasons": json.dumps(manifest.reasons),
                "events": manifest.events,
                "names": json.dumps(manifest.events_by_name),
                "nobody": manifest.events_of_nobody,
                "chunks": manifest.chunks,
            },
        )

    async def found(self, import_id: int, findings: ImportFindings) -> None:
        """Note what a dry run found out about people."""
        await self._uow.execute(
            "UPDATE import_job SET findings = :findings WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": import_id, "findings": findings.model_dump_json()},
        )

    async def chunk_written(self, import_id: int, *, written: int, duplicate: int, differing: int) -> None:
        """Move the checkpoint behind one more chunk, in the transaction that wrote it."""
        await self._uow.execute(
            """
            UPDATE import_job SET chunks_done = chunks_done + 1,
                share = (chunks_done + 1)::real / chunks_total,
                events_written = events_written + :written, events_duplicate = events_duplicate + :duplicate,
                events_differing = events_differing + :differing,
                first_xid = CASE WHEN :written > 0 AND last_xid IS NULL THEN pg_current_xact_id()
                    ELSE first_xid END,
                first_position = CASE WHEN :written > 0 AND last_xid IS NULL THEN (
                    SELECT min(position) FROM log_event
                    WHERE tenant_id = :tenant AND xid = pg_current_xact_id()
                ) ELSE first_position END,
                last_xid = CASE WHEN :written > 0 THEN pg_current_xact_id() ELSE last_xid END,
                last_position = CASE WHEN :written > 0 THEN (
                    SELECT max(position) FROM log_event
                    WHERE tenant_id = :tenant AND xid = pg_current_xact_id()
                ) ELSE last_position END
            WHERE tenant_id = :tenant AND id = :id
            """,
            {
                "tenant": self._uow.tenant_id,
                "id": import_id,
                "written": written,
                "duplicate": duplicate,
                "differing": differing,
            },
        )

    async def writing(self, positions: Sequence[int]) -> dict[int, int]:
        """Return which import wrote each position of the log; imports never write at the same time."""
        found = await self._uow.execute(
            "SELECT id, first_position, last_position FROM import_job WHERE tenant_id = :tenant "
            "AND first_position <= :last AND last_position >= :first",
            {"tenant": self._uow.tenant_id, "first": min(positions), "last": max(positions)},
        )
        spans = [(row.id, row.first_position, row.last_position) for row in found]
        return {at: one for at in positions for one, first, last in spans if first <= at <= last}

    async def finish(
        self, import_id: int, status: ImportStatus, *, error: dict[str, str] | None = None
    ) -> None:
        """End the import."""
        await self._uow.execute(
            """
            UPDATE import_job SET status = :status, finished_at = :now, error = :error,
                phase = CASE WHEN :status = 'completed' THEN 'done' ELSE phase END,
                share = CASE WHEN :status = 'completed' THEN 1 ELSE share END,
                queryable_at = CASE WHEN :status = 'completed' AND last_xid IS NULL THEN :now END
            WHERE tenant_id = :tenant AND id = :id AND status IN ('queued', 'running')
            """,
            {
                "tenant": self._uow.tenant_id,
                "id": import_id,
                "status": status,
                "error": None if error is None else json.dumps(error),
                "now": self._uow.clock.now(),
            },
        )

    async def settle(self) -> int:
        """Note which finished imports history holds whole; return how many still wait (system role only)."""
        await self._uow.execute(
            """
            UPDATE import_job i SET queryable_at = :now
            WHERE status = 'completed' AND queryable_at IS NULL AND EXISTS (
                SELECT FROM log_batch b WHERE b.tenant_id = i.tenant_id AND b.state = 'stored'
                    AND (b.to_xid, b.to_position) >= (i.last_xid, i.last_position)
            )
            """,
            {"now": self._uow.clock.now()},
        )
        found = await self._uow.execute(
            "SELECT count(*) FROM import_job WHERE status = 'completed' AND queryable_at IS NULL"
        )
        return int(found.scalar_one())

    async def forget_uploads_before(self, instant: datetime) -> list[int]:
        """Forget uploaded files that no open import reads, and return their ids (system role only)."""
        found = await self._uow.execute(
            """
            DELETE FROM import_file f WHERE created_at < :instant AND NOT EXISTS (
                SELECT FROM import_job i
                WHERE i.tenant_id = f.tenant_id AND i.status IN ('queued', 'running')
            ) RETURNING id
            """,
            {"instant": instant},
        )
        return [int(row.id) for row in found]

    async def finished_before(self, instant: datetime) -> Sequence[Any]:
        """Return (tenant, id) of imports that ended before ``instant`` (system role only)."""
        found = await self._uow.execute(
            "SELECT tenant_id, id FROM import_job WHERE finished_at < :instant ORDER BY id DESC LIMIT 1000",
            {"instant": instant},
        )
        return found.all()
