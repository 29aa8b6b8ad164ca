"""How values of a field are compared, and how they are written before: pure."""

import unicodedata
from datetime import date
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, DamerauLevenshtein, JaroWinkler

EQUAL: Final = "equal"
CLOSE: Final = "close"
SIMILAR: Final = "similar"
DIFFERENT: Final = "different"
_NEAR_DAYS: Final = 400


def plain(text: str) -> str:
    """Write a value so that width, case and blanks at its ends do not count."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def names(a: str, b: str) -> str:
    """Compare names: one letter wrong, or a short form, is close."""
    if OSA.distance(a, b, score_cutoff=1) <= 1 and len(a) + len(b) >= 5:
        return CLOSE
    likeness = JaroWinkler.similarity(a, b)
    if likeness >= 0.92:
        return CLOSE
    if likeness >= 0.80 or _begins(a, b):
        return SIMILAR
    return DIFFERENT


def codes(a: str, b: str) -> str:
    """Compare numbers: one digit wrong, or two exchanged, is close."""
    return CLOSE if DamerauLevenshtein.distance(a, b, score_cutoff=1) <= 1 else DIFFERENT


def dates(a: str, b: str) -> str:
    """Compare dates: one digit wrong is close; two, or a year apart at most, is similar.

    Many tell a birthday once by the lunar calendar and once by ours: some weeks apart.
    """
    distance = OSA.distance(a, b, score_cutoff=2)
    if distance <= 1:
        return CLOSE
    return SIMILAR if distance == 2 or _days_apart(a, b) <= _NEAR_DAYS else DIFFERENT


def addresses(a: str, b: str) -> str:
    """Compare addresses whatever the order of their parts."""
    likeness = fuzz.token_sort_ratio(a, b)
    return CLOSE if likeness >= 85 else SIMILAR if likeness >= 70 else DIFFERENT


def mails(a: str, b: str) -> str:
    """Compare addresses; the part before the @ says most: people keep it when they change their provider."""
    one, other = a.partition("@")[0], b.partition("@")[0]
    if one == other or OSA.distance(a, b, score_cutoff=2) <= 2:
        return CLOSE
    likeness = max(JaroWinkler.similarity(one, other), fuzz.ratio(a, b) / 100)
    return CLOSE if likeness >= 0.9 else SIMILAR if likeness >= 0.8 else DIFFERENT


def _days_apart(a: str, b: str) -> int:
    try:
        return abs((date.fromisoformat(a) - date.fromisoformat(b)).days)
    except ValueError:
        return _NEAR_DAYS + 1


def _begins(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(short) >= 3 and long.startswith(short)
