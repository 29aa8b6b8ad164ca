"""A sentence to a journey's graph, by rules alone: who enters, what is waited for, what is said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.flows.drafting import modifiers as mods
from quanyu.flows.drafting.modifiers import EATEN, Stretch, Today
from quanyu.flows.drafting.naming import Sentence, find_names
from quanyu.flows.drafting.reading import left_over, read_segment
from quanyu.flows.drafting.usual_texts import text_for
from quanyu.flows.drafting.vocabulary import Kind, Named, Vocabulary

CLAUSES_MAX: Final = 30
TEXT_LIFE_S: Final = 47 * 3_600  # A customer-service text may go out within 48 hours.
_CLAUSE: Final = re.compile(
    r"[,，;；。.!！\n]+|、|然后|接着|随后|\band then\b|\bthen\b|(?<=[日天])再|"
    r"\band(?= (?:wait|send|remind|thank|if)\b)",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[「『《“\"][^「」『』《》“”\"]{1,200}[」』》”\"]")
_SECONDS: Final = {"minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_SPAN: Final = re.compile(
    r"(?:等待|等|过|再过|wait(?:ing)?|after|within|in|for)?\s*(\d+)\s*个?\s*"
    r"(分钟|小时|天|日|周|星期|月|minutes?|hours?|days?|weeks?|months?)(?![a-z])"
    r"\s*(?:之?后|以?内|之内|过后|later|after|pass)?",
    re.IGNORECASE,
)
_IF: Final = re.compile(r"如果|若是|若|假如|对于|\bif\b|\bunless\b", re.IGNORECASE)
_UNLESS: Final = re.compile(r"\bunless\b", re.IGNORECASE)
_ELSE: Final = re.compile(r"否则|不然|反之|\botherwise\b|\belse\b", re.IGNORECASE)
_END: Final = re.compile(
    r"结束|退出|停止|不再打扰|不再发送?|\bstop\b|\bend\b|\bexit\b|\bleave\b", re.IGNORECASE
)
_GOAL: Final = re.compile(r"目标是?为?|\bthe goal is(?: to)?\b|\bgoal:?", re.IGNORECASE)
_EACH: Final = re.compile(r"每次|每当|\bevery time\b|\beach time\b|\bwhenever\b", re.IGNORECASE)
_PRESENT: Final = re.compile(r"^\s*(?:给|向|对|send to|to\b)", re.IGNORECASE)
_SEND: Final = re.compile(
    r"发送|发出|发|推送|推|提醒|通知|问候|祝福|祝|感谢|致谢|回访|催|召回|告诉|"
    r"\bsend\b|\bremind(?: them| her| him)?\b|\bmessage\b|\bgreet\b|\bthank\b|\btell\b|"
    r"\bnotify\b|\bwrite\b|\bask\b",
    re.IGNORECASE,
)
_SAYS_NOTHING: Final = re.compile(
    r"一次|一条|一下|1次|1条|仍然|仍旧|仍|依然|还是|再次|再|就|则|的话|那么|当|时候|时|"
    r"之?后|起|一旦|进入|加入|新|人群|分群|里|"
    r"立即|立刻|马上|消息|文字|文本|话术|短信|内容|提示|语|"
    r"\b(?:immediately|at once|when|whenever|someone|somebody|enters?|entering|joins?|"
    r"again|once more|once|1 times|still|message|text|reminder|"
    r"note|following|after|they|wait|have|has|people|new|greeting|letter|to)\b",
    re.IGNORECASE,
)

NOTES: Final[dict[str, tuple[str, str]]] = {
    "no_entry": ("没有读出谁会进入旅程，请选择进入条件", "Who enters was not understood: choose the entry"),
    "no_step": ("没有读出任何步骤", "No step was understood"),
    "usual_text": (
        "消息文字是常用示例，请改成品牌自己的话",
        "Texts are usual examples: put them into the brand's own words",
    ),
    "no_account": (
        "还没有连接公众号，发送步骤缺少账号",
        "No official account is connected yet: steps that send lack one",
    ),
}


@dataclass(frozen=True, slots=True)
class JourneyReading:
    """What a sentence came to; ``unknown`` are the words nothing was made of."""

    definition: dict[str, Any]
    name: str
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Step:
    """One step before the graph is drawn; ``inner`` hangs on its other way out."""

    node: dict[str, Any]
    way: str = "next"  # The way out that leads on.
    other: str = ""  # The way out that leads to ``inner``, or to the end.
    inner: list["_Step"] = field(default_factory=list)
    joins: bool = True  # Whether who went the other way meets the steps that follow.


@dataclass(slots=True)
class _Draft:
    words: Vocabulary
    today: Today
    account: str
    is_chinese: bool
    entry: dict[str, Any] | None = None
    steps: list[_Step] = field(default_factory=list)
    exits: list[dict[str, Any]] = field(default_factory=list)
    goal: dict[str, Any] | None = None
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    branch: _Step | None = None  # The condition the clauses after it belong to.

    def add(self, *steps: _Step) -> None:
        """Put steps at the end of what is being drawn."""
        (self.steps if self.branch is None else self.branch.inner).extend(steps)

    def note(self, code: str) -> None:
        """Note something, once."""
        if code not in self.notes:
            self.notes.append(code)


def read_journey(said: str, words: Vocabulary, today: Today, *, account: str) -> JourneyReading:
    """Read a sentence in Chinese or English; ``account`` is what messages go out through; pure."""
    draft = _Draft(words, today, account, is_chinese=re.search(r"[\u4e00-\u9fff]", said) is not None)
    for clause in _clauses(said)[:CLAUSES_MAX]:
        sentence = find_names(clause, draft.words)
        for part in _parts(sentence) if draft.entry is None else (sentence,):
            _read_clause(clause, part, draft)
    if draft.entry is None:
        draft.note("no_entry")
        draft.entry = {"kind": "event", "event": ""}
    if not draft.steps:
        draft.note("no_step")
    if not account and any(step.node["kind"] == "send" for step in _all(draft.steps)):
        draft.note("no_account")
    definition: dict[str, Any] = {"entry": draft.entry, **_drawn(draft.steps)}
    if draft.exits:
        definition["exits"] = draft.exits
    if draft.goal is not None:
        definition["goal"] = draft.goal
    return JourneyReading(definition, said.strip()[:40], tuple(draft.unknown), tuple(draft.notes))


def _clauses(said: str) -> list[str]:
    """Cut a sentence at its commas and 然后, but not inside quotation marks."""
    quoted: list[str] = []

    def keep(found: re.Match[str]) -> str:
        quoted.append(found[0])
        return chr(0xF000 + len(quoted) - 1)

    text = _QUOTED.sub(keep, "".join(letter for letter in said if not 0xE000 <= ord(letter) <= 0xF8FF))
    parts = [part.strip() for part in _CLAUSE.split(text)]
    back = re.compile(r"[\uf000-\uf7ff]")
    return [back.sub(lambda found: quoted[ord(found[0]) - 0xF000], part) for part in parts if part]


def _parts(sentence: Sentence) -> tuple[Sentence, ...]:
    """Part 加购后 1 小时没下单 into who enters and what is waited for."""
    places = [place for place, letter in enumerate(sentence.letters) if _is(sentence, letter, Kind.EVENT)]
    if len(places) < 2:
        return (sentence,)
    cut = places[0] + 1
    return tuple(
        Sentence(letters, sentence.names) for letters in (sentence.letters[:cut], sentence.letters[cut:])
    )


def _is(sentence: Sentence, letter: str, *kinds: Kind) -> bool:
    named = sentence.named(letter)
    return named is not None and named.kind in kinds


def _read_clause(clause: str, sentence: Sentence, draft: _Draft) -> None:
    whole = Stretch(sentence.letters, 0, len(sentence.letters))
    if whole.eat(_ELSE) and draft.branch is not None:
        draft.branch.joins = False
        draft.branch = None
    named = _named(sentence, Kind.EVENT, Kind.SEGMENT)
    if draft.entry is None and named is not None:
        _read_entry(named, whole, draft)
        _read_waits(whole, draft)
    elif whole.eat(_GOAL) and named is not None and named.kind is Kind.EVENT:
        draft.goal = {"event": named.id, **_within(whole)}
        _finish(sentence, draft)
        return
    elif (
        named is not None
        and named.kind is Kind.EVENT
        and _END.search(whole.text)
        and not _IF.search(whole.text)
    ):
        whole.eat(_END)
        draft.exits.append({"kind": "event", "event": named.id})
        _finish(sentence, draft)
        return
    elif named is not None and named.kind is Kind.EVENT and _SPAN.search(whole.text):
        _read_watch(named, whole, draft)
    elif _IF.search(whole.text):
        if _read_condition(clause, whole, draft):
            return
    else:
        _read_waits(whole, draft)
    _read_sends(sentence, whole, draft)
    _finish(sentence, draft)


def _named(sentence: Sentence, *kinds: Kind) -> Named | None:
    """Return the first thing of these kinds that is named."""
    return next((sentence.named(one) for one in sentence.letters if _is(sentence, one, *kinds)), None)


def _read_entry(named: Named, whole: Stretch, draft: _Draft) -> None:
    if named.kind is Kind.SEGMENT:
        draft.entry = {"kind": "segment_entered", "segment_id": named.id}
        if whole.eat(_PRESENT):
            draft.entry["existing"] = True
    else:
        draft.entry = {"kind": "event", "event": named.id}
    if whole.eat(_EACH):
        draft.entry["reentry"] = {"mode": "after_exit"}


def _read_waits(whole: Stretch, draft: _Draft) -> None:
    while found := whole.eat(_SPAN):
        draft.add(_Step({"kind": "wait", "seconds": _seconds(found)}))


def _seconds(found: re.Match[str]) -> int:
    amount, unit, _ = mods.span(found[1], found[2])
    return min(amount * _SECONDS[unit], 2 * 365 * 86_400)


def _within(whole: Stretch) -> dict[str, int]:
    found = whole.eat(_SPAN)
    return {} if found is None else {"within_s": max(_seconds(found), 300)}


def _read_watch(named: Named, whole: Stretch, draft: _Draft) -> None:
    """Wait for something for a while: 3 天没下单 goes on when it did not happen, 3 天内下单 when it did."""
    found = whole.eat(_SPAN)
    assert found is not None
    is_not = mods.is_negated(whole) != bool(_UNLESS.search(whole.text))
    whole.eat(_IF)
    node = {"kind": "wait_event", "event": named.id, "timeout_s": max(1, _seconds(found))}
    if is_not:
        draft.branch = None
        draft.add(_Step(node, way="timeout", other="matched", joins=False))
    else:
        step = _Step(node, way="timeout", other="matched", joins=False)
        draft.branch = None
        draft.add(step)
        draft.branch = step


def _read_condition(clause: str, whole: Stretch, draft: _Draft) -> bool:
    """Ask a condition of segments; what follows in the clause, and after it, is for those who meet it."""
    sends = _SEND.search(clause)
    asked = clause[: sends.start()] if sends else clause
    is_unless = _UNLESS.search(asked) is not None
    reading = read_segment(_IF.sub("", asked), draft.words, draft.today)
    if reading.is_empty:
        whole.eat(_IF)
        return False
    test = (
        {"kind": "all", "of": [{"kind": "not", "of": reading.definition}]}
        if is_unless
        else reading.definition
    )
    step = _Step({"kind": "condition", "test": test}, way="no", other="yes")
    draft.branch = None
    draft.add(step)
    draft.branch = step
    draft.unknown += [word for word in reading.unknown if word not in draft.unknown]
    if sends:
        rest = find_names(clause[sends.start() :], draft.words)
        _read_sends(rest, Stretch(rest.letters, 0, len(rest.letters)), draft)
        _finish(rest, draft)
    return True


def _read_sends(sentence: Sentence, whole: Stretch, draft: _Draft) -> None:
    names = [named for letter in sentence.letters if (named := sentence.named(letter))]
    quotes = [one.value for one in names if one.kind is Kind.QUOTE]
    found = whole.eat(_SEND)
    if found is None and not quotes:
        if whole.eat(_END) and draft.branch is not None:
            draft.branch = None
        return
    said = found[0] if found else ""
    about = said + "".join(letter if sentence.named(letter) is None else "" for letter in sentence.letters)
    label, text, words = text_for(
        about + ("生日" if any(one.kind is Kind.BIRTHDAY for one in names) else ""),
        is_chinese=draft.is_chinese,
    )
    for word in words:
        whole.eat(re.compile(re.escape(word), re.IGNORECASE))
    if not quotes:
        draft.note("usual_text")
    for content in quotes or [text]:
        draft.add(
            _Step(
                {
                    "kind": "send",
                    "label": label,
                    "account_id": draft.account,
                    "message_kind": "customer_service_text",
                    "content": {"text": content},
                    "message_class": "marketing",
                    "expires_after_s": TEXT_LIFE_S,
                }
            )
        )
    while whole.eat(_SEND):
        pass  # 发消息提醒 is one message.


def _finish(sentence: Sentence, draft: _Draft) -> None:
    """Note the words of a clause that nothing was made of."""
    known = "".join(EATEN if sentence.named(letter) else letter for letter in sentence.letters)
    known = _IF.sub(EATEN, _END.sub(EATEN, _SAYS_NOTHING.sub(EATEN, mods.NEGATION.sub(EATEN, known))))
    draft.unknown += [word for word in left_over(known) if word not in draft.unknown]


def _all(steps: Sequence[_Step]) -> list[_Step]:
    return [one for step in steps for one in (step, *_all(step.inner))]


def _drawn(steps: Sequence[_Step]) -> dict[str, Any]:
    """Return ``start`` and ``nodes``: each step leads to the next, the last to an end."""
    nodes: dict[str, Any] = {}
    start = _lay(steps, "done", nodes)
    nodes["done"] = {"kind": "end"}
    return {"start": start, "nodes": nodes}


def _lay(steps: Sequence[_Step], last: str, nodes: dict[str, Any]) -> str:
    names: list[str] = []
    for step in steps:
        stem = step.node["kind"].replace("_", "-")
        number = 1 + sum(name.rstrip("0123456789-") == stem for name in nodes)
        names.append(f"{stem}-{number}")
        nodes[names[-1]] = {}
    for place, step in enumerate(steps):
        following = names[place + 1] if place + 1 < len(names) else last
        node = {**step.node, step.way: following}
        if step.other:
            node[step.other] = _lay(step.inner, following if step.joins else "done", nodes)
        nodes[names[place]] = node
    return names[0] if names else last
