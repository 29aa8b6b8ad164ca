"""Mass messages: who is asked to send, what members do, quotas, results, reminders, stops; welcomes."""

from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import Company, Hooks
from contract.sandbox.wecom.files import picture
from wechat_sandbox.state.wecom.rhythm import Rhythm, may_receive, stretch_of

ADD = "/externalcontact/add_msg_template"
DAY = 86_400
TEXT = {"text": {"content": "周末试饮"}}


async def send(company: Company, **body: Any) -> str:
    """Make a mass message whose tasks have reached the members."""
    msgid = str((await company.ok(ADD, TEXT | body))["msgid"])
    company.rig.clock.advance(2)
    return msgid


async def confirm(company: Company, userid: str, msgid: str, **body: Any) -> Any:
    return await company.control("POST", f"/staff/{userid}/tasks/{msgid}/confirm", body)


async def results(company: Company, msgid: str, userid: str) -> list[tuple[str, int]]:
    body = {"msgid": msgid, "userid": userid}
    rows = (await company.ok("/externalcontact/get_groupmsg_send_result", body))["send_list"]
    return [(row.get("external_userid") or row["chat_id"], row["status"]) for row in rows]


async def tasks(company: Company, msgid: str) -> list[dict[str, Any]]:
    answer = await company.ok("/externalcontact/get_groupmsg_task", {"msgid": msgid})
    return list(answer["task_list"])


async def test_a_message_reaches_customers_once_its_member_sends_it(company: Company) -> None:
    ann, bob = await company.add(1, "staff01"), await company.add(2, "staff01")
    answer = await company.ok(ADD, TEXT | {"external_userid": [ann, bob, "wmnobody"]})
    assert answer["fail_list"] == ["wmnobody"]
    msgid = answer["msgid"]
    assert await company.code("/externalcontact/get_groupmsg_task", {"msgid": msgid}) == 41063
    assert (await company.control("GET", "/staff/staff01/tasks"))["messages"] == []
    company.rig.clock.advance(2)
    assert await tasks(company, msgid) == [{"userid": "staff01", "status": 0}]
    assert await results(company, msgid, "staff01") == [(ann, 0), (bob, 0)]
    (open_task,) = (await company.control("GET", "/staff/staff01/tasks"))["messages"]
    assert (open_task["msgid"], open_task["receivers"]) == (msgid, [ann, bob])
    company.rig.clock.advance(600)
    await company.act(2, "delete-member", "staff01")  # They part before it is sent.
    await confirm(company, "staff01", msgid)
    now = int(company.rig.clock.now())
    assert await tasks(company, msgid) == [{"userid": "staff01", "status": 2, "send_time": now}]
    assert await results(company, msgid, "staff01") == [(ann, 1), (bob, 2)]
    assert (await company.control("GET", "/staff/staff01/tasks"))["messages"] == []
    lines = company.rig.world.store.read_lines("appid = ? AND kind = 'mass'", (company.corp.corpid,), 10)
    assert [line.openid for line in lines] == [f"staff01/{ann}"]
    body = {"msgid": msgid}
    legacy = (await company.ok("/externalcontact/get_group_msg_result", body))["detail_list"]
    assert [(row["external_userid"], row["status"]) for row in legacy] == [(ann, 1), (bob, 2)]


async def test_of_several_members_whoever_talked_last_is_asked(company: Company) -> None:
    ann = await company.add(1, "staff01")
    await company.add(1, "staff02")
    await company.act(1, "say", "staff01", text="在吗")
    company.rig.clock.advance(60)
    await company.act(1, "say", "staff02", text="在吗")
    msgid = await send(company, external_userid=[ann])
    assert [task["userid"] for task in await tasks(company, msgid)] == ["staff02"]
    msgid = await send(company, external_userid=[ann], sender="staff01")
    assert [task["userid"] for task in await tasks(company, msgid)] == ["staff01"]


