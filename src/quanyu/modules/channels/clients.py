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
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries
from quanyu.modules.channels.budget_store import BrandBudgets
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.token_store import PostgresTokenStore, TokenUse
from quanyu.wechat.client import Credentials, PlatformClient
from quanyu.wechat.mini_program.client import MiniProgramClient
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.js_sdk import JsSdk
from quanyu.wechat.transport import Transport

LOOK_AGAIN_S: Final = 30.0  # Another process may have replaced the credentials.


@dataclass(slots=True)
class _Kept:
    client: PlatformClient
    js_sdk: JsSdk
    credentials: Credentials
    looked_at_s: float


class AccountClients:
    """Gives the client of an account, of whichever product."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, transport: Transport) -> None:
        self._uows = uows
        self._keyring = keyring
        self._transport = transport
        self._budgets = BrandBudgets(uows)
        self._kept: dict[tuple[TenantId, AccountId], _Kept] = {}

    @property
    def clock(self) -> Clock:
        """The clock the platform's answers are dated by."""
        return self._uows.clock

    async def client(self, tenant_id: TenantId, account_id: AccountId) -> OfficialAccountClient:
        """Return an official account's client.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        client = (await self._keep(tenant_id, account_id)).client
        if not isinstance(client, OfficialAccountClient):
            raise UnknownAccount(f"account {account_id} is no official account")
        return client

    async def mini_program(self, tenant_id: TenantId, account_id: AccountId) -> MiniProgramClient:
        """Return a mini program's client.

        Raises:
            UnknownAccount: the brand has no such mini program.
        """
        client = (await self._keep(tenant_id, account_id)).client
        if not isinstance(client, MiniProgramClient):
            raise UnknownAccount(f"account {account_id} is no mini program")
        return client

    async def any(self, tenant_id: TenantId, account_id: AccountId) -> PlatformClient:
        """Return an account's client for calls that all products have.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        return (await self._keep(tenant_id, account_id)).client

    async def js_sdk(self, tenant_id: TenantId, account_id: AccountId) -> JsSdk:
        """Return what signs web pages for the account.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        return (await self._keep(tenant_id, account_id)).js_sdk

    async def _keep(self, tenant_id: TenantId, account_id: AccountId) -> _Kept:
        kept = self._kept.get((tenant_id, account_id))
        now_s = time.monotonic()
        if kept is not None and now_s - kept.looked_at_s < LOOK_AGAIN_S:
            return kept
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
        if account is None or account.kind not in _KINDS:
            self._kept.pop((tenant_id, account_id), None)
            raise UnknownAccount(f"no connected account {account_id}")
        if kept is None or kept.credentials != account.credentials:
            client = self.make(account)
            kept = _Kept(client, self._js_sdk_of(account, client), account.credentials, now_s)
            self._kept[tenant_id, account_id] = kept
        kept.looked_at_s = now_s
        return kept

    def make(self, account: Account) -> PlatformClient:
        """Return a client that nobody else uses, as checks need it."""
        return _KINDS[account.kind](
            self._transport,
            account.credentials,
            self._token_store(account, TokenUse.CALL),
            self._uows.clock,
            holder=new_holder(),
            budgets=self._budgets.of(account.tenant_id),
        )

    def _js_sdk_of(self, account: Account, client: PlatformClient) -> JsSdk:
        store = self._token_store(account, TokenUse.JS)
        return JsSdk(client, store, self._uows.clock, holder=new_holder())

    def _token_store(self, account: Account, use: TokenUse) -> PostgresTokenStore:
        return PostgresTokenStore(self._uows, self._keyring, account.tenant_id, account.account_id, use)

    def forget(self, tenant_id: TenantId, account_id: AccountId) -> None:
        """Drop the kept client; after its credentials changed."""
        self._kept.pop((tenant_id, account_id), None)


_KINDS: Final[dict[AccountKind, type[PlatformClient]]] = {
    AccountKind.OFFICIAL_ACCOUNT: OfficialAccountClient,
    AccountKind.MINI_PROGRAM: MiniProgramClient,
}


def new_holder() -> str:
    """Return a name for who holds the lease of a token; no two are alike."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
