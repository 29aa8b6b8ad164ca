"""Customer-service accounts, their sessions with people, and the log of what was said.

Source: developers.weixin.qq.com, 客服管理, 会话控制 and 获取聊天记录 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, File, Nothing, Part, Request


class Staff(Part, frozen=True):
    kf_account: str  # name@alias
    kf_nick: str = ""
    kf_id: int = 0
    kf_headimgurl: str = ""
    kf_wx: str = ""
    kf_openid: str = ""
    invite_wx: str = ""
    invite_expire_time: int = 0  # Unix seconds.
    invite_status: str = ""  # waiting, rejected or expired.


class StaffAnswer(Answer, frozen=True):
    kf_list: tuple[Staff, ...] = ()


class OnlineStaff(Part, frozen=True):
    kf_account: str
    kf_id: int = 0
    status: int = 0  # 1 online in the web console.
    accepted_case: int = 0  # Sessions now.
    kf_openid: str = ""


class OnlineStaffAnswer(Answer, frozen=True):
    kf_online_list: tuple[OnlineStaff, ...] = ()


class StaffRequest(Request, frozen=True):
    kf_account: str  # At most 10 letters, digits and _, then @ and the account's alias.
    nickname: str  # At most 16 signs.


class StaffAccountRequest(Request, frozen=True):
    kf_account: str


class PortraitRequest(Request, frozen=True):
    kf_account: str
    media: File


class InviteRequest(Request, frozen=True):
    kf_account: str
    invite_wx: str  # A WeChat id.


class AdminRequest(Request, frozen=True):
    kf_openid: str


class SessionRequest(Request, frozen=True):
    kf_account: str
    openid: str


class PersonRequest(Request, frozen=True):
    openid: str


class SessionAnswer(Answer, frozen=True):
    kf_account: str = ""  # Empty while nobody serves the person.
    createtime: int = 0  # Unix seconds.


class Session(Part, frozen=True):
    openid: str
    createtime: int = 0


class SessionsAnswer(Answer, frozen=True):
    sessionlist: tuple[Session, ...] = ()


class WaitingCase(Part, frozen=True):
    openid: str
    latest_time: int = 0  # When they wrote last.


class WaitingAnswer(Answer, frozen=True):
    count: int = 0
    waitcaselist: tuple[WaitingCase, ...] = ()  # At most 100, who waits longest first.


class RecordsRequest(Request, frozen=True):
    starttime: int  # Unix seconds; the span is 24 hours at most.
    endtime: int
    msgid: int  # 1 at first, then what the answer says.
    number: int  # At most 10,000.


class Record(Part, frozen=True):
    openid: str
    worker: str = ""
    opercode: int = 0  # 2002 the staff wrote, 2003 the person did.
    text: str = ""
    time: int = 0


class RecordsAnswer(Answer, frozen=True):
    recordlist: tuple[Record, ...] = ()
    number: int = 0  # Less than asked for: that was the end.
    msgid: int = 0  # To go on from.


LIST: Final = Call("GET", "/cgi-bin/customservice/getkflist", Nothing, StaffAnswer, repeatable=True)
ONLINE: Final = Call(
    "GET", "/cgi-bin/customservice/getonlinekflist", Nothing, OnlineStaffAnswer, repeatable=True
)
ADD: Final = Call("POST", "/customservice/kfaccount/add", StaffRequest, Done)
UPDATE: Final = Call("POST", "/customservice/kfaccount/update", StaffRequest, Done, repeatable=True)
DELETE: Final = Call("POST", "/customservice/kfaccount/del", StaffAccountRequest, Done)
SET_PORTRAIT: Final = Call(
    "POST",
    "/customservice/kfaccount/uploadheadimg",
    PortraitRequest,
    Done,
    repeatable=True,
    query=("kf_account",),
)
INVITE: Final = Call("POST", "/customservice/kfaccount/inviteworker", InviteRequest, Done)
SET_ADMIN: Final = Call("GET", "/customservice/kfaccount/setadmin", AdminRequest, Done, repeatable=True)
UNSET_ADMIN: Final = Call("GET", "/customservice/kfaccount/canceladmin", AdminRequest, Done, repeatable=True)
OPEN_SESSION: Final = Call("POST", "/customservice/kfsession/create", SessionRequest, Done)
CLOSE_SESSION: Final = Call("POST", "/customservice/kfsession/close", SessionRequest, Done)
SESSION: Final = Call(
    "GET", "/customservice/kfsession/getsession", PersonRequest, SessionAnswer, repeatable=True
)
SESSIONS: Final = Call(
    "GET", "/customservice/kfsession/getsessionlist", StaffAccountRequest, SessionsAnswer, repeatable=True
)
WAITING: Final = Call("GET", "/customservice/kfsession/getwaitcase", Nothing, WaitingAnswer, repeatable=True)
RECORDS: Final = Call(
    "POST", "/customservice/msgrecord/getmsglist", RecordsRequest, RecordsAnswer, repeatable=True
)
