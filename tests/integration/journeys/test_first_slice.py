"""Entry, wait, condition, message, waiting for an event, end: on the real databases."""

from typing import Any

from integration.journeys.world import END, FOLLOWED, World, ask, graph, say, until, wait
from integration.segments.world import happened
from quanyu.kernel.ids import decode_id
from quanyu.modules.segments.contracts import SaveSegment

VIEWED_TODAY = {
    "kind": "event",
    "name": "Product Viewed",
    "window": {"kind": "rolling", "amount": 1, "unit": "days"},
}
WELCOME = graph(
    FOLLOWED,
    rest=wait(600, "looked"),
    looked=ask(VIEWED_TODAY, "hello", "out"),
    hello=say("你好,{{ event.scene | default: '朋友' }}", "bought"),
    bought=until("Order Completed", 86_400, "thanks", "out"),
    thanks=say("谢谢您的订单 {{ matched.order_id }}", "out"),
    out=END,
)


async def test_people_go_through_the_whole_graph(world: World) -> None:
    journey = await world.publish(WELCOME)
    await world.meet("安", "柏", "陈")
    await world.follows("安", "柏", "陈")
    assert await world.run() == 3
    assert await world.waiting(journey) == {"rest": 3}

    world.later(minutes=5)
    await world.acts("安")
    await world.acts("柏")
    await world.writes("安", "柏")
    assert await world.run() == 0  # Nobody's time is up.
    world.later(minutes=5)
    await world.run()
    assert await world.outcomes(journey) == {
        "rest": {"next": 3},
        "looked": {"yes": 2, "no": 1},
        "hello": {"next": 2},
        "out": {"end": 1},
    }
    assert await world.waiting(journey) == {"bought": 2}
    await world.send_all()
    assert [payload["text"]["content"] for _, payload in world.gateway.custom] == ["你好,朋友"] * 2

    world.later(hours=2)
    await world.acts("安", "Order Completed", order_id="A-7", revenue="39.90")
    await world.run()
    world.later(hours=22)
    await world.run()
    await world.send_all()

    assert await world.path(journey, "安") == [
        ("rest", "next"),
        ("looked", "yes"),
        ("hello", "next"),
        ("bought", "matched"),
        ("thanks", "next"),
        ("out", "end"),
    ]
    assert (await world.path(journey, "柏"))[-2:] == [("bought", "timeout"), ("out", "end")]
    assert await world.path(journey, "陈") == [("rest", "next"), ("looked", "no"), ("out", "end")]
    assert world.gateway.custom[2][1]["text"]["content"] == "谢谢您的订单 A-7"
    assert await world.totals(journey) == (3, 0, 3, 0)
    view = await world.view(journey)
    assert {node.id: dict(node.messages) for node in view.nodes if node.messages} == {
        "hello": {"accepted": 2},
        "thanks": {"accepted": 1},
    }
    await world.check()


async def test_a_refused_message_has_its_reason_and_people_go_on(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", hello=say("你好", "out"), out=END))
    await world.meet("安")
    await world.acts("安")  # Opens no window.
    await world.acts("柏")  # Has no openid at all.
    await world.run()

    assert await world.messages() == [
        ("hello", "refused", "window_closed"),
        ("hello", "refused", "no_channel"),
    ]
    assert await world.totals(journey) == (2, 0, 2, 0)
    view = await world.view(journey)
    assert view.nodes[0].messages == {"refused": 2}
    assert {(one.reason, one.count) for one in view.reasons} == {("window_closed", 1), ("no_channel", 1)}


async def test_an_event_lets_people_in_only_if_it_meets_the_filters(world: World) -> None:
    entry = {
        "kind": "event",
        "event": "Product Viewed",
        "where": [{"field": "properties.category", "op": "eq", "value": "茶"}],
    }
    journey = await world.publish(graph(entry, out=END))
    await world.acts("安", category="茶")
    await world.acts("柏", category="点心")
    await world.acts("陈")
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)
    assert await world.path(journey, "安") == [("out", "end")]


async def _buyers(world: World) -> str:
    async with world.brand.uows.app(world.tenant) as uow:
        saved = await world.brand.segments.create(
            uow, SaveSegment(name="买过", definition={"kind": "event", "name": "Order Completed"})
        )
    return saved.id


