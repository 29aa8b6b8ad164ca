"""What is said of a thing beside its name: when, how often, how much, which one, and that it is not so."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.flows.drafting.numbers import number

_UNIT: Final = (
    r"(分钟|小时|天|日|周|星期|礼拜|月|季度|年|minutes?|mins?|hours?|days?|weeks?|months?|quarters?|years?)"
)
_SPAN: Final = rf"(\d+)\s*个?\s*{_UNIT}(?![a-z])"
_UNITS: Final = (
    ("minutes", 1, ("分钟", "min")),
    ("hours", 1, ("小时", "hour")),
    ("days", 1, ("天", "日", "day")),
    ("weeks", 1, ("周", "星期", "礼拜", "week")),
    ("days", 30, ("月", "month")),
    ("days", 90, ("季", "quarter")),
    ("days", 365, ("年", "year")),
)
_MORE: Final = (
    r"(?:超过|超出|大于|多于|已?满|已有|至少|不少于|长达|连续|more than|over|at least|"
    r"longer than|older than)"
)
_LESS: Final = r"(?:不到|不超过|少于|不足|未满|不满|less than|fewer than|at most|no more than|under)"
_AGES: Final = (
    ("at_least", re.compile(rf"{_MORE}\s*{_SPAN}\s*(?:以?前|之前|ago|before)?", re.IGNORECASE)),
    ("at_most", re.compile(rf"{_LESS}\s*{_SPAN}\s*(?:以?前|之前|ago)?", re.IGNORECASE)),
    ("at_least", re.compile(rf"{_SPAN}\s*(?:以上|以前|之前|前|ago)", re.IGNORECASE)),
)
_ROLLING: Final = (
    re.compile(
        rf"(?:(?:最近|近|过去|过往|前)的?)\s*{_SPAN}\s*(?:以内|之内|内|里|以来|来|中|间)?", re.IGNORECASE
    ),
    re.compile(
        r"(?:in|within|during|over|for)?\s*(?:the\s+)?\b(?:last|past|previous)\s+" + _SPAN, re.IGNORECASE
    ),
    re.compile(rf"{_SPAN}\s*(?:以内|之内|内|里)", re.IGNORECASE),
    re.compile(rf"\b(?:within|in)\s+{_SPAN}", re.IGNORECASE),
)
_ROLLING_ONE: Final = re.compile(
    r"(?:in|within|during|over)\s+the\s+(?:last|past|previous)\s+"
    r"(minute|hour|day|week|month|quarter|year)\b|最近(周|月|年)",
    re.IGNORECASE,
)
_BARE_SPAN: Final = re.compile(rf"(?:for\s+)?{_SPAN}", re.IGNORECASE)
_CALENDAR: Final = (
    ("today", re.compile(r"今天|今日|当天|\btoday\b", re.IGNORECASE)),
    ("yesterday", re.compile(r"昨天|昨日|\byesterday\b", re.IGNORECASE)),
    ("this_week", re.compile(r"本周|这周|这个?星期|这一周|\b(?:in )?this week\b", re.IGNORECASE)),
    ("this_month", re.compile(r"本月|这个月|当月|\b(?:in )?this month\b", re.IGNORECASE)),
    ("this_year", re.compile(r"今年|本年|年内|\b(?:in )?this year\b", re.IGNORECASE)),
)
_GONE: Final = (
    ("week", re.compile(r"上周|上个?星期|\b(?:in )?last week\b", re.IGNORECASE)),
    ("month", re.compile(r"上个?月|\b(?:in )?last month\b", re.IGNORECASE)),
    ("year", re.compile(r"去年|\b(?:in )?last year\b", re.IGNORECASE)),
)
_DATE: Final = r"(?:(\d{4})[-年/.])?(\d{1,2})[-月/.](\d{1,2})[日号]?(?!\d)"  # 2026-05-01, 5月1日
_RANGE: Final = re.compile(
    rf"(?:自|从|between|from)?\s*{_DATE}\s*(?:~|到|至|and|to)\s*{_DATE}(?:之?间|期间)?", re.IGNORECASE
)
_SINCE: Final = re.compile(
    rf"(?:自从?|从|since|after)\s*{_DATE}\s*(?:以来|起|之?后|至今)?|{_DATE}\s*(?:以来|起|之?后|至今)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(rf"(?:before|until)\s*{_DATE}|{_DATE}\s*(?:以前|之前|前)", re.IGNORECASE)
_EVER: Final = re.compile(
    r"历史上?|从未|从来没有?|从没有?|一直没有?|曾经?|累计|总共|\bnever\b|\bever\b|\bin total\b|\boverall\b",
    re.IGNORECASE,
)
_ORDINALS: Final = (
    (
        "first",
        re.compile(
            r"首次|第1次|第一次|初次|最早一次|\b(?:(?:their|the)\s+)?(?:very )?first\b", re.IGNORECASE
        ),
    ),
    (
        "last",
        re.compile(
            r"最近[一1]次|最后[一1]次|上[一1]次|上次|末次|最近1回|\b(?:(?:their|the)\s+)?(?:last|"
            r"latest|most recent)\b"
            r"(?!\s+(?:\d|week|month|year|day|hour))",
            re.IGNORECASE,
        ),
    ),
)
NEGATION: Final = re.compile(
    r"从未|从来没有?|从没有?|一直没有?|还没有?|没有|没|未曾|尚未|并未|未(?!来)|不曾|不是|"
    r"不在|不属于|不含|不包括|不包含|非(?!常)|不(?!少|超|足|满|低|到|同)|"
    r"排除掉?|除了|除去|除|剔除|去掉|无(?!论)|"
    r"\bnever\b|\b(?:has|have|had|did|does|do|is|are|was|were)?\s*not\b|\b(?:has|have|had|"
    r"did|does|do|is|are|was|were)n't\b|"
    r"\bwithout\b|\bno\b(?!\s+(?:more|less|fewer))|\bexcept(?:\s+for)?\b|\bexcluding\b|"
    r"\bother than\b|\bbut not\b",
    re.IGNORECASE,
)
_NUMBER: Final = r"[¥￥$]?\s*(\d+(?:\.\d+)?)\s*(万|千|k(?![a-z]))?"
_BEFORE_NUMBER: Final = (
    (
        "gte",
        r"不少于|不低于|大于等于|至少|最少|起码|达到|达|满|>=|≥|at least|no less than|"
        r"not less than|no fewer than|minimum of|a minimum of",
    ),
    (
        "lte",
        r"不超过|不多于|不高于|小于等于|至多|最多|<=|≤|at most|no more than|not more than|"
        r"up to|a maximum of|maximum of",
    ),
    (
        "lt",
        r"不足|不满|不到|少于|低于|小于|未满|<|less than|fewer than|under|below|lower than|"
        r"younger than|smaller than",
    ),
    (
        "gt",
        r"超过|超出|大于|多于|高于|>|more than|over|above|greater than|exceeding|exceeds|"
        r"exceed|older than|higher than",
    ),
    ("eq", r"恰好|正好|刚好|等于|只有|只|仅|=|exactly|precisely|only|just|equal to|equals"),
)
_AFTER_NUMBER: Final = (
    ("gte", r"以上|起"),
    ("lte", r"以下|以内|之内"),
)
FLIPPED: Final = {"gte": "lt", "gt": "lte", "lte": "gt", "lt": "gte", "eq": "ne", "ne": "eq"}
TIMES: Final = r"(?:次|回|times?\b)"
MONEY: Final = r"(?:元钱?|块钱?|人民币|yuan\b|rmb\b|cny\b|dollars?\b)"
EATEN: Final = "\x01"  # Stands where something was understood.


@dataclass(slots=True)
class Stretch:
    """A part of the sentence; what was understood of it is taken away."""

    letters: list[str]  # Of the whole sentence, shared.
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is left of it."""
        return "".join(self.letters[self.start : self.end])

    def eat(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take the first match away and return it."""
        found = pattern.search(self.text)
        if found is not None and found[0]:
            begin = self.start + found.start()
            self.letters[begin : begin + len(found[0])] = EATEN * len(found[0])
            return found
        return None


@dataclass(frozen=True, slots=True)
class Today:
    """The day a sentence is read, in the brand's zone: 上个月 is counted from it."""

    day: date
    zone: ZoneInfo

    def instant(self, day: date) -> str:
        """Return the midnight that begins a day."""
        return datetime.combine(day, time(), tzinfo=self.zone).isoformat()


@dataclass(frozen=True, slots=True)
class When:
    """When something happened: a window of the language of segments, or how long ago."""

    window: dict[str, Any] | None = None
    ago: tuple[str, int, str] | None = None  # (at_least | at_most, amount, unit)
    is_fixed: bool = False  # Counted from today: it does not move on.
    is_about: bool = False  # A month as 30 days, a year as 365.


def when_of(part: Stretch, today: Today) -> When | None:
    """Take what is said of the time away and return it."""
    for read in (_dates, _ages, _rolling, _calendar):
        found = read(part, today)
        if found is not None:
            return found
    return None


def _dates(part: Stretch, today: Today) -> When | None:
    if found := part.eat(_RANGE):
        first, last = _day(found.groups()[:3], today), _day(found.groups()[3:], today)
        if first is None or last is None or last < first:
            return None
        return _fixed(today, first, last + timedelta(days=1))
    if found := part.eat(_SINCE):
        day = _day(found.groups()[:3], today) or _day(found.groups()[3:], today)
        return None if day is None else _fixed(today, day, None)
    if found := part.eat(_BEFORE):
        day = _day(found.groups()[:3], today) or _day(found.groups()[3:], today)
        return None if day is None else _fixed(today, None, day)
    return None


def _day(parts: tuple[str | None, ...], today: Today) -> date | None:
    year, month, day = parts
    if month is None or day is None:
        return None
    try:
        found = date(int(year or today.day.year), int(month), int(day))
    except ValueError:
        return None
    return found if year or found <= today.day else found.replace(year=found.year - 1)


def _fixed(today: Today, first: date | None, end: date | None) -> When:
    window: dict[str, Any] = {"kind": "absolute"}
    if first is not None:
        window["from"] = today.instant(first)
    if end is not None:
        window["to"] = today.instant(end)
    return When(window=window, is_fixed=True)


def _ages(part: Stretch, _: Today) -> When | None:
    for op, pattern in _AGES:
        if found := part.eat(pattern):
            amount, unit, about = span(found[1], found[2])
            return When(ago=(op, amount, unit), is_about=about)
    return None


def _rolling(part: Stretch, _: Today) -> When | None:
    if found := part.eat(_ROLLING_ONE):
        return _last("1", found[1] or found[2])
    for pattern in _ROLLING:
        if found := part.eat(pattern):
            return _last(found[1], found[2])
    return None


def _last(amount: str, unit: str) -> When:
    many, name, about = span(amount, unit)
    return When(window={"kind": "rolling", "amount": many, "unit": name}, is_about=about)


def _calendar(part: Stretch, today: Today) -> When | None:
    for period, pattern in _CALENDAR:
        if part.eat(pattern):
            return When(window={"kind": "calendar", "period": period})
    for period, pattern in _GONE:
        if part.eat(pattern):
            return _fixed(today, *_gone(period, today.day))
    return None


def _gone(period: str, day: date) -> tuple[date, date]:
    match period:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday - timedelta(days=7), monday
        case "month":
            first = day.replace(day=1)
            return (first - timedelta(days=1)).replace(day=1), first
        case _:
            return date(day.year - 1, 1, 1), date(day.year, 1, 1)


def bare_span(part: Stretch) -> When | None:
    """Take a length of time away that stands by itself, such as 30 天 in 30 天没下单."""
    found = part.eat(_BARE_SPAN)
    return None if found is None else _last(found[1], found[2])


def span(amount: str, unit: str) -> tuple[int, str, bool]:
    """Return (amount, unit, whether it is about that long) in units of the language of segments."""
    said = unit.lower()
    for name, times, words in _UNITS:
        if any(said.startswith(word) for word in words):
            return min(max(int(amount) * times, 1), 36_500), name, times > 1
    return int(amount), "days", False


def is_ever(part: Stretch) -> bool:
    """Whether the part says that all history counts; a negation in it stays."""
    found = _EVER.search(part.text)
    if found is None:
        return False
    if NEGATION.search(found[0]) is None:
        part.eat(_EVER)
    return True


def ordinal_of(part: Stretch) -> str:
    """Take 首次, 最近一次, first or last away and return which."""
    return next((which for which, pattern in _ORDINALS if part.eat(pattern)), "")


def is_negated(part: Stretch) -> bool:
    """Take a negation away and tell whether there was one; two are none."""
    count = 0
    while part.eat(NEGATION):
        count += 1
    return count % 2 == 1


def compared(part: Stretch, unit: str, *, has_unit: bool = True) -> dict[str, Any] | None:
    """Take a comparison with a number away and return it as the language of segments writes it."""
    unit_part = rf"\s*{unit}" if has_unit else rf"(?:\s*{unit})?"
    between = re.compile(rf"{_NUMBER}\s*(?:{unit})?\s*~\s*{_NUMBER}{unit_part}", re.IGNORECASE)
    if found := part.eat(between):
        low, high = number(found[1], found[2]), number(found[3], found[4] or "")
        if found[4] and not found[2]:
            low = number(found[1], found[4])
        return {"op": "between", "value": sorted([low, high])}
    for op, words in _BEFORE_NUMBER:
        before = re.compile(rf"(?:{words})\s*(?:了|为|有)?\s*{_NUMBER}{unit_part}(?:以上)?", re.IGNORECASE)
        if found := part.eat(before):
            return {"op": op, "value": number(found[1], found[2])}
    for op, words in _AFTER_NUMBER:
        if found := part.eat(re.compile(rf"{_NUMBER}{unit_part}\s*(?:{words})", re.IGNORECASE)):
            return {"op": op, "value": number(found[1], found[2])}
    if found := part.eat(re.compile(rf"{_NUMBER}{unit_part}(?!\s*[个]?[天日周月年小分])", re.IGNORECASE)):
        return {"op": "eq", "value": number(found[1], found[2])}
    return None


def flipped(test: dict[str, Any]) -> dict[str, Any] | None:
    """Return the opposite of a comparison; ``None`` where it takes two."""
    op = FLIPPED.get(test["op"])
    return None if op is None else {**test, "op": op}


_HELD: Final = re.compile(rf"[过了已的\s]*{_MORE}\s*{_SPAN}(?:以上)?(?=[没未不])", re.IGNORECASE)


def age_ends(gap: str) -> int:
    """Return where 关注超过 30 天 ends in a gap before 没下单; -1 if it is not there."""
    found = _HELD.match(gap)
    return -1 if found is None else found.end()


def starts_something(gap: str) -> int:
    """Return where a gap begins to speak of what follows (negation, time, which one), or -1."""
    times = [*(pattern for _, pattern in _AGES), *_ROLLING, _BARE_SPAN, *(p for _, p in _CALENDAR)]
    chinese = re.search(r"[\u4e00-\u9fff]", gap)
    patterns = [NEGATION, *(pattern for _, pattern in _ORDINALS), *(times if chinese else ())]
    places = [found.start() for pattern in patterns if (found := pattern.search(gap))]
    return min(places, default=-1)
