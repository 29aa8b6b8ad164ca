"""Walking a form: which questions an answer passes, what is kept of it, and what it scores. Pure.

The page in the browser walks the same way; what counts is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from quanyu.modules.forms.definition import (
    END,
    Answered,
    ChoiceQuestion,
    Chosen,
    Compared,
    Condition,
    ContactQuestion,
    FormDefinition,
    FormJump,
    FormRules,
    MatrixQuestion,
    Question,
    Ranked,
    ScoreResult,
    TextQuestion,
)
from quanyu.modules.forms.values import Unfit, is_empty, read_value

PROBLEMS_MAX: Final = 50
TOTAL: Final = "total"


class FormState(StrEnum):
    """Where a form stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Opening(StrEnum):
    """What somebody who opens the page meets."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    FULL = "full"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place; a place is a question's key, or a path within the form."""

    place: str
    code: str
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer that follows the form: values of the questions passed, in their order."""

    answers: Mapping[str, Any]
    path: tuple[str, ...]
    dropped: tuple[str, ...]  # Answered, but jumped over.
    score: int
    result: ScoreResult | None


class Refused(Exception):
    """An answer does not follow the form."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.code}" for one in problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class _Walk:
    kept: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def accept(definition: FormDefinition, raw: Mapping[str, Any]) -> Accepted:
    """Walk the form by an answer and return what is kept of it.

    Answers to questions that were jumped over are dropped and steer nothing.

    Raises:
        Refused: a required question passed has no answer, an answer does not fit its question, or there is
            no such question.
    """
    questions, walk = definition.questions, _Walk()
    known = {question.key for question in questions}
    walk.problems += [
        Problem(str(key)[:32], "unknown", "there is no such question", "没有这个问题")
        for key in raw
        if key not in known
    ]
    places = target_places(definition)
    at = 0
    while at < len(questions):
        question = questions[at]
        walk.path.append(question.key)
        _take(walk, question, raw.get(question.key))
        jump = next((one for one in question.jumps if fits(one, walk.kept)), None)
        at = at + 1 if jump is None else places[jump.to]
    if walk.problems:
        raise Refused(walk.problems[:PROBLEMS_MAX])
    passed = set(walk.path)
    score = score_of(definition, walk.kept)
    return Accepted(
        answers=walk.kept,
        path=tuple(walk.path),
        dropped=tuple(key for key in raw if key not in passed and not is_empty(raw[key])),
        score=score,
        result=next((one for one in definition.results if one.least <= score <= one.most), None),
    )


def _take(walk: _Walk, question: Question, raw: Any) -> None:
    if is_empty(raw):
        if question.required:
            walk.problems.append(Problem(question.key, "required", "an answer is needed", "此题必填"))
        return
    try:
        walk.kept[question.key] = read_value(question, raw)
    except Unfit as unfit:
        walk.problems.append(Problem(question.key, unfit.code, unfit.text, unfit.text_zh))


def target_places(definition: FormDefinition) -> dict[str, int]:
    """Return at which question each target lies; the end lies behind the last."""
    places = {END: len(definition.questions)}
    at = 0
    for page in definition.pages:
        places[f"p:{page.key}"] = at
        for question in page.questions:
            places[f"q:{question.key}"] = at
            at += 1
    return places


