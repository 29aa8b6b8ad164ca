"""Apps: settings, menus, workbench, tickets, messages to members and what members send back."""

import hashlib
from typing import Any

import pytest

from contract.sandbox.wecom.corp import AGENT, Company, Hooks
from wechat_sandbox.state.wecom.corp import CONTACTS, agent_scope
from wechat_sandbox.wire.samples import picture

APP = agent_scope(AGENT)
SEND = "/message/send"


def text(to: str = "staff01", content: str = "您好", **more: Any) -> dict[str, Any]:
    return {"touser": to, "msgtype": "text", "agentid": AGENT, "text": {"content": content}} | more


async def inbox(company: Company, userid: str = "staff01") -> list[dict[str, Any]]:
    return list((await company.control("GET", f"/staff/{userid}/messages"))["items"])


async def test_an_app_reads_and_changes_itself_alone(company: Company) -> None:
    other = await company.control("POST", "/agents", {"name": "第二"})
    read = await company.ok("/agent/get", by=APP, agentid=str(AGENT))
    assert (read["name"], read["allow_userinfos"], read["close"]) == ("全域助手", {"user": []}, 0)
    await company.ok("/agent/set", {"agentid": AGENT, "name": "新名", "report_location_flag": 1}, by=APP)
    read = await company.ok("/agent/get", by=APP, agentid=str(AGENT))
    assert (read["name"], read["report_location_flag"]) == ("新名", 1)
    listed = (await company.ok("/agent/list", by=APP))["agentlist"]
    assert [one["agentid"] for one in listed] == [AGENT]
    assert await company.code("/agent/get", by=APP, agentid=str(other["agentid"])) == 301002
    assert await company.code("/agent/get", by=APP, agentid="7") == 40056
    assert await company.code("/agent/get", by=APP) == 41011
    assert await company.code("/agent/list", by=CONTACTS) == 48002


async def test_a_menu_is_published_and_tapped(company: Company, hooks: Hooks) -> None:
    query = {"agentid": str(AGENT)}
    assert await company.code("/menu/get", by=APP, **query) == 46003
    buttons = [
        {"type": "click", "name": "打卡", "key": "CHECK_IN"},
        {"name": "更多", "sub_button": [{"type": "view", "name": "后台", "url": "https://a.example/"}]},
    ]
    await company.ok("/menu/create", {"button": buttons}, by=APP, **query)
    read = (await company.ok("/menu/get", by=APP, **query))["button"]
    assert (read[0]["key"], read[1]["sub_button"][0]["url"]) == ("CHECK_IN", "https://a.example/")
    await company.control("PUT", f"/callbacks/{AGENT}", {"url": f"{hooks.url}/{APP}"})
    await company.control("POST", "/staff/staff01/menu", {"button": "CHECK_IN"})
    await company.control("POST", "/staff/staff01/menu", {"button": "后台"})
    first, second = await company.events(scope=APP)
    assert (first["Event"], first["EventKey"], first["FromUserName"]) == ("click", "CHECK_IN", "staff01")
    assert first["AgentID"] == str(AGENT)
    assert (second["Event"], second["EventKey"]) == ("view", "https://a.example/")
    bad = [{"type": "click", "name": "无键"}]
    assert await company.code("/menu/create", {"button": bad}, by=APP, **query) == 40055
    assert await company.code("/menu/create", {"button": buttons * 2}, by=APP, **query) == 40055
    await company.ok("/menu/delete", by=APP, **query)
    assert await company.code("/menu/get", by=APP, **query) == 46003


async def test_an_app_shows_something_on_the_workbench(company: Company) -> None:
    data = {"items": [{"key": "待办", "data": "3"}]}
    template = {"agentid": AGENT, "type": "keydata", "keydata": data}
    await company.ok("/agent/set_workbench_template", template, by=APP)
    read = await company.ok("/agent/get_workbench_template", {"agentid": AGENT}, by=APP)
    assert (read["type"], read["keydata"]) == ("keydata", data)
    own = template | {"userid": "staff01"}
    await company.ok("/agent/set_workbench_data", own, by=APP)
    wrong = {"agentid": AGENT, "userid": "staff01", "type": "image", "image": {"url": "x"}}
    assert await company.code("/agent/set_workbench_data", wrong, by=APP) == 40058


async def test_tickets_sign_pages(company: Company) -> None:
    for path, query, agentid in (
        ("/get_jsapi_ticket", {}, 0),
        ("/ticket/get", {"type": "agent_config"}, AGENT),
    ):
        ticket = await company.ok(path, by=APP, **query)
        assert ticket["expires_in"] == 7200
        assert (await company.ok(path, by=APP, **query))["ticket"] == ticket["ticket"]
        url = "https://a.example/page"
        joined = f"jsapi_ticket={ticket['ticket']}&noncestr=n&timestamp=1&url={url}"
        signature = hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
        page = {"url": url, "noncestr": "n", "timestamp": "1", "signature": signature, "agentid": agentid}
        assert (await company.control("POST", "/check-page", page))["accepted"] is True
        assert (await company.control("POST", "/check-page", page | {"noncestr": "m"}))["accepted"] is False
    assert await company.code("/ticket/get", by=APP, type="jsapi") == 40035
    key, now = f"ticket:{company.corp.corpid}", company.rig.clock.now()
    company.rig.sandbox.corp_desk.paces.fill(key, at=now, seconds=3600, limit=400)
    assert await company.code("/get_jsapi_ticket", by=APP) == 45009


