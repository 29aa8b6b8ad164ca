"""Pure decisions: which rule answers a callback, and with what."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.modules.channels.replies.contracts import (
    PRIORITY_MAX,
    Match,
    Mode,
    ReplyContent,
    ReplyDraft,
    Trigger,
)
from quanyu.modules.channels.replies.patterns import compile_pattern, folded, plain
from quanyu.wechat.official_account import messages as wx

_TEXT_MAX: Final = 2_000  # Of a message; what comes after is not looked at.
# Of two rules with the same priority the more exact one answers.
_EXACTNESS: Final = {Match.EXACT: 0, Match.CONTAINS: 1, Match.REGEX: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said under one name: a rule, or the welcome of a source code."""

    reference: str  # The id outside, which events and callbacks carry.
    contents: tuple[ReplyContent, ...]
    mode: Mode = Mode.ALL


@dataclass(frozen=True, slots=True)
class Said:
    """The contents chosen for one delivery: the first goes out at once, the others after it."""

    answer: Answer
    contents: tuple[ReplyContent, ...]


@dataclass(frozen=True, slots=True)
class _Test:
    match: Match
    needle: Any
    answer: Answer

    def holds(self, plain_text: str, folded_text: str) -> bool:
        if self.match is Match.EXACT:
            return bool(folded_text == self.needle)
        if self.match is Match.CONTAINS:
            return self.needle in folded_text
        return self.needle.search(plain_text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyBook:
    """All answers of an account, ready to be asked without waiting for anything."""

    version: int = 0
    tests: tuple[_Test, ...] = ()  # In the order they are tried.
    menu: Mapping[str, Answer] = field(default_factory=dict)
    codes: Mapping[str, Answer] = field(default_factory=dict)  # By scene.
    follow: Answer | None = None
    default: Answer | None = None


EMPTY: Final = ReplyBook()


def make_book(
    version: int, rules: Iterable[tuple[str, ReplyDraft]], codes: Mapping[str, Answer]
) -> ReplyBook:
    """Make the book of ``rules`` (their ids outside, oldest first); those switched off are left out."""
    live = [(reference, rule) for reference, rule in rules if rule.enabled]
    by_trigger: dict[Trigger, list[tuple[ReplyDraft, Answer]]] = {trigger: [] for trigger in Trigger}
    for reference, rule in sorted(live, key=lambda pair: -pair[1].priority):  # Stable: older first.
        answer = Answer(reference=reference, contents=rule.contents, mode=rule.mode)
        by_trigger[rule.trigger].append((rule, answer))
    menu = {rule.menu_key: answer for rule, answer in reversed(by_trigger[Trigger.MENU])}
    return ReplyBook(
        version=version,
        tests=tuple(_tests(by_trigger[Trigger.KEYWORD])),
        menu=menu,
        codes=dict(codes),
        follow=_first(by_trigger[Trigger.FOLLOW]),
        default=_first(by_trigger[Trigger.DEFAULT]),
    )


def _first(answers: Sequence[tuple[ReplyDraft, Answer]]) -> Answer | None:
    return answers[0][1] if answers else None


def _tests(answers: Sequence[tuple[ReplyDraft, Answer]]) -> list[_Test]:
    tests = [
        (rule.priority, keyword.match, keyword.text, answer)
        for rule, answer in answers
        for keyword in rule.keywords
    ]
    tests.sort(key=lambda test: (-test[0], _EXACTNESS[test[1]]))
    return [_Test(match, _needle(match, text), answer) for _, match, text, answer in tests]


def _needle(match: Match, text: str) -> Any:
    return compile_pattern(text) if match is Match.REGEX else folded(text)


def find_answer(book: ReplyBook, callback: wx.Callback) -> Answer | None:
    """Return what answers ``callback``: code, else keyword, menu or follow, else the default for messages."""
    if isinstance(callback, wx.SubscribeEvent):
        code = book.codes.get(callback.scene)
        return code if code is not None and code.contents else book.follow
    if isinstance(callback, wx.ScanEvent):
        return book.codes.get(callback.EventKey)
    if isinstance(callback, _MENU_EVENTS):
        return book.menu.get(callback.EventKey)
    if isinstance(callback, wx.Message):
        return _match_text(book, _words(callback)) or book.default
    return None


# Menu buttons that may be answered: the others open something by themselves.
_MENU_EVENTS: Final = (wx.ClickEvent, wx.ScanCodeEvent, wx.SendPicturesEvent, wx.LocationSelectEvent)


def _words(message: wx.Message) -> str:
    if isinstance(message, wx.TextMessage):
        return message.Content[:_TEXT_MAX]
    return message.Recognition[:_TEXT_MAX] if isinstance(message, wx.VoiceMessage) else ""


def _match_text(book: ReplyBook, text: str) -> Answer | None:
    if not text:
        return None
    plain_text = plain(text)
    folded_text = plain_text.casefold()
    return next((test.answer for test in book.tests if test.holds(plain_text, folded_text)), None)


def say(answer: Answer, delivery_key: str) -> Said | None:
    """Return what of ``answer`` is said to this delivery; the same delivery always gets the same."""
    if not answer.contents:
        return None
    if answer.mode is Mode.ALL:
        return Said(answer, answer.contents)
    digest = hashlib.blake2b(delivery_key.encode(), digest_size=8).digest()
    chosen = answer.contents[int.from_bytes(digest, "big") % len(answer.contents)]
    return Said(answer, (chosen,))


def spread(count: int) -> list[int]:
    """Return ``count`` different priorities, the highest first, with room between them."""
    return [PRIORITY_MAX * (count - place) // (count + 1) for place in range(count)]
