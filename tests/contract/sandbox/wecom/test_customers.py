"""Customers: lists, details, batches, remarks, ids for others."""

from typing import Any

import pytest

from contract.sandbox.wecom.corp import AGENT, Company
from wechat_sandbox.state.wecom.corp import CONTACTS, agent_scope
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.meeting import Meetings, Way
from wechat_sandbox.wire.samples import picture

APP = agent_scope(AGENT)


async def test_members_with_the_feature_are_listed(company: Company) -> None:
    await company.control("PUT", "/staff/staff02", {"follows_customers": False})
    await company.control("PUT", "/staff/staff03", {"status": 4})
    listed = (await company.ok("/externalcontact/get_follow_user_list"))["follow_user"]
    assert listed[:2] == ["staff01", "staff04"]
    await company.control("PUT", f"/agents/{AGENT}", {"users": ["staff04"]})
    assert (await company.ok("/externalcontact/get_follow_user_list", by=APP))["follow_user"] == ["staff04"]
    assert (await company.ok("/crm/get_customer_contacts", by=APP))["customer_contacts"] == ["staff04"]
    assert await company.code("/externalcontact/get_follow_user_list", by=CONTACTS) == 48002


async def test_no_customers_is_an_error_that_carries_the_key(company: Company) -> None:
    answer = await company.call("/externalcontact/list", userid="staff01")
    assert (answer["errcode"], answer["external_userid"]) == (84061, [])
    assert answer["errmsg"].startswith("not external contact, hint: [")
    first, second = [await company.add(person, "staff01") for person in (3, 1)]
    assert (await company.ok("/externalcontact/list", userid="staff01"))["external_userid"] == [first, second]
    assert await company.code("/externalcontact/list", userid="nobody") == 60111
    assert await company.code("/externalcontact/list") == 41009
    await company.control("PUT", "/staff/staff02", {"follows_customers": False})
    assert await company.code("/externalcontact/list", userid="staff02") == 84084


async def test_a_customer_is_read_with_everyone_who_has_them(company: Company) -> None:
    external = await company.add(3, "staff01", state="channel01", add_way=1)
    channels = {"nickname": "青山", "source": 2}
    await company.add(3, "staff02", add_way=3, oper_userid="staff05", wechat_channels=channels)
    read = await company.ok("/externalcontact/get", external_userid=external)
    account = company.rig.account
    assert read["external_contact"]["unionid"] == company.rig.world.get_relation(account, 3).unionid
    assert (read["external_contact"]["type"], "corp_name" in read["external_contact"]) == (1, False)
    assert "next_cursor" not in read
    first, second = read["follow_user"]
    now = int(company.rig.clock.now())
    assert first == {
        "userid": "staff01",
        "remark": read["external_contact"]["name"],
        "description": "",
        "createtime": now,
        "tags": [],
        "remark_mobiles": [],
        "oper_userid": "staff01",
        "add_way": 1,
        "state": "channel01",
    }
    assert (second["userid"], second["add_way"], second["oper_userid"]) == ("staff02", 3, "staff05")
    assert ("state" not in second, second["wechat_channels"]) == (True, channels)
    await company.control("PUT", "", {"platform_id": ""})
    unbound = await company.ok("/externalcontact/get", external_userid=external)
    assert "unionid" not in unbound["external_contact"]


@pytest.mark.parametrize(("query", "expected"), [({}, 41035), ({"external_userid": "wm0"}, 40096)])
async def test_who_is_unknown_is_named(company: Company, query: dict[str, str], expected: int) -> None:
    assert await company.code("/externalcontact/get", **query) == expected


async def test_relations_end_on_the_members_side_alone(company: Company) -> None:
    external = await company.add(3, "staff01")
    await company.act(3, "delete-member", "staff01")  # One way from now on: still readable.
    assert await company.code("/externalcontact/get", external_userid=external) == 0
    await company.act(3, "be-deleted", "staff01")
    assert await company.code("/externalcontact/get", external_userid=external) == 84061
    half = await company.add(4, "staff01", half=True)
    assert await company.code("/externalcontact/get", external_userid=half) == 84061
    await company.act(4, "accept", "staff01")
    assert await company.code("/externalcontact/get", external_userid=half) == 0


async def test_apps_see_customers_of_their_scope(company: Company) -> None:
    external = await company.add(3, "staff01")
    await company.control("PUT", f"/agents/{AGENT}", {"users": ["staff02"]})
    assert await company.code("/externalcontact/get", by=APP, external_userid=external) == 60011
    await company.add(3, "staff02")
    read = await company.ok("/externalcontact/get", by=APP, external_userid=external)
    assert [one["userid"] for one in read["follow_user"]] == ["staff02"]
    await company.control("PUT", f"/agents/{AGENT}", {"calls_customers": False})
    assert await company.code("/externalcontact/get", by=APP, external_userid=external) == 48002


