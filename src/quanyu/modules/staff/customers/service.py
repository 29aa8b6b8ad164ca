"""Customers: who is served by whom, for lists, pages of people, and other folders."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import show_corp_id
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers import listing
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import (
    Contact,
    Relation,
    RelationKey,
    RelationPage,
    RelationRow,
    StateNames,
    TagNames,
)
from quanyu.modules.staff.customers.listing import ListingQueries, place_of, wanted
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.directory.contracts import Member, MemberId, StaffFigures
from quanyu.modules.staff.directory.service import Directory, MemberKey, show_member_id
from quanyu.modules.staff.zones import day_start
from quanyu.modules.tenants.service import Tenants

_WEEK_DAYS = 6  # And today.
_MATCHES_MAX = 2_000


class Customers:
    """Relations of members and customers."""

    def __init__(self, keyring: KeyRing, people: People, directory: Directory, tenants: Tenants) -> None:
        self._keyring = keyring
        self._people = people
        self._directory = directory
        self._tenants = tenants
        self._tag_names: TagNames = _no_tags
        self._state_names: StateNames = _no_states

    def name_tags_with(self, tag_names: TagNames) -> None:
        """Tell who knows tags; wiring calls this."""
        self._tag_names = tag_names

    def name_states_with(self, state_names: StateNames) -> None:
        """Tell who knows live codes; wiring calls this."""
        self._state_names = state_names

    async def page(
        self,
        uow: UnitOfWork,
        *,
        corp_id: AccountId | None = None,
        member_id: MemberId | None = None,
        statuses: Sequence[RelationStatus] = (),
        q: str = "",
        add_way: int | None = None,
        state: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> RelationPage:
        """List relations, those added last first; ``q`` finds customers as the list of people does.

        Raises:
            UnknownMember: the brand has no such member.
            InvalidCursor: another list made the cursor.
        """
        member = None if member_id is None else await self._directory.get(uow, member_id)
        conditions = wanted(
            corp_id=corp_id if member is None else member.corp_id,
            userid="" if member is None else member.userid,
            statuses=statuses,
            persons=await self._named(uow, q),
            add_way=add_way,
            state=state,
            since=since,
            until=until,
        )
        size = clamp_limit(limit)
        queries = ListingQueries(uow)
        found = await queries.page(conditions, before=_read_place(cursor), limit=size + 1)
        shown = found[:size]
        return RelationPage(
            items=await self.rows(uow, shown),
            next_cursor=_write_place(shown[-1]) if len(found) > size else None,
            total=await queries.count(conditions),
        )

    async def of_person(self, uow: UnitOfWork, person_id: PersonId) -> tuple[RelationRow, ...]:
        """Return who serves a person, or did, newest first."""
        canonical = (await self._people.canonical_ids(uow, [person_id])).get(person_id, person_id)
        return await self.rows(uow, await RelationQueries(uow).of_people([canonical]))

    async def figures(self, uow: UnitOfWork, members: Sequence[Member]) -> Mapping[MemberKey, StaffFigures]:
        """Count these members' customers; days are the brand's."""
        brand = await self._tenants.get_brand(uow)
        now = uow.clock.now()
        today = day_start(now, brand.time_zone)
        week = day_start(now, brand.time_zone, days_ago=_WEEK_DAYS)
        counted: dict[MemberKey, StaffFigures] = {}
        for corp_id in sorted({one.corp_id for one in members}):
            userids = [one.userid for one in members if one.corp_id == corp_id]
            found = await ListingQueries(uow).figures(corp_id, userids, today=today, week=week)
            counted |= {(corp_id, userid): figures for userid, figures in found.items()}
        return counted

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give the customers of merged people to who they are now; idempotent."""
        await ContactQueries(uow).repoint(list(known_as), list(known_as.values()))

    async def follow_splits(self, uow: UnitOfWork, departures: Sequence[tuple[bytes, int, int]]) -> int:
        """Give customers whose identifiers left a person (token, from, to) to who they are; idempotent.

        Return how many relations to members moved.
        """
        return await ContactQueries(uow).part(departures)

    async def rows(self, uow: UnitOfWork, relations: Sequence[Relation]) -> tuple[RelationRow, ...]:
        """Return relations as the console shows them."""
        contacts: dict[tuple[AccountId, bytes], Contact] = {}
        members: dict[MemberKey, Member] = {}
        codes: dict[tuple[AccountId, str], str] = {}
        for corp_id, tokens in listing.contacts_by_corp(relations).items():
            found = await ContactQueries(uow).find(corp_id, tokens)
            contacts |= {(corp_id, token): contact for token, contact in found.items()}
            userids = sorted({one.key.userid for one in relations if one.key.corp_id == corp_id})
            staff = await self._directory.by_userids(uow, corp_id, userids)
            members |= {(corp_id, userid): member for userid, member in staff.items()}
            states = {one.state for one in relations if one.key.corp_id == corp_id and one.state}
            called = await self._state_names(uow, corp_id, states)
            codes |= {(corp_id, state): name for state, name in called.items()}
        persons = [one.person_id for one in relations if one.person_id is not None]
        names = await self._people.display_names(uow, persons)
        tags = await self._tag_names(uow, [one.key for one in relations])
        return tuple(
            self._row(
                one,
                contacts.get((one.key.corp_id, one.key.token)),
                members.get((one.key.corp_id, one.key.userid)),
                "" if one.person_id is None else names.get(one.person_id, ""),
                tags.get(one.key, ()),
                codes.get((one.key.corp_id, one.state), ""),
            )
            for one in relations
        )

    def name_of(self, contact: Contact | None, known_as: str = "") -> str:
        """Return what to call a customer: the name they have in WeChat, else what people call them."""
        if contact is not None and contact.name_sealed is not None:
            return self._keyring.open(contact.name_sealed).decode()
        return known_as

    def _row(
        self,
        relation: Relation,
        contact: Contact | None,
        member: Member | None,
        known_as: str,
        tags: tuple[str, ...],
        code_name: str,
    ) -> RelationRow:
        return RelationRow(
            corp=show_corp_id(relation.key.corp_id),
            staff_id="" if member is None else show_member_id(member.member_id),
            staff_userid=relation.key.userid,
            staff_name=relation.key.userid if member is None else member.shown_name,
            person_id=None if relation.person_id is None else encode_id("per", relation.person_id),
            customer=relation.key.token.hex(),
            name=self.name_of(contact, known_as),
            avatar="" if contact is None else contact.avatar,
            type=0 if contact is None else contact.type,
            status=relation.status,
            added_at=relation.added_at,
            ended_at=relation.ended_at,
            add_way=relation.add_way,
            state=relation.state,
            code_name=code_name,
            brought_by=relation.brought_by,
            tags=tags,
        )

    async def _named(self, uow: UnitOfWork, q: str) -> list[PersonId] | None:
        """Return who ``q`` finds, or ``None`` where nobody is looked for."""
        if not q.strip():
            return None
        return list(await self._people.search(uow, q.strip(), limit=_MATCHES_MAX))


async def _no_tags(uow: UnitOfWork, keys: Sequence[RelationKey], /) -> Mapping[RelationKey, tuple[str, ...]]:
    return {}


async def _no_states(uow: UnitOfWork, corp_id: AccountId, states: Collection[str], /) -> Mapping[str, str]:
    return {}


def _write_place(relation: Relation) -> str:
    at, userid, token = place_of(relation)
    return encode_cursor(at.isoformat(), userid, token.hex())


def _read_place(cursor: str | None) -> tuple[datetime, str, bytes] | None:
    if cursor is None:
        return None
    at, userid, token = decode_cursor(cursor, str, str, str)
    return datetime.fromisoformat(at).astimezone(UTC), userid, bytes.fromhex(token)
