"""Wiring of staff live codes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.codes import landing
from quanyu.modules.staff.codes import routes as code_routes
from quanyu.modules.staff.codes.adapters import ContactNames, DirectoryColleagues, RelationBonds
from quanyu.modules.staff.codes.borders import BorderWorker
from quanyu.modules.staff.codes.checking import Checker
from quanyu.modules.staff.codes.leading import Leader
from quanyu.modules.staff.codes.notes import NoteWorker
from quanyu.modules.staff.codes.ports import JoinWayCount, NoJoinWays, NoTags, TagGiver
from quanyu.modules.staff.codes.quotas import QuotaMeter, Sweeper
from quanyu.modules.staff.codes.renames import CodeRenames
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.service import LiveCodeDesk
from quanyu.modules.staff.codes.states import CodeStates, StateSigner
from quanyu.modules.staff.codes.statistics import LiveCodeStatistics
from quanyu.modules.staff.codes.subscribers import LiveCodeSubscriber
from quanyu.modules.staff.codes.ways import WayWorker
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCodeServices:
    """The use cases of live codes, what they hear of the log, and their loops."""

    desk: LiveCodeDesk
    states: CodeStates
    renames: CodeRenames
    subscriber: LiveCodeSubscriber
    routers: tuple[APIRouter, ...]
    per_brand: Sequence[BrandLoop]


def build_live_codes(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    corps: Corps,
    clients: CorpClients,
    warehouse: Warehouse,
    *,
    public_url: str,
    recognition: Recognition,
    tags: TagGiver | None = None,
    join_ways: JoinWayCount | None = None,
) -> LiveCodeServices:
    """Build everything of live codes."""

    async def zone_of(uow: UnitOfWork) -> str:
        return (await tenants.get_brand(uow)).time_zone

    async def brand_name(uow: UnitOfWork) -> str:
        return (await tenants.get_brand(uow)).name

    colleagues, bonds = DirectoryColleagues(), RelationBonds()
    states = CodeStates(StateSigner(keyring))
    router, meter = Router(colleagues, states, zone_of), QuotaMeter(join_ways or NoJoinWays())
    desk = LiveCodeDesk(
        colleagues=colleagues,
        states=states,
        router=router,
        meter=meter,
        checker=Checker(colleagues, meter),
        public_url=public_url,
    )
    worker = WayWorker(uows, clients)
    router.on_change(worker.wake)
    leader = Leader(colleagues, bonds, states)
    leader.make_ways_with(worker.run_once)
    return LiveCodeServices(
        desk=desk,
        states=states,
        renames=CodeRenames(router),
        subscriber=LiveCodeSubscriber(corps, states, router, bonds, tags or NoTags()),
        routers=(
            code_routes.router(desk, corps, worker),
            code_routes.figures_router(desk, LiveCodeStatistics(warehouse), tenants.get_brand),
            landing.router(uows, states, leader, brand_name, recognition),
        ),
        per_brand=(
            worker.run,
            BorderWorker(uows, router).run,
            NoteWorker(uows, clients, ContactNames(keyring)).run,
            Sweeper(uows, clients, corps, states.signer).run,
        ),
    )
