"""Consent that is told by events, banners and replies."""

from datetime import timedelta

from .conftest import Office

_ACCOUNT = {"context": {"channel": "official_account", "app": "wx1"}}


async def test_events_of_consent_reach_the_ledger_once(office: Office) -> None:
    await office.arrive("u1")
    told = {"purpose": ["marketing", "service", "unheard_of", 7], "channel": "sms"}
    await office.hear("Consent Withdrawn", "u1", properties=told)
    office.brand.clock.advance(timedelta(minutes=1))
    await office.hear("Consent Granted", "u1", properties={"purpose": "marketing", "channel": "sms"})
    assert sorted(await office.entries("u1")) == [
        ("marketing", "sms", "granted", "event", None),
        ("marketing", "sms", "withdrawn", "event", None),
        ("service", "sms", "withdrawn", "event", None),
    ]
    assert await office.state("u1", "marketing", "sms") == ("granted", True)
    assert await office.state("u1", "marketing", "wecom") == (None, True)


async def test_a_late_event_does_not_overturn_what_was_said_after_it(office: Office) -> None:
    await office.arrive("u1")
    now = office.brand.clock.now()
    about = {"properties": {"purpose": "marketing"}}
    await office.hear("Consent Withdrawn", "u1", **about)
    await office.hear("Consent Granted", "u1", at=now - timedelta(days=1), **about)
    await office.hear("Consent Granted", "u1", at=now + timedelta(hours=1), **about)
    # An event from the future is taken for now, and at one instant a withdrawal wins.
    assert await office.state("u1", "marketing", "sms") == ("withdrawn", False)


async def test_a_banner_tells_of_purposes_by_category(office: Office) -> None:
    await office.arrive("u1")
    context = {"consent": '{"Advertising": false, "Analytics": true}'}
    await office.hear("Segment Consent Preference Updated", "u1", context=context)
    broken = {"consent": "broken"}
    await office.hear("Segment Consent Preference Updated", "u1", context=broken, message_id="b")
    assert await office.entries("u1") == [("marketing", "*", "withdrawn", "event", None)]


async def test_a_stop_word_withdraws_from_the_account_and_unfollowing_does_not(office: Office) -> None:
    await office.arrive("u1", "u2")
    name = "wechat.official_account.message_received"
    await office.hear(name, "u1", properties={"type": "text", "content": " 退订 "}, **_ACCOUNT)
    await office.hear(name, "u2", properties={"type": "text", "content": "怎么退订"}, **_ACCOUNT)
    await office.hear("wechat.official_account.unfollowed", "u2", **_ACCOUNT)
    assert await office.entries("u1") == [("marketing", "official_account", "withdrawn", "reply", None)]
    assert await office.entries("u2") == []
    assert await office.facts() == [("withdrawn", "marketing")]
