"""Tags by hand: groups of which one counts, ends, many people, merges, and facts of what changed."""

from datetime import timedelta

import pytest

from integration.tags.conftest import HAND, Desk, person_id
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import decode_id
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.tags.contracts import TagChange
from quanyu.modules.people.tags.errors import ContradictoryChange, TagNotFound
from quanyu.modules.segments.contracts import SaveSegment

WHO = {"actor": "user:ling", "reason": "same person"}


async def test_giving_and_taking_are_stated_once_each(desk: Desk) -> None:
    _, vip, gold = await desk.group("等级", "VIP", "金卡")
    await desk.arrive("a", "b")
    assert (await desk.change("a", "b", add=[vip])).people == 2
    assert (await desk.change("a", "b", add=[vip])).people == 0
    assert (await desk.change("a", add=[gold], remove=[vip])).people == 1
    assert (await desk.names("a"), await desk.names("b")) == (["金卡"], ["VIP"])
    assert await desk.counts() == {"VIP": 1, "金卡": 1}
    assert sorted(await desk.told()) == sorted(
        [("added", "VIP", "manual", "小林")] * 2
        + [("added", "金卡", "manual", "小林"), ("removed", "VIP", "manual", "小林")]
    )


async def test_of_an_exclusive_group_the_tag_given_takes_the_other(desk: Desk) -> None:
    _, low, high = await desk.group("意向", "低意向", "高意向", exclusive=True)
    await desk.arrive("a")
    await desk.change("a", add=[low])
    await desk.change("a", add=[high])
    assert await desk.names("a") == ["高意向"]
    assert [(what, tag) for what, tag, *_ in await desk.told()] == [
        ("added", "低意向"),
        ("removed", "低意向"),
        ("added", "高意向"),
    ]
    with pytest.raises(ContradictoryChange):
        await desk.change("a", add=[low, high])
    # The other one does not come back when the newer one goes.
    await desk.change("a", remove=[high])
    assert await desk.names("a") == []


async def test_what_is_over_is_taken_and_stated(desk: Desk) -> None:
    _, trial = await desk.group("活动", "试用", lasts=7)
    _, short = await desk.group("临时", "今日到店")
    await desk.arrive("a")
    now = desk.brand.clock.now()
    await desk.change("a", add=[trial])
    await desk.change("a", add=[short], expires_at=(now + timedelta(hours=1)).isoformat())
    await desk.work()
    assert await desk.names("a") == ["试用", "今日到店"]
    desk.brand.clock.advance(timedelta(hours=1))
    await desk.work()
    assert await desk.names("a") == ["试用"]
    desk.brand.clock.advance(timedelta(days=7))
    await desk.work()
    assert await desk.names("a") == []
    assert await desk.counts() == {"试用": 0, "今日到店": 0}
    assert (await desk.told())[2:] == [
        ("removed", "今日到店", "expired", ""),
        ("removed", "试用", "expired", ""),
    ]


async def test_tags_follow_a_merge_and_its_undoing(desk: Desk) -> None:
    _, low, high = await desk.group("意向", "低意向", "高意向", exclusive=True)
    _, fan = await desk.group("爱好", "茶友")
    phone = FactIdentifier(namespace="phone", scope="", value="13800138000")
    await desk.arrive("a")
    at = desk.brand.clock.now()
    await desk.brand.tell(
        IntakeEvent(
            kind="track", name="Viewed", source="shop", message_id="p", occurred_at=at, identifiers=(phone,)
        )
    )
    ids = [Identifier("user_id", "", "a"), Identifier("phone", "", "13800138000")]
    async with desk.brand.uows.app(desk.brand.tenant) as uow:
        _, other = await desk.brand.people.people_by_identifier(uow, ids)
    assert other is not None
    await desk.change("a", add=[low, fan])
    desk.brand.clock.advance(timedelta(minutes=1))
    async with desk.brand.uows.app(desk.brand.tenant) as uow:
        await desk.tags.giving.change(uow, [other], TagChange(add=(high,)), cause=HAND)

    async with desk.brand.uows.app(desk.brand.tenant) as uow:
        await desk.brand.people.link(uow, *ids, **WHO)
    # Of the exclusive group the later word counts; nobody lost anything for good.
    assert await desk.names("a") == await desk.names_of(other) == ["高意向", "茶友"]
    assert await desk.counts() == {"低意向": 0, "高意向": 1, "茶友": 1}
    async with desk.brand.uows.app(desk.brand.tenant) as uow:
        await desk.brand.people.unlink(uow, *ids, **WHO)
    assert (await desk.names("a"), await desk.names_of(other)) == (["低意向", "茶友"], ["高意向"])
    assert await desk.counts() == {"低意向": 1, "高意向": 1, "茶友": 1}


