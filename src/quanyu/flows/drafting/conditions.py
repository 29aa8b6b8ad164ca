"""One thing named, with what is said beside it, as one condition of the language of segments."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.flows.drafting import modifiers as mods
from quanyu.flows.drafting import usual_words as usual
from quanyu.flows.drafting.modifiers import EATEN, Stretch, Today, When
from quanyu.flows.drafting.vocabulary import Kind, Named, Vocabulary

_TIMED: Final = frozenset({Kind.EVENT, Kind.SPEND, Kind.AVERAGE, Kind.REPEAT})
_SINGLE: Final = re.compile(r"单笔|每笔|一笔|单次|\bsingle\b|\bper order\b|\bin one order\b", re.IGNORECASE)
_FREE_VALUE: Final = re.compile(
    r"(?:是|为|等于|叫|=|\bis\b|\bequals\b|\bequal to\b|:)\s*([^\s\x01,。，、;；的和且或并但]{1,40})",
    re.IGNORECASE,
)
_OBJECT: Final = re.compile(
    r"^[过了\s]*(?!的)([\u4e00-\u9fffA-Za-z0-9][\u4e00-\u9fffA-Za-z0-9·\- ]{0,30}?)\s*(?:的人|"
    r"的客户|的顾客|的用户|的会员|[,，。;；\x01]|$)"
)
_NO_OBJECT: Final = re.compile(
    r"^(?:商品|产品|东西|订单|单|货|我们|过|了|的|人|客户|顾客|用户|会员|任何|记录|"
    r"a\s+product|products?|something|anything|us|our)"
)
_MONTH: Final = re.compile(
    r"(\d{1,2})月份?|\bin (january|february|march|april|may|june|july|august|september|"
    r"october|november|december)\b",
    re.I,
)
_LINKING: Final = re.compile(
    rf"(?:[\s{EATEN}的是为在于了过都:=、或者和与及]|\bor\b|\bis\b|\bare\b|\bin\b)*", re.IGNORECASE
)
_EXACTLY: Final = re.compile(r"恰好|正好|刚好|只|仅|\bexactly\b|\bonly\b|\bjust\b", re.IGNORECASE)
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%|百分之(\d+)|(\d)\s*成")
_PRODUCT_KEYS: Final = ("name", "product_name", "title", "query", "keyword")

NOTES: Final[dict[str, tuple[str, str]]] = {
    "carried": (
        "只说了一次的时间，同样用于没有另说时间的条件",
        "A time said once also counts for the conditions that name none",
    ),
    "about": (
        "一个月按 30 天、一个季度按 90 天、一年按 365 天计",
        "A month counts as 30 days, a quarter as 90, a year as 365",
    ),
    "fixed": ("含固定日期：过后不会自动变化", "Holds fixed dates: they do not move on by themselves"),
    "sum": (
        "下单金额按合计理解；单笔请写“单笔满…”",
        "The amount is read as a sum over all orders; say “a single order” for one",
    ),
    "product": ("未知的词按商品名理解", "A word nobody knows is read as the name of a product"),
    "net": ("消费金额已减去退款", "Amounts spent are less what was refunded"),
    "exactly": (
        "次数前没有“至少”“超过”等词，按恰好理解",
        "A count without “at least” or the like is read as exactly that many",
    ),
    "none_since": (
        "“之后没有”按同一时间段内没有理解",
        "“Not afterwards” is read as: not within the same time",
    ),
}


@dataclass(slots=True)
class Notes:
    """What should be known of how a sentence was read, each once."""

    codes: list[str] = field(default_factory=list)

    def add(self, code: str) -> None:
        """Add one, unless it is there."""
        if code not in self.codes:
            self.codes.append(code)


@dataclass(slots=True)
class Head:
    """A thing named, and the words before and after it."""

    named: Named
    before: Stretch
    after: Stretch
    follows: bool = False  # 后, then: it comes after what stands before it.
    values: list[Named] = field(default_factory=list)  # Of an attribute; more tags; more events.
    joined_by_or: bool = False
    is_ever: bool = False
    is_not: bool = False

    def takes(self, other: "Head", *, is_or: bool) -> bool:
        """Whether ``other`` is said of the same thing as this one."""
        mine, theirs = self.named, other.named
        if not (_LINKING.fullmatch(self.after.text) or mods.NEGATION.search(self.after.text)):
            return False
        between = other.before.text
        if mine.kind is Kind.ATTRIBUTE and theirs.kind in (Kind.VALUE, Kind.QUOTE):
            return theirs.kind is Kind.QUOTE or theirs.id == mine.id
        if mine.kind is Kind.VALUE and theirs.kind is Kind.VALUE and mine.id == theirs.id:
            return is_or or "、" in between
        if mine.kind is Kind.ATTRIBUTE and self.values and theirs.kind is Kind.VALUE:
            return theirs.id == mine.id
        if mine.kind is Kind.TAG and theirs.kind is Kind.TAG:
            return not mods.NEGATION.search(between)
        if mine.kind is Kind.EVENT and theirs.kind is Kind.EVENT:
            return is_or and bool(_LINKING.fullmatch(between)) and not self.after.text.strip(" 过了")
        return mine.kind is Kind.EVENT and theirs.kind is Kind.QUOTE

    def absorb(self, other: "Head", *, is_or: bool) -> None:
        """Let ``other`` be part of this one; its words are this one's."""
        self.values.append(other.named)
        self.joined_by_or = self.joined_by_or or is_or
        if self.named.kind in (Kind.ATTRIBUTE, Kind.VALUE):
            gap = Stretch(self.after.letters, self.after.start, other.before.end)
            self.is_not = mods.is_negated(gap) or self.is_not
        self.after = Stretch(other.after.letters, other.after.start, other.after.end)


