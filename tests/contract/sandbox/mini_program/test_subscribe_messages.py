"""Subscribe messages: library, templates, credits that are used up, events in both notations."""

from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.mini_program.mini import Mini
from wechat_sandbox.state.notice_values import accepts

SEND = "/cgi-bin/message/subscribe/send"


async def template(mini: Mini, tid: str = "2430", kids: tuple[int, ...] = (1, 2)) -> str:
    answer = await mini.post("/wxaapi/newtmpl/addtemplate", {"tid": tid, "kidList": list(kids)})
    return str(answer["priTmplId"])


def message(mini: Mini, notice: str, **changes: Any) -> dict[str, Any]:
    data = {"thing1": {"value": "明前龙井"}, "amount2": {"value": "¥128.00"}}
    return {
        "touser": mini.openid(1),
        "template_id": notice,
        "page": "pages/new?id=3",
        "data": data,
    } | changes


async def test_the_library_is_found_by_category_title_and_keyword(mini: Mini) -> None:
    categories = (await mini.get("/wxaapi/newtmpl/getcategory"))["data"]
    assert {"id": 321, "name": "茶叶"} in categories
    titles = await mini.get("/wxaapi/newtmpl/getpubtemplatetitles", ids="321,616", start="0", limit="30")
    assert (titles["count"], [(row["tid"], row["type"]) for row in titles["data"]]) == (
        2,
        [(2430, 2), (9001, 3)],
    )
    keywords = await mini.get("/wxaapi/newtmpl/getpubtemplatekeywords", tid="2430")
    assert keywords["data"][0] == {"kid": 1, "name": "商品名称", "example": "明前龙井", "rule": "thing"}
    for query, code in (
        ({"ids": "", "start": "0", "limit": "1"}, 200018),
        ({"ids": "5", "start": "0", "limit": "1"}, 200019),
        ({"ids": "321", "start": "x", "limit": "1"}, 200016),
        ({"ids": "321", "start": "0", "limit": "31"}, 200017),
    ):
        assert (await mini.get("/wxaapi/newtmpl/getpubtemplatetitles", **query))["errcode"] == code


async def test_templates_are_added_listed_and_deleted(mini: Mini) -> None:
    template_id = await template(mini, "1856", (1, 6))
    assert await template(mini, "1856", (1, 6)) == template_id
    [row] = (await mini.get("/wxaapi/newtmpl/gettemplate"))["data"]
    assert row["content"] == "商品名称:{{thing1.DATA}}\n配送方式:{{enum6.DATA}}\n"
    assert row["keywordEnumValueList"] == [
        {"keywordCode": "enum6", "enumValueList": ["快递", "同城配送", "到店自提"]}
    ]
    for body, code in (
        ({"tid": "77", "kidList": [1, 2]}, 200014),
        ({"tid": "2430", "kidList": [1]}, 200020),
        ({"tid": "2430", "kidList": [1, 9]}, 200020),
        ({"tid": "2430", "kidList": [1, 2], "sceneDesc": "很" * 16}, 200021),
    ):
        assert await mini.code_of("/wxaapi/newtmpl/addtemplate", body) == code
    assert await mini.code_of("/wxaapi/newtmpl/deltemplate", {"priTmplId": template_id}) == 0
    assert await mini.code_of("/wxaapi/newtmpl/deltemplate", {"priTmplId": template_id}) == 20001
    assert (await mini.get("/wxaapi/newtmpl/gettemplate"))["data"] == []


async def test_each_accept_pays_for_one_message(mini: Mini) -> None:
    template_id = await template(mini)
    assert await mini.code_of(SEND, message(mini, template_id)) == 43101
    for _ in range(2):
        told = await mini.act(1, "subscriptions", answers={template_id: "accept"})
        assert told[template_id] == "accept"
    await mini.act(1, "subscriptions", answers={template_id: "reject"})
    codes = [await mini.code_of(SEND, message(mini, template_id)) for _ in range(3)]
    assert codes == [0, 0, 43101]
    sent = (await mini.rig.control("GET", "/messages"))["items"]
    assert [line["body"]["text"] for line in sent] == ["商品名称:明前龙井\n价格:¥128.00"] * 2
    reports = await mini.events("subscribe_msg_sent_event")
    told = [report["SubscribeMsgSentEvent"]["List"] for report in reports]
    assert [(row["ErrorCode"], row["ErrorStatus"]) for row in told] == [("0", "success")] * 2
    assert {int(row["MsgID"]) for row in told} == {line["msgid"] for line in sent}


async def test_a_long_term_template_stays_open_until_it_is_withdrawn(mini: Mini) -> None:
    template_id = await template(mini, "9001", (1, 2))
    data = {"thing1": {"value": "登记"}, "phrase2": {"value": "已受理"}}
    await mini.act(1, "subscriptions", answers={template_id: "accept"})
    assert [await mini.code_of(SEND, message(mini, template_id, data=data)) for _ in range(3)] == [0, 0, 0]
    await mini.act(1, "subscriptions/withdraw", template_id=template_id)
    assert await mini.code_of(SEND, message(mini, template_id, data=data)) == 43101
    [change] = await mini.events("subscribe_msg_change_event")
    assert change["SubscribeMsgChangeEvent"]["List"] == {
        "TemplateId": template_id,
        "SubscribeStatusString": "reject",
    }


