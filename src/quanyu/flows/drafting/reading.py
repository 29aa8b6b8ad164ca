"""A sentence to the conditions of a segment, by rules alone; what was not understood is told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.flows.drafting import modifiers as mods
from quanyu.flows.drafting.conditions import Head, Notes, condition_of, takes_time
from quanyu.flows.drafting.modifiers import EATEN, Stretch, Today
from quanyu.flows.drafting.naming import Sentence, find_names
from quanyu.flows.drafting.usual_words import FILLERS, FILLERS_EN
from quanyu.flows.drafting.vocabulary import Kind, Named, Vocabulary

PARTS_MAX: Final = 40
_OR: Final = re.compile(r"或者|或是|或|要么|\bor\b", re.IGNORECASE)
_ALSO: Final = re.compile(
    r"[,;。、，；]|而且|并且|且|同时|以及|但是|但|可是|不过|却|又|并(?!未)|和|与|及|"
    r"\band\b|\bbut\b|\bwho\b|\bthat\b|\bplus\b",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_AFTER: Final = re.compile(r"(?:之?后|然后|再|\bthen\b|\band then\b)", re.IGNORECASE)
_BREAK: Final = f"{EATEN} \t,.;:!?。，；：、！？()[]{{}}'\"~-—·…/\\|"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence came to; ``unknown`` are the words nothing was made of."""

    definition: dict[str, Any]
    unknown: tuple[str, ...]
    notes: Notes

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was understood."""
        return not self.definition["of"]


@dataclass(slots=True)
class _Part:
    head: Head
    is_or: bool  # Whether it is an alternative to what stands before it.
    condition: dict[str, Any] | None = None
    when: mods.When | None = None
    follows: bool = field(default=False)


def read_segment(said: str, words: Vocabulary, today: Today) -> Reading:
    """Read a sentence in Chinese or English over a brand's catalogue; pure."""
    sentence = find_names(said, words)
    notes = Notes()
    _read_brackets(sentence, words, today, notes)
    tree = _read(sentence, 0, len(sentence.letters), words, today, notes)
    return Reading(_as_all(tree), unknown_words(sentence), notes)


def _read_brackets(sentence: Sentence, words: Vocabulary, today: Today, notes: Notes) -> None:
    """Read what stands in brackets first, the innermost to begin with; each becomes one thing named."""
    for _ in range(PARTS_MAX):
        text = "".join(sentence.letters)
        found = next(
            (one for one in _BRACKETS.finditer(text) if any(sentence.named(letter) for letter in one[1])),
            None,
        )
        if found is None:
            return
        tree = _read(sentence, found.start() + 1, found.end() - 1, words, today, notes)
        inside = sentence.letters[found.start() + 1 : found.end() - 1]
        left = "".join(EATEN if sentence.named(letter) else letter for letter in inside)
        left = _ALSO.sub(EATEN, _OR.sub(EATEN, left))
        group = sentence.letter_for(Named(Kind.GROUP, value=tree))
        sentence.letters[found.start() : found.end()] = [group, EATEN, *left, EATEN]


def _read(
    sentence: Sentence, start: int, end: int, words: Vocabulary, today: Today, notes: Notes
) -> dict[str, Any] | None:
    heads = _fold(sentence, list(_heads(sentence, start, end)))[:PARTS_MAX]
    parts = [_Part(head, is_or) for head, is_or in heads]
    for part in parts:
        part.condition, part.when = condition_of(part.head, words, today, notes)
    _carry(parts, words, today, notes)
    for place in range(start, end):  # Names are understood; what is left of the words is not.
        if sentence.named(sentence.letters[place]):
            sentence.letters[place] = EATEN
    return _joined(parts)


def _heads(sentence: Sentence, start: int, end: int) -> Iterator[tuple[Head, bool]]:
    """Give each thing named its own stretch of the sentence: what stands before it and after it."""
    places = [place for place in range(start, end) if sentence.named(sentence.letters[place])]
    begin, is_or, follows = start, False, False
    for number, place in enumerate(places):
        following = places[number + 1] if number + 1 < len(places) else end
        cut, next_or, next_follows = following, False, False
        if following < end:
            gap = "".join(sentence.letters[place + 1 : following])
            cut, next_or, next_follows = _cut(gap)
            cut += place + 1
        named = sentence.named(sentence.letters[place])
        assert named is not None
        yield (
            Head(
                named,
                Stretch(sentence.letters, begin, place),
                Stretch(sentence.letters, place + 1, cut),
                follows,
            ),
            is_or,
        )
        begin, is_or, follows = cut, next_or, next_follows


