"""Tags of customers, tags of strategies, strategies, and what the console tells."""

from typing import Any

from contract.sandbox.wecom.corp import AGENT, Company
from wechat_sandbox.state.wecom.corp import agent_scope

APP = agent_scope(AGENT)
LIST, ADD = "/externalcontact/get_corp_tag_list", "/externalcontact/add_corp_tag"
EDIT, DELETE = "/externalcontact/edit_corp_tag", "/externalcontact/del_corp_tag"
MARK = "/externalcontact/mark_tag"


async def make(company: Company, *names: str, group: str = "等级", **more: Any) -> dict[str, Any]:
    body = {"group_name": group, "tag": [{"name": name} for name in names]} | more
    return dict((await company.ok(ADD, body))["tag_group"])


async def test_tags_are_added_to_a_group_and_names_collapse(company: Company) -> None:
    body = {
        "group_name": "等级",
        "order": 5,
        "tag": [{"name": "VIP", "order": 1}, {"name": "普通", "order": 9}],
    }
    group = (await company.ok(ADD, body))["tag_group"]
    assert (group["group_name"], group["order"], group["create_time"]) == (
        "等级",
        5,
        int(company.rig.clock.now()),
    )
    again = await make(company, "VIP", "新客", "新客")
    assert again["group_id"] == group["group_id"]
    assert [tag["name"] for tag in again["tag"]] == ["VIP", "新客"]
    assert again["tag"][0]["id"] == group["tag"][0]["id"]
    by_id = {"group_id": group["group_id"], "tag": [{"name": "流失"}]}
    assert (await company.ok(ADD, by_id))["tag_group"]["tag"][0]["name"] == "流失"
    (listed,) = (await company.ok(LIST, {}))["tag_group"]
    assert [tag["name"] for tag in listed["tag"]] == ["普通", "VIP", "新客", "流失"]  # Bigger orders first.
    assert "deleted" not in listed
    assert "deleted" not in listed["tag"][0]
    assert await company.events() == []


async def test_what_is_wrong_with_tags_is_named(company: Company) -> None:
    group = await make(company, "VIP", "普通")
    first, second = (tag["id"] for tag in group["tag"])
    cases: list[tuple[str, dict[str, Any], int]] = [
        (ADD, {"group_name": "空"}, 40058),
        (ADD, {"tag": [{"name": "x"}]}, 40058),
        (ADD, {"group_id": "et0", "tag": [{"name": "x"}]}, 40068),
        (ADD, {"group_name": "长" * 31, "tag": [{"name": "x"}]}, 40058),
        (ADD, {"group_name": "g", "tag": [{"name": "x", "order": 2**32}]}, 40058),
        (EDIT, {"id": "et0", "name": "x"}, 40068),
        (EDIT, {"id": first, "name": "普通"}, 40071),
        (DELETE, {}, 40058),
        (DELETE, {"tag_id": [second, "et0"]}, 40068),
    ]
    for path, body, expected in cases:
        assert await company.code(path, body) == expected, (path, body)
    (listed,) = (await company.ok(LIST, {}))["tag_group"]
    assert [tag["name"] for tag in listed["tag"]] == ["VIP", "普通"]


async def test_deleted_tags_show_when_asked_by_id_and_leave_their_customers(company: Company) -> None:
    group = await make(company, "VIP", "普通")
    first, second = (tag["id"] for tag in group["tag"])
    external = await company.add(3, "staff01")
    who = {"userid": "staff01", "external_userid": external}
    await company.ok(MARK, who | {"add_tag": [first, second]})
    await company.ok(DELETE, {"tag_id": [first]})
    read = (await company.ok("/externalcontact/get", external_userid=external))["follow_user"][0]
    assert read["tags"] == [{"group_name": "等级", "tag_name": "普通", "tag_id": second, "type": 1}]
    (asked,) = (await company.ok(LIST, {"tag_id": [first]}))["tag_group"]
    assert (asked["deleted"], asked["tag"][0]["deleted"]) == (False, True)
    await company.ok(DELETE, {"tag_id": [second]})  # The last one: the group goes too.
    assert (await company.ok(LIST, {}))["tag_group"] == []
    (asked,) = (await company.ok(LIST, {"group_id": [group["group_id"]]}))["tag_group"]
    assert asked["deleted"] is True
    fresh = await make(company, "VIP")
    assert fresh["group_id"] != group["group_id"]


async def test_marking_needs_a_relation_and_known_tags(company: Company) -> None:
    group = await make(company, "VIP", "普通")
    first, second = (tag["id"] for tag in group["tag"])
    external = await company.add(3, "staff01")
    who = {"userid": "staff01", "external_userid": external}
    assert await company.code(MARK, who) == 40058
    assert await company.code(MARK, who | {"add_tag": ["et0"]}) == 40068
    assert await company.code(MARK, who | {"userid": "staff02", "add_tag": [first]}) == 84061
    assert await company.code(MARK, who | {"external_userid": "wm0", "add_tag": [first]}) == 40096
    await company.ok(MARK, who | {"add_tag": [first]})
    await company.ok(MARK, who | {"add_tag": [second], "remove_tag": [first]})
    batch = await company.ok("/externalcontact/batch/get_by_user", {"userid_list": ["staff01"]})
    assert batch["external_contact_list"][0]["follow_info"]["tag_id"] == [second]


