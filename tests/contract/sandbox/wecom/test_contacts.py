"""Members, departments, tags of members and jobs from files."""

from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import AGENT, Company, Hooks
from wechat_sandbox.state.wecom.corp import CONTACTS, CUSTOMERS, agent_scope

APP = agent_scope(AGENT)
ZHANG = {"userid": "zhang.san", "name": "张三", "mobile": "13800000001", "department": [2]}


async def contacts(company: Company, path: str, body: Any = None, **query: str) -> dict[str, Any]:
    return await company.call(path, body, by=CONTACTS, **query)


async def code(company: Company, path: str, body: Any = None, **query: str) -> int:
    return int((await contacts(company, path, body, **query))["errcode"])


async def test_a_member_is_made_read_changed_and_deleted(company: Company) -> None:
    made = await contacts(company, "/user/create", ZHANG | {"gender": "1", "external_position": "顾问"})
    assert (made["errcode"], made["errmsg"]) == (0, "created")
    read = await contacts(company, "/user/get", userid="ZHANG.SAN")
    assert (read["userid"], read["name"], read["status"], read["gender"]) == ("zhang.san", "张三", 4, "1")
    assert (read["department"], read["main_department"], read["order"]) == ([2], 2, [0])
    changed = await contacts(
        company, "/user/update", {"userid": "zhang.san", "department": [2, 3], "main_department": 3}
    )
    assert changed["errmsg"] == "updated"
    read = await contacts(company, "/user/get", userid="zhang.san")
    assert (read["department"], read["main_department"], read["mobile"]) == ([2, 3], 3, "13800000001")
    assert (await contacts(company, "/user/delete", userid="zhang.san"))["errmsg"] == "deleted"
    assert await code(company, "/user/get", userid="zhang.san") == 60111
    assert await company.events(scope=CONTACTS) == []  # What the API changes is not told.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"userid": ""}, 41009),
        ({"userid": "-x"}, 60112),
        ({"userid": "x" * 65}, 60112),
        ({"userid": "staff01"}, 60102),
        ({"userid": "STAFF01"}, 60102),
        ({"name": ""}, 60112),
        ({"name": "长" * 65}, 60112),
        ({"mobile": "abc"}, 60103),
        ({"mobile": "13900000000"}, 60104),
        ({"email": "nonsense"}, 60105),
        ({"mobile": ""}, 60129),
        ({"department": [99]}, 60003),
        ({"department": list(range(1, 102))}, 41019),
        ({"department": ["x"]}, 40066),
        ({"gender": "3"}, 40058),
        ({"direct_leader": ["nobody"]}, 60257),
        ({"order": [1, 2]}, 40058),
        ({"main_department": 3}, 60123),
    ],
)
async def test_what_is_wrong_with_a_member_is_named(
    company: Company, changes: dict[str, Any], expected: int
) -> None:
    assert await code(company, "/user/create", ZHANG | changes) == expected
    assert await code(company, "/user/get", userid="zhang.san") == 60111


async def test_mails_are_of_one_member_and_find_them(company: Company) -> None:
    await contacts(company, "/user/create", ZHANG | {"email": "z@home.example", "biz_mail": "z@corp.example"})
    other = ZHANG | {"userid": "li", "mobile": "13800000002", "email": "z@home.example"}
    assert await code(company, "/user/create", other) == 60106
    by_biz = await contacts(company, "/user/get_userid_by_email", {"email": "z@corp.example"})
    by_own = await contacts(
        company, "/user/get_userid_by_email", {"email": "z@home.example", "email_type": 2}
    )
    by_phone = await contacts(company, "/user/getuserid", {"mobile": "13800000001"})
    assert {one["userid"] for one in (by_biz, by_own, by_phone)} == {"zhang.san"}
    assert await code(company, "/user/getuserid", {"mobile": "1"}) == 46004


