"""A brand that tries things out: people, history and messaging are real."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from integration.messaging.world import Neighbours
from integration.segments.world import Api, Brand, happened
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.experiments import routes
from quanyu.modules.experiments.analysis.service import Results
from quanyu.modules.experiments.assigning import OutsideCallers
from quanyu.modules.experiments.contracts import ExperimentView, SaveExperiment
from quanyu.modules.experiments.following import ExposedPeople
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.contracts import Departure, Identifier, Merge
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.tenants.service import Tenants


class World:
    """One brand."""

    def __init__(self, brand: Brand, keys: KeyRing, warehouse: Warehouse) -> None:
        self.brand = brand
        neighbours = Neighbours()
        ports = MessagingPorts(
            recipients=neighbours,
            variables=neighbours,
            zones=neighbours,
            consent=LedgerConsent(Consent()),
        )
        self.metrics = Metrics(brand.behaviour, Tenants(), brand.uows)
        self.experiments = Experiments(self.metrics, Messaging(ports, Sealer(keys)))
        self.outside = OutsideCallers(self.experiments, brand.people)
        self.results = Results(brand.uows, warehouse, Tenants(), self.metrics, self.experiments)
        self.api = Api(brand, routes.router(self.experiments, self.outside, self.results))
        self.exposed = ExposedPeople()
        brand.resolve = Resolve(brand.uows, Resolver(keys), cast(Any, _Follow(self.exposed)))

    @property
    def now(self) -> datetime:
        return self.brand.clock.now()

    def later(self, **span: float) -> None:
        self.brand.clock.advance(timedelta(**span))

    async def meet(self, *users: str) -> list[PersonId]:
        """Let people be known."""
        await self.brand.tell(*(happened("Met", user, self.now) for user in users))
        return [PersonId(await self.brand.person(user)) for user in users]

    async def login(self, user: str, visitor: str) -> PersonId:
        """Let two users turn out to be one."""
        await self.brand.tell(happened("Signed In", user, self.now, also=(("anonymous_id", visitor),)))
        return PersonId(await self.brand.person(user))

    async def visit(self, visitor: str) -> PersonId:
        """Let an anonymous visitor be known."""
        made = happened("Met", "", self.now, message_id=f"visit:{visitor}", also=(("anonymous_id", visitor),))
        await self.brand.tell(_without_user(made))
        async with self.brand.uows.system(self.brand.tenant) as uow:
            (found,) = await self.brand.people.people_by_identifier(
                uow, [Identifier("anonymous_id", "", visitor)]
            )
            assert found is not None
            return found

    async def part(self, user: str, visitor: str) -> int:
        """State that a user and a visitor are two people; return how many exposures went back."""
        one, other = Identifier("user_id", "", user), Identifier("anonymous_id", "", visitor)
        async with self.brand.uows.system(self.brand.tenant) as uow:
            result = await self.brand.people.unlink(uow, one, other, actor="user:ling", reason="two people")
            assert result.splits
            gone_back = await self.exposed.follow_splits(uow, [tuple(one) for one in result.splits])
        await self.brand.drain()  # History follows the fact that states it.
        return gone_back

    async def plan(self, **changes: Any) -> int:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return decode_id("exp", (await self.experiments.create(uow, plan(**changes))).id)

    async def start(self, **changes: Any) -> int:
        number = await self.plan(**changes)
        await self.order("start", number)
        return number

    async def order(self, verb: str, *args: Any, **named: Any) -> Any:
        """Call a use case as the console does."""
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return await getattr(self.experiments, verb)(uow, *args, **named)

    async def view(self, number: int) -> ExperimentView:
        return cast(ExperimentView, await self.order("get", number))

    async def counted(self, number: int) -> tuple[dict[str, int], int]:
        view = await self.view(number)
        return {one.arm: one.people for one in view.people}, view.excluded

    async def facts(self) -> list[tuple[int, str]]:
        async with self.brand.uows.system(self.brand.tenant) as uow:
            rows = await uow.execute(
                "SELECT person_id, properties->>'arm' FROM log_event WHERE tenant_id = :tenant "
                "AND name = 'experiments.exposed' ORDER BY position",
                {"tenant": self.brand.tenant},
            )
            return [(row[0], row[1]) for row in rows]


def plan(**changes: Any) -> SaveExperiment:
    """Plan a simple experiment."""
    return SaveExperiment.model_validate(
        {
            "name": "欢迎语",
            "arms": [
                {"key": "control", "name": "旧", "weight_bps": 5_000},
                {"key": "new", "name": "新", "weight_bps": 5_000},
            ],
            "primary": {"metric": "buyers"},
            **changes,
        }
    )


def _without_user(event: Any) -> Any:
    return replace(event, identifiers=tuple(one for one in event.identifiers if one.namespace != "user_id"))


class _Follow:
    def __init__(self, exposed: ExposedPeople) -> None:
        self._exposed = exposed

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        await self._exposed.follow_merges(uow, {PersonId(one.from_id): PersonId(one.to_id) for one in merges})
