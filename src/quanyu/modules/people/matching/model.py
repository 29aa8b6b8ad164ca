"""Who may be the same person: a score for two records, after Fellegi and Sunter.

Each field both records have is compared and falls on a level: equal, close, similar, different. What an
agreement is worth depends on how rare the value is among all records (two 李 say little, two 欧阳 a lot);
what a difference costs, on how often the field is wrong or out of date. The weights, base-two logarithms of
likelihood ratios, add up with the odds that any two records are one person's. The score is the resulting
probability. Pure and the same for the same records, so a model is known by its name and version.

Source: Fellegi, I. P. and Sunter, A. B. (1969), A Theory for Record Linkage, JASA 64(328); term frequencies
as in Winkler (1989).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple, Protocol

from quanyu.modules.people.matching.comparing import (
    addresses,
    codes,
    dates,
    mails,
    names,
)

MODEL: Final = "match@1"
SUGGEST_MIN: Final = 0.2  # From here on a pair is worth the look of a person.
VALUES_MAX: Final = 4  # Of one field of one record that are compared.
_RECORDS_MIN: Final = 1_000
_RARE_MIN: Final = 1e-6
_USUAL_COUNTS_AS: Final = 50  # Values: how much has to be known before counts outweigh what is usual.
_SWAPPED: Final = "swapped"

# Of each field the values known of somebody, as ``comparing.plain`` writes them.
Record = Mapping[str, Sequence[str]]


class Agreement(NamedTuple):
    """How well two records agree in a field, and what that adds to the score, in bits."""

    field: str
    level: str  # equal, close, similar, swapped, different
    weight: float


class Frequencies(Protocol):
    """How common values are among all records."""

    @property
    def records(self) -> int:
        """How many records there are."""
        ...

    def of(self, field: str, value: str) -> tuple[int, int]:
        """Return how many known values of a field are this one, and how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Level:
    """One way of agreeing. ``rightly``: of one person's records so many; ``by_chance``: of two strangers'."""

    name: str
    rightly: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is compared: how, how often it is equal, and the levels below that.

    ``usual``: how often one value is met where too few are known to say.
    """

    name: str
    compare: Callable[[str, str], str]
    equal: float
    usual: float
    levels: tuple[Level, ...]

    @property
    def different(self) -> float:
        return 1 - self.equal - sum(level.rightly for level in self.levels)

    def level(self, name: str) -> Level | None:
        return next((one for one in self.levels if one.name == name), None)


FIELDS: Final = {
    field.name: field
    for field in (
        Field("name", names, 0.70, 0.002, (Level("close", 0.14, 0.003), Level("similar", 0.08, 0.02))),
        Field("nickname", names, 0.50, 0.0005, (Level("close", 0.12, 0.003), Level("similar", 0.08, 0.02))),
        Field("given_name", names, 0.60, 0.01, (Level("close", 0.18, 0.005), Level("similar", 0.10, 0.02))),
        Field("surname", names, 0.60, 0.01, (Level("close", 0.18, 0.005), Level("similar", 0.10, 0.02))),
        Field("birth_date", dates, 0.60, 0.0002, (Level("close", 0.22, 0.002), Level("similar", 0.14, 0.05))),
        Field("phone", codes, 0.75, 1e-06, (Level("close", 0.10, 0.00001),)),
        Field("email", mails, 0.60, 1e-05, (Level("close", 0.25, 0.0005), Level("similar", 0.08, 0.01))),
        Field("id_number", codes, 0.85, 1e-06, (Level("close", 0.10, 0.00001),)),
        Field(
            "address", addresses, 0.60, 0.0005, (Level("close", 0.20, 0.001), Level("similar", 0.10, 0.01))
        ),
        Field("street_number", codes, 0.75, 0.01, (Level("close", 0.10, 0.1),)),
        Field("postcode", codes, 0.75, 0.005, (Level("close", 0.12, 0.02),)),
        Field("city", names, 0.60, 0.05, (Level("close", 0.18, 0.01), Level("similar", 0.10, 0.03))),
    )
}


_DIFFERENT: Final = {
    name: Agreement(name, "different", math.log2(field.different)) for name, field in FIELDS.items()
}


class Match(NamedTuple):
    """Two records that may be one person's. ``probability`` is between 0 and 1."""

    a: int
    b: int
    probability: float
    agreements: tuple[Agreement, ...]


