"""What a received message leads to: reading it, and deciding. Pure functions."""

import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from wechat_sandbox.crowd.acts import Arrival, Biography, Block, Say, Script, Session, Unfollow
from wechat_sandbox.crowd.people import Person
from wechat_sandbox.crowd.shopping import browse
from wechat_sandbox.storage import Line

_ANSWERS = ("好的", "谢谢", "收到", "什么时候截止？", "有没有更便宜的", "TD")
_DEAL = re.compile(r"[券减折惠]|优惠|免单|包邮")
_KEYWORD = re.compile(r"回复\s*[“\"「【'’]?\s*([\w\u4e00-\u9fff]{1,10}?)(?=[”\"」】'’,。,.;;!!\s]|$)")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_TEXTS = ("content", "Content", "text", "title", "head_content", "tail_content")
_ITEMS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A message as its reader understands it; kept in the agenda until they react."""

    ordinal: int  # Of all messages this person ever got.
    kind: str
    url: str = ""
    tired: int = 0  # How many messages of the week were too many.
    deal: bool = False  # It promises to save money.
    keyword: str = ""  # It asks to be answered with this word.
    items: list[tuple[str, str]] = field(default_factory=list)  # It offers these to tap: (id, words).


def read(line: Line, *, ordinal: int, tired: int) -> Occasion:
    """Return what a person makes of a message."""
    body, family = line.body, line.kind.partition(":")[0]
    words = _words_of(body)
    keyword = _KEYWORD.search(words)
    return Occasion(
        ordinal=ordinal,
        kind=family,
        url=_link_of(body, words),
        tired=tired,
        deal=_DEAL.search(words) is not None,
        keyword=keyword[1] if keyword else "",
        items=_items_of(body),
    )


def plan_reaction(
    person: Person, life: Biography, occasion: Occasion, *, at: float, draw: random.Random
) -> tuple[float, Session] | None:
    """Decide what a message leads to: nothing, leaving, blocking, an answer or a visit.

    Returns the delay in seconds and the session, or None.
    """
    chance = draw.random()
    script = Script()
    arrival = _arrival(occasion)
    leaving = min(0.5, 0.004 + 0.06 * occasion.tired)
    blocking = min(0.2, 0.04 * occasion.tired) if occasion.kind in ("template", "subscribe") else 0.0
    if chance < leaving:
        script.add(Unfollow(), after_s=1)
        return 20 + draw.random() * 300, Session(arrival, tuple(script.steps))
    if chance < leaving + blocking:
        script.add(Block(), after_s=1)
        return 20 + draw.random() * 300, Session(arrival, tuple(script.steps))
    answer = _answer(person, occasion, draw)
    if answer is not None and chance < answer[0]:
        script.add(answer[1], after_s=1)
        return 15 + draw.random() * 600, Session(arrival, tuple(script.steps))
    appeal = 1 + person.thrift if occasion.deal else 1.0
    if chance < 0.38 * appeal / (1 + occasion.tired):
        browse(person, life, at, draw, script, eagerness=1.9 * appeal)
        return 30 + draw.expovariate(1 / 1500), Session(arrival, tuple(script.steps))
    return None


def _answer(person: Person, occasion: Occasion, draw: random.Random) -> tuple[float, Say]:
    """Return an answer with the chance that it is given."""
    if occasion.items:
        # Most people are content, and the first choice is the nearest.
        item, words = occasion.items[min(int(draw.expovariate(1.2)), len(occasion.items) - 1)]
        return 0.55, Say(words, item)
    if occasion.keyword:
        return 0.35 + person.chattiness, Say(occasion.keyword)
    return 0.08 + person.chattiness, Say(draw.choice(_ANSWERS))


def _arrival(occasion: Occasion) -> Arrival:
    message = {"name": "message", "source": "official_account", "medium": occasion.kind}
    return Arrival(
        channel="official_account",
        scene="message",
        campaign=_campaign_of(occasion.url) or message,
        url=occasion.url,
    )


def _campaign_of(url: str) -> dict[str, str]:
    """Return the campaign a link names by its utm parameters."""
    query = dict(parse_qsl(urlsplit(url).query))
    return {
        name: query[f"utm_{parameter}"]
        for name, parameter in (
            ("name", "campaign"), ("source", "source"), ("medium", "medium"), ("content", "content"),
        )
        if f"utm_{parameter}" in query
    }  # fmt: skip


def _words_of(body: dict[str, Any]) -> str:
    """Return the text of a message, whatever its kind."""
    article = _first_article(body)
    parts = [
        body.get(name) for name in ("content", "Content", "text", "title", "head_content", "tail_content")
    ]
    parts += [article.get(name) for name in ("title", "Title", "description", "Description")]
    return "\n".join(part for part in parts if isinstance(part, str))


def _link_of(body: dict[str, Any], words: str) -> str:
    """Return the link a message carries, if it names one."""
    article = _first_article(body)
    for link in (body.get("url"), article.get("url"), article.get("Url")):
        if isinstance(link, str) and link:
            return link
    found = _ADDRESS.search(words)
    return found[0] if found else ""


def _first_article(body: dict[str, Any]) -> dict[str, Any]:
    articles = body.get("articles")
    if articles is None:
        passive = body.get("Articles")
        articles = passive.get("item") if isinstance(passive, dict) else None
    first = articles[0] if isinstance(articles, list) and articles else articles
    return first if isinstance(first, dict) else {}


def _items_of(body: dict[str, Any]) -> list[tuple[str, str]]:
    items = body.get("list")
    if not isinstance(items, list):
        return []
    return [(str(item["id"]), str(item["content"])) for item in items[:_ITEMS_MAX] if isinstance(item, dict)]
