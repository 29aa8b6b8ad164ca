"""The study of lifecycle stages: everybody's stage each day, and a fact for whoever changed."""

from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.sources import Asked as Question
from quanyu.modules.insight.behaviour.whole import Everybody, checked_whole
from quanyu.modules.insight.lifecycle.contracts import (
    AskFlow,
    AskFlowPeople,
    LifecycleCard,
    LifecycleFlow,
    LifecycleSettings,
)
from quanyu.modules.insight.lifecycle.forecast import forecast
from quanyu.modules.insight.lifecycle.stages import (
    FLOW,
    FLOW_PEOPLE,
    day_number,
    local_day,
    parameters,
    stages_sql,
)
from quanyu.modules.insight.lifetime.limits import day_of
from quanyu.modules.insight.runs import whole_ms
from quanyu.modules.insight.studies.behind import Behind
from quanyu.modules.insight.studies.contracts import StudyMove, StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

CHANGED: Final = "insight.stage_changed"


class LifecycleSummary(StudySummary[LifecycleCard, LifecycleSettings]):
    """The last stages."""


class Lifecycle:
    """`studies.desk.Study`: everybody's stage, once a day."""

    kind = "lifecycle"
    every_s = 0.0
    attributes: tuple[str, ...] = ("lifecycle_stage",)
    card_type = LifecycleCard
    settings_type = LifecycleSettings
    summary_type: type[StudySummary[LifecycleCard, LifecycleSettings]] = LifecycleSummary

    async def compute(self, asked: Asked[LifecycleCard, LifecycleSettings]) -> Computed[LifecycleCard]:
        """Tell the stage of everybody who ever acted."""
        today = local_day(asked.as_of, asked.brand.time_zone)
        bound = parameters(
            asked.settings, as_of=asked.as_of, zone=asked.brand.time_zone, today=day_number(today)
        )
        found = await asked.gate.query_columns(stages_sql("today"), bound)
        columns = (found[name] for name in ("who", "first", "last", "orders", "stage"))
        verdicts = [
            Verdict(
                person_id=int(who),
                label=str(stage),
                score=None,
                detail={
                    "first_on": day_of(int(first)).isoformat(),
                    "last_on": day_of(int(last)).isoformat(),
                    "orders": int(orders),
                },
            )
            for who, first, last, orders, stage in zip(*columns, strict=True)
        ]
        return Computed(LifecycleCard(definitions=asked.settings, as_of_day=today), verdicts)

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The stage."""
        return (verdict.label,)

    def tells(self, asked: Asked[LifecycleCard, LifecycleSettings]) -> bool:
        """Other definitions move everybody at once, and nobody did anything: that is no fact."""
        return asked.card_before is not None and asked.card_before.definitions == asked.settings

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """State that somebody's stage changed."""
        return stage_changed(verdict.person_id, before=before, stage=verdict.label, at=at)

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a stage; it follows every later computation."""
        return {"kind": "attribute", "key": "lifecycle_stage", "op": "eq", "value": label}


def stage_changed(person: int, *, before: str, stage: str, at: datetime) -> Fact:
    """State that somebody went from one stage to another; said again, it is the same fact."""
    return Fact(
        name=CHANGED,
        message_id=f"{CHANGED}:{person}:{int(at.timestamp() * 1000)}",
        occurred_at=at,
        person_id=PersonId(person),
        properties={"from": before, "to": stage},
    )


class LifecycleDesk(StudyDesk[LifecycleCard, LifecycleSettings]):
    """The desk of stages, with movement over any period."""

    async def flow(self, tenant_id: TenantId, asked: AskFlow) -> LifecycleFlow:
        """Count who went from stage to stage between the end of a day and now, and foretell further periods.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        bound = await self._bound(tenant_id, asked.days)
        rows = await self._warehouse.for_tenant(tenant_id).query(FLOW, bound)
        moves = {(before, label): int(people) for before, label, people in rows}
        return LifecycleFlow(
            from_day=day_of(bound["from_day"]),
            to_day=day_of(bound["to_day"]),
            moves=tuple(StudyMove(before=key[0], label=key[1], people=n) for key, n in moves.items()),
            forecast=forecast(moves, days=asked.days),
        )

    async def flow_people(
        self, tenant_id: TenantId, asked: AskFlowPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is behind a cell of ``flow``; errors as there."""
        bound = await self._bound(tenant_id, asked.days)
        question = Question(FLOW_PEOPLE, {**bound, "before": asked.before or "", "label": asked.label})
        return await Behind(self._uows, self._people).page(
            self._warehouse.for_tenant(tenant_id), tenant_id, question, cursor=cursor, limit=limit
        )

    async def everybody_of_flow(self, tenant_id: TenantId, asked: AskFlowPeople, *, most: int) -> Everybody:
        """Return everybody behind a cell of ``flow``; errors as there.

        Raises:
            TooManyBehind: they are more than ``most``.
        """
        bound = await self._bound(tenant_id, asked.days)
        whole = Question(
            FLOW_PEOPLE, {**bound, "before": asked.before or "", "label": asked.label}
        ).everybody()
        gate = self._warehouse.for_tenant(tenant_id)
        total, found = (await gate.query(whole.sql, {**whole.parameters, "most": most}))[0]
        return Everybody(checked_whole(total, found, most=most), self._uows.clock.now())

    async def _bound(self, tenant_id: TenantId, days: int) -> dict[str, Any]:
        async with self._uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            settings = await self.settings(uow)
            now = whole_ms(uow.clock.now())
        today = local_day(now, brand.time_zone)
        return parameters(
            settings,
            as_of=now,
            zone=brand.time_zone,
            to_day=day_number(today),
            from_day=day_number(today - timedelta(days=days)),
        )


def lifecycle_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> LifecycleDesk:
    """Build the desk."""
    return LifecycleDesk(Lifecycle(), uows, warehouse, people, tenants)
