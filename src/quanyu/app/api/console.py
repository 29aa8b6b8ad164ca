"""Serving the built console: files as they are, every other path the page itself."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Quanyu 全域</title>
<p>控制台尚未构建:请运行 <code>make console</code>。<br>
The console is not built yet: run <code>make console</code>.</p>"""


def router(console: Path) -> APIRouter:
    """Return the routes of the console; mount them last, as they take every path."""
    routes = APIRouter()
    root = console.resolve()

    @routes.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            raise HTTPException(404, f"there is no /{path}")
        wanted = (root / path).resolve()
        if wanted.is_relative_to(root) and wanted.is_file():
            # Built files carry a hash of their content in the name; the page itself must stay fresh.
            hashed = "assets" in wanted.parts
            return FileResponse(
                wanted,
                headers={"cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache"},
            )
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503)
        return FileResponse(index, headers={"cache-control": "no-cache"})

    return routes
