"""What a code brought, counted in history (CW-14)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.staff.codes.statistics import CodePeriod, LiveCodeStatistics

_EVENTS = """
INSERT INTO events (tenant_id, name, person, occurred_at, received_at, applied_at, kind, source, message_id,
    app, staff, revenue, currency, properties) VALUES
"""
ADDED, LOST = "staff.added_by_code", "wechat.wecom.staff_deleted_by_customer"
NEW, OLD, OTHER = '{"code":"liv_1","is_new":true}', '{"code":"liv_1","is_new":false}', '{"code":"liv_2"}'


async def test_cw_14_adds_losses_and_what_was_paid(warehouse: Warehouse, tenant_id: TenantId) -> None:
    day = datetime(2026, 3, 1, 2, tzinfo=UTC)
    story: list[tuple[str, int, timedelta, str, str, str]] = [
        (ADDED, 1, timedelta(0), "ann", "0", NEW),
        (LOST, 1, timedelta(hours=2), "ann", "0", "{}"),
        (ADDED, 2, timedelta(hours=1), "ann", "0", NEW),
        (LOST, 2, timedelta(hours=2), "ben", "0", "{}"),  # Somebody else was lost.
        (LOST, 2, timedelta(days=3), "ann", "0", "{}"),
        (LOST, 3, -timedelta(days=8), "ben", "0", "{}"),
        (ADDED, 3, timedelta(days=1), "ben", "0", OLD),
        (LOST, 3, timedelta(days=21), "ben", "0", "{}"),
        (ADDED, 3, timedelta(days=22), "ben", "0", OLD),  # Beyond the period.
        ("Order Completed", 3, timedelta(days=2), "", "80.50", "{}"),
        ("Order Refunded", 3, timedelta(days=3), "", "-10.50", "{}"),
        ("Order Completed", 3, timedelta(days=60), "", "99", "{}"),
        (ADDED, 4, timedelta(0), "ann", "0", OTHER),
        ("Order Completed", 4, timedelta(days=2), "", "5", "{}"),
    ]
    values = ", ".join(
        f"({tenant_id}, '{name}', {person}, '{(day + after):%Y-%m-%d %H:%M:%S}', "
        f"'{day:%Y-%m-%d %H:%M:%S}', '{day:%Y-%m-%d %H:%M:%S}', 'track', 't', '{number}', "
        f"'ww1', '{staff}', {revenue}, 'CNY', '{properties}')"
        for number, (name, person, after, staff, revenue, properties) in enumerate(story)
    )
    await warehouse.command(_EVENTS + values)
    period = CodePeriod(
        code="liv_1",
        start=day - timedelta(hours=10),
        end=day + timedelta(days=5),
        zone="Asia/Shanghai",
        currency="CNY",
    )

    found = await LiveCodeStatistics(warehouse).of_code(tenant_id, period, over_cap=2)

    assert [(one.date, one.adds, one.new_customers) for one in found.days] == [
        (date(2026, 3, 1), 2, 2),
        (date(2026, 3, 2), 1, 0),
    ]
    assert (found.adds, found.people, found.new_customers, found.existing_customers) == (3, 3, 2, 1)
    assert (found.lost_24h, found.lost_7d, found.lost_30d) == (1, 2, 3)
    assert (found.payers, found.gmv, found.currency) == (1, Decimal("70"), "CNY")
    assert found.over_cap == 2


async def test_cw_14_a_code_nobody_came_by_has_zeros(warehouse: Warehouse, tenant_id: TenantId) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    period = CodePeriod(
        code="liv_9", start=day, end=day + timedelta(days=1), zone="Asia/Shanghai", currency="CNY"
    )
    found = await LiveCodeStatistics(warehouse).of_code(tenant_id, period, over_cap=0)
    assert (found.days, found.adds, found.people, found.payers, found.gmv) == ((), 0, 0, 0, Decimal(0))
