"""Customer moments.

Source: official pages 企业发表内容到客户的朋友圈, 获取企业全部的发表列表, 停止发表企业朋友圈
(D 95094, 93333, 97612).
"""

from typing import Any

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.wecom.materials import shelves_of
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.content import ATTACHMENTS_MAX, Shelves, read_text
from wechat_sandbox.state.wecom.corp_tags import CorpTags
from wechat_sandbox.state.wecom.media import MOMENTS
from wechat_sandbox.state.wecom.moment_book import DONE, JOB_LASTS_S, MomentTask, Reaction
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.wire.errors import PlatformError

TEXT_CHARS_MAX, TEXT_BYTES_MAX, LINK_TITLE_MAX = 2000, 4000, 64
PER_MINUTE, PER_MONTH = 10, 100_000
SPAN_S = 30 * DAY_S
LIST_MAX = 20
_SENDERS_MAX = 100_000


@WECOM.post("/externalcontact/add_moment_task", right=Right.CUSTOMERS)
def add_moment(call: CorpCall) -> Answer:
    """Begin a moment; what becomes of it is asked for with the job's id."""
    text, attachments = _read_content(call, shelves_of(call, attachment_type=MOMENTS))
    key = f"moments:{call.corp.corpid}"
    call.desk.paces.count(f"{key}:minute", at=call.at, seconds=60, limit=PER_MINUTE, code=45009)
    call.desk.paces.count(f"{key}:month", at=call.at, seconds=30 * DAY_S, limit=PER_MONTH, code=41210)
    visible = call.object("visible_range", invalid=41088)
    senders, bad_users, bad_parties = _read_senders(call, visible.get("sender_list"))
    tags = _list(visible.get("external_contact_list"), "tag_list", 41088)
    bad_tags = [tag for tag in tags if CorpTags(call.world, call.corp).find(str(tag)) is None]
    jobid = Moments(call.world, call.corp).order(
        text,
        attachments,
        call.at,
        senders=senders,
        tags=[str(tag) for tag in tags],
        invalid=(bad_users, bad_parties, bad_tags),
    )
    return {"jobid": jobid}


@WECOM.both("/externalcontact/get_moment_task_result", right=Right.CUSTOMERS)
def get_job(call: CorpCall) -> Answer:
    """Return how the making of a moment went; the job is forgotten after a day."""
    moments = Moments(call.world, call.corp)
    moments.advance(call.at)
    job = moments.book.find_job(call.query.get("jobid", "") or call.text("jobid"))
    if job is None or call.at - job.created_at >= JOB_LASTS_S:
        raise PlatformError(40058, "jobid")
    status = job.status(call.at)
    answer: dict[str, Any] = {"status": status, "type": "add_moment_task"}
    if status == DONE:
        senders = {"user_list": list(job.invalid_users), "department_list": list(job.invalid_parties)}
        answer["result"] = {
            "errcode": job.errcode,
            "errmsg": "ok" if not job.errcode else "invalid moment sender range",
            **({"moment_id": job.moment_id} if not job.errcode else {}),
            "invalid_sender_list": senders,
            "invalid_external_contact_list": {"tag_list": list(job.invalid_tags)},
        }
    return answer


@WECOM.post("/externalcontact/cancel_moment_task", right=Right.CUSTOMERS)
def cancel_moment(call: CorpCall) -> Answer:
    _moments(call).cancel(call.text("moment_id"))
    return {}


@WECOM.post("/externalcontact/get_moment_list", right=Right.CUSTOMERS)
def list_moments(call: CorpCall) -> Answer:
    """Return moments of a span; a limit above twenty falls back to twenty."""
    since, until = call.number("start_time"), call.number("end_time")
    if not since <= until <= since + SPAN_S:
        raise PlatformError(40058, "start_time and end_time")
    wanted, creator = call.number("filter_type", 2, high=2), call.text("creator")
    found = [
        moment
        for moment in _moments(call).book.all()
        if since <= moment.create_time <= until
        and wanted in (2, moment.create_type)
        and creator in ("", moment.creator)
    ]
    page, cursor = take_page(call, found, default=LIST_MAX, most=LIST_MAX)
    return {"moment_list": [moment.as_row() for moment in page], "next_cursor": cursor}


@WECOM.post("/externalcontact/get_moment_task", right=Right.CUSTOMERS)
def list_publishers(call: CorpCall) -> Answer:
    """Return who was asked to publish a moment of the corp, and who has."""
    book = _moments(call).book
    moment = book.get(call.text("moment_id"))
    if moment.create_type:
        raise PlatformError(41067)
    page, cursor = take_page(call, book.tasks_of(moment.moment_id), default=500, most=1000)
    rows = [{"userid": task.userid, "publish_status": int(bool(task.published_at))} for task in page]
    return {"task_list": rows, "next_cursor": cursor}


