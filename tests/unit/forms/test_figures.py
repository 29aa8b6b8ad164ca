"""Figures of charts, by hand."""

import pytest

from quanyu.infra.spreadsheet import plain_cell
from quanyu.modules.forms.figures import number_figures, question_result
from support.forms import choice, form, ranking


def test_promoters_less_detractors() -> None:
    found = number_figures({"10": 3, "9": 1, "8": 2, "6": 1, "0": 1}, is_nps=True)

    assert found is not None
    assert found.nps == pytest.approx(25)  # 4 of 8 promote, 2 detract.
    assert found.average == pytest.approx((30 + 9 + 16 + 6) / 8)
    assert (found.least, found.most, found.median) == (0, 10, 8.5)
    assert number_figures({}, is_nps=True) is None


def test_options_nobody_chose_stand_there_and_so_do_those_that_left() -> None:
    (question,) = form([choice("q", "a", "b")]).questions

    found = question_result(question, {"a": 2, "old": 1}, 3)

    assert [(one.key, one.count) for one in found.options] == [("a", 2), ("b", 0), ("old", 1)]


def test_options_in_order_are_weighed_by_their_places() -> None:
    (question,) = form([ranking("q", "a", "b", "c", places=2)]).questions

    # Three answers: b > c, b > c, a > b.
    found = question_result(question, {"b/1": 2, "c/2": 2, "a/1": 1, "b/2": 1}, 3)

    assert [(row.key, row.mean_place) for row in found.rows] == [
        ("b", pytest.approx(4 / 3)),
        ("a", 1.0),
        ("c", 2.0),
    ]
    assert [[one.count for one in row.columns] for row in found.rows] == [[2, 1], [1, 0], [0, 2]]
    assert found.options == ()
    (unasked,) = question_result(question, {}, 0).rows[:1]
    assert unasked.mean_place is None


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\tx", "＝A1"])
def test_a_cell_is_never_computed(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3.5", "12", "明前", ""])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert plain_cell(text) == text
