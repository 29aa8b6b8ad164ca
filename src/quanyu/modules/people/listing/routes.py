"""The door of lists of people."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.people.listing.contracts import (
    ListOptions,
    ListPage,
    ListPeople,
    SaveView,
    ViewsOfPeople,
)
from quanyu.modules.people.listing.service import PeopleLists
from quanyu.modules.people.listing.views import PeopleViews


class ViewMade(BaseModel):
    """The id of a view just kept."""

    id: str


def router(lists: PeopleLists) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/people-list", tags=["people"], dependencies=[permits.PEOPLE])
    views = PeopleViews()

    @routes.post("")
    @permits.reads
    async def page_of_people(caller: CurrentCaller, wanted: ListPeople) -> ListPage:
        """Return a page of people: filtered, in order, with the columns chosen; nothing is changed."""
        return await lists.page(caller.tenant_id, wanted)

    @routes.get("/options")
    async def get_people_list_options(uow: RequestUow) -> ListOptions:
        """Return the kinds of identifiers the brand has, account by account."""
        return await lists.options(uow)

    @routes.get("/views")
    async def list_people_views(uow: RequestUow, caller: CurrentCaller) -> ViewsOfPeople:
        """List the caller's views and those shared with everybody."""
        return await views.visible(uow, user_id=caller.user_id)

    @routes.post("/views", status_code=status.HTTP_201_CREATED)
    @permits.reads
    async def keep_people_view(uow: RequestUow, caller: CurrentCaller, command: SaveView) -> ViewMade:
        """Keep a list under a name."""
        return ViewMade(id=await views.add(uow, command, user_id=caller.user_id, name=caller.name))

    @routes.put("/views/{view}", status_code=status.HTTP_204_NO_CONTENT)
    @permits.reads
    async def change_people_view(
        uow: RequestUow, caller: CurrentCaller, view: str, command: SaveView
    ) -> None:
        """Replace a view of one's own."""
        await views.change(uow, view, command, user_id=caller.user_id)

    @routes.delete("/views/{view}", status_code=status.HTTP_204_NO_CONTENT)
    @permits.reads
    async def forget_people_view(uow: RequestUow, caller: CurrentCaller, view: str) -> None:
        """Forget a view of one's own."""
        await views.drop(uow, view, user_id=caller.user_id)

    return routes
