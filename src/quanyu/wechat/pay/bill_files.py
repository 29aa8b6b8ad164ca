"""Reading bills line by line, whatever their size: columns by name, and the totals at the end.

Source: pay.weixin.qq.com, 交易账单 and 资金账单 (read 2026). Lines end with CRLF, every value but those
of the two header lines begins with a back-tick, amounts are yuan. Values hold no commas; where a value of
ours does (a description), its column takes what is too much, so that no other column moves.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay.amounts import InvalidAmount, fen_of

CHINA: Final = timezone(timedelta(hours=8))

_SUCCESS_OMITS: Final = frozenset(
    ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "申请退款金额")
)
# fmt: off
TRADE_COLUMNS: Final = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包",
    "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
)
# fmt: on
SUCCESS_COLUMNS: Final = tuple(one for one in TRADE_COLUMNS if one not in _SUCCESS_OMITS)
_AT: Final = TRADE_COLUMNS.index("微信退款单号")
REFUND_COLUMNS: Final = (*TRADE_COLUMNS[:_AT], "退款申请时间", "退款成功时间", *TRADE_COLUMNS[_AT:])
# fmt: off
TRADE_TOTALS: Final = (
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
)
# fmt: on
# fmt: off
FUND_FLOW_COLUMNS: Final = (
    "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)",
    "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号",
)
# fmt: on
# fmt: off
FUND_FLOW_TOTALS: Final = (
    "资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额",
)
# fmt: on
# The columns a merchant's own words stand in: those may hold commas.
_FREE: Final = ("商品名称", "备注")


class MalformedBill(WechatError):
    """A bill is not written as documented; says in which line."""

    code = "wechat.pay_malformed_bill"


@dataclass(frozen=True, slots=True)
class Line:
    """A detail line of a bill, or its totals: texts by the platform's names of the columns."""

    number: int  # In the file, the header being 1.
    values: Mapping[str, str]
    is_total: bool = False

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def fen(self, column: str) -> int:
        """Return an amount; an empty one is 0.

        Raises:
            MalformedBill: it is no amount of whole fen.
        """
        text = self[column]
        try:
            return fen_of(text) if text else 0
        except InvalidAmount as error:
            raise MalformedBill(f"line {self.number}, {column}: {error.message}") from error

    def count(self, column: str) -> int:
        """Return a number of lines.

        Raises:
            MalformedBill: it is none.
        """
        text = self[column].removesuffix(".0")
        if not (text.isascii() and text.isdigit()):
            raise MalformedBill(f"line {self.number}, {column}: {text[:40]!r} is no count")
        return int(text)

    def time(self, column: str) -> datetime:
        """Return an instant; the file tells the time in China.

        Raises:
            MalformedBill: it is none.
        """
        try:
            return datetime.fromisoformat(self[column]).replace(tzinfo=CHINA)
        except ValueError as error:
            raise MalformedBill(f"line {self.number}, {column}: {self[column][:40]!r} is no time") from error


def read_trade_bill(lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield the detail lines of a trade bill of any type, then its totals.

    Raises:
        MalformedBill: the columns are not those documented, or the file ends without totals.
    """
    return _read(lines, (TRADE_COLUMNS, SUCCESS_COLUMNS, REFUND_COLUMNS), TRADE_TOTALS)


def read_fund_flow_bill(lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield the detail lines of a fund-flow bill, then its totals.

    Raises:
        MalformedBill: the columns are not those documented, or the file ends without totals.
    """
    return _read(lines, (FUND_FLOW_COLUMNS,), FUND_FLOW_TOTALS)


def _read(
    lines: Iterable[bytes], headers: tuple[tuple[str, ...], ...], totals: tuple[str, ...]
) -> Iterator[Line]:
    rows = ((number, text) for number, text in enumerate(_texts(lines), start=1) if text)
    _, first = next(rows, (0, ""))
    columns = tuple(cell.strip() for cell in first.split(","))
    if columns not in headers:
        raise MalformedBill(f"the columns are not those of the documentation: {first[:200]!r}")
    awaiting_totals = False
    for number, text in rows:
        if awaiting_totals:
            yield Line(number, _values(number, text, _header_of(totals, text)), is_total=True)
            return
        if text.startswith("`"):
            yield Line(number, _values(number, text, columns))
        elif text.split(",")[0].strip() == totals[0]:
            awaiting_totals = True
        else:
            raise MalformedBill(f"line {number}: neither a detail nor the totals: {text[:200]!r}")
    raise MalformedBill("the bill ends without its totals: it is not whole")


def _header_of(totals: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Bills of payments alone leave the last totals out."""
    return totals[: text.count(",") + 1]


def _values(number: int, text: str, columns: tuple[str, ...]) -> dict[str, str]:
    # Each value begins with a back-tick, so a comma inside one is not followed by it.
    cells = text.removeprefix("`").split(",`")
    if len(cells) > len(columns):
        cells = _joined(cells, columns)
    if len(cells) != len(columns):
        raise MalformedBill(f"line {number}: {len(cells)} values for {len(columns)} columns")
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}


def _joined(cells: list[str], columns: tuple[str, ...]) -> list[str]:
    """Give what is too much to the first free column: its text holds what looks like a separator."""
    at = next((columns.index(name) for name in _FREE if name in columns), None)
    if at is None:
        return cells
    extra = len(cells) - len(columns)
    return [*cells[:at], ",`".join(cells[at : at + extra + 1]), *cells[at + extra + 1 :]]


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise MalformedBill(f"line {number}: not UTF-8") from error
        yield text.rstrip("\r\n")
