"""Chooses the features: what people do, buy, carry and are, where it is common enough to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.events.asking.readings import quote_path
from quanyu.modules.segments.catalogue import named_keys, shown_sql
from quanyu.modules.segments.compiler import LIVE_WHERE
from quanyu.modules.segments.lookalike.contracts import FeatureKind
from quanyu.modules.segments.lookalike.features import Feature

NAMES_MAX: Final = 60
CHANNELS_MAX: Final = 12
CATEGORIES_MAX: Final = 40
TAGS_MAX: Final = 60
KEYS_MAX: Final = 80
VALUES_MAX: Final = 20  # An attribute with more values says who somebody is rather than what they are like.
FEW_NUMBERS: Final = 6  # A number with so few values is a grade.
CARRIERS_LEAST: Final = 10  # Of the sample: what fewer have compares nobody.
PEOPLE_SAMPLED: Final = 20_000
ORDERED: Final = "Order Completed"
# What our own house states about people is no act of theirs; memberships would only repeat the seed.
ACTS: Final = "tenant_id = {tenant:UInt32} AND person != 0 AND source != 'quanyu'"
UP_TO: Final = "occurred_at <= fromUnixTimestamp64Milli({as_of_ms:Int64}, 'UTC')"

_NAMES: Final = (
    f"SELECT name FROM events WHERE {ACTS} AND name != '' AND {UP_TO} "  # noqa: S608
    f"GROUP BY name ORDER BY uniq(person) DESC, name LIMIT {NAMES_MAX}"
)
_CHANNELS: Final = (
    f"SELECT channel FROM events WHERE {ACTS} AND channel != '' AND {UP_TO} "  # noqa: S608
    f"GROUP BY channel ORDER BY uniq(person) DESC, channel LIMIT {CHANNELS_MAX}"
)
_CATEGORIES: Final = (
    f"SELECT category FROM events ARRAY JOIN `items.category` AS category WHERE {ACTS} "  # noqa: S608
    f"AND name = '{ORDERED}' AND category != '' AND {UP_TO} "
    f"GROUP BY category ORDER BY uniq(person) DESC, category LIMIT {CATEGORIES_MAX}"
)
_CURRENCY: Final = (
    f"SELECT currency FROM events WHERE {ACTS} AND name = '{ORDERED}' AND isNotNull(revenue) AND {UP_TO} "  # noqa: S608
    "GROUP BY currency ORDER BY count() DESC, currency LIMIT 1"
)
_SAMPLE: Final = (
    f"(SELECT attributes, tags, first_seen_at, last_seen_at FROM profiles FINAL WHERE {LIVE_WHERE} "  # noqa: S608
    f"ORDER BY cityHash64(person) LIMIT {PEOPLE_SAMPLED})"
)
_TAGS: Final = (
    f"SELECT toString(tag) FROM {_SAMPLE} ARRAY JOIN tags AS tag GROUP BY tag "  # noqa: S608
    f"HAVING count() >= {CARRIERS_LEAST} ORDER BY count() DESC, tag LIMIT {TAGS_MAX}"
)
_QUARTERS: Final = "quantilesTDigest(0.25, 0.5, 0.75)"


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns in their order; those of one kind lie together."""

    features: tuple[Feature, ...]
    currency: str

    def first(self, kind: FeatureKind) -> int:
        """Return where columns of a kind begin."""
        return next(place for place, one in enumerate(self.features) if one.kind is kind)

    def of(self, kind: FeatureKind) -> list[Feature]:
        """Return the columns of a kind."""
        return [one for one in self.features if one.kind is kind]


async def plan_features(gate: TenantWarehouse, *, as_of_ms: int) -> Plan:
    """Look at history and profiles, and choose the columns."""
    bound = {"as_of_ms": as_of_ms}

    async def texts(sql: str) -> list[str]:
        return [str(one) for (one,) in await gate.query(sql, bound)]

    names = await texts(_NAMES)
    found = [Feature(FeatureKind.EVENT_COUNT, name) for name in names]
    found += [Feature(FeatureKind.EVENT_RECENCY, name) for name in names]
    currency = next(iter(await texts(_CURRENCY)), None)
    if currency is not None:
        found.append(Feature(FeatureKind.SPENT, currency))
    found += [Feature(FeatureKind.CATEGORY, name) for name in await texts(_CATEGORIES)]
    found += [Feature(FeatureKind.CHANNEL, name) for name in await texts(_CHANNELS)]
    found += [Feature(FeatureKind.TAG, tag) for tag in await texts(_TAGS)]
    found += await _attributes(gate)
    found += await _times(gate, as_of_ms)
    return Plan(tuple(found), currency or "")


async def _attributes(gate: TenantWarehouse) -> list[Feature]:
    rows = await gate.query(f"SELECT distinctJSONPathsAndTypes(attributes) FROM {_SAMPLE}")  # noqa: S608
    keys = named_keys(rows[0][0])[:KEYS_MAX] if rows else []
    if not keys:
        return []
    columns = ", ".join(_looked(key) for key, _ in keys)
    seen = (await gate.query(f"SELECT {columns} FROM {_SAMPLE}"))[0]  # noqa: S608
    flags: list[Feature] = []
    numbers: list[Feature] = []
    for (key, kind), (values, different, counts, quarters) in zip(keys, seen, strict=True):
        is_number = kind == "number"
        if is_number and different > FEW_NUMBERS:
            numbers.append(_number(FeatureKind.NUMBER, key, quarters))
        elif different <= VALUES_MAX:
            flags += [
                Feature(FeatureKind.ATTRIBUTE, key, value)
                for value, count in zip(values, counts, strict=True)
                if count >= CARRIERS_LEAST
            ]
    return flags + numbers


def _looked(key: str) -> str:
    """Return one attribute's column: (common values, how many there are, their carriers, quarters)."""
    text = shown_sql(key)
    counts = f"arrayZip(sumMapIf([{text}], [1], {text} != '').1, sumMapIf([{text}], [1], {text} != '').2)"
    top = f"arraySlice(arraySort(pair -> (-toInt64(pair.2), pair.1), {counts}), 1, {VALUES_MAX})"
    return (
        f"(arrayMap(pair -> pair.1, {top}), uniqExactIf({text}, {text} != ''), "
        f"arrayMap(pair -> pair.2, {top}), {_QUARTERS}({number_sql(key)}))"
    )


def number_sql(key: str) -> str:
    """Return an attribute as a number, NULL where it is none."""
    place = f"attributes.{quote_path(key)}"
    return f"coalesce(toFloat64({place}.:`Int64`), {place}.:`Float64`)"


async def _times(gate: TenantWarehouse, as_of_ms: int) -> list[Feature]:
    rows = await gate.query(
        f"SELECT {_QUARTERS}({days_sql('first_seen_at')}), {_QUARTERS}({days_sql('last_seen_at')}) "  # noqa: S608
        f"FROM {_SAMPLE}",
        {"as_of_ms": as_of_ms},
    )
    known, quiet = rows[0]
    return [
        _number(FeatureKind.KNOWN_DAYS, "", known),
        _number(FeatureKind.QUIET_DAYS, "", quiet),
    ]


def days_sql(column: str) -> str:
    """Return how many days ago an instant was."""
    return f"({{as_of_ms:Int64}} - toUnixTimestamp64Milli({column})) / 86400000"


def _number(kind: FeatureKind, name: str, quarters: Sequence[float]) -> Feature:
    low, middle, high = (0.0 if one != one else float(one) for one in quarters)
    return Feature(kind, name, center=middle, spread=max(high - low, abs(middle) * 0.01, 1e-9))
