"""Versions and what differs between them, going back, and the way one person went (SOP-1)."""

import pytest

from integration.journeys.world import END, World, ask, graph, until, wait
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys import passages
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.journeys.errors import PassageNotFound, VersionNotFound
from quanyu.modules.journeys.versions.service import Versions

FIRST = graph("Product Viewed", rest=wait(60, "out"), out=END)
SECOND = graph(
    "Product Viewed", rest=wait(90, "bought"), bought=until("Order Completed", 3600, "out", "out"), out=END
)


async def test_versions_are_listed_compared_and_restored(world: World) -> None:
    versions = Versions(world.journeys)
    journey = await world.publish(FIRST)
    await world.acts("安")
    await world.run()
    note = {"id": "n1", "node": "rest", "text": "记一下"}
    await world.order("save_draft", journey, SaveJourney(name="旅程", definition={**SECOND, "notes": [note]}))
    async with world.brand.uows.app(world.tenant) as uow:
        drawn = await versions.differences(uow, journey, before=1, after=0)
        await world.journeys.publish(uow, journey, by="林经理")
    assert [(one.node, one.change.value) for one in drawn.nodes] == [("rest", "changed"), ("bought", "added")]
    await world.acts("柏")
    await world.run()
    async with world.brand.uows.app(world.tenant) as uow:
        listed = (await versions.list_of(uow, journey)).items
        restored = await versions.restore(uow, journey, 1, by="林经理")
        with pytest.raises(VersionNotFound):
            await versions.differences(uow, journey, before=1, after=7)
    assert [(one.version, one.published_by, one.nodes, one.active, one.is_current) for one in listed] == [
        (2, "林经理", 3, 1, True),
        (1, "", 2, 1, False),
    ]
    assert restored.definition["nodes"]["rest"]["seconds"] == 60
    assert [one["text"] for one in restored.definition["notes"]] == ["记一下"]
    assert restored.version == 2  # Nobody's graph changed.


async def test_the_way_somebody_went_is_told(world: World) -> None:
    test = {"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"}
    journey = await world.publish(
        graph("Product Viewed", asked=ask(test, "rest", "out"), rest=wait(60, "out"), out=END)
    )
    await world.acts("安")
    await world.run()
    person = await world.person("安")
    async with world.brand.uows.app(world.tenant) as uow:
        [passage] = (await passages.passages_of(uow, person)).items
        found = await passages.steps_of(uow, person, (await _ids(world, journey))[0])
        with pytest.raises(PassageNotFound):
            await passages.steps_of(uow, person + 1, (await _ids(world, journey))[0])
    assert found.passage == passage
    assert [(one.node, one.outcome) for one in found.items] == [("asked", "no"), ("out", "end")]
    assert found.items[0].definition is not None
    assert found.items[0].definition["test"]["key"] == "city"
    assert passage.id == encode_id("enr", (await _ids(world, journey))[0])


async def test_where_somebody_stands_is_the_last_step(world: World) -> None:
    journey = await world.publish(FIRST)
    await world.acts("安")
    await world.run()
    person = await world.person("安")
    async with world.brand.uows.app(world.tenant) as uow:
        found = await passages.steps_of(uow, person, (await _ids(world, journey))[0])
    assert [(one.node, one.outcome, one.left_at) for one in found.items] == [("rest", None, None)]


async def _ids(world: World, journey: int) -> list[int]:
    return [
        row.id
        for row in await world.rows(
            f"SELECT id FROM enrolment WHERE tenant_id = :tenant AND journey_id = {journey}"
        )
    ]
