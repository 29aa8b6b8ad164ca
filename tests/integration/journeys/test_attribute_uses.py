"""Whatever reads an attribute of people is found before the attribute goes."""

import pytest

from integration.journeys.world import END, World, graph, say
from quanyu.app.analysing import build_analyses
from quanyu.flows.attribute_uses import AttributeUses, conditions_read, question_reads
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.dashboards.contracts import Card
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.rendering import attributes_of
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants


def test_conditions_read_what_they_compare_and_the_days_they_look_at() -> None:
    tree = {
        "kind": "any",
        "of": [
            {"kind": "attribute", "key": "level", "op": "is_set"},
            {
                "kind": "not",
                "of": {"kind": "date", "key": "computed.due", "when": {"kind": "this", "period": "day"}},
            },
        ],
    }
    assert conditions_read(parse_definition(tree)) == {"level", "computed.due"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ person.level }}, {{ person.computed.paid | default: 0 }}", {"level", "computed.paid"}),
        ("{% if person.city %}{{ event.level }}{% endif %}", {"city"}),
        ("hello", set()),
    ],
)
def test_a_message_says_attributes_of_the_person(text: str, said: set[str]) -> None:
    assert attributes_of(MessageKind.CUSTOMER_SERVICE_TEXT, {"text": text}) == said


def test_a_breakdown_reads_the_attribute_it_tells_people_apart_by() -> None:
    measure = {"measure": "people", "event": {"name": "Bought"}}
    for by, read in (({"kind": "person", "key": "level"}, {"level"}), (None, set())):
        shows = {"kind": "trend", "question": {**measure, "breakdown": by}}
        shown = Card.model_validate({"id": "a", "shows": shows}).shows
        assert question_reads(shown) == read  # type: ignore[arg-type]


async def test_readers_of_every_kind_are_named_and_faulty_drafts_hold_nothing_up(
    world: World, warehouse: Warehouse
) -> None:
    brand = world.brand
    analyses = build_analyses(warehouse, brand.people, Tenants(), brand.uows, brand.segments)
    uses = AttributeUses(brand.segments, analyses.saved_questions, analyses.dashboards, world.journeys)
    vip = {"kind": "attribute", "key": "level", "op": "eq", "value": "vip"}
    async with brand.uows.app(world.tenant) as uow:
        segment = await brand.segments.create(uow, SaveSegment(name="VIP", definition=vip))
        faulty = {"start": "nowhere", "nodes": {"send": {"kind": "send"}}}
        await world.journeys.create(uow, SaveJourney(name="half", definition=faulty))
    entry = {"kind": "event", "event": "Bought"}
    journey = await world.publish(graph(entry, told=say("{{ person.computed.paid }}", "out"), out=END))

    async with brand.uows.app(world.tenant) as uow:
        found = await uses.readers(uow, ["level", "computed.paid", "city"])
    named = {key: [(one.kind, one.id) for one in read] for key, read in found.items()}
    assert named == {
        "level": [("segment", segment.id)],
        "computed.paid": [("journey", encode_id("jrn", journey))],
    }