async def test_a_text_reaches_members_and_lists_who_is_unknown(company: Company) -> None:
    tag = (await company.ok("/tag/create", {"tagname": "A"}, by=APP))["tagid"]
    await company.ok("/tag/addtagusers", {"tagid": tag, "userlist": ["staff02"]}, by=APP)
    body = text("staff01|nobody", toparty="4|99", totag=f"{tag}|77")
    answer = await company.ok(SEND, body, by=APP)
    assert (answer["invaliduser"], answer["invalidparty"], answer["invalidtag"]) == ("nobody", "99", "77")
    assert answer["msgid"]
    for userid in ("staff01", "staff02", "staff03"):
        assert [one["body"]["content"] for one in await inbox(company, userid)] == ["您好"]
    assert await inbox(company, "staff05") == []
    await company.ok(SEND, text("@all", "全体"), by=APP)
    assert len(await inbox(company, "staff05")) == 1
    assert await company.code(SEND, text("nobody"), by=APP) == 81013
    assert await company.code(SEND, text(""), by=APP) == 82001
    await company.control("PUT", f"/agents/{AGENT}", {"users": ["staff01"]})
    assert (await company.ok(SEND, text("staff01|staff02"), by=APP))["invaliduser"] == "staff02"
    await company.control("PUT", "/staff/staff01", {"licensed": False})
    assert await company.code(SEND, text(), by=APP) == 81013


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"msgtype": "unknown"}, 40008),
        ({"text": {}}, 44004),
        ({"text": {"content": "长" * 683}}, 45002),
        ({"agentid": None}, 41011),
        ({"agentid": 7}, 40056),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 82002),
        ({"toparty": "|".join(map(str, range(101)))}, 82003),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d"}}, 41010),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "u"}] * 9}}, 45008),
        ({"msgtype": "miniprogram_notice", "miniprogram_notice": {"appid": "a", "title": "短"}}, 40058),
        ({"msgtype": "template_card", "template_card": {"card_type": "x"}}, 40058),
        ({"msgtype": "template_card", "template_card": {"card_type": "vote_interaction"}}, 40058),
        ({"safe": 3}, 40058),
    ],
)
async def test_what_is_wrong_with_a_message_is_named(
    company: Company, changes: dict[str, Any], expected: int
) -> None:
    assert await company.code(SEND, text() | changes, by=APP) == expected
    assert await inbox(company) == []


async def test_every_kind_is_taken(company: Company) -> None:
    file = await company.upload("/media/upload", picture(1), filename="a.jpg", type="image", by=APP)
    media_id = file["media_id"]
    kinds: dict[str, dict[str, Any]] = {
        "image": {"media_id": media_id},
        "textcard": {"title": "t", "description": "d", "url": "https://a.example"},
        "news": {"articles": [{"title": "t", "url": "https://a.example"}]},
        "mpnews": {"articles": [{"title": "t", "thumb_media_id": media_id, "content": "<p>c</p>"}]},
        "markdown": {"content": "**粗**"},
        "miniprogram_notice": {
            "appid": "wx1",
            "title": "会议室预订",
            "content_item": [{"key": "时间", "value": "下午"}],
        },
        "template_card": {"card_type": "text_notice", "main_title": {"title": "欢迎"}},
    }
    for kind, content in kinds.items():
        body = {"touser": "staff01", "agentid": AGENT, "msgtype": kind, kind: content}
        answer = await company.ok(SEND, body, by=APP)
        assert "response_code" not in answer
    assert [one["kind"] for one in await inbox(company)] == list(kinds)[::-1]


async def test_a_message_is_taken_back_within_a_day(company: Company) -> None:
    first = (await company.ok(SEND, text(), by=APP))["msgid"]
    second = (await company.ok(SEND, text(), by=APP))["msgid"]
    await company.ok("/message/recall", {"msgid": first}, by=APP)
    assert [one["msgid"] for one in await inbox(company)] == [second]
    assert await company.code("/message/recall", {"msgid": "1"}, by=APP) == 40059
    company.rig.clock.advance(24 * 3600)
    assert await company.code("/message/recall", {"msgid": second}, by=APP) == 42052


async def test_the_same_is_sent_once_where_one_asks(company: Company) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=600)
    for _ in range(2):
        await company.ok(SEND, body, by=APP)
    assert len(await inbox(company)) == 1
    company.rig.clock.advance(600)
    await company.ok(SEND, body, by=APP)
    assert len(await inbox(company)) == 2


