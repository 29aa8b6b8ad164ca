"""Modules' ports, fed by the modules that can answer them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quanyu.flows.gateways.recipients import GatewayRecipients
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.service import Channels
from quanyu.modules.community.codes.queries import CodeQueries
from quanyu.modules.insight.lifetime.service import Lifetime
from quanyu.modules.insight.service import Rfm
from quanyu.modules.messaging.adapters import MiniProgramSender, OfficialAccountSender
from quanyu.modules.messaging.hold import find_hold
from quanyu.modules.messaging.ports import BrandZones, Recipient, SendClient, SendNotMade
from quanyu.modules.people.contracts import ProfileExtras, RowExtras
from quanyu.modules.people.service import People
from quanyu.modules.segments.contracts import SegmentKind
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.mini_program.client import MiniProgramClient
from quanyu.wechat.official_account.client import OfficialAccountClient


class AccountRecipients:
    """``messaging.ports.Recipients``: followers of accounts, and whom gateways reach."""

    def __init__(self, channels: Channels, gateways: GatewayRecipients) -> None:
        self._channels = channels
        self._gateways = gateways

    async def resolve(
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Recipient]:
        """Return who is reached, and how."""
        reached = await self._gateways.resolve(uow, account_id, person_ids)
        if reached is not None:
            return reached
        return await self._channels.recipients(uow, AccountId(account_id), person_ids)

    async def accounts_of(self, uow: UnitOfWork, appids: Sequence[str]) -> Mapping[str, int]:
        """Return the connected accounts among these app ids."""
        return await self._channels.accounts_of(uow, appids)


async def sending_is_held(uow: UnitOfWork) -> bool:
    """Tell channels, for its late replies, whether messaging holds the brand's sending."""
    return await find_hold(uow) is not None


class PeopleVariables:
    """``messaging.ports.PersonVariables`` from profiles: what Liquid sees as ``person``."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def load(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        """Return attributes as nested objects, with ``display_name`` beside them."""
        attributes = await self._people.attributes_of(uow, person_ids)
        names = await self._people.display_names(uow, person_ids)
        return {
            person_id: {**_nested(found), "display_name": names.get(person_id, "")}
            for person_id, found in attributes.items()
        }

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, str]:
        """Return what to call each person."""
        return await self._people.display_names(uow, person_ids)


class TenantZones:
    """``messaging.ports.BrandZones`` from the brand."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the brand's time zone."""
        return (await self._tenants.get_brand(uow)).time_zone


class JourneyPersons:
    """``journeys.ports.Persons`` from people and the brand."""

    def __init__(self, people: People, zones: BrandZones) -> None:
        self._people = people
        self._zones = zones

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]:
        """Return who each person is known as today."""
        return await self._people.canonical_ids(uow, person_ids)

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], keys: Sequence[str]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        """Return their attributes of these keys."""
        return await self._people.attributes_of(uow, person_ids, keys)

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the brand's time zone."""
        return await self._zones.zone_of(uow)


class AccountSenders:
    """``messaging.ports.SenderClients`` from the connected accounts' clients, and gateways."""

    def __init__(self, clients: AccountClients, gateways: GatewaySenders) -> None:
        self._clients = clients
        self._gateways = gateways

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient:
        """Return the sender of an account."""
        sender = await self._gateways.find(tenant_id, account_id)
        if sender is not None:
            return sender
        try:
            client = await self._clients.any(tenant_id, AccountId(account_id))
        except UnknownAccount as error:
            raise SendNotMade(error.message) from error
        match client:
            case OfficialAccountClient():
                return OfficialAccountSender(client)
            case MiniProgramClient():
                return MiniProgramSender(client)
        raise SendNotMade(f"account {account_id} sends no messages")


