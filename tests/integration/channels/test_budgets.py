"""Budgets and tickets that processes share through PostgreSQL."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.budget_store import PostgresBudgetStore
from quanyu.modules.channels.token_store import PostgresTokenStore, TokenUse
from quanyu.wechat.budget_keeping import SLICE_LIFE, SLICE_MAX, Budgets
from quanyu.wechat.budgets import Budget
from quanyu.wechat.common.management import Quota, QuotaAnswer
from quanyu.wechat.errors import BudgetSpent, QuotaExceeded, refusal
from quanyu.wechat.tokens import AccessToken, AccessTokens
from support import platform as engines

from .conftest import Platform

APP, PATH = "wx0000000000000001", "/cgi-bin/message/custom/send"
LIMIT = 3_000


def daily(limit: int, used: int = 0) -> QuotaAnswer:
    return QuotaAnswer(quota=Quota(daily_limit=limit, used=used, remain=limit - used))


@pytest.fixture
def store(uows: UnitOfWorkFactory, tenant_id: TenantId) -> PostgresBudgetStore:
    return PostgresBudgetStore(uows, tenant_id)


@pytest.fixture
def ours(store: PostgresBudgetStore, clock: FixedClock) -> Budgets:
    return Budgets(store, clock, slice_max=SLICE_MAX)


@pytest.fixture
def theirs(store: PostgresBudgetStore, clock: FixedClock) -> Budgets:
    """Another process of the same app."""
    return Budgets(store, clock, slice_max=SLICE_MAX)


async def kept(store: PostgresBudgetStore) -> Budget:
    return await store.change(APP, PATH, lambda budget: (budget, budget))


async def test_two_processes_spend_a_budget_to_the_last_call_and_no_further(
    ours: Budgets, postgres: EmbeddedPostgres, database_name: str, tenant_id: TenantId
) -> None:
    await ours.learn(APP, PATH, daily(LIMIT))
    urls = engines.urls(postgres, database_name)
    start = {
        "urls": {"owner": urls.owner, "system": urls.system, "app": urls.app},
        "tenant_id": tenant_id,
        "app_id": APP,
        "path": PATH,
        "most": LIMIT * 2,
    }

    made = await asyncio.gather(run_process(start), run_process(start))

    assert sum(made) == LIMIT
    with pytest.raises(BudgetSpent):
        await ours.take(APP, PATH)


async def run_process(start: dict[str, Any]) -> int:
    here = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(here / "budget_process.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(here.parents[1])},
    )
    said, _ = await process.communicate(json.dumps(start).encode() + b"\n")
    assert process.returncode == 0
    return int(said)


async def test_a_refusal_one_process_met_holds_the_others_back(
    ours: Budgets, theirs: Budgets, clock: FixedClock
) -> None:
    for _ in range(5):
        await theirs.take(APP, PATH)  # It may have some calls in store by now.
    error = refusal(45009, "reach max api daily quota limit", path=PATH)
    assert isinstance(error, QuotaExceeded)

    await ours.refused(APP, PATH, error)

    with pytest.raises(BudgetSpent):
        await ours.take(APP, PATH)
    clock.advance(SLICE_LIFE)
    with pytest.raises(BudgetSpent):
        await theirs.take(APP, PATH)
    await ours.cleared(APP, PATH)
    clock.advance(SLICE_LIFE)
    await theirs.take(APP, PATH)


async def test_what_one_process_was_told_counts_for_the_others(
    ours: Budgets, theirs: Budgets, clock: FixedClock, store: PostgresBudgetStore
) -> None:
    await theirs.take(APP, PATH)
    clock.advance(SLICE_LIFE)

    await ours.learn(APP, PATH, daily(10, used=8))

    await theirs.take(APP, PATH)
    await ours.take(APP, PATH)
    for process in (ours, theirs):
        with pytest.raises(BudgetSpent):
            await process.take(APP, PATH)
    assert (await kept(store)).used == 10


async def test_what_a_dead_process_had_in_store_stays_counted_until_midnight(
    ours: Budgets, theirs: Budgets, clock: FixedClock, store: PostgresBudgetStore
) -> None:
    await ours.learn(APP, PATH, daily(LIMIT))
    for _ in range(20):
        await theirs.take(APP, PATH)
    lost = (await kept(store)).lent  # Their process dies here.
    assert 0 < lost <= SLICE_MAX

    assert (await kept(store)).used <= 20 + lost
    clock.advance(timedelta(days=1))
    await ours.take(APP, PATH)
    assert (await kept(store)).used == 1


async def test_a_brand_does_not_see_the_budgets_of_another(
    uows: UnitOfWorkFactory, ours: Budgets, tenant_id: TenantId
) -> None:
    await ours.take(APP, PATH)

    async with uows.app(TenantId(tenant_id + 500_000)) as uow:
        assert (await uow.execute("SELECT count(*) FROM call_budget")).scalar_one() == 0
    async with uows.app(tenant_id) as uow:
        assert (await uow.execute("SELECT count(*) FROM call_budget")).scalar_one() == 1


async def test_processes_share_one_ticket_beside_their_token(
    platform_side: Platform, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    asked = 0

    async def fetch(_force: bool) -> AccessToken:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        now = uows.clock.now()
        return AccessToken(f"ticket-{asked}", now, now + timedelta(hours=2))

    def store(use: TokenUse) -> PostgresTokenStore:
        return PostgresTokenStore(uows, key_ring, tenant_id, platform_side.account_id, use)

    processes = [AccessTokens(store(TokenUse.JS), fetch, uows.clock, holder=f"process-{n}") for n in range(4)]
    assert set(await asyncio.gather(*(one.current() for one in processes))) == {"ticket-1"}
    assert asked == 1
    assert await store(TokenUse.CALL).find() is None, "a ticket is no access token"
