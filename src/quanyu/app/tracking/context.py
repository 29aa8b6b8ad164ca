"""What is kept of a call's context: columns of the history, properties, and outside ids.

Source of the shapes: Segment common fields, public documentation read 2026-11.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import FactIdentifier

CONSENTS_MAX: Final = 50
CONSENT_NAME_MAX: Final = 100
TOLD_LENGTH_MAX: Final = 300  # Of a text of the context that becomes a property.
_EXTERNAL_IDS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Context:
    """The part of a call's context that becomes columns or properties, and the outside ids it carries."""

    columns: dict[str, str]
    identifiers: tuple[FactIdentifier, ...]
    properties: dict[str, str]  # Said of the event where it does not say otherwise itself.


def read_context(context: dict[str, Any]) -> Context:
    """Take from a Segment context what is kept of it: columns of the history, properties, external ids."""
    campaign = _sub(context, "campaign")
    columns = {
        "channel": text_of(context.get("channel")),
        "app": text_of(context.get("appId")) or text_of(_sub(context, "app").get("namespace")),
        "scene": text_of(context.get("scene")),
        "source_code": text_of(context.get("sourceCode")) or text_of(campaign.get("source")),
        "campaign": text_of(campaign.get("name")),
        "content": text_of(context.get("content")) or text_of(campaign.get("content")),
        "staff": text_of(context.get("staff")),
        "store": text_of(context.get("store")),
        "group_id": text_of(context.get("groupId")),
        "session": text_of(context.get("sessionId")),
        "device": text_of(_sub(context, "device").get("type")),
        "consent": _consent(_sub(context, "consent")),
    }
    return Context(
        {key: value for key, value in columns.items() if value},
        tuple(_external_ids(context.get("externalIds"))),
        {key: value for key, value in _told(context, campaign) if value},
    )


def _told(context: dict[str, Any], campaign: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What has no column and is worth asking about; of addresses no query, which may name people."""
    page = _sub(context, "page")
    yield "page_path", text_of(page.get("path"))[:TOLD_LENGTH_MAX]
    yield "page_title", text_of(page.get("title"))[:TOLD_LENGTH_MAX]
    yield "page_referrer", _bare_address(text_of(page.get("referrer")))[:TOLD_LENGTH_MAX]
    yield "utm_medium", text_of(campaign.get("medium"))[:TOLD_LENGTH_MAX]
    yield "utm_term", text_of(campaign.get("term"))[:TOLD_LENGTH_MAX]
    yield "os", text_of(_sub(context, "os").get("name"))[:TOLD_LENGTH_MAX]
    yield "locale", text_of(context.get("locale"))[:TOLD_LENGTH_MAX]


def _consent(consent: dict[str, Any]) -> str:
    """The choices of a consent banner, as JSON: kept in the log for the ledger of consent, no column."""
    choices = {
        name: chosen
        for name, chosen in _sub(consent, "categoryPreferences").items()
        if isinstance(chosen, bool) and len(name) <= CONSENT_NAME_MAX
    }
    return json.dumps(choices, ensure_ascii=False) if choices and len(choices) <= CONSENTS_MAX else ""


def _bare_address(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]


def merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Join two contexts, one level into their objects; the event's own word counts."""
    joined = {**shared, **own}
    for key in shared.keys() & own.keys():
        if isinstance(shared[key], dict) and isinstance(own[key], dict):
            joined[key] = {**shared[key], **own[key]}
    return joined


def _external_ids(entries: Any) -> Sequence[FactIdentifier]:
    if not isinstance(entries, list):
        return ()
    return [
        FactIdentifier(
            namespace=entry["type"], scope=text_of(entry.get("scope")), value=text_of(entry.get("id"))
        )
        for entry in entries[:_EXTERNAL_IDS_MAX]
        if isinstance(entry, dict) and isinstance(entry.get("type"), str) and text_of(entry.get("id"))
    ]


def text_of(value: Any) -> str:
    """Return a text or a whole number as text, anything else as none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _sub(context: dict[str, Any], key: str) -> dict[str, Any]:
    value = context.get(key)
    return value if isinstance(value, dict) else {}
