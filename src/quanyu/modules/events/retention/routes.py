"""The door of retention."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.events.retention.contracts import Keep, RetentionPreview, RetentionView, SaveKeep
from quanyu.modules.events.retention.service import Retention

_Name = Annotated[str | None, Query(min_length=1, max_length=200)]


def router(retention: Retention) -> APIRouter:
    """Return the routes of retention. Without ``name``, a rule is about all names that have none."""
    routes = APIRouter(prefix="/api/v1/events/retention", tags=["events"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def get_retention(caller: CurrentCaller) -> RetentionView:
        """Return how long events are kept, what is held of each name, and the latest run."""
        return await retention.view(caller.tenant_id)

    @routes.post("/preview")
    @permits.reads
    async def preview_retention(caller: CurrentCaller, keep: Keep, name: _Name = None) -> RetentionPreview:
        """Tell what a rule would remove today and who asks for it over a longer window."""
        return await retention.preview(caller.tenant_id, name, keep)

    @routes.put("/rule", status_code=status.HTTP_204_NO_CONTENT)
    async def save_retention(
        caller: CurrentCaller, uow: RequestUow, keep: SaveKeep, name: _Name = None
    ) -> Response:
        """Set how long events are kept."""
        await retention.save(uow, name, keep, by=caller.name)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    @routes.delete("/rule", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_retention(uow: RequestUow, name: _Name = None) -> Response:
        """Forget a rule; what is gone stays gone."""
        await retention.forget(uow, name)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    return routes
