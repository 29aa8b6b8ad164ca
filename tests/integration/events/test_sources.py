"""What the door tells of its sources, and how far the pipeline is behind them."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from integration.events.world import Brand, order
from quanyu.app.tracking.door import TrackingDoor
from quanyu.app.tracking.gate import PlanGate
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.notes import IssueNotes
from quanyu.modules.events.service import Log
from quanyu.modules.events.sources import notes as notes_module
from quanyu.modules.events.sources.contracts import SourceHealth, SourceState
from quanyu.modules.events.sources.notes import SourceNotes
from quanyu.modules.events.sources.service import Sources
from quanyu.modules.tenants.service import Tenants, WriteKeys


async def health(uows: UnitOfWorkFactory, tenant_id: TenantId, source: str) -> SourceHealth:
    found = (await Sources(uows, ()).view(tenant_id)).sources
    return next(one for one in found if one.source == source)


def event(message_id: str, at: Any, **changes: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": "u",
        "messageId": message_id,
        "timestamp": at.isoformat(),
    } | changes


async def test_every_outcome_at_the_door_is_counted_by_source(
    uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock, database: Database, key_ring: KeyRing
) -> None:
    async with uows.app(tenant_id) as uow:
        key = await Tenants().make_write_key(uow, name="官网", source="website")
        await Tenants().make_write_key(uow, name="收银", source="pos")
    now, log, heard = clock.now(), Log(), SourceNotes(uows)
    async with Collector(log, database.connect_system, clock) as collector:
        gate = PlanGate(PlanBooks(uows), IssueNotes(uows), heard)
        door = TrackingDoor(Intake(log, collector, key_ring), WriteKeys(uows), clock, gate)
        transport = httpx.ASGITransport(door)
        async with httpx.AsyncClient(transport=transport, base_url="http://door", auth=(key, "")) as client:

            async def send(*events: dict[str, Any], **more: Any) -> None:
                answer = await client.post("/v1/batch", content=json.dumps({"batch": events, **more}))
                assert answer.status_code == 200, answer.text

            await send(event("1", now), event("2", now - timedelta(days=2)), event("bad", now, event=""))
            await send(event("1", now), event("2", now - timedelta(days=2), event="Other"))
            ahead = now + timedelta(hours=7)
            await send(event("3", ahead), sentAt=ahead.isoformat())
            await client.post("/v1/track", content=json.dumps({"event": "E"}))
    await heard.write()
    await heard.write()  # Nothing is left to count twice.

    found = await health(uows, tenant_id, "website")

    assert (found.accepted, found.duplicates, found.differs, found.rejected) == (3, 1, 1, 2)
    assert (found.late, found.skewed, found.skew_max_s) == (2, 1, 7 * 3600)
    assert (found.state, found.last_event) == (SourceState.HEALTHY, "Product Viewed")
    assert found.last_heard_at == now
    assert [(one.hour, one.events) for one in found.hours if one.events] == [
        (now.replace(minute=0, second=0, microsecond=0), 3)
    ]
    assert len(found.hours) == 24
    waiting = await health(uows, tenant_id, "pos")
    assert (waiting.state, waiting.has_key, waiting.last_heard_at) == (SourceState.WAITING, True, None)


async def test_what_cannot_be_written_now_is_written_later(
    uows: UnitOfWorkFactory, tenant_id: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = SourceNotes(uows)
    heard.rejected(tenant_id, "website", 3)
    with monkeypatch.context() as broken:
        broken.setattr(notes_module, "_ADD", "SELECT 1 / 0")
        with pytest.raises(Exception, match="division by zero"):
            await heard.write()
    heard.rejected(tenant_id, "website", 4)
    await heard.write()

    assert (await health(uows, tenant_id, "website")).rejected == 7


async def test_the_stages_tell_how_far_they_are_behind(brand: Brand, clock: FixedClock) -> None:
    sources = Sources(brand.uows, ("react:reader",))

    async def behind() -> dict[str, tuple[int, float]]:
        view = await sources.view(brand.tenant_id)
        return {one.stage: (one.events, one.seconds) for one in view.stages}

    assert await behind() == {"resolve": (0, 0.0), "store": (0, 0.0), "react:reader": (0, 0.0)}
    await brand.accept(*(order(number) for number in range(5)))
    clock.advance(timedelta(seconds=90))
    assert await behind() == {"resolve": (5, 90.0), "store": (0, 0.0), "react:reader": (0, 0.0)}
    await brand.resolve.run_once(brand.tenant_id)
    assert await behind() == {"resolve": (0, 0.0), "store": (5, 90.0), "react:reader": (0, 0.0)}
    await brand.store.run_once(brand.tenant_id)
    assert await behind() == {"resolve": (0, 0.0), "store": (0, 0.0), "react:reader": (5, 90.0)}
    await brand.pipeline()
    assert await behind() == {"resolve": (0, 0.0), "store": (0, 0.0), "react:reader": (0, 0.0)}
