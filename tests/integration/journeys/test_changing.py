"""Steps that change people: tags, attributes and lists, once, by the services that own them."""

from typing import Any

import pytest

from integration.journeys.world import END, World, graph
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.people.tags.contracts import NewTag, SaveTagGroup
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.segments.lists.service import Lists


def change(following: str, **what: Any) -> dict[str, Any]:
    return {"kind": "update", "change": what, "next": following}


async def _tag(world: World, name: str) -> str:
    tags = PersonTags(world.brand.gate._warehouse)
    async with world.brand.uows.app(world.tenant) as uow:
        group = await tags.add_group(uow, SaveTagGroup(name=f"组{name}"))
        return await tags.add_tag(uow, NewTag(group=group, name=name), actor="测试")


async def _list(world: World) -> str:
    lists = Lists(world.brand.uows, world.brand.gate._warehouse, world.keys, world.brand.segments)
    segment, _ = await lists.create_empty(world.tenant, "名单", "")
    return encode_id("seg", segment)


async def _work(world: World) -> int:
    done = 0
    while count := await world.changer.run_once(world.tenant):
        done += count
    return done


async def _listed(world: World) -> set[int]:
    rows = await world.rows(
        "SELECT person_id FROM segment_list_entry WHERE tenant_id = :tenant AND taken_by IS NULL"
    )
    return {row.person_id for row in rows}


async def test_steps_change_people_once(world: World) -> None:
    people = await world.meet("一", "二")
    vip, old, members = await _tag(world, "VIP"), await _tag(world, "新客"), await _list(world)
    journey = await world.publish(
        graph(
            "Start",
            old=change("tags", kind="tags", add=[old]),
            tags=change("stage", kind="tags", add=[vip], remove=[old]),
            stage=change("join", kind="attribute", key="stage", value="loyal"),
            join=change("end", kind="list", segment=members, put=True),
            end=END,
        )
    )
    for user in ("一", "二"):
        await world.acts(user, "Start")
    await world.run()
    assert (await world.totals(journey)) == (2, 0, 2, 0)
    assert await _work(world) == 8
    assert await _work(world) == 0

    async with world.brand.uows.app(world.tenant) as uow:
        for person in people:
            who = PersonId(person)
            carried = (await TagGiving().carried(uow, [who]))[who]
            assert [(one.id, one.origin, one.actor) for one in carried] == [
                (vip, "journey", f"journey:{encode_id('jrn', journey)}")
            ]
            known = await world.brand.people.attributes_of(uow, [who], ["stage"])
            assert known[who] == {"stage": "loyal"}
    assert await _listed(world) == set(people)
    versions = await world.rows("SELECT version FROM segment_list_version WHERE tenant_id = :tenant")
    assert len(versions) == 1  # One a day, however many people come by.
    await world.check()


async def test_people_leave_a_list_and_come_back(world: World) -> None:
    (person,) = await world.meet("一")
    members = await _list(world)
    for name, put in (("In", True), ("Out", False)):
        entry = {"kind": "event", "event": name, "reentry": {"mode": "after_exit"}}
        step = change("end", kind="list", segment=members, put=put)
        await world.publish(graph(entry, step=step, end=END), name)
    for name, expected in (("In", {person}), ("In", {person}), ("Out", set()), ("In", {person})):
        world.later(seconds=5)
        await world.acts("一", name)
        await world.run()
        await _work(world)
        assert await _listed(world) == expected


async def test_what_cannot_be_done_holds_nobody_up_and_is_counted(world: World) -> None:
    await world.meet("一")
    vip = await _tag(world, "VIP")
    journey = await world.publish(
        graph(
            "Start",
            tags=change("stage", kind="tags", add=[vip]),
            stage=change("end", kind="attribute", key="stage", value=1),
            end=END,
        )
    )
    await world.acts("一", "Start")
    await world.run()
    async with world.brand.uows.system(world.tenant) as uow:
        await uow.execute("DELETE FROM person_tag WHERE tenant_id = :t", {"t": world.tenant})
    assert await _work(world) == 2
    rows = await world.rows("SELECT node, failed FROM journey_change WHERE tenant_id = :tenant")
    assert [tuple(row) for row in rows] == [("tags", "people.tag_not_found")]
    view = await world.view(journey)
    assert {node.id: node.not_changed for node in view.nodes} == {"tags": 1, "stage": 0, "end": 0}


@pytest.mark.parametrize(
    "what",
    [
        {"kind": "tags", "add": [encode_id("ptg", 7)]},
        {"kind": "attribute", "key": "phone", "value": "1"},
        {"kind": "attribute", "key": "name", "value": "1"},
        {"kind": "list", "segment": encode_id("seg", 7), "put": True},
    ],
)
async def test_what_could_be_done_to_nobody_is_not_published(world: World, what: dict[str, Any]) -> None:
    journey = await world.draw(graph("Start", step=change("end", **what), end=END))
    with pytest.raises(InvalidJourney) as refused:
        await world.order("publish", journey)
    (finding,) = refused.value.findings
    assert (finding.path, finding.node) == ("nodes.step.change", "step")
    assert finding.zh
