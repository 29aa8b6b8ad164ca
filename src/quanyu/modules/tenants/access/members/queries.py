"""Every statement about members and their links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.tenants.access.members.contracts import AccountState, Standing
from quanyu.modules.tenants.access.rules import permissions_of

_STANDING: Final = (
    "SELECT u.id, u.role, u.state, r.permissions FROM user_account u LEFT JOIN custom_role r "
    "ON r.tenant_id = u.tenant_id AND r.key = u.role WHERE u.tenant_id = :tenant"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMember:
    """A member as lists need them."""

    standing: Standing
    name: str
    email: str | None
    role_name: str | None
    created_at: datetime
    last_seen_at: datetime | None
    invited_until: datetime | None


class MemberQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_all(self, limit: int) -> list[StoredMember]:
        """Return the brand's members, oldest first."""
        rows = await self._run(
            "SELECT u.id, u.name, u.email, u.role, u.state, u.created_at, u.last_seen_at, r.permissions, "
            "r.name AS role_name, l.expires_at FROM user_account u "
            "LEFT JOIN custom_role r ON r.tenant_id = u.tenant_id AND r.key = u.role "
            "LEFT JOIN member_link l "
            "ON l.tenant_id = u.tenant_id AND l.user_id = u.id AND l.purpose = 'join' "
            "WHERE u.tenant_id = :tenant ORDER BY u.id LIMIT :limit",
            limit=limit,
        )
        return [_stored(row) for row in rows]

    async def count(self) -> int:
        """Return how many members there are."""
        found = await self._run("SELECT count(*) FROM user_account WHERE tenant_id = :tenant")
        return int(found.scalar_one())

    async def lock_with_owners(self, user_id: int) -> tuple[Standing | None, Sequence[int]]:
        """Lock a member and every active owner, in the order of their ids; return both."""
        rows = await self._run(
            f"{_STANDING} AND (u.id = :user OR (u.role = 'owner' AND u.state = 'active')) "
            "ORDER BY u.id FOR UPDATE OF u",
            user=user_id,
        )
        found = [_standing(row) for row in rows]
        owners = [one.user_id for one in found if one.role == "owner" and one.state is AccountState.ACTIVE]
        return next((one for one in found if one.user_id == user_id), None), owners

    async def lock_role(self, key: str) -> Sequence[str] | None:
        """Keep a role of the brand's own from being changed or removed; return its permissions."""
        found = await self._run(
            "SELECT permissions FROM custom_role WHERE tenant_id = :tenant AND key = :key FOR SHARE", key=key
        )
        permissions: Sequence[str] | None = found.scalar()
        return permissions

    async def add_invited(self, email: str, role: str) -> int | None:
        """Add a member who has not joined yet; ``None`` if the brand has one with this address."""
        found = await self._run(
            "INSERT INTO user_account (tenant_id, id, name, email, role, state, created_at) "
            "VALUES (:tenant, :id, '', :email, :role, 'invited', :now) "
            "ON CONFLICT (tenant_id, email) DO NOTHING RETURNING id",
            id=new_id(),
            email=email,
            role=role,
            now=self._uow.clock.now(),
        )
        user_id: int | None = found.scalar()
        return user_id

    async def set_role(self, user_id: int, role: str) -> None:
        """Give a member a role."""
        await self._run(
            "UPDATE user_account SET role = :role, changed_at = :now "
            "WHERE tenant_id = :tenant AND id = :user",
            user=user_id,
            role=role,
            now=self._uow.clock.now(),
        )

    async def set_state(self, user_id: int, state: AccountState) -> None:
        """Disable or enable a member."""
        await self._run(
            "UPDATE user_account SET state = :state, changed_at = :now "
            "WHERE tenant_id = :tenant AND id = :user",
            user=user_id,
            state=state,
            now=self._uow.clock.now(),
        )

    async def end_access(self, user_id: int) -> None:
        """End sessions and links of a member."""
        for table in ("login_session", "login_code", "member_link"):
            await self._run(
                f"DELETE FROM {table} WHERE tenant_id = :tenant AND user_id = :user",  # noqa: S608
                user=user_id,
            )

    async def remove(self, user_id: int) -> None:
        """Remove a member whose access was ended."""
        await self._run("DELETE FROM user_account WHERE tenant_id = :tenant AND id = :user", user=user_id)

    async def has_email(self, user_id: int) -> bool:
        """Whether a member has an e-mail address."""
        found = await self._run(
            "SELECT email FROM user_account WHERE tenant_id = :tenant AND id = :user", user=user_id
        )
        return found.scalar() is not None

    async def find_by_email(self, email: str) -> int | None:
        """Return the id of the member with this address."""
        found = await self._run(
            "SELECT id FROM user_account WHERE tenant_id = :tenant AND email = :email", email=email
        )
        user_id: int | None = found.scalar()
        return user_id

    async def put_link(self, user_id: int, purpose: str, digest: bytes, expires_at: datetime) -> None:
        """Write a member's link; one made earlier for the same purpose stops working."""
        await self._run(
            "INSERT INTO member_link (tenant_id, user_id, purpose, digest, expires_at) "
            "VALUES (:tenant, :user, :purpose, :digest, :expires) "
            "ON CONFLICT (tenant_id, user_id, purpose) "
            "DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at",
            user=user_id,
            purpose=purpose,
            digest=digest,
            expires=expires_at,
        )

    async def find_link(self, purpose: str, digest: bytes) -> Any:
        """Return whom a link that still works is for: id, name, email, role, role_name, state."""
        found = await self._run(
            "SELECT u.id, u.name, u.email, u.role, u.state, r.name AS role_name FROM member_link l "
            "JOIN user_account u ON u.tenant_id = l.tenant_id AND u.id = l.user_id "
            "LEFT JOIN custom_role r ON r.tenant_id = u.tenant_id AND r.key = u.role "
            "WHERE l.tenant_id = :tenant AND l.purpose = :purpose AND l.digest = :digest "
            "AND l.expires_at > :now AND u.state <> 'disabled'",
            purpose=purpose,
            digest=digest,
            now=self._uow.clock.now(),
        )
        return found.first()

    async def spend_link(self, purpose: str, digest: bytes) -> int | None:
        """Use a link up; return whose it was, or ``None`` if it does not work."""
        found = await self._run(
            "DELETE FROM member_link WHERE tenant_id = :tenant AND purpose = :purpose AND digest = :digest "
            "AND expires_at > :now RETURNING user_id",
            purpose=purpose,
            digest=digest,
            now=self._uow.clock.now(),
        )
        user_id: int | None = found.scalar()
        return user_id

    async def join(self, user_id: int, name: str, password_phc: str) -> bool:
        """Make somebody invited a member; whether they were invited."""
        found = await self._run(
            "UPDATE user_account SET name = :name, password_phc = :phc, state = 'active', changed_at = :now "
            "WHERE tenant_id = :tenant AND id = :user AND state = 'invited' RETURNING id",
            user=user_id,
            name=name,
            phc=password_phc,
            now=self._uow.clock.now(),
        )
        return found.first() is not None

    async def _run(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id} | params)


def _standing(row: Any) -> Standing:
    return Standing(
        user_id=row.id,
        role=row.role,
        state=AccountState(row.state),
        permissions=permissions_of(row.role, row.permissions),
    )


def _stored(row: Any) -> StoredMember:
    return StoredMember(
        standing=_standing(row),
        name=row.name,
        email=row.email,
        role_name=row.role_name,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        invited_until=row.expires_at,
    )
