"""Answers are taken once, within limits, and reach the profile."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import pytest

from integration.segments.world import happened
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId
from quanyu.modules.forms.contracts import ChangeFormState
from quanyu.modules.forms.errors import (
    AlreadyAnswered,
    AnswersRefused,
    FormChanged,
    FormFull,
    FormNotOpen,
    FormUnfit,
    SubmissionConflict,
)
from quanyu.modules.forms.following import FormPeople
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.tags.contracts import NewTag, SaveTagGroup
from quanyu.modules.people.tags.service import PersonTags
from support.forms import choice, form, jump, options, picks, text

from .conftest import Forms

Q = choice("tea", "green", "black", required=True)
MANY = {"once": "many"}


async def test_an_answer_sent_again_changes_nothing(forms: Forms) -> None:
    made = await forms.publish(form([Q], rules=MANY))
    again = {"submission": "same-submission", "device": secrets.token_bytes(16)}

    first = await forms.answer(made, {"tea": picks("green")}, **again)
    second = await forms.answer(made, {"tea": picks("green")}, **again)

    assert first == second
    assert len(await forms.kept(made)) == 1
    with pytest.raises(SubmissionConflict):
        await forms.answer(made, {"tea": picks("black")}, **again)


async def test_what_does_not_follow_the_form_is_refused_and_nothing_kept(forms: Forms) -> None:
    made = await forms.publish(form([Q]))

    with pytest.raises(AnswersRefused) as refusal:
        await forms.answer(made, {"tea": picks("milk")})

    assert refusal.value.details["problems"] == [
        {"place": "tea", "code": "choice", "text": "there is no such option", "text_zh": "选项不存在"}
    ]
    assert await forms.kept(made) == []
    assert await forms.rows("SELECT 1 FROM form_submission WHERE tenant_id = :tenant") == []


@pytest.mark.parametrize(
    ("limit", "taken", "greens", "full"), [(None, 11, 3, {"tea"}), (8, 8, None, {"tea", ""})]
)
async def test_however_many_answer_at_once_no_limit_is_passed(
    forms: Forms, limit: int | None, taken: int, greens: int | None, full: set[str]
) -> None:
    limited = Q | {"options": options("green", "black", green={"limit": 3})}
    made = await forms.publish(form([limited], rules={**MANY, "limit": limit}))
    refused: list[str] = []

    async def attempt(tea: str) -> None:
        try:
            await forms.answer(made, {"tea": picks(tea)})
        except FormFull as error:
            refused.append(str(error.details["place"]))

    await asyncio.gather(*(attempt("green" if number % 2 else "black") for number in range(16)))

    kept = [row.answers["tea"]["picks"][0] for row in await forms.kept(made)]
    assert len(kept) == 16 - len(refused) == taken
    assert kept.count("green") == greens or (greens is None and kept.count("green") <= 3)
    assert set(refused) <= full
    assert len(await forms.rows("SELECT 1 FROM form_submission WHERE tenant_id = :tenant")) == taken
    rows = await forms.rows("SELECT key, n FROM form_counter WHERE tenant_id = :tenant")
    counters = {row.key: row.n for row in rows}
    assert counters.get("o:tea:green", 0) == kept.count("green")
    assert counters.get("total", 0) == (0 if limit is None else taken)


async def test_one_person_answers_once_however_often_they_try_at_once(forms: Forms) -> None:
    await forms.brand.tell(happened("Viewed", "ann", forms.brand.clock.now()))
    made = await forms.publish(form([Q]))

    async def attempt() -> str:
        try:
            await forms.answer(made, {"tea": picks("green")}, who="ann")
        except AlreadyAnswered:
            return "before"
        return "taken"

    outcomes = await asyncio.gather(*(attempt() for _ in range(8)))

    assert sorted(outcomes) == ["before"] * 7 + ["taken"]
    assert (await forms.open(made, who="ann"))["state"] == "answered"
    assert (await forms.open(made))["state"] == "open"


async def test_a_browser_stands_for_whom_nobody_knows(forms: Forms) -> None:
    made, device = await forms.publish(form([Q])), secrets.token_bytes(16)
    await forms.answer(made, {"tea": picks("green")}, device=device)

    with pytest.raises(AlreadyAnswered):
        await forms.answer(made, {"tea": picks("green")}, device=device)


async def test_an_answer_is_changed_from_its_own_browser_alone(forms: Forms) -> None:
    await forms.brand.tell(happened("Viewed", "ann", forms.brand.clock.now()))
    limited = Q | {"options": options("green", "black", green={"limit": 1})}
    definition = form([limited, text("why")], rules={"can_edit": True})
    made, device = await forms.publish(definition), secrets.token_bytes(16)
    await forms.answer(made, {"tea": picks("green"), "why": "香"}, who="ann", device=device)

    mine = await forms.open(made, who="ann", device=device)
    assert (mine["state"], mine["can_edit"]) == ("answered", True)
    assert mine["answers"] == {"tea": picks("green"), "why": "香"}
    passed_on = await forms.open(made, who="ann")
    assert passed_on["can_edit"] is False
    assert "answers" not in passed_on
    with pytest.raises(AlreadyAnswered):
        await forms.answer(made, {"tea": picks("black")}, who="ann")

    await forms.answer(made, {"tea": picks("black")}, who="ann", device=device)
    (kept,) = await forms.kept(made)
    assert kept.answers == {"tea": picks("black")}
    assert kept.edited_at is not None
    await forms.answer(made, {"tea": picks("green")})  # Its place is free again.


async def test_hours_states_and_versions(forms: Forms, clock: FixedClock) -> None:
    rules = {**MANY, "closes_at": (clock.now() + timedelta(days=2)).isoformat()}
    made = await forms.publish(form([Q], rules=rules))
    await forms.publish(form([Q, text("why")], rules=rules), made)
    await forms.answer(made, {"tea": picks("green")}, version=1)
    assert [row.version for row in await forms.kept(made)] == [1]

    clock.advance(timedelta(hours=25))
    with pytest.raises(FormChanged):
        await forms.answer(made, {"tea": picks("green")}, version=1)
    with pytest.raises(FormChanged):
        await forms.answer(made, {"tea": picks("green")}, version=3)
    await forms.answer(made, {"tea": picks("green")}, version=2)
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        await forms.desk.set_state(uow, made, ChangeFormState(state="closed"))
    with pytest.raises(FormNotOpen):
        await forms.answer(made, {"tea": picks("green")}, version=2)
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        await forms.desk.set_state(uow, made, ChangeFormState(state="open"))
    await forms.answer(made, {"tea": picks("green")}, version=2)

    clock.advance(timedelta(hours=24))
    with pytest.raises(FormNotOpen):
        await forms.answer(made, {"tea": picks("green")}, version=2)
    assert (await forms.open(made))["state"] == "closed"


async def test_a_period_has_a_limit_of_its_own(forms: Forms, clock: FixedClock) -> None:
    made = await forms.publish(form([Q], rules={**MANY, "period_limit": {"every": "day", "limit": 1}}))
    await forms.answer(made, {"tea": picks("green")})
    with pytest.raises(FormFull):
        await forms.answer(made, {"tea": picks("green")})
    assert (await forms.open(made))["state"] == "full"

    clock.advance(timedelta(hours=13))  # Past midnight in Shanghai.
    await forms.answer(made, {"tea": picks("green")})


async def test_a_limit_that_is_new_counts_what_is_there(forms: Forms) -> None:
    made = await forms.publish(form([Q], rules=MANY))
    await forms.answer(made, {"tea": picks("green")})
    await forms.answer(made, {"tea": picks("green")})

    limited = Q | {"options": options("green", "black", green={"limit": 2})}
    await forms.publish(form([limited], rules=MANY), made)

    with pytest.raises(FormFull) as refusal:
        await forms.answer(made, {"tea": picks("green")}, version=2)
    assert (refusal.value.details["place"], refusal.value.details["option"]) == ("tea", "green")
    (shown,) = (await forms.open(made))["form"]["pages"][0]["questions"]
    assert [option.get("is_full", False) for option in shown["options"]] == [True, False]


async def test_an_answer_reaches_profile_tags_and_warehouse(forms: Forms, clock: FixedClock) -> None:
    tags = PersonTags(forms.brand.gate._warehouse)  # type: ignore[attr-defined]
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        group = await tags.add_group(uow, SaveTagGroup(name="口味"))
        tag = await tags.add_tag(uow, NewTag(group=group, name="爱绿茶"), actor="小林")
    tea = Q | {"options": options("green", "black", green={"tags": [tag]}), "attribute": "favourite_tea"}
    made = await forms.publish(
        form(
            [
                tea,
                text("called", personal=True, attribute="name"),
                text("note"),
                {"kind": "phone", "key": "mobile", "title": "手机", "attribute": "phone"},
                {"kind": "nps", "key": "nps", "title": "推荐"},
            ]
        )
    )

    await forms.answer(
        made,
        {
            "tea": picks("green"),
            "called": "林知夏",
            "note": "请打 13812345678 找我",
            "mobile": "138 1234 5678",
            "nps": 9,
        },
        source="poster-1",
    )
    await forms.settle()

    (row,) = await forms.rows(
        "SELECT properties, context, sealed, person_id FROM log_event WHERE tenant_id = :tenant "
        "AND name = 'forms.submitted'"
    )
    assert row.properties["answers"] == {"tea": "选项 green", "nps": 9}
    assert row.context == {"channel": "h5", "source": "poster-1"}
    whole = str(await forms.rows("SELECT * FROM log_event WHERE tenant_id = :tenant"))
    assert "林知夏" not in whole
    assert "13812345678" not in whole
    (kept,) = await forms.kept(made)
    assert kept.known_as is not None
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        person = PersonId(kept.known_as)
        assert await forms.brand.people.people_by_identifier(
            uow, [Identifier("phone", "", "13812345678")]
        ) == [person]
        known = (await forms.brand.people.attributes_of(uow, [person]))[person]
        assert known["favourite_tea"] == "选项 green"
        assert known["name"] == "林知夏"
        profile = await forms.brand.people.get_profile(uow, person)
        assert {one.source for one in profile.attributes if one.key == "name"} == {f"form:{await _id(forms)}"}
        carried = (await tags.giving.carried(uow, [person]))[person]
        assert [one.name for one in carried] == ["爱绿茶"]
    stored = await forms.brand.gate.query(
        "SELECT name, toString(properties) FROM events WHERE tenant_id = {tenant:UInt32} "
        "AND name = 'forms.submitted'"
    )
    assert "poster-1" not in str(stored)
    assert "选项 green" in str(stored)


async def _id(forms: Forms) -> str:
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        return (await forms.desk.list_forms(uow)).items[0].id


async def test_merged_people_keep_both_answers_and_the_first_counts(forms: Forms) -> None:
    now = forms.brand.clock.now()
    await forms.brand.tell(happened("Viewed", "ann", now), happened("Viewed", "bob", now))
    made = await forms.publish(form([Q]))
    await forms.answer(made, {"tea": picks("black")}, who="bob")
    forms.brand.clock.advance(timedelta(minutes=1))
    await forms.answer(made, {"tea": picks("green")}, who="ann")
    await forms.settle()
    before = [(row.id, row.person_id, row.known_as, row.is_repeat) for row in await forms.kept(made)]
    following = FormPeople()
    first, second = await forms.brand.person("ann"), await forms.brand.person("bob")
    async with forms.brand.uows.system(forms.brand.tenant) as uow:
        await following.follow_merges(uow, {PersonId(second): PersonId(first)})
    merged = await forms.kept(made)
    assert [(row.known_as, row.is_repeat) for row in merged] == [(first, False), (first, True)]
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        figures = await forms.figures.figures(uow, made)
    assert (figures.answers, figures.repeats) == (1, 1)

    async with forms.brand.uows.system(forms.brand.tenant) as uow:
        assert await following.follow_splits(uow, [(second, first, second)]) == 1
    after = [(row.id, row.person_id, row.known_as, row.is_repeat) for row in await forms.kept(made)]
    assert after == before


async def test_what_is_wrong_is_not_published(forms: Forms) -> None:
    with pytest.raises(FormUnfit) as refusal:
        await forms.publish(form([Q | {"jumps": [jump("end")]}], [text("why")]))

    assert [one["place"] for one in refusal.value.details["issues"]] == ["q:why"]  # type: ignore[attr-defined]
    with pytest.raises(FormUnfit):
        await forms.publish(form([Q | {"options": options("x", x={"tags": ["ptg_zzzz"]})}]))


async def test_a_vote_shows_how_it_stands_to_who_voted(forms: Forms) -> None:
    made = await forms.publish(form([Q], kind="vote", rules={"shows_results": True}))
    assert "thanks" not in await forms.open(made)

    shown = await forms.answer(made, {"tea": picks("green")})

    (vote,) = shown["votes"]
    assert [(one["key"], one["count"]) for one in vote["options"]] == [("green", 1), ("black", 0)]


async def test_the_page_is_told_nothing_of_scores_tags_and_the_profile(forms: Forms) -> None:
    secret = Q | {"options": options("green", green={"score": 5}), "attribute": "favourite_tea"}
    made = await forms.publish(form([secret], rules=MANY))

    shown: dict[str, Any] = await forms.open(made)

    (question,) = shown["form"]["pages"][0]["questions"]
    assert question["options"] == [{"key": "green", "label": "选项 green", "is_other": False}]
    assert "attribute" not in question


async def test_nobody_finds_a_form_that_was_never_published(forms: Forms) -> None:
    assert await forms.door.find("nothing") is None
    with pytest.raises(AppError):
        await forms.publish(form([]))
