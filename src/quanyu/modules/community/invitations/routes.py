"""HTTP: invitations into groups."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.community.invitations.contracts import (
    Invitation,
    InvitationDraft,
    InvitationPreview,
    Invitations,
    StaffSends,
)
from quanyu.modules.community.invitations.service import GroupInvitations, read_invitation_id


class Reminded(BaseModel):
    """How many members were reminded."""

    reminded: int


def router(invitations: GroupInvitations) -> APIRouter:
    """Return the routes under ``/api/v1/group-invitations``."""
    routes = APIRouter(
        prefix="/api/v1/group-invitations", tags=["group invitations"], dependencies=[permits.WECOM]
    )

    @routes.get("")
    async def list_invitations(uow: RequestUow) -> Invitations:
        """Invitations, newest first."""
        return await invitations.list_invitations(uow)

    @routes.post("/preview")
    @permits.reads
    async def preview_invitation(uow: RequestUow, draft: InvitationDraft) -> InvitationPreview:
        """Who would be invited by whom now, who is left out and why."""
        return await invitations.preview(uow, draft)

    @routes.post("", status_code=201)
    async def create_invitation(uow: RequestUow, draft: InvitationDraft) -> Invitation:
        """Keep a draft; nobody is asked yet."""
        return await invitations.create(uow, draft)

    @routes.get("/{invitation_id}")
    async def get_invitation(uow: RequestUow, invitation_id: str) -> Invitation:
        """One invitation with what came of it."""
        return await invitations.get(uow, read_invitation_id(invitation_id))

    @routes.post("/{invitation_id}/start")
    async def start_invitation(uow: RequestUow, invitation_id: str) -> Invitation:
        """Have members asked to send it. The audience is resolved now."""
        return await invitations.start(uow, read_invitation_id(invitation_id))

    @routes.post("/{invitation_id}/stop")
    async def stop_invitation(uow: RequestUow, invitation_id: str) -> Invitation:
        """Take back what members have not confirmed."""
        return await invitations.stop(uow, read_invitation_id(invitation_id))

    @routes.get("/{invitation_id}/staff")
    async def staff_of_invitation(uow: RequestUow, invitation_id: str) -> StaffSends:
        """How far each member is."""
        return await invitations.sends(uow, read_invitation_id(invitation_id))

    @routes.post("/{invitation_id}/remind")
    async def remind_staff(
        request: Request,
        caller: CurrentCaller,
        invitation_id: str,
        send: Annotated[str, Query(max_length=20)] = "",
    ) -> Reminded:
        """Remind members who have not confirmed (``send``: one), three times a day at most."""
        uows: UnitOfWorkFactory = request.app.state.uows
        async with uows.app(caller.tenant_id) as uow:
            corp_id, sends = await invitations.sends_to_remind(uow, read_invitation_id(invitation_id), send)
        return Reminded(reminded=await invitations.remind(caller.tenant_id, corp_id, sends))

    return routes
