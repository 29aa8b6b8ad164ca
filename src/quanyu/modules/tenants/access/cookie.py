"""The session in a browser: its cookie, and what is noted of the device."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from quanyu.infra.web import ForeignPage, is_from_elsewhere
from quanyu.modules.tenants.contracts import Device
from quanyu.modules.tenants.service import SESSION_LIFE

COOKIE: Final = "quanyu_session"


def give_session(answer: Response, token: str, *, public_url: str) -> None:
    """Let a browser keep a session; scripts cannot read it, pages of others cannot send it along."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=public_url.startswith("https:"),
    )
    answer.headers["cache-control"] = "no-store"


def bearer_of(request: Request) -> str:
    """Return the bearer token of a request, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def token_of(request: Request) -> str:
    """Return the token a request carries: as bearer or in the cookie."""
    return bearer_of(request) or request.cookies.get(COOKIE, "")


def device_of(request: Request) -> Device:
    """Return what a session notes of the device it was opened on."""
    return Device(
        user_agent=request.headers.get("user-agent", "")[:300],
        address=request.client.host if request.client else "",
    )


def refuse_foreign_page(request: Request, public_url: str) -> None:
    """Keep pages of others from signing a browser in as somebody of their choice.

    Raises:
        ForeignPage
    """
    if is_from_elsewhere(request, urlsplit(public_url).netloc):
        raise ForeignPage(
            "this request comes from a page of another site", message_zh="该请求来自其他网站的页面"
        )
