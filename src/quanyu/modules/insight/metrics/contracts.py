"""What crosses the boundary of metrics. Figures are decimal text, ``None`` where there is none."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, StringConstraints

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.fields import FieldName
from quanyu.modules.insight.behaviour.contracts import Answer
from quanyu.modules.insight.behaviour.language import Analysis, EventChoice, Measure, Trend, Unit

_Text = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
MetricId = Annotated[StrictStr, Field(min_length=1, max_length=40, pattern="^[a-z0-9_]+$")]


class MetricUnit(StrEnum):
    """What a figure counts, which decides how it is written."""

    TIMES = "times"
    PEOPLE = "people"
    ORDERS = "orders"
    MONEY = "money"  # In the currency the answer names.
    SHARE = "share"  # 0.25 is a quarter.
    NUMBER = "number"


class EventFormula(Frozen):
    """A count, or a field added up, over events; as in a trend (docs/reference/behaviour.md)."""

    kind: Literal["events"]
    event: EventChoice
    measure: Measure = Measure.EVENTS
    field: FieldName | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


class RatioFormula(Frozen):
    """One metric over another; neither is a ratio itself."""

    kind: Literal["ratio"]
    of: MetricId
    to: MetricId


Formula = Annotated[EventFormula | RatioFormula, Field(discriminator="kind")]


class MetricDraft(Frozen):
    """A metric as somebody defines it; the English name and who owns it may be left out."""

    name: _Text
    name_en: Annotated[StrictStr, Field(max_length=80)] = ""
    description: Annotated[StrictStr, Field(max_length=500)] = ""
    formula: Formula
    unit: MetricUnit = MetricUnit.NUMBER
    owner: Annotated[StrictStr, Field(max_length=80)] = ""


class ChangeMetric(MetricDraft):
    """The next version of a metric; ``version`` is the one it was made from."""

    version: Annotated[int, Field(ge=1)]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class FormulaText(_View):
    """A formula in words."""

    zh: str
    en: str


class MetricView(_View):
    """A metric: those of the platform cannot be changed, and have version 1.

    ``sql`` asks the open warehouse for the same figure by day; ``None`` where its views cannot say it.
    """

    id: str
    name: str
    name_en: str
    description: str
    formula: Formula
    unit: MetricUnit
    owner: str
    version: int
    is_builtin: bool
    is_archived: bool
    text: FormulaText
    sql: str | None
    changed_at: datetime | None
    changed_by: str


class MetricList(_View):
    """Every metric that is offered: the platform's first, then the brand's by name."""

    items: tuple[MetricView, ...]


class MetricVersion(_View):
    """What a metric meant, from when on, by whom."""

    version: int
    draft: MetricDraft
    changed_at: datetime
    changed_by: str


class MetricDetail(MetricView):
    """A metric with its past, the newest version first, and the ratios that read it."""

    versions: tuple[MetricVersion, ...]
    used_by: tuple[str, ...]


class MetricQuestion(Analysis):
    """How a metric goes from period to period."""

    unit: Unit = Unit.DAY
    compare: bool = False  # With as many days just before.


class AskMetric(MetricQuestion):
    """Of a metric there is."""

    metric: MetricId


class TryMetric(MetricQuestion):
    """Of a definition nobody has kept yet."""

    formula: Formula


class MetricFigure(_View):
    """The figure of a period, and who is behind it (for a ratio: behind the metric above the line)."""

    value: str | None
    people: int


class MetricBucket(MetricFigure):
    """The figure of one calendar unit, or of the part of it asked about."""

    bucket: date
    is_complete: bool


class MetricSeries(_View):
    """A whole period, and its calendar units."""

    total: MetricFigure
    buckets: tuple[MetricBucket, ...]


class MetricAnswer(Answer):
    """A metric's figures; ``people_of`` is the trend that leads to the people behind them."""

    text: FormulaText
    sql: str | None
    currency: str | None
    other_currencies: tuple[str, ...]
    current: MetricSeries
    previous: MetricSeries | None
    people_of: Trend
