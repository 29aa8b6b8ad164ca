"""Customer moments (客户朋友圈): tasks for members, what they published, comments and likes.

Source: official pages 企业发表内容到客户的朋友圈, 获取企业全部的发表列表 (D 95094, 93333).
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

JOB_LASTS_S = 86_400.0
QUEUED, RUNNING, DONE = 1, 2, 3
RUNS_AFTER_S, DONE_AFTER_S = 1.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A comment or a like; ``who`` is a userid or an external userid."""

    who: str
    by_staff: bool
    create_time: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentTask:
    """One member's part: whom it would be shown to, and whether they published it."""

    moment_id: str
    userid: str
    customers: tuple[str, ...] = ()
    published_at: float = 0.0
    shown: tuple[str, ...] = ()
    comments: tuple[Reaction, ...] = ()
    likes: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of the corp, or of a member."""

    moment_id: str
    create_time: int
    creator: str = ""  # Empty when the API made it.
    create_type: int = 0  # 0 by the corp, 1 by a member.
    visible_type: int = 1  # 0 to some customers, 1 to all.
    text: str = ""
    attachments: tuple[dict[str, Any], ...] = ()
    cancelled: bool = False
    deleted: bool = False

    def as_row(self) -> dict[str, object]:
        """Return it as ``get_moment_list`` tells it."""
        row: dict[str, object] = {
            "moment_id": self.moment_id,
            **({"creator": self.creator} if self.creator else {}),
            "create_time": self.create_time,
            "create_type": self.create_type,
            "visible_type": self.visible_type,
        }
        if self.text:
            row["text"] = {"content": self.text}
        images = [one["image"] for one in self.attachments if one["msgtype"] == "image"]
        if images:
            row["image"] = [{"media_id": image["media_id"]} for image in images]
        for one in self.attachments:
            if one["msgtype"] == "video":
                media_id = one["video"]["media_id"]
                row["video"] = {"media_id": media_id, "thumb_media_id": f"{media_id}-thumb"}
            elif one["msgtype"] == "link":
                row["link"] = {"title": one["link"].get("title", ""), "url": one["link"]["url"]}
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentJob:
    """The making of a moment, which runs by itself."""

    jobid: str
    created_at: float
    moment_id: str
    invalid_users: tuple[str, ...] = ()
    invalid_parties: tuple[int, ...] = ()
    invalid_tags: tuple[str, ...] = ()
    moment: Moment | None = None
    tasks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # Member → customers.
    errcode: int = 0
    finished: bool = False

    def status(self, at: float) -> int:
        age_s = at - self.created_at
        if age_s < RUNS_AFTER_S:
            return QUEUED
        return RUNNING if age_s < DONE_AFTER_S else DONE


class MomentBook:
    """Moments, their tasks and jobs of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._corpid = corpid
        self._moments = Shelf(store, "wecom_moment", Moment)
        self._tasks = Shelf(store, "wecom_moment_task", MomentTask)
        self._jobs = Shelf(store, "wecom_moment_job", MomentJob)

    def get(self, moment_id: str) -> Moment:
        """Return a moment (41059 no id given, 41060 no such one)."""
        if not moment_id:
            raise PlatformError(41059)
        found = self._moments.find(self._corpid, moment_id)
        if found is None or found.deleted:
            raise PlatformError(41060)
        return found

    def all(self) -> list[Moment]:
        return [one for one in self._moments.values(self._corpid) if not one.deleted]

    def save(self, moment: Moment) -> None:
        self._moments.put(self._corpid, moment.moment_id, moment)

    def tasks_of(self, moment_id: str) -> list[MomentTask]:
        return [task for task in self._tasks.values(self._corpid) if task.moment_id == moment_id]

    def tasks_for(self, userid: str) -> list[MomentTask]:
        return [task for task in self._tasks.values(self._corpid) if task.userid == userid]

    def find_task(self, moment_id: str, userid: str) -> MomentTask | None:
        return self._tasks.find(self._corpid, f"{moment_id}\0{userid}")

    def save_task(self, task: MomentTask) -> None:
        self._tasks.put(self._corpid, f"{task.moment_id}\0{task.userid}", task)

    def find_job(self, jobid: str) -> MomentJob | None:
        return self._jobs.find(self._corpid, jobid)

    def unfinished(self) -> list[MomentJob]:
        return [job for job in self._jobs.values(self._corpid) if not job.finished]

    def save_job(self, job: MomentJob) -> None:
        self._jobs.put(self._corpid, job.jobid, job)
