"""Customer groups: what people see of them and say about them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.community.errors import UnknownCorp, UnknownGroup
from quanyu.modules.community.groups.contracts import (
    GROUP_PREFIX,
    CustomerGroup,
    CustomerGroups,
    GroupDay,
    GroupDays,
    GroupFilter,
    GroupId,
    GroupMember,
    GroupMembers,
    GroupRecord,
    GroupSyncRun,
    GroupSyncs,
    Handover,
    Handovers,
)
from quanyu.modules.community.groups.keeping import code_reference
from quanyu.modules.community.groups.member_queries import KeptMember, MemberQueries
from quanyu.modules.community.groups.queries import GroupQueries, KeptGroup
from quanyu.modules.community.groups.reading import GroupReading
from quanyu.modules.community.groups.sync import GroupSync, SyncQueries
from quanyu.modules.community.ports import CorpRef, Corps, FindBrand, PeopleOfGroups, StaffNames

_PERSON_PREFIX: Final = "per"
_WELCOME_PREFIX: Final = "gwl"
_DAYS_MAX: Final = 366


def read_group_id(text: str) -> GroupId:
    """Read an id as shown outside (``grp_…``).

    Raises:
        InvalidId: it is none.
    """
    return GroupId(decode_id(GROUP_PREFIX, text))


async def corp_of(corps: Corps, uow: UnitOfWork, corp: str) -> CorpRef:
    """Return a corp by its id outside, or the only one for an empty text.

    Raises:
        UnknownCorp: there is no such one, or several to choose from.
    """
    known = await corps.list(uow)
    found = [one for one in known if one.id == corp] if corp else list(known)
    if len(found) != 1:
        raise UnknownCorp(
            f"say which corp is meant: {', '.join(one.id for one in known) or 'none is connected'}",
            message_zh="请指明企业" if known else "尚未接入企业微信",
        )
    return found[0]


class Groups:
    """Lists, describes and reconciles customer groups."""

    def __init__(
        self,
        keyring: KeyRing,
        corps: Corps,
        people: PeopleOfGroups,
        sync: GroupSync,
        find_brand: FindBrand,
        staff_names: StaffNames,
    ) -> None:
        self._keyring = keyring
        self._corps = corps
        self._people = people
        self._sync = sync
        self._find_brand = find_brand
        self._staff_names = staff_names

    async def list_groups(
        self, uow: UnitOfWork, chosen: GroupFilter, *, limit: int, offset: int
    ) -> CustomerGroups:
        """Return groups, the fullest first, with the words they can be filtered by.

        Raises:
            UnknownCorp: the filter names none of ours.
        """
        corp_id = (await corp_of(self._corps, uow, chosen.corp)).account_id if chosen.corp else None
        reading = GroupReading(uow)
        kept, total = await reading.page(chosen, corp_id, limit=limit, offset=offset)
        active, people = await reading.totals()
        return CustomerGroups(
            items=await self._shown(uow, kept),
            total=total,
            active=active,
            customers=people,
            words=await reading.words(),
        )

    async def get(self, uow: UnitOfWork, group_id: GroupId) -> CustomerGroup:
        """Return one group.

        Raises:
            UnknownGroup
        """
        (shown,) = await self._shown(uow, [await self._get(uow, group_id)])
        return shown

    async def describe(self, uow: UnitOfWork, group_id: GroupId, record: GroupRecord) -> CustomerGroup:
        """Replace what the brand says about a group (GC-8). Idempotent.

        Raises:
            UnknownGroup
        """
        await self._get(uow, group_id)
        welcome_id = decode_id(_WELCOME_PREFIX, record.welcome_id) if record.welcome_id else None
        await GroupReading(uow).save_record(group_id, record, welcome_id)
        return await self.get(uow, group_id)

    async def refresh(self, uow: UnitOfWork, group_id: GroupId) -> CustomerGroup:
        """Have a group looked into at once.

        Raises:
            UnknownGroup
        """
        await self._get(uow, group_id)
        await GroupReading(uow).ask_again(group_id)
        return await self.get(uow, group_id)

    async def members(
        self, uow: UnitOfWork, group_id: GroupId, *, inside: bool | None, limit: int, offset: int
    ) -> GroupMembers:
        """Return who is, or was, in a group, the newest change first.

        Raises:
            UnknownGroup
        """
        group = await self._get(uow, group_id)
        kept, total = await GroupReading(uow).members(group_id, inside=inside, limit=limit, offset=offset)
        known = sorted({one.person_id for one in kept if one.person_id is not None})
        names = await self._people.display_names(uow, known) if known else {}
        staff = await self._names(uow, [(group.corp_id, one.invitor) for one in kept])
        return GroupMembers(
            items=tuple(
                self._member(
                    one,
                    names.get(one.person_id or PersonId(0), ""),
                    staff.get((group.corp_id, one.invitor), ""),
                )
                for one in kept
            ),
            total=total,
        )

    async def days(
        self, uow: UnitOfWork, group_id: GroupId, *, first: date | None, last: date | None
    ) -> GroupDays:
        """Return who came and went by day, both days included; the last 30 days when none are given.

        Raises:
            UnknownGroup
        """
        await self._get(uow, group_id)
        zone = (await self._find_brand(uow)).time_zone
        last = last or uow.clock.now().astimezone(ZoneInfo(zone)).date()
        first = max(first or last - timedelta(days=29), last - timedelta(days=_DAYS_MAX - 1))
        rows = await MemberQueries(uow).days(group_id, first=first, last=last, zone=zone)
        return GroupDays(
            days=tuple(
                GroupDay(date=day, joined=joined, left=left, removed=removed, inside=inside)
                for day, joined, left, removed, inside in rows
            )
        )

    async def handovers(self, uow: UnitOfWork) -> Handovers:
        """Return the groups that somebody has to take over (GC-6)."""
        rows = await GroupReading(uow).open_handovers()
        names = await self._names(uow, [(row.corp_id, row.old_owner) for row in rows])
        return Handovers(
            items=tuple(
                Handover(
                    group=encode_id(GROUP_PREFIX, row.group_id),
                    name=row.name,
                    chat_id=row.chat_id,
                    old_owner=row.old_owner,
                    old_owner_name=names.get((row.corp_id, row.old_owner), ""),
                    customers=row.customers,
                    opened_at=row.opened_at,
                )
                for row in rows
            )
        )

    async def synchronise(self, uow: UnitOfWork, corp: str) -> GroupSyncs:
        """Begin a reconciliation of a corp, of every corp for an empty text, unless one runs.

        Raises:
            UnknownCorp
        """
        chosen = [await corp_of(self._corps, uow, corp)] if corp else await self._corps.list(uow)
        for one in chosen:
            await self._sync.begin(uow, one)
        return await self.syncs(uow)

    async def syncs(self, uow: UnitOfWork) -> GroupSyncs:
        """Return the latest reconciliation of each corp."""
        names = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        return GroupSyncs(
            items=tuple(
                [
                    GroupSyncRun(
                        corp_id=names[row.corp_id],
                        state=row.state,
                        listed=row.listed,
                        waiting=await GroupQueries(uow).count_due(row.corp_id),
                        reason=row.reason,
                        started_at=row.started_at,
                        finished_at=row.finished_at,
                    )
                    for row in await SyncQueries(uow).latest()
                    if row.corp_id in names
                ]
            )
        )

    async def follow_merges(self, uow: UnitOfWork, known_as: dict[PersonId, PersonId]) -> None:
        """Give the stays of merged people to who they are now; idempotent."""
        await MemberQueries(uow).repoint(known_as)

    async def follow_rename(self, uow: UnitOfWork, corp_id: int, userid: str, new_userid: str) -> None:
        """Leave groups to the owner they have, whose id is another now; idempotent."""
        await GroupQueries(uow).rename_owner(corp_id, userid, new_userid, due_at=uow.clock.now())

    async def follow_splits(self, uow: UnitOfWork, departures: Sequence[tuple[bytes, int, int]]) -> int:
        """Give the stays of identifiers that left a person (token, from, to) to whose they are; count."""
        return await MemberQueries(uow).part(departures)

    async def _get(self, uow: UnitOfWork, group_id: GroupId) -> KeptGroup:
        group = await GroupReading(uow).find(group_id)
        if group is None:
            raise UnknownGroup("the brand has no such group", message_zh="没有这个客户群")
        return group

    async def _shown(self, uow: UnitOfWork, kept: Sequence[KeptGroup]) -> tuple[CustomerGroup, ...]:
        now = uow.clock.now()
        growth = await GroupReading(uow).growth([one.group_id for one in kept], now=now)
        corps = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        names = await self._names(uow, [(one.corp_id, one.owner) for one in kept])
        return tuple(
            _shown(
                one,
                corps.get(one.corp_id, ""),
                names.get((one.corp_id, one.owner), ""),
                growth.get(one.group_id, (0, 0)),
                now,
            )
            for one in kept
        )

    async def _names(self, uow: UnitOfWork, members: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """Return what members of corps are called."""
        named: dict[tuple[int, str], str] = {}
        for account_id in sorted({account_id for account_id, _ in members}):
            userids = {userid for account, userid in members if account == account_id and userid}
            found = await self._staff_names(uow, account_id, userids)
            named |= {(account_id, userid): name for userid, name in found.items()}
        return named

    def _member(self, stay: KeptMember, display_name: str, invitor_name: str) -> GroupMember:
        name = self._keyring.open(stay.name_sealed).decode() if stay.name_sealed else ""
        return GroupMember(
            name=display_name or name,
            person_id="" if stay.person_id is None else encode_id(_PERSON_PREFIX, stay.person_id),
            userid=stay.userid,
            is_customer=stay.is_customer,
            joined_at=stay.key.joined_at,
            join_scene=stay.join_scene,
            invitor=stay.invitor,
            invitor_name=invitor_name,
            code_id=code_reference(stay.code_id),
            left_at=stay.left_at,
            leave_scene=stay.leave_scene,
        )


def _shown(
    kept: KeptGroup, corp: str, owner_name: str, growth: tuple[int, int], now: datetime
) -> CustomerGroup:
    welcome = "" if kept.welcome_id is None else encode_id(_WELCOME_PREFIX, kept.welcome_id)
    return CustomerGroup(
        id=encode_id(GROUP_PREFIX, kept.group_id),
        corp_id=corp,
        chat_id=kept.chat_id,
        name=kept.name,
        owner=kept.owner,
        owner_name=owner_name,
        notice=kept.notice,
        state=kept.state,
        handover=kept.handover,
        members=kept.members,
        customers=kept.customers,
        joined_7d=growth[0],
        left_7d=growth[1],
        record=kept.record.model_copy(update={"welcome_id": welcome}),
        opened_at=kept.opened_at,
        dismissed_at=kept.dismissed_at,
        fetched_at=kept.fetched_at,
        is_waiting=kept.fetch_due_at is not None,
    )
