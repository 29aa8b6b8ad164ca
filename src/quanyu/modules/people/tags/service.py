"""Tags of ours on people: groups and tags, changes of one or many people, and who carries what."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import QueryLimits, Warehouse, WarehouseUnavailable
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.tags.contracts import (
    GROUP_PREFIX,
    GROUPS_MAX,
    JOB_PEOPLE_MAX,
    JOB_PREFIX,
    TAG_PREFIX,
    TAGS_MAX,
    ArrangeTags,
    Color,
    EditTag,
    NewTag,
    Origin,
    PersonTagBook,
    PersonTagGroupView,
    PersonTagView,
    SaveTagGroup,
    StartTagJob,
    TagChange,
    TagJobPreview,
    TagJobView,
)
from quanyu.modules.people.tags.errors import TagGroupInUse, TooManyPeople, TooManyTags
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.queries.book import BookQueries, TagRow
from quanyu.modules.people.tags.queries.claims import ClaimQueries
from quanyu.modules.people.tags.queries.jobs import JobQueries, JobRow
from quanyu.modules.people.tags.rules import Cause

__all__ = ["PersonTags"]

SLICE: Final = 2_000  # People of one commit of a job.
_JOBS_SHOWN: Final = 50
_REARRANGED_MAX: Final = 5_000
_BESIDE_A_TRANSACTION: Final = QueryLimits(wait_s=3.0)
_COUNTS: Final = (
    "SELECT tag, count() FROM (SELECT tags FROM profiles FINAL WHERE tenant_id = {tenant:UInt32} "
    "AND deleted = 0 "
    "AND dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person) = person) "
    "ARRAY JOIN tags AS tag GROUP BY tag"
)

# Segments live above us: wiring tells how to list the members of one, by its outside id.
Members = Callable[[UnitOfWork, str], Awaitable[Sequence[int]]]


class PersonTags:
    """The use cases of tags. ``giving`` changes who carries them."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.giving = TagGiving()

    async def book(self, uow: UnitOfWork) -> PersonTagBook:
        """Return all groups with their tags, and how many people carry each."""
        queries = BookQueries(uow)
        counts = await self._counts(uow.tenant_id)
        tags: dict[int, list[PersonTagView]] = {}
        for row in await queries.tags():
            people = None if counts is None else counts.get(row.id, 0)
            tags.setdefault(row.group_id, []).append(_tag_view(row, people))
        return PersonTagBook(
            groups=tuple(
                PersonTagGroupView(
                    id=encode_id(GROUP_PREFIX, group.id),
                    name=group.name,
                    color=Color(group.color),
                    is_exclusive=group.is_exclusive,
                    tags=tuple(tags.get(group.id, ())),
                )
                for group in await queries.groups()
            )
        )

    async def names(self, uow: UnitOfWork) -> dict[str, tuple[str, dict[str, str]]]:
        """Return the id of each group and of its tags by their names."""
        queries = BookQueries(uow)
        tags: dict[int, dict[str, str]] = {}
        for row in await queries.tags():
            tags.setdefault(row.group_id, {})[row.name] = encode_id(TAG_PREFIX, row.id)
        return {
            group.name: (encode_id(GROUP_PREFIX, group.id), tags.get(group.id, {}))
            for group in await queries.groups()
        }

    async def add_group(self, uow: UnitOfWork, command: SaveTagGroup) -> str:
        """Add a group after the others and return its id.

        Raises:
            TagNameTaken, TooManyTags
        """
        queries, group_id = BookQueries(uow), new_id()
        if len(await queries.groups()) >= GROUPS_MAX:
            raise _too_many(f"a brand has at most {GROUPS_MAX} groups", f"标签组最多 {GROUPS_MAX} 个")
        await queries.add_group(group_id, command.model_dump(mode="json"))
        return encode_id(GROUP_PREFIX, group_id)

    async def save_group(self, uow: UnitOfWork, group: str, command: SaveTagGroup) -> None:
        """Replace a group's name, colour and kind; who carries what does not change.

        Raises:
            TagNotFound, TagNameTaken
            TagGroupInUse: it cannot become exclusive, or cease to be, while people carry its tags.
        """
        queries, group_id = BookQueries(uow), decode_id(GROUP_PREFIX, group)
        before = await queries.get_group(group_id)
        if before.is_exclusive != command.is_exclusive and await queries.is_carried(group_id):
            raise TagGroupInUse(
                "people carry tags of this group; whether it is exclusive can no longer change",
                message_zh="该组标签已有人使用，不能再改变是否互斥",
            )
        await queries.save_group(group_id, command.model_dump(mode="json"))

    async def drop_group(self, uow: UnitOfWork, group: str) -> None:
        """Remove an empty group.

        Raises:
            TagNotFound, TagGroupInUse
        """
        queries, group_id = BookQueries(uow), decode_id(GROUP_PREFIX, group)
        await queries.get_group(group_id)
        if not await queries.drop_group(group_id):
            raise TagGroupInUse(
                "the group still has tags, or tags just deleted are still being taken from people",
                message_zh="标签组里还有标签，或刚删除的标签仍在清理中",
            )

    async def arrange(self, uow: UnitOfWork, order: ArrangeTags, *, group: str | None) -> None:
        """Put groups, or the tags of one group, in order. Of a group where one counts, the first rule wins.

        Raises:
            TagNotFound: the brand has no such group.
        """
        queries = BookQueries(uow)
        if group is None:
            await queries.arrange_groups([decode_id(GROUP_PREFIX, one) for one in order.ids])
            return
        found = await queries.get_group(decode_id(GROUP_PREFIX, group))
        async with self.giving.rearranging(uow, found.id, _REARRANGED_MAX):
            await queries.arrange_tags([decode_id(TAG_PREFIX, one) for one in order.ids])

    async def add_tag(self, uow: UnitOfWork, command: NewTag, *, actor: str) -> str:
        """Add a tag after the others of its group and return its id.

        Raises:
            TagNotFound: there is no such group.
            TagNameTaken, TooManyTags
        """
        queries, tag_id = BookQueries(uow), new_id()
        group = await queries.get_group(decode_id(GROUP_PREFIX, command.group))
        if len(await queries.tags()) >= TAGS_MAX:
            raise _too_many(f"a brand has at most {TAGS_MAX} tags", f"标签最多 {TAGS_MAX} 个")
        values = command.model_dump(exclude={"group"})
        await queries.add_tag(tag_id, {**values, "group_id": group.id, "created_by": actor})
        return encode_id(TAG_PREFIX, tag_id)

    async def save_tag(self, uow: UnitOfWork, tag: str, command: EditTag) -> None:
        """Replace a tag's words and how long it lasts from now on.

        Raises:
            TagNotFound, TagNameTaken
        """
        queries, tag_id = BookQueries(uow), decode_id(TAG_PREFIX, tag)
        await queries.get(tag_id)
        await queries.save_tag(tag_id, command.model_dump())

    async def preview_job(self, uow: UnitOfWork, command: StartTagJob, members: Members) -> TagJobPreview:
        """Count whom a job would be about, and who of them was given each tag before; nothing is changed.

        Raises:
            TagNotFound, SegmentNotFound, TooManyPeople
        """
        profiles = await self._audience(uow, command, members)
        asked = [decode_id(TAG_PREFIX, tag) for tag in (*command.add, *command.remove)]
        await BookQueries(uow).get_many(asked)
        holding = await ClaimQueries(uow).holding(profiles, asked)
        return TagJobPreview(
            people=len(profiles),
            holding={encode_id(TAG_PREFIX, tag): holding.get(tag, 0) for tag in asked},
        )

    async def start_job(self, uow: UnitOfWork, command: StartTagJob, members: Members, *, actor: str) -> str:
        """Change the tags of many people in the background and return the job's id.

        Whom a segment names is settled now; who enters it later is not touched.

        Raises:
            TagNotFound, ContradictoryChange, SegmentNotFound, TooManyPeople
        """
        # Nobody at all: checks what is asked before anything is kept.
        await self.giving.change(uow, [], _change_of(command), cause=Cause(origin=Origin.JOB))
        profiles, job_id = await self._audience(uow, command, members), new_id()
        await JobQueries(uow).add(
            job_id,
            profiles,
            added=[decode_id(TAG_PREFIX, tag) for tag in command.add],
            removed=[decode_id(TAG_PREFIX, tag) for tag in command.remove],
            audience=command.segment or "",
            expires_at=command.expires_at,
            actor=actor,
        )
        return encode_id(JOB_PREFIX, job_id)

    async def jobs(self, uow: UnitOfWork) -> tuple[TagJobView, ...]:
        """Return the latest jobs, newest first."""
        return tuple(_job_view(row) for row in await JobQueries(uow).latest(_JOBS_SHOWN))

    async def run_slice(self, uow: UnitOfWork, size: int = SLICE) -> int:
        """Do the next part of the oldest job; return how many people it was about, 0 when none waits."""
        queries = JobQueries(uow)
        claimed = await queries.claim(size)
        if claimed is None:
            return 0
        job, people = claimed
        live = {row.id for row in await BookQueries(uow).tags()}
        add, remove = ([tag for tag in part if tag in live] for part in (job.added, job.removed))
        changed = 0
        if add or remove:  # Tags deleted meanwhile are nobody's any more.
            change = TagChange(
                add=tuple(encode_id(TAG_PREFIX, tag) for tag in add),
                remove=tuple(encode_id(TAG_PREFIX, tag) for tag in remove),
                expires_at=job.expires_at,
            )
            cause = Cause(origin=Origin.JOB, actor=job.actor, about=encode_id(JOB_PREFIX, job.id))
            done = await self.giving.change(uow, [PersonId(one) for one in people], change, cause=cause)
            changed = done.people
        await queries.advance(job, done=len(people), changed=changed)
        return len(people) or 1

    async def _audience(self, uow: UnitOfWork, command: StartTagJob, members: Members) -> list[int]:
        if command.segment is None:
            named: Sequence[int] = [decode_id("per", one) for one in command.people]
        else:
            named = await members(uow, command.segment)
        if len(named) > JOB_PEOPLE_MAX:
            raise TooManyPeople(
                f"at most {JOB_PEOPLE_MAX} people a job, got {len(named)}",
                message_zh=f"一次最多 {JOB_PEOPLE_MAX} 人",
            )
        known = [one for one in named if one < 2**31]
        return sorted(set((await profile_queries.find_canonical(uow, known)).values()))

    async def _counts(self, tenant_id: TenantId) -> dict[int, int] | None:
        try:
            gate = self._warehouse.for_tenant(tenant_id)
            rows = await gate.query(_COUNTS, limits=_BESIDE_A_TRANSACTION)
        except WarehouseUnavailable:
            return None
        return {int(tag): int(people) for tag, people in rows}


def _change_of(command: StartTagJob) -> TagChange:
    return TagChange(
        add=command.add, remove=command.remove, release=command.release, expires_at=command.expires_at
    )


def _too_many(message: str, message_zh: str) -> TooManyTags:
    return TooManyTags(message, message_zh=message_zh)


def _tag_view(row: TagRow, people: int | None) -> PersonTagView:
    return PersonTagView(
        id=encode_id(TAG_PREFIX, row.id),
        name=row.name,
        description=row.description,
        lasts_days=row.lasts_days,
        people=people,
        changed_at=row.changed_at,
        created_by=row.created_by,
        rule_segment=None if row.rule_segment_id is None else encode_id("seg", row.rule_segment_id),
    )


def _job_view(row: JobRow) -> TagJobView:
    return TagJobView(
        id=encode_id(JOB_PREFIX, row.id),
        add=tuple(encode_id(TAG_PREFIX, tag) for tag in row.added),
        remove=tuple(encode_id(TAG_PREFIX, tag) for tag in row.removed),
        audience=row.audience,
        people=row.size,
        done=row.done,
        changed=row.changed,
        actor=row.actor,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
