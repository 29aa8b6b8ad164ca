"""Statements on ``mini_session``, and on the openids of mini programs."""

from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId


class SessionQueries:
    """One session of each person and mini program: the latest."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def save(self, account_id: AccountId, token: bytes, key_sealed: bytes, *, at: datetime) -> None:
        """Keep a session; a later one stays."""
        await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                "account": account_id,
                "token": token,
                "key": key_sealed,
                "at": at,
            },
        )

    async def find_key(self, account_id: AccountId, token: bytes) -> bytes | None:
        """Return the sealed session key."""
        rows = await self._uow.execute(
            "SELECT key_sealed FROM mini_session "
            "WHERE tenant_id = :tenant AND account_id = :account AND openid_token = :token",
            {"tenant": self._uow.tenant_id, "account": account_id, "token": token},
        )
        found = rows.scalar()
        return None if found is None else bytes(found)

    async def note_person(
        self,
        account_id: AccountId,
        token: bytes,
        *,
        openid_sealed: bytes,
        unionid_sealed: bytes | None,
        at: datetime,
    ) -> None:
        """Have a row for the openid, which the subscriber of the log later ties to a person."""
        await self._uow.execute(
            _NOTE,
            {
                "tenant": self._uow.tenant_id,
                "account": account_id,
                "token": token,
                "openid": openid_sealed,
                "unionid": unionid_sealed,
                "at": at,
            },
        )


_SAVE: Final = """
INSERT INTO mini_session AS s (tenant_id, account_id, openid_token, key_sealed, opened_at)
VALUES (:tenant, :account, :token, :key, :at)
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE
    SET key_sealed = excluded.key_sealed, opened_at = excluded.opened_at
    WHERE s.opened_at <= excluded.opened_at
"""
_NOTE: Final = """
INSERT INTO follower AS f (tenant_id, account_id, openid_token, openid_sealed, unionid_sealed, first_seen_at)
VALUES (:tenant, :account, :token, :openid, :unionid, :at)
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE SET
    openid_sealed = coalesce(f.openid_sealed, excluded.openid_sealed),
    unionid_sealed = coalesce(excluded.unionid_sealed, f.unionid_sealed)
"""