@WECOM.post("/externalcontact/get_moment_customer_list", right=Right.CUSTOMERS)
def list_chosen(call: CorpCall) -> Answer:
    """Return the customers a member's moment is meant for."""
    task = _task(call)
    page, cursor = take_page(call, task.customers, default=500, most=1000)
    rows = [{"userid": task.userid, "external_userid": one} for one in page]
    return {"customer_list": rows, "next_cursor": cursor}


@WECOM.post("/externalcontact/get_moment_send_result", right=Right.CUSTOMERS)
def list_shown(call: CorpCall) -> Answer:
    """Return the customers a published moment was shown to."""
    task = _published(call)
    page, cursor = take_page(call, task.shown, default=3000, most=5000)
    return {"customer_list": [{"external_userid": one} for one in page], "next_cursor": cursor}


@WECOM.post("/externalcontact/get_moment_comments", right=Right.CUSTOMERS)
def list_reactions(call: CorpCall) -> Answer:
    task = _published(call)
    return {
        "comment_list": [_reaction(one) for one in task.comments],
        "like_list": [_reaction(one) for one in task.likes],
    }


def _moments(call: CorpCall) -> Moments:
    moments = Moments(call.world, call.corp)
    moments.advance(call.at)
    return moments


def _task(call: CorpCall) -> MomentTask:
    """Return the part of the member a call names (41061 none)."""
    book = _moments(call).book
    moment = book.get(call.text("moment_id"))
    task = book.find_task(moment.moment_id, call.text("userid", missing=41009))
    if task is None:
        raise PlatformError(41061)
    return task


def _published(call: CorpCall) -> MomentTask:
    task = _task(call)
    if not task.published_at:
        raise PlatformError(41062)
    return task


def _reaction(one: Reaction) -> dict[str, object]:
    return {"userid" if one.by_staff else "external_userid": one.who, "create_time": one.create_time}


def _read_content(call: CorpCall, shelves: Shelves) -> tuple[str, list[dict[str, Any]]]:
    """Return text and attachments: nine pictures, or one film, or one link."""
    text = read_text(call.body.get("text"), TEXT_BYTES_MAX)
    if len(text) > TEXT_CHARS_MAX:
        raise PlatformError(41078, "text.content")
    given = call.items("attachments", most=1000, invalid=41065)
    if len(given) > ATTACHMENTS_MAX:
        raise PlatformError(41064)
    kinds = {one.get("msgtype") for one in given if isinstance(one, dict)}
    if len(kinds) > 1 or (kinds - {"image"} and len(given) > 1):
        raise PlatformError(41065, "one kind at a time")
    attachments = [_read_attachment(one, shelves) for one in given]
    if not text and not attachments:
        raise PlatformError(40058, "text and attachments are both empty")
    return text, attachments


def _read_attachment(value: object, shelves: Shelves) -> dict[str, Any]:
    kind = value.get("msgtype") if isinstance(value, dict) else None
    inside = value.get(str(kind)) if isinstance(value, dict) else None
    if kind not in ("image", "video", "link") or not isinstance(inside, dict):
        raise PlatformError(41065)
    names = ("title", "url", "media_id") if kind == "link" else ("media_id",)
    read = {name: inside[name] for name in names if isinstance(inside.get(name), str) and inside[name]}
    if kind == "link" and ("url" not in read or len(read.get("title", "")) > LINK_TITLE_MAX):
        raise PlatformError(41065, "link")
    if "media_id" not in read:
        raise PlatformError(41065, f"{kind}.media_id")
    if not shelves.has_media(read["media_id"], "image" if kind == "link" else str(kind)):
        raise PlatformError(40007)
    return {"msgtype": str(kind), str(kind): read}


def _read_senders(call: CorpCall, value: object) -> tuple[list[str], list[str], list[int]]:
    """Return who publishes, everybody without a list; and the members and departments nobody knows."""
    directory = call.directory
    users, parties = _list(value, "user_list", 41089), _list(value, "department_list", 41089)
    if len(users) + len(parties) > _SENDERS_MAX:
        raise PlatformError(41089)
    bad_users = [str(one) for one in users if directory.find(str(one)) is None]
    bad_parties = [int(one) for one in parties if directory.find_department(int(one)) is None]
    if not users and not parties:
        found = {member.userid for member in directory.members()}
    else:
        found = directory.expand(
            [str(one) for one in users], [int(one) for one in parties if int(one) not in bad_parties]
        )
    members = (directory.find(userid) for userid in sorted(found))
    return (
        [one.userid for one in members if one is not None and one.follows_customers],
        bad_users,
        bad_parties,
    )


def _list(value: object, name: str, code: int) -> list[Any]:
    inside = value.get(name) if isinstance(value, dict) else None
    if inside is None:
        return []
    if not isinstance(inside, list) or any(
        isinstance(one, bool) or not isinstance(one, str | int) for one in inside
    ):
        raise PlatformError(code, name)
    return inside
