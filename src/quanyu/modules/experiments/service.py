"""Experiments: plan, run, assign, expose, stop, decide; and the brand's hold-out group."""

import secrets
from collections.abc import Collection, Mapping
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.experiments import assignment, holdouts
from quanyu.modules.experiments.contracts import (
    ArmPeople,
    ExperimentList,
    ExperimentRowView,
    ExperimentStatus,
    ExperimentView,
    HoldoutView,
    SaveExperiment,
    SetHoldout,
)
from quanyu.modules.experiments.errors import (
    ExperimentNotFound,
    InvalidExperiment,
    LayerFull,
    TooManyExperiments,
    WrongStatus,
)
from quanyu.modules.experiments.facts import PREFIX, exposed_fact
from quanyu.modules.experiments.guard import HeldOut
from quanyu.modules.experiments.queries import experiments, exposures
from quanyu.modules.experiments.queries.experiments import ExperimentRow, HoldoutRow
from quanyu.modules.experiments.queries.exposures import Counted
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.messaging.service import Messaging

EXPERIMENTS_MAX: Final = 500
# What may change while people are in it: nothing that would move anybody, or change what is measured.
_WHILE_RUNNING: Final = frozenset({"name", "hypothesis", "coverage_bps", "plan_weeks"})


class Experiments:
    """The use cases of experiments."""

    def __init__(self, metrics: Metrics, messaging: Messaging) -> None:
        self._metrics = metrics
        messaging.add_guard(HeldOut())

    # --- life -------------------------------------------------------------------------------------------

    async def create(self, uow: UnitOfWork, plan: SaveExperiment) -> ExperimentView:
        """Plan an experiment; nobody is in it until it is started.

        Raises:
            TooManyExperiments: the brand has ``EXPERIMENTS_MAX``.
            MetricNotFound: a metric is none of the brand's.
        """
        if await experiments.count(uow) >= EXPERIMENTS_MAX:
            raise TooManyExperiments(
                f"a brand has at most {EXPERIMENTS_MAX} experiments; delete drafts nobody needs",
                message_zh=f"一个品牌最多 {EXPERIMENTS_MAX} 个实验，请删除不需要的草稿",
            )
        await self._check_metrics(uow, plan)
        row = ExperimentRow(
            id=(number := new_id()),
            status=ExperimentStatus.DRAFT,
            plan=plan,
            seed=encode_id(PREFIX, number),
            hash_version=assignment.HASH_VERSION,
            layer_part=None,
            winner=None,
            created_at=uow.clock.now(),
            started_at=None,
            ended_at=None,
        )
        await experiments.insert(uow, row)
        return await self.get(uow, row.id)

    async def save(self, uow: UnitOfWork, experiment_id: int, plan: SaveExperiment) -> ExperimentView:
        """Change the plan. While it runs only words, its length and a wider coverage may change.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: the change would move people or change what is measured.
        """
        row = await self._lock(uow, experiment_id, ExperimentStatus.DRAFT, ExperimentStatus.RUNNING)
        if row.status is ExperimentStatus.RUNNING:
            _require_harmless(row.plan, plan)
        await self._check_metrics(uow, plan)
        await experiments.save_plan(uow, experiment_id, plan)
        return await self.get(uow, experiment_id)

    async def delete(self, uow: UnitOfWork, experiment_id: int) -> None:
        """Delete one that was never started.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: it was started.
        """
        await self._lock(uow, experiment_id, ExperimentStatus.DRAFT)
        await experiments.delete(uow, experiment_id)

    async def start(self, uow: UnitOfWork, experiment_id: int) -> ExperimentView:
        """Let people in; in a layer it gets a part no running experiment has.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: it is no draft.
            LayerFull: the running experiments of the layer leave too little of it.
        """
        row = await self._lock(uow, experiment_id, ExperimentStatus.DRAFT)
        layer, part = row.plan.layer, None
        if layer:
            await experiments.lock_layer(uow, layer)
            taken = await experiments.parts_of_layer(uow, layer)
            part = assignment.free_part(taken, row.plan.layer_share_bps)
            if part is None:
                raise _layer_full(row.plan)
        await experiments.start(uow, experiment_id, layer=layer, part=part, now=uow.clock.now())
        return await self.get(uow, experiment_id)

    async def stop(self, uow: UnitOfWork, experiment_id: int) -> ExperimentView:
        """Let nobody new in; who was exposed keeps their arm. Its part of the layer becomes free.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: it does not run.
        """
        await self._lock(uow, experiment_id, ExperimentStatus.RUNNING)
        await experiments.end(uow, experiment_id, ExperimentStatus.STOPPED, winner=None, now=uow.clock.now())
        return await self.get(uow, experiment_id)

    async def decide(self, uow: UnitOfWork, experiment_id: int, arm: str) -> ExperimentView:
        """Give everybody one arm from now on.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            WrongStatus: it was never started, or is decided.
            InvalidExperiment: it has no such arm.
        """
        row = await self._lock(uow, experiment_id, ExperimentStatus.RUNNING, ExperimentStatus.STOPPED)
        _require_arms(row, {arm})
        await experiments.end(uow, experiment_id, ExperimentStatus.DECIDED, winner=arm, now=uow.clock.now())
        return await self.get(uow, experiment_id)

    async def get(self, uow: UnitOfWork, experiment_id: int) -> ExperimentView:
        """Return one experiment with its plan.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
        """
        row = await self.load(uow, experiment_id)
        counted = (await exposures.count(uow, [row.id]))[row.id]
        return ExperimentView(
            **dict(_row_view(row, counted)),
            plan=row.plan,
            seed=row.seed,
            hash_version=row.hash_version,
            layer_part=row.layer_part,
        )

    async def list_experiments(self, uow: UnitOfWork) -> ExperimentList:
        """Return the brand's experiments, newest first."""
        rows = await experiments.list_all(uow, EXPERIMENTS_MAX)
        counted = await exposures.count(uow, [row.id for row in rows])
        return ExperimentList(items=tuple(_row_view(row, counted[row.id]) for row in rows))

    async def load(self, uow: UnitOfWork, experiment_id: int) -> ExperimentRow:
        """Return an experiment as it is stored, or raise ``ExperimentNotFound``."""
        row = await experiments.find(uow, experiment_id)
        if row is None:
            raise _not_found(experiment_id)
        return row

    # --- people -----------------------------------------------------------------------------------------

    async def assign(
        self, uow: UnitOfWork, experiment_id: int, people: Collection[PersonId]
    ) -> dict[PersonId, str | None]:
        """Return everybody's arm, or ``None`` for who is not in the experiment; nothing is recorded.

        ``people`` are who they are known as today. Once exposed, somebody keeps their arm for as long as the
        experiment is not decided. Who is held out of all marketing comes into no experiment.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
        """
        row = await self.load(uow, experiment_id)
        asked = sorted(set(people))
        if row.status is ExperimentStatus.DRAFT:
            return dict.fromkeys(asked)
        if row.status is ExperimentStatus.DECIDED:
            return dict.fromkeys(asked, row.winner)
        known = await exposures.arms_of(uow, experiment_id, asked)
        if row.status is ExperimentStatus.STOPPED:
            return {one: known.get(one) for one in asked}
        new = [one for one in asked if one not in known]
        held = await holdouts.held_out(uow, new)
        drawn = {one: None if one in held else _draw(row, one) for one in new}
        return {one: known[one] if one in known else drawn[one] for one in asked}

    async def expose(
        self, uow: UnitOfWork, experiment_id: int, arms: Mapping[PersonId, str], *, cause: str = ""
    ) -> int:
        """Record that people meet the difference now, the control too; return how many were new.

        To be called where the arms part, with what ``assign`` returned. Idempotent: only a person's first
        exposure counts. States ``experiments.exposed`` for each new one. Nothing is recorded once the
        experiment was stopped.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            InvalidExperiment: it has no such arm.
        """
        row = await self.load(uow, experiment_id)
        _require_arms(row, set(arms.values()))
        if row.status is not ExperimentStatus.RUNNING or not arms:
            return 0
        now = uow.clock.now()
        new = await exposures.add(uow, experiment_id, arms, cause=cause, now=now)
        for person in new:
            uow.publish(exposed_fact(experiment_id, row.plan.name, person, arms[person], at=now))
        return len(new)

    async def held_out(self, uow: UnitOfWork, people: Collection[PersonId]) -> set[PersonId]:
        """Return who of these people no marketing may go to."""
        return await holdouts.held_out(uow, people)

    def drawn_out(self, play: str, people: Collection[PersonId], share_bps: int) -> set[PersonId]:
        """Return who of these people a play leaves out to compare with: the same each time, by its id.

        A larger share keeps who was in the smaller one.
        """
        return {one for one in people if assignment.is_held_out(play, encode_id("per", one), share_bps)}

    async def holdout(self, uow: UnitOfWork) -> HoldoutView:
        """Return the share that is held out."""
        row = await experiments.find_holdout(uow)
        return HoldoutView(share_bps=row.share_bps if row else 0, since=row.since if row else None)

    async def set_holdout(self, uow: UnitOfWork, command: SetHoldout) -> HoldoutView:
        """Set the share; who was held out stays so in a larger one, unless other people are drawn."""
        before = await experiments.find_holdout(uow)
        now = uow.clock.now()
        is_new = before is None or command.reshuffle or not before.share_bps
        row = HoldoutRow(
            share_bps=command.share_bps,
            seed=secrets.token_hex(8) if before is None or command.reshuffle else before.seed,
            since=now if is_new or before is None else before.since,
        )
        await experiments.save_holdout(uow, row)
        return await self.holdout(uow)

    # --- shared -----------------------------------------------------------------------------------------

    async def _check_metrics(self, uow: UnitOfWork, plan: SaveExperiment) -> None:
        uses = (plan.primary, *plan.further, *plan.guardrails)
        await self._metrics.check_known(uow, [use.metric for use in uses])

    async def _lock(self, uow: UnitOfWork, experiment_id: int, *allowed: ExperimentStatus) -> ExperimentRow:
        row = await experiments.lock(uow, experiment_id)
        if row is None:
            raise _not_found(experiment_id)
        if row.status not in allowed:
            raise WrongStatus(
                f"the experiment is {row.status}; this needs {' or '.join(allowed)}",
                message_zh=f"实验当前状态为 {row.status}，此操作需要 {'/'.join(allowed)}",
            )
        return row