async def test_an_id_changes_and_customers_come_along(company: Company) -> None:
    external = await company.add(3, "staff01")
    assert await code(company, "/user/update", {"userid": "staff01", "new_userid": "staff02"}) == 60102
    assert await code(company, "/user/update", {"userid": "staff01", "new_userid": "zhang"}) == 0
    assert await code(company, "/user/get", userid="staff01") == 60111
    assert (await company.control("GET", "/customers/3"))["followers"][0]["userid"] == "zhang"
    assert (await company.control("GET", f"/customers/{external}"))["external_userid"] == external


async def test_many_are_deleted_or_none(company: Company) -> None:
    assert await code(company, "/user/batchdelete", {"useridlist": ["staff01", "nobody"]}) == 40031
    assert await code(company, "/user/batchdelete", {"useridlist": []}) == 40031
    assert await code(company, "/user/batchdelete", {"useridlist": [f"u{n}" for n in range(201)]}) == 40032
    assert await code(company, "/user/get", userid="staff01") == 0
    assert await code(company, "/user/batchdelete", {"useridlist": ["staff01", "staff02"]}) == 0
    assert len((await company.control("GET", "/staff"))["left"]) == 2


async def test_members_are_listed_by_department(company: Company) -> None:
    brief = await contacts(company, "/user/simplelist", department_id="1", fetch_child="1")
    assert len(brief["userlist"]) == 12
    assert set(brief["userlist"][0]) == {"userid", "name", "department", "open_userid"}
    assert (await contacts(company, "/user/simplelist", department_id="1"))["userlist"] == []
    whole = await contacts(company, "/user/list", department_id="2")
    assert [one["userid"] for one in whole["userlist"]] == ["staff01", "staff04", "staff07", "staff10"]
    assert await code(company, "/user/list", department_id="99") == 60003
    assert await code(company, "/user/list", department_id="") == 60123


