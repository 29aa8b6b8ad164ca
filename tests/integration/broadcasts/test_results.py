"""What a broadcast brought, against figures computed by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from integration.broadcasts.world import World
from integration.segments.world import happened, order
from quanyu.kernel.ids import PersonId, decode_id, encode_id


async def test_orders_within_the_window_count_for_both_groups_from_the_same_instant(world: World) -> None:
    """Everybody of a group buys for ten, one of the sent again too late; one of the control unfollows."""
    people = await world.followers(100)
    users = {person: f"u{number}" for number, person in enumerate(people)}
    start = world.brand.clock.now()
    await world.brand.tell(order(users[people[0]], "before", start - timedelta(days=1), [("99", "1")]))
    number = await world.start(await world.segment(), holdout_bps=3_000, cost_minor=5, window_days=3)
    await world.finish(number)
    sent, control = await _groups(world, number)
    world.later(days=10)
    await world.brand.tell(
        *(order(users[one], f"s{one}", start + timedelta(days=1), [("10", "1")]) for one in sent[:20]),
        *(order(users[one], f"c{one}", start + timedelta(days=1), [("10", "1")]) for one in control[:2]),
        order(users[sent[0]], "again", start + timedelta(days=2), [("30", "1")]),
        order(users[sent[1]], "late", start + timedelta(days=4), [("500", "1")]),
        happened("wechat.official_account.unfollowed", users[sent[2]], start + timedelta(hours=3)),
        happened("wechat.official_account.unfollowed", users[control[0]], start + timedelta(hours=3)),
    )
    found = await world.results.get(world.brand.tenant, number)
    assert (found.planned, found.accepted, found.delivered, found.clicked) == (
        len(sent),
        len(sent),
        None,
        None,
    )
    assert (found.sent.people, found.sent.buyers, found.sent.orders) == (len(sent), 20, 21)
    assert found.sent.revenue == Decimal(230)
    assert found.control is not None
    assert (found.control.people, found.control.buyers, found.control.revenue) == (
        len(control),
        2,
        Decimal(20),
    )
    assert (found.unsubscribed, found.cost) == (1, len(sent) * Decimal("0.05"))
    assert found.lift is not None
    assert found.lift.buyer_rate == pytest.approx(20 / len(sent) - 2 / len(control))
    assert found.lift.revenue_per_person == pytest.approx(230 / len(sent) - 20 / len(control))
    assert found.lift.extra_revenue == pytest.approx(230 - 20 * len(sent) / len(control))
    assert found.lift.buyer_rate_low is not None
    assert found.lift.buyer_rate_low < found.lift.buyer_rate
    assert found.lift.revenue_low is not None
    assert found.lift.revenue_low < found.lift.revenue_per_person


async def test_clicks_of_its_own_messages_count_and_no_others(world: World) -> None:
    people = await world.followers(3)
    users = {person: f"u{number}" for number, person in enumerate(people)}
    number = await world.start(await world.segment())
    await world.finish(number)
    async with world.brand.uows.system(world.brand.tenant) as uow:
        rows = await uow.execute(
            "SELECT person_id, properties->>'message_id' FROM log_event WHERE tenant_id = :tenant "
            "AND name = 'messaging.message_accepted'",
            {"tenant": world.brand.tenant},
        )
        messages = {PersonId(person): message for person, message in rows}
    world.later(hours=1)
    at = world.brand.clock.now()
    await world.brand.tell(
        happened("links.clicked", users[people[0]], at, properties={"message_id": messages[people[0]]}),
        happened("links.clicked", users[people[1]], at, properties={"message_id": "msg_another"}),
    )
    found = await world.results.get(world.brand.tenant, number)
    assert (found.clicked, found.control, found.lift) == (1, None, None)


async def test_one_person_is_found_in_the_audience_or_not(world: World) -> None:
    """Whoever turned out to be somebody else since is found as who they were."""
    people = await world.followers(3)
    number = await world.start(await world.segment())
    await world.finish(number)
    await world.followers(1)
    stranger = max(await world.brand.ids("u0", "u1", "u2")) + 1

    async def found(person: int) -> list[str]:
        async with world.brand.uows.app(world.brand.tenant) as uow:
            page = await world.broadcasts.people(
                uow, number, run=None, state=None, person_id=PersonId(person), cursor=None, limit=None
            )
        return [one.person_id for one in page.items]

    assert await found(people[1]) == [encode_id("per", people[1])]
    assert await found(stranger) == []


async def _groups(world: World, number: int) -> tuple[list[PersonId], list[PersonId]]:
    async with world.brand.uows.app(world.brand.tenant) as uow:
        page = await world.broadcasts.people(
            uow, number, run=None, state=None, person_id=None, cursor=None, limit=200
        )
    by_state = {
        state: [PersonId(decode_id("per", one.person_id)) for one in page.items if one.state == state]
        for state in ("planned", "control")
    }
    return by_state["planned"], by_state["control"]
