"""Statistics of articles, as they are today: reading, sharing, the whole account, one publication."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.endpoints.statistics.days import Day, day_of, facts_of, read_days
from wechat_sandbox.state.facts import Fact, FactKind
from wechat_sandbox.state.publishing import Publication, Publications

SINCE = date(2025, 11, 1)
FOLLOWED_DAYS = 30
_POSITIONS = 5
_SECONDS_PER_POSITION = 15  # Where someone stopped reading, told from how long they stayed.
_READING = (
    FactKind.READ, FactKind.FINISHED, FactKind.SHARE, FactKind.ZAIKAN, FactKind.LIKE, FactKind.COLLECT,
    FactKind.COMMENT, FactKind.ORIGINAL,
)  # fmt: skip
# Ways to an article, by ``source`` of a read.
SCENES = {0: "公众号消息", 1: "聊天会话", 2: "朋友圈", 4: "公众号主页", 5: "其他"}


def people(facts: Iterable[Fact], kind: FactKind) -> set[int]:
    return {fact.person for fact in facts if fact.kind is kind}


def read_sources(facts: list[Fact]) -> list[dict[str, object]]:
    """Return how many people came by each way, all of them first."""
    reads = [fact for fact in facts if fact.kind is FactKind.READ]
    rows: list[dict[str, object]] = [
        {"user_count": len({fact.person for fact in reads}), "scene_desc": "全部"}
    ]
    for source in sorted({fact.source for fact in reads}):
        readers = {fact.person for fact in reads if fact.source == source}
        rows.append({"user_count": len(readers), "scene_desc": SCENES.get(source, "其他")})
    return rows


def by_article(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Group facts by the article they are about."""
    grouped: dict[str, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(fact.ref, []).append(fact)
    return dict(sorted(grouped.items()))


@REGISTRY.post("/datacube/getarticleread", kinds=OFFICIAL, certified_only=True)
def article_read(call: Call) -> Mapping[str, object]:
    rows = []
    for day in read_days(call, most=1, since=SINCE):
        for ref, facts in by_article(facts_of(call, day, FactKind.READ)).items():
            detail = {
                "read_user": len(people(facts, FactKind.READ)),
                "read_user_source": read_sources(facts),
            }
            rows.append({"ref_date": day.name, "msgid": ref, "detail": detail})
    return {"list": rows, "is_delay": False}


@REGISTRY.post("/datacube/getarticleshare", kinds=OFFICIAL, certified_only=True)
def article_share(call: Call) -> Mapping[str, object]:
    rows = []
    for day in read_days(call, most=1, since=SINCE):
        for ref, facts in by_article(facts_of(call, day, FactKind.SHARE)).items():
            detail = {"share_user": len(people(facts, FactKind.SHARE))}
            rows.append({"ref_date": day.name, "msgid": ref, "detail": detail})
    return {"list": rows, "is_delay": False}


@REGISTRY.post("/datacube/getbizsummary", kinds=OFFICIAL, certified_only=True)
def account_summary(call: Call) -> Mapping[str, object]:
    publications = Publications(call.world, call.account).all()
    rows = []
    for day in read_days(call, most=30):
        facts = list(facts_of(call, day, *_READING))
        sent = [one for one in publications if day.start <= one.at < day.end and one.visible()]
        detail = _detail(facts) | {
            "redirect_ori_page_user": len(people(facts, FactKind.ORIGINAL)),
            "send_page_count": sum(len(one.articles) for one in sent),
        }
        rows.append({"ref_date": day.name, "detail": detail})
    return {"list": rows, "is_delay": False}


@REGISTRY.post("/datacube/getarticletotaldetail", kinds=OFFICIAL, certified_only=True)
def article_total_detail(call: Call) -> Mapping[str, object]:
    """Follow the articles published on a day for thirty days."""
    [day] = read_days(call, most=1, since=SINCE)
    rows = []
    for one in Publications(call.world, call.account).all():
        if not day.start <= one.at < day.end:
            continue
        rows += [_total_row(call, day, one, index) for index in one.visible()]
    return {"list": rows, "is_delay": False}


def _total_row(call: Call, day: Day, one: Publication, index: int) -> dict[str, object]:
    last = min(day_of(call.at).date - timedelta(days=1), day.date + timedelta(days=FOLLOWED_DAYS - 1))
    spans = [Day(day.date + timedelta(days=offset)) for offset in range((last - day.date).days + 1)]
    return {
        "ref_date": day.name,
        "msgid": one.ref(index),
        "publish_type": 0 if one.notified else 1,
        "title": one.articles[index - 1].title,
        "content_url": one.url(call.world, index),
        "detail_list": [_stat(call, stat_day, one, index) for stat_day in spans],
    }


def _stat(call: Call, day: Day, one: Publication, index: int) -> dict[str, object]:
    ref = one.ref(index)
    facts = [fact for fact in facts_of(call, day, *_READING) if fact.ref == ref]
    reads = [fact for fact in facts if fact.kind is FactKind.READ]
    readers, finished = people(facts, FactKind.READ), people(facts, FactKind.FINISHED)
    until = call.world.facts.between(call.account.appid, (FactKind.DELIVERED,), one.at, day.end)
    delivered = {fact.person for fact in until if fact.ref == ref}
    return {
        "stat_date": day.name,
        **_detail(facts),
        "praise_money": 0,
        "read_subscribe_user": _followed_after(call, day, reads),
        "read_delivery_rate": _rate(len(readers & delivered), len(delivered)),
        "read_finish_rate": _rate(len(finished), len(readers)),
        "read_avg_activetime": _rate(sum(fact.amount for fact in reads), len(reads)),
        "read_jump_position": _stops(reads, finished),
    }


def _detail(facts: list[Fact]) -> dict[str, object]:
    return {
        "read_user": len(people(facts, FactKind.READ)),
        "read_user_source": read_sources(facts),
        "share_user": len(people(facts, FactKind.SHARE)),
        "zaikan_user": len(people(facts, FactKind.ZAIKAN)),
        "like_user": len(people(facts, FactKind.LIKE)),
        "comment_count": sum(fact.kind is FactKind.COMMENT for fact in facts),
        "collection_user": len(people(facts, FactKind.COLLECT)),
    }


def _followed_after(call: Call, day: Day, reads: list[Fact]) -> int:
    """Count readers who followed the account later on the day they read."""
    first_read = {fact.person: fact.at for fact in reversed(reads)}
    follows = facts_of(call, day, FactKind.FOLLOW)
    return len({fact.person for fact in follows if fact.at > first_read.get(fact.person, day.end)})


def _stops(reads: list[Fact], finished: set[int]) -> list[dict[str, object]]:
    """Tell in which fifth of an article people stopped."""
    counts = dict.fromkeys(range(1, _POSITIONS + 1), 0)
    for fact in reads:
        reached = min(_POSITIONS - 1, fact.amount // _SECONDS_PER_POSITION + 1)
        counts[_POSITIONS if fact.person in finished else reached] += 1
    return [{"position": one, "rate": _rate(count, len(reads))} for one, count in counts.items()]


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0
