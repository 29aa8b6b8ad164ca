"""Drafts, versions, pause and stop, and what the console is told."""

from datetime import timedelta
from typing import Any

import pytest

from integration.journeys.world import ACCOUNT_ID, END, Api, World, ask, graph, say, until, wait
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.journeys.errors import DraftChanged, InvalidJourney, WrongStatus
from quanyu.modules.journeys.moving import Moved

REST = graph("Product Viewed", rest=wait(60, "hello"), hello=say("你好", "out"), out=END)


def save(definition: dict[str, Any], name: str = "旅程") -> SaveJourney:
    return SaveJourney(name=name, definition=definition)


async def test_people_keep_the_graph_they_entered(world: World) -> None:
    journey = await world.publish(REST)
    await world.acts("安")
    await world.run()
    shorter = graph("Product Viewed", other=wait(30, "out"), out=END)
    await world.order("save_draft", journey, save(shorter))
    view = await world.view(journey)
    assert (view.version, view.published == view.definition) == (1, False)
    await world.order("publish", journey)
    await world.acts("柏")
    await world.run()
    world.later(seconds=60)
    await world.run()
    assert await world.path(journey, "安") == [("rest", "next"), ("hello", "next"), ("out", "end")]
    assert await world.path(journey, "柏") == [("other", "next"), ("out", "end")]
    assert await world.totals(journey) == (2, 0, 2, 0)  # Nodes of both versions count.
    await world.check()


async def test_a_pause_holds_everybody_and_lets_nobody_in(world: World) -> None:
    journey = await world.publish(REST)
    await world.acts("安")
    await world.run()
    await world.order("pause", journey)
    await world.acts("柏")
    world.later(hours=5)
    assert await world.run() == 0
    assert await world.waiting(journey) == {"rest": 1}
    assert await world.messages() == []
    await world.order("publish", journey)  # A new version does not end the pause.
    assert (await world.view(journey)).status == "paused"
    await world.order("resume", journey)
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_what_is_waited_for_is_seen_during_a_pause(world: World) -> None:
    journey = await world.publish(
        graph("Product Viewed", bought=until("Order Completed", 3600, "yes", "no"), yes=END, no=END)
    )
    await world.acts("安")
    await world.run()
    await world.order("pause", journey)
    world.later(minutes=30)
    await world.acts("安", "Order Completed")
    world.later(days=3)
    await world.order("resume", journey)
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]


async def test_after_a_pause_messages_keep_their_distance(world: World) -> None:
    journey = await world.publish(
        graph(
            "Product Viewed",
            first=wait(60, "one"),
            one=say("一", "second"),
            second=wait(86_400, "two"),
            two=say("二", "out"),
            out=END,
        )
    )
    await world.acts("安")
    await world.run()
    await world.order("pause", journey)
    world.later(days=3)
    await world.order("resume", journey)
    await world.run()
    assert [node for node, *_ in await world.messages()] == ["one"]
    assert await world.waiting(journey) == {"second": 1}


async def test_stopping_lets_everybody_out_and_sends_nothing_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quanyu.modules.journeys.chores.PART", 2)
    journey = await world.publish(
        graph("Product Viewed", hello=say("你好", "rest"), rest=wait(60, "out"), out=END)
    )
    users = ["安", "柏", "陈"]
    await world.meet(*users)
    await world.writes(*users)
    await world.tell(*(world.event(user, "Product Viewed") for user in users))
    await world.run()
    assert [state for _, state, _ in await world.messages()] == ["reserved"] * 3
    await world.order("stop", journey)
    world.later(seconds=61)
    await world.run()
    await world.send_all()
    assert await world.totals(journey) == (3, 0, 0, 3)
    assert await world.outcomes(journey) == {"hello": {"next": 3}, "rest": {"stopped": 3}}
    assert await world.messages() == [("hello", "refused", "stopped")] * 3
    assert world.gateway.calls == 0
    await world.acts("丁")
    assert await world.totals(journey) == (3, 0, 0, 3)
    for verb in ("publish", "pause", "resume", "stop"):
        with pytest.raises(WrongStatus):
            await world.order(verb, journey)
    await world.check()


async def test_a_pause_waits_for_the_engine_and_then_nothing_moves(world: World) -> None:
    """The answer of a pause means that it holds."""
    journey = await world.publish(graph("Product Viewed", rest=wait(0, "out"), out=END))
    await world.tell(*(world.event(f"顾客{n}", "Product Viewed") for n in range(5)))
    await world.order("pause", journey)
    assert await world.engine._mover.move_due(world.tenant, [journey], each=10) == Moved(0, ())
    assert await world.totals(journey) == (5, 5, 0, 0)


async def test_only_a_draft_that_was_never_published_is_deleted(world: World, api: Api) -> None:
    journey = encode_id("jrn", await world.draw(REST))
    assert (await api.call("DELETE", f"/api/v1/journeys/{journey}"))[0] == 204
    assert (await api.call("GET", f"/api/v1/journeys/{journey}"))[0] == 404
    assert (await api.call("DELETE", f"/api/v1/journeys/{journey}"))[0] == 404
    published = encode_id("jrn", await world.publish(REST))
    status, problem = await api.call("DELETE", f"/api/v1/journeys/{published}")
    assert (status, problem["code"]) == (409, "journeys.wrong_status")
    assert (await api.call("GET", f"/api/v1/journeys/{published}"))[1]["status"] == "active"


async def test_what_keeps_a_draft_from_being_published_is_said_with_its_node(world: World, api: Api) -> None:
    await world.add_template("tpl-1", "thing1", "time2")
    nodes = {
        "seen": ask({"kind": "event"}, "a", "b"),
        "a": say("{{ event.name", "b"),
        "b": say("", "c", account_id="nobody"),
        "c": {**_template("tpl-9", thing1="x"), "next": "d"},
        "d": {**_template("tpl-1", thing1="x"), "next": "out"},
        "out": END,
    }
    entry = {"kind": "segment_entered", "segment_id": encode_id("seg", 5)}
    status, journey = await api.call(
        "POST", "/api/v1/journeys", {"name": "草稿", "definition": graph(entry, **nodes)}
    )
    assert status == 201
    places = [(one["node"], one["path"]) for one in journey["findings"]]
    assert places == [
        (None, "entry.segment_id"),
        ("seen", "nodes.seen.test"),
        ("a", "nodes.a.content"),
        ("b", "nodes.b.account_id"),
        ("c", "nodes.c.content"),
        ("d", "nodes.d.content"),
    ]
    assert "time2" in journey["findings"][-1]["zh"]
    status, problem = await api.call("POST", f"/api/v1/journeys/{journey['id']}/publish")
    assert (status, problem["code"]) == (422, "journeys.invalid_definition")
    assert [one["node"] for one in problem["details"]["findings"]] == [node for node, _ in places]
    assert (await world.view(await _last(world))).status == "draft"


async def test_figures_come_with_messages_and_reasons(world: World, api: Api) -> None:
    journey = encode_id("jrn", await world.publish(REST))
    await world.meet("安")
    await world.writes("安")
    for user in ("安", "柏"):
        await world.acts(user)
    await world.run()
    world.later(seconds=60)
    await world.run()
    await world.send_all()
    _, view = await api.call("GET", f"/api/v1/journeys/{journey}")
    hello = next(node for node in view["nodes"] if node["id"] == "hello")
    assert hello["messages"] == {"accepted": 1, "refused": 1}
    assert [(one["state"], one["reason"], one["count"]) for one in view["reasons"]] == [
        ("refused", "no_channel", 1)
    ]
    _, listed = await api.call("GET", "/api/v1/journeys")
    assert [one["entered"] for one in listed["items"]] == [2]


