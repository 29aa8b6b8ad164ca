"""Account tags both ways: EV-2 (once), EV-5 (at the allowed pace), WX-2 (kept per account)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId, ConnectOfficialAccount
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.syncs.contracts import Sync, SyncKind, SyncState
from quanyu.modules.channels.syncs.service import AccountSyncs, read_sync_id
from quanyu.modules.channels.syncs.worker import SyncWorker
from quanyu.modules.channels.tags.contracts import Tagging, TagId
from quanyu.modules.channels.tags.service import ReservedTag, TagDesk, UnknownTag
from quanyu.modules.channels.tags.worker import TagWorker
from quanyu.modules.channels.user_info import UserInfoWorker
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import tags as calls

from .test_door import rows

TAGGING = "/cgi-bin/tags/members/batchtagging"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(people=300) as running:
        yield running


@pytest.fixture
async def account_id(
    sandbox: Sandbox, channels: Channels, uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock
) -> AccountId:
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
def desk(uows: UnitOfWorkFactory, clients: AccountClients) -> TagDesk:
    return TagDesk(uows, clients)


@pytest.fixture
def worker(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> TagWorker:
    return TagWorker(uows, key_ring, clients)


@pytest.fixture
def sync_worker(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> SyncWorker:
    return SyncWorker(uows, key_ring, clients)


@pytest.fixture
def asker(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> UserInfoWorker:
    return UserInfoWorker(uows, key_ring, clients)


@pytest.fixture
def follow(
    sandbox: Sandbox,
    account_id: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> Any:
    """Let sandbox person n follow and be our person n."""

    async def let(*people: int) -> list[str]:
        openids = [await sandbox.follow(person) for person in people]
        async with uows.system(tenant_id) as uow:
            for person, openid in zip(people, openids, strict=True):
                await uow.execute(
                    "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, person_id, "
                    "first_seen_at) VALUES (:tenant, :account, :token, :sealed, :person, :now)",
                    {
                        "tenant": tenant_id,
                        "account": account_id,
                        "token": key_ring.blind("openid", sandbox.account["appid"], openid),
                        "sealed": key_ring.seal(openid.encode()),
                        "person": person,
                        "now": uow.clock.now(),
                    },
                )
        return openids

    return let


def people(*numbers: int) -> Tagging:
    return Tagging(people=tuple(encode_id("per", number) for number in numbers))


async def change(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    desk: TagDesk,
    account_id: AccountId,
    tag: int,
    tagging: Tagging,
    *,
    wanted: bool = True,
) -> Any:
    async with uows.app(tenant_id) as uow:
        return await desk.change_people(uow, account_id, TagId(tag), tagging, wanted=wanted)


async def tags_there(clients: AccountClients, tenant_id: TenantId, account_id: AccountId, openid: str) -> Any:
    client = await clients.client(tenant_id, account_id)
    return (await client.call(calls.TAGS_OF, calls.TagsOfRequest(openid=openid))).tagid_list


async def calls_of(sandbox: Sandbox, path: str) -> int:
    return int((await sandbox.control("GET", "/counters"))["calls"].get(path, 0))


async def test_tags_are_made_renamed_and_deleted_on_the_platform(
    account_id: AccountId,
    desk: TagDesk,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
) -> None:
    made = await desk.create(tenant_id, account_id, "高价值")
    await desk.rename(tenant_id, account_id, TagId(made.id), "高价值会员")
    client = await clients.client(tenant_id, account_id)
    listed = (await client.call(calls.LIST, Nothing())).tags
    assert (made.id, "高价值会员") in [(tag.id, tag.name) for tag in listed]

    with pytest.raises(PlatformRefusal) as taken:
        await desk.create(tenant_id, account_id, "高价值会员")
    assert taken.value.errcode == 45157
    with pytest.raises(ReservedTag):
        await desk.delete(tenant_id, account_id, TagId(2))
    with pytest.raises(UnknownTag):
        await desk.delete(tenant_id, account_id, TagId(9999))

    await desk.delete(tenant_id, account_id, TagId(made.id))
    async with uows.app(tenant_id) as uow:
        assert await desk.list_tags(uow, account_id) == ()


async def test_people_are_tagged_fifty_a_call_and_remembered(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: TagDesk,
    worker: TagWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
) -> None:
    openids = await follow(*range(1, 121))
    tag = await desk.create(tenant_id, account_id, "vip")

    taken = await change(uows, tenant_id, desk, account_id, tag.id, people(*range(1, 123)))
    before = await calls_of(sandbox, TAGGING)
    while await worker.run_once(tenant_id):
        pass

    assert (taken.waiting, taken.without_account) == (120, 2)
    assert await calls_of(sandbox, TAGGING) - before == 3
    assert await tags_there(clients, tenant_id, account_id, openids[119]) == (tag.id,)
    async with uows.app(tenant_id) as uow:
        (shown,) = await desk.list_tags(uow, account_id)
        of_person = await desk.tags_of(uow, PersonId(7))
        first = await desk.people_with(uow, account_id, TagId(tag.id), cursor=None, limit=100)
        rest = await desk.people_with(uow, account_id, TagId(tag.id), cursor=first.next_cursor, limit=100)
    assert (shown.people, shown.waiting, shown.failed) == (120, 0, 0)
    carriers = [one.person_id for one in (*first.items, *rest.items)]
    assert carriers == [encode_id("per", number) for number in range(1, 121)]
    assert rest.next_cursor is None
    assert [(one.id, one.name) for one in of_person] == [(tag.id, "vip")]
    facts = [
        row for row in await rows(uows, tenant_id, "log_event") if row.name == "channels.follower_tagged"
    ]
    assert len(facts) == 120
    assert facts[0].properties == {"tag": "vip", "tag_id": tag.id, "origin": "console"}

    await change(uows, tenant_id, desk, account_id, tag.id, people(7), wanted=False)
    await worker.run_once(tenant_id)
    assert await tags_there(clients, tenant_id, account_id, openids[6]) == ()
    async with uows.app(tenant_id) as uow:
        assert await desk.tags_of(uow, PersonId(7)) == ()


async def test_the_latest_wish_counts_and_asking_twice_changes_nothing(
    account_id: AccountId,
    desk: TagDesk,
    worker: TagWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
) -> None:
    (openid,) = await follow(1)
    tag = await desk.create(tenant_id, account_id, "vip")
    await change(uows, tenant_id, desk, account_id, tag.id, people(1))
    await change(uows, tenant_id, desk, account_id, tag.id, people(1), wanted=False)
    await change(uows, tenant_id, desk, account_id, tag.id, people(1))
    await worker.run_once(tenant_id)
    await change(uows, tenant_id, desk, account_id, tag.id, people(1))
    await worker.run_once(tenant_id)

    assert await tags_there(clients, tenant_id, account_id, openid) == (tag.id,)
    facts = [row.name for row in await rows(uows, tenant_id, "log_event")]
    assert facts == ["channels.follower_tagged"]


async def test_one_refused_person_does_not_hold_the_others_up(
    account_id: AccountId,
    desk: TagDesk,
    worker: TagWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> None:
    await follow(*range(1, 11))
    tag = await desk.create(tenant_id, account_id, "vip")
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "UPDATE follower SET openid_sealed = :sealed WHERE tenant_id = :t AND person_id = 4",
            {"t": tenant_id, "sealed": key_ring.seal(b"oNobodyHasThisOpenidOfOurs00")},
        )

    await change(uows, tenant_id, desk, account_id, tag.id, people(*range(1, 11)))
    await worker.run_once(tenant_id)

    async with uows.app(tenant_id) as uow:
        (shown,) = await desk.list_tags(uow, account_id)
        (failure,) = await desk.failures(uow, account_id)
    assert (shown.people, shown.waiting, shown.failed) == (9, 0, 1)
    assert (failure.person_id, failure.reason) == (encode_id("per", 4), "40003")
    assert failure.detail_zh.startswith("40003 ")


async def test_limits_are_waited_out(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: TagDesk,
    worker: TagWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    await follow(1)
    tag = await desk.create(tenant_id, account_id, "vip")
    await change(uows, tenant_id, desk, account_id, tag.id, people(1))
    await sandbox.fault(TAGGING, errcode=45011, times=1)

    await worker.run_once(tenant_id)
    assert await worker.run_once(tenant_id) == 0
    clock.advance(timedelta(minutes=2))
    assert await worker.run_once(tenant_id) == 1

    async with uows.app(tenant_id) as uow:
        assert (await desk.list_tags(uow, account_id))[0].people == 1


async def run_sync(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    account_id: AccountId,
    sync_worker: SyncWorker,
    kind: SyncKind,
) -> Sync:
    async with uows.app(tenant_id) as uow:
        await AccountSyncs().start(uow, account_id, kind)
    while await sync_worker.run_once(tenant_id):
        pass
    async with uows.app(tenant_id) as uow:
        return (await AccountSyncs().list_syncs(uow, account_id))[0]


async def test_changes_made_on_the_platform_come_in_by_sync(
    account_id: AccountId,
    desk: TagDesk,
    worker: TagWorker,
    sync_worker: SyncWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
    clock: FixedClock,
) -> None:
    openids = await follow(1, 2, 3)
    ours = await desk.create(tenant_id, account_id, "ours")
    await change(uows, tenant_id, desk, account_id, ours.id, people(1))
    await worker.run_once(tenant_id)
    client = await clients.client(tenant_id, account_id)
    theirs = (await client.call(calls.CREATE, calls.CreateTagRequest(tag=calls.NewTag(name="theirs")))).tag.id
    await client.call(calls.TAG, calls.TaggingRequest(openid_list=tuple(openids[1:]), tagid=theirs))
    await client.call(calls.UNTAG, calls.TaggingRequest(openid_list=(openids[0],), tagid=ours.id))
    clock.advance(timedelta(seconds=5))

    sync = await run_sync(uows, tenant_id, account_id, sync_worker, SyncKind.TAGS)

    assert sync.state is SyncState.DONE
    async with uows.app(tenant_id) as uow:
        shown = {tag.name: tag.people for tag in await desk.list_tags(uow, account_id)}
    assert (shown["ours"], shown["theirs"]) == (0, 2)
    facts = [
        (row.name, row.properties["tag"], row.properties["origin"])
        for row in await rows(uows, tenant_id, "log_event")
    ]
    assert sorted(facts) == [
        ("channels.follower_tagged", "ours", "console"),
        ("channels.follower_tagged", "theirs", "platform"),
        ("channels.follower_tagged", "theirs", "platform"),
        ("channels.follower_untagged", "ours", "platform"),
    ]


async def test_a_sync_of_followers_finds_everybody_and_survives_its_process(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: TagDesk,
    sync_worker: SyncWorker,
    asker: UserInfoWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
    clock: FixedClock,
) -> None:
    """EV-3: a full sync reconciles; it restates nobody, and a second one has no news."""
    for person in range(1, 251):
        await sandbox.follow(person)
    client = await clients.client(tenant_id, account_id)
    theirs = await desk.create(tenant_id, account_id, "theirs")
    openids = (await client.followers()).data.openid
    await client.call(calls.TAG, calls.TaggingRequest(openid_list=openids[:50], tagid=theirs.id))
    async with uows.app(tenant_id) as uow:
        first = await AccountSyncs().start(uow, account_id, SyncKind.FOLLOWERS)
        again = await AccountSyncs().start(uow, account_id, SyncKind.FOLLOWERS)
    assert first.id == again.id

    await sync_worker.run_once(tenant_id)
    # The process ends here; another one goes on from the committed page.
    other = SyncWorker(uows, key_ring, clients)
    await other.run_once(tenant_id)
    await other.run_once(tenant_id)
    async with uows.app(tenant_id) as uow:
        listed = (await AccountSyncs().list_syncs(uow, account_id))[0]
    assert (listed.state, listed.total, listed.listed, listed.to_ask) == (SyncState.RUNNING, 250, 250, 250)

    before = await calls_of(sandbox, "/cgi-bin/user/info/batchget")
    while await asker.run_once(tenant_id):
        pass
    assert await calls_of(sandbox, "/cgi-bin/user/info/batchget") - before == 3
    clock.advance(timedelta(seconds=3))
    while await other.run_once(tenant_id):
        pass

    async with uows.app(tenant_id) as uow:
        done = (await AccountSyncs().list_syncs(uow, account_id))[0]
        shown = {tag.name: tag.people for tag in await desk.list_tags(uow, account_id)}
        assert (await channels_of(uow, account_id)) == 250
    assert (done.state, done.to_ask) == (SyncState.DONE, 0)
    assert shown["theirs"] == 50
    told = [row.name for row in await rows(uows, tenant_id, "log_event") if row.kind == "track"]
    assert told.count("wechat.official_account.user_info_fetched") == 250

    sync = await run_sync(uows, tenant_id, account_id, sync_worker, SyncKind.FOLLOWERS)
    while await asker.run_once(tenant_id):
        pass
    assert sync.listed == 250
    assert len([row for row in await rows(uows, tenant_id, "log_event") if row.kind == "track"]) == len(told)


async def channels_of(uow: Any, account_id: AccountId) -> int:
    found = await uow.execute(
        "SELECT count(*) FROM follower WHERE tenant_id = :t AND account_id = :a AND subscribed",
        {"t": uow.tenant_id, "a": account_id},
    )
    return int(found.scalar_one())


async def test_who_left_unheard_is_asked_about_too(
    sandbox: Sandbox,
    account_id: AccountId,
    sync_worker: SyncWorker,
    asker: UserInfoWorker,
    follow: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    await follow(1, 2)
    async with uows.system(tenant_id) as uow:
        await uow.execute("UPDATE follower SET subscribed = true WHERE tenant_id = :t", {"t": tenant_id})
    await sandbox.control("POST", "/people/2/unfollow")
    clock.advance(timedelta(seconds=90))

    await run_sync(uows, tenant_id, account_id, sync_worker, SyncKind.FOLLOWERS)
    while await asker.run_once(tenant_id):
        pass

    kept = {row.person_id: row.subscribed for row in await rows(uows, tenant_id, "follower")}
    assert kept == {1: True, 2: False}


async def test_a_sync_waits_for_the_platforms_limits_and_can_be_cancelled(
    sandbox: Sandbox,
    account_id: AccountId,
    sync_worker: SyncWorker,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    await sandbox.fault("/cgi-bin/user/get", errcode=45011, times=1)

    sync = await run_sync(uows, tenant_id, account_id, sync_worker, SyncKind.FOLLOWERS)

    assert (sync.state, sync.reason) == (SyncState.RUNNING, "45011")
    assert sync.waits_until is not None
    assert sync.waits_until > clock.now()
    async with uows.app(tenant_id) as uow:
        await AccountSyncs().cancel(uow, account_id, read_sync_id(sync.id))
    clock.advance(timedelta(minutes=5))
    assert await sync_worker.run_once(tenant_id) == 0