def _draw(row: ExperimentRow, person: PersonId) -> str | None:
    value = encode_id("per", person)
    if row.layer_part is not None:
        start, end = row.layer_part
        if not assignment.in_layer(row.plan.layer, value, start=start, end=end):
            return None
    weights = [arm.weight_bps for arm in row.plan.arms]
    number = assignment.arm_at(assignment.bucket(row.seed, value), weights, row.plan.coverage_bps)
    return None if number is None else row.plan.arms[number].key


def _require_arms(row: ExperimentRow, arms: Collection[str]) -> None:
    unknown = set(arms) - {arm.key for arm in row.plan.arms}
    if unknown:
        raise InvalidExperiment(
            f"the experiment has no arm {', '.join(sorted(unknown))[:60]!r}",
            message_zh=f"实验没有这个分组：{'、'.join(sorted(unknown))[:60]}",
        )


def _require_harmless(before: SaveExperiment, after: SaveExperiment) -> None:
    changed = sorted(
        name for name in SaveExperiment.model_fields if getattr(before, name) != getattr(after, name)
    )
    forbidden = [name for name in changed if name not in _WHILE_RUNNING]
    if forbidden:
        raise WrongStatus(
            f"{', '.join(forbidden)} cannot change while the experiment runs; stop it and plan another",
            message_zh=f"实验进行中不能修改 {'、'.join(forbidden)}，请停止后新建实验",
        )
    if after.coverage_bps < before.coverage_bps:
        raise WrongStatus(
            "the coverage of a running experiment can only grow",
            message_zh="实验进行中只能扩大覆盖比例，不能缩小",
        )


