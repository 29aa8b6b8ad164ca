"""Whom gateways reach: the people whose telephone number, or other address, is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.channels.gateways.contracts import GatewayChannel
from quanyu.modules.channels.gateways.service import GatewayDesk
from quanyu.modules.people.service import People

# Which identifier of a person is their address.
_NAMESPACES: Final = {GatewayChannel.SMS: "phone", GatewayChannel.EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Reached:
    """How a gateway reaches a person."""

    address: str = field(repr=False)
    subscribed: bool = True  # Nobody follows a gateway; what they agreed to, consent knows.


class GatewayRecipients:
    """Finds addresses in the people's identities."""

    def __init__(self, desk: GatewayDesk, people: People) -> None:
        self._desk = desk
        self._people = people

    async def resolve(
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Reached] | None:
        """Return whom a gateway reaches; of an account that is none, nothing at all."""
        channel = await self._desk.channel_of(uow, account_id)
        if channel is None:
            return None
        if channel is GatewayChannel.WEBHOOK:  # Receivers know everybody, by our id.
            return {person_id: Reached(encode_id("per", person_id)) for person_id in person_ids}
        found = await self._people.values_of(uow, person_ids, namespace=_NAMESPACES[channel], scope="")
        return {person_id: Reached(address) for person_id, address in found.items()}
