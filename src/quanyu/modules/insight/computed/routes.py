"""The door of computed attributes."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.insight.computed.contracts import (
    ComputedDetail,
    ComputedList,
    ComputedPage,
    ComputedRefresh,
    ComputedTrial,
    ComputedView,
    NewComputed,
    PersonValues,
    SaveComputed,
    TryComputed,
    ValueSpread,
)
from quanyu.modules.insight.computed.refresh import ComputedRefresher
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.people.errors import PersonNotFound

_PERSON_MAX = 2**31


def router(computed: ComputedAttributes, refresher: ComputedRefresher) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["computed attributes"], dependencies=[permits.SEGMENTS])
    _definitions(routes, computed)
    _states(routes, computed)
    _values(routes, computed, refresher)
    return routes


def _definitions(routes: APIRouter, computed: ComputedAttributes) -> None:
    @routes.get("/computed-attributes")
    async def list_computed_attributes(uow: RequestUow) -> ComputedList:
        """List every computed attribute with its coverage and freshness."""
        return await computed.list_all(uow)

    @routes.post("/computed-attributes", status_code=status.HTTP_201_CREATED)
    async def create_computed_attribute(
        uow: RequestUow, caller: CurrentCaller, command: NewComputed
    ) -> ComputedView:
        """Begin a computed attribute as a draft."""
        return await computed.create(uow, command, actor=caller.name)

    @routes.post("/computed-attributes/preview")
    @permits.reads
    async def preview_computed_attribute(caller: CurrentCaller, command: TryComputed) -> ComputedTrial:
        """Compute a definition for a sample of people; nothing is saved."""
        return await computed.try_out(caller.tenant_id, command)

    @routes.get("/computed-attributes/{attribute}")
    async def get_computed_attribute(uow: RequestUow, attribute: str) -> ComputedDetail:
        """Return a computed attribute with what it reads, who reads it, and its versions."""
        return await computed.get(uow, attribute)

    @routes.put("/computed-attributes/{attribute}")
    async def update_computed_attribute(
        uow: RequestUow, attribute: str, command: SaveComputed
    ) -> ComputedView:
        """Replace words and draft; what is published goes on until the draft is."""
        return await computed.update(uow, attribute, command)

    @routes.delete("/computed-attributes/{attribute}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_computed_attribute(uow: RequestUow, attribute: str) -> None:
        """Delete a computed attribute that nothing reads."""
        await computed.delete(uow, attribute)


def _states(routes: APIRouter, computed: ComputedAttributes) -> None:
    @routes.post("/computed-attributes/{attribute}/publish")
    async def publish_computed_attribute(
        uow: RequestUow, caller: CurrentCaller, attribute: str
    ) -> ComputedView:
        """Make the draft the next version; values follow within seconds."""
        return await computed.publish(uow, attribute, actor=caller.name)

    @routes.post("/computed-attributes/{attribute}/pause")
    async def pause_computed_attribute(uow: RequestUow, attribute: str) -> ComputedView:
        """Keep the values as they are."""
        return await computed.pause(uow, attribute)

    @routes.post("/computed-attributes/{attribute}/resume")
    async def resume_computed_attribute(uow: RequestUow, attribute: str) -> ComputedView:
        """Go on computing."""
        return await computed.resume(uow, attribute)


def _values(routes: APIRouter, computed: ComputedAttributes, refresher: ComputedRefresher) -> None:
    @routes.post("/computed-attributes/refresh")
    async def refresh_computed_attributes(caller: CurrentCaller, full: bool = False) -> ComputedRefresh:
        """Bring every value up to date now; ``full`` looks at everybody, not only at changed people."""
        return ComputedRefresh(**asdict(await refresher.refresh(caller.tenant_id, full=full)))

    @routes.get("/computed-attributes/{attribute}/distribution")
    async def computed_attribute_distribution(uow: RequestUow, attribute: str) -> ValueSpread:
        """Return how the values are spread over people."""
        return await computed.distribution(uow, attribute)

    @routes.get("/computed-attributes/{attribute}/people")
    async def computed_attribute_people(
        uow: RequestUow,
        attribute: str,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> ComputedPage:
        """List the people who have a value."""
        return await computed.values(uow, attribute, cursor=cursor, limit=limit)

    @routes.get("/people/{person}/computed-attributes")
    async def computed_attributes_of_person(uow: RequestUow, person: str) -> PersonValues:
        """List one person's computed values with their lineage."""
        number = decode_id("per", person)
        if number >= _PERSON_MAX:
            raise PersonNotFound("there is no such person", message_zh="没有这个客户")
        return await computed.of_person(uow, PersonId(number))
