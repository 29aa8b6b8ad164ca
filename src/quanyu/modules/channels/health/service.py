"""An account's condition."""

from datetime import timedelta
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.health.callbacks import last_callbacks
from quanyu.modules.channels.health.contracts import (
    AccountHealth,
    Backlog,
    FollowerCounts,
    Quotas,
    SeenCallback,
)
from quanyu.modules.channels.health.quotas import ask_quotas
from quanyu.modules.channels.health.refusals import list_refusals
from quanyu.modules.channels.replies.queries import LateQueries

_DAY: Final = timedelta(days=1)


class AccountHealthDesk:
    """Tell how an account is."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def look(self, uow: UnitOfWork, account_id: AccountId) -> AccountHealth:
        """Return the account's condition at a glance."""
        last = await self.last_callbacks(uow.tenant_id, account_id, limit=1)
        return AccountHealth(
            last_callback_at=last[0].received_at if last else None,
            last_event_at=last[0].occurred_at if last else None,
            token_expires_at=await _scalar(uow, _TOKEN, account_id),
            refused=await list_refusals(uow, account_id),
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
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
            if account is None:
                raise UnknownAccount(f"no connected account {account_id}", message_zh="没有这个账号")
            return await last_callbacks(uow, self._keyring, account.kind, account_id, limit=limit)

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
_TOKEN: Final = f"SELECT expires_at FROM access_token WHERE {_OF} AND use = 'call'"  # noqa: S608
_FOLLOWERS: Final = f"SELECT count(*) FROM follower WHERE {_OF} AND {{}}"  # noqa: S608
_TAGS: Final = f"SELECT count(*) FROM tag_change WHERE {_OF} AND state = '{{}}'"  # noqa: S608
_CODES: Final = f"SELECT count(*) FROM source_code WHERE {_OF} AND state = '{{}}'"  # noqa: S608
