"""Grants end by time or by a new text, and never overturn what was said since (ID-3)."""

from datetime import timedelta

from quanyu.modules.people.consent.contracts import ConsentState

from .conftest import Office

GRANTED, WITHDRAWN = ConsentState.GRANTED, ConsentState.WITHDRAWN
LASTING = {"name_zh": "合作伙伴", "name_en": "Partners", "basis": "until_withdrawn", "lasts_days": 30}


async def settle(office: Office) -> int:
    """Let everything that ended be written down; return how many lines that were."""
    added = 0
    while more := await office.chores.run_once(office.brand.tenant):
        added += more
    return added


async def publish(office: Office, purpose: str, *, ends_earlier: bool = False) -> None:
    text = {"text_zh": "同意", "text_en": "I agree", "ends_earlier": ends_earlier}
    assert (await office.call("POST", f"/consent-purposes/{purpose}/texts", text))[0] == 201


async def test_an_end_overturns_no_withdrawal(office: Office) -> None:
    await office.arrive("whole", "part")
    await office.call("PUT", "/consent-purposes/sharing", LASTING)
    for user in ("whole", "part"):
        await office.say(user, f"yes-{user}", GRANTED, purpose="sharing")
    office.brand.clock.advance(timedelta(days=5))
    await office.say("whole", "no-whole", WITHDRAWN, purpose="sharing")
    await office.say("part", "no-part", WITHDRAWN, purpose="sharing", channel="sms")
    office.brand.clock.advance(timedelta(days=30))

    assert await settle(office) == 5  # Of the second, every channel but the one withdrawn.
    assert await office.state("whole", "sharing", "email") == ("withdrawn", False)
    assert await office.state("part", "sharing", "sms") == ("withdrawn", False)
    assert await office.state("part", "sharing", "email") == ("expired", True)
    assert await settle(office) == 0


async def test_a_text_that_asks_again_ends_what_was_agreed_to_before(office: Office) -> None:
    await office.arrive("old", "again", "stopped")
    await publish(office, "marketing")
    await office.say("old", "all", GRANTED, purpose="*")
    await office.say("again", "first", GRANTED)
    await office.say("stopped", "first-stopped", GRANTED)
    office.brand.clock.advance(timedelta(hours=1))
    await office.say("stopped", "stop", WITHDRAWN)
    await publish(office, "marketing")
    assert await settle(office) == 0  # A new version alone changes nothing of what was agreed to.
    await publish(office, "marketing", ends_earlier=True)
    assert await settle(office) == 2
    office.brand.clock.advance(timedelta(hours=1))
    await office.say("again", "second", GRANTED)
    assert await settle(office) == 0

    assert await office.state("old", "marketing", "sms") == ("expired", True)
    assert await office.state("old", "service", "sms") == ("granted", True)
    assert await office.state("again", "marketing", "sms") == ("granted", True)
    assert await office.state("stopped", "marketing", "sms") == ("withdrawn", False)
    assert (await office.entries("again"))[0] == ("marketing", "*", "granted", "import", 3)


async def test_coverage_counts_people_by_channel_and_by_version(office: Office) -> None:
    await office.arrive("silent", "yes", "no", "half", "over")
    await office.call("PUT", "/consent-purposes/sharing", {**LASTING, "basis": "consent"})
    await office.say("over", "o", GRANTED, purpose="sharing")
    office.brand.clock.advance(timedelta(days=30))
    await publish(office, "sharing")
    await office.say("yes", "y", GRANTED, purpose="sharing")
    await office.say("no", "n", WITHDRAWN, purpose="*")
    await office.say("half", "h1", GRANTED, purpose="sharing", channel="sms")
    await office.say("half", "h2", WITHDRAWN, purpose="sharing", channel="email")

    _, found = await office.call("GET", "/consent-purposes/sharing/coverage")
    channels = {one.pop("channel"): tuple(one.values()) for one in found["channels"]}
    # granted, withdrawn, expired, silent, allowed
    assert channels["sms"] == (2, 1, 1, 1, 2)
    assert channels["email"] == (1, 2, 1, 1, 1)
    assert channels["call"] == (1, 1, 1, 2, 1)
    assert (found["people"], found["versions"]) == (5, [{"version": 1, "people": 2}])
    _, marketing = await office.call("GET", "/consent-purposes/marketing/coverage")
    assert {one["allowed"] for one in marketing["channels"]} == {4}  # Until withdrawn: silence allows.
    assert (await office.call("GET", "/consent-purposes/none/coverage"))[0] == 404
