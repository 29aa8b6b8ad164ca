"""Orders from lines: one small file per rule."""

from decimal import Decimal
from pathlib import Path

import pytest

from quanyu.flows.imports.errors import FileUnusable
from quanyu.flows.imports.rules import Part, parts_of_amount
from support.imports import ORDERS_MAP, by_message_id, items_of, lines, prepared, total_of

SALE_1 = "536365,85123A,HEART,6,2010-12-01 08:26,2.55,17850,United Kingdom"
SALE_2 = "536365,71053,LANTERN,8,2010-12-01 08:27,3.39,17850,United Kingdom"


def test_the_lines_of_an_order_become_one_event(tmp_path: Path) -> None:
    manifest, (event,) = prepared(tmp_path, lines(SALE_1, SALE_2), ORDERS_MAP)

    assert (manifest.rows, manifest.events, manifest.rows_rejected) == (2, 1, 0)
    assert event.name == "Order Completed"
    assert event.message_id == "order:536365:completed"
    assert event.names == [("user_id", "", "17850")]
    assert (event.order_id, event.revenue, event.currency, event.quantity) == ("536365", "42.42", "GBP", "14")
    assert manifest.last_at == "2010-12-01T08:27:00.000Z"  # Of the last line.
    assert event.properties == {"order_id": "536365", "currency": "GBP", "country": "United Kingdom"}
    assert items_of(event) == [
        {
            "product_id": "85123A",
            "name": "HEART",
            "price": "2.55",
            "quantity": "6",
            "occurred_at": "2010-12-01T08:26:00.000Z",
        },
        {"product_id": "71053", "name": "LANTERN", "price": "3.39", "quantity": "8"},
    ]


def test_a_cancellation_is_a_negative_refund(tmp_path: Path) -> None:
    _, (event,) = prepared(
        tmp_path, lines("C536379,D,Discount,-1,2010-12-01 09:41,27.50,14527,United Kingdom"), ORDERS_MAP
    )

    assert (event.name, event.message_id) == ("Order Refunded", "order:C536379:refunded")
    assert (event.revenue, event.quantity) == ("-27.5", "-1")
    assert items_of(event) == [
        {"product_id": "D", "name": "Discount", "price": "27.5", "quantity": "-1"},
    ]


def test_adjustments_inside_an_order_stay_as_they_are(tmp_path: Path) -> None:
    _, events = prepared(
        tmp_path,
        lines(
            "A563186,B,Adjust bad debt,1,2011-08-12 14:51,-11062.06,,United Kingdom",
            "536414,22139,,-5,2010-12-01 11:52,0,,United Kingdom",
        ),
        ORDERS_MAP,
    )

    found = by_message_id(events)
    debt, damage = found["order:A563186:completed"], found["order:536414:completed"]
    assert (debt.revenue, items_of(debt)[0]["price"]) == ("-11062.06", "-11062.06")
    assert (damage.revenue, damage.quantity, items_of(damage)[0]["quantity"]) == ("0", "-5", "-5")
    assert debt.names == [] == damage.names  # Events of nobody.
    assert "name" not in items_of(damage)[0]


def test_unsigned_credit_notes_are_turned_where_the_map_says_so(tmp_path: Path) -> None:
    row = "C1,D,Discount,2,2010-12-01 09:41,27.50,14527,United Kingdom"
    unsigned = ORDERS_MAP.replace('prefix = "C"', 'prefix = "C", quantities = "unsigned"')

    _, (event,) = prepared(tmp_path, lines(row), unsigned)

    assert (event.revenue, event.quantity, items_of(event)[0]["quantity"]) == ("-55", "-2", "-2")
    # Otherwise a credit note that adds money is refused rather than guessed about.
    (tmp_path / "again").mkdir()
    with pytest.raises(FileUnusable, match="the credit note adds money"):
        prepared(tmp_path / "again", lines(row), ORDERS_MAP)


def test_a_status_column_can_mark_sales_that_came_back_and_rows_to_skip(tmp_path: Path) -> None:
    by_status = (
        ORDERS_MAP.replace('credit_note = { prefix = "C" }', "")
        .replace(
            "[lines]",
            'returned = { column = "country", values = ["已退款"], time_column = "back" }\n[lines]',
        )
        .replace("[orders]", '[skip]\ncolumn = "country"\nvalues = ["交易关闭"]\n[orders]')
    )
    header = "order,sku,name,quantity,date,price,customer,country,back"
    content = lines(
        "1,A,Tea,2,2024-05-01 10:00,30,u1,成功,",
        "1,B,Nuts,1,2024-05-01 10:00,19.9,u1,已退款,2024-05-03 09:00",
        "2,A,Tea,1,2024-05-02 10:00,30,u2,交易关闭,",
        header=header,
    )

    manifest, events = prepared(tmp_path, content, by_status)

    found = by_message_id(events)
    assert manifest.rows_skipped == 1
    assert set(found) == {"order:1:completed", "order:1:refunded"}
    assert (found["order:1:completed"].revenue, found["order:1:refunded"].revenue) == ("79.9", "-19.9")
    assert manifest.last_at == "2024-05-03T08:00:00.000Z"  # Given back in summer time.


def test_negative_lines_can_be_made_refunds(tmp_path: Path) -> None:
    chosen = ORDERS_MAP.replace("[lines]", 'negative_lines = "refund"\n[lines]')

    _, events = prepared(
        tmp_path, lines(SALE_1, "536365,71053,LANTERN,-2,2010-12-01 08:27,3.39,17850,UK"), chosen
    )

    found = by_message_id(events)
    assert found["order:536365:completed"].revenue == "15.3"
    assert found["order:536365:refunded"].revenue == "-6.78"


