"""A brand whose imports of people go all the way and are taken back, and everything that is known of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.imports.world import World
from integration.segments.world import Brand
from quanyu.flows.imports.contracts import ImportDetail
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.tagging import ImportedTags
from quanyu.flows.imports.undo.contracts import UndoCounts, UndoState
from quanyu.flows.imports.undo.service import ImportUndos
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.consent.subscribers import ConsentSubscriber
from quanyu.modules.people.tags.service import PersonTags

HEADER = "用户,姓名,城市,标签,同意,时间"
MAP = """
kind = "people"
source = "crm"
time_zone = "UTC"

[time]
column = "时间"
formats = ["%Y-%m-%d %H:%M"]

[identifiers]
user_id = "用户"

[traits]
name = "姓名"
city = "城市"

[tags]
"等级" = { column = "标签", separators = ";" }

[consent]
marketing = "同意"
"""


@dataclass
class UndoWorld:
    """What tests drive by hand: imports, the pipeline with those who hear imports, and undos."""

    world: World
    brand: Brand
    undos: ImportUndos
    tags: PersonTags
    reacts: list[React]
    files: Path
    number: int = 0

    async def bring(self, *rows: str) -> ImportDetail:
        """Import rows about people and let everybody hear of them."""
        self.number += 1
        file = self.files / f"people-{self.number}.csv"
        file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        done = await self.world.run(file, MAP, kind=ImportKind.PEOPLE)
        assert done.error is None, done.error
        await self.settle()
        return done

    async def settle(self) -> None:
        """Resolve, store and react until nothing is left."""
        for _ in range(3):  # What is heard states facts.
            await self.brand.drain()
            for react in self.reacts:
                while await react.run_once(self.brand.tenant):
                    pass

    async def undo(self, import_id: str) -> UndoCounts:
        """Take an import back and wait until it is."""
        await self.undos.start(self.brand.tenant, import_id, actor="小林")
        await self.finish()
        await self.settle()
        found = (await self.undos.get(self.brand.tenant, import_id)).undo
        assert found is not None
        assert found.state is UndoState.DONE
        return found.counts

    async def finish(self) -> None:
        """Work until no undo waits."""
        while await self.undos.run_once(self.brand.tenant):
            pass

    async def knows(self) -> dict[str, Any]:
        """Return what is known of each user: attributes that count with their source, tags, consent."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            rows = await uow.execute(
                "SELECT i.sealed, p.canonical_id FROM identity i JOIN person p ON p.tenant_id = i.tenant_id "
                "AND p.id = i.canonical_id WHERE i.tenant_id = :tenant AND i.namespace = 'user_id'",
                {"tenant": self.brand.tenant},
            )
            people = sorted({row.canonical_id for row in rows})
        return {str(one): await self._known(one) for one in people}

    async def _known(self, person: int) -> dict[str, Any]:
        async with self.brand.uows.system(self.brand.tenant) as uow:
            profile = await self.brand.people.get_profile(uow, person)  # type: ignore[arg-type]
            carried = await self.tags.giving.carried(uow, [person])  # type: ignore[list-item]
            consent = await Consent().of_person(uow, person)  # type: ignore[arg-type]
        return {
            "attributes": sorted(
                (one.key, str(one.value), one.source, one.occurred_at) for one in profile.attributes
            ),
            "tags": sorted(
                (one.name, one.origin.value, one.actor, one.expires_at)
                for one in carried[person]  # type: ignore[index]
            ),
            "consent": sorted((one.purpose, str(one.channel), one.is_allowed) for one in consent.standings),
        }


def build(world: World, brand: Brand, warehouse: Warehouse, keyring: Any, files: Path) -> UndoWorld:
    """Put the real parts together."""
    tags, names = PersonTags(warehouse), BatchNames()
    hearers = (ImportedTags(tags), ConsentSubscriber(Consent()))
    return UndoWorld(
        world=world,
        brand=brand,
        undos=ImportUndos(brand.uows, warehouse, keyring),
        tags=tags,
        reacts=[React(brand.uows, one, brand.people.canonical_ids, names) for one in hearers],
        files=files,
    )
