"""The door to identifiers in full."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.permissions import Permission
from quanyu.modules.people.reveal.contracts import Reveal, Revealed, RevealNotes
from quanyu.modules.people.reveal.service import Reveals
from quanyu.modules.people.routes import read_person_id


def router(reveals: Reveals) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[permits.PEOPLE])

    @routes.post("/{person}/reveal")
    @permits.needs(Permission.PEOPLE_REVEAL)
    async def reveal_person(uow: RequestUow, caller: CurrentCaller, person: str, command: Reveal) -> Revealed:
        """Show fields of one person in full, for a reason; who saw what is written down."""
        return await reveals.reveal(uow, read_person_id(person), command, caller=caller)

    @routes.get("/{person}/reveals")
    @permits.needs(Permission.AUDIT_READ)
    async def list_reveals_of_person(uow: RequestUow, person: str) -> RevealNotes:
        """List who saw what of one person in full, when and why; newest first."""
        return await reveals.notes(uow, read_person_id(person))

    return routes
