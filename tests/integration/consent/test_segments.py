"""Segments ask what the ledger says: the two agree on everybody."""

from datetime import timedelta
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
