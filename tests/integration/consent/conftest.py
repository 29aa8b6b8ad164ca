"""A brand with people and its ledger of consent, driven step by step."""

from dataclasses import dataclass
from typing import Any

import pytest

from integration.segments.world import Api, Brand, build_brand, happened
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.people.consent import routes as consent_routes
from quanyu.modules.people.consent.chores import ConsentChores
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.links import PreferenceLinks
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.consent.subscribers import ConsentSubscriber


@dataclass
class Office:
    """Hears what people say of consent, and looks at what it comes to."""

    brand: Brand
    consent: Consent
    react: React
    chores: ConsentChores
    api: Api

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """Call a route under ``/api/v1``."""
        return await self.api.call(method, f"/api/v1{path}", body, **query)

    async def arrive(self, *users: str) -> list[str]:
        """Let people come to be; return their outside ids."""
        at = self.brand.clock.now()
        await self.brand.tell(*(happened("Viewed", user, at, message_id=f"arrive:{user}") for user in users))
        return [encode_id("per", await self.brand.person(user)) for user in users]

    async def hear(self, name: str, user: str, **more: Any) -> None:
        """Let an event of a user go all the way to the ledger."""
        await self.brand.tell(happened(name, user, more.pop("at", self.brand.clock.now()), **more))
        while await self.react.run_once(self.brand.tenant):
            pass

    async def say(self, user: str, operation_id: str, state: ConsentState, **more: Any) -> bool:
        """Write a statement straight into the ledger; return whether it was new."""
        person = PersonId(await self.brand.person(user))
        async with self.brand.uows.system(self.brand.tenant) as uow:
            told = {
                "purpose": "marketing", "channel": ConsentChannel.ALL, "text_version": None,
                "source": ConsentSource.IMPORT, "occurred_at": uow.clock.now(), **more,
            }  # fmt: skip
            saying = Saying(person_id=person, operation_id=operation_id, state=state, **told)
            return await self.consent.say(uow, saying)

    async def shown(self, user: str) -> Any:
        """Return what the door shows of a person's consent."""
        person = encode_id("per", await self.brand.person(user))
        return (await self.call("GET", f"/people/{person}/consent"))[1]

    async def state(self, user: str, purpose: str, channel: str) -> tuple[str | None, bool]:
        """Return (state, whether it is allowed) of one purpose and channel."""
        _, found = await self.call(
            "GET", f"/people/{encode_id('per', await self.brand.person(user))}/consent"
        )
        (one,) = [
            standing
            for standing in found["standings"]
            if (standing["purpose"], standing["channel"]) == (purpose, channel)
        ]
        return one["state"], one["is_allowed"]

    async def entries(self, user: str) -> list[tuple[str, str, str, str, int | None]]:
        """Return (purpose, channel, state, source, version) of the ledger's lines, newest first."""
        _, found = await self.call(
            "GET", f"/people/{encode_id('per', await self.brand.person(user))}/consent"
        )
        return [
            (one["purpose"], one["channel"], one["state"], one["source"], one["text_version"])
            for one in found["entries"]
        ]

    async def facts(self) -> list[tuple[str, str]]:
        """Return (fact, purpose) of everything stated about consent, in order."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            rows = await uow.execute(
                "SELECT name, properties->>'purpose' FROM log_event WHERE tenant_id = :tenant "
                "AND name LIKE 'people.consent_%' ORDER BY position",
                {"tenant": self.brand.tenant},
            )
            return [(row[0].removeprefix("people.consent_"), row[1]) for row in rows]


@pytest.fixture
def office(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Office:
    brand = build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    consent = Consent()
    react = React(uows, ConsentSubscriber(consent), brand.people.canonical_ids, BatchNames())
    api = Api(brand, consent_routes.router(consent, PreferenceLinks(key_ring, "http://brand.test")))
    return Office(brand, consent, react, ConsentChores(uows, consent), api)
