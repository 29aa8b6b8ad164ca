"""Customer moments in motion: made through the API, published by members, seen, liked and answered.

Source: official pages 企业发表内容到客户的朋友圈, 停止发表企业朋友圈 (D 95094, 97612).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wechat_sandbox.clock import china_day
from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.moment_book import (
    DONE_AFTER_S,
    Moment,
    MomentBook,
    MomentJob,
    MomentTask,
    Reaction,
)
from wechat_sandbox.state.wecom.settings import CorpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Moments one customer was shown: by the corp in a month, by one member on a day."""

    span: str
    times: int


class Moments:
    """The customer moments of one corp."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self.book = MomentBook(world.store, corp.corpid)
        self._audience = Audience(world, corp)
        self._shown = Shelf(world.store, "wecom_moment_shown", Shown)

    # What the API asks

    def order(
        self,
        text: str,
        attachments: Sequence[dict[str, Any]],
        at: float,
        *,
        senders: Sequence[str],
        tags: Sequence[str],
        invalid: tuple[Sequence[str], Sequence[int], Sequence[str]],
    ) -> str:
        """Begin the making of a moment; return the id of its job."""
        moment = Moment(
            moment_id=new_key(self._world, "mom", at),
            create_time=int(at),
            visible_type=0 if tags else 1,
            text=text,
            attachments=tuple(attachments),
        )
        users, parties, unknown_tags = invalid
        job = MomentJob(
            jobid=new_key(self._world, "job", at),
            created_at=at,
            moment_id=moment.moment_id,
            invalid_users=tuple(users),
            invalid_parties=tuple(parties),
            invalid_tags=tuple(unknown_tags),
            moment=moment,
            tasks={userid: tuple(self._customers(userid, tags)) for userid in senders},
            errcode=0 if senders else 41089,
        )
        self.book.save_job(job)
        return job.jobid

    def advance(self, at: float) -> None:
        """Finish every job whose time has come; members are asked to publish from then on."""
        for job in self.book.unfinished():
            ready_at = job.created_at + DONE_AFTER_S
            if at < ready_at:
                continue
            self.book.save_job(replace(job, finished=True))
            if job.errcode or job.moment is None:
                continue
            self.book.save(job.moment)
            for userid, customers in job.tasks.items():
                self.book.save_task(MomentTask(moment_id=job.moment_id, userid=userid, customers=customers))
                self._world.store.on_change(self._corp.corpid, userid)
                self._world.on_staff_task(self._corp.corpid, userid, "moment", job.moment_id, ready_at)

    def cancel(self, moment_id: str) -> None:
        """Let nobody publish a moment any more; what is published stays."""
        self.book.save(replace(self.book.get(moment_id), cancelled=True))

    # What members and customers do

    def open_tasks(self, userid: str) -> list[tuple[Moment, MomentTask]]:
        """Return what a member's client asks them to publish now."""
        tasks = [task for task in self.book.tasks_for(userid) if not task.published_at]
        pairs = [(self.book.get(task.moment_id), task) for task in tasks]
        return [(moment, task) for moment, task in pairs if not moment.cancelled]

    def publish(self, userid: str, moment_id: str, at: float) -> MomentTask:
        """A member publishes; customers who had too many moments are not shown this one.

        Raises:
            Unknown: no such task, published before, or stopped.
        """
        moment, task = self.book.get(moment_id), self.book.find_task(moment_id, userid)
        if task is None or task.published_at or moment.cancelled:
            raise Unknown(f"{userid} has no open task {moment_id}")
        friends = [one for one in task.customers if self._audience.are_friends(userid, one)]
        shown = tuple(one for one in friends if self._may_see(userid, one, moment, at))
        done = replace(task, published_at=at, shown=shown)
        self.book.save_task(done)
        self._world.store.on_change(self._corp.corpid, userid)
        self._world.on_moment(self._corp.corpid, userid, moment_id, at)
        return done

    def post(self, userid: str, text: str, attachments: Sequence[dict[str, Any]], at: float) -> Moment:
        """A member publishes something of their own accord."""
        moment = Moment(
            moment_id=new_key(self._world, "mom", at),
            create_time=int(at),
            creator=userid,
            create_type=1,
            text=text,
            attachments=tuple(attachments),
        )
        self.book.save(moment)
        customers = tuple(self._audience.customers_of(userid))
        self.book.save_task(MomentTask(moment_id=moment.moment_id, userid=userid, customers=customers))
        self.publish(userid, moment.moment_id, at)
        return moment

    def react(
        self, moment_id: str, userid: str, who: str, at: float, *, text: str = "", by_staff: bool = False
    ) -> MomentTask:
        """Somebody who sees a member's moment likes it, or writes under it.

        Raises:
            Unknown: it was not published, or is not shown to them.
        """
        task = self.book.find_task(moment_id, userid)
        if task is None or not task.published_at or (not by_staff and who not in task.shown):
            raise Unknown(f"{who} does not see this moment")
        reaction = Reaction(who=who, by_staff=by_staff, create_time=int(at), text=text)
        if text:
            changed = replace(task, comments=(*task.comments, reaction))
        elif any(like.who == who for like in task.likes):
            return task
        else:
            changed = replace(task, likes=(*task.likes, reaction))
        self.book.save_task(changed)
        self._world.store.on_change(self._corp.corpid, userid)
        return changed

    def delete(self, moment_id: str) -> None:
        self.book.save(replace(self.book.get(moment_id), deleted=True))

    # Inside

    def _customers(self, userid: str, tags: Sequence[str]) -> list[str]:
        customers = self._audience.customers_of(userid)
        if not tags:
            return customers
        return [one for one in customers if self._audience.tags_of(userid, one).intersection(tags)]

    def _may_see(self, userid: str, customer: str, moment: Moment, at: float) -> bool:
        """Whether the limits set for the corp leave room for one more moment; then it is counted."""
        settings, day = CorpSettings.of(self._world, self._corp), china_day(at)
        if moment.create_type == 0:
            return self._count(f"corp/{customer}", day[:7], settings.moments_per_month)
        return self._count(f"{userid}/{customer}", day, settings.moments_per_day)

    def _count(self, key: str, span: str, limit: int) -> bool:
        if not limit:
            return True
        seen = self._shown.find(self._corp.corpid, key)
        times = seen.times if seen is not None and seen.span == span else 0
        if times >= limit:
            return False
        self._shown.put(self._corp.corpid, key, Shown(span=span, times=times + 1))
        return True
