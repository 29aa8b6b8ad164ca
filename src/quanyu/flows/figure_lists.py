"""The people behind a figure, held fast as a list: analyses find them, segments keep them."""

from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Permission
from quanyu.modules.forms.answerers import Answerers, AnswerersDesk, AskAnswerers
from quanyu.modules.insight.behaviour.language import (
    DistributionPeople,
    FunnelPeople,
    PathsPeople,
    RetentionPeople,
    TrendPeople,
)
from quanyu.modules.insight.behaviour.whole import Everybody, FigureOf, WholeFigures
from quanyu.modules.insight.errors import InvalidAnalysis
from quanyu.modules.insight.lifecycle.contracts import AskFlowPeople
from quanyu.modules.insight.lifecycle.study import LifecycleDesk
from quanyu.modules.insight.quality.study import QualityDesk
from quanyu.modules.insight.studies.contracts import GroupPeople
from quanyu.modules.segments.lists.contracts import ENTRIES_MAX, ListOrigin, ListView, Name
from quanyu.modules.segments.lists.service import KeptPeople, Lists

FLOW: Final = "lifecycle/flow"
QUALITY: Final = "quality"
FORMS: Final = "forms"
T = TypeVar("T")
_BEHAVIOUR: Final[dict[str, type[FigureOf]]] = {
    "behaviour/funnel": FunnelPeople,
    "behaviour/retention": RetentionPeople,
    "behaviour/trend": TrendPeople,
    "behaviour/distribution": DistributionPeople,
    "behaviour/paths": PathsPeople,
}


class KeepFigure(BaseModel):
    """The people of a figure as a list; ``body`` is what its ``/people`` takes, of forms a bar of theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Name
    description: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    of: Literal[
        "behaviour/funnel", "behaviour/retention", "behaviour/trend", "behaviour/distribution",
        "behaviour/paths", "lifecycle/flow", "quality", "forms",
    ]  # fmt: skip
    body: dict[str, Any]


class FigureLists:
    """Keeps whoever is behind a figure."""

    def __init__(
        self,
        figures: WholeFigures,
        stages: LifecycleDesk,
        quality: QualityDesk,
        answerers: AnswerersDesk,
        lists: Lists,
    ) -> None:
        self._figures = figures
        self._stages = stages
        self._quality = quality
        self._answerers = answerers
        self._lists = lists

    async def keep(self, tenant_id: TenantId, command: KeepFigure, *, by: str) -> ListView:
        """Make a list of everybody behind a figure, as of the instant it asks about.

        Raises:
            InvalidAnalysis, UnknownForm, UnfitFilter, TooManyBehind, TooManyAnswerers, SegmentNameTaken,
            TooManySegments: nothing was saved.
            WarehouseUnavailable: history cannot be read now.
        """
        found = await self._everybody(tenant_id, command)
        kept = KeptPeople(
            people=found.people, origin=ListOrigin.FIGURE, detail={"figure": command.of}, as_of=found.as_of
        )
        return await self._lists.keep(
            tenant_id, name=command.name, description=command.description, kept=kept, by=by
        )

    async def _everybody(self, tenant_id: TenantId, command: KeepFigure) -> Everybody | Answerers:
        if command.of == FLOW:
            flow = _read(AskFlowPeople, command.body)
            return await self._stages.everybody_of_flow(tenant_id, flow, most=ENTRIES_MAX)
        if command.of == QUALITY:
            chosen = _read(GroupPeople, command.body)
            return await self._quality.everybody(tenant_id, chosen, most=ENTRIES_MAX)
        if command.of == FORMS:
            bar = _read(AskAnswerers, command.body)
            return await self._answerers.everybody(tenant_id, bar, most=ENTRIES_MAX)
        figure = _read(_BEHAVIOUR[command.of], command.body)
        return await self._figures.everybody(tenant_id, figure, most=ENTRIES_MAX)


def _read(kind: type[T], body: dict[str, Any]) -> T:
    try:
        return TypeAdapter(kind).validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidAnalysis(
            f"body.{where}: {first['msg']}", message_zh=f"分析条件有误（{where}）"
        ) from error


def router(figures: FigureLists) -> APIRouter:
    """Build the route; it comes before those that take any segment's id."""
    routes = APIRouter(prefix="/api/v1/segments", tags=["segments"], dependencies=[permits.SEGMENTS])

    @routes.post("/lists/figure", status_code=status.HTTP_201_CREATED)
    async def keep_figure(caller: CurrentCaller, command: KeepFigure) -> ListView:
        """Make a list of everybody behind a figure of an analysis, or behind a bar of a form's results."""
        needed = Permission.FORMS_READ if command.of == FORMS else Permission.INSIGHT_READ
        if not caller.may(needed):
            raise permits.missing(needed)
        return await figures.keep(caller.tenant_id, command, by=caller.name)

    return routes
