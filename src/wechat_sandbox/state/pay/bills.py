"""Bills of a day: trades, movements of money, shared profits.

Source: bill pages (2025-01). UTF-8 with a byte order mark, CRLF, every value of a row behind a back-tick,
amounts in yuan; a header row, the rows, a header of the sums, the sums. The byte order mark and the line
ends are not documented; clients skip three bytes and take both kinds of line ends.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from wechat_sandbox.clock import CHINA
from wechat_sandbox.state.pay.funds import Flow, Purse
from wechat_sandbox.state.pay.orders import Order, Orders, TradeState
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.refunds import Refund, Refunds, RefundState

_REFUND_COLUMNS = ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态")
_REFUND_TIMES = ("退款申请时间", "退款成功时间")
ALL_COLUMNS = (
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
)
SUCCESS_COLUMNS = tuple(one for one in ALL_COLUMNS if one not in (*_REFUND_COLUMNS, "申请退款金额"))
_AT = ALL_COLUMNS.index("微信退款单号")
REFUND_COLUMNS = (*ALL_COLUMNS[:_AT], *_REFUND_TIMES, *ALL_COLUMNS[_AT:])
TRADE_SUMS = (
    "总交易单数",
    "应结订单总金额",
    "退款总金额",
    "充值券退款总金额",
    "手续费总金额",
    "订单总金额",
    "申请退款总金额",
)
FLOW_COLUMNS = (
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
)
FLOW_SUMS = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
_STATES = {
    RefundState.PROCESSING: "PROCESSING",
    RefundState.SUCCESS: "SUCCESS",
    RefundState.ABNORMAL: "CHANGE",
    RefundState.CLOSED: "FAIL",
}
_BOM = "\ufeff"


class Bills:
    """Writes bills of a merchant from what happened."""

    def __init__(self, pay: Pay) -> None:
        self._pay = pay
        self._orders = Orders(pay)
        self._refunds = Refunds(pay)

    def trades(self, mchid: str, kind: str, since: float, until: float) -> bytes | None:
        """Return the trade bill of a period, None when nothing happened in it."""
        rows: list[tuple[float, dict[str, str]]] = []
        if kind in ("ALL", "SUCCESS"):
            paid = self._orders.paid_between(mchid, since, until)
            kept = (one for one in paid if one.state is not TradeState.REVOKED or kind == "ALL")
            rows += [(one.paid_at, self._payment(one)) for one in kept]
        if kind in ("ALL", "REFUND"):
            rows += [
                (one.created_at, self._refund(one))
                for one in self._refunds.created_between(mchid, since, until)
            ]
        if not rows:
            return None
        columns = {"SUCCESS": SUCCESS_COLUMNS, "REFUND": REFUND_COLUMNS}.get(kind, ALL_COLUMNS)
        rows.sort(key=lambda pair: pair[0])
        cells = [[row.get(name, "") for name in columns] for _, row in rows]
        return _file(columns, cells, TRADE_SUMS, _trade_sums([row for _, row in rows]))

    def flows(self, mchid: str, purse: Purse, since: float, until: float) -> bytes | None:
        """Return the movements of an account in a period, with what it held after each."""
        flows = self._pay.funds.flows(mchid, purse, since, until)
        if not flows:
            return None
        held, cells = self._pay.funds.held_at(mchid, purse, since), []
        for flow in flows:
            held += flow.amount
            cells.append(_flow_row(flow, held))
        came = [flow.amount for flow in flows if flow.amount > 0]
        went = [-flow.amount for flow in flows if flow.amount < 0]
        sums = [str(len(flows)), str(len(came)), _yuan(sum(came)), str(len(went)), _yuan(sum(went))]
        return _file(FLOW_COLUMNS, cells, FLOW_SUMS, sums)

    def _payment(self, order: Order) -> dict[str, str]:
        state = "REVOKED" if order.state is TradeState.REVOKED else "SUCCESS"
        return self._common(order) | {
            "交易时间": _time(order.paid_at),
            "交易状态": state,
            "应结订单金额": _yuan(order.settlement_total),
            "代金券金额": _yuan(order.settlement_total - order.payer_total),
            "微信退款单号": "0",
            "商户退款单号": "0",
            "退款金额": _yuan(0),
            "充值券退款金额": _yuan(0),
            "手续费": f"{order.fee / 100:.5f}",
            "订单金额": _yuan(order.total),
            "申请退款金额": _yuan(0),
        }

    def _refund(self, refund: Refund) -> dict[str, str]:
        order = self._orders.find(refund.mchid, refund.out_trade_no)
        assert order is not None
        coupons = refund.settlement_refund - refund.payer_refund
        return self._common(order) | {
            "交易时间": _time(order.paid_at),
            "交易状态": "REFUND",
            "应结订单金额": _yuan(0),
            "代金券金额": _yuan(0),
            "退款申请时间": _time(refund.created_at),
            "退款成功时间": _time(refund.success_at) if refund.success_at else "",
            "微信退款单号": refund.refund_id,
            "商户退款单号": refund.out_refund_no,
            "退款金额": _yuan(refund.settlement_refund),
            "充值券退款金额": _yuan(max(0, coupons)),
            "退款类型": refund.channel,
            "退款状态": _STATES[refund.status],
            "手续费": f"{-refund.fee_back / 100:.5f}",
            "订单金额": _yuan(0),
            "申请退款金额": _yuan(refund.amount),
        }

    def _common(self, order: Order) -> dict[str, str]:
        merchant = self._pay.merchants.get(order.mchid)
        return {
            "公众账号ID": order.appid,
            "商户号": order.mchid,
            "特约商户号": "0",
            "设备号": order.device_id,
            "微信订单号": order.transaction_id,
            "商户订单号": order.out_trade_no,
            "用户标识": order.payer_openid,
            "交易类型": order.trade_type,
            "付款银行": order.bank_type,
            "货币种类": order.currency,
            "商品名称": order.description,
            "商户数据包": order.attach,
            "费率": f"{merchant.fee_bps / 100:.2f}%",
        }


def _flow_row(flow: Flow, held: int) -> list[str]:
    return [
        _time(flow.at), flow.ref, flow.flow_id, flow.name, flow.kind, "收入" if flow.amount > 0 else "支出",
        _yuan(abs(flow.amount)), _yuan(held), flow.submitter or "system", flow.remark, flow.voucher,
    ]  # fmt: skip


def _trade_sums(rows: Sequence[dict[str, str]]) -> list[str]:
    def total(name: str) -> int:
        return sum(round(float(row.get(name) or 0) * 100) for row in rows)

    fees = sum(float(row["手续费"]) for row in rows)
    names = ("应结订单金额", "退款金额", "充值券退款金额")
    return [
        str(len(rows)),
        *(_yuan(total(name)) for name in names),
        f"{fees:.5f}",
        *(_yuan(total(name)) for name in ("订单金额", "申请退款金额")),
    ]


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], sums: Sequence[str], values: Sequence[str]
) -> bytes:
    """Return a bill as a file."""
    return _file(columns, rows, sums, values)


def _file(
    columns: Sequence[str], rows: Iterable[Sequence[str]], sums: Sequence[str], values: Sequence[str]
) -> bytes:
    lines = [",".join(columns), *(_row(row) for row in rows), ",".join(sums), _row(values)]
    return (_BOM + "\r\n".join(lines) + "\r\n").encode()


def _row(cells: Iterable[str]) -> str:
    # A comma or a line feed in a name would shift every column behind it.
    return ",".join("`" + cell.replace(",", " ").replace("\r", " ").replace("\n", " ") for cell in cells)


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, CHINA).strftime("%Y-%m-%d %H:%M:%S")