class CountedValues:
    """Frequencies counted over records at hand."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = len(records)
        self._values = {
            name: Counter(value for record in records for value in record.get(name, ())) for name in FIELDS
        }
        self._totals = {name: values.total() for name, values in self._values.items()}

    @property
    def records(self) -> int:
        return self._records

    def of(self, field: str, value: str) -> tuple[int, int]:
        return self._values[field][value], self._totals[field]


class Model:
    """Scores pairs of records."""

    def __init__(self, frequencies: Frequencies) -> None:
        self._frequencies = frequencies
        # Before anything is compared: as if everybody were there twice. Of a handful of people nobody is
        # likely another just because they are few.
        self._prior = -math.log2(max(_RECORDS_MIN, frequencies.records) - 1)

    def compare(self, one: Record, other: Record) -> tuple[float, tuple[Agreement, ...]]:
        """Return the probability that two records are one person's, and how each field agrees."""
        shared = [field for field in FIELDS.values() if one.get(field.name) and other.get(field.name)]
        if FIELDS["given_name"] in shared and FIELDS["surname"] in shared:
            shared = [field for field in shared if field.name != "name"]  # The same once more.
        agreements = [self._agree(field, one, other) for field in shared]
        agreements = self._unswap(agreements, one, other)
        return _probability(self._prior + sum(found.weight for found in agreements)), tuple(agreements)

    def matches(
        self, records: Sequence[Record], pairs: Iterable[tuple[int, int]], *, at_least: float = SUGGEST_MIN
    ) -> list[Match]:
        """Return the pairs, by their places in ``records``, that are likely enough one person's."""
        found = []
        for a, b in pairs:
            probability, agreements = self.compare(records[a], records[b])
            if probability >= at_least:
                found.append(Match(a, b, probability, agreements))
        return found

    def _agree(self, field: Field, one: Record, other: Record) -> Agreement:
        """The best agreement of any two values: people have several phones, few have several birthdays."""
        ours, theirs = one[field.name], other[field.name]
        if len(ours) == len(theirs) == 1:
            return self._agreement(field, ours[0], theirs[0])
        pairs = product(ours[:VALUES_MAX], theirs[:VALUES_MAX])
        return max((self._agreement(field, a, b) for a, b in pairs), key=lambda found: found.weight)

    def _agreement(self, field: Field, a: str, b: str) -> Agreement:
        if a == b:
            return Agreement(field.name, "equal", self._equal(field, a))
        level = field.level(field.compare(a, b))
        if level is None:
            return _DIFFERENT[field.name]
        rarer = min(self._share(field, a), self._share(field, b))
        by_chance = level.by_chance + rarer * level.rightly
        return Agreement(field.name, level.name, math.log2(level.rightly / by_chance))

    def _equal(self, field: Field, value: str) -> float:
        """What being equal adds; that everybody has the same value speaks against nobody."""
        return max(0.0, math.log2(field.equal / max(_RARE_MIN, self._share(field, value))))

    def _share(self, field: Field, value: str) -> float:
        """How often a value is met: as counted, and as usual where little was."""
        count, known = self._frequencies.of(field.name, value)
        return (count + _USUAL_COUNTS_AS * field.usual) / (known + _USUAL_COUNTS_AS)

    def _unswap(self, agreements: list[Agreement], one: Record, other: Record) -> list[Agreement]:
        """Given name and family name in each other's place agree as well as both together."""
        given, family = FIELDS["given_name"], FIELDS["surname"]
        crossed = [
            max(self._equal(field, value), self._equal(instead, value)) - 3
            for field, instead, here, there in (
                (given, family, one.get("given_name"), other.get("surname")),
                (family, given, one.get("surname"), other.get("given_name")),
            )
            if here and there
            for value in here[:1]
            if value == there[0]
        ]
        straight = [found for found in agreements if found.field in ("given_name", "surname")]
        if not crossed or sum(crossed) <= sum(found.weight for found in straight):
            return agreements
        rest = [found for found in agreements if found not in straight]
        return [*rest, Agreement("given_name", _SWAPPED, sum(crossed))]


def _probability(bits: float) -> float:
    if bits >= 0:
        return 1 / (1 + math.pow(2, -min(bits, 900)))
    odds = math.pow(2, max(bits, -900))
    return odds / (1 + odds)
