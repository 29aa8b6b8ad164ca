"""Followers on a real PostgreSQL: from the log in any order, and from what the platform answers."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId, ConnectOfficialAccount, Recipient
from quanyu.modules.channels.followers import FollowerSubscriber
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.translation import FOLLOWED, UNFOLLOWED
from quanyu.modules.channels.user_info import UserInfoWorker

from .conftest import OPENID, Platform, event, text_message

PERSON = PersonId(1)
T0 = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Logged:
    """An event as the pipeline hands it to subscribers."""

    name: str
    occurred_at: datetime
    person_id: PersonId | None = PERSON
    received_at: datetime = T0
    context: dict[str, str] = field(default_factory=dict)


async def follower(uows: UnitOfWorkFactory, tenant_id: TenantId) -> Any:
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute("SELECT * FROM follower WHERE tenant_id = :t", {"t": tenant_id})
        return rows.one()


async def react(uows: UnitOfWorkFactory, tenant_id: TenantId, *events: Logged) -> None:
    subscriber = FollowerSubscriber()
    async with uows.system(tenant_id) as uow:
        await subscriber.apply(uow, events, None)


def logged(platform: Platform, key_ring: KeyRing, name: str, second: int, **about: Any) -> Logged:
    token = key_ring.blind("openid", platform.app_id, OPENID).hex()
    context = {"channel": "official_account", "app": platform.app_id, "follower": token}
    return Logged(name, T0 + timedelta(seconds=second), context=context, **about)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_the_latest_change_wins_in_any_order(
    order: tuple[int, ...],
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> None:
    events = [
        logged(platform_side, key_ring, FOLLOWED, 0),
        logged(platform_side, key_ring, UNFOLLOWED, 5),
        logged(platform_side, key_ring, FOLLOWED, 9),
    ]

    for place in order:
        await react(uows, tenant_id, events[place])

    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.changed_at, row.is_disputed) == (True, T0 + timedelta(seconds=9), False)
    assert row.person_id == 1


async def test_two_changes_in_one_second_are_asked_about(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    await react(
        uows,
        tenant_id,
        logged(platform_side, key_ring, UNFOLLOWED, 3),
        logged(platform_side, key_ring, FOLLOWED, 3),
    )

    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.is_disputed, row.info_due_at) == (False, True, T0)


async def test_seeing_events_again_changes_nothing(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    events = [logged(platform_side, key_ring, FOLLOWED, 0), logged(platform_side, key_ring, UNFOLLOWED, 5)]
    await react(uows, tenant_id, *events)
    before = await follower(uows, tenant_id)

    await react(uows, tenant_id, *events)

    assert await follower(uows, tenant_id) == before


async def test_the_openid_survives_whichever_comes_first(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    """The pipeline may see an event before the door has written the follower's openid."""
    await react(uows, tenant_id, logged(platform_side, key_ring, FOLLOWED, 0))
    await platform_side.deliver(event("subscribe", at=int(T0.timestamp())))
    await react(uows, tenant_id, logged(platform_side, key_ring, FOLLOWED, 0))

    row = await follower(uows, tenant_id)
    assert key_ring.open(row.openid_sealed).decode() == OPENID
    assert row.subscribed is True


async def test_recipients_are_found_by_person_and_follow_merges(
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    channels: Channels,
) -> None:
    await platform_side.deliver(event("subscribe", at=int(T0.timestamp())))
    await react(uows, tenant_id, logged(platform_side, key_ring, FOLLOWED, 0))
    account_id = platform_side.account_id

    async with uows.app(tenant_id) as uow:
        before = await channels.recipients(uow, account_id, [PersonId(1), PersonId(2)])
        await channels.repoint_people(uow, {PersonId(1): PersonId(2)})
        after = await channels.recipients(uow, account_id, [PersonId(1), PersonId(2)])
        accounts = await channels.accounts_of(uow, [platform_side.app_id, "wxnobody"])

    assert before == {PersonId(1): Recipient(OPENID, True)}
    assert after == {PersonId(2): Recipient(OPENID, True)}
    assert accounts == {platform_side.app_id: account_id}


async def test_another_brand_finds_nobody(
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    channels: Channels,
) -> None:
    await platform_side.deliver(event("subscribe", at=int(T0.timestamp())))
    await react(uows, tenant_id, logged(platform_side, key_ring, FOLLOWED, 0))

    async with uows.app(TenantId(424242)) as uow:
        assert await channels.recipients(uow, platform_side.account_id, [PersonId(1)]) == {}
        assert await channels.list_accounts(uow) == ()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def account_id(
    sandbox: Sandbox, channels: Channels, uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock
) -> AccountId:
    """The sandbox's account, connected; both sides on the same time."""
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")
    clock.advance(datetime.now(UTC) - clock.now())
    command = ConnectOfficialAccount(
        app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
    )
    async with uows.app(tenant_id) as uow:
        connected = await channels.connect(uow, command)
    return read_account_id(connected.account.id)


@pytest.fixture
def worker(
    uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients, tenant_id: TenantId
) -> UserInfoWorker:
    return UserInfoWorker(uows, key_ring, clients)


