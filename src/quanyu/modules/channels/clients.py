"""The clients of connected accounts, made once and kept while their credentials stay."""

import os
import socket
import time
from dataclasses import dataclass
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.accounts import Account, AccountQueries
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.token_store import PostgresTokenStore
from quanyu.wechat.budgets import Budgets, MemoryBudgetStore
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.transport import Transport

_LOOK_AGAIN_S: Final = 30.0  # Another process may have replaced the credentials.


@dataclass(slots=True)
class _Kept:
    client: OfficialAccountClient
    credentials: Credentials
    looked_at_s: float


class OfficialAccountClients:
    """Gives the client of an account."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, transport: Transport) -> None:
        self._uows = uows
        self._keyring = keyring
        self._transport = transport
        # Each process learns from the platform by itself, so a call need not wait for the database.
        self._budgets = Budgets(MemoryBudgetStore(), uows.clock)
        self._kept: dict[tuple[TenantId, AccountId], _Kept] = {}

    @property
    def clock(self) -> Clock:
        """The clock the platform's answers are dated by."""
        return self._uows.clock

    async def client(self, tenant_id: TenantId, account_id: AccountId) -> OfficialAccountClient:
        """Return the account's client.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        kept = self._kept.get((tenant_id, account_id))
        now_s = time.monotonic()
        if kept is not None and now_s - kept.looked_at_s < _LOOK_AGAIN_S:
            return kept.client
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
        if account is None:
            self._kept.pop((tenant_id, account_id), None)
            raise UnknownAccount(f"no connected account {account_id}")
        if kept is None or kept.credentials != account.credentials:
            kept = _Kept(self.make(account), account.credentials, now_s)
            self._kept[tenant_id, account_id] = kept
        kept.looked_at_s = now_s
        return kept.client

    def make(self, account: Account) -> OfficialAccountClient:
        """Return a client that nobody else uses, as checks need it."""
        store = PostgresTokenStore(self._uows, self._keyring, account.tenant_id, account.account_id)
        holder = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
        return OfficialAccountClient(
            self._transport,
            account.credentials,
            store,
            self._uows.clock,
            holder=holder,
            budgets=self._budgets,
        )

    def forget(self, tenant_id: TenantId, account_id: AccountId) -> None:
        """Drop the kept client; after its credentials changed."""
        self._kept.pop((tenant_id, account_id), None)
