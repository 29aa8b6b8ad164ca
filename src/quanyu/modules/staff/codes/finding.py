"""Finding at the platform what an unanswered call made there (CW-9)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.staff.codes.way_queries import Way, WayQueries
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import contact_ways as calls
from quanyu.wechat.wecom.client import WeComClient

_PAGE: Final = 1_000
_PAGES_MAX: Final = 600  # More than a corp may have.
_ASKED_MAX: Final = 500  # Codes of others looked into in one go.
_CLOCKS_DIFFER: Final = timedelta(minutes=10)
GONE: Final = 41044


async def find_made(
    uows: UnitOfWorkFactory, tenant_id: TenantId, client: WeComClient, way: Way
) -> list[calls.ContactWay]:
    """Return the platform's codes that carry this way's state and that we do not know of.

    The platform lists ids only, so each one we did not make, and that was made since, is looked into.
    """
    since = (way.asked_at or way.created_at) - _CLOCKS_DIFFER
    async with uows.system(tenant_id) as uow:
        known = await WayQueries(uow).known_configs(way.corp_id)
        now = uow.clock.now()
    found: list[calls.ContactWay] = []
    looked = 0
    async for config_id in list_configs(client, since=since, until=now + _CLOCKS_DIFFER):
        if config_id in known or looked >= _ASKED_MAX:
            continue
        looked += 1
        there = await look(client, config_id)
        if there is not None and there.state == way.state:
            found.append(there)
    return found


async def list_configs(client: WeComClient, *, since: datetime, until: datetime) -> AsyncIterator[str]:
    """Yield the ids of the codes made by API in a period."""
    cursor = ""
    for _ in range(_PAGES_MAX):
        request = calls.ListRequest(
            start_time=int(since.timestamp()), end_time=int(until.timestamp()), cursor=cursor, limit=_PAGE
        )
        page = await client.call(calls.LIST, request)
        for listed in page.contact_way:
            yield listed.config_id
        if not (cursor := page.next_cursor):
            return


async def look(client: WeComClient, config_id: str) -> calls.ContactWay | None:
    """Return what a code says, ``None`` if there is none."""
    try:
        return (await client.call(calls.GET, calls.ConfigId(config_id=config_id))).contact_way
    except PlatformRefusal as error:
        if error.errcode == GONE:
            return None
        raise
