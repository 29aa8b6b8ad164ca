"""Which rule answers: EV-2 asks for the same answer to the same delivery, WM-4 for an explicit order."""

import time
from typing import Any

import pytest
from pydantic import ValidationError

from quanyu.modules.channels.replies.contracts import Keyword, Match, Mode, ReplyDraft, TextContent, Trigger
from quanyu.modules.channels.replies.patterns import PatternRefused, compile_pattern
from quanyu.modules.channels.replies.rules import Answer, ReplyBook, find_answer, make_book, say
from quanyu.wechat.official_account import messages as wx

ABOUT = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1}


UNCOVERED = {"kind": "video", "media_id": "m"}  # Goes out at once, but not after another message.


def text(content: str) -> wx.Callback:
    return wx.TextMessage(**ABOUT, MsgType="text", Content=content)  # type: ignore[arg-type]


def happened(kind: type[wx.Event], event: str, key: str = "") -> wx.Callback:
    return kind(**ABOUT, MsgType="event", Event=event, EventKey=key)  # type: ignore[arg-type, call-arg]


def rule(name: str, *keywords: tuple[str, str], **options: Any) -> tuple[str, ReplyDraft]:
    words = tuple(Keyword(match=Match(match), text=word) for match, word in keywords)
    trigger = options.pop("trigger", Trigger.KEYWORD)
    draft = ReplyDraft(
        name=name, trigger=trigger, keywords=words, contents=(TextContent(text=name),), **options
    )
    return name, draft


def book(*rules: tuple[str, ReplyDraft], codes: dict[str, Answer] | None = None) -> ReplyBook:
    return make_book(1, rules, codes or {})


def answer_to(callback: wx.Callback, of: ReplyBook) -> str | None:
    found = find_answer(of, callback)
    return None if found is None else found.reference


@pytest.mark.parametrize(
    ("match", "keyword", "said", "answers"),
    [
        ("exact", "会员", "会员", True),
        ("exact", "会员", " 会员\n", True),
        ("exact", "会员", "我的会员", False),
        ("exact", "VIP", "vip", True),
        ("exact", "vip", "ＶＩＰ", True),
        ("contains", "退款", "我要退款!", True),
        ("contains", "REFUND", "a refund please", True),
        ("contains", "退款", "退 款", False),
        ("regex", r"订单\s*\d+", "查一下订单 42", True),
        ("regex", r"^订单\d+$", "查一下订单42", False),
        ("regex", r"hello", "HELLO", True),
    ],
)
def test_keywords_are_compared_without_width_case_and_outer_blanks(
    match: str, keyword: str, said: str, answers: bool
) -> None:
    rules = book(rule("it", (match, keyword)))

    assert answer_to(text(said), rules) == ("it" if answers else None)


def test_priority_comes_first_then_exactness_then_age() -> None:
    rules = book(
        rule("pattern", ("regex", "茶")),
        rule("part", ("contains", "茶")),
        rule("younger part", ("contains", "茶")),
        rule("exact", ("exact", "茶")),
    )
    first = book(rule("exact", ("exact", "茶")), rule("urgent", ("regex", "茶"), priority=200))

    assert answer_to(text("茶"), rules) == "exact"
    assert answer_to(text("喝茶"), rules) == "part"
    assert answer_to(text("茶"), first) == "urgent"


def test_rules_switched_off_answer_nothing() -> None:
    rules = book(rule("off", ("exact", "茶"), enabled=False), rule("on", ("contains", "茶"), priority=1))

    assert answer_to(text("茶"), rules) == "on"


def test_every_trigger_has_its_own_answer() -> None:
    code = Answer(reference="code", contents=(TextContent(text="code"),))
    rules = book(
        rule("follow", trigger=Trigger.FOLLOW),
        rule("default", trigger=Trigger.DEFAULT),
        rule("menu", trigger=Trigger.MENU, menu_key="SALE"),
        codes={"shop_1": code},
    )

    assert answer_to(happened(wx.SubscribeEvent, "subscribe"), rules) == "follow"
    assert answer_to(happened(wx.SubscribeEvent, "subscribe", "qrscene_shop_1"), rules) == "code"
    assert answer_to(happened(wx.SubscribeEvent, "subscribe", "qrscene_unknown"), rules) == "follow"
    assert answer_to(happened(wx.ScanEvent, "SCAN", "shop_1"), rules) == "code"
    assert answer_to(happened(wx.ScanEvent, "SCAN", "unknown"), rules) is None
    assert answer_to(happened(wx.ClickEvent, "CLICK", "SALE"), rules) == "menu"
    assert answer_to(happened(wx.ClickEvent, "CLICK", "OTHER"), rules) is None
    assert answer_to(text("anything"), rules) == "default"
    assert answer_to(happened(wx.UnsubscribeEvent, "unsubscribe"), rules) is None


def test_spoken_words_are_words() -> None:
    spoken = wx.VoiceMessage(**ABOUT, MsgType="voice", Recognition="我要退款。")  # type: ignore[arg-type]

    assert answer_to(spoken, book(rule("refund", ("contains", "退款")))) == "refund"


def test_one_of_several_is_chosen_by_the_delivery_and_never_changes() -> None:
    contents = tuple(TextContent(text=str(number)) for number in range(4))
    answer = Answer(reference="it", contents=contents, mode=Mode.ONE)

    said = [say(answer, str(number)) for number in range(400)]
    again = [say(answer, str(number)) for number in range(400)]

    assert said == again
    counts = [sum(one is not None and one.contents == (content,) for one in said) for content in contents]
    assert sum(counts) == 400
    assert min(counts) > 60


@pytest.mark.parametrize("pattern", ["(", r"(?=x)", r"(a)\1", ".*", "a?", "a{1001}"])
def test_patterns_that_cannot_be_used_are_refused_when_written(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        compile_pattern(pattern)
    with pytest.raises(ValidationError):
        Keyword(match=Match.REGEX, text=pattern)


def test_no_pattern_holds_the_door_up() -> None:
    """What takes a backtracking engine minutes is read once."""
    rules = book(rule("evil", ("regex", r"(a+)+$"), ("regex", r"(a|aa)+b$"), ("regex", r"(.*a){12}c")))
    started = time.perf_counter()

    assert answer_to(text("a" * 1999 + "!"), rules) is None

    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "broken",
    [
        {"trigger": "keyword", "keywords": []},
        {"trigger": "follow", "keywords": [{"match": "exact", "text": "a"}]},
        {"trigger": "menu"},
        {"trigger": "default", "menu_key": "A"},
        {"trigger": "follow", "contents": []},
        {"trigger": "follow", "contents": [{"kind": "text", "text": "茶" * 700}]},
        {"trigger": "follow", "contents": [{"kind": "transfer"}, {"kind": "text", "text": "a"}]},
        {
            "trigger": "follow",
            "contents": [{"kind": "text", "text": "a"}, {"kind": "video", "media_id": "m"}],
        },
        {"trigger": "follow", "contents": [{"kind": "news", "title": "a", "url": "ftp://x"}]},
        {"trigger": "follow", "contents": [{"kind": "text", "text": "a"}] * 5},
    ],
)
def test_rules_that_cannot_work_are_refused_when_written(broken: dict[str, Any]) -> None:
    whole = {"name": "rule", "contents": [{"kind": "text", "text": "a"}], **broken}

    with pytest.raises(ValidationError):
        ReplyDraft.model_validate(whole)
