"""HTTP, open to everybody: the way to WeChat or WeCom and back of who opens a public page."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from quanyu.modules.staff.visitors.fans import BACK as FAN_BACK
from quanyu.modules.staff.visitors.fans import FAN_COOKIE, KNOWN, MARK, FanRecognition
from quanyu.modules.staff.visitors.recognition import (
    ASKED,
    BACK,
    PERSON_COOKIE,
    UNKNOWN_COOKIE,
    WAY_LIFE,
    Recognition,
    Visit,
    WayOut,
    is_own_page,
)

_WAY_COOKIE: Final = "quanyu_visitor_way"
_KNOWN_S: Final = 30 * 86_400
_UNKNOWN_S: Final = 3_600  # They may become a customer soon.


_Text = Annotated[str, Query(max_length=800)]


def router(recognition: Recognition) -> APIRouter:
    """Return the route people come back by; it always leads on to the page they wanted."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(BACK)
    async def back(request: Request, to: _Text = "", code: _Text = "", state: _Text = "") -> Response:
        if not is_own_page(to):
            return Response(status_code=404)
        ticket = await recognition.finish(request.cookies.get(_WAY_COOKIE, ""), code=code, state=state)
        answer = RedirectResponse(f"{to}{'&' if '?' in to else '?'}{urlencode({ASKED: 1})}", 303)
        name, value, life = (PERSON_COOKIE, ticket, _KNOWN_S) if ticket else (UNKNOWN_COOKIE, "1", _UNKNOWN_S)
        is_https = request.url.scheme == "https"
        answer.set_cookie(name, value, max_age=life, path="/", httponly=True, samesite="lax", secure=is_https)
        answer.delete_cookie(_WAY_COOKIE, path=BACK)
        return answer

    return routes


def fan_router(fans: FanRecognition) -> APIRouter:
    """Return the route people come back by from the official account's page, with how that went."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(FAN_BACK)
    async def back(request: Request, to: _Text = "", code: _Text = "", state: _Text = "") -> Response:
        if not is_own_page(to):
            return Response(status_code=404)
        came = await fans.finish(request.cookies.get(_WAY_COOKIE, ""), code=code, state=state)
        mark = urlencode({MARK: came.outcome.value})
        answer = RedirectResponse(f"{to}{'&' if '?' in to else '?'}{mark}", 303)
        if came.cookie:
            answer.set_cookie(
                FAN_COOKIE,
                came.cookie,
                max_age=int(KNOWN.total_seconds()),
                path="/",
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )
        answer.delete_cookie(_WAY_COOKIE, path=FAN_BACK)
        return answer

    return routes


def visit_of(request: Request) -> Visit:
    """Return what a request for a page says of its browser."""
    query = request.url.query
    return Visit(
        page=f"{request.url.path}?{query}" if query else request.url.path,
        agent=request.headers.get("user-agent", ""),
        cookies=request.cookies,
        was_asked=ASKED in request.query_params,
        was_marked=MARK in request.query_params,
    )


def lead_away(request: Request, way: WayOut) -> Response:
    """Send a browser to WeChat or WeCom, which sends it back at once."""
    answer = RedirectResponse(way.url, 302, headers={"cache-control": "no-store"})
    answer.set_cookie(
        _WAY_COOKIE,
        way.cookie,
        max_age=int(WAY_LIFE.total_seconds()),
        path=way.back,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer
