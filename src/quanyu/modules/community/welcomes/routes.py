"""HTTP: group welcomes."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.community.welcomes.contracts import (
    GroupWelcome,
    GroupWelcomeDraft,
    GroupWelcomes,
    NewGroupWelcome,
)
from quanyu.modules.community.welcomes.service import GroupWelcomeDesk, read_welcome_id


def router(desk: GroupWelcomeDesk) -> APIRouter:
    """Return the routes under ``/api/v1/group-welcomes``."""
    routes = APIRouter(prefix="/api/v1/group-welcomes", tags=["group welcomes"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_welcomes(uow: RequestUow) -> GroupWelcomes:
        """Group welcomes, newest first."""
        return await desk.list_welcomes(uow)

    @routes.post("", status_code=201)
    async def create_welcome(uow: RequestUow, command: NewGroupWelcome) -> GroupWelcome:
        """Make a welcome; the platform is asked right after."""
        return await desk.create(uow, command)

    @routes.put("/{welcome_id}")
    async def change_welcome(uow: RequestUow, welcome_id: str, draft: GroupWelcomeDraft) -> GroupWelcome:
        """Replace what a welcome says."""
        return await desk.change(uow, read_welcome_id(welcome_id), draft)

    @routes.delete("/{welcome_id}", status_code=204)
    async def delete_welcome(uow: RequestUow, welcome_id: str) -> None:
        """Delete a welcome here and on the platform."""
        await desk.delete(uow, read_welcome_id(welcome_id))

    return routes
