"""微信客服: accounts, links, servicers, the states of a session, answers, codes, the log, figures."""

from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import Company, Hooks
from contract.sandbox.wecom.files import picture
from wechat_sandbox.state.wecom.corp import CONTACTS, KF
from wechat_sandbox.state.wecom.kf_rules import MOVES, State

HOUR, DAY = 3600, 86_400
TEXT = {"msgtype": "text", "text": {"content": "您好"}}


async def ask(company: Company, path: str, body: Any = None, **query: str) -> Any:
    return await company.ok(f"/kf{path}", body, by=KF, **query)


async def code(company: Company, path: str, body: Any = None) -> int:
    return await company.code(f"/kf{path}", body, by=KF)


async def make(company: Company, name: str = "售前") -> str:
    body = {"name": name, "media_id": await picture(company)}
    return str((await ask(company, "/account/add", body))["open_kfid"])


async def act(company: Company, kf: str, who: int | str, verb: str, **body: Any) -> Any:
    return await company.control("POST", f"/kf/{kf}/chats/{who}/{verb}", body)


async def say(company: Company, kf: str, who: int, text: str = "在吗") -> str:
    """Let a customer write; return their external user id."""
    done = await act(company, kf, who, "say", text=text)
    return str(done["session"]["external_userid"])


async def send(company: Company, kf: str, who: str, **more: Any) -> int:
    return await code(company, "/send_msg", TEXT | {"touser": who, "open_kfid": kf} | more)


async def read(company: Company, kf: str, **more: Any) -> dict[str, Any]:
    return dict(await ask(company, "/sync_msg", {"open_kfid": kf} | more))


async def events_of(company: Company, kf: str) -> list[dict[str, Any]]:
    rows = (await read(company, kf))["msg_list"]
    return [row["event"] for row in rows if row["msgtype"] == "event"]


async def hire(company: Company, kf: str, *users: str) -> None:
    await ask(company, "/servicer/add", {"open_kfid": kf, "userid_list": list(users)})


async def test_accounts_are_made_changed_and_deleted(company: Company) -> None:
    kf = await make(company)
    rows = (await ask(company, "/account/list", {"offset": 0, "limit": 10}))["account_list"]
    assert [(row["open_kfid"], row["name"], row["manage_privilege"]) for row in rows] == [(kf, "售前", True)]
    assert (await company.rig.fetch(rows[0]["avatar"]))[0] == 200
    await ask(company, "/account/update", {"open_kfid": kf, "name": "售后"})
    rows = (await ask(company, "/account/list", {}))["account_list"]
    assert rows[0]["name"] == "售后"
    assert await code(company, "/account/add", {"name": "字" * 17, "media_id": "m"}) == 95006
    assert await code(company, "/account/add", {"name": "", "media_id": "m"}) == 95006
    assert await code(company, "/account/add", {"name": "售"}) == 40058
    assert await code(company, "/account/add", {"name": "售", "media_id": "none"}) == 40007
    assert await code(company, "/account/update", {"open_kfid": "wknone", "name": "x"}) == 95000
    assert await code(company, "/account/update", {"name": "x"}) == 40058
    await ask(company, "/account/del", {"open_kfid": kf})
    assert (await ask(company, "/account/list", {}))["account_list"] == []
    assert await code(company, "/account/del", {"open_kfid": kf}) == 95000
    assert await company.code("/kf/account/list", {}, by=CONTACTS) == 48002


async def test_an_administrator_may_keep_an_account_from_the_api(company: Company) -> None:
    kf = await make(company)
    await company.control("PUT", f"/kf/{kf}", {"managed": False})
    assert await code(company, "/sync_msg", {"open_kfid": kf}) == 48007
    rows = (await ask(company, "/account/list", {}))["account_list"]
    assert rows[0]["manage_privilege"] is False
    (told,) = await company.events("kf_account_auth_change", scope=KF)
    assert told["AuthDelOpenKfId"] == kf


async def test_links_carry_a_scene(company: Company) -> None:
    kf = await make(company)
    url = (await ask(company, "/add_contact_way", {"open_kfid": kf, "scene": "poster_1"}))["url"]
    assert url.startswith("https://work.weixin.qq.com/kf/kfc")
    assert url.endswith("?enc_scene=poster_1")
    for scene in ("中文", "x" * 33, "a b"):
        assert await code(company, "/add_contact_way", {"open_kfid": kf, "scene": scene}) == 40058


