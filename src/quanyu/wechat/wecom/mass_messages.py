"""Mass messages 企业群发: each only makes a task that members confirm in their client.

A customer or group may get as many in a month as it has days, those members send themselves included; what
is above is no error here, but ``status`` 3 in the result.
Source: developer.work.weixin.qq.com, 创建企业群发 (path 92135), 获取企业的全部群发记录 (93338),
提醒成员群发 (97610), 停止企业群发 (97611); read 2026.
"""

from enum import IntEnum
from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.attachments import AnyAttachment, ShownAttachment, Text
from quanyu.wechat.wecom.declaring import ask, post

CUSTOMERS_MAX: Final = 10_000
GROUPS_MAX: Final = 2_000


class SendStatus(IntEnum):
    """What became of a message to one customer or group."""

    NOT_SENT = 0  # The member has not confirmed.
    SENT = 1
    NO_FRIEND = 2
    QUOTA = 3  # Had the most messages one may have.


class TagsOf(Part, frozen=True):
    tag_list: tuple[str, ...]  # Any of them; at most 100.


class TagFilter(Part, frozen=True):
    group_list: tuple[TagsOf, ...]  # All of them.


class CreateRequest(Request, frozen=True, kw_only=True):
    """To customers (``single``) or to groups; a text, attachments, or both."""

    chat_type: Literal["single", "group"] = "single"
    external_userid: tuple[str, ...] = ()  # At most ``CUSTOMERS_MAX``.
    chat_id_list: tuple[str, ...] = ()  # At most ``GROUPS_MAX``.
    tag_filter: TagFilter | None = None  # Ignored if ``external_userid`` is given.
    sender: str = ""  # A member; needed for groups.
    allow_select: bool = False  # The member may leave groups out.
    text: Text | None = None
    attachments: tuple[AnyAttachment, ...] = ()


class Created(Answer, frozen=True):
    msgid: str
    fail_list: tuple[str, ...] = ()  # Customers who are not valid.


class MessageId(Request, frozen=True):
    msgid: str


class ListRequest(Request, frozen=True, kw_only=True):
    chat_type: Literal["single", "group"]
    start_time: int  # Unix seconds; at most a month to the end.
    end_time: int
    creator: str = ""
    filter_type: int = 2  # 0 the corp's, 1 members' own, 2 both.
    limit: int = 0  # At most 100; 50 if 0.
    cursor: str = ""


class ListedMessage(Part, frozen=True, kw_only=True):
    msgid: str
    creator: str = ""  # None of those made by API.
    create_time: int = 0  # Unix seconds; as text on the wire.
    create_type: int = 0
    text: Text | None = None
    attachments: tuple[ShownAttachment, ...] = ()


class ListAnswer(Answer, frozen=True):
    group_msg_list: tuple[ListedMessage, ...] = ()
    next_cursor: str = ""


class TasksRequest(Request, frozen=True, kw_only=True):
    msgid: str
    limit: int = 0  # At most 1,000; 500 if 0.
    cursor: str = ""


class Task(Part, frozen=True):
    """What one member was asked to send."""

    userid: str
    status: int = 0  # 0 not sent, 2 sent.
    send_time: int = 0


class Tasks(Answer, frozen=True):
    task_list: tuple[Task, ...] = ()
    next_cursor: str = ""


class ResultsRequest(Request, frozen=True, kw_only=True):
    msgid: str
    userid: str
    limit: int = 0  # At most 1,000; 500 if 0.
    cursor: str = ""


class SendResult(Part, frozen=True, kw_only=True):
    userid: str = ""
    external_userid: str = ""  # Or ``chat_id``.
    chat_id: str = ""
    status: int = 0  # A ``SendStatus``.
    send_time: int = 0


class Results(Answer, frozen=True):
    """Of groups only those sent to."""

    send_list: tuple[SendResult, ...] = ()
    next_cursor: str = ""


# Not repeatable: the platform knows no key for it, and each one asks all members once more.
CREATE: Final = post("/externalcontact/add_msg_template", CreateRequest, Created)
REMIND: Final = post("/externalcontact/remind_groupmsg_send", MessageId, Done)  # Three times a day.
CANCEL: Final = post("/externalcontact/cancel_groupmsg_send", MessageId, Done, repeatable=True)
LIST: Final = ask("/externalcontact/get_groupmsg_list_v2", ListRequest, ListAnswer)
TASKS: Final = ask("/externalcontact/get_groupmsg_task", TasksRequest, Tasks)
RESULTS: Final = ask("/externalcontact/get_groupmsg_send_result", ResultsRequest, Results)
