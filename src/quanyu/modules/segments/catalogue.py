"""What conditions can be built from: attributes, event names and properties seen in history.

Bounded: names come from the whole history, properties and attributes from a sample of each.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from quanyu.modules.events.asking.fields import check_path
from quanyu.modules.events.asking.readings import quote_path
from quanyu.modules.segments.compiler import LIVE_WHERE
from quanyu.modules.segments.contracts import Catalogue, CatalogueAttribute, CatalogueEvent, CatalogueProperty
from quanyu.modules.segments.history import SegmentHistory

NAMES_MAX: Final = 200
NAMES_PER_QUERY: Final = 50
EVENTS_SAMPLED: Final = 2_000  # Per name.
PEOPLE_SAMPLED: Final = 20_000
KEYS_MAX: Final = 200
EXAMPLES: Final = 5
_EXAMPLE_LENGTH: Final = 60

_TYPES: Final = {
    "String": "text",
    "Int64": "number",
    "UInt64": "number",
    "Float64": "number",
    "Bool": "boolean",
}


async def observe(history: SegmentHistory, names: Mapping[str, str]) -> Catalogue:
    """Look at history and return what it holds; ``names`` are those given to attributes."""
    events_seen = await history.rows(
        "SELECT name, count(), max(occurred_at) FROM events WHERE tenant_id = {tenant:UInt32} AND name != '' "
        "GROUP BY name ORDER BY count() DESC, name LIMIT {most:UInt32}",
        {"most": NAMES_MAX},
    )
    properties: dict[str, tuple[CatalogueProperty, ...]] = {}
    for start in range(0, len(events_seen), NAMES_PER_QUERY):
        part = events_seen[start : start + NAMES_PER_QUERY]
        properties |= await _properties(history, [row[0] for row in part])
    events = tuple(
        CatalogueEvent(name=name, count=count, last_seen_at=last, properties=properties.get(name, ()))
        for name, count, last in events_seen
    )
    return Catalogue(attributes=await _attributes(history, names), events=events)


async def _properties(
    history: SegmentHistory, names: Sequence[str]
) -> dict[str, tuple[CatalogueProperty, ...]]:
    parts = [
        f"SELECT {{n{index}:String}} AS name, distinctJSONPathsAndTypes(properties) FROM ("  # noqa: S608
        f"SELECT properties FROM events WHERE tenant_id = {{tenant:UInt32}} AND name = {{n{index}:String}} "
        f"LIMIT {EVENTS_SAMPLED})"
        for index in range(len(names))
    ]
    rows = await history.rows(
        " UNION ALL ".join(parts), {f"n{index}": name for index, name in enumerate(names)}
    )
    return {
        name: tuple(CatalogueProperty(key=key, type=kind) for key, kind in named_keys(paths))
        for name, paths in rows
    }


def named_keys(paths: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    """Return (key, type), the types of one key put together, of keys that a condition can name."""
    return [(key, _type_of(kinds)) for key, kinds in sorted(paths.items()) if _can_be_named(key)][:KEYS_MAX]


def _can_be_named(key: str) -> bool:
    try:
        check_path(key)
    except ValueError:
        return False  # People send keys such as "price." too; the warehouse itself cannot read those.
    return True


def _type_of(kinds: Iterable[str]) -> str:
    named = {_TYPES.get(kind, "list" if kind.startswith("Array") else "mixed") for kind in kinds}
    return named.pop() if len(named) == 1 else "mixed"


async def _attributes(history: SegmentHistory, names: Mapping[str, str]) -> tuple[CatalogueAttribute, ...]:
    sample = (
        f"(SELECT attributes FROM profiles FINAL WHERE {LIVE_WHERE} "  # noqa: S608
        f"ORDER BY person DESC LIMIT {PEOPLE_SAMPLED})"
    )
    found = await history.rows(f"SELECT distinctJSONPathsAndTypes(attributes) FROM {sample}")  # noqa: S608
    keys = named_keys(found[0][0]) if found else []
    if not keys:
        return ()
    columns = ", ".join(f"topKIf({EXAMPLES})({shown_sql(key)}, {shown_sql(key)} != '')" for key, _ in keys)
    examples = (await history.rows(f"SELECT {columns} FROM {sample}"))[0]  # noqa: S608
    return tuple(
        CatalogueAttribute(key=key, name=names.get(key), type=kind, examples=tuple(values))
        for (key, kind), values in zip(keys, examples, strict=True)
    )


def shown_sql(key: str) -> str:
    """Return the text of an attribute of one value, empty where it has none."""
    place = f"attributes.{quote_path(key)}"
    faces = [f"{place}.:`String`", *(f"toString({place}.:`{kind}`)" for kind in ("Int64", "Float64", "Bool"))]
    return f"substringUTF8(coalesce({', '.join(faces)}, ''), 1, {_EXAMPLE_LENGTH})"
