"""Lists and figures of members and their customers, as the console and other folders ask for them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId
from quanyu.kernel.paging import InvalidCursor
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.customers.service import Customers
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.directory.contracts import Department, Member, MemberStatus, StaffFigures
from quanyu.modules.staff.directory.keeping import new_member
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.errors import UnknownMember
from quanyu.modules.tenants.service import Tenants

from .conftest import START, Corp

DAY = 86_400
_DEPARTMENTS = ((3, "门店", 2), (2, "销售", 1), (1, "青山茶食", 0), (4, "办公室", 1))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START + timedelta(hours=1))  # 18:00 in Shanghai.


@pytest.fixture
def directory() -> Directory:
    return Directory(Corps())


@pytest.fixture
def customers(key_ring: KeyRing, warehouse: Warehouse, directory: Directory) -> Customers:
    made = Customers(key_ring, People(key_ring, warehouse), directory, Tenants())
    directory.count_with(made.figures)
    return made


@pytest.fixture
async def staff(uows: UnitOfWorkFactory, corp: Corp) -> tuple[Member, Member]:
    """Ann of the shop below sales, and Bob of the office; Ann may have customers."""
    async with uows.system(corp.tenant_id) as uow:
        queries = DirectoryQueries(uow)
        await queries.replace_departments(
            corp.corp_id,
            [
                Department(corp_id=corp.corp_id, department_id=number, name=name, parent_id=parent, place=0)
                for number, name, parent in (
                    (3, "门店", 2),
                    (2, "销售", 1),
                    (1, "青山茶食", 0),
                    (4, "办公室", 1),
                )
            ],
        )
        made = []
        for userid, name, department in (("ann", "安安", 3), ("bob", "阿宝", 4)):
            made.append(
                replace(
                    new_member(uow, corp.corp_id, userid),
                    name=name,
                    departments=(department,),
                    status=MemberStatus.ACTIVE,
                    can_serve=userid == "ann",
                )
            )
        await queries.save(made)
    return made[0], made[1]


async def test_departments_hold_who_is_below_them(
    uows: UnitOfWorkFactory, corp: Corp, directory: Directory, staff: tuple[Member, Member]
) -> None:
    async with uows.app(corp.tenant_id) as uow:
        tree = await directory.departments(uow)
        in_sales = await directory.page(uow, corp_id=corp.corp_id, department=2)
        found = await directory.page(uow, q="BO")
        first = await directory.page(uow, limit=1)
        second = await directory.page(uow, limit=1, cursor=first.next_cursor)

    assert [(one.name, one.members) for one in tree.items] == [
        ("青山茶食", 2),
        ("销售", 1),
        ("门店", 1),
        ("办公室", 1),
    ]
    assert [one.userid for one in in_sales.items] == ["ann"]
    assert [one.userid for one in found.items] == ["bob"]
    assert sorted([*(one.userid for one in first.items), *(one.userid for one in second.items)]) == [
        "ann",
        "bob",
    ]
    assert (first.total, second.next_cursor) == (2, None)


async def test_going_offline_is_stated_once(
    uows: UnitOfWorkFactory, corp: Corp, directory: Directory, staff: tuple[Member, Member]
) -> None:
    """CW-1, CW-12."""
    ann, bob = staff
    async with uows.app(corp.tenant_id) as uow:
        assert await directory.is_available(uow, corp.corp_id, "ann")
        assert not await directory.is_available(uow, corp.corp_id, "bob")
        await directory.switch_online(uow, ann.member_id, is_online=False, reason="休假")
        await directory.switch_online(uow, ann.member_id, is_online=False)
        assert [(fact.name, fact.properties["what"], fact.properties["reason"]) for fact in uow.facts] == [
            ("staff.member_changed", "offline", "休假")
        ]
        assert not await directory.is_available(uow, corp.corp_id, "ann")
        with pytest.raises(UnknownMember):
            await directory.switch_online(uow, type(bob.member_id)(1), is_online=True)


async def test_customers_are_listed_filtered_and_counted(
    uows: UnitOfWorkFactory,
    corp: Corp,
    directory: Directory,
    customers: Customers,
    staff: tuple[Member, Member],
) -> None:
    ann, _ = staff
    corp.persons = {"wm1": PersonId(7)}
    events = [
        corp.event("customer_added", "ann", "wm1", at=0, state="s1"),
        corp.event("customer_added", "ann", "wm2", at=-3 * DAY),
        corp.event("customer_added", "bob", "wm1", at=-DAY),
        corp.event("staff_deleted_by_customer", "ann", "wm2", at=-2 * DAY),
        corp.event("customer_added", "ann", "wm3", at=-40 * DAY),
        corp.event("customer_deleted_by_staff", "ann", "wm3", at=-30 * DAY),
    ]
    async with uows.system(corp.tenant_id) as uow:
        await CustomerSubscriber().apply(uow, events, None)
        uow.facts.clear()

    async with uows.app(corp.tenant_id) as uow:
        everybody = await customers.page(uow)
        anns = await customers.page(uow, member_id=ann.member_id, statuses=[RelationStatus.ACTIVE])
        by_state = await customers.page(uow, state="s1")
        first = await customers.page(uow, limit=3)
        rest = await customers.page(uow, limit=3, cursor=first.next_cursor)
        nobody = await customers.page(uow, q="没有这个人")
        of_person = await customers.of_person(uow, PersonId(7))
        (row,) = await directory.rows(uow, [ann])
        with pytest.raises(InvalidCursor):
            await customers.page(uow, cursor="bm90IG91cnM")

    tokens = [corp.token(name).hex() for name in ("wm1", "wm1", "wm2", "wm3")]
    assert [one.customer for one in everybody.items] == tokens
    assert [one.customer for one in (*first.items, *rest.items)] == tokens
    assert (everybody.total, rest.next_cursor, nobody.total) == (4, None, 0)
    assert [(one.staff_name, one.state, one.person_id is not None) for one in anns.items] == [
        ("安安", "s1", True)
    ]
    assert [one.staff_userid for one in by_state.items] == ["ann"]
    assert [one.staff_name for one in of_person] == ["安安", "阿宝"]
    assert row.figures == StaffFigures(held=1, added_today=1, added_7d=2, lost_7d=1, deleted_7d=0)


async def test_customers_follow_people_who_turn_out_to_be_one(
    uows: UnitOfWorkFactory, corp: Corp, customers: Customers
) -> None:
    corp.persons = {"wm9": PersonId(8)}
    async with uows.system(corp.tenant_id) as uow:
        await CustomerSubscriber().apply(uow, [corp.event("customer_added", "ann", "wm9", at=0)], None)
        await customers.follow_merges(uow, {PersonId(8): PersonId(5)})
        await customers.follow_merges(uow, {PersonId(8): PersonId(5)})

    async with uows.app(corp.tenant_id) as uow:
        assert [one.staff_userid for one in await customers.of_person(uow, PersonId(5))] == ["ann"]
        assert await customers.of_person(uow, PersonId(8)) == ()
