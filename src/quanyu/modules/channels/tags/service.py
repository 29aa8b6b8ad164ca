"""Account tags as people manage them. What touches the platform's own list is done there first."""

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import Conflict, NotFound
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ACCOUNT_PREFIX, AccountId
from quanyu.modules.channels.reasons import explained
from quanyu.modules.channels.tags.contracts import (
    RESERVED_MAX,
    AccountTag,
    PersonTag,
    TagFailure,
    TaggedPeople,
    TaggedPerson,
    Tagging,
    TaggingTaken,
    TagId,
)
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import OutcomeUnknown
from quanyu.wechat.official_account import tags as calls

_FAILURES_MAX = 100


class UnknownTag(NotFound):
    """The account has no such tag."""

    code = "channels.unknown_tag"


class ReservedTag(Conflict):
    """The tag belongs to the platform."""

    code = "channels.reserved_tag"


class TagDesk:
    """Create, rename and delete tags; give them to people and take them away."""

    def __init__(self, uows: UnitOfWorkFactory, clients: AccountClients) -> None:
        self._uows = uows
        self._clients = clients

    async def list_tags(self, uow: UnitOfWork, account_id: AccountId) -> tuple[AccountTag, ...]:
        """Return the account's tags as we know them."""
        return tuple(
            AccountTag(
                id=row.tag_id,
                name=row.name,
                platform_count=row.platform_count,
                people=row.people,
                waiting=row.waiting,
                failed=row.failed,
                is_reserved=row.tag_id <= RESERVED_MAX,
                synced_at=row.synced_at,
            )
            for row in await TagQueries(uow).list_tags(account_id)
        )

    async def create(self, tenant_id: TenantId, account_id: AccountId, name: str) -> AccountTag:
        """Create a tag on the platform and remember it.

        Raises:
            PlatformRefusal: the name is taken or not allowed, or there are 100 tags already.
            TransportError: no answer came, and the platform's list does not show the tag.
        """
        client = await self._clients.client(tenant_id, account_id)
        request = calls.CreateTagRequest(tag=calls.NewTag(name=name))
        try:
            tag_id = (await client.call(calls.CREATE, request)).tag.id
        except OutcomeUnknown:
            # Names are unique, so the list tells whether it was created.
            listed = (await client.call(calls.LIST, Nothing())).tags
            found = next((tag.id for tag in listed if tag.name == name), None)
            if found is None:
                raise
            tag_id = found
        async with self._uows.app(tenant_id) as uow:
            await TagQueries(uow).save_tag(account_id, TagId(tag_id), name, 0)
            listed_here = await self.list_tags(uow, account_id)
        return next(tag for tag in listed_here if tag.id == tag_id)

    async def rename(self, tenant_id: TenantId, account_id: AccountId, tag_id: TagId, name: str) -> None:
        """Rename a tag; idempotent.

        Raises:
            UnknownTag, ReservedTag, PlatformRefusal, TransportError
        """
        await self._require_own(tenant_id, account_id, tag_id)
        client = await self._clients.client(tenant_id, account_id)
        await client.call(calls.RENAME, calls.RenameTagRequest(tag=calls.RenamedTag(id=tag_id, name=name)))
        async with self._uows.app(tenant_id) as uow:
            await TagQueries(uow).save_tag(account_id, tag_id, name, 0)

    async def delete(self, tenant_id: TenantId, account_id: AccountId, tag_id: TagId) -> None:
        """Delete a tag and take it from everybody.

        Raises:
            UnknownTag, ReservedTag, TransportError
            PlatformRefusal: more than 100,000 people carry it, for example.
        """
        await self._require_own(tenant_id, account_id, tag_id)
        client = await self._clients.client(tenant_id, account_id)
        await client.call(calls.DELETE, calls.DeleteTagRequest(tag=calls.TagId(id=tag_id)))
        async with self._uows.app(tenant_id) as uow:
            await TagQueries(uow).delete_tag(account_id, tag_id)

    async def change_people(
        self, uow: UnitOfWork, account_id: AccountId, tag_id: TagId, tagging: Tagging, *, wanted: bool
    ) -> TaggingTaken:
        """Ask for the tag to be given (or, not ``wanted``, taken); the latest wish for a person counts.

        Raises:
            UnknownTag: the account has no such tag.
        """
        queries = TagQueries(uow)
        if tag_id not in await queries.names(account_id):
            raise _unknown()
        people = [PersonId(decode_id("per", person)) for person in dict.fromkeys(tagging.people)]
        waiting, reached = await queries.wish(account_id, tag_id, people, wanted=wanted, origin="console")
        return TaggingTaken(waiting=waiting, without_account=len(people) - reached)

    async def people_with(
        self, uow: UnitOfWork, account_id: AccountId, tag_id: TagId, *, cursor: str | None, limit: int
    ) -> TaggedPeople:
        """Return who carries the tag, page by page."""
        after = PersonId(decode_id("per", cursor) if cursor else 0)
        rows = await TagQueries(uow).people_with(account_id, tag_id, after=after, limit=limit)
        items = tuple(
            TaggedPerson(person_id=encode_id("per", row.person_id), since=row.since) for row in rows
        )
        return TaggedPeople(items=items, next_cursor=items[-1].person_id if len(items) == limit else None)

    async def failures(self, uow: UnitOfWork, account_id: AccountId) -> tuple[TagFailure, ...]:
        """Return the latest changes the platform refused, and why."""
        return tuple(
            TagFailure(
                tag_id=row.tag_id,
                tag=row.name or "",
                person_id=None if row.person_id is None else encode_id("per", row.person_id),
                wanted=row.wanted,
                reason=row.reason,
                detail_zh=explained(row.reason)[0],
                detail_en=explained(row.reason)[1],
                at=row.failed_at,
            )
            for row in await TagQueries(uow).failures(account_id, limit=_FAILURES_MAX)
        )

    async def tags_of(self, uow: UnitOfWork, person_id: PersonId) -> tuple[PersonTag, ...]:
        """Return the tags a person carries in the brand's accounts."""
        return tuple(
            PersonTag(
                account_id=encode_id(ACCOUNT_PREFIX, row.account_id),
                id=row.tag_id,
                name=row.name,
                since=row.since,
            )
            for row in await TagQueries(uow).of_person(person_id)
        )

    async def _require_own(self, tenant_id: TenantId, account_id: AccountId, tag_id: TagId) -> None:
        if tag_id <= RESERVED_MAX:
            raise ReservedTag(
                "this tag belongs to the platform and cannot be changed", message_zh="系统保留标签不能修改"
            )
        async with self._uows.app(tenant_id) as uow:
            if tag_id not in await TagQueries(uow).names(account_id):
                raise _unknown()


def _unknown() -> UnknownTag:
    return UnknownTag("the account has no such tag", message_zh="没有这个标签")
