"""What journeys change of people, by the services of people and lists."""

import asyncio
from dataclasses import replace
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.journeys.changing import Changer
from quanyu.modules.journeys.definition import Change
from quanyu.modules.journeys.ports import ChangeOf
from quanyu.modules.messaging.ports import BrandZones
from quanyu.modules.people.bulk.contracts import ChangeAttribute, ChangeList, ChangeTags
from quanyu.modules.people.bulk.ports import ListChange
from quanyu.modules.people.bulk.service import check_attribute
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.profile.service import attribute_set
from quanyu.modules.people.service import People
from quanyu.modules.people.tags.contracts import Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.segments.lists.members import ListMembers


class JourneyChanges:
    """``journeys.ports.Changes``."""

    def __init__(self, people: People, lists: ListMembers, zones: BrandZones) -> None:
        self._people = people
        self._giving = TagGiving()
        self._lists = lists
        self._zones = zones

    async def check(self, uow: UnitOfWork, change: Change) -> None:
        """Refuse tags that are not there, attributes of one person alone, and what is no list."""
        match change:
            case ChangeTags():
                nobody: list[PersonId] = []
                await self._giving.change(uow, nobody, _tags(change), cause=Cause(origin=Origin.JOURNEY))
            case ChangeAttribute():
                check_attribute(change.key)
            case ChangeList():
                await self._lists.check(uow, change.segment, adding=1)

    async def apply(self, uow: UnitOfWork, asked: ChangeOf) -> None:
        """Change people, and state it."""
        people = sorted(set(asked.people.values()))
        actor = f"journey:{asked.journey}"
        match asked.change:
            case ChangeTags():
                cause = Cause(origin=Origin.JOURNEY, actor=actor, about=asked.journey)
                await self._giving.change(uow, people, _tags(asked.change), cause=cause)
            case ChangeAttribute():
                await self._set(uow, asked, asked.change, actor)
            case ChangeList():
                await self._change_list(uow, asked, asked.change, actor)

    async def _set(self, uow: UnitOfWork, asked: ChangeOf, change: ChangeAttribute, actor: str) -> None:
        writes = [
            AttributeWrite(person_id=person, key=change.key, value=change.value)
            for person in sorted(set(asked.people.values()))
        ]
        await self._people.set_attributes(uow, writes, source=actor, occurred_at=asked.at, keep_past=True)
        for key, person in asked.people.items():
            cleared = change.value is None
            fact = attribute_set(person, change.key, actor, is_cleared=cleared, at=uow.clock.now())
            uow.publish(replace(fact, message_id=f"{fact.name}:{key}"))

    async def _change_list(self, uow: UnitOfWork, asked: ChangeOf, change: ChangeList, actor: str) -> None:
        """What a step does to a list within a day of the brand is one version of it."""
        day = asked.at.astimezone(ZoneInfo(await self._zones.zone_of(uow))).date()
        job = f"{asked.journey}:{asked.node}:{'put' if change.put else 'take'}:{day}"
        known = await self._people.canonical_ids(uow, list(asked.people.values()))
        ids = {
            int(profile): [int(one) for one in await self._people.members_of(uow, profile)]
            for profile in sorted(set(known.values()))
        }
        wanted = ListChange(segment=change.segment, puts=change.put, job=job, actor=actor)
        await self._lists.change_now(uow, wanted, ids)


class JourneyChanging:
    """The loop of one brand that does what steps of journeys change."""

    def __init__(self, uows: UnitOfWorkFactory, changes: JourneyChanges) -> None:
        self._changer = Changer(uows, changes)

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Do changes until ``stopping`` is set."""
        await work_until(
            stopping, lambda: self._changer.run_once(tenant_id), failed="journeys.changes_failed"
        )


def _tags(change: ChangeTags) -> TagChange:
    return TagChange(add=change.add, remove=change.remove, expires_at=change.expires_at)
