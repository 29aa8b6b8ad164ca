"""Signing in by a one-time link, and who is signed in."""

import hmac
import re
import time
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, field_validator

from quanyu import __version__
from quanyu.app.local_client import BRAND_HEADER
from quanyu.infra import permits
from quanyu.infra.call_pace import CallPace, hold_to
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import (
    Authenticate,
    Caller,
    CurrentCaller,
    ForeignPage,
    LocalCaller,
    RequestUow,
    Unauthenticated,
    is_from_elsewhere,
)
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import encode_id
from quanyu.kernel.permissions import ALL, Permission, Role
from quanyu.modules.tenants.access.api_tokens.service import ApiTokens
from quanyu.modules.tenants.access.cookie import COOKIE, bearer_of, device_of, give_session, token_of
from quanyu.modules.tenants.contracts import Brand
from quanyu.modules.tenants.errors import InvalidLoginCode
from quanyu.modules.tenants.service import Tenants

# For each API token: what a page of lists asks at once, and what a program that walks through pages needs.
_CALLS_BURST: Final = 120
_CALLS_PER_S: Final = 20.0
_OUR_SOURCES: Final = re.compile(r"(quanyu$|official_account:)")


class UserView(BaseModel):
    """Who is signed in."""

    id: str
    name: str
    role: str
    role_name: str | None  # Of a role of the brand's own.


class BrandView(BaseModel):
    """The brand in front of them."""

    id: str
    key: str
    name: str
    time_zone: str
    currency: str


class SessionView(BaseModel):
    """The console's first question: who, where, when."""

    user: UserView
    permissions: list[Permission]
    brand: BrandView
    demo: bool
    version: str
    now: str
    clock_rate: float


class LoginLink(BaseModel):
    """A link that signs in once."""

    url: str


class NewWriteKey(BaseModel):
    """What to call a new write key, and the source its events come from."""

    name: str
    source: str

    @field_validator("source")
    @classmethod
    def _not_ours(cls, source: str) -> str:
        # An event's key is its source with its id: under our own names it could pass for a fact of ours.
        if _OUR_SOURCES.match(source.strip()):
            raise ValueError(f"{source!r} is a name the platform itself writes under")
        return source


class WriteKeyView(BaseModel):
    """A write key without its secret."""

    id: str
    name: str
    source: str
    key_masked: str
    created_at: str


class TrackingSettings(BaseModel):
    """Where programs send events, and with which keys."""

    endpoint: str
    write_keys: list[WriteKeyView]


class MadeWriteKey(BaseModel):
    """A new write key: the only time the secret is shown."""

    write_key: str
    endpoint: str


def authenticator(
    tenants: Tenants, uows: UnitOfWorkFactory, local_token: str, brand: Brand, *, public_url: str
) -> Authenticate:
    """Return what tells callers apart: the session cookie, or a bearer token (session, API, or local)."""
    public_host = urlsplit(public_url).netloc
    api_tokens = ApiTokens()
    pace = CallPace(burst=_CALLS_BURST, per_s=_CALLS_PER_S, monotonic_s=time.monotonic)

    async def authenticate(request: Request) -> Caller:
        token = bearer_of(request)
        if not token:
            token = request.cookies.get(COOKIE, "")
            if token and is_from_elsewhere(request, public_host):
                raise ForeignPage(
                    "this request comes from a page of another site", message_zh="该请求来自其他网站的页面"
                )
        if found := await api_tokens.find_caller(uows, token):
            hold_to(request, pace.take(found[0]))
            return found[1]
        if token and hmac.compare_digest(token.encode(), local_token.encode()):
            key = request.headers.get(BRAND_HEADER)
            chosen = await tenants.brand_by_key(uows, key) if key else brand
            return Caller(chosen.tenant_id, 0, "local", is_local=True, role=Role.OWNER, permissions=ALL)
        user = await tenants.find_user_of_session(uows, token) if token else None
        if user is None:
            raise Unauthenticated(
                "sign in first: run `quanyu login` for a link",
                message_zh="请先登录：运行 `quanyu login` 获取登录链接",
            )
        return Caller(user.tenant_id, user.user_id, user.name, role=user.role, permissions=user.permissions)

    return authenticate


def router(tenants: Tenants, uows: UnitOfWorkFactory, clock: SystemClock, public_url: str) -> APIRouter:
    """Return the routes of signing in, the session and tracking settings."""
    routes = APIRouter()
    _add_login(routes, tenants, uows, public_url)
    _add_session(routes, tenants, clock, public_url)
    _add_tracking_settings(routes, tenants, public_url)
    return routes


def _add_login(routes: APIRouter, tenants: Tenants, uows: UnitOfWorkFactory, public_url: str) -> None:
    @routes.get("/login", include_in_schema=False)
    async def login(request: Request, code: Annotated[str, Query(max_length=200)]) -> Response:
        try:
            token = await tenants.login(uows, code, device_of(request))
        except InvalidLoginCode:
            return RedirectResponse("/?login=expired", 303)
        answer = RedirectResponse("/", 303)
        give_session(answer, token, public_url=public_url)
        return answer

    @routes.post("/api/v1/session/logout", status_code=204, tags=["session"], dependencies=[permits.PERSON])
    async def logout(request: Request, uow: RequestUow) -> Response:
        await tenants.logout(uow, token_of(request))
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        return answer


def _add_session(routes: APIRouter, tenants: Tenants, clock: SystemClock, public_url: str) -> None:
    @routes.get("/api/v1/session", tags=["session"], dependencies=[permits.SIGNED_IN])
    async def session(caller: CurrentCaller, uow: RequestUow) -> SessionView:
        brand = await tenants.get_brand(uow)
        return SessionView(
            user=UserView(
                id=encode_id("usr", caller.user_id),
                name=caller.name,
                role=caller.role,
                role_name=await tenants.find_role_name(uow, caller.role),
            ),
            permissions=sorted(caller.permissions),
            brand=BrandView(
                id=encode_id("brd", brand.tenant_id),
                key=brand.key,
                name=brand.name,
                time_zone=brand.time_zone,
                currency=brand.currency,
            ),
            demo=brand.is_demo,
            version=__version__,
            now=clock.now().isoformat(),
            clock_rate=clock.rate,
        )

    @routes.post("/api/v1/session/links", tags=["session"], dependencies=[permits.ACCESS])
    async def make_link(caller: LocalCaller, uow: RequestUow) -> LoginLink:
        user = await tenants.ensure_user(uow, "admin")
        return LoginLink(url=f"{public_url}/login?code={await tenants.make_login_code(uow, user)}")


def _add_tracking_settings(routes: APIRouter, tenants: Tenants, public_url: str) -> None:
    @routes.get("/api/v1/settings/tracking", tags=["settings"], dependencies=[permits.SETTINGS])
    async def tracking(uow: RequestUow) -> TrackingSettings:
        keys = [
            WriteKeyView(
                id=encode_id("wk", key.key_id),
                name=key.name,
                source=key.source,
                key_masked=key.hint,
                created_at=key.created_at.isoformat(),
            )
            for key in await tenants.list_write_keys(uow)
        ]
        return TrackingSettings(endpoint=f"{public_url}/v1/batch", write_keys=keys)

    @routes.post(
        "/api/v1/settings/tracking", status_code=201, tags=["settings"], dependencies=[permits.SETTINGS]
    )
    async def make_key(wanted: NewWriteKey, uow: RequestUow) -> MadeWriteKey:
        secret = await tenants.make_write_key(uow, name=wanted.name[:80], source=wanted.source[:80])
        return MadeWriteKey(write_key=secret, endpoint=f"{public_url}/v1/batch")
