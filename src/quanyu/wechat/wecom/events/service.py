"""Customer service, the archive of chats, and jobs that have finished.

Source: developer.work.weixin.qq.com, 接收消息和事件 (path 94670), 客服账号授权变更 (97712), 产生会话回调事件
(95039), 异步任务完成通知 (90973), 异步上传临时素材 (96219); read 2026.
"""

from typing import ClassVar

import msgspec

from quanyu.wechat.wecom.events.base import Event


class ServiceHasNews(Event, frozen=True, kw_only=True):
    """``kf_msg_or_event``: pull with this token and the account's cursor."""

    identity: ClassVar[tuple[str, ...]] = ("OpenKfId", "Token")

    Token: str = ""  # Good for 10 minutes.
    OpenKfId: str = ""


class ServiceAuthorisation(Event, frozen=True, kw_only=True):
    """``kf_account_auth_change``: accounts were given to this app, or taken."""

    identity: ClassVar[tuple[str, ...]] = ("AuthAddOpenKfId", "AuthDelOpenKfId")

    AuthAddOpenKfId: tuple[str, ...] = ()
    AuthDelOpenKfId: tuple[str, ...] = ()


class ArchiveHasNews(Event, frozen=True, kw_only=True):
    """``msgaudit_notify``: at least 15 seconds lie between two."""


class UploadFinished(Event, frozen=True, kw_only=True):
    """``upload_media_job_finish``: ask ``media.UPLOAD_BY_URL_RESULT``."""

    identity: ClassVar[tuple[str, ...]] = ("JobId",)

    JobId: str


class FinishedJob(msgspec.Struct, frozen=True, kw_only=True):
    JobId: str = ""
    JobType: str = ""  # sync_user, replace_user, invite_user, replace_party …
    ErrCode: int = 0
    ErrMsg: str = ""


class BatchFinished(Event, frozen=True, kw_only=True):
    """``batch_job_result``."""

    identity: ClassVar[tuple[str, ...]] = ("job_id",)

    BatchJob: FinishedJob

    @property
    def job_id(self) -> str:
        """The job that has finished."""
        return self.BatchJob.JobId


SERVICE_EVENTS: dict[tuple[str, str], type[Event]] = {
    ("kf_msg_or_event", ""): ServiceHasNews,
    ("kf_account_auth_change", ""): ServiceAuthorisation,
    ("msgaudit_notify", ""): ArchiveHasNews,
    ("upload_media_job_finish", ""): UploadFinished,
    ("batch_job_result", ""): BatchFinished,
}
