"""Tokens by secret, rights, the shape of errors, frequency, callbacks, restarts."""

import re
from pathlib import Path
from typing import Any

import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import AGENT, HOST, Company, Hooks
from wechat_sandbox.state.wecom.corp import ARCHIVE, CONTACTS, CUSTOMERS, KF, agent_scope

APP = agent_scope(AGENT)
IPS = "/getcallbackip"


async def get_token(company: Company, **query: str) -> dict[str, Any]:
    given = {"corpid": company.corp.corpid, "corpsecret": company.secret(CUSTOMERS)} | query
    return await company.rig.get(f"/{HOST}/cgi-bin/gettoken", **given)


async def test_a_secret_keeps_its_token_until_it_expires(company: Company) -> None:
    first = await get_token(company)
    assert (first["errcode"], first["errmsg"], first["expires_in"]) == (0, "ok", 7200)
    assert len(first["access_token"]) <= 512
    company.rig.clock.advance(100)
    again = await get_token(company)
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 7100)
    assert await company.token(APP) != first["access_token"]
    company.rig.clock.advance(7100)
    query = {"access_token": first["access_token"]}
    assert (await company.rig.get(f"/{HOST}/cgi-bin{IPS}", **query))["errcode"] == 42001
    fresh = await get_token(company)
    assert fresh["access_token"] != first["access_token"]
    assert (await company.rig.get(f"/{HOST}/cgi-bin{IPS}", **query))["errcode"] == 42001


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"corpid": ""}, 41002),
        ({"corpid": "ww0"}, 40013),
        ({"corpsecret": ""}, 41004),
        ({"corpsecret": "wrong"}, 40001),
    ],
)
async def test_what_is_wrong_with_a_secret_is_named(
    company: Company, changes: dict[str, str], code: int
) -> None:
    assert (await get_token(company, **changes))["errcode"] == code


async def test_companies_of_today_have_no_customer_secret(company: Company) -> None:
    await company.control("PUT", "", {"shares_customer_secret": False})
    assert (await get_token(company))["errcode"] == 40091
    assert await company.code(IPS, by=APP) == 0


async def test_too_many_wrong_secrets_shut_the_door(company: Company) -> None:
    company.rig.sandbox.corp_desk.paces.fill(
        "wrong:127.0.0.1", at=company.rig.clock.now(), seconds=3600, limit=100
    )
    assert (await get_token(company, corpsecret="wrong"))["errcode"] == 45009


async def test_tokens_are_missing_unknown_or_ended_early(company: Company) -> None:
    token = await company.token()
    path = f"/{HOST}/cgi-bin{IPS}"
    assert (await company.rig.get(path))["errcode"] == 41001
    assert (await company.rig.get(path, access_token="nonsense"))["errcode"] == 40014
    await company.control("POST", "/void-tokens", {"scope": CUSTOMERS})
    assert (await company.rig.get(path, access_token=token))["errcode"] == 40014
    assert await company.token() != token


async def test_errors_carry_the_hint_and_the_headers(company: Company) -> None:
    answer = await company.headers(IPS, access_token="nonsense")
    assert answer["Content-Type"] == "application/json; charset=UTF-8"
    assert answer["Error-Code"] == "40014"
    shape = (
        r"invalid access_token, hint: \[\d+_\d+_[0-9a-f]{32}\], from ip: 127\.0\.0\.1, "
        r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40014"
    )
    assert re.fullmatch(shape, answer["Error-Msg"])
    good = await company.headers(IPS, access_token=await company.token())
    assert (good["Error-Code"], good["Error-Msg"]) == ("0", "ok")


async def test_an_unknown_path_is_not_found(company: Company) -> None:
    status, body = await company.rig.request("GET", f"/{HOST}/cgi-bin/no/such/path")
    assert (status, body) == (404, None)