async def test_apps_change_only_tags_they_made(company: Company) -> None:
    group = await make(company, "公司的")
    tag = group["tag"][0]["id"]
    assert await company.code(EDIT, {"id": tag, "name": "x"}, by=APP) == 81011
    assert await company.code(DELETE, {"group_id": [group["group_id"]]}, by=APP) == 81011
    own = (await company.ok(ADD, {"group_name": "应用", "tag": [{"name": "a"}]}, by=APP))["tag_group"]
    await company.ok(EDIT, {"id": own["tag"][0]["id"], "name": "b", "order": 3}, by=APP)
    await company.ok(EDIT, {"id": own["group_id"], "name": "应用二"}, by=APP)
    await company.ok(DELETE, {"group_id": [own["group_id"]]}, by=APP)


async def test_the_console_tells_of_tags(company: Company) -> None:
    made = await company.control("POST", "/tags", {"group_name": "来源", "names": ["门店", "线上"]})
    group, (first, second) = made["group_id"], [tag["id"] for tag in made["tags"]]
    await company.control("PUT", f"/tags/{first}", {"name": "实体店"})
    await company.control("POST", "/tags/shuffle", {"group_id": group})
    await company.control("DELETE", f"/tags/{first}")
    await company.control("DELETE", f"/tags/{group}")
    events = await company.events()
    told = [(one["ChangeType"], one.get("TagType"), one["Id"]) for one in events]
    assert told == [
        ("create", "tag_group", group),
        ("create", "tag", first),
        ("create", "tag", second),
        ("update", "tag", first),
        ("shuffle", None, group),
        ("delete", "tag", first),
        ("delete", "tag_group", group),  # None for each tag of a group.
    ]
    assert {one["Event"] for one in events} == {"change_external_tag"}
    marks = [company.hooks.raw[0].index(mark) for mark in (b"<Id>", b"<TagType>", b"<ChangeType>")]
    assert marks == sorted(marks)


async def strategy(company: Company, kind: str = "customer", **more: Any) -> int:
    body = {
        "strategy_name": "华东",
        "admin_list": ["staff01"],
        "privilege": {"view_customer_list": False},
        "range": [{"type": 1, "userid": "staff02"}, {"type": 2, "partyid": 2}],
    }
    return int((await company.ok(f"/externalcontact/{kind}_strategy/create", body | more))["strategy_id"])


async def test_strategies_are_made_changed_and_deleted(company: Company) -> None:
    root = "/externalcontact/customer_strategy"
    first = await strategy(company)
    second = await strategy(company, parent_id=first)
    listed = await company.ok(f"{root}/list", {})
    assert (listed["strategy"], listed["next_cursor"]) == (
        [{"strategy_id": first}, {"strategy_id": second}],
        "",
    )
    read = (await company.ok(f"{root}/get", {"strategy_id": first}))["strategy"]
    assert (read["parent_id"], read["privilege"]["view_customer_list"]) == (0, False)
    assert read["privilege"]["manage_customer_tag"] is True
    await company.ok(
        f"{root}/edit",
        {"strategy_id": first, "strategy_name": "华南", "range_del": [{"type": 2, "partyid": 2}]},
    )
    kept = await company.ok(f"{root}/get_range", {"strategy_id": first})
    assert kept["range"] == [{"type": 1, "userid": "staff02"}]
    assert await company.code(f"{root}/del", {"strategy_id": first}) == 40058  # Others stand below it.
    await company.ok(f"{root}/del", {"strategy_id": second})
    await company.ok(f"{root}/del", {"strategy_id": first})
    assert await company.code(f"{root}/get", {"strategy_id": first}) == 40058
    depth = 0
    for _ in range(5):
        depth = await strategy(company, parent_id=depth)
    bad = {
        "parent_id": depth,
        "strategy_name": "深",
        "admin_list": ["staff01"],
        "range": [{"type": 2, "partyid": 2}],
    }
    assert await company.code(f"{root}/create", bad) == 40058


async def test_strategies_of_moments_have_rights_of_their_own(company: Company) -> None:
    number = await strategy(company, kind="moment")
    read = await company.ok("/externalcontact/moment_strategy/get", {"strategy_id": number})
    assert set(read["strategy"]["privilege"]) == {
        "view_moment_list", "send_moment", "manage_moment_cover_and_sign",
    }  # fmt: skip


async def test_tags_of_a_strategy_stand_apart(company: Company) -> None:
    number = await strategy(company)
    body = {"strategy_id": number, "group_name": "规则组", "tag": [{"name": "甲"}]}
    group = (await company.ok("/externalcontact/add_strategy_tag", body))["tag_group"]
    assert group["strategy_id"] == number
    assert (await company.ok(LIST, {}))["tag_group"] == []
    listed = await company.ok("/externalcontact/get_strategy_tag_list", {"strategy_id": number})
    assert [one["group_id"] for one in listed["tag_group"]] == [group["group_id"]]
    tag = group["tag"][0]["id"]
    assert await company.code(EDIT, {"id": tag, "name": "x"}) == 40068
    await company.ok("/externalcontact/edit_strategy_tag", {"id": tag, "name": "乙"})
    external = await company.add(3, "staff01")
    await company.ok(MARK, {"userid": "staff01", "external_userid": external, "add_tag": [tag]})
    read = (await company.ok("/externalcontact/get", external_userid=external))["follow_user"][0]
    assert (read["tags"][0]["tag_name"], read["tags"][0]["type"]) == ("乙", 3)
    await company.ok("/externalcontact/del_strategy_tag", {"tag_id": [tag]})