async def test_all_customers_of_a_sender_or_those_with_tags(company: Company) -> None:
    people = [await company.add(number, "staff01") for number in range(4)]
    for number, tag_ids in enumerate((["et1", "et9"], ["et2"], ["et2", "et9"], [])):
        await company.control("PATCH", f"/customers/{number}/edit", {"userid": "staff01", "tag_ids": tag_ids})
    msgid = await send(company, sender="staff01")
    assert [who for who, _ in await results(company, msgid, "staff01")] == people
    either = {"group_list": [{"tag_list": ["et1", "et2"]}]}
    msgid = await send(company, sender="staff01", tag_filter=either)
    assert [who for who, _ in await results(company, msgid, "staff01")] == people[:3]
    both = {"group_list": [{"tag_list": ["et1", "et2"]}, {"tag_list": ["et9"]}]}
    msgid = await send(company, tag_filter=both)
    assert [who for who, _ in await results(company, msgid, "staff01")] == [people[0], people[2]]


async def test_groups_get_a_message_from_their_owner(company: Company) -> None:
    mine = [
        (await company.control("POST", "/groups", {"owner": "staff01", "name": name}))["chat_id"]
        for name in ("一", "二", "三")
    ]
    other = (await company.control("POST", "/groups", {"owner": "staff02", "name": "别"}))["chat_id"]
    assert await company.code(ADD, TEXT | {"chat_type": "group"}) == 40058
    body = {"chat_type": "group", "sender": "staff01", "allow_select": True}
    answer = await company.ok(ADD, TEXT | body | {"chat_id_list": [*mine[:2], other]})
    assert answer["fail_list"] == [other]
    msgid = answer["msgid"]
    company.rig.clock.advance(2)
    assert await results(company, msgid, "staff01") == []  # Of groups only sent rows are listed.
    await confirm(company, "staff01", msgid, skipped=[mine[1]])
    assert await results(company, msgid, "staff01") == [(mine[0], 1)]
    shown = await company.control("GET", f"/groups/{mine[0]}")
    assert shown["lines"][-1]["body"]["text"] == {"content": "周末试饮"}
    everything = await send(company, chat_type="group", sender="staff01")
    await confirm(company, "staff01", everything)
    assert [who for who, _ in await results(company, everything, "staff01")] == mine


async def test_one_message_a_day_where_the_company_wants_it_so(company: Company) -> None:
    ann = await company.add(1, "staff01")
    await company.add(1, "staff02")
    await company.control("PUT", "/settings", {"rhythm": "day"})
    statuses = []
    for sender in ("staff01", "staff02"):
        msgid = await send(company, external_userid=[ann], sender=sender)
        await confirm(company, sender, msgid)
        statuses += await results(company, msgid, sender)
    assert statuses == [(ann, 1), (ann, 3)]
    company.rig.clock.advance(DAY)
    own = {"text": "新品到店", "receivers": [ann]}
    made = await company.control("POST", "/staff/staff01/mass-messages", own)
    assert await results(company, made["msgid"], "staff01") == [(ann, 1)]
    msgid = await send(company, external_userid=[ann], sender="staff01")
    await confirm(company, "staff01", msgid)
    assert await results(company, msgid, "staff01") == [(ann, 3)]  # A member's own counts with it.


def test_a_month_allows_as_many_as_it_has_days() -> None:
    at = 1_772_337_600.0  # 2026-03-01 12:00 in China.
    assert stretch_of(Rhythm.MONTH, at) == (at - DAY / 2, 31)
    assert stretch_of(Rhythm.MONTH, at - DAY)[1] == 28
    assert stretch_of(Rhythm.WEEK, at) == (at - DAY / 2 - 6 * DAY, 7)  # A Sunday.
    received = [at + number for number in range(31)]
    assert may_receive(received[:30], at + 100, Rhythm.MONTH)
    assert not may_receive(received, at + 100, Rhythm.MONTH)
    assert may_receive(received, at + 31 * DAY, Rhythm.MONTH)
    assert not may_receive(received[:7], at + 100, Rhythm.WEEK)
    assert may_receive(received[:7], at + DAY, Rhythm.WEEK)


