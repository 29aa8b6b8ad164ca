"""Results of chosen days and of one source: answers and visits alike."""

from datetime import UTC, date, datetime

import pytest

from integration.segments.world import happened
from quanyu.kernel.ids import encode_id
from quanyu.modules.forms.answerers import AnswerersDesk, AskAnswerers
from quanyu.modules.forms.contracts import FORM_PREFIX, FormId, Narrowing
from quanyu.modules.forms.errors import NoWords, TooManyAnswerers, UnfitFilter, UnknownQuestion
from quanyu.modules.tenants.service import Tenants
from support.forms import choice, form, picks, text

from .conftest import Forms

TEA = choice("tea", "green", "black")
CUP = choice("cup", "big", "small", kind="multi")
SECOND_TO_FOURTH = Narrowing(first_day=date(2026, 6, 2), last_day=date(2026, 6, 4))
POSTER, EVERYTHING = Narrowing(source="poster"), Narrowing()


def _on(day: int, hour: int = 4) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def _go_to(forms: Forms, at: datetime) -> None:
    forms.brand.clock.advance(at - forms.brand.clock.now())


@pytest.fixture
async def made(forms: Forms) -> FormId:
    """A form with four answers and five visits; Shanghai is eight hours ahead.

    | sent (UTC) | day there | source | tea   | cup        |
    | 06-01 04   | 1         | poster | green | big        |
    | 06-01 17   | 2         | –      | black | –          |
    | 06-04 15   | 4         | poster | green | big, small |
    | 06-04 16   | 5         | –      | –     | small      |

    Each was opened when it was sent; somebody opened it on the 2nd, by the poster, and went away on page 2.
    """
    _go_to(forms, _on(1))
    made = await forms.publish(form([TEA, text("why")], [CUP], rules={"once": "many"}))
    sent = [
        (_on(1), "poster", {"tea": picks("green"), "cup": picks("big"), "why": "香"}),
        (_on(1, 17), "", {"tea": picks("black")}),
        (_on(4, 15), "poster", {"tea": picks("green"), "cup": picks("big", "small")}),
        (_on(4, 16), "", {"cup": picks("small")}),
    ]
    for at, (when, source, answers) in enumerate(sent):
        _go_to(forms, when)
        device = bytes([at]) * 16
        await forms.open(made, device=device, source=source)
        await forms.answer(made, answers, device=device, source=source, seconds=10 * (at + 1))
        if at == 1:
            await forms.open(made, device=b"z" * 16, source="poster")
            await forms.rows(
                "UPDATE form_visit SET page = 1 WHERE tenant_id = :tenant AND form_id = :form "
                "AND device = :device RETURNING 1",
                form=made,
                device=b"z" * 16,
            )
    return made


@pytest.mark.parametrize(
    ("narrowing", "answers", "opened", "submitted", "median", "pages", "tea", "cup"),
    [
        (Narrowing(), 4, 5, 4, 25, [5, 1], [2, 1], [2, 2]),
        (POSTER, 2, 3, 2, 20, [3, 1], [2, 0], [2, 1]),
        (Narrowing(unmarked=True), 2, 2, 2, 30, [2, 0], [0, 1], [0, 1]),
        (SECOND_TO_FOURTH, 2, 3, 2, 25, [3, 1], [1, 1], [1, 1]),
        (Narrowing(last_day=date(2026, 6, 1)), 1, 1, 1, 10, [1, 0], [1, 0], [1, 0]),
        (Narrowing(first_day=date(2026, 6, 5), source="poster"), 0, 0, 0, None, [0, 0], [0, 0], [0, 0]),
    ],
)  # fmt: skip
async def test_every_figure_follows_the_same_filter(
    forms: Forms,
    made: FormId,
    narrowing: Narrowing,
    answers: int,
    opened: int,
    submitted: int,
    median: int | None,
    pages: list[int],
    tea: list[int],
    cup: list[int],
) -> None:
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        found = await forms.figures.figures(uow, made, narrowing)
        listed = await forms.results.answers(uow, made, narrowing=narrowing)
        green = await forms.results.answers(uow, made, question="tea", value="green", narrowing=narrowing)
        table = await forms.figures.cross(uow, made, "tea", "cup", narrowing)
        files = [
            await forms.results.export(uow, made, **behind, narrowing=narrowing, actor="小林")
            for behind in ({}, {"question": "tea", "value": "green"})
        ]

    assert (found.answers, found.opened, found.submitted) == (answers, opened, submitted)
    assert (found.median_seconds, [one.reached for one in found.pages]) == (median, pages)
    shown = {one.key: [bar.count for bar in one.options] for one in found.questions}
    assert (shown["tea"], shown["cup"]) == (tea, cup)
    assert (listed.total, len(listed.items), green.total) == (answers, answers, tea[0])
    assert [len(file.decode("utf-8-sig").splitlines()) - 1 for file in files] == [answers, tea[0]]
    assert sum(one.count for one in found.sources) == sum(one.answers for one in found.days) == answers
    assert found.known_sources == ("", "poster")
    both = [[cell.count for cell in row.columns] for row in table.rows]
    assert both[0][0] == tea[0]  # All who chose green drink from a big one.


