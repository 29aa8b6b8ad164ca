"""Planning what events should hold."""

from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError, ErrorKind, NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.observed.service import Observed
from quanyu.modules.events.plan import queries, rules
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.contracts import EventPlan, Issues, SavePlan, SourceRule, TrackingPlan

PLANS_MAX: Final = 1_000


class TooManyPlans(AppError):
    """A brand has as many plans as it may."""

    kind = ErrorKind.CONFLICT
    code = "events.too_many_plans"


class NoPlan(NotFound):
    """This event has no plan."""

    code = "events.no_plan"


class Plans:
    """The tracking plan of a brand."""

    def __init__(self, books: PlanBooks, observed: Observed) -> None:
        self._books = books
        self._observed = observed

    async def whole(self, uow: UnitOfWork) -> TrackingPlan:
        """Return every plan and every source's rule."""
        return await queries.whole(uow)

    async def get(self, uow: UnitOfWork, name: str) -> EventPlan:
        """Return the plan of one event name.

        Raises:
            NoPlan: it has none.
        """
        found = next((one for one in await queries.list_plans(uow) if one.name == name), None)
        if found is None:
            raise NoPlan(f"the event {name!r} has no plan", message_zh=f"事件「{name}」还没有埋点方案")
        return found

    async def save(self, uow: UnitOfWork, name: str, plan: SavePlan) -> EventPlan:
        """Set what events of ``name`` should be; holds for events from now on, within seconds everywhere.

        Raises:
            TooManyPlans: the brand has ``PLANS_MAX`` already.
        """
        if await queries.count_plans(uow) >= PLANS_MAX:
            await self.get(uow, name)
        await queries.save_plan(uow, name, plan)
        uow.after_commit(lambda: self._books.forget(uow.tenant_id))
        return await self.get(uow, name)

    async def delete(self, uow: UnitOfWork, name: str) -> None:
        """Plan nothing for ``name`` any more; idempotent."""
        await queries.delete_plan(uow, name)
        uow.after_commit(lambda: self._books.forget(uow.tenant_id))

    async def rule_source(self, uow: UnitOfWork, rule: SourceRule) -> None:
        """Set what becomes of a source's events without a plan."""
        await queries.save_source_rule(uow, rule)
        uow.after_commit(lambda: self._books.forget(uow.tenant_id))

    async def draft(self, tenant_id: TenantId, name: str) -> SavePlan:
        """Draft a plan from the latest events of ``name``; nothing is saved.

        Raises:
            UnseenEvent: none of that name was counted.
            WarehouseUnavailable: they cannot be looked at now.
        """
        detail = await self._observed.detail(tenant_id, name)
        return rules.draft(detail.properties, detail.looked_at)

    async def issues(self, uow: UnitOfWork, name: str | None) -> Issues:
        """Return what was not as planned in the last thirty days."""
        return Issues(
            sums=await queries.list_issues(uow, name=name), days=await queries.list_issue_days(uow, name=name)
        )
