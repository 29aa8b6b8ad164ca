"""Wiring of broadcasts."""

from dataclasses import dataclass

from quanyu.app.adapters import TenantZones
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.insight.rhythm.study import RhythmDesk
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People
from quanyu.modules.plays.broadcasts.results import Results
from quanyu.modules.plays.broadcasts.running import Running
from quanyu.modules.plays.broadcasts.service import Broadcasts
from quanyu.modules.plays.broadcasts.waves import WaveCheck
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class BroadcastServices:
    """What doors and workers need."""

    broadcasts: Broadcasts
    results: Results
    running: Running


def build_broadcasts(
    uows: UnitOfWorkFactory,
    warehouse: Warehouse,
    segments: Segments,
    messaging: Messaging,
    people: People,
    tenants: Tenants,
    experiments: Experiments,
    rhythm: RhythmDesk,
) -> BroadcastServices:
    """Build the services of broadcasts."""
    zones = TenantZones(tenants)
    broadcasts = Broadcasts(segments, messaging, people, zones)
    results = Results(uows, warehouse, tenants, messaging, broadcasts)
    running = Running(
        uows,
        segments,
        messaging,
        experiments,
        canonical=people.canonical_ids,
        hours=rhythm,
        zones=zones,
        waves=WaveCheck(uows, messaging, results),
    )
    return BroadcastServices(broadcasts, results, running)
