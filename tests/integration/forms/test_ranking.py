"""Options put in order are kept, counted by place, found by place, and told to profile and warehouse."""

import pytest

from quanyu.kernel.ids import PersonId
from quanyu.modules.forms.errors import AnswersRefused, UnknownQuestion
from support.forms import choice, form, options, picks, ranked, ranking

from .conftest import Forms

TEAS = ranking("teas", "green", "black", "white", attribute="favourite_tea")
# Named as an order is kept: a matrix is no order for that.
MATRIX = {
    "kind": "matrix",
    "key": "m",
    "title": "m",
    "rows": options("ranked", "other"),
    "columns": options("good", "bad"),
}


async def test_an_order_is_counted_by_place_and_found_by_place(forms: Forms) -> None:
    made = await forms.publish(form([TEAS, MATRIX, choice("sweet", "yes", "no")], rules={"once": "many"}))
    for order in (("black", "green", "white"), ("black", "white", "green"), ("green", "black", "white")):
        answers = {"teas": ranked(*order), "m": {"ranked": "good"}, "sweet": picks("yes")}
        await forms.answer(made, answers)

    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        figures = await forms.figures.figures(uow, made)
        behind = await forms.results.answers(uow, made, question="teas", value="black/1")
        matrix = await forms.results.answers(uow, made, question="m", value="ranked/good")
        nobody = await forms.results.answers(uow, made, question="teas", value="black/3")
        file = (await forms.results.export(uow, made, actor="小林")).decode("utf-8-sig")
        with pytest.raises(UnknownQuestion):
            await forms.figures.cross(uow, made, "teas", "sweet")

    assert (await forms.kept(made))[0].answers["teas"] == ranked("black", "green", "white")
    teas, matrix_result, _ = figures.questions
    assert [(row.key, [one.count for one in row.columns]) for row in teas.rows] == [
        ("black", [2, 1, 0]),
        ("green", [1, 1, 1]),
        ("white", [0, 1, 2]),
    ]
    assert [row.mean_place for row in teas.rows] == [pytest.approx(4 / 3), 2.0, pytest.approx(8 / 3)]
    assert [one.count for one in matrix_result.rows[0].columns] == [3, 0]
    assert (behind.total, matrix.total, nobody.total) == (2, 3, 0)
    assert behind.items[0].values[0].text == "选项 black > 选项 white > 选项 green"
    assert "选项 black > 选项 green > 选项 white" in file


async def test_an_order_reaches_profile_and_warehouse(forms: Forms) -> None:
    made = await forms.publish(form([TEAS]))
    with pytest.raises(AnswersRefused):
        await forms.answer(made, {"teas": ranked("green")})

    await forms.answer(made, {"teas": ranked("white", "green", "black")})
    await forms.settle()

    (kept,) = await forms.kept(made)
    assert kept.known_as is not None
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        person = PersonId(kept.known_as)
        known = (await forms.brand.people.attributes_of(uow, [person]))[person]
    assert known["favourite_tea"] == "选项 white"
    (row,) = await forms.rows(
        "SELECT properties FROM log_event WHERE tenant_id = :tenant AND name = 'forms.submitted'"
    )
    assert row.properties["answers"] == {"teas": ["选项 white", "选项 green", "选项 black"]}
