"""What the callback door keeps of welcomes: the sealed code, in the very commit of the callback (WM-1)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.contracts import AccountId
from quanyu.wechat.wecom.events.base import Callback
from quanyu.wechat.wecom.events.customers import ArchiveAgreed, CustomerAdded

_CONTEXT: Final = b"staff.welcome"


class Secret(msgspec.Struct, frozen=True):
    """What sending needs and nobody else may read; gone when the welcome is settled."""

    code: str
    external_userid: str


class NewCode(NamedTuple):
    """A code that came with a new customer."""

    tenant_id: TenantId
    welcome_id: int
    corp_id: AccountId
    delivery: bytes
    code_token: bytes
    customer_token: bytes
    userid: str
    code_state: str
    sealed: bytes
    happened_at: datetime
    received_at: datetime


class WelcomeHook:
    """``channels.wecom.ports.CallbackHook`` of welcomes."""

    def __init__(self, keyring: KeyRing, *, wake: Callable[[], None]) -> None:
        self._keyring = keyring
        self._wake = wake

    def prepare(
        self, corp: Account, callback: Callback, *, delivery: bytes, received_at: datetime
    ) -> NewCode | None:
        """Return the row of an add that carries a code.

        Customers that only a sync found come by no callback, so they are never greeted (EV-3).
        """
        if not isinstance(callback, CustomerAdded | ArchiveAgreed) or not callback.WelcomeCode:
            return None
        return NewCode(
            tenant_id=corp.tenant_id,
            welcome_id=new_id(),
            corp_id=corp.account_id,
            delivery=delivery,
            code_token=self._keyring.blind("welcome_code", corp.app_id, callback.WelcomeCode),
            customer_token=self._keyring.blind("external_userid", corp.app_id, callback.ExternalUserID),
            userid=callback.UserID,
            code_state=callback.State if isinstance(callback, CustomerAdded) else "",
            sealed=seal_secret(self._keyring, Secret(callback.WelcomeCode, callback.ExternalUserID)),
            happened_at=datetime.fromtimestamp(callback.CreateTime, UTC),
            received_at=received_at,
        )

    async def write(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[NewCode]) -> None:
        """Keep the codes; one that is known already, by its delivery or by itself, stays as it was."""
        await connection.execute(_KEEP, {name: list(column) for name, column in _columns(rows).items()})

    def committed(self) -> None:
        """Wake the sender."""
        self._wake()


def seal_secret(keyring: KeyRing, secret: Secret) -> bytes:
    """Seal a code and whom it is for."""
    return keyring.seal(msgspec.json.encode(secret), context=_CONTEXT)


def open_secret(keyring: KeyRing, sealed: bytes) -> Secret:
    """Open what ``seal_secret`` made."""
    return msgspec.json.decode(keyring.open(sealed, context=_CONTEXT), type=Secret)


def _columns(rows: Sequence[NewCode]) -> dict[str, tuple[Any, ...]]:
    return dict(zip(NewCode._fields, zip(*rows, strict=True), strict=True))


_KEEP: Final = """
INSERT INTO welcome (tenant_id, id, corp_id, delivery, code_token, customer_token, userid, code_state, sealed,
    happened_at, received_at, state, due_at)
SELECT n.*, 'received', n.received_at FROM unnest(
    %(tenant_id)s::int[], %(welcome_id)s::bigint[], %(corp_id)s::bigint[], %(delivery)s::bytea[],
    %(code_token)s::bytea[], %(customer_token)s::bytea[], %(userid)s::text[], %(code_state)s::text[],
    %(sealed)s::bytea[], %(happened_at)s::timestamptz[], %(received_at)s::timestamptz[]
) AS n (tenant_id, id, corp_id, delivery, code_token, customer_token, userid, code_state, sealed,
    happened_at, received_at)
ON CONFLICT DO NOTHING
"""
