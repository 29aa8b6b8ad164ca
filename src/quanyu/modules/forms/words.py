"""Which words many people write. Pure, but for the dictionary."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

WRITERS_MIN: Final = 3  # A word fewer people wrote may say who they are.
WORDS_MAX: Final = 50
_STOP_WORDS: Final = Path(__file__).parent / "data" / "stop_words.txt"
# Chinese words of two signs or more, others of three letters or more; whatever holds a digit is no word.
_WORD: Final = re.compile(r"[\u4e00-\u9fff]{2,}|[^\W\d_\u4e00-\u9fff]{3,}")


@dataclass(frozen=True, slots=True)
class Written:
    """One answer to a question for text, and who wrote it."""

    writer: Hashable
    text: str


@cache
def stop_words() -> frozenset[str]:
    """Return words that say nothing by themselves."""
    return frozenset(_STOP_WORDS.read_text(encoding="utf-8").split())


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text that say something, in lower case."""
    import rjieba  # Its dictionary takes 30 MB: only where somebody asks for words.

    for piece in rjieba.cut(unicodedata.normalize("NFKC", text).lower()):
        if _WORD.fullmatch(piece) and piece not in stop_words():
            yield piece


def count_words(written: Iterable[Written]) -> list[tuple[str, int]]:
    """Return how many answers hold each word, the most first; only words of enough different people."""
    answers: Counter[str] = Counter()
    writers: defaultdict[str, set[Hashable]] = defaultdict(set)
    for one in written:
        for word in set(words_of(one.text)):
            answers[word] += 1
            if len(writers[word]) < WRITERS_MIN:
                writers[word].add(one.writer)
    known = [(word, n) for word, n in answers.items() if len(writers[word]) == WRITERS_MIN]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:WORDS_MAX]