async def test_ids_come_page_by_page(company: Company) -> None:
    found: list[str] = []
    cursor = ""
    for _ in range(4):
        page = await contacts(company, "/user/list_id", {"limit": 5, "cursor": cursor})
        found += [one["userid"] for one in page["dept_user"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert found == [f"staff{n:02d}" for n in range(1, 13)]
    assert await code(company, "/user/list_id", {"cursor": "!!"}) == 50100


async def test_apps_see_their_scope_and_no_private_data(company: Company) -> None:
    await company.control("PUT", f"/agents/{AGENT}", {"parties": [2]})
    mine = await company.ok("/user/get", by=APP, userid="staff01")
    assert not {"mobile", "gender", "email", "avatar", "qr_code"} & set(mine)
    assert await company.code("/user/get", by=APP, userid="staff02") == 60011
    seen = await company.ok("/department/list", by=APP)
    assert [one["id"] for one in seen["department"]] == [2]
    assert await company.code("/user/simplelist", by=APP, department_id="3") == 60011
    await company.control("PUT", f"/agents/{AGENT}", {"reads_private": True})
    assert (await company.ok("/user/get", by=APP, userid="staff01"))["mobile"] == "13900000000"


async def test_only_the_contacts_secret_changes_the_contacts(company: Company) -> None:
    assert await company.code("/user/create", ZHANG, by=APP) == 48002
    assert await company.code("/user/get", by=CUSTOMERS, userid="staff01") == 48002
    await company.control("PUT", f"/agents/{AGENT}", {"writes_contacts": True})
    assert await company.code("/user/create", ZHANG, by=APP) == 0


async def test_a_broken_body_counts_as_none(company: Company) -> None:
    token = await company.token(CONTACTS)
    path = "/qyapi.weixin.qq.com/cgi-bin/user/create"
    answer = await company.rig.post(path, raw=b'{"userid": ', access_token=token)
    assert answer["errcode"] == 41009
    assert "Warning: wrong json format." in answer["errmsg"]
    assert (await company.rig.get(path, access_token=token))["errcode"] == 40063


async def test_ids_are_converted(company: Company) -> None:
    openid = (await company.ok("/user/convert_to_openid", {"userid": "staff01"}, by=APP))["openid"]
    assert await company.ok("/user/convert_to_userid", {"openid": openid}, by=APP) == {
        "errcode": 0,
        "errmsg": "ok",
        "userid": "staff01",
    }
    assert await company.code("/user/convert_to_userid", {"openid": "o0"}, by=APP) == 46004
    open_userid = (await contacts(company, "/user/get", userid="staff01"))["open_userid"]
    body = {"open_userid_list": [open_userid, "wo0"], "source_agentid": AGENT}
    answer = await company.ok("/batch/openuserid_to_userid", body, by=APP)
    assert answer["userid_list"] == [{"userid": "staff01", "open_userid": open_userid}]
    assert answer["invalid_open_userid_list"] == ["wo0"]
    assert await company.code("/batch/openuserid_to_userid", body | {"source_agentid": 1}, by=APP) == 40056


async def test_members_join_by_code_invitation_and_second_check(company: Company) -> None:
    await contacts(company, "/user/create", ZHANG)
    assert await code(company, "/user/authsucc", userid="zhang.san") == 0
    assert (await contacts(company, "/user/get", userid="zhang.san"))["status"] == 1
    assert (await contacts(company, "/corp/get_join_qrcode", size_type="2"))["join_qrcode"].startswith("http")
    assert await code(company, "/corp/get_join_qrcode", size_type="9") == 40058
    answer = await contacts(
        company, "/batch/invite", {"user": ["staff01", "nobody"], "party": [99], "tag": [9]}
    )
    assert (answer["invaliduser"], answer["invalidparty"], answer["invalidtag"]) == (["nobody"], [99], [9])
    assert await code(company, "/batch/invite", {}) == 82001


async def test_departments_are_made_moved_and_deleted(company: Company) -> None:
    made = await contacts(company, "/department/create", {"name": "华东", "parentid": 2, "order": 9})
    assert (made["errmsg"], made["id"]) == ("created", 5)
    body = {"id": 5, "name": "华东区", "parentid": 3}
    assert (await contacts(company, "/department/update", body))["errmsg"] == "updated"
    read = (await contacts(company, "/department/get", id="5"))["department"]
    assert read == {
        "id": 5, "name": "华东区", "name_en": "", "department_leader": [], "parentid": 3, "order": 9,
    }  # fmt: skip
    below = await contacts(company, "/department/simplelist", id="3")
    assert [one["id"] for one in below["department_id"]] == [3, 5]
    assert (await contacts(company, "/department/get", id="3"))["department"]["department_leader"] == [
        "staff02"
    ]
    assert (await contacts(company, "/department/delete", id="5"))["errmsg"] == "deleted"
    assert await code(company, "/department/get", id="5") == 60003


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/department/create", {"parentid": 1}, 60125),
        ("/department/create", {"name": "门店", "parentid": 1}, 60008),
        ("/department/create", {"name": "a:b", "parentid": 1}, 60009),
        ("/department/create", {"name": "新"}, 60124),
        ("/department/create", {"name": "新", "parentid": 99}, 60004),
        ("/department/create", {"name": "新", "parentid": 1, "id": 2}, 60123),
        ("/department/create", {"name": "新", "parentid": 1, "order": 2**32}, 60128),
        ("/department/update", {"id": 99, "name": "x"}, 60003),
        ("/department/update", {"id": 1, "parentid": 2}, 60010),
    ],
)
async def test_what_is_wrong_with_a_department_is_named(
    company: Company, path: str, body: dict[str, Any], expected: int
) -> None:
    assert await code(company, path, body) == expected


async def test_a_department_in_use_stays(company: Company) -> None:
    await contacts(company, "/department/create", {"name": "下级", "parentid": 3})
    assert await code(company, "/department/delete", id="1") == 60007
    assert await code(company, "/department/delete", id="2") == 60005
    assert await code(company, "/department/delete", id="3") == 60006


