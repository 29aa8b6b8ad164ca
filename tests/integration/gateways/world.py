"""The world of messages, with gateways beside the official account."""

from collections.abc import Mapping, Sequence
from typing import Any

from integration.messaging.world import Gateway as OfficialAccount
from integration.messaging.world import Neighbours
from quanyu.flows.gateways.recipients import GatewayRecipients
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.ports import Recipient, SendClient


class Identities:
    """People's identities: the part of ``People`` that is asked."""

    def __init__(self) -> None:
        self.values: dict[str, dict[PersonId, str]] = {}

    async def values_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], *, namespace: str, scope: str
    ) -> dict[PersonId, str]:
        known = self.values.get(namespace, {})
        return {one: known[one] for one in person_ids if one in known}


class GatewayNeighbours(Neighbours):
    """Finds addresses as wiring does: of gateways in identities, else of followers."""

    gateways: GatewayRecipients

    async def resolve(  # type: ignore[override]
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Recipient]:
        reached = await self.gateways.resolve(uow, account_id, person_ids)
        return await super().resolve(uow, account_id, person_ids) if reached is None else reached


class Senders(OfficialAccount):
    """Sends by gateways for real, by the official account in memory."""

    gateways: GatewaySenders

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient | Any:
        return await self.gateways.find(tenant_id, account_id) or self
