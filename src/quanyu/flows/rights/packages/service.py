"""Packages: asked for, gathered page by page, packed, taken, removed."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from quanyu.flows.rights import register
from quanyu.flows.rights.contracts import PREFIX, RightsKind, RightsState
from quanyu.flows.rights.errors import RightsRequestClosed
from quanyu.flows.rights.packages.contracts import (
    PACKAGE_PREFIX,
    Gathered,
    PackageFetch,
    PackageLanguage,
    PackageRemoved,
    Packages,
    PackageState,
    PackageView,
    StartPackage,
    Store,
)
from quanyu.flows.rights.packages.errors import PackageGone
from quanyu.flows.rights.packages.frames import Frame, RowsFrame, read_frame, write_frame
from quanyu.flows.rights.packages.languages import language_of
from quanyu.flows.rights.packages.overview import Cover
from quanyu.flows.rights.packages.packing import Sink, pack
from quanyu.flows.rights.packages.queries import PackageQueries, PackageRow
from quanyu.flows.rights.packages.sources.base import Asked, Page, Source
from quanyu.flows.rights.packages.sources.history import EVENTS
from quanyu.flows.rights.tables import Whom
from quanyu.infra.crypto import KeyRing
from quanyu.infra.sealed_files import SealedFiles
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.people.erasing import who_is
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.tenants.service import Tenants

_log = get_logger("rights.packages")
_AT_ONCE: Final = 100
_PIECE: Final = 1 << 20
_ASKING: Final = (RightsKind.ACCESS, RightsKind.EXPORT)

# Holds the brand's packages for one process alone; yields whether it got them.
Alone = Callable[[TenantId], AbstractAsyncContextManager[bool]]


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file on its way to whoever asked for it."""

    name: str
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class PackageFiles:
    """Where what was gathered lies until it is packed, and the packages."""

    gathered: SealedFiles
    packed: SealedFiles

    def delete(self, tenant_id: TenantId, number: int) -> None:
        """Remove both files of a package. Idempotent."""
        self.gathered.delete(tenant_id, number)
        self.packed.delete(tenant_id, number)