async def test_reminders_and_stops(company: Company) -> None:
    ann = await company.add(1, "staff01")
    msgid = await send(company, external_userid=[ann])
    remind, cancel = "/externalcontact/remind_groupmsg_send", "/externalcontact/cancel_groupmsg_send"
    codes = [await company.code(remind, {"msgid": msgid}) for _ in range(4)]
    assert codes == [0, 0, 0, 41094]
    company.rig.clock.advance(DAY)
    assert await company.code(remind, {"msgid": msgid}) == 0
    codes = [await company.code(cancel, {"msgid": msgid}) for _ in range(2)]
    assert codes == [0, 41093]
    assert await company.code(remind, {"msgid": msgid}) == 41093
    assert (await company.control("GET", "/staff/staff01/tasks"))["messages"] == []
    where = f"/sandbox/corps/{company.corp.corpid}/staff/staff01/tasks/{msgid}/confirm"
    assert (await company.rig.request("POST", where, json={}))[0] == 404
    assert await company.code(cancel, {}) == 41046
    assert await company.code(cancel, {"msgid": "none"}) == 41047


async def test_the_record_tells_who_made_what(company: Company) -> None:
    await company.add(1, "staff01")
    since = int(company.rig.clock.now())
    by_api = await send(company, sender="staff01")
    own = (await company.control("POST", "/staff/staff01/mass-messages", {"text": "早安"}))["msgid"]
    body = {"chat_type": "single", "start_time": since, "end_time": since + DAY}
    path = "/externalcontact/get_groupmsg_list_v2"
    rows = (await company.ok(path, body))["group_msg_list"]
    assert rows == [
        {"msgid": by_api, "create_time": str(since), "create_type": 0, **TEXT, "attachments": []},
        {
            "msgid": own,
            "creator": "staff01",
            "create_time": str(since + 2),
            "create_type": 1,
            "text": {"content": "早安"},
            "attachments": [],
        },
    ]
    for more, expected in (({"filter_type": 0}, [by_api]), ({"creator": "staff01"}, [own])):
        found = (await company.ok(path, body | more))["group_msg_list"]
        assert [row["msgid"] for row in found] == expected
    assert (await company.ok(path, body | {"chat_type": "group"}))["group_msg_list"] == []
    for wrong in ({"end_time": since + 32 * DAY}, {"chat_type": "x"}, {"filter_type": 3}):
        assert await company.code(path, body | wrong) == 40058, wrong
    first = await company.ok(path, body | {"limit": 1})
    second = await company.ok(path, body | {"limit": 1, "cursor": first["next_cursor"]})
    assert [first["group_msg_list"][0]["msgid"], second["group_msg_list"][0]["msgid"]] == [by_api, own]
    assert second["next_cursor"] == ""


