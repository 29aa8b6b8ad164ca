"""Who looks: pages in the app, login by code in a browser, and the identity behind a code.

On the pages ``member`` of the query or the cookie ``wechat_sandbox_member`` says which member looks,
``person`` which outsider; without either the page lets one choose.
Source: official pages 91022, 91023, 98152.
"""

import re
from html import escape
from urllib.parse import urlencode, urlsplit

from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.endpoints.browser import page, person_of_call, redirect
from wechat_sandbox.endpoints.registry import Call, Reply
from wechat_sandbox.endpoints.wecom.member_rules import member_body
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.corp import Agent, Corp
from wechat_sandbox.state.wecom.corp_oauth import BASE, PRIVATE, CorpCode, CorpOAuth
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.wire.errors import PlatformError

MEMBER_COOKIE = "wechat_sandbox_member"
_STATE = re.compile(r"[A-Za-z0-9_\-.~]{0,128}\Z")
_SHOWN = 30
_PRIVATE_FIELDS = ("gender", "avatar", "qr_code", "mobile", "email", "biz_mail", "address")


@WECOM.page("/wwlogin/sso/login")
def log_in(call: CorpCall) -> Reply:
    """The page on login.work.weixin.qq.com, where a member scans to log in to a site."""
    corp = call.world.corps.find(call.query.get("appid", ""))
    if corp is None or call.query.get("login_type", "CorpApp") != "CorpApp":
        return page("appid 参数错误", status=400)
    agent = _agent(corp, call.query.get("agentid", ""))
    if agent is None:
        return page("agentid 参数错误", status=400)
    problem = _find_problem(call, agent)
    return page(problem, status=400) if problem else _lead_back(call, corp, agent, BASE, asks=False)


def authorize(call: Call, corp: Corp) -> Reply:
    """The page on open.weixin.qq.com, where the id of a company stands for an account's."""
    scope = call.query.get("scope", "")
    agent = _agent(corp, call.query.get("agentid", ""))
    if call.query.get("response_type") != "code" or scope not in (BASE, PRIVATE):
        return page("Scope 参数错误或没有 Scope 权限 (10005)", status=400)
    if scope == PRIVATE and agent is None:
        return page("agentid 参数错误", status=400)
    problem = _find_problem(call, agent or corp.agents[0])
    return page(problem, status=400) if problem else _lead_back(call, corp, agent, scope, asks=True)


@WECOM.get("/auth/getuserinfo", counted=False)
def read_identity(call: CorpCall) -> Answer:
    """Return the member behind a code, or the openid of an outsider and who they are as a customer."""
    code = _take(call)
    if code.userid:
        answer: dict[str, object] = {"userid": _seen(call, code.userid)}
        if code.scope == PRIVATE:
            answer["user_ticket"] = _ticket(call, code.userid)
        return answer
    customers = Customers(call.world, call.corp)
    external = customers.external_of(code.person)
    answer = {"openid": customers.openid_of(external)}
    is_customer = bool(customers.links_to(external.external_userid))
    return answer | ({"external_userid": external.external_userid} if is_customer else {})


@WECOM.get("/user/getuserinfo", counted=False)
def read_identity_of_old(call: CorpCall) -> Answer:
    """The same in the spelling of old."""
    code = _take(call)
    device: dict[str, object] = {"DeviceId": ""}
    if not code.userid:
        customers = Customers(call.world, call.corp)
        return device | {"OpenId": customers.openid_of(customers.external_of(code.person))}
    answer = device | {"UserId": _seen(call, code.userid)}
    if code.scope == PRIVATE:
        answer |= {"user_ticket": _ticket(call, code.userid), "expires_in": 1800}
    return answer


