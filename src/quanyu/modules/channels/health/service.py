"""An account's condition."""

from datetime import timedelta
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.health.callbacks import last_callbacks
from quanyu.modules.channels.health.contracts import (
    AccountHealth,
    Backlog,
    FollowerCounts,
    HeldBack,
    Quotas,
    SeenCallback,
    TokenLife,
)
from quanyu.modules.channels.health.quotas import ask_quotas
from quanyu.modules.channels.health.refusals import list_refusals
from quanyu.modules.channels.replies.queries import LateQueries
from quanyu.modules.channels.token_store import TokenUse

_DAY: Final = timedelta(days=1)


class AccountHealthDesk:
    """Tell how an account is."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def look(self, uow: UnitOfWork, account_id: AccountId) -> AccountHealth:
        """Return the account's condition at a glance."""
        account, last = await self._last(uow.tenant_id, account_id, limit=1)
        tokens = await self._tokens(uow, account_id)
        return AccountHealth(
            last_callback_at=last[0].received_at if last else None,
            last_event_at=last[0].occurred_at if last else None,
            token_expires_at=next((one.expires_at for one in tokens if one.use == TokenUse.CALL), None),
            tokens=tokens,
            held_back=await self._held_back(uow, account.app_id),
            refused=await list_refusals(uow, account_id, kind=account.kind),
            followers=FollowerCounts(
                following=await _scalar(uow, _FOLLOWERS.format("subscribed"), account_id),
                left=await _scalar(uow, _FOLLOWERS.format("NOT subscribed"), account_id),
                unknown=await _scalar(uow, _FOLLOWERS.format("subscribed IS NULL"), account_id),
            ),
            backlog=await self._backlog(uow, account_id),
        )

    async def last_callbacks(
        self, tenant_id: TenantId, account_id: AccountId, *, limit: int
    ) -> tuple[SeenCallback, ...]:
        """Return the account's last callbacks, newest first.

        Raises:
            UnknownAccount: the brand has no such account.
        """
        return (await self._last(tenant_id, account_id, limit=limit))[1]

    async def _last(
        self, tenant_id: TenantId, account_id: AccountId, *, limit: int
    ) -> tuple[Account, tuple[SeenCallback, ...]]:
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
            if account is None:
                raise UnknownAccount(f"no connected account {account_id}", message_zh="没有这个账号")
            found = await last_callbacks(uow, self._keyring, account.kind, account_id, limit=limit)
        return account, found

    async def _tokens(self, uow: UnitOfWork, account_id: AccountId) -> tuple[TokenLife, ...]:
        rows = await uow.execute(_TOKENS, {"tenant": uow.tenant_id, "account": account_id})
        return tuple(TokenLife(use=TokenUse(row.use), expires_at=row.expires_at) for row in rows)

    async def _held_back(self, uow: UnitOfWork, app_id: str) -> tuple[HeldBack, ...]:
        params = {"tenant": uow.tenant_id, "app_id": app_id, "now": uow.clock.now()}
        rows = await uow.execute(_HELD_BACK, params)
        return tuple(HeldBack(path=row.path, until=row.closed_until) for row in rows)

    async def quotas(self, tenant_id: TenantId, account_id: AccountId) -> Quotas:
        """Ask the platform what is left today of each call in use."""
        return await ask_quotas(self._clients, tenant_id, account_id)

    async def _backlog(self, uow: UnitOfWork, account_id: AccountId) -> Backlog:
        late = await LateQueries(uow).count_by_state(account_id, since=_DAY)
        return Backlog(
            user_info_waiting=await _scalar(uow, _FOLLOWERS.format("info_due_at IS NOT NULL"), account_id),
            tags_waiting=await _scalar(uow, _TAGS.format("waiting"), account_id),
            tags_failed=await _scalar(uow, _TAGS.format("failed"), account_id),
            codes_waiting=await _scalar(uow, _CODES.format("issuing"), account_id),
            codes_failed=await _scalar(uow, _CODES.format("failed"), account_id),
            late_replies_waiting=late.get("waiting", 0) + late.get("handed", 0),
            late_replies_failed_24h=sum(late.get(state, 0) for state in ("rejected", "unknown", "expired")),
        )


async def _scalar(uow: UnitOfWork, sql: str, account_id: AccountId) -> Any:
    rows = await uow.execute(sql, {"tenant": uow.tenant_id, "account": account_id})
    return rows.scalar()


_OF: Final = "tenant_id = :tenant AND account_id = :account"
_TOKENS: Final = (
    f"SELECT use, expires_at FROM access_token WHERE {_OF} AND expires_at IS NOT NULL ORDER BY use"  # noqa: S608
)
_HELD_BACK: Final = (
    "SELECT path, closed_until FROM call_budget "
    "WHERE tenant_id = :tenant AND app_id = :app_id AND closed_until > :now ORDER BY path LIMIT 50"
)
_FOLLOWERS: Final = f"SELECT count(*) FROM follower WHERE {_OF} AND {{}}"  # noqa: S608
_TAGS: Final = f"SELECT count(*) FROM tag_change WHERE {_OF} AND state = '{{}}'"  # noqa: S608
_CODES: Final = f"SELECT count(*) FROM source_code WHERE {_OF} AND state = '{{}}'"  # noqa: S608
