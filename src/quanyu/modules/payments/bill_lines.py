"""What a line of a bill says to our ledger, and whether a bill adds up. Pure."""

from collections.abc import Iterator
from typing import Final

from quanyu.modules.payments.contracts import BillKind
from quanyu.modules.payments.queries.bills import BillLine, FoundDifference
from quanyu.modules.payments.rules import DifferenceKind, EntryKind
from quanyu.wechat.pay.bill_files import Line

# Refunds that failed stand in a bill too, and moved no money.
_MOVING: Final = ("SUCCESS", "PROCESSING")
_COUNTS: Final = ("总交易单数", "资金流水总笔数", "收入笔数", "支出笔数")
_TRADE_SUMS: Final = ("订单总金额", "申请退款总金额")
_INCOME: Final = "收入"


def line_of(kind: BillKind, line: Line) -> BillLine:
    """Return a detail line as our ledger would write it.

    Raises:
        MalformedBill: an amount or a time cannot be read.
    """
    return _trade(line) if kind is BillKind.TRADE else _fund_flow(line)


def _trade(line: Line) -> BillLine:
    if line["交易状态"] == "REFUND":
        moved = line["退款状态"] in _MOVING
        amount = line.fen("申请退款金额") or line.fen("退款金额")
        return BillLine(
            line=line.number,
            entry=EntryKind.REFUND if moved else EntryKind.OTHER,
            number=line["微信退款单号"],
            own_number=line["商户退款单号"],
            amount_minor=-amount,
            occurred_at=line.time("交易时间"),
        )
    return BillLine(
        line=line.number,
        entry=EntryKind.PAYMENT if line["交易状态"] == "SUCCESS" else EntryKind.OTHER,
        number=line["微信订单号"],
        own_number=line["商户订单号"],
        amount_minor=line.fen("订单金额"),
        occurred_at=line.time("交易时间"),
    )


def _fund_flow(line: Line) -> BillLine:
    income = line["收支类型"] == _INCOME
    amount = line.fen("收支金额(元)")
    return BillLine(
        line=line.number,
        entry=_business(line["业务名称"] + line["业务类型"], income=income),
        number=line["微信支付业务单号"],
        own_number=line["业务凭证号"],
        amount_minor=amount if income else -amount,
        occurred_at=line.time("记账时间"),
    )


def _business(words: str, *, income: bool) -> EntryKind:
    if "手续费" in words:
        return EntryKind.OTHER
    if "退款" in words and not income:
        return EntryKind.REFUND
    return EntryKind.PAYMENT if "交易" in words and income else EntryKind.OTHER


class Sums:
    """Adds a bill up while it is read, to compare with its own totals."""

    def __init__(self, kind: BillKind) -> None:
        self._kind = kind
        self._sums: dict[str, int] = {}

    def add(self, line: Line) -> None:
        """Count one detail line."""
        if self._kind is BillKind.TRADE:
            self._plus("总交易单数", 1)
            self._plus("订单总金额", line.fen("订单金额"))
            self._plus("申请退款总金额", line.fen("申请退款金额"))
            return
        side = "收入" if line["收支类型"] == _INCOME else "支出"
        self._plus("资金流水总笔数", 1)
        self._plus(f"{side}笔数", 1)
        self._plus(f"{side}金额", line.fen("收支金额(元)"))

    def differences(self, totals: Line) -> Iterator[FoundDifference]:
        """Yield the totals that are not the sum of the lines."""
        for column in totals.values:
            counted = column in ("总交易单数", "资金流水总笔数", "收入笔数", "支出笔数")
            if (
                self._kind is BillKind.TRADE
                and not counted
                and column not in ("订单总金额", "申请退款总金额")
            ):
                continue
            said = totals.count(column) if counted else totals.fen(column)
            if said != self._sums.get(column, 0):
                yield FoundDifference(
                    kind=DifferenceKind.TOTALS_DIFFER,
                    entry=EntryKind.OTHER,
                    number=column,
                    own_number="",
                    ours_minor=self._sums.get(column, 0),
                    bill_minor=said,
                )

    def _plus(self, name: str, amount: int) -> None:
        self._sums[name] = self._sums.get(name, 0) + amount
