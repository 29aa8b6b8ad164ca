"""The corp's contacts in bulk: inviting members, and files that add to or replace the contacts.

A file is CSV as the platform's template has it, uploaded as temporary media. The end of a job is told by
``batch_job_result``. Source: developer.work.weixin.qq.com, 邀请成员 (path 90975), 获取加入企业二维码 (91714),
异步导入接口 (90980 to 90983); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Part, Request
from quanyu.wechat.wecom.declaring import get, post

INVITED_MAX: Final = 1000


class InviteRequest(Request, frozen=True, kw_only=True):
    user: tuple[str, ...] = ()  # At most ``INVITED_MAX``.
    party: tuple[int, ...] = ()  # At most 100, like ``tag``.
    tag: tuple[int, ...] = ()


class InviteAnswer(Answer, frozen=True):
    """Who is not valid is left out and named."""

    invaliduser: tuple[str, ...] = ()
    invalidparty: tuple[int, ...] = ()
    invalidtag: tuple[int, ...] = ()


class JoinCodeRequest(Request, frozen=True):
    size_type: Literal[1, 2, 3, 4] = 1  # 171, 399, 741 or 2052 pixels.


class JoinCode(Answer, frozen=True):
    join_qrcode: str  # A picture's address, good for 7 days.


class JobCallback(Part, frozen=True):
    """Where the end is told, if not where the app's callbacks go."""

    url: str = ""
    token: str = ""
    encodingaeskey: str = ""


class ImportRequest(Request, frozen=True, kw_only=True):
    media_id: str
    to_invite: bool = True
    callback: JobCallback | None = None


class ImportDepartmentsRequest(Request, frozen=True, kw_only=True):
    media_id: str
    callback: JobCallback | None = None


class JobId(Answer, frozen=True):
    jobid: str


class JobRequest(Request, frozen=True):
    jobid: str


class JobRow(Part, frozen=True, kw_only=True):
    errcode: int = 0
    errmsg: str = ""
    userid: str = ""  # Of members; departments have ``partyid``.
    partyid: int = 0
    action: int = 0


class Job(Answer, frozen=True):
    status: int  # 1 waiting, 2 running, 3 done.
    type: str = ""  # sync_user, replace_user or replace_party.
    total: int = 0
    percentage: int = 0
    result: tuple[JobRow, ...] = ()


INVITE: Final = post("/batch/invite", InviteRequest, InviteAnswer, repeatable=True)
JOIN_CODE: Final = get("/corp/get_join_qrcode", JoinCodeRequest, JoinCode)
# Not repeatable: each starts a job of its own.
ADD_MEMBERS: Final = post("/batch/syncuser", ImportRequest, JobId)
REPLACE_MEMBERS: Final = post("/batch/replaceuser", ImportRequest, JobId)
REPLACE_DEPARTMENTS: Final = post("/batch/replaceparty", ImportDepartmentsRequest, JobId)
JOB: Final = get("/batch/getresult", JobRequest, Job)
