"""B4: tags of people and of companies in step both ways, over the sandbox's wire; EV-2, EV-4, EV-5."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from integration.staff.conftest import START
from integration.tag_mirroring.world import World
from quanyu.flows.tag_mirroring import routes
from quanyu.flows.tag_mirroring.subscriber import MirrorSubscriber
from quanyu.infra import web
from quanyu.infra.web import Caller
from quanyu.kernel.permissions import ROLES, Role
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.rules import News, NewsKind
from quanyu.modules.staff.tags.rules import ConflictPolicy
from quanyu.modules.staff.tags.service import CorpTagDesk
from quanyu.modules.staff.tags.subscribers import CorpTagSubscriber

GONE = timedelta(minutes=3)  # Longer than a claim.


async def test_every_relation_of_a_customer_is_marked_and_one_members_word_counts(world: World) -> None:
    """企业微信: tags stand on each member's relation."""
    desk = world.desk
    _, vip = await desk.group("价值", "高价值")
    staff = (await world.corp_sandbox.staff())[:2]
    external, first = await world.meet(1, "ann", staff[0])
    _, second = await world.meet(1, "ann", staff[1])
    await world.look(external, first, second)
    link = await world.link(vip, world.company)
    there = (await world.links_now())[link].platform_tag

    await desk.change("ann", add=(vip,))
    await world.settle()
    assert [await world.marked_there(external, one) for one in staff] == [{there}, {there}]
    assert len(world.wire.marks) == 2

    await world.edit(external, staff[0])
    await world.look(external, first, second)
    await world.settle()

    assert await desk.names("ann") == []
    assert await world.marked_there(external, staff[1]) == set()
    assert world.wire.marks[2:] == [(staff[1], (), (there,))]
    assert (await desk.told())[-1] == ("removed", "高价值", "platform", "")


async def test_a_members_tag_becomes_ours_and_a_lost_mark_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = world.desk
    _, vip, dear = await desk.group("价值", "高价值", "忠诚")
    [staff] = (await world.corp_sandbox.staff())[:1]
    external, key = await world.meet(1, "ann", staff)
    links = [await world.link(tag, world.company) for tag in (vip, dear)]
    vip_there, dear_there = [(await world.links_now())[one].platform_tag for one in links]
    await desk.change("ann", add=(vip,))
    await world.settle()
    assert world.wire.marks == []  # Nobody looked at the relation yet: what stands there is not known.

    await world.edit(external, staff, dear_there)
    await world.look(external, key)
    world.desk.brand.clock.advance(timedelta(minutes=1))
    await world.hear()

    async def killed(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(world.mark_worker, "_end", killed)
        with pytest.raises(RuntimeError):
            await world.mark_worker.run_once(world.tenant)
    assert await world.marked_there(external, staff) == {vip_there, dear_there}
    await world.look(external, key)
    await world.settle()
    world.desk.brand.clock.advance(GONE)
    await world.settle()

    assert await desk.names("ann") == ["高价值", "忠诚"]
    assert await world.marked_there(external, staff) == {vip_there, dear_there}
    assert [add for _, add, _ in world.wire.marks] == [(vip_there,), (vip_there,)]
    assert {(name, tag, source) for name, tag, source, _ in await desk.told()} == {
        ("added", "高价值", "manual"),
        ("added", "忠诚", "platform"),
    }


async def test_where_our_word_counts_what_a_member_undoes_is_put_back(world: World) -> None:
    desk = world.desk
    _, vip = await desk.group("价值", "高价值")
    [staff] = (await world.corp_sandbox.staff())[:1]
    external, key = await world.meet(1, "ann", staff)
    await world.look(external, key)
    corp_desk: CorpTagDesk = world.links._corp_desk
    async with world.uows.app(world.tenant) as uow:
        await corp_desk.set_policy(uow, world.corp.corp_id, ConflictPolicy.OURS)
    link = await world.link(vip, world.company)
    await desk.change("ann", add=(vip,))
    await world.settle()
    await world.edit(external, staff)
    await world.look(external, key)
    await world.settle()

    there = (await world.links_now())[link].platform_tag
    assert await world.marked_there(external, staff) == {there}
    assert await desk.names("ann") == ["高价值"]
    assert [source for _, _, source, _ in await desk.told()] == ["manual"]


async def test_a_tag_in_two_accounts_goes_from_one_to_the_other(world: World) -> None:
    desk = world.desk
    _, vip = await desk.group("价值", "高价值")
    openid = await world.follow(1, "ann")
    [staff] = (await world.corp_sandbox.staff())[:1]
    external, key = await world.meet(1, "ann", staff)
    await world.look(external, key)
    account_link, corp_link = await world.link(vip, world.account), await world.link(vip, world.company)
    await world.settle()
    theirs = {one.id: one.platform_tag for one in (await world.links_now()).values()}

    await world.edit(external, staff, theirs[corp_link])
    await world.look(external, key)
    await world.settle()

    assert await desk.names("ann") == ["高价值"]
    assert await world.tagged_there(openid) == {int(theirs[account_link])}
    assert world.wire.marks == []


async def test_a_customer_who_was_deleted_and_comes_back_is_met_anew(world: World) -> None:
    """EV-4: what the platform dropped with the relation is nobody's decision."""
    desk, clock = world.desk, world.desk.brand.clock
    _, vip = await desk.group("价值", "高价值")
    [staff] = (await world.corp_sandbox.staff())[:1]
    external, key = await world.meet(1, "ann", staff)
    await world.look(external, key)
    link = await world.link(vip, world.company)
    await desk.change("ann", add=(vip,))
    await world.settle()

    clock.advance(timedelta(minutes=1))
    seconds = int((clock.now() - START).total_seconds())
    left = world.corp.event("customer_deleted_by_staff", staff, external, at=seconds)
    async with world.uows.system(world.tenant) as uow:
        await keep(uow, {key: Heard(news=[News(NewsKind.DELETED_BY_STAFF, clock.now())])})
        await CorpTagSubscriber(Corps()).apply(uow, [left], None)
        await MirrorSubscriber().apply(uow, [left], None)
    await world.edit(external, staff)  # Their tags went with the relation.
    await world.settle()
    assert await desk.names("ann") == ["高价值"]

    clock.advance(timedelta(minutes=1))
    async with world.uows.system(world.tenant) as uow:
        await keep(uow, {key: Heard(news=[News(NewsKind.ADDED, clock.now())])})
    await world.look(external, key)
    await world.reconcile(link)

    there = (await world.links_now())[link].platform_tag
    assert await world.marked_there(external, staff) == {there}
    assert [source for _, _, source, _ in await desk.told()] == ["manual"]


async def test_who_may_change_people_but_not_the_company_links_nothing(world: World) -> None:
    app = FastAPI()

    async def authenticate(_: Request) -> Caller:
        return Caller(world.tenant, 1, "小林", permissions=ROLES[Role.SERVICE])

    web.install(app, authenticate=authenticate, uows=world.uows)
    app.include_router(routes.router(world.links, world.standing))
    _, vip = await world.desk.group("价值", "高价值")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        for account, needed in ((world.company, "wecom.write"), (world.account, "channels.write")):
            answer = await client.post("/api/v1/tag-links", json={"tag": vip, "account": account})
            assert (answer.status_code, answer.json()["details"]["permission"]) == (403, needed)
        assert (await client.get("/api/v1/tag-links")).json() == {"items": []}
        lost = await client.post("/api/v1/tag-links/groups", json={"group": "x", "account": "elsewhere"})
        assert (lost.status_code, lost.json()["code"]) == (404, "tags.account_not_found")
