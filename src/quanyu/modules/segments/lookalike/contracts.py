"""What crosses the boundary of lookalikes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from quanyu.modules.segments.conditions.consent import PURPOSE_PATTERN
from quanyu.modules.segments.lists.contracts import ENTRIES_MAX, ListView, Name

SEED_LEAST: Final = 10  # Of fewer nothing can be held back to test on.
SEED_SMALL: Final = 50  # Of fewer the test is shaky, and says so.
CANDIDATES_LEAST: Final = 50
EXCLUDED_MAX: Final = 10
REASONS_MAX: Final = 10

_Id = Annotated[StrictStr, Field(max_length=40)]
_Channel = Literal["official_account", "mini_program", "wecom", "sms", "email", "call"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Withdrawn(_Strict):
    """Whoever last withdrew this purpose on this channel is left out."""

    purpose: Annotated[StrictStr, Field(pattern=PURPOSE_PATTERN)]
    channel: _Channel


class LookalikeSearch(_Strict):
    """From whom, how many, and who is left out. The seed itself is always left out.

    Say ``people`` or ``share_bps``: of everybody who could be found, in hundredths of a per cent.
    """

    seed: _Id
    people: Annotated[int, Field(ge=1, le=ENTRIES_MAX)] | None = None
    share_bps: Annotated[int, Field(ge=1, le=10_000)] | None = None
    exclude: Annotated[tuple[_Id, ...], Field(max_length=EXCLUDED_MAX)] = ()
    withdrawn: Annotated[tuple[Withdrawn, ...], Field(max_length=EXCLUDED_MAX)] = ()

    @model_validator(mode="after")
    def _one_size(self) -> "LookalikeSearch":
        if (self.people is None) == (self.share_bps is None):
            raise ValueError("say how many people, or which share of the base: one of them")
        return self


class SaveLookalike(_Strict):
    """A new list to be filled with lookalikes."""

    name: Name
    description: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    search: LookalikeSearch


class LookalikeState(StrEnum):
    """How far a search is. ``proposed``: people were found and wait for somebody to say yes."""

    WANTED = "wanted"
    RUNNING = "running"
    PROPOSED = "proposed"
    USED = "used"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"


class LookalikeWarning(StrEnum):
    """What to know before these people are used."""

    SEED_SMALL = "seed_small"
    NOTHING_SEPARATES = "nothing_separates"
    ONE_THING_DECIDES = "one_thing_decides"
    MOST_OF_BASE = "most_of_base"


class LookalikeRefusal(StrEnum):
    """Why nobody is proposed."""

    SEED_TOO_SMALL = "seed_too_small"
    TOO_FEW_CANDIDATES = "too_few_candidates"
    NOTHING_KNOWN = "nothing_known"


class FeatureKind(StrEnum):
    """What a feature of a person is."""

    EVENT_COUNT = "event_count"
    EVENT_RECENCY = "event_recency"
    SPENT = "spent"
    CATEGORY = "category"
    CHANNEL = "channel"
    TAG = "tag"
    ATTRIBUTE = "attribute"  # Has this value.
    NUMBER = "number"  # An attribute that is a number.
    KNOWN_DAYS = "known_days"
    QUIET_DAYS = "quiet_days"


class LookalikeReason(_Frozen):
    """What tells the seed from the others. Medians are of those who have it: times, days, …."""

    kind: FeatureKind
    name: str
    value: str
    effect: float  # Share of what all reasons together say.
    seed_share: float
    base_share: float
    seed_median: float | None
    base_median: float | None


class LookalikeDepth(_Frozen):
    """Of the seed held back, how many are found among the first ``share`` of everybody."""

    share: float
    found: float
    lift: float  # Against taking people at random.


class LookalikeQuality(_Frozen):
    """How the search does on the part of the seed it did not see, each member held back once."""

    held_out: int
    auc: float
    depths: tuple[LookalikeDepth, ...]
    asked: LookalikeDepth  # At the size asked for.
    lift_low: float  # 95 % interval of its lift.
    lift_high: float
    best_single_auc: float  # Of the one feature that tells most alone.
    folds: int


class LookalikeCard(_Frozen):
    """What was found, and how good it is."""

    as_of: datetime
    seed: int
    candidates: int
    excluded: int
    learned_seed: int = 0  # Sampled where there are more.
    learned_base: int = 0
    features: int = 0
    proposed: int = 0
    quality: LookalikeQuality | None = None
    reasons: tuple[LookalikeReason, ...] = ()
    warnings: tuple[LookalikeWarning, ...] = ()
    refusal: LookalikeRefusal | None = None
    library: str = ""


class LookalikeView(_Frozen):
    """The last search for a list."""

    search: LookalikeSearch
    seed_name: str | None  # None: the seed was deleted.
    state: LookalikeState
    step: str
    share: float
    card: LookalikeCard | None
    error: str | None
    wanted_at: datetime
    finished_at: datetime | None


class LookalikeList(_Frozen):
    """A list and the search that fills it."""

    list: ListView
    lookalike: LookalikeView