async def test_member_tags_belong_to_who_made_them(company: Company) -> None:
    made = await company.ok("/tag/create", {"tagname": "店长"}, by=APP)
    tagid = made["tagid"]
    assert await company.code("/tag/create", {"tagname": "店长"}, by=APP) == 40071
    assert await company.code("/tag/create", {"tagname": "长" * 33}, by=APP) == 40072
    body = {"tagid": tagid, "userlist": ["staff01", "nobody"], "partylist": [2, 99]}
    added = await company.ok("/tag/addtagusers", body, by=APP)
    assert (added["invalidlist"], added["invalidparty"]) == ("nobody", [99])
    read = await company.ok("/tag/get", by=APP, tagid=str(tagid))
    assert (read["tagname"], read["partylist"]) == ("店长", [2])
    assert [one["userid"] for one in read["userlist"]] == ["staff01"]
    await company.ok("/tag/deltagusers", {"tagid": tagid, "userlist": ["staff01"]}, by=APP)
    assert (await company.ok("/tag/get", by=APP, tagid=str(tagid)))["userlist"] == []
    assert await company.code("/tag/addtagusers", {"tagid": tagid, "userlist": ["nobody"]}, by=APP) == 40031
    foreign = (await company.ok("/tag/create", {"tagname": "通讯录的"}, by=CONTACTS))["tagid"]
    assert await company.code("/tag/update", {"tagid": foreign, "tagname": "x"}, by=APP) == 81011
    await company.ok("/tag/update", {"tagid": tagid, "tagname": "经理"}, by=CONTACTS)
    names = [one["tagname"] for one in (await company.ok("/tag/list", by=APP))["taglist"]]
    assert names == ["经理", "通讯录的"]
    assert (await company.ok("/tag/delete", by=APP, tagid=str(tagid)))["errmsg"] == "deleted"
    assert await company.code("/tag/get", by=APP, tagid=str(tagid)) == 40068


async def job(company: Company, path: str, text: str) -> dict[str, Any]:
    file = await company.upload("/media/upload", text.encode(), filename="a.csv", type="file", by=CONTACTS)
    hook = company.corp.hook_of(CONTACTS)
    callback = {"url": hook.url, "token": hook.token, "encodingaeskey": hook.aes_key}
    begun = await contacts(company, path, {"media_id": file["media_id"], "callback": callback})
    await company.rig.settled()
    return await contacts(company, "/batch/getresult", jobid=begun["jobid"])


async def test_members_come_from_a_file(company: Company) -> None:
    rows = (
        "姓名,帐号,手机号,邮箱,所在部门,职位\n王一,wang,13700000001,,2;3,店员\n"
        "员工,staff01,,,2,\n无名,,,,1,\n远方,far,,,99,\n"
    )
    done = await job(company, "/batch/syncuser", rows)
    assert (done["status"], done["type"], done["percentage"], done["total"]) == (3, "sync_user", 100, 4)
    assert [(one["action"], one["errcode"]) for one in done["result"]] == [
        (1, 0),
        (2, 0),
        (1, 60112),
        (1, 60003),
    ]
    assert (await contacts(company, "/user/get", userid="wang"))["department"] == [2, 3]
    (event,) = await company.events("batch_job_result", scope=CONTACTS)
    assert (event["BatchJob"]["JobType"], event["BatchJob"]["ErrCode"]) == ("sync_user", "0")
    done = await job(company, "/batch/replaceuser", "姓名,帐号,所在部门\n王一,wang,2\n")
    assert len([one for one in done["result"] if one["action"] == 3]) == 12
    assert await code(company, "/user/get", userid="staff01") == 60111
    assert await code(company, "/batch/syncuser", {"media_id": "x"}) == 40007
    assert await code(company, "/batch/getresult", jobid="x") == 40058


async def test_departments_come_from_a_file(company: Company) -> None:
    rows = "部门名称,部门ID,父部门ID,排序\n门店部,2,1,5\n新区,9,2,1\n孤儿,10,77,1\n"
    done = await job(company, "/batch/replaceparty", rows)
    assert [(one["action"], one["errcode"]) for one in done["result"][:3]] == [(2, 0), (1, 0), (1, 60004)]
    assert {(one["partyid"], one["errcode"]) for one in done["result"][3:]} == {(3, 60005), (4, 60005)}
    names = [one["name"] for one in (await contacts(company, "/department/list"))["department"]]
    assert names[1:] == ["门店部", "客服", "总部", "新区"]