async def test_the_token_leads_to_the_company_where_paths_are_shared(company: Company) -> None:
    token = await company.token(APP)
    # /cgi-bin/getcallbackip exists on both platforms; nothing but the token tells them apart here.
    assert (await company.rig.get("/cgi-bin/getcallbackip", access_token=token))["errcode"] == 0
    async with company.rig.client.get("/cgi-bin/gettoken", headers={"Host": HOST}) as answer:
        assert (await answer.json(content_type=None))["errcode"] == 41002


async def test_an_app_may_be_switched_off_or_bound_to_addresses(company: Company) -> None:
    app = f"/agents/{AGENT}"
    await company.control("PUT", app, {"trusted_ips": ["203.0.113.5"]})
    assert await company.code(IPS, by=APP) == 60020
    await company.control("PUT", app, {"trusted_ips": [], "closed": True})
    assert await company.code(IPS, by=APP) == 50003
    await company.control("PUT", app, {"closed": False})
    assert await company.code(IPS, by=APP) == 0


async def test_calls_of_a_minute_are_counted(company: Company) -> None:
    paces, now = company.rig.sandbox.corp_desk.paces, company.rig.clock.now()
    key = f"minute:{company.corp.corpid}:/cgi-bin{IPS}"
    paces.fill(key, at=now, seconds=60, limit=10_000)
    assert await company.code(IPS) == 45009
    company.rig.clock.advance(60)
    assert await company.code(IPS) == 0


async def test_faults_meet_calls_of_companies(company: Company) -> None:
    rule = {"path": f"/cgi-bin{IPS}", "appid": company.corp.corpid, "times": 1}
    await company.rig.control("POST", "/faults", rule | {"errcode": -1})
    assert [await company.code(IPS), await company.code(IPS)] == [-1, 0]
    await company.rig.control("POST", "/faults", rule | {"token_revoked": True})
    assert await company.code(IPS) == 40014
    await company.rig.control("POST", "/faults", rule | {"quota_exhausted": True})
    assert [await company.code(IPS), await company.code(IPS)] == [45009, 45009]


async def test_a_callback_address_is_verified_by_its_echo(company: Company, hooks: Hooks) -> None:
    url = {"url": f"{hooks.url}/{APP}"}
    answer = await company.control("PUT", f"/callbacks/{AGENT}", url)
    assert answer["verified"] is True
    hooks.echo = False  # With quotes around it, as some frameworks answer.
    assert (await company.control("PUT", f"/callbacks/{AGENT}", url))["verified"] is False
    bad = {"aes_key": "short"}
    where = f"/sandbox/corps/{company.corp.corpid}/callbacks/{KF}"
    status, _ = await company.rig.request("PUT", where, json=bad)
    assert status == 400


async def test_adding_is_told_to_the_customer_address_and_the_apps(company: Company, hooks: Hooks) -> None:
    await company.control("PUT", f"/callbacks/{AGENT}", {"url": f"{hooks.url}/{APP}"})
    external = await company.add(3, "staff01", state="channel01", add_way=1)
    (event,) = await company.events()
    code = event.pop("WelcomeCode")
    assert event == {
        "ToUserName": company.corp.corpid,
        "FromUserName": "sys",
        "CreateTime": str(int(company.rig.clock.now())),
        "MsgType": "event",
        "Event": "change_external_contact",
        "ChangeType": "add_external_contact",
        "UserID": "staff01",
        "ExternalUserID": external,
        "State": "channel01",
    }
    (told_app,) = await company.events(scope=APP)
    assert told_app["WelcomeCode"] == code
    assert {one["AgentID"] for one in hooks.outer} == {"", str(AGENT)}
    order = [b"<ToUserName>", b"<Event>", b"<ChangeType>", b"<UserID>", b"<ExternalUserID>", b"<State>"]
    places = [hooks.raw[0].index(mark) for mark in [*order, b"<WelcomeCode>"]]
    assert places == sorted(places)
    assert b"<CreateTime>17" in hooks.raw[0]  # Numbers are bare, texts are not.
    assert b"<UserID><![CDATA[staff01]]></UserID>" in hooks.raw[0]


