"""Binding accounts to an open-platform account; those under one share unionids."""

import hashlib
from collections.abc import Mapping

from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.wire.errors import PlatformError

# Open-platform accounts without any account bound to them yet or any more.
_EMPTY_ONES = "open_accounts"


@REGISTRY.post("/cgi-bin/open/create")
def create(call: Call) -> Mapping[str, object]:
    """Make an open-platform account and bind the caller to it (89000 when bound already)."""
    _check_own(call)
    if call.account.platform_id:
        raise PlatformError(89000)
    made = int(call.world.store.read_meta("open_count") or 0) + 1
    call.world.store.write_meta("open_count", made)
    digest = hashlib.sha256(f"{call.world.seed}:open:{made}".encode()).hexdigest()
    open_appid = f"wx{digest[:16]}"
    call.world.rebind(call.account, open_appid)
    return OK | {"open_appid": open_appid}


@REGISTRY.post("/cgi-bin/open/get")
def get(call: Call) -> Mapping[str, object]:
    _check_own(call)
    if not call.account.platform_id:
        raise PlatformError(89002)
    return OK | {"open_appid": call.account.platform_id}


@REGISTRY.post("/cgi-bin/open/bind")
def bind(call: Call) -> Mapping[str, object]:
    _check_own(call)
    if call.account.platform_id:
        raise PlatformError(89000)
    wanted = call.text("open_appid")
    empty = set(call.world.store.read_meta(_EMPTY_ONES) or [])
    known = {account.platform_id for account in call.world.accounts.values()} | empty
    if not wanted or wanted not in known:
        raise PlatformError(89002)
    call.world.rebind(call.account, wanted)
    return OK


@REGISTRY.post("/cgi-bin/open/unbind")
def unbind(call: Call) -> Mapping[str, object]:
    _check_own(call)
    bound = call.account.platform_id
    if not bound or call.text("open_appid") != bound:
        raise PlatformError(89002)
    empty = {*(call.world.store.read_meta(_EMPTY_ONES) or []), bound}
    call.world.store.write_meta(_EMPTY_ONES, sorted(empty))
    call.world.rebind(call.account, "")
    return OK


@REGISTRY.both("/cgi-bin/open/have")
def have(call: Call) -> Mapping[str, object]:
    return OK | {"have_open": bool(call.account.platform_id)}


@REGISTRY.get("/cgi-bin/open/sameentity")
def same_entity(call: Call) -> Mapping[str, object]:
    """All accounts of a sandbox belong to one company."""
    return OK | {"same_entity": True}


def _check_own(call: Call) -> None:
    if call.text("appid") != call.account.appid:
        raise PlatformError(40013)
