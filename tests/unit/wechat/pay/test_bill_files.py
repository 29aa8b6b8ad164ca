"""Bills: exact columns, exact fen, whole or not at all."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.pay import bills, orders
from quanyu.wechat.pay.amounts import InvalidAmount, fen_of, yuan_of
from quanyu.wechat.pay.bill_files import (
    REFUND_COLUMNS,
    SUCCESS_COLUMNS,
    TRADE_COLUMNS,
    MalformedBill,
    read_fund_flow_bill,
    read_trade_bill,
)
from quanyu.wechat.pay.bills import DamagedBill, download_bill
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import PayRefusal
from support.pay_bills import TRADE_HEADER, TRADE_TOTALS
from support.pay_world import PayWorld
from unit.wechat.pay.test_client import ORDER

TOTALS = "`1,`19.90,`0.00,`0.00,`0.00000,`19.90,`0.00"


def row(**values: str) -> str:
    known = dict.fromkeys(TRADE_COLUMNS, "") | {"交易时间": "2026-03-04 12:00:00", "订单金额": "19.90"}
    return ",".join(f"`{value}" for value in (known | values).values())


def bill(*rows: str, totals: str = TOTALS) -> list[bytes]:
    return [f"{one}\r\n".encode() for one in (TRADE_HEADER, *rows, TRADE_TOTALS, totals)]


def test_columns_are_the_platform_s() -> None:
    assert len(TRADE_COLUMNS) == 27
    assert len(SUCCESS_COLUMNS) == 20
    assert REFUND_COLUMNS[14:18] == ("退款申请时间", "退款成功时间", "微信退款单号", "商户退款单号")


def test_a_line_is_read_by_the_names_of_its_columns() -> None:
    line, totals = read_trade_bill(bill(row(商户订单号="tea-0001", 费率="0.60%")))

    assert line["商户订单号"] == "tea-0001"
    assert (line.fen("订单金额"), line.fen("退款金额")) == (1990, 0)
    assert line.time("交易时间") == datetime(2026, 3, 4, 4, tzinfo=UTC)
    assert (totals.is_total, totals.count("总交易单数"), totals.fen("订单总金额")) == (True, 1, 1990)


def test_a_comma_in_a_description_moves_no_column() -> None:
    tricky = row(商品名称="茶, `green", 商户订单号="tea-0001")

    line, _ = read_trade_bill(bill(tricky))

    assert (line["商品名称"], line["商户订单号"], line.fen("订单金额")) == ("茶, `green", "tea-0001", 1990)
    line, _ = read_trade_bill(bill(row(商品名称="茶,`green")))
    assert (line["商品名称"], line.fen("订单金额")) == ("茶,`green", 1990)


def test_the_mark_at_the_start_and_empty_lines_do_not_count() -> None:
    lines = [b"\xef\xbb\xbf" + TRADE_HEADER.encode() + b"\n", b"\n", *bill(row())[1:]]

    assert len(list(read_trade_bill(lines))) == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "columns"),
        ([b"a,b\n"], "columns"),
        (bill(row())[:2], "without its totals"),
        (bill(row())[:3], "without its totals"),
        (bill("`a,`b"), "2 values for 27 columns"),
        ([*bill()[:1], b"no tick\n"], "neither a detail nor the totals"),
        ([b"\xff\xfe\n"], "not UTF-8"),
    ],
)
def test_what_is_not_as_documented_is_named(lines: list[bytes], says: str) -> None:
    with pytest.raises(MalformedBill, match=says):
        list(read_trade_bill(lines))


@pytest.mark.parametrize("text", ["1.234", "1,00", "abc", "1e3", "0.005", "--1", "1.", ".5", "NaN", "٣"])
def test_what_is_no_amount_is_named(text: str) -> None:
    with pytest.raises(InvalidAmount):
        fen_of(text)


@pytest.mark.parametrize(
    ("text", "fen"), [("0.01", 1), ("19.90", 1990), ("-3.5", -350), ("0.60000", 60), ("7", 700), ("0", 0)]
)
def test_amounts_are_whole_fen(text: str, fen: int) -> None:
    assert fen_of(text) == fen
    assert fen_of(yuan_of(fen)) == fen


def asked(day: date) -> bills.TradeBillRequest:
    return bills.TradeBillRequest(bill_date=day.isoformat(), tar_type="GZIP")


@pytest.fixture
async def day_after(client: PayClient, world: PayWorld, clock: FixedClock) -> date:
    await client.call(orders.JSAPI, ORDER)
    world.pay("tea-0001")
    clock.advance(timedelta(days=1))
    return date(2026, 3, 4)


async def test_a_bill_is_fetched_and_checked(client: PayClient, world: PayWorld, day_after: date) -> None:
    answer = await client.call(bills.TRADE, asked(day_after))
    file = io.BytesIO()

    size = await download_bill(client, answer, file, compressed=True)

    file.seek(0)
    line, totals = read_trade_bill(file)
    assert size == len(world.bill("trade", day_after))
    assert (line.fen("订单金额"), totals.fen("订单总金额")) == (1990, 1990)


async def test_a_damaged_bill_is_not_believed(client: PayClient, day_after: date) -> None:
    answer = await client.call(bills.TRADE, asked(day_after))
    other = bills.BillAnswer(download_url=answer.download_url, hash_value=hashlib.sha1(b"other").hexdigest())

    with pytest.raises(DamagedBill, match="hash"):
        await download_bill(client, other, io.BytesIO(), compressed=True)
    plain = answer.download_url.replace("gzip", "")
    with pytest.raises(DamagedBill, match="decompressed"):
        await download_bill(
            client,
            bills.BillAnswer(download_url=plain, hash_value=answer.hash_value),
            io.BytesIO(),
            compressed=True,
        )


async def test_the_fund_flow_balances(client: PayClient, day_after: date) -> None:
    answer = await client.call(bills.FUND_FLOW, bills.FundFlowBillRequest(bill_date=day_after.isoformat()))
    file = io.BytesIO()

    await download_bill(client, answer, file, compressed=False)

    file.seek(0)
    line, totals = read_fund_flow_bill(file)
    assert (line["收支类型"], line.fen("收支金额(元)"), totals.fen("收入金额")) == ("收入", 1990, 1990)


async def test_a_bill_that_is_not_there_yet(client: PayClient) -> None:
    with pytest.raises(PayRefusal) as refused:
        await client.call(bills.TRADE, asked(date(2026, 3, 4)))
    assert refused.value.pay_code == "STATEMENT_CREATING"
