"""What crosses the boundary of experiments. Shares are basis points: 10,000 is everybody."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.insight.metrics.contracts import MetricId

ARMS_MAX: Final = 10
METRICS_MAX: Final = 10
ASSIGN_MAX: Final = 1_000
HOLDOUT_MAX_BPS: Final = 1_000
WHOLE_BPS: Final = 10_000

ArmKey = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,20}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
_Layer = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)]


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ExperimentStatus(StrEnum):
    """Where an experiment is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"  # Who was exposed keeps their arm; nobody new gets one.
    DECIDED = "decided"  # Everybody gets the arm that was chosen.


class ExperimentKind(StrEnum):
    """Whether the shares of the arms stay as they are, or follow what was learnt."""

    AB = "ab"
    BANDIT = "bandit"


class Arm(_Command):
    """One way of doing it; the first arm of an experiment is the control."""

    key: ArmKey
    name: _Name
    weight_bps: Annotated[int, Field(ge=0, le=WHOLE_BPS)]


class MetricUse(_Command):
    """A metric of the brand, and which direction is good."""

    metric: MetricId
    lower_is_better: bool = False


class SaveExperiment(_Command):
    """Plan an experiment, or change its plan."""

    name: _Name
    hypothesis: Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)] = ""
    kind: ExperimentKind = ExperimentKind.AB
    arms: Annotated[tuple[Arm, ...], Field(min_length=2, max_length=ARMS_MAX)]
    coverage_bps: Annotated[int, Field(ge=1, le=WHOLE_BPS)] = WHOLE_BPS
    layer: _Layer = ""  # Experiments of one layer share nobody; empty: of no layer.
    layer_share_bps: Annotated[int, Field(ge=1, le=WHOLE_BPS)] = WHOLE_BPS
    primary: MetricUse
    further: Annotated[tuple[MetricUse, ...], Field(max_length=METRICS_MAX)] = ()
    guardrails: Annotated[tuple[MetricUse, ...], Field(max_length=METRICS_MAX)] = ()
    window_days: Annotated[int, Field(ge=1, le=90)] = 14  # What happens so long after exposure counts.
    confidence: Literal["0.90", "0.95", "0.99"] = "0.95"
    plan_weeks: Annotated[int, Field(ge=1, le=52)] = 2

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        keys = [arm.key for arm in self.arms]
        if len(set(keys)) != len(keys):
            raise ValueError("two arms have the same key")
        if sum(arm.weight_bps for arm in self.arms) != WHOLE_BPS:
            raise ValueError(f"the weights of the arms must add up to {WHOLE_BPS}")
        if not self.arms[0].weight_bps or sum(arm.weight_bps > 0 for arm in self.arms) < 2:
            raise ValueError("the control and at least one other arm need a weight above 0")
        metrics = [use.metric for use in (self.primary, *self.further, *self.guardrails)]
        if len(set(metrics)) != len(metrics):
            raise ValueError("a metric is used twice")
        return self


class ArmPeople(_View):
    """How many people were exposed to an arm."""

    arm: str
    people: int


class ExperimentRowView(_View):
    """An experiment in a list; ``excluded`` were exposed to two arms (as two who turned out to be one)."""

    id: str
    name: str
    kind: ExperimentKind
    status: ExperimentStatus
    winner: str | None
    people: tuple[ArmPeople, ...]
    excluded: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ExperimentView(ExperimentRowView):
    """An experiment with its plan; seed, hash and part of the layer let anybody compute an assignment."""

    plan: SaveExperiment
    seed: str
    hash_version: int
    layer_part: tuple[int, int] | None


class ExperimentList(_View):
    """The brand's experiments, newest first."""

    items: tuple[ExperimentRowView, ...]


class Decide(_Command):
    """Give everybody one arm from now on."""

    arm: ArmKey


class IdentifierRef(_Command):
    """A person as an outside system knows them."""

    namespace: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    scope: Annotated[str, StringConstraints(max_length=128)] = ""
    value: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class AssignPeople(_Command):
    """Ask for the arms of people; ``expose``: they are shown the difference now, so count them."""

    people: Annotated[tuple[str, ...], Field(max_length=ASSIGN_MAX)] = ()
    identifiers: Annotated[tuple[IdentifierRef, ...], Field(max_length=ASSIGN_MAX)] = ()
    expose: bool = False


class Assignment(_View):
    """The arm of one person; ``None``: not in the experiment. Somebody unknown has no person id either."""

    person_id: str | None
    arm: str | None


class Assignments(_View):
    """In the order asked: people first, then identifiers."""

    items: tuple[Assignment, ...]


class SetHoldout(_Command):
    """Set which share is never sent marketing; ``reshuffle`` draws other people for it."""

    share_bps: Annotated[int, Field(ge=0, le=HOLDOUT_MAX_BPS)]
    reshuffle: bool = False


class HoldoutView(_View):
    """The share nobody sends marketing to, and since when these people are in it."""

    share_bps: int
    since: datetime | None
