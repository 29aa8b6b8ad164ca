"""Data analysis of mini programs: ``/datacube/getweanalysisappid…``, dates as ``yyyymmdd``; opening times.

Daily figures take exactly one day, weekly ones Monday to Sunday, monthly ones a whole month; nothing is
known of today and later. Opening times take instants, and tell of today as well.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.clock import CHINA
from wechat_sandbox.crowd.people import Person, make_person
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.state.mini_program.analysis import Analysis, Span
from wechat_sandbox.state.mini_program.performance import LONGEST_S, MEASURES, Performance
from wechat_sandbox.wire.errors import PlatformError

PAGES_MAX = 200
_PREFIX = "/datacube/getweanalysisappid"
_DAYS_BACK = (1, 2, 3, 4, 5, 6, 7, 14, 30)
_PORTRAIT_SPANS = (0, 6, 29)
_AGES = ("未知", "17岁以下", "18-24岁", "25-29岁", "30-39岁", "40-49岁", "50岁以上")
_AGE_ENDS = (18, 25, 30, 40, 50)


@REGISTRY.post(f"{_PREFIX}dailysummarytrend", kinds=MINI_PROGRAMS)
def daily_summary(call: Call) -> Mapping[str, object]:
    span = _day(call)
    return {"list": [{"ref_date": _stamp(span.first), **_analysis(call).summary(span.first)}]}


@REGISTRY.post(f"{_PREFIX}dailyvisittrend", kinds=MINI_PROGRAMS)
def daily_trend(call: Call) -> Mapping[str, object]:
    span = _day(call)
    return {"list": [{"ref_date": _stamp(span.first), **_analysis(call).trend(span)}]}


@REGISTRY.post(f"{_PREFIX}weeklyvisittrend", kinds=MINI_PROGRAMS)
def weekly_trend(call: Call) -> Mapping[str, object]:
    span = _week(call)
    return {"list": [{"ref_date": _range(span), **_analysis(call).trend(span)}]}


@REGISTRY.post(f"{_PREFIX}monthlyvisittrend", kinds=MINI_PROGRAMS)
def monthly_trend(call: Call) -> Mapping[str, object]:
    span = _month(call)
    return {"list": [{"ref_date": _month_stamp(span), **_analysis(call).trend(span)}]}


@REGISTRY.post(f"{_PREFIX}dailyretaininfo", kinds=MINI_PROGRAMS)
def daily_retention(call: Call) -> Mapping[str, object]:
    """Return who came back 1 to 7, 14 and 30 days later, as far as those days are over."""
    span = _day(call)
    offsets = [offset for offset in _DAYS_BACK if span.first + timedelta(days=offset) < _today(call)]
    later = [_one_day(span.first + timedelta(days=offset)) for offset in offsets]
    told = _analysis(call).retention(span, later)
    keys = [0, *offsets]
    relabelled = {
        name: [{"key": key, "value": row["value"]} for key, row in zip(keys, rows, strict=True)]
        for name, rows in told.items()
    }
    return {"ref_date": _stamp(span.first), **relabelled}


@REGISTRY.post(f"{_PREFIX}weeklyretaininfo", kinds=MINI_PROGRAMS)
def weekly_retention(call: Call) -> Mapping[str, object]:
    span = _week(call)
    weeks = [
        Span(first=span.first + timedelta(weeks=number), last=span.last + timedelta(weeks=number))
        for number in range(1, 5)
    ]
    later = [week for week in weeks if week.last < _today(call)]
    return {"ref_date": _range(span), **_analysis(call).retention(span, later)}


@REGISTRY.post(f"{_PREFIX}monthlyretaininfo", kinds=MINI_PROGRAMS)
def monthly_retention(call: Call) -> Mapping[str, object]:
    span = _month(call)
    next_first = span.last + timedelta(days=1)
    following = Span(first=next_first, last=_month_end(next_first))
    later = [following] if following.last < _today(call) else []
    return {"ref_date": _month_stamp(span), **_analysis(call).retention(span, later)}


@REGISTRY.post(f"{_PREFIX}visitpage", kinds=MINI_PROGRAMS)
def visited_pages(call: Call) -> Mapping[str, object]:
    span = _day(call)
    return {"ref_date": _stamp(span.first), "list": _analysis(call).pages(span.first, PAGES_MAX)}


@REGISTRY.post(f"{_PREFIX}visitdistribution", kinds=MINI_PROGRAMS)
def visit_distribution(call: Call) -> Mapping[str, object]:
    span = _day(call)
    return {"ref_date": _stamp(span.first), "list": _analysis(call).distribution(span.first)}


@REGISTRY.post(f"{_PREFIX}userportrait", kinds=MINI_PROGRAMS)
def user_portrait(call: Call) -> Mapping[str, object]:
    """Return who the visitors of 1, 7 or 30 days were, the new ones apart."""
    span = _span(call)
    if (span.last - span.first).days not in _PORTRAIT_SPANS:
        raise PlatformError(61501)
    people, fresh = _analysis(call).visitors(span)
    return {
        "ref_date": _stamp(span.first) if span.first == span.last else _range(span),
        "visit_uv_new": _portrait(call, fresh),
        "visit_uv": _portrait(call, people),
    }


@REGISTRY.post("/wxa/business/performance/boot", kinds=MINI_PROGRAMS)
def opening_times(call: Call) -> Mapping[str, object]:
    """Return one line with the days' means of the measure ``module`` names.

    ``params`` (device, network, …) are taken and change nothing: a visit here does not tell of them.
    """
    measure = MEASURES.get(str(call.body.get("module", "")))
    span = call.body.get("time")
    if measure is None or not isinstance(span, dict) or not isinstance(call.body.get("params", []), list):
        raise PlatformError(40097)
    begin, end = span.get("begin_timestamp"), span.get("end_timestamp")
    if not isinstance(begin, int) or not isinstance(end, int) or not 0 <= end - begin <= LONGEST_S:
        raise PlatformError(40097)
    days = Performance(call.world, call.account).by_day(measure, begin, end)
    fields = [{"refdate": _stamp(day), "value": str(mean_ms)} for day, mean_ms in days]
    table = {"id": call.body["module"], "zh": measure.name, "lines": [{"fields": fields}]}
    return {"data": {"body": {"tables": [table], "count": 1}}}


def _portrait(call: Call, people: set[int]) -> dict[str, object]:
    known = [make_person(call.world.seed, index, call.world.people) for index in sorted(people)]
    year = _today(call).year
    return {
        "province": _rows(person.province for person in known),
        "city": _rows(person.city for person in known),
        "genders": _rows({"female": "女", "male": "男"}.get(person.gender, "未知") for person in known),
        "platforms": _rows(_phone_of(person)[0] for person in known),
        "devices": _rows(_phone_of(person)[1] for person in known),
        "ages": _rows(_age(person, year) for person in known),
    }


def _phone_of(person: Person) -> tuple[str, str]:
    """Return system and model: one phone in three is an iPhone."""
    return ("iPhone", "iPhone") if person.index % 3 == 0 else ("Android", "OPPO")


def _age(person: Person, year: int) -> str:
    years = year - int(person.birthday[:4])
    return _AGES[1 + sum(1 for end in _AGE_ENDS if years >= end)]


def _rows(names: Iterable[str]) -> list[dict[str, object]]:
    counted = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return [{"id": number, "name": name, "value": value} for number, (name, value) in enumerate(counted, 1)]


def _analysis(call: Call) -> Analysis:
    return Analysis(call.world, call.account)


def _day(call: Call) -> Span:
    span = _span(call)
    if span.first != span.last:
        raise PlatformError(61501)
    return span


def _week(call: Call) -> Span:
    span = _span(call)
    if span.first.weekday() != 0 or (span.last - span.first).days != 6:
        raise PlatformError(61501)
    return span


def _month(call: Call) -> Span:
    span = _span(call)
    if span.first.day != 1 or span.last != _month_end(span.first):
        raise PlatformError(61501)
    return span


def _span(call: Call) -> Span:
    """Read both dates.

    Raises:
        PlatformError: 61500 no dates, 61501 the wrong way round, 61503 not over yet.
    """
    dates = []
    for name in ("begin_date", "end_date"):
        try:
            dates.append(
                datetime.strptime(str(call.body.get(name, "")), "%Y%m%d").replace(tzinfo=CHINA).date()
            )
        except ValueError as error:
            raise PlatformError(61500) from error
    first, last = dates
    if first > last:
        raise PlatformError(61501)
    if last >= _today(call):
        raise PlatformError(61503)
    return Span(first=first, last=last)


def _today(call: Call) -> date:
    return datetime.fromtimestamp(call.at, CHINA).date()


def _one_day(day: date) -> Span:
    return Span(first=day, last=day)


def _month_end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _stamp(day: date) -> str:
    return day.strftime("%Y%m%d")


def _range(span: Span) -> str:
    return f"{_stamp(span.first)}-{_stamp(span.last)}"


def _month_stamp(span: Span) -> str:
    return span.first.strftime("%Y%m")
