"""Bills: columns, sums, hash, and when they are there (pay.md 8)."""

import gzip
import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract.sandbox.pay.merchant import Merchant
from contract.sandbox.rig import Rig

DAY = "2026-03-01"
ALL = [
    "交易时间",
    "公众账号ID",
    "商户号",
    "特约商户号",
    "设备号",
    "微信订单号",
    "商户订单号",
    "用户标识",
    "交易类型",
    "交易状态",
    "付款银行",
    "货币种类",
    "应结订单金额",
    "代金券金额",
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款类型",
    "退款状态",
    "商品名称",
    "商户数据包",
    "手续费",
    "费率",
    "订单金额",
    "申请退款金额",
    "费率备注",
]
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FLOWS = [
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务名称",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "资金变更提交申请人",
    "备注",
    "业务凭证号",
]


async def fetch(merchant: Merchant, url: str) -> list[list[str]]:
    """Return the rows of a bill, after its hash was checked."""
    offered = await merchant.call("GET", url)
    assert offered.status == 200, offered.content
    parts = urlsplit(offered.json["download_url"])
    file = await merchant.call("GET", f"{parts.path}?{parts.query}", verify=False)
    assert "Wechatpay-Signature" not in file.headers
    content = gzip.decompress(file.content) if "tar_type=GZIP" in url else file.content
    assert (offered.json["hash_type"], hashlib.sha1(content).hexdigest()) == (
        "SHA1",
        offered.json["hash_value"],
    )
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf")
    assert text.endswith("\r\n")
    return [line.split(",") for line in text.rstrip("\r\n").split("\r\n")]


async def a_day(rig: Rig, merchant: Merchant) -> dict[str, Any]:
    """Two payments and a refund on a day, looked at on the next."""
    first = await merchant.paid("tea-0001", 1000, attach="a")
    await merchant.paid("tea-0002", 250)
    await merchant.refund("tea-0001", "back-1", 300)
    rig.clock.advance(86_400)
    return first


async def test_the_trade_bill(rig: Rig, merchant: Merchant) -> None:
    first = await a_day(rig, merchant)
    rows = await fetch(merchant, f"/v3/bill/tradebill?bill_date={DAY}&bill_type=ALL")

    assert rows[0] == ALL
    payment = dict(zip(ALL, rows[1], strict=True))
    assert payment == {
        "交易时间": "`2026-03-01 12:00:00",
        "公众账号ID": f"`{merchant.appid}",
        "商户号": f"`{merchant.mchid}",
        "特约商户号": "`0",
        "设备号": "`",
        "微信订单号": f"`{first['transaction_id']}",
        "商户订单号": "`tea-0001",
        "用户标识": f"`{first['payer']['openid']}",
        "交易类型": "`JSAPI",
        "交易状态": "`SUCCESS",
        "付款银行": f"`{first['bank_type']}",
        "货币种类": "`CNY",
        "应结订单金额": "`10.00",
        "代金券金额": "`0.00",
        "微信退款单号": "`0",
        "商户退款单号": "`0",
        "退款金额": "`0.00",
        "充值券退款金额": "`0.00",
        "退款类型": "`",
        "退款状态": "`",
        "商品名称": "`桂花乌龙",
        "商户数据包": "`a",
        "手续费": "`0.06000",
        "费率": "`0.60%",
        "订单金额": "`10.00",
        "申请退款金额": "`0.00",
        "费率备注": "`",
    }
    refund = dict(zip(ALL, rows[3], strict=True))
    assert [refund[name] for name in ("交易状态", "商户退款单号", "退款金额", "申请退款金额", "手续费")] == [
        "`REFUND", "`back-1", "`3.00", "`3.00", "`-0.01000",
    ]  # fmt: skip
    assert ",".join(rows[4]) == SUMS
    assert rows[5] == ["`3", "`12.50", "`3.00", "`0.00", "`0.07000", "`12.50", "`3.00"]


async def test_success_and_refund_bills(rig: Rig, merchant: Merchant) -> None:
    await a_day(rig, merchant)
    paid = await fetch(merchant, f"/v3/bill/tradebill?bill_date={DAY}&bill_type=SUCCESS&tar_type=GZIP")
    back = await fetch(merchant, f"/v3/bill/tradebill?bill_date={DAY}&bill_type=REFUND&tar_type=GZIP")

    gone = {
        "微信退款单号",
        "商户退款单号",
        "退款金额",
        "充值券退款金额",
        "退款类型",
        "退款状态",
        "申请退款金额",
    }
    assert (paid[0], len(paid)) == ([name for name in ALL if name not in gone], 5)
    at = ALL.index("微信退款单号")
    assert (back[0], len(back)) == ([*ALL[:at], "退款申请时间", "退款成功时间", *ALL[at:]], 4)


async def test_the_flow_of_money_adds_up(rig: Rig, merchant: Merchant) -> None:
    await a_day(rig, merchant)
    rows = await fetch(merchant, f"/v3/bill/fundflowbill?bill_date={DAY}&account_type=BASIC")

    assert rows[0] == FLOWS
    moves = [dict(zip(FLOWS, row, strict=True)) for row in rows[1:-2]]
    held = 0.0
    for one in moves:
        amount = float(one["收支金额(元)"][1:])
        held += amount if one["收支类型"] == "`收入" else -amount
        assert f"`{held:.2f}" == one["账户结余(元)"]
    assert [one["业务类型"] for one in moves] == [
        "`交易",
        "`扣除交易手续费",
        "`交易",
        "`扣除交易手续费",
        "`退款",
    ]
    assert rows[-2] == ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"]
    assert rows[-1] == ["`5", "`2", "`12.50", "`3", "`3.07"]
    assert round(held * 100) == (await merchant.balance())["BASIC"]["total"]


async def test_a_bill_is_there_from_ten_the_next_day(rig: Rig, merchant: Merchant) -> None:
    url = f"/v3/bill/tradebill?bill_date={DAY}"
    await merchant.paid("tea-0001")
    today = await merchant.call("GET", url)
    rig.clock.advance(22 * 3600 - 1)
    early = await merchant.call("GET", url)
    rig.clock.advance(1)
    ready = await merchant.call("GET", url)

    assert (today.code, early.code, ready.status) == ("INVALID_REQUEST", "STATEMENT_CREATING", 200)
    parts = urlsplit(ready.json["download_url"])
    rig.clock.advance(301)
    late = await merchant.call("GET", f"{parts.path}?{parts.query}")
    assert (late.status, late.code) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bill_date=2026-02-27", "NO_STATEMENT_EXIST"),
        ("bill_date=2025-11-01", "INVALID_REQUEST"),
        ("bill_date=20260228", "PARAM_ERROR"),
        ("bill_type=ALL", "PARAM_ERROR"),
        ("bill_date=2026-02-27&bill_type=SOME", "PARAM_ERROR"),
        ("bill_date=2026-02-27&bill_type=RECHARGE_REFUND", "NO_STATEMENT_EXIST"),
    ],
)
async def test_what_is_refused(merchant: Merchant, query: str, code: str) -> None:
    answer = await merchant.call("GET", f"/v3/bill/tradebill?{query}")

    assert (answer.status, answer.code) == (400, code)
