"""HTTP, open to everybody: the page of a form, what it asks, and where answers go."""

import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import ValidationError

from quanyu.infra.rate_limit import RateLimit
from quanyu.infra.web import ForeignPage, is_from_elsewhere, problem
from quanyu.modules.forms.answering import FormDoor
from quanyu.modules.forms.contracts import SubmitAnswers, TellProgress
from quanyu.modules.forms.regions import DATA
from quanyu.modules.forms.uploads import FileDoor
from quanyu.modules.forms.visitors import Browser
from quanyu.modules.forms.wechat import WayToWeChat

_FILES_PER_MINUTE: Final = 30  # Of one browser.
BODY_MAX: Final = 256 * 1024
_DEVICE: Final = "quanyu_form_device"
_DEVICE_BYTES: Final = 16
_YEAR_S: Final = 365 * 86_400
_NO_STORE: Final = {"cache-control": "no-store"}
_NOT_BUILT: Final = """<!doctype html><meta charset="utf-8"><title>Quanyu 全域</title>
<p>页面尚未构建：请运行 <code>make console</code>。<br>
The page is not built yet: run <code>make console</code>.</p>"""
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_Ticket = Annotated[str, Query(max_length=80)]
_Name = Annotated[str, Query(max_length=300)]
_Mark = Annotated[str, Query(max_length=64)]


def router(
    door: FormDoor, files: FileDoor, console: Path, ways: WayToWeChat, *, public_host: str
) -> APIRouter:
    """Return the routes under ``/f``. ``console`` is where the built pages lie."""
    routes = APIRouter(prefix="/f", include_in_schema=False)
    page = console.resolve() / "form.html"
    knocks = RateLimit(_FILES_PER_MINUTE)

    @routes.get("/regions.json")
    async def regions() -> Response:
        return FileResponse(
            DATA, media_type="application/json", headers={"cache-control": "public, max-age=86400"}
        )

    @routes.get("/{token}")
    async def open_form(request: Request, token: str, k: _Ticket = "") -> Response:
        found = await door.find(token)
        if found is not None:
            access = await door.wechat_access(*found)
            way = await ways.lead(found[0], request, access, has_ticket=bool(k))
            if way is not None:
                return way
        if not page.is_file():
            return HTMLResponse(_NOT_BUILT, 503)
        return _page(page, request.headers.get("accept-encoding", ""), 404 if found is None else 200)

    @routes.get("/{token}/form")
    async def form_of_page(request: Request, token: str, k: _Ticket = "", s: _Mark = "") -> Response:
        device, is_new = _device(request)
        browser = Browser(device=device, ticket=k, cookies=request.cookies, source=s)
        shown = await door.open(token, browser)
        return _unknown() if shown is None else _answer(request, shown, device if is_new else None)

    @routes.post("/{token}/progress")
    async def tell_progress(request: Request, token: str) -> Response:
        try:
            command = TellProgress.model_validate_json(await _body(request, public_host))
        except ValidationError:
            return Response(status_code=422)
        device, is_new = _device(request)
        if not is_new:
            await door.note_page(token, device, command.page)
        return Response(status_code=204)

    @routes.post("/{token}/answers")
    async def submit_answers(request: Request, token: str) -> Response:
        try:
            command = SubmitAnswers.model_validate_json(await _body(request, public_host))
        except ValidationError as error:
            what = error.errors()[0]
            where = ".".join(str(part) for part in what["loc"])
            return problem(422, "quanyu.invalid_input", f"{where}: {what['msg']}", detail_zh="提交内容有误")
        device, is_new = _device(request)
        shown = await door.submit(token, Browser(device=device, cookies=request.cookies), command)
        return _unknown() if shown is None else _answer(request, shown, device if is_new else None)

    @routes.post("/{token}/files")
    async def take_file(request: Request, token: str, q: _Mark, name: _Name = "") -> Response:
        found, (device, is_new) = await door.find(token), _device(request)
        if found is None:
            return _unknown()
        if is_new or not knocks.takes(device.hex()):
            return problem(429, "forms.too_many_files", "wait a minute", detail_zh="上传过于频繁，请稍后再试")
        asked = await files.allowed(*found, q)
        content = await _body(request, public_host, limit=asked.max_mb * 1024 * 1024 + 1)
        if not content:
            return problem(413, "forms.file_refused", f"at most {asked.max_mb} MB", detail_zh="文件过大")
        taken = await files.take(*found, asked, device=device, name=name, content=content)
        return JSONResponse(taken.model_dump(), 201, headers=_NO_STORE)

    return routes


async def _body(request: Request, public_host: str, *, limit: int = BODY_MAX) -> bytes:
    """Read what our own page sent, and no more than ``limit``; nothing where it is more.

    Raises:
        ForeignPage: a page elsewhere sent it.
    """
    if is_from_elsewhere(request, public_host):
        raise ForeignPage("answers come from the page of the form", message_zh="请从表单页面提交")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            return b""  # No JSON: refused as such.
        parts.append(part)
    return b"".join(parts)


def _device(request: Request) -> tuple[bytes, bool]:
    known = request.cookies.get(_DEVICE, "")
    if re.fullmatch(rf"[0-9a-f]{{{2 * _DEVICE_BYTES}}}", known):
        return bytes.fromhex(known), False
    return secrets.token_bytes(_DEVICE_BYTES), True


def _answer(request: Request, shown: dict[str, Any], device: bytes | None) -> Response:
    answer = JSONResponse(jsonable_encoder(shown), headers=_NO_STORE)
    if device is not None:
        answer.set_cookie(
            _DEVICE,
            device.hex(),
            max_age=_YEAR_S,
            path="/f",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return answer


def _unknown() -> Response:
    return problem(404, "forms.unknown_form", "there is no such form", detail_zh="表单不存在")


def _page(path: Path, accepted: str, status: int) -> Response:
    headers = {"cache-control": "no-cache", "vary": "accept-encoding", "referrer-policy": "no-referrer"}
    for encoding, ending in _ENCODINGS:
        compressed = path.with_name(path.name + ending)
        if encoding in accepted and compressed.is_file():
            headers["content-encoding"] = encoding
            return FileResponse(compressed, status, headers=headers, media_type="text/html")
    return FileResponse(path, status, headers=headers, media_type="text/html")
