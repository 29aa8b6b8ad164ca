"""A brand with people, tags, rules and the loops that keep them, driven step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from integration.segments.world import Api, Brand, build_brand, happened
from quanyu.flows import tag_rule_routes
from quanyu.flows.tag_rules import TagRuleKeeper, TagRules
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.people import routes as people_routes
from quanyu.modules.people.tags import routes as tag_routes
from quanyu.modules.people.tags.chores import TagChores
from quanyu.modules.people.tags.contracts import NewTag, Origin, SaveTagGroup, TagChange, TagsChanged
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.tags.service import PersonTags

HAND = Cause(origin=Origin.MANUAL, actor="小林")


@dataclass
class Desk:
    """Gives and takes tags, and looks at who carries what."""

    brand: Brand
    tags: PersonTags
    rules: TagRules
    keeper: TagRuleKeeper
    chores: TagChores
    api: Api

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """Call a route under ``/api/v1``."""
        return await self.api.call(method, f"/api/v1{path}", body, **query)

    async def group(
        self, name: str, *tags: str, exclusive: bool = False, lasts: int | None = None
    ) -> list[str]:
        """Make a group with tags; return [group, tag, …]."""
        async with self.brand.uows.app(self.brand.tenant) as uow:
            group = await self.tags.add_group(uow, SaveTagGroup(name=name, is_exclusive=exclusive))
            made = [
                await self.tags.add_tag(uow, NewTag(group=group, name=tag, lasts_days=lasts), actor="小林")
                for tag in tags
            ]
        return [group, *made]

    async def arrive(self, *users: str) -> None:
        """Let people come to be."""
        at = self.brand.clock.now()
        await self.brand.tell(*(happened("Viewed", user, at, message_id=f"arrive:{user}") for user in users))

    async def change(self, *users: str, cause: Cause = HAND, **change: Any) -> TagsChanged:
        """Change tags of the people behind user ids."""
        people = [PersonId(one) for one in await self.brand.ids(*users)]
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return await self.tags.giving.change(uow, people, TagChange(**change), cause=cause)

    async def names(self, user: str) -> list[str]:
        """Return what a user carries, by name."""
        return await self.names_of(await self.brand.person(user))

    async def names_of(self, number: int) -> list[str]:
        """Return what a person carries, by name."""
        person = PersonId(number)
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return [tag.name for tag in (await self.tags.giving.carried(uow, [person]))[person]]

    async def counts(self) -> dict[str, int | None]:
        """Return how many people carry each tag, as the warehouse knows it."""
        await self.brand.drain()
        async with self.brand.uows.app(self.brand.tenant) as uow:
            book = await self.tags.book(uow)
        return {tag.name: tag.people for group in book.groups for tag in group.tags}

    async def work(self) -> None:
        """Let the loops do everything that waits."""
        while await self.chores.run_once(self.brand.tenant):
            pass

    async def follow_rules(self) -> None:
        """Evaluate the segments of rules and follow them."""
        await self.brand.drain()
        async with self.brand.uows.system(self.brand.tenant) as uow:
            owned = [number for number, one in (await self.brand.segments.standing(uow)).items() if one.owner]
        for number in owned:
            await self.brand.refresher.refresh(self.brand.tenant, number)
        while await self.keeper.run_once(self.brand.tenant):
            pass
        await self.brand.drain()

    async def told(self) -> list[tuple[str, str, str, str]]:
        """Return (added or removed, tag, source, actor) of every fact, in the order stated."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            rows = await uow.execute(
                "SELECT name, properties->>'tag' AS tag, properties->>'source' AS source, "
                "properties->>'actor' AS actor FROM log_event WHERE tenant_id = :tenant "
                "AND name LIKE 'people.tag_%' ORDER BY position",
                {"tenant": self.brand.tenant},
            )
            return [
                (row.name.removeprefix("people.tag_"), row.tag, row.source, row.actor or "") for row in rows
            ]


@pytest.fixture
def desk(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Desk:
    brand = build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    tags = PersonTags(warehouse)
    rules = TagRules(uows, tags, brand.segments)

    async def members(uow: UnitOfWork, segment: str) -> Sequence[int]:
        return await brand.segments.member_ids(uow, decode_id("seg", segment))

    api = Api(
        brand,
        people_routes.router(brand.people, members, tags),
        tag_routes.router(tags, members),
        tag_rule_routes.router(rules),
    )
    return Desk(brand, tags, rules, TagRuleKeeper(uows, tags, brand.segments), TagChores(uows, tags), api)


def person_id(number: int) -> str:
    """Return a person's outside id."""
    return encode_id("per", number)
