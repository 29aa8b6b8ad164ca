"""Connected official accounts: connect, list, check, and find who an account reaches."""

import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.channels import checks
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import (
    ACCOUNT_PREFIX,
    AccountId,
    CallbackSetup,
    Check,
    ConnectAccount,
    ConnectedAccount,
    ConnectOfficialAccount,
    OfficialAccount,
    Recipient,
)
from quanyu.modules.channels.errors import AppIdTaken, UnknownAccount
from quanyu.modules.channels.followers import FollowerQueries
from quanyu.modules.channels.health.refusals import list_refusals
from quanyu.modules.channels.products import PRODUCTS
from quanyu.wechat.transport import Transport

_LETTERS: Final = string.ascii_letters + string.digits


class Channels:
    """The official accounts of a brand."""

    def __init__(
        self,
        keyring: KeyRing,
        clients: AccountClients,
        transport: Transport,
        *,
        public_url: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._keyring = keyring
        self._clients = clients
        self._transport = transport
        self._public_url = public_url.rstrip("/")
        self._on_change = on_change

    async def connect(self, uow: UnitOfWork, command: ConnectOfficialAccount) -> ConnectedAccount:
        """Connect an account, or replace the credentials of the one with this app id.

        Idempotent on the app id: the callback address stays, and so do token and EncodingAESKey that are
        not given anew.
        """
        account = await self.save_account(uow, command, AccountKind.OFFICIAL_ACCOUNT)
        queries = AccountQueries(uow, self._keyring)
        followers = (await queries.count_followers()).get(account.account_id, 0)
        setup = CallbackSetup(
            url=self.callback_url(account), token=account.token, encoding_aes_key=account.encoding_aes_key
        )
        return ConnectedAccount(account=self._shown(account, followers), setup=setup)

    async def save_account(
        self, uow: UnitOfWork, command: ConnectAccount, kind: AccountKind, **options: Any
    ) -> Account:
        """Keep an account with its secrets; ``options`` are further fields of ``Account``.

        Raises:
            AppIdTaken: the app id is connected as an account of another product.
        """
        queries = AccountQueries(uow, self._keyring)
        known = await queries.find_by_app_id(command.app_id)
        if known is not None and known.kind is not kind:
            raise AppIdTaken(
                f"{command.app_id} is connected as another kind of account: {known.kind}",
                message_zh=f"{command.app_id} 已作为其他类型的账号连接",
            )
        account = await queries.save(replace(self._account_of(uow, command, known), kind=kind, **options))
        # A token of the old credentials may still be good, and belong to nobody we know.
        await uow.execute(
            "DELETE FROM access_token WHERE tenant_id = :tenant AND account_id = :account",
            {"tenant": uow.tenant_id, "account": account.account_id},
        )
        uow.after_commit(lambda: self._forget(account))
        return account

    async def list_accounts(self, uow: UnitOfWork) -> tuple[OfficialAccount, ...]:
        """Return the brand's accounts, oldest first."""
        queries = AccountQueries(uow, self._keyring)
        followers = await queries.count_followers()
        return tuple(
            self._shown(account, followers.get(account.account_id, 0))
            for account in await queries.list_all(AccountKind.OFFICIAL_ACCOUNT)
        )

    async def get_account(self, uow: UnitOfWork, account_id: AccountId) -> OfficialAccount:
        """Return one account.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        queries = AccountQueries(uow, self._keyring)
        account = await self._get(queries, account_id)
        return self._shown(account, (await queries.count_followers()).get(account_id, 0))

    async def check(
        self, uows: UnitOfWorkFactory, tenant_id: TenantId, account_id: AccountId
    ) -> tuple[Check, ...]:
        """Look at everything that can be wrong with an account; no transaction stays open meanwhile.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        async with uows.app(tenant_id) as uow:
            account = await self._get(AccountQueries(uow, self._keyring), account_id)
            refused = await list_refusals(uow, account_id, since=uow.clock.now() - checks.RECENT)
        callback_url = self.callback_url(account)
        client = self._clients.make(account)
        token = await checks.check_token(client)
        is_token_good = all(check.ok for check in token)
        return (
            *token,
            checks.check_aes_key(account),
            checks.check_callback_url(callback_url, account.base_url),
            await checks.check_reachable(self._transport, callback_url, account.token),
            await checks.check_network(client, is_token_good=is_token_good),
            checks.check_received(account),
            checks.check_accepted(refused),
            await checks.check_clock(self._transport, account.base_url),
        )

    async def recipients(
        self, uow: UnitOfWork, account_id: AccountId, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Recipient]:
        """Return how the account reaches those of ``person_ids`` who have an openid there."""
        found = await FollowerQueries(uow).recipients(account_id, person_ids)
        return {
            person_id: Recipient(self._keyring.open(sealed).decode(), subscribed)
            for person_id, (sealed, subscribed) in found.items()
        }

    async def accounts_of(self, uow: UnitOfWork, app_ids: Sequence[str]) -> Mapping[str, AccountId]:
        """Return the ids of those app ids that are connected accounts of this brand."""
        return await FollowerQueries(uow).account_ids(app_ids)

    async def repoint_people(self, uow: UnitOfWork, merges: Mapping[PersonId, PersonId]) -> None:
        """Give the openids of merged people (from → to) to who they are now; idempotent."""
        await FollowerQueries(uow).repoint(list(merges), list(merges.values()))

    async def follow_splits(
        self, uow: UnitOfWork, departures: Sequence[tuple[bytes, int, int]]
    ) -> list[tuple[AccountId, str, int, int]]:
        """Give openids that left a person (token, from, to) to whose they are; idempotent.

        Return those that moved: (account, openid, from, to).
        """
        return [
            (account_id, self._keyring.open(sealed).decode(), old, new)
            for account_id, sealed, old, new in await FollowerQueries(uow).part(departures)
            if sealed is not None
        ]

    async def _get(self, queries: AccountQueries, account_id: AccountId) -> Account:
        account = await queries.find(account_id)
        if account is None:
            raise UnknownAccount(
                f"no connected account {encode_id(ACCOUNT_PREFIX, account_id)}",
                message_zh="没有这个公众号",
            )
        return account

    def _account_of(self, uow: UnitOfWork, command: ConnectAccount, known: Account | None) -> Account:
        now = uow.clock.now()
        return Account(
            tenant_id=uow.tenant_id,
            account_id=known.account_id if known else AccountId(new_id()),
            app_id=command.app_id,
            name=command.name or (known.name if known else command.app_id),
            account_key=known.account_key if known else secrets.token_urlsafe(18),
            base_url=command.base_url,
            secret=command.app_secret,
            token=command.token or (known.token if known else _random_text(32)),
            encoding_aes_key=command.encoding_aes_key
            or (known.encoding_aes_key if known else _random_text(43)),
            last_callback_at=None,
            created_at=now,
            updated_at=now,
        )

    def _forget(self, account: Account) -> None:
        self._clients.forget(account.tenant_id, account.account_id)
        self._on_change()

    def callback_url(self, account: Account) -> str:
        """Return where the platform calls us."""
        return f"{self._public_url}{PRODUCTS[account.kind].path}/{account.account_key}"

    def _shown(self, account: Account, followers: int) -> OfficialAccount:
        return OfficialAccount(
            id=encode_id(ACCOUNT_PREFIX, account.account_id),
            app_id=account.app_id,
            name=account.name,
            base_url=account.base_url,
            callback_url=self.callback_url(account),
            followers=followers,
            last_callback_at=account.last_callback_at,
            created_at=account.created_at,
            updated_at=account.updated_at,
        )


def read_account_id(text: str) -> AccountId:
    """Read an id as shown outside (``oac_…``).

    Raises:
        InvalidId: it is none.
    """
    return AccountId(decode_id(ACCOUNT_PREFIX, text))


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
