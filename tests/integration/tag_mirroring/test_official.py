"""B4: tags of people and of official accounts in step, over the wire of the sandbox; EV-2, EV-4, EV-5."""

from datetime import timedelta
from typing import Any

import pytest

from integration.segments.world import happened
from integration.tag_mirroring.world import World
from quanyu.flows.tag_mirroring.contracts import LinkGroup
from quanyu.flows.tag_mirroring.errors import NameTooLong, PlatformTagNotFound, TagLinked
from quanyu.modules.channels.tags.contracts import TagId

GONE = timedelta(minutes=3)  # Longer than a claim.
PHONE = "13800000001"


async def test_a_tag_given_or_taken_on_one_side_is_on_the_other_and_nothing_echoes(world: World) -> None:
    desk = world.desk
    _, vip = await desk.group("价值", "高价值")
    openid = await world.follow(1, "ann")
    link = await world.link(vip, world.account)
    await world.settle()
    there = int((await world.links_now())[link].platform_tag)
    assert await world.tagged_there(openid) == set()

    await desk.change("ann", add=(vip,))
    await world.settle()
    assert await world.tagged_there(openid) == {there}
    assert await world.tagging_calls() == 1

    await desk.change("ann", remove=(vip,))
    await world.settle()
    assert await world.tagged_there(openid) == set()
    assert await world.tagging_calls() == 2

    await world.tag_there(openid, there)  # The platform's own console: the third call.
    await world.settle()
    assert await desk.names("ann") == ["高价值"]
    await world.tag_there(openid, there, wanted=False)
    await world.settle()

    assert await desk.names("ann") == []
    assert await world.tagging_calls() == 4  # None of ours came back.
    assert await desk.told() == [
        ("added", "高价值", "manual", "小林"),
        ("removed", "高价值", "manual", "小林"),
        ("added", "高价值", "platform", ""),
        ("removed", "高价值", "platform", ""),
    ]


async def test_what_is_on_one_side_only_is_given_on_the_other_when_linked(world: World) -> None:
    desk = world.desk
    _, vip = await desk.group("价值", "高价值")
    ours, theirs = await world.follow(1, "ann"), await world.follow(2, "bob")
    made = await world.account_tags.create(world.tenant, world.account_id, "老客")
    await desk.change("ann", add=(vip,))
    await world.tag_there(theirs, made.id)

    link = await world.link(vip, world.account, str(made.id))
    report = await world.report(link)
    before = (await desk.names("ann"), await desk.names("bob"), await world.tagged_there(ours))
    await world.settle()

    # The dry run told, and changed nothing.
    assert before == (["高价值"], [], set())
    assert (report.people, report.give_here, report.give_there, report.same) == (2, 1, 1, 1)
    assert {one.difference for one in report.shown} == {"give_here", "give_there"}
    assert report.is_complete
    assert await world.tagged_there(ours) == await world.tagged_there(theirs) == {made.id}
    assert await desk.names("bob") == ["高价值"]
    shown = (await world.links_now())[link]
    assert (shown.name, shown.waiting, shown.failed, shown.is_gone) == ("老客", 0, 0, False)
    assert shown.compared_at is not None
    assert (await world.report(link)).same == 2


