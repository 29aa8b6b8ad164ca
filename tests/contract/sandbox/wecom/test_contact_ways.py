"""Contact ways: made, scanned, temporary, exclusive, and what comes of a scan."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import Company, Hooks
from wechat_sandbox.heartbeat import catch_up
from wechat_sandbox.state.wecom import contact_ways
from wechat_sandbox.wire.samples import picture

ADD, GET = "/externalcontact/add_contact_way", "/externalcontact/get_contact_way"
ONE = {"type": 1, "scene": 2, "user": ["staff01"]}


async def make(company: Company, **more: Any) -> str:
    return str((await company.ok(ADD, ONE | more))["config_id"])


async def scan(company: Company, person: int, code: str, **more: Any) -> dict[str, Any]:
    return dict(await company.control("POST", f"/customers/{person}/scan", {"code": code} | more))


async def refused(company: Company, person: int, code: str) -> str:
    where = f"/sandbox/corps/{company.corp.corpid}/customers/{person}/scan"
    status, answer = await company.rig.request("POST", where, json={"code": code})
    assert status == 400
    return str(answer["error"])


async def test_a_code_is_made_read_changed_and_deleted(company: Company) -> None:
    made = await company.ok(ADD, ONE | {"remark": "门店", "state": "s1"})
    assert re.fullmatch(r"[0-9a-f]{32}", made["config_id"])
    status, content, headers = await company.rig.fetch(made["qr_code"].removeprefix(company.rig.sandbox.url))
    assert (status, headers["Content-Type"], content[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
    who = {"config_id": made["config_id"]}
    way = (await company.ok(GET, who))["contact_way"]
    assert way == {
        "config_id": made["config_id"],
        "type": 1,
        "scene": 2,
        "style": 1,
        "remark": "门店",
        "skip_verify": True,
        "state": "s1",
        "qr_code": made["qr_code"],
        "user": ["staff01"],
        "party": [],
        "is_temp": False,
        "mark_source": True,
    }
    await company.ok("/externalcontact/update_contact_way", who | {"state": "s2", "user": ["staff02"]})
    way = (await company.ok(GET, who))["contact_way"]
    assert (way["state"], way["user"], way["remark"], way["qr_code"]) == (
        "s2",
        ["staff02"],
        "门店",
        made["qr_code"],
    )
    await company.ok("/externalcontact/del_contact_way", who)
    assert await company.code(GET, who) == 41044
    assert "qr_code" not in await company.ok(ADD, ONE | {"scene": 1, "style": 2})


async def test_what_is_wrong_with_a_way_is_named(company: Company) -> None:
    await company.control("PUT", "/staff/staff02", {"follows_customers": False})
    await company.control("PUT", "/staff/staff03", {"status": 4})
    cases: list[tuple[dict[str, Any], int]] = [
        ({"type": None}, 41037),
        ({"scene": None}, 41038),
        ({"type": 3}, 41039),
        ({"scene": 3}, 41040),
        ({"scene": 1, "style": 9}, 41042),
        ({"user": []}, 40058),
        ({"user": ["staff01", "staff04"]}, 40058),
        ({"user": ["nobody"]}, 60111),
        ({"user": ["staff02"]}, 84074),
        ({"user": ["staff03"]}, 41054),
        ({"state": "x" * 31}, 40058),
        ({"remark": "x" * 31}, 40058),
        ({"type": 2, "user": [], "party": [99]}, 60003),
        ({"is_temp": True, "expires_in": 15 * 86_400}, 40058),
    ]
    for changes, expected in cases:
        assert await company.code(ADD, ONE | changes) == expected, changes
    assert (await company.ok("/externalcontact/list_contact_way", {}))["contact_way"] == []
    assert await company.code(GET, {}) == 41043


async def test_a_way_has_at_most_a_hundred_members(company: Company) -> None:
    for number in range(95):
        body = {"userid": f"many{number}", "name": "多", "department": [2]}
        await company.control("POST", "/staff", body)
    several = {"type": 2, "scene": 2, "party": [2]}
    assert await company.code(ADD, several) == 0  # Ninety-nine.
    for number in range(2):
        body = {"userid": f"more{number}", "name": "多", "department": [2]}
        await company.control("POST", "/staff", body)
    assert await company.code(ADD, several) == 41041


async def test_ways_are_listed_by_time_without_temporary_ones(company: Company) -> None:
    first = await make(company)
    company.rig.clock.advance(100)
    second = await make(company)
    await make(company, is_temp=True)
    path = "/externalcontact/list_contact_way"
    page = await company.ok(path, {"limit": 1})
    assert page["contact_way"] == [{"config_id": first}]
    page = await company.ok(path, {"limit": 1, "cursor": page["next_cursor"]})
    assert (page["contact_way"], page["next_cursor"]) == ([{"config_id": second}], "")
    late = {"start_time": int(company.rig.clock.now()) - 50}
    assert (await company.ok(path, late))["contact_way"] == [{"config_id": second}]


async def test_a_scan_adds_the_member_with_the_state(company: Company) -> None:
    made = await company.ok(ADD, ONE | {"state": "store_1"})
    scanned = await scan(company, 3, made["qr_code"])
    assert (scanned["userid"], scanned["link"]["add_way"]) == ("staff01", 1)
    (event,) = await company.events("add_external_contact")
    assert (event["State"], event["UserID"]) == ("store_1", "staff01")
    again = await scan(company, 3, made["config_id"])
    assert again["link"] == scanned["link"]
    assert len(await company.events("add_external_contact")) == 1
    half = await scan(company, 4, made["config_id"], half=True)
    assert half["link"]["half"] is True
    assert len(await company.events("add_half_external_contact")) == 1
    read = await company.ok("/externalcontact/get", external_userid=scanned["external_userid"])
    assert read["follow_user"][0]["state"] == "store_1"


async def test_a_way_without_skipping_waits_for_the_member(company: Company) -> None:
    code = await make(company, skip_verify=False, state="asks")
    scanned = await scan(company, 3, code)
    assert scanned["link"] is None
    assert await company.events() == []
    (request,) = (await company.control("GET", "/requests"))["items"]
    assert (request["userid"], request["state"]) == ("staff01", "asks")
    await company.act(3, "be-accepted", "staff01")
    (event,) = await company.events("add_external_contact")
    assert event["State"] == "asks"
    assert (await company.control("GET", "/requests"))["items"] == []


async def test_several_members_share_a_code_and_exclusive_ones_keep_theirs(company: Company) -> None:
    users = ["staff01", "staff02", "staff03", "staff04"]
    code = await make(company, type=2, user=users)
    shares = Counter([(await scan(company, person, code))["userid"] for person in range(40)])
    assert set(shares) == set(users)
    own = await make(company, type=2, user=users, is_exclusive=True)
    first = (await scan(company, 50, own))["userid"]
    assert {(await scan(company, 50, own))["userid"] for _ in range(8)} == {first}


async def test_who_can_take_nobody_is_left_out(company: Company) -> None:
    code = await make(company, type=2, user=["staff01", "staff02"])
    await company.control("PUT", "/staff/staff01", {"customer_limit": 1})
    for person in range(6):
        await scan(company, person, code)
    staff = {one["userid"]: one["customers"] for one in (await company.control("GET", "/staff"))["items"]}
    assert staff["staff01"] <= 1
    assert staff["staff01"] + staff["staff02"] == 6
    await company.control("POST", "/staff/staff01/leave")
    await company.control("POST", "/staff/staff02/leave")
    assert (await refused(company, 9, code)).startswith("84074")


async def test_a_temporary_code_works_once_for_whom_it_is_meant(company: Company) -> None:
    unionid = company.rig.world.get_relation(company.rig.account, 3).unionid
    file = await company.upload("/media/upload", picture(1), filename="a.jpg", type="image")
    ends = {
        "text": {"content": "再见"},
        "image": {"media_id": file["media_id"]},
        "link": {"title": "不会出现", "url": "https://a.example"},
    }
    code = await make(company, is_temp=True, unionid=unionid, chat_expires_in=3600, conclusions=ends)
    way = (await company.ok(GET, {"config_id": code}))["contact_way"]
    assert (way["expires_in"], way["chat_expires_in"], way["unionid"]) == (7 * 86_400, 3600, unionid)
    assert set(way["conclusions"]) == {"text", "image"}
    assert "pic_url" in way["conclusions"]["image"]
    assert (await refused(company, 4, code)).startswith("41044")
    external = (await scan(company, 3, code))["external_userid"]
    assert (await refused(company, 3, code)).startswith("41044")  # It was used.
    assert await company.code("/externalcontact/list", userid="staff01") == 84061  # No customer.
    company.rig.clock.advance(3600)
    catch_up(company.rig.world, company.rig.clock.now())
    closing = {"userid": "staff01", "external_userid": external}
    assert await company.code("/externalcontact/close_temp_chat", closing) == 84061  # Over already.
    lines = company.rig.world.store.read_lines("openid = ?", (f"staff01/{external}",), 10)
    assert [line.kind for line in lines] == ["text", "image"]
    other = await make(company, is_temp=True, expires_in=60)
    company.rig.clock.advance(60)
    assert (await refused(company, 5, other)).startswith("41044")


async def test_a_temporary_chat_is_ended_by_call(company: Company) -> None:
    code = await make(company, is_temp=True)
    external = (await scan(company, 3, code))["external_userid"]
    closing = {"userid": "staff01", "external_userid": external}
    await company.ok("/externalcontact/close_temp_chat", closing)
    assert await company.code("/externalcontact/close_temp_chat", closing) == 84061


async def test_a_browser_can_add_by_the_code(company: Company) -> None:
    code = await make(company)
    status, body, _ = await company.rig.fetch(f"/wwadd/{code}", person="7")
    assert (status, "添加".encode() in body) == (200, True)
    status, body, _ = await company.rig.fetch(f"/wwadd/{code}", person="7", confirm="1")
    assert (status, "已添加".encode() in body) == (200, True)
    assert len(await company.events("add_external_contact")) == 1
    status, _, _ = await company.rig.fetch("/wwadd/nonsense", person="7")
    assert status == 404


async def test_ways_outlast_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    state = tmp_path / "s.db"
    company = await Company.make(await start_rig(state=state), hooks)
    code = await make(company, skip_verify=False)
    await scan(company, 3, code)
    await company.rig.stop()
    rig = await start_rig(state=state)
    again = Company(rig, rig.world.get_corp(company.corp.corpid), hooks)
    await again.act(3, "be-accepted", "staff01")
    assert (await again.ok(GET, {"config_id": code}))["contact_way"]["user"] == ["staff01"]
    assert len((await again.ok("/externalcontact/list", userid="staff01"))["external_userid"]) == 1


async def test_codes_of_members_and_of_groups_share_one_limit(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_ways, "WAYS_MAX", 2)
    chat_id = (await company.control("POST", "/groups", {"owner": "staff01", "name": "一店"}))["chat_id"]
    join = {"scene": 2, "chat_id_list": [chat_id]}
    way = {"type": 1, "scene": 2, "user": ["staff01"]}
    await company.ok("/externalcontact/add_contact_way", way)
    await company.ok("/externalcontact/groupchat/add_join_way", join)
    assert await company.code("/externalcontact/add_contact_way", way) == 41045
    assert await company.code("/externalcontact/groupchat/add_join_way", join) == 41045
