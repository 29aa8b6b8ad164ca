"""Short links: each person's own copy, the door that keeps every click, and what is counted."""

from collections import Counter
from datetime import time, timedelta

import pytest

from integration.links.world import ADDRESS, World
from integration.messaging.world import text
from integration.segments.world import happened
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.modules.links.contracts import SaveLink, Utm
from quanyu.modules.links.errors import InvalidTarget, LinkNotFound, MadeByMessage
from quanyu.modules.messaging.contracts import MessagePolicy, QuietHours

SALE = "{{ 'https://shop.test/sale?from=oa' | short_link: '会场' }}"


async def test_each_persons_copy_has_its_own_code_and_its_click_says_whose_and_of_what(world: World) -> None:
    journey = new_id()
    (first,) = await world.send(
        "a", await world.follower(1), f"看看 {SALE}", journey_id=journey, node_id="n1"
    )
    (second,) = await world.send(
        "b", await world.follower(2), f"看看 {SALE}", journey_id=journey, node_id="n1"
    )
    assert first != second
    world.later(minutes=3)

    answer = await world.open(first)

    campaign = encode_id("jrn", journey)
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        f"https://shop.test/sale?from=oa&utm_source=official_account&utm_medium=message&utm_campaign={campaign}",
    )
    assert answer.headers["cache-control"] == "no-store"
    ((name, person, told),) = await world.facts()
    ((message,),) = await world.sending.rows("SELECT id FROM message_intent WHERE origin_key = 'a'")
    assert (name, person) == ("links.clicked", 1)
    assert told == {
        "link_id": told["link_id"],
        "target": "https://shop.test/sale",
        "message_id": encode_id("msg", message),
        "journey_id": campaign,
        "node_id": "n1",
        "utm_medium": "message",
    }
    # Both are copies of one link, counted together.
    async with world.brand.uows.app(world.brand.tenant) as uow:
        page = await world.links.list_links(uow, campaign=campaign)
    assert [(one.id, one.name, one.target, one.url) for one in page.items] == [
        (told["link_id"], "会场", "https://shop.test/sale", None)
    ]


async def test_what_differs_by_person_is_not_readable_in_the_database(world: World) -> None:
    person = await world.follower(1, phone="13800138000")
    body = "{{ 'https://shop.test/me?p=' | append: person.phone | short_link }}"
    (address,) = await world.send("a", person, body)

    assert (await world.open(address)).headers["location"].startswith("https://shop.test/me?p=13800138000&")
    rows = await world.sending.rows("SELECT target_sealed FROM link_code")
    assert b"13800138000" not in bytes(rows[0][0])
    assert "13800138000" not in str(await world.sending.rows("SELECT name, target FROM link"))
    assert "13800138000" not in str(await world.facts())


async def test_a_click_is_in_the_log_when_it_is_answered_and_programs_are_kept_apart(world: World) -> None:
    """The log is read by another connection: what it sees outlives a kill."""
    (address,) = await world.send("a", await world.follower(1), SALE)
    assert (await world.open(address)).status_code == 302  # Half a second has not passed.
    world.later(minutes=1)
    for agent, method in (("curl/8", "GET"), ("WeChatShareExtensionNew/8.0", "GET"), ("phone", "HEAD")):
        assert (await world.open(address, agent=agent, method=method)).status_code == 302
    for clicks in (1, 2):
        await world.open(address)
        assert Counter(name for name, _, _ in await world.facts())["links.clicked"] == clicks
    reasons = [told["reason"] for name, _, told in await world.facts() if name == "links.fetched"]
    assert reasons == ["too_soon", "crawler", "preview", "head"]


async def test_a_scanner_that_opens_many_peoples_links_is_found_out(world: World) -> None:
    addresses = [
        (await world.send(f"m{number}", await world.follower(number), SALE))[0] for number in range(1, 26)
    ]
    world.later(minutes=1)
    for address in addresses:
        await world.open(address)
    names = Counter((name, told.get("reason")) for name, _, told in await world.facts())
    assert names == {("links.clicked", None): 20, ("links.fetched", "burst"): 5}


async def test_nothing_that_was_not_given_out_leads_anywhere(world: World) -> None:
    (address,) = await world.send("a", await world.follower(1), SALE)
    guess = address[:-1] + ("a" if address[-1] != "a" else "b")
    for unknown in (guess, "https://brand.test/s/", "https://brand.test/s/https://evil.test", f"{address}x"):
        answer = await world.open(unknown)
        assert answer.status_code == 404
        assert "没有这个链接" in answer.text
        assert "location" not in answer.headers
    assert (await world.open(address, method="POST")).status_code == 405
    world.later(days=181)
    assert (await world.open(address)).status_code == 410
    assert await world.facts() == []
    async with world.brand.uows.system(world.brand.tenant) as uow:
        assert await world.links.forget_over(uow) == 0
    world.later(days=30)
    async with world.brand.uows.system(world.brand.tenant) as uow:
        assert await world.links.forget_over(uow) == 1
    assert (await world.open(address)).status_code == 404


async def test_a_message_held_over_night_keeps_its_links_and_a_refused_one_makes_none(world: World) -> None:
    person = await world.follower(1)
    async with world.brand.uows.system(world.brand.tenant) as uow:
        quiet = QuietHours(start=time(22), end=time(8), jitter_s=0)
        await world.sending.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    await world.sending.plan(text("refused", 99, SALE))
    world.later(hours=11)
    await world.sending.plan(text("held", person, SALE))
    assert len(await world.sending.rows("SELECT code FROM link_code")) == 1
    world.later(hours=9)
    await world.sending.send_all()
    (arrived,) = world.sending.gateway.arrived[world.sending.openid(person)]
    world.later(minutes=1)
    assert (await world.open(ADDRESS.findall(arrived)[0])).status_code == 302


