"""Statistics of articles in the shapes the platform no longer maintains, from the same facts."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.endpoints.statistics.articles import by_article, people
from wechat_sandbox.endpoints.statistics.days import Day, day_of, facts_of, hour_of, read_days
from wechat_sandbox.state.facts import Fact, FactKind
from wechat_sandbox.state.publishing import Publication, Publications

FOLLOWED_DAYS = 7
_KINDS = (FactKind.READ, FactKind.ORIGINAL, FactKind.SHARE, FactKind.COLLECT)
_Row = dict[str, object]
# Ways to an article in ``getarticletotal``, by ``source`` of a read.
_WAYS = {0: "session", 4: "hist_msg", 2: "feed", 1: "friends", 5: "other"}


@REGISTRY.post("/datacube/getarticlesummary", kinds=OFFICIAL, certified_only=True)
def article_summary(call: Call) -> Mapping[str, object]:
    [day] = read_days(call, most=1)
    titles = {
        one.ref(index): article.title
        for one in Publications(call.world, call.account).all()
        for index, article in enumerate(one.articles, 1)
    }
    rows = [
        {"ref_date": day.name, "msgid": ref, "title": titles.get(ref, ""), **_figures(facts)}
        for ref, facts in by_article(facts_of(call, day, *_KINDS)).items()
    ]
    return {"list": rows}


@REGISTRY.post("/datacube/getarticletotal", kinds=OFFICIAL, certified_only=True)
def article_total(call: Call) -> Mapping[str, object]:
    """Follow what was sent on a day for seven days; figures add up from the first day on."""
    [day] = read_days(call, most=1)
    rows = []
    for one in Publications(call.world, call.account).all():
        if not day.start <= one.at < day.end:
            continue
        rows += [_total(call, day, one, index) for index in one.visible()]
    return {"list": rows}


@REGISTRY.post("/datacube/getuserread", kinds=OFFICIAL, certified_only=True)
def user_read(call: Call) -> Mapping[str, object]:
    return {"list": [row for day in read_days(call, most=3) for row in _reads(call, day, hourly=False)]}


@REGISTRY.post("/datacube/getuserreadhour", kinds=OFFICIAL, certified_only=True)
def user_read_by_hour(call: Call) -> Mapping[str, object]:
    return {"list": [row for day in read_days(call, most=1) for row in _reads(call, day, hourly=True)]}


@REGISTRY.post("/datacube/getusershare", kinds=OFFICIAL, certified_only=True)
def user_share(call: Call) -> Mapping[str, object]:
    return {"list": [row for day in read_days(call, most=7) for row in _shares(call, day, hourly=False)]}


@REGISTRY.post("/datacube/getusersharehour", kinds=OFFICIAL, certified_only=True)
def user_share_by_hour(call: Call) -> Mapping[str, object]:
    return {"list": [row for day in read_days(call, most=1) for row in _shares(call, day, hourly=True)]}


def _figures(facts: list[Fact]) -> _Row:
    counts = {kind: sum(fact.kind is kind for fact in facts) for kind in _KINDS}
    return {
        "int_page_read_user": len(people(facts, FactKind.READ)),
        "int_page_read_count": counts[FactKind.READ],
        "ori_page_read_user": len(people(facts, FactKind.ORIGINAL)),
        "ori_page_read_count": counts[FactKind.ORIGINAL],
        "share_user": len(people(facts, FactKind.SHARE)),
        "share_count": counts[FactKind.SHARE],
        "add_to_fav_user": len(people(facts, FactKind.COLLECT)),
        "add_to_fav_count": counts[FactKind.COLLECT],
    }


def _reads(call: Call, day: Day, *, hourly: bool) -> list[_Row]:
    """Group by the way people came; shares and collections belong to the way 0 (conversation)."""
    grouped: defaultdict[tuple[int, int], list[Fact]] = defaultdict(list)
    for fact in facts_of(call, day, *_KINDS):
        source = fact.source if fact.kind is FactKind.READ else 0
        grouped[hour_of(fact) if hourly else 0, source].append(fact)
    return [
        {"ref_date": day.name, **({"ref_hour": hour} if hourly else {}), "user_source": source}
        | _figures(facts)
        for (hour, source), facts in sorted(grouped.items())
    ]


def _shares(call: Call, day: Day, *, hourly: bool) -> list[_Row]:
    grouped: defaultdict[tuple[int, int], list[Fact]] = defaultdict(list)
    for fact in facts_of(call, day, FactKind.SHARE):
        grouped[hour_of(fact) if hourly else 0, fact.source].append(fact)
    return [
        {
            "ref_date": day.name,
            **({"ref_hour": hour} if hourly else {}),
            "share_scene": scene,
            "share_user": len({fact.person for fact in facts}),
            "share_count": len(facts),
        }
        for (hour, scene), facts in sorted(grouped.items())
    ]


def _total(call: Call, day: Day, one: Publication, index: int) -> _Row:
    last = min(day_of(call.at).date - timedelta(days=1), day.date + timedelta(days=FOLLOWED_DAYS - 1))
    spans = [Day(day.date + timedelta(days=offset)) for offset in range((last - day.date).days + 1)]
    return {
        "ref_date": day.name,
        "msgid": one.ref(index),
        "title": one.articles[index - 1].title,
        "details": [_detail(call, one, index, stat_day) for stat_day in spans],
    }


def _detail(call: Call, one: Publication, index: int, day: Day) -> _Row:
    wanted = (*_KINDS, FactKind.DELIVERED)
    found = call.world.facts.between(call.account.appid, wanted, one.at, day.end)
    facts = [fact for fact in found if fact.ref == one.ref(index)]
    row: _Row = {"stat_date": day.name, "target_user": len(people(facts, FactKind.DELIVERED))}
    row |= _figures(facts)
    reads = [fact for fact in facts if fact.kind is FactKind.READ]
    for source, way in _WAYS.items():
        mine = [fact for fact in reads if fact.source == source]
        row[f"int_page_from_{way}_read_user"] = len({fact.person for fact in mine})
        row[f"int_page_from_{way}_read_count"] = len(mine)
    return row | _feed_shares([fact for fact in facts if fact.kind is FactKind.SHARE])


def _feed_shares(shares: list[Fact]) -> _Row:
    """Shares into moments; the sandbox does not know from where, so all count as from the conversation."""
    feed = [fact for fact in shares if fact.source == 2]
    return {
        "feed_share_from_session_user": len({fact.person for fact in feed}),
        "feed_share_from_session_cnt": len(feed),
        "feed_share_from_feed_user": 0,
        "feed_share_from_feed_cnt": 0,
        "feed_share_from_other_user": 0,
        "feed_share_from_other_cnt": 0,
    }
