"""Connecting corps: connect, show, replace secrets."""

from dataclasses import replace

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels import checks
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries
from quanyu.modules.channels.contracts import AccountId, CallbackSetup, Check
from quanyu.modules.channels.health.refusals import list_refusals
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom import checks as corp_checks
from quanyu.modules.channels.wecom.clients import TOKEN_USES, CorpClients
from quanyu.modules.channels.wecom.contracts import (
    ConnectCorp,
    ConnectedCorp,
    Corp,
    CorpSecret,
    ReplaceSecrets,
    ShownCorp,
)
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.channels.wecom.queries import SecretQueries
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom.client import OFFICIAL_BASE_URL


class CorpDesk:
    """The corps of a brand, as its people connect and see them."""

    def __init__(
        self,
        channels: Channels,
        keyring: KeyRing,
        corps: Corps,
        clients: CorpClients,
        transport: Transport,
    ) -> None:
        self._channels = channels
        self._keyring = keyring
        self._corps = corps
        self._clients = clients
        self._transport = transport

    async def connect(self, uow: UnitOfWork, command: ConnectCorp) -> ConnectedCorp:
        """Connect a corp, or replace the credentials of the one with this corp id.

        Idempotent on the corp id: the callback address stays, and so do token, EncodingAESKey and secrets
        that are not given anew.

        Raises:
            AppIdTaken: the id is connected as an account of another product.
        """
        account = await self._channels.save_account(
            uow, command, AccountKind.WECOM, agent_id=command.agent_id
        )
        secrets = SecretQueries(uow, self._keyring, account.account_id)
        for kind, secret in command.optional_secrets.items():
            await secrets.save(kind, secret)
        self._forget_clients(uow, account.account_id)
        setup = CallbackSetup(
            url=self._channels.callback_url(account),
            token=account.token,
            encoding_aes_key=account.encoding_aes_key,
            mode="",  # The console of 企业微信 asks for neither mode nor format.
        )
        corp = await self._corps.get(uow, account.account_id)
        return ConnectedCorp(corp=self._shown(corp, account), setup=setup)

    async def list_corps(self, uow: UnitOfWork) -> tuple[ShownCorp, ...]:
        """Return the brand's corps, oldest first."""
        accounts = await AccountQueries(uow, self._keyring).list_all(AccountKind.WECOM)
        known = {account.account_id: account for account in accounts}
        return tuple(
            self._shown(corp, known[corp.id]) for corp in await self._corps.list(uow) if corp.id in known
        )

    async def get(self, uow: UnitOfWork, corp_id: AccountId) -> ShownCorp:
        """Return one corp.

        Raises:
            UnknownCorp: the brand has no such corp.
        """
        corp = await self._corps.get(uow, corp_id)
        return self._shown(corp, await self._account(uow, corp_id))

    async def replace_secrets(
        self, uow: UnitOfWork, corp_id: AccountId, command: ReplaceSecrets
    ) -> ShownCorp:
        """Put secrets in place of old ones, or remove them; their tokens go with them. Idempotent.

        Raises:
            UnknownCorp: the brand has no such corp.
        """
        await self._corps.get(uow, corp_id)
        queries, secrets = AccountQueries(uow, self._keyring), SecretQueries(uow, self._keyring, corp_id)
        for kind, secret in command.given.items():
            if kind is CorpSecret.APP:
                account = await self._account(uow, corp_id)
                await queries.save(replace(account, secret=secret, updated_at=uow.clock.now()))
            else:
                await secrets.save(kind, secret)
        await secrets.remove(command.remove)
        await self._drop_tokens(uow, corp_id, {*command.given, *command.remove})
        self._forget_clients(uow, corp_id)
        return await self.get(uow, corp_id)

    async def check(
        self, uows: UnitOfWorkFactory, tenant_id: TenantId, corp_id: AccountId
    ) -> tuple[Check, ...]:
        """Look at everything that can be wrong with a corp; no transaction stays open meanwhile.

        Raises:
            UnknownCorp: the brand has no such corp.
        """
        async with uows.app(tenant_id) as uow:
            corp = await self._corps.get(uow, corp_id)
            account = await self._account(uow, corp_id)
            since = uow.clock.now() - checks.RECENT
            refused = await list_refusals(uow, corp_id, kind=AccountKind.WECOM, since=since)
        url = self._channels.callback_url(account)
        app = await corp_checks.check_app(await self._clients.make(tenant_id, corp_id, CorpSecret.APP))
        return (
            *app,
            *[await self._check_secret(tenant_id, corp, kind) for kind in corp_checks.SECRET_CHECKS],
            checks.check_aes_key(account),
            checks.check_callback_url(url, account.base_url, official=OFFICIAL_BASE_URL, ports=None),
            await corp_checks.check_reachable(self._transport, url, account),
            checks.check_received(account, nothing=corp_checks.NOTHING_RECEIVED),
            checks.check_accepted(refused),
            await checks.check_clock(self._transport, account.base_url),
        )

    async def _check_secret(self, tenant_id: TenantId, corp: Corp, kind: CorpSecret) -> Check:
        is_given = kind in corp.secrets
        client = await self._clients.make(tenant_id, corp.id, kind) if is_given else None
        return await corp_checks.check_secret(client, kind)

    async def _drop_tokens(self, uow: UnitOfWork, corp_id: AccountId, kinds: set[CorpSecret]) -> None:
        # A token of the old secret may still be good, and belong to nobody we know.
        await uow.execute(
            "DELETE FROM access_token "
            "WHERE tenant_id = :tenant AND account_id = :account AND use = ANY(:uses)",
            {
                "tenant": uow.tenant_id,
                "account": corp_id,
                "uses": [TOKEN_USES[kind].value for kind in sorted(kinds)],
            },
        )

    def _forget_clients(self, uow: UnitOfWork, corp_id: AccountId) -> None:
        tenant_id = uow.tenant_id
        uow.after_commit(lambda: self._clients.forget(tenant_id, corp_id))

    async def _account(self, uow: UnitOfWork, corp_id: AccountId) -> Account:
        account = await AccountQueries(uow, self._keyring).find(corp_id)
        assert account is not None, "a corp is an account"
        return account

    def _shown(self, corp: Corp, account: Account) -> ShownCorp:
        return ShownCorp(
            id=show_corp_id(corp.id),
            corp_id=corp.corp_id,
            agent_id=corp.agent_id,
            name=corp.name,
            base_url=corp.base_url,
            callback_url=self._channels.callback_url(account),
            secrets=tuple(kind for kind in CorpSecret if kind in corp.secrets),
            last_callback_at=account.last_callback_at,
            created_at=account.created_at,
            updated_at=account.updated_at,
        )