async def _refresh(world: World, segment_id: str) -> None:
    await world.brand.refresher.refresh(world.tenant, decode_id("seg", segment_id))
    await world.brand.drain()
    await world.react()


def _on_segment(segment_id: str, **options: Any) -> dict[str, Any]:
    entry = {"kind": "segment_entered", "segment_id": segment_id, **options}
    return graph(entry, rest=wait(60, "out"), out=END)


async def test_people_enter_who_come_into_a_segment(world: World) -> None:
    segment = await _buyers(world)
    await world.tell(happened("Order Completed", "安", world.now))
    await _refresh(world, segment)
    journey = await world.publish(_on_segment(segment))
    world.later(seconds=5)
    await world.tell(happened("Order Completed", "柏", world.now))
    await _refresh(world, segment)
    await world.run()

    assert await world.totals(journey) == (1, 1, 0, 0)
    assert await world.path(journey, "安") == []
    world.later(seconds=60)
    await world.run()
    assert await world.path(journey, "柏") == [("rest", "next"), ("out", "end")]
    await world.check()


async def test_people_enter_who_go_out_of_a_segment(world: World) -> None:
    """SOP-2: coming in starts nobody, and neither does leaving another segment."""
    window = {"kind": "rolling", "amount": 1, "unit": "hours"}
    async with world.brand.uows.app(world.tenant) as uow:
        definition = {"kind": "event", "name": "Order Completed", "window": window}
        command = SaveSegment(name="刚买过", description="", definition=definition)
        segment = (await world.brand.segments.create(uow, command)).id
    entry = {"kind": "segment_left", "segment_id": segment, "reentry": {"mode": "after_exit"}}
    journey = await world.publish(graph(entry, out=END))
    for round_number in (1, 2):
        world.later(seconds=5)
        await world.tell(happened("Order Completed", "安", world.now, message_id=f"o{round_number}"))
        await _refresh(world, segment)
        await world.run()
        assert (await world.totals(journey))[0] == round_number - 1
        world.later(minutes=61)
        await _refresh(world, segment)
        await world.run()
        assert (await world.totals(journey))[0] == round_number
    assert await world.path(journey, "安") == [("out", "end")] * 2
    await world.check()


async def test_present_members_enter_on_publish_if_asked_to(world: World) -> None:
    """JN-5. Whoever became a member before counts once, also when the fact of it comes later."""
    segment = await _buyers(world)
    await world.tell(happened("Order Completed", "安", world.now))
    await world.brand.refresher.refresh(
        world.tenant, decode_id("seg", segment)
    )  # Its fact is still on the way.
    world.later(seconds=5)
    again = {"mode": "after_exit"}
    journey = await world.publish(_on_segment(segment, existing=True, reentry=again))
    await world.run()
    assert await world.totals(journey) == (1, 1, 0, 0)
    world.later(seconds=60)
    await world.run()
    await _refresh(world, segment)
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)

    world.later(seconds=5)
    await world.tell(happened("Order Completed", "柏", world.now))
    await _refresh(world, segment)
    await world.run()
    assert await world.totals(journey) == (2, 1, 1, 0)

    await world.order("publish", journey)  # Members who were in do not come again.
    world.later(seconds=60)
    await world.run()
    assert await world.totals(journey) == (2, 0, 2, 0)
    await world.check()


async def test_members_are_let_in_in_parts_and_a_pause_holds_them_back(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr("quanyu.modules.journeys.chores.PART", 2)
    segment = await _buyers(world)
    users = [f"顾客{number}" for number in range(5)]
    await world.tell(*(happened("Order Completed", user, world.now) for user in users))
    await _refresh(world, segment)
    journey = await world.publish(_on_segment(segment, existing=True))
    assert await world.engine.run_tenant(world.tenant) == 2
    await world.order("pause", journey)
    assert await world.run() == 0
    assert await world.totals(journey) == (2, 2, 0, 0)
    await world.order("resume", journey)
    await world.run(world.new_engine())  # Another process goes on where the first was.
    assert await world.totals(journey) == (5, 5, 0, 0)
    await world.check()
