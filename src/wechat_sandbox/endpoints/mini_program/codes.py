"""Codes of mini programs as pictures: limited ones, unlimited ones, and plain QR codes."""

import re
from typing import Any

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.endpoints.registry import REGISTRY, Call, Reply, read_number
from wechat_sandbox.state.mini_program.links import Link, LinkKind, Links
from wechat_sandbox.state.mini_program.pages import Pages
from wechat_sandbox.wire.codes import code_picture
from wechat_sandbox.wire.errors import PlatformError

PATH_CHARS_MAX = 1024
QR_PATH_CHARS_MAX = 128
LIMITED_MAX = 100_000  # getwxacode and createwxaqrcode together, for good.
UNPUBLISHED_MAX = 60_000
UNLIMITED_PER_MINUTE = 5000
SCENE_CHARS_MAX = 32
WIDTHS = (280, 1280)
WIDTH = 430
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_ENVIRONMENTS = ("release", "trial", "develop")


@REGISTRY.post("/wxa/getwxacode", kinds=MINI_PROGRAMS)
def limited_code(call: Call) -> Reply:
    path = _checked_path(call, PATH_CHARS_MAX)
    return _picture(call, _limited(call, LinkKind.CODE, path))


@REGISTRY.post("/cgi-bin/wxaapp/createwxaqrcode", kinds=MINI_PROGRAMS)
def qr_code(call: Call) -> Reply:
    path = _checked_path(call, QR_PATH_CHARS_MAX)
    return _picture(call, _limited(call, LinkKind.QR_CODE, path))


@REGISTRY.post("/wxa/getwxacodeunlimit", kinds=MINI_PROGRAMS)
def unlimited_code(call: Call) -> Reply:
    """Make a code that carries up to 32 characters of ``scene`` instead of a path."""
    scene = call.body.get("scene")
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        raise PlatformError(40129)
    if len(scene) > SCENE_CHARS_MAX:
        raise PlatformError(40169)
    page = call.text("page")
    if page.startswith("/") or "?" in page:
        raise PlatformError(41030)
    pages, links = Pages(call.world, call.account), Links(call.world)
    if page and not pages.is_published(page):
        if call.body.get("check_path", True) is not False:
            raise PlatformError(41030)
        if links.count(call.account, LinkKind.UNLIMITED) >= UNPUBLISHED_MAX:
            raise PlatformError(45029)
    version = _environment(call)
    key = f"unlimited:{call.account.appid}"
    call.desk.paces.count(key, at=call.at, seconds=60, limit=UNLIMITED_PER_MINUTE, code=45009)
    link = links.make(
        call.account, LinkKind.UNLIMITED, call.at, path=page, query=f"scene={scene}", env_version=version
    )
    return _picture(call, link)


def _checked_path(call: Call, most: int) -> str:
    path = call.text("path")
    if not path or len(path) > most:
        raise PlatformError(40159)
    if "scancode_time" in path:
        raise PlatformError(85096)
    return path


def _limited(call: Call, kind: LinkKind, path: str) -> Link:
    links = Links(call.world)
    if links.count(call.account, LinkKind.CODE, LinkKind.QR_CODE) >= LIMITED_MAX:
        raise PlatformError(45029)
    page, _, query = path.partition("?")
    version = _environment(call)
    return links.make(call.account, kind, call.at, path=page, query=query, env_version=version)


def _environment(call: Call) -> str:
    version = call.body.get("env_version") or "release"
    if version not in _ENVIRONMENTS:
        raise PlatformError(40097)
    return str(version)


def _picture(call: Call, link: Link) -> Reply:
    width = read_number(call.body.get("width", WIDTH))
    hyaline = call.body.get("is_hyaline") is True
    colour = (0, 0, 0) if call.body.get("auto_color") is True else _colour(call.body.get("line_color"))
    pixels = min(max(width, WIDTHS[0]), WIDTHS[1])
    content = code_picture(link.text, pixels=pixels, colour=colour, transparent=hyaline)
    return Reply(body=content, content_type="image/png" if hyaline else "image/jpeg")


def _colour(given: Any) -> tuple[int, int, int]:
    if not isinstance(given, dict):
        return (0, 0, 0)
    parts = [read_number(given.get(name, 0)) for name in ("r", "g", "b")]
    if not all(0 <= part <= 255 for part in parts):
        raise PlatformError(40097)
    return (parts[0], parts[1], parts[2])
