"""Access tokens and tickets in PostgreSQL, sealed, with the lease that makes fetching a single flight."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.wechat.tokens import AccessToken


class TokenUse(StrEnum):
    """What a token opens."""

    CALL = "call"  # The server API.
    JS = "js"  # The JS-SDK of web pages: ``jsapi_ticket``.
    # Of corps of WeCom: ``CALL`` is the app's.
    AGENT_JS = "agent_js"  # ``wx.agentConfig``
    CONTACTS = "contacts"
    SERVICE = "service"
    ARCHIVE = "archive"


_CONTEXTS: Final = {
    TokenUse.CALL: "access_token",
    TokenUse.JS: "js_ticket",
    TokenUse.AGENT_JS: "agent_js_ticket",
    TokenUse.CONTACTS: "contacts_token",
    TokenUse.SERVICE: "service_token",
    TokenUse.ARCHIVE: "archive_token",
}


class PostgresTokenStore:
    """One row of ``access_token``; each method is one short transaction."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        tenant_id: TenantId,
        account_id: AccountId,
        use: TokenUse = TokenUse.CALL,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenant_id = tenant_id
        self._key = {"tenant": tenant_id, "account": account_id, "use": use}
        # A row moved to another account or use does not open.
        self._context = f"channels.{_CONTEXTS[use]}:{tenant_id}:{account_id}".encode()

    async def find(self) -> AccessToken | None:
        """Return the stored token."""
        async with self._uows.system(self._tenant_id) as uow:
            rows = await uow.execute(
                "SELECT sealed, fetched_at, expires_at FROM access_token "
                "WHERE tenant_id = :tenant AND account_id = :account AND use = :use",
                self._key,
            )
            row = rows.first()
        if row is None or row.sealed is None:
            return None
        value = self._keyring.open(bytes(row.sealed), context=self._context).decode()
        return AccessToken(value, row.fetched_at, row.expires_at)

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        """Become the one who fetches, unless another holds the lease."""
        now = _real_now()
        async with self._uows.system(self._tenant_id) as uow:
            taken = await uow.execute(
                "INSERT INTO access_token (tenant_id, account_id, use, lease_holder, lease_until) "
                "VALUES (:tenant, :account, :use, :holder, :until) "
                "ON CONFLICT (tenant_id, account_id, use) DO UPDATE "
                "SET lease_holder = excluded.lease_holder, lease_until = excluded.lease_until "
                "WHERE access_token.lease_until IS NULL OR access_token.lease_until < :now",
                {**self._key, "holder": holder, "until": now + timedelta(seconds=seconds), "now": now},
            )
            return taken.rowcount == 1

    async def save(self, holder: str, token: AccessToken) -> None:
        """Store the token and give the lease back; ignored if ``holder`` lost the lease meanwhile."""
        async with self._uows.system(self._tenant_id) as uow:
            await uow.execute(
                "UPDATE access_token SET sealed = :sealed, fetched_at = :fetched, expires_at = :expires, "
                "lease_holder = NULL, lease_until = NULL "
                "WHERE tenant_id = :tenant AND account_id = :account AND use = :use "
                "AND lease_holder = :holder",
                {
                    **self._key,
                    "sealed": self._keyring.seal(token.value.encode(), context=self._context),
                    "fetched": token.fetched_at,
                    "expires": token.expires_at,
                    "holder": holder,
                },
            )

    async def give_lease_back(self, holder: str) -> None:
        """Let another try; after a failed fetch."""
        async with self._uows.system(self._tenant_id) as uow:
            await uow.execute(
                "UPDATE access_token SET lease_holder = NULL, lease_until = NULL "
                "WHERE tenant_id = :tenant AND account_id = :account AND use = :use "
                "AND lease_holder = :holder",
                {**self._key, "holder": holder},
            )


def _real_now() -> datetime:
    # Leases outlive network calls, which take real time whatever the business clock plays.
    return datetime.now(UTC)