class RightsPackages:
    """The use cases; ``run_once`` is called by a loop of each brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        tenants: Tenants,
        files: PackageFiles,
        sources: Sequence[Source],
        alone: Alone,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenants = tenants
        self._files = files
        self._sources = sources
        self._alone = alone
        self._seen: tuple[int, int, set[int]] = (0, 0, set())  # Package, size, positions of its events.

    async def start(self, uow: UnitOfWork, request: str, command: StartPackage, *, actor: str) -> PackageView:
        """Gather everything held about the person of a request, in the background.

        One that is under way is returned as it is; one that is done is replaced.

        Raises:
            RightsRequestNotFound
            RightsRequestClosed: it is no open request to see or take along one's data.
            PersonNotFound: the person is no longer there.
        """
        found = await register.get(uow, decode_id(PREFIX, request), lock=True)
        if found.kind not in _ASKING or found.state != RightsState.OPEN:
            raise RightsRequestClosed(
                "only an open request to see or take along one's data has a package",
                message_zh="只有未办结的查阅或复制请求可以制作资料包",
            )
        queries = PackageQueries(uow)
        for one in await queries.of_request(found.id):
            if one.removed is None and one.finished_at is None:
                return await self._shown(uow, one)
            if one.removed is None:
                await self._drop(uow, one.id, PackageRemoved.REPLACED, by=actor)
        who = await who_is(uow, PersonId(found.person_id))
        if who is None:
            raise PersonNotFound("the person is no longer there", message_zh="该客户已不存在")
        package_id = new_id()
        await queries.add(
            package_id,
            who.people,
            request=found.id,
            language=command.language or await language_of(uow, who.people),
            actor=actor,
            sources=len(self._sources),
            expires=uow.clock.now() + timedelta(days=command.keep_days),
        )
        return await self._shown(uow, await queries.get(package_id))

    async def of_request(self, uow: UnitOfWork, request: str) -> Packages:
        """Return the packages of a request with who took them, newest first.

        Raises:
            RightsRequestNotFound
        """
        found = await register.get(uow, decode_id(PREFIX, request))
        rows = await PackageQueries(uow).of_request(found.id)
        return Packages(items=tuple([await self._shown(uow, row) for row in rows]))

    async def fetch(self, uow: UnitOfWork, package: str, *, actor: str) -> PackageFile:
        """Return the file, opened piece by piece, and note who took it.

        Raises:
            PackageNotFound: there is none.
            PackageGone: it is not whole yet, or was removed.
        """
        queries = PackageQueries(uow)
        row = await queries.get(decode_id(PACKAGE_PREFIX, package), lock=True)
        if not _can_fetch(row, uow):
            raise PackageGone(
                "the package is not ready, or was removed", message_zh="资料包尚未完成，或已删除"
            )
        try:
            pieces = self._files.packed.read(uow.tenant_id, row.id, size=row.size)
        except FileNotFoundError as error:
            raise PackageGone("the file is not on this machine", message_zh="文件不在这台机器上") from error
        await queries.fetched(new_id(), row.id, actor=actor)
        return PackageFile(f"personal-data-{row.created_at:%Y%m%d}-{package}.zip", pieces)

    async def remove(self, uow: UnitOfWork, package: str, *, actor: str) -> PackageView:
        """Delete the file now, or give up gathering; the entry stays. Idempotent.

        Raises:
            PackageNotFound: there is none.
        """
        queries = PackageQueries(uow)
        row = await queries.get(decode_id(PACKAGE_PREFIX, package), lock=True)
        if row.removed is None:
            await self._drop(uow, row.id, PackageRemoved.BY_HAND, by=actor)
        return await self._shown(uow, await queries.get(row.id))

    async def refused(self, uow: UnitOfWork, request_id: int, *, actor: str) -> None:
        """Delete what was made for a request that is refused. Idempotent."""
        for row in await PackageQueries(uow).of_request(request_id):
            if row.removed is None:
                await self._drop(uow, row.id, PackageRemoved.REFUSED, by=actor)

    # --- working ------------------------------------------------------------------------------------------

    async def run_once(self, tenant_id: TenantId) -> int:
        """Remove files whose time is over, then go on by one page; return 0 when nothing waits."""
        async with self._uows.system(tenant_id) as uow:
            over = await PackageQueries(uow).to_remove(_AT_ONCE)
            for package_id, why in over:
                await self._drop(uow, package_id, PackageRemoved(why))
            waiting = await PackageQueries(uow).next_due() is not None
        if not waiting:
            return len(over)
        async with self._alone(tenant_id) as is_alone:
            if not is_alone:
                return len(over)  # Another process is at it.
            async with self._uows.system(tenant_id) as uow:
                due = await PackageQueries(uow).next_due()
            return 1 if due is None else await self._go_on(tenant_id, *due)

    async def _go_on(self, tenant_id: TenantId, row: PackageRow, person_id: int) -> int:
        try:
            if row.sources != len(self._sources):
                await self._begin_again(tenant_id, row)
            elif row.done < row.sources:
                await self._gather(tenant_id, row, PersonId(person_id))
            else:
                await self._pack(tenant_id, row)
        except Exception as error:
            self._seen = (0, 0, set())
            async with self._uows.system(tenant_id) as uow:
                await PackageQueries(uow).note_trouble(row.id, type(error).__name__)
            raise
        return 1

    async def _begin_again(self, tenant_id: TenantId, row: PackageRow) -> None:
        """Gather anew what an earlier release began: it knew other places."""
        async with self._uows.system(tenant_id) as uow:
            queries = PackageQueries(uow)
            await queries.get(row.id, lock=True)
            await queries.change(row.id, sources=len(self._sources))
            await queries.keep_page(row.id, (), done=0, place=None, gathered={}, gathered_size=0)

    async def _gather(self, tenant_id: TenantId, row: PackageRow, person_id: PersonId) -> None:
        source = self._sources[row.done]
        async with self._uows.system(tenant_id) as uow:
            who = await who_is(uow, person_id)
            if who is None:  # Erased, or taken back with the import that brought them.
                await self._drop(uow, row.id, PackageRemoved.ERASED)
                return
            whom = Whom(who.people, who.tokens)
            known = await self._identifiers(uow, whom)
        seen = await self._seen_of(tenant_id, row) if source.section == EVENTS else set[int]()
        page = await source.page(Asked(tenant_id, whom, known, seen), row.place)
        async with self._uows.system(tenant_id) as uow:
            await self._keep(uow, row, source, page, whom.people, seen)

    async def _keep(
        self,
        uow: UnitOfWork,
        read: PackageRow,
        source: Source,
        page: Page,
        people: Sequence[int],
        seen: set[int],
    ) -> None:
        """Write a page and note it. What a cut-off commit left behind the noted size is overwritten."""
        queries = PackageQueries(uow)
        row = await queries.get(read.id, lock=True)
        if row.removed is not None:
            return
        frames: list[Frame] = [RowsFrame(source.section, source.store, page.rows)] if page.rows else []
        frames += page.files
        size = row.gathered_size
        for frame in frames:
            content = write_frame(frame)
            size = await asyncio.to_thread(
                self._files.gathered.append, uow.tenant_id, row.id, content, at=size
            )
        name = f"{source.store}:{source.section}"
        await queries.keep_page(
            row.id,
            people,
            done=row.done + (page.after is None),
            place=page.after,
            gathered={**row.gathered, name: row.gathered.get(name, 0) + len(page.rows)},
            gathered_size=size,
        )
        self._seen = (row.id, size, seen)

    async def _pack(self, tenant_id: TenantId, row: PackageRow) -> None:
        """Put what was gathered together; begun again from the start when it is cut short."""
        async with self._uows.system(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
        cover = Cover(
            package=encode_id(PACKAGE_PREFIX, row.id),
            brand=brand.name,
            zone=brand.time_zone,
            language=PackageLanguage(row.language),
            made_at=self._uows.clock.now(),
            gathered=_gathered(row),
        )
        size = await asyncio.to_thread(self._packed, tenant_id, row, cover)
        async with self._uows.system(tenant_id) as uow:
            queries = PackageQueries(uow)
            if (await queries.get(row.id, lock=True)).removed is not None:
                await asyncio.to_thread(self._files.delete, tenant_id, row.id)
                return
            await queries.change(row.id, size=size, finished_at=uow.clock.now(), attempts=0, trouble="")
        await asyncio.to_thread(self._files.gathered.delete, tenant_id, row.id)
        _log.info("rights.package_made", package=row.id)

    def _packed(self, tenant_id: TenantId, row: PackageRow, cover: Cover) -> int:
        size = 0

        def keep(piece: bytes) -> None:
            nonlocal size
            size = self._files.packed.append(tenant_id, row.id, piece, at=size)

        sink = Sink(keep, piece=_PIECE)
        pack(lambda: self._frames(tenant_id, row), cover, sink)
        sink.finish()
        return size

    def _frames(self, tenant_id: TenantId, row: PackageRow) -> Iterator[Frame]:
        if row.gathered_size:
            for piece in self._files.gathered.read(tenant_id, row.id, size=row.gathered_size):
                yield read_frame(piece)

    async def _seen_of(self, tenant_id: TenantId, row: PackageRow) -> set[int]:
        """Return the positions of events gathered before, read from the file by a process that began anew."""
        package_id, size, seen = self._seen
        if (package_id, size) == (row.id, row.gathered_size):
            return set(seen)

        def read() -> set[int]:
            return {
                int(one["position"])
                for frame in self._frames(tenant_id, row)
                if isinstance(frame, RowsFrame) and frame.section == EVENTS
                for one in frame.rows
            }

        return await asyncio.to_thread(read)

    async def _identifiers(self, uow: UnitOfWork, whom: Whom) -> list[tuple[str, str, str]]:
        rows = await uow.execute(
            "SELECT namespace, scope, sealed FROM identity WHERE tenant_id = :tenant "
            "AND token = ANY(CAST(:tokens AS bytea[])) ORDER BY token",
            {"tenant": uow.tenant_id, "tokens": list(whom.tokens)},
        )
        return [(row.namespace, row.scope, self._keyring.open(bytes(row.sealed)).decode()) for row in rows]

    async def _drop(self, uow: UnitOfWork, package_id: int, why: PackageRemoved, *, by: str = "") -> None:
        await asyncio.to_thread(self._files.delete, uow.tenant_id, package_id)
        await PackageQueries(uow).remove(package_id, why.value, by=by)

    async def _shown(self, uow: UnitOfWork, row: PackageRow) -> PackageView:
        taken = (await PackageQueries(uow).fetches([row.id])).get(row.id, ())
        gathered = _gathered(row)
        state = PackageState.PACKING if row.done >= row.sources else PackageState.GATHERING
        return PackageView(
            id=encode_id(PACKAGE_PREFIX, row.id),
            request=encode_id(PREFIX, row.request_id),
            state=state if row.finished_at is None else PackageState.DONE,
            language=PackageLanguage(row.language),
            actor=row.actor,
            done=row.done,
            of=row.sources,
            gathered=gathered,
            rows=sum(one.rows for one in gathered),
            attempts=row.attempts,
            trouble=row.trouble,
            removed=None if row.removed is None else PackageRemoved(row.removed),
            removed_by=row.removed_by,
            created_at=row.created_at,
            finished_at=row.finished_at,
            expires_at=row.expires_at,
            can_fetch=_can_fetch(row, uow),
            fetches=tuple(PackageFetch(actor=actor, fetched_at=at) for actor, at in taken),
        )


def _can_fetch(row: PackageRow, uow: UnitOfWork) -> bool:
    return row.finished_at is not None and row.removed is None and row.expires_at > uow.clock.now()


def _gathered(row: PackageRow) -> tuple[Gathered, ...]:
    told = [
        Gathered(section=name.partition(":")[2], store=Store(name.partition(":")[0]), rows=rows)
        for name, rows in row.gathered.items()
    ]
    return tuple(sorted(told, key=lambda one: (-one.rows, one.section, one.store)))
