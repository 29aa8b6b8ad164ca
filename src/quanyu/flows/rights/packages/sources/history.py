"""What somebody did: from the log, from the archive where the log let go, and what the warehouse alone has.

An event is told once, from the place that says most of it: the log and the archive hold what is personal
in it, which the warehouse never had.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.sources.base import Asked, Page, Tools
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.events.archive.reader import LogArchive

EVENTS: Final = "events"
_BATCHES: Final = 500  # Looked at in one transaction.
_AT_ONCE: Final = 2_000  # Events of one answer of the warehouse.
_COLUMNS: Final = (
    "position", "kind", "name", "source", "message_id", "occurred_at", "received_at", "properties",
    "context", "items", "order_id", "revenue", "currency", "quantity", "sealed",
)  # fmt: skip
_LOG: Final = f"""
SELECT {", ".join(f"l.{one}" for one in _COLUMNS)} FROM (
    SELECT b.from_xid, b.to_xid, b.received_from, b.received_to, p.position
    FROM log_batch b CROSS JOIN unnest(b.positions, b.person_ids) AS p (position, person_id)
    WHERE b.tenant_id = :tenant AND b.batch_id > :after AND b.batch_id <= :upto
        AND b.person_ids && CAST(:people AS int[]) AND p.person_id = ANY(CAST(:people AS int[]))
) t
JOIN log_event l ON l.tenant_id = :tenant AND l.position = t.position
    AND l.xid BETWEEN t.from_xid AND t.to_xid AND l.received_at BETWEEN t.received_from AND t.received_to
ORDER BY l.position
"""  # noqa: S608 - constants.
_POSITIONS: Final = """
SELECT position FROM events WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
ORDER BY position
"""
_KEPT: Final = """
SELECT position, kind, name, source, message_id, occurred_at, received_at, toJSONString(properties),
    order_id, revenue, currency, quantity, channel, app, scene, source_code, campaign, content, staff, store,
    group_id, session, device, `items.product_id`, `items.sku`, `items.name`, `items.category`, `items.brand`,
    `items.variant`, `items.coupon`, `items.price`, `items.quantity`
FROM events WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
    AND position IN {positions:Array(UInt64)}
ORDER BY position
"""
_ONE_EACH: Final = 12  # Columns of an event before what it came with.
_CONTEXT: Final = (
    "channel", "app", "scene", "source_code", "campaign", "content", "staff", "store", "group_id",
    "session", "device",
)  # fmt: skip
_ITEM: Final = (
    "product_id", "sku", "name", "category", "brand", "variant", "coupon", "price", "quantity",
)  # fmt: skip
_PROFILE: Final = """
SELECT person, toJSONString(attributes), first_seen_at, last_seen_at FROM profiles FINAL
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND deleted = 0 ORDER BY person
"""


@dataclass(frozen=True, slots=True)
class LogEvents:
    """Events of the last weeks."""

    tools: Tools
    section: str = EVENTS
    store: Store = Store.LOG

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the events of the next batches."""
        first = int(after or 0)
        (newest,) = await self.tools.rows(
            asked.tenant_id,
            "SELECT coalesce(max(batch_id), 0) AS id FROM log_batch WHERE tenant_id = :tenant",
        )
        found = await self.tools.rows(
            asked.tenant_id, _LOG, after=first, upto=first + _BATCHES, people=list(asked.whom.people)
        )
        upto = first + _BATCHES
        return Page(
            [_told(self.tools, row) for row in _fresh(asked, found)], upto if upto < newest["id"] else None
        )


@dataclass(frozen=True, slots=True)
class ArchivedEvents:
    """Events of days that the log let go of, a file at a time."""

    tools: Tools
    archive: LogArchive
    section: str = EVENTS
    store: Store = Store.ARCHIVE

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the events of the next file.

        Raises:
            ArchiveFileMissing, ArchiveDamaged: nothing is skipped.
        """
        file, found = await self.archive.read_people(
            self.tools.uows, asked.tenant_id, asked.whom.people, after=after, columns=_COLUMNS
        )
        return Page([_told(self.tools, row) for row in _fresh(asked, found)], file)


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """Events that neither log nor archive have."""

    tools: Tools
    warehouse: Warehouse
    section: str = EVENTS
    store: Store = Store.WAREHOUSE

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the next of them; ``after`` counts on what was seen being told again after a new start."""
        gate, people = self.warehouse.for_tenant(asked.tenant_id), list(asked.whom.people)
        known = await gate.query(_POSITIONS, {"people": people})
        missing = [position for (position,) in known if position not in asked.seen]
        next_ones = missing[:_AT_ONCE]
        if not next_ones:
            return Page()
        found = await gate.query(_KEPT, {"people": people, "positions": next_ones})
        asked.seen.update(next_ones)
        return Page([_kept(row) for row in found], next_ones[-1] if len(missing) > _AT_ONCE else None)


@dataclass(frozen=True, slots=True)
class WarehouseProfile:
    """The copy of a profile that segments are counted by."""

    tools: Tools
    warehouse: Warehouse
    section: str = "profiles"
    store: Store = Store.WAREHOUSE

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return it, for every id the person has."""
        found = await self.warehouse.for_tenant(asked.tenant_id).query(
            _PROFILE, {"people": list(asked.whom.people)}
        )
        return Page(
            [
                {
                    "person_id": person,
                    "attributes": json.loads(told),
                    "first_seen_at": first,
                    "last_seen_at": last,
                }
                for person, told, first, last in found
            ]
        )


def _fresh(asked: Asked, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return events that were not told yet, and remember them."""
    fresh = [row for row in rows if row["position"] not in asked.seen and row["kind"] is not None]
    asked.seen.update(row["position"] for row in fresh)
    return fresh


def _told(tools: Tools, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: _parsed(row[name]) for name in _COLUMNS if name != "sealed" and row[name] not in (None, "")}
    if row["sealed"] and (personal := tools.opened(bytes(row["sealed"]))):
        told["personal"] = json.loads(personal)
    return told


def _parsed(value: Any) -> Any:
    """JSON comes from the database taken apart, and from files as the text it was."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def _kept(row: tuple[Any, ...]) -> dict[str, Any]:
    told = dict(zip((*_COLUMNS[:8], *_COLUMNS[10:14]), row[:_ONE_EACH], strict=True))
    told["properties"] = json.loads(row[7])
    context = dict(zip(_CONTEXT, row[_ONE_EACH : _ONE_EACH + len(_CONTEXT)], strict=True))
    told["context"] = {name: value for name, value in context.items() if value}
    items = zip(*row[_ONE_EACH + len(_CONTEXT) :], strict=True)
    told["items"] = [dict(zip(_ITEM, item, strict=True)) for item in items]
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}
