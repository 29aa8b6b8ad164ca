"""The SDKs for pages and mini programs, served at addresses that never change.

A page of any site loads the script, so the address stands in thousands of pages. Browsers keep it for an hour
and may use the old one for a day more while they ask; asking costs a header as long as nothing changed.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

FILES: Final = ("quanyu.js", "quanyu-miniprogram.js")
_HEADERS: Final = {
    "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    "vary": "accept-encoding",
}


@dataclass(frozen=True, slots=True)
class _Built:
    modified_ns: int
    tag: str
    plain: bytes
    packed: bytes | None


def router(console: Path) -> APIRouter:
    """Return the routes of the SDKs; ``console`` is the directory of the web build."""
    routes = APIRouter()
    known: dict[str, _Built] = {}

    @routes.api_route("/sdk/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    async def sdk(name: str, request: Request) -> Response:
        path = console / "sdk" / name
        if name not in FILES or not path.is_file():
            raise HTTPException(404, f"there is no /sdk/{name}" + ("" if name not in FILES else "; build it"))
        built = known.get(name)
        if built is None or built.modified_ns != path.stat().st_mtime_ns:
            built = known[name] = _read(path)
        headers = _HEADERS | {"etag": built.tag}
        if built.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = built.plain
        if built.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["content-encoding"] = built.packed, "gzip"
        return Response(content, headers=headers, media_type="text/javascript")

    return routes


def _read(path: Path) -> _Built:
    plain = path.read_bytes()
    packed = path.with_name(f"{path.name}.gz")
    return _Built(
        path.stat().st_mtime_ns,
        f'W/"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"',
        plain,
        packed.read_bytes() if packed.is_file() else None,
    )
