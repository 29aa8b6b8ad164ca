"""How a call to 企业微信 is checked and dispatched.

Order: path, verb, token, the caller's address, the right of the secret, frequency, then the endpoint's own
rules. Source: official pages 90312 (frequency) and 90313 (errors).
"""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from wechat_sandbox.clock import Clock
from wechat_sandbox.endpoints.registry import NOT_FOUND, Reply, Request
from wechat_sandbox.endpoints.wecom.registry import (
    JSON_TYPE,
    WECOM,
    CorpCall,
    CorpEndpoint,
    CorpRegistry,
    Right,
)
from wechat_sandbox.pace import PaceBook
from wechat_sandbox.state.wecom.corp import ARCHIVE, CONTACTS, CUSTOMERS, KF, Corp
from wechat_sandbox.wire.corp_texts import TEXTS
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.multipart import Form, InvalidMultipart, is_multipart, parse_form
from wechat_sandbox.world import World

MINUTE, HOUR = 60, 3600
API_PER_MINUTE, API_PER_HOUR = 10_000, 150_000
IP_PER_MINUTE, IP_PER_HOUR = 20_000, 600_000
_BROKEN = " Warning: wrong json format. "
_LINK = "https://open.work.weixin.qq.com/devtool/query?e="


class CorpDesk:
    """Answers calls of companies."""

    def __init__(self, world: World, clock: Clock, registry: CorpRegistry = WECOM) -> None:
        self.world = world
        self.clock = clock
        self.registry = registry
        self.paces = PaceBook()
        self.calls: dict[str, int] = {}
        self.errors: dict[str, int] = {}

    def answer(self, request: Request) -> Reply:
        """Return what the platform answers; a path it does not know is a 404 without a body."""
        endpoint = self.registry.find(request.path)
        if endpoint is None:
            return NOT_FOUND
        body: dict[str, Any] = {}
        form, broken = Form(), False
        try:
            if request.method == "POST":
                body, form, broken = _parse(request)
            answer = self._run(endpoint, request, body, form)
        except PlatformError as error:
            return self.refuse(error, request, broken=broken)
        if isinstance(answer, Reply):
            return answer
        return _reply({"errcode": 0, "errmsg": "ok"} | dict(answer))

    def refuse(self, error: PlatformError, request: Request, *, broken: bool = False) -> Reply:
        """Return an error as the platform writes it."""
        name = f"{request.path} {error.code}"
        if name in self.errors or len(self.errors) < 1000:
            self.errors[name] = self.errors.get(name, 0) + 1
        what = TEXTS.get(error.code, "unknown error") + (f" {error.detail}" if error.detail else "")
        hint = f"hint: [{int(self.clock.now())}_{secrets.randbelow(90) + 10}_{secrets.token_hex(16)}]"
        text = f"{what}, {hint}, from ip: {request.remote or '127.0.0.1'}, more info at {_LINK}{error.code}"
        return _reply({"errcode": error.code, "errmsg": text + (_BROKEN if broken else "")} | error.extra)

    # What a door asks on behalf of faults

    def owner_of(self, request: Request) -> str:
        """Return the corpid a call is about: by its token, or by the id it names."""
        corp = self.world.corps.owner_of(request.query.get("access_token", ""))
        named = request.query.get("corpid", "")
        return corp.corpid if corp else named if named in self.world.corps else ""

    def revoke(self, owner: str) -> None:
        """End all tokens of a company at once."""
        corp = self.world.corps.find(owner)
        if corp is not None:
            self.world.corps.tokens[owner].void()
            self.world.corps.save_tokens(corp)

    def exhaust_quota(self, owner: str, path: str) -> None:
        """Spend what is left of a call for this hour."""
        key, at = f"hour:{owner}:{path}", self.clock.now()
        self.paces.fill(key, at=at, seconds=HOUR, limit=API_PER_HOUR)

    # Inside

    def _run(
        self, endpoint: CorpEndpoint, request: Request, body: dict[str, Any], form: Form
    ) -> Mapping[str, object] | Reply:
        at = self.clock.now()
        self.calls[endpoint.path] = self.calls.get(endpoint.path, 0) + 1
        if request.method not in endpoint.methods:
            raise PlatformError(40063, f"require {' or '.join(sorted(endpoint.methods))} method")
        corp, scope = self._sign_in(request, at) if endpoint.needs_token else (None, "")
        if corp is not None:
            _check_address(corp, scope, request.remote)
            _check_right(corp, scope, endpoint.right)
        if endpoint.counted:
            self._count(corp, endpoint, request, at)
        call = CorpCall(
            world=self.world,
            desk=self,
            path=request.path,
            query=request.query,
            body=body,
            form=form,
            cookies=request.cookies,
            headers=request.headers,
            remote=request.remote,
            at=at,
            signed_in=corp,
            scope=scope,
        )
        return endpoint.handler(call)

    def _sign_in(self, request: Request, at: float) -> tuple[Corp, str]:
        token = request.query.get("access_token", "")
        if not token:
            raise PlatformError(41001)
        corp = self.world.corps.owner_of(token)
        if corp is None:
            raise PlatformError(40014)
        return corp, self.world.corps.tokens[corp.corpid].check(token, at)

    def _count(self, corp: Corp | None, endpoint: CorpEndpoint, request: Request, at: float) -> None:
        limits = [(f"ip:{request.remote}", IP_PER_MINUTE, IP_PER_HOUR)]
        if corp is not None:
            limits.append((f"{corp.corpid}:{endpoint.path}", API_PER_MINUTE, API_PER_HOUR))
        for key, per_minute, per_hour in limits:
            self.paces.count(f"minute:{key}", at=at, seconds=MINUTE, limit=per_minute, code=45009)
            self.paces.count(f"hour:{key}", at=at, seconds=HOUR, limit=per_hour, code=45009)


