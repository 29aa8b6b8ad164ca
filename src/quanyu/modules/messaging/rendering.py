"""Liquid, strictly: a message with a missing value is refused, never sent with a hole in it.

What the parts of a message are, and what they become, each kind knows (``kinds/``).
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.infra.liquid_text import (
    BrokenTemplate,
    InvalidLiquid,
    LinkMaker,
    LiquidText,
    MissingValue,
    parse_liquid,
)
from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds import kind_of
from quanyu.modules.messaging.kinds.base import Rendered, Unrenderable

__all__ = ["Rendered", "Unrenderable", "attributes_of", "check_content", "parts_of", "render", "wants"]


def check_content(kind: MessageKind, content: Mapping[str, Any]) -> None:
    """Check the form and the Liquid of ``content``, before anyone is to receive it.

    Raises:
        InvalidContent: a part is missing, unknown or too long, or its Liquid cannot be parsed.
    """
    texts = {name: _parse(kind, name, source) for name, source in kind_of(kind).sources(content)}
    fixed = {name: text.constant for name, text in texts.items() if text.constant is not None}
    misfit = kind_of(kind).misfit(fixed)  # What says the same to everybody can be checked now.
    if misfit is not None:
        raise InvalidContent(
            f"{misfit.name}: {misfit.rule_en}", message_zh=f"{misfit.name}：{misfit.rule_zh}"
        )


def wants(kind: MessageKind, content: Mapping[str, Any], variable: str) -> bool:
    """Tell whether rendering needs a variable, for example the person's attributes."""
    return any(
        variable in _parse(kind, name, source).names for name, source in kind_of(kind).sources(content)
    )


def parts_of(kind: MessageKind, content: Mapping[str, Any], variable: str) -> frozenset[str]:
    """Return what rendering needs of a variable that has parts: ``a`` and ``b`` of ``x.a`` and ``x.b``."""
    return frozenset(
        path[1]
        for name, source in kind_of(kind).sources(content)
        for path in _parse(kind, name, source).paths
        if path[0] == variable and len(path) > 1
    )


def attributes_of(kind: MessageKind, content: Mapping[str, Any]) -> frozenset[str]:
    """Return the attributes of the person that are said: ``level`` and ``computed.paid``."""
    return frozenset(
        ".".join(path[1:])
        for name, source in kind_of(kind).sources(content)
        for path in _parse(kind, name, source).paths
        if path[0] == "person" and len(path) > 1
    )


def render(
    kind: MessageKind,
    content: Mapping[str, Any],
    variables: Mapping[str, Any],
    zone: ZoneInfo,
    links: LinkMaker | None = None,
) -> Rendered | Unrenderable:
    """Fill ``content`` with ``variables``; ``zone`` is where the date filter puts instants."""
    known = _without_nulls(variables)
    parts: dict[str, str] = {}
    for name, source in kind_of(kind).sources(content):
        try:
            parts[name] = _parse(kind, name, source).render(known, zone, links)
        except MissingValue as error:
            return Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, f"{name}: {error}"[:300])
        except BrokenTemplate as error:
            return Unrenderable(RefusalReason.TEMPLATE_ERROR, f"{name}: {error}"[:300])
    return kind_of(kind).fill(content, parts)


def _parse(kind: MessageKind, name: str, source: str) -> LiquidText:
    try:
        return parse_liquid(name, source, with_links=True, markup=name in kind_of(kind).markup)
    except InvalidLiquid as error:
        raise InvalidContent(error.message, message_zh=error.message_zh) from error


def _without_nulls(value: Any) -> Any:
    """Leave nulls out of mappings: an attribute without a value counts as missing."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value
