"""Live codes over the real wire: made, changed, lost and removed at a sandbox; scanned by its people."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.wecom.corp import Corp as Sandbox
from contract.wecom.corp import running_corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.adapters import ContactNames
from quanyu.modules.staff.codes.contracts import LiveCode, Place, PushStatus
from quanyu.modules.staff.codes.leading import Shows
from quanyu.modules.staff.codes.notes import NoteWorker
from quanyu.modules.staff.codes.quotas import UNUSED, Sweeper
from quanyu.modules.staff.codes.states import LiveCodeId
from quanyu.modules.staff.codes.ways import WayWorker
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from quanyu.wechat.wecom import contact_ways as calls
from quanyu.wechat.wecom.client import WeComClient

from .conftest import Corp
from .live_codes import World

ADD = "/cgi-bin/externalcontact/add_contact_way"
UPDATE = "/cgi-bin/externalcontact/update_contact_way"


class MovableClock:
    """Real time, as the sandbox keeps it, and a little more."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()

    def advance(self, span: timedelta) -> None:
        self.ahead += span


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_corp(tmp_path_factory.mktemp("codes")) as running:
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


class OneClient:
    """Gives the sandbox's client for every corp."""

    def __init__(self, client: WeComClient, corp_id: AccountId) -> None:
        self.client = client
        self._corp_id = corp_id

    async def get(self, tenant_id: TenantId, corp_id: AccountId, /) -> WeComClient:
        return self.client

    async def corp_ids(self, uow: UnitOfWork) -> list[AccountId]:
        return [self._corp_id]


@dataclass
class Wire:
    """A world whose codes the sandbox keeps."""

    world: World
    sandbox: Sandbox
    clients: OneClient
    worker: WayWorker
    sweeper: Sweeper
    clock: MovableClock
    people: int = 0

    async def work(self) -> None:
        """Do what is due, and what becomes due by it within a few seconds."""
        for _ in range(4):
            while await self.worker.run_once(self.world.corp.tenant_id):
                pass
            self.clock.advance(timedelta(seconds=2))

    async def ways(self) -> list[dict[str, Any]]:
        """The codes the platform has, of this test alone."""
        found = (await self.sandbox.control("GET", "/ways"))["items"]
        corp_id = self.world.corp.corp_id
        return [way for way in found if self.world.states.signer.read(corp_id, way["state"]) is not None]

    async def shown(self, code_id: LiveCodeId) -> LiveCode:
        return await self.world.shown(code_id)

    async def fault(self, path: str, **what: Any) -> None:
        await self.sandbox.control("POST", "/faults", {"path": path, "times": 1, **what})

    async def scan(self, code_id: LiveCodeId, person: int) -> str:
        """A person scans the picture; the log hears of it. Return who serves them."""
        picture = (await self.shown(code_id)).way.qr_code
        scanned = await self.sandbox.control("POST", f"/customers/{person}/scan", {"code": picture})
        customer, userid = scanned["external_userid"], scanned["userid"]
        assert scanned["link"]["state"] == await self.world.state(code_id)
        event = self.world.corp.event(
            "customer_added", userid, customer, at=0, state=scanned["link"]["state"]
        )
        await self.world.hear(replace(event, occurred_at=self.clock.now()))
        return str(userid)


@pytest.fixture
async def wire(
    sandbox: Sandbox,
    transport: Transport,
    uows: UnitOfWorkFactory,
    corp: Corp,
    key_ring: KeyRing,
    clock: MovableClock,
) -> Wire:
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")
    world = World.of(uows, corp, key_ring)
    clients = OneClient(sandbox.client(transport, "app"), corp.corp_id)
    await world.members(*await sandbox.staff())
    worker = WayWorker(uows, clients)
    world.leader.make_ways_with(worker.run_once)
    sweeper = Sweeper(uows, clients, clients, world.states.signer)
    return Wire(world, sandbox, clients, worker, sweeper, clock)


async def test_cw_3_cw_4_scans_are_led_on_as_caps_are_reached(wire: Wire) -> None:
    first, second = (await wire.sandbox.staff())[:2]
    members = {first: {"daily_cap": 2}, second: {}}
    code_id = await wire.world.create(members, distribution="sequential")
    await wire.work()
    made = await wire.shown(code_id)
    assert (made.way.status, made.way.actual_users) == (PushStatus.IN_STEP, (first,))

    served = []
    for person in range(1, 5):
        served.append(await wire.scan(code_id, person))
        await wire.work()

    assert served == [first, first, second, second]
    (way,) = await wire.ways()
    assert (way["user"], way["config_id"]) == ([second], made.way.config_id)  # The same picture.
    assert (await wire.shown(code_id)).row.over_cap_today == 0


