"""The tracking plan at the door, on the real log: warn, quarantine, reject, and letting in after a fix."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from quanyu.app.tracking.door import TrackingDoor
from quanyu.app.tracking.gate import PlanGate
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.quarantine import Quarantine
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import AcceptOutcome
from quanyu.modules.events.plan import notes as notes_module
from quanyu.modules.events.plan import queries
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.contracts import PlanMode, PropertyRule, SavePlan, SourceRule
from quanyu.modules.events.plan.notes import IssueNotes
from quanyu.modules.events.service import Log
from quanyu.modules.events.sources.notes import SourceNotes
from quanyu.modules.tenants.service import Tenants, WriteKeys

NUMBER = PropertyRule(key="price", type="number", required=True)


class Shop:
    """A door with a plan, and what came of what was sent to it."""

    def __init__(self, tenant: TenantId, uows: UnitOfWorkFactory, intake: Intake, client: httpx.AsyncClient):
        self.tenant = tenant
        self.uows = uows
        self.intake = intake
        self.client = client
        self.books = PlanBooks(uows)
        self.notes = IssueNotes(uows)
        self.quarantine = Quarantine(uows, intake, self.books)

    async def plan(self, name: str, mode: PlanMode, *rules: PropertyRule) -> None:
        async with self.uows.app(self.tenant) as uow:
            await queries.save_plan(uow, name, SavePlan(mode=mode, properties=rules))
        self.books.forget(self.tenant)

    async def rule_unknown(self, mode: PlanMode) -> None:
        async with self.uows.app(self.tenant) as uow:
            await queries.save_source_rule(uow, SourceRule(source="website", unknown=mode))
        self.books.forget(self.tenant)

    async def send(self, *events: dict[str, Any]) -> httpx.Response:
        body = json.dumps({"batch": [{"type": "track", "userId": "u", **event} for event in events]})
        return await self.client.post("/v1/batch", content=body)

    async def logged(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (row[0], row[1])
            for row in await self._rows(
                "SELECT message_id, properties FROM log_event WHERE tenant_id = :tenant ORDER BY position"
            )
        ]

    async def aside(self) -> list[tuple[str, list[dict[str, Any]]]]:
        page = await self.quarantine.list_events(self.tenant)
        return [(one.message_id, [v.model_dump(mode="json") for v in one.violations]) for one in page.items]

    async def issues(self) -> list[tuple[str, str, str, str, int, str]]:
        await self.notes.write()
        async with self.uows.app(self.tenant) as uow:
            sums = await queries.list_issues(uow, name=None)
        return sorted((one.outcome, one.name, one.problem, one.key, one.count, one.sample) for one in sums)

    async def _rows(self, sql: str) -> list[Any]:
        async with self.uows.system(self.tenant) as uow:
            return list(await uow.execute(sql, {"tenant": self.tenant}))


@pytest.fixture
async def shop(
    database: Database, uows: UnitOfWorkFactory, clock: FixedClock, key_ring: KeyRing, tenant_id: TenantId
) -> AsyncIterator[Shop]:
    log = Log()
    async with uows.app(tenant_id) as uow:
        key = await Tenants().make_write_key(uow, name="site", source="website")
    async with Collector(log, database.connect_system, clock) as collector:
        intake = Intake(log, collector, key_ring)
        shop = Shop(tenant_id, uows, intake, httpx.AsyncClient())
        gate = PlanGate(shop.books, shop.notes, SourceNotes(uows))
        door = TrackingDoor(intake, WriteKeys(uows), clock, gate)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(door), base_url="http://shop", auth=(key, "")
        ) as client:
            shop.client = client
            yield shop


def viewed(message_id: str, **properties: Any) -> dict[str, Any]:
    return {"event": "Viewed", "messageId": message_id, "properties": properties}


async def test_warned_events_are_taken_and_counted(shop: Shop) -> None:
    await shop.plan("Viewed", PlanMode.WARN, NUMBER)

    answer = await shop.send(viewed("1", price="12"), viewed("2", price=12), viewed("3"))

    assert answer.json() == {"success": True, "accepted": 3, "duplicate": 0, "duplicate_differs": 0}
    assert [one for one, _ in await shop.logged()] == ["1", "2", "3"]
    assert await shop.issues() == [
        ("warned", "Viewed", "missing", "price", 1, ""),
        ("warned", "Viewed", "wrong_type", "price", 1, "12"),
    ]


async def test_rejected_events_are_told_by_place_and_leave_nothing(shop: Shop) -> None:
    await shop.plan("Viewed", PlanMode.REJECT, NUMBER)

    answer = (await shop.send(viewed("1", price=1), viewed("2", price="x"))).json()
    assert (answer["accepted"], len(answer["rejected"])) == (1, 1)
    assert answer["rejected"][0] | {"message": "", "message_zh": ""} == {
        "index": 1, "code": "tracking.invalid_event", "reason": "plan.wrong_type",
        "message": "", "message_zh": "", "field": "properties.price",
    }  # fmt: skip
    alone = await shop.client.post("/v1/track", json={"userId": "u", **viewed("3")})
    assert (alone.status_code, alone.json()["reason"]) == (400, "plan.missing")
    assert "properties.price" in alone.json()["message_zh"]

    assert [one for one, _ in await shop.logged()] == ["1"]
    await shop.plan("Viewed", PlanMode.OFF)  # Nothing of them was kept: sent again, they are taken.
    assert (await shop.send(viewed("2", price="x"))).json() == {"success": True}


async def test_what_is_kept_aside_is_let_in_after_a_fix(shop: Shop) -> None:
    await shop.plan("Viewed", PlanMode.QUARANTINE, NUMBER)

    held = (await shop.send(viewed("1", price="12", phone="13812345678"), viewed("2", price=3))).json()
    assert (held["accepted"], held["quarantined"]) == (1, 1)
    assert await shop.aside() == [("1", [{"problem": "wrong_type", "key": "price", "shown": "12"}])]
    again = (await shop.send(viewed("1", price="12", phone="13812345678"))).json()
    assert again == {"success": True, "duplicate": "duplicate"}

    unfixed = await shop.quarantine.release(shop.tenant)
    assert (unfixed.released, unfixed.kept, unfixed.pending) == (0, 1, 1)
    await shop.plan("Viewed", PlanMode.QUARANTINE, PropertyRule(key="price", required=True))
    fixed = await shop.quarantine.release(shop.tenant)
    assert (fixed.released, fixed.kept, fixed.pending) == (1, 0, 0)

    assert await shop.aside() == []
    # As if it had been taken at once: what is private is sealed, the rest as it was sent.
    assert await shop.logged() == [("2", {"price": 3}), ("1", {"price": "12"})]
    assert (await shop.send(viewed("1", price="12", phone="13812345678"))).json() == again


async def test_a_crash_while_letting_in_loses_nothing_and_doubles_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.plan("Viewed", PlanMode.QUARANTINE, NUMBER)
    await shop.send(viewed("1"))
    append = Intake.release

    async def append_and_die(*args: Any) -> None:
        await append(*args)
        raise ConnectionError

    monkeypatch.setattr(Intake, "release", append_and_die)
    with pytest.raises(ConnectionError):
        await shop.quarantine.release(shop.tenant, anyway=True)
    assert (await shop.logged(), [one for one, _ in await shop.aside()]) == ([], ["1"])

    monkeypatch.setattr(Intake, "release", append)
    assert (await shop.quarantine.release(shop.tenant, anyway=True)).released == 1
    assert [one for one, _ in await shop.logged()] == ["1"]


async def test_keeping_aside_is_part_of_the_commit_that_accepts(shop: Shop, clock: FixedClock) -> None:
    event = IntakeEvent(
        kind="track", name="Viewed", source="website", message_id="1", occurred_at=clock.now(), aside=b"[]"
    )

    async def accept_and_die() -> None:
        async with shop.uows.system(shop.tenant) as uow:
            assert await shop.intake.append(uow, [event]) == [AcceptOutcome.QUARANTINED]
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await accept_and_die()
    assert await shop.aside() == []

    async with shop.uows.system(shop.tenant) as uow:
        assert await shop.intake.append(uow, [event]) == [AcceptOutcome.QUARANTINED]
    assert (await shop.logged(), await shop.aside()) == ([], [("1", [])])


async def test_events_are_let_in_anyway_or_thrown_away(shop: Shop) -> None:
    await shop.rule_unknown(PlanMode.QUARANTINE)
    await shop.plan("Viewed", PlanMode.QUARANTINE, NUMBER)
    single = await shop.client.post("/v1/track", json={"userId": "u", "event": "Made Up", "messageId": "m"})
    assert single.json() == {"success": True, "quarantined": 1}
    await shop.send(viewed("1"), viewed("2"))

    assert (await shop.quarantine.release(shop.tenant, name="Made Up", anyway=True)).released == 1
    assert [one for one, _ in await shop.logged()] == ["m"]
    assert await shop.quarantine.discard(shop.tenant, name="Viewed") == 2
    assert await shop.aside() == []


async def test_made_up_names_and_refusals_are_counted_within_bounds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes_module, "NAMES_MAX", 2)
    await shop.rule_unknown(PlanMode.REJECT)
    await shop.send(*({"event": f"made up {number}"} for number in range(5)), {"event": ""})

    assert await shop.issues() == [
        ("refused", "", "event.name_missing", "", 1, ""),
        ("rejected", "", "unknown_event", "", 3, ""),
        ("rejected", "made up 0", "unknown_event", "", 1, ""),
        ("rejected", "made up 1", "unknown_event", "", 1, ""),
    ]


async def test_values_that_name_people_are_not_kept_as_samples(shop: Shop) -> None:
    await shop.plan(
        "Viewed",
        PlanMode.WARN,
        PropertyRule(key="phone", max_length=3),
        PropertyRule(key="color", max_length=3),
    )
    await shop.send(viewed("1", phone="13812345678", color="tomato"))

    assert await shop.issues() == [
        ("warned", "Viewed", "too_long", "color", 1, "tomato"),
        ("warned", "Viewed", "too_long", "phone", 1, ""),
    ]
