"""A brand that sends messages with links, and the door that opens them."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from integration.messaging import world as messages
from integration.segments.world import Brand
from quanyu.app.short_links import ShortLinkDoor
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.links.contracts import LinkView, SaveLink
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.links.statistics import LinkFigures

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49"
ADDRESS = re.compile(r"https://brand\.test/s/\w+")


@dataclass
class World:
    """One brand."""

    brand: Brand
    database: Database
    keys: KeyRing
    warehouse: Warehouse
    intake: Intake

    def __post_init__(self) -> None:
        self.sending = messages.World(
            self.brand.uows, self.database, self.brand.tenant, self.brand.clock, self.keys
        )
        self.links = ShortLinks(self.keys, LinkFigures(self.warehouse), public_url="https://brand.test")
        self.instant = 0.0
        door = ShortLinkDoor(
            self.brand.uows, self.links, self.sending.messaging, self.intake, monotonic_s=lambda: self.instant
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="https://brand.test")

    async def follower(self, number: int, **attributes: Any) -> int:
        """Let somebody follow and write, so that they may be written to for a while."""
        self.sending.follower(number, **attributes)
        await self.sending.acts(number, "message_received")
        return number

    async def send(self, key: str, person: int, body: str, **options: Any) -> list[str]:
        """Send a text, and return the addresses it carried when it arrived."""
        await self.sending.plan(messages.text(key, person, body, **options))
        await self.sending.send_all()
        (arrived,) = self.sending.gateway.arrived[self.sending.openid(person)][-1:]
        return ADDRESS.findall(arrived)

    async def open(
        self, address: str, *, agent: str = PHONE, method: str = "GET", **more: Any
    ) -> httpx.Response:
        return await self.http.request(method, address, headers={"user-agent": agent, **more})

    async def facts(self) -> list[tuple[str, int | None, dict[str, Any]]]:
        """Return (name, person, properties) of every opening, as another connection sees the log."""
        connection = await self.database.connect_system(autocommit=True)
        try:
            cursor = await connection.execute(
                "SELECT name, person_id, properties FROM log_event WHERE tenant_id = %s "
                "AND name LIKE 'links.%%' ORDER BY position",
                (self.brand.tenant,),
            )
            return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]
        finally:
            await connection.close()

    async def make(self, **link: Any) -> LinkView:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return await self.links.create(uow, SaveLink(**link))

    def later(self, **span: float) -> None:
        self.brand.clock.advance(timedelta(**span))
        self.instant += timedelta(**span).total_seconds()
