"""Segments ask what the ledger says: the two agree on everybody."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentState

from .conftest import Office

GRANTED, WITHDRAWN = ConsentState.GRANTED, ConsentState.WITHDRAWN
USERS = ("silent", "yes", "no", "half", "late", "over")


async def selected(office: Office, **asked: Any) -> int:
    definition = {"kind": "consent", "purpose": "marketing", "channel": "sms", **asked}
    status, found = await office.call("POST", "/segments/preview", {"definition": definition})
    assert status == 200, found
    return int(found["count"])


async def test_a_segment_agrees_with_the_ledger_about_everybody(office: Office) -> None:
    await office.arrive(*USERS)
    words = {"name_zh": "营销", "name_en": "Marketing", "basis": "consent", "lasts_days": 10}
    await office.call("PUT", "/consent-purposes/marketing", words)
    await office.say("over", "o1", GRANTED)
    office.brand.clock.advance(timedelta(days=20))
    await office.say("yes", "y1", GRANTED)
    await office.say("no", "n1", WITHDRAWN, purpose="*")
    await office.say("half", "h1", GRANTED)
    await office.say("half", "h2", WITHDRAWN, channel=ConsentChannel.SMS)
    office.brand.clock.advance(timedelta(days=5))
    # Told later than it was said: what was said since still counts.
    await office.say("no", "n0", GRANTED, occurred_at=office.brand.clock.now() - timedelta(days=8))
    await office.say("late", "l1", GRANTED)
    while await office.chores.run_once(office.brand.tenant):
        pass
    await office.brand.drain()

    for channel in ("sms", "email"):
        states = [(await office.state(user, "marketing", channel))[0] or "silent" for user in USERS]
        for state in ("granted", "withdrawn", "expired", "silent"):
            assert await selected(office, channel=channel, state=state) == states.count(state), state
    recent = {"kind": "rolling", "amount": 3, "unit": "days"}
    assert await selected(office, state="granted", since=recent) == 1
    definition = {"kind": "consent", "purpose": "marketing", "channel": "sms", "state": "silent"}
    refused = await office.call("POST", "/segments/preview", {"definition": {**definition, "since": recent}})
    assert refused[0] == 422


async def test_opt_outs_of_before_the_ledger_are_told_to_history_once(office: Office) -> None:
    """As the upgrade finds them: lines that were moved into the ledger, of which no fact exists."""
    await office.arrive("old", "new")
    brand, fill = (
        office.brand,
        import_module("quanyu.app.migrations.postgres.versions.0067_old_opt_outs").FILL,
    )
    person, at = await brand.person("old"), brand.clock.now()
    async with brand.uows.system(brand.tenant) as uow:
        await uow.execute(
            "INSERT INTO consent_entry (tenant_id, operation_id, person_id, purpose, channel, state, "
            "source, occurred_at, recorded_at) "
            "VALUES (:t, :id, :p, 'marketing', '*', 'withdrawn', 'staff', :at, :at)",
            {"t": brand.tenant, "id": f"opt-out:{person}", "p": person, "at": at},
        )
        for _ in range(2):
            await uow.execute(f"{fill.replace('WHERE', 'WHERE tenant_id = :t AND')}", {"t": brand.tenant})
    assert await selected(office, state="withdrawn") == 0
    assert await office.chores.run_once(brand.tenant) == 1
    assert await office.chores.run_once(brand.tenant) == 0
    await brand.drain()
    assert await selected(office, state="withdrawn") == 1
