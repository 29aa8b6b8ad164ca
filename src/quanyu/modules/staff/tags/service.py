"""Corp tags as people manage them. What touches the platform's own list is done there first."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.kernel.paging import decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.tags import views
from quanyu.modules.staff.tags.contracts import (
    TAGS_MAX,
    Arrange,
    CorpTagFailure,
    CorpTagging,
    CorpTaggingTaken,
    CorpTagGroup,
    CorpTags,
    NewTags,
    PersonCorpTag,
    TagConflictPage,
    wishes_of,
)
from quanyu.modules.staff.tags.errors import TooManyTags, not_ours, unknown
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.tags.queries.tags import TagQueries
from quanyu.modules.staff.tags.rules import ConflictPolicy
from quanyu.wechat.calls import Call, Request
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import corp_tags as calls

CONSOLE: Final = "console"
_FAILURES_MAX: Final = 100
_PEOPLE_AT_ONCE: Final = 100
# How the platform says that a tag belongs to another app.
_NOT_OURS: Final = frozenset({60011, 81011})


class CorpTagDesk:
    """Create, rename, arrange and delete corp tags; give them to customers; see what went wrong."""

    def __init__(
        self, uows: UnitOfWorkFactory, clients: CorpClients, corps: Corps, marks: CorpTagMarks
    ) -> None:
        self._uows = uows
        self._clients = clients
        self._corps = corps
        self._marks = marks

    async def list_tags(self, uow: UnitOfWork, corp_id: AccountId) -> CorpTags:
        """Return a company's tags as we know them.

        Raises:
            UnknownCorp: the brand has no such company.
        """
        await self._corps.get(uow, corp_id)
        queries = TagQueries(uow)
        book, rows = await queries.book(corp_id), await queries.overview(corp_id)
        grouped = groupby(rows, key=lambda row: (row.group_id, row.group_name))
        return views.show_tags(
            show_corp_id(corp_id), book, [views.show_group(group, list(tags)) for group, tags in grouped]
        )

    async def create(self, tenant_id: TenantId, corp_id: AccountId, command: NewTags) -> CorpTagGroup:
        """Create tags on the platform and remember them; names that exist come back as they are.

        Raises:
            TooManyTags: the company would have more than 10,000.
            PlatformRefusal, TransportError: the platform did not take them; nothing is remembered.
        """
        names = tuple(dict.fromkeys(command.names))
        async with self._uows.app(tenant_id) as uow:
            known = await TagQueries(uow).known(corp_id)
        if len(known) + len(names) > TAGS_MAX:
            raise TooManyTags(
                f"a company has at most {TAGS_MAX} tags, this one has {len(known)}",
                message_zh=f"每个企业最多 {TAGS_MAX} 个标签，目前已有 {len(known)} 个",
            )
        client = await self._clients.get(tenant_id, corp_id)
        answer = await client.call(
            calls.ADD,
            calls.AddRequest(
                # Bigger comes first: they stand in the order they were typed in.
                tag=tuple(calls.NewTag(name, len(names) - place) for place, name in enumerate(names)),
                group_id=command.group or "",
                group_name=command.group_name or "",
            ),
        )
        group = answer.tag_group
        async with self._uows.app(tenant_id) as uow:
            queries = TagQueries(uow)
            await queries.save_group(corp_id, group, own=[tag.id for tag in group.tag if tag.id not in known])
            await queries.ask_for_list([corp_id], due_at=uow.clock.now())
            rows = [row for row in await queries.overview(corp_id) if row.group_id == group.group_id]
        return views.show_group((group.group_id, group.group_name), rows)

    async def rename(self, tenant_id: TenantId, corp_id: AccountId, item: str, name: str) -> None:
        """Rename a tag or a group of ours; idempotent.

        Raises:
            UnknownCorpTag, NotOurTag, PlatformRefusal, TransportError
        """
        await self._edit(tenant_id, corp_id, {item: calls.EditRequest(id=item, name=name)})

    async def arrange(self, tenant_id: TenantId, corp_id: AccountId, order: Arrange) -> None:
        """Put tags of a group, or groups, in order: a call for each that moves; idempotent.

        Raises:
            UnknownCorpTag, NotOurTag, PlatformRefusal, TransportError
        """
        last = len(order.ids)
        await self._edit(
            tenant_id,
            corp_id,
            {
                item: calls.EditRequest(id=item, order=last - place)  # Bigger comes first.
                for place, item in enumerate(dict.fromkeys(order.ids))
            },
        )

    async def delete(self, tenant_id: TenantId, corp_id: AccountId, item: str) -> None:
        """Delete a tag or a group of ours and take it from everybody.

        Raises:
            UnknownCorpTag, NotOurTag, PlatformRefusal, TransportError
        """
        is_group, tags = await self._own(tenant_id, corp_id, item)
        groups, alone = ((item,), ()) if is_group else ((), (item,))
        await self._call(
            tenant_id, corp_id, tags, calls.DELETE, calls.DeleteRequest(tag_id=alone, group_id=groups)
        )
        async with self._uows.app(tenant_id) as uow:
            gone = await TagQueries(uow).drop(corp_id, tags=alone, groups=groups)
            await MarkQueries(uow).forget_tags(corp_id, gone)

    async def change_people(
        self, uow: UnitOfWork, corp_id: AccountId, tagging: CorpTagging
    ) -> CorpTaggingTaken:
        """Ask for tags to be given to customers or taken from them; carried out within seconds.

        Raises:
            UnknownCorpTag: the company has no such tag.
        """
        wishes = wishes_of(tagging.add, tagging.remove)
        known = await TagQueries(uow).known(corp_id)
        if any(tag_id not in known for tag_id in wishes):
            raise unknown()
        people = [PersonId(decode_id("per", one)) for one in dict.fromkeys(tagging.people)]
        waiting, reached = 0, set()
        for start in range(0, len(people), _PEOPLE_AT_ONCE):
            found = await RelationQueries(uow).of_people(people[start : start + _PEOPLE_AT_ONCE])
            chosen = [
                one
                for one in found
                if one.key.corp_id == corp_id
                and one.status is RelationStatus.ACTIVE
                and tagging.staff in (None, one.key.userid)
            ]
            reached |= {one.person_id for one in chosen}
            waiting += await self._marks.mark_all(uow, [one.key for one in chosen], wishes, why=CONSOLE)
        return CorpTaggingTaken(waiting=waiting, without_relation=len(set(people) - reached))

    async def tags_of(self, uow: UnitOfWork, person_id: PersonId) -> tuple[PersonCorpTag, ...]:
        """Return the tags a person carries, by the member who has them as a customer."""
        return tuple(views.show_person_tag(row) for row in await TagQueries(uow).of_person(person_id))

    async def conflicts(
        self, uow: UnitOfWork, corp_id: AccountId, *, cursor: str | None, limit: int
    ) -> TagConflictPage:
        """Return where the platform's side undid what we had decided, newest first."""
        before = int(decode_cursor(cursor, int)[0]) if cursor else None
        rows = await TagQueries(uow).conflicts(corp_id, before=before, limit=limit + 1)
        return TagConflictPage(
            items=tuple(views.show_conflict(row) for row in rows[:limit]),
            next_cursor=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None,
        )

    async def failures(self, uow: UnitOfWork, corp_id: AccountId) -> tuple[CorpTagFailure, ...]:
        """Return the latest changes the platform refused, and why."""
        rows = await TagQueries(uow).failures(corp_id, limit=_FAILURES_MAX)
        return tuple(views.show_failure(row) for row in rows)

    async def set_policy(self, uow: UnitOfWork, corp_id: AccountId, policy: ConflictPolicy) -> None:
        """Set how conflicts are decided from now on."""
        await self._corps.get(uow, corp_id)
        await TagQueries(uow).set_policy(corp_id, policy)

    async def sync(self, uow: UnitOfWork, corp_id: AccountId) -> None:
        """Have the list of tags read now."""
        await self._corps.get(uow, corp_id)
        await TagQueries(uow).ask_for_list([corp_id], due_at=uow.clock.now())

    async def _edit(
        self, tenant_id: TenantId, corp_id: AccountId, edits: dict[str, calls.EditRequest]
    ) -> None:
        owned = {item: (await self._own(tenant_id, corp_id, item))[1] for item in edits}
        for item, request in edits.items():
            await self._call(tenant_id, corp_id, owned[item], calls.EDIT, request)
            async with self._uows.app(tenant_id) as uow:
                await TagQueries(uow).edited(corp_id, item, name=request.name, position=request.order)

    async def _own(self, tenant_id: TenantId, corp_id: AccountId, item: str) -> tuple[bool, Sequence[str]]:
        """Return whether it is a group, and the tags it is about.

        Raises:
            UnknownCorpTag, NotOurTag
        """
        async with self._uows.app(tenant_id) as uow:
            known = await TagQueries(uow).known(corp_id)
        rows: list[Any] = [row for row in known.values() if item in (row.tag_id, row.group_id)]
        if not rows:
            raise unknown()
        if not all(row.is_own for row in rows):
            raise not_ours()
        return item not in known, [row.tag_id for row in rows]

    async def _call(
        self,
        tenant_id: TenantId,
        corp_id: AccountId,
        tags: Sequence[str],
        spec: Call[Any, Any],
        request: Request,
    ) -> None:
        """Call the platform; that it holds tags to be another app's is remembered."""
        client = await self._clients.get(tenant_id, corp_id)
        try:
            await client.call(spec, request)
        except PlatformRefusal as error:
            if error.errcode not in _NOT_OURS:
                raise
            async with self._uows.app(tenant_id) as uow:
                await TagQueries(uow).set_own(corp_id, tags, is_own=False)
            raise not_ours() from error
