"""Statements on connected corps and ``corp_secret``."""

from collections.abc import Iterable
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.accounts import AccountKind
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.contracts import Corp, CorpSecret

_LIST: Final = """
SELECT a.id, a.app_id, a.agent_id, a.name, a.base_url,
    ARRAY(SELECT s.kind FROM corp_secret s WHERE s.tenant_id = a.tenant_id AND s.account_id = a.id) AS kinds
FROM official_account a WHERE a.tenant_id = :tenant AND a.kind = :kind
"""
_SAVE: Final = """
INSERT INTO corp_secret (tenant_id, account_id, kind, sealed, updated_at)
VALUES (:tenant, :account, :kind, :sealed, :now)
ON CONFLICT (tenant_id, account_id, kind) DO UPDATE
    SET sealed = excluded.sealed, updated_at = excluded.updated_at
"""


class CorpQueries:
    """Corps without their secrets; to the secrets see ``SecretQueries``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_all(self) -> tuple[Corp, ...]:
        rows = await self._uow.execute(f"{_LIST} ORDER BY a.id", self._params())
        return tuple(_corp(row) for row in rows)

    async def find(self, account_id: AccountId) -> Corp | None:
        rows = await self._uow.execute(f"{_LIST} AND a.id = :id", {**self._params(), "id": account_id})
        row = rows.first()
        return None if row is None else _corp(row)

    async def ids_by_corp_id(self) -> dict[str, AccountId]:
        rows = await self._uow.execute(
            "SELECT app_id, id FROM official_account WHERE tenant_id = :tenant AND kind = :kind ORDER BY id",
            self._params(),
        )
        return {row.app_id: AccountId(row.id) for row in rows}

    def _params(self) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "kind": AccountKind.WECOM}


class SecretQueries:
    """The optional secrets of one corp, sealed."""

    def __init__(self, uow: UnitOfWork, keyring: KeyRing, account_id: AccountId) -> None:
        self._uow = uow
        self._keyring = keyring
        self._key = {"tenant": uow.tenant_id, "account": account_id}

    async def find(self, kind: CorpSecret) -> str | None:
        rows = await self._uow.execute(
            "SELECT sealed FROM corp_secret "
            "WHERE tenant_id = :tenant AND account_id = :account AND kind = :kind",
            {**self._key, "kind": kind},
        )
        sealed = rows.scalar()
        return None if sealed is None else self._keyring.open(sealed, context=self._context(kind)).decode()

    async def save(self, kind: CorpSecret, secret: str) -> None:
        """Keep a secret in place of the one before."""
        sealed = self._keyring.seal(secret.encode(), context=self._context(kind))
        await self._uow.execute(
            _SAVE, {**self._key, "kind": kind, "sealed": sealed, "now": self._uow.clock.now()}
        )

    async def remove(self, kinds: Iterable[CorpSecret]) -> None:
        await self._uow.execute(
            "DELETE FROM corp_secret "
            "WHERE tenant_id = :tenant AND account_id = :account AND kind = ANY(:kinds)",
            {**self._key, "kinds": list(kinds)},
        )

    def _context(self, kind: CorpSecret) -> bytes:
        # A row moved to another corp or kind does not open.
        return f"channels.corp_secret:{self._key['tenant']}:{self._key['account']}:{kind}".encode()


def _corp(row: Any) -> Corp:
    return Corp(
        id=AccountId(row.id),
        corp_id=row.app_id,
        agent_id=row.agent_id,
        name=row.name,
        base_url=row.base_url,
        secrets=frozenset({CorpSecret.APP, *map(CorpSecret, row.kinds)}),
    )