def takes_time(head: Head) -> bool:
    """Whether a time can be said of it."""
    return head.named.kind in _TIMED


def condition_of(
    head: Head, words: Vocabulary, today: Today, notes: Notes
) -> tuple[dict[str, Any] | None, When | None]:
    """Return the condition and the time that was said of it."""
    match head.named.kind:
        case Kind.EVENT | Kind.SPEND | Kind.AVERAGE | Kind.REPEAT:
            return _history(head, today, notes)
        case Kind.ATTRIBUTE:
            return _attribute(head), None
        case Kind.VALUE:
            return _value(head), None
        case Kind.TAG:
            tags = list(dict.fromkeys([head.named.id, *(one.id for one in head.values)]))
            op = "none" if _not(head) else "any" if head.joined_by_or or len(tags) == 1 else "all"
            return {"kind": "tag", "op": op, "tags": tags}, None
        case Kind.SEGMENT:
            return _turned({"kind": "segment", "segment": head.named.id}, is_not=_not(head)), None
        case Kind.TIE:
            return _tie(head, today), None
        case Kind.BIRTHDAY:
            return _birthday(head, today, notes), None
        case Kind.SHARE:
            return _share(head), None
        case Kind.GROUP:
            tree = head.named.value
            return (None if tree is None else _turned(tree, is_not=_not(head))), None
        case Kind.QUOTE:
            head.before.letters[head.before.end] = EATEN
            _say_again(head)
            return None, None


def _say_again(head: Head) -> None:
    """Put the words of quotation marks nothing was made of back, so that they are told as not understood."""
    letters = head.before.letters
    letters[head.before.end] = f"{EATEN}{head.named.value}{EATEN}"


def _not(head: Head) -> bool:
    """Whether it is said not to be so, before or after it."""
    return mods.is_negated(head.before) != head.is_not


def _turned(condition: dict[str, Any], *, is_not: bool) -> dict[str, Any]:
    return {"kind": "not", "of": condition} if is_not else condition


def _history(head: Head, today: Today, notes: Notes) -> tuple[dict[str, Any] | None, When | None]:
    head.is_ever = mods.is_ever(head.before) or mods.is_ever(head.after)
    which = mods.ordinal_of(head.before) or mods.ordinal_of(head.after) or head.named.which
    is_single = bool(head.before.eat(_SINGLE) or head.after.eat(_SINGLE))
    when = mods.when_of(head.before, today) or mods.when_of(head.after, today)
    count = mods.compared(head.after, mods.TIMES) or mods.compared(head.before, mods.TIMES)
    if count is None and head.named.kind is Kind.EVENT:
        count = _leading_count(head)
    amount = _amount(head)
    is_not = _not(head)
    if when is None and is_not:
        when = mods.bare_span(head.before) or mods.bare_span(head.after)
    if when is not None and when.ago is not None and is_not and not which:
        when = When(
            window={"kind": "rolling", "amount": when.ago[1], "unit": when.ago[2]}, is_about=when.is_about
        )
    if when is None and head.follows:
        when = mods.bare_span(head.before)
    if when is not None:
        notes.add("about") if when.is_about else None
        notes.add("fixed") if when.is_fixed else None
    if head.follows and is_not:
        notes.add("none_since")
    condition = _history_condition(
        head,
        which=which,
        when=when,
        count=count,
        amount=amount,
        is_not=is_not,
        is_single=is_single,
        notes=notes,
    )
    return condition, when


