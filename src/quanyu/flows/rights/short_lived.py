"""What an erasure need not wait for: files that go by themselves before long, and how many there are."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork

_CONTEXT: Final = b"rights.sought"
LIFE: Final = timedelta(days=30)  # Of uploads, and of rows of lists that named nobody.


async def imports(uow: UnitOfWork) -> tuple[list[int], list[int]]:
    """Return the brand's imports under way, and those that ended."""
    rows = await uow.execute(
        "SELECT id, finished_at IS NULL AS is_open FROM import_job WHERE tenant_id = :tenant ORDER BY id",
        {"tenant": uow.tenant_id},
    )
    known = rows.all()
    return [row.id for row in known if row.is_open], [row.id for row in known if not row.is_open]


async def remaining(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """Return, by store, how many things there are that may name anybody, and when the last of them goes."""
    rows = await uow.execute(
        """
        SELECT 'import_file' AS store, count(*) AS things, max(created_at) AS newest
        FROM import_file WHERE tenant_id = :tenant
        UNION ALL
        SELECT 'segment_list_version', count(*), max(made_at)
        FROM segment_list_version WHERE tenant_id = :tenant AND rejects_sealed IS NOT NULL
        """,
        {"tenant": uow.tenant_id},
    )
    return {row.store: {"count": row.things, "until": _until(row.newest)} for row in rows if row.things}


async def seal_sought(uow: UnitOfWork, keyring: KeyRing, tokens: Sequence[bytes]) -> str:
    """Return the values of identifiers, sealed together."""
    rows = await uow.execute(
        "SELECT sealed FROM identity WHERE tenant_id = :tenant AND token = ANY(CAST(:tokens AS bytea[])) "
        "ORDER BY token",
        {"tenant": uow.tenant_id, "tokens": list(tokens)},
    )
    values = [keyring.open(bytes(row.sealed)).decode() for row in rows]
    return base64.b64encode(keyring.seal(json.dumps(values).encode(), context=_CONTEXT)).decode()


def open_sought(keyring: KeyRing, sealed: str) -> list[str]:
    """Return what ``seal_sought`` sealed."""
    values: list[str] = json.loads(keyring.open(base64.b64decode(sealed), context=_CONTEXT))
    return values


def _until(newest: datetime) -> str:
    return (newest + LIFE).date().isoformat()
