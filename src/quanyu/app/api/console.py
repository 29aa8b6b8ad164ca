"""Serving the built console: files as they are, every other path a browser goes to the page itself."""

import mimetypes
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.convertors import Convertor, register_url_convertor

_NOT_BUILT: Final = """<!doctype html><meta charset="utf-8"><title>Quanyu 全域</title>
<p>控制台尚未构建：请运行 <code>make console</code>。<br>
The console is not built yet: run <code>make console</code>.</p>"""


# The build writes these beside each text file; the first the browser takes is sent.
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))


class _PagePath(Convertor[str]):
    """Every path but those of the API: there an unknown address is unknown for every method."""

    regex = "(?!api/).*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("page", _PagePath())


def router(console: Path) -> APIRouter:
    """Return the routes of the console; mount them last, as they take every path."""
    routes = APIRouter()
    root = console.resolve()

    @routes.get("/{path:page}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        accepted = request.headers.get("accept-encoding", "")
        if "\0" in path:
            raise HTTPException(404, "no path holds a NUL")
        wanted = (root / path).resolve()
        if wanted.is_relative_to(root) and wanted.is_file():
            # Built files carry a hash of their content in the name; the page itself must stay fresh.
            hashed = "assets" in wanted.parts
            return _file(wanted, accepted, "public, max-age=31536000, immutable" if hashed else "no-cache")
        if path and not _is_navigation(request):
            # A probe or a program that looks for something here must not take the page for an answer.
            raise HTTPException(404, f"there is no /{path}")
        # Staff open the page beside chats: another, smaller program.
        index = root / ("sidebar.html" if path.split("/")[0] == "sidebar" else "index.html")
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503)
        return _file(index, accepted, "no-cache")

    return routes


def _is_navigation(request: Request) -> bool:
    """Whether a browser asks for a page; programs do not ask for HTML by name."""
    return "text/html" in request.headers.get("accept", "")


def _file(path: Path, accepted: str, cache_control: str) -> FileResponse:
    headers = {"cache-control": cache_control, "vary": "accept-encoding"}
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    for encoding, ending in _ENCODINGS:
        compressed = path.with_name(path.name + ending)
        if encoding in accepted and compressed.is_file():
            return FileResponse(
                compressed, headers={**headers, "content-encoding": encoding}, media_type=kind
            )
    return FileResponse(path, headers=headers, media_type=kind)