def _leading_count(head: Head) -> dict[str, Any] | None:
    """Return the count of “at least 3 orders”, which has no word for times."""
    text = head.before.text
    if not re.search(r"\d\s*(?:个|份|笔)?\s*$", text):
        return None
    return mods.compared(
        Stretch(head.before.letters, head.before.start, head.before.end), r"(?:个|份|笔)?\s*$"
    )


def _amount(head: Head) -> dict[str, Any] | None:
    if head.named.kind in (Kind.SPEND, Kind.AVERAGE):
        return mods.compared(head.after, mods.MONEY, has_unit=False) or mods.compared(head.before, mods.MONEY)
    return mods.compared(head.after, mods.MONEY) or mods.compared(head.before, mods.MONEY)


def _history_condition(
    head: Head,
    *,
    which: str,
    when: When | None,
    count: dict[str, Any] | None,
    amount: dict[str, Any] | None,
    is_not: bool,
    is_single: bool,
    notes: Notes,
) -> dict[str, Any] | None:
    window = {} if when is None or when.window is None else {"window": when.window}
    kind = head.named.kind
    if kind is Kind.AVERAGE:
        return None if amount is None else _sum("avg", [usual.ORDER], amount, window, is_not=is_not)
    if kind is Kind.REPEAT:
        test = {"op": "lt" if is_not else "gte", "value": 2}
        return {"kind": "event", "name": usual.ORDER, "count": test, **window}
    is_order = kind is Kind.SPEND or head.named.id == usual.ORDER
    if is_order and amount is not None and not is_single and not which:
        notes.add("net" if kind is Kind.SPEND else "sum")
        return _sum("sum", [usual.ORDER, usual.REFUND], _at_least(amount), window, is_not=is_not)
    is_said = bool(head.before.eat(_EXACTLY))
    facts = _facts(head, notes)
    if is_order and amount is not None and not which:
        facts.setdefault("where", []).append({"field": "revenue", **_at_least(amount)})
    if which or (when is not None and when.ago is not None):
        return _recency(
            facts, which or "last", when, amount if is_order else None, is_not=is_not, notes=notes
        )
    return {"kind": "event", **facts, **_count(count, is_not=is_not, is_said=is_said, notes=notes), **window}


def _at_least(test: dict[str, Any]) -> dict[str, Any]:
    """“消费 500 元” means no less than that; nobody spends exactly so much."""
    return {**test, "op": "gte"} if test["op"] == "eq" else test


def _sum(
    function: str, names: list[str], test: dict[str, Any], window: dict[str, Any], *, is_not: bool
) -> dict[str, Any]:
    condition = {
        "kind": "aggregate",
        "function": function,
        "of": {"kind": "field", "field": "revenue"},
        "name": names if len(names) > 1 else names[0],
        "test": _at_least(test),
        **window,
    }
    opposite = mods.flipped(condition["test"]) if is_not else None
    if opposite is not None:
        return {**condition, "test": opposite}
    return _turned(condition, is_not=is_not)


def _count(count: dict[str, Any] | None, *, is_not: bool, is_said: bool, notes: Notes) -> dict[str, Any]:
    if count is None:
        return {"count": {"op": "eq", "value": 0}} if is_not else {}
    if count["op"] == "eq" and not is_said:
        notes.add("exactly")
    if isinstance(count["value"], float):
        return {}
    opposite = mods.flipped(count) if is_not else count
    return {"count": opposite or count}


