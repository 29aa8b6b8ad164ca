"""Mass messages. Source: official pages 创建企业群发, 获取企业的全部群发记录, 提醒 / 停止企业群发
(D 92135, 93338, 97610, 97611).
"""

from typing import Any

from wechat_sandbox.endpoints.wecom.materials import shelves_of
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.content import read_content
from wechat_sandbox.state.wecom.group_msgs import ChatType, GroupMsg, MsgTask, SendStatus
from wechat_sandbox.state.wecom.mass_sending import CHATS_MAX, RECEIVERS_MAX, MassSending, TagFilter
from wechat_sandbox.wire.errors import PlatformError

MONTH_S = 31 * 86_400
TAGS_MAX = 100


@WECOM.post("/externalcontact/add_msg_template", right=Right.CUSTOMERS)
def add_mass_message(call: CorpCall) -> Answer:
    """Make a mass message: each member concerned is asked to send their part."""
    chat_type = _chat_type(call, "single")
    sender = call.text("sender", missing=40058 if chat_type is ChatType.GROUP else 0)
    if sender:
        sender = call.member(sender).userid
    content = read_content(call.body, shelves_of(call))
    sending, select = MassSending(call.world, call.corp), call.flag("allow_select", False)
    if chat_type is ChatType.GROUP:
        chats = call.texts("chat_id_list", most=CHATS_MAX)
        failed, msgid = sending.to_groups(content, call.at, named=chats, sender=sender, select=select)
    else:
        named = call.texts("external_userid", most=RECEIVERS_MAX)
        tags = _read_tags(call) if not named else ()
        failed, msgid = sending.to_customers(
            content, call.at, named=named, sender=sender, tags=tags, select=select
        )
    return {"fail_list": failed, "msgid": msgid}


@WECOM.post("/externalcontact/remind_groupmsg_send", right=Right.CUSTOMERS)
def remind(call: CorpCall) -> Answer:
    """Remind the members who have not sent their part yet."""
    MassSending(call.world, call.corp).remind(call.text("msgid"), call.at)
    return {}


@WECOM.post("/externalcontact/cancel_groupmsg_send", right=Right.CUSTOMERS)
def cancel(call: CorpCall) -> Answer:
    """Stop a mass message; what members have sent stays sent."""
    MassSending(call.world, call.corp).cancel(call.text("msgid"))
    return {}


@WECOM.post("/externalcontact/get_groupmsg_list_v2", right=Right.CUSTOMERS)
def list_mass_messages(call: CorpCall) -> Answer:
    """Return mass messages of a span; ``create_time`` is a text here (D 93338)."""
    chat_type = _chat_type(call, None)
    since, until = call.number("start_time"), call.number("end_time")
    if not since <= until <= since + MONTH_S:
        raise PlatformError(40058, "start_time and end_time")
    wanted, creator = call.number("filter_type", 2, high=2), call.text("creator")
    found = [
        msg
        for msg in MassSending(call.world, call.corp).book.all()
        if msg.chat_type is chat_type
        and since <= msg.create_time <= until
        and wanted in (2, msg.create_type)
        and creator in ("", msg.creator)
    ]
    page, cursor = take_page(call, found, default=50, most=100)
    return {"group_msg_list": [_row(msg) for msg in page], "next_cursor": cursor}


@WECOM.post("/externalcontact/get_groupmsg_task", right=Right.CUSTOMERS)
def list_tasks(call: CorpCall) -> Answer:
    """Return who was asked to send, and who has."""
    book = MassSending(call.world, call.corp).book
    msg = book.dispatched(call.text("msgid"), call.at)
    tasks, cursor = take_page(call, book.tasks_of(msg.msgid), default=500, most=1000)
    rows = [
        {"userid": task.userid, "status": int(task.status)}
        | ({"send_time": task.send_time} if task.send_time else {})
        for task in tasks
    ]
    return {"task_list": rows, "next_cursor": cursor}


@WECOM.post("/externalcontact/get_groupmsg_send_result", right=Right.CUSTOMERS)
def list_results(call: CorpCall) -> Answer:
    """Return what became of each receiver of one member; of groups only those that got it."""
    book = MassSending(call.world, call.corp).book
    msg = book.dispatched(call.text("msgid"), call.at)
    task = book.find_task(msg.msgid, call.text("userid", missing=41009))
    if task is None:
        raise PlatformError(40003)
    rows, cursor = take_page(call, _results(msg, task), default=500, most=1000)
    return {"send_list": list(rows), "next_cursor": cursor}


@WECOM.post("/externalcontact/get_group_msg_result", right=Right.CUSTOMERS)
def list_results_of_old(call: CorpCall) -> Answer:
    """The earlier form: all receivers of all members at once."""
    book = MassSending(call.world, call.corp).book
    msg = book.dispatched(call.text("msgid"), call.at)
    rows = [row for task in book.tasks_of(msg.msgid) for row in _results(msg, task)]
    return {"check_status": 1, "detail_list": rows}


def _chat_type(call: CorpCall, default: str | None) -> ChatType:
    value = call.text("chat_type", missing=0 if default else 40058) or default
    try:
        return ChatType(value or "")
    except ValueError as error:
        raise PlatformError(40058, "chat_type") from error


def _read_tags(call: CorpCall) -> TagFilter:
    """Return the filter by tags: one of each group."""
    groups = call.object("tag_filter").get("group_list") or []
    if not isinstance(groups, list) or not all(isinstance(one, dict) for one in groups):
        raise PlatformError(40058, "tag_filter")
    read = []
    for group in groups:
        tags = group.get("tag_list") or []
        if not isinstance(tags, list) or len(tags) > TAGS_MAX:
            raise PlatformError(40058, "tag_filter.group_list.tag_list")
        read.append(frozenset(str(tag) for tag in tags))
    return [tags for tags in read if tags]


def _row(msg: GroupMsg) -> dict[str, Any]:
    row: dict[str, Any] = {"msgid": msg.msgid}
    row |= {"creator": msg.creator} if msg.creator else {}
    row |= {"create_time": str(msg.create_time), "create_type": msg.create_type}
    return row | msg.content.as_fields()


def _results(msg: GroupMsg, task: MsgTask) -> list[dict[str, object]]:
    name = "chat_id" if msg.chat_type is ChatType.GROUP else "external_userid"
    return [
        {name: receiver, "userid": task.userid, "status": int(outcome.status)}
        | ({"send_time": outcome.send_time} if outcome.send_time else {})
        for receiver, outcome in task.receivers.items()
        if msg.chat_type is ChatType.SINGLE or outcome.status is SendStatus.SENT
    ]
