"""Customer moments 客户朋友圈: tasks members publish, what came of them, likes and comments.

10 tasks a minute, 100,000 a month. Media comes from ``media.UPLOAD_ATTACHMENT`` of type 1.
Source: developer.work.weixin.qq.com, 企业发表内容到客户的朋友圈 (path 95094), 停止发表 (97612),
获取客户朋友圈 (93333); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.attachments import Media
from quanyu.wechat.wecom.declaring import ask, get, post

IMAGES_MAX: Final = 9


class MomentText(Part, frozen=True):
    content: str  # At most 2,000 signs and 4,000 bytes.


class MomentLink(Part, frozen=True, kw_only=True):
    title: str  # At most 64 signs.
    url: str
    media_id: str  # The picture.


class MomentAttachment(Part, frozen=True, tag_field="msgtype"):
    """Up to nine images, or one video, or one link."""


class MomentImage(MomentAttachment, frozen=True, tag="image"):
    image: Media


class MomentVideo(MomentAttachment, frozen=True, tag="video"):
    video: Media


class MomentLinkAttachment(MomentAttachment, frozen=True, tag="link"):
    link: MomentLink


class Senders(Part, frozen=True):
    user_list: tuple[str, ...] = ()  # At most 100,000 in all.
    department_list: tuple[int, ...] = ()


class Audience(Part, frozen=True):
    tag_list: tuple[str, ...] = ()


class Range(Part, frozen=True, kw_only=True):
    """Everybody, where nothing is said."""

    sender_list: Senders | None = None
    external_contact_list: Audience | None = None


class CreateRequest(Request, frozen=True, kw_only=True):
    """A text, attachments, or both."""

    text: MomentText | None = None
    attachments: tuple[MomentImage | MomentVideo | MomentLinkAttachment, ...] = ()
    visible_range: Range | None = None


class JobId(Answer, frozen=True):
    jobid: str  # Good for 24 hours.


class JobRequest(Request, frozen=True):
    jobid: str


class JobResult(Part, frozen=True, kw_only=True):
    errcode: int = 0
    errmsg: str = ""
    moment_id: str = ""
    invalid_sender_list: Senders = Senders()
    invalid_external_contact_list: Audience = Audience()


class Job(Answer, frozen=True):
    status: int  # 1 queued, 2 running, 3 done.
    type: str = ""
    result: JobResult = JobResult()


class MomentId(Request, frozen=True):
    moment_id: str


class ListRequest(Request, frozen=True, kw_only=True):
    start_time: int  # Unix seconds; at most 30 days to the end.
    end_time: int
    creator: str = ""
    filter_type: int = 2  # 0 the corp's, 1 members' own, 2 both.
    cursor: str = ""
    limit: int = 0  # At most 20.


class ShownImage(Part, frozen=True):
    media_id: str


class ShownVideo(Part, frozen=True):
    media_id: str = ""
    thumb_media_id: str = ""


class ShownLink(Part, frozen=True):
    title: str = ""
    url: str = ""


class Place(Part, frozen=True):
    latitude: str = ""
    longitude: str = ""
    name: str = ""


class Moment(Part, frozen=True, kw_only=True):
    moment_id: str
    creator: str = ""
    create_time: int = 0  # Unix seconds; in some answers as text.
    create_type: int = 0  # 0 the corp's, 1 a member's own.
    visible_type: int = 0  # 0 some, 1 everybody.
    text: MomentText | None = None
    image: tuple[ShownImage, ...] = ()
    video: ShownVideo | None = None
    link: ShownLink | None = None
    location: Place | None = None


class Moments(Answer, frozen=True):
    moment_list: tuple[Moment, ...] = ()
    next_cursor: str = ""


class TasksRequest(Request, frozen=True, kw_only=True):
    moment_id: str
    cursor: str = ""
    limit: int = 0  # At most 1,000; 500 if 0.


class Task(Part, frozen=True):
    userid: str
    publish_status: int = 0  # 1 published.


class Tasks(Answer, frozen=True):
    task_list: tuple[Task, ...] = ()
    next_cursor: str = ""


class OfMemberRequest(Request, frozen=True, kw_only=True):
    moment_id: str
    userid: str
    cursor: str = ""
    limit: int = 0


class ChosenCustomer(Part, frozen=True):
    userid: str = ""
    external_userid: str = ""


class Customers(Answer, frozen=True):
    customer_list: tuple[ChosenCustomer, ...] = ()
    next_cursor: str = ""


class CommentsRequest(Request, frozen=True):
    moment_id: str
    userid: str


class Reaction(Part, frozen=True, kw_only=True):
    """By a customer or by a member."""

    external_userid: str = ""
    userid: str = ""
    create_time: int = 0  # Unix seconds.


class Comments(Answer, frozen=True):
    comment_list: tuple[Reaction, ...] = ()
    like_list: tuple[Reaction, ...] = ()


CREATE: Final = post("/externalcontact/add_moment_task", CreateRequest, JobId)
JOB: Final = get("/externalcontact/get_moment_task_result", JobRequest, Job)
CANCEL: Final = post("/externalcontact/cancel_moment_task", MomentId, Done, repeatable=True)
LIST: Final = ask("/externalcontact/get_moment_list", ListRequest, Moments)
TASKS: Final = ask("/externalcontact/get_moment_task", TasksRequest, Tasks)
CHOSEN_CUSTOMERS: Final = ask("/externalcontact/get_moment_customer_list", OfMemberRequest, Customers)
SHOWN_TO: Final = ask("/externalcontact/get_moment_send_result", OfMemberRequest, Customers)
COMMENTS: Final = ask("/externalcontact/get_moment_comments", CommentsRequest, Comments)