def _recency(
    facts: dict[str, Any],
    which: str,
    when: When | None,
    amount: dict[str, Any] | None,
    *,
    is_not: bool,
    notes: Notes,
) -> dict[str, Any]:
    condition: dict[str, Any] = {"kind": "recency", "which": which, **facts}
    if when is not None and when.ago is not None:
        op, many, unit = when.ago
        condition["when"] = {"kind": "ago", "op": op, "amount": many, "unit": unit}
    elif when is not None and when.window is not None:
        window = when.window
        if window["kind"] == "rolling":
            condition["when"] = {
                "kind": "ago",
                "op": "at_most",
                "amount": window["amount"],
                "unit": window["unit"],
            }
        elif window["kind"] == "absolute" and "from" in window:
            condition["when"] = {"kind": "at", "op": "at_least", "instant": window["from"]}
        else:
            condition["window"] = window
    if amount is not None:
        condition["having"] = [{"field": "revenue", **_at_least(amount)}]
    if "when" not in condition and "having" not in condition:  # 首单: that there was one, and no second.
        notes.add("exactly") if which == "first" else None
        once = {"count": {"op": "eq", "value": 1}} if which == "first" else {}
        rest = {key: value for key, value in condition.items() if key not in ("kind", "which")}
        return _turned({"kind": "event", **rest, **once}, is_not=is_not)
    return _turned(condition, is_not=is_not)


def _facts(head: Head, notes: Notes) -> dict[str, Any]:
    names = list(
        dict.fromkeys([_event_of(head.named), *(one.id for one in head.values if one.kind is Kind.EVENT)])
    )
    facts: dict[str, Any] = {"name": names if len(names) > 1 else names[0]}
    quoted = next((one.value for one in head.values if one.kind is Kind.QUOTE), None)
    said = quoted or _object(head)
    if said is None:
        return facts
    if _event_of(head.named) == usual.ORDER:
        notes.add("product") if quoted is None else None
        return facts | {"each": "items", "where": [{"field": "item.name", "op": "contains", "value": said}]}
    key = next((key for key in _PRODUCT_KEYS if key in head.named.properties), None)
    if key is None:
        if quoted is not None:
            head.after.letters[head.after.start - 1] = f"{EATEN}{quoted}{EATEN}"
        return facts
    notes.add("product") if quoted is None else None
    if quoted is None:
        _eat_text(head.after, said)
    return facts | {"where": [{"field": f"properties.{key}", "op": "contains", "value": said}]}


def _event_of(named: Named) -> str:
    return usual.ORDER if named.kind is Kind.SPEND else named.id


def _object(head: Head) -> str | None:
    """Return the name of a product that stands right after 买过 or bought."""
    if head.named.kind is not Kind.EVENT or head.values:
        return None
    if head.named.id not in (usual.ORDER, usual.VIEW, usual.ADD):
        return None
    found = _OBJECT.match(head.after.text)
    if found is None or _NO_OBJECT.match(found[1]) or mods.NEGATION.search(found[1]):
        return None
    said = re.sub(r"^(?:的|过|了)+|(?:的|过|了)+$", "", found[1].strip())
    if not said or said.isdigit() or all(word in usual.FILLERS_EN for word in said.lower().split()):
        return None
    if any(said == filler for filler in usual.FILLERS) or (said.isascii() and len(said.split()) > 3):
        return None
    if head.named.id == usual.ORDER:
        _eat_text(head.after, said)
    return said


def _eat_text(part: Stretch, said: str) -> None:
    part.eat(re.compile(re.escape(said)))


def _attribute(head: Head) -> dict[str, Any] | None:
    key, values = head.named.id, [one.value for one in head.values]
    if key in usual.TRUE_OR_NOT:
        if _not(head):
            return {"kind": "attribute", "key": key, "op": "ne_or_missing", "value": True}
        return {"kind": "attribute", "key": key, "op": "eq", "value": True}
    if values:
        return _equals(key, values, is_not=_not(head))
    test = mods.compared(head.after, r"(?:岁|分|天|元|年|%|years?(?: old)?|points?)?", has_unit=False)
    if test is None:
        test = mods.compared(head.before, r"(?:岁|分|天|元|%|years?(?: old)?|points?)?", has_unit=False)
    if test is not None:
        test = {**test, "value": list(test["value"]) if isinstance(test["value"], list) else test["value"]}
        opposite = mods.flipped(test) if _not(head) else test
        return {"kind": "attribute", "key": key, **(opposite or test)}
    if head.after.eat(
        re.compile(r"未填写?|没填|为空|缺失|\bis missing\b|\bmissing\b|\bunknown\b", re.IGNORECASE)
    ):
        return {"kind": "attribute", "key": key, "op": "is_missing"}
    is_not = mods.is_negated(head.after)
    if found := head.after.eat(_FREE_VALUE):
        return _equals(key, [found[1]], is_not=is_not != _not(head))
    is_missing = is_not != _not(head)
    return {"kind": "attribute", "key": key, "op": "is_missing" if is_missing else "is_set"}