def _cut(gap: str) -> tuple[int, bool, bool]:
    """Return where a gap is cut, whether its sides are alternatives, and whether one follows the other."""
    found = [match for match in (_OR.search(gap), _ALSO.search(gap)) if match]
    after = _AFTER.search(gap)
    if found:
        return min(match.start() for match in found), _OR.search(gap) is not None, after is not None
    if after:
        return after.start(), False, True
    place = mods.age_ends(gap)
    place = mods.starts_something(gap) if place < 0 else place
    return (len(gap) if place < 0 else place), False, False


def _fold(sentence: Sentence, heads: list[tuple[Head, bool]]) -> list[tuple[Head, bool]]:
    """Put together what is said of one thing: a value after its attribute, and 杭州或上海."""
    folded: list[tuple[Head, bool]] = []
    for head, is_or in heads:
        before = folded[-1][0] if folded else None
        if before is not None and before.takes(head, is_or=is_or):
            before.absorb(head, is_or=is_or)
        else:
            folded.append((head, is_or))
    return folded


def _carry(parts: Sequence[_Part], words: Vocabulary, today: Today, notes: Notes) -> None:
    """Let a time said once count for the parts beside it that say none; the draft tells that it does."""
    window = None
    for part in parts:
        if part.when is not None and part.when.window is not None and takes_time(part.head):
            window = part.when.window
        elif window is not None and _wants_time(part):
            _give(part, window, notes)
    window = None
    for part in reversed(parts):
        if part.when is not None and part.when.window is not None and takes_time(part.head):
            window = part.when.window
        elif window is not None and _wants_time(part):
            _give(part, window, notes)


def _wants_time(part: _Part) -> bool:
    return (
        takes_time(part.head)
        and part.when is None
        and not part.head.is_ever
        and part.condition is not None
        and "window" not in part.condition
        and part.condition.get("kind") in ("event", "aggregate")
    )


def _give(part: _Part, window: dict[str, Any], notes: Notes) -> None:
    assert part.condition is not None
    part.condition["window"] = window
    notes.add("carried")


def _joined(parts: Sequence[_Part]) -> dict[str, Any] | None:
    """Join the parts: alternatives of groups that hold together, as ``and`` binds before ``or``."""
    groups: list[list[dict[str, Any]]] = [[]]
    previous: _Part | None = None
    for part in parts:
        if part.condition is None:
            continue
        if part.is_or and groups[-1]:
            groups.append([])
        sequence = _sequence(previous, part) if previous is not None and not part.is_or else None
        if sequence is not None:
            groups[-1][-1] = sequence
            previous = None
            continue
        groups[-1].append(part.condition)
        previous = part
    kept = [group[0] if len(group) == 1 else {"kind": "all", "of": group} for group in groups if group]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else {"kind": "any", "of": kept}


def _sequence(first: _Part, then: _Part) -> dict[str, Any] | None:
    """Return 加购后 1 小时内下单 as one condition on order; ``None`` unless both are plain events."""
    if not then.head.follows or not (_is_plain(first.condition) and _is_plain(then.condition)):
        return None
    assert first.condition is not None
    assert then.condition is not None
    sequence: dict[str, Any] = {
        "kind": "sequence",
        "steps": [{"name": first.condition["name"]}, {"name": then.condition["name"]}],
    }
    own = then.when.window if then.when is not None else None
    if own is not None and own["kind"] == "rolling":
        sequence["within"] = {"amount": own["amount"], "unit": own["unit"]}
    elif own is not None:
        sequence["window"] = own
    if first.when is not None and first.when.window is not None:
        sequence["window"] = first.when.window
    return sequence


def _is_plain(condition: dict[str, Any] | None) -> bool:
    return (
        condition is not None
        and condition["kind"] == "event"
        and not {"count", "where", "each"} & set(condition)
    )


def _as_all(tree: dict[str, Any] | None) -> dict[str, Any]:
    if tree is None:
        return {"kind": "all", "of": []}
    return tree if tree["kind"] == "all" else {"kind": "all", "of": [tree]}


_FILLER: Final = re.compile("|".join(map(re.escape, FILLERS)))


def unknown_words(sentence: Sentence) -> tuple[str, ...]:
    """Return the words that were not understood, each once, without those that say nothing."""
    text = "".join(EATEN if sentence.named(letter) else letter for letter in sentence.letters)
    return left_over(text)


def left_over(text: str) -> tuple[str, ...]:
    """Return the words of a text that say something."""
    found: list[str] = []
    for connective in (_OR, _ALSO):
        text = connective.sub(EATEN, text)
    for run in re.split(f"[{re.escape(_BREAK)}]+", text):
        for piece in re.findall(r"[A-Za-z][A-Za-z'_-]*|[^\x00-\x7f]+|\d+(?:\.\d+)?%?|[^\sA-Za-z]+", run):
            if piece.isascii():
                words = [piece] if piece.lower() not in FILLERS_EN else []
            else:
                words = [word for word in _FILLER.split(piece) if word]
            found.extend(word for word in words if word not in found)
    return tuple(found)