@WECOM.post("/auth/getuserdetail", right=Right.AGENT)
def read_private(call: CorpCall) -> Answer:
    """Return what a member allowed the app to see."""
    ticket = CorpOAuth(call.world, call.corp).find_ticket(
        call.text("user_ticket", missing=84015), _number(call), call.at
    )
    member = call.directory.find(ticket.userid)
    if member is None:
        raise PlatformError(60111)
    agent = call.agent
    assert agent is not None
    whole = member_body(call, member, told_all=True)
    return {"userid": member.userid} | {name: whole[name] for name in _PRIVATE_FIELDS if whole[name]}


def _find_problem(call: "Call | CorpCall", agent: Agent) -> str:
    if not _STATE.match(call.query.get("state", "")):
        return "state 参数错误"
    parts = urlsplit(call.query.get("redirect_uri", ""))
    trusted = agent.redirect_domain  # With its port, unless that is the usual one.
    if not parts.hostname or (trusted and trusted not in (parts.netloc, parts.hostname)):
        return "redirect_uri 与配置的授权完成回调域名不一致 (50001)"
    return ""


def _lead_back(call: "Call | CorpCall", corp: Corp, agent: Agent | None, scope: str, *, asks: bool) -> Reply:
    """Lead back with a code, once it is known who looks and, for private data, that they allow it."""
    directory = Directory(call.world.store, corp)
    named = call.query.get("member") or call.cookies.get(MEMBER_COOKIE, "")
    member = directory.find(named) if named else None
    person = person_of_call(call) if asks else None
    if member is None and person is None:
        return _choose(call, directory, with_people=asks)
    confirmed = call.query.get("confirm", "")
    if scope == PRIVATE and member is not None and confirmed not in ("0", "1"):
        return _ask(call, corp, member.userid)
    back = {"state": call.query.get("state", "")}
    if confirmed == "0":
        return redirect(call.query["redirect_uri"], back)
    at = call.at
    code = CorpCode(
        scope=scope,
        issued_at=at,
        userid=member.userid if member else "",
        person=-1 if member or person is None else person,
        agentid=agent.agentid if agent else 0,
    )
    value = CorpOAuth(call.world, corp).issue(code)
    return redirect(call.query["redirect_uri"], {"code": value} | back)


def _choose(call: "Call | CorpCall", directory: Directory, *, with_people: bool) -> Reply:
    def link(name: str, value: str, text: str) -> str:
        address = f"{call.path}?{urlencode(dict(call.query) | {name: value})}"
        return f'<a href="{escape(address)}">{escape(text)}</a>'

    links = [link("member", one.userid, one.name) for one in directory.members()[:_SHOWN]]
    if with_people:
        seed, people = call.world.seed, call.world.people
        links += [
            link("person", str(index), make_person(seed, index, people).nickname)
            for index in range(min(people, _SHOWN))
        ]
    return page(" ".join(links), is_html=True)


def _ask(call: "Call | CorpCall", corp: Corp, userid: str) -> Reply:
    def link(answer: str, text: str) -> str:
        query = urlencode(dict(call.query) | {"member": userid, "confirm": answer})
        return f'<a href="{escape(f"{call.path}?{query}")}">{text}</a>'

    asked = f"{escape(corp.name)} 的应用申请获取你的头像、手机号等信息"
    return page(f"{asked} {link('1', '允许')} {link('0', '拒绝')}", is_html=True)


def _agent(corp: Corp, number: str) -> Agent | None:
    return corp.find_agent(int(number)) if number.isdecimal() else None


def _take(call: CorpCall) -> CorpCode:
    return CorpOAuth(call.world, call.corp).take(call.query.get("code", ""), _number(call), call.at)


def _ticket(call: CorpCall, userid: str) -> str:
    return CorpOAuth(call.world, call.corp).new_ticket(userid, _number(call), call.at)


def _number(call: CorpCall) -> int:
    return call.agent.agentid if call.agent else 0


def _seen(call: CorpCall, userid: str) -> str:
    """Return a member's id; one out of the app's scope is nobody it may know (60011)."""
    return call.member(userid).userid