async def test_servicers_are_added_one_by_one(company: Company) -> None:
    kf = await make(company)
    body = {"open_kfid": kf, "userid_list": ["staff01", "nobody"], "department_id_list": [3, 99]}
    first = (await ask(company, "/servicer/add", body))["result_list"]
    assert [
        (row.get("userid", row.get("department_id")), row["errcode"], row["errmsg"]) for row in first
    ] == [
        ("staff01", 0, "success"),
        ("nobody", 60111, "invalid servicer"),
        (3, 0, "success"),
        (99, 60123, "invalid servicer"),
    ]
    again = (await ask(company, "/servicer/add", body))["result_list"]
    assert [row["errmsg"] for row in again if row["errcode"] == 0] == ["ignored", "ignored"]
    listed = (await ask(company, "/servicer/list", None, open_kfid=kf))["servicer_list"]
    assert listed == [{"userid": "staff01", "status": 0}, {"department_id": 3}]
    await company.control("PUT", f"/kf/{kf}/servicers/staff01", {"receiving": False})
    listed = (await ask(company, "/servicer/list", None, open_kfid=kf))["servicer_list"]
    assert {"userid": "staff01", "status": 1, "stop_type": 0} in listed
    gone = {"open_kfid": kf, "userid_list": ["staff01", "staff09"]}
    rows = (await ask(company, "/servicer/del", gone))["result_list"]
    assert [row["errcode"] for row in rows] == [0, 95014]
    assert await code(company, "/servicer/add", {"open_kfid": kf}) == 40058
    too_many = {"open_kfid": kf, "userid_list": ["x"] * 101}
    assert await code(company, "/servicer/add", too_many) == 40058


async def test_a_customer_enters_and_writes(company: Company, hooks: Hooks) -> None:
    kf = await make(company)
    await act(company, kf, 1, "enter", scene="poster", scene_param="a%20b")
    who = await say(company, kf, 1)
    told = await company.events("kf_msg_or_event", scope=KF)
    assert [set(one) for one in told] == [
        {"ToUserName", "CreateTime", "MsgType", "Event", "Token", "OpenKfId"}
    ] * 2
    assert (told[0]["OpenKfId"], told[0]["MsgType"]) == (kf, "event")
    order = [f"<{name}>".encode() for name in ("ToUserName", "CreateTime", "MsgType", "Event", "Token")]
    raw = next(one for one in hooks.raw if b"kf_msg_or_event" in one)
    assert [raw.index(mark) for mark in order] == sorted(raw.index(mark) for mark in order)
    answer = await read(company, kf, token=told[-1]["Token"])
    now = int(company.rig.clock.now())
    entered, message = answer["msg_list"]
    assert answer["has_more"] == 0
    code_of_welcome = entered["event"].pop("welcome_code")
    assert entered == {
        "msgid": entered["msgid"],
        "send_time": now,
        "origin": 4,
        "msgtype": "event",
        "event": {
            "event_type": "enter_session",
            "open_kfid": kf,
            "external_userid": who,
            "scene": "poster",
            "scene_param": "a%20b",
        },
    }
    assert message == {
        "msgid": message["msgid"],
        "send_time": now,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": "在吗"},
        "open_kfid": kf,
        "external_userid": who,
    }
    assert await code(company, "/send_msg_on_event", {"code": code_of_welcome} | TEXT) == 0
    await act(company, kf, 1, "enter", scene="poster")
    assert "welcome_code" not in (await events_of(company, kf))[-1]


