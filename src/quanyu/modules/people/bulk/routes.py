"""The door of jobs about many people."""

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.people.bulk.access import require_for
from quanyu.modules.people.bulk.contracts import (
    AudienceCount,
    MeantPeople,
    PeopleJobs,
    PeopleJobView,
    StartJob,
)
from quanyu.modules.people.bulk.service import PeopleJobDesk


class JobStarted(BaseModel):
    """The id of a job that was asked for."""

    id: str


def router(desk: PeopleJobDesk) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/people-jobs", tags=["people"], dependencies=[permits.PEOPLE])

    @routes.get("")
    async def list_people_jobs(uow: RequestUow) -> PeopleJobs:
        """List the latest jobs, newest first."""
        return await desk.jobs(uow)

    @routes.post("/count")
    @permits.reads
    async def count_audience(caller: CurrentCaller, audience: MeantPeople) -> AudienceCount:
        """Count who is meant; nothing is changed."""
        return await desk.count(caller.tenant_id, audience)

    @routes.post("", status_code=status.HTTP_202_ACCEPTED)
    async def start_people_job(caller: CurrentCaller, command: StartJob) -> JobStarted:
        """Change many people in the background; lists and journeys need their own permission, too."""
        require_for(caller, command.deed.kind)
        return JobStarted(id=await desk.start(caller.tenant_id, command, actor=caller.name))

    @routes.get("/{job}")
    async def get_people_job(uow: RequestUow, job: str) -> PeopleJobView:
        """Return a job."""
        return await desk.get(uow, job)

    @routes.post("/{job}/cancel")
    async def cancel_people_job(uow: RequestUow, job: str) -> PeopleJobView:
        """End a running job; what is done stays and can be taken back."""
        return await desk.cancel(uow, job)

    @routes.post("/{job}/undo", status_code=status.HTTP_202_ACCEPTED)
    async def undo_people_job(uow: RequestUow, caller: CurrentCaller, job: str) -> JobStarted:
        """Take back what a job did, where nobody changed it since."""
        require_for(caller, (await desk.get(uow, job)).kind)
        return JobStarted(id=await desk.undo(uow, job, actor=caller.name))

    @routes.get("/{job}/failures.csv", response_class=Response)
    @permits.noted
    async def download_people_job_failures(uow: RequestUow, job: str) -> Response:
        """Download who was not treated, and why."""
        content = await desk.failures(uow, job)
        headers = {"Content-Disposition": f'attachment; filename="{job}-failures.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return routes
