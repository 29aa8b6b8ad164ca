"""One slice of people of an undo: removed, or put back as they were, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from quanyu.flows.imports.undo.contracts import UndoCounts
from quanyu.flows.imports.undo.queries import ToldOf, UndoQueries, UndoRow, Written
from quanyu.flows.rights import tables
from quanyu.flows.rights.tables import Whom
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.events.service import event_key
from quanyu.modules.people import graph_queries, profile_queries
from quanyu.modules.people.consent.correcting import correct
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.erasing import forget_people
from quanyu.modules.people.tags.contracts import Origin
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.noting import TagNotes
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.withdrawing import Telling, withdraw

_KEPT: Final = ("import_undo_person", "import_undo_event")  # The undo itself still needs these.


class UndoSlices:
    """Does slices; what is done and whose turn it was commit together."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring
        self._notes = TagNotes(TagGiving())
        self._consent = Consent()

    async def take_back(
        self, uow: UnitOfWork, undo: UndoRow, written: Written, people: Sequence[int], idle: Collection[int]
    ) -> UndoCounts:
        """Settle some person ids, of whom ``idle`` are to be removed."""
        queries = UndoQueries(uow)
        told = await queries.told_of(written.import_id, people)
        canonical = await profile_queries.find_canonical(uow, people)
        fates = {one: "gone" for one in people if one not in canonical}
        removed = [one for one in await queries.made_by(written, sorted(idle)) if one in canonical]
        if removed:
            await self._remove(uow, removed)
            fates |= dict.fromkeys(removed, "removed")
        left = [one for one in people if one not in fates]
        counts, restored = await self._restore(uow, undo, written, left, told)
        for one in left:
            fates[one] = "restored" if canonical[one] in restored or one in restored else "untouched"
        await queries.settle(written.import_id, fates)
        await queries.release_keys([event_key(written.source, one.message_id) for one in told])
        said = list(fates.values())
        return counts + UndoCounts(
            removed=len(removed),
            restored=said.count("restored"),
            untouched=said.count("untouched"),
            gone=said.count("gone"),
        )

    async def _remove(self, uow: UnitOfWork, people: Sequence[int]) -> None:
        forgotten = await forget_people(uow, people)
        whom = Whom(forgotten.people, forgotten.tokens)
        for holding in tables.CLEARED:
            if holding.table not in _KEPT:
                await tables.clear(uow, holding, whom)

    async def _restore(
        self, uow: UnitOfWork, undo: UndoRow, written: Written, people: Sequence[int], told: Sequence[ToldOf]
    ) -> tuple[UndoCounts, set[int]]:
        if not people:
            return UndoCounts(), set()
        name = encode_id("imp", written.import_id)
        connection = await uow.raw()
        await graph_queries.lock_version(connection, uow.tenant_id)
        attributes = await withdraw(uow, self._keyring, telling(written, people, told))
        canonical = await profile_queries.find_canonical(uow, list(people))
        profiles = sorted(set(canonical.values()))
        members = [one.id for one in await profile_queries.list_members(uow, profiles)]
        cause = Cause(origin=Origin.IMPORT, actor=undo.actor, about=name)
        tags = await self._notes.put_back(uow, written.import_id, members, cause=cause)
        operations = await self._operations(uow, written, told)
        reason = f"imports.undo:{name}"
        consents = await correct(uow, profiles, operations, by=undo.actor, reason=reason)
        changed = sorted({canonical[one] for one in attributes.people})
        await graph_queries.note_changes(connection, uow.tenant_id, profiles=changed, remapped=())
        counts = UndoCounts(
            attributes=len(attributes.counting),
            tags=tags.tags,
            consents=consents.statements,
            kept_newer=attributes.newer + tags.newer + consents.newer,
        )
        return counts, {*attributes.people, *tags.people, *consents.people}

    async def _operations(self, uow: UnitOfWork, written: Written, told: Sequence[ToldOf]) -> set[str]:
        purposes = [one.key for one in (await self._consent.purposes(uow)).items]
        return {f"event:{written.source}:{one.message_id}:{purpose}" for one in told for purpose in purposes}


def telling(written: Written, people: Sequence[int], told: Sequence[ToldOf]) -> Telling:
    """Return what the import told of these people, as attributes know it."""
    since: dict[int, datetime] = {}
    wanted = set(people)
    for one in told:
        if one.person_id in wanted:
            since[one.person_id] = min(one.occurred_at, since.get(one.person_id, one.occurred_at))
    return Telling(source=written.source, first=written.first, last=written.last, since=since)