async def test_users_of_wecom_come_with_a_company(company: Company) -> None:
    outsider = await company.control(
        "POST", "/outsiders", {"name": "李四", "corp_name": "供应商", "position": "经理"}
    )
    external = await company.add(outsider["external_userid"], "staff01")
    assert external.startswith("wo")
    read = (await company.ok("/externalcontact/get", external_userid=external))["external_contact"]
    assert (read["type"], read["corp_name"], read["position"]) == (2, "供应商", "经理")
    assert "unionid" not in read
    body = {"external_userid": external}
    assert await company.code("/externalcontact/convert_to_openid", body) == 41056


async def test_batches_go_by_member_and_cursor(company: Company) -> None:
    tag = (
        await company.ok("/externalcontact/add_corp_tag", {"group_name": "等级", "tag": [{"name": "VIP"}]})
    )["tag_group"]["tag"][0]["id"]
    ids = [await company.add(person, f"staff0{1 + person % 2}") for person in range(5)]
    mark = {"userid": "staff01", "external_userid": ids[0], "add_tag": [tag]}
    await company.ok("/externalcontact/mark_tag", mark)
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        body = {"userid_list": ["staff01", "staff02"], "cursor": cursor, "limit": 2}
        page = await company.ok("/externalcontact/batch/get_by_user", body)
        found += page["external_contact_list"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert [one["external_contact"]["external_userid"] for one in found] == [
        ids[0], ids[2], ids[4], ids[1], ids[3],
    ]  # fmt: skip
    assert found[0]["follow_info"]["tag_id"] == [tag]
    assert "tags" not in found[0]["follow_info"]
    await company.control("PUT", "/staff/staff02", {"licensed": False})
    page = await company.ok("/externalcontact/batch/get_by_user", {"userid_list": ["staff01", "staff02"]})
    assert page["fail_info"] == {"unlicensed_userid_list": ["staff02"]}
    assert await company.code("/externalcontact/batch/get_by_user", {"userid_list": ["staff02"]}) == 701008
    many = {"userid_list": [f"u{n}" for n in range(101)]}
    assert await company.code("/externalcontact/batch/get_by_user", many) == 40058


async def test_remarks_change_by_field(company: Company) -> None:
    external = await company.add(3, "staff01")
    who = {"userid": "staff01", "external_userid": external}
    path = "/externalcontact/remark"
    assert await company.code(path, who) == 40058
    assert await company.code(path, who | {"remark": "长" * 21}) == 40058
    assert await company.code(path, who | {"userid": "staff02", "remark": "x"}) == 84061
    await company.ok(
        path, who | {"remark": "安安", "remark_mobiles": ["13800000000"], "remark_company": "甲"}
    )
    file = await company.upload("/media/upload", picture(1), filename="a.jpg", type="image")
    await company.ok(path, who | {"description": "常客", "remark_pic_mediaid": file["media_id"]})
    read = (await company.ok("/externalcontact/get", external_userid=external))["follow_user"][0]
    assert (read["remark"], read["description"], read["remark_corp_name"]) == ("安安", "常客", "甲")
    assert read["remark_mobiles"] == ["13800000000"]
    await company.ok(path, who | {"remark_mobiles": [""]})
    read = (await company.ok("/externalcontact/get", external_userid=external))["follow_user"][0]
    assert (read["remark_mobiles"], read["remark"]) == ([], "安安")
    assert await company.events("edit_external_contact") == []


async def test_everyone_served_is_listed_with_masked_names(company: Company) -> None:
    external = await company.add(3, "staff01")
    page = await company.ok("/externalcontact/contact_list", {"limit": 10})
    (row,) = page["info_list"]
    assert (row["is_customer"], row["external_userid"], row["follow_userid"]) == (True, external, "staff01")
    assert row["name"].endswith("**")
    asked = {"business_type": 1, "user_type": 1, "tmp_external_userid_list": [row["tmp_openid"], "x"]}
    converted = await company.ok("/idconvert/convert_tmp_external_userid", asked)
    assert converted["results"][0]["external_userid"] == external
    assert converted["invalid_tmp_external_userid_list"] == ["x"]


async def test_strangers_in_groups_are_served_too(company: Company) -> None:
    await company.add(3, "staff01")
    group = await company.control(
        "POST", "/groups", {"owner": "staff02", "name": "一店", "customers": [3, 4]}
    )
    page = await company.ok("/externalcontact/contact_list", {"limit": 10})
    customer, stranger = page["info_list"]
    assert (customer["is_customer"], "chat_id" in customer) == (True, False)
    assert stranger == {
        "is_customer": False,
        "tmp_openid": stranger["tmp_openid"],
        "add_time": int(company.rig.clock.now()),
        "chat_id": group["chat_id"],
        "chat_name": "一店",
    }
    asked = {"business_type": 2, "user_type": 1, "tmp_external_userid_list": [stranger["tmp_openid"]]}
    (row,) = (await company.ok("/idconvert/convert_tmp_external_userid", asked))["results"]
    assert row["userid"] == "staff02"
    moved = "/externalcontact/groupchat/get_new_external_userid"
    wanted = {"external_userid_list": [row["external_userid"]]}
    assert await company.code(moved, wanted) == 40058
    found = await company.ok(moved, wanted | {"chat_id": group["chat_id"]})
    assert found["items"][0]["external_userid"] == row["external_userid"]


async def test_ids_of_customers_are_converted(company: Company) -> None:
    rig = company.rig
    relation = rig.world.get_relation(rig.account, 3)
    who = {"unionid": relation.unionid, "openid": relation.openid}
    pending = await company.ok("/idconvert/unionid_to_external_userid", who)
    assert "external_userid" not in pending
    assert await company.code("/externalcontact/unionid_to_external_userid", who) == 84061
    external = await company.add(3, "staff01")
    for path in ("/idconvert/unionid_to_external_userid", "/externalcontact/unionid_to_external_userid"):
        assert (await company.ok(path, who))["external_userid"] == external
    path = "/idconvert/unionid_to_external_userid"
    assert await company.code(path, who | {"openid": "o0"}) == 845001
    assert await company.code(path, who | {"openid": rig.openid(4)}) == 845002
    body: dict[str, Any] = {"external_userid": [external]}
    again = await company.ok("/idconvert/batch/external_userid_to_pending_id", body)
    assert again["result"] == [{"external_userid": external, "pending_id": pending["pending_id"]}]
    openid = (await company.ok("/externalcontact/convert_to_openid", {"external_userid": external}))["openid"]
    assert openid not in ("", relation.openid)
    service = (
        await company.ok("/externalcontact/to_service_external_userid", {"external_userid": external})
    )["external_userid"]
    back = {"external_userid": service, "source_agentid": AGENT}
    path = "/externalcontact/from_service_external_userid"
    assert (await company.ok(path, back))["external_userid"] == external
    assert await company.code(path, back | {"external_userid": "wm0"}) == 40096
    moved = await company.ok(
        "/externalcontact/get_new_external_userid", {"external_userid_list": [external, "x"]}
    )
    assert [one["external_userid"] for one in moved["items"]] == [external]
    opened = await company.ok("/idconvert/external_tagid", {"external_tagid_list": ["et1"]})
    assert opened["items"][0]["external_tagid"] == "et1"
    await company.control("PUT", "", {"platform_id": ""})
    assert await company.code("/externalcontact/unionid_to_external_userid", who) == 41057


async def test_what_a_member_edits_is_told(company: Company) -> None:
    external = await company.add(3, "staff01")
    change = {"userid": "staff01", "remark": "新名", "private_tags": ["朋友"]}
    await company.control("PATCH", "/customers/3/edit", change)
    (event,) = await company.events("edit_external_contact")
    assert (event["UserID"], event["ExternalUserID"]) == ("staff01", external)
    read = (await company.ok("/externalcontact/get", external_userid=external))["follow_user"][0]
    assert read["tags"] == [{"group_name": "", "tag_name": "朋友", "type": 2}]


async def test_a_consoles_welcome_takes_the_code_away(company: Company) -> None:
    await company.control("PUT", "/staff/staff01/console-welcome", {"on": True})
    await company.add(3, "staff01")
    await company.add(4, "staff02")
    first, second = await company.events("add_external_contact")
    assert ("WelcomeCode" in first, "WelcomeCode" in second) == (False, True)


async def test_an_add_of_the_past_carries_no_code(company: Company) -> None:
    world, corp = company.rig.world, company.corp
    member = Directory(world.store, corp).find("staff01")
    assert member is not None
    external = Customers(world, corp).external_of(3)
    Meetings(world, corp).add(member, external, world.now() - 3600, Way())
    (event,) = await company.events("add_external_contact")
    assert "WelcomeCode" not in event


async def test_customers_agree_to_the_archive(company: Company) -> None:
    external = await company.add(3, "staff01")
    await company.control("PUT", "/customers/3/archive-consent", {"agreed": False})
    await company.control("PUT", "/customers/3/archive-consent", {"agreed": True, "userid": "staff01"})
    (event,) = await company.events("msg_audit_approved")
    assert (event["UserID"], event["ExternalUserID"]) == ("staff01", external)
    assert event["WelcomeCode"]