async def test_what_is_too_much_for_a_member_is_dropped_without_a_word(company: Company) -> None:
    for number in range(31):
        await company.ok(SEND, text(content=str(number)), by=APP)
    assert len(await inbox(company)) == 30
    company.rig.clock.advance(60)
    await company.ok(SEND, text(content="later"), by=APP)
    assert len(await inbox(company)) == 31
    key = f"sent:{company.corp.corpid}:{AGENT}"
    paces, now = company.rig.sandbox.corp_desk.paces, company.rig.clock.now()
    paces.count_day(key, at=now, limit=10**9, code=45009, times=200_000 - 32)
    assert await company.code(SEND, text(), by=APP) == 45009


async def test_a_card_is_tapped_and_changed_once(company: Company, hooks: Hooks) -> None:
    await company.control("PUT", f"/callbacks/{AGENT}", {"url": f"{hooks.url}/{APP}"})
    card = {"card_type": "button_interaction", "task_id": "T1", "main_title": {"title": "审批"}}
    sent = await company.ok(
        SEND,
        {"touser": "staff01|staff02", "agentid": AGENT, "msgtype": "template_card", "template_card": card},
        by=APP,
    )
    tap = {"msgid": sent["msgid"], "key": "ok", "selected": {"q1": ["a", "b"]}}
    await company.control("POST", "/staff/staff01/card", tap)
    (event,) = await company.events("template_card_event", scope=APP)
    assert (event["EventKey"], event["TaskId"], event["CardType"]) == ("ok", "T1", "button_interaction")
    chosen = event["SelectedItems"]["SelectedItem"]
    assert (chosen["QuestionKey"], chosen["OptionIds"]["OptionId"]) == ("q1", ["a", "b"])
    change = {"userids": ["staff01"], "agentid": AGENT, "button": {"replace_name": "已同意"}}
    path = "/message/update_template_card"
    code = {"response_code": event["ResponseCode"]}
    await company.ok(path, change | code, by=APP)
    assert (await inbox(company))[0]["body"]["button"] == {"replace_name": "已同意"}
    assert "button" not in (await inbox(company, "staff02"))[0]["body"]
    assert await company.code(path, change | code, by=APP) == 60140
    assert await company.code(path, change | code | {"userids": []}, by=APP) == 82001
    await company.control("POST", "/staff/staff02/card", tap)
    again = (await company.events("template_card_event", scope=APP))[-1]
    everybody = {"agentid": AGENT, "atall": 1, "button": {"replace_name": "已结束"}}
    await company.ok(path, everybody | {"response_code": again["ResponseCode"]}, by=APP)
    shown = [(await inbox(company, userid))[0]["body"]["button"] for userid in ("staff01", "staff02")]
    assert shown == [{"replace_name": "已结束"}] * 2
    company.rig.clock.advance(72 * 3600)
    assert await company.code(path, change | {"response_code": sent["response_code"]}, by=APP) == 60140


async def test_members_write_to_apps_and_get_passive_replies(company: Company, hooks: Hooks) -> None:
    await company.control("PUT", f"/callbacks/{AGENT}", {"url": f"{hooks.url}/{APP}"})
    hooks.reply = {"MsgType": "text", "Content": "收到"}
    await company.control("POST", "/staff/staff01/say", {"text": "在吗"})
    for kind in ("image", "voice", "location", "link"):
        await company.control("POST", "/staff/staff01/say", {"kind": kind})
    for event in ("subscribe", "enter_agent", "LOCATION"):
        await company.control("POST", "/staff/staff01/app-event", {"event": event})
    heard = await company.events(scope=APP)
    assert [one["MsgType"] for one in heard[:5]] == ["text", "image", "voice", "location", "link"]
    said = heard[0]
    assert (said["Content"], said["FromUserName"], said["AgentID"]) == ("在吗", "staff01", str(AGENT))
    assert [one["Event"] for one in heard[5:]] == ["subscribe", "enter_agent", "LOCATION"]
    replies = company.rig.world.store.read_lines("kind = ?", ("passive:text",), 20)
    assert replies[0].body["Content"] == "收到"


async def test_members_chat_in_chats_of_apps(company: Company) -> None:
    made = await company.ok("/appchat/create", {"name": "项目", "userlist": ["staff01", "staff02"]}, by=APP)
    chatid = made["chatid"]
    info = (await company.ok("/appchat/get", by=APP, chatid=chatid))["chat_info"]
    assert (info["name"], info["owner"], info["userlist"]) == ("项目", "staff01", ["staff01", "staff02"])
    change = {"chatid": chatid, "add_user_list": ["staff03"], "del_user_list": ["staff01"]}
    assert await company.code("/appchat/update", change, by=APP) == 86007
    await company.ok("/appchat/update", change | {"owner": "staff03"}, by=APP)
    sent = {"chatid": chatid, "msgtype": "text", "text": {"content": "开会"}}
    await company.ok("/appchat/send", sent, by=APP)
    assert (len(await inbox(company, "staff03")), len(await inbox(company, "staff01"))) == (1, 0)
    assert await company.code("/appchat/create", {"userlist": ["staff01"]}, by=APP) == 86006
    assert await company.code("/appchat/get", by=APP, chatid="x") == 86003
    await company.control("PUT", f"/agents/{AGENT}", {"users": ["staff01"]})
    assert await company.code("/appchat/send", sent, by=APP) == 90001