async def test_a_crash_between_call_and_record_repeats_the_call_and_ends_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vip = await world.desk.group("价值", "高价值")
    openid = await world.follow(1, "ann")
    link = await world.link(vip, world.account)
    await world.desk.change("ann", add=(vip,))
    await world.hear()

    async def killed(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(world.tag_worker, "_done", killed)
        with pytest.raises(RuntimeError):
            await world.tag_worker.run_once(world.tenant)
    there = int((await world.links_now())[link].platform_tag)
    assert await world.tagged_there(openid) == {there}
    await world.sync()  # Somebody looks meanwhile.
    await world.settle()
    assert (await world.links_now())[link].waiting == 1

    world.desk.brand.clock.advance(GONE)
    await world.settle()

    assert await world.tagged_there(openid) == {there}
    assert await world.tagging_calls() == 2
    assert await world.desk.names("ann") == ["高价值"]
    assert [source for _, _, source, _ in await world.desk.told()] == ["manual"]


async def test_what_the_platform_refuses_stays_ours_is_shown_and_is_tried_again(world: World) -> None:
    """公众号: 20 tags a person."""
    _, vip = await world.desk.group("价值", "高价值")
    openid = await world.follow(1, "ann")
    others = [
        (await world.account_tags.create(world.tenant, world.account_id, f"t{n}")).id for n in range(20)
    ]
    for one in others:
        await world.tag_there(openid, one)
    link = await world.link(vip, world.account)
    await world.desk.change("ann", add=(vip,))
    await world.settle()
    await world.sync()
    await world.settle()

    shown = (await world.links_now())[link]
    assert (shown.waiting, shown.failed) == (0, 1)
    assert shown.error_zh.startswith("45059 ")
    assert shown.error_at is not None
    assert await world.desk.names("ann") == ["高价值"]
    assert (await world.report(link)).failed == 1

    await world.tag_there(openid, others[0], wanted=False)
    assert await world.reconcile(link) == 1

    shown = (await world.links_now())[link]
    assert (shown.failed, shown.error_zh) == (0, "")
    assert int(shown.platform_tag) in await world.tagged_there(openid)


async def test_of_an_exclusive_group_the_platforms_choice_takes_the_other_there_too(world: World) -> None:
    desk = world.desk
    group, low, high = await desk.group("意向", "低", "高", exclusive=True)
    openid = await world.follow(1, "ann")
    done = await world.links.link_group(
        world.tenant, LinkGroup(group=group, account=world.account), actor="小林"
    )
    assert (len(done.linked), done.refused) == (2, ())
    by_tag = {one.tag: int(one.platform_tag) for one in (await world.links_now()).values()}
    await desk.change("ann", add=(low,))
    await world.settle()

    await world.tag_there(openid, by_tag[high])
    await world.settle()

    assert await desk.names("ann") == ["高"]
    assert await world.tagged_there(openid) == {by_tag[high]}
    again = await world.links.link_group(
        world.tenant, LinkGroup(group=group, account=world.account), actor="小林"
    )
    assert again.linked == ()


async def test_both_tags_of_an_exclusive_group_at_first_meeting_end_as_the_first(world: World) -> None:
    group, *_ = await world.desk.group("意向", "低", "高", exclusive=True)
    openid = await world.follow(1, "ann")
    made = [await world.account_tags.create(world.tenant, world.account_id, name) for name in ("低", "高")]
    for one in made:
        await world.tag_there(openid, one.id)
    await world.links.link_group(world.tenant, LinkGroup(group=group, account=world.account), actor="小林")
    await world.settle()

    assert await world.desk.names("ann") == ["低"]
    assert await world.tagged_there(openid) == {made[0].id}


async def test_a_tag_given_before_somebody_follows_waits_for_them(world: World) -> None:
    """EV-4: tag before contact; and somebody who left and comes back is met anew."""
    _, vip = await world.desk.group("价值", "高价值")
    await world.desk.arrive("ann")
    await world.desk.change("ann", add=(vip,))
    link = await world.link(vip, world.account)
    await world.settle()
    assert (await world.report(link)).without_place == 1

    openid = await world.follow(1, "ann")
    await world.settle()
    there = int((await world.links_now())[link].platform_tag)
    assert await world.tagged_there(openid) == {there}

    # They leave: the platform drops their tags, and a sync that finds none of them takes nothing here.
    async with world.uows.system(world.tenant) as uow:
        await uow.execute("UPDATE follower SET subscribed = false WHERE tenant_id = :t", {"t": world.tenant})
    await world.tag_there(openid, there, wanted=False)
    await world.settle()
    assert await world.desk.names("ann") == ["高价值"]

    async with world.uows.system(world.tenant) as uow:
        await uow.execute("UPDATE follower SET subscribed = true WHERE tenant_id = :t", {"t": world.tenant})
    await world.reconcile(link)
    assert await world.tagged_there(openid) == {there}


async def test_whoever_is_merged_carries_the_tag_everywhere(world: World) -> None:
    _, vip = await world.desk.group("价值", "高价值")
    await world.desk.arrive("ann")
    openid = await world.follow(1, PHONE, known_by="phone")
    link = await world.link(vip, world.account)
    await world.desk.change("ann", add=(vip,))
    await world.settle()
    assert await world.tagged_there(openid) == set()

    at = world.desk.brand.clock.now()
    await world.desk.brand.tell(happened("Met", "ann", at, also=(("phone", PHONE),)))
    await world.settle()

    there = int((await world.links_now())[link].platform_tag)
    assert await world.tagged_there(openid) == {there}
    await world.tag_there(openid, there, wanted=False)
    await world.settle()
    assert await world.desk.names("ann") == []


async def test_unlinking_leaves_tags_where_they_are(world: World) -> None:
    _, vip = await world.desk.group("价值", "高价值")
    openid = await world.follow(1, "ann")
    link = await world.link(vip, world.account)
    await world.desk.change("ann", add=(vip,))
    await world.settle()
    there = await world.tagged_there(openid)

    await world.unlink(link)
    await world.desk.change("ann", remove=(vip,))
    await world.settle()

    assert await world.tagged_there(openid) == there != set()
    assert await world.links_now() == {}
    async with world.uows.system(world.tenant) as uow:
        left = await uow.execute("SELECT count(*) FROM tag_link WHERE tenant_id = :t", {"t": world.tenant})
        assert left.scalar_one() == 0


async def test_a_tag_deleted_on_either_side_takes_nothing_from_the_other(world: World) -> None:
    desk = world.desk
    _, vip, dear = await desk.group("价值", "高价值", "忠诚")
    openid = await world.follow(1, "ann")
    links = [await world.link(tag, world.account) for tag in (vip, dear)]
    await desk.change("ann", add=(vip, dear))
    await world.settle()
    theirs = [int((await world.links_now())[one].platform_tag) for one in links]

    await world.account_tags.delete(world.tenant, world.account_id, TagId(theirs[0]))
    async with world.uows.app(world.tenant) as uow:
        await desk.rules.delete(uow, dear)
    await desk.work()
    await world.settle()

    assert await desk.names("ann") == ["高价值"]
    assert await world.tagged_there(openid) == {theirs[1]}
    assert [one.is_gone for one in (await world.links_now()).values()] == [True]


async def test_links_that_cannot_be_are_refused(world: World) -> None:
    _, vip, long = await world.desk.group("价值", "高价值", "一个很长很长很长的标签")
    await world.link(vip, world.account)
    with pytest.raises(TagLinked):
        await world.link(vip, world.account)
    with pytest.raises(NameTooLong):
        await world.link(long, world.account)
    with pytest.raises(PlatformTagNotFound):
        await world.link(long, world.account, "2")  # The platform's own.
    there = next(iter((await world.links_now()).values())).platform_tag
    with pytest.raises(TagLinked):
        await world.link(long, world.account, there)
