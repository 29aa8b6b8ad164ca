"""Which companies may be one: names alike, or the same domain."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from quanyu.modules.people.companies.contracts import CompanyId
from quanyu.modules.people.companies.rules import core_of

ALIKE: Final = 88.0  # Of 100: below it, spellings of one name are rarer than names of two companies.
_BLOCK_MAX: Final = 200  # What stands in more companies than this tells none from the others.
# Where everybody may have an address: it says nothing of who somebody is.
_SHARED_DOMAINS: Final = frozenset(
    [
        "qq.com",
        "163.com",
        "126.com",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "sina.com",
        "sohu.com",
        "foxmail.com",
        "aliyun.com",
        "taobao.com",
        "tmall.com",
        "jd.com",
        "weidian.com",
        "youzan.com",
    ]
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company as it is compared."""

    id: CompanyId
    name: str
    domain: str
    above: CompanyId | None = None  # Its parent: a subsidiary is meant to be called alike.


@dataclass(frozen=True, slots=True, order=True)
class Alike:
    """Two companies, the older one first."""

    score: int
    same_domain: bool
    a: CompanyId
    b: CompanyId


def alike_pairs(companies: Sequence[Candidate]) -> list[Alike]:
    """Return pairs that may be one, the likeliest first.

    Compared are those that share a domain, or two characters that stand together in the core of both names
    and in at most ``_BLOCK_MAX`` names of all.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    cores = [core_of(one.name) for one in companies]
    for place, one in enumerate(companies):
        for key in set(_keys(cores[place], one.domain)):
            blocks[key].append(place)
    seen: set[tuple[int, int]] = set()
    found: list[Alike] = []
    for block in blocks.values():
        if len(block) > _BLOCK_MAX:
            continue
        for first, second in _pairs(block):
            if (first, second) in seen:
                continue
            seen.add((first, second))
            pair = _compare(companies[first], companies[second], cores[first], cores[second])
            if pair is not None:
                found.append(pair)
    return sorted(found, key=lambda one: (-one.score - 50 * one.same_domain, one.a, one.b))


def _keys(core: str, domain: str) -> Iterator[str]:
    for start in range(max(len(core) - 1, 1)):
        yield f"n:{core[start : start + 2]}"
    if domain and domain not in _SHARED_DOMAINS:
        yield f"d:{domain}"


def _pairs(block: Sequence[int]) -> Iterable[tuple[int, int]]:
    return ((first, second) for place, first in enumerate(block) for second in block[place + 1 :])


def _compare(one: Candidate, other: Candidate, core: str, other_core: str) -> Alike | None:
    if one.above == other.id or other.above == one.id:
        return None
    same_domain = bool(one.domain) and one.domain == other.domain and one.domain not in _SHARED_DOMAINS
    score = 100.0 if core == other_core else fuzz.ratio(core, other_core)
    if not same_domain and score < ALIKE:
        return None
    first, second = sorted((one.id, other.id))
    return Alike(round(score), same_domain, first, second)
