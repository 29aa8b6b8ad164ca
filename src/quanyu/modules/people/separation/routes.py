"""The door of the identity desk."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.people.routes import read_person_id
from quanyu.modules.people.separation.contracts import (
    ChooseIdentities,
    MarkIdentity,
    PersonEvidence,
    SeparateIdentities,
    SeparationPreview,
    SeparationResult,
)
from quanyu.modules.people.separation.service import DECISION_PREFIX, IdentityDesk


def router(desk: IdentityDesk, uows: UnitOfWorkFactory) -> APIRouter:
    """Build the routes. What hangs on people is in many places: the changing ones act as the platform."""
    routes = APIRouter(prefix="/api/v1", tags=["people"], dependencies=[permits.PEOPLE])

    @routes.get("/people/{person}/identity")
    async def get_person_identity(uow: RequestUow, person: str) -> PersonEvidence:
        """Return why these identifiers are one person's, and what was decided about them."""
        return await desk.explain(uow, read_person_id(person))

    @routes.post("/people/{person}/identity/preview")
    @permits.reads
    async def preview_separation(
        caller: CurrentCaller, person: str, command: ChooseIdentities
    ) -> SeparationPreview:
        """Say what taking these identifiers away from the person would move; nothing changes."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.preview(uow, read_person_id(person), command.identities)

    @routes.post("/people/{person}/identity/separate")
    async def separate_identities(
        caller: CurrentCaller, person: str, command: SeparateIdentities
    ) -> SeparationResult:
        """Take these identifiers away from the person; everything that is theirs goes with them."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.separate(uow, read_person_id(person), command, actor=caller.name)

    @routes.post("/people/{person}/identity/mark")
    async def mark_identity(caller: CurrentCaller, person: str, command: MarkIdentity) -> SeparationResult:
        """Mark an identifier as used by many, or take the mark away."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.mark(uow, read_person_id(person), command, actor=caller.name)

    @routes.post("/identity-decisions/{decision}/undo")
    async def undo_identity_decision(caller: CurrentCaller, decision: str) -> SeparationResult:
        """Take a decision about identifiers back."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.undo(uow, decode_id(DECISION_PREFIX, decision), actor=caller.name)

    return routes
