"""Customer groups: lists, members, join ways with rooms of their own, transfers, exact events."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import Company, Hooks
from wechat_sandbox.state.wecom.group_book import MEMBERS_MAX, JoinScene, Seat, SeatKind
from wechat_sandbox.state.wecom.group_chats import GroupChats

GROUP = "/externalcontact/groupchat"
DAY = 86_400


async def open_group(company: Company, *people: int, owner: str = "staff01", name: str = "一店") -> str:
    made = await company.control(
        "POST", "/groups", {"owner": owner, "name": name, "customers": [str(one) for one in people]}
    )
    return str(made["chat_id"])


async def told(company: Company) -> list[dict[str, Any]]:
    """Return the events of groups, without what all have in common."""
    events = [one for one in await company.events() if one["Event"] == "change_external_chat"]
    common = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"}
    return [{name: value for name, value in one.items() if name not in common} for one in events]


def fill(company: Company, chat_id: str) -> None:
    """Let a group be full."""
    chats = GroupChats(company.rig.world, company.corp)
    group = chats.get(chat_id)
    while group.has_room:
        seat = Seat(
            who=f"wmX{len(group.members)}", kind=SeatKind.EXTERNAL, join_time=1, scene=JoinScene.QR_CODE
        )
        group = group.with_member(seat)
    chats.save(group)


async def test_a_group_is_told_with_its_members(company: Company) -> None:
    customer = await company.add(3, "staff01")
    chat_id = await open_group(company, 3)
    now = int(company.rig.clock.now())
    group = (await company.ok(f"{GROUP}/get", {"chat_id": chat_id}))["group_chat"]
    assert group["member_list"] == [
        {
            "userid": "staff01",
            "type": 1,
            "join_time": now,
            "join_scene": 1,
            "invitor": {"userid": "staff01"},
            "group_nickname": "",
        },
        {
            "userid": customer,
            "type": 2,
            "unionid": group["member_list"][1]["unionid"],
            "join_time": now,
            "join_scene": 1,
            "invitor": {"userid": "staff01"},
            "group_nickname": "",
        },
    ]
    assert (group["chat_id"], group["name"], group["owner"]) == (chat_id, "一店", "staff01")
    assert (group["create_time"], group["notice"], group["admin_list"]) == (now, "", [])
    named = (await company.ok(f"{GROUP}/get", {"chat_id": chat_id, "need_name": 1}))["group_chat"]
    assert all(member["name"] for member in named["member_list"])
    unionid = named["member_list"][1]["unionid"]
    assert unionid == company.rig.world.get_relation(company.rig.account, 3).unionid


async def test_events_of_groups_are_exact(company: Company, hooks: Hooks) -> None:
    chat_id = await open_group(company)
    before = (await company.ok(f"{GROUP}/get", {"chat_id": chat_id}))["group_chat"]["member_version"]
    own = f"/groups/{chat_id}"
    shown = await company.control("POST", f"{own}/members", {"who": "5", "scene": 3})
    customer = shown["members"][1]["who"]
    after = shown["member_version"]
    await company.control("POST", f"{own}/members/5/leave")
    await company.control("POST", f"{own}/members", {"who": "5"})
    await company.control("POST", f"{own}/members/5/remove")
    await company.control("POST", f"{own}/members", {"userid": "staff02"})
    await company.control("PATCH", own, {"name": "二店", "notice": "周五上新", "owner": "staff02"})
    await company.control("POST", f"{own}/dismiss")
    events = await told(company)
    assert events[0] == {"ChatId": chat_id, "ChangeType": "create"}
    assert events[1] == {
        "ChatId": chat_id,
        "ChangeType": "update",
        "UpdateDetail": "add_member",
        "JoinScene": "3",
        "MemChangeCnt": "1",
        "MemChangeList": {"Item": customer},
        "LastMemVer": before,
        "CurMemVer": after,
    }
    details = [(one.get("UpdateDetail"), one.get("JoinScene"), one.get("QuitScene")) for one in events[2:]]
    assert details == [
        ("del_member", None, "0"),
        ("add_member", "0", None),
        ("del_member", None, "1"),
        ("add_member", "0", None),
        ("change_name", None, None),
        ("change_notice", None, None),
        ("change_owner", None, None),
        (None, None, None),
    ]
    assert events[-1] == {"ChatId": chat_id, "ChangeType": "dismiss"}
    versions = [(one["LastMemVer"], one["CurMemVer"]) for one in events if "CurMemVer" in one]
    assert all(left[1] == right[0] for left, right in pairwise(versions))
    raw = next(one for one in hooks.raw if b"add_member" in one).decode()
    assert f"<MemChangeList><Item><![CDATA[{customer}]]></Item></MemChangeList>" in raw
    assert "<JoinScene>3</JoinScene><MemChangeCnt>1</MemChangeCnt>" in raw
    assert raw.index("<ChatId>") < raw.index("<ChangeType>") < raw.index("<UpdateDetail>")
    assert await company.code(f"{GROUP}/get", {"chat_id": chat_id}) == 49008
    assert await company.code(f"{GROUP}/get", {"chat_id": "wrnone"}) == 90501
    assert (await company.ok(f"{GROUP}/list", {"limit": 10}))["group_chat_list"] == []


async def test_lists_are_filtered_and_come_in_pages(company: Company) -> None:
    mine = [await open_group(company, name=f"{number}") for number in range(3)]
    other = await open_group(company, owner="staff02")
    rows, cursor = [], ""
    for _ in range(2):
        page = await company.ok(f"{GROUP}/list", {"limit": 2, "cursor": cursor})
        rows += [row["chat_id"] for row in page["group_chat_list"]]
        cursor = page["next_cursor"]
    assert (rows, cursor) == ([*mine, other], "")
    asked = {"limit": 10, "owner_filter": {"userid_list": ["staff02"]}}
    answer = await company.ok(f"{GROUP}/list", asked)
    assert answer["group_chat_list"] == [{"chat_id": other, "status": 0}]
    for body, code in (
        ({}, 40058),
        ({"limit": 0}, 40058),
        ({"limit": 1001}, 40058),
        ({"limit": 10, "status_filter": 4}, 40058),
        ({"limit": 10, "cursor": "nonsense"}, 50100),
        ({"limit": 10, "owner_filter": {"userid_list": ["nobody"]}}, 40003),
        ({"limit": 10, "owner_filter": {"userid_list": ["staff01"] * 101}}, 40058),
    ):
        assert await company.code(f"{GROUP}/list", body) == code, body


async def test_the_mini_programs_id_of_a_group_leads_to_it(company: Company) -> None:
    chat_id = await open_group(company)
    opengid = (await company.control("GET", f"/groups/{chat_id}"))["opengid"]
    answer = await company.ok("/externalcontact/opengid_to_chatid", {"opengid": opengid})
    assert answer["chat_id"] == chat_id
    assert await company.code("/externalcontact/opengid_to_chatid", {"opengid": "Gnone"}) == 90511
    assert await company.code("/externalcontact/opengid_to_chatid", {}) == 40058


async def test_a_join_way_opens_rooms_of_its_own(company: Company) -> None:
    first = await open_group(company, name="福利群")
    way = {
        "scene": 2,
        "remark": "扫码进群" * 10,
        "room_base_name": "福利群",
        "room_base_id": 10,
        "chat_id_list": [first],
        "state": "poster",
        "mark_source": True,
    }
    config_id = (await company.ok(f"{GROUP}/add_join_way", way))["config_id"]
    kept = (await company.ok(f"{GROUP}/get_join_way", {"config_id": config_id}))["join_way"]
    assert kept.pop("qr_code").startswith("http")
    assert kept == way | {"config_id": config_id, "auto_create_room": 1, "remark": way["remark"][:30]}  # type: ignore[index]
    scanned = await company.control("POST", f"/join-ways/{config_id}/scan", {"who": "7"})
    assert (scanned["chat_id"], scanned["members"][-1]["state"]) == (first, "poster")
    fill(company, first)
    again = await company.control("POST", f"/join-ways/{config_id}/scan", {"who": "7"})
    assert again["chat_id"] == first  # Who is in already stays there.
    second = await company.control("POST", f"/join-ways/{config_id}/scan", {"who": "8"})
    assert (second["name"], second["owner"]) == ("福利群10", "staff01")
    kept = (await company.ok(f"{GROUP}/get_join_way", {"config_id": config_id}))["join_way"]
    assert kept["chat_id_list"] == [first, second["chat_id"]]
    third = await company.control("POST", f"/join-ways/{config_id}/scan", {"who": "9"})
    assert third["chat_id"] == second["chat_id"]
    detail = (await company.ok(f"{GROUP}/get", {"chat_id": second["chat_id"]}))["group_chat"]
    assert [member.get("state") for member in detail["member_list"]] == [None, "poster", "poster"]
    assert [member["join_scene"] for member in detail["member_list"]] == [1, 3, 3]
    assert "invitor" not in detail["member_list"][1]
    events = await told(company)
    assert [one["ChangeType"] for one in events] == ["create", "update", "create", "update", "update"]


async def test_a_join_way_that_opens_no_rooms_ends_when_full(company: Company) -> None:
    chat_id = await open_group(company)
    body = {"scene": 1, "auto_create_room": 0, "chat_id_list": [chat_id]}
    config_id = (await company.ok(f"{GROUP}/add_join_way", body))["config_id"]
    kept = (await company.ok(f"{GROUP}/get_join_way", {"config_id": config_id}))["join_way"]
    assert kept["qr_code"] == ""
    fill(company, chat_id)
    where = f"/sandbox/corps/{company.corp.corpid}/join-ways/{config_id}/scan"
    status, _ = await company.rig.request("POST", where, json={"who": "8"})
    assert status == 404
    shown = await company.control("GET", f"/groups/{chat_id}")
    assert len(shown["members"]) == MEMBERS_MAX


async def test_join_ways_are_written_over_and_deleted(company: Company) -> None:
    chats = [await open_group(company) for _ in range(6)]
    add = f"{GROUP}/add_join_way"
    for body, code in (
        ({"chat_id_list": chats[:1]}, 41038),
        ({"scene": 3, "chat_id_list": chats[:1]}, 41040),
        ({"scene": 2}, 40058),
        ({"scene": 2, "chat_id_list": chats}, 41091),
        ({"scene": 2, "chat_id_list": ["wrnone"]}, 90501),
        ({"scene": 2, "chat_id_list": chats[:1], "state": "x" * 31}, 40058),
        ({"scene": 2, "chat_id_list": chats[:1], "room_base_name": "x" * 41}, 40058),
        ({"scene": 2, "chat_id_list": chats[:1], "auto_create_room": 2}, 40058),
    ):
        assert await company.code(add, body) == code, body
    body = {"scene": 2, "chat_id_list": chats[:5], "remark": "旧", "state": "old"}
    config_id = (await company.ok(add, body))["config_id"]
    await company.ok(f"{GROUP}/update_join_way", {"config_id": config_id, "chat_id_list": chats[:2]})
    kept = (await company.ok(f"{GROUP}/get_join_way", {"config_id": config_id}))["join_way"]
    assert (kept["remark"], kept["state"], kept["chat_id_list"]) == ("", "", chats[:2])
    assert await company.code(f"{GROUP}/get_join_way", {}) == 41043
    assert await company.code(f"{GROUP}/update_join_way", {"config_id": "none"}) == 41044
    await company.ok(f"{GROUP}/del_join_way", {"config_id": config_id})
    assert await company.code(f"{GROUP}/del_join_way", {"config_id": config_id}) == 41044


async def test_groups_of_somebody_who_left_are_taken_over_once(company: Company) -> None:
    chat_id = await open_group(company, 2)
    body = {"chat_id_list": [chat_id, "wrnone"], "new_owner": "staff02"}
    failed = (await company.ok(f"{GROUP}/transfer", body))["failed_chat_list"]
    assert [(one["chat_id"], one["errcode"]) for one in failed] == [(chat_id, 90500), ("wrnone", 90501)]
    await company.control("POST", "/staff/staff01/leave")
    rows = (await company.ok(f"{GROUP}/list", {"limit": 10, "status_filter": 1}))["group_chat_list"]
    assert rows == [{"chat_id": chat_id, "status": 1}]
    onjob = await company.ok(f"{GROUP}/onjob_transfer", body | {"chat_id_list": [chat_id]})
    assert onjob["failed_chat_list"][0]["errcode"] == 90502
    answer = await company.ok(f"{GROUP}/transfer", body | {"chat_id_list": [chat_id]})
    assert answer["failed_chat_list"] == []
    rows = (await company.ok(f"{GROUP}/list", {"limit": 10, "status_filter": 3}))["group_chat_list"]
    assert rows == [{"chat_id": chat_id, "status": 3}]
    again = await company.ok(f"{GROUP}/transfer", {"chat_id_list": [chat_id], "new_owner": "staff03"})
    assert again["failed_chat_list"][0]["errcode"] == 90508
    shown = (await company.ok(f"{GROUP}/get", {"chat_id": chat_id}))["group_chat"]
    assert (shown["owner"], shown["member_list"][-1]["userid"]) == ("staff02", "staff02")
    assert [one["ChangeType"] for one in await told(company)] == ["create"]  # The API's own changes: silence.


async def test_colleagues_pass_groups_on_twice_in_ninety_days(company: Company) -> None:
    chat_id = await open_group(company)
    codes = []
    for new_owner in ("staff01", "staff02", "staff03", "staff04"):
        body = {"chat_id_list": [chat_id], "new_owner": new_owner}
        failed = (await company.ok(f"{GROUP}/onjob_transfer", body))["failed_chat_list"]
        codes.append(failed[0]["errcode"] if failed else 0)
    assert codes == [90504, 0, 0, 90509]
    company.rig.clock.advance(90 * DAY)
    body = {"chat_id_list": [chat_id], "new_owner": "staff04"}
    assert (await company.ok(f"{GROUP}/onjob_transfer", body))["failed_chat_list"] == []
    assert await company.code(f"{GROUP}/onjob_transfer", {"new_owner": "staff04"}) == 40058
    assert await company.code(f"{GROUP}/onjob_transfer", body | {"new_owner": "nobody"}) == 60111
    assert await company.code(f"{GROUP}/onjob_transfer", body | {"chat_id_list": ["x"] * 101}) == 40058


async def test_groups_survive_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    rig = await start_rig(people=20, state=tmp_path / "state.db")
    company = await Company.make(rig, hooks)
    chat_id = await open_group(company, 4)
    before = await company.ok(f"{GROUP}/get", {"chat_id": chat_id, "need_name": 1})
    corpid = company.corp.corpid
    await rig.stop()
    again = await start_rig(people=20, state=tmp_path / "state.db")
    company = Company(again, again.world.get_corp(corpid), hooks)
    assert await company.ok(f"{GROUP}/get", {"chat_id": chat_id, "need_name": 1}) == before


STATISTIC = f"{GROUP}/statistic"


async def test_groups_are_counted_by_owner_and_by_day(company: Company) -> None:
    rig = company.rig
    first = await open_group(company, 1, 2)
    await open_group(company, owner="staff02")
    await company.control("POST", f"/groups/{first}/say", {"who": "1", "text": "你好"})
    day = int(rig.clock.now())
    rig.clock.advance(DAY)
    await company.control("POST", f"/groups/{first}/members", {"who": "3"})
    await company.control("POST", f"/groups/{first}/members/1/leave")
    await company.control("POST", f"/groups/{first}/say", {"who": "2", "text": "在"})
    await open_group(company, name="新群")
    owners = {"owner_filter": {"userid_list": ["staff01", "staff02"]}}
    body = {"day_begin_time": day, "day_end_time": day + DAY} | owners
    answer = await company.ok(STATISTIC, body | {"order_by": 2})
    assert (answer["total"], answer["next_offset"]) == (2, 2)
    assert [item["owner"] for item in answer["items"]] == ["staff01", "staff02"]
    assert answer["items"][0]["data"] == {
        "new_chat_cnt": 2,
        "chat_total": 2,
        "chat_has_msg": 1,
        "new_member_cnt": 5,
        "member_total": 4,
        "member_has_msg": 2,
        "msg_total": 2,
        "migrate_trainee_chat_cnt": 0,
    }
    rising = await company.ok(STATISTIC, body | {"order_by": 2, "order_asc": 1, "limit": 1})
    assert [item["owner"] for item in rising["items"]] == ["staff02"]
    by_day = (await company.ok(f"{STATISTIC}_group_by_day", body))["items"]
    assert [item["stat_time"] for item in by_day] == [day - 12 * 3600, day + 12 * 3600]
    assert [item["data"]["new_chat_cnt"] for item in by_day] == [2, 1]
    assert [item["data"]["member_total"] for item in by_day] == [4, 5]
    for wrong in (
        body | {"day_end_time": day + 31 * DAY},
        {"day_begin_time": day},
        body | {"day_begin_time": day - 181 * DAY, "day_end_time": day - 181 * DAY},
        body | {"order_by": 5},
    ):
        assert await company.code(STATISTIC, wrong) == 40058, wrong


@pytest.mark.parametrize("path", ["list", "get", "transfer", "statistic", "add_join_way"])
async def test_groups_are_for_customer_secrets_alone(company: Company, path: str) -> None:
    assert await company.code(f"{GROUP}/{path}", {}, by="contacts") == 48002
