"""Who looks at a page: in the app, by login in a browser, members and outsiders."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from contract.sandbox.wecom.corp import AGENT, Company
from wechat_sandbox.state.wecom.corp import agent_scope

APP = agent_scope(AGENT)
PAGE = "https://shop.example/side?x=1"


async def look(company: Company, path: str = "/connect/oauth2/authorize", **query: str) -> dict[str, str]:
    """Return the query somebody is led back with, nothing when they are not."""
    asked = {
        "appid": company.corp.corpid,
        "redirect_uri": PAGE,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s-1",
    }
    status, _, headers = await company.rig.fetch(path, **(asked | query))
    if status != 302:
        return {}
    parts = urlsplit(headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://shop.example/side"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


async def identity(company: Company, code: str, path: str = "/auth/getuserinfo") -> dict[str, Any]:
    return await company.call(path, by=APP, code=code)


async def test_a_member_is_known_by_a_code_once(company: Company) -> None:
    back = await look(company, member="staff01")
    assert (back["x"], back["state"]) == ("1", "s-1")
    answer = await identity(company, back["code"])
    assert (answer["errcode"], answer["userid"]) == (0, "staff01")
    assert "user_ticket" not in answer
    assert (await identity(company, back["code"]))["errcode"] == 42022
    late = (await look(company, member="staff01"))["code"]
    company.rig.clock.advance(300)
    assert (await identity(company, late))["errcode"] == 42003
    assert (await identity(company, "nonsense"))["errcode"] == 40029


async def test_the_spelling_of_old_answers_too(company: Company) -> None:
    code = (await look(company, member="staff01"))["code"]
    answer = await identity(company, code, "/user/getuserinfo")
    assert (answer["UserId"], "DeviceId" in answer) == ("staff01", True)
    outside = (await look(company, person="3"))["code"]
    assert "OpenId" in await identity(company, outside, "/user/getuserinfo")


async def test_an_outsider_is_an_openid_and_maybe_a_customer(company: Company) -> None:
    answer = await identity(company, (await look(company, person="3"))["code"])
    assert (set(answer), answer["openid"][0]) == ({"errcode", "errmsg", "openid"}, "o")
    external = await company.add(3, "staff01")
    answer = await identity(company, (await look(company, person="3"))["code"])
    assert answer["external_userid"] == external
    paid = await company.ok("/externalcontact/convert_to_openid", {"external_userid": external})
    assert paid["openid"] == answer["openid"]


async def test_private_data_is_asked_for(company: Company) -> None:
    private = {"scope": "snsapi_privateinfo", "agentid": str(AGENT), "member": "staff01"}
    assert await look(company, **private) == {}  # A page asks first.
    assert "code" not in await look(company, **private, confirm="0")
    answer = await identity(company, (await look(company, **private, confirm="1"))["code"])
    ticket = {"user_ticket": answer["user_ticket"]}
    detail = await company.ok("/auth/getuserdetail", ticket, by=APP)
    assert (detail["userid"], detail["mobile"], detail["gender"] in ("1", "2")) == (
        "staff01",
        "13900000000",
        True,
    )
    company.rig.clock.advance(1800)
    assert await company.code("/auth/getuserdetail", ticket, by=APP) == 84014
    assert await company.code("/auth/getuserdetail", {"user_ticket": "x"}, by=APP) == 84015
    without = {"scope": "snsapi_privateinfo", "member": "staff01"}
    assert await look(company, **without) == {}


async def test_a_browser_logs_in_by_code(company: Company) -> None:
    query = {"login_type": "CorpApp", "agentid": str(AGENT)}
    status, body, _ = await company.rig.fetch(
        "/wwlogin/sso/login", appid=company.corp.corpid, redirect_uri=PAGE, **query
    )
    assert (status, b"member=staff01" in body) == (200, True)  # One chooses who scans.
    back = await look(company, "/wwlogin/sso/login", member="staff02", **query)
    assert (await identity(company, back["code"]))["userid"] == "staff02"
    assert await look(company, "/wwlogin/sso/login", member="staff02", agentid="7") == {}


async def test_a_code_belongs_to_its_app_and_members_to_their_scope(company: Company) -> None:
    other = (await company.control("POST", "/agents", {"name": "第二"}))["agentid"]
    code = (await look(company, member="staff01", agentid=str(AGENT)))["code"]
    answer = await company.call("/auth/getuserinfo", by=agent_scope(other), code=code)
    assert answer["errcode"] == 40029
    await company.control("PUT", f"/agents/{AGENT}", {"users": ["staff02"]})
    code = (await look(company, member="staff01"))["code"]
    assert (await identity(company, code))["errcode"] == 60011


async def test_pages_are_led_back_to_the_trusted_domain_alone(company: Company) -> None:
    await company.control("PUT", f"/agents/{AGENT}", {"redirect_domain": "other.example"})
    assert await look(company, member="staff01", agentid=str(AGENT)) == {}
    await company.control("PUT", f"/agents/{AGENT}", {"redirect_domain": "shop.example"})
    assert "code" in await look(company, member="staff01", agentid=str(AGENT))
    assert await look(company, member="staff01", scope="snsapi_userinfo") == {}
    assert await look(company, member="staff01", state="a b") == {}


async def test_accounts_are_still_authorized_by_their_appid(company: Company) -> None:
    account = company.rig.account
    back = await look(company, appid=account.appid, person="3", state="s1")
    assert back["state"] == "s1"
    query = {"appid": account.appid, "secret": account.secret, "grant_type": "authorization_code"}
    tokens = await company.rig.get("/sns/oauth2/access_token", code=back["code"], **query)
    assert tokens["openid"] == company.rig.openid(3)
