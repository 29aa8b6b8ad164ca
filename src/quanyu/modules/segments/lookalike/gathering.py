"""Reads the features of people, so many at a time: by key, with the history of whoever became them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.segments.catalogue import shown_sql
from quanyu.modules.segments.compiler import LIVE_WHERE
from quanyu.modules.segments.lookalike.contracts import FeatureKind
from quanyu.modules.segments.lookalike.features import Floats, Whole
from quanyu.modules.segments.lookalike.planning import ACTS, ORDERED, UP_TO, Plan, days_sql, number_sql
from quanyu.modules.segments.lookalike.rows import Triplets, joined

CHUNK: Final = 100_000
_WHO: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"
_NEAR: Final = (
    "(person BETWEEN {low:UInt32} AND {high:UInt32} OR person IN (SELECT person FROM person_alias FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND canonical BETWEEN {low:UInt32} AND {high:UInt32} "
    "AND canonical != person))"
)
_THESE: Final = f"{_WHO} IN {{people:Array(UInt32)}}"
_MEASURES: Final = f"toFloat64(count()) AS a, toFloat64({days_sql('max(occurred_at)')}) AS b"
# Where the columns of a kind are told by the place of a text in the plan: which text, and of which facts.
_PLACES: Final = {
    FeatureKind.EVENT_COUNT: ("name", "FROM events"),
    FeatureKind.EVENT_RECENCY: ("name", "FROM events"),
    FeatureKind.CATEGORY: ("category", "FROM events ARRAY JOIN `items.category` AS category"),
    FeatureKind.CHANNEL: ("channel", "FROM events"),
}


@dataclass(frozen=True, slots=True)
class _Whose:
    """Which people a question is about, in history and among profiles."""

    history: str
    profiles: str
    bound: dict[str, Any]


class Gatherer:
    """Reads one plan's columns as of one instant."""

    def __init__(self, gate: TenantWarehouse, plan: Plan, *, as_of_ms: int) -> None:
        self._gate = gate
        self._plan = plan
        self._as_of_ms = as_of_ms

    async def of_range(self, people: Whole) -> Triplets:
        """Return the features of a run of living people, ascending; rows are their places."""
        bound = {"low": int(people[0]), "high": int(people[-1])}
        return await self._read(people, _Whose(_NEAR, "person BETWEEN {low:UInt32} AND {high:UInt32}", bound))

    async def of_sample(self, people: Whole) -> Triplets:
        """Return the features of people from all over, ascending; at most some ten thousands."""
        whose = _Whose(_THESE, "person IN {people:Array(UInt32)}", {"people": people.tolist()})
        return await self._read(people, whose)

    async def _read(self, people: Whole, whose: _Whose) -> Triplets:
        parts: list[Triplets] = []
        for kind in (FeatureKind.EVENT_COUNT, FeatureKind.CATEGORY, FeatureKind.CHANNEL):
            if self._plan.of(kind):
                parts += await self._acts(people, whose, kind)
        if self._plan.of(FeatureKind.SPENT):
            parts += await self._spent(people, whose)
        if self._plan.of(FeatureKind.TAG):
            parts += await self._tags(people, whose)
        return joined([*parts, *await self._profiles(people, whose)])

    async def _acts(self, people: Whole, whose: _Whose, kind: FeatureKind) -> list[Triplets]:
        text, source = _PLACES[kind]
        only = f" AND name = '{ORDERED}'" if kind is FeatureKind.CATEGORY else ""
        found = await self._ask(
            f"SELECT {_WHO} AS who, indexOf({{texts:Array(String)}}, {text}) AS place, {_MEASURES} "
            f"{source} WHERE {ACTS} AND {UP_TO} AND {whose.history}{only} "
            f"AND {text} IN {{texts:Array(String)}} GROUP BY who, place",
            whose,
            texts=[one.name for one in self._plan.of(kind)],
        )
        place = _whole(found["place"]) - 1
        parts = [self._placed(people, found, self._plan.first(kind) + place, _floats(found["a"]))]
        if kind is FeatureKind.EVENT_COUNT:
            first = self._plan.first(FeatureKind.EVENT_RECENCY)
            parts.append(self._placed(people, found, first + place, _floats(found["b"])))
        return parts

    async def _spent(self, people: Whole, whose: _Whose) -> list[Triplets]:
        found = await self._ask(
            f"SELECT {_WHO} AS who, toFloat64(sum(revenue)) AS a FROM events WHERE {ACTS} AND {UP_TO} "  # noqa: S608
            f"AND {whose.history} AND name = '{ORDERED}' AND isNotNull(revenue) "
            "AND currency = {currency:String} GROUP BY who",
            whose,
            currency=self._plan.currency,
        )
        column = np.full(len(found), self._plan.first(FeatureKind.SPENT))
        return [self._placed(people, found, column, _floats(found["a"]))]

    async def _tags(self, people: Whole, whose: _Whose) -> list[Triplets]:
        found = await self._ask(
            "SELECT person AS who, indexOf({tags:Array(UInt64)}, tag) AS place FROM profiles FINAL "  # noqa: S608
            f"ARRAY JOIN tags AS tag WHERE {LIVE_WHERE} AND {whose.profiles} "
            "AND tag IN {tags:Array(UInt64)}",
            whose,
            tags=[int(one.name) for one in self._plan.of(FeatureKind.TAG)],
        )
        column = self._plan.first(FeatureKind.TAG) + _whole(found["place"]) - 1
        return [self._placed(people, found, column, np.ones(len(found)))]

    async def _profiles(self, people: Whole, whose: _Whose) -> list[Triplets]:
        """Read what people are: the place of an attribute's value among its common ones, and numbers."""
        flags = self._plan.of(FeatureKind.ATTRIBUTE)
        keys = list(dict.fromkeys(one.name for one in flags))
        values = {f"v{n}": [one.value for one in flags if one.name == key] for n, key in enumerate(keys)}
        numbers = [one.name for one in self._plan.of(FeatureKind.NUMBER)]
        columns = [
            *(f"indexOf({{v{n}:Array(String)}}, {shown_sql(key)}) AS f{n}" for n, key in enumerate(keys)),
            *(f"ifNull({number_sql(key)}, nan) AS n{n}" for n, key in enumerate(numbers)),
            f"toFloat64({days_sql('first_seen_at')}) AS known",
            f"toFloat64({days_sql('last_seen_at')}) AS quiet",
        ]
        found = await self._ask(
            f"SELECT person AS who, {', '.join(columns)} FROM profiles FINAL "  # noqa: S608
            f"WHERE {LIVE_WHERE} AND {whose.profiles}",
            whose,
            **values,
        )
        parts, first = [], self._plan.first(FeatureKind.ATTRIBUTE) if flags else 0
        for n in range(len(keys)):
            place = _whole(found[f"f{n}"]) - 1
            parts.append(self._placed(people, found, first + place, np.ones(len(found)), place >= 0))
            first += len(values[f"v{n}"])
        measured = [(FeatureKind.NUMBER, n, f"n{n}") for n in range(len(numbers))]
        for kind, n, name in (
            *measured, (FeatureKind.KNOWN_DAYS, 0, "known"), (FeatureKind.QUIET_DAYS, 0, "quiet"),
        ):  # fmt: skip
            raw = _floats(found[name])
            column = np.full(len(found), self._plan.first(kind) + n)
            parts.append(self._placed(people, found, column, raw, np.isfinite(raw)))
        return parts

    async def _ask(self, sql: str, whose: _Whose, **bound: Any) -> Any:
        return await self._gate.query_columns(sql, {**whose.bound, **bound, "as_of_ms": self._as_of_ms})

    def _placed(
        self, people: Whole, found: Any, column: Whole, raw: Floats, is_there: Any = None
    ) -> Triplets:
        """Put measures into rows and columns; whoever is not among ``people`` is left out."""
        who = _whole(found["who"])
        row = np.minimum(np.searchsorted(people, who), len(people) - 1)
        kept = people[row] == who if is_there is None else (people[row] == who) & is_there
        row, column, value = row[kept], column[kept], raw[kept].copy()
        for place in np.unique(column).tolist():
            mine = column == place
            value[mine] = self._plan.features[place].made(value[mine])
        return Triplets(row.astype(np.int64), column.astype(np.int64), value)


def _whole(values: Any) -> Whole:
    return np.asarray(values, dtype=np.int64)


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)