async def test_customers_of_the_same_second_are_different_events(company: Company) -> None:
    for person in range(3):
        await company.add(person, "staff01")
    events = await company.events("add_external_contact")
    assert len({event["CreateTime"] for event in events}) == 1
    assert len({event["ExternalUserID"] for event in events}) == 3


async def test_only_silence_brings_another_attempt(company: Company, hooks: Hooks) -> None:
    hooks.statuses = [500]
    await company.add(1, "staff01")
    assert len(await company.events()) == 1  # An answer, though a bad one, ends the matter.
    rule = {"event": "change_external_contact", "timeout_after_effect": True, "times": 1}
    await company.rig.control("POST", "/faults", rule)
    await company.add(2, "staff01")
    assert len(await company.events()) == 3


async def test_every_secret_gets_a_token_of_its_own(company: Company) -> None:
    for scope in (CONTACTS, CUSTOMERS, KF, ARCHIVE, APP):
        assert await company.code(IPS, by=scope) == 0


async def test_acts_of_customers_and_members_are_told(company: Company) -> None:
    external = await company.add(4, "staff02", half=True)
    await company.act(4, "accept", "staff02")
    await company.control("PATCH", "/customers/4/edit", {"userid": "staff02", "remark": "老客"})
    await company.act(4, "delete-member", "staff02")
    await company.add(4, "staff02")  # They make up again.
    await company.act(4, "be-deleted", "staff02")
    events = await company.events()
    assert [event["ChangeType"] for event in events] == [
        "add_half_external_contact",
        "add_external_contact",
        "edit_external_contact",
        "del_follow_user",
        "add_external_contact",
        "del_external_contact",
    ]
    assert {(event["UserID"], event["ExternalUserID"]) for event in events} == {("staff02", external)}
    assert "Source" not in events[-1]


async def test_changes_of_the_staff_are_told_to_the_contacts_address(company: Company) -> None:
    await company.control(
        "POST", "/staff", {"userid": "zhang01", "name": "张三", "department": [2, 3], "mobile": "13800000001"}
    )
    await company.control("PUT", "/staff/zhang01", {"position": "店长"})
    await company.control("PUT", "/staff/zhang01", {"position": "店长"})  # Nothing new: nothing told.
    await company.control("POST", "/departments", {"name": "仓库", "order": 7})
    await company.control("POST", "/staff/zhang01/leave")
    events = await company.events(scope=CONTACTS)
    assert [event["ChangeType"] for event in events] == [
        "create_user",
        "update_user",
        "create_party",
        "delete_user",
    ]
    made = events[0]
    assert (made["Name"], made["Department"], made["Mobile"]) == ("张三", "2,3", "13800000001")
    assert (events[1]["UserID"], events[1]["Position"]) == ("zhang01", "店长")
    assert (events[2]["Id"], events[2]["Name"], events[2]["ParentId"], events[2]["Order"]) == (
        "5",
        "仓库",
        "1",
        "7",
    )
    left = (await company.control("GET", "/staff"))["left"]
    assert [gone["userid"] for gone in left] == ["zhang01"]


async def test_companies_outlast_a_restart_and_a_reset(
    start_rig: StartRig, hooks: Hooks, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    company = await Company.make(await start_rig(state=state), hooks, name="长存公司")
    token = await company.token()
    await company.add(5, "staff03", state="s1")
    await company.rig.stop()
    rig = await start_rig(state=state)
    again = Company(rig, rig.world.get_corp(company.corp.corpid), hooks)
    assert await again.token() == token
    card = await again.control("GET", "/customers/5")
    assert [(link["userid"], link["state"]) for link in card["followers"]] == [("staff03", "s1")]
    await rig.control("POST", "/reset")
    assert await again.code(IPS) == 0
    assert (await again.control("GET", "/customers/5"))["followers"] == []
    assert len((await again.control("GET", "/staff"))["items"]) == 12
