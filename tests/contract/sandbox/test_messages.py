"""Messages to people: windows, budgets, templates, and once per client_msg_id."""

from typing import Any

import pytest

from contract.sandbox.rig import Product, Rig

TEXT = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"


async def inbox(rig: Rig, person: int) -> list[dict[str, Any]]:
    return list((await rig.control("GET", "/messages", person=str(person)))["items"])


async def send_template(rig: Rig, person: int, **changes: Any) -> dict[str, Any]:
    template = rig.account.templates[0]
    body = {
        "touser": rig.openid(person),
        "template_id": template.template_id,
        "url": "https://shop.example/",
        "data": {
            "character_string1": {"value": "T20260301"},
            "thing2": {"value": "桂花乌龙"},
            "amount3": {"value": "58.00"},
            "time4": {"value": "2026-03-01 12:00"},
        },
    }
    return await rig.post(TEMPLATE, body | changes, access_token=await rig.token())


async def test_nobody_can_be_written_to_out_of_the_blue(rig: Rig) -> None:
    assert await rig.send_text(0) == 45015
    await rig.control("POST", "/people/0/follow")
    await rig.control("POST", "/people/0/unfollow")
    assert await rig.send_text(0) == 45015
    assert await inbox(rig, 0) == []


async def test_a_message_lets_five_answers_through_for_two_days(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    rig.clock.advance(61)
    assert await rig.send_text(0) == 45015
    await rig.control("POST", "/people/0/say", {"text": "有新品吗"})
    rig.clock.advance(48 * 3600 - 1)
    codes = [await rig.send_text(0, f"{n}") for n in range(6)]
    assert codes == [0, 0, 0, 0, 0, 45047]
    await rig.control("POST", "/people/0/say", {"text": "还在吗"})
    assert await rig.send_text(0, "5") == 0
    rig.clock.advance(48 * 3600)
    assert await rig.send_text(0) == 45015
    assert [line["body"]["content"] for line in await inbox(rig, 0)] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("act", "body", "messages"),
    [
        ("tap", {"button": "NEW_ARRIVALS"}, 3),
        ("tap", {"button": "商城"}, 0),  # A link opens no window.
        ("scan", {"qr_scene": "store_1"}, 3),
        ("say", {"text": "1", "menu_item": "101"}, 3),
    ],
)
async def test_other_acts_open_a_minute(rig: Rig, act: str, body: dict[str, str], messages: int) -> None:
    await rig.control("POST", "/people/0/follow")
    rig.clock.advance(3600)
    await rig.control("POST", f"/people/0/{act}", body)
    rig.clock.advance(59)
    codes = [await rig.send_text(0) for _ in range(4)]
    assert codes == ([0, 0, 0, 45047] if messages else [45015] * 4)
    rig.clock.advance(1)
    assert await rig.send_text(0) == 45015


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "text", "text": {"content": "茶" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "hologram"}, 40008),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1"}]}}, 47001),
        ({"touser": "oNobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"msgtype": "text", "text": {"content": "茶" * 682}}, 0),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1", "content": "好"}]}}, 0),
    ],
)
async def test_content_is_checked(rig: Rig, body: dict[str, Any], code: int) -> None:
    await rig.control("POST", "/people/0/follow")
    answer = await rig.post(TEXT, {"touser": rig.openid(0)} | body, access_token=await rig.token())
    assert answer["errcode"] == code
    assert len(await inbox(rig, 0)) == (code == 0)


