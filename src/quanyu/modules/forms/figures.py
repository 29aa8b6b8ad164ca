"""From counts of answers to what a chart shows. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from quanyu.modules.forms.contracts import DayAnswers, NumberFigures, OptionCount, QuestionResult, RowCounts
from quanyu.modules.forms.definition import (
    ChoiceQuestion,
    FileQuestion,
    MatrixQuestion,
    NpsQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    RatingQuestion,
    RegionQuestion,
    TextQuestion,
)
from quanyu.modules.forms.regions import find_place
from quanyu.modules.forms.rules import is_sealed
from quanyu.modules.forms.values import places_of

BARS_MAX = 50


def question_result(question: Question, counts: Mapping[str, int], answered: int) -> QuestionResult:
    """Return what was answered to one question."""
    rows: tuple[RowCounts, ...] = ()
    options: Sequence[OptionCount] = ()
    figures = None
    if isinstance(question, MatrixQuestion):
        rows = _matrix(question, counts)
    elif isinstance(question, RankingQuestion):
        rows = _ranking(question, counts)
    elif not is_sealed(question) and not isinstance(question, FileQuestion):
        options = bars_of(question, counts)
    if isinstance(question, NumberQuestion | RatingQuestion | NpsQuestion):
        figures = number_figures(counts, is_nps=isinstance(question, NpsQuestion))
    return QuestionResult(
        key=question.key,
        kind=question.kind,
        title=question.title,
        answered=answered,
        has_words=isinstance(question, TextQuestion) and tells_words(question),
        options=tuple(options),
        rows=rows,
        figures=figures,
    )


def tells_words(question: TextQuestion) -> bool:
    """Whether its words may be counted: not where the answer is about one person."""
    return not question.personal and not question.attribute


def bars_of(question: Question, counts: Mapping[str, int]) -> list[OptionCount]:
    """Return the bars of a question: each option or step there is, or the values given most."""
    if isinstance(question, ChoiceQuestion):
        named = {one.key: one.label for one in question.options}
    elif isinstance(question, RatingQuestion):
        named = {str(step): str(step) for step in range(1, question.steps + 1)}
    elif isinstance(question, NpsQuestion):
        named = {str(step): str(step) for step in range(11)}
    else:
        return _most_given(question, counts)
    bars = [OptionCount(key=key, label=label, count=counts.get(key, 0)) for key, label in named.items()]
    # Options that were there when somebody chose them.
    return bars + [
        OptionCount(key=key, label=key, count=n) for key, n in sorted(counts.items()) if key not in named
    ]


def _most_given(question: Question, counts: Mapping[str, int]) -> list[OptionCount]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:BARS_MAX]
    if not isinstance(question, RegionQuestion):
        ordered.sort(key=lambda one: _order(one[0]))
    return [OptionCount(key=key, label=_label(question, key), count=n) for key, n in ordered]


def _order(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return 0.0, text


def _label(question: Question, key: str) -> str:
    if isinstance(question, RegionQuestion) and (place := find_place(key)) is not None:
        return " ".join(dict.fromkeys(place.names))
    return key


def _matrix(question: MatrixQuestion, counts: Mapping[str, int]) -> tuple[RowCounts, ...]:
    return tuple(
        RowCounts(
            key=row.key,
            label=row.label,
            columns=tuple(
                OptionCount(
                    key=f"{row.key}/{one.key}",
                    label=one.label,
                    count=counts.get(f"{row.key}/{one.key}", 0),
                )
                for one in question.columns
            ),
        )
        for row in question.rows
    )


def _ranking(question: RankingQuestion, counts: Mapping[str, int]) -> tuple[RowCounts, ...]:
    """Return the options, the best liked first: a first place of three counts three, a third one.

    The mean alone would put first what one person put first and nobody else at all.
    """
    places = range(1, places_of(question) + 1)
    taken = {
        option.key: [counts.get(f"{option.key}/{place}", 0) for place in places]
        for option in question.options
    }
    points = {
        key: sum(n * (len(places) + 1 - place) for place, n in zip(places, each, strict=True))
        for key, each in taken.items()
    }
    rows = [
        RowCounts(
            key=option.key,
            label=option.label,
            columns=tuple(
                OptionCount(key=f"{option.key}/{place}", label=str(place), count=n)
                for place, n in zip(places, taken[option.key], strict=True)
            ),
            mean_place=_mean_place(taken[option.key]),
        )
        for option in question.options
    ]
    return tuple(sorted(rows, key=lambda row: -points[row.key]))


def _mean_place(counts: Sequence[int]) -> float | None:
    total = sum(counts)
    return sum(place * n for place, n in enumerate(counts, start=1)) / total if total else None


def number_figures(counts: Mapping[str, int], *, is_nps: bool) -> NumberFigures | None:
    """Return what numbers come to, from how often each was given; ``None`` without any."""
    given = sorted((float(value), n) for value, n in counts.items())
    total = sum(n for _, n in given)
    if total == 0:
        return None
    promoters = sum(n for value, n in given if value >= 9)
    detractors = sum(n for value, n in given if value <= 6)
    return NumberFigures(
        average=sum(value * n for value, n in given) / total,
        least=given[0][0],
        most=given[-1][0],
        median=(_at(given, (total - 1) // 2) + _at(given, total // 2)) / 2,
        nps=100 * (promoters - detractors) / total if is_nps else None,
    )


def _at(given: Sequence[tuple[float, int]], place: int) -> float:
    for value, n in given:
        if place < n:
            return value
        place -= n
    raise IndexError(place)


def filled_days(
    counts: Mapping[date, int], *, first: date | None, last: date | None, most: int
) -> tuple[DayAnswers, ...]:
    """Return the latest ``most`` days from the first to the last with those nobody answered on between.

    Days that are not said are those of the first and the last answer; without any answer there are none.
    """
    if not counts:
        return ()
    start, end = first or min(counts), last or max(counts)
    span = min((end - start).days + 1, most)
    days = (end - timedelta(days=back) for back in range(span - 1, -1, -1))
    return tuple(DayAnswers(day=day.isoformat(), answers=counts.get(day, 0)) for day in days)
