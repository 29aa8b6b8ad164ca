"""Jobs that put people on lists, take them from lists, or start journeys for them: one slice each."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.bulk.contracts import JOB_PREFIX, ChangeList, JobState, StartJourney
from quanyu.modules.people.bulk.ports import ListChange, Reach
from quanyu.modules.people.bulk.queries import JobRow, PeopleJobQueries, Step


async def change_list(uow: UnitOfWork, reach: Reach, job: JobRow, profiles: Sequence[int]) -> int:
    """Put profiles on the list of a job, or take them; return of how many that changed anything."""
    members = await profile_queries.list_members(uow, profiles)
    ids: dict[int, list[int]] = {}
    for one in members:
        ids.setdefault(one.profile, []).append(one.id)
    change = list_change(job)
    changed = await reach.lists.change(uow, change, ids)
    await _note(uow, job, change.segment, changed)
    return len({one.profile for one in members if one.id in changed})


async def undo_list(uow: UnitOfWork, reach: Reach, job: JobRow, people: Sequence[int]) -> set[int]:
    """Take back what the job it undoes did to some person ids; return those."""
    return await reach.lists.take_back(uow, list_change(job), people, undoes=_name(int(job.undoes or 0)))


async def finish_list(uow: UnitOfWork, reach: Reach, job: JobRow) -> None:
    """Let count what a job that is over did to its list."""
    if job.kind == "list" and job.state != JobState.RUNNING:
        await reach.lists.finish(uow, list_change(job), people=job.done, changed=job.changed)


async def start_journey(
    uow: UnitOfWork, reach: Reach, job: JobRow, profiles: Sequence[int]
) -> set[int] | None:
    """Let profiles into the journey of a job; return who came, ``None`` if it runs no more."""
    deed = StartJourney.model_validate(job.deed)
    came = await reach.journeys.let_in(uow, deed.journey, profiles, job=_name(job.id))
    if came is not None:
        await _note(uow, job, deed.journey, came)
    return came


async def undo_journey(uow: UnitOfWork, reach: Reach, job: JobRow, people: Sequence[int]) -> set[int]:
    """Let those out whom the job it undoes let in and who are still on the way; return those."""
    deed = StartJourney.model_validate(job.deed)
    return await reach.journeys.let_out(uow, deed.journey, people, job=_name(int(job.undoes or 0)))


def list_change(job: JobRow) -> ListChange:
    """Return what a job does to its list; one that undoes does the opposite."""
    deed = ChangeList.model_validate(job.deed)
    puts = deed.put if job.undoes is None else not deed.put
    return ListChange(segment=deed.segment, puts=puts, job=_name(job.id), actor=job.actor)


async def _note(uow: UnitOfWork, job: JobRow, thing: str, people: set[int]) -> None:
    steps = [Step(one, thing, None, job.id) for one in sorted(people)]
    await PeopleJobQueries(uow).note_steps(job.id, steps)


def _name(job_id: int) -> str:
    return encode_id(JOB_PREFIX, job_id)
