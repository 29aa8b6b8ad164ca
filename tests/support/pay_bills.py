"""Bills of 微信支付 as the platform writes them, for the world in memory."""

from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
TRADE_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FUND_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FUND_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def trade_bill(lines: Sequence[Any], extra: Sequence[str]) -> list[str]:
    rows = [_trade_row(line) for line in lines] + list(extra)
    paid = sum(one.amount for one in lines if one.amount > 0)
    back = -sum(one.amount for one in lines if one.amount < 0)
    totals = [str(len(lines)), _yuan(paid), _yuan(back), "0.00", "0.00000", _yuan(paid), _yuan(back)]
    return [TRADE_HEADER, *rows, TRADE_TOTALS, _row(totals)]


def _trade_row(line: Any) -> str:
    order, refund = line.order, line.refund
    amount = abs(line.amount)
    values = [
        line.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        order.body["appid"],
        order.body["mchid"],
        "0",
        "",
        order.transaction_id,
        order.body["out_trade_no"],
        "oPayer",
        "JSAPI",
        "REFUND" if refund else "SUCCESS",
        "OTHERS",
        "CNY",
        "0.00" if refund else _yuan(amount),
        "0.00",
        refund.refund_id if refund else "0",
        refund.body["out_refund_no"] if refund else "0",
        _yuan(amount) if refund else "0.00",
        "0.00",
        "ORIGINAL" if refund else "",
        "SUCCESS" if refund else "",
        order.body["description"],
        "",
        "0.00000",
        "0.60%",
        "0.00" if refund else _yuan(amount),
        _yuan(amount) if refund else "0.00",
        "",
    ]
    return _row(values)


def fund_bill(lines: Sequence[Any]) -> list[str]:
    rows, balance = [], 0
    for line in lines:
        balance += line.amount
        rows.append(
            _row(
                [
                    line.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
                    line.number,
                    f"F{line.number}",
                    "退款" if line.refund else "交易",
                    "退款" if line.refund else "交易",
                    "支出" if line.amount < 0 else "收入",
                    _yuan(abs(line.amount)),
                    _yuan(balance),
                    "system",
                    "",
                    line.refund.body["out_refund_no"] if line.refund else line.order.body["out_trade_no"],
                ]
            )
        )
    income = [one.amount for one in lines if one.amount > 0]
    spent = [-one.amount for one in lines if one.amount < 0]
    totals = [
        str(len(lines)),
        str(len(income)),
        _yuan(sum(income)),
        str(len(spent)),
        _yuan(sum(spent)),
    ]
    return [FUND_HEADER, *rows, FUND_TOTALS, _row(totals)]


def _row(values: list[str]) -> str:
    return ",".join(f"`{value}" for value in values)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
