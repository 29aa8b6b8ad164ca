"""The callback door on a real PostgreSQL: durable before the answer, once for good, exact refusals."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from prometheus_client import REGISTRY

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels import door as door_module
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.contracts import AppendRecords
from quanyu.modules.channels.door import BODY_BYTES_MAX, PATH
from quanyu.modules.events.contracts import LogRecord
from quanyu.modules.events.service import Log
from quanyu.wechat.callbacks.crypto import MessageCrypt, sign

from .conftest import OPENID, Platform, ask, event, text_message

FOLLOW = event("subscribe", at=1772596800, inside="<EventKey><![CDATA[qrscene_shop_12]]></EventKey>")


async def rows(uows: UnitOfWorkFactory, tenant_id: TenantId, table: str) -> list[Any]:
    async with uows.system(tenant_id) as uow:
        found = await uow.execute(f"SELECT * FROM {table} WHERE tenant_id = :t", {"t": tenant_id})
        return list(found)


async def kept(uows: UnitOfWorkFactory, tenant_id: TenantId) -> tuple[int, int, int]:
    """Return how many events, raw callbacks and followers there are."""
    tables = ("log_event", "raw_callback", "follower")
    events, raw, followers = [len(await rows(uows, tenant_id, table)) for table in tables]
    return events, raw, followers


def refused(reason: str) -> float:
    name = "quanyu_official_account_callbacks_refused_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0.0


async def test_the_platform_verifies_the_address(platform_side: Platform) -> None:
    query = {"signature": sign(platform_side.connected.setup.token, "1", "2"), "timestamp": "1", "nonce": "2"}

    answer = await ask(platform_side.door, "GET", platform_side.path, query={**query, "echostr": "e+ c/h%o"})

    assert (answer.status, answer.body) == (200, b"e+ c/h%o")


async def test_a_wrong_verification_is_forbidden(platform_side: Platform) -> None:
    query = {"signature": "0" * 40, "timestamp": "1", "nonce": "2", "echostr": "echo"}

    answer = await ask(platform_side.door, "GET", platform_side.path, query=query)

    assert answer.status == 403
    assert b"echo" not in answer.body


async def test_a_follow_is_durable_before_the_answer(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    answer = await platform_side.deliver(FOLLOW)

    assert (answer.status, answer.body) == (200, b"success")
    (stored,) = await rows(uows, tenant_id, "log_event")
    app_id = platform_side.app_id
    token = key_ring.blind("openid", app_id, OPENID)
    assert (stored.name, stored.source) == ("wechat.official_account.followed", f"official_account:{app_id}")
    assert stored.occurred_at.timestamp() == 1772596800
    assert stored.tokens == token
    assert stored.properties == {"scene": "shop_12"}
    assert stored.context == {
        "channel": "official_account",
        "app": app_id,
        "scene": "qr_code",
        "source_code": "shop_12",
        "follower": token.hex(),
    }
    assert OPENID not in msgspec.json.encode([str(value) for value in stored]).decode()
    (raw,) = await rows(uows, tenant_id, "raw_callback")
    assert key_ring.open(raw.sealed, context=b"channels.raw_callback") == FOLLOW.encode()
    (follower,) = await rows(uows, tenant_id, "follower")
    assert key_ring.open(follower.openid_sealed).decode() == OPENID


async def test_a_repeated_delivery_is_answered_and_ignored(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    message = text_message("你好", at=1772596800, message_id=23456789012345678)

    answers = [await platform_side.deliver(message, nonce=str(attempt)) for attempt in range(3)]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"success")] * 3
    assert await kept(uows, tenant_id) == (1, 1, 1)


async def test_concurrent_deliveries_are_all_kept(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    documents = [
        text_message("x", at=1772596800, message_id=number, openid=f"o{number % 50:027d}")
        for number in range(1, 301)
    ]

    answers = await asyncio.gather(*(platform_side.deliver(document) for document in documents))

    assert {answer.body for answer in answers} == {b"success"}
    assert await kept(uows, tenant_id) == (300, 300, 50)


async def test_events_about_the_account_belong_to_nobody(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    document = event(
        "MASSSENDJOBFINISH",
        at=1772596800,
        openid="mphelper",
        inside="<MsgID>1</MsgID><SentCount>9</SentCount>",
    )

    assert (await platform_side.deliver(document)).body == b"success"

    (stored,) = await rows(uows, tenant_id, "log_event")
    assert (stored.name, stored.tokens) == ("wechat.official_account.mass_send_finished", b"")
    assert await rows(uows, tenant_id, "follower") == []


class Case:
    """One way to be refused."""

    def __init__(self, status: int, reason: str, **changes: Any) -> None:
        self.status = status
        self.reason = reason
        self.changes = changes


REFUSALS = [
    Case(403, "bad_signature", query={"msg_signature": "0" * 40}),
    Case(403, "bad_signature", query={"msg_signature": ""}),
    Case(403, "bad_signature", query={"timestamp": "2"}),
    Case(400, "malformed_envelope", body=b"<xml><Encrypt>"),
    Case(400, "malformed_envelope", body=b""),
    Case(
        400, "malformed_envelope", body=b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'
    ),
    Case(400, "not_encrypted", body=b"<xml><ToUserName>a</ToUserName></xml>"),
    Case(413, "too_large", body=b"x" * (BODY_BYTES_MAX + 1)),
    Case(413, "too_large", headers=[(b"content-length", b"999999999")]),
    Case(400, "cut_short", cut_short=True),
    Case(404, "unknown_account", path=f"{PATH}/nobody"),
    Case(404, "unknown_account", path=f"{PATH}/{'x' * 1000}"),
    Case(405, "method_not_allowed", method="DELETE"),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.reason)
async def test_refusals_are_exact_counted_and_leave_nothing(
    case: Case, platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    query, body = platform_side.sealed(FOLLOW)
    request: dict[str, Any] = {"method": "POST", "path": platform_side.path, "body": body, **case.changes}
    request["query"] = {**query, **case.changes.get("query", {})}
    before = refused(case.reason)

    answer = await ask(platform_side.door, request.pop("method"), request.pop("path"), **request)

    assert answer.status == case.status
    assert answer.body != b"success"
    assert refused(case.reason) == before + 1
    assert await kept(uows, tenant_id) == (0, 0, 0)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<xml><MsgType>text</MsgType></xml>", "malformed_message"),
        ("not xml", "malformed_message"),
        ('<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>', "malformed_message"),
    ],
)
async def test_signed_nonsense_is_refused(
    document: str, reason: str, platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    before = refused(reason)

    answer = await platform_side.deliver(document)

    assert answer.status == 400
    assert refused(reason) == before + 1
    assert await kept(uows, tenant_id) == (0, 0, 0)


async def test_a_delivery_for_another_app_is_refused(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    setup = platform_side.connected.setup
    platform_side.crypt = MessageCrypt(
        token=setup.token, encoding_aes_key=setup.encoding_aes_key, app_id="wxsomebodyelse"
    )

    assert (await platform_side.deliver(FOLLOW)).status == 400
    assert await kept(uows, tenant_id) == (0, 0, 0)


Append = AppendRecords[LogRecord]


@asynccontextmanager
async def log_of(
    database: Database,
    clock: FixedClock,
    intake: Intake,
    *,
    append: Append | None = None,
    connect: Any = None,
) -> AsyncIterator[CallbackLog[IntakeEvent, LogRecord]]:
    """Open a callback log with a part that misbehaves."""
    log = Log()
    async with CallbackLog(
        connect or database.connect_system,
        clock,
        seal=intake.seal,
        append=append or log.append,
        announce=log.announce,
    ) as opened:
        yield opened


async def test_what_cannot_be_stored_is_asked_for_again(
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
    intake: Intake,
    database: Database,
) -> None:
    async def no_connection() -> Any:
        raise OSError("no route")

    healthy = platform_side.door._keeper
    before = refused("not_committed")
    async with log_of(database, clock, intake, connect=no_connection) as broken:
        platform_side.door._keeper = broken
        assert (await platform_side.deliver(FOLLOW)).status == 500
    assert refused("not_committed") == before + 1
    assert await kept(uows, tenant_id) == (0, 0, 0)

    platform_side.door._keeper = healthy
    assert (await platform_side.deliver(FOLLOW)).body == b"success"
    assert await kept(uows, tenant_id) == (1, 1, 1)


async def test_a_slow_commit_is_not_answered_as_done(
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
    intake: Intake,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The commit may still happen: the platform delivers again, and hears that all is well."""
    released = asyncio.Event()

    async def wait(
        connection: Any, tenant: TenantId, records: Sequence[LogRecord], **at: Any
    ) -> Sequence[str]:
        await released.wait()
        return await Log().append(connection, tenant, records, **at)

    monkeypatch.setattr(door_module, "COMMIT_TIMEOUT_S", 0.05)
    async with log_of(database, clock, intake, append=wait) as slow:
        platform_side.door._keeper = slow
        assert (await platform_side.deliver(FOLLOW)).status == 500
        released.set()
        monkeypatch.setattr(door_module, "COMMIT_TIMEOUT_S", 4.0)
        assert (await platform_side.deliver(FOLLOW)).body == b"success"

    assert await kept(uows, tenant_id) == (1, 1, 1)


async def test_a_row_the_database_refuses_holds_nobody_up(
    platform_side: Platform,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
    intake: Intake,
    database: Database,
) -> None:
    async def refuse_one(
        connection: Any, tenant: TenantId, records: Sequence[LogRecord], **at: Any
    ) -> Sequence[str]:
        if any(record.message_id == "7" for record in records):
            raise psycopg.DataError("poison")
        return await Log().append(connection, tenant, records, **at)

    async with log_of(database, clock, intake, append=refuse_one) as strict:
        platform_side.door._keeper = strict
        answers = await asyncio.gather(
            *(
                platform_side.deliver(text_message("x", at=1772596800, message_id=number))
                for number in range(5, 10)
            )
        )

    assert [answer.status for answer in answers] == [200, 200, 500, 200, 200]
    assert await kept(uows, tenant_id) == (4, 4, 1)


async def test_an_impossible_time_is_refused(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    answer = await platform_side.deliver(event("CLICK", at=10**15))

    assert answer.status == 400
    assert await kept(uows, tenant_id) == (0, 0, 0)
