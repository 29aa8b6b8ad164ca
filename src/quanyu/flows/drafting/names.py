"""The names of a brand: what its sentences can be about."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from quanyu.flows.drafting.modifiers import Today
from quanyu.flows.drafting.vocabulary import Catalogue, Seen, Vocabulary
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.service import Channels
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a brand when a sentence is read."""

    words: Vocabulary
    today: Today
    account: str  # The official account messages go out through; empty if none is connected.


class BrandNames:
    """Gathers the names of events, attributes, tags and segments."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        segments: Segments,
        tags: PersonTags,
        tenants: Tenants,
        channels: Channels,
    ) -> None:
        self._uows = uows
        self._segments = segments
        self._tags = tags
        self._tenants = tenants
        self._channels = channels

    async def gather(self, tenant_id: TenantId) -> Known:
        """Return the brand's names, its day and its first account.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        observed = await self._segments.catalogue(self._uows, tenant_id)
        async with self._uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            tags: dict[str, str] = {}
            for _, of_group in (await self._tags.names(uow)).values():
                tags = of_group | tags
            segments = {one.name: one.id for one in await self._segments.list_all(uow)}
            accounts = await self._channels.list_accounts(uow)
            zone = ZoneInfo(brand.time_zone)
            day = uow.clock.now().astimezone(zone).date()
        catalogue = Catalogue(
            events=tuple(
                Seen(one.name, parts=tuple(prop.key for prop in one.properties)) for one in observed.events
            ),
            attributes=tuple(
                Seen(one.key, one.name or "", one.type, one.examples) for one in observed.attributes
            ),
            tags=tags,
            segments=segments,
        )
        return Known(Vocabulary(catalogue), Today(day, zone), accounts[0].id if accounts else "")