def test_one_bad_line_rejects_its_whole_order_and_no_other(tmp_path: Path) -> None:
    content = lines(
        SALE_1,
        SALE_2.replace("3.39", "three"),
        "536366,22633,WARMER,6,2010-12-01 08:28,1.85,17850,United Kingdom",
        "536367,22633,WARMER,6,2010-12-01 08:28,1.85,17850,United Kingdom",
    )

    manifest, events = prepared(tmp_path, content, ORDERS_MAP)

    assert [event.order_id for event in events] == ["536366", "536367"]
    assert manifest.reasons == {"order.line_rejected": 1, "number.invalid": 1}
    rejects = (tmp_path / "job" / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert (
        rejects[0] == "row,reason,message_zh,message_en,order,sku,name,quantity,date,price,customer,country"
    )
    assert rejects[1].startswith("2,order.line_rejected,")
    assert rejects[2].startswith("3,number.invalid,“price”：不是数字")
    assert rejects[2].endswith(",536365,71053,LANTERN,8,2010-12-01 08:27,three,17850,United Kingdom")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (SALE_2.replace("17850", "17851"), "order.several_people"),
        (SALE_2.replace("2010-12-01", "2010-13-01"), "time.invalid"),
        (SALE_2.replace(",8,", ",,"), "cell.missing"),
        (SALE_2.replace("3.39", "3.39999"), "number.too_many_decimals"),
        (SALE_2 + ",surplus", "row.cell_count"),
        (SALE_2.replace(",United Kingdom", ""), "row.cell_count"),
    ],
)
def test_reasons(tmp_path: Path, row: str, reason: str) -> None:
    other = [SALE_1.replace("536365", str(number)) for number in range(3)]

    manifest, events = prepared(tmp_path, lines(SALE_1, row, *other), ORDERS_MAP)

    assert reason in manifest.reasons
    assert manifest.rows_rejected == 2
    assert len(events) == 3


def test_a_line_without_an_order_id_stands_alone(tmp_path: Path) -> None:
    manifest, events = prepared(tmp_path, lines(SALE_1, SALE_2.replace("536365", "")), ORDERS_MAP)

    assert manifest.first_rejects[0]["row"] == 3
    assert manifest.first_rejects[0]["message_en"] == "'order': a value that must be there is empty"
    assert [event.revenue for event in events] == ["15.3"]


def test_a_customer_on_some_lines_is_the_customer_of_the_order(tmp_path: Path) -> None:
    _, (event,) = prepared(tmp_path, lines(SALE_1, SALE_2.replace("17850", "")), ORDERS_MAP)

    assert event.names == [("user_id", "", "17850")]


def test_the_wrong_column_as_order_id_is_noticed(tmp_path: Path) -> None:
    rows = [SALE_1.replace("536365", str(number)) for number in range(10_001)]
    wrong = ORDERS_MAP.replace('order_id = "order"', 'order_id = "country"').replace(
        'credit_note = { prefix = "C" }', ""
    )

    with pytest.raises(FileUnusable, match="too many lines share this order id"):
        prepared(tmp_path, lines(*rows), wrong)


def test_rows_without_an_order_id_are_numbered_by_what_they_state(tmp_path: Path) -> None:
    numbered = ORDERS_MAP.replace(
        'order_id = "order"', 'order_id = { columns = ["customer", "date"], numbered = true }'
    ).replace('credit_note = { prefix = "C" }', "")
    rows = [SALE_1, SALE_1, SALE_1.replace("2.55", "9.99")]
    (tmp_path / "turned").mkdir()

    _, events = prepared(tmp_path, lines(*rows), numbered)
    _, turned = prepared(tmp_path / "turned", lines(*reversed(rows)), numbered)

    assert [(event.order_id, event.revenue) for event in events] == [
        ("17850-2010-12-01 08:26-1", "15.3"),
        ("17850-2010-12-01 08:26-2", "15.3"),
        ("17850-2010-12-01 08:26-3", "59.94"),
    ]
    assert events == turned


@pytest.mark.parametrize(
    ("quantity", "amount", "parts"),
    [
        ("5", "77", [("5", "15.4")]),
        ("3", "20", [("1", "6.6666"), ("2", "6.6667")]),
        ("-3", "-20", [("-1", "6.6666"), ("-2", "6.6667")]),
        ("3", "-20", [("1", "-6.6666"), ("2", "-6.6667")]),
        ("0.5", "2.5", [("0.5", "5")]),
        ("0.3", "1", [("1", "1")]),
        ("-0.3", "-1", [("-1", "1")]),
        ("4", "0", [("4", "0")]),
        ("0", "0", [("0", "0")]),
    ],
)
def test_an_amount_is_shared_out_exactly(quantity: str, amount: str, parts: list[tuple[str, str]]) -> None:
    made = parts_of_amount(Decimal(quantity), Decimal(amount))

    assert made == tuple(Part(Decimal(units), Decimal(price)) for units, price in parts)
    assert sum(part.quantity * part.price for part in made or ()) == Decimal(amount)


def test_nothing_sold_for_something_has_no_unit_price() -> None:
    assert parts_of_amount(Decimal(0), Decimal(5)) is None


def test_revenue_is_the_sum_of_the_lines_even_where_cents_are_fractions(tmp_path: Path) -> None:
    weighed = [
        "1,A,Tea,0.755,2024-05-01 10:00,3.99,u1,UK",
        "1,B,Nuts,0.333,2024-05-01 10:00,0.0001,u1,UK",
    ]

    _, (event,) = prepared(tmp_path, lines(*weighed), ORDERS_MAP)

    assert total_of(event) == Decimal("3.0124833")
    assert event.revenue == "3.0125"  # Rounded once, to the four places history keeps.
