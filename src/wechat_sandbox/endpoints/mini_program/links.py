"""URL schemes, URL links and short links."""

import re
from collections.abc import Mapping
from typing import Any

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.state.mini_program.links import Link, LinkKind, Links, expiry
from wechat_sandbox.state.mini_program.pages import Pages
from wechat_sandbox.wire.errors import PlatformError

QUERY_CHARS_MAX = 1024
LINKS_PER_DAY = 500_000  # Schemes and URL links together.
LINKS_PER_SECOND = 100
PERMANENT_SHORT_MAX = 100_000
SHORT_PER_DAY = 10_000_000
NFC_MODEL_MISSING = 9800003
_ENVIRONMENTS = ("release", "trial", "develop")
_QUERY = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%^{}|\[\]<>\"]*")


@REGISTRY.post("/wxa/generatescheme", kinds=MINI_PROGRAMS)
def generate_scheme(call: Call) -> Mapping[str, object]:
    """Make a ``weixin://`` scheme; without an end of its own it lasts thirty days."""
    target = _target(call, call.body.get("jump_wxa") or {})
    link = _make(call, LinkKind.SCHEME, target, ends=_expiry(call, wanted=bool(call.body.get("is_expire"))))
    return OK | {"openlink": link.text}


@REGISTRY.post("/wxa/generatenfcscheme", kinds=MINI_PROGRAMS)
def generate_nfc_scheme(call: Call) -> Mapping[str, object]:
    """Make a scheme for a device; it never ends."""
    if not call.text("model_id"):
        raise PlatformError(NFC_MODEL_MISSING)
    details = {"model_id": call.text("model_id"), "sn": call.text("sn")}
    target = _target(call, call.body.get("jump_wxa") or {})
    link = _make(call, LinkKind.NFC, target | {"details": details}, ends=0.0)
    return OK | {"openlink": link.text}


@REGISTRY.post("/wxa/queryscheme", kinds=MINI_PROGRAMS)
def query_scheme(call: Call) -> Mapping[str, object]:
    link = _find(call, call.text("scheme"), LinkKind.SCHEME, LinkKind.NFC)
    return OK | _told(call, link, "scheme_info")


@REGISTRY.post("/wxa/generate_urllink", kinds=MINI_PROGRAMS)
def generate_url_link(call: Call) -> Mapping[str, object]:
    target = _target(call, call.body)
    cloud = call.body.get("cloud_base")
    if isinstance(cloud, dict):
        if not cloud.get("env"):
            raise PlatformError(85402)
        target["details"] = {"cloud_base": cloud}
    asked = "expire_type" in call.body or "expire_time" in call.body or bool(call.body.get("is_expire"))
    link = _make(call, LinkKind.URL_LINK, target, ends=_expiry(call, wanted=asked))
    return OK | {"url_link": link.text}


@REGISTRY.post("/wxa/query_urllink", kinds=MINI_PROGRAMS)
def query_url_link(call: Call) -> Mapping[str, object]:
    link = _find(call, call.text("url_link"), LinkKind.URL_LINK)
    return OK | _told(call, link, "url_link_info", **link.details)


@REGISTRY.post("/wxa/genwxashortlink", kinds=MINI_PROGRAMS)
def generate_short_link(call: Call) -> Mapping[str, object]:
    """Make a link to be pasted into a chat; a temporary one lasts thirty days."""
    page, title = call.text("page_url"), call.body.get("page_title", "")
    if not page or len(page) > QUERY_CHARS_MAX or not Pages(call.world, call.account).is_published(page):
        raise PlatformError(40066)
    if not isinstance(title, str):
        raise PlatformError(40225)
    permanent = call.body.get("is_permanent") is True
    made = Links(call.world)
    if permanent and made.count(call.account, LinkKind.SHORT) >= PERMANENT_SHORT_MAX:
        raise PlatformError(85400)
    key = f"short:{call.account.appid}"
    call.desk.paces.count_day(key, at=call.at, limit=SHORT_PER_DAY, code=45009)
    path, _, query = page.partition("?")
    link = made.make(
        call.account,
        LinkKind.SHORT,
        call.at,
        path=path,
        query=query,
        expires_at=0.0 if permanent else call.at + 30 * DAY_S,
        details={"page_title": title},
    )
    return OK | {"link": link.text}


def _target(call: Call, body: object) -> dict[str, Any]:
    """Return path, query and version a link leads to.

    Raises:
        PlatformError: 40165 no such page, 40212 a bad query, 85402 a bad version.
    """
    if not isinstance(body, dict):
        raise PlatformError(47001)
    path, query = str(body.get("path") or ""), str(body.get("query") or "")
    version = body.get("env_version") or "release"
    if "?" in path:
        raise PlatformError(40165)
    if path and not Pages(call.world, call.account).is_published(path):
        raise PlatformError(40165)
    if len(query) > QUERY_CHARS_MAX or not _QUERY.fullmatch(query):
        raise PlatformError(40212)
    if version not in _ENVIRONMENTS:
        raise PlatformError(85402)
    return {"path": path, "query": query, "env_version": version}


def _expiry(call: Call, *, wanted: bool) -> float:
    if not wanted:
        return call.at + 30 * DAY_S
    ends = expiry(
        call.at,
        expire_type=read_number(call.body.get("expire_type", 0)),
        expire_time=read_number(call.body.get("expire_time", 0)),
        interval_days=read_number(call.body.get("expire_interval", 0)),
    )
    if ends is None:
        raise PlatformError(85401)
    return ends


def _make(call: Call, kind: LinkKind, target: Mapping[str, Any], *, ends: float) -> Link:
    paces, appid = call.desk.paces, call.account.appid
    paces.count(f"links:{appid}", at=call.at, seconds=1, limit=LINKS_PER_SECOND, code=44990)
    paces.count_day(f"links-day:{appid}", at=call.at, limit=LINKS_PER_DAY, code=44993)
    return Links(call.world).make(call.account, kind, call.at, expires_at=ends, **target)


def _find(call: Call, text: str, *kinds: LinkKind) -> Link:
    link = Links(call.world).find(text)
    if link is None or link.kind not in kinds:
        raise PlatformError(85403)
    if link.appid != call.account.appid:
        raise PlatformError(85407)
    return link


def _told(call: Call, link: Link, name: str, **more: object) -> dict[str, object]:
    if call.number("query_type", 0) == 1:
        return {"quota_info": {"remain_visit_quota": link.opens_left(call.at)}}
    return {
        name: {
            "appid": link.appid,
            "path": link.path,
            "query": link.query,
            "create_time": int(link.created_at),
            "expire_time": int(link.expires_at),
            "env_version": link.env_version,
            **more,
        }
    }
