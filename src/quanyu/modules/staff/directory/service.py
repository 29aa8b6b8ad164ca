"""The directory: who works at the brand, and who of them may be given customers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.directory import facts, rules
from quanyu.modules.staff.directory.contracts import (
    MEMBER_PREFIX,
    NO_FIGURES,
    Department,
    DepartmentRow,
    DepartmentTree,
    Member,
    MemberChange,
    MemberId,
    StaffFigures,
    StaffPage,
    StaffRow,
)
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.errors import UnknownMember

MemberKey = tuple[AccountId, str]


class Figures(Protocol):
    """Customers of members in numbers; they live a floor above."""

    async def __call__(
        self, uow: UnitOfWork, members: Sequence[Member]
    ) -> Mapping[MemberKey, StaffFigures]: ...


async def _no_figures(uow: UnitOfWork, members: Sequence[Member]) -> Mapping[MemberKey, StaffFigures]:
    return {}


class Directory:
    """Members and departments of the brand's companies."""

    def __init__(self, corps: Corps) -> None:
        self._corps = corps
        self._figures: Figures = _no_figures

    def count_with(self, figures: Figures) -> None:
        """Tell who counts customers; wiring calls this."""
        self._figures = figures

    async def members(self, uow: UnitOfWork, corp_id: AccountId | None = None) -> tuple[Member, ...]:
        """Return who works there now."""
        return await DirectoryQueries(uow).members(corp_id)

    async def by_userids(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Member]:
        """Return members by the platform's ids, those who left too."""
        return await DirectoryQueries(uow).by_userids(corp_id, userids)

    async def by_ids(self, uow: UnitOfWork, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Return members by our ids, those who left too."""
        return await DirectoryQueries(uow).by_ids(member_ids)

    async def find(self, uow: UnitOfWork, corp_id: AccountId, userid: str) -> Member | None:
        """Return a member by the platform's id."""
        return (await self.by_userids(uow, corp_id, [userid])).get(userid)

    async def get(self, uow: UnitOfWork, member_id: MemberId) -> Member:
        """Return a member, also one who left.

        Raises:
            UnknownMember: the brand has no such member.
        """
        member = await DirectoryQueries(uow).find(member_id)
        if member is None:
            raise UnknownMember(f"no member {show_member_id(member_id)}", message_zh="没有这位员工")
        return member

    async def is_available(self, uow: UnitOfWork, corp_id: AccountId, userid: str) -> bool:
        """Tell whether a member can be given customers now, caps and schedules aside (CW-1)."""
        member = await self.find(uow, corp_id, userid)
        return member is not None and member.is_available

    async def switch_online(
        self, uow: UnitOfWork, member_id: MemberId, *, is_online: bool, reason: str = ""
    ) -> Member:
        """Give a member new customers, or none for now (CW-12).

        Idempotent. Publishes ``staff.member_changed`` when the switch moved.

        Raises:
            UnknownMember: the brand has no such member.
        """
        queries = DirectoryQueries(uow)
        member = await self.get(uow, member_id)
        before = (await queries.lock([(member.corp_id, member.userid)]))[member.corp_id, member.userid]
        if before.is_online == is_online:
            return before
        after = replace(before, is_online=is_online)
        await queries.save([after])
        corp = await self._corps.get(uow, after.corp_id)
        what = MemberChange.ONLINE if is_online else MemberChange.OFFLINE
        uow.publish(facts.member_changed(after, corp.corp_id, what, at=uow.clock.now(), reason=reason))
        return after

    async def page(
        self,
        uow: UnitOfWork,
        *,
        corp_id: AccountId | None = None,
        department: int | None = None,
        q: str = "",
        with_left: bool = False,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> StaffPage:
        """List members by name: of one department with those below it, or whose name or id holds ``q``."""
        queries = DirectoryQueries(uow)
        found = await queries.members(corp_id, with_left=with_left)
        if department is not None:
            wanted = rules.below(await queries.departments(corp_id), department)
            found = tuple(one for one in found if wanted & set(one.departments))
        if text := q.strip().casefold():
            found = tuple(
                one for one in found if text in one.name.casefold() or text in one.userid.casefold()
            )
        ordered = sorted(found, key=_by_name)
        start = 0
        if cursor is not None:
            last = decode_cursor(cursor, bool, str, str, int)
            start = next((at for at, one in enumerate(ordered) if _by_name(one) > last), len(ordered))
        size = clamp_limit(limit)
        shown = ordered[start : start + size]
        more = start + size < len(ordered)
        return StaffPage(
            items=await self.rows(uow, shown),
            next_cursor=encode_cursor(*_by_name(shown[-1])) if more else None,
            total=len(ordered),
        )

    async def rows(self, uow: UnitOfWork, members: Sequence[Member]) -> tuple[StaffRow, ...]:
        """Return members as the console shows them."""
        figures = await self._figures(uow, members)
        return tuple(_row(one, figures.get((one.corp_id, one.userid), NO_FIGURES)) for one in members)

    async def departments(self, uow: UnitOfWork, corp_id: AccountId | None = None) -> DepartmentTree:
        """Return every department, parents before their children."""
        queries = DirectoryQueries(uow)
        found = await queries.departments(corp_id)
        members = await queries.members(corp_id)
        rows: list[DepartmentRow] = []
        for corp in dict.fromkeys(one.corp_id for one in found):
            theirs = [one for one in found if one.corp_id == corp]
            staff = [one for one in members if one.corp_id == corp]
            rows += [_department_row(one, theirs, staff) for one in _parents_first(theirs)]
        return DepartmentTree(items=tuple(rows))


def read_member_id(text: str) -> MemberId:
    """Read an id as shown outside (``stf_…``).

    Raises:
        InvalidId: it is none.
    """
    return MemberId(decode_id(MEMBER_PREFIX, text))


def show_member_id(member_id: MemberId) -> str:
    """Write an id as it is shown outside."""
    return encode_id(MEMBER_PREFIX, member_id)


def _by_name(member: Member) -> tuple[bool, str, str, int]:
    return (member.has_left, member.shown_name, member.userid, member.member_id)


_ROOT_ABOVE: Final = 0


def _parents_first(departments: Sequence[Department]) -> list[Department]:
    """Order departments as a tree is drawn; what hangs on nothing we know comes at the end."""
    known = {one.department_id for one in departments}
    children: dict[int, list[Department]] = {}
    for one in departments:
        parent = one.parent_id if one.parent_id in known else _ROOT_ABOVE
        children.setdefault(parent, []).append(one)
    ordered: list[Department] = []
    waiting = list(reversed(children.get(_ROOT_ABOVE, [])))
    while waiting:
        one = waiting.pop()
        ordered.append(one)
        waiting += reversed(children.pop(one.department_id, []))
    return ordered


def _department_row(
    one: Department, departments: Sequence[Department], members: Sequence[Member]
) -> DepartmentRow:
    within = rules.below(departments, one.department_id)
    return DepartmentRow(
        id=one.department_id,
        corp=show_corp_id(one.corp_id),
        name=one.name,
        parent_id=one.parent_id,
        leaders=one.leaders,
        members=sum(1 for member in members if within & set(member.departments)),
    )


def _row(member: Member, figures: StaffFigures) -> StaffRow:
    return StaffRow(
        id=show_member_id(member.member_id),
        corp=show_corp_id(member.corp_id),
        userid=member.userid,
        name=member.shown_name,
        avatar=member.avatar,
        position=member.position,
        departments=member.departments,
        leads=member.leads,
        status=member.status,
        can_serve=member.can_serve,
        is_online=member.is_online,
        is_available=member.is_available,
        joined_at=member.joined_at,
        left_at=member.left_at if member.has_left else None,
        figures=figures,
    )
