"""Every statement on ``gateway``."""

from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.gateways.contracts import GatewayChannel, GatewayId

GATEWAYS_MAX: Final = 200
_SELECT: Final = """
SELECT id, channel, key, name, settings, secret_sealed, created_at, updated_at FROM gateway
WHERE tenant_id = :tenant
"""
_SAVE: Final = """
INSERT INTO gateway AS g (tenant_id, id, channel, key, name, settings, secret_sealed, created_at, updated_at)
VALUES (:tenant, :id, :channel, :key, :name, CAST(:settings AS jsonb), :secret, :now, :now)
ON CONFLICT (tenant_id, channel, key) DO UPDATE SET
    name = excluded.name, settings = excluded.settings, secret_sealed = excluded.secret_sealed,
    updated_at = excluded.updated_at
RETURNING g.*
"""


class GatewayQueries:
    """Gateways of one brand."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_all(self, channel: GatewayChannel | None = None) -> list[Any]:
        rows = await self._uow.execute(
            f"{_SELECT} AND (:channel = '' OR channel = :channel) ORDER BY id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "channel": channel or "", "limit": GATEWAYS_MAX},
        )
        return list(rows)

    async def find(self, gateway_id: GatewayId) -> Any | None:
        rows = await self._uow.execute(
            f"{_SELECT} AND id = :id", {"tenant": self._uow.tenant_id, "id": gateway_id}
        )
        return rows.first()

    async def lock_by_key(self, channel: GatewayChannel, key: str) -> Any | None:
        rows = await self._uow.execute(
            f"{_SELECT} AND channel = :channel AND key = :key FOR UPDATE",
            {"tenant": self._uow.tenant_id, "channel": channel, "key": key},
        )
        return rows.first()

    async def save(
        self,
        gateway_id: GatewayId,
        *,
        channel: GatewayChannel,
        key: str,
        name: str,
        settings: str,
        secret: bytes,
    ) -> Any:
        """Insert, or replace all but the id of the gateway with this key; return the row."""
        rows = await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                "id": gateway_id,
                "channel": channel,
                "key": key,
                "name": name,
                "settings": settings,
                "secret": secret,
                "now": self._uow.clock.now(),
            },
        )
        return rows.one()
