"""Compiles a definition to one ClickHouse query whose result is a bitmap of canonical persons.

Attribute and tag conditions, and groups made of nothing else, become one predicate over the living profiles.
Every other condition is a scan of ``events`` restricted by name; conditions of one group that look at
the same facts share it. Sets combine as bitmaps.
"""

from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from typing import Any, Final

from quanyu.modules.events.asking.readings import Parameters, comparison_sql, read_json
from quanyu.modules.segments.belonging_sql import members_sql, moved_sql, related_sql
from quanyu.modules.segments.company_sql import contacts_sql
from quanyu.modules.segments.conditions.bucket import BUCKETS
from quanyu.modules.segments.conditions.consent import Stance
from quanyu.modules.segments.consent_sql import consent_sql
from quanyu.modules.segments.date_sql import date_sql
from quanyu.modules.segments.scans import ANY_FACT, Evaluation, Scan, Scanner
from quanyu.modules.segments.sequence_sql import sequence_people_sql
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    Attribute,
    Bucket,
    Condition,
    Consented,
    DateTest,
    Event,
    InList,
    InSegment,
    Moved,
    Not,
    OfCompany,
    Recency,
    Regular,
    Relation,
    Restarted,
    Sequence,
    Stopped,
    Tag,
)

__all__ = ["LIVE_WHERE", "Compiled", "Evaluation", "compile_definition"]

