"""Who lacks which attribute, asked for many at once: what any of somebody's ids was told of is theirs."""

from quanyu.modules.people.lacking import LackingAttributes

from .conftest import Desk

LACKING = LackingAttributes()


async def test_people_are_counted_and_listed_by_what_they_lack(desk: Desk) -> None:
    result = await desk.resolve(
        desk.row("openid@wx1:a", traits={"level": "金", "name": "陈小满"}),
        desk.row("openid@wx1:b", traits={"level": "银"}),
        desk.row("openid@wx1:c", traits={"tea": "白茶", "city": None}),
    )
    people = sorted(one for one in result.canonical_ids if one is not None)
    a, b, c = result.canonical_ids
    assert a is not None
    assert b is not None
    assert c is not None
    async with desk.uows.app(desk.tenant) as uow:
        counts = await LACKING.count(uow, people, ["level", "name", "tea", "city"])
        assert counts == {"level": 1, "name": 2, "tea": 2, "city": 3}
        assert await LACKING.count_any(uow, people, ["level", "name"]) == 2
        assert await LACKING.count_any(uow, people, []) == 0
        assert await LACKING.list_people(uow, people, "name", after=0, rows_max=10) == sorted([b, c])
        assert await LACKING.list_people(uow, people, "name", after=min(b, c), rows_max=10) == [max(b, c)]


async def test_who_turns_out_to_be_one_has_what_both_were_told_of(desk: Desk) -> None:
    await desk.resolve(
        desk.row("openid@wx1:a", traits={"level": "金"}), desk.row("user_id:u", traits={"tea": "白茶"})
    )
    joined = await desk.resolve(desk.row("openid@wx1:a", "user_id:u"))
    (person,) = joined.canonical_ids
    assert person is not None
    async with desk.uows.app(desk.tenant) as uow:
        assert await LACKING.count_any(uow, [person], ["level", "tea"]) == 0
