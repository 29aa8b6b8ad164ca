"""Every statement about passwords."""

from collections.abc import Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork

_BRANDS_MAX: Final = 20


class PasswordQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def accounts_of(self, email: str) -> Sequence[Any]:
        """Return the active accounts of an address in all brands; for the platform itself."""
        rows = await self._uow.execute(
            "SELECT u.tenant_id, u.id, u.password_phc, b.key, b.name FROM user_account u "
            "JOIN brand b USING (tenant_id) WHERE u.email = :email AND u.state = 'active' "
            "ORDER BY u.tenant_id LIMIT :limit",
            {"email": email, "limit": _BRANDS_MAX},
        )
        return rows.all()

    async def lock_account(self, user_id: int) -> Any:
        """Return an active account: name, email, password_phc."""
        found = await self._run(
            "SELECT id, name, email, password_phc FROM user_account "
            "WHERE tenant_id = :tenant AND id = :user AND state = 'active' FOR UPDATE",
            user=user_id,
        )
        return found.first()

    async def set_password(self, user_id: int, phc: str) -> None:
        """Write a password."""
        await self._run(
            "UPDATE user_account SET password_phc = :phc WHERE tenant_id = :tenant AND id = :user",
            user=user_id,
            phc=phc,
        )

    async def is_taken(self, email: str, user_id: int) -> bool:
        """Whether another member has this address."""
        found = await self._run(
            "SELECT 1 FROM user_account WHERE tenant_id = :tenant AND email = :email AND id <> :user",
            email=email,
            user=user_id,
        )
        return found.first() is not None

    async def set_name_and_email(self, user_id: int, name: str, email: str) -> None:
        """Write name and address."""
        await self._run(
            "UPDATE user_account SET name = :name, email = :email WHERE tenant_id = :tenant AND id = :user",
            user=user_id,
            name=name,
            email=email,
        )

    async def end_sessions_but(self, user_id: int, digest: bytes) -> None:
        """End an account's sessions but one, and links that would still let somebody in."""
        await self._run(
            "DELETE FROM login_session WHERE tenant_id = :tenant AND user_id = :user AND digest <> :digest",
            user=user_id,
            digest=digest,
        )
        for table in ("login_code", "member_link"):
            await self._run(
                f"DELETE FROM {table} WHERE tenant_id = :tenant AND user_id = :user",  # noqa: S608
                user=user_id,
            )

    async def _run(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id} | params)
