"""Why a row was not imported: a closed set of reasons, each told in both languages.

A reason says what is wrong with the value and what to do about it. It never repeats the value: the
rejects file holds the original row beside it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Reason codes of rejected rows, as they appear in the rejects file."""

    CELL_COUNT = "row.cell_count"
    QUOTES = "row.quotes"
    MISSING = "cell.missing"
    TOO_LONG = "cell.too_long"
    NUMBER = "number.invalid"
    NUMBER_RANGE = "number.out_of_range"
    NUMBER_DECIMALS = "number.too_many_decimals"
    BOOLEAN = "boolean.invalid"
    TIME = "time.invalid"
    TIME_AMBIGUOUS = "time.ambiguous"
    TIME_NONEXISTENT = "time.nonexistent"
    TIME_RANGE = "time.out_of_range"
    TIME_FUTURE = "time.future"
    CURRENCY = "currency.invalid"
    TAGS = "person.tags"
    NO_IDENTIFIER = "person.no_identifier"
    ORDER_LINE = "order.line_rejected"
    ORDER_PEOPLE = "order.several_people"
    ORDER_CURRENCIES = "order.several_currencies"
    ORDER_TOO_LONG = "order.too_many_lines"
    REFUND_POSITIVE = "order.refund_positive"
    REFUND_NEGATIVE = "order.refund_negative"
    ALLOCATION = "amount.quantity_zero"
    PLAN_MISSING = "plan.missing"
    PLAN_TYPE = "plan.wrong_type"
    PLAN_CHOICE = "plan.not_a_choice"
    PLAN_PATTERN = "plan.pattern"
    PLAN_TOO_LONG = "plan.too_long"
    PLAN_UNKNOWN = "plan.unknown_event"


_TEXTS: Final[dict[Reason, tuple[str, str]]] = {
    Reason.CELL_COUNT: (
        "这一行的单元格数与表头不同：检查分隔符、引号或换行",
        "the row has another number of cells than the header: check the delimiter, quotes and line breaks",
    ),
    Reason.QUOTES: (
        '引号不成对：若引号只是普通字符，在 [file] 中设 quote = ""',
        'the quotes do not pair: where quotes are plain text, set quote = "" under [file]',
    ),
    Reason.MISSING: ("必填的值为空", "a value that must be there is empty"),
    Reason.TOO_LONG: ("文本过长", "the text is too long"),
    Reason.NUMBER: (
        "不是数字：检查 decimal_comma 和 thousands 设置",
        "not a number: check decimal_comma and thousands in the map",
    ),
    Reason.NUMBER_RANGE: (
        "数字超出范围（整数部分最多 14 位）",
        "the number is out of range (14 digits before the point)",
    ),
    Reason.NUMBER_DECIMALS: (
        '小数超过四位：在映射文件里设 decimals = "round" 可四舍六入',
        'more than four decimals: set decimals = "round" in the map to round half to even',
    ),
    Reason.BOOLEAN: (
        "不是布尔值（是/否、true/false、1/0）",
        "not a boolean (true/false, yes/no, 1/0, 是/否)",
    ),
    Reason.TIME: (
        "时间不符合映射文件中的任何格式",
        "the time fits none of the formats in the map",
    ),
    Reason.TIME_AMBIGUOUS: (
        '夏令时结束时该本地时间出现两次：设 ambiguous = "earlier" 或 "later"',
        'this local time happens twice when summer time ends: set ambiguous = "earlier" or "later"',
    ),
    Reason.TIME_NONEXISTENT: (
        '夏令时开始时该本地时间不存在：设 nonexistent = "shift"',
        'this local time is skipped when summer time starts: set nonexistent = "shift"',
    ),
    Reason.TIME_RANGE: ("时间不在 1900 年至 2261 年之间", "the time is not between the years 1900 and 2261"),
    Reason.TIME_FUTURE: (
        "时间在未来一天之后：检查日期格式和时区",
        "the time is more than a day in the future: check the format and the time zone",
    ),
    Reason.CURRENCY: ("不是三个字母的货币代码", "not a currency code of three letters"),
    Reason.TAGS: (
        "标签过多（每格最多 20 个）或名称超过 40 个字符：检查分隔符",
        "more than 20 tags in a cell, or a name of more than 40 characters: check how they are set apart",
    ),
    Reason.NO_IDENTIFIER: (
        "没有任何标识（如 user_id、phone）",
        "the row has none of the identifiers the map names",
    ),
    Reason.ORDER_LINE: (
        "同一订单有其他行被拒绝，整单未导入：改正后整单重新导入",
        "another line of this order was rejected, so none of it was imported: correct it and import it whole",
    ),
    Reason.ORDER_PEOPLE: ("同一订单的各行属于不同的人", "the lines of this order belong to different people"),
    Reason.ORDER_CURRENCIES: ("同一订单的各行货币不同", "the lines of this order have different currencies"),
    Reason.ORDER_TOO_LONG: (
        "同一订单号的行数超过上限：order_id 可能指错了列",
        "too many lines share this order id: order_id probably names the wrong column",
    ),
    Reason.REFUND_POSITIVE: (
        '退款单的金额为正：若文件中退款数量写为正数，设 quantities = "unsigned"',
        'the credit note adds money: set quantities = "unsigned" if the file writes them without a sign',
    ),
    Reason.REFUND_NEGATIVE: (
        'quantities = "unsigned" 时退款行的数量为负',
        'a credit-note line is negative although quantities = "unsigned"',
    ),
    Reason.ALLOCATION: (
        "数量为零但金额不为零：无法得出单价",
        "the quantity is zero but the amount is not: there is no unit price",
    ),
    Reason.PLAN_MISSING: (
        "埋点方案要求的属性为空：补全，或在映射文件中对应到列",
        "the tracking plan requires this property: fill it in, or map a column to it",
    ),
    Reason.PLAN_TYPE: (
        '类型与埋点方案不符：检查映射文件中的 type（如 type = "number"）',
        'not of the type of the tracking plan: check the type in the map (such as type = "number")',
    ),
    Reason.PLAN_CHOICE: ("不在埋点方案的可选值之中", "none of the values of the tracking plan"),
    Reason.PLAN_PATTERN: ("不符合埋点方案的格式", "not of the form of the tracking plan"),
    Reason.PLAN_TOO_LONG: ("超出埋点方案的长度", "longer than the tracking plan allows"),
    Reason.PLAN_UNKNOWN: (
        "埋点方案中没有这个事件，且不接收此来源的未知事件",
        "the tracking plan knows no such event, and takes no others from this source",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to reject a row; ``column`` is the file's name for the cell, or the property of the
    tracking plan; empty for the whole row."""

    reason: Reason
    column: str = ""

    @property
    def message_zh(self) -> str:
        """The reason in Chinese."""
        text = _TEXTS[self.reason][0]
        return f"“{self.column}”：{text}" if self.column else text

    @property
    def message_en(self) -> str:
        """The reason in English."""
        text = _TEXTS[self.reason][1]
        return f"{self.column!r}: {text}" if self.column else text
