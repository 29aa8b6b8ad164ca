"""An account's condition: what came in, what was refused, what waits, what the platform allows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.health.refusals import RefusalNotes, list_refusals
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.replies.contracts import ReplyDraft
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.replies.service import AutoReplies
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.wechat.errors import BudgetSpent, QuotaExceeded

from .conftest import Platform, ask, event, text_message
from .test_replies import NoFigures

AT = 1772596800


@pytest.fixture
def desk(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> AccountHealthDesk:
    return AccountHealthDesk(uows, key_ring, clients)


async def test_the_last_callbacks_are_told_with_who_and_what_answered(
    platform_side: Platform,
    desk: AccountHealthDesk,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    rule = ReplyDraft.model_validate(
        {"name": "d", "trigger": "default", "contents": [{"kind": "text", "text": "hi"}]}
    )
    async with uows.app(tenant_id) as uow:
        kept = await AutoReplies(NoFigures()).create(uow, platform_side.account_id, rule)
    await platform_side.deliver(event("subscribe", at=AT))
    clock.advance(timedelta(days=3))
    await books.renew()
    await platform_side.deliver(text_message("在吗", at=AT + 5, message_id=1))
    async with uows.system(tenant_id) as uow:
        await uow.execute("UPDATE follower SET person_id = 7 WHERE tenant_id = :t", {"t": tenant_id})

    seen = await desk.last_callbacks(tenant_id, platform_side.account_id, limit=10)

    assert [(one.name.rpartition(".")[2], one.summary, one.answered_by) for one in seen] == [
        ("message_received", "在吗", kept.id),
        ("followed", "", None),
    ]
    assert seen[0].occurred_at == datetime.fromtimestamp(AT + 5, UTC)
    assert {one.person_id for one in seen} == {encode_id("per", 7)}
    async with uows.app(tenant_id) as uow:
        health = await desk.look(uow, platform_side.account_id)
    assert health.last_event_at == datetime.fromtimestamp(AT + 5, UTC)
    assert (health.followers.following, health.followers.unknown) == (0, 1)
    assert health.backlog.user_info_waiting == 1


async def test_refused_deliveries_are_summed_and_forgotten(
    platform_side: Platform,
    desk: AccountHealthDesk,
    notes: RefusalNotes,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    query, body = platform_side.sealed(event("subscribe", at=AT))
    for signature in ("0" * 40, "1" * 40):
        query["msg_signature"] = signature
        await ask(platform_side.door, "POST", platform_side.path, query=query, body=body)
        await notes.write()

    async with uows.app(tenant_id) as uow:
        (refused,) = await list_refusals(uow, platform_side.account_id)
        assert (await desk.look(uow, platform_side.account_id)).refused == (refused,)
    assert (refused.reason, refused.count) == ("bad_signature", 2)
    async with uows.app(TenantId(424242)) as uow:
        assert await list_refusals(uow, platform_side.account_id) == ()

    clock.advance(timedelta(days=2))
    async with uows.app(tenant_id) as uow:
        assert await list_refusals(uow, platform_side.account_id) == ()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


async def test_quotas_are_read_back_from_the_platform(
    sandbox: Sandbox,
    desk: AccountHealthDesk,
    channels: Channels,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    clock.advance(datetime.now(UTC) - clock.now())
    command = ConnectOfficialAccount(
        app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
    )
    async with uows.app(tenant_id) as uow:
        connected = await channels.connect(uow, command)
    await sandbox.fault("/cgi-bin/openapi/quota/get", errcode=76022, times=1)

    quotas = await desk.quotas(tenant_id, read_account_id(connected.account.id))

    told = [quota for quota in quotas.items if quota.remain is not None]
    (failed,) = [quota for quota in quotas.items if "76022" in quota.error_zh]
    assert len(told) >= 5
    assert all(quota.daily_limit and quota.used is not None for quota in told)
    assert failed.remain is None


async def test_a_spent_call_is_held_back_until_the_platform_has_some_left(
    sandbox: Sandbox,
    channels: Channels,
    clients: AccountClients,
    desk: AccountHealthDesk,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    command = ConnectOfficialAccount(
        app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
    )
    async with uows.app(tenant_id) as uow:
        connected = await channels.connect(uow, command)
    account_id = read_account_id(connected.account.id)
    client = await clients.client(tenant_id, account_id)
    await sandbox.fault("/cgi-bin/user/get", errcode=45009, times=1)
    with pytest.raises(QuotaExceeded):
        await client.followers()

    with pytest.raises(BudgetSpent):  # The platform would answer by now, but was not asked.
        await client.followers()

    await desk.quotas(tenant_id, account_id)  # It says that some is left.
    assert (await client.followers()).total >= 0
