"""The questions of interests. No value of a caller is SQL text but a property's path, quoted."""

from typing import Any, Final

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.events.asking.readings import quote_path, read_json
from quanyu.modules.insight.interests.contracts import ITEMS, InterestProposal, InterestSettings
from quanyu.modules.insight.studies import acts
from quanyu.modules.people.traits import may_be_shown

HALF_LIVES: Final = 8  # What is older weighs less than half a percent.
NAMES_MOST: Final = 50
OF_EACH: Final = 500  # Read along the key: however long the history, this little is looked at.
PROPOSALS_MAX: Final = 40
VALUES_MOST: Final = 300
_LISTS: Final = "Array(Nullable(String))"
_AGO: Final = "({as_of_ms:Int64} - toUnixTimestamp64Milli(occurred_at)) / 86400000"


def interests_sql(fields: tuple[str, ...]) -> str:
    """Return a query for one row per person: who, categories, and how strongly, in the order of people."""
    found = ", ".join(_told(field) for field in fields)
    told = (
        "arrayFilter(one -> one != '', arrayDistinct(arrayMap(one -> transform(one, {values:Array(String)}, "
    )
    told += f"{{names:Array(String)}}, one), arrayConcat({found}))))"
    weight = (
        "transform(toString(name), {events:Array(String)}, {weights:Array(Float64)}, "
        "if(kind IN ('page', 'screen'), {page_weight:Float64}, {other_weight:Float64}))"
    )
    return (
        "SELECT who, groupArray(category) AS categories, groupArray(score) AS scores FROM ("  # noqa: S608
        "SELECT who, category, sum(says) AS score FROM ("
        f"SELECT {acts.WHO} AS who, {told} AS told, arrayJoin(told) AS category, "
        f"{weight} * exp2(-({_AGO}) / {{half_life:Float64}}) / length(told) AS says FROM events "
        f"WHERE {acts.ACTS} AND {acts.UP_TO} "
        "AND occurred_at > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')"
        ") WHERE says > 0 GROUP BY who, category ORDER BY who, category) GROUP BY who ORDER BY who"
    )


def bound(settings: InterestSettings, as_of_ms: int) -> dict[str, Any]:
    """Return what the query asks for."""
    return {
        "as_of_ms": as_of_ms,
        "from_ms": as_of_ms - HALF_LIVES * settings.half_life_days * 86_400_000,
        "values": [one.value for one in settings.names],
        "names": [one.category for one in settings.names],
        "events": [one.name for one in settings.weights],
        "weights": [one.weight for one in settings.weights],
        "page_weight": settings.page_weight,
        "other_weight": settings.other_weight,
        "half_life": float(settings.half_life_days),
    }


_NAMES: Final = (
    "SELECT name FROM events WHERE tenant_id = {tenant:UInt32} AND source != 'quanyu' "  # noqa: S608
    f"AND kind IN ('track', 'page', 'screen') GROUP BY name ORDER BY count() DESC, name LIMIT {NAMES_MOST}"
)


async def proposals(gate: TenantWarehouse, settings: InterestSettings) -> tuple[InterestProposal, ...]:
    """Return properties of some events of each name that may tell categories: 2 to 300 different texts."""
    names = [str(row[0]) for row in await gate.query(_NAMES)]
    if not names:
        return ()
    some = " UNION ALL ".join(
        "SELECT properties FROM events WHERE tenant_id = {tenant:UInt32} "  # noqa: S608
        f"AND name = {{name{at}:String}} LIMIT {OF_EACH}"
        for at in range(len(names))
    )
    named = {f"name{at}": name for at, name in enumerate(names)}
    rows = await gate.query(f"SELECT distinctJSONPathsAndTypes(properties) FROM ({some})", named)  # noqa: S608
    told = dict(rows[0][0]) if rows else {}
    paths = [
        path
        for path, types in sorted(told.items())
        if {"String", _LISTS} & set(types) and may_be_shown(False, path, "")
    ][:PROPOSALS_MAX]
    if not paths:
        return ()
    columns = ", ".join(
        f"countIf(notEmpty({_told(path)})), uniqArray({_told(path)}), topKArray(5)({_told(path)})"
        for path in paths
    )
    figures = (await gate.query(f"SELECT {columns} FROM ({some})", named))[0]  # noqa: S608
    found = [
        InterestProposal(
            field=path,
            events=int(figures[3 * at]),
            different=int(figures[3 * at + 1]),
            examples=tuple(str(one)[:100] for one in figures[3 * at + 2] if may_be_shown(False, path, one)),
            is_used=path in settings.fields,
        )
        for at, path in enumerate(paths)
    ]
    kept = [one for one in found if 2 <= one.different <= VALUES_MOST and one.examples]
    return tuple(sorted(kept, key=lambda one: (-one.events, one.field)))


def _told(field: str) -> str:
    """Return an array of the texts a field holds."""
    if field == ITEMS:
        return f"`{ITEMS}`"
    text = read_json("properties", field).text
    entries = f"properties.{quote_path(field)}.:`{_LISTS}`"
    return (
        f"arrayConcat(if(isNull({text}), [], [assumeNotNull({text})]), "
        f"arrayMap(one -> ifNull(one, ''), {entries}))"
    )
