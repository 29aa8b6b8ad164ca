"""The door to the model's settings."""

from fastapi import APIRouter, status

from quanyu.flows.drafting.model.contracts import ModelCheck, ModelSettings, SaveModel
from quanyu.flows.drafting.model.service import ModelDesk
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow


def router(desk: ModelDesk) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/settings/model", tags=["drafts"], dependencies=[permits.SETTINGS])

    @routes.get("")
    async def get_drafting_model(uow: RequestUow) -> ModelSettings:
        """Return the model drafts are made with, and what was used; never its key."""
        return await desk.settings(uow)

    @routes.put("")
    async def set_drafting_model(command: SaveModel, uow: RequestUow) -> ModelSettings:
        """Choose a model: any OpenAI-compatible endpoint."""
        return await desk.save(uow, command)

    @routes.delete("", status_code=status.HTTP_204_NO_CONTENT)
    async def remove_drafting_model(uow: RequestUow) -> None:
        """Draft by rules alone from now on."""
        await desk.remove(uow)

    @routes.post("/check")
    async def check_drafting_model(caller: CurrentCaller) -> ModelCheck:
        """Ask the model something small."""
        return await desk.check(caller.tenant_id)

    return routes
