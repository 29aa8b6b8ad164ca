"""Results of experiments: asks history, judges, keeps every look."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, TenantWarehouse, Warehouse
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.experiments.analysis import measuring
from quanyu.modules.experiments.analysis.contracts import (
    PeopleOfArm,
    PowerAnswer,
    PowerQuestion,
    Reading,
    Readings,
    Role,
)
from quanyu.modules.experiments.analysis.verdicts import verdict
from quanyu.modules.experiments.contracts import ExperimentKind, ExperimentStatus
from quanyu.modules.experiments.errors import InvalidExperiment, WrongStatus
from quanyu.modules.experiments.facts import PREFIX
from quanyu.modules.experiments.queries import experiments, readings
from quanyu.modules.experiments.queries.experiments import ExperimentRow
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.insight.behaviour.language import Measure
from quanyu.modules.insight.metrics.contracts import EventFormula, MetricDraft, RatioFormula
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.tenants.service import Tenants

if TYPE_CHECKING:
    from quanyu.modules.experiments.analysis.judging import Measured

READINGS_MAX: Final = 60
_LIMITS: Final = QueryLimits(time_s=25.0)
# A metric, what it is there for, whether less is better, its definition, and the formulas it is made of.
_Draft = tuple[str, Role, bool, MetricDraft, tuple[EventFormula, ...]]
_Rows = Sequence[Sequence[Any]]


class Results:
    """What came of experiments."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        tenants: Tenants,
        metrics: Metrics,
        experiments: Experiments,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._metrics = metrics
        self._experiments = experiments

    async def list_looks(self, uow: UnitOfWork, experiment_id: int) -> Readings:
        """Return what was read so far, the newest look first.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
        """
        await self._experiments.load(uow, experiment_id)
        return Readings(items=await readings.list_latest(uow, experiment_id, READINGS_MAX))

    async def look(self, tenant_id: TenantId, experiment_id: int) -> Reading:
        """Ask history as of now, judge, and keep what was found as the next look.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: it was never started.
            WarehouseUnavailable: history cannot be read now.
        """
        row, scope, drafts = await self._prepare(tenant_id, experiment_id)
        found = await self._read(self._warehouse.for_tenant(tenant_id), scope, row, drafts)
        async with self._uows.app(tenant_id) as uow:
            await experiments.lock(uow, experiment_id)
            kept = found.model_copy(update={"look": await readings.next_look(uow, experiment_id)})
            await readings.add(uow, experiment_id, kept)
        return kept

    async def share_out(self, tenant_id: TenantId, experiment_id: int) -> tuple[int, ...]:
        """Give the arms of a running bandit the shares the primary metric says; return them in basis points.

        Who was exposed keeps their arm. The same history gives the same shares.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WarehouseUnavailable: history cannot be read now.
        """
        row, scope, drafts = await self._prepare(tenant_id, experiment_id)
        _, _, _, _, parts = drafts[0]
        asked = measuring.metric_sql(scope, parts)
        gate = self._warehouse.for_tenant(tenant_id)
        found = await gate.query(asked.sql, asked.parameters, limits=_LIMITS)
        measured = await asyncio.to_thread(_shares, row, drafts[:1], [found])
        async with self._uows.system(tenant_id) as uow:
            now = await experiments.lock(uow, experiment_id)
            if now is None or now.status is not ExperimentStatus.RUNNING:
                return tuple(arm.weight_bps for arm in row.plan.arms)
            arms = tuple(
                arm.model_copy(update={"weight_bps": share})
                for arm, share in zip(now.plan.arms, measured, strict=True)
            )
            await experiments.save_plan(uow, experiment_id, now.plan.model_copy(update={"arms": arms}))
        return measured

    async def power(self, asked: PowerQuestion) -> PowerAnswer:
        """Return how many people, and how many whole weeks, an experiment needs.

        Raises:
            InvalidExperiment: nobody can find such an effect.
        """

        def plan() -> PowerAnswer:
            from quanyu.modules.experiments.analysis.judging import plan_power  # Loads scipy.

            return plan_power(asked)

        try:
            return await asyncio.to_thread(plan)
        except ValueError as error:
            raise InvalidExperiment(
                str(error), message_zh="无法发现这样的差别：请检查基线与期望的变化"
            ) from error

    async def _prepare(
        self, tenant_id: TenantId, experiment_id: int
    ) -> tuple[ExperimentRow, measuring.Scope, list[_Draft]]:
        async with self._uows.app(tenant_id) as uow:
            row = await self._experiments.load(uow, experiment_id)
            if row.started_at is None:
                raise WrongStatus(
                    "a draft has no results; start the experiment", message_zh="实验尚未开始，没有结果"
                )
            brand = await self._tenants.get_brand(uow)
            drafts = await self._drafts(uow, row)
            as_of = uow.clock.now()
        scope = measuring.Scope(
            experiment=encode_id(PREFIX, experiment_id),
            started_at=row.started_at,
            as_of=as_of,
            window_days=row.plan.window_days,
            brand_currency=brand.currency,
        )
        return row, scope, drafts

    async def _drafts(self, uow: UnitOfWork, row: ExperimentRow) -> list[_Draft]:
        """Return every metric with the formulas over events it is made of, the primary first."""
        plan = row.plan
        uses = [(Role.PRIMARY, plan.primary)]
        uses += [(Role.FURTHER, use) for use in plan.further]
        uses += [(Role.GUARDRAIL, use) for use in plan.guardrails]
        found = []
        for role, use in uses:
            view = await self._metrics.get(uow, use.metric)
            draft = MetricDraft(name=view.name, name_en=view.name_en, formula=view.formula, unit=view.unit)
            parts = await self._parts(uow, draft)
            found.append((use.metric, role, use.lower_is_better, draft, parts))
        return found

    async def _parts(self, uow: UnitOfWork, draft: MetricDraft) -> tuple[EventFormula, ...]:
        if isinstance(draft.formula, EventFormula):
            return (draft.formula,)
        assert isinstance(draft.formula, RatioFormula)
        both = [await self._metrics.get(uow, one) for one in (draft.formula.of, draft.formula.to)]
        return tuple(one.formula for one in both if isinstance(one.formula, EventFormula))

    async def _read(
        self,
        gate: TenantWarehouse,
        scope: measuring.Scope,
        row: ExperimentRow,
        drafts: Sequence[_Draft],
    ) -> Reading:
        asked = measuring.people_sql(scope)
        people, excluded = {arm.key: 0 for arm in row.plan.arms}, 0
        for arm, arms, count in await gate.query(asked.sql, asked.parameters, limits=_LIMITS):
            if arms == 1:
                people[arm] = int(count)
            else:
                excluded += int(count)
        rows = []
        for *_, parts in drafts:
            asked = measuring.metric_sql(scope, parts)
            rows.append(await gate.query(asked.sql, asked.parameters, limits=_LIMITS))

        def judge() -> Reading:
            return _judge(row, scope, people, excluded, drafts, rows)

        return await asyncio.to_thread(judge)


