"""Tags, black list, remarks and the groups of old."""

from contract.sandbox.rig import START, Rig
from wechat_sandbox.relations import FollowScene

TAGS = "/cgi-bin/tags"


async def follow(rig: Rig, *people: int) -> list[str]:
    for person in people:
        rig.world.follow(rig.account, person, START + person, scene=FollowScene.SEARCH)
    return [rig.openid(person) for person in people]


async def make_tag(rig: Rig, name: str = "老客") -> int:
    return int((await rig.ask(f"{TAGS}/create", {"tag": {"name": name}}))["tag"]["id"])


async def test_tags_are_made_renamed_counted_and_deleted(rig: Rig) -> None:
    openids = await follow(rig, 0, 1, 2)
    made = await rig.ask(f"{TAGS}/create", {"tag": {"name": "老客"}})
    assert made == {"tag": {"id": 100, "name": "老客"}}
    assert await rig.code(f"{TAGS}/members/batchtagging", {"openid_list": openids[:2], "tagid": 100}) == 0
    listed = await rig.ask(f"{TAGS}/get")
    assert listed["tags"] == [
        {"id": 2, "name": "星标组", "count": 0},
        {"id": 100, "name": "老客", "count": 2},
    ]
    assert await rig.code(f"{TAGS}/update", {"tag": {"id": 100, "name": "会员"}}) == 0
    members = await rig.ask("/cgi-bin/user/tag/get", {"tagid": 100, "next_openid": ""})
    assert members == {"count": 2, "data": {"openid": openids[:2]}, "next_openid": openids[1]}
    end = await rig.ask("/cgi-bin/user/tag/get", {"tag_id": 100, "next_openid": openids[1]})
    assert end == {"count": 0, "next_openid": ""}
    info = await rig.ask("/cgi-bin/user/info", openid=openids[0])
    assert (info["tagid_list"], info["groupid"]) == ([100], 100)
    assert await rig.ask(f"{TAGS}/getidlist", {"openid": openids[0]}) == {"tagid_list": [100]}
    assert await rig.code(f"{TAGS}/delete", {"tag": {"id": 100}}) == 0
    assert await rig.ask(f"{TAGS}/getidlist", {"openid": openids[0]}) == {"tagid_list": []}
    assert await make_tag(rig) == 101  # Numbers are not given twice.


async def test_limits_of_tags(rig: Rig) -> None:
    [openid] = await follow(rig, 0)
    ids = [await make_tag(rig, f"标签{number}") for number in range(21)]
    tagging = f"{TAGS}/members/batchtagging"
    for tag_id in ids[:20]:
        assert await rig.code(tagging, {"openid_list": [openid], "tagid": tag_id}) == 0
    assert await rig.code(tagging, {"openid_list": [openid], "tagid": ids[20]}) == 45059
    for body, code in (
        ({"tag": {"name": "标签1"}}, 45157),
        ({"tag": {"name": "茶" * 31}}, 45158),
        ({"tag": {}}, 47001),
    ):
        assert await rig.code(f"{TAGS}/create", body) == code
    assert await rig.code(f"{TAGS}/update", {"tag": {"id": 2, "name": "x"}}) == 45058
    assert await rig.code(f"{TAGS}/delete", {"tag": {"id": 999}}) == 45159
    for number in range(21, 100):
        await make_tag(rig, f"标签{number}")
    assert await rig.code(f"{TAGS}/create", {"tag": {"name": "一百零一"}}) == 45056


async def test_lists_of_openids_are_checked_before_anything_changes(rig: Rig) -> None:
    openids = await follow(rig, 0, 1)
    other = rig.world.add_account({})
    foreign = rig.world.get_relation(other, 0).openid
    tag = await make_tag(rig)
    path = f"{TAGS}/members/batchtagging"
    for bad, code in (
        ([*openids, "oNobody"], 40003),
        ([*openids, foreign], 49003),
        ([*openids, rig.openid(7)], 40003),  # Does not follow.
        ([openids[0]] * 51, 40032),
        ([], 40031),
    ):
        assert await rig.code(path, {"openid_list": bad, "tagid": tag}) == code
    assert await rig.code(path, {"openid_list": openids, "tagid": 555}) == 45159
    assert (await rig.ask(f"{TAGS}/get"))["tags"][-1]["count"] == 0


async def test_leaving_takes_all_tags_off(rig: Rig) -> None:
    [openid] = await follow(rig, 0)
    tag = await make_tag(rig)
    await rig.ask(f"{TAGS}/members/batchtagging", {"openid_list": [openid], "tagid": tag})
    await rig.act(0, "unfollow")
    await rig.act(0, "follow")
    assert (await rig.ask("/cgi-bin/user/info", openid=openid))["tagid_list"] == []


