"""A member who gets another id at the company keeps what hangs on them."""

from typing import Any

import pytest

from quanyu.flows.staff_rename import StaffRenames
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.codes.renames import CodeRenames
from quanyu.modules.staff.codes.states import NewState
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.directory.subscribers import DirectorySubscriber
from quanyu.modules.staff.sidebar.contracts import StaffCaller
from quanyu.modules.staff.sidebar.queries import SessionQueries
from quanyu.modules.staff.sidebar.signing_in import SidebarSessions
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.welcomes.contracts import WelcomeDraft, WelcomeRuleId
from quanyu.modules.staff.welcomes.queries import RuleQueries, StoredRule
from quanyu.modules.staff.welcomes.rules import KeptRule
from quanyu.modules.staff.welcomes.service import Welcomes

from .conftest import Corp
from .live_codes import World


@pytest.fixture
async def world(uows: UnitOfWorkFactory, corp: Corp, key_ring: KeyRing) -> World:
    made = World.of(uows, corp, key_ring)
    await made.members("ann", "ben")
    return made


async def rename(world: World, userid: str, new_userid: str) -> None:
    """Tell the directory and everything else twice, as the log may."""
    nobody: Any = None
    renames = StaffRenames(
        Corps(),
        [
            CodeRenames(world.router),
            CorpTagMarks(Corps()),
            Welcomes(Corps(), nobody, nobody),
            SidebarSessions(),
        ],
    )
    event = world.corp.event("staff_changed", userid, at=60, new_staff=new_userid)
    assert renames.wants(event.name)
    for _ in range(2):
        async with world.uows.system(world.corp.tenant_id) as uow:
            await DirectorySubscriber().apply(uow, [event], None)
            await renames.apply(uow, [event], None)
            uow.facts.clear()


async def test_codes_keep_the_member_their_shifts_turns_and_counts(world: World) -> None:
    """CW-1, CW-3: nobody drops out of a code, and their cap is not fresh, because of another id."""
    week = {"weekdays": list(range(7)), "start": "00:00", "end": "00:00", "userids": ["ann"]}
    code_id = await world.create(
        {"ann": {"daily_cap": 2, "weight": 3}, "ben": {}},
        schedule={"weekly": [week], "otherwise": []},
        store="ann",
    )
    state = await world.state(code_id)
    await world.hear(world.corp.event("customer_added", "ann", "c1", at=0, state=state))

    await rename(world, "ann", "annette")

    code = await world.code(code_id)
    assert [(one.userid, one.weight) for one in code.draft.members] == [("annette", 3), ("ben", 1)]
    assert code.draft.schedule.weekly[0].userids == ("annette",)
    assert code.draft.store == "ann", "what is spelt the same and is no member stays"
    assert (code.users, "annette" in code.obstacles) == (("annette",), False)
    await world.hear(world.corp.event("customer_added", "annette", "c2", at=90, state=state))
    assert (await world.code(code_id)).obstacles["annette"] == "daily_cap"
    assert ("renamed", {"userid": "ann", "new_userid": "annette"}) in await world.trail(code_id)


async def test_tags_welcomes_and_sessions_follow(world: World, uows: UnitOfWorkFactory) -> None:
    corp = world.corp
    await world.hear(corp.event("customer_added", "ann", "c1", at=0))
    key = RelationKey(corp.corp_id, "ann", corp.token("c1"))
    text = {"name": "平时", "variants": [{"name": "一", "content": {"text": "您好", "fallback": "您好"}}]}
    draft = WelcomeDraft.model_validate(
        {
            "name": "安的欢迎语",
            "corp": show_corp_id(corp.corp_id),
            "scope": "staff",
            "targets": ["ann", "ben"],
            "slots": [text],
        }
    )
    now = uows.clock.now()
    async with uows.system(corp.tenant_id) as uow:
        await CorpTagMarks(Corps()).mark(uow, key, ["etVip"], why="console")
        kept = KeptRule(WelcomeRuleId(new_id()), draft)
        await RuleQueries(uow).save(
            StoredRule(kept=kept, corp_id=corp.corp_id, created_at=now, updated_at=now)
        )
        token = await SessionQueries(uow).begin(corp.corp_id, "ann")

    await rename(world, "ann", "annette")

    async with uows.system(corp.tenant_id) as uow:
        followed = key._replace(userid="annette")
        assert {tag for _, tag in await MarkQueries(uow).of_relations([key, followed])} == {"etVip"}
        assert {one for one, _ in await MarkQueries(uow).of_relations([key, followed])} == {followed}
        (rule,) = await RuleQueries(uow).list_rules(corp.corp_id)
        assert rule.kept.draft.targets == ("annette", "ben")
        caller = StaffCaller(tenant_id=corp.tenant_id, corp_id=corp.corp_id, userid="annette")
        assert await SessionQueries(uow).find(token) == caller


async def test_an_inviter_who_turns_out_to_be_somebody_else_stays_the_inviter(world: World) -> None:
    """CW-8."""
    code_id = await world.create({"ann": {}})
    corp = world.corp
    async with world.uows.system(corp.tenant_id) as uow:
        new = NewState(code_id=code_id, inviter=PersonId(41))
        state = await world.states.make(uow, corp.corp_id, new)
        await world.states.follow_merges(uow, {PersonId(41): PersonId(40)})
        known = await world.states.resolve(uow, corp.corp_id, state)
    assert known is not None
    assert known.inviter == 40, encode_id("per", 40)
