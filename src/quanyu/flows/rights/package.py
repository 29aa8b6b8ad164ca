"""Everything held about somebody, to be handed over: a JSON file and a page to read, zipped."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any, Final

from quanyu.flows.rights import tables
from quanyu.flows.rights.holdings import HOLDINGS, Fate
from quanyu.flows.rights.tables import Whom
from quanyu.infra.crypto import CannotOpen, KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.messaging.sealing import Sealer

EVENTS_MAX: Final = 50_000
_NOT_SHOWN: Final = (
    "tenant_id",
    "grams",
    "keys",
    "counted",
    "digest",
    "source_hash",
    "body_hash",
    "worker_id",
)
_EVENTS: Final = """
SELECT name, kind, occurred_at, source, channel, toJSONString(properties), order_id, revenue, currency
FROM events WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
ORDER BY occurred_at, position LIMIT {limit:UInt32}
"""


async def collect(
    uow: UnitOfWork, gate: TenantWarehouse, keyring: KeyRing, whom: Whom
) -> dict[str, list[dict[str, Any]]]:
    """Return what every store holds about somebody, sealed values opened, by table."""
    found: dict[str, list[dict[str, Any]]] = {"identifiers": await _identifiers(uow, keyring, whom)}
    for holding in HOLDINGS:
        if holding.fate is not Fate.ELSEWHERE:
            rows = [
                _readable(row, keyring) | _message(uow, holding.table, row, keyring)
                for row in await tables.show(uow, holding, whom)
            ]
            if rows:
                found.setdefault(holding.table, []).extend(rows)
    events = await gate.query(_EVENTS, {"people": list(whom.people), "limit": EVENTS_MAX})
    columns = (
        "name",
        "kind",
        "occurred_at",
        "source",
        "channel",
        "properties",
        "order_id",
        "revenue",
        "currency",
    )
    found["events"] = [
        {**dict(zip(columns, row, strict=True)), "properties": json.loads(row[5])} for row in events
    ]
    return found


def zipped(found: Mapping[str, Sequence[Mapping[str, Any]]], *, brand: str, at: datetime) -> bytes:
    """Return the package: ``data.json`` and ``data.html``."""
    document = {"brand": brand, "made_at": at, "data": found}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(document, ensure_ascii=False, indent=1, default=_plain))
        file.writestr("data.html", _page(found, brand, at))
    return buffer.getvalue()


async def _identifiers(uow: UnitOfWork, keyring: KeyRing, whom: Whom) -> list[dict[str, Any]]:
    rows = await uow.execute(
        "SELECT namespace, scope, sealed, first_seen_at FROM identity "
        "WHERE tenant_id = :tenant AND token = ANY(CAST(:tokens AS bytea[])) "
        "ORDER BY first_seen_at, namespace",
        {"tenant": uow.tenant_id, "tokens": list(whom.tokens)},
    )
    return [
        {
            "kind": row.namespace,
            "scope": row.scope,
            "value": keyring.open(bytes(row.sealed)).decode(),
            "first_seen_at": row.first_seen_at,
        }
        for row in rows
    ]


def _readable(row: Mapping[str, Any], keyring: KeyRing) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes | memoryview):
            if "sealed" in name and (text := _opened(bytes(value), keyring)):
                shown[name.removesuffix("_sealed").replace("sealed", "value")] = text
        elif value is not None and name not in _NOT_SHOWN and not name.endswith("token"):
            shown[name] = value
    return shown


def _message(uow: UnitOfWork, table: str, row: Mapping[str, Any], keyring: KeyRing) -> dict[str, Any]:
    """Return the words of a message: they open only as the message they were sealed for."""
    if table != "message_intent" or not row["sealed"]:
        return {}
    try:
        return {"words": Sealer(keyring).open(uow.tenant_id, row["id"], bytes(row["sealed"])).preview}
    except CannotOpen:  # Its key is gone: that there was a message stays.
        return {}


def _opened(sealed: bytes, keyring: KeyRing) -> str:
    try:
        return keyring.open(sealed).decode()
    except (CannotOpen, UnicodeDecodeError):
        return ""  # Sealed for a purpose of its own, for example a message: see there.


def _page(found: Mapping[str, Sequence[Mapping[str, Any]]], brand: str, at: datetime) -> str:
    parts = [f"<h1>{escape(brand)}</h1><p>{at.isoformat()}</p>"]
    for table, rows in found.items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_words(row.get(name)))}</td>" for name in columns) + "</tr>"
            for row in rows
        )
        parts.append(f"<h2>{escape(table)} ({len(rows)})</h2><table><tr>{head}</tr>{body}</table>")
    style = "body{font:14px/1.5 system-ui}table{border-collapse:collapse}td,th{border:1px solid #ccc}"
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(brand)}</title>'
        f"<style>{style}</style>{''.join(parts)}</html>"
    )


def _words(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)
