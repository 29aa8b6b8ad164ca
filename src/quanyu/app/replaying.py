"""Putting replays of journeys together."""

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.journeys.definition import Definition
from quanyu.modules.journeys.ports import Audience, Persons
from quanyu.modules.journeys.replay.running import Replayer
from quanyu.modules.journeys.replay.service import Replays
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People


def build_replays(
    uows: UnitOfWorkFactory,
    warehouse: Warehouse,
    people: People,
    audience: Audience,
    messaging: Messaging,
    journeys: Journeys,
    persons: Persons,
) -> Replays:
    """Build them; nothing of it needs closing."""

    async def draft_of(uow: UnitOfWork, journey_id: int) -> Definition:
        return await journeys.draft(uow, journey_id)

    replayer = Replayer(uows, warehouse, audience, persons, messaging.rehearsal, WorkPool(processes=2))
    return Replays(uows, draft_of, people, replayer)
