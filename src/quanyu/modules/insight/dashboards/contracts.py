"""What crosses the boundary of saved analyses and boards."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, StringConstraints

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.insight.behaviour.language import (
    DistributionQuestion,
    Funnel,
    LastDays,
    Paths,
    Period,
    Retention,
    SegmentId,
    Trend,
)
from quanyu.modules.insight.metrics.contracts import AskMetric

CARDS_MAX = 40
Name = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class AskedFunnel(Frozen):
    """A funnel."""

    kind: Literal["funnel"]
    question: Funnel


class AskedRetention(Frozen):
    """A retention table."""

    kind: Literal["retention"]
    question: Retention


class AskedTrend(Frozen):
    """A trend."""

    kind: Literal["trend"]
    question: Trend


class AskedDistribution(Frozen):
    """A distribution."""

    kind: Literal["distribution"]
    question: DistributionQuestion


class AskedPaths(Frozen):
    """Paths."""

    kind: Literal["paths"]
    question: Paths


class AskedMetric(Frozen):
    """A metric."""

    kind: Literal["metric"]
    question: AskMetric


AskedAnalysis = AskedFunnel | AskedRetention | AskedTrend | AskedDistribution | AskedPaths
Asked = AskedAnalysis | AskedMetric


class ShowRfm(Frozen):
    """The classes of the last RFM computation; no filter of a board applies."""

    kind: Literal["rfm"]


class ShowNote(Frozen):
    """A text between the figures."""

    kind: Literal["note"]
    text: Annotated[StrictStr, Field(max_length=2_000)]


class SaveAnalysis(Frozen):
    """An analysis to keep under a name."""

    name: Name
    asked: Annotated[AskedAnalysis, Field(discriminator="kind")]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SavedAnalysis(_View):
    """A kept analysis: the question, asked anew whenever it is opened."""

    id: str
    name: str
    asked: Annotated[AskedAnalysis, Field(discriminator="kind")]
    saved_by: str
    saved_at: datetime


class SavedAnalyses(_View):
    """Every kept analysis, by name."""

    items: tuple[SavedAnalysis, ...]


class Card(Frozen):
    """One card; ``width`` in twelfths of the board. A phone shows every card in full width."""

    id: Annotated[StrictStr, Field(pattern="^[A-Za-z0-9_-]{1,40}$")]
    title: Annotated[StrictStr, Field(max_length=80)] = ""
    width: Literal[3, 4, 6, 12] = 6
    # Whether the card keeps the days of its own question, whatever the board shows.
    keeps_period: bool = False
    shows: Annotated[Asked | ShowRfm | ShowNote, Field(discriminator="kind")]


class BoardFilters(Frozen):
    """What every card of a board is narrowed to; empty: nothing."""

    period: Period = LastDays(kind="last_days", days=30)
    compare: bool = True  # Metrics and trends beside as many days before.
    source: Annotated[StrictStr, Field(max_length=200)] = ""  # Data source of the events.
    app: Annotated[StrictStr, Field(max_length=200)] = ""  # Account: ``context.app`` of the events.
    segment: SegmentId | None = None


class BoardDraft(Frozen):
    """A board, its cards in order; ``filters`` are those it opens with."""

    name: Name
    cards: Annotated[tuple[Card, ...], Field(max_length=CARDS_MAX)] = ()
    filters: BoardFilters = BoardFilters()


class ChangeBoard(BoardDraft):
    """A board as it is to be; ``version`` is the one it was made from."""

    version: Annotated[int, Field(ge=1)]


class BoardRole(StrEnum):
    """Whom the platform's first boards are for."""

    BOSS = "boss"
    OPERATOR = "operator"
    STAFF = "staff"


class BoardRow(_View):
    """One board in the list; ``role`` says for whom the platform made it."""

    id: str
    name: str
    role: BoardRole | None
    cards: int
    changed_by: str
    changed_at: datetime


class BoardList(_View):
    """Every board: those made for a role first, then by name."""

    items: tuple[BoardRow, ...]


class Board(_View):
    """A board as it is kept."""

    id: str
    version: int
    role: BoardRole | None
    draft: BoardDraft
    changed_by: str
    changed_at: datetime


class ShownCard(_View):
    """A card and what it asks with the board's filters; a note and RFM ask nothing."""

    card: Card
    asks: Annotated[Asked, Field(discriminator="kind")] | None


class ShownBoard(_View):
    """A board under some filters: ask each card's question for its figures."""

    board: Board
    filters: BoardFilters
    cards: tuple[ShownCard, ...]


class WriteAnnotation(Frozen):
    """Something that explains the figures of a day, in the brand's time zone."""

    day: date
    text: Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Annotation(_View):
    """What somebody noted about a day."""

    id: str
    day: date
    text: str
    written_by: str
    written_at: datetime


class Annotations(_View):
    """Notes, the latest day first."""

    items: tuple[Annotation, ...]
