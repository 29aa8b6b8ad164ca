"""Long data behind short keys, and the short addresses that came before them."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

from wechat_sandbox.endpoints.registry import NOT_FOUND, REGISTRY, Call, Reply
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

LASTS_MAX_S = 2_592_000
DATA_BYTES_MAX = 4096
_BASE62 = string.digits + string.ascii_letters
_EVERYWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortKey:
    """What a key stands for; instants in virtual epoch seconds."""

    long_data: str
    create_time: int
    expires_at: float


@REGISTRY.post("/cgi-bin/shorten/gen", utf8_only=True)
def make_short_key(call: Call) -> Mapping[str, object]:
    data = call.text("long_data")
    lasts_s = call.number("expire_seconds", LASTS_MAX_S)
    if not data or len(data.encode()) > DATA_BYTES_MAX or not 0 < lasts_s <= LASTS_MAX_S:
        raise PlatformError(40035)
    key = "".join(secrets.choice(_BASE62) for _ in range(15))
    entry = ShortKey(long_data=data, create_time=int(call.at), expires_at=call.at + lasts_s)
    _keys(call.world).put(call.account.appid, key, entry)
    return {"errcode": 0, "errmsg": "ok", "short_key": key}


@REGISTRY.post("/cgi-bin/shorten/fetch")
def read_short_key(call: Call) -> Mapping[str, object]:
    entry = _keys(call.world).find(call.account.appid, call.text("short_key"))
    if entry is None or call.at >= entry.expires_at:
        raise PlatformError(40035)
    return {
        "errcode": 0,
        "errmsg": "ok",
        "long_data": entry.long_data,
        "create_time": entry.create_time,
        "expire_seconds": int(entry.expires_at - call.at),
    }


@REGISTRY.post("/cgi-bin/shorturl", daily_limit=1000)
def make_short_url(call: Call) -> Mapping[str, object]:
    if call.text("action") != "long2short":
        raise PlatformError(40035)
    address = call.text("long_url")
    if not address.startswith(("http://", "https://", "weixin://wxpay")):
        raise PlatformError(40066)
    key = "A" + "".join(secrets.choice(_BASE62) for _ in range(7))
    Shelf(call.world.store, "short_url", str).put(_EVERYWHERE, key, address)
    return {"errcode": 0, "errmsg": "", "short_url": f"https://w.url.cn/s/{key}"}


def follow_short_url(world: Core, path: str) -> Reply:
    """Answer ``w.url.cn/s/KEY`` with a redirect."""
    address = Shelf(world.store, "short_url", str).find(_EVERYWHERE, path.rpartition("/")[2])
    return NOT_FOUND if address is None else Reply(status=302, headers={"Location": address})


def _keys(world: Core) -> Shelf[ShortKey]:
    return Shelf(world.store, "short_key", ShortKey)