async def test_who_stands_at_a_node_is_listed_in_pages(world: World, api: Api) -> None:
    journey = encode_id("jrn", await world.publish(REST))
    users = [f"顾客{n}" for n in range(5)]
    await world.tell(*(world.event(user, "Product Viewed") for user in users))
    await world.run()
    path = f"/api/v1/journeys/{journey}/nodes/rest/people"
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for expected in (2, 2, 1):
        _, page = await api.call("GET", path, None, limit="2", **cursor)
        assert len(page["items"]) == expected
        assert {one["since"] for one in page["items"]} == {world.now.isoformat().replace("+00:00", "Z")}
        until_at = world.now + timedelta(seconds=60)
        assert {one["until"] for one in page["items"]} == {until_at.isoformat().replace("+00:00", "Z")}
        seen += [one["person_id"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"] or ""}
    assert len(set(seen)) == 5
    assert page["next_cursor"] is None


async def test_the_engine_is_woken_when_something_was_decided(world: World, api: Api) -> None:
    journey = encode_id("jrn", await world.draw(REST))
    for verb, woken in (("publish", 1), ("pause", 1), ("resume", 2), ("stop", 3)):
        assert (await api.call("POST", f"/api/v1/journeys/{journey}/{verb}"))[0] == 200
        assert api.woken == woken


async def test_bad_input_is_refused_and_nothing_is_kept(world: World, api: Api) -> None:
    for body in ({"name": "", "definition": {}}, {"name": "x"}, {"name": "x", "definition": {"a": "\0"}}):
        assert (await api.call("POST", "/api/v1/journeys", body))[0] == 422
    assert (await api.call("GET", "/api/v1/journeys"))[1] == {"items": []}
    assert (await api.call("GET", "/api/v1/journeys/seg_1"))[0] == 422
    _, drawn = await api.call("POST", "/api/v1/journeys", {"name": "x", "definition": {"nodes": {"a": 7}}})
    assert drawn["nodes"] == []
    with pytest.raises(InvalidJourney):
        await world.order("publish", await _last(world))


async def test_another_brand_sees_and_changes_nothing(world: World) -> None:
    journey = await world.publish(REST)
    async with world.brand.uows.app(type(world.tenant)(world.tenant + 500_000)) as uow:
        assert (await world.journeys.list_journeys(uow)).items == ()
        assert await world.journeys.check_counts(uow) == ()
    assert (await world.view(journey)).status == "active"


def _template(template_id: str, **data: str) -> dict[str, Any]:
    return {
        "kind": "send",
        "account_id": ACCOUNT_ID,
        "message_kind": "template",
        "content": {"template_id": template_id, "data": data},
    }


async def _last(world: World) -> int:
    rows = await world.rows("SELECT max(id) FROM journey WHERE tenant_id = :tenant")
    journey: int = rows[0][0]
    return journey


async def test_notes_are_signed_by_the_server_and_drafts_not_replaced_unasked(world: World) -> None:
    note = {"id": "n1", "node": "rest", "text": "够久吗？", "author": "别人", "at": "2020-01-01T00:00:00Z"}
    journey = await world.publish({**REST, "notes": [note], "layout": {"@entry": {"x": 0, "y": 0}}})
    async with world.brand.uows.app(world.tenant) as uow:
        drawn = await world.journeys.get(uow, journey)
    [signed] = drawn.definition["notes"]
    assert (signed["author"], signed["at"]) == ("", world.clock.now().isoformat())
    answer = {"id": "n2", "node": "rest", "text": "够了"}
    before = world.clock.now()
    world.later(hours=1)
    command = SaveJourney(name="旅程", definition={**REST, "notes": [signed, answer]}, seen=drawn.updated_at)
    async with world.brand.uows.app(world.tenant) as uow:
        view = await world.journeys.save_draft(uow, journey, command, by="林经理")
    assert [(one["author"], one["at"]) for one in view.definition["notes"]] == [
        ("", before.isoformat()),
        ("林经理", world.clock.now().isoformat()),
    ]
    world.later(hours=1)
    with pytest.raises(DraftChanged):
        async with world.brand.uows.app(world.tenant) as uow:
            await world.journeys.save_draft(uow, journey, command)