class SegmentAudience:
    """``journeys.ports.Audience`` from segments."""

    def __init__(self, segments: Segments, uows: UnitOfWorkFactory) -> None:
        self._segments = segments
        self._uows = uows

    async def among(
        self,
        tenant_id: TenantId,
        test: Mapping[str, Any],
        person_ids: Sequence[PersonId],
        *,
        as_of: datetime | None = None,
    ) -> frozenset[int]:
        """Return which of these people the definition selects, now or as of an instant."""
        at = await self._segments.evaluation(self._uows, tenant_id, as_of=as_of)
        return await self._segments.select_among(tenant_id, parse_definition(dict(test)), at, person_ids)

    async def past_of(self, uow: UnitOfWork, segment_id: str) -> tuple[Mapping[str, Any] | None, datetime]:
        """Return what a segment asks, and since when it is what it is."""
        segment = await self._segments.get(uow, decode_id("seg", segment_id))
        is_rule = segment.kind is SegmentKind.RULE
        return (segment.definition if is_rule else None), segment.updated_at

    async def selected(
        self, tenant_id: TenantId, test: Mapping[str, Any], *, as_of: datetime
    ) -> Sequence[int]:
        """Return everybody the definition selected at an instant."""
        at = await self._segments.evaluation(self._uows, tenant_id, as_of=as_of)
        return await self._segments.everybody(tenant_id, parse_definition(dict(test)), at)

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        """Return the stored members."""
        return await self._segments.member_ids(uow, decode_id("seg", segment_id))

    async def check(self, uow: UnitOfWork, definition_or_id: Mapping[str, Any] | str) -> None:
        """Refuse what cannot be asked."""
        if isinstance(definition_or_id, str):
            await self._segments.get(uow, decode_id("seg", definition_or_id))
        else:
            self._segments.read(dict(definition_or_id))

    async def listen(self, uow: UnitOfWork, segment_id: str, listener: str) -> None:
        """Keep the segment fresh for ``listener``."""
        await self._segments.listen(uow, decode_id("seg", segment_id), listener)

    async def unlisten(self, uow: UnitOfWork, segment_id: str, listener: str) -> None:
        """End that."""
        await self._segments.unlisten(uow, decode_id("seg", segment_id), listener)


class Enrichment:
    """``people.ports.PeopleEnrichment``: the segments, scores and reachability of people."""

    def __init__(self, channels: Channels, segments: Segments, rfm: Rfm, lifetime: Lifetime) -> None:
        self._channels = channels
        self._segments = segments
        self._rfm = rfm
        self._lifetime = lifetime

    async def rows(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, RowExtras]:
        """Return the RFM class of each person of a page, and whether an account reaches them."""
        scores = await self._rfm.of_people(uow, person_ids)
        reachable = await self._reachable(uow, person_ids)
        return {
            person_id: RowExtras(
                rfm_class=scores[person_id].rfm_class if person_id in scores else None,
                reachable=person_id in reachable,
            )
            for person_id in person_ids
        }

    async def profile(self, uow: UnitOfWork, person_id: PersonId) -> ProfileExtras:
        """Return one person's segments and scores, and whether an account reaches them."""
        scores = await self._rfm.of_people(uow, [person_id])
        return ProfileExtras(
            segments=await self._segments.of_person(uow, person_id),
            rfm=scores.get(person_id),
            lifetime=await self._lifetime.of_person(uow, person_id),
            reachable=person_id in await self._reachable(uow, [person_id]),
        )

    async def _reachable(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> set[PersonId]:
        """Who of these people follows one of the brand's accounts."""
        found: set[PersonId] = set()
        for account in await self._channels.list_accounts(uow):
            account_id = AccountId(decode_id("oac", account.id))
            recipients = await self._channels.recipients(uow, account_id, person_ids)
            found |= {person_id for person_id, one in recipients.items() if one.subscribed}
        return found


class JoinWaysOfGroups:
    """``staff.codes.ports.JoinWayCount``: join ways share the quota of contact ways (CW-7)."""

    async def count(self, uow: UnitOfWork, corp_id: AccountId) -> int:
        """Return how many the platform counts for a corp."""
        return await CodeQueries(uow).count_ways(corp_id)


def _nested(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Turn ``address.city`` back into ``{"address": {"city": …}}``."""
    nested: dict[str, Any] = {}
    for key, value in attributes.items():
        *parents, last = key.split(".")
        place = nested
        for parent in parents:
            inner = place.setdefault(parent, {})
            if not isinstance(inner, dict):
                break
            place = inner
        else:
            place[last] = value
    return nested