async def test_the_log_is_read_with_cursors(company: Company) -> None:
    kf, other = await make(company), await make(company, "二号")
    for number in range(5):
        await say(company, kf, number, f"第{number}句")
    first = await read(company, kf, limit=3)
    assert (first["has_more"], len(first["msg_list"])) == (1, 3)
    second = await read(company, kf, limit=3, cursor=first["next_cursor"])
    texts = [row["text"]["content"] for row in first["msg_list"] + second["msg_list"]]
    assert (texts, second["has_more"]) == ([f"第{number}句" for number in range(5)], 0)
    done = await read(company, kf, cursor=second["next_cursor"])
    assert (done["msg_list"], done["next_cursor"]) == ([], second["next_cursor"])
    assert await code(company, "/sync_msg", {"open_kfid": other, "cursor": first["next_cursor"]}) == 50100
    assert await code(company, "/sync_msg", {"open_kfid": kf, "cursor": "nonsense"}) == 50100
    assert await code(company, "/sync_msg", {"open_kfid": kf, "token": "none"}) == 95007
    assert await code(company, "/sync_msg", {"open_kfid": kf, "limit": 1001}) == 40058
    token = (await company.events("kf_msg_or_event", scope=KF))[-1]["Token"]
    company.rig.clock.advance(600)
    assert await code(company, "/sync_msg", {"open_kfid": kf, "token": token}) == 95007
    company.rig.clock.advance(3 * DAY)
    assert (await read(company, kf))["msg_list"] == []


async def test_reading_without_a_token_is_limited(company: Company) -> None:
    kf = await make(company)
    codes = [await code(company, "/sync_msg", {"open_kfid": kf}) for _ in range(61)]
    assert (set(codes[:60]), codes[60]) == ({0}, 45009)
    await say(company, kf, 1)
    token = (await company.events("kf_msg_or_event", scope=KF))[-1]["Token"]
    assert await code(company, "/sync_msg", {"open_kfid": kf, "token": token}) == 0


async def test_five_answers_to_each_message_within_two_days(company: Company) -> None:
    kf = await make(company)
    external = await company.add(2, "staff01")
    assert await send(company, kf, external) == 95002  # They never wrote.
    who = await say(company, kf, 1)
    assert [await send(company, kf, who) for _ in range(6)] == [0] * 5 + [95001]
    await say(company, kf, 1)
    company.rig.clock.advance(2 * DAY - 1)
    assert await send(company, kf, who) == 0
    company.rig.clock.advance(1)
    assert await send(company, kf, who) == 95002
    assert await send(company, kf, "wmnobody") == 40096
    rows = (await read(company, kf))["msg_list"]
    assert {row["origin"] for row in rows} == {3}  # What the API sends it is not told.


async def test_own_ids_and_contents_are_checked(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    assert await send(company, kf, who, msgid="own1") == 0
    assert await send(company, kf, who, msgid="own1") == 95033
    for wrong, expected in (
        ({"msgtype": "music"}, 40008),
        ({"msgtype": "text", "text": {}}, 40058),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 40058),
        ({"msgtype": "link", "link": {"title": "t", "url": "https://x.example"}}, 40058),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"type": "none"}]}}, 40058),
        ({"msgid": "x" * 33}, 40058),
    ):
        assert await send(company, kf, who, **wrong) == expected, wrong
    menu = {
        "head_content": "满意吗？",
        "list": [
            {"type": "click", "click": {"id": "1", "content": "满意"}},
            {"type": "view", "view": {"url": "https://x.example", "content": "官网"}},
            {"type": "text", "text": {"content": "说明", "no_newline": 1}},
        ],
    }
    assert await send(company, kf, who, msgtype="msgmenu", msgmenu=menu) == 0
    image = {"media_id": await picture(company)}
    assert await send(company, kf, who, msgtype="image", image=image) == 0
    await act(company, kf, 1, "say", text="满意", menu_id="1")
    assert (await read(company, kf))["msg_list"][-1]["text"] == {"content": "满意", "menu_id": "1"}
    chat = await company.control("GET", f"/kf/{kf}/chats/1")
    assert [line["origin"] for line in chat["lines"]] == [3, 0, 0, 0, 3]


