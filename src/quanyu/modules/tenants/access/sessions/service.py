"""Listing and ending one's own sessions, named by the beginning of their digest: it tells no secret."""

from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.tenants import tokens
from quanyu.modules.tenants.access.errors import UnknownSession
from quanyu.modules.tenants.access.sessions.contracts import OwnSession

_LISTED_MAX: Final = 200


class Sessions:
    """Where somebody is signed in."""

    async def list_own(self, uow: UnitOfWork, user_id: int, token: str) -> tuple[OwnSession, ...]:
        """Return the valid sessions of an account, the latest use first; ``token`` is the one that asks."""
        rows = await _run(
            uow,
            "SELECT encode(substring(digest FROM 1 FOR 9), 'hex') AS id, user_agent, address, created_at, "
            "last_seen_at, expires_at, digest = :digest AS is_current "
            "FROM login_session WHERE tenant_id = :tenant "
            "AND user_id = :user AND expires_at > :now "
            "ORDER BY coalesce(last_seen_at, created_at) DESC LIMIT :limit",
            user=user_id,
            digest=tokens.digest_of(token),
            now=uow.clock.now(),
            limit=_LISTED_MAX,
        )
        return tuple(OwnSession(**row._mapping) for row in rows)

    async def end(self, uow: UnitOfWork, user_id: int, session: str) -> None:
        """End one session of an account, from its next request on.

        Raises:
            UnknownSession
        """
        ended = await _run(
            uow,
            "DELETE FROM login_session WHERE tenant_id = :tenant AND user_id = :user "
            "AND encode(substring(digest FROM 1 FOR 9), 'hex') = :session RETURNING user_id",
            user=user_id,
            session=session,
        )
        if ended.first() is None:
            raise UnknownSession("this session has ended already", message_zh="该登录已经结束")

    async def end_others(self, uow: UnitOfWork, user_id: int, token: str) -> None:
        """End every session of an account but the one that asks; idempotent."""
        await _run(
            uow,
            "DELETE FROM login_session WHERE tenant_id = :tenant AND user_id = :user AND digest <> :digest",
            user=user_id,
            digest=tokens.digest_of(token),
        )


async def _run(uow: UnitOfWork, sql: str, **params: Any) -> Any:
    return await uow.execute(sql, {"tenant": uow.tenant_id} | params)