LIVE_WHERE: Final = (
    "tenant_id = {tenant:UInt32} AND deleted = 0 "
    "AND dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person) = person"
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bitmap: subqueries to name in WITH, and the expression that combines them.

    ``tenant`` is not among the parameters: the gate to the warehouse binds it.
    """

    subqueries: tuple[tuple[str, str], ...]
    bitmap: str
    parameters: dict[str, Any]

    def select(self, columns: str, *, extra: str = "") -> str:
        """Return the query that selects ``columns``; in them ``members`` is the bitmap."""
        named = [f"(\n{sql}\n) AS {name}" for name, sql in self.subqueries]
        named.append(f"{self.bitmap} AS members")
        if extra:
            named.append(extra)
        return f"WITH {', '.join(named)}\nSELECT {columns}"

    def count_sql(self) -> str:
        """Return the query for the number of members."""
        return self.select("bitmapCardinality(members)")

    def ids_sql(self) -> str:
        """Return the query for all members, ascending, as one array."""
        return self.select("arraySort(bitmapToArray(members))")  # Up to 32 are kept in no order.

    def page_sql(self) -> str:
        """Return the query for (number, the first ``page_limit`` members after ``page_after``)."""
        return self.select(
            "bitmapCardinality(members), "
            "arraySort(bitmapToArray("
            "bitmapSubsetLimit(members, {page_after:UInt32} + 1, {page_limit:UInt32})))"
        )


def compile_definition(definition: Condition, at: Evaluation) -> Compiled:
    """Compile a definition for one instant."""
    compiler = _Compiler(at)
    part = compiler.compile(definition)
    if isinstance(part, _Predicate):
        bitmap = compiler.name(_profiles_bitmap(part.sql))
    else:
        # An intersection begins with the living; whoever else has facts is nobody's member.
        bitmap = compiler.intersection([compiler.live()], [part])
    return Compiled(tuple(compiler.subqueries), bitmap, compiler.parameters.values)


@dataclass(frozen=True, slots=True)
class _Predicate:
    """A condition on a row of living profiles."""

    sql: str


@dataclass(frozen=True, slots=True)
class _Bitmap:
    """An expression of sets already named."""

    sql: str


_Part = _Predicate | _Bitmap | Scan


def _profiles_bitmap(predicate: str) -> str:
    return f"SELECT groupBitmapState(person) FROM profiles FINAL WHERE {LIVE_WHERE} AND {predicate}"  # noqa: S608


class _Compiler:
    def __init__(self, at: Evaluation) -> None:
        self.parameters = Parameters()
        self.subqueries: list[tuple[str, str]] = []
        self._at = at
        self._scanner = Scanner(at, self.parameters)
        self._live = ""

    def name(self, sql: str) -> str:
        """Give a subquery a name and return it."""
        name = f"set{len(self.subqueries)}"
        self.subqueries.append((name, sql))
        return name

    def live(self) -> str:
        """Return the bitmap of all living profiles, named once."""
        self._live = self._live or self.name(_profiles_bitmap("1"))
        return self._live

    def compile(self, node: Condition) -> _Part:
        match node:
            case All():
                return self._all([self.compile(part) for part in node.of])
            case Any_():
                return self._any([self.compile(part) for part in node.of])
            case Not():
                return self._not(self.compile(node.of))
            case Attribute():
                return _Predicate(comparison_sql(read_json("attributes", node.key), node, self.parameters))
            case Tag():
                return _Predicate(_tag_sql(node, self.parameters))
            case Event():
                return self._scanner.event(node)
            case Recency():
                return self._scanner.recency(node)
            case Aggregate():
                return self._scanner.aggregate(node)
            case Stopped():
                return self._scanner.stopped(node)
            case Restarted():
                return self._scanner.restarted(node)
            case Regular():
                return self._scanner.regular(node)
            case Sequence():
                return _Bitmap(self.name(sequence_people_sql(node, self._at, self.parameters)))
            case Bucket():
                return _Predicate(_bucket_sql(node, self.parameters))
            case DateTest():
                return _Predicate(date_sql(node, self._at, self.parameters))
            case InSegment() | InList():
                return _Bitmap(self.name(members_sql(node, self._at, self.parameters)))
            case Moved():
                return _Bitmap(self.name(moved_sql(node, self._at, self.parameters)))
            case Relation():
                tied = _Bitmap(self.name(related_sql(node, self._at, self.parameters)))
                return self._not(tied) if node.op == "none" else tied
            case OfCompany():
                return _Bitmap(self.name(contacts_sql(node, self.parameters)))
            case Consented():
                said = _Bitmap(self.name(consent_sql(node, self._at, self.parameters)))
                return self._not(said) if node.state is Stance.SILENT else said

    def _not(self, part: _Part) -> _Part:
        match part:
            case _Predicate():
                return _Predicate(f"(NOT {part.sql})")
            case Scan():
                return replace(part, is_complement=not part.is_complement)
            case _Bitmap():
                return _Bitmap(f"bitmapAndnot({self.live()}, {part.sql})")

    def _all(self, parts: Many[_Part]) -> _Part:
        predicates = [part.sql for part in parts if isinstance(part, _Predicate)]
        others = [part for part in parts if not isinstance(part, _Predicate)]
        predicate = f"({' AND '.join(predicates or ['1'])})"
        if not others:
            return _Predicate(predicate)
        # "Has x and has y" of one source is "has both"; "no x and no y" is "not any of them".
        shared = _share(others, joint=_and, complement_joint=_or)
        if len(shared) == 1 and not predicates:
            return shared[0]
        start = [self.name(_profiles_bitmap(predicate))] if predicates else []
        return _Bitmap(self.intersection(start, shared))

    def intersection(self, start: Many[str], parts: Many[_Bitmap | Scan]) -> str:
        """Intersect bitmaps with parts; complements are taken away at the end."""
        kept = [*start, *(self._positive(part) for part in parts if not _is_complement(part))]
        taken = [self._people(part) for part in parts if isinstance(part, Scan) and part.is_complement]
        combined = _combine("bitmapAnd", kept or [self.live()])
        return _combine("bitmapAndnot", [combined, *taken])

    def _any(self, parts: Many[_Part]) -> _Part:
        predicates = [part.sql for part in parts if isinstance(part, _Predicate)]
        others = [part for part in parts if not isinstance(part, _Predicate)]
        predicate = f"({' OR '.join(predicates or ['0'])})"
        if not others:
            return _Predicate(predicate)
        shared = _share(others, joint=_or, complement_joint=_and)
        if len(shared) == 1 and not predicates:
            return shared[0]
        bitmaps = [self.name(_profiles_bitmap(predicate))] if predicates else []
        return _Bitmap(_combine("bitmapOr", [*bitmaps, *(self._bitmap(part) for part in shared)]))

    def _bitmap(self, part: _Bitmap | Scan) -> str:
        if isinstance(part, Scan) and part.is_complement:
            return f"bitmapAndnot({self.live()}, {self._people(part)})"
        return self._positive(part)

    def _positive(self, part: _Bitmap | Scan) -> str:
        return part.sql if isinstance(part, _Bitmap) else self._people(part)

    def _people(self, scan: Scan) -> str:
        return self.name(scan.source.people_sql(scan.having))


def _tag_sql(node: Tag, parameters: Parameters) -> str:
    asked = parameters.bind(list(node.numbers), "Array(UInt64)")
    if node.op == "all":
        return f"hasAll(tags, {asked})"
    return f"hasAny(tags, {asked})" if node.op == "any" else f"(NOT hasAny(tags, {asked}))"


def _bucket_sql(node: Bucket, parameters: Parameters) -> str:
    salted = f"concat({parameters.bind(f'{node.salt}:', 'String')}, toString(person))"
    bucket = f"reinterpretAsUInt64(substring(MD5({salted}), 1, 8)) % {BUCKETS}"
    low, high = parameters.bind(node.from_, "UInt32"), parameters.bind(node.to, "UInt32")
    return f"({bucket} >= {low} AND {bucket} < {high})"


def _is_complement(part: _Bitmap | Scan) -> bool:
    return isinstance(part, Scan) and part.is_complement


def _share(
    parts: Many[_Bitmap | Scan], *, joint: "_Joint", complement_joint: "_Joint"
) -> list[_Bitmap | Scan]:
    """Put scans of the same source together, in the order they first appear."""
    shared: dict[tuple[int, bool], list[_Bitmap | Scan]] = {}
    for number, part in enumerate(parts):
        # A bitmap has no source: a number of its own, which no address of an object is.
        key = (-1 - number, False) if isinstance(part, _Bitmap) else (id(part.source), part.is_complement)
        shared.setdefault(key, []).append(part)
    joined: list[_Bitmap | Scan] = []
    for group in shared.values():
        first = group[0]
        if isinstance(first, Scan):
            join = complement_joint if first.is_complement else joint
            first = replace(first, having=join([one.having for one in group if isinstance(one, Scan)]))
        joined.append(first)
    return joined


class _Joint:
    """Joins tests of one person's facts."""

    def __init__(self, word: str, *, any_fact_decides: bool) -> None:
        self._word = word
        self._any_fact_decides = any_fact_decides

    def __call__(self, tests: Many[str]) -> str:
        if self._any_fact_decides and ANY_FACT in tests:
            return ANY_FACT
        distinct = [test for test in dict.fromkeys(tests) if test != ANY_FACT]
        return f" {self._word} ".join(f"({test})" for test in distinct) or ANY_FACT


_and: Final = _Joint("AND", any_fact_decides=False)
_or: Final = _Joint("OR", any_fact_decides=True)


def _combine(function: str, bitmaps: Many[str]) -> str:
    combined = bitmaps[0]
    for bitmap in bitmaps[1:]:
        combined = f"{function}({combined}, {bitmap})"
    return combined
