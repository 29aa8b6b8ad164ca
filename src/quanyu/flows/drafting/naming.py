"""Finding what a sentence names: every name becomes one letter, so that the words around it can be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from quanyu.flows.drafting.numbers import plain_numbers
from quanyu.flows.drafting.vocabulary import Kind, Named, Vocabulary, small

_PRIVATE: Final = 0xE000  # The first of the letters Unicode leaves to us.
_MOST: Final = 0x1800
_QUOTED: Final = re.compile(r"[「『《“\"]([^「」『』《》“”\"]{1,200})[」』》”\"]")
# What stands before, and after, the name of a tag or of a segment.
_ABOUT_TAG: Final = (
    re.compile(
        r"(标签|打了|打上|tagged|\btags?|label\w*)\s*(为|是|with|as|[和或、,]|and|or)?\s*$", re.IGNORECASE
    ),
    re.compile(r"\s*的?\s*(标签|tags?\b)", re.IGNORECASE),
)
_ABOUT_SEGMENT: Final = (
    re.compile(r"(人群|分群|名单|属于|segment|list)\s*(named|called|为|是|:)?\s*$", re.IGNORECASE),
    re.compile(r"\s*(这个)?(人群|分群|名单|里|中|segment|list)", re.IGNORECASE),
)
_ABOUT: Final = 12  # Letters looked at beside a name.


@dataclass(slots=True)
class Sentence:
    """A sentence in which each thing named is one letter; ``names`` says what it stands for."""

    letters: list[str]
    names: list[Named] = field(default_factory=list)
    quotes: dict[int, str] = field(
        default_factory=dict
    )  # What stood in quotation marks, by place of its name.

    def named(self, letter: str) -> Named | None:
        """Return what a letter stands for, if it stands for something."""
        number = ord(letter) - _PRIVATE if len(letter) == 1 else -1
        return self.names[number] if 0 <= number < len(self.names) else None

    def letter_for(self, named: Named) -> str:
        """Return a letter that stands for something new."""
        if len(self.names) >= _MOST:
            return " "
        self.names.append(named)
        return chr(_PRIVATE + len(self.names) - 1)


def find_names(said: str, words: Vocabulary) -> Sentence:
    """Return the sentence with everything named in it found, the longest names first."""
    clean = "".join(letter for letter in said if not 0xE000 <= ord(letter) <= 0xF8FF)
    quoted: list[str] = []

    def keep(found: re.Match[str]) -> str:
        quoted.append(found[1])
        return f"\ue000{len(quoted) - 1}\ue001"  # Numbers inside quotation marks stay as they are.

    text = _QUOTED.sub(keep, clean)
    text = plain_numbers(text)
    sentence = Sentence([])
    lower = small(text)
    place = 0
    while place < len(text):
        if text[place] == "\ue000":
            end = text.index("\ue001", place)
            inside = quoted[int(text[place + 1 : end])]
            named = _choose(words.exactly(inside), lower[:place], lower[end + 1 :], is_quoted=True)
            sentence.letters.append(sentence.letter_for(named or Named(Kind.QUOTE, value=inside)))
            place = end + 1
            continue
        found = words.at(lower, place)
        if found is None:
            sentence.letters.append(text[place])
            place += 1
            continue
        word, meanings = found
        chosen = _choose(meanings, lower[:place], lower[place + len(word) :], is_quoted=False)
        if chosen is None:
            shorter = _shorter(words, lower, place, len(word))
            if shorter is None:
                sentence.letters.append(text[place])
                place += 1
                continue
            word, chosen = shorter
        sentence.letters.append(sentence.letter_for(chosen))
        place += len(word)
    return sentence


def _choose(meanings: Sequence[Named], before: str, after: str, *, is_quoted: bool) -> Named | None:
    """Return which of several meanings the words beside a name ask for."""
    before, after = before[-_ABOUT:], after[:_ABOUT]
    by_kind = {one.kind: one for one in reversed(meanings)}
    if Kind.TAG in by_kind and _beside(_ABOUT_TAG, before, after):
        return by_kind[Kind.TAG]
    if Kind.SEGMENT in by_kind and _beside(_ABOUT_SEGMENT, before, after):
        return by_kind[Kind.SEGMENT]
    if is_quoted:
        return meanings[0] if meanings else None
    # The name of a segment is often a sentence itself; it is meant only where something says so.
    return next((one for one in meanings if one.kind is not Kind.SEGMENT), None)


def _beside(patterns: tuple[re.Pattern[str], re.Pattern[str]], before: str, after: str) -> bool:
    return bool(patterns[0].search(before) or patterns[1].match(after))


def _shorter(words: Vocabulary, lower: str, place: int, length: int) -> tuple[str, Named] | None:
    found = words.at(lower[: place + length - 1], place) if length > 1 else None
    if found is None:
        return None
    chosen = _choose(found[1], lower[:place], lower[place + len(found[0]) :], is_quoted=False)
    return None if chosen is None else (found[0], chosen)
