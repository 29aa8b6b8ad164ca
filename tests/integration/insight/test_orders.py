"""Order figures add up exactly, refunds, unknown customers and odd lines included."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integration.segments.world import Api, Brand, happened, order
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.contracts import CurrencyRevenue
from quanyu.modules.insight.currencies import Currency, pick_currency
from quanyu.modules.insight.orders import amount_text
from quanyu.modules.tenants.service import Tenants

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def refund(user: str, order_id: str, at: datetime, *, price: str, quantity: str) -> IntakeEvent:
    return happened(
        "Order Refunded",
        user,
        at,
        message_id=f"refund:{order_id}",
        properties={
            "order_id": order_id,
            "revenue": "2.01",
            "products": [{"sku": "s", "price": price, "quantity": quantity}],
        },
    )


def stranger(order_id: str, at: datetime, *, price: str, quantity: str) -> IntakeEvent:
    made = order("nobody", order_id, at, [(price, quantity)])
    made.identifiers = ()
    return made


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    await brand.tell(
        order("a", "1", AT, [("1.005", "3"), ("0", "1"), ("2", "-1")]),
        order("b", "2", AT + timedelta(days=1), [("0.001", "1")]),
        stranger("3", AT + timedelta(days=1), price="10", quantity="1"),
        refund("a", "C4", AT + timedelta(days=2), price="1.005", quantity="-2"),
        happened("Product Viewed", "c", AT),
    )
    return brand


async def test_figures_over_all_history(shop: Brand, api: Api) -> None:
    status, figures = await api.call("GET", "/api/v1/insight/orders")
    assert status == 200
    assert figures == {
        "currency": "CNY",
        "other_currencies": [],
        "all": {
            "invoices": 4,
            "customers": 2,
            "lines": 6,
            "cancelled_lines": 1,
            "net_revenue": "9.006",
        },
        "positive_known": {"invoices": 2, "customers": 2, "lines": 2, "revenue": "3.016"},
    }


async def test_a_period_is_half_open_in_the_brands_time_zone(shop: Brand, api: Api) -> None:
    # AT is noon of March 1 in Shanghai.
    _, first_day = await api.call(
        "GET", "/api/v1/insight/orders", **{"from": "2026-03-01", "to": "2026-03-02"}
    )
    assert (first_day["all"]["invoices"], first_day["all"]["lines"]) == (1, 3)
    _, until = await api.call("GET", "/api/v1/insight/orders", to="2026-03-01T04:00:00Z")
    assert until["all"] == {
        "invoices": 0, "customers": 0, "lines": 0, "cancelled_lines": 0, "net_revenue": "0.00",
    }  # fmt: skip
    _, since = await api.call("GET", "/api/v1/insight/orders", **{"from": "2026-03-02T12:00:00"})
    assert since["all"]["invoices"] == 3


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"from": "2026-03-02", "to": "2026-03-02"}, {"to": "2026-13-01"}]
)
async def test_odd_periods_are_refused(api: Api, query: dict[str, str]) -> None:
    status, answer = await api.call("GET", "/api/v1/insight/orders", **query)
    assert (status, answer["code"]) == (422, "insight.invalid_period")


async def test_days_without_orders_are_zero(shop: Brand, uows: UnitOfWorkFactory) -> None:
    async with uows.app(shop.tenant) as uow:
        brand = await Tenants().get_brand(uow)
    days = (await shop.orders.by_day(brand, as_of=AT + timedelta(days=1), days=3)).days
    assert [(day.date, day.orders) for day in days] == [
        (date(2026, 2, 28), 0),
        (date(2026, 3, 1), 1),
        (date(2026, 3, 2), 2),
    ]
    assert days[0].revenue == "0.00"


async def test_days_are_in_the_brands_own_currency_and_others_are_named(
    shop: Brand, uows: UnitOfWorkFactory
) -> None:
    abroad = [
        happened(
            "Order Completed",
            "d",
            at,
            message_id=f"abroad:{number}",
            properties={"order_id": f"D{number}", "revenue": "700.5", "currency": "USD"},
        )
        for number, at in enumerate([AT - timedelta(days=90), AT, AT])
    ]
    await shop.tell(*abroad)
    async with uows.app(shop.tenant) as uow:
        brand = await Tenants().get_brand(uow)
    now = AT + timedelta(days=1)

    daily = await shop.orders.by_day(brand, as_of=now, days=2)
    assert (daily.currency, [day.orders for day in daily.days]) == ("CNY", [1, 2])
    others = await shop.orders.other_currencies(brand, since=now - timedelta(days=30))
    assert others == (CurrencyRevenue(currency="USD", total="2101.50", recent="1401.00"),)
    abroad_only = replace(brand, currency="EUR")
    assert (await shop.orders.by_day(abroad_only, as_of=now)).currency == "EUR"
    assert await shop.orders.revenue(brand, since=AT - timedelta(days=99), until=AT) == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("9747747.9340", "9747747.934"),
        ("0", "0.00"),
        ("-3.10000000", "-3.10"),
        ("12", "12.00"),
        ("1E+3", "1000.00"),
    ],
)
def test_amounts_keep_their_decimals(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


async def test_another_brand_sees_nothing(shop: Brand, uows: UnitOfWorkFactory) -> None:
    async with uows.app(shop.tenant) as uow:
        other = replace(await Tenants().get_brand(uow), tenant_id=TenantId(999_999))
    figures: Any = await shop.orders.figures(other)
    assert (figures.all.invoices, figures.positive_known.lines) == (0, 0)


@pytest.mark.parametrize(
    ("used", "wanted", "expected"),
    [
        ([], "", Currency("CNY", ("CNY", ""), ())),
        (["GBP"], "", Currency("GBP", ("GBP",), ())),
        (["GBP", "CNY"], "", Currency("CNY", ("CNY", ""), ("GBP",))),
        (["GBP", ""], "", Currency("CNY", ("CNY", ""), ("GBP",))),
        (["CNY", "GBP", ""], "GBP", Currency("GBP", ("GBP",), ("CNY",))),
    ],
)
def test_amounts_of_two_currencies_are_never_added(used: list[str], wanted: str, expected: Currency) -> None:
    assert pick_currency(used, brand_currency="CNY", wanted=wanted) == expected
