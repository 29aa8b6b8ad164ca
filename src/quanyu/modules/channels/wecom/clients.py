"""The clients of connected corps: one for each secret, made once and kept while it stays."""

import time
from dataclasses import dataclass
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountKind, AccountQueries
from quanyu.modules.channels.budget_store import BrandBudgets
from quanyu.modules.channels.clients import LOOK_AGAIN_S, new_holder
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.token_store import PostgresTokenStore, TokenUse
from quanyu.modules.channels.wecom.contracts import CorpSecret
from quanyu.modules.channels.wecom.corps import show_corp_id
from quanyu.modules.channels.wecom.errors import SecretMissing, UnknownCorp
from quanyu.modules.channels.wecom.queries import SecretQueries
from quanyu.modules.channels.window_store import SharedWindows
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom.client import CorpCredentials, WeComClient
from quanyu.wechat.wecom.js_sdk import JsSdk
from quanyu.wechat.windows import PublishedLimits

TOKEN_USES: Final = {
    CorpSecret.APP: TokenUse.CALL,
    CorpSecret.CONTACTS: TokenUse.CONTACTS,
    CorpSecret.SERVICE: TokenUse.SERVICE,
    CorpSecret.ARCHIVE: TokenUse.ARCHIVE,
}
_SECRET_NAMES_ZH: Final = {
    CorpSecret.APP: "自建应用",
    CorpSecret.CONTACTS: "通讯录同步",
    CorpSecret.SERVICE: "微信客服",
    CorpSecret.ARCHIVE: "会话内容存档",
}


@dataclass(slots=True)
class _Kept:
    client: WeComClient
    known: CorpCredentials
    looked_at_s: float
    js_sdk: JsSdk | None = None


class CorpClients:
    """Gives the client of a corp's secret. Tokens are shared by all processes through PostgreSQL."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, transport: Transport) -> None:
        self._uows = uows
        self._keyring = keyring
        self._transport = transport
        self._budgets = BrandBudgets(uows)
        self._published = PublishedLimits(uows.clock)
        self.windows = SharedWindows(uows, self._published)  # Its loop tells other processes what was called.
        self._kept: dict[tuple[TenantId, AccountId, CorpSecret], _Kept] = {}

    async def get(
        self, tenant_id: TenantId, corp_id: AccountId, secret: CorpSecret = CorpSecret.APP
    ) -> WeComClient:
        """Return the client that calls with one of the corp's secrets.

        Raises:
            UnknownCorp: the brand has no such corp.
            SecretMissing: the corp was connected without this secret.
        """
        return (await self._keep(tenant_id, corp_id, secret)).client

    async def make(self, tenant_id: TenantId, corp_id: AccountId, secret: CorpSecret) -> WeComClient:
        """Return a client that nobody else uses, as checks need it.

        Raises:
            UnknownCorp, SecretMissing
        """
        return self._make(tenant_id, corp_id, secret, await self._find(tenant_id, corp_id, secret))

    async def js_sdk(self, tenant_id: TenantId, corp_id: AccountId) -> JsSdk:
        """Return what signs web pages of the corp's app.

        Raises:
            UnknownCorp: the brand has no such corp.
        """
        kept = await self._keep(tenant_id, corp_id, CorpSecret.APP)
        if kept.js_sdk is None:
            kept.js_sdk = JsSdk(
                kept.client,
                corp_tickets=self._store(tenant_id, corp_id, TokenUse.JS),
                app_tickets=self._store(tenant_id, corp_id, TokenUse.AGENT_JS),
                clock=self._uows.clock,
                holder=new_holder(),
            )
        return kept.js_sdk

    def forget(self, tenant_id: TenantId, corp_id: AccountId) -> None:
        """Drop the corp's clients; after its secrets changed in this process."""
        for secret in CorpSecret:
            self._kept.pop((tenant_id, corp_id, secret), None)

    async def _keep(self, tenant_id: TenantId, corp_id: AccountId, secret: CorpSecret) -> _Kept:
        kept = self._kept.get((tenant_id, corp_id, secret))
        now_s = time.monotonic()
        if kept is not None and now_s - kept.looked_at_s < LOOK_AGAIN_S:
            return kept
        try:
            known = await self._find(tenant_id, corp_id, secret)
        except (UnknownCorp, SecretMissing):
            self._kept.pop((tenant_id, corp_id, secret), None)
            raise
        if kept is None or kept.known != known:
            kept = _Kept(self._make(tenant_id, corp_id, secret, known), known, now_s)
            self._kept[tenant_id, corp_id, secret] = kept
        kept.looked_at_s = now_s
        return kept

    async def _find(self, tenant_id: TenantId, corp_id: AccountId, secret: CorpSecret) -> CorpCredentials:
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(corp_id)
            if account is None or account.kind is not AccountKind.WECOM:
                raise UnknownCorp(f"no connected corp {show_corp_id(corp_id)}", message_zh="没有这个企业微信")
            is_app = secret is CorpSecret.APP
            text = account.secret if is_app else await SecretQueries(uow, self._keyring, corp_id).find(secret)
        if text is None:
            raise SecretMissing(
                f"corp {account.app_id} was connected without its {secret} secret",
                message_zh=f"企业 {account.app_id} 尚未填写“{_SECRET_NAMES_ZH[secret]}”的 Secret",
            )
        return CorpCredentials(
            corp_id=account.app_id,
            secret=text,
            agent_id=account.agent_id if is_app else 0,
            base_url=account.base_url,
        )

    def _make(
        self, tenant_id: TenantId, corp_id: AccountId, secret: CorpSecret, known: CorpCredentials
    ) -> WeComClient:
        return WeComClient(
            self._transport,
            known,
            self._store(tenant_id, corp_id, TOKEN_USES[secret]),
            self._uows.clock,
            holder=new_holder(),
            budgets=self._budgets.of(tenant_id),
            published=self._published,
        )

    def _store(self, tenant_id: TenantId, corp_id: AccountId, use: TokenUse) -> PostgresTokenStore:
        return PostgresTokenStore(self._uows, self._keyring, tenant_id, corp_id, use)
