"""Liquid, strictly: a message with a missing value is refused, never sent with a hole in it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.liquid_text import BrokenTemplate, InvalidLiquid, LiquidText, MissingValue, parse_liquid
from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent

_FIELDS_MAX: Final = 30
_SOURCE_MAX: Final = 10_000
_TEXT_BYTES_MAX: Final = 2_048  # The platform answers 45002 beyond it.


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes to the platform: the payload without its recipient, and what an operator is shown."""

    payload: Mapping[str, Any]
    preview: str
    digest: bytes  # SHA-256 of the payload in canonical form.


@dataclass(frozen=True, slots=True)
class Unrenderable:
    """Why there is nothing to send, with the detail for the operator (names, never values)."""

    reason: RefusalReason
    detail: str


def check_content(kind: MessageKind, content: Mapping[str, Any]) -> None:
    """Check the form and the Liquid of ``content``, before anyone is to receive it.

    Raises:
        InvalidContent: a part is missing, unknown or too long, or its Liquid cannot be parsed.
    """
    for name, source in _sources(kind, content):
        _parse(name, source)


def wants(kind: MessageKind, content: Mapping[str, Any], variable: str) -> bool:
    """Tell whether rendering needs a variable, for example the person's attributes."""
    return any(variable in _parse(name, source).names for name, source in _sources(kind, content))


def parts_of(kind: MessageKind, content: Mapping[str, Any], variable: str) -> frozenset[str]:
    """Return what rendering needs of a variable that has parts: ``a`` and ``b`` of ``x.a`` and ``x.b``."""
    return frozenset(
        path[1]
        for name, source in _sources(kind, content)
        for path in _parse(name, source).paths
        if path[0] == variable and len(path) > 1
    )


def attributes_of(kind: MessageKind, content: Mapping[str, Any]) -> frozenset[str]:
    """Return the attributes of the person that are said: ``level`` and ``computed.paid``."""
    return frozenset(
        ".".join(path[1:])
        for name, source in _sources(kind, content)
        for path in _parse(name, source).paths
        if path[0] == "person" and len(path) > 1
    )


def render(
    kind: MessageKind, content: Mapping[str, Any], variables: Mapping[str, Any], zone: ZoneInfo
) -> Rendered | Unrenderable:
    """Fill ``content`` with ``variables``; ``zone`` is where the date filter puts instants."""
    known = _without_nulls(variables)
    parts: dict[str, str] = {}
    for name, source in _sources(kind, content):
        try:
            parts[name] = _parse(name, source).render(known, zone)
        except MissingValue as error:
            return Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, f"{name}: {error}"[:300])
        except BrokenTemplate as error:
            return Unrenderable(RefusalReason.TEMPLATE_ERROR, f"{name}: {error}"[:300])
    return _text(parts) if kind is MessageKind.CUSTOMER_SERVICE_TEXT else _template(content, parts)


def _parse(name: str, source: str) -> LiquidText:
    try:
        return parse_liquid(name, source)
    except InvalidLiquid as error:
        raise InvalidContent(error.message, message_zh=error.message_zh) from error


def _text(parts: Mapping[str, str]) -> Rendered | Unrenderable:
    text = parts["text"].strip()
    if not text:
        return Unrenderable(RefusalReason.CONTENT_EMPTY, "text")
    if len(text.encode()) > _TEXT_BYTES_MAX:
        return Unrenderable(RefusalReason.CONTENT_TOO_LONG, "text")
    return _rendered({"msgtype": "text", "text": {"content": text}}, text)


def _template(content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
    fields = {name.removeprefix("data."): value for name, value in parts.items() if name.startswith("data.")}
    for name, value in fields.items():
        if not value.strip():
            return Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, f"data.{name}: empty")
    payload: dict[str, Any] = {
        "template_id": content["template_id"],
        "data": {name: {"value": value} for name, value in fields.items()},
    }
    if parts.get("url"):
        payload["url"] = parts["url"]
    return _rendered(payload, "\n".join(f"{name}: {value}" for name, value in fields.items()))


def _rendered(payload: Mapping[str, Any], preview: str) -> Rendered:
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Rendered(payload, preview, hashlib.sha256(canonical.encode()).digest())


def _sources(kind: MessageKind, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    if kind is MessageKind.CUSTOMER_SERVICE_TEXT:
        _only_keys(content, {"text"})
        return [("text", _source(content, "text"))]
    _only_keys(content, {"template_id", "data", "url"})
    if not isinstance(content.get("template_id"), str) or not content["template_id"]:
        raise InvalidContent("template_id: name the platform's template", message_zh="缺少 template_id")
    data = content.get("data")
    if not isinstance(data, Mapping) or not 1 <= len(data) <= _FIELDS_MAX:
        raise InvalidContent(f"data: give 1 to {_FIELDS_MAX} fields", message_zh="data 应为 1 至 30 个字段")
    sources = [(f"data.{name}", _source(data, name)) for name in data]
    return [*sources, ("url", _source(content, "url"))] if content.get("url") else sources


def _only_keys(content: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        named = ", ".join(unknown)[:250]
        raise InvalidContent(f"content has unknown parts: {named}", message_zh=f"内容含有未知的部分:{named}")


def _source(content: Mapping[str, Any], name: str) -> str:
    source = content.get(name)
    if not isinstance(source, str) or not source:
        raise InvalidContent(f"{name}: expected some Liquid text", message_zh=f"{name} 应为文本")
    if len(source) > _SOURCE_MAX:
        raise InvalidContent(
            f"{name}: longer than {_SOURCE_MAX} characters", message_zh=f"{name} 超过 {_SOURCE_MAX} 个字符"
        )
    return source


def _without_nulls(value: Any) -> Any:
    """Leave nulls out of mappings: an attribute without a value counts as missing."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value
