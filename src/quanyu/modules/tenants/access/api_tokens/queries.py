"""Every statement about API tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork


class ApiTokenQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_valid(self, user_id: int | None, limit: int) -> Sequence[Any]:
        """Return tokens that have not expired, newest first: a member's own, or everybody's."""
        rows = await self._run(
            "SELECT t.id, t.name, t.hint, t.permissions, t.user_id, u.name AS member_name, t.created_at, "
            "t.expires_at, t.last_used_at FROM api_token t JOIN user_account u "
            "ON u.tenant_id = t.tenant_id AND u.id = t.user_id "
            "WHERE t.tenant_id = :tenant AND t.expires_at > :now "
            "AND (CAST(:user AS bigint) IS NULL OR t.user_id = :user) ORDER BY t.id DESC LIMIT :limit",
            user=user_id,
            now=self._uow.clock.now(),
            limit=limit,
        )
        found: Sequence[Any] = rows.all()
        return found

    async def count_valid_of(self, user_id: int) -> int:
        """Return how many tokens a member has; those that expired are removed."""
        await self._run(
            "DELETE FROM api_token WHERE tenant_id = :tenant AND user_id = :user AND expires_at <= :now",
            user=user_id,
            now=self._uow.clock.now(),
        )
        counted = await self._run(
            "SELECT count(*) FROM api_token WHERE tenant_id = :tenant AND user_id = :user", user=user_id
        )
        count: int = counted.scalar_one()
        return count

    async def lock_member(self, user_id: int) -> bool:
        """Keep a member's row until the commit; whether they are active."""
        found = await self._run(
            "SELECT 1 FROM user_account "
            "WHERE tenant_id = :tenant AND id = :user AND state = 'active' FOR UPDATE",
            user=user_id,
        )
        return found.first() is not None

    async def add(self, **values: Any) -> None:
        """Write a new token."""
        await self._run(
            "INSERT INTO api_token (tenant_id, id, user_id, digest, name, hint, permissions, created_at, "
            "expires_at) VALUES (:tenant, :id, :user, :digest, :name, :hint, :permissions, :now, :expires)",
            **values,
            now=self._uow.clock.now(),
        )

    async def remove(self, token_id: int, user_id: int | None) -> bool:
        """Remove a token, of this member if one is given; whether there was one."""
        removed = await self._run(
            "DELETE FROM api_token WHERE tenant_id = :tenant AND id = :id "
            "AND (CAST(:user AS bigint) IS NULL OR user_id = :user) RETURNING id",
            id=token_id,
            user=user_id,
        )
        return removed.first() is not None

    async def find(self, digest: bytes) -> Any:
        """Return a valid token with its active member and what their role allows."""
        found = await self._run(
            "SELECT t.id, t.name, t.permissions, t.last_used_at, u.id AS user_id, u.name AS member_name, "
            "u.role, r.permissions AS role_permissions FROM api_token t "
            "JOIN user_account u ON u.tenant_id = t.tenant_id AND u.id = t.user_id "
            "LEFT JOIN custom_role r ON r.tenant_id = u.tenant_id AND r.key = u.role "
            "WHERE t.tenant_id = :tenant AND t.digest = :digest AND t.expires_at > :now "
            "AND u.state = 'active'",
            digest=digest,
            now=self._uow.clock.now(),
        )
        return found.first()

    async def note_used(self, token_id: int, now: datetime) -> None:
        """Write when a token was last used."""
        await self._run(
            "UPDATE api_token SET last_used_at = :now WHERE tenant_id = :tenant AND id = :id",
            id=token_id,
            now=now,
        )

    async def _run(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id} | params)
