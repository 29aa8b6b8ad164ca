"""From what somebody chose in the wizard to a map, written as TOML: the same one the command line reads."""

import json
from collections.abc import Mapping
from typing import Any

from quanyu.flows.imports.errors import MapInvalid
from quanyu.flows.imports.mapfile import map_of
from quanyu.flows.imports.mapping import CellType, ImportKind, ImportMap
from quanyu.flows.imports.wizard.contracts import ColumnRole, ColumnUse, ImportPlan


def map_text_of(plan: ImportPlan, *, name: str) -> tuple[ImportMap, str]:
    """Return the checked map of a plan and its text; ``name`` names it in errors.

    Raises:
        MapInvalid: a column is used in a way that cannot be, or something that must be there is not.
    """
    _refuse_doubles(plan, name)
    values = _values(plan)
    return map_of(values, file=name), _toml(values)


def _values(plan: ImportPlan) -> dict[str, Any]:
    is_people = plan.kind is ImportKind.PEOPLE
    values: dict[str, Any] = {
        "kind": plan.kind.value,
        "source": plan.source,
        "time_zone": plan.time_zone,
        "rejects_max_share": plan.rejects_max_share,
        "decimals": "round",
        "null": list(plan.nulls),
        "thousands": plan.thousands or None,
        "file": _without_empty(plan.file.model_dump()),
        "time": _time(plan),
        "identifiers": {one.target: _identifier(one) for one in plan.uses(ColumnRole.IDENTIFIER)},
    }
    if is_people:
        values["traits"] = _fields(plan, ColumnRole.ATTRIBUTE)
        values["tags"] = {one.target: one.column for one in plan.uses(ColumnRole.TAGS)}
        values["consent"] = {
            one.target: {"column": one.column, "channel": one.scope or "*"}
            for one in plan.uses(ColumnRole.CONSENT)
        }
    else:
        values["event"] = _event(plan)
        values["properties"] = _fields(plan, ColumnRole.PROPERTY)
        values["context"] = {one.target: one.column for one in plan.uses(ColumnRole.CONTEXT)}
    return _without_empty(values)


def _time(plan: ImportPlan) -> dict[str, Any]:
    columns = [one.column for one in plan.uses(ColumnRole.TIME)]
    at = plan.at.isoformat() if plan.at is not None and not columns else None
    return _without_empty({"column": columns, "at": at, "formats": list(plan.formats)})


def _identifier(use: ColumnUse) -> Any:
    return {"column": use.column, "scope": use.scope} if use.scope else use.column


def _fields(plan: ImportPlan, role: ColumnRole) -> dict[str, Any]:
    return {
        one.target: one.column
        if one.type is CellType.TEXT
        else {"column": one.column, "type": one.type.value}
        for one in plan.uses(role)
    }


def _event(plan: ImportPlan) -> dict[str, Any]:
    named, ids = plan.uses(ColumnRole.EVENT_NAME), plan.uses(ColumnRole.MESSAGE_ID)
    name: Any = {"column": named[0].column} if named else plan.event_name.strip() or None
    return _without_empty({"name": name, "message_id": ids[0].column if ids else None})


def _refuse_doubles(plan: ImportPlan, name: str) -> None:
    """A target filled from two columns would silently lose one of them."""
    seen: dict[tuple[ColumnRole, str], str] = {}
    for one in plan.columns:
        if one.role in (ColumnRole.SKIP, ColumnRole.TIME):
            continue
        target = "" if one.role in (ColumnRole.EVENT_NAME, ColumnRole.MESSAGE_ID) else one.target
        other = seen.setdefault((one.role, target), one.column)
        if other != one.column:
            raise MapInvalid(
                f"{name}: the columns {other!r} and {one.column!r} are both to become {one.role} {target}",
                message_zh=f"{name}：“{other}”和“{one.column}”两列对应同一个目标 {target}",
                place=one.column,
            )


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _toml(values: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{_quoted(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case dict():
            return "{ " + ", ".join(f"{_quoted(key)} = {_value(one)}" for key, one in value.items()) + " }"
        case list():
            return "[" + ", ".join(_value(one) for one in value) + "]"
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """A TOML basic string is a JSON string, except that DEL must be escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