async def test_the_contacts_outlast_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    state = tmp_path / "s.db"
    company = await Company.make(await start_rig(state=state), hooks)
    await contacts(company, "/user/create", ZHANG)
    await company.ok("/tag/create", {"tagname": "A"}, by=APP)
    await company.rig.stop()
    rig = await start_rig(state=state)
    again = Company(rig, rig.world.get_corp(company.corp.corpid), hooks)
    assert (await contacts(again, "/user/get", userid="zhang.san"))["name"] == "张三"
    assert (await again.ok("/tag/list", by=APP))["taglist"] == [{"tagid": 1, "tagname": "A"}]


async def test_a_member_with_another_id_keeps_everything(company: Company) -> None:
    external = await company.add(1, "staff01")
    await company.control("POST", "/customers/2/add", {"userid": "staff01", "half": True})
    group = await company.control("POST", "/groups", {"owner": "staff01", "name": "一店", "customers": [1]})
    tag = (await company.ok("/tag/create", {"tagname": "店长"}, by=CONTACTS))["tagid"]
    await company.ok("/tag/addtagusers", {"tagid": tag, "userlist": ["staff01"]}, by=CONTACTS)
    way = {"type": 1, "scene": 2, "user": ["staff01"]}
    config_id = (await company.ok("/externalcontact/add_contact_way", way))["config_id"]

    await company.ok("/user/update", {"userid": "staff01", "new_userid": "boss"}, by=CONTACTS)

    assert (await company.ok("/externalcontact/list", userid="boss"))["external_userid"] == [external]
    found = await company.ok("/externalcontact/groupchat/get", {"chat_id": group["chat_id"]})
    assert (found["group_chat"]["owner"], found["group_chat"]["member_list"][0]["userid"]) == ("boss", "boss")
    tagged = await company.ok("/tag/get", by=CONTACTS, tagid=str(tag))
    assert [one["userid"] for one in tagged["userlist"]] == ["boss"]
    shown = (await company.ok("/externalcontact/get_contact_way", {"config_id": config_id}))["contact_way"]
    assert shown["user"] == ["boss"]
    # Somebody who waits to be accepted still does.
    await company.act(2, "accept", "boss")
    assert len((await company.ok("/externalcontact/list", userid="boss"))["external_userid"]) == 2


async def test_what_the_console_changes_is_told(company: Company) -> None:
    made = await company.control("POST", "/departments", {"name": "仓库"})
    await company.control("PUT", f"/departments/{made['id']}", {"name": "新仓库", "parentid": 2})
    await company.control("DELETE", f"/departments/{made['id']}")
    tag = (await company.ok("/tag/create", {"tagname": "店长"}, by=CONTACTS))["tagid"]
    await company.control("PUT", f"/member-tags/{tag}", {"users": ["staff01"], "parties": [2]})
    await company.control("PUT", f"/member-tags/{tag}", {"users": ["staff02"], "parties": []})
    await company.control("POST", "/staff/staff03/rename", {"new_userid": "boss"})

    # One after another they come, but callbacks overtake each other.
    events = await company.events(
        "create_party", "update_party", "delete_party", "update_tag", "update_user", scope=CONTACTS
    )
    told = {(one["ChangeType"], one.get("AddUserItems", "")): one for one in events}
    head = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "ChangeType"}
    said = {key: {name: one[name] for name in one if name not in head} for key, one in told.items()}
    number = str(made["id"])
    assert said == {
        ("create_party", ""): {"Id": number, "Name": "仓库", "ParentId": "1", "Order": "0"},
        ("update_party", ""): {"Id": number, "Name": "新仓库", "ParentId": "2"},
        ("delete_party", ""): {"Id": number},
        ("update_tag", "staff01"): {
            "TagId": str(tag),
            "AddUserItems": "staff01",
            "DelUserItems": "",
            "AddPartyItems": "2",
            "DelPartyItems": "",
        },
        ("update_tag", "staff02"): {
            "TagId": str(tag),
            "AddUserItems": "staff02",
            "DelUserItems": "staff01",
            "AddPartyItems": "",
            "DelPartyItems": "2",
        },
        ("update_user", ""): {"UserID": "staff03", "NewUserID": "boss"},
    }
