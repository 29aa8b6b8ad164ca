"""What crosses the boundary of forms."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.forms.definition import FormDefinition, FormKind
from quanyu.modules.forms.rules import FormState, Opening

FORM_PREFIX: Final = "frm"
ANSWER_PREFIX: Final = "fan"
FILE_PREFIX: Final = "ffl"
SUBMITTED: Final = "forms.submitted"
EDITED: Final = "forms.answer_edited"
DELETED: Final = "forms.answer_deleted"
EXPORTED: Final = "forms.exported"

FormId = NewType("FormId", int)
AnswerId = NewType("AnswerId", int)
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
SubmissionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SaveForm(_Frozen):
    """A form's name in the console, and what it is to ask."""

    name: Name
    definition: FormDefinition


class ChangeFormState(_Frozen):
    """Open a published form again, close it, or put it away."""

    state: Literal["open", "closed", "archived"]


class FormIssue(_View):
    """What is wrong at one place of a form, or of an answer."""

    place: str
    code: str
    text: str
    text_zh: str


class FormRow(_View):
    """One form in the list."""

    id: str
    name: str
    kind: FormKind
    state: FormState
    opening: Opening
    url: str
    published_version: int | None
    opened: int  # Browsers that opened the page.
    answers: int
    last_answer_at: datetime | None
    updated_at: datetime


class FormRows(_View):
    """All forms, the newest first."""

    items: tuple[FormRow, ...]


class Form(_View):
    """One form: its draft, what is published, and what keeps the draft from that."""

    row: FormRow
    draft: FormDefinition
    issues: tuple[FormIssue, ...]
    published: FormDefinition | None
    published_at: datetime | None
    is_changed: bool  # The draft differs from what is published.


class FormIssues(_View):
    """What keeps a form from being published."""

    items: tuple[FormIssue, ...]


class DraftChange(_View):
    """How a draft differs from what is published, where answers exist."""

    change: Literal["question_added", "question_removed", "question_changed", "option_removed"]
    question: str
    title: str
    option: str = ""
    answers: int = 0  # That answered the question, or chose the option.


class PublishPreview(_View):
    """What publishing would mean."""

    issues: tuple[FormIssue, ...]
    changes: tuple[DraftChange, ...]
    answers: int


class SubmitAnswers(_Frozen):
    """An answer from the page. ``submission`` is chosen by the page: sending again changes nothing."""

    submission: SubmissionId
    version: Annotated[int, Field(ge=1)]
    answers: dict[str, Any]
    seconds: Annotated[int, Field(ge=0, le=86_400 * 7)] = 0  # Since the page was opened.
    ticket: Annotated[str, StringConstraints(max_length=80)] = ""
    source: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] = ""
    campaign: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] = ""


class TellProgress(_Frozen):
    """Which page of the form was reached."""

    page: Annotated[int, Field(ge=0, le=100)]


class Narrowing(_Frozen):
    """Which answers, and which visits, figures are of: everything where nothing is said."""

    first_day: date | None = None  # Days of the brand's calendar, both included.
    last_day: date | None = None
    source: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")] = ""
    unmarked: bool = False  # Only those whose link names no source.


class OptionCount(_View):
    """How many chose one option, row and column, or step."""

    key: str
    label: str
    count: int


class RowCounts(_View):
    """A row of a matrix, or an option that was put in order with how often it took each place."""

    key: str
    label: str
    columns: tuple[OptionCount, ...]
    mean_place: float | None = None  # Of those who gave the option a place; the first is 1.


class NumberFigures(_View):
    """What numbers come to; ``nps`` is promoters less detractors in percent of all."""

    average: float
    least: float
    most: float
    median: float
    nps: float | None = None


class WordCount(_View):
    """How many answers hold a word."""

    word: str
    answers: int


class QuestionWords(_View):
    """The words of answers to a question for text, the most frequent first; of the latest ``read`` answers.

    Words that fewer than ``least`` different people wrote are left out.
    """

    answered: int
    read: int
    least: int
    words: tuple[WordCount, ...]


class QuestionResult(_View):
    """What was answered to one question."""

    key: str
    kind: str
    title: str
    answered: int
    has_words: bool = False  # Words of its answers can be counted.
    options: tuple[OptionCount, ...] = ()
    rows: tuple[RowCounts, ...] = ()
    figures: NumberFigures | None = None


class PageReached(_View):
    """How many browsers reached a page."""

    key: str
    title: str
    reached: int


class DayAnswers(_View):
    """Answers of one day of the brand."""

    day: str
    answers: int


class FormResults(_View):
    """The figures of a form: of answers by when they were sent, of visits by when the page was first opened.

    Later answers of people found to be one count as ``repeats`` alone.
    """

    answers: int
    repeats: int
    opened: int
    submitted: int  # Of those who opened the page.
    median_seconds: int | None
    average_score: float | None
    pages: tuple[PageReached, ...]
    days: tuple[DayAnswers, ...]  # The latest 366 at most; those without an answer too.
    sources: tuple[OptionCount, ...]
    known_sources: tuple[str, ...]  # Whatever the filter.
    results: tuple[OptionCount, ...]
    questions: tuple[QuestionResult, ...]


class RefusalReason(StrEnum):
    """Why an answer was not taken."""

    NOT_YET = "not_yet"
    CLOSED = "closed"
    FULL = "full"
    PERIOD_FULL = "period_full"
    OPTION_FULL = "option_full"
    ALREADY_ANSWERED = "already_answered"
    TOO_FAST = "too_fast"
    INVALID = "invalid"
    OUTDATED = "outdated"  # Of a version that was replaced too long ago.
    NO_WECHAT = "no_wechat"
    CONFLICT = "conflict"  # The submission was used for another answer.


class RefusalCount(_View):
    """How often answers were refused for one reason."""

    reason: RefusalReason
    count: int


class RefusalDay(_View):
    """The same on one day of the brand."""

    day: date
    reason: RefusalReason
    count: int


class FormRefusals(_View):
    """Answers that were refused; ``days`` are the latest, the earliest of them first."""

    total: int
    reasons: tuple[RefusalCount, ...]  # The most frequent first.
    days: tuple[RefusalDay, ...]


class CrossTable(_View):
    """How two questions were answered together."""

    rows: tuple[RowCounts, ...]
    columns: tuple[OptionCount, ...]


class TakenFile(_View):
    """A file that waits for its answer."""

    id: str
    name: str
    kind: str
    size: int


class ShownFile(_View):
    """A file of an answer; ``kind`` is what its content is."""

    id: str
    name: str
    kind: str
    size: int


class ShownValue(_View):
    """One answer in words; how to reach somebody is masked."""

    question: str
    title: str
    text: str
    files: tuple[ShownFile, ...] = ()


class AnswerRow(_View):
    """A single answer."""

    id: str
    person: str | None
    person_name: str | None
    version: int
    submitted_at: datetime
    edited_at: datetime | None
    seconds: int
    source: str
    score: int
    result: str
    is_repeat: bool
    values: tuple[ShownValue, ...]


class AnswerPage(_View):
    """Answers, the newest first; ``total`` counts all that fit."""

    items: tuple[AnswerRow, ...]
    next_cursor: str | None
    total: int


class PersonForm(_View):
    """An answer of one person, on their page."""

    form: str
    name: str
    answer: AnswerRow


class PersonForms(_View):
    """The answers of one person."""

    items: tuple[PersonForm, ...]