async def see(
    uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing, account_id: AccountId, openid: str
) -> None:
    """Leave what the door leaves when it sees an openid for the first time."""
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, first_seen_at, "
            "info_due_at) VALUES (:tenant, :account, :token, :sealed, :now, :now)",
            {
                "tenant": tenant_id,
                "account": account_id,
                "token": key_ring.blind("openid", str(account_id), openid),
                "sealed": key_ring.seal(openid.encode()),
                "now": uow.clock.now(),
            },
        )


async def facts(uows: UnitOfWorkFactory, tenant_id: TenantId) -> list[Any]:
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT * FROM log_event WHERE tenant_id = :t AND kind = 'track' ORDER BY position",
            {"t": tenant_id},
        )
        return list(rows)


async def test_the_platform_is_asked_and_believed(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    openid = await sandbox.follow(1, qr_scene="shop_12")
    await see(uows, tenant_id, key_ring, account_id, openid)

    assert await worker.run_once(tenant_id) == 1
    assert await worker.run_once(tenant_id) == 0

    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.info_due_at, row.info_attempts) == (True, None, 0)
    assert row.unionid_sealed is not None
    (fact,) = await facts(uows, tenant_id)
    assert fact.name == "wechat.official_account.user_info_fetched"
    assert fact.properties["qr_scene"] == "shop_12"
    assert len(fact.tokens) == 32, "openid and unionid: what lets resolving join accounts"
    assert openid not in str(fact)


async def test_the_same_answer_is_no_news(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> None:
    openid = await sandbox.follow(1)
    await see(uows, tenant_id, key_ring, account_id, openid)
    for _ in range(3):
        await worker.run_once(tenant_id)
        async with uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE follower SET info_due_at = :now WHERE tenant_id = :t",
                {"now": uow.clock.now(), "t": tenant_id},
            )

    assert len(await facts(uows, tenant_id)) == 1


async def test_many_followers_take_few_calls(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> None:
    for person in range(50):
        await see(uows, tenant_id, key_ring, account_id, await sandbox.follow(person))
    before = await sandbox.control("GET", "/counters")

    assert await worker.run_once(tenant_id) == 50

    after = await sandbox.control("GET", "/counters")
    path = "/cgi-bin/user/info/batchget"
    assert after["calls"][path] - before["calls"].get(path, 0) == 1


async def test_a_platform_in_trouble_is_asked_later(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    await see(uows, tenant_id, key_ring, account_id, await sandbox.follow(1))
    await sandbox.fault("/cgi-bin/user/info/batchget", errcode=-1, times=1)

    assert await worker.run_once(tenant_id) == 0
    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.info_attempts, row.info_due_at) == (
        None,
        1,
        clock.now() + timedelta(minutes=1),
    )

    clock.advance(timedelta(minutes=1))
    assert await worker.run_once(tenant_id) == 1


async def test_one_openid_the_platform_does_not_know_holds_nobody_up(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    for person in range(1, 8):
        await see(uows, tenant_id, key_ring, account_id, await sandbox.follow(person))
    await see(uows, tenant_id, key_ring, account_id, "o-of-another-account-000000")

    assert await worker.run_once(tenant_id) == 7

    async with uows.system(tenant_id) as uow:
        left = await uow.execute(
            "SELECT info_attempts, info_due_at FROM follower WHERE tenant_id = :t AND subscribed IS NULL",
            {"t": tenant_id},
        )
        assert left.all() == [(1, clock.now() + timedelta(minutes=1))], "tried again, ever less often"


async def test_a_spent_quota_is_waited_out_without_counting_attempts(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    """EV-5: a limit per minute holds the account back for a minute, nobody's turn is lost."""
    await see(uows, tenant_id, key_ring, account_id, await sandbox.follow(1))
    await sandbox.fault("/cgi-bin/user/info/batchget", errcode=45011, times=1)

    assert await worker.run_once(tenant_id) == 0
    assert await worker.run_once(tenant_id) == 0
    row = await follower(uows, tenant_id)
    assert (row.info_attempts, row.info_due_at) == (0, clock.now())

    clock.advance(timedelta(minutes=1))
    assert await worker.run_once(tenant_id) == 1


async def test_a_dispute_is_settled_by_the_platform(
    sandbox: Sandbox,
    account_id: AccountId,
    worker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    openid = await sandbox.follow(1)
    await see(uows, tenant_id, key_ring, account_id, openid)
    async with uows.system(tenant_id) as uow:
        since = clock.now().replace(microsecond=0) - timedelta(minutes=1)
        await uow.execute(
            "UPDATE follower SET subscribed = false, is_disputed = true, changed_at = :at "
            "WHERE tenant_id = :t",
            {"t": tenant_id, "at": since},
        )

    await worker.run_once(tenant_id)

    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.is_disputed) == (True, False)


async def test_messages_of_unknown_followers_make_them_known(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await platform_side.deliver(text_message("hi", at=int(T0.timestamp()), message_id=5))

    row = await follower(uows, tenant_id)
    assert (row.subscribed, row.info_due_at) == (None, T0)
