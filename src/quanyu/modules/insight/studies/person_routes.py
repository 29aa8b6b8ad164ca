"""What all studies say of one person: for the cards of their page."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.insight.studies.contracts import PersonFigure
from quanyu.modules.insight.studies.desk import StudyDesk
from quanyu.modules.people.service import People


def router(people: People, studies: Sequence[StudyDesk[Any, Any]]) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/understanding", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("/people/{person_id}", operation_id="understanding_of_person")
    async def of_person(
        uow: RequestUow, person_id: Annotated[str, Path(max_length=40)]
    ) -> dict[str, PersonFigure]:
        """Return what each kind last said of a person; kinds that say nothing are left out."""
        person = PersonId(decode_id("per", person_id))
        canonical = (await people.canonical_ids(uow, [person])).get(person, person)
        found = {desk.study.kind: await desk.of_person(uow, canonical) for desk in studies}
        return {kind: figure for kind, figure in found.items() if figure is not None}

    return routes
