"""Connected gateways: connect, list, open."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.channels.gateways.contracts import (
    GATEWAY_PREFIXES,
    Connect,
    Gateway,
    GatewayChannel,
    GatewayId,
    Settings,
    settings_of,
)
from quanyu.modules.channels.gateways.errors import SecretNeeded, UnknownGateway
from quanyu.modules.channels.gateways.queries import GatewayQueries

_SETTINGS: Final[TypeAdapter[Settings]] = TypeAdapter(Settings)


@dataclass(frozen=True, slots=True)
class OpenGateway:
    """A gateway with its secret, for whoever sends by it."""

    id: GatewayId
    name: str
    settings: Settings
    secret: str = field(repr=False)


class GatewayDesk:
    """The accounts by which a brand sends outside WeChat."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring
        # An id never changes its channel, so what was found once holds.
        self._channels: dict[tuple[TenantId, int], GatewayChannel | None] = {}

    async def connect(self, uow: UnitOfWork, command: Connect) -> Gateway:
        """Connect a gateway, or replace what is known of the one with the same key; idempotent.

        Raises:
            SecretNeeded: it is new, and its secret is not given.
        """
        queries = GatewayQueries(uow)
        known = await queries.lock_by_key(command.channel, command.key)
        gateway_id = GatewayId(known.id if known is not None else new_id())
        secret = command.secret or (self._secret(uow.tenant_id, known) if known is not None else "")
        if command.needs_secret and not secret:
            raise SecretNeeded("a new gateway needs its secret", message_zh="首次连接请填写密钥")
        row = await queries.save(
            gateway_id,
            channel=command.channel,
            key=command.key,
            name=command.name,
            settings=json.dumps(settings_of(command)),
            secret=self._keyring.seal(secret.encode(), context=_context(uow.tenant_id, gateway_id)),
        )
        return _shown(row)

    async def list_gateways(
        self, uow: UnitOfWork, channel: GatewayChannel | None = None
    ) -> tuple[Gateway, ...]:
        """Return the brand's gateways, of one channel or all, oldest first."""
        return tuple(_shown(row) for row in await GatewayQueries(uow).list_all(channel))

    async def open(self, uow: UnitOfWork, gateway_id: GatewayId) -> OpenGateway:
        """Return a gateway with its secret.

        Raises:
            UnknownGateway: the brand has no such gateway.
        """
        row = await GatewayQueries(uow).find(gateway_id)
        if row is None:
            raise UnknownGateway(f"no connected gateway {gateway_id}", message_zh="没有这个发送通道")
        secret = self._secret(uow.tenant_id, row)
        return OpenGateway(gateway_id, row.name, _SETTINGS.validate_python(row.settings), secret)

    async def channel_of(self, uow: UnitOfWork, account_id: int) -> GatewayChannel | None:
        """Return the channel of a gateway; of an account that is none, nothing."""
        key = (uow.tenant_id, account_id)
        if key not in self._channels:
            row = await GatewayQueries(uow).find(GatewayId(account_id))
            self._channels[key] = None if row is None else GatewayChannel(row.channel)
        return self._channels[key]

    def is_known_other(self, tenant_id: TenantId, account_id: int) -> bool:
        """Tell whether an account was found before to be no gateway."""
        return self._channels.get((tenant_id, account_id), GatewayChannel.SMS) is None

    def _secret(self, tenant_id: TenantId, row: Any) -> str:
        sealed = bytes(row.secret_sealed)
        return self._keyring.open(sealed, context=_context(tenant_id, GatewayId(row.id))).decode()


def read_gateway_id(text: str) -> GatewayId:
    """Read an id as shown outside (``sms_…``).

    Raises:
        InvalidId: it is none.
    """
    prefixes = list(GATEWAY_PREFIXES.values())
    prefix = next((one for one in prefixes if text.startswith(f"{one}_")), prefixes[0])
    return GatewayId(decode_id(prefix, text))


def show_gateway_id(channel: GatewayChannel, gateway_id: int) -> str:
    """Write an id as it is shown outside."""
    return encode_id(GATEWAY_PREFIXES[channel], gateway_id)


def _context(tenant_id: TenantId, gateway_id: GatewayId) -> bytes:
    # A secret moved to another row does not open.
    return f"channels.gateway:{tenant_id}:{gateway_id}".encode()


def _shown(row: Any) -> Gateway:
    channel = GatewayChannel(row.channel)
    return Gateway(
        id=show_gateway_id(channel, row.id),
        channel=channel,
        name=row.name,
        settings=_SETTINGS.validate_python(row.settings),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
