"""Lists: uploads and snapshots, version by version. Their people are members like those of any segment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.people.lookup.service import Found, IdentifierLookup
from quanyu.modules.segments.conditions.listed import LIST_PREFIX, InList
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.lists.contracts import (
    BYTES_MAX,
    ENTRIES_MAX,
    ListMode,
    ListOrigin,
    ListVersion,
    ListView,
    ReadFile,
    SaveSnapshot,
    VersionState,
)
from quanyu.modules.segments.lists.errors import NoListVersion
from quanyu.modules.segments.lists.matching import Matched, rejects_csv, seal_rejects
from quanyu.modules.segments.lists.queries import ListQueries, NewVersion
from quanyu.modules.segments.lists.reading import Column, Line, Table, read_table
from quanyu.modules.segments.lists.refusals import not_a_list, too_many_bytes, too_many_people
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import dump_definition

MATCH_CHUNK: Final = 2_000
WRITE_CHUNK: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPeople:
    """People to hold fast, and where they are from."""

    people: Sequence[int]
    origin: ListOrigin
    detail: dict[str, Any]
    as_of: datetime


class Lists:
    """The use cases of lists. Entries are written in parts; a version counts once all of them are there."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, keyring: KeyRing, segments: Segments
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._keyring = keyring
        self._lookup = IdentifierLookup(keyring)
        self._segments = segments

    async def upload_new(
        self,
        tenant_id: TenantId,
        *,
        name: str,
        description: str,
        asked: ReadFile,
        content: bytes,
        by: str,
    ) -> ListView:
        """Make a list from a file.

        Raises:
            UnreadableList, ListTooLarge, SegmentNameTaken, TooManySegments: nothing was saved.
        """
        table = await asyncio.to_thread(_checked_table, content, asked)
        segment_id, list_id = await self.create_empty(tenant_id, name, description)
        await self._write_table(tenant_id, list_id, table, asked, mode=ListMode.REPLACE, by=by, is_new=True)
        return await self._view(tenant_id, segment_id)

    async def upload(
        self,
        tenant_id: TenantId,
        segment_id: int,
        *,
        mode: ListMode,
        asked: ReadFile,
        content: bytes,
        by: str,
    ) -> ListView:
        """Replace a list's people by those of a file, or add them.

        A file that names nobody replaces nothing: its version is ``refused`` and keeps the report.

        Raises:
            SegmentNotFound, NotAList, UnreadableList, ListTooLarge: nothing has changed.
        """
        table = await asyncio.to_thread(_checked_table, content, asked)
        async with self._uows.app(tenant_id) as uow:
            list_id = await self.list_of(uow, segment_id)
            row = await ListQueries(uow).find(list_id)
        if mode is ListMode.ADD and row is not None and row.entries + len(table.lines) > ENTRIES_MAX:
            raise too_many_people()
        await self._write_table(tenant_id, list_id, table, asked, mode=mode, by=by, is_new=False)
        return await self._view(tenant_id, segment_id)

    async def snapshot(self, tenant_id: TenantId, command: SaveSnapshot, *, by: str) -> ListView:
        """Hold fast whoever a definition selects; later changes of theirs change nothing here.

        Raises:
            InvalidDefinition, ListTooLarge, SegmentNameTaken, TooManySegments: nothing was saved.
            WarehouseUnavailable: history cannot be read now.
        """
        definition = self._segments.read(command.definition)
        at = await self._segments.evaluation(self._uows, tenant_id, as_of=command.as_of)
        people = await SegmentHistory(self._warehouse, tenant_id).everybody(definition, at, most=ENTRIES_MAX)
        kept = KeptPeople(
            people=people,
            origin=ListOrigin.SNAPSHOT,
            detail={"definition": dump_definition(definition)},
            as_of=at.as_of,
        )
        return await self.keep(
            tenant_id, name=command.name, description=command.description, kept=kept, by=by
        )

    async def keep(
        self, tenant_id: TenantId, *, name: str, description: str, kept: KeptPeople, by: str
    ) -> ListView:
        """Make a list of given people; errors as ``snapshot``."""
        if len(kept.people) > ENTRIES_MAX:
            raise too_many_people()
        segment_id, list_id = await self.create_empty(tenant_id, name, description)
        version = await self._write_people(tenant_id, list_id, kept, by)
        async with self._uows.app(tenant_id) as uow:
            await self._accept(uow, list_id, version, len(kept.people))
        return await self._view(tenant_id, segment_id)

    async def propose(self, tenant_id: TenantId, list_id: int, kept: KeptPeople, *, by: str) -> int:
        """Write people who are not on the list until somebody accepts them; return the version."""
        version = await self._write_people(tenant_id, list_id, kept, by)
        count = len(kept.people)
        async with self._uows.app(tenant_id) as uow:
            await _settle(ListQueries(uow), list_id, version, VersionState.PROPOSED, count)
        return version

    async def accept(self, uow: UnitOfWork, list_id: int, version: int) -> None:
        """Replace a list's people by those of a proposed version; idempotent."""
        found = await ListQueries(uow).find_version(list_id, version)
        if found is not None and found.state == VersionState.PROPOSED:
            await self._accept(uow, list_id, version, found.matched)

    async def discard(self, uow: UnitOfWork, list_id: int, version: int) -> None:
        """Let a proposed version go; idempotent."""
        queries = ListQueries(uow)
        found = await queries.find_version(list_id, version)
        if found is not None and found.state == VersionState.PROPOSED:
            await _settle(queries, list_id, version, VersionState.DROPPED, found.matched)
            await queries.touch(list_id)
            self._segments.announce(uow)

    async def _write_people(self, tenant_id: TenantId, list_id: int, kept: KeptPeople, by: str) -> int:
        new = NewVersion(
            mode=ListMode.REPLACE, origin=kept.origin, detail=kept.detail, as_of=kept.as_of, made_by=by
        )
        async with self._uows.app(tenant_id) as uow:
            version = await ListQueries(uow).begin(list_id, new)
        for start in range(0, len(kept.people), WRITE_CHUNK):
            part: list[tuple[int, bytes | None]] = [
                (person, None) for person in kept.people[start : start + WRITE_CHUNK]
            ]
            async with self._uows.app(tenant_id) as uow:
                await ListQueries(uow).add(list_id, version, part)
        return version

    async def _accept(self, uow: UnitOfWork, list_id: int, version: int, count: int) -> None:
        queries = ListQueries(uow)
        await _settle(queries, list_id, version, VersionState.DONE, count)
        await queries.publish(list_id, version, replaces=True)
        self._segments.announce(uow)

    async def view(self, uow: UnitOfWork, segment_id: int) -> ListView:
        """Return a list with its versions.

        Raises:
            SegmentNotFound: there is no such segment.
            NotAList: it is asked for by conditions.
        """
        queries, list_id = ListQueries(uow), await self.list_of(uow, segment_id)
        row = await queries.find(list_id)
        return ListView(
            segment=await self._segments.get(uow, segment_id),
            entries=0 if row is None else row.entries,
            is_lookalike=await queries.is_lookalike(list_id),
            versions=tuple(ListVersion(**one._mapping) for one in await queries.versions(list_id)),
        )

    async def rejects(self, uow: UnitOfWork, segment_id: int, version: int) -> bytes:
        """Return the rows of a version that named nobody in particular, as a table to put right.

        Raises:
            SegmentNotFound, NotAList
            NoListVersion: there is no such version, or nothing of it is kept any more.
        """
        list_id = await self.list_of(uow, segment_id)
        sealed = await ListQueries(uow).rejects(list_id, version)
        if sealed is None:
            raise NoListVersion(
                "there are no rejected rows of this version", message_zh="该版本没有未匹配的行"
            )
        return await asyncio.to_thread(rejects_csv, self._keyring, sealed)

    async def create_empty(self, tenant_id: TenantId, name: str, description: str) -> tuple[int, int]:
        """Make a list of nobody; return its segment and its own id.

        Raises:
            SegmentNameTaken, TooManySegments
        """
        list_id = new_id()
        definition = InList(kind="list", list=encode_id(LIST_PREFIX, list_id))
        async with self._uows.app(tenant_id) as uow:
            segment_id = await self._segments.create_list(
                uow, name=name, description=description, definition=definition
            )
            await ListQueries(uow).insert(list_id, segment_id)
        return segment_id, list_id

    async def list_of(self, uow: UnitOfWork, segment_id: int) -> int:
        """Return the list of a segment.

        Raises:
            SegmentNotFound, NotAList
        """
        view = await self._segments.get(uow, segment_id)
        if view.definition.get("kind") != "list":
            raise not_a_list()
        return decode_id(LIST_PREFIX, view.definition["list"])

    async def _view(self, tenant_id: TenantId, segment_id: int) -> ListView:
        async with self._uows.app(tenant_id) as uow:
            return await self.view(uow, segment_id)

    async def _write_table(
        self,
        tenant_id: TenantId,
        list_id: int,
        table: Table,
        asked: ReadFile,
        *,
        mode: ListMode,
        by: str,
        is_new: bool,
    ) -> None:
        detail = {
            "file": asked.file_name[:200],
            "columns": [{"name": head, "identifier": column.namespace or "any"}
                        for head, column in zip(table.heads, table.columns, strict=False)],
            **({"scope": asked.scope} if asked.scope else {}),
        }  # fmt: skip
        async with self._uows.app(tenant_id) as uow:
            new = NewVersion(
                mode=mode, origin=ListOrigin.UPLOAD, detail=detail, as_of=uow.clock.now(), made_by=by
            )
            version = await ListQueries(uow).begin(list_id, new)
        matched = Matched()
        for start in range(0, len(table.lines), MATCH_CHUNK):
            lines = table.lines[start : start + MATCH_CHUNK]
            async with self._uows.app(tenant_id) as uow:
                found = await self._found(uow, table.columns, lines, asked.scope)
                entries = matched.take(lines, found)
                await ListQueries(uow).add(list_id, version, entries)
        sealed = await asyncio.to_thread(seal_rejects, self._keyring, table.heads, matched.rejects)
        empties = not matched.seen and mode is ListMode.REPLACE and not is_new
        async with self._uows.app(tenant_id) as uow:
            queries = ListQueries(uow)
            await queries.find(list_id, lock=True)
            await queries.settle(
                list_id,
                version,
                state=VersionState.REFUSED if empties else VersionState.DONE,
                lines=len(table.lines),
                matched=len(matched.seen),
                repeated=matched.repeated,
                rejected=matched.counted(),
                sealed=sealed,
            )
            if not empties:
                await queries.publish(list_id, version, replaces=mode is ListMode.REPLACE)
                self._segments.announce(uow)

    async def _found(
        self, uow: UnitOfWork, columns: Sequence[Column], lines: Sequence[Line], scope: str | None
    ) -> list[list[Found | None]]:
        """Return by row what each cell found; empty cells ask nobody."""
        found: list[list[Found | None]] = [[None] * len(columns) for _ in lines]
        for place, column in enumerate(columns):
            asked = [(number, line.cells[place]) for number, line in enumerate(lines) if line.cells[place]]
            answers = await self._lookup.find(
                uow, [value for _, value in asked], namespace=column.namespace, scope=scope
            )
            for (number, _), answer in zip(asked, answers, strict=True):
                found[number][place] = answer
        return found


async def _settle(queries: ListQueries, list_id: int, version: int, state: VersionState, count: int) -> None:
    """Say what became of a version whose people were found, not read."""
    await queries.settle(
        list_id, version, state=state, lines=count, matched=count, repeated=0, rejected={}, sealed=None
    )


def _checked_table(content: bytes, asked: ReadFile) -> Table:
    if len(content) > BYTES_MAX:
        raise too_many_bytes()
    return read_table(content, asked)