async def test_many_people_are_tagged_in_the_background(desk: Desk) -> None:
    _, vip = await desk.group("等级", "VIP")
    await desk.arrive("a", "b", "c")
    await desk.change("a", add=[vip])
    everyone = SaveSegment(name="全部", definition={"kind": "all", "of": []})
    async with desk.brand.uows.app(desk.brand.tenant) as uow:
        segment = (await desk.brand.segments.create(uow, everyone)).id
    await desk.brand.refresher.refresh(desk.brand.tenant, decode_id("seg", segment))

    job = {"segment": segment, "add": [vip]}
    assert await desk.call("POST", "/person-tags/jobs/preview", job) == (
        200,
        {"people": 3, "holding": {vip: 1}},
    )
    status, _ = await desk.call("POST", "/person-tags/jobs", job)
    assert status == 202
    await desk.work()
    _, jobs = await desk.call("GET", "/person-tags/jobs")
    (done,) = jobs["items"]
    assert (done["people"], done["done"], done["changed"], done["audience"]) == (3, 3, 2, segment)
    assert done["finished_at"] is not None
    assert await desk.counts() == {"VIP": 3}
    assert (await desk.told())[1:] == [("added", "VIP", "job", "测试")] * 2


async def test_the_console_finds_people_by_tag_and_shows_who_gave_it(desk: Desk) -> None:
    _, vip = await desk.group("等级", "VIP")
    await desk.arrive("a", "b")
    a = person_id(await desk.brand.person("a"))
    status, changed = await desk.call(
        "POST", "/person-tags/change", {"people": [a, "per_zzzzzz", "per_zzz"], "add": [vip]}
    )
    assert (status, changed) == (200, {"people": 1, "unknown": 2})
    _, found = await desk.call("GET", "/people", tag=vip)
    assert ([row["id"] for row in found["items"]], found["total"]) == ([a], 1)
    _, carried = await desk.call("GET", f"/people/{a}/person-tags")
    (tag,) = carried["items"]
    assert (tag["name"], tag["group"], tag["origin"], tag["actor"]) == ("VIP", "等级", "manual", "测试")
    assert (await desk.call("GET", "/people/per_zzzzzz/person-tags"))[0] == 404


async def test_a_deleted_tag_is_taken_from_everybody(desk: Desk) -> None:
    group, vip = await desk.group("等级", "VIP")
    await desk.arrive("a")
    await desk.change("a", add=[vip])
    asks = {"name": "大客", "definition": {"kind": "not", "of": {"kind": "tag", "tags": [vip]}}}
    _, segment = await desk.call("POST", "/segments", asks)
    status, problem = await desk.call("DELETE", f"/person-tags/{vip}")
    assert (status, problem["code"]) == (409, "people.tag_in_use")
    assert "大客" in problem["detail_zh"]
    await desk.call("DELETE", f"/segments/{segment['id']}")
    assert (await desk.call("DELETE", f"/person-tags/{vip}"))[0] == 204
    assert (await desk.call("DELETE", f"/person-tags/groups/{group}"))[0] == 409
    await desk.work()
    assert await desk.names("a") == []
    assert (await desk.told())[-1] == ("removed", "VIP", "deleted", "")
    assert (await desk.call("DELETE", f"/person-tags/groups/{group}"))[0] == 204


async def test_bad_requests_say_why_and_change_nothing(desk: Desk) -> None:
    group, vip = await desk.group("等级", "VIP")
    await desk.arrive("a")
    a = person_id(await desk.brand.person("a"))
    for method, path, body, status, code in (
        ("POST", "/person-tags/groups", {"name": "等级"}, 409, "people.tag_name_taken"),
        ("POST", "/person-tags", {"group": group, "name": "VIP"}, 409, "people.tag_name_taken"),
        ("POST", "/person-tags", {"group": "ptgroup_1", "name": "X"}, 404, "people.tag_not_found"),
        ("POST", "/person-tags", {"group": group, "name": " "}, 422, "quanyu.invalid_input"),
        ("POST", "/person-tags/change", {"people": [a], "add": []}, 422, "quanyu.invalid_input"),
        ("POST", "/person-tags/change", {"people": [a], "add": ["ptg_1"]}, 404, "people.tag_not_found"),
        ("POST", "/person-tags/change", {"people": [a], "add": [vip, vip]}, 422, "quanyu.invalid_input"),
        ("POST", "/person-tags/jobs", {"add": [vip]}, 422, "quanyu.invalid_input"),
        ("POST", "/person-tags/jobs", {"segment": "seg_1", "add": [vip]}, 404, "segments.not_found"),
        ("PUT", "/person-tags/ptg_1", {"name": "X"}, 404, "people.tag_not_found"),
        ("DELETE", f"/person-tags/groups/{group}", None, 409, "people.tag_group_in_use"),
    ):  # fmt: skip
        answered, problem = await desk.call(method, path, body)
        assert (answered, problem["code"]) == (status, code), path
    assert await desk.told() == []
    await desk.change("a", add=[vip])
    status, problem = await desk.call(
        "PUT", f"/person-tags/groups/{group}", {"name": "等级", "is_exclusive": True}
    )
    assert (status, problem["code"]) == (409, "people.tag_group_in_use")
    with pytest.raises(TagNotFound) as refused:
        await desk.change("a", add=["ptg_1"])
    assert isinstance(refused.value, AppError)