def _value(head: Head) -> dict[str, Any]:
    return _equals(head.named.id, [head.named.value, *(one.value for one in head.values)], is_not=_not(head))


def _equals(key: str, values: list[Any], *, is_not: bool) -> dict[str, Any]:
    values = list(dict.fromkeys(values))
    condition: dict[str, Any] = {"kind": "attribute", "key": key}
    if len(values) == 1:
        return condition | {"op": "ne_or_missing" if is_not else "eq", "value": values[0]}
    return _turned(condition | {"op": "in", "value": values}, is_not=is_not)


def _tie(head: Head, today: Today) -> dict[str, Any]:
    when = mods.when_of(head.before, today) or mods.when_of(head.after, today)
    condition: dict[str, Any] = {
        "kind": "relation",
        "to": head.named.id,
        "op": "none" if _not(head) else "any",
    }
    if when is not None and when.window is not None:
        condition["since"] = when.window
    return condition


def _birthday(head: Head, today: Today, notes: Notes) -> dict[str, Any]:
    key, text = head.named.id, head.before.text + head.after.text
    is_lunar = bool(re.search(r"农历|\blunar\b", text, re.IGNORECASE))
    for part in (head.before, head.after):
        part.eat(re.compile(r"农历|\blunar\b", re.IGNORECASE))
    is_not = _not(head)
    month = _month(head, today)
    if month is not None:
        notes.add("fixed")
        test = {"kind": "attribute", "key": key, "op": "contains", "value": f"-{month:02d}-"}
        return _turned(test, is_not=is_not)
    first, last = _days(head, today)
    when: dict[str, Any] = {"kind": "anniversary", "from": first, "to": last}
    if is_lunar:
        when["calendar"] = "lunar"
    return _turned({"kind": "date", "key": key, "when": when}, is_not=is_not)


def _month(head: Head, today: Today) -> int | None:
    """Return the month a birthday is asked for: a calendar's months are fixed letters of a date."""
    for part in (head.before, head.after):
        if part.eat(re.compile(r"本月|这个月|当月|\bthis month\b", re.IGNORECASE)):
            return today.day.month
        if part.eat(re.compile(r"下个?月|\bnext month\b", re.IGNORECASE)):
            return today.day.month % 12 + 1
        if found := part.eat(_MONTH):
            month = int(found[1]) if found[1] else _MONTHS.index(found[2].lower()) + 1
            return month if 1 <= month <= 12 else None
    return None


def _days(head: Head, today: Today) -> tuple[int, int]:
    for part in (head.before, head.after):
        if part.eat(re.compile(r"今天|今日|当天|\btoday\b", re.IGNORECASE)):
            return 0, 0
        if part.eat(re.compile(r"明天|\btomorrow\b", re.IGNORECASE)):
            return 1, 1
        if part.eat(re.compile(r"本周|这周|\bthis week\b", re.IGNORECASE)):
            return -today.day.weekday(), 6 - today.day.weekday()
        part.eat(re.compile(r"(?:in|within|during)?\s*(?:the )?next\b|未来|接下来|即将", re.IGNORECASE))
        if (when := mods.when_of(part, today) or mods.bare_span(part)) and when.window is not None:
            days = {"weeks": 7}.get(when.window.get("unit", ""), 1) * int(when.window.get("amount", 7))
            return 0, min(days, 365)
    return 0, monthrange(today.day.year, today.day.month)[1] - 1


def _share(head: Head) -> dict[str, Any] | None:
    for part in (head.after, head.before):
        if found := part.eat(_SHARE):
            percent = float(found[1] or found[2] or int(found[3]) * 10)
            if 0 < percent <= 100:
                return {"kind": "bucket", "salt": "draft", "from": 0, "to": max(1, round(percent * 100))}
    return None