async def test_the_api_takes_its_messages_back(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    await send(company, kf, who, msgid="own1")
    await ask(company, "/recall_msg", {"open_kfid": kf, "msgid": "own1"})
    chat = await company.control("GET", f"/kf/{kf}/chats/1")
    assert [line["msgtype"] for line in chat["lines"]] == ["text", "recalled"]
    for wrong in ({"msgid": "own1"}, {"msgid": "none"}, {"msgid": chat["lines"][0]["msgid"]}, {}):
        expected = 0 if wrong.get("msgid") == "own1" else 40058
        assert await code(company, "/recall_msg", {"open_kfid": kf} | wrong) == expected
    assert await send(company, kf, who, msgid="own1") == 95033  # Its id stays taken.


async def trans(company: Company, kf: str, who: str, state: int, servicer: str = "") -> dict[str, Any]:
    body = {"open_kfid": kf, "external_userid": who, "service_state": state}
    return await company.call("/kf/service_state/trans", body | {"servicer_userid": servicer}, by=KF)


async def state_of(company: Company, kf: str, who: str) -> tuple[int, str]:
    body = {"open_kfid": kf, "external_userid": who}
    answer = await ask(company, "/service_state/get", body)
    return answer["service_state"], answer.get("servicer_userid", "")


@pytest.mark.parametrize("before", list(State))
async def test_the_api_moves_sessions_as_the_table_allows(company: Company, before: State) -> None:
    kf = await make(company)
    await hire(company, kf, "staff01")
    for number, after in enumerate(State):
        who = await say(company, kf, number)
        if before is not State.NEW:
            assert (await trans(company, kf, who, before, "staff01"))["errcode"] == 0
        answer = await trans(company, kf, who, after, "staff01")
        expected = 95013 if before is State.ENDED else 0 if after in MOVES[before] else 95016
        assert answer["errcode"] == expected, after
        moved = after if expected == 0 else before
        assert await state_of(company, kf, who) == (moved, "staff01" if moved is State.HUMAN else "")
        assert bool(answer.get("msg_code")) is (expected == 0 and after >= State.POOL)


async def test_who_may_be_given_a_customer(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    assert (await trans(company, kf, who, 3))["errcode"] == 40058
    assert (await trans(company, kf, who, 3, "staff01"))["errcode"] == 95014
    await ask(company, "/servicer/add", {"open_kfid": kf, "department_id_list": [2]})
    assert (await trans(company, kf, who, 3, "staff01"))["errcode"] == 0  # By their department.
    await company.control("PUT", f"/kf/{kf}/servicers/staff01", {"receiving": False})
    other = await say(company, kf, 2)
    assert (await trans(company, kf, other, 3, "staff01"))["errcode"] == 95019
    assert (await trans(company, kf, other, 9))["errcode"] == 40058
    never = await company.add(5, "staff01")
    assert await state_of(company, kf, never) == (4, "")
    assert (await trans(company, kf, never, 1))["errcode"] == 95013


async def test_codes_pay_for_one_message_each(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    pool = (await trans(company, kf, who, 2))["msg_code"]
    assert await send(company, kf, who) == 95018
    menu = {"code": pool, "msgtype": "msgmenu", "msgmenu": {"head_content": "h"}}
    assert await code(company, "/send_msg_on_event", menu) == 95030
    assert await code(company, "/send_msg_on_event", {"code": pool, "msgtype": "image"}) == 95030
    company.rig.clock.advance(47 * HOUR)
    assert [await code(company, "/send_msg_on_event", {"code": pool} | TEXT) for _ in range(2)] == [0, 40058]
    end = (await trans(company, kf, who, 4))["msg_code"]
    rating = {"code": end, "msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗"}}
    assert await code(company, "/send_msg_on_event", rating) == 0
    await say(company, kf, 1)
    late = (await trans(company, kf, who, 4))["msg_code"]
    company.rig.clock.advance(20)
    assert await code(company, "/send_msg_on_event", {"code": late} | TEXT) == 40058
    assert await code(company, "/send_msg_on_event", TEXT) == 40058
    await say(company, kf, 1)
    assert await state_of(company, kf, who) == (0, "")  # Writing begins anew.
    company.rig.clock.advance(48 * HOUR)
    assert await state_of(company, kf, who) == (4, "")


async def test_what_servicers_do_is_told(company: Company) -> None:
    kf = await make(company)
    await hire(company, kf, "staff01", "staff02")
    who = await say(company, kf, 1)
    await trans(company, kf, who, 2)
    await act(company, kf, 1, "take", userid="staff01")
    await act(company, kf, 1, "answer", text="您好")
    await act(company, kf, 1, "pass-on", to="staff02")
    await act(company, kf, 1, "reject", rejected=True)
    await say(company, kf, 1)
    await act(company, kf, 1, "end")
    await act(company, kf, 1, "take", userid="staff02")
    msgid = (await read(company, kf))["msg_list"][0]["msgid"]
    await act(company, kf, 1, "recall", msgid=msgid)
    await act(company, kf, 1, "recall", msgid="m", by_servicer=True)
    await company.control("PUT", f"/kf/{kf}/servicers/staff02", {"receiving": False, "stop_type": 1})
    events = await events_of(company, kf)
    about = {"open_kfid": kf, "external_userid": who}
    codes = [event.pop("msg_code", "") for event in events]
    assert events == [
        {"event_type": "session_status_change", **about, "change_type": 1, "new_servicer_userid": "staff01"},
        {
            "event_type": "session_status_change",
            **about,
            "change_type": 2,
            "old_servicer_userid": "staff01",
            "new_servicer_userid": "staff02",
        },
        {
            "event_type": "reject_customer_msg_switch_change",
            "servicer_userid": "staff02",
            **about,
            "reject_switch": 1,
        },
        {"event_type": "session_status_change", **about, "change_type": 3, "old_servicer_userid": "staff02"},
        {"event_type": "session_status_change", **about, "change_type": 4, "new_servicer_userid": "staff02"},
        {"event_type": "user_recall_msg", **about, "recall_msgid": msgid},
        {"event_type": "servicer_recall_msg", **about, "recall_msgid": "m", "servicer_userid": "staff02"},
        {
            "event_type": "servicer_status_change",
            "servicer_userid": "staff02",
            "status": 2,
            "stop_type": 1,
            "open_kfid": kf,
        },
    ]
    assert [bool(one) for one in codes] == [True, False, False, True, False, False, False, False]
    rows = (await read(company, kf))["msg_list"]
    (answer,) = [row for row in rows if row["origin"] == 5]
    assert (answer["servicer_userid"], answer["text"]) == ("staff01", {"content": "您好"})


async def test_who_refuses_messages_gets_none(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    await act(company, kf, 1, "refuse", refuses=True)
    body = TEXT | {"touser": who, "open_kfid": kf}
    msgid = (await ask(company, "/send_msg", body))["msgid"]
    await company.rig.settled()
    assert (await events_of(company, kf))[-1] == {
        "event_type": "msg_send_fail",
        "open_kfid": kf,
        "external_userid": who,
        "fail_msgid": msgid,
        "fail_type": 10,
    }


async def test_customers_of_the_last_two_days(company: Company) -> None:
    kf = await make(company)
    await act(company, kf, 1, "enter", scene="s1", scene_param="p1", channels={"nickname": "茶", "scene": 1})
    who = await say(company, kf, 1)
    never = await company.add(2, "staff01")
    path = "/customer/batchget"
    body = {"external_userid_list": [who, never, "wmnobody"], "need_enter_session_context": 1}
    answer = await ask(company, path, body)
    (row,) = answer["customer_list"]
    assert row["enter_session_context"] == {
        "scene": "s1",
        "scene_param": "p1",
        "wechat_channels": {"nickname": "茶", "scene": 1},
    }
    assert set(row) == {
        "external_userid", "nickname", "avatar", "gender", "unionid", "enter_session_context",
    }  # fmt: skip
    assert answer["invalid_external_userid"] == [never, "wmnobody"]
    plain = await ask(company, path, {"external_userid_list": [who]})
    assert "enter_session_context" not in plain["customer_list"][0]
    company.rig.clock.advance(48 * HOUR)
    assert await code(company, path, {"external_userid_list": [who]}) == 95031
    assert await code(company, path, {"external_userid_list": []}) == 40058
    assert await code(company, path, {"external_userid_list": ["x"] * 101}) == 40058


async def test_customers_are_passed_on_to_members_and_groups(company: Company) -> None:
    kf = await make(company)
    who = await say(company, kf, 1)
    chat_id = (await company.control("POST", "/groups", {"owner": "staff01", "name": "群"}))["chat_id"]
    body = {"open_kfid": kf, "external_userid": who, "type": 1, "member": {"userid": "staff01"}}
    path = "/customer/upgrade_service"
    assert await code(company, path, body) == 95021
    settings = {"upgrade_members": ["staff01"], "upgrade_departments": [3], "upgrade_groups": [chat_id]}
    await company.control("PUT", "/settings", settings)
    config = await ask(company, "/customer/get_upgrade_service_config")
    assert config["member_range"] == {"userid_list": ["staff01"], "department_id_list": [3]}
    assert config["groupchat_range"] == {"chat_id_list": [chat_id]}
    assert await code(company, path, body | {"member": {"userid": "staff04"}}) == 95015
    assert await code(company, path, body | {"type": 3}) == 40058
    await ask(company, path, body)
    card = (await company.control("GET", f"/kf/{kf}/chats/1"))["upgrade"]
    assert (card["kind"], card["target"]) == (1, "staff01")
    group = {"type": 2, "groupchat": {"chat_id": chat_id, "wording": "进群"}}
    await ask(company, path, body | group)
    await ask(company, "/customer/cancel_upgrade_service", body)
    assert (await company.control("GET", f"/kf/{kf}/chats/1"))["upgrade"] is None
    await ask(company, path, body)
    await act(company, kf, 1, "accept-upgrade")
    assert (await company.ok("/externalcontact/list", userid="staff01"))["external_userid"] == [who]
    group = {"type": 2, "groupchat": {"chat_id": chat_id, "wording": "进群"}}
    await ask(company, path, body | group)
    await act(company, kf, 1, "accept-upgrade")
    members = (await company.control("GET", f"/groups/{chat_id}"))["members"]
    assert who in [one["who"] for one in members]


async def test_a_rating_is_a_tap_on_the_menu(company: Company) -> None:
    kf = await make(company)
    await hire(company, kf, "staff01")
    who = await say(company, kf, 1)
    await trans(company, kf, who, 3, "staff01")
    end = (await trans(company, kf, who, 4))["msg_code"]
    entries = [
        {"type": "click", "click": {"id": str(101 + number), "content": text}}
        for number, text in enumerate(("满意", "一般", "不满意"))
    ]
    menu = {"head_content": "您对本次服务是否满意", "list": entries}
    await ask(company, "/send_msg_on_event", {"code": end, "msgtype": "msgmenu", "msgmenu": menu})
    await act(company, kf, 1, "rate", score=2)
    last = (await read(company, kf))["msg_list"][-1]
    state = await ask(company, "/service_state/get", {"open_kfid": kf, "external_userid": who})
    assert (last["origin"], last["text"]) == (3, {"content": "一般", "menu_id": "102"})
    assert state["service_state"] == 4


async def test_cards_that_were_taken_are_counted(company: Company) -> None:
    kf = await make(company)
    await hire(company, kf, "staff01")
    await company.control("PUT", "/settings", {"upgrade_members": ["staff02"]})
    for person in (1, 2):
        who = await say(company, kf, person)
        await trans(company, kf, who, 3, "staff01")
        offer = {"open_kfid": kf, "external_userid": who, "type": 1, "member": {"userid": "staff02"}}
        await ask(company, "/customer/upgrade_service", offer)
    await act(company, kf, 1, "accept-upgrade")
    now = int(company.rig.clock.now())
    span = {"open_kfid": kf, "start_time": now, "end_time": now}
    (corp,) = (await ask(company, "/get_corp_statistic", span))["statistic_list"]
    (own,) = (await ask(company, "/get_servicer_statistic", span | {"servicer_userid": "staff01"}))[
        "statistic_list"
    ]
    assert corp["statistic"]["upgrade_service_customer_cnt"] == 1
    figures = own["statistic"]
    assert figures["upgrade_service_member_invite_cnt"] == 2
    assert figures["upgrade_service_member_customer_cnt"] == 1
    assert figures["upgrade_service_groupchat_invite_cnt"] == 0


async def test_figures_are_counted_by_day(company: Company) -> None:
    kf = await make(company)
    await hire(company, kf, "staff01")
    who = await say(company, kf, 1)
    await say(company, kf, 1)
    await say(company, kf, 2)
    company.rig.clock.advance(30)
    await trans(company, kf, who, 3, "staff01")
    await act(company, kf, 1, "answer", text="您好")
    end = (await trans(company, kf, who, 4))["msg_code"]
    rating = {"code": end, "msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗"}}
    await ask(company, "/send_msg_on_event", rating)
    await act(company, kf, 1, "rate", score=1)
    now = int(company.rig.clock.now())
    span = {"open_kfid": kf, "start_time": now, "end_time": now}
    (day,) = (await ask(company, "/get_corp_statistic", span))["statistic_list"]
    figures = day["statistic"]
    counted = (figures["session_cnt"], figures["customer_cnt"], figures["customer_msg_cnt"])
    assert counted == (2, 2, 3)
    (day,) = (await ask(company, "/get_servicer_statistic", span | {"servicer_userid": "staff01"}))[
        "statistic_list"
    ]
    figures = day["statistic"]
    assert (figures["session_cnt"], figures["customer_msg_cnt"], figures["reply_rate"]) == (1, 2, 1.0)
    assert figures["first_reply_average_sec"] == 30
    assert (figures["satisfaction_investgate_cnt"], figures["satisfied_rate"]) == (1, 1.0)
    assert await code(company, "/get_corp_statistic", {"start_time": now}) == 40058
    too_long = span | {"end_time": now + 32 * DAY}
    assert await code(company, "/get_corp_statistic", too_long) == 40058
    assert (await ask(company, "/get_corp_qualification"))["wechat_channels_binding"] is False


async def test_the_knowledge_base_keeps_questions_in_groups(company: Company) -> None:
    base = "/knowledge"
    group_id = (await ask(company, f"{base}/add_group", {"name": "物流"}))["group_id"]
    body = {
        "group_id": group_id,
        "question": {"text": {"content": "多久发货"}},
        "similar_questions": {"items": [{"text": {"content": "几天到"}}]},
        "answers": [{"text": {"content": "次日"}, "attachments": [{"msgtype": "link", "link": {}}]}],
    }
    intent_id = (await ask(company, f"{base}/add_intent", body))["intent_id"]
    listed = await ask(company, f"{base}/list_intent", {"group_id": group_id})
    assert listed["intent_list"] == [body | {"intent_id": intent_id}]
    assert (listed["has_more"], listed["next_cursor"]) == (0, "")
    changed = {"intent_id": intent_id, "question": {"text": {"content": "何时发货"}}}
    await ask(company, f"{base}/mod_intent", changed)
    (intent,) = (await ask(company, f"{base}/list_intent", {"intent_id": intent_id}))["intent_list"]
    assert (intent["question"], intent["answers"]) == (changed["question"], body["answers"])
    await ask(company, f"{base}/mod_group", {"group_id": group_id, "name": "发货"})
    groups = (await ask(company, f"{base}/list_group", {}))["group_list"]
    assert groups == [{"group_id": group_id, "name": "发货", "is_default": 0}]
    for wrong in (
        body | {"group_id": "none"},
        body | {"answers": []},
        body | {"question": {"text": {"content": "字" * 201}}},
        body | {"similar_questions": {"items": [{"text": {"content": "x"}}] * 101}},
        body | {"answers": [{"text": {"content": "字" * 501}}]},
    ):
        assert await code(company, f"{base}/add_intent", wrong) == 40058, wrong
    await ask(company, f"{base}/del_intent", {"intent_id": intent_id})
    assert await code(company, f"{base}/del_intent", {"intent_id": intent_id}) == 40058
    await ask(company, f"{base}/add_intent", body)
    await ask(company, f"{base}/del_group", {"group_id": group_id})
    assert (await ask(company, f"{base}/list_intent", {}))["intent_list"] == []


async def test_the_log_survives_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    rig = await start_rig(people=20, state=tmp_path / "state.db")
    company = await Company.make(rig, hooks)
    kf = await make(company)
    who = await say(company, kf, 1)
    await send(company, kf, who, msgid="own")
    before = await read(company, kf)
    corpid = company.corp.corpid
    await rig.stop()
    again = await start_rig(people=20, state=tmp_path / "state.db")
    company = Company(again, again.world.get_corp(corpid), hooks)
    assert await read(company, kf) == before
    assert await send(company, kf, who, msgid="own") == 95033
    assert [await send(company, kf, who) for _ in range(5)] == [0] * 4 + [95001]