async def test_a_remembered_answer_is_given_again(mini: Mini) -> None:
    template_id = await template(mini)
    await mini.act(1, "subscriptions", answers={template_id: "accept"}, remember=True)
    told = await mini.act(1, "subscriptions", answers={template_id: "reject"})
    assert told[template_id] == "accept"
    query = {"appid": mini.account.appid}
    [row] = (await mini.rig.control("GET", "/people/1/subscriptions", **query))["items"]
    assert (row["credits"], row["remembered"]) == (2, "accept")


async def test_events_in_json_carry_texts_and_a_single_object(start_rig: StartRig) -> None:
    mini = await Mini.make(await start_rig(), callback_format="json")
    first, second = await template(mini), await template(mini, "2001", (1, 2))
    await mini.act(1, "subscriptions", answers={first: "accept"})
    await mini.act(1, "subscriptions", answers={first: "accept", second: "reject"})
    one, two = await mini.events("subscribe_msg_popup_event")
    assert isinstance(one["CreateTime"], str)
    assert one["List"] == {"TemplateId": first, "SubscribeStatusString": "accept", "PopupScene": "0"}
    assert [row["SubscribeStatusString"] for row in two["List"]] == ["accept", "reject"]


async def test_what_is_wrong_with_a_message_is_named(mini: Mini) -> None:
    template_id = await template(mini)
    await mini.act(1, "subscriptions", answers={template_id: "accept"})
    await mini.control("PUT", "/pages", {"pages": ["pages/new"]})
    too_long = {"thing1": {"value": "茶" * 21}, "amount2": {"value": "1"}}
    for changes, code in (
        ({"touser": "oNobody"}, 40003),
        ({"template_id": "x"}, 40037),
        ({"page": "pages/old"}, 41030),
        ({"lang": "fr_FR"}, 40097),
        ({"data": {}}, 47003),
        ({"data": too_long}, 47003),
    ):
        assert await mini.code_of(SEND, message(mini, template_id, **changes)) == code
    answer = await mini.post(SEND, message(mini, template_id, data=too_long))
    assert answer["errmsg"].startswith("argument invalid! data.thing1.value invalid rid: ")
    assert await mini.code_of(SEND, message(mini, template_id)) == 0  # Refusals cost nothing.


async def test_a_service_account_sends_by_its_own_call(mini: Mini) -> None:
    rig = mini.rig
    token = await rig.token()
    added = await rig.post(
        "/wxaapi/newtmpl/addtemplate", {"tid": "2430", "kidList": [1, 2]}, access_token=token
    )
    template_id = added["priTmplId"]
    body = message(mini, template_id, touser=rig.openid(1), page="https://shop.qingshan.example/")
    assert (await rig.post(SEND, body, access_token=token))["errcode"] == 48001
    path = "/cgi-bin/message/subscribe/bizsend"
    assert (await rig.post(path, body, access_token=token))["errcode"] == 43101
    answers = {"answers": {template_id: "accept"}, "scene": 1}
    await rig.control("POST", "/people/1/subscriptions", answers)
    assert (await rig.post(path, body, access_token=token))["errcode"] == 0
    assert (await rig.post(path, body, access_token=token))["errcode"] == 43101


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("thing", ["茶" * 20], ["茶" * 21]),
        ("number", ["30", "-1.5"], ["3o", "1" * 33]),
        ("letter", ["GOLD"], ["金", "A" * 33]),
        ("symbol", ["★"], ["a", "★★★★★★"]),
        ("character_string", ["T-2026"], ["订单", "x" * 33]),
        ("time", ["2026年3月8日 10:30", "10:30", "2026-03-08 10:30:00", "10:30~11:30"], ["soon", "25:00"]),
        ("date", ["2026年3月8日", "2026/3/8"], ["3月"]),
        ("amount", ["¥68.00", "68元", "1234567890"], ["12345678901", "many"]),
        ("phone_number", ["+86-138****8000"], ["call me", "1" * 18]),
        ("car_number", ["沪A12345"], ["沪A12345678"]),
        ("name", ["林安宁", "A" * 20], ["林" * 11, "A" * 21]),
        ("phrase", ["已受理"], ["已经受理了啊", "done"]),
        ("enum", ["快递"], ["飞"]),
    ],
)
def test_values_follow_their_rule(rule: str, good: list[str], bad: list[str]) -> None:
    assert [accepts(rule, value, ("快递",)) for value in good] == [True] * len(good)
    assert [accepts(rule, value, ("快递",)) for value in bad] == [False] * len(bad)
