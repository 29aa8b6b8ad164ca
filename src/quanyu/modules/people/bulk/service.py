"""Jobs about many people: asked for, counted, run slice by slice, cancelled, taken back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.spreadsheet import write_csv
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.bulk.beyond import finish_list
from quanyu.modules.people.bulk.contracts import (
    JOB_PREFIX,
    PEOPLE_MAX,
    UNDO_DAYS,
    AudienceCount,
    ChangeAttribute,
    ChangeList,
    ChangeTags,
    Deed,
    JobState,
    MeantPeople,
    PeopleJobs,
    PeopleJobView,
    StartJob,
    StartJourney,
)
from quanyu.modules.people.bulk.errors import CannotUndo, JobOver, NobodyMeant, TooManyMeant
from quanyu.modules.people.bulk.ports import Reach
from quanyu.modules.people.bulk.queries import JobRow, PeopleJobQueries
from quanyu.modules.people.bulk.treating import Treatments
from quanyu.modules.people.listing.service import PeopleLists
from quanyu.modules.people.profile.errors import NotAnAttribute
from quanyu.modules.people.profile.service import refuse_computed
from quanyu.modules.people.tags.contracts import Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.traits import classify_trait, is_private

SLICE: Final = 1_000  # People of one commit.
_SHOWN: Final = 50
_FAILURES_MAX: Final = 100_000


class PeopleJobDesk:
    """The use cases of jobs."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, lists: PeopleLists, reach: Reach) -> None:
        self._uows = uows
        self._lists = lists
        self._reach = reach
        self._treatments = Treatments(keyring, reach)

    async def count(self, tenant_id: TenantId, audience: MeantPeople) -> AudienceCount:
        """Count who is meant; nothing is changed.

        Raises:
            TooManyMeant, and whatever a filter is refused for.
        """
        return AudienceCount(people=len(await self.meant(tenant_id, audience)))

    async def start(self, tenant_id: TenantId, command: StartJob, *, actor: str) -> str:
        """Change many people in the background and return the job's id. Who is meant is settled now.

        Raises:
            NobodyMeant, TooManyMeant, and whatever a filter is refused for.
            TagNotFound, ContradictoryChange, NotAnAttribute, and whatever a list or a journey is refused for.
        """
        async with self._uows.app(tenant_id) as uow:
            await self._check(uow, command.deed)
        people, job_id = await self.meant(tenant_id, command.audience), new_id()
        if not people:
            raise NobodyMeant("nobody is meant", message_zh="没有符合条件的客户")
        async with self._uows.app(tenant_id) as uow:
            if isinstance(command.deed, ChangeList) and command.deed.put:
                await self._reach.lists.check(uow, command.deed.segment, adding=len(people))
            await PeopleJobQueries(uow).add(
                job_id,
                people,
                kind=command.deed.kind,
                deed=command.deed.model_dump(mode="json"),
                actor=actor,
            )
        return encode_id(JOB_PREFIX, job_id)

    async def jobs(self, uow: UnitOfWork) -> PeopleJobs:
        """Return the latest jobs, newest first."""
        rows = await PeopleJobQueries(uow).latest(_SHOWN)
        return PeopleJobs(items=tuple(_view(row, uow) for row in rows))

    async def get(self, uow: UnitOfWork, job: str) -> PeopleJobView:
        """Return a job.

        Raises:
            JobNotFound: there is none.
        """
        return _view(await PeopleJobQueries(uow).get(decode_id(JOB_PREFIX, job)), uow)

    async def cancel(self, uow: UnitOfWork, job: str) -> PeopleJobView:
        """End a running job after the people it is at; what is done stays.

        Raises:
            JobNotFound, JobOver
        """
        queries = PeopleJobQueries(uow)
        row = await queries.get(decode_id(JOB_PREFIX, job), lock=True)
        if row.state != JobState.RUNNING:
            raise JobOver("the job is over", message_zh="任务已结束")
        await queries.cancel(row.id)
        await finish_list(uow, self._reach, await queries.get(row.id))
        return await self.get(uow, job)

    async def undo(self, uow: UnitOfWork, job: str, *, actor: str) -> str:
        """Take back in the background what a job did, where nobody changed it since; return the new job's id.

        Raises:
            JobNotFound
            CannotUndo: it runs, changed nobody, was taken back, takes something back itself, or is older than
                ``UNDO_DAYS``.
        """
        queries, undo_id = PeopleJobQueries(uow), new_id()
        row = await queries.get(decode_id(JOB_PREFIX, job), lock=True)
        people = await queries.people_with_steps(row.id) if _can_undo(row, uow) else []
        if not people:
            raise CannotUndo(
                "this job cannot be taken back: it runs, changed nobody, was taken back already, or is older "
                f"than {UNDO_DAYS} days",
                message_zh=f"该任务无法撤销：仍在执行、没有改动任何人、已撤销，或已超过 {UNDO_DAYS} 天",
            )
        await queries.add(undo_id, people, kind=row.kind, deed=row.deed, actor=actor, undoes=row.id)
        await queries.mark_undone(row.id, by=undo_id)
        return encode_id(JOB_PREFIX, undo_id)

    async def failures(self, uow: UnitOfWork, job: str) -> bytes:
        """Return who was not treated and why, as CSV.

        Raises:
            JobNotFound: there is none.
        """
        queries = PeopleJobQueries(uow)
        row = await queries.get(decode_id(JOB_PREFIX, job))
        found = await queries.failures(row.id, after=0, limit=_FAILURES_MAX)
        rows = [(encode_id("per", person), reason) for person, reason in found]
        return write_csv(("person", "reason"), rows)

    async def run_slice(self, uow: UnitOfWork, size: int = SLICE) -> int:
        """Treat the next people of the oldest job; return how many, 0 when none waits.

        What is done and how far the job has come commit together: whatever is cut short is done once.
        """
        queries = PeopleJobQueries(uow)
        claimed = await queries.claim(size)
        if claimed is None:
            return 0
        job, people = claimed
        treat = self._treatments.do if job.undoes is None else self._treatments.undo
        treated = await treat(uow, job, people)
        await queries.note_failures(job.id, treated.failures)
        await queries.advance(job, done=len(people), changed=treated.changed, failed=len(treated.failures))
        await finish_list(uow, self._reach, await queries.get(job.id))
        return len(people)

    async def forget_old(self, uow: UnitOfWork, limit: int = 5_000) -> int:
        """Forget what can no longer be taken back."""
        before = uow.clock.now() - timedelta(days=UNDO_DAYS)
        return await PeopleJobQueries(uow).forget_steps(before, limit)

    async def meant(self, tenant_id: TenantId, audience: MeantPeople) -> Sequence[int]:
        """Return who is meant, ascending.

        Raises:
            TooManyMeant, and whatever a filter is refused for.
        """
        if audience.filter is not None:
            people = await self._lists.everyone(tenant_id, audience.filter, at_most=PEOPLE_MAX)
        else:
            named = [decode_id("per", one) for one in audience.people]
            async with self._uows.app(tenant_id) as uow:
                found = await profile_queries.find_canonical(uow, [one for one in named if one < 2**31])
            people = sorted(set(found.values()))
        if len(people) > PEOPLE_MAX:
            raise TooManyMeant(f"at most {PEOPLE_MAX} people a job", message_zh=f"一次最多 {PEOPLE_MAX} 人")
        return people

    async def _check(self, uow: UnitOfWork, deed: Deed) -> None:
        match deed:
            case ChangeTags():
                change = TagChange(add=deed.add, remove=deed.remove, expires_at=deed.expires_at)
                nobody: list[PersonId] = []
                await TagGiving().change(uow, nobody, change, cause=Cause(origin=Origin.JOB))
            case ChangeAttribute():
                check_attribute(deed.key)
            case ChangeList():
                await self._reach.lists.check(uow, deed.segment, adding=0)
            case StartJourney():
                await self._reach.journeys.check(uow, deed.journey)


