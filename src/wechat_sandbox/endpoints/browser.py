"""Pages for a person's browser inside WeChat: who they are, where they are led back to."""

from collections.abc import Mapping
from html import escape
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wechat_sandbox.endpoints.registry import Reply
from wechat_sandbox.world import World

PERSON_COOKIE = "wechat_sandbox_person"


class BrowserCall(Protocol):
    """What a page needs to know of a call, to whichever platform."""

    @property
    def query(self) -> Mapping[str, str]: ...

    @property
    def cookies(self) -> Mapping[str, str]: ...

    @property
    def world(self) -> World: ...


def person_of_call(call: BrowserCall) -> int | None:
    """Return who sits before the browser: ``person`` of the query, else of the cookie."""
    named = call.query.get("person") or call.cookies.get(PERSON_COOKIE, "")
    return int(named) if named.isdecimal() and int(named) < call.world.people else None


def redirect(address: str, added: Mapping[str, str]) -> Reply:
    """Lead back to an address of the account with more in its query; the fragment stays."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return page("redirect_uri 参数错误", status=400)
    query = parse_qsl(parts.query, keep_blank_values=True) + list(added.items())
    target = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), parts.fragment))
    return Reply(status=302, headers={"Location": target})


def page(text: str, *, status: int = 200, is_html: bool = False) -> Reply:
    """Return a small page."""
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    inside = text if is_html else escape(text)
    return Reply(
        body=f"{head}<p>{inside}</p>".encode(), status=status, content_type="text/html; charset=utf-8"
    )
