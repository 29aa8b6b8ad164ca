"""Linking mini programs to an official account."""

import re
from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.linked import Link, Linked
from wechat_sandbox.wire.errors import PlatformError

_APPID = re.compile(r"wx[0-9a-f]{16}\Z")


@REGISTRY.post("/cgi-bin/wxopen/wxamplinkget", kinds=OFFICIAL, may_be_empty=True)
def list_links(call: Call) -> Mapping[str, object]:
    items = [_item(call, link) for link in Linked(call.world, call.account).all()]
    return OK | {"wxopens": {"items": items}}


@REGISTRY.post("/cgi-bin/wxopen/wxamplink", kinds=OFFICIAL)
def add_link(call: Call) -> Mapping[str, object]:
    appid = call.text("appid")
    if not _APPID.match(appid):
        raise PlatformError(40013)
    flags = [call.number(name, 0) for name in ("notify_users", "show_profile")]
    link = Link(appid=appid, notify_users=bool(flags[0]), show_profile=bool(flags[1]))
    Linked(call.world, call.account).add(link)
    return OK


@REGISTRY.post("/cgi-bin/wxopen/wxampunlink", kinds=OFFICIAL)
def remove_link(call: Call) -> Mapping[str, object]:
    if not Linked(call.world, call.account).remove(call.text("appid")):
        raise PlatformError(40013)
    return OK


def _item(call: Call, link: Link) -> dict[str, object]:
    known = call.world.accounts.get(link.appid)
    return {
        "appid": link.appid,
        "username": known.original_id if known else "",
        "nickname": known.name if known else "",
        "headimg_url": "",
        "email": "",
        "source": "SOURCE_NORMAL",
        "status": 1,
        "selected": int(link.show_profile),
        "nearby_display_status": 0,
        "released": 1,
        "func_infos": [],
    }
