"""How the control API reads requests and answers: local callers, JSON, clear complaints."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from wechat_sandbox.world import Unknown

PAGE_MAX = 1000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BadRequest(ValueError):
    """The caller sent something the control API cannot use."""


def guard(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not _is_local(request.remote):
            return answer_json({"error": "the control API answers local callers only"}, status=403)
        if not _is_own(request):
            # A page of another site, or one whose name was bent to lead here.
            return answer_json({"error": "the control API answers its own page only"}, status=403)
        if request.method not in ("GET", "HEAD") and request.content_type != "application/json":
            return answer_json({"error": "send Content-Type: application/json"}, status=415)
        try:
            return await handler(request)
        except BadRequest as error:
            return answer_json({"error": str(error)}, status=400)
        except Unknown as error:
            return answer_json({"error": str(error)}, status=404)

    return guarded


def _is_local(address: str | None) -> bool:
    if not address:
        return True  # A Unix socket or an in-process call.
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def _is_own(request: web.Request) -> bool:
    """Whether a request is meant for this machine and comes from our page, or from no page at all."""
    if not _names_this_machine(request.host):
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (f"http://{request.host}", f"https://{request.host}"):
        return False
    if request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate":
        return True  # A link somewhere leads to our page: the other site cannot read what it shows.
    return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")


def _names_this_machine(authority: str) -> bool:
    try:
        host = urlsplit(f"//{authority}").hostname or "nobody"
        return host == "localhost" or host.endswith(".localhost") or _is_local(host)
    except ValueError:  # Another name than an address, or no authority at all.
        return False


def answer_json(body: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


async def read_body(request: web.Request, allowed: set[str] | None) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = msgspec.json.decode(raw) if raw.strip() else {}
    except msgspec.DecodeError as error:
        raise BadRequest(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("send a JSON object")
    if allowed is not None and (unknown := sorted(set(body) - allowed)):
        raise BadRequest(f"unknown field: {', '.join(unknown)}")
    return body


def read_page(request: web.Request, *, default_after: int = -1) -> tuple[int, int]:
    after = to_number(request.query.get("after", str(default_after)), "after")
    limit = to_number(request.query.get("limit", "100"), "limit")
    if not 1 <= limit <= PAGE_MAX:
        raise BadRequest(f"limit is between 1 and {PAGE_MAX}")
    return after, limit


def to_number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadRequest(f"{name} is a whole number") from error


def to_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name} is a text")
    return value


def required(body: dict[str, Any], name: str) -> str:
    value = to_text(body.get(name, ""), name)
    if not value:
        raise BadRequest(f"{name} is missing")
    return value
