"""Who carries which tag: giving, taking, rules, ends; every change is stated as facts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.modules.people import graph_queries, profile_queries
from quanyu.modules.people.tags.contracts import (
    TAG_PREFIX,
    CarriedTag,
    Color,
    Origin,
    TagChange,
    TagsChanged,
)
from quanyu.modules.people.tags.errors import ContradictoryChange
from quanyu.modules.people.tags.queries.book import BookQueries, TagRow
from quanyu.modules.people.tags.queries.claims import ClaimQueries, NewClaim
from quanyu.modules.people.tags.rules import Carrying, Cause, tag_fact

EXPIRED_AT_ONCE: Final = 2_000


@dataclass(slots=True)
class Outcome:
    """Whose tags a change really changed, known once its block has ended."""

    people: set[int] = field(default_factory=set)


class TagGiving:
    """Use cases about people's tags; every person is named by any id they were ever known as."""

    async def change(
        self, uow: UnitOfWork, people: Sequence[PersonId], change: TagChange, *, cause: Cause
    ) -> TagsChanged:
        """Give, take or release tags of people; idempotent.

        Given by hand, a tag counts before its rule; taken by hand, its rule does not give it again. Of an
        exclusive group, the tag given takes the place of the other. Publishes ``people.tag_added`` and
        ``people.tag_removed`` for what changed.

        Raises:
            TagNotFound: the brand has not all of the tags.
            ContradictoryChange: two tags of a group where one counts are to be given.
        """
        asked = await self._asked(uow, change)
        canonical = await profile_queries.find_canonical(uow, list(people))
        profiles = sorted(set(canonical.values()))
        rows = [*asked.add, *asked.remove, *asked.release]
        async with self.changing(uow, profiles, [row.group_id for row in rows], cause) as outcome:
            claims = ClaimQueries(uow)
            await claims.unsay(profiles, [row.id for row in (*asked.remove, *asked.release)])
            for row in asked.remove:
                if row.rule_segment_id is not None:
                    await claims.refuse(profiles, _claim(row, uow.clock.now(), None, cause))
            for row in asked.add:
                if row.is_exclusive:
                    await claims.take_rivals(profiles, tag_id=row.id, group_id=row.group_id)
                await claims.give(profiles, _claim(row, uow.clock.now(), change.expires_at, cause))
        return TagsChanged(
            people=len(outcome.people), unknown=len({one for one in people if one not in canonical})
        )

    async def carried(self, uow: UnitOfWork, people: Sequence[PersonId]) -> dict[PersonId, list[CarriedTag]]:
        """Return what each person carries, in the groups' order; unknown ids are left out."""
        canonical = await profile_queries.find_canonical(uow, list(people))
        found: dict[int, list[CarriedTag]] = {}
        for row in await ClaimQueries(uow).carried(sorted(set(canonical.values()))):
            found.setdefault(row.profile, []).append(_view(row))
        return {PersonId(one): found.get(profile, []) for one, profile in canonical.items()}

    async def carriers(self, uow: UnitOfWork, tag: str) -> list[int]:
        """Return the profiles that carry a tag.

        Raises:
            TagNotFound: there is none.
        """
        row = await BookQueries(uow).get(decode_id(TAG_PREFIX, tag))
        claims = ClaimQueries(uow)
        candidates = await claims.carriers(row.id)
        if not row.is_exclusive and row.rule_segment_id is None:
            return candidates  # Nothing can stand against what was said.
        return [one.profile for one in await claims.carried(candidates) if one.tag_id == row.id]

    async def set_by_rule(self, uow: UnitOfWork, row: TagRow, *, named: Sequence[int]) -> int:
        """Say by rule that people carry a tag; return for how many that changed something."""
        canonical = await profile_queries.find_canonical(uow, list(named))
        profiles = sorted(set(canonical.values()))
        async with self.changing(uow, profiles, [row.group_id], Cause(origin=Origin.RULE)) as outcome:
            await ClaimQueries(uow).add_by_rule(profiles, row.id)
        return len(outcome.people)

    async def unset_by_rule(self, uow: UnitOfWork, row: TagRow, *, people: Sequence[int]) -> int:
        """Take back what a rule said of these person ids; return for how many that changed something."""
        canonical = await profile_queries.find_canonical(uow, list(people))
        profiles = sorted(set(canonical.values()))
        async with self.changing(uow, profiles, [row.group_id], Cause(origin=Origin.RULE)) as outcome:
            await ClaimQueries(uow).drop_by_rule(people, row.id)
        return len(outcome.people)

    async def end_expired(self, uow: UnitOfWork, limit: int = EXPIRED_AT_ONCE) -> int:
        """Take the tags whose time is over; return how many claims ended."""
        claims = ClaimQueries(uow)
        over = await claims.expired(limit)
        if over:
            profiles = sorted({profile for profile, *_ in over})
            cause = Cause(origin=Origin.EXPIRED)
            async with self.changing(uow, profiles, [group for *_, group in over], cause):
                await claims.drop_expired(profiles)
        return len(over)

    async def take_from_some(self, uow: UnitOfWork, *, tag_id: int, group_id: int, limit: int) -> int:
        """Take a deleted tag from some of the people; return how many, 0 when nobody is left."""
        claims = ClaimQueries(uow)
        profiles = await claims.some_of_tag(tag_id, limit)
        if profiles:
            async with self.changing(uow, profiles, [group_id], Cause(origin=Origin.DELETED)):
                await claims.drop_tag(profiles, tag_id)
        return len(profiles)

    @asynccontextmanager
    async def rearranging(self, uow: UnitOfWork, group_id: int, limit: int) -> AsyncIterator[None]:
        """Around a change of a group's order: whoever several rules name may carry another tag after it."""
        profiles = await ClaimQueries(uow).claimed_by_several_rules(group_id, limit)
        async with self.changing(uow, profiles, [group_id], Cause(origin=Origin.RULE)):
            yield

    @asynccontextmanager
    async def changing(
        self, uow: UnitOfWork, profiles: Sequence[int], groups: Sequence[int], cause: Cause
    ) -> AsyncIterator[Outcome]:
        """Compare what people carry before and after the block; state and copy what became different."""
        book, claims, outcome = BookQueries(uow), ClaimQueries(uow), Outcome()
        await book.lock_groups(groups)
        before = {(one.profile, one.tag_id): one for one in await claims.carried(profiles)}
        yield outcome
        after = {(one.profile, one.tag_id): one for one in await claims.carried(profiles)}
        changes = [(one, False) for key, one in before.items() if key not in after]
        changes += [(one, True) for key, one in after.items() if key not in before]
        if not changes:
            return
        outcome.people = {one.profile for one, _ in changes}
        await book.touch(sorted({one.tag_id for one, _ in changes}))
        await graph_queries.note_changes(await uow.raw(), uow.tenant_id, profiles=outcome.people, remapped=())
        change_id, now = new_id(), uow.clock.now()
        for one, added in changes:
            uow.publish(tag_fact(one, added=added, cause=cause, at=now, change_id=change_id))

    async def _asked(self, uow: UnitOfWork, change: TagChange) -> "_Asked":
        ids = [decode_id(TAG_PREFIX, tag) for tag in (*change.add, *change.remove, *change.release)]
        rows = await BookQueries(uow).get_many(ids)
        wanted = [[rows[decode_id(TAG_PREFIX, tag)] for tag in part] for part in _parts(change)]
        chosen = [row.group_id for row in wanted[0] if row.is_exclusive]
        if len(set(chosen)) < len(chosen):
            raise ContradictoryChange(
                "two of the tags to add are of a group of which a person carries one",
                message_zh="同一互斥标签组只能选择一个标签",
            )
        return _Asked(*wanted)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The tags of a change, as stored."""

    add: Sequence[TagRow]
    remove: Sequence[TagRow]
    release: Sequence[TagRow]


def _parts(change: TagChange) -> tuple[tuple[str, ...], ...]:
    return change.add, change.remove, change.release


def _claim(row: TagRow, now: datetime, expires_at: datetime | None, cause: Cause) -> NewClaim:
    if expires_at is None and row.lasts_days is not None:
        expires_at = now + timedelta(days=row.lasts_days)
    return NewClaim(
        tag_id=row.id, origin=cause.origin, actor=cause.actor, given_at=now, expires_at=expires_at
    )


def _view(row: Carrying) -> CarriedTag:
    return CarriedTag(
        id=encode_id(TAG_PREFIX, row.tag_id),
        name=row.tag,
        group=row.group,
        color=Color(row.color),
        origin=Origin(row.origin),
        actor=row.actor,
        given_at=row.given_at,
        expires_at=row.expires_at,
    )
