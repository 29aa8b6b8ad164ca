"""Passing customers on: begun, followed up, and who waits for somebody.

Source: official pages 92125, 94081, 92124, 94082, 92127; the paths of old take one customer.
"""

from typing import Any

from wechat_sandbox.endpoints.wecom.paging import read_cursor, take_page, write_cursor
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.directory import Member
from wechat_sandbox.state.wecom.transfers import Transfers
from wechat_sandbox.wire.errors import PlatformError

BATCH_MAX = 100
YEAR_S = 365 * 86_400
RESULTS_PAGE = 1000


@WECOM.post("/externalcontact/transfer_customer", right=Right.CUSTOMERS)
def transfer(call: CorpCall) -> Answer:
    """Begin to pass customers of a member to another."""
    handover = call.member(call.text("handover_userid", missing=41009))
    takeover = _takeover(call)
    for member in (handover, takeover):
        if member.last_login_at and call.at - member.last_login_at > YEAR_S:
            raise PlatformError(40205)
    message = call.text("transfer_success_msg", most=200)
    return {"customer": _begin(call, handover.userid, takeover, resigned=False, message=message)}


@WECOM.post("/externalcontact/transfer_result", right=Right.CUSTOMERS)
def list_results(call: CorpCall) -> Answer:
    return _results(call, resigned=False)


@WECOM.post("/externalcontact/get_unassigned_list", right=Right.CUSTOMERS)
def list_unassigned(call: CorpCall) -> Answer:
    """Return customers of those who left, by cursor or, as of old, by number of the page."""
    transfers = _advanced(call)
    found = transfers.unassigned()
    size = min(call.number("page_size", 1000, low=1), 1000)
    start = read_cursor(call.text("cursor")) or call.number("page_id", 0) * size
    end = start + size
    rows = [
        {
            "handover_userid": one.handover_userid,
            "external_userid": one.external_userid,
            "dimission_time": one.dimission_time,
        }
        for one in found[start:end]
    ]
    is_last = end >= len(found)
    return {"info": rows, "is_last": is_last, "next_cursor": "" if is_last else write_cursor(end)}


@WECOM.post("/externalcontact/resigned/transfer_customer", right=Right.CUSTOMERS)
def transfer_resigned(call: CorpCall) -> Answer:
    """Begin to pass customers of somebody who left to a member (40097 they have not left)."""
    handover = _resigned(call)
    return {"customer": _begin(call, handover, _takeover(call), resigned=True)}


@WECOM.post("/externalcontact/resigned/transfer_result", right=Right.CUSTOMERS)
def list_resigned_results(call: CorpCall) -> Answer:
    return _results(call, resigned=True)


@WECOM.post("/externalcontact/transfer", right=Right.CUSTOMERS)
def transfer_one_of_old(call: CorpCall) -> Answer:
    """Pass on one customer of somebody who left; its code is that of the whole call."""
    handover, takeover = _resigned(call), _takeover(call)
    external_userid = call.text("external_userid", missing=41035)
    code = _advanced(call).begin(handover, takeover, external_userid, call.at, resigned=True)
    if code:
        raise PlatformError(code)
    return {}


@WECOM.post("/externalcontact/get_transfer_result", right=Right.CUSTOMERS)
def read_result_of_old(call: CorpCall) -> Answer:
    external_userid = call.text("external_userid", missing=41035)
    handover, takeover = call.text("handover_userid", missing=41009), call.text("takeover_userid")
    for one in _advanced(call).between(handover, takeover, resigned=True):
        if one.external_userid == external_userid:
            return {"status": one.status, "takeover_time": one.takeover_time}
    raise PlatformError(40096)


def _begin(
    call: CorpCall, handover_userid: str, takeover: Member, *, resigned: bool, message: str = ""
) -> list[dict[str, Any]]:
    externals = call.texts("external_userid", most=BATCH_MAX, missing=41035)
    if handover_userid == takeover.userid:
        raise PlatformError(40130)
    transfers = _advanced(call)
    return [
        {
            "external_userid": one,
            "errcode": transfers.begin(
                handover_userid, takeover, one, call.at, resigned=resigned, message=message
            ),
        }
        for one in externals
    ]


def _results(call: CorpCall, *, resigned: bool) -> Answer:
    handover = call.text("handover_userid", missing=41009)
    takeover = call.text("takeover_userid", missing=41009)
    found = _advanced(call).between(handover, takeover, resigned=resigned)
    page, cursor = take_page(call, found, default=RESULTS_PAGE, most=RESULTS_PAGE)
    rows = []
    for one in page:
        row: dict[str, Any] = {"external_userid": one.external_userid, "status": one.status}
        rows.append(row | ({"takeover_time": one.takeover_time} if one.takeover_time else {}))
    return {"customer": rows, "next_cursor": cursor}


def _advanced(call: CorpCall) -> Transfers:
    """Return the transfers as they are now."""
    transfers = Transfers(call.world, call.corp)
    transfers.advance(call.at)
    return transfers


def _takeover(call: CorpCall) -> Member:
    member = call.member(call.text("takeover_userid", missing=41009))
    if not member.follows_customers:
        raise PlatformError(84074)
    return member


def _resigned(call: CorpCall) -> str:
    """Return the id of somebody who left."""
    userid = call.text("handover_userid", missing=41009)
    if call.directory.find(userid) is not None:
        raise PlatformError(40097)
    gone = call.directory.find_resigned(userid)
    if gone is None:
        raise PlatformError(60111)
    return gone.userid
