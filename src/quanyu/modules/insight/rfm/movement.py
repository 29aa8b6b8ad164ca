"""RFM asked of history: movement between classes over time, channels, and the people behind both."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.sources import Asked
from quanyu.modules.insight.classes import CODES
from quanyu.modules.insight.currencies import Currency, choose_currency
from quanyu.modules.insight.errors import UnknownClass
from quanyu.modules.insight.orders import amount_text
from quanyu.modules.insight.rfm import scoring
from quanyu.modules.insight.rfm.definitions import (
    CHANNELS_MAX,
    AskChannelPeople,
    AskMovement,
    AskMovementPeople,
    RfmChannel,
    RfmChannels,
    RfmMovement,
    RfmSettings,
)
from quanyu.modules.insight.runs import whole_ms
from quanyu.modules.insight.service import rfm_settings
from quanyu.modules.insight.studies.behind import Behind
from quanyu.modules.insight.studies.contracts import StudyMove
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

_DAY_END = timedelta(milliseconds=1)


class RfmMovements:
    """Reads classes between two days and by channel, by the definitions of now; nothing is stored."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._behind = Behind(uows, people)

    async def movement(self, tenant_id: TenantId, asked: AskMovement) -> RfmMovement:
        """Count who went from class to class.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        settings, bound = await self._between(tenant_id, asked)
        rows = await self._warehouse.for_tenant(tenant_id).query(scoring.movement_sql(settings), bound)
        return RfmMovement(
            from_day=asked.from_day,
            to_day=asked.to_day,
            moves=tuple(StudyMove(before=row[0], label=row[1], people=int(row[2])) for row in rows),
        )

    async def movement_people(
        self, tenant_id: TenantId, asked: AskMovementPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is behind a cell of ``movement``; errors as there."""
        settings, bound = await self._between(tenant_id, asked)
        question = Asked(
            scoring.movement_people_sql(settings), {**bound, "before": asked.before, "label": asked.label}
        )
        gate = self._warehouse.for_tenant(tenant_id)
        return await self._behind.page(gate, tenant_id, question, cursor=cursor, limit=limit)

    async def channels(self, tenant_id: TenantId) -> RfmChannels:
        """Return every channel with its buyers by class, scored among themselves; errors as ``movement``."""
        settings, currency, bound = await self._now(tenant_id)
        rows = await self._warehouse.for_tenant(tenant_id).query(scoring.channels_sql(settings), bound)
        by_channel: dict[str, list[Any]] = defaultdict(list)
        for channel, *figures in rows:
            by_channel[str(channel)].append(figures)
        items = [_channel(channel, found) for channel, found in by_channel.items()]
        items.sort(key=lambda one: (-one.people, one.channel))
        return RfmChannels(currency=currency.code, items=tuple(items[:CHANNELS_MAX]))

    async def channel_people(
        self, tenant_id: TenantId, asked: AskChannelPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return the buyers of a channel; errors as ``movement``.

        Raises:
            UnknownClass: no class has that code.
        """
        if asked.label and asked.label not in CODES:
            raise UnknownClass(f"classes are {', '.join(CODES)}", message_zh="没有这个分类")
        settings, _, bound = await self._now(tenant_id)
        question = Asked(
            scoring.channel_people_sql(settings),
            {**bound, "channel": asked.channel, "label": asked.label or ""},
        )
        gate = self._warehouse.for_tenant(tenant_id)
        return await self._behind.page(gate, tenant_id, question, cursor=cursor, limit=limit)

    async def _now(self, tenant_id: TenantId) -> tuple[RfmSettings, Currency, dict[str, Any]]:
        settings, currency, _, now = await self._asked(tenant_id)
        return settings, currency, scoring.parameters(settings, currency=currency, as_of=now)

    async def _between(self, tenant_id: TenantId, asked: AskMovement) -> tuple[RfmSettings, dict[str, Any]]:
        settings, currency, zone, now = await self._asked(tenant_id)
        if asked.channel is not None:
            settings = settings.model_copy(update={"channels": (asked.channel,)})
        return settings, scoring.parameters(
            settings,
            currency=currency,
            before=end_of(asked.from_day, zone, now),
            now=end_of(asked.to_day, zone, now),
        )

    async def _asked(self, tenant_id: TenantId) -> tuple[RfmSettings, Currency, ZoneInfo, datetime]:
        async with self._uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            settings = await rfm_settings(uow)
            now = whole_ms(uow.clock.now())
        currency = await choose_currency(
            self._warehouse.for_tenant(tenant_id),
            brand_currency=brand.currency,
            wanted=settings.currency or "",
        )
        return settings, currency, ZoneInfo(brand.time_zone), now


def end_of(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the last instant of a local day, or now, whichever is earlier."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return min(midnight - _DAY_END, now)


def _channel(channel: str, figures: list[Any]) -> RfmChannel:
    return RfmChannel(
        channel=channel,
        people=sum(int(one[1]) for one in figures),
        orders=sum(int(one[2]) for one in figures),
        revenue=amount_text(sum((Decimal(one[3]) for one in figures), Decimal(0))),
        classes={str(one[0]): int(one[1]) for one in figures},
    )
