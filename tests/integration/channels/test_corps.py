"""A corp's callback door on a real PostgreSQL, and what is kept of its secrets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import pytest
from pydantic import ValidationError

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountKind
from quanyu.modules.channels.callback_log import CallbackLog, CallbackRow, Kept
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.door import CallbackDoor
from quanyu.modules.channels.errors import AppIdTaken, UnknownAccount
from quanyu.modules.channels.health.callbacks import last_callbacks
from quanyu.modules.channels.health.refusals import RefusalNotes, list_refusals
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import ConnectCorp, CorpSecret, ReplaceSecrets
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.errors import SecretMissing, UnknownCorp
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.modules.events.contracts import LogRecord
from quanyu.modules.events.service import Log
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom.events.base import Callback
from quanyu.wechat.wecom.events.customers import CustomerAdded

from .conftest import Door, ask
from .corps import AT, CorpSide, connect

CUSTOMER = "wmAAAAAAAAAAAAAAAAAAAAAAAAAAAA01"
OTHER = "wmAAAAAAAAAAAAAAAAAAAAAAAAAAAA02"


class Greeter:
    """A hook as one that must act within seconds writes it."""

    def __init__(self) -> None:
        self.commits = 0
        self.is_broken = False

    def prepare(
        self, corp: Account, callback: Callback, *, delivery: bytes, received_at: datetime
    ) -> Any | None:
        if self.is_broken:
            raise ValueError("a defect")
        if not isinstance(callback, CustomerAdded):
            return None
        return (corp.tenant_id, delivery, callback.WelcomeCode, received_at)

    async def write(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Any]) -> None:
        async with connection.cursor() as cursor:
            await cursor.executemany("INSERT INTO greeting VALUES (%s, %s, %s, %s)", rows)

    def committed(self) -> None:
        self.commits += 1


@pytest.fixture
async def greeter(database: Database) -> Greeter:
    async with await psycopg.AsyncConnection.connect(database.urls.owner, autocommit=True) as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS greeting "
            "(tenant_id int, delivery bytea, code text, at timestamptz, PRIMARY KEY (tenant_id, delivery))"
        )
        await connection.execute("GRANT SELECT, INSERT ON greeting TO quanyu_system")
    return Greeter()


@pytest.fixture
def corp_clients(uows: UnitOfWorkFactory, key_ring: KeyRing, transport: Transport) -> CorpClients:
    return CorpClients(uows, key_ring, transport)


@pytest.fixture
def desk(channels: Channels, key_ring: KeyRing, corp_clients: CorpClients, transport: Transport) -> CorpDesk:
    return CorpDesk(channels, key_ring, Corps(), corp_clients, transport)


def open_door(uows: UnitOfWorkFactory, key_ring: KeyRing, keeper: Any, greeter: Greeter) -> Door:
    """Return the door of one process."""
    return CallbackDoor(
        uows=uows,
        keyring=key_ring,
        clock=uows.clock,
        new_event=IntakeEvent,
        keeper=keeper,
        notes=RefusalNotes(uows),
        hooks=[greeter],
    )


@pytest.fixture
async def corp(
    desk: CorpDesk,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    callback_log: CallbackLog[IntakeEvent, LogRecord],
    greeter: Greeter,
) -> CorpSide:
    door = open_door(uows, key_ring, callback_log, greeter)
    return await connect(desk, uows, tenant_id, door, f"ww{tenant_id:016d}")


@pytest.fixture
def kept(uows: UnitOfWorkFactory, tenant_id: TenantId, greeter: Greeter) -> Any:
    async def count() -> tuple[int, int, int]:
        """Return how many events, raw callbacks and rows of the hook there are."""
        return tuple(
            [len(await rows(uows, tenant_id, one)) for one in ("log_event", "raw_callback", "greeting")]
        )

    return count


async def rows(uows: UnitOfWorkFactory, tenant_id: TenantId, table: str) -> list[Any]:
    async with uows.system(tenant_id) as uow:
        found = await uow.execute(f"SELECT * FROM {table} WHERE tenant_id = :t", {"t": tenant_id})
        return list(found)


async def test_the_platform_verifies_the_address(corp: CorpSide) -> None:
    query, encrypted = corp.signed("1616140317555161061")

    answer = await ask(corp.door, "GET", corp.path, query={**query, "echostr": encrypted})
    forged = await ask(
        corp.door, "GET", corp.path, query={**query, "echostr": encrypted, "msg_signature": "0" * 40}
    )

    assert (answer.status, answer.body) == (200, b"1616140317555161061")
    assert forged.status == 403


async def test_an_event_is_durable_with_its_hook_before_the_empty_answer(
    corp: CorpSide, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing, greeter: Greeter
) -> None:
    document = corp.added(CUSTOMER)

    answer = await corp.deliver(document)

    assert (answer.status, answer.body) == (200, b"")
    (stored,) = await rows(uows, tenant_id, "log_event")
    token = key_ring.blind("external_userid", corp.corp_id, CUSTOMER)
    assert (stored.name, stored.source) == ("wechat.wecom.customer_added", f"wecom:{corp.corp_id}")
    assert stored.occurred_at.timestamp() == AT
    assert stored.tokens == token
    assert stored.properties == {"staff": "zhang01", "state": "s1"}
    assert stored.context == {
        "channel": "wecom",
        "app": corp.corp_id,
        "staff": "zhang01",
        "state": "s1",
        "customer": token.hex(),
    }
    assert stored.message_id == f"change_external_contact:add_external_contact:{AT}:zhang01:{token.hex()}"
    shown = msgspec.json.encode([str(value) for value in stored]).decode()
    assert CUSTOMER not in shown
    assert "WELCOME" not in shown
    (raw,) = await rows(uows, tenant_id, "raw_callback")
    assert key_ring.open(raw.sealed, context=b"channels.raw_callback") == document.encode()
    (greeting,) = await rows(uows, tenant_id, "greeting")
    assert (greeting.delivery, greeting.code, greeter.commits) == (raw.delivery, "WELCOME", 1)
    assert await rows(uows, tenant_id, "follower") == []
    async with uows.system(tenant_id) as uow:
        account = await uow.execute(
            "SELECT last_callback_at FROM official_account WHERE id = :id", {"id": corp.id}
        )
        assert account.scalar() == uows.clock.now()


async def test_repeats_are_answered_and_ignored(corp: CorpSide, kept: Any, greeter: Greeter) -> None:
    answers = [await corp.deliver(corp.added(CUSTOMER), nonce=str(attempt)) for attempt in range(3)]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"")] * 3
    assert await kept() == (1, 1, 1)
    assert greeter.commits == 1


async def test_two_customers_added_in_one_second_are_two_events(corp: CorpSide, kept: Any) -> None:
    answers = await asyncio.gather(
        corp.deliver(corp.added(CUSTOMER)),
        corp.deliver(corp.added(OTHER)),
        corp.deliver(corp.added(CUSTOMER, staff="li02")),
        corp.deliver(corp.added(CUSTOMER)),
    )

    assert {answer.status for answer in answers} == {200}
    assert await kept() == (3, 3, 3)


async def test_a_user_id_that_holds_a_customers_id_does_not_show_it(
    corp: CorpSide, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await corp.deliver(corp.added(CUSTOMER, staff=f"x{CUSTOMER}"))

    (stored,) = await rows(uows, tenant_id, "log_event")
    assert CUSTOMER not in stored.message_id


async def test_what_is_unknown_is_kept(
    corp: CorpSide, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    await corp.deliver(corp.event("brand_new", "sort", UserID="zhang01", ExternalUserID=CUSTOMER))
    await corp.deliver(corp.event("brand_new", "sort", UserID="zhang01", ExternalUserID=OTHER))

    stored = await rows(uows, tenant_id, "log_event")
    tokens = {key_ring.blind("external_userid", corp.corp_id, one) for one in (CUSTOMER, OTHER)}
    assert {one.name for one in stored} == {"wechat.wecom.other"}
    assert {one.tokens for one in stored} == tokens
    assert stored[0].properties == {"event": "brand_new", "change": "sort", "staff": "zhang01"}


async def test_refusals_leave_nothing_and_are_noted(
    corp: CorpSide, kept: Any, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    document = corp.added(CUSTOMER)

    bad_signature = await corp.deliver(document, msg_signature="0" * 40)
    wrong_receiver = await corp.deliver(document, receive_id="ww9999999999999999")
    plain = await ask(corp.door, "POST", corp.path, body=document.encode())
    elsewhere = await ask(corp.door, "POST", corp.path.replace("wecom", "official-account"), body=b"x")
    unknown = await ask(corp.door, "POST", "/callbacks/wecom/nobody", body=b"x")

    statuses = [one.status for one in (bad_signature, wrong_receiver, plain, elsewhere, unknown)]
    assert statuses == [403, 400, 400, 404, 404]
    assert await kept() == (0, 0, 0)
    await corp.door._notes.write()
    async with uows.system(tenant_id) as uow:
        noted = {one.reason: one.count for one in await list_refusals(uow, corp.id)}
    assert noted == {"bad_signature": 1, "wrong_app_id": 1, "not_encrypted": 1}


async def test_a_hook_that_fails_costs_no_callback(corp: CorpSide, kept: Any, greeter: Greeter) -> None:
    greeter.is_broken = True

    assert (await corp.deliver(corp.added(CUSTOMER))).status == 200
    assert await kept() == (1, 1, 0)


class DiesBeforeAnswering:
    """Commits, and then the process is gone before it could answer."""

    def __init__(self, healthy: CallbackLog[IntakeEvent, LogRecord]) -> None:
        self._healthy = healthy
        self.knows = healthy.knows

    async def keep(self, row: CallbackRow, event: IntakeEvent, *, timeout_s: float) -> Kept:
        await self._healthy.keep(row, event, timeout_s=timeout_s)
        raise Unavailable("gone")


@pytest.fixture
async def next_process(
    database: Database, clock: FixedClock, intake: Intake
) -> AsyncIterator[CallbackLog[IntakeEvent, LogRecord]]:
    log = Log()
    async with CallbackLog(
        database.connect_system, clock, seal=intake.seal, append=log.append, announce=log.announce
    ) as opened:
        yield opened


async def test_killed_between_commit_and_answer(
    corp: CorpSide,
    kept: Any,
    uows: UnitOfWorkFactory,
    key_ring: KeyRing,
    greeter: Greeter,
    callback_log: CallbackLog[IntakeEvent, LogRecord],
    next_process: CallbackLog[IntakeEvent, LogRecord],
) -> None:
    corp.door._keeper = DiesBeforeAnswering(callback_log)
    assert (await corp.deliver(corp.added(CUSTOMER))).status == 500
    corp.door = open_door(uows, key_ring, next_process, greeter)

    assert (await corp.deliver(corp.added(CUSTOMER))).status == 200
    assert await kept() == (1, 1, 1)


async def test_the_last_callbacks_are_read_back(
    corp: CorpSide, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing, desk: CorpDesk
) -> None:
    await corp.deliver(corp.added(CUSTOMER))
    async with uows.app(tenant_id) as uow:
        assert (await desk.get(uow, corp.id)).last_callback_at == uows.clock.now()

    async with uows.system(tenant_id) as uow:
        account = await desk._account(uow, corp.id)
        (seen,) = await last_callbacks(uow, key_ring, account.kind, corp.id, limit=5)

    assert (seen.name, seen.occurred_at.timestamp()) == ("wechat.wecom.customer_added", AT)


async def test_two_corps_side_by_side(
    corp: CorpSide, desk: CorpDesk, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    """The same customer id in two corps is two tokens; neither opens what was sealed for the other."""
    second = await connect(desk, uows, tenant_id, corp.door, f"ww{tenant_id + 500_000:016d}")
    crossed = CorpSide(corp.door, corp.connected)
    crossed.connected = corp.connected.model_copy(update={"setup": second.connected.setup})

    assert (await corp.deliver(corp.added(CUSTOMER))).status == 200
    assert (await second.deliver(second.added(CUSTOMER))).status == 200
    assert (await crossed.deliver(corp.added(OTHER))).status == 400

    stored = await rows(uows, tenant_id, "log_event")
    assert {one.context["app"] for one in stored} == {corp.corp_id, second.corp_id}
    assert len({one.context["customer"] for one in stored}) == 2
    async with uows.app(tenant_id) as uow:
        known = await Corps().list(uow)
        assert [(one.id, one.corp_id) for one in known] == [
            (corp.id, corp.corp_id),
            (second.id, second.corp_id),
        ]
        assert await Corps().corp_ids(uow) == (corp.id, second.id)
        assert (await Corps().get(uow, second.id)).source == f"wecom:{second.corp_id}"


async def test_other_brands_do_not_see_a_corp(
    corp: CorpSide, uows: UnitOfWorkFactory, tenant_id: TenantId, corp_clients: CorpClients
) -> None:
    stranger = TenantId(tenant_id + 400_000)
    async with uows.app(stranger) as uow:
        assert await Corps().list(uow) == ()
        with pytest.raises(UnknownCorp):
            await Corps().get(uow, corp.id)
    with pytest.raises(UnknownCorp):
        await corp_clients.get(stranger, corp.id)


async def test_connecting_again_keeps_what_is_not_given(
    corp: CorpSide, desk: CorpDesk, uows: UnitOfWorkFactory, tenant_id: TenantId, corp_clients: CorpClients
) -> None:
    with_contacts = await connect(
        desk, uows, tenant_id, corp.door, corp.corp_id, contacts_secret="contacts-secret"
    )
    again = await connect(desk, uows, tenant_id, corp.door, corp.corp_id, service_secret="service-secret")

    assert with_contacts.connected.setup == again.connected.setup == corp.connected.setup
    assert again.id == corp.id
    assert again.connected.corp.secrets == (CorpSecret.APP, CorpSecret.CONTACTS, CorpSecret.SERVICE)
    assert (await corp_clients.get(tenant_id, corp.id)).agent_id == 1000002
    contacts = await corp_clients.get(tenant_id, corp.id, CorpSecret.CONTACTS)
    assert (contacts.agent_id, contacts._credentials.secret) == (0, "contacts-secret")
    with pytest.raises(SecretMissing):
        await corp_clients.get(tenant_id, corp.id, CorpSecret.ARCHIVE)
    for row in await rows(uows, tenant_id, "corp_secret"):
        assert b"secret" not in bytes(row.sealed)


async def test_replacing_secrets(
    corp: CorpSide, desk: CorpDesk, uows: UnitOfWorkFactory, tenant_id: TenantId, corp_clients: CorpClients
) -> None:
    before = await corp_clients.get(tenant_id, corp.id)
    async with uows.app(tenant_id) as uow:
        await desk.replace_secrets(
            uow, corp.id, ReplaceSecrets(app_secret="new-app-secret", archive_secret="archive-secret")
        )

    after = await corp_clients.get(tenant_id, corp.id)
    assert (before is after, after._credentials.secret) == (False, "new-app-secret")
    archive = await corp_clients.get(tenant_id, corp.id, CorpSecret.ARCHIVE)
    assert archive._credentials.secret == "archive-secret"

    async with uows.app(tenant_id) as uow:
        shown = await desk.replace_secrets(uow, corp.id, ReplaceSecrets(remove=(CorpSecret.ARCHIVE,)))
    assert shown.secrets == (CorpSecret.APP,)
    with pytest.raises(SecretMissing):
        await corp_clients.get(tenant_id, corp.id, CorpSecret.ARCHIVE)


async def test_one_id_is_one_product(
    corp: CorpSide,
    desk: CorpDesk,
    channels: Channels,
    clients: AccountClients,
    corp_clients: CorpClients,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    app_id = f"wx{tenant_id:016d}"
    async with uows.app(tenant_id) as uow:
        command = ConnectOfficialAccount(app_id=app_id, app_secret="0123456789abcdef")
        account = await channels.save_account(uow, command, AccountKind.OFFICIAL_ACCOUNT)

    with pytest.raises(AppIdTaken):
        await connect(desk, uows, tenant_id, None, app_id)
    with pytest.raises(UnknownAccount):
        await clients.any(tenant_id, corp.id)
    with pytest.raises(UnknownCorp):
        await corp_clients.get(tenant_id, account.account_id)
    assert isinstance(await clients.client(tenant_id, account.account_id), OfficialAccountClient)


@pytest.mark.parametrize(
    "wrong",
    [
        {"corp_id": "gh_1"},
        {"agent_id": 0},
        {"app_secret": "short"},
        {"contacts_secret": "short"},
        {"base_url": "ftp://x"},
        {"base_url": "https://x/?a=b"},
        {"unknown": "x"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_nonsense_is_no_corp(wrong: dict[str, Any]) -> None:
    good = {"corp_id": "ww0000000000000001", "agent_id": 1000002, "app_secret": "0123456789abcdef"}
    ConnectCorp.model_validate({**good, "base_url": "http://127.0.0.1:8090/qyapi.weixin.qq.com"})

    with pytest.raises(ValidationError):
        ConnectCorp.model_validate({**good, **wrong})
