"""The ledger of consent on a real database: idempotent, append-only, one truth (ID-3)."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from quanyu.kernel.ids import PersonId
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentState
from quanyu.modules.people.consent.errors import ConsentConflict, ConsentInFuture, ConsentTextNotFound
from quanyu.modules.people.consent.service import ConsentQuestion

from .conftest import Office

GRANTED, WITHDRAWN = ConsentState.GRANTED, ConsentState.WITHDRAWN


async def test_an_operation_counts_once_and_means_one_thing(office: Office) -> None:
    await office.arrive("u1", "u2")
    assert await office.say("u1", "op-1", GRANTED)
    assert not await office.say("u1", "op-1", GRANTED)
    with pytest.raises(ConsentConflict):
        await office.say("u1", "op-1", WITHDRAWN)
    with pytest.raises(ConsentConflict):
        await office.say("u2", "op-1", GRANTED)
    with pytest.raises(ConsentInFuture):
        await office.say("u1", "op-2", GRANTED, occurred_at=office.brand.clock.now() + timedelta(seconds=1))
    with pytest.raises(ConsentTextNotFound):
        await office.say("u1", "op-3", GRANTED, text_version=1)
    assert await office.entries("u1") == [("marketing", "*", "granted", "import", None)]
    assert await office.entries("u2") == []
    assert await office.facts() == [("granted", "marketing")]


async def test_the_database_itself_refuses_to_change_what_was_said(office: Office) -> None:
    await office.arrive("u1")
    await office.say("u1", "op-1", GRANTED)
    for sql in ("UPDATE consent_entry SET state = 'withdrawn'", "DELETE FROM consent_entry"):
        for open_uow in (office.brand.uows.app, office.brand.uows.system):
            with pytest.raises(DBAPIError) as refused:
                async with open_uow(office.brand.tenant) as uow:
                    await uow.execute(sql)
            assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


async def test_a_purpose_of_the_brands_own_with_texts_that_never_change(office: Office) -> None:
    (person,) = await office.arrive("u1")
    words = {"name_zh": "合作伙伴", "name_en": "Partners", "basis": "consent", "lasts_days": 30}
    assert (await office.call("PUT", "/consent-purposes/sharing", words))[0] == 204
    assert await office.state("u1", "sharing", "sms") == (None, False)
    for version in (1, 2):
        text = {"text_zh": f"同意 {version}", "text_en": f"I agree {version}"}
        status, made = await office.call("POST", "/consent-purposes/sharing/texts", text)
        assert (status, made) == (201, {"version": version})
    said = {"operation_id": "form-7", "purpose": "sharing", "state": "granted", "text_version": 1}
    assert (await office.call("POST", f"/people/{person}/consent", said))[1] == {"is_new": True}
    assert (await office.call("POST", f"/people/{person}/consent", said))[1] == {"is_new": False}
    assert await office.state("u1", "sharing", "sms") == ("granted", True)
    assert await office.entries("u1") == [("sharing", "*", "granted", "staff", 1)]
    _, texts = await office.call("GET", "/consent-purposes/sharing/texts")
    shown = [(one["version"], one["text_en"]) for one in texts["items"]]
    assert shown == [(2, "I agree 2"), (1, "I agree 1")]
    _, purposes = await office.call("GET", "/consent-purposes")
    assert [(one["key"], one["text"] and one["text"]["version"]) for one in purposes["items"]] == [
        ("marketing", None), ("service", None), ("sharing", 2),
    ]  # fmt: skip

    office.brand.clock.advance(timedelta(days=30))
    assert await office.state("u1", "sharing", "sms") == ("expired", False)
    assert await office.chores.run_once(office.brand.tenant) == 1
    assert await office.chores.run_once(office.brand.tenant) == 0
    assert (await office.entries("u1"))[0] == ("sharing", "*", "expired", "system", 1)
    assert await office.facts() == [("granted", "sharing"), ("expired", "sharing")]


async def test_what_cannot_be_taken_is_refused_and_leaves_nothing(office: Office) -> None:
    (person,) = await office.arrive("u1")
    said = {"operation_id": "x", "purpose": "nothing_such", "state": "granted"}
    assert (await office.call("POST", f"/people/{person}/consent", said))[0] == 404
    assert (await office.call("POST", "/people/per_zzzz/consent", said))[0] == 404
    assert (await office.call("POST", f"/people/{person}/consent", {**said, "purpose": "No!"}))[0] == 422
    assert (
        await office.call("POST", "/consent-purposes/nothing_such/texts", {"text_zh": "a", "text_en": "b"})
    )[0] == 404
    assert await office.entries("u1") == []


async def test_thousands_of_questions_are_one_query_and_name_purpose_and_version(office: Office) -> None:
    await office.arrive("u1", "u2")
    one, two = [PersonId(await office.brand.person(user)) for user in ("u1", "u2")]
    await office.call("POST", "/consent-purposes/marketing/texts", {"text_zh": "一", "text_en": "one"})
    await office.say("u1", "stop", WITHDRAWN)
    asked = [
        ConsentQuestion(person, purpose, ConsentChannel.OFFICIAL_ACCOUNT)
        for person in (one, two)
        for purpose in ("marketing", "service", "unheard_of")
    ]
    async with office.brand.uows.app(office.brand.tenant) as uow:
        answers = await office.consent.ask(uow, asked)
    found = [(answers[each].is_allowed, answers[each].was_withdrawn, answers[each].about) for each in asked]
    assert found == [
        (False, True, "marketing@1"), (True, False, "service"), (False, False, "unheard_of"),
        (True, False, "marketing"), (True, False, "service"), (False, False, "unheard_of"),
    ]  # fmt: skip
