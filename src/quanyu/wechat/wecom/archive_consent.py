"""The archive of chats 会话存档, as far as HTTP goes: whose chats are kept, and who agreed.

The chats themselves come through ``message_archive``.
Source: developer.work.weixin.qq.com, 会话内容存档 (paths 91614, 91782, 92951, 91774); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Part, Request
from quanyu.wechat.wecom.declaring import ask, get

PAIRS_MAX: Final = 100


class PermitRequest(Request, frozen=True):
    type: int = 0  # 1 office, 2 service, 3 enterprise edition; all if 0.


class PermittedMembers(Answer, frozen=True):
    ids: tuple[str, ...] = ()


class Pair(Part, frozen=True):
    """A member and somebody outside; the platform's spelling."""

    userid: str
    exteranalopenid: str


class SingleRequest(Request, frozen=True):
    info: tuple[Pair, ...]  # At most ``PAIRS_MAX``.


class SingleConsent(Part, frozen=True):
    userid: str
    exteranalopenid: str
    agree_status: str = ""  # Agree, Disagree or Default_Agree.
    status_change_time: int = 0  # Unix seconds.


class SingleConsents(Answer, frozen=True):
    agreeinfo: tuple[SingleConsent, ...] = ()


class RoomRequest(Request, frozen=True):
    roomid: str


class RoomConsent(Part, frozen=True):
    exteranalopenid: str
    agree_status: str = ""
    status_change_time: int = 0


class RoomConsents(Answer, frozen=True):
    agreeinfo: tuple[RoomConsent, ...] = ()


class RoomMember(Part, frozen=True):
    memberid: str
    jointime: int = 0


class Room(Answer, frozen=True):
    roomname: str = ""
    creator: str = ""
    room_create_time: int = 0
    notice: str = ""
    members: tuple[RoomMember, ...] = ()


class RobotRequest(Request, frozen=True):
    robot_id: str


class Robot(Part, frozen=True):
    robot_id: str
    name: str = ""
    creator_userid: str = ""


class RobotAnswer(Answer, frozen=True):
    data: Robot


PERMITTED: Final = ask("/msgaudit/get_permit_user_list", PermitRequest, PermittedMembers)
SINGLE_CONSENT: Final = ask("/msgaudit/check_single_agree", SingleRequest, SingleConsents)
ROOM_CONSENT: Final = ask("/msgaudit/check_room_agree", RoomRequest, RoomConsents)
ROOM: Final = ask("/msgaudit/groupchat/get", RoomRequest, Room)
ROBOT: Final = get("/msgaudit/get_robot_info", RobotRequest, RobotAnswer)
