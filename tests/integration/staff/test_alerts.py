"""Lost customers become alerts, and members are told of them once."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contract.wecom.corp import Corp as Company
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.customers.alerts.contracts import (
    Alert,
    AlertId,
    AlertKind,
    AlertRules,
    AlertState,
    Telling,
    TellMode,
)
from quanyu.modules.staff.customers.alerts.queries import AlertQueries
from quanyu.modules.staff.customers.alerts.subscribers import AlertSubscriber
from quanyu.modules.staff.customers.alerts.worker import AlertTeller
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.directory.subscribers import DirectorySubscriber
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.transport import Timeouts, Transport, open_transport

from .conftest import START, Corp, insert_corp

# 17:00 in Shanghai on the day everything happens: past the hour of the day's digest.
_NOW = START + timedelta(minutes=30)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(_NOW)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


def as_event(fact: Fact, position: int) -> LogEvent:
    return LogEvent(
        position=position,
        person_id=fact.person_id,
        kind="track",
        name=fact.name,
        occurred_at=fact.occurred_at,
        received_at=fact.occurred_at,
        source=fact.source,
        message_id=fact.message_id,
        properties=dict(fact.properties),
        context=dict(fact.context),
    )


async def hear(uows: UnitOfWorkFactory, corp: Corp, events: Sequence[LogEvent]) -> None:
    """Let the log tell of callbacks, and alerts of what follows from them; twice, as it may."""
    for _ in range(2):
        async with uows.system(corp.tenant_id) as uow:
            await DirectorySubscriber().apply(uow, events, None)
            await CustomerSubscriber().apply(uow, events, None)
            facts, uow.facts = [*uow.facts], []
            stated = [as_event(fact, number) for number, fact in enumerate(facts)]
            await AlertSubscriber(Tenants()).apply(uow, stated, None)
            await AlertSubscriber(Tenants()).apply(uow, stated, None)


async def alerts(uows: UnitOfWorkFactory, corp: Corp) -> tuple[Alert, ...]:
    async with uows.app(corp.tenant_id) as uow:
        return await AlertQueries(uow).page(
            state=None, kind=None, corp_id=None, userid="", before=None, limit=50
        )


async def save_rules(uows: UnitOfWorkFactory, corp: Corp, rules: AlertRules) -> None:
    async with uows.app(corp.tenant_id) as uow:
        await AlertQueries(uow).save_rules(corp.corp_id, rules)


def deletions(corp: Corp, userid: str, count: int, *, at: int = 60) -> list[LogEvent]:
    adds = [corp.event("customer_added", userid, f"wm{number}", at=number) for number in range(count)]
    gone = [
        corp.event("customer_deleted_by_staff", userid, f"wm{number}", at=at + number)
        for number in range(count)
    ]
    return [*adds, *gone]


async def test_each_loss_is_one_alert(uows: UnitOfWorkFactory, corp: Corp) -> None:
    await hear(
        uows,
        corp,
        [
            corp.event("customer_added", "ann", "wmA", at=0),
            corp.event("staff_deleted_by_customer", "ann", "wmA", at=9),
            *deletions(corp, "bob", 1),
        ],
    )

    assert [(one.kind, one.userid, one.token) for one in reversed(await alerts(uows, corp))] == [
        (AlertKind.LOST_BY_CUSTOMER, "ann", corp.token("wmA")),
        (AlertKind.LOST_BY_STAFF, "bob", corp.token("wm0")),
    ]


async def test_many_deletions_in_a_day_and_before_leaving_are_conspicuous(
    uows: UnitOfWorkFactory, corp: Corp
) -> None:
    await save_rules(uows, corp, AlertRules(deletions_per_day=3, leaving_deletions=4))

    await hear(uows, corp, [corp.event("staff_joined", "eve", at=0), *deletions(corp, "eve", 3)])
    (many,) = [one for one in await alerts(uows, corp) if one.kind is AlertKind.MANY_DELETIONS]
    assert (many.userid, many.count) == ("eve", 3)

    await hear(uows, corp, [*deletions(corp, "eve", 4), corp.event("staff_left", "eve", at=120)])
    found = {one.kind: one.count for one in await alerts(uows, corp) if one.token is None}
    assert found == {AlertKind.MANY_DELETIONS: 4, AlertKind.DELETED_BEFORE_LEAVING: 4}


async def test_a_history_brought_over_alerts_nobody(uows: UnitOfWorkFactory, corp: Corp) -> None:
    long_ago = -30 * 86_400
    await hear(uows, corp, deletions(corp, "old", 3, at=long_ago + 60))

    assert await alerts(uows, corp) == ()


async def test_who_saw_to_an_alert_is_kept(uows: UnitOfWorkFactory, corp: Corp) -> None:
    await hear(uows, corp, deletions(corp, "bob", 1))
    (one,) = await alerts(uows, corp)

    async with uows.app(corp.tenant_id) as uow:
        queries = AlertQueries(uow)
        handled = await queries.settle(one.alert_id, state=AlertState.HANDLED, by="王店长", note="已联系")
        assert handled is not None
        assert (handled.state, handled.handled_by, handled.note) == (AlertState.HANDLED, "王店长", "已联系")
        assert await queries.count_open() == 0
        again = await queries.settle(one.alert_id, state=AlertState.OPEN, by="王店长", note="")
        assert again is not None
        assert (again.state, again.handled_by) == (AlertState.OPEN, "")
        assert await queries.settle(AlertId(1), state=AlertState.HANDLED, by="x", note="") is None


async def test_members_are_told_once_at_once_or_in_the_days_digest(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    company: Company,
    transport: Transport,
    clock: FixedClock,
) -> None:
    """Delivered at least once, and what is sent again the platform makes one."""
    await company.control("POST", "/reset")
    clock.advance(datetime.now(UTC) - clock.now())  # Tokens are as old as the platform says.
    first, second, *_ = await company.staff()
    corp = await insert_corp(
        uows,
        tenant_id,
        key_ring,
        app_id=company.id,
        secret=company.secret("app"),
        base_url=f"{company.url}/qyapi.weixin.qq.com",
        agent_id=company.agent_id,
    )
    rules = AlertRules(
        lost_by_customer=Telling(staff=True, members=(second,)),
        lost_by_staff=Telling(mode=TellMode.DIGEST, members=(second,)),
        digest_hour=0,
    )
    await save_rules(uows, corp, rules)
    elapsed = int((clock.now() - START).total_seconds())
    lost = corp.event("staff_deleted_by_customer", first, "wmA", at=elapsed)
    await hear(uows, corp, [corp.event("customer_added", first, "wmA", at=elapsed - 60), lost])
    await hear(uows, corp, deletions(corp, first, 1, at=elapsed))
    teller = AlertTeller(uows, key_ring, Tenants(), CorpClients(uows, key_ring, transport))

    async def told(userid: str) -> list[str]:
        shown = await company.control("GET", f"/staff/{userid}/messages")
        return re.findall("【客户流失..】", json.dumps(shown, ensure_ascii=False))

    while await teller.run_once(tenant_id):
        pass
    assert (await told(first), await told(second)) == (["【客户流失提醒】"], ["【客户流失提醒】"])

    clock.advance(timedelta(days=1))
    while await teller.run_once(tenant_id):
        pass
    assert await told(first) == ["【客户流失提醒】"]
    assert sorted(await told(second)) == ["【客户流失提醒】", "【客户流失日报】"]