async def test_planned_again_it_is_the_same_link_and_said_twice_it_is_a_repetition(world: World) -> None:
    """The codes differ, what is said does not: the rule about repeated content holds."""
    person = await world.follower(1)
    (first,) = await world.sending.plan(text("a", person, SALE))
    (again,) = await world.sending.plan(text("a", person, SALE))
    (other,) = await world.sending.plan(text("b", person, SALE))
    assert (first.message_id, again.created) == (again.message_id, False)
    assert (other.state, other.reason) == ("refused", "duplicate")
    assert len(await world.sending.rows("SELECT code FROM link_code")) == 1


async def test_a_link_that_may_lead_nowhere_refuses_the_message(world: World) -> None:
    person = await world.follower(1)
    for key, source in (("a", "'javascript:alert(1)'"), ("b", "person.page")):
        (planned,) = await world.sending.plan(text(key, person, f"{{{{ {source} | short_link }}}}"))
        assert planned.state == "refused"
    states = await world.sending.states()
    assert [reason for _, _, reason in states] == ["template_error", "template_missing_values"]
    assert await world.sending.rows("SELECT code FROM link_code") == []


async def test_links_follow_their_message_to_who_the_person_is_now(world: World) -> None:
    (address,) = await world.send("a", await world.follower(1), SALE)
    world.later(minutes=1)
    async with world.brand.uows.system(world.brand.tenant) as uow:
        await world.sending.messaging.follow_merges(uow, {PersonId(1): PersonId(7)})
    await world.open(address)
    assert [person for _, person, _ in await world.facts()] == [7]


async def test_a_link_of_the_brands_own_can_be_led_elsewhere_and_ends(world: World) -> None:
    made = await world.make(
        name="门店海报", target="https://shop.test/a", utm=Utm(source="poster", campaign="双十一")
    )
    assert made.url is not None
    assert (await world.open(made.url)).headers["location"] == (
        "https://shop.test/a?utm_source=poster&utm_campaign=%E5%8F%8C%E5%8D%81%E4%B8%80"
    )
    ends = world.brand.clock.now() + timedelta(days=1)
    async with world.brand.uows.app(world.brand.tenant) as uow:
        changed = await world.links.change(
            uow,
            decode_id("lnk", made.id),
            SaveLink(name="海报", target="https://shop.test/b", expires_at=ends),
        )
    assert (changed.url, changed.name) == (made.url, "海报")
    assert (await world.open(made.url)).headers["location"] == "https://shop.test/b"
    picture = await world.open(f"{made.url}.png")
    assert (picture.status_code, picture.content[:4]) == (200, b"\x89PNG")
    world.later(days=1)
    assert (await world.open(made.url)).status_code == 410
    assert (await world.open(f"{made.url}.png")).status_code == 410
    assert [(name, person) for name, person, _ in await world.facts()] == [("links.clicked", None)] * 2


async def test_links_of_messages_are_changed_where_they_are_said(world: World) -> None:
    await world.send("a", await world.follower(1), SALE)
    async with world.brand.uows.app(world.brand.tenant) as uow:
        (found,) = (await world.links.list_links(uow)).items
        with pytest.raises(MadeByMessage):
            await world.links.change(
                uow, decode_id("lnk", found.id), SaveLink(name="x", target="https://x.test")
            )
        with pytest.raises(InvalidTarget):
            await world.links.create(uow, SaveLink(name="x", target="javascript:x"))
        with pytest.raises(LinkNotFound):
            await world.links.get(uow, 1)


async def test_a_brand_does_not_open_another_brands_links(world: World) -> None:
    made = await world.make(name="x", target="https://shop.test/")
    other = type(world.brand.tenant)(world.brand.tenant + 500_000)
    async with world.brand.uows.app(other) as uow:
        with pytest.raises(LinkNotFound):
            await world.links.get(uow, decode_id("lnk", made.id))
        assert (await world.links.list_links(uow)).items == ()


async def test_clicks_are_counted_by_day_with_people_once_and_programs_apart(world: World) -> None:
    made = await world.make(name="x", target="https://shop.test/")
    assert made.url is not None
    await world.brand.tell(happened("Product Viewed", "u1", world.brand.clock.now()))
    (address,) = await world.send("a", await world.follower(await world.brand.person("u1")), SALE)
    world.later(minutes=1)
    for _ in range(2):
        await world.open(address)
    await world.open(made.url)
    await world.open(address, agent="curl/8")
    world.later(days=1)
    await world.open(address)
    await world.brand.drain()
    async with world.brand.uows.app(world.brand.tenant) as uow:
        items = {one.name: one for one in (await world.links.list_links(uow)).items}
        told = await world.links.statistics(
            uow, decode_id("lnk", items["会场"].id), days=7, zone="Asia/Shanghai"
        )
    assert [(one.clicks, one.people, one.bots) for one in items.values()] == [(3, 1, 1), (1, 0, 0)]
    assert [(str(one.date), one.clicks, one.people, one.bots) for one in told.days] == [
        ("2026-03-04", 2, 1, 1),
        ("2026-03-05", 1, 1, 0),
    ]
    assert (told.clicks, told.people, told.bots) == (3, 1, 1)
    assert [(one.reason, one.count) for one in told.bot_reasons] == [("crawler", 1)]


async def test_a_click_in_a_test_message_is_no_persons(world: World) -> None:
    person = await world.follower(1)
    (address,) = await world.send("test:1", person, SALE)
    world.later(minutes=1)
    await world.open(address)
    assert [(name, told["reason"]) for name, _, told in await world.facts()] == [("links.fetched", "test")]
