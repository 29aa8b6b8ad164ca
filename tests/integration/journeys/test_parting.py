"""JN and ID: journey positions after people who were taken for one come apart again."""

from integration.journeys.world import END, World, graph, say, until, wait
from quanyu.modules.people.contracts import Identifier


async def part(world: World, user: str, visitor: str) -> None:
    """State that a user and a visitor are two people, and let their passages follow."""
    a, b = Identifier("user_id", "", user), Identifier("anonymous_id", "", visitor)
    async with world.brand.uows.system(world.tenant) as uow:
        result = await world.brand.people.unlink(uow, a, b, actor="user:ling", reason="two people")
        assert result.splits
        await world.journeys.follow_splits(uow, [tuple(one) for one in result.splits])


async def places(world: World) -> list[tuple[object, ...]]:
    rows = await world.rows(
        "SELECT person_id, node, status, ordinal, cause, wake_at, due_at, awaits, exit_reason "
        "FROM enrolment WHERE tenant_id = :tenant ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_a_passage_that_stepped_back_goes_on_where_it_stood(world: World) -> None:
    journey = await world.publish(
        graph(
            "Product Viewed",
            rest=wait(60, "bought"),
            bought=until("Order Completed", 3600, "out", "out"),
            out=END,
        )
    )
    await world.acts("安")
    await world.run()
    world.later(seconds=60)
    await world.run()
    await world.acts("?柏")
    await world.run()
    before = await places(world)
    await world.login("安", "?柏")
    assert await world.waiting(journey) == {"bought": 1}

    await part(world, "安", "?柏")

    assert await places(world) == before
    assert await world.waiting(journey) == {"rest": 1, "bought": 1}
    assert (await world.outcomes(journey))["rest"] == {"next": 1}
    await world.check()
    world.later(seconds=60)
    await world.run()
    assert await world.waiting(journey) == {"bought": 2}
    await world.acts("?柏", "Order Completed")
    await world.run()
    assert await world.waiting(journey) == {"bought": 1}
    assert await world.path(journey, "?柏") == [
        ("rest", "next"),
        ("bought", "matched"),
        ("out", "end"),
    ]
    await world.check()


async def test_a_passage_of_a_journey_stopped_meanwhile_does_not_begin_again(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", rest=wait(60, "out"), out=END))
    await world.acts("安")
    await world.acts("?柏")
    await world.run()
    await world.login("安", "?柏")
    async with world.brand.uows.system(world.tenant) as uow:
        await uow.execute(
            "UPDATE journey SET status = 'stopped' WHERE tenant_id = :tenant", {"tenant": world.tenant}
        )
    await part(world, "安", "?柏")
    assert await world.waiting(journey) == {"rest": 1}
    await world.check()


async def test_who_entered_as_one_stays_with_the_side_whose_event_let_them_in(world: World) -> None:
    await world.publish(graph("Product Viewed", rest=wait(60, "out"), out=END))
    await world.meet("安", "?柏")
    visitor = await world.person("?柏")
    await world.login("安", "?柏")
    await world.acts("?柏")
    assert [row[0] for row in await places(world)] == [min(visitor, await world.person("安"))]
    await part(world, "安", "?柏")
    assert await world.person("?柏") == visitor
    assert [row[0] for row in await places(world)] == [visitor]
    await world.check()


async def test_of_two_who_became_one_the_message_goes_out_once(world: World) -> None:
    """JN-15: what waited for the passage that was merged away is not sent beside the other's."""
    journey = await world.publish(
        graph("Product Viewed", hello=say("你好", "rest"), rest=wait(60, "out"), out=END)
    )
    await world.meet("安", "?柏")
    await world.writes("安", "?柏")
    await world.acts("安")
    world.later(seconds=1)
    await world.acts("?柏")
    await world.run()
    assert [state for _, state, _ in await world.messages()] == ["reserved"] * 2
    await world.login("安", "?柏")
    await world.send_all()
    assert sorted(state for _, state, _ in await world.messages()) == ["accepted", "refused"]
    assert world.gateway.calls == 1
    assert await world.waiting(journey) == {"rest": 1}
