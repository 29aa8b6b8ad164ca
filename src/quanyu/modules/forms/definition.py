"""What a form asks: pages of questions, jumps between them, limits, and what an answer leads to."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

PAGES_MAX: Final = 30
QUESTIONS_MAX: Final = 100
OPTIONS_MAX: Final = 100
RANKED_MAX: Final = 20  # Nobody puts more in order on a phone.
JUMPS_MAX: Final = 20
TEXT_MAX: Final = 5_000
END: Final = "end"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00]*$")]
Passage = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Link = Annotated[str, StringConstraints(max_length=500, pattern=r"^(https?://[!-~]+)?$")]
Attribute = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z\u4e00-\u9fff][\w.\u4e00-\u9fff-]{0,59})?$", max_length=60)
]
# A question (``q:city``), a page (``p:more``), or the end.
Target = Annotated[str, StringConstraints(pattern=r"^([qp]:[a-z][a-z0-9_]{0,31}|end)$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormKind(StrEnum):
    """What a form is for: a vote may show its results to those who voted."""

    FORM = "form"
    VOTE = "vote"
    QUESTIONNAIRE = "questionnaire"


class Once(StrEnum):
    """How often somebody may answer."""

    PERSON = "person"
    DEVICE = "device"
    MANY = "many"


class Chosen(_Frozen):
    """Whether options were picked, in a question with options."""

    kind: Literal["chosen"] = "chosen"
    question: Key
    match: Literal["any", "all", "none"] = "any"
    options: Annotated[tuple[Key, ...], Field(min_length=1, max_length=OPTIONS_MAX)]


class Compared(_Frozen):
    """How a number, rating or score compares. What was not answered compares with nothing."""

    kind: Literal["compared"] = "compared"
    question: Key
    op: Literal["lt", "le", "eq", "ne", "ge", "gt"]
    value: Annotated[float, Field(allow_inf_nan=False)]


class Answered(_Frozen):
    """Whether a question was answered."""

    kind: Literal["answered"] = "answered"
    question: Key
    is_answered: bool = True


class Ranked(_Frozen):
    """Whether any of the options was put among the first ``within``, in a question that asks for an order."""

    kind: Literal["ranked"] = "ranked"
    question: Key
    options: Annotated[tuple[Key, ...], Field(min_length=1, max_length=OPTIONS_MAX)]
    within: Annotated[int, Field(ge=1, le=RANKED_MAX)] = 1


Condition = Annotated[Chosen | Compared | Answered | Ranked, Field(discriminator="kind")]


class FormJump(_Frozen):
    """Where to go on after a question; without conditions always. Of several the first that fits counts."""

    match: Literal["all", "any"] = "all"
    when: Annotated[tuple[Condition, ...], Field(max_length=10)] = ()
    to: Target


class FormOption(_Frozen):
    """One answer to choose. ``limit`` is how many people may choose it."""

    key: Key
    label: Label
    score: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    is_other: bool = False  # Lets them write what.
    limit: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    tags: Annotated[tuple[str, ...], Field(max_length=10)] = ()  # Tags of ours who chooses it is given.


class _Question(_Frozen):
    key: Key
    title: Label
    hint: Passage = ""
    required: bool = False
    attribute: Attribute = ""  # Where the answer is written in the profile; empty: nowhere.
    jumps: Annotated[tuple[FormJump, ...], Field(max_length=JUMPS_MAX)] = ()


class TextQuestion(_Question):
    """A line or a passage. What is ``personal`` leaves for the profile alone."""

    kind: Literal["text", "long_text"]
    min_length: Annotated[int, Field(ge=0, le=TEXT_MAX)] = 0
    max_length: Annotated[int, Field(ge=1, le=TEXT_MAX)] = 200
    personal: bool = False


class NumberQuestion(_Question):
    """A number."""

    kind: Literal["number"]
    min: Annotated[float, Field(allow_inf_nan=False)] | None = None
    max: Annotated[float, Field(allow_inf_nan=False)] | None = None
    whole: bool = False
    unit: Label = ""


class ChoiceQuestion(_Question):
    """One option (``single``, ``dropdown``) or several (``multi``)."""

    kind: Literal["single", "dropdown", "multi"]
    options: Annotated[tuple[FormOption, ...], Field(max_length=OPTIONS_MAX)]
    min_picks: Annotated[int, Field(ge=0, le=OPTIONS_MAX)] = 0
    max_picks: Annotated[int, Field(ge=1, le=OPTIONS_MAX)] | None = None
    shuffled: bool = False


class RankingQuestion(_Question):
    """Options put in order, the best first: all of them, or only the first ``places``."""

    kind: Literal["ranking"]
    options: Annotated[tuple[FormOption, ...], Field(max_length=RANKED_MAX)]
    places: Annotated[int, Field(ge=1, le=RANKED_MAX)] | None = None
    shuffled: bool = False


class RatingQuestion(_Question):
    """Stars from one to ``steps``."""

    kind: Literal["rating"]
    steps: Annotated[int, Field(ge=3, le=10)] = 5
    low: Label = ""
    high: Label = ""


class NpsQuestion(_Question):
    """How likely they are to recommend us, 0 to 10: to 6 detractors, 7 and 8 passives, 9 and 10 promoters."""

    kind: Literal["nps"]
    low: Label = ""
    high: Label = ""


class MatrixQuestion(_Question):
    """One column for each row."""

    kind: Literal["matrix"]
    rows: Annotated[tuple[FormOption, ...], Field(max_length=30)]
    columns: Annotated[tuple[FormOption, ...], Field(max_length=12)]


class DateQuestion(_Question):
    """A day."""

    kind: Literal["date"]
    min: date | None = None
    max: date | None = None


class ContactQuestion(_Question):
    """A telephone number or an e-mail address."""

    kind: Literal["phone", "email"]


class RegionQuestion(_Question):
    """A place in China, down to ``level``."""

    kind: Literal["region"]
    level: Literal["province", "city", "district"] = "district"


class FileQuestion(_Question):
    """Files, or pictures alone. What they are is told by their content."""

    kind: Literal["file", "image"]
    max_files: Annotated[int, Field(ge=1, le=9)] = 1
    max_mb: Annotated[int, Field(ge=1, le=10)] = 5  # Of each.


Question = Annotated[
    TextQuestion
    | NumberQuestion
    | ChoiceQuestion
    | RankingQuestion
    | RatingQuestion
    | NpsQuestion
    | MatrixQuestion
    | DateQuestion
    | ContactQuestion
    | RegionQuestion
    | FileQuestion,
    Field(discriminator="kind"),
]


class FormPage(_Frozen):
    """Questions shown together."""

    key: Key
    title: Label = ""
    text: Passage = ""
    questions: Annotated[tuple[Question, ...], Field(max_length=QUESTIONS_MAX)] = ()


class Thanks(_Frozen):
    """What is shown after the answer."""

    title: Label = ""
    text: Passage = ""
    link_url: Link = ""
    link_label: Label = ""


class ScoreResult(_Frozen):
    """What a score means, both borders included."""

    least: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    most: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    title: Label
    text: Passage = ""


class PeriodLimit(_Frozen):
    """How many answers a calendar period of the brand's zone takes; weeks begin on Monday."""

    every: Literal["hour", "day", "week", "month"]
    limit: Annotated[int, Field(ge=1, le=10_000_000)]


class WeChatAccess(_Frozen):
    """Which official account tells who answers inside WeChat."""

    account: Annotated[str, StringConstraints(pattern=r"^oac_[0-9a-z]{1,20}$")]
    asks: Literal["base", "userinfo"] = "base"  # Silently, or for the profile.
    required: bool = False  # Nobody else answers.


class FormRules(_Frozen):
    """Who may answer, how often and when."""

    once: Once = Once.PERSON
    can_edit: bool = False  # Until the form closes, from the browser that answered.
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    period_limit: PeriodLimit | None = None
    least_seconds: Annotated[int, Field(ge=1, le=3_600)] | None = None  # From opening the page to sending.
    shows_results: bool = False  # To who has voted.
    shows_score: bool = False
    wechat: WeChatAccess | None = None


class FormDefinition(_Frozen):
    """All of a form."""

    kind: FormKind = FormKind.FORM
    title: Label
    intro: Passage = ""
    pages: Annotated[tuple[FormPage, ...], Field(max_length=PAGES_MAX)]
    rules: FormRules = FormRules()
    thanks: Thanks = Thanks()
    results: Annotated[tuple[ScoreResult, ...], Field(max_length=20)] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order they stand."""
        return tuple(question for page in self.pages for question in page.questions)
