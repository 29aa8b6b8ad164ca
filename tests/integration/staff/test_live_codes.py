"""Live codes on a real database: counted once, caps kept, borders kept, everything in the trail."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.codes.contracts import CodeStatus, LiveCodeDraft, Place, PlaceKind
from quanyu.modules.staff.codes.counting import AddCounter
from quanyu.modules.staff.codes.errors import CannotServe, LiveCodeConflict, QuotaUsedUp
from quanyu.modules.staff.codes.leading import Shows
from quanyu.modules.staff.codes.rules import Tier
from quanyu.modules.staff.codes.states import LiveCodeId, NewState
from quanyu.modules.staff.directory.contracts import MemberStatus

from .conftest import START, Corp
from .live_codes import World

DAY_S = 86_400


@pytest.fixture
async def world(uows: UnitOfWorkFactory, corp: Corp, key_ring: KeyRing) -> World:
    made = World.of(uows, corp, key_ring)
    await made.members("ann", "ben", "carl", "keeper")
    return made


async def added(
    world: World, code_id: LiveCodeId, userid: str, customer: str, *, at: int = 0, **more: object
) -> LogEvent:
    state = await world.state(code_id)
    return world.corp.event("customer_added", userid, customer, at=at, state=state, **more)


async def test_cw_3_at_the_cap_the_next_one_is_led_elsewhere(world: World) -> None:
    code_id = await world.create({"ann": {"daily_cap": 2}, "ben": {}}, distribution="sequential")

    await world.hear(await added(world, code_id, "ann", "c1"))
    assert (await world.code(code_id)).users == ("ann",)
    await world.hear(await added(world, code_id, "ann", "c2"))

    after = await world.code(code_id)
    assert (after.users, after.obstacles) == (("ben",), {"ann": "daily_cap"})
    assert ("cap_hit", {"userid": "ann", "cap": "daily_cap"}) in await world.trail(code_id)
    shown = await world.shown(code_id)
    assert (shown.row.adds_today, shown.row.over_cap_today) == (2, 0)


async def test_cw_3_a_customer_counts_once_whatever_is_told_again(world: World) -> None:
    code_id = await world.create({"ann": {"daily_cap": 2}, "ben": {}}, distribution="sequential")
    event = await added(world, code_id, "ann", "c1")
    again = await added(world, code_id, "ann", "c1", at=60)  # Deleted and added again, the same day.

    facts = await world.hear(event, event, again)
    facts += await world.hear(event, again)

    assert (await world.code(code_id)).users == ("ann",)
    assert [fact.name for fact in facts] == ["staff.added_by_code"]
    found = await added(world, code_id, "ann", "c2", at=DAY_S, synthetic=True)
    assert await world.hear(found) == []  # What a sync finds later is counted by nobody.


async def test_cw_3_who_was_theirs_on_an_earlier_day_is_not_new(world: World) -> None:
    code_id = await world.create({"ann": {"daily_cap": 1}})
    await world.hear(await added(world, code_id, "ann", "c1"))
    (fact,) = await world.hear(await added(world, code_id, "ann", "c1", at=DAY_S))
    assert fact.properties["is_new"] is False
    async with world.uows.app(world.corp.tenant_id) as uow:
        tomorrow = (START + timedelta(days=1)).date()
        assert await AddCounter(uow).of_day([code_id], tomorrow) == {}


async def test_cw_3_what_was_in_flight_is_reported(world: World) -> None:
    code_id = await world.create({"ann": {"daily_cap": 2}, "ben": {}}, distribution="sequential")
    late = [await added(world, code_id, "ann", f"c{number}") for number in range(5)]

    await world.hear(*late)

    shown = await world.shown(code_id)
    assert (shown.row.adds_today, shown.row.over_cap_today) == (5, 3)
    what = [details for kind, details in await world.trail(code_id) if kind == "over_cap"]
    assert what == [{"userid": "ann", "day": "2026-03-04", "adds": 5, "over": 3}]
    await world.hear(await added(world, code_id, "ann", "c9"))
    assert (await world.shown(code_id)).row.over_cap_today == 4


async def test_cw_3_the_day_is_the_brands_and_a_late_event_counts_for_its_own(
    world: World, clock: FixedClock
) -> None:
    code_id = await world.create({"ann": {"daily_cap": 1}, "ben": {}}, distribution="sequential")
    clock.advance(timedelta(hours=13))  # 01:00 in Shanghai, on the 5th.
    before_midnight = await added(world, code_id, "ann", "c1", at=6 * 3_600)  # 23:00 on the 4th.

    await world.hear(before_midnight)

    assert (await world.code(code_id)).users == ("ann",)
    assert (await world.shown(code_id)).row.adds_today == 0
    await world.hear(await added(world, code_id, "ann", "c2", at=8 * 3_600))
    assert (await world.code(code_id)).users == ("ben",)


async def test_cw_1_held_caps_count_everybody_a_member_has(world: World) -> None:
    code_id = await world.create({"ann": {"held_cap": 2}, "ben": {}}, distribution="sequential")
    await world.hear(world.corp.event("customer_added", "ann", "elsewhere", at=0))
    await world.hear(await added(world, code_id, "ann", "c1"))
    assert (await world.code(code_id)).users == ("ben",)

    await world.hear(world.corp.event("staff_deleted_by_customer", "ann", "elsewhere", at=10))
    assert (await world.code(code_id)).users == ("ann",)


async def test_cw_2_backup_then_keeper_then_nobody(world: World) -> None:
    code_id = await world.create(
        {"ann": {}},
        backup=[{"userid": "ben"}],
        keeper="keeper",
        fallback={"kind": "kf", "url": "https://work.weixin.qq.com/kfid/kfc1"},
    )
    tiers = []
    for userid in ("ann", "ben", "keeper"):
        tiers.append((await world.code(code_id)).tier)
        await world.members(userid, status=MemberStatus.DISABLED)
        await world.hear(LogEvent(**_changed(world, userid)))  # type: ignore[arg-type]
    tiers.append((await world.code(code_id)).tier)

    assert tiers == [Tier.STAFF, Tier.BACKUP, Tier.KEEPER, Tier.NOBODY]
    assert (await world.code(code_id)).users == ()
    lead = await world.lead(code_id)
    assert (lead.shows, lead.url) == (Shows.ELSEWHERE, "https://work.weixin.qq.com/kfid/kfc1")
    moves = [details["to"] for what, details in await world.trail(code_id) if what == "tier_changed"]
    assert moves == ["staff", "backup", "keeper", "nobody"]


def _changed(world: World, userid: str) -> dict[str, object]:
    """The fields of a ``staff.member_changed`` fact as subscribers read it."""
    event = world.corp.event("x", userid, at=0)
    return {
        name: getattr(event, name)
        for name in ("position", "person_id", "kind", "occurred_at", "received_at", "source", "context")
    } | {"name": "staff.member_changed", "message_id": f"changed:{userid}"}


async def test_cw_12_going_offline_and_back_is_in_the_trail(world: World) -> None:
    code_id = await world.create({"ann": {}, "ben": {}}, distribution="shared")
    for is_online in (False, True):
        await world.members("ann", is_online=is_online)
        await world.hear(LogEvent(**_changed(world, "ann")))  # type: ignore[arg-type]
    trail = [details for what, details in await world.trail(code_id) if what == "members_changed"]
    assert trail == [
        {"out": {"ann": "offline"}, "back": [], "cause": "members"},
        {"out": {}, "back": ["ann"], "cause": "members"},
    ]


NIGHT_SHIFT = {
    "weekly": [
        {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "22:00", "end": "06:00", "userids": ["ben"]},
    ],
    "otherwise": ["ann"],
}


async def test_cw_5_borders_are_rows_and_a_restart_loses_none(
    world: World, clock: FixedClock, key_ring: KeyRing
) -> None:
    code_id = await world.create({"ann": {}, "ben": {}}, schedule=NIGHT_SHIFT)
    assert (await world.code(code_id)).users == ("ann",)
    assert await world.pass_borders() == 0

    clock.advance(timedelta(hours=11))  # 23:00; nothing ran at 22:00.
    restarted = World.of(world.uows, world.corp, key_ring)
    assert await restarted.pass_borders() == 1
    assert (await world.code(code_id)).users == ("ben",)

    clock.advance(timedelta(days=3))  # Several borders passed meanwhile: what counts is now.
    assert await restarted.pass_borders() == 1
    after = await world.code(code_id)
    assert after.users == ("ben",)
    assert after.next_border == datetime(2026, 3, 7, 16, tzinfo=UTC)  # Midnight in Shanghai.


async def test_cw_13_a_code_ends_by_itself_and_leads_on(world: World, clock: FixedClock) -> None:
    ends_at = clock.now() + timedelta(hours=1)
    code_id = await world.create(
        {"ann": {}}, ends_at=ends_at.isoformat(), fallback={"kind": "link", "url": "https://a.example.com"}
    )
    clock.advance(timedelta(hours=2))
    await world.pass_borders()

    assert (await world.code(code_id)).status is CodeStatus.ENDED
    assert (await world.lead(code_id)).url == "https://a.example.com"
    async with world.uows.app(world.corp.tenant_id) as uow:
        resumed = await world.desk.resume(uow, code_id, actor="admin")
    assert (resumed.row.status, resumed.draft.ends_at, resumed.row.serving) == ("live", None, ("Ann",))


async def test_cw_13_a_paused_code_follows_the_one_it_leads_to(world: World) -> None:
    target = await world.create({"ben": {}})
    code_id = await world.create({"ann": {}})
    leads_on = Place(kind=PlaceKind.CODE, code=(await world.code(target)).reference)
    async with world.uows.app(world.corp.tenant_id) as uow:
        await world.desk.pause(uow, code_id, leads_on, actor="admin")
    assert (await world.code(code_id)).users == ("ben",)

    async with world.uows.app(world.corp.tenant_id) as uow:
        draft = LiveCodeDraft(name="门店海报", members=({"userid": "carl"},))  # type: ignore[arg-type]
        await world.desk.change(uow, target, draft, actor="admin")
    await world.pass_borders()
    assert (await world.code(code_id)).users == ("carl",)

    own = Place(kind=PlaceKind.CODE, code=(await world.code(code_id)).reference)
    with pytest.raises(LiveCodeConflict):
        async with world.uows.app(world.corp.tenant_id) as uow:
            await world.desk.delete(uow, target, own, actor="admin")
    assert (await world.code(target)).status is CodeStatus.LIVE


async def test_cw_13_a_deleted_code_still_answers(world: World) -> None:
    code_id = await world.create({"ann": {}}, keeper="keeper")
    async with world.uows.app(world.corp.tenant_id) as uow:
        await world.desk.delete(uow, code_id, Place(text="活动已结束"), actor="admin")
    lead = await world.lead(code_id)
    assert (lead.shows, lead.text) == (Shows.CLOSED, "活动已结束")
    assert (await world.code(code_id)).users == ()
    with pytest.raises(LiveCodeConflict):
        async with world.uows.app(world.corp.tenant_id) as uow:
            await world.desk.resume(uow, code_id, actor="admin")


async def test_cw_6_what_cannot_work_is_refused_before_it_is_saved(world: World) -> None:
    many = {f"m{number}": {} for number in range(101)}
    await world.members(*many)
    with pytest.raises(CannotServe):
        await world.create(many)
    await world.create(dict(list(many.items())[:100]))
    await world.members("idle", can_serve=False)
    for userid in ("nobody", "idle"):
        with pytest.raises(CannotServe):
            await world.create({userid: {}})
    async with world.uows.app(world.corp.tenant_id) as uow:
        rows = await uow.execute(
            "SELECT count(*) FROM live_code WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
        )
        assert rows.scalar_one() == 1


async def test_cw_6_who_left_may_stay_on_a_code_that_is_changed(world: World) -> None:
    code_id = await world.create({"ann": {}, "ben": {}})
    await world.members("ann", status=MemberStatus.LEFT)
    draft = (await world.code(code_id)).draft.model_copy(update={"name": "新名字"})
    async with world.uows.app(world.corp.tenant_id) as uow:
        changed = await world.desk.change(uow, code_id, draft, actor="admin")
    assert (changed.row.name, changed.row.serving) == ("新名字", ("Ben",))


async def test_cw_7_a_full_quota_is_refused_before_the_platform_is_asked(
    uows: UnitOfWorkFactory, corp: Corp, key_ring: KeyRing
) -> None:
    world = World.of(uows, corp, key_ring, quota=1)
    await world.members("ann")
    code_id = await world.create({"ann": {}})
    async with uows.system(corp.tenant_id) as uow:
        await uow.execute(
            "UPDATE live_code_way SET config_id = 'c', phase = 'live' WHERE tenant_id = :tenant "
            "AND code_id = :code",
            {"tenant": uow.tenant_id, "code": code_id},
        )
    with pytest.raises(QuotaUsedUp):
        await world.create({"ann": {}})
    async with uows.app(corp.tenant_id) as uow:
        quota = await world.desk.quota(uow, corp.corp_id)
    assert (quota.used, quota.limit, quota.exhausted_on) == (1, 1, uows.clock.now().date())


async def test_cw_8_a_state_says_what_it_was_made_for_until_it_expires(
    world: World, clock: FixedClock
) -> None:
    code_id = await world.create({"ann": {}}, source="展会", campaign="春茶", store="s01")
    corp_id = world.corp.corp_id
    expires_at = clock.now() + timedelta(hours=1)
    async with world.uows.app(world.corp.tenant_id) as uow:
        state = await world.states.make(
            uow,
            corp_id,
            NewState(code_id=code_id, inviter=PersonId(7), campaign="拼团", expires_at=expires_at),
        )
        found = await world.states.resolve(uow, corp_id, state)
        assert found is not None
        said = (found.code_id, found.source, found.campaign, found.inviter, found.store)
        assert said == (code_id, "展会", "拼团", 7, "s01")
        assert await world.states.resolve(uow, corp_id, state, at=expires_at) is None
        assert await world.states.resolve(uow, corp_id, "poster-1") is None
    event = world.corp.event("customer_added", "ann", "c1", at=0, state=state)  # Hours too late.
    assert await world.hear(event) == []
    assert (await world.shown(code_id)).row.adds_today == 0


async def test_cw_10_an_existing_customer_is_led_to_who_serves_them(world: World) -> None:
    code_id = await world.create({"ann": {}, "ben": {}}, is_exclusive=True, distribution="sequential")
    world.corp.persons["c1"] = PersonId(41)
    await world.hear(world.corp.event("customer_added", "ben", "c1", at=0))

    assert (await world.lead(code_id, PersonId(41))).shows is Shows.SOON  # Ben's own code is being made.
    await _make_ways(world, code_id)
    lead = await world.lead(code_id, PersonId(41))
    assert (lead.shows, lead.member, lead.qr_code) == (Shows.PICTURE, "Ben", "https://qr.example.com/ben")

    await world.members("ben", status=MemberStatus.DISABLED)
    assert (await world.lead(code_id, PersonId(41))).member == ""
    assert (await world.lead(code_id, PersonId(42))).member == ""

    await world.hear(await added(world, code_id, "ann", "c1", at=30))
    trail = await world.trail(code_id)
    assert ("exclusive_missed", {"userid": "ann", "serving": "ben"}) in trail


async def _make_ways(world: World, code_id: LiveCodeId) -> None:
    async with world.uows.system(world.corp.tenant_id) as uow:
        await uow.execute(
            "UPDATE live_code_way SET phase = 'live', config_id = 'cfg' || id, "
            "qr_code = 'https://qr.example.com/' || userid, actual_users = wanted_users, "
            "actual_hash = wanted_hash WHERE tenant_id = :tenant AND code_id = :code",
            {"tenant": uow.tenant_id, "code": code_id},
        )


async def test_cw_2_the_page_waits_while_the_picture_leads_to_who_may_not_serve(world: World) -> None:
    code_id = await world.create({"ann": {"daily_cap": 1}, "ben": {}}, distribution="sequential")
    assert (await world.lead(code_id)).shows is Shows.SOON
    await _make_ways(world, code_id)
    assert (await world.lead(code_id)).shows is Shows.PICTURE
    await world.hear(await added(world, code_id, "ann", "c1"))
    assert (await world.lead(code_id)).shows is Shows.SOON
    await _make_ways(world, code_id)
    assert (await world.lead(code_id)).shows is Shows.PICTURE


async def test_what_a_code_gives_is_asked_for_once(world: World) -> None:
    code_id = await world.create({"ann": {}}, tags=["et1"], remark_suffix="-展会")
    event = await added(world, code_id, "ann", "c1")
    await world.hear(event)
    await world.hear(event)
    assert world.tags.given == [("ann", ("et1",))]
    async with world.uows.app(world.corp.tenant_id) as uow:
        rows = await uow.execute(
            "SELECT userid FROM live_code_note WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
        )
        assert rows.scalars().all() == ["ann"]


async def test_cw_11_cw_3_shares_and_caps_over_10_000_adds(world: World) -> None:
    """People go on adding whom the code pointed at until the platform has heard: dozens, here."""
    weights = {"ann": 5, "ben": 3, "carl": 2}
    code_id = await world.create({userid: {"weight": weight} for userid, weight in weights.items()})
    state, rng, pointed, number = await world.state(code_id), random.Random(11), "ann", 0
    counts = dict.fromkeys(weights, 0)
    while number < 10_000:
        batch = []
        most = 150 if number < 9_800 else 10
        for _ in range(min(rng.randint(1, most), 10_000 - number)):
            number += 1
            counts[pointed] += 1
            batch.append(
                world.corp.event("customer_added", pointed, f"w{number}", at=number % 20_000, state=state)
            )
        async with world.uows.system(world.corp.tenant_id) as uow:
            await world.subscriber.apply(uow, batch, None)
            uow.facts.clear()
        pointed = (await world.code(code_id)).users[0]
    for userid, weight in weights.items():
        assert abs(counts[userid] - 1_000 * weight) <= 0.02 * 1_000 * weight, counts
    shown = await world.shown(code_id)
    assert {member.userid: member.adds_today for member in shown.members} == counts


async def test_cw_11_caps_hold_while_the_rest_is_shared_by_weight(world: World) -> None:
    members = {
        "ann": {"weight": 3, "daily_cap": 35},
        "ben": {"weight": 2},
        "carl": {"weight": 1, "daily_cap": 15},
    }
    code_id = await world.create(members)
    state, rng, pointed, number = await world.state(code_id), random.Random(12), "ann", 0
    in_flight = 0
    while number < 150:
        size = rng.randint(1, 5)
        batch = [
            world.corp.event("customer_added", pointed, f"k{number + n}", at=number + n, state=state)
            for n in range(size)
        ]
        number += size
        async with world.uows.system(world.corp.tenant_id) as uow:
            await world.subscriber.apply(uow, batch, None)
            uow.facts.clear()
        in_flight = max(in_flight, size)
        pointed = (await world.code(code_id)).users[0]
    shown = await world.shown(code_id)
    adds = {member.userid: member.adds_today for member in shown.members}
    over = max(0, adds["ann"] - 35) + max(0, adds["carl"] - 15)
    assert 35 <= adds["ann"] <= 35 + in_flight
    assert 15 <= adds["carl"] <= 15 + in_flight
    assert shown.row.over_cap_today == over
    assert sum(adds.values()) == number


async def test_lists_call_a_code_by_its_name(world: World, uows: UnitOfWorkFactory) -> None:
    state = await world.state(await world.create({"ann": {}}))
    async with uows.app(world.corp.tenant_id) as uow:
        called = await world.states.names(uow, world.corp.corp_id, {state, "poster-1", ""})
    assert called == {state: "门店海报"}


async def test_states_of_other_brands_are_nothing(world: World, uows: UnitOfWorkFactory) -> None:
    code_id = await world.create({"ann": {}})
    state = (await world.code(code_id)).state
    async with uows.system(world.corp.tenant_id) as uow:
        owner = await world.states.owner(uow, state)
        assert owner == (world.corp.tenant_id, world.corp.corp_id)
        assert await world.states.owner(uow, state[:-1] + ("0" if state[-1] != "0" else "1")) is None
        assert await world.states.owner(uow, "nonsense") is None
