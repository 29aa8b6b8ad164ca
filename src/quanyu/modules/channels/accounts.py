"""Secrets of connected accounts: sealed in the table, open only where they are used."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.wechat.official_account.client import Credentials
from quanyu.wechat.official_account.replies import Wire

_SELECT: Final = """
SELECT tenant_id, id, kind, app_id, name, account_key, base_url, secret_sealed, token_sealed,
    aes_key_sealed, mode, data_format, hands_over, agent_id, last_callback_at, created_at, updated_at
FROM official_account
"""
_SAVE: Final = """
INSERT INTO official_account AS a (tenant_id, id, kind, app_id, name, account_key, base_url, secret_sealed,
    token_sealed, aes_key_sealed, mode, data_format, hands_over, agent_id, created_at, updated_at)
VALUES (:tenant, :id, :kind, :app_id, :name, :account_key, :base_url, :secret, :token, :aes_key, :mode,
    :data_format, :hands_over, :agent_id, :now, :now)
ON CONFLICT (tenant_id, app_id) DO UPDATE SET
    name = excluded.name, base_url = excluded.base_url, secret_sealed = excluded.secret_sealed,
    token_sealed = excluded.token_sealed, aes_key_sealed = excluded.aes_key_sealed,
    mode = excluded.mode, data_format = excluded.data_format, hands_over = excluded.hands_over,
    agent_id = excluded.agent_id, updated_at = excluded.updated_at
RETURNING a.*
"""
ACCOUNTS_MAX: Final = 200  # Of one brand and kind.


class AccountKind(StrEnum):
    """The product an account belongs to."""

    OFFICIAL_ACCOUNT = "official_account"
    MINI_PROGRAM = "mini_program"
    WECOM = "wecom"


class MessageMode(StrEnum):
    """How the platform wraps what it sends us; see ``quanyu.wechat.official_account.opening``."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SECURE = "secure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connected account with its secrets."""

    tenant_id: TenantId
    account_id: AccountId
    app_id: str
    name: str
    account_key: str
    base_url: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    last_callback_at: datetime | None
    created_at: datetime
    updated_at: datetime
    kind: AccountKind = AccountKind.OFFICIAL_ACCOUNT
    mode: MessageMode = MessageMode.SECURE
    data_format: Wire = Wire.XML
    hands_over: bool = False  # Messages of people go on to the platform's own customer service.
    agent_id: int = 0  # Of a corp: the app whose secret ``secret`` is; ``app_id`` is the corp id.

    @property
    def source(self) -> str:
        """The source of its events in the log."""
        return source_of(self.app_id, self.kind)

    @property
    def credentials(self) -> Credentials:
        return Credentials(app_id=self.app_id, secret=self.secret, base_url=self.base_url)


def source_of(app_id: str, kind: AccountKind = AccountKind.OFFICIAL_ACCOUNT) -> str:
    """Return the source name of an account's events."""
    return f"{kind}:{app_id}"


class AccountQueries:
    """Every statement on ``official_account``."""

    def __init__(self, uow: UnitOfWork, keyring: KeyRing) -> None:
        self._uow = uow
        self._keyring = keyring

    async def find(self, account_id: AccountId) -> Account | None:
        return await self._find("id = :id", {"id": account_id})

    async def find_by_app_id(self, app_id: str) -> Account | None:
        return await self._find("app_id = :app_id", {"app_id": app_id})

    async def list_all(self, kind: AccountKind) -> tuple[Account, ...]:
        rows = await self._uow.execute(
            f"{_SELECT} WHERE tenant_id = :tenant AND kind = :kind ORDER BY id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "kind": kind, "limit": ACCOUNTS_MAX},
        )
        return tuple(self._open(row) for row in rows)

    async def find_anywhere(self, account_key: str) -> Account | None:
        """Return the account with this callback key, of whatever brand: only for the platform role."""
        rows = await self._uow.execute(f"{_SELECT} WHERE account_key = :key", {"key": account_key})
        row = rows.first()
        return None if row is None else self._open(row)

    async def ids_by_app_id(self, app_ids: list[str]) -> dict[str, AccountId]:
        rows = await self._uow.execute(
            "SELECT app_id, id FROM official_account WHERE tenant_id = :tenant AND app_id = ANY(:app_ids)",
            {"tenant": self._uow.tenant_id, "app_ids": app_ids},
        )
        return {row.app_id: AccountId(row.id) for row in rows}

    async def save(self, account: Account) -> Account:
        """Insert, or replace all but id and key of the account with this app id; return what is kept."""
        rows = await self._uow.execute(
            _SAVE,
            {
                "tenant": account.tenant_id,
                "id": account.account_id,
                "kind": account.kind,
                "app_id": account.app_id,
                "name": account.name,
                "account_key": account.account_key,
                "base_url": account.base_url,
                "secret": self._seal(account.secret),
                "token": self._seal(account.token),
                "aes_key": self._seal(account.encoding_aes_key),
                "mode": account.mode,
                "data_format": account.data_format,
                "hands_over": account.hands_over,
                "agent_id": account.agent_id,
                "now": account.updated_at,
            },
        )
        return self._open(rows.one())

    async def count_people(self) -> dict[AccountId, int]:
        """Return how many people each account knows, whether they follow or not."""
        rows = await self._uow.execute(
            "SELECT account_id, count(*) AS people FROM follower WHERE tenant_id = :tenant "
            "GROUP BY account_id",
            {"tenant": self._uow.tenant_id},
        )
        return {AccountId(row.account_id): row.people for row in rows}

    async def count_followers(self) -> dict[AccountId, int]:
        rows = await self._uow.execute(
            "SELECT account_id, count(*) AS followers FROM follower "
            "WHERE tenant_id = :tenant AND subscribed GROUP BY account_id",
            {"tenant": self._uow.tenant_id},
        )
        return {AccountId(row.account_id): row.followers for row in rows}

    async def _find(self, condition: str, params: dict[str, Any]) -> Account | None:
        rows = await self._uow.execute(
            f"{_SELECT} WHERE tenant_id = :tenant AND {condition}",
            {"tenant": self._uow.tenant_id, **params},
        )
        row = rows.first()
        return None if row is None else self._open(row)

    def _seal(self, text: str) -> bytes:
        return self._keyring.seal(text.encode(), context=b"channels.secret")

    def _text(self, sealed: bytes) -> str:
        return self._keyring.open(bytes(sealed), context=b"channels.secret").decode()

    def _open(self, row: Any) -> Account:
        return Account(
            tenant_id=TenantId(row.tenant_id),
            kind=AccountKind(row.kind),
            mode=MessageMode(row.mode),
            data_format=Wire(row.data_format),
            hands_over=row.hands_over,
            agent_id=row.agent_id,
            account_id=AccountId(row.id),
            app_id=row.app_id,
            name=row.name,
            account_key=row.account_key,
            base_url=row.base_url,
            secret=self._text(row.secret_sealed),
            token=self._text(row.token_sealed),
            encoding_aes_key=self._text(row.aes_key_sealed),
            last_callback_at=row.last_callback_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