async def test_whom_an_account_blacklists_it_no_longer_hears(rig: Rig) -> None:
    openids = await follow(rig, 0, 1)
    path = f"{TAGS}/members/batchblacklist"
    assert await rig.code(path, {"openid_list": openids[:1]}) == 0
    listed = await rig.ask(f"{TAGS}/members/getblacklist", {"begin_openid": ""})
    assert listed == {"total": 1, "count": 1, "data": {"openid": openids[:1]}, "next_openid": openids[0]}
    await rig.settled()
    heard = len(rig.product.received)
    await rig.act(0, "say", text="在吗")
    await rig.settled()
    assert len(rig.product.received) == heard
    assert await rig.send_text(0) == 43019
    assert await rig.code(path, {"openid_list": openids * 11}) == 40032
    assert await rig.code(f"{TAGS}/members/batchunblacklist", {"openid_list": openids[:1]}) == 0
    assert (await rig.ask(f"{TAGS}/members/getblacklist", {}))["total"] == 0
    await rig.act(0, "say", text="在吗")
    await rig.settled()
    assert len(rig.product.received) == heard + 1


async def test_remarks(rig: Rig) -> None:
    [openid] = await follow(rig, 0)
    path = "/cgi-bin/user/info/updateremark"
    assert await rig.code(path, {"openid": openid, "remark": "张阿姨"}) == 0
    assert (await rig.ask("/cgi-bin/user/info", openid=openid))["remark"] == "张阿姨"
    assert await rig.code(path, {"openid": openid, "remark": "长" * 30}) == 40035
    assert await rig.code(path, {"openid": rig.openid(5), "remark": "x"}) == 40003


async def test_groups_of_old_are_tags(rig: Rig) -> None:
    [openid, other] = await follow(rig, 0, 1)
    made = await rig.ask("/cgi-bin/groups/create", {"group": {"name": "一组"}})
    group = made["group"]["id"]
    move = {"openid": openid, "to_groupid": group}
    assert await rig.code("/cgi-bin/groups/members/update", move) == 0
    assert await rig.ask("/cgi-bin/groups/getid", {"openid": openid}) == {"groupid": group}
    assert await rig.ask(f"{TAGS}/getidlist", {"openid": openid}) == {"tagid_list": [group]}
    listed = (await rig.ask("/cgi-bin/groups/get"))["groups"]
    assert [one["count"] for one in listed] == [1, 0, 0, 1]
    batch = {"openid_list": [openid, other], "to_groupid": 0}
    assert await rig.code("/cgi-bin/groups/members/batchupdate", batch) == 0
    assert await rig.ask("/cgi-bin/groups/getid", {"openid": openid}) == {"groupid": 0}
    assert await rig.code("/cgi-bin/groups/update", {"group": {"id": group, "name": "二组"}}) == 0
    assert await rig.code("/cgi-bin/groups/delete", {"group": {"id": group}}) == 0
    assert await rig.code("/cgi-bin/groups/create", {"group": {}}) == 40051


async def test_openids_move_with_an_account(rig: Rig) -> None:
    origin = rig.world.add_account({})
    before = rig.world.get_relation(origin, 4).openid
    body = {"from_appid": origin.appid, "openid_list": [before, "oNobody"]}
    answer = await rig.ask("/cgi-bin/changeopenid", body)
    assert answer["result_list"] == [
        {"ori_openid": before, "new_openid": rig.openid(4), "err_msg": "ok"},
        {"ori_openid": "oNobody", "err_msg": "ori_openid error"},
    ]
    assert await rig.code("/cgi-bin/changeopenid", body | {"from_appid": "wx0"}) == 40013


async def test_an_open_platform_account_decides_unionids(rig: Rig) -> None:
    [openid] = await follow(rig, 0)
    own = {"appid": rig.account.appid}
    bound = (await rig.ask("/cgi-bin/open/get", own))["open_appid"]
    first = (await rig.ask("/cgi-bin/user/info", openid=openid))["unionid"]
    assert await rig.code("/cgi-bin/open/create", own) == 89000
    assert await rig.code("/cgi-bin/open/unbind", own | {"open_appid": "wrong"}) == 89002
    assert await rig.code("/cgi-bin/open/unbind", own | {"open_appid": bound}) == 0
    assert (await rig.ask("/cgi-bin/open/have"))["have_open"] is False
    assert await rig.code("/cgi-bin/open/get", own) == 89002
    assert "unionid" not in await rig.ask("/cgi-bin/user/info", openid=openid)
    made = (await rig.ask("/cgi-bin/open/create", own))["open_appid"]
    second = (await rig.ask("/cgi-bin/user/info", openid=openid))["unionid"]
    assert second not in ("", first)
    await rig.ask("/cgi-bin/open/unbind", own | {"open_appid": made})
    assert await rig.code("/cgi-bin/open/bind", own | {"open_appid": bound}) == 0
    assert (await rig.ask("/cgi-bin/user/info", openid=openid))["unionid"] == first
    assert (await rig.ask("/cgi-bin/open/sameentity"))["same_entity"] is True
    assert await rig.code("/cgi-bin/open/bind", {"appid": "wx1", "open_appid": bound}) == 40013
