"""OAuth of people on web pages: the authorize page, tokens and profiles."""

import hmac
import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from wechat_sandbox.accounts import Account, AccountKind
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.endpoints.browser import page, person_of_call, redirect
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, Reply
from wechat_sandbox.endpoints.wecom.oauth import authorize as authorize_corp
from wechat_sandbox.state.oauth import BASE, USERINFO, Grant, OAuth
from wechat_sandbox.wire.errors import PlatformError

_STATE = re.compile(r"[A-Za-z0-9]{0,128}\Z")
_PEOPLE_SHOWN = 30


@REGISTRY.get("/connect/oauth2/authorize", needs_token=False)
def authorize(call: Call) -> Reply:
    """The page on open.weixin.qq.com: leads back with a code.

    Who they are says ``person`` in the query or the cookie ``wechat_sandbox_person``; without either
    the page lets one choose. ``snsapi_userinfo`` asks first, unless ``confirm=1``; a refusal leads back
    without a code.
    """
    corp = call.world.corps.find(call.query.get("appid", ""))
    if corp is not None:
        return authorize_corp(call, corp)
    problem = _find_problem(call)
    if problem:
        return page(problem, status=400)
    account = call.world.accounts[call.query["appid"]]
    person = person_of_call(call)
    if person is None:
        return _choose_person(call)
    scope, answer = call.query["scope"], call.query.get("confirm", "")
    if scope == USERINFO and answer not in ("0", "1"):
        return _ask(call, account, person)
    back = {"state": call.query.get("state", "")}
    if answer == "0":
        return redirect(call.query["redirect_uri"], back)
    snapshot = call.query.get("snapshot") == "1"
    code = OAuth(call.world).issue_code(account, person, scope, call.at, snapshot=snapshot)
    return redirect(call.query["redirect_uri"], {"code": code} | back)


@REGISTRY.get("/sns/oauth2/access_token", needs_token=False)
def exchange(call: Call) -> Mapping[str, object]:
    account = _find_account(call)
    secret = call.query.get("secret", "")
    if not secret:
        raise PlatformError(41004)
    if not hmac.compare_digest(account.secret.encode(), secret.encode()):
        raise PlatformError(40125)
    if call.query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    code = call.query.get("code", "")
    if not code:
        raise PlatformError(41008)
    grant = OAuth(call.world).exchange(account, code, call.at)
    return _tokens(call, grant) | _identity(call, grant)


@REGISTRY.get("/sns/oauth2/refresh_token", needs_token=False)
def refresh(call: Call) -> Mapping[str, object]:
    account = _find_account(call)
    if call.query.get("grant_type") != "refresh_token":
        raise PlatformError(40002)
    token = call.query.get("refresh_token", "")
    if not token:
        raise PlatformError(41003)
    return _tokens(call, OAuth(call.world).refresh(account, token, call.at))


@REGISTRY.get("/sns/userinfo", needs_token=False)
def profile(call: Call) -> Mapping[str, object]:
    """Return who someone is; sex and place have been empty since 2021."""
    grant = _check(call)
    if grant.scope != USERINFO:
        raise PlatformError(48001)
    person = make_person(call.world.seed, grant.person, call.world.people)
    relation = call.world.get_relation(call.world.get_account(grant.appid), grant.person)
    picture = f"{call.world.public_url}/mmopen/{grant.person}/132"
    answer: dict[str, object] = {
        "openid": relation.openid,
        "nickname": "微信用户" if grant.snapshot else person.nickname,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": picture,
        "privilege": [],
    }
    return answer | ({"unionid": relation.unionid} if relation.unionid else {})


@REGISTRY.get("/sns/auth", needs_token=False)
def check_token(call: Call) -> Mapping[str, object]:
    _check(call)
    return OK


def _find_problem(call: Call) -> str:
    """Return what is wrong with a request to authorize, in the words of the platform's page."""
    account = call.world.accounts.get(call.query.get("appid", ""))
    if account is None:
        return "appid 参数错误"
    if account.kind is not AccountKind.SERVICE or not account.certified:
        return "该公众号没有网页授权权限 (10005)"
    if call.query.get("response_type") != "code" or call.query.get("scope") not in (BASE, USERINFO):
        return "Scope 参数错误或没有 Scope 权限 (10005)"
    if not _STATE.match(call.query.get("state", "")):
        return "state 参数错误"
    host = urlsplit(call.query.get("redirect_uri", "")).hostname
    if not host or (account.oauth_domain and host != account.oauth_domain):
        return "redirect_uri 参数错误 (10003)"
    return ""


def _choose_person(call: Call) -> Reply:
    query = dict(call.query)
    links = []
    for index in range(min(call.world.people, _PEOPLE_SHOWN)):
        name = escape(make_person(call.world.seed, index, call.world.people).nickname)
        address = escape(f"{call.path}?{urlencode(query | {'person': str(index)})}")
        links.append(f'<a href="{address}">{name}</a>')
    return page(" ".join(links), is_html=True)


def _ask(call: Call, account: Account, person: int) -> Reply:
    def link(answer: str, text: str) -> str:
        query = urlencode(dict(call.query) | {"person": str(person), "confirm": answer})
        return f'<a href="{escape(f"{call.path}?{query}")}">{text}</a>'

    asked = f"{escape(account.name)} 申请获取你的昵称、头像"
    return page(f"{asked} {link('1', '允许')} {link('0', '拒绝')}", is_html=True)


def _find_account(call: Call) -> Account:
    appid = call.query.get("appid", "")
    if not appid:
        raise PlatformError(41002)
    account = call.world.accounts.get(appid)
    if account is None:
        raise PlatformError(40013)
    return account


def _check(call: Call) -> Grant:
    token = call.query.get("access_token", "")
    if not token:
        raise PlatformError(41001)
    grant = OAuth(call.world).check(token, call.at)
    account = call.world.get_account(grant.appid)
    if call.world.get_relation(account, grant.person).openid != call.query.get("openid"):
        raise PlatformError(40003)
    return grant


def _tokens(call: Call, grant: Grant) -> dict[str, object]:
    relation = call.world.get_relation(call.world.get_account(grant.appid), grant.person)
    return {
        "access_token": grant.access_token,
        "expires_in": max(0, int(grant.expires_at - call.at)),
        "refresh_token": grant.refresh_token,
        "openid": relation.openid,
        "scope": grant.scope,
    }


def _identity(call: Call, grant: Grant) -> dict[str, object]:
    relation = call.world.get_relation(call.world.get_account(grant.appid), grant.person)
    answer: dict[str, object] = {"is_snapshotuser": 1} if grant.snapshot else {}
    if grant.scope == USERINFO and relation.unionid:
        answer["unionid"] = relation.unionid
    return answer
