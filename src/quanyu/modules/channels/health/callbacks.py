"""The last callbacks, read from the sealed raw store."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.accounts import AccountKind
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.health.contracts import SeenCallback
from quanyu.modules.channels.products import PRODUCTS, Product
from quanyu.modules.channels.rules import epoch
from quanyu.wechat.callbacks.errors import CallbackRefused

# Stretches to look back: rows lie in time order and are found by their stretch, so a busy account
# is answered by the first and a quiet one by the last.
_LOOK_BACK: Final = (
    timedelta(seconds=10),
    timedelta(minutes=5),
    timedelta(hours=2),
    timedelta(days=1),
    timedelta(days=30),
)
_SUMMARY_MAX: Final = 120
_SUMMARIES: Final = ("content", "key", "scene", "url", "page_path", "recognition", "status", "event", "type")


async def last_callbacks(
    uow: UnitOfWork, keyring: KeyRing, kind: AccountKind, account_id: AccountId, *, limit: int
) -> tuple[SeenCallback, ...]:
    """Return up to ``limit`` callbacks of the last 30 days, newest first; for the platform role."""
    rows: list[Any] = []
    for stretch in _LOOK_BACK:
        found = await uow.execute(
            _LAST,
            {
                "tenant": uow.tenant_id,
                "account": account_id,
                "since": uow.clock.now() - stretch,
                "limit": limit,
            },
        )
        rows = list(found)
        if len(rows) >= limit:
            break
    return tuple(_seen(row, keyring, PRODUCTS[kind]) for row in rows)


def _seen(row: Any, keyring: KeyRing, product: Product[Any]) -> SeenCallback:
    document = keyring.open(bytes(row.sealed), context=b"channels.raw_callback")
    name, summary, occurred_at = _told(document, product)
    return SeenCallback(
        received_at=row.received_at,
        occurred_at=occurred_at or row.received_at,
        name=name,
        summary=summary,
        person_id=None if row.person_id is None else encode_id("per", row.person_id),
        answered_by=None if row.reply is None else str(msgspec.json.decode(row.reply).get("by", "")),
    )


def _told(document: bytes, product: Product[Any]) -> tuple[str, str, datetime | None]:
    try:
        callback = product.parse(document)
        said = product.translate(callback)
        texts = [str(said.properties[name]) for name in _SUMMARIES if said.properties.get(name)]
        return said.name, (texts[0] if texts else "")[:_SUMMARY_MAX], epoch(callback.CreateTime)
    except (CallbackRefused, ValueError, OverflowError, OSError):
        return "unreadable", "", None  # Kept all the same; an older version may have understood it.


_LAST: Final = """
SELECT r.received_at, r.sealed, r.reply::text AS reply, f.person_id FROM raw_callback r
LEFT JOIN follower f ON f.tenant_id = r.tenant_id AND f.account_id = r.account_id
    AND f.openid_token = r.openid_token
WHERE r.tenant_id = :tenant AND r.account_id = :account AND r.received_at >= :since
ORDER BY r.received_at DESC, r.delivery LIMIT :limit
"""
