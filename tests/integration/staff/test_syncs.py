"""Syncs and details over the wire: what callbacks lost comes back, and twice is once (EV-3)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from contract.wecom.corp import Corp as Company
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.syncs.contracts import SyncKind, SyncState
from quanyu.modules.channels.syncs.queries import SyncQueries
from quanyu.modules.channels.syncs.running import SyncRunner
from quanyu.modules.channels.syncs.service import AccountSyncs, read_sync_id
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.answers import AnswerKeeper
from quanyu.modules.staff.customers.contracts import ObservedTags
from quanyu.modules.staff.customers.details import DetailsWorker
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.customers.syncing import CustomerSync
from quanyu.modules.staff.directory.contracts import MemberStatus
from quanyu.modules.staff.directory.details import MemberWorker
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.directory.syncing import StaffSync
from quanyu.wechat.transport import Timeouts, open_transport
from quanyu.wechat.wecom.customers import CustomerAnswer

from .conftest import START, Corp, insert_corp

_STEPS_MAX = 60


@pytest.fixture(autouse=True)
async def fresh_company(company: Company) -> None:
    await company.control("POST", "/reset")


@pytest.fixture
def clock() -> FixedClock:
    """A while after everything happened: callbacks that are not here by now were lost."""
    return FixedClock(datetime.now(UTC) + timedelta(minutes=20))


class SeenTags:
    """Whoever keeps tags, as this module sees them."""

    def __init__(self) -> None:
        self.seen: list[ObservedTags] = []

    async def observe(self, uow: UnitOfWork, corp_id: AccountId, seen: Sequence[ObservedTags]) -> None:
        self.seen += seen


@dataclass
class Here:
    """Our side of the company."""

    uows: UnitOfWorkFactory
    corp: Corp
    runner: SyncRunner
    members: MemberWorker
    details: DetailsWorker
    tags: SeenTags
    clients: CorpClients

    async def sync(self, kind: SyncKind) -> SyncState:
        """Start a sync and take steps until it ends."""
        tenant_id = self.corp.tenant_id
        async with self.uows.system(tenant_id) as uow:
            started = await AccountSyncs().start(uow, self.corp.corp_id, kind)
        for _ in range(_STEPS_MAX):
            await self.runner.run_once(tenant_id)
            await self.members.run_once(tenant_id)
            assert isinstance(self.uows.clock, FixedClock)
            self.uows.clock.advance(timedelta(seconds=1))
            async with self.uows.system(tenant_id) as uow:
                (latest, *_) = await SyncQueries(uow).list_syncs(self.corp.corp_id, limit=1)
            if latest.state is not SyncState.RUNNING:
                assert latest.sync_id == read_sync_id(started.id)
                assert latest.listed == latest.total, (latest.listed, latest.total)
                return latest.state
        raise AssertionError("the sync does not end")

    async def state(self) -> list[tuple[str, bytes, RelationStatus, str]]:
        async with self.uows.app(self.corp.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT member_userid, customer_token, status, state FROM staff_customer "
                "WHERE tenant_id = :tenant ORDER BY 1, 2",
                {"tenant": self.corp.tenant_id},
            )
            return [
                (row.member_userid, bytes(row.customer_token), RelationStatus(row.status), row.state)
                for row in rows
            ]

    async def stated(self) -> list[tuple[str, bool]]:
        """Return the names of what the log holds, and whether each is synthetic."""
        async with self.uows.system(self.corp.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT name, coalesce((properties ->> 'synthetic')::boolean, false) AS synthetic "
                "FROM log_event WHERE tenant_id = :tenant AND kind = 'track' ORDER BY name",
                {"tenant": self.corp.tenant_id},
            )
            return [(row.name, row.synthetic) for row in rows]


@pytest.fixture
async def here(
    uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing, company: Company
) -> AsyncIterator[Here]:
    corp = await insert_corp(
        uows,
        tenant_id,
        key_ring,
        app_id=company.id,
        secret=company.secret("app"),
        base_url=f"{company.url}/qyapi.weixin.qq.com",
        agent_id=company.agent_id,
    )
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as transport:
        clients, corps, tags = CorpClients(uows, key_ring, transport), Corps(), SeenTags()
        keeper = AnswerKeeper(key_ring, [tags])
        staff = StaffSync(uows, key_ring, clients)
        customers = CustomerSync(uows, key_ring, corps, clients, keeper)
        steps = {
            SyncKind.DEPARTMENTS: staff.step,
            SyncKind.STAFF: staff.step,
            SyncKind.CUSTOMERS: customers.step,
            SyncKind.CUSTOMER_LISTS: customers.step,
        }
        yield Here(
            uows,
            corp,
            SyncRunner(uows, steps),
            MemberWorker(uows, corps, clients),
            DetailsWorker(uows, key_ring, corps, clients, keeper),
            tags,
            clients,
        )


async def test_staff_come_with_departments_and_those_gone_leave(here: Here, company: Company) -> None:
    assert await here.sync(SyncKind.STAFF) is SyncState.DONE

    userids = sorted(await company.staff())
    async with here.uows.app(here.corp.tenant_id) as uow:
        members = await DirectoryQueries(uow).members(here.corp.corp_id)
        departments = await DirectoryQueries(uow).departments(here.corp.corp_id)
    assert [one.userid for one in members] == userids
    assert all(one.name and one.departments for one in members)
    assert [one.userid for one in members if one.is_available] == [
        one.userid for one in members if one.status is MemberStatus.ACTIVE
    ]
    assert {number for one in members for number in one.departments} <= {
        one.department_id for one in departments
    }

    await company.control("POST", f"/staff/{userids[0]}/leave")
    assert await here.sync(SyncKind.STAFF) is SyncState.DONE
    async with here.uows.app(here.corp.tenant_id) as uow:
        left = await DirectoryQueries(uow).members(here.corp.corp_id)
    assert [one.userid for one in left] == userids[1:]


@pytest.mark.parametrize("kind", [SyncKind.CUSTOMERS, SyncKind.CUSTOMER_LISTS])
async def test_what_callbacks_lost_comes_back_once(here: Here, company: Company, kind: SyncKind) -> None:
    """EV-3: synthetic events, flagged; running it twice changes nothing."""
    first, second, *_ = await company.staff()
    mine, shared = await company.add(1, first, state="s1"), await company.add(2, first)
    await company.add(2, second)

    async def run() -> None:
        assert await here.sync(kind) is SyncState.DONE
        await here.details.run_once(here.corp.tenant_id)

    await run()
    expected = sorted(
        [
            (first, here.corp.token(mine), RelationStatus.ACTIVE, "s1"),
            (first, here.corp.token(shared), RelationStatus.ACTIVE, ""),
            (second, here.corp.token(shared), RelationStatus.ACTIVE, ""),
        ]
    )
    assert await here.state() == expected
    stated = await here.stated()
    added, fetched = "wechat.wecom.customer_added", "wechat.wecom.customer_details_fetched"
    assert [one for one in stated if one[0] == added] == [(added, True)] * 3
    assert [one for one in stated if one[0] == fetched] == [(fetched, False)] * 2
    assert {(one.userid, one.token) for one in here.tags.seen} == {row[:2] for row in expected}

    await run()
    assert (await here.state(), await here.stated()) == (expected, stated)

    await company.control("POST", "/customers/1/be-deleted", {"userid": first})
    await company.control("POST", "/customers/2/delete-member", {"userid": second})
    await run()
    await run()
    after = {row[:2]: row[2] for row in await here.state()}
    gone = "wechat.wecom.customer_deleted_by_staff"
    assert after[first, here.corp.token(mine)] is RelationStatus.DELETED_BY_STAFF
    # The platform goes on listing a customer who deleted the member: only the callback tells.
    assert after[second, here.corp.token(shared)] is RelationStatus.ACTIVE
    assert [one for one in await here.stated() if one[0] in (gone, "staff.customer_lost")] == [
        ("staff.customer_lost", False),
        (gone, True),
    ]


async def test_a_callback_that_came_is_not_stated_again(here: Here, company: Company) -> None:
    """EV-3: what a callback told is never counted twice."""
    first, *_ = await company.staff()
    customer = await company.add(3, first, state="s3")
    (follower,) = (await _of(here, customer)).follow_user
    seconds = follower.createtime - int(START.timestamp())
    told = here.corp.event("customer_added", first, customer, at=seconds, state="s3")
    async with here.uows.system(here.corp.tenant_id) as uow:
        await CustomerSubscriber().apply(uow, [told], None)

    assert await here.sync(SyncKind.CUSTOMERS) is SyncState.DONE

    assert [row[2:] for row in await here.state()] == [(RelationStatus.ACTIVE, "s3")]
    assert ("wechat.wecom.customer_added", True) not in await here.stated()


async def test_a_stopped_sync_stays_stopped_and_a_new_one_begins(here: Here, company: Company) -> None:
    first, *_ = await company.staff()
    await company.add(1, first)
    async with here.uows.system(here.corp.tenant_id) as uow:
        started = await AccountSyncs().start(uow, here.corp.corp_id, SyncKind.CUSTOMERS)
    await here.runner.run_once(here.corp.tenant_id)
    async with here.uows.system(here.corp.tenant_id) as uow:
        await AccountSyncs().cancel(uow, here.corp.corp_id, read_sync_id(started.id))

    assert await here.runner.run_once(here.corp.tenant_id) == 0
    assert await here.state() == []
    assert await here.sync(SyncKind.CUSTOMERS) is SyncState.DONE
    assert len(await here.state()) == 1


async def test_external_ids_open_for_calls(here: Here, company: Company, key_ring: KeyRing) -> None:
    first, *_ = await company.staff()
    customer = await company.add(4, first)
    await here.sync(SyncKind.CUSTOMERS)

    async with here.uows.app(here.corp.tenant_id) as uow:
        served = await RelationQueries(uow).served_by(key_ring, here.corp.corp_id, first)

    assert [one.external_userid for one in served] == [customer]


async def _of(here: Here, customer: str) -> CustomerAnswer:
    client = await here.clients.get(here.corp.tenant_id, here.corp.corp_id)
    return await client.customer(customer)