async def test_cw_11_shares_follow_the_weights(wire: Wire) -> None:
    first, second = (await wire.sandbox.staff())[:2]
    code_id = await wire.world.create({first: {"weight": 2}, second: {"weight": 1}})
    await wire.work()
    served = []
    for person in range(1, 10):
        served.append(await wire.scan(code_id, person))
        await wire.work()
    assert (served.count(first), served.count(second)) == (6, 3)


async def test_cw_4_the_platform_hears_only_of_changes(wire: Wire) -> None:
    first, second = (await wire.sandbox.staff())[:2]
    code_id = await wire.world.create({first: {}, second: {}}, distribution="shared")
    await wire.work()
    pushed_at = (await wire.shown(code_id)).way.pushed_at
    for _ in range(3):
        async with wire.world.uows.system(wire.world.corp.tenant_id) as uow:
            await wire.world.router.reroute(uow, [code_id], cause="test")
        assert await wire.worker.run_once(wire.world.corp.tenant_id) == 0
    assert (await wire.shown(code_id)).way.pushed_at == pushed_at


@pytest.mark.parametrize("fault", [{"drop_after_effect": True}, {"http_status": 502}, {"drop": True}])
async def test_cw_9_an_answer_that_does_not_come_leaves_no_orphan(wire: Wire, fault: dict[str, Any]) -> None:
    (first, *_) = await wire.sandbox.staff()
    await wire.clients.client.follow_users()  # So that no token is fetched on the way.
    await wire.fault(ADD, **fault)
    code_id = await wire.world.create({first: {}})
    await wire.worker.run_once(wire.world.corp.tenant_id)
    assert (await wire.shown(code_id)).way.status is PushStatus.FAILED

    wire.clock.advance(timedelta(seconds=40))
    await wire.work()
    wire.clock.advance(timedelta(seconds=40))
    await wire.work()

    (way,) = await wire.ways()
    shown = (await wire.shown(code_id)).way
    assert (shown.status, shown.config_id) == (PushStatus.IN_STEP, way["config_id"])
    assert shown.qr_code


async def test_cw_9_a_code_deleted_while_it_was_made_leaves_no_orphan(wire: Wire) -> None:
    (first, *_) = await wire.sandbox.staff()
    await wire.clients.client.follow_users()
    await wire.fault(ADD, drop_after_effect=True)
    code_id = await wire.world.create({first: {}})
    await wire.worker.run_once(wire.world.corp.tenant_id)
    assert len(await wire.ways()) == 1
    async with wire.world.uows.app(wire.world.corp.tenant_id) as uow:
        await wire.world.desk.delete(uow, code_id, Place(), actor="admin")
    await wire.work()
    assert await wire.ways() == []


async def test_cw_4_a_refused_change_is_tried_again(wire: Wire) -> None:
    first, second = (await wire.sandbox.staff())[:2]
    code_id = await wire.world.create({first: {"daily_cap": 1}, second: {}}, distribution="sequential")
    await wire.work()
    await wire.fault(UPDATE, errcode=-1)
    await wire.fault(UPDATE, drop_after_effect=True)
    await wire.scan(code_id, 1)
    for _ in range(2):  # Each failure waits longer than the one before.
        await wire.work()
        assert (await wire.shown(code_id)).way.status is PushStatus.FAILED
        assert (await wire.world.lead(code_id)).shows is Shows.SOON  # Not to who is over the cap.
        wire.clock.advance(timedelta(minutes=1))
    await wire.work()
    shown = (await wire.shown(code_id)).way
    assert (shown.status, shown.actual_users) == (PushStatus.IN_STEP, (second,))