def _layer_full(plan: SaveExperiment) -> LayerFull:
    share = f"{plan.layer_share_bps / 100:g} %"
    return LayerFull(
        f"layer {plan.layer!r} has no free part of {share}; stop an experiment in it or take a smaller share",
        message_zh=f"互斥层「{plan.layer}」没有 {share} 的空余，请先停止其中的实验或减小占比",
    )


def _row_view(row: ExperimentRow, counted: Counted) -> ExperimentRowView:
    return ExperimentRowView(
        id=encode_id(PREFIX, row.id),
        name=row.plan.name,
        kind=row.plan.kind,
        status=row.status,
        winner=row.winner,
        people=tuple(ArmPeople(arm=arm.key, people=counted.people.get(arm.key, 0)) for arm in row.plan.arms),
        excluded=counted.excluded,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _not_found(experiment_id: int) -> ExperimentNotFound:
    experiment = encode_id(PREFIX, experiment_id)
    return ExperimentNotFound(
        f"there is no experiment {experiment}", message_zh=f"没有这个实验：{experiment}"
    )


def people_of(assigned: Mapping[PersonId, str | None]) -> dict[PersonId, str]:
    """Keep those who are in the experiment: what ``expose`` takes."""
    return {person: arm for person, arm in assigned.items() if arm is not None}
