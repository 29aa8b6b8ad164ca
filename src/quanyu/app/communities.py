"""Wiring of customer groups: their people, codes, welcomes and invitations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter

from quanyu.app.staffing import StaffServices
from quanyu.app.workers import BrandLoop
from quanyu.flows.pipeline.react import Subscriber
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.community.codes import pages as code_pages
from quanyu.modules.community.codes import routes as code_routes
from quanyu.modules.community.codes.joins import JoinSubscriber
from quanyu.modules.community.codes.landing import LandingDesk
from quanyu.modules.community.codes.service import GroupCodeDesk
from quanyu.modules.community.codes.ways import WayKeeper
from quanyu.modules.community.groups import routes as group_routes
from quanyu.modules.community.groups.fetcher import GroupFetcher
from quanyu.modules.community.groups.service import Groups
from quanyu.modules.community.groups.subscribers import GroupSubscriber
from quanyu.modules.community.groups.sync import GroupSync
from quanyu.modules.community.invitations import routes as invitation_routes
from quanyu.modules.community.invitations.sending import InvitationSender
from quanyu.modules.community.invitations.service import GroupInvitations
from quanyu.modules.community.ports import CorpRef
from quanyu.modules.community.ports import Relation as Reached
from quanyu.modules.community.welcomes import routes as welcome_routes
from quanyu.modules.community.welcomes.keeper import WelcomeKeeper
from quanyu.modules.community.welcomes.service import GroupWelcomeDesk
from quanyu.modules.people.service import People
from quanyu.modules.segments.service import Segments
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.service import LiveCodeDesk
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Relation
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.visitors.tickets import PersonTickets
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.wecom.client import WeComClient

_PEOPLE_AT_ONCE: Final = 200  # Their relations fit into one answer of ``RelationQueries.of_people``.


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityServices:
    """The use cases of customer groups, what they hear of the log, and their loops."""

    groups: Groups
    codes: GroupCodeDesk
    landing: LandingDesk
    welcomes: GroupWelcomeDesk
    invitations: GroupInvitations
    subscribers: Sequence[Subscriber]
    per_brand: Sequence[BrandLoop]


def build_communities(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    people: People,
    segments: Segments,
    staff: StaffServices,
    clients: CorpClients,
    *,
    public_url: str,
) -> CommunityServices:
    """Build everything of customer groups."""
    connected = ConnectedCorps(staff.corps, clients)
    sync = GroupSync(uows, connected)
    ways = WayKeeper(uows, connected)
    fetcher = GroupFetcher(uows, keyring, connected, ways)
    codes = GroupCodeDesk(connected, tenants.get_brand, public_url=public_url)
    sender = InvitationSender(uows, keyring, connected, codes.page_url)
    members = SegmentsOfVisitors(segments)
    relations = RelationsOfStaff(keyring, staff.directory)
    invitations = GroupInvitations(keyring, connected, relations, members, sender)
    return CommunityServices(
        groups=Groups(keyring, connected, people, sync, tenants.get_brand, NamesOfStaff(staff.directory)),
        codes=codes,
        landing=LandingDesk(
            uows,
            PersonTickets(keyring),
            find_brand=tenants.get_brand,
            people=people,
            segments=members,
            staff_codes=PagesOfStaffCodes(staff.codes.desk),
            sends=invitations,
            recognition=staff.recognition,
        ),
        welcomes=GroupWelcomeDesk(connected),
        invitations=invitations,
        subscribers=[
            GroupSubscriber(connected),
            JoinSubscriber(connected, people, TagsOfStaff(staff.marks)),
        ],
        per_brand=[
            fetcher.run,
            sync.run,
            ways.run,
            sender.run,
            WelcomeKeeper(uows, connected).run,
        ],
    )


def community_routers(communities: CommunityServices) -> tuple[APIRouter, ...]:
    """Return the routes of customer groups, and the pages behind printed codes."""
    return (
        group_routes.router(communities.groups),
        code_routes.router(communities.codes, communities.landing),
        code_pages.router(communities.landing),
        welcome_routes.router(communities.welcomes),
        invitation_routes.router(communities.invitations),
    )


class ConnectedCorps:
    """``community.ports.Corps`` from the connected corps."""

    def __init__(self, corps: Corps, clients: CorpClients) -> None:
        self._corps = corps
        self._clients = clients

    async def list(self, uow: UnitOfWork) -> Sequence[CorpRef]:
        """Return the brand's corps, the oldest first."""
        return tuple(
            CorpRef(one.id, one.corp_id, one.name, one.agent_id, show_corp_id(one.id))
            for one in await self._corps.list(uow)
        )

    async def client(self, tenant_id: TenantId, account_id: int) -> WeComClient:
        """Return what calls the platform for a corp."""
        return await self._clients.get(tenant_id, AccountId(account_id))


