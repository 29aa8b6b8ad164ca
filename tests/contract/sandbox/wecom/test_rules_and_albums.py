"""Interception rules and the product album."""

from typing import Any

from contract.sandbox.wecom.corp import Company
from wechat_sandbox.wire.samples import picture

RULE = {
    "rule_name": "脏话",
    "word_list": ["坏", "差"],
    "semantics_list": [1, 3],
    "intercept_type": 1,
    "applicable_range": {"user_list": ["staff01"], "department_list": [2]},
}
ADD_RULE = "/externalcontact/add_intercept_rule"


async def test_a_rule_is_made_read_changed_and_deleted(company: Company) -> None:
    rule_id = (await company.ok(ADD_RULE, RULE))["rule_id"]
    who = {"rule_id": rule_id}
    (listed,) = (await company.ok("/externalcontact/get_intercept_rule_list"))["rule_list"]
    assert (listed["rule_id"], listed["rule_name"]) == (rule_id, "脏话")
    rule = (await company.ok("/externalcontact/get_intercept_rule", who))["rule"]
    assert (rule["word_list"], rule["extra_rule"]) == (["坏", "差"], {"semantics_list": [1, 3]})
    change = who | {
        "word_list": ["很坏"],
        "extra_rule": {"semantics_list": []},
        "add_applicable_range": {"user_list": ["staff02"]},
        "remove_applicable_range": {"department_list": [2]},
    }
    await company.ok("/externalcontact/update_intercept_rule", change)
    rule = (await company.ok("/externalcontact/get_intercept_rule", who))["rule"]
    assert (rule["word_list"], rule["extra_rule"]["semantics_list"]) == (["很坏"], [])
    assert rule["applicable_range"] == {"user_list": ["staff01", "staff02"], "department_list": []}
    await company.ok("/externalcontact/del_intercept_rule", who)
    assert await company.code("/externalcontact/get_intercept_rule", who) == 41071
    assert (await company.ok("/externalcontact/get_intercept_rule_list"))["rule_list"] == []


async def test_what_is_wrong_with_a_rule_is_named(company: Company) -> None:
    await company.ok(ADD_RULE, RULE)
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 41077),
        ({"rule_name": "长" * 21}, 40058),
        ({"rule_name": "b", "word_list": [f"w{n}" for n in range(301)]}, 41068),
        ({"rule_name": "b", "word_list": ["长" * 33]}, 41083),
        ({"rule_name": "b", "semantics_list": [9]}, 41084),
        ({"rule_name": "b", "intercept_type": 3}, 40058),
        ({"rule_name": "b", "applicable_range": {}}, 40058),
        ({"rule_name": "b", "applicable_range": {"user_list": [f"u{n}" for n in range(1001)]}}, 41076),
        ({"rule_name": "b", "applicable_range": {"user_list": ["nobody"]}}, 60111),
    ]
    for changes, expected in cases:
        assert await company.code(ADD_RULE, RULE | changes) == expected, changes
    for number in range(99):
        await company.ok(ADD_RULE, RULE | {"rule_name": f"r{number}"})
    assert await company.code(ADD_RULE, RULE | {"rule_name": "b"}) == 41069
    assert await company.code("/externalcontact/get_intercept_rule", {"rule_id": "x"}) == 41070


async def test_products_are_kept_in_the_album(company: Company) -> None:
    query = {"media_type": "image", "attachment_type": "2"}
    file = await company.upload("/media/upload_attachment", picture(1), filename="a.jpg", **query)
    attachments = [{"type": "image", "image": {"media_id": file["media_id"]}}]
    body = {"description": "乌龙茶", "price": 6800, "product_sn": "T1", "attachments": attachments}
    add = "/externalcontact/add_product_album"
    product_id = (await company.ok(add, body))["product_id"]
    who = {"product_id": product_id}
    read = (await company.ok("/externalcontact/get_product_album", who))["product"]
    assert read == body | {"product_id": product_id, "create_time": int(company.rig.clock.now())}
    await company.ok("/externalcontact/update_product_album", who | {"price": 5900})
    listed = await company.ok("/externalcontact/get_product_album_list", {})
    assert ([one["price"] for one in listed["product_list"]], listed["next_cursor"]) == ([5900], "")
    cases: list[tuple[dict[str, Any], int]] = [
        ({"description": ""}, 41073),
        ({"description": "长" * 301}, 41087),
        ({"price": 5_000_001}, 41086),
        ({"product_sn": "T-1"}, 41085),
        ({"attachments": []}, 41090),
        ({"attachments": [{"type": "image", "image": {"media_id": "x"}}]}, 40007),
    ]
    for changes, expected in cases:
        assert await company.code(add, body | changes) == expected, changes
    await company.ok("/externalcontact/delete_product_album", who)
    assert await company.code("/externalcontact/get_product_album", who) == 41074
    assert await company.code("/externalcontact/get_product_album", {"product_id": "x"}) == 41075


async def test_a_rule_keeps_members_from_writing(company: Company) -> None:
    await company.ok(ADD_RULE, RULE)
    await company.ok(ADD_RULE, RULE | {"rule_name": "提醒", "word_list": ["慢"], "intercept_type": 2})
    await company.add(1, "staff01")
    await company.add(2, "staff12")
    chat_id = (
        await company.control("POST", "/groups", {"owner": "staff01", "name": "一店", "customers": [1]})
    )["chat_id"]

    async def refused(path: str, body: dict[str, Any]) -> bool:
        status, _ = await company.rig.request(
            "POST", f"/sandbox/corps/{company.corp.corpid}{path}", json=body
        )
        return bool(status == 404)

    def writes(text: str, userid: str = "staff01") -> dict[str, Any]:
        return {"userid": userid, "text": text}

    assert await refused("/customers/1/hear", writes("真差"))
    assert await refused("/customers/1/hear", writes("打 13800000000"))
    assert await refused(f"/groups/{chat_id}/say", {"who": "staff01", "text": "真差"})
    # A warning is none of the platform's business, and customers write what they like.
    await company.act(1, "hear", "staff01", text="有点慢")
    await company.act(1, "say", "staff01", text="真差")
    await company.control("POST", f"/groups/{chat_id}/say", {"who": "1", "text": "真差"})
    # staff12 is neither named nor in the department.
    assert not await refused("/customers/2/hear", writes("真差", "staff12"))
