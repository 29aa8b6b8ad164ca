"""A dispatcher killed again and again, mid-call, over real HTTP: nothing lost, nothing sent twice."""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from integration.messaging import tiny_platform
from integration.messaging.world import Neighbours, Reachable, template, text
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.contracts import MessageClass, MessagesSummary, MessageState
from quanyu.modules.messaging.queries import ledgers
from quanyu.modules.messaging.rules import WINDOW_GRANTS, WindowKind
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.consent.service import Consent
from support import platform as engines

KILLS = 12
TEXTS, TEMPLATES = 1_500, 900
CONCURRENCY = 24
SEED = 20_260_304


@pytest.mark.slow
async def test_killing_the_dispatcher_loses_nothing_and_sends_nothing_twice(
    postgres: EmbeddedPostgres,
    database_name: str,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    uows.clock = SystemClock()
    keys = KeyFile.new()
    sealer = Sealer(KeyRing(keys))
    messaging = await _plan_everything(uows, tenant_id, sealer)
    choices = random.Random(SEED)

    async with tiny_platform.running(SEED) as platform:
        urls = engines.urls(postgres, database_name)
        start = {
            "urls": {"owner": urls.owner, "system": urls.system, "app": urls.app},
            "keys": keys.serialise().decode(),
            "tenant_id": tenant_id,
            "base_url": platform.base_url,
            "concurrency": CONCURRENCY,
        }
        left_in_hand = 0
        for _ in range(KILLS):
            process = await _spawn(start)
            await platform.wait_for_calls(platform.calls + choices.randint(1, 150))
            await asyncio.sleep(choices.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            await process.wait()
            in_hand = (await _summary(uows, tenant_id, messaging)).by_state[MessageState.HANDED]
            assert in_hand <= CONCURRENCY
            left_in_hand += in_hand
        process = await _spawn(start)
        await _until_quiet(uows, tenant_id, messaging)
        process.terminate()
        assert await process.wait() == 0

    result = await _summary(uows, tenant_id, messaging)
    assert result.planned == TEXTS + TEMPLATES
    assert result.accepted + result.rejected + result.refused + result.unknown == result.planned
    assert (result.rejected, result.refused, result.in_progress) == (0, 0, 0)
    assert left_in_hand > 0
    assert result.unknown <= left_in_hand
    # Nobody got one message twice, and every message that was accepted arrived.
    assert set(platform.texts.values()) | set(platform.templates.values()) == {1}
    assert len(platform.templates) == TEMPLATES
    assert TEXTS - result.unknown <= len(platform.texts) <= TEXTS
    await _every_outcome_is_in_the_log_once(uows, tenant_id, result)


async def _plan_everything(uows: UnitOfWorkFactory, tenant_id: TenantId, sealer: Sealer) -> Messaging:
    neighbours = Neighbours()
    people = [PersonId(person) for person in range(1, TEXTS + 1)]
    neighbours.recipients = {person: Reachable(f"o-{person}") for person in people}
    messaging = Messaging(
        MessagingPorts(
            recipients=neighbours, variables=neighbours, zones=neighbours, consent=LedgerConsent(Consent())
        ),
        sealer,
    )
    async with uows.system(tenant_id) as uow:
        now = uow.clock.now()
        grant = WINDOW_GRANTS[WindowKind.MESSAGE]
        openings = [
            ledgers.WindowOpening(
                account_id=(first := text("x", 1)).account_id,
                recipient=sealer.recipient_token(first.account_id, f"o-{person}"),
                person_id=person,
                kind=str(WindowKind.MESSAGE),
                opened_at=now,
                expires_at=now + grant.span,
                granted=grant.messages,
            )
            for person in people
        ]
        await ledgers.open_windows(await uow.raw(), tenant_id, openings)
    async with uows.app(tenant_id) as uow:
        texts = [text(f"text:{person}", person, f"第 {person} 条") for person in people]
        marketing = MessageClass.MARKETING
        templates = [
            template(f"template:{person}", person, message_class=marketing) for person in people[:TEMPLATES]
        ]
        planned = await messaging.plan(uow, [*texts, *templates])
    assert {message.state for message in planned} == {"reserved"}
    return messaging


async def _spawn(settings: dict[str, Any]) -> asyncio.subprocess.Process:
    here = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(here / "dispatcher_process.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(here.parents[1])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(settings).encode() + b"\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _summary(uows: UnitOfWorkFactory, tenant_id: TenantId, messaging: Messaging) -> MessagesSummary:
    async with uows.system(tenant_id) as uow:
        return await messaging.summary(uow)


async def _until_quiet(uows: UnitOfWorkFactory, tenant_id: TenantId, messaging: Messaging) -> None:
    async with asyncio.timeout(120):
        while True:
            async with uows.system(tenant_id) as uow:
                row = (
                    await uow.execute(
                        "SELECT count(*) FROM message_intent WHERE tenant_id = :t AND wake_at IS NOT NULL",
                        {"t": tenant_id},
                    )
                ).scalar_one()
            if row == 0:
                return
            await asyncio.sleep(0.1)


async def _every_outcome_is_in_the_log_once(
    uows: UnitOfWorkFactory, tenant_id: TenantId, result: MessagesSummary
) -> None:
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT name, count(*), count(DISTINCT message_id) FROM log_event "
            "WHERE tenant_id = :t AND name LIKE 'messaging.%' GROUP BY name",
            {"t": tenant_id},
        )
        counted = {name: (count, distinct) for name, count, distinct in rows}
    assert counted["messaging.message_accepted"] == (result.accepted, result.accepted)
    expected = (result.unknown, result.unknown) if result.unknown else (0, 0)
    assert counted.get("messaging.message_unknown", (0, 0)) == expected