def _judge(
    row: ExperimentRow,
    scope: measuring.Scope,
    people: dict[str, int],
    excluded: int,
    drafts: Sequence[_Draft],
    rows: Sequence[_Rows],
) -> Reading:
    from quanyu.modules.experiments.analysis import judging  # Loads scipy, which takes a second.

    plan, measured = row.plan, _measured(drafts, rows)
    arms = [arm.key for arm in plan.arms if arm.weight_bps or people[arm.key]]
    judged = judging.judge_metrics(measured, arms, float(plan.confidence))
    ratio = judging.judge_sample_ratio(people, plan.arms, shares_move=plan.kind is ExperimentKind.BANDIT)
    until = min(scope.as_of, row.ended_at or scope.as_of)
    days = (until - scope.started_at).days
    return Reading(
        look=0,
        at=scope.as_of,
        days=days,
        people=tuple(PeopleOfArm(arm=arm.key, people=people[arm.key]) for arm in plan.arms),
        excluded=excluded,
        sample_ratio=ratio,
        metrics=judged,
        verdict=verdict(
            judged,
            ratio,
            names={arm.key: arm.name for arm in plan.arms},
            days=days,
            plan_weeks=plan.plan_weeks,
            is_running=row.status is ExperimentStatus.RUNNING,
            least=judging.LEAST_PEOPLE,
        ),
    )


def _measured(drafts: Sequence[_Draft], rows: Sequence[_Rows]) -> "list[Measured]":
    from quanyu.modules.experiments.analysis import judging

    return [
        judging.Measured(
            metric=metric,
            draft=draft,
            role=role,
            lower_is_better=lower,
            is_rate=len(parts) == 1 and parts[0].measure is Measure.PEOPLE,
            is_ratio=measuring.is_ratio(parts),
            sums={str(one[0]): judging.pair_sums(one[1:]) for one in found},
        )
        for (metric, role, lower, draft, parts), found in zip(drafts, rows, strict=True)
    ]


def _shares(row: ExperimentRow, drafts: Sequence[_Draft], rows: Sequence[_Rows]) -> tuple[int, ...]:
    from quanyu.modules.experiments.analysis import judging

    return judging.bandit_shares(_measured(drafts, rows)[0], [arm.key for arm in row.plan.arms], seed=row.id)
