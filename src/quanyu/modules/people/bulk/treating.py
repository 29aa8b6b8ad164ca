"""What jobs do to some people, and how that is taken back: one slice, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.people import graph_queries, profile_queries
from quanyu.modules.people.attributes import Teller, computed_row, write_attributes
from quanyu.modules.people.bulk.beyond import (
    change_list,
    start_journey,
    undo_journey,
    undo_list,
)
from quanyu.modules.people.bulk.contracts import JOB_PREFIX, ChangeAttribute, ChangeTags, Failure
from quanyu.modules.people.bulk.ports import Reach
from quanyu.modules.people.bulk.queries import JobRow, PeopleJobQueries, Step
from quanyu.modules.people.bulk.retracting import retract
from quanyu.modules.people.profile.service import SOURCE, attribute_set
from quanyu.modules.people.tags.contracts import TAG_PREFIX, Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.queries.book import BookQueries, TagRow
from quanyu.modules.people.tags.queries.claims import ClaimQueries
from quanyu.modules.people.tags.rules import Cause

_TAG: Final = "tag:"


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of a slice."""

    changed: int
    failures: tuple[tuple[int, str], ...] = ()


class Treatments:
    """Does slices of jobs. Whoever merged since a job was asked for is treated as who they are by now."""

    def __init__(self, keyring: KeyRing, reach: Reach) -> None:
        self._keyring = keyring
        self._reach = reach
        self._giving = TagGiving()

    async def do(self, uow: UnitOfWork, job: JobRow, people: Sequence[int]) -> Treated:
        """Treat the next people of a job; those of whom an earlier one stands for both are left out."""
        profiles, gone = await self._turns(uow, job, people)
        failures = tuple((one, Failure.GONE.value) for one in gone)
        if not profiles:
            return Treated(0, failures)
        if job.kind == "journey":
            came = await start_journey(uow, self._reach, job, profiles)
            if came is None:
                failures += tuple((one, Failure.NOT_RUNNING.value) for one in profiles)
            return Treated(len(came or ()), failures)
        if job.kind == "list":
            changed = await change_list(uow, self._reach, job, profiles)
        elif job.kind == "tags":
            changed = await self._change_tags(uow, job, profiles)
        else:
            changed = await self._set_attribute(uow, job, profiles)
        return Treated(changed, failures)

    async def undo(self, uow: UnitOfWork, job: JobRow, people: Sequence[int]) -> Treated:
        """Take back what the job it undoes did to some person ids, where nobody changed it since."""
        assert job.undoes is not None
        steps = await PeopleJobQueries(uow).steps_of(job.undoes, people)
        known = {one.person_id for one in steps}
        failures = [(one, Failure.GONE.value) for one in people if one not in known]
        if job.kind == "list":
            undone = await undo_list(uow, self._reach, job, sorted(known))
        elif job.kind == "journey":
            undone = await undo_journey(uow, self._reach, job, sorted(known))
        elif job.kind == "tags":
            undone = await self._undo_tags(uow, job, steps)
        else:
            undone = await self._undo_attribute(uow, job, steps)
        failures += [(one, Failure.CHANGED_SINCE.value) for one in sorted(known - undone)]
        return Treated(len(undone), tuple(failures))

    async def _turns(
        self, uow: UnitOfWork, job: JobRow, people: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Return (profiles to treat now, ids that stand for nobody any more)."""
        canonical = await profile_queries.find_canonical(uow, people)
        lesser = [
            member
            for member in await profile_queries.list_members(uow, sorted(set(canonical.values())))
            if member.id < max(people)
        ]
        meant = await PeopleJobQueries(uow).among(job.id, [member.id for member in lesser])
        first: dict[int, int] = {}
        for member in lesser:
            if member.id in meant:
                first[member.profile] = min(member.id, first.get(member.profile, member.id))
        profiles = sorted({profile for one, profile in canonical.items() if first.get(profile, one) >= one})
        return profiles, [one for one in people if one not in canonical]

    # --- tags ---------------------------------------------------------------------------------------------

    async def _change_tags(self, uow: UnitOfWork, job: JobRow, profiles: Sequence[int]) -> int:
        deed, book, claims = ChangeTags.model_validate(job.deed), BookQueries(uow), ClaimQueries(uow)
        tags = {encode_id(TAG_PREFIX, row.id): row for row in await book.tags()}
        add = tuple(one for one in deed.add if one in tags)
        remove = tuple(one for one in deed.remove if one in tags)
        if not add and not remove:
            return 0  # Tags deleted meanwhile are nobody's any more.
        change = TagChange(add=add, remove=remove, expires_at=deed.expires_at)
        touched = _touched([tags[one] for one in (*add, *remove)], tags.values())
        await book.lock_groups([tags[one].group_id for one in (*add, *remove)])
        before = await claims.by_hand(profiles, touched)
        cause = Cause(origin=Origin.JOB, actor=job.actor, about=encode_id(JOB_PREFIX, job.id))
        done = await self._giving.change(uow, [PersonId(one) for one in profiles], change, cause=cause)
        after = await claims.by_hand(profiles, touched)
        await PeopleJobQueries(uow).note_steps(job.id, _steps(before, after))
        return done.people

    async def _undo_tags(self, uow: UnitOfWork, job: JobRow, steps: Sequence[Step]) -> set[int]:
        book, claims = BookQueries(uow), ClaimQueries(uow)
        rows = {row.id: row for row in await book.tags()}
        canonical = await profile_queries.find_canonical(uow, sorted({one.person_id for one in steps}))
        profiles = sorted(set(canonical.values()))
        touched = sorted({_tag_of(one) for one in steps})
        groups = sorted({rows[one].group_id for one in touched if one in rows})
        cause = Cause(origin=Origin.JOB, actor=job.actor, about=encode_id(JOB_PREFIX, job.id))
        undone: set[int] = set()
        async with self._giving.changing(uow, profiles, groups, cause):
            said = await claims.by_hand(profiles, touched)
            by_person: dict[int, list[Step]] = {}
            for step in steps:
                by_person.setdefault(step.person_id, []).append(step)
            for person, own in by_person.items():
                is_untouched = all(
                    said.get((person, _tag_of(one))) == one.after and _tag_of(one) in rows for one in own
                )
                if is_untouched and person in canonical:
                    undone.add(person)
            back = {(one.person_id, _tag_of(one)): one.before for one in steps if one.person_id in undone}
            if back:
                await claims.put_back(back)
        return undone

    # --- attributes ---------------------------------------------------------------------------------------

    async def _set_attribute(self, uow: UnitOfWork, job: JobRow, profiles: Sequence[int]) -> int:
        deed, connection = ChangeAttribute.model_validate(job.deed), await uow.raw()
        await graph_queries.lock_version(connection, uow.tenant_id)
        rows = [
            computed_row(
                self._keyring, Teller(one, _source(job), job.created_at, job.id), deed.key, deed.value
            )
            for one in profiles
        ]
        changed = await write_attributes(connection, uow.tenant_id, rows)
        await graph_queries.note_changes(connection, uow.tenant_id, profiles=changed, remapped=())
        steps = [Step(one, deed.key, None, job.id) for one in sorted(changed)]
        await PeopleJobQueries(uow).note_steps(job.id, steps)
        _tell(uow, job, deed.key, changed, is_cleared=deed.value is None)
        return len(changed)

    async def _undo_attribute(self, uow: UnitOfWork, job: JobRow, steps: Sequence[Step]) -> set[int]:
        if not steps:
            return set()
        connection, key = await uow.raw(), steps[0].thing
        await graph_queries.lock_version(connection, uow.tenant_id)
        undoing = await PeopleJobQueries(uow).get(int(job.undoes or 0))
        undone = await retract(
            uow,
            [one.person_id for one in steps],
            key,
            source=_source(undoing),
            position=undoing.id,
        )
        canonical = await profile_queries.find_canonical(uow, sorted(undone))
        profiles = sorted(set(canonical.values()))
        await graph_queries.note_changes(connection, uow.tenant_id, profiles=profiles, remapped=())
        _tell(uow, job, key, profiles, is_cleared=False)
        return undone


def _source(job: JobRow) -> str:
    return f"{SOURCE}:{job.actor}"


def _tell(uow: UnitOfWork, job: JobRow, key: str, people: Iterable[int], *, is_cleared: bool) -> None:
    for person in people:
        fact = attribute_set(PersonId(person), key, job.actor, is_cleared=is_cleared, at=uow.clock.now())
        uow.publish(replace(fact, message_id=f"{fact.name}:{job.id}:{person}"))


def _touched(asked: Sequence[TagRow], every: Iterable[TagRow]) -> list[int]:
    """Return the tags a change may say something of: those asked for, and their rivals."""
    exclusive = {row.group_id for row in asked if row.is_exclusive}
    return sorted({row.id for row in asked} | {row.id for row in every if row.group_id in exclusive})


def _steps(before: Mapping[tuple[int, int], Any], after: Mapping[tuple[int, int], Any]) -> list[Step]:
    return [
        Step(key[0], f"{_TAG}{encode_id(TAG_PREFIX, key[1])}", before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def _tag_of(step: Step) -> int:
    return decode_id(TAG_PREFIX, step.thing.removeprefix(_TAG))
