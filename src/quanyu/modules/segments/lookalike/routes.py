"""The door of lookalikes."""

from fastapi import APIRouter, Query, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.segments.lookalike.contracts import LookalikeList, LookalikeSearch, SaveLookalike
from quanyu.modules.segments.lookalike.service import Lookalikes


def router(lookalikes: Lookalikes) -> APIRouter:
    """Build the routes; they come before those that take any segment's id."""
    routes = APIRouter(prefix="/api/v1/segments", tags=["segments"], dependencies=[permits.SEGMENTS])

    @routes.post("/lookalikes", status_code=status.HTTP_201_CREATED)
    async def create_lookalike(caller: CurrentCaller, command: SaveLookalike) -> LookalikeList:
        """Make a list and look for the people most like a seed; nobody is on it before `use`."""
        return await lookalikes.create(caller.tenant_id, command, by=caller.name)

    @routes.get("/{segment}/lookalike")
    async def get_lookalike(uow: RequestUow, segment: str) -> LookalikeList:
        """Return the last search for a list: how far it is, how good it is, and why these people."""
        return await lookalikes.view(uow, decode_id("seg", segment))

    @routes.post("/{segment}/lookalike/find")
    async def find_lookalikes_again(
        caller: CurrentCaller, segment: str, search: LookalikeSearch
    ) -> LookalikeList:
        """Search anew, as of now; who is on the list stays until `use`."""
        return await lookalikes.find_again(
            caller.tenant_id, decode_id("seg", segment), search, by=caller.name
        )

    @routes.post("/{segment}/lookalike/stop")
    async def stop_lookalike(caller: CurrentCaller, segment: str) -> LookalikeList:
        """Stop a search; nothing of it is kept."""
        return await lookalikes.stop(caller.tenant_id, decode_id("seg", segment))

    @routes.post("/{segment}/lookalike/use")
    async def use_lookalikes(
        caller: CurrentCaller, segment: str, despite_warnings: bool = Query(default=False)
    ) -> LookalikeList:
        """Put the people found on the list, in place of those before."""
        return await lookalikes.use(
            caller.tenant_id, decode_id("seg", segment), despite_warnings=despite_warnings
        )

    return routes
