"""Helpers of the import tests: maps and files small enough to read in the test."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from quanyu.flows.imports.chunks import read_chunk
from quanyu.flows.imports.prepare import Manifest, PrepareJob, prepare
from quanyu.flows.imports.prepared import PreparedEvent

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)

ORDERS_MAP = """
kind = "orders"
source = "shop"
time_zone = "Europe/London"
currency = "GBP"

[time]
column = "date"
formats = ["%Y-%m-%d %H:%M"]

[identifiers]
user_id = "customer"

[orders]
order_id = "order"
credit_note = { prefix = "C" }

[lines]
product_id = "sku"
name = "name"
quantity = "quantity"
price = "price"

[properties]
country = "country"
"""
ORDERS_HEADER = "order,sku,name,quantity,date,price,customer,country"


def prepared(
    directory: Path,
    content: str | bytes,
    import_map: str,
    *,
    name: str = "file.csv",
    dry_run: bool = False,
    plan_json: str = "",
) -> tuple[Manifest, list[PreparedEvent]]:
    """Prepare a file with this content; return what was found and every event in the order of the chunks."""
    file = directory / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return prepared_file(file, directory / "job", import_map, dry_run=dry_run, plan_json=plan_json)


def prepared_file(
    file: Path, job_directory: Path, import_map: str, *, dry_run: bool = False, plan_json: str = ""
) -> tuple[Manifest, list[PreparedEvent]]:
    """Prepare a file that is there."""
    job_directory.mkdir(parents=True)
    job = PrepareJob(
        file=str(file),
        map_text=import_map,
        map_name="map.toml",
        directory=str(job_directory),
        now=NOW,
        dry_run=dry_run,
        plan_json=plan_json,
    )
    manifest = prepare(job, lambda _: None)
    chunks = job_directory / "chunks"
    events = [event for number in range(1, manifest.chunks + 1) for event in read_chunk(chunks, number)]
    return manifest, events


def lines(*rows: str, header: str = ORDERS_HEADER) -> str:
    """Return CSV text."""
    return "\n".join([header, *rows]) + "\n"


def items_of(event: PreparedEvent) -> list[dict[str, Any]]:
    """Return an order's lines."""
    decoded: list[dict[str, Any]] = msgspec.json.decode(event.items_json)
    return decoded


def total_of(event: PreparedEvent) -> Decimal:
    """Add up an order's lines."""
    return sum((Decimal(one["price"]) * Decimal(one["quantity"]) for one in items_of(event)), Decimal(0))


def by_message_id(events: list[PreparedEvent]) -> Mapping[str, PreparedEvent]:
    """Return events by their permanent key; a key that is there twice is a defect."""
    found = {event.message_id: event for event in events}
    assert len(found) == len(events)
    return found
