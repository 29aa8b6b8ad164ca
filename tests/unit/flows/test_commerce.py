"""What an e-commerce event says of money, to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.flows.commerce import NOTHING, decimal_text, read_currency, take_commerce


def test_an_order_keeps_its_lines_and_exact_amounts() -> None:
    properties = {
        "order_id": "A-1",
        "total": 19.9,
        "currency": "cny",
        "products": [{"product_id": "p1", "price": 9.95, "quantity": 2, "name": "龙井"}],
    }
    commerce = take_commerce("Order Completed", properties)
    assert (commerce.order_id, commerce.revenue, commerce.currency) == ("A-1", "19.9", "CNY")
    assert commerce.items == ({"product_id": "p1", "price": "9.95", "quantity": "2", "name": "龙井"},)
    assert "products" not in properties


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("CNY", "CNY"),
        (" usd ", "USD"),
        ("ZZZZ", ""),
        ("RMB1", ""),
        ("元", ""),
        ("ＣＮＹ", ""),
        (156, ""),
        (None, ""),
    ],
)
def test_a_currency_is_three_letters(value: object, code: str) -> None:
    assert read_currency(value) == code
    assert take_commerce("Order Completed", {"revenue": 1, "currency": value}).currency == code


def test_revenue_wins_over_total() -> None:
    assert take_commerce("Order Completed", {"revenue": "10.00", "total": "12.00"}).revenue == "10.00"


def test_a_refund_counts_negative_however_it_is_written() -> None:
    for total in (5, -5, "5"):
        commerce = take_commerce(
            "Order Refunded", {"total": total, "products": [{"price": 5, "quantity": 1}]}
        )
        assert commerce.revenue == "-5"
        assert commerce.items[0]["quantity"] == "-1"


def test_an_event_without_money_has_none() -> None:
    assert take_commerce("Page Viewed", {"url": "x"}) == NOTHING


@pytest.mark.parametrize("value", ["abc", None, True, float("nan"), float("inf"), [], 10**14, "1e999999"])
def test_what_is_no_amount_is_not_counted(value: object) -> None:
    assert decimal_text(value) is None


@given(st.integers(-(10**16), 10**16))
def test_amounts_of_four_places_are_kept_exactly(units: int) -> None:
    amount = Decimal(units) / 10_000
    written = decimal_text(amount)
    assert written is not None
    assert Decimal(written) == amount


def test_a_float_means_what_its_sender_wrote() -> None:
    assert [decimal_text(value) for value in (0.1, 2.55, 1e-05, 123456789.1234)] == [
        "0.1",
        "2.55",
        "0.0000",
        "123456789.1234",
    ]
