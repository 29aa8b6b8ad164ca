"""Customer groups against the platform: GC-5, GC-6, GC-8, EV-2, EV-3, EV-4."""

from datetime import timedelta
from typing import Any

import pytest

from contract.wecom.corp import Corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.community.groups.contracts import GroupFilter, GroupRecord, GroupState
from quanyu.modules.community.groups.fetcher import GroupFetcher
from quanyu.modules.community.groups.queries import GroupQueries
from quanyu.modules.community.groups.service import Groups, read_group_id
from quanyu.modules.community.groups.subscribers import GroupSubscriber
from quanyu.modules.community.groups.sync import GroupSync

from .conftest import Event, OneCorp

CHANGED = "wechat.wecom.group_changed"


class Nobody:
    async def attributes_of(self, uow: Any, person_ids: Any) -> dict[Any, Any]:
        return {}

    async def canonical_ids(self, uow: Any, person_ids: Any) -> dict[Any, Any]:
        return {one: one for one in person_ids}

    async def display_names(self, uow: Any, person_ids: Any) -> dict[Any, str]:
        return {}


class Brand:
    name = "青山茶食"
    time_zone = "Asia/Shanghai"


async def brand(uow: Any) -> Brand:
    return Brand()


async def staff_names(uow: Any, account_id: int, userids: Any) -> dict[str, str]:
    return {userid: f"店长 {userid}" for userid in userids}


@pytest.fixture
def groups(key_ring: KeyRing, corps: OneCorp, sync: GroupSync) -> Groups:
    return Groups(key_ring, corps, Nobody(), sync, brand, staff_names)


@pytest.fixture
def tell(
    uows: UnitOfWorkFactory, subscriber: GroupSubscriber, tenant_id: TenantId, corp: Corp, now: FixedClock
) -> Any:
    """Tell the subscriber what a callback said of a group, and let the fetcher's delay pass."""

    async def tell(name: str, chat: str = "", staff: str = "", **properties: Any) -> None:
        context = {"app": corp.id, "group": chat, "staff": staff}
        event = Event(name, {key: value for key, value in context.items() if value}, properties)
        async with uows.system(tenant_id) as uow:
            await subscriber.apply(uow, [event], None)
        now.advance(timedelta(seconds=2))

    return tell


async def facts_of(uows: UnitOfWorkFactory, tenant_id: TenantId) -> list[tuple[str, dict[str, Any]]]:
    """What was stated, oldest first."""
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT name, properties FROM log_event WHERE tenant_id = :tenant ORDER BY position",
            {"tenant": tenant_id},
        )
        return [(row.name.removeprefix("community."), row.properties) for row in rows]


async def names_of(uows: UnitOfWorkFactory, tenant_id: TenantId) -> list[str]:
    return [name for name, _ in await facts_of(uows, tenant_id)]


async def open_group(corp: Corp, owner: str, *people: int, name: str = "品鉴群") -> str:
    for person in people:
        await corp.add(person, owner)
    made = await corp.control("POST", "/groups", {"owner": owner, "name": name, "customers": list(people)})
    return str(made["chat_id"])