def _check_address(corp: Corp, scope: str, remote: str) -> None:
    agent = corp.agent_of(scope)
    if agent is not None and agent.trusted_ips and remote not in agent.trusted_ips:
        raise PlatformError(60020)


def _check_right(corp: Corp, scope: str, right: Right) -> None:
    """Refuse tokens of the wrong secret: 48002, 50003 for an app that is switched off."""
    agent = corp.agent_of(scope)
    if agent is not None and agent.closed:
        raise PlatformError(50003)
    allowed = {
        Right.ANY: True,
        Right.AGENT: agent is not None,
        Right.READ_CONTACTS: agent is not None or scope == CONTACTS,
        Right.WRITE_CONTACTS: agent.writes_contacts if agent else scope == CONTACTS,
        Right.CUSTOMERS: agent.calls_customers if agent else scope == CUSTOMERS,
        Right.KF: agent.calls_kf if agent else scope == KF,
        Right.ARCHIVE: scope == ARCHIVE,
    }
    if not allowed[right]:
        raise PlatformError(48002)


def _parse(request: Request) -> tuple[dict[str, Any], Form, bool]:
    """Return the body, the form and whether the JSON was broken, which counts as no body at all."""
    if is_multipart(request.content_type):
        try:
            return {}, parse_form(request.content_type, request.raw), False
        except InvalidMultipart:
            return {}, Form(), False
    if not request.raw.strip():
        return {}, Form(), False
    try:
        body = msgspec.json.decode(request.raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}, Form(), True
    return (body, Form(), False) if isinstance(body, dict) else ({}, Form(), True)


def _reply(body: Mapping[str, object]) -> Reply:
    # The message goes into a header as well, where only Latin letters fit.
    text = str(body["errmsg"]).encode("latin-1", "replace").decode("latin-1").replace("\n", " ")
    headers = {"Error-Code": str(body["errcode"]), "Error-Msg": text}
    return Reply(body=msgspec.json.encode(body), content_type=JSON_TYPE, headers=headers)