def check_attribute(key: str) -> None:
    """Raise ``NotAnAttribute`` for what is not set for many: names, identifiers, what is computed."""
    refuse_computed(key)
    if is_private(classify_trait(key)):
        raise NotAnAttribute(
            f"{key} is a name or an identifier: it is one person's, and not set for many",
            message_zh=f"{key} 属于姓名或标识，不能批量设置",
        )


def _can_undo(row: JobRow, uow: UnitOfWork) -> bool:
    is_recent = row.created_at > uow.clock.now() - timedelta(days=UNDO_DAYS)
    is_over = row.state != JobState.RUNNING
    return is_over and is_recent and row.changed > 0 and row.undoes is None and row.undone_by is None


def _view(row: JobRow, uow: UnitOfWork) -> PeopleJobView:
    return PeopleJobView(
        id=encode_id(JOB_PREFIX, row.id),
        kind=row.kind,
        state=JobState(row.state),
        deed=row.deed,
        people=row.size,
        done=row.done,
        changed=row.changed,
        failed=row.failed,
        actor=row.actor,
        created_at=row.created_at,
        finished_at=row.finished_at,
        undoes=None if row.undoes is None else encode_id(JOB_PREFIX, row.undoes),
        undone_by=None if row.undone_by is None else encode_id(JOB_PREFIX, row.undone_by),
        can_undo=_can_undo(row, uow),
    )
