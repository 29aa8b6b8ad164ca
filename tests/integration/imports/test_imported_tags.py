"""Tags an imported list states are given to whoever its rows turned out to be."""

import pytest

from integration.segments.world import Brand, build_brand, happened
from quanyu.flows.imports.beside import TAGS_STATED
from quanyu.flows.imports.tagging import ImportedTags
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.people.tags.contracts import CarriedTag, NewTag, SaveTagGroup
from quanyu.modules.people.tags.service import PersonTags


@pytest.fixture
def brand(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Brand:
    return build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )


def stated(
    brand: Brand, user: str, *tags: str, group: str = "等级", source: str = "import:crm"
) -> IntakeEvent:
    event = happened(
        TAGS_STATED,
        user,
        brand.clock.now(),
        message_id=f"{user}:{group}:{tags}:{source}",
        properties={"group": group, "tags": list(tags)},
    )
    event.source = source
    return event


async def settle(brand: Brand, tags: PersonTags) -> None:
    react = React(brand.uows, ImportedTags(tags), brand.people.canonical_ids, BatchNames())
    while await react.run_once(brand.tenant):
        pass


async def carried(brand: Brand, tags: PersonTags, user: str) -> list[CarriedTag]:
    person = PersonId(await brand.person(user))
    async with brand.uows.app(brand.tenant) as uow:
        return (await tags.giving.carried(uow, [person]))[person]


async def test_groups_and_tags_are_made_given_and_say_where_they_came_from(
    brand: Brand, warehouse: Warehouse
) -> None:
    tags = PersonTags(warehouse)
    await brand.tell(stated(brand, "u1", "金卡", "常客"), stated(brand, "u2", "金卡"))
    await settle(brand, tags)
    await brand.tell(stated(brand, "u1", "金卡", source="import:again"))
    await settle(brand, tags)

    assert [one.name for one in await carried(brand, tags, "u1")] == ["金卡", "常客"]
    (gold,) = await carried(brand, tags, "u2")
    assert (gold.group, gold.origin.value, gold.actor) == ("等级", "import", "import:crm")


async def test_of_a_group_where_one_counts_the_last_stays(brand: Brand, warehouse: Warehouse) -> None:
    tags = PersonTags(warehouse)
    async with brand.uows.app(brand.tenant) as uow:
        group = await tags.add_group(uow, SaveTagGroup(name="等级", is_exclusive=True))
        await tags.add_tag(uow, NewTag(group=group, name="银卡"), actor="小林")
    await brand.tell(stated(brand, "u1", "银卡", "金卡"))
    await settle(brand, tags)

    assert [one.name for one in await carried(brand, tags, "u1")] == ["金卡"]


async def test_nobody_gives_tags_by_sending_an_event_of_that_name(brand: Brand, warehouse: Warehouse) -> None:
    tags = PersonTags(warehouse)
    await brand.tell(stated(brand, "u1", "金卡", source="web"), stated(brand, "u1", "x" * 41))
    await settle(brand, tags)

    assert await carried(brand, tags, "u1") == []
    async with brand.uows.app(brand.tenant) as uow:
        assert await tags.names(uow) == {}
