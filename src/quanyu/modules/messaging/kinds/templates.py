"""What kinds made from a template of the platform share: its id, and a value for each field."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds.base import Kind, Sources, Unrenderable, source

FIELDS_MAX: Final = 30
_DATA: Final = "data."


class Templated(Kind):
    """``{"template_id": …, "data": {field: …}, …}``"""

    def template_id(self, content: Mapping[str, Any]) -> str | None:
        found = content.get("template_id")
        return found if isinstance(found, str) else None


def field_sources(content: Mapping[str, Any]) -> Sources:
    """Return the Liquid of each field, as ``data.<field>``."""
    require_template(content)
    data = content.get("data")
    if not isinstance(data, Mapping) or not 1 <= len(data) <= FIELDS_MAX:
        raise InvalidContent(f"data: give 1 to {FIELDS_MAX} fields", message_zh="data 应为 1 至 30 个字段")
    return [(field_name(name), source(data, name)) for name in data]


def require_template(content: Mapping[str, Any]) -> None:
    """Refuse content that names no template."""
    if not isinstance(content.get("template_id"), str) or not content["template_id"]:
        raise InvalidContent("template_id: name the platform's template", message_zh="缺少 template_id")


def field_name(field: str) -> str:
    """Return the name of a field's part."""
    return f"{_DATA}{field}"


def fields_of(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the rendered fields by their names."""
    return {name.removeprefix(_DATA): value for name, value in parts.items() if name.startswith(_DATA)}


def empty_field(fields: Mapping[str, str]) -> Unrenderable | None:
    """Say which field came out empty."""
    for name, value in fields.items():
        if not value.strip():
            return Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, f"{_DATA}{name}: empty")
    return None


def values(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the fields as the platform takes them."""
    return {name: {"value": value} for name, value in fields.items()}


def preview(fields: Mapping[str, str]) -> str:
    """Return the fields as an operator reads them."""
    return "\n".join(f"{name}: {value}" for name, value in fields.items())
