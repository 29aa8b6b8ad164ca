"""Keeping external user ids where they are seen: the log knows customers by blind tokens alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE
from quanyu.modules.channels.wecom.translation import customer_of
from quanyu.wechat.wecom.events.base import Callback


class SeenId(NamedTuple):
    """A customer of a company, and their id, sealed."""

    tenant_id: TenantId
    corp_id: AccountId
    token: bytes
    sealed: bytes
    seen_at: datetime


class ContactHook:
    """A ``CallbackHook`` that writes the ids of customers into ``external_contact``."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def prepare(
        self, corp: Account, callback: Callback, *, delivery: bytes, received_at: datetime
    ) -> SeenId | None:
        """Return the id of who a callback is about."""
        external_userid = customer_of(callback)
        if not external_userid:
            return None
        return SeenId(
            tenant_id=corp.tenant_id,
            corp_id=corp.account_id,
            token=self._keyring.blind(CUSTOMER_NAMESPACE, corp.app_id, external_userid),
            sealed=self._keyring.seal(external_userid.encode()),
            seen_at=received_at,
        )

    async def write(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[SeenId]) -> None:
        """Keep ids nobody has kept yet; in key order, so that two writers wait instead of dying."""
        fresh = {(row.tenant_id, row.corp_id, row.token): row for row in rows}
        ordered = [fresh[key] for key in sorted(fresh)]
        await connection.execute(
            _KEEP,
            {
                "tenants": [row.tenant_id for row in ordered],
                "corps": [row.corp_id for row in ordered],
                "tokens": [row.token for row in ordered],
                "sealed": [row.sealed for row in ordered],
                "seen": [row.seen_at for row in ordered],
            },
        )

    def committed(self) -> None:
        """Nobody waits for ids alone."""


_KEEP: Final = """
INSERT INTO external_contact AS c (tenant_id, corp_id, token, sealed, created_at)
SELECT n.* FROM unnest(%(tenants)s::int[], %(corps)s::bigint[], %(tokens)s::bytea[], %(sealed)s::bytea[],
    %(seen)s::timestamptz[]) AS n
ON CONFLICT (tenant_id, corp_id, token) DO UPDATE SET sealed = excluded.sealed WHERE c.sealed IS NULL
"""