async def test_who_joins_and_who_leaves_is_stated_once(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    """GC-5: coming and going, with how; repeating the event changes nothing (EV-2)."""
    owner, *_ = await corp.staff()
    chat = await open_group(corp, owner, 1, 2)
    await tell("wechat.wecom.group_created", chat)
    assert await fetcher.run_once(tenant_id) == 1
    await corp.control("POST", f"/groups/{chat}/members", {"who": 3, "scene": 3})
    await corp.control("POST", f"/groups/{chat}/members/1/remove")
    await tell(CHANGED, chat, change="add_member", join_scene=3)
    await tell(CHANGED, chat, change="del_member", quit_scene=1)
    assert await fetcher.run_once(tenant_id) == 1
    await tell(CHANGED, chat, change="del_member", quit_scene=1)
    assert await fetcher.run_once(tenant_id) == 1
    assert await fetcher.run_once(tenant_id) == 0

    stated = await facts_of(uows, tenant_id)

    assert sorted(name for name, _ in stated) == ["member_joined"] * 3 + ["member_left"]
    (left,) = (about for name, about in stated if name == "member_left")
    assert left["how"] == "removed"
    async with uows.app(tenant_id) as uow:
        page = await groups.list_groups(uow, GroupFilter(), limit=10, offset=0)
        (group,) = page.items
        assert (group.name, group.owner, group.members, group.customers) == ("品鉴群", owner, 3, 2)
        assert group.owner_name == f"店长 {owner}"
        assert (group.joined_7d, group.left_7d, page.customers) == (3, 1, 2)
        days = (await groups.days(uow, read_group_id(group.id), first=None, last=None)).days
        assert (days[-1].joined, days[-1].left, days[-1].removed, days[-1].inside) == (3, 1, 1, 2)
        people = await groups.members(uow, read_group_id(group.id), inside=True, limit=10, offset=0)
        assert (people.total, sum(one.is_customer for one in people.items)) == (3, 2)
        assert all(one.name for one in people.items if one.is_customer)


async def test_a_burst_is_looked_into_once(
    corp: Corp, fetcher: GroupFetcher, tell: Any, tenant_id: TenantId
) -> None:
    owner, *_ = await corp.staff()
    chat = await open_group(corp, owner, 4)
    for _ in range(5):
        await tell(CHANGED, chat, change="add_member")

    assert await fetcher.run_once(tenant_id) == 1
    assert await fetcher.run_once(tenant_id) == 0


async def test_the_end_of_a_group_ends_every_stay(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    """GC-6; also when the end is told before the beginning was (EV-4)."""
    owner, *_ = await corp.staff()
    chat = await open_group(corp, owner, 5, 6)
    await tell(CHANGED, chat)
    await fetcher.run_once(tenant_id)
    await corp.control("POST", f"/groups/{chat}/dismiss")
    await tell("wechat.wecom.group_dismissed", chat)
    await fetcher.run_once(tenant_id)
    never_seen = await open_group(corp, owner, 5, name="短命群")
    await corp.control("POST", f"/groups/{never_seen}/dismiss")
    await tell("wechat.wecom.group_dismissed", never_seen)
    await tell("wechat.wecom.group_created", never_seen)
    await fetcher.run_once(tenant_id)

    stated = await facts_of(uows, tenant_id)

    assert [name for name, _ in stated].count("group_dismissed") == 2
    assert [about["how"] for name, about in stated if name == "member_left"] == ["dismissed"] * 2
    async with uows.app(tenant_id) as uow:
        page = await groups.list_groups(uow, GroupFilter(), limit=10, offset=0)
        assert {one.state for one in page.items} == {GroupState.DISMISSED}
        assert (page.active, page.customers) == (0, 0)


async def test_an_owner_who_leaves_leaves_a_task(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    """GC-6: the task is open until somebody owns the group."""
    first, second, *_ = await corp.staff()
    chat = await open_group(corp, first, 7)
    await tell(CHANGED, chat)
    await fetcher.run_once(tenant_id)

    await tell("wechat.wecom.staff_left", staff=first)
    await tell("wechat.wecom.staff_left", staff=first)

    async with uows.app(tenant_id) as uow:
        (task,) = (await groups.handovers(uow)).items
        assert (task.chat_id, task.old_owner, task.customers) == (chat, first, 1)
    await corp.control("PATCH", f"/groups/{chat}", {"owner": second})
    await tell(CHANGED, chat, change="change_owner")
    await fetcher.run_once(tenant_id)
    async with uows.app(tenant_id) as uow:
        assert (await groups.handovers(uow)).items == ()
    names = await names_of(uows, tenant_id)
    assert (names.count("group_owner_left"), names.count("group_owner_changed")) == (1, 1)


async def test_a_sync_finds_what_nobody_told(
    corp: Corp,
    sync: GroupSync,
    fetcher: GroupFetcher,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    now: FixedClock,
    groups: Groups,
) -> None:
    """EV-3: found joins are flagged; a second sync finds nothing new."""
    owner, *_ = await corp.staff()
    chat = await open_group(corp, owner, 8, 9, name="对账群")

    for _ in range(2):
        await sync.begin_due(tenant_id)
        while await sync.step(tenant_id):
            pass
        while await fetcher.run_once(tenant_id):
            pass
        now.advance(timedelta(hours=25))

    async with uows.app(tenant_id) as uow:
        assert [run.state for run in (await groups.syncs(uow)).items] == ["done"]
        (found,) = (
            one
            for one in (await groups.list_groups(uow, GroupFilter(q="对账"), limit=9, offset=0)).items
            if one.chat_id == chat
        )
        reference = found.id
    joins = [
        about
        for name, about in await facts_of(uows, tenant_id)
        if name == "member_joined" and about["group"] == reference
    ]
    assert [one["synthetic"] for one in joins] == [True, True]


async def test_the_record_says_what_a_group_is_for(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    """GC-8: four axes, purpose, rules, store and dates; groups are found by them."""
    owner, *_ = await corp.staff()
    for name in ("甲群", "乙群"):
        await tell(CHANGED, await open_group(corp, owner, 10, name=name))
    await fetcher.run_once(tenant_id)
    record = GroupRecord(
        source_channel="门店扫码",
        member_attribute="新客",
        behaviour_type="品鉴",
        funnel_stage="首单前",
        purpose="带新客完成首单",
        rules_text="不发广告",
        store="杭州湖滨店",
    )
    async with uows.app(tenant_id) as uow:
        (one,) = (await groups.list_groups(uow, GroupFilter(q="甲"), limit=9, offset=0)).items
        assert (await groups.describe(uow, read_group_id(one.id), record)).record == record

        found = await groups.list_groups(
            uow, GroupFilter(member_attribute="新客", store="杭州湖滨店"), limit=9, offset=0
        )

        assert [group.name for group in found.items] == ["甲群"]
        assert found.words.funnel_stage == ("首单前",)
        assert found.customers == 1  # One person in two groups is one person.


async def test_stays_follow_merged_people(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    owner, *_ = await corp.staff()
    await tell(CHANGED, await open_group(corp, owner, 11))
    await fetcher.run_once(tenant_id)
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "UPDATE group_member SET person_id = 5 WHERE tenant_id = :t AND is_customer", {"t": tenant_id}
        )

        await groups.follow_merges(uow, {PersonId(5): PersonId(3)})

        rows = await uow.execute(
            "SELECT person_id FROM group_member WHERE tenant_id = :t AND is_customer", {"t": tenant_id}
        )
        assert [row.person_id for row in rows] == [3]


async def test_a_group_stays_with_an_owner_who_gets_another_id(
    corp: Corp, fetcher: GroupFetcher, tell: Any, uows: UnitOfWorkFactory, tenant_id: TenantId, groups: Groups
) -> None:
    *_, owner = await corp.staff()
    chat = await open_group(corp, owner, 7)
    await tell("wechat.wecom.group_created", chat)
    await fetcher.run_once(tenant_id)
    await corp.control("POST", f"/staff/{owner}/rename", {"new_userid": "renamed"})

    for _ in range(2):
        async with uows.system(tenant_id) as uow:
            await groups.follow_rename(uow, 7, owner, "renamed")

    async with uows.app(tenant_id) as uow:
        owners = [one.owner for one in await GroupQueries(uow).owned_by(7, ["renamed", owner])]
    assert owners == ["renamed"]
    assert await fetcher.run_once(tenant_id) == 1, "its members are read again"
    assert not {"group_owner_changed", "group_owner_left"} & set(await names_of(uows, tenant_id))
