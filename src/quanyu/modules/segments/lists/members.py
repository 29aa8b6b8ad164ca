"""Lists changed by jobs about many people, each as one version.

Whoever is put on a list counts when the job is over. Whoever is taken from it keeps their entries, marked
with the version that took them: given back they are what they were, and follow their identifiers meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id
from quanyu.modules.people.bulk.ports import ListChange
from quanyu.modules.segments.conditions.listed import LIST_PREFIX
from quanyu.modules.segments.errors import SegmentNotFound
from quanyu.modules.segments.lists.contracts import ENTRIES_MAX, ListMode, VersionState
from quanyu.modules.segments.lists.errors import FilledBySearch, NotAList
from quanyu.modules.segments.lists.queries import ListQueries
from quanyu.modules.segments.lists.refusals import not_a_list, too_many_people
from quanyu.modules.segments.service import Segments


class ListMembers:
    """``people.bulk.ports.StaticLists``."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def check(self, uow: UnitOfWork, segment: str, *, adding: int) -> None:
        """Refuse what cannot be changed by hand.

        Raises:
            SegmentNotFound, NotAList
            FilledBySearch: a search for people like others decides who is on it.
            ListTooLarge: it would hold more than ``ENTRIES_MAX`` people.
        """
        list_id = await self._list_of(uow, segment)
        queries = ListQueries(uow)
        if await queries.is_lookalike(list_id):
            raise FilledBySearch(
                "a search for similar people fills this list; keep its people as a list of their own first",
                message_zh="该名单由相似人群计算生成，请先另存为名单再增减成员",
            )
        row = await queries.find(list_id)
        if row is not None and row.entries + adding > ENTRIES_MAX:
            raise too_many_people()

    async def change(
        self, uow: UnitOfWork, change: ListChange, people: Mapping[int, Sequence[int]]
    ) -> set[int]:
        """Add entries for whom there are none, or take those there are; return the person ids."""
        list_id = await self._find(uow, change.segment)
        if list_id is None:
            return set()
        queries = ListQueries(uow)
        on_list = await queries.among(list_id, [one for ids in people.values() for one in ids])
        if not change.puts:
            if not on_list:
                return set()
            return await queries.take(list_id, await self._version(queries, list_id, change), list(on_list))
        added = [profile for profile, ids in people.items() if on_list.isdisjoint(ids)]
        if added:
            version = await self._version(queries, list_id, change)
            await queries.add(list_id, version, [(profile, None) for profile in added])
        return set(added)

    async def change_now(
        self, uow: UnitOfWork, change: ListChange, people: Mapping[int, Sequence[int]]
    ) -> set[int]:
        """Put people on a list, or take them, at once; return the person ids for which it changed anything.

        What is asked under one ``job`` is one version, as long as nothing replaces the list.

        Raises:
            SegmentNotFound, NotAList
            ListTooLarge: it would hold more than ``ENTRIES_MAX`` people.
        """
        list_id, queries = await self._list_of(uow, change.segment), ListQueries(uow)
        row = await queries.find(list_id, lock=True)
        if row is None or (change.puts and row.entries + len(people) > ENTRIES_MAX):
            raise too_many_people()
        own = replace(change, job=f"{change.job}:{row.base}")
        changed = await self.change(uow, own, people)
        version = await queries.version_of_job(list_id, own.job) if changed else None
        if version is None:
            return set()
        before = await queries.find_version(list_id, version)
        count = before.matched + len(changed)
        await queries.settle(
            list_id,
            version,
            state=VersionState.DONE,
            lines=count,
            matched=count,
            repeated=0,
            rejected={},
            sealed=None,
        )
        await queries.publish(list_id, version, replaces=False)
        self._segments.announce(uow)
        return changed

    async def take_back(
        self, uow: UnitOfWork, change: ListChange, people: Sequence[int], *, undoes: str
    ) -> set[int]:
        """Take what a job added, or give back what it took, unless all was replaced since."""
        list_id = await self._find(uow, change.segment)
        if list_id is None:
            return set()
        queries = ListQueries(uow)
        done = await queries.version_of_job(list_id, undoes)
        if done is None:
            return set()
        version = await self._version(queries, list_id, change)
        if change.puts:
            return await queries.give_back(list_id, done, people)
        return await queries.take(list_id, version, people, of=done)

    async def finish(self, uow: UnitOfWork, change: ListChange, *, people: int, changed: int) -> None:
        """Let the version of a job count."""
        list_id = await self._find(uow, change.segment)
        if list_id is None:
            return
        queries = ListQueries(uow)
        version = await queries.version_of_job(list_id, change.job)
        if version is None:
            return  # It changed nobody.
        found = await queries.find_version(list_id, version)
        if found is None or found.state != VersionState.WRITING:
            return
        await queries.settle(
            list_id,
            version,
            state=VersionState.DONE,
            lines=people,
            matched=changed,
            repeated=0,
            rejected={},
            sealed=None,
        )
        await queries.publish(list_id, version, replaces=False)
        self._segments.announce(uow)

    async def _version(self, queries: ListQueries, list_id: int, change: ListChange) -> int:
        """Return the version a job writes, begun if it is the first time."""
        version = await queries.version_of_job(list_id, change.job)
        if version is not None:
            return version
        mode = ListMode.ADD if change.puts else ListMode.REMOVE
        return await queries.begin(list_id, queries.by_job(mode, change.job, change.actor))

    async def _find(self, uow: UnitOfWork, segment: str) -> int | None:
        """Return a list's own id; ``None`` if it was deleted since the job was asked for."""
        try:
            return await self._list_of(uow, segment)
        except (SegmentNotFound, NotAList):
            return None

    async def _list_of(self, uow: UnitOfWork, segment: str) -> int:
        view = await self._segments.get(uow, decode_id("seg", segment))
        if view.definition.get("kind") != "list":
            raise not_a_list()
        return decode_id(LIST_PREFIX, view.definition["list"])
