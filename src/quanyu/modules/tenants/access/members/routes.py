"""/api/v1/members: the people of a brand. /api/v1/join: those who were invited, without an account yet."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, LocalCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.tenants.access.cookie import device_of, give_session, refuse_foreign_page
from quanyu.modules.tenants.access.members.contracts import (
    JoinCode,
    Joining,
    JoinView,
    MemberInvitation,
    MemberLink,
    MemberList,
    MemberRole,
    ResetFor,
)
from quanyu.modules.tenants.access.members.service import Members


def router(members: Members) -> APIRouter:
    """Return the routes of those who manage members."""
    routes = APIRouter(prefix="/api/v1/members", tags=["access"], dependencies=[permits.ACCESS])

    @routes.get("")
    async def list_members(caller: CurrentCaller, uow: RequestUow) -> MemberList:
        """List everybody who works in the brand or is invited to, oldest first."""
        return MemberList(items=await members.list_members(uow, caller))

    @routes.post("", status_code=201)
    async def invite_member(caller: CurrentCaller, uow: RequestUow, wanted: MemberInvitation) -> MemberLink:
        """Invite somebody; the link works once within seven days and is shown only here."""
        return await members.invite(uow, caller, wanted)

    @routes.post("/{member}/invitation", status_code=201)
    async def invite_member_again(caller: CurrentCaller, uow: RequestUow, member: str) -> MemberLink:
        """Make a new link for somebody who has not joined; the old one stops working."""
        return await members.invite_again(uow, caller, decode_id("usr", member))

    @routes.put("/{member}/role", status_code=204)
    async def change_member_role(
        caller: CurrentCaller, uow: RequestUow, member: str, wanted: MemberRole
    ) -> None:
        """Give a member another role, from their next request on."""
        await members.change_role(uow, caller, decode_id("usr", member), wanted.role)

    @routes.post("/{member}/disable", status_code=204)
    async def disable_member(caller: CurrentCaller, uow: RequestUow, member: str) -> None:
        """Keep a member out and end their sessions."""
        await members.disable(uow, caller, decode_id("usr", member))

    @routes.post("/{member}/enable", status_code=204)
    async def enable_member(caller: CurrentCaller, uow: RequestUow, member: str) -> None:
        """Let a disabled member in again."""
        await members.enable(uow, caller, decode_id("usr", member))

    @routes.post("/{member}/password-reset", status_code=201)
    async def make_reset_link(caller: CurrentCaller, uow: RequestUow, member: str) -> MemberLink:
        """Make a link by which a member sets a new password once, within a day."""
        return await members.make_reset_link(uow, caller, decode_id("usr", member))

    @routes.post("/password-reset", status_code=201)
    async def make_reset_link_by_email(caller: LocalCaller, uow: RequestUow, wanted: ResetFor) -> MemberLink:
        """Make such a link by e-mail address; for the command line of the machine itself."""
        return await members.make_reset_link(uow, caller, await members.find_id(uow, wanted.email))

    @routes.delete("/{member}", status_code=204)
    async def remove_member(caller: CurrentCaller, uow: RequestUow, member: str) -> None:
        """Remove a member, or revoke an invitation."""
        await members.remove(uow, caller, decode_id("usr", member))

    return routes


def public_router(members: Members, *, public_url: str) -> APIRouter:
    """Return the routes of those who were invited."""
    routes = APIRouter(prefix="/api/v1/join", tags=["access"])

    @routes.post("/look")
    async def look_at_invitation(sent: JoinCode) -> JoinView:
        """Tell what an invitation is to."""
        return await members.look_at_invitation(sent.code)

    @routes.post("", status_code=204)
    async def join(request: Request, joining: Joining) -> Response:
        """Spend an invitation and sign in."""
        refuse_foreign_page(request, public_url)
        answer = Response(status_code=204)
        give_session(answer, await members.join(joining, device_of(request)), public_url=public_url)
        return answer

    return routes