class SegmentsOfVisitors:
    """``community.ports.SegmentMembers`` from segments."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        """Return the stored members."""
        return await self._segments.member_ids(uow, decode_id("seg", segment_id))

    async def contains(self, uow: UnitOfWork, segment_id: str, person_id: PersonId) -> bool:
        """Return whether somebody is a stored member; of a segment that is gone nobody is."""
        found = await self._segments.members_among(uow, decode_id("seg", segment_id), [person_id])
        return person_id in found


class NamesOfStaff:
    """``community.ports.StaffNames`` from the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def __call__(
        self, uow: UnitOfWork, account_id: int, userids: Collection[str], /
    ) -> Mapping[str, str]:
        """Return their names."""
        known = await self._directory.by_userids(uow, AccountId(account_id), sorted(userids))
        return {userid: member.shown_name for userid, member in known.items()}


class RelationsOfStaff:
    """``community.ports.CustomerRelations`` from who serves whom."""

    def __init__(self, keyring: KeyRing, directory: Directory) -> None:
        self._keyring = keyring
        self._directory = directory

    async def of_all(self, uow: UnitOfWork, corp: CorpRef, *, limit: int) -> Sequence[Reached]:
        """Return every lasting relation of a corp."""
        found: list[Reached] = []
        for userid, can_send in (await self._senders(uow, corp)).items():
            after = b""
            while len(found) < limit:
                page = await RelationQueries(uow).served_by(
                    self._keyring, AccountId(corp.account_id), userid, after=after
                )
                found += [_reached(one.relation, one.external_userid, can_send) for one in page]
                if not page:
                    break
                after = page[-1].relation.key.token
        return found[:limit]

    async def of_people(
        self, uow: UnitOfWork, corp: CorpRef, person_ids: Sequence[PersonId], *, limit: int
    ) -> Sequence[Reached]:
        """Return the lasting relations of these people with members of a corp."""
        kept: list[Relation] = []
        for at in range(0, len(person_ids), _PEOPLE_AT_ONCE):
            page = await RelationQueries(uow).of_people(person_ids[at : at + _PEOPLE_AT_ONCE])
            kept += [
                one
                for one in page
                if one.key.corp_id == corp.account_id and one.status is RelationStatus.ACTIVE
            ]
            if len(kept) >= limit:
                break
        return await self.opened(uow, corp, kept[:limit])

    async def with_tags(
        self, uow: UnitOfWork, corp: CorpRef, tag_ids: Sequence[str], *, limit: int
    ) -> Sequence[Reached]:
        """Return the lasting relations of customers who carry any of these tags with any member."""
        corp_id = AccountId(corp.account_id)
        carrying = await MarkQueries(uow).carrying(corp_id, tag_ids, limit=limit)
        tokens = sorted({one.token for one in carrying})
        found = await RelationQueries(uow).of_customers(corp_id, tokens, active_only=True)
        kept = [one for relations in found.values() for one in relations]
        return await self.opened(uow, corp, kept[:limit])

    async def opened(self, uow: UnitOfWork, corp: CorpRef, kept: Sequence[Relation]) -> Sequence[Reached]:
        """Return relations with what the platform calls their customers; without that they are left out."""
        senders = await self._senders(uow, corp)
        tokens = sorted({one.key.token for one in kept})
        contacts = await ContactQueries(uow).find(AccountId(corp.account_id), tokens)
        return [
            _reached(one, self._keyring.open(sealed).decode(), senders.get(one.key.userid, False))
            for one in kept
            if one.key.token in contacts and (sealed := contacts[one.key.token].sealed) is not None
        ]

    async def _senders(self, uow: UnitOfWork, corp: CorpRef) -> Mapping[str, bool]:
        members = await self._directory.members(uow, AccountId(corp.account_id))
        return {one.userid: one.status == 1 and one.can_serve for one in members}


def _reached(relation: Relation, external_userid: str, can_send: bool) -> Reached:
    return Reached(
        userid=relation.key.userid,
        token=relation.key.token,
        external_userid=external_userid,
        person_id=relation.person_id,
        added_at=relation.added_at or relation.created_at,
        can_send=can_send,
    )


class TagsOfStaff:
    """``community.ports.CustomerTags`` from corp tags: every member who has the customer marks them."""

    def __init__(self, marks: CorpTagMarks) -> None:
        self._marks = marks

    async def wish(
        self,
        uow: UnitOfWork,
        corp: CorpRef,
        token: bytes,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        origin: str,
    ) -> None:
        """Want tags on a customer, or gone; carried out within seconds. Idempotent."""
        wishes = dict.fromkeys(remove, False) | dict.fromkeys(add, True)
        if not wishes:
            return
        found = await RelationQueries(uow).of_customers(AccountId(corp.account_id), [token], active_only=True)
        keys = [one.key for one in found.get(token, ())]
        if keys:
            await self._marks.mark_all(uow, keys, wishes, why=origin)


class PagesOfStaffCodes:
    """``community.ports.StaffCodes`` from live codes of staff."""

    def __init__(self, desk: LiveCodeDesk) -> None:
        self._desk = desk

    async def page_url(self, uow: UnitOfWork, code_id: str) -> str:
        """Return the page of a live code; of one that is gone, nothing."""
        try:
            return (await self._desk.get(uow, read_code_id(code_id))).row.landing_url
        except NotFound:
            return ""
