"""The HTTP side of the conversation archive. Source: official pages D 91361, 91362, 91614, 91782, 92951."""

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.archive_book import ArchiveBook, ArchiveSettings
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.group_book import SeatKind
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.wire.errors import PlatformError

PAIRS_MAX = 100


@WECOM.post("/msgaudit/get_permit_user_list", right=Right.ARCHIVE)
def list_members(call: CorpCall) -> Answer:
    """Return whose conversations are kept; by edition when one is asked for."""
    settings = _settings(call)
    edition = call.number("type", 0, high=3)
    return {"ids": [userid for userid, own in settings.members.items() if edition in (0, own)]}


@WECOM.post("/msgaudit/check_single_agree", right=Right.ARCHIVE)
def check_single(call: CorpCall) -> Answer:
    """Return whether customers agree that what they write to a member is kept."""
    _settings(call)
    pairs = call.items("info", most=PAIRS_MAX, missing=40058, invalid=301060)
    customers = Customers(call.world, call.corp)
    rows = []
    for pair in pairs:
        if not isinstance(pair, dict):
            raise PlatformError(40058, "info")
        userid, external_userid = str(pair.get("userid", "")), str(pair.get("exteranalopenid", ""))
        external, link = (
            customers.find_external(external_userid),
            customers.find_link(userid, external_userid),
        )
        if external is None or link is None:
            raise PlatformError(301061)
        rows.append(
            {
                "status_change_time": link.createtime,
                "userid": userid,
                "exteranalopenid": external_userid,  # The platform's own spelling.
                "agree_status": "Agree" if external.archive_agreed else "Disagree",
            }
        )
    return {"agreeinfo": rows}


@WECOM.post("/msgaudit/check_room_agree", right=Right.ARCHIVE)
def check_room(call: CorpCall) -> Answer:
    """Return whether the customers in a group agree."""
    _settings(call)
    group = GroupChats(call.world, call.corp).get(call.text("roomid", missing=40058))
    customers = Customers(call.world, call.corp)
    rows = []
    for seat in group.members:
        if seat.kind is SeatKind.EXTERNAL:
            external = customers.find_external(seat.who)
            agreed = external is None or external.archive_agreed
            rows.append(
                {
                    "status_change_time": seat.join_time,
                    "exteranalopenid": seat.who,
                    "agree_status": "Agree" if agreed else "Disagree",
                }
            )
    return {"agreeinfo": rows}


@WECOM.post("/msgaudit/groupchat/get", right=Right.ARCHIVE)
def get_room(call: CorpCall) -> Answer:
    """Return a group of colleagues; customer groups have calls of their own (301059)."""
    _settings(call)
    room = ArchiveBook(call.world.store, call.corp.corpid).find_room(call.text("roomid", missing=40058))
    if room is None:
        raise PlatformError(301059)
    return {
        "roomname": room.name,
        "creator": room.creator,
        "room_create_time": room.create_time,
        "notice": room.notice,
        "members": [{"memberid": userid, "jointime": room.create_time} for userid in room.members],
    }


@WECOM.get("/msgaudit/get_robot_info", right=Right.ARCHIVE)
def get_robot(call: CorpCall) -> Answer:
    _settings(call)
    robot = ArchiveBook(call.world.store, call.corp.corpid).find_robot(call.query.get("robot_id", ""))
    if robot is None:
        raise PlatformError(40058, "robot_id")
    return {"data": {"robot_id": robot.robot_id, "name": robot.name, "creator_userid": robot.creator}}


def _settings(call: CorpCall) -> ArchiveSettings:
    settings = ArchiveBook(call.world.store, call.corp.corpid).settings
    if not settings.enabled:
        raise PlatformError(301053)
    if settings.expired:
        raise PlatformError(301052)
    return settings
