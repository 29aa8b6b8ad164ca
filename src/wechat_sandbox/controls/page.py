"""Serving the page on which a person plays a customer by hand."""

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wechat_sandbox.controls.base import ControlPart, Route

if TYPE_CHECKING:
    from wechat_sandbox.sandbox import Sandbox

PAGE: Final = "/sandbox/web/"
_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
# Pictures may come from the product; everything else is ours. Nobody may frame the page.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src 'self' data: blob: http: https:; media-src 'self' data: blob: http: https:;"
        " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Page(ControlPart):
    """The files of the page, read once."""

    def __init__(self, sandbox: "Sandbox") -> None:
        super().__init__(sandbox)
        self._files = {
            entry.name: (entry.read_bytes(), _TYPES[entry.name.rpartition(".")[2]])
            for entry in files("wechat_sandbox.web").joinpath("static").iterdir()
            if entry.name.rpartition(".")[2] in _TYPES
        }

    def routes(self) -> list[Route]:
        return [
            ("GET", "/web", self.redirect),
            ("GET", "/web/", self.front),
            ("GET", "/web/{name}", self.file),
        ]

    async def redirect(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(PAGE)

    async def front(self, request: web.Request) -> web.StreamResponse:
        return self._answer("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self._answer(request.match_info["name"])

    def _answer(self, name: str) -> web.Response:
        found = self._files.get(name)
        if found is None:
            return web.Response(status=404)
        content, content_type = found
        return web.Response(body=content, content_type=content_type, charset="utf-8", headers=_HEADERS)


PART = Page
