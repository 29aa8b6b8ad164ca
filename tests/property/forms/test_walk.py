"""Whatever is answered: the way leads forward, keeps only what it passes, and is the same again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.forms.checking import check
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.rules import Accepted, Problem, Refused, accept, target_places
from support.forms import choice, chosen, form, jump, picks

KEYS = "abcdefgh"


@st.composite
def forms(draw: st.DrawFn) -> FormDefinition:
    """Draw a form whose jumps lead anywhere, fit or not."""
    count = draw(st.integers(1, 8))
    pages: list[list[dict[str, Any]]] = [[]]
    targets = ["end", *(f"q:{key}" for key in KEYS[:count])]
    for key in KEYS[:count]:
        jumps = [
            jump(
                draw(st.sampled_from(targets)),
                *draw(_conditions(key)),
                match=draw(st.sampled_from(["all", "any"])),
            )
            for _ in range(draw(st.integers(0, 2)))
        ]
        pages[-1].append(choice(key, "x", "y", kind="multi", jumps=jumps, required=draw(st.booleans())))
        if draw(st.booleans()):
            pages.append([])
    return form(*[page for page in pages if page])


def _conditions(key: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    earlier = KEYS[: KEYS.index(key) + 1]
    one = st.builds(
        lambda question, option, match: chosen(question, *option, match=match),
        st.sampled_from(earlier),
        st.lists(st.sampled_from("xy"), min_size=1, max_size=2, unique=True),
        st.sampled_from(["any", "all", "none"]),
    )
    return st.lists(one, max_size=2)


ANSWERS = st.dictionaries(
    st.sampled_from(KEYS),
    st.lists(st.sampled_from("xyz"), max_size=2, unique=True).map(lambda keys: picks(*keys)),
)


def taken(definition: FormDefinition, answers: dict[str, Any]) -> Accepted | tuple[Problem, ...]:
    """Return what is kept of an answer, or all that is wrong with it."""
    try:
        return accept(definition, answers)
    except Refused as refused:
        return refused.problems


@given(forms(), ANSWERS)
def test_the_way_through_any_form(definition: FormDefinition, answers: dict[str, Any]) -> None:
    if check(definition):
        return  # It cannot be published.
    order = [question.key for question in definition.questions]
    known = {key: value for key, value in answers.items() if key in order}

    found = taken(definition, known)
    if not isinstance(found, Accepted):
        for one in found:
            assert definition.questions[order.index(one.place)].required or known.get(one.place)
        return

    assert list(found.path) == sorted(set(found.path), key=order.index)
    assert found.path[0] == order[0]
    assert set(found.answers) <= set(found.path)
    assert not set(found.dropped) & set(found.path)
    assert accept(definition, found.answers).answers == found.answers
    for key in found.path:
        if definition.questions[order.index(key)].required:
            assert key in found.answers


@given(forms())
def test_what_can_be_published_leads_forward_and_everywhere(definition: FormDefinition) -> None:
    if check(definition):
        return
    places = target_places(definition)
    for at, question in enumerate(definition.questions):
        assert all(places[one.to] > at for one in question.jumps)
    assert not any(one.code == "unreachable" for one in check(definition))
