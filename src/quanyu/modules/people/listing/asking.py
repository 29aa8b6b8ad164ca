"""Lists of people as questions to the warehouse: pure, nothing is read here.

Every order is total: what is missing comes last in both directions, numbers stand before texts, and the
person settles ties. So a page continues after the keys of the last row, whatever was added meanwhile.
"""

# ruff: noqa: S608 - statements are made of our own parts; whatever a caller wrote is bound.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.kernel.paging import decode_cursor
from quanyu.modules.events.asking.readings import Parameters, read_json
from quanyu.modules.people.listing.contracts import ATTRIBUTE, PeopleFilter
from quanyu.modules.people.listing.ports import Narrowed

_LIVE: Final = (
    "tenant_id = {tenant:UInt32} AND deleted = 0 "
    "AND dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person) = person"
)
# In the brand's own currency; amounts that state none are in it too.
_BOUGHT: Final = """
    LEFT JOIN (
        SELECT toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)) AS buyer,
            toFloat64(uniqExactIf(order_id, name = 'Order Completed')) AS orders,
            toFloat64(sumIf(revenue, currency IN ('', {own:String}))) AS revenue
        FROM events WHERE tenant_id = {tenant:UInt32} AND name LIKE 'Order %' AND person > 0
        GROUP BY buyer
    ) AS bought ON bought.buyer = p.person
"""
_PURCHASES: Final = ("orders", "revenue")
_COLUMNS: Final = {
    "first_seen": "toUnixTimestamp64Milli(first_seen_at)",
    "last_seen": "toUnixTimestamp64Milli(last_seen_at)",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what it binds."""

    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is wanted, in which order. ``only``: nobody else; ``first_seen``: from, and before."""

    narrowed: Narrowed | None
    only: Sequence[int] | None
    first_seen: tuple[datetime | None, datetime | None]
    order: str
    descending: bool
    currency: str


def tree_of(wanted: PeopleFilter) -> dict[str, Any] | None:
    """Return the conditions, the segment and the tag of a filter as one tree; ``None`` without any."""
    parts: list[dict[str, Any]] = [] if wanted.conditions is None else [wanted.conditions]
    if wanted.segment:
        parts.append({"kind": "segment", "segment": wanted.segment})
    if wanted.tag:
        parts.append({"kind": "tag", "tags": [wanted.tag]})
    return {"kind": "all", "of": parts} if parts else None


def period_of(wanted: PeopleFilter, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the instants a filter's days begin and end at, in the brand's zone."""
    zone, first, last = ZoneInfo(time_zone), wanted.first_seen_from, wanted.first_seen_to
    since = None if first is None else datetime.combine(first, time.min, zone)
    until = None if last is None else datetime.combine(last + timedelta(days=1), time.min, zone)
    return since, until


def page(wish: Wish, *, after: str | None, limit: int) -> Asked:
    """Ask for (person, keys of the order …) of a page.

    Raises:
        InvalidCursor: ``after`` is of another list.
    """
    bound = _Bound({"own": wish.currency} if wish.order in _PURCHASES else {})
    down = "DESC" if wish.descending else "ASC"
    beyond = "" if after is None else f"WHERE {_after(after, wish.descending, bound)}"
    sql = (
        "person, missing, is_text, number, text FROM ("
        "SELECT person, toUInt8(isNull(n) AND isNull(t)) AS missing, toUInt8(isNull(n) AND isNotNull(t)) "
        f"AS is_text, ifNull(n, 0) AS number, ifNull(t, '') AS text FROM ({_keyed(wish, bound)})) {beyond}"
        f" ORDER BY missing, is_text {down}, number {down}, text {down}, person {down}"
        f" LIMIT {bound.bind(limit, 'UInt32')}"
    )
    return _whole(wish, sql, bound)


def count(wish: Wish) -> Asked:
    """Ask how many are wanted."""
    bound = _Bound()
    return _whole(wish, f"count() FROM profiles FINAL WHERE {_tests(wish, bound)}", bound)


def everyone(wish: Wish, *, at_most: int) -> Asked:
    """Ask for everybody wanted, ascending, up to one more than ``at_most``."""
    bound = _Bound()
    people = f"SELECT person FROM profiles FINAL WHERE {_tests(wish, bound)} ORDER BY person"
    return _whole(
        wish, f"groupArray(person) FROM ({people} LIMIT {bound.bind(at_most + 1, 'UInt32')})", bound
    )


class _Bound(Parameters):
    """Our own parameters; the tree has called its own p0, p1 and so on."""

    def bind(self, value: Any, clickhouse_type: str) -> str:
        name = f"list{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{clickhouse_type}}}"


def _whole(wish: Wish, columns: str, bound: Parameters) -> Asked:
    if wish.narrowed is None:
        return Asked(f"SELECT {columns}", bound.values)
    return Asked(wish.narrowed.select(columns), {**wish.narrowed.parameters, **bound.values})


def _tests(wish: Wish, bound: Parameters) -> str:
    """Return what a living profile has to meet."""
    tests = [_LIVE]
    if wish.narrowed is not None:
        tests.append("person IN (SELECT arrayJoin(bitmapToArray(members)))")
    if wish.only is not None:
        only = bound.bind(list(wish.only), "Array(UInt32)")
        tests.append(f"person IN (SELECT arrayJoin({only}))")
    since, until = wish.first_seen
    if since is not None:
        tests.append(f"first_seen_at >= {_instant(since, bound)}")
    if until is not None:
        tests.append(f"first_seen_at < {_instant(until, bound)}")
    return " AND ".join(tests)


def _keyed(wish: Wish, bound: Parameters) -> str:
    """Return people with the number (n) and the text (t) they are put in order by; both may be missing."""
    nobody = "CAST(NULL AS Nullable(String)) AS t"
    tests = _tests(wish, bound)
    if wish.order in _PURCHASES:
        people = f"SELECT person FROM profiles FINAL WHERE {tests}"
        return f"SELECT person, toNullable(bought.{wish.order}) AS n, {nobody} FROM ({people}) AS p {_BOUGHT}"
    if wish.order.startswith(ATTRIBUTE):
        reading = read_json("attributes", wish.order.removeprefix(ATTRIBUTE))
        n = f"coalesce({reading.real}, toFloat64({reading.integer}), toFloat64({reading.flag}))"
        return f"SELECT person, {n} AS n, {reading.text} AS t FROM profiles FINAL WHERE {tests}"
    column = _COLUMNS.get(wish.order, "person")
    return f"SELECT person, toNullable(toFloat64({column})) AS n, {nobody} FROM profiles FINAL WHERE {tests}"


def _after(cursor: str, descending: bool, parameters: Parameters) -> str:
    missing, is_text, number, text, person = decode_cursor(cursor, int, int, float, str, int)
    place = parameters.bind(int(bool(missing)), "UInt8")
    values = (
        parameters.bind(int(bool(is_text)), "UInt8"),
        parameters.bind(float(number), "Float64"),
        parameters.bind(text, "String"),
        parameters.bind(max(0, min(person, 2**32 - 1)), "UInt32"),
    )
    beyond = "<" if descending else ">"
    return (
        f"(missing > {place} OR (missing = {place} AND "
        f"(is_text, number, text, person) {beyond} ({', '.join(values)})))"
    )


def _instant(at: datetime, parameters: Parameters) -> str:
    milliseconds = round(at.astimezone(UTC).timestamp() * 1000)
    bounded = min(max(milliseconds, -2_208_988_800_000), 10_413_791_999_999)
    return f"fromUnixTimestamp64Milli({parameters.bind(bounded, 'Int64')}, 'UTC')"
