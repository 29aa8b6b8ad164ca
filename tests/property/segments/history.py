"""Writes a random world into the real warehouse, through the format the pipeline uses."""

import json
from datetime import UTC, datetime
from typing import Any, Protocol

from property.segments.worlds import World
from quanyu.modules.segments.oracle import HistoryEvent, HistoryItem

_JSON = {"input_format_try_infer_dates": 0, "input_format_try_infer_datetimes": 0}
_CONTEXT = {"source": "source_code", "group": "group_id"}


class Client(Protocol):
    """What these helpers need of a ClickHouse client."""

    def raw_insert(
        self,
        table: str,
        column_names: list[str],
        insert_block: bytes,
        settings: dict[str, Any],
        fmt: str,
    ) -> Any: ...
    def command(self, cmd: str) -> Any: ...


def stamp(at: datetime) -> str:
    """Write an instant as ClickHouse reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def insert(client: Client, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows as JSON lines."""
    if rows:
        block = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
        client.raw_insert(table, list(rows[0]), block, _JSON, "JSONEachRow")


def event_row(event: HistoryEvent, tenant: int) -> dict[str, Any]:
    """Return an event as a row of ``events``, context and items in JSON as the pipeline writes them."""
    texts = dict(event.texts)
    context = {
        _CONTEXT.get(name, name): texts.pop(f"context.{name}")
        for name in [key.removeprefix("context.") for key in event.texts if key.startswith("context.")]
    }
    return {
        "tenant_id": tenant,
        "name": event.name,
        "person": event.person,
        "occurred_at": stamp(event.occurred_at),
        "position": event.position,
        "order_id": texts.get("order_id", ""),
        "currency": texts.get("currency", ""),
        "revenue": None if event.revenue is None else str(event.revenue),
        "quantity": None if event.quantity is None else str(event.quantity),
        "properties": dict(event.properties),
        "context_json": json.dumps(context),
        "items_json": json.dumps([item_json(item) for item in event.items]),
    }


def item_json(item: HistoryItem) -> dict[str, Any]:
    """Return a line item; amounts are text, so that nothing becomes a float on the way."""
    line: dict[str, Any] = {**item.texts, "price": str(item.price), "quantity": str(item.quantity)}
    if item.occurred_at is not None:
        line["occurred_at"] = item.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return line


def load(client: Client, world: World, tenant: int) -> None:
    """Write people, history and merges."""
    insert(
        client,
        "profiles",
        [
            {
                "tenant_id": tenant,
                "person": person,
                "attributes": dict(attributes),
                "deleted": int(person in world.deleted),
                "version": 1,
                "tags": sorted(world.tags.get(person, ())),
            }
            for person, attributes in world.profiles.items()
        ],
    )
    insert(client, "events", [event_row(event, tenant) for event in world.events])
    insert(
        client,
        "person_alias",
        [
            {"tenant_id": tenant, "person": person, "canonical": canonical, "version": 1}
            for person, canonical in world.aliases.items()
        ],
    )
    insert(
        client,
        "segment_membership",
        [
            {
                "tenant_id": tenant,
                "segment_id": segment,
                "person": person,
                "since": stamp(since),
                "version": 1,
                "member": 1,
            }
            for segment, members in world.segments.items()
            for person, since in sorted(members.items())
        ],
    )
    insert(
        client,
        "company_contact",
        [
            {
                "tenant_id": tenant,
                "company": number,
                "person": person,
                "roles": sorted(place.roles),
                "says": dict(place.says),
                "segments": sorted(place.segments),
                "version": 1,
            }
            for person, places in world.companies.items()
            for number, place in enumerate(places)
        ],
    )
    client.command("SYSTEM RELOAD DICTIONARY person_canonical")
