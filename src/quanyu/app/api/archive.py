"""The log's archive: what it holds, what waits, whether it is whole."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.events.archive.catalogue import Catalogue


class ArchivedDayView(BaseModel):
    """A UTC day of the log in the archive. ``dropped``: the archive alone holds it."""

    day: date
    events: int
    files: int
    size_bytes: int
    dropped: bool


class WaitingDayView(BaseModel):
    """A day that is old enough to go; ``held_by`` has not read all of it."""

    day: date
    held_by: str | None


class ArchivePage(BaseModel):
    """Days of the archive, newest first, and those that wait to go there."""

    keep_days: int
    waiting: list[WaitingDayView]
    items: list[ArchivedDayView]
    next_cursor: str | None


class ArchiveFileView(BaseModel):
    """One file: a stretch of the brand's day."""

    file: str
    events: int
    size_bytes: int
    sha256: str
    written_at: datetime
    dropped_at: datetime | None


class ArchiveFiles(BaseModel):
    """The files of one day, in order."""

    items: list[ArchiveFileView]


class Verified(BaseModel):
    """What reading the files of a day found."""

    files: int
    damaged: tuple[str, ...]  # Missing, or not what was written.


def router(catalogue: Catalogue) -> APIRouter:
    """Return the routes of the archive."""
    routes = APIRouter(prefix="/api/v1/pipeline/archive", tags=["pipeline"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def list_days(
        uow: RequestUow,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    ) -> ArchivePage:
        """List archived days, and those that wait to be archived."""
        page = await catalogue.list_days(uow, cursor=cursor, limit=limit)
        waiting = await catalogue.list_waiting(uow.tenant_id)
        return ArchivePage(
            keep_days=catalogue.settings.keep_days,
            waiting=[WaitingDayView(day=one.day, held_by=one.held_by) for one in waiting],
            items=[
                ArchivedDayView(
                    day=one.day,
                    events=one.events,
                    files=one.files,
                    size_bytes=one.size_bytes,
                    dropped=one.dropped,
                )
                for one in page.items
            ],
            next_cursor=page.next_cursor,
        )

    @routes.get("/{day}")
    async def list_files(uow: RequestUow, day: date) -> ArchiveFiles:
        """List the files of one day."""
        parts = await catalogue.list_parts(uow, day)
        return ArchiveFiles(
            items=[
                ArchiveFileView(
                    file=part.file,
                    events=part.events,
                    size_bytes=part.size_bytes,
                    sha256=part.sha256.hex(),
                    written_at=part.written_at,
                    dropped_at=part.dropped_at,
                )
                for part in parts
            ]
        )

    @routes.post("/{day}/verify")
    async def verify(caller: CurrentCaller, day: date) -> Verified:
        """Read the files of one day and compare them with what was written."""
        parts = await catalogue.read_parts(caller.tenant_id, day)
        return Verified(files=len(parts), damaged=await catalogue.find_damaged(parts))

    return routes
