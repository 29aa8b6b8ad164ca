"""Wiring of lists of people and jobs about many: segments tell what conditions mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from quanyu.app.people_exports import build_people_exports
from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import decode_id
from quanyu.modules.journeys.choosing import ChosenPeople
from quanyu.modules.people.bulk import routes as job_routes
from quanyu.modules.people.bulk.chores import PeopleJobChores
from quanyu.modules.people.bulk.ports import Reach
from quanyu.modules.people.bulk.service import PeopleJobDesk
from quanyu.modules.people.export.service import PeopleExports
from quanyu.modules.people.listing import routes as list_routes
from quanyu.modules.people.listing.service import PeopleLists
from quanyu.modules.people.service import People
from quanyu.modules.segments.compiler import Compiled, compile_definition
from quanyu.modules.segments.lists.members import ListMembers
from quanyu.modules.segments.service import Segments, evaluation_at
from quanyu.modules.tenants.service import Tenants


class SegmentConditions:
    """``people.listing.ports.Conditions`` from segments."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    def compile(self, definition: Mapping[str, Any], *, at: datetime, time_zone: str) -> Compiled:
        """Check and compile a tree."""
        return compile_definition(self._segments.read(definition), evaluation_at(at, time_zone))

    async def members(self, uow: UnitOfWork, segment: str) -> Sequence[int]:
        """Return the stored members of a segment."""
        return await self._segments.member_ids(uow, decode_id("seg", segment))


@dataclass(frozen=True, slots=True)
class PeopleListServices:
    """What the application opens and runs."""

    lists: PeopleLists
    desk: PeopleJobDesk
    exports: PeopleExports
    chores: PeopleJobChores
    routers: tuple[APIRouter, ...]
    per_brand: tuple[BrandLoop, ...]


def build_people_lists(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    warehouse: Warehouse,
    people: People,
    tenants: Tenants,
    segments: Segments,
    *,
    exports: Path,
) -> PeopleListServices:
    """Build lists and jobs, their doors and the loop of jobs."""
    lists = PeopleLists(uows, keyring, warehouse, people, tenants, SegmentConditions(segments))
    desk = PeopleJobDesk(uows, keyring, lists, Reach(ListMembers(segments), ChosenPeople()))
    chores = PeopleJobChores(uows, desk)
    files, export_router, export_loop = build_people_exports(
        uows, keyring, warehouse, people, tenants, desk, directory=exports
    )
    return PeopleListServices(
        lists=lists,
        exports=files,
        desk=desk,
        chores=chores,
        routers=(list_routes.router(lists), job_routes.router(desk), export_router),
        per_brand=(chores.run, export_loop),
    )
