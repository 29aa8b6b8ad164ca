"""What a sentence can name: the brand's own catalogue, and the usual words for what the platform knows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from quanyu.flows.drafting import usual_words as usual


class Kind(StrEnum):
    """What a name stands for."""

    EVENT = "event"
    SPEND = "spend"  # Money over time, if an amount follows; else an order.
    AVERAGE = "average"
    REPEAT = "repeat"
    ATTRIBUTE = "attribute"
    VALUE = "value"
    TAG = "tag"
    SEGMENT = "segment"
    TIE = "tie"
    BIRTHDAY = "birthday"
    SHARE = "share"
    QUOTE = "quote"
    GROUP = "group"  # A part in brackets, read already.


@dataclass(frozen=True, slots=True)
class Named:
    """Something a word of the sentence names."""

    kind: Kind
    id: str = ""  # Event name, key of an attribute, id of a tag or segment, what a tie is to.
    value: Any = None  # Of a value; of a group its conditions.
    which: str = ""  # ``first``: the word itself says so.
    properties: tuple[str, ...] = ()  # Of an event: what it has been seen to say.


@dataclass(frozen=True, slots=True)
class Seen:
    """An attribute or event of the brand's catalogue; examples are values many people share."""

    key: str
    name: str = ""
    type: str = "text"
    parts: tuple[str, ...] = ()  # Examples of an attribute, properties of an event.


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Names alone: nothing here says anything of one person."""

    events: Sequence[Seen] = ()
    attributes: Sequence[Seen] = ()
    tags: Mapping[str, str] = field(default_factory=dict)  # Id by name.
    segments: Mapping[str, str] = field(default_factory=dict)


_TEXT_TYPES: Final = frozenset({"text", "mixed"})
_VALUE_LENGTH_MIN: Final = 2
_BIRTHDAYS: Final = ("birthday", "birth_date", "birthdate", "date_of_birth", "dob", "生日", "出生日期")


class Vocabulary:
    """Every word that names something, by its small letters; a word may name several things."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.attributes: Final = {one.key: one for one in catalogue.attributes}
        self._words: dict[str, list[Named]] = {}
        for word, named in (*_usual(catalogue), *_seen(catalogue)):
            known = self._words.setdefault(small(word), [])
            if named not in known:
                known.append(named)
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def at(self, text: str, place: int) -> tuple[str, list[Named]] | None:
        """Return the longest word that stands at a place of a text in small letters, and what it names."""
        if _is_letter(text, place) and _is_letter(text, place - 1):
            return None  # In the middle of an English word.
        for length in self._lengths:
            word = text[place : place + length]
            end = place + length
            if word in self._words and not (_is_letter(text, end - 1) and _is_letter(text, end)):
                return word, self._words[word]
        return None

    def exactly(self, text: str) -> list[Named]:
        """Return what a whole text names."""
        return self._words.get(small(text.strip()), [])

    def has_attribute(self, key: str) -> bool:
        """Whether people have such an attribute."""
        return key in self.attributes


def small(text: str) -> str:
    """Return the text in small letters, each where it was."""
    return "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in text)


def _is_letter(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isascii() and (text[place].isalnum() or text[place] == "_")


def _usual(catalogue: Catalogue) -> Iterator[tuple[str, Named]]:
    seen = {one.key: one.parts for one in catalogue.events}
    for name, words in usual.EVENTS.items():
        for word in words.split(" | "):
            yield word, Named(Kind.EVENT, name, properties=seen.get(name, ()))
    for kind, words in (
        (Kind.SPEND, usual.SPEND),
        (Kind.AVERAGE, usual.AVERAGE),
        (Kind.REPEAT, usual.REPEAT),
        (Kind.SHARE, usual.SHARE),
    ):
        for word in words.split(" | "):
            yield word, Named(kind)
    for word in usual.FIRST_ORDER.split(" | "):
        yield word, Named(Kind.EVENT, usual.ORDER, which="first", properties=seen.get(usual.ORDER, ()))
    for bond, words in usual.TIES.items():
        for word in words.split(" | "):
            yield word, Named(Kind.TIE, bond)
    keys = {one.key for one in catalogue.attributes}
    birthday = next((key for key in _BIRTHDAYS if key in keys), None)
    if birthday is not None:
        for word in usual.BIRTHDAY.split(" | "):
            yield word, Named(Kind.BIRTHDAY, birthday)
    for key, by_value in usual.VALUES.items():
        if key in keys:
            for value, words in by_value.items():
                for word in words.split(" | "):
                    yield word, Named(Kind.VALUE, key, value)


def _seen(catalogue: Catalogue) -> Iterator[tuple[str, Named]]:
    for event in catalogue.events:
        yield from _words_of(Named(Kind.EVENT, event.key, properties=event.parts), event.key, event.name)
    for one in catalogue.attributes:
        named = Named(Kind.ATTRIBUTE, one.key)
        yield from _words_of(named, one.key, one.name, *usual.ATTRIBUTES.get(one.key, "").split(" | "))
        yield from _values_of(one)
    for name, tag in catalogue.tags.items():
        yield name, Named(Kind.TAG, tag)
    for name, segment in catalogue.segments.items():
        yield name, Named(Kind.SEGMENT, segment)


def _words_of(named: Named, *words: str) -> Iterator[tuple[str, Named]]:
    for word in words:
        for said in {word, word.replace("_", " ")}:
            if said.strip():
                yield said, named


def _values_of(one: Seen) -> Iterator[tuple[str, Named]]:
    """Values that many people have name themselves: 杭州 is a city if the brand's people live there."""
    if one.type not in _TEXT_TYPES or one.key in usual.VALUES:
        return
    if one.key == "gender":
        yield from _genders(one.parts)
        return
    for value in one.parts:
        if len(value) >= _VALUE_LENGTH_MIN and not value.replace(".", "").isdigit():
            yield value, Named(Kind.VALUE, one.key, value)
            if value.endswith("市") and len(value) > _VALUE_LENGTH_MIN:
                yield value[:-1], Named(Kind.VALUE, one.key, value)


def _genders(values: Iterable[str]) -> Iterator[tuple[str, Named]]:
    for value in values:
        for codes, words in usual.GENDERS:
            if value.lower() in codes:
                for word in words.split(" | "):
                    yield word, Named(Kind.VALUE, "gender", value)
