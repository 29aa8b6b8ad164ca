"""Updatable messages, and pages submitted to search."""

from collections.abc import Mapping

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.mini_program.activities import Activities
from wechat_sandbox.state.mini_program.pages import Pages
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

SUBMITTED_AT_ONCE_MAX = 1000
SUBMITTED_PER_DAY = 500_000


@REGISTRY.both("/cgi-bin/message/wxopen/activityid/create", kinds=MINI_PROGRAMS)
def create_activity(call: Call) -> Mapping[str, object]:
    """Begin an updatable message, for a person when one is named."""
    openid = call.query.get("openid") or call.text("openid")
    if openid:
        call.recipient(openid)
    activity = Activities(call.world, call.account).create(call.at)
    return OK | {"activity_id": activity.activity_id, "expiration_time": int(activity.expires_at)}


@REGISTRY.post("/cgi-bin/message/wxopen/updatablemsg/send", kinds=MINI_PROGRAMS)
def change_activity(call: Call) -> Mapping[str, object]:
    info = call.body.get("template_info")
    rows = info.get("parameter_list") if isinstance(info, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlatformError(47001)
    parameters = {str(row.get("name")): str(row.get("value")) for row in rows}
    state = call.body.get("target_state")
    if isinstance(state, bool) or not isinstance(state, int):
        raise PlatformError(47502)
    Activities(call.world, call.account).change(call.text("activity_id"), state, parameters, call.at)
    return OK


@REGISTRY.post("/wxa/search/wxaapi_submitpages", kinds=MINI_PROGRAMS)
def submit_pages(call: Call) -> Mapping[str, object]:
    """Offer pages to search; all of them or none."""
    pages = call.body.get("pages")
    if not isinstance(pages, list) or not pages or not all(isinstance(page, dict) for page in pages):
        raise PlatformError(47001)
    if len(pages) > SUBMITTED_AT_ONCE_MAX:
        raise PlatformError(45002)
    published = Pages(call.world, call.account)
    if not all(isinstance(page.get("path"), str) and published.is_published(page["path"]) for page in pages):
        raise PlatformError(40066)
    if not all(isinstance(page.get("query", ""), str) for page in pages):
        raise PlatformError(40212)
    key, times = f"submitted:{call.account.appid}", len(pages)
    call.desk.paces.count_day(key, at=call.at, limit=SUBMITTED_PER_DAY, code=45009, times=times)
    shelf = Shelf(call.world.store, "mini_search_page", dict[str, object])
    for page in pages:
        shelf.put(call.account.appid, f"{page['path']}?{page.get('query', '')}", page)
    return OK