async def test_escaped_characters_are_refused(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    escaped = f'{{"touser":"{rig.openid(0)}","msgtype":"text","text":{{"content":"\\u8336"}}}}'.encode()
    token = await rig.token()
    assert (await rig.post(TEXT, raw=escaped, access_token=token))["errcode"] == 40033
    newline = escaped.replace(b"\\u8336", b"a\\u000ab")
    assert (await rig.post(TEXT, raw=newline, access_token=token))["errcode"] == 0


async def test_a_template_message_arrives_and_its_end_is_reported(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/0/follow")
    answer = await send_template(rig, 0)
    assert answer["errcode"] == 0
    assert answer["msgid"] > 2**53
    [line] = await inbox(rig, 0)
    assert line["msgid"] == answer["msgid"]
    assert line["body"]["text"].splitlines()[1:3] == ["商品名称:桂花乌龙", "支付金额:58.00"]
    await rig.settled()
    [finish] = [r.message for r in product.received if r.message.get("Event") == "TEMPLATESENDJOBFINISH"]
    assert (finish["MsgID"], finish["Status"]) == (str(answer["msgid"]), "success")
    assert finish["FromUserName"] == rig.openid(0)


async def test_one_client_msg_id_reaches_a_person_once_in_ten_minutes(rig: Rig) -> None:
    for person in (0, 1):
        await rig.control("POST", f"/people/{person}/follow")
    first = await send_template(rig, 0, client_msg_id="m-1")
    rig.clock.advance(599)
    assert await send_template(rig, 0, client_msg_id="m-1") == first
    other = await send_template(rig, 1, client_msg_id="m-1")
    assert other["msgid"] != first["msgid"]
    assert (len(await inbox(rig, 0)), len(await inbox(rig, 1))) == (1, 1)
    assert (await rig.control("GET", "/messages/repeated"))["items"] == []
    rig.clock.advance(1)
    again = await send_template(rig, 0, client_msg_id="m-1")
    assert again["msgid"] != first["msgid"]
    [repeated] = (await rig.control("GET", "/messages/repeated"))["items"]
    assert (repeated["openid"], repeated["client_msg_id"], repeated["times"]) == (rig.openid(0), "m-1", 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"template_id": "none"}, 40037),
        ({"data": None}, 47003),
        ({"data": {"thing2": {"value": "x"}}}, 47003),
    ],
)
async def test_a_wrong_template_message_is_named(rig: Rig, changes: dict[str, Any], code: int) -> None:
    await rig.control("POST", "/people/0/follow")
    assert (await send_template(rig, 0, **changes))["errcode"] == code
    assert await inbox(rig, 0) == []


async def test_a_value_too_long_for_its_keyword_is_refused(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    template = rig.account.templates[2]
    data = {"thing1": {"value": "券" * 21}, "time2": {"value": "今天"}, "thing3": {"value": "好"}}
    answer = await send_template(rig, 0, template_id=template.template_id, data=data)
    assert answer["errcode"] == 47003
    assert "data.thing1.value" in answer["errmsg"]


async def test_strangers_and_refusers_get_no_template_message(rig: Rig) -> None:
    assert (await send_template(rig, 0))["errcode"] == 43004
    await rig.control("POST", "/people/0/follow")
    await rig.control("PATCH", "/people/0", {"refuses_messages": True})
    assert (await send_template(rig, 0))["errcode"] == 43101
    assert await rig.send_text(0) == 48002
    assert await inbox(rig, 0) == []


async def test_a_block_is_reported_afterwards(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/0/follow")
    await rig.control("PATCH", "/people/0", {"blocks_messages": True})
    first = await send_template(rig, 0, client_msg_id="b-1")
    assert await send_template(rig, 0, client_msg_id="b-1") == first
    await rig.settled()
    ends = [
        r.message["Status"] for r in product.received if r.message.get("Event") == "TEMPLATESENDJOBFINISH"
    ]
    assert ends == ["failed:user block"]
    [line] = await inbox(rig, 0)
    assert line["direction"] == "blocked"
    shown = await rig.control("GET", f"/conversations/{rig.account.appid}/0")
    assert [entry["kind"] for entry in shown["lines"]] == ["event:subscribe"]


async def test_templates_come_from_the_library(rig: Rig) -> None:
    token = await rig.token()
    path = "/cgi-bin/template/api_add_template"
    listed = await rig.get("/cgi-bin/template/get_all_private_template", access_token=token)
    assert [item["title"] for item in listed["template_list"]] == [
        "订单支付成功通知", "订单发货通知", "优惠券到期提醒", "会员权益变更提醒",
    ]  # fmt: skip
    wanted = {"template_id_short": "48105", "keyword_name_list": ["商品名称", "商品价格"]}
    added = await rig.post(path, wanted, access_token=token)
    assert added["errcode"] == 0
    listed = await rig.get("/cgi-bin/template/get_all_private_template", access_token=token)
    last = listed["template_list"][-1]
    assert last["template_id"] == added["template_id"]
    assert last["content"] == "商品名称:{{thing1.DATA}}\n商品价格:{{amount2.DATA}}"
    unknown = await rig.post(path, {"template_id_short": "1"}, access_token=token)
    assert unknown["errcode"] == 40246
    wrong = await rig.post(path, wanted | {"keyword_name_list": ["天气"]}, access_token=token)
    assert wrong["errcode"] == 40246
    deleted = await rig.post(
        "/cgi-bin/template/del_private_template", {"template_id": added["template_id"]}, access_token=token
    )
    assert deleted["errcode"] == 0
