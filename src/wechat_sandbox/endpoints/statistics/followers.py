"""Statistics of followers, of their messages, and of the account's callback address."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.endpoints.statistics.days import Day, day_of, facts_of, hour_of, read_days
from wechat_sandbox.state.facts import Fact, FactKind

_Rows = list[dict[str, object]]
_Key = Callable[[Day, Fact], tuple[object, ...]]


@REGISTRY.post("/datacube/getusersummary", kinds=OFFICIAL, certified_only=True)
def user_summary(call: Call) -> Mapping[str, object]:
    rows: _Rows = []
    for day in read_days(call, most=7):
        counts: Counter[tuple[int, FactKind]] = Counter()
        for fact in facts_of(call, day, FactKind.FOLLOW, FactKind.UNFOLLOW):
            counts[fact.source, fact.kind] += 1
        rows += [
            {
                "ref_date": day.name,
                "user_source": source,
                "new_user": counts[source, FactKind.FOLLOW],
                "cancel_user": counts[source, FactKind.UNFOLLOW],
            }
            for source in sorted({source for source, _ in counts})
        ]
    return {"list": rows}


@REGISTRY.post("/datacube/getusercumulate", kinds=OFFICIAL, certified_only=True)
def user_cumulate(call: Call) -> Mapping[str, object]:
    facts, appid = call.world.facts, call.account.appid
    rows: _Rows = []
    for day in read_days(call, most=7):
        came, left = (
            facts.count_before(appid, kind, day.end) for kind in (FactKind.FOLLOW, FactKind.UNFOLLOW)
        )
        rows.append({"ref_date": day.name, "user_source": 0, "cumulate_user": came - left})
    return {"list": rows}


def _by_day(day: Day, fact: Fact) -> tuple[object, ...]:
    return (day.name,)


def _by_hour(day: Day, fact: Fact) -> tuple[object, ...]:
    return (day.name, hour_of(fact))


def _by_week(day: Day, fact: Fact) -> tuple[object, ...]:
    return (day_of(fact.at).week,)


def _by_month(day: Day, fact: Fact) -> tuple[object, ...]:
    return (day_of(fact.at).month,)


def _messages(call: Call, days: Iterable[Day], key: _Key) -> Mapping[str, object]:
    people: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for day in days:
        for fact in facts_of(call, day, FactKind.MESSAGE):
            people[(*key(day, fact), fact.source)].append(fact.person)
    rows = []
    for (name, *hour, kind), writers in sorted(people.items(), key=lambda item: str(item[0])):
        row: dict[str, object] = {"ref_date": name, "msg_type": kind}
        row |= {"ref_hour": hour[0]} if hour else {}
        rows.append(row | {"msg_user": len(set(writers)), "msg_count": len(writers)})
    return {"list": rows}


@REGISTRY.post("/datacube/getupstreammsg", kinds=OFFICIAL, certified_only=True)
def messages_by_day(call: Call) -> Mapping[str, object]:
    return _messages(call, read_days(call, most=7), _by_day)


@REGISTRY.post("/datacube/getupstreammsghour", kinds=OFFICIAL, certified_only=True)
def messages_by_hour(call: Call) -> Mapping[str, object]:
    return _messages(call, read_days(call, most=1), _by_hour)


@REGISTRY.post("/datacube/getupstreammsgweek", kinds=OFFICIAL, certified_only=True)
def messages_by_week(call: Call) -> Mapping[str, object]:
    return _messages(call, read_days(call, most=30), _by_week)


@REGISTRY.post("/datacube/getupstreammsgmonth", kinds=OFFICIAL, certified_only=True)
def messages_by_month(call: Call) -> Mapping[str, object]:
    return _messages(call, read_days(call, most=30), _by_month)


def _spread(call: Call, days: Iterable[Day], key: _Key) -> Mapping[str, object]:
    """Count people by how much they wrote: 1–5, 6–10, more."""
    written: defaultdict[object, Counter[int]] = defaultdict(Counter)
    for day in days:
        for fact in facts_of(call, day, FactKind.MESSAGE):
            written[key(day, fact)[0]][fact.person] += 1
    rows = []
    for name in sorted(written, key=str):
        people = Counter(_interval(count) for count in written[name].values())
        rows += [
            {"ref_date": name, "count_interval": interval, "msg_user": people[interval]}
            for interval in sorted(people)
        ]
    return {"list": rows}


def _interval(count: int) -> int:
    return 1 if count <= 5 else 2 if count <= 10 else 3


@REGISTRY.post("/datacube/getupstreammsgdist", kinds=OFFICIAL, certified_only=True)
def spread_by_day(call: Call) -> Mapping[str, object]:
    return _spread(call, read_days(call, most=15), _by_day)


@REGISTRY.post("/datacube/getupstreammsgdistweek", kinds=OFFICIAL, certified_only=True)
def spread_by_week(call: Call) -> Mapping[str, object]:
    return _spread(call, read_days(call, most=30), _by_week)


@REGISTRY.post("/datacube/getupstreammsgdistmonth", kinds=OFFICIAL, certified_only=True)
def spread_by_month(call: Call) -> Mapping[str, object]:
    return _spread(call, read_days(call, most=30), _by_month)


def _costs(call: Call, days: Iterable[Day], key: _Key) -> Mapping[str, object]:
    calls: defaultdict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for day in days:
        for fact in facts_of(call, day, FactKind.CALLBACK):
            calls[key(day, fact)].append(fact)
    rows = []
    for (name, *hour), facts in sorted(calls.items(), key=lambda item: str(item[0])):
        row: dict[str, object] = {"ref_date": name} | ({"ref_hour": hour[0]} if hour else {})
        rows.append(
            row
            | {
                "callback_count": len(facts),
                "fail_count": sum(fact.source for fact in facts),
                "total_time_cost": sum(fact.amount for fact in facts),
                "max_time_cost": max(fact.amount for fact in facts),
            }
        )
    return {"list": rows}


@REGISTRY.post("/datacube/getinterfacesummary", kinds=OFFICIAL, certified_only=True)
def callback_costs(call: Call) -> Mapping[str, object]:
    """How the account's callback address did: attempts, failures, milliseconds."""
    return _costs(call, read_days(call, most=30), _by_day)


@REGISTRY.post("/datacube/getinterfacesummaryhour", kinds=OFFICIAL, certified_only=True)
def callback_costs_by_hour(call: Call) -> Mapping[str, object]:
    return _costs(call, read_days(call, most=1), _by_hour)
