"""Web pages inside WeChat: OAuth, tickets, one-time subscription."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.state.tickets import sign_page

AUTHORIZE = "/connect/oauth2/authorize"
BACK = "https://shop.example/back?a=1#top"


async def visit(rig: Rig, **changes: str) -> tuple[int, dict[str, str]]:
    """Open the authorize page; return the status and the query it leads back with."""
    query = {
        "appid": rig.account.appid,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "S1",
        "person": "3",
    }
    status, _, headers = await rig.fetch(AUTHORIZE, **(query | changes))
    location = headers.get("Location", "")
    return status, {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def exchange(rig: Rig, code: str, **changes: str) -> dict[str, Any]:
    query = {
        "appid": rig.account.appid,
        "secret": rig.account.secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    return await rig.get("/sns/oauth2/access_token", **(query | changes))


async def test_a_silent_visit_tells_the_openid_alone(rig: Rig) -> None:
    status, told = await visit(rig)
    assert (status, told["a"], told["state"]) == (302, "1", "S1")
    answer = await exchange(rig, told["code"])
    assert set(answer) == {"access_token", "expires_in", "refresh_token", "openid", "scope"}
    assert (answer["openid"], answer["expires_in"]) == (rig.openid(3), 7200)
    assert (await exchange(rig, told["code"]))["errcode"] == 40163
    query = {"access_token": answer["access_token"], "openid": answer["openid"]}
    assert (await rig.get("/sns/auth", **query)) == {"errcode": 0, "errmsg": "ok"}
    assert (await rig.get("/sns/userinfo", **query))["errcode"] == 48001
    assert (await rig.get("/sns/auth", **(query | {"openid": rig.openid(4)})))["errcode"] == 40003
    assert (await rig.get("/sns/auth", **(query | {"access_token": "x"})))["errcode"] == 40001


async def test_a_person_is_asked_for_their_profile(rig: Rig) -> None:
    scope = {"scope": "snsapi_userinfo"}
    assert (await visit(rig, **scope))[0] == 200
    _, refused = await visit(rig, **scope, confirm="0")
    assert "code" not in refused
    _, told = await visit(rig, **scope, confirm="1")
    answer = await exchange(rig, told["code"])
    assert answer["unionid"] == rig.world.get_relation(rig.account, 3).unionid
    query = {"access_token": answer["access_token"], "openid": answer["openid"], "lang": "zh_CN"}
    profile = await rig.get("/sns/userinfo", **query)
    assert (profile["openid"], profile["sex"], profile["city"]) == (rig.openid(3), 0, "")
    assert profile["nickname"]
    assert (await rig.fetch(profile["headimgurl"].removeprefix(rig.sandbox.url)))[0] == 200
    _, told = await visit(rig, **scope, confirm="1", snapshot="1")
    assert (await exchange(rig, told["code"]))["is_snapshotuser"] == 1


async def test_codes_and_tokens_end(rig: Rig) -> None:
    _, first = await visit(rig)
    _, second = await visit(rig)
    answer = await exchange(rig, first["code"])
    rig.clock.advance(300)
    assert (await exchange(rig, second["code"]))["errcode"] == 42003
    rig.clock.advance(6900)
    query = {"access_token": answer["access_token"], "openid": answer["openid"]}
    assert (await rig.get("/sns/auth", **query))["errcode"] == 42001
    refresh = {
        "appid": rig.account.appid,
        "grant_type": "refresh_token",
        "refresh_token": answer["refresh_token"],
    }
    fresh = await rig.get("/sns/oauth2/refresh_token", **refresh)
    assert fresh["access_token"] != answer["access_token"]
    assert (await rig.get("/sns/auth", **(query | {"access_token": fresh["access_token"]})))["errcode"] == 0
    rig.clock.advance(30 * 86_400)
    assert (await rig.get("/sns/oauth2/refresh_token", **refresh))["errcode"] == 42002
    wrong = refresh | {"refresh_token": "x"}
    assert (await rig.get("/sns/oauth2/refresh_token", **wrong))["errcode"] == 40030


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "x"}, 40125),
        ({"grant_type": "x"}, 40002),
        ({"code": ""}, 41008),
        ({"code": "x"}, 40029),
    ],
)
async def test_wrong_exchanges(rig: Rig, change: dict[str, str], code: int) -> None:
    assert (await exchange(rig, "c", **change) if "code" not in change else await exchange(rig, **change))[
        "errcode"
    ] == code


async def test_the_page_refuses_what_the_console_does_not_allow(rig: Rig) -> None:
    for change in (
        {"appid": "wx0"},
        {"scope": "snsapi_all"},
        {"response_type": "token"},
        {"redirect_uri": "javascript:alert(1)"},
        {"state": "不行"},
    ):
        assert (await visit(rig, **change))[0] == 400
    await rig.control("PUT", f"/accounts/{rig.account.appid}", {"oauth_domain": "other.example"})
    assert (await visit(rig))[0] == 400
    await rig.control("PUT", f"/accounts/{rig.account.appid}", {"oauth_domain": "shop.example"})
    assert (await visit(rig))[0] == 302
    status, content, _ = await rig.fetch(
        AUTHORIZE,
        appid=rig.account.appid,
        redirect_uri="https://shop.example/",
        response_type="code",
        scope="snsapi_base",
    )
    assert (status, b"person=0" in content) == (200, True)  # Nobody known: one chooses.


async def test_tickets_sign_pages(rig: Rig) -> None:
    path = "/cgi-bin/ticket/getticket"
    first = await rig.ask(path, type="jsapi")
    assert (first["errcode"], first["expires_in"]) == (0, 7200)
    rig.clock.advance(100)
    again = await rig.ask(path, type="jsapi")
    assert (again["ticket"], again["expires_in"]) == (first["ticket"], 7100)
    assert (await rig.ask(path, type="wx_card"))["ticket"] != first["ticket"]
    assert await rig.code(path, type="x") == 40097
    page = {"url": "https://shop.example/a?b=c", "noncestr": "n", "timestamp": "1"}
    signed = sign_page(first["ticket"], nonce="n", timestamp="1", url=f"{page['url']}#d")
    check = f"/accounts/{rig.account.appid}/check-page"
    assert (await rig.control("POST", check, page | {"signature": signed}))["accepted"] is True
    assert (await rig.control("POST", check, page | {"signature": "0" * 40}))["accepted"] is False
    rig.clock.advance(7200)
    assert (await rig.control("POST", check, page | {"signature": signed}))["accepted"] is False


async def test_one_agreement_is_one_message(rig: Rig) -> None:
    shown = await rig.control("GET", f"/accounts/{rig.account.appid}/one-time-template")
    template_id = shown["template_id"]
    query = {
        "action": "get_confirm",
        "appid": rig.account.appid,
        "scene": "7",
        "template_id": template_id,
        "redirect_url": "https://shop.example/done",
        "reserved": "r",
        "person": "5",
    }
    assert (await rig.fetch("/mp/subscribemsg", **query))[0] == 200
    status, _, headers = await rig.fetch("/mp/subscribemsg", **query, confirm="confirm")
    told = parse_qs(urlsplit(headers["Location"]).query)
    assert (status, told["action"], told["openid"]) == (302, ["confirm"], [rig.openid(5)])
    body = {
        "touser": rig.openid(5),
        "template_id": template_id,
        "scene": "7",
        "title": "到货",
        "data": {"content": {"value": "春茶已到"}},
    }
    path = "/cgi-bin/message/template/subscribe"
    assert await rig.code(path, body | {"title": "长" * 16}) == 47003
    assert await rig.code(path, body | {"scene": "8"}) == 43101
    assert await rig.code(path, body) == 0
    assert await rig.code(path, body) == 43101
    [line] = (await rig.control("GET", "/messages", person="5"))["items"]
    assert (line["kind"], line["body"]["text"]) == ("one_time", "春茶已到")
    await rig.fetch("/mp/subscribemsg", **query, confirm="cancel")
    assert await rig.code(path, body) == 43101


async def test_industries_change_once_a_month(rig: Rig) -> None:
    path = "/cgi-bin/template/api_set_industry"
    body = {"industry_id1": "10", "industry_id2": "31"}
    assert await rig.code(path, body | {"industry_id2": "42"}) == 40102
    assert await rig.code(path, body) == 0
    assert await rig.code(path, body) == 43100
    chosen = await rig.ask("/cgi-bin/template/get_industry")
    assert chosen["primary_industry"] == {"first_class": "餐饮", "second_class": "餐饮"}
    assert chosen["secondary_industry"]["first_class"] == "消费品"
    rig.clock.advance(31 * 86_400)
    assert await rig.code(path, body) == 0


async def test_a_callback_check_tells_how_it_went(rig: Rig) -> None:
    await rig.act(0, "follow")
    await rig.settled()
    path = "/cgi-bin/callback/check"
    both = await rig.ask(path, {"action": "all", "check_operator": "DEFAULT"})
    assert both["dns"] == [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}]
    assert both["ping"][0]["package_loss"] == "0%"
    assert set(await rig.ask(path, {"action": "dns", "check_operator": "UNICOM"})) == {"dns"}
    assert await rig.code(path, {"action": "x"}) == 40202
    assert await rig.code(path, {"action": "all", "check_operator": "x"}) == 40203
    await rig.control("PUT", f"/accounts/{rig.account.appid}", {"callback_url": ""})
    assert await rig.code(path, {"action": "all"}) == 40201


async def test_one_path_gets_its_budget_back(rig: Rig) -> None:
    await rig.ask("/cgi-bin/user/get")
    query = {"cgi_path": "/cgi-bin/user/get"}
    before = await rig.ask("/cgi-bin/openapi/quota/get", query)
    assert (before["quota"]["used"], set(before["rate_limit"])) == (1, {"call_count", "refresh_second"})
    assert await rig.code("/cgi-bin/openapi/quota/clear", query) == 0
    assert (await rig.ask("/cgi-bin/openapi/quota/get", query))["quota"]["used"] == 0
    assert await rig.code("/cgi-bin/openapi/quota/clear", {"cgi_path": "/sns/auth"}) == 76022
    assert await rig.code("/cgi-bin/openapi/quota/clear", {"cgi_path": "/no"}) == 76021