async def test_days_are_those_of_the_brand_and_go_on_until_today(forms: Forms, made: FormId) -> None:
    _go_to(forms, _on(6))
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        whole = await forms.figures.figures(uow, made)
        chosen = Narrowing(first_day=date(2026, 5, 31), last_day=date(2026, 12, 31), source="poster")
        narrowed = await forms.figures.figures(uow, made, chosen)

    days = [(one.day[5:], one.answers) for one in whole.days]
    assert days == [("06-01", 1), ("06-02", 1), ("06-03", 0), ("06-04", 1), ("06-05", 1), ("06-06", 0)]
    assert [one.answers for one in narrowed.days] == [0, 1, 0, 0, 1, 0, 0]


async def test_days_in_the_wrong_order_are_refused(forms: Forms, made: FormId) -> None:
    wrong = Narrowing(first_day=date(2026, 6, 2), last_day=date(2026, 6, 1))
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        for asked in (forms.figures.figures, forms.results.answers):
            with pytest.raises(UnfitFilter):
                await asked(uow, made, narrowing=wrong)


async def test_words_are_those_of_three_people_within_the_filter(
    forms: Forms, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [text("why"), text("name", personal=True), text("city", attribute="city"), TEA]
    made = await forms.publish(form(asked, rules={"once": "many"}))
    for source, why in (
        ("poster", "包装精美"),
        ("poster", "包装"),
        ("poster", "包装，物流"),
        ("", "物流包装"),
    ):
        await forms.answer(made, {"why": why, "name": "许青山"}, source=source)
    again = b"a" * 16
    for _ in range(3):  # One browser alone.
        await forms.answer(made, {"why": "价格"}, device=again)

    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        whole = await forms.words.of_question(uow, made, "why", Narrowing())
        poster = await forms.words.of_question(uow, made, "why", POSTER)
        monkeypatch.setattr("quanyu.modules.forms.word_desk.SIGNS_MAX", 11)
        cut = await forms.words.of_question(uow, made, "why", Narrowing())
        with pytest.raises(UnknownQuestion):
            await forms.words.of_question(uow, made, "tea", Narrowing())
        for personal in ("name", "city"):
            with pytest.raises(NoWords):
                await forms.words.of_question(uow, made, personal, Narrowing())
        shown = await forms.figures.figures(uow, made)

    assert (whole.answered, whole.read, [(one.word, one.answers) for one in whole.words]) == (
        7, 7, [("包装", 4)],
    )  # fmt: skip
    assert (poster.answered, [(one.word, one.answers) for one in poster.words]) == (3, [("包装", 3)])
    assert (cut.answered, cut.read, cut.words) == (7, 4, ())  # 2 + 2 + 2 + 4 signs of the latest fit.
    assert [one.has_words for one in shown.questions] == [True, False, False, False]


async def test_those_behind_a_bar_are_known_people_each_once(forms: Forms) -> None:
    """B13: every figure leads to its people; who answered unknown, or otherwise, is not among them."""
    made = await forms.publish(form([TEA], rules={"once": "many"}))
    now = forms.brand.clock.now()
    await forms.brand.tell(happened("Viewed", "ann", now), happened("Viewed", "bob", now))
    ann, bob = [await forms.brand.person(name) for name in ("ann", "bob")]
    for who, tea, source in (
        ("ann", "green", "poster"),
        ("ann", "green", ""),
        ("bob", "black", "poster"),
        ("", "green", "poster"),
    ):
        await forms.answer(made, {"tea": picks(tea)}, who=who, source=source)
    desk = AnswerersDesk(forms.brand.uows, Tenants())

    async def behind(value: str, narrowing: Narrowing = EVERYTHING, most: int = 10) -> tuple[int, ...]:
        asked = AskAnswerers(
            form=encode_id(FORM_PREFIX, made),
            question="tea" if value else "",
            value=value,
            narrowing=narrowing,
        )
        return (await desk.everybody(forms.brand.tenant, asked, most=most)).people

    assert await behind("green") == (ann,)
    assert await behind("black", POSTER) == (bob,)
    assert await behind("green", Narrowing(source="nowhere")) == ()
    assert await behind("") == tuple(sorted((ann, bob)))
    with pytest.raises(TooManyAnswerers):
        await behind("", most=1)