async def test_drift_is_found_and_repaired_and_a_lost_code_made_anew(wire: Wire) -> None:
    first, second = (await wire.sandbox.staff())[:2]
    code_id = await wire.world.create({first: {}})
    await wire.work()
    config_id = (await wire.shown(code_id)).way.config_id
    drifted = calls.UpdateRequest(config_id=config_id, user=(second,))
    await wire.clients.client.call(calls.UPDATE, drifted)

    await _check(wire, code_id)
    assert (await wire.ways())[0]["user"] == [first]
    assert "drift_found" in [what for what, _ in await wire.world.trail(code_id)]

    await wire.clients.client.call(calls.DELETE, calls.ConfigId(config_id=config_id))
    await _check(wire, code_id)
    await wire.world.pass_borders()
    await wire.work()
    (way,) = await wire.ways()
    assert (way["user"], (await wire.shown(code_id)).way.config_id) == ([first], way["config_id"])
    assert "picture_lost" in [what for what, _ in await wire.world.trail(code_id)]


async def _check(wire: Wire, code_id: LiveCodeId) -> None:
    async with wire.world.uows.app(wire.world.corp.tenant_id) as uow:
        await wire.world.desk.check_now(uow, code_id, actor="admin")
    await wire.work()


async def test_cw_2_nobody_left_withdraws_the_picture_until_somebody_is_back(wire: Wire) -> None:
    (first, *_) = await wire.sandbox.staff()
    code_id = await wire.world.create({first: {}})
    await wire.work()
    for is_online, there in ((False, 0), (True, 1)):
        await wire.world.members(first, is_online=is_online)
        async with wire.world.uows.system(wire.world.corp.tenant_id) as uow:
            await wire.world.router.reroute(uow, [code_id], cause="test")
        await wire.work()
        assert len(await wire.ways()) == there


async def test_cw_7_a_sweep_counts_others_deletes_orphans_and_gives_back(wire: Wire) -> None:
    (first, *_) = await wire.sandbox.staff()
    code_id = await wire.world.create({first: {}}, is_exclusive=True)
    wire.world.corp.persons["wm51"] = PersonId(51)
    await wire.world.hear(wire.world.corp.event("customer_added", first, "wm51", at=0))
    await wire.work()
    client, signer = wire.clients.client, wire.world.states.signer
    orphan = signer.issue(wire.world.corp.corp_id, 12345)  # type: ignore[arg-type]
    for state in (orphan, "poster-of-others"):
        request = calls.AddRequest(type=calls.SEVERAL, scene=calls.QR_CODE, state=state, user=(first,))
        await client.call(calls.ADD, request)
    async with wire.world.uows.system(wire.world.corp.tenant_id) as uow:
        await wire.world.leader.lead(uow, code_id, PersonId(51))
    await wire.work()
    assert len(await wire.ways()) == 3

    wire.clock.advance(UNUSED + timedelta(days=1))
    assert await wire.sweeper.run_once(wire.world.corp.tenant_id) == 1
    await wire.work()

    (way,) = await wire.ways()
    assert way["config_id"] == (await wire.shown(code_id)).way.config_id
    async with wire.world.uows.app(wire.world.corp.tenant_id) as uow:
        quota = await wire.world.desk.quota(uow, wire.world.corp.corp_id)
    assert (quota.ways, quota.foreign, quota.used) == (1, 1, 2)
    assert await wire.sweeper.run_once(wire.world.corp.tenant_id) == 0


async def test_a_code_writes_remark_and_description(wire: Wire, key_ring: KeyRing) -> None:
    (first, *_) = await wire.sandbox.staff()
    code_id = await wire.world.create({first: {}}, remark_suffix="-展会", description="春季展会扫码")
    await wire.work()
    await wire.scan(code_id, 3)
    customer = (await wire.sandbox.control("GET", "/customers/3"))["external_userid"]
    corp, tenant_id = wire.world.corp, wire.world.corp.tenant_id
    token = corp.token(customer)
    async with wire.world.uows.system(tenant_id) as uow:
        contacts = ContactQueries(uow)
        await contacts.keep_ids(corp.corp_id, {token: key_ring.seal(customer.encode())})
        contact = (await contacts.find(corp.corp_id, [token]))[token]
        named = replace(contact, name_sealed=key_ring.seal("林小满".encode()))
        await contacts.save_details([named], claimed_until=None)
    notes = NoteWorker(wire.world.uows, wire.clients, ContactNames(key_ring))

    assert await notes.run_once(tenant_id) == 1
    assert await notes.run_once(tenant_id) == 0

    answer = await wire.clients.client.customer(customer)
    (follower,) = answer.follow_user
    assert (follower.remark, follower.description) == ("林小满-展会", "春季展会扫码")
