"""Contacts from a file: members added and changed, or everyone and every department replaced.

The file is CSV in UTF-8 with the headings of the official template. The end is told to the address the call
names, as ``batch_job_result``. Source: official pages 90979 to 90985.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.core import Callback, Core
from wechat_sandbox.state.jobs import finishes, start_job
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Addressee, Corp
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.directory import ROOT, Department, Directory, Member, Status
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.corp_envelope import CorpEnvelope
from wechat_sandbox.wire.errors import PlatformError

ROWS_MAX = 100_000
SYNC, REPLACE, PARTIES = "sync_user", "replace_user", "replace_party"
Rows = list[dict[str, str]]


@dataclass(slots=True, kw_only=True)
class BatchJob:
    """One job; ``result`` has a row for each line of the file."""

    jobid: str
    type: str
    media_id: str
    callback: dict[str, str] = field(default_factory=dict)  # url, token, encodingaeskey
    status: int = 1  # 1 begun, 3 done
    result: list[dict[str, Any]] = field(default_factory=list)


@WECOM.post("/batch/syncuser", right=Right.WRITE_CONTACTS)
def sync_users(call: CorpCall) -> Answer:
    return _begin(call, SYNC)


@WECOM.post("/batch/replaceuser", right=Right.WRITE_CONTACTS)
def replace_users(call: CorpCall) -> Answer:
    return _begin(call, REPLACE)


@WECOM.post("/batch/replaceparty", right=Right.WRITE_CONTACTS)
def replace_parties(call: CorpCall) -> Answer:
    return _begin(call, PARTIES)


@WECOM.get("/batch/getresult", right=Right.WRITE_CONTACTS)
def get_result(call: CorpCall) -> Answer:
    job = _jobs(call.world).find(call.corp.corpid, call.query.get("jobid", ""))
    if job is None:
        raise PlatformError(40058, "jobid")
    done = job.status == 3
    return {
        "status": job.status,
        "type": job.type,
        "total": len(job.result),
        "percentage": 100 if done else 0,
        "result": job.result,
    }


def _begin(call: CorpCall, kind: str) -> Answer:
    media_id = call.text("media_id", missing=41006)
    CorpMedia(call.world, call.corp).get(media_id, call.at)
    callback = {name: str(value) for name, value in call.object("callback").items()}
    number = call.world.new_id(call.at)
    job = BatchJob(
        jobid=made_id("job", call.corp.corpid, number), type=kind, media_id=media_id, callback=callback
    )
    _jobs(call.world).put(call.corp.corpid, job.jobid, job)
    start_job(call.world, call.corp, "corp_batch", job.jobid)
    return {"jobid": job.jobid}


@finishes("corp_batch")
def _run(world: Core, corp: Corp, jobid: str) -> None:
    job = _jobs(world).find(corp.corpid, jobid)
    if job is None:
        return
    code, text = 0, "ok"
    try:
        rows = _read(world, corp, job.media_id)
        job.result = _WORK[job.type](world, corp, rows)
    except PlatformError as error:
        code, text = error.code, error.detail or "failed"
    job.status = 3
    _jobs(world).put(corp.corpid, jobid, job)
    _tell(world, corp, job, code, text)


def _read(world: Core, corp: Corp, media_id: str) -> Rows:
    media = CorpMedia(world, corp)
    content = media.read(media.get(media_id, world.now()))
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PlatformError(40005, "not a CSV file in UTF-8") from error
    if len(rows) > ROWS_MAX:
        raise PlatformError(45001)
    return [{(name or "").strip(): (value or "").strip() for name, value in row.items()} for row in rows]


def _sync(world: Core, corp: Corp, rows: Rows) -> list[dict[str, Any]]:
    directory = Directory(world.store, corp)
    return [_sync_one(directory, row) for row in rows]


def _sync_one(directory: Directory, row: dict[str, str]) -> dict[str, Any]:
    userid, known = row.get("帐号", ""), directory.find(row.get("帐号", ""))
    outcome = {"action": 2 if known else 1, "userid": userid}
    departments = [int(one) for one in row.get("所在部门", "1").split(";") if one.isdecimal()]
    if not userid or not row.get("姓名"):
        return outcome | {"errcode": 60112, "errmsg": "invalid userid or name"}
    if not departments or any(directory.find_department(one) is None for one in departments):
        return outcome | {"errcode": 60003, "errmsg": "department not found"}
    member = known or Member(userid=userid, name="", department=[ROOT], status=Status.NOT_ACTIVATED)
    member.name, member.department, member.main_department = row["姓名"], departments, departments[0]
    member.order = member.is_leader_in_dept = [0] * len(departments)
    member.mobile = row.get("手机号", "") or member.mobile
    member.email = row.get("邮箱", "") or member.email
    member.position = row.get("职位", "") or member.position
    directory.save(member)
    return outcome | {"errcode": 0, "errmsg": "ok"}


def _replace(world: Core, corp: Corp, rows: Rows) -> list[dict[str, Any]]:
    directory = Directory(world.store, corp)
    named = {row.get("帐号", "").lower() for row in rows}
    gone = [member for member in directory.members() if member.userid.lower() not in named]
    result = _sync(world, corp, rows)
    for member in gone:
        directory.resign(member, world.now())
    left = [{"action": 3, "userid": member.userid, "errcode": 0, "errmsg": "ok"} for member in gone]
    return result + left


def _replace_parties(world: Core, corp: Corp, rows: Rows) -> list[dict[str, Any]]:
    """Put these departments in place of all but the root; those with members stay."""
    directory = Directory(world.store, corp)
    result = [_place(directory, row) for row in rows]
    named = {int(row["部门ID"]) for row in rows if row.get("部门ID", "").isdecimal()}
    for department in directory.departments()[::-1]:
        if department.id == ROOT or department.id in named:
            continue
        full = bool(directory.members_in([department.id]))
        if not full:
            directory.drop_department(department.id)
        code, text = (60005, "department has members") if full else (0, "ok")
        result.append({"action": 3, "partyid": department.id, "errcode": code, "errmsg": text})
    return result


def _place(directory: Directory, row: dict[str, str]) -> dict[str, Any]:
    number, parent = row.get("部门ID", ""), row.get("父部门ID", "1")
    if not number.isdecimal() or not parent.isdecimal() or not row.get("部门名称"):
        return {"action": 1, "partyid": 0, "errcode": 60123, "errmsg": "invalid department id"}
    known = directory.find_department(int(number))
    outcome = {"action": 2 if known else 1, "partyid": int(number)}
    if int(number) != ROOT and directory.find_department(int(parent)) is None:
        return outcome | {"errcode": 60004, "errmsg": "parent department not found"}
    order = int(row["排序"]) if row.get("排序", "").isdecimal() else 0
    parentid = 0 if int(number) == ROOT else int(parent)
    made = Department(id=int(number), name=row["部门名称"], parentid=parentid, order=order)
    directory.save_department(made)
    return outcome | {"errcode": 0, "errmsg": "ok"}


_WORK: dict[str, Callable[[Core, Corp, Rows], list[dict[str, Any]]]] = {
    SYNC: _sync,
    REPLACE: _replace,
    PARTIES: _replace_parties,
}


def _tell(world: Core, corp: Corp, job: BatchJob, code: int, text: str) -> None:
    """Report the end to the address the call named."""
    url, token, key = (job.callback.get(name, "") for name in ("url", "token", "encodingaeskey"))
    if not url or len(key) != 43:
        return
    envelope = CorpEnvelope(corpid=corp.corpid, agentid="", token=token, aes_key=key)
    at = int(world.now())
    world.on_callback(
        Callback(
            account=Addressee(appid=corp.corpid, callback_url=url, envelope=envelope),
            relation=None,
            openid=job.jobid,
            event="batch_job_result",
            create_time=at,
            fields={
                "ToUserName": corp.corpid,
                "FromUserName": "sys",
                "CreateTime": at,
                "MsgType": "event",
                "Event": "batch_job_result",
                "BatchJob": {"JobId": job.jobid, "JobType": job.type, "ErrCode": code, "ErrMsg": text},
            },
        )
    )


def _jobs(world: Core) -> Shelf[BatchJob]:
    return Shelf(world.store, "corp_batch_job", BatchJob)