def fits(jump: FormJump, answers: Mapping[str, Any]) -> bool:
    """Whether a jump is taken by what was answered so far."""
    if not jump.when:
        return True
    held = (holds(condition, answers) for condition in jump.when)
    return all(held) if jump.match == "all" else any(held)


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds. Nothing chosen is none of the options."""
    value = answers.get(condition.question)
    match condition:
        case Answered():
            return (value is not None) == condition.is_answered
        case Chosen():
            picks = set(value["picks"]) if isinstance(value, dict) and "picks" in value else set()
            asked = set(condition.options)
            if condition.match == "none":
                return not picks & asked
            return bool(picks & asked) if condition.match == "any" else asked <= picks
        case Compared():
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return _compare(condition, value)
        case Ranked():
            ranked = value["ranked"] if isinstance(value, dict) and "ranked" in value else []
            return not set(condition.options).isdisjoint(ranked[: condition.within])
        case _:
            assert_never(condition)


def _compare(condition: Compared, value: float) -> bool:
    match condition.op:
        case "lt":
            return value < condition.value
        case "le":
            return value <= condition.value
        case "eq":
            return value == condition.value
        case "ne":
            return value != condition.value
        case "ge":
            return value >= condition.value
        case "gt":
            return value > condition.value
        case _:
            assert_never(condition.op)


def score_of(definition: FormDefinition, answers: Mapping[str, Any]) -> int:
    """Add up the scores of what was chosen."""
    total = 0
    for question in definition.questions:
        value = answers.get(question.key)
        if value is None:
            continue
        if isinstance(question, ChoiceQuestion):
            total += sum(option.score for option in question.options if option.key in value["picks"])
        elif isinstance(question, MatrixQuestion):
            scores = {column.key: column.score for column in question.columns}
            total += sum(scores[column] for column in value.values())
    return total


def opening(state: FormState, rules: FormRules, now: datetime) -> Opening:
    """Return whether a form takes answers now, as far as states and hours tell; half-open."""
    if state is not FormState.OPEN:
        return Opening.NOT_YET if state is FormState.DRAFT else Opening.CLOSED
    if rules.opens_at is not None and now < rules.opens_at:
        return Opening.NOT_YET
    if rules.closes_at is not None and now >= rules.closes_at:
        return Opening.CLOSED
    return Opening.OPEN


def limits(definition: FormDefinition, now: datetime, zone: ZoneInfo) -> dict[str, int]:
    """Return every limit that counts now, by its counter's key."""
    found: dict[str, int] = {}
    if definition.rules.limit is not None:
        found[TOTAL] = definition.rules.limit
    if definition.rules.period_limit is not None:
        found[period_key(definition.rules.period_limit.every, now, zone)] = (
            definition.rules.period_limit.limit
        )
    for question in definition.questions:
        if isinstance(question, ChoiceQuestion):
            for option in question.options:
                if option.limit is not None:
                    found[option_key(question.key, option.key)] = option.limit
    return found


def option_key(question: str, option: str) -> str:
    """Return the counter of an option."""
    return f"o:{question}:{option}"


def period_key(every: str, at: datetime, zone: ZoneInfo) -> str:
    """Return the counter of the calendar period that ``at`` lies in."""
    local = at.astimezone(zone)
    match every:
        case "hour":
            return f"h:{local:%Y-%m-%dT%H%z}"
        case "day":
            return f"d:{local:%Y-%m-%d}"
        case "week":
            return f"w:{local.date() - timedelta(days=local.weekday())}"
        case _:
            return f"m:{local:%Y-%m}"


def counted(answers: Mapping[str, Any], *, submitted_at: datetime, every: str, zone: ZoneInfo) -> set[str]:
    """Return the counters an answer is counted in, those without a limit too."""
    keys = {TOTAL}
    if every:
        keys.add(period_key(every, submitted_at, zone))
    for key, value in answers.items():
        if isinstance(value, dict) and "picks" in value:
            keys |= {option_key(key, pick) for pick in value["picks"]}
    return keys


def is_sealed(question: Question) -> bool:
    """Whether answers to it are kept encrypted: what is written freely, and how to reach somebody."""
    return isinstance(question, TextQuestion | ContactQuestion)


def divide(definition: FormDefinition, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide answers into (clear, sealed). In the clear part, what is sealed is only said to be there."""
    clear: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for question in definition.questions:
        value = answers.get(question.key)
        if value is None:
            continue
        if is_sealed(question):
            clear[question.key], sealed[question.key] = True, value
        elif isinstance(question, ChoiceQuestion) and "other" in value:
            clear[question.key], sealed[question.key] = {"picks": value["picks"]}, value
        else:
            clear[question.key] = value
    return clear, sealed