LINK = {"msgtype": "link", "link": {"title": "新品", "url": "https://shop.example/"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40058),
        ({"text": {"content": "字" * 1334}}, 40058),
        ({"attachments": [LINK] * 10}, 41064),
        ({"attachments": [{"msgtype": "voice"}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t"}}]}, 41065),
        ({"attachments": [{"msgtype": "image", "image": {}}]}, 41065),
        ({"attachments": [{"msgtype": "miniprogram", "miniprogram": {"title": "t", "appid": "wx1"}}]}, 41065),
        (TEXT, 41048),
        (TEXT | {"external_userid": ["wmnobody"]}, 41048),
        (TEXT | {"sender": "staff02"}, 41048),
        (TEXT | {"sender": "nobody"}, 60111),
        (TEXT | {"chat_type": "both"}, 40058),
    ],
)
async def test_what_cannot_be_sent_is_refused(company: Company, body: Any, code: int) -> None:
    await company.add(1, "staff01")
    given = {"sender": "staff01"} | body if code in (41064, 41065) else body
    assert await company.code(ADD, given) == code
    book = (await company.control("GET", "/staff/staff01/tasks"))["messages"]
    assert book == []


async def test_tasks_survive_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    rig = await start_rig(people=20, state=tmp_path / "state.db")
    company = await Company.make(rig, hooks)
    ann = await company.add(1, "staff01")
    msgid = await send(company, external_userid=[ann])
    corpid = company.corp.corpid
    await rig.stop()
    again = await start_rig(people=20, state=tmp_path / "state.db")
    company = Company(again, again.world.get_corp(corpid), hooks)
    again.clock.advance(10)
    await confirm(company, "staff01", msgid)
    assert await results(company, msgid, "staff01") == [(ann, 1)]


WELCOME = "/externalcontact/send_welcome_msg"


async def welcome_code(company: Company, person: int) -> str:
    await company.add(person, "staff01")
    return str((await company.events("add_external_contact"))[-1]["WelcomeCode"])


async def test_a_welcome_is_sent_once_and_soon(company: Company) -> None:
    code = await welcome_code(company, 1)
    company.rig.clock.advance(19.9)
    assert await company.code(WELCOME, {"welcome_code": code} | TEXT) == 0
    assert await company.code(WELCOME, {"welcome_code": code} | TEXT) == 41051
    lines = company.rig.world.store.read_lines("kind = 'welcome'", (), 10)
    assert [line.body["text"] for line in lines] == [{"content": "周末试饮"}]


async def test_on_a_fast_clock_a_code_lasts_as_long_in_real_time(company: Company) -> None:
    company.rig.clock.rate = 20.0
    in_time, late = await welcome_code(company, 1), await welcome_code(company, 2)
    company.rig.clock.advance(390)
    assert await company.code(WELCOME, {"welcome_code": in_time} | TEXT) == 0
    company.rig.clock.advance(10)
    assert await company.code(WELCOME, {"welcome_code": late} | TEXT) == 41050


async def test_a_welcome_that_comes_late_or_wrong_is_refused(company: Company) -> None:
    late = await welcome_code(company, 1)
    company.rig.clock.advance(20)
    assert await company.code(WELCOME, {"welcome_code": late} | TEXT) == 41050
    code = await welcome_code(company, 2)
    assert await company.code(WELCOME, TEXT) == 41049
    assert await company.code(WELCOME, {"welcome_code": "none"} | TEXT) == 41050
    assert await company.code(WELCOME, {"welcome_code": code}) == 40058
    assert await company.code(WELCOME, {"welcome_code": code, "attachments": [LINK] * 10}) == 41064
    image = {"msgtype": "image", "image": {"media_id": "none"}}
    assert await company.code(WELCOME, {"welcome_code": code, "attachments": [image]}) == 40007
    image = {"msgtype": "image", "image": {"pic_url": "https://elsewhere.example/a.png"}}
    assert await company.code(WELCOME, {"welcome_code": code, "attachments": [image]}) == 41065
    image = {"msgtype": "image", "image": {"media_id": await picture(company)}}
    assert await company.code(WELCOME, {"welcome_code": code, "attachments": [LINK, image]}) == 0
    begun = await welcome_code(company, 3)
    await company.act(3, "say", "staff01", text="你好")
    assert await company.code(WELCOME, {"welcome_code": begun} | TEXT) == 41051


TEMPLATES = "/externalcontact/group_welcome_template"


async def test_group_welcomes_belong_to_who_made_them(company: Company) -> None:
    app = company.corp.agents[0].scope
    body = {
        "text": {"content": "欢迎%NICKNAME%"},
        "link": {"title": "手册", "url": "https://shop.example/"},
        "image": {"media_id": await picture(company)},
    }
    template_id = (await company.ok(f"{TEMPLATES}/add", body, by=app))["template_id"]
    own = {"template_id": template_id}
    kept = await company.ok(f"{TEMPLATES}/get", own, by=app)
    assert (kept["text"], "link" in kept, kept["image"]["pic_url"][:4]) == (body["text"], False, "http")
    assert (await company.rig.fetch(kept["image"]["pic_url"]))[0] == 200
    assert await company.code(f"{TEMPLATES}/get", own) == 41058
    assert await company.code(f"{TEMPLATES}/edit", own | {"text": {"content": "字" * 1001}}, by=app) == 40058
    assert await company.code(f"{TEMPLATES}/edit", own, by=app) == 40058
    await company.ok(f"{TEMPLATES}/edit", own | {"text": {"content": "新"}}, by=app)
    assert (await company.ok(f"{TEMPLATES}/get", own, by=app))["text"] == {"content": "新"}
    await company.ok(f"{TEMPLATES}/del", own, by=app)
    assert await company.code(f"{TEMPLATES}/get", own, by=app) == 40058
    made = [await company.code(f"{TEMPLATES}/add", TEXT) for _ in range(101)]
    assert (set(made[:100]), made[100]) == ({0}, 41055)
