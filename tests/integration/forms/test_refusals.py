"""Refused answers leave nothing but a count by reason and day; what comes too fast is refused."""

import asyncio
import secrets
from datetime import date, timedelta
from typing import Any

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.kernel.errors import AppError
from quanyu.modules.forms.contracts import ChangeFormState, FormId, FormRefusals, RefusalReason
from quanyu.modules.forms.errors import AnsweredTooFast
from support.forms import choice, form, options, picks

from .conftest import Forms

Q = choice("tea", "green", "black", required=True)


async def refusals(forms: Forms, form_id: FormId, **days: Any) -> FormRefusals:
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        return await forms.desk.refusals(uow, form_id, **days)


async def refused(forms: Forms, form_id: FormId, answers: dict[str, Any], **more: Any) -> None:
    with pytest.raises(AppError):
        await forms.answer(form_id, answers, **more)


async def test_each_refusal_is_counted_by_its_reason_and_nothing_of_the_answer_stays(forms: Forms) -> None:
    limited = Q | {"options": options("green", "black", green={"limit": 1})}
    made = await forms.publish(form([limited], rules={"limit": 2}))
    device = secrets.token_bytes(16)
    await forms.answer(made, {"tea": picks("green")}, device=device, submission="taken-once")

    await refused(forms, made, {"tea": picks("milk")})
    await refused(forms, made, {})
    await refused(forms, made, {"tea": picks("green")})
    await refused(forms, made, {"tea": picks("black")}, device=device)
    await refused(forms, made, {"tea": picks("black")}, submission="taken-once")
    await refused(forms, made, {"tea": picks("black")}, version=7)
    await forms.answer(made, {"tea": picks("black")})
    await refused(forms, made, {"tea": picks("black")})
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        await forms.desk.set_state(uow, made, ChangeFormState(state="closed"))
    await refused(forms, made, {"tea": picks("black")})

    found = await refusals(forms, made)
    assert {one.reason.value: one.count for one in found.reasons} == {
        "invalid": 2,
        "option_full": 1,
        "already_answered": 1,
        "conflict": 1,
        "outdated": 1,
        "full": 1,
        "closed": 1,
    }
    assert found.total == 8
    assert found.reasons[0].reason is RefusalReason.INVALID
    assert len(await forms.kept(made)) == 2
    assert len(await forms.rows("SELECT 1 FROM form_submission WHERE tenant_id = :tenant")) == 2
    columns = await forms.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'form_refusal'"
    )
    assert {row.column_name for row in columns} == {"tenant_id", "form_id", "day", "reason", "n"}


async def test_refusals_are_counted_by_the_days_of_the_brand(forms: Forms, clock: FixedClock) -> None:
    rules = {"once": "many", "period_limit": {"every": "day", "limit": 1}}
    made = await forms.publish(form([Q], rules=rules))
    first = (clock.now() + timedelta(hours=8)).date()  # In Shanghai.
    await forms.answer(made, {"tea": picks("green")})
    await asyncio.gather(*(refused(forms, made, {"tea": picks("green")}) for _ in range(8)))
    clock.advance(timedelta(hours=24))
    await forms.answer(made, {"tea": picks("green")})
    await refused(forms, made, {"tea": picks("green")})

    found = await refusals(forms, made)
    second = first + timedelta(days=1)
    assert [(one.day, one.reason.value, one.count) for one in found.days] == [
        (first, "period_full", 8),
        (second, "period_full", 1),
    ]
    assert (await refusals(forms, made, first_day=second)).total == 1
    assert (await refusals(forms, made, last_day=first)).total == 8
    assert (await refusals(forms, made, first_day=date(2031, 1, 1))).days == ()


async def test_what_comes_too_fast_is_refused_and_says_when_to_send(forms: Forms, clock: FixedClock) -> None:
    made = await forms.publish(form([Q], rules={"once": "many", "least_seconds": 20}))
    device = secrets.token_bytes(16)
    with pytest.raises(AnsweredTooFast) as unopened:
        await forms.answer(made, {"tea": picks("green")}, device=device)
    assert "Cookie" in unopened.value.message_zh

    await forms.open(made, device=device)
    clock.advance(timedelta(seconds=12, milliseconds=500))
    with pytest.raises(AnsweredTooFast) as refusal:
        await forms.answer(
            made, {"tea": picks("green")}, device=device, submission="same-answer", seconds=999
        )
    assert refusal.value.details["wait_s"] == 8
    assert refusal.value.message_zh == "提交过快：请核对回答，8 秒后再次提交"
    assert "in 8 seconds" in refusal.value.message
    assert await forms.kept(made) == []

    clock.advance(timedelta(seconds=7, milliseconds=500))
    await forms.answer(made, {"tea": picks("green")}, device=device, submission="same-answer")
    again = await forms.answer(made, {"tea": picks("green")}, device=device, submission="same-answer")
    assert again["answer"]  # Sent again, it is no other answer.
    with pytest.raises(AnsweredTooFast):  # The next one is measured from the last.
        await forms.answer(made, {"tea": picks("black")}, device=device)
    found = await refusals(forms, made)
    assert [(one.reason, one.count) for one in found.reasons] == [(RefusalReason.TOO_FAST, 3)]


async def test_changing_an_answer_is_not_held_up(forms: Forms, clock: FixedClock) -> None:
    made = await forms.publish(form([Q], rules={"can_edit": True, "least_seconds": 20}))
    device = secrets.token_bytes(16)
    await forms.open(made, device=device)
    clock.advance(timedelta(seconds=20))
    await forms.answer(made, {"tea": picks("green")}, device=device)

    await forms.answer(made, {"tea": picks("black")}, device=device)

    (kept,) = await forms.kept(made)
    assert kept.answers == {"tea": picks("black")}
