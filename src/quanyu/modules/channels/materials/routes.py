"""HTTP: the material of an account."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra.web import CurrentCaller
from quanyu.modules.channels.materials.contracts import MaterialKind, Materials
from quanyu.modules.channels.materials.service import MaterialShelf
from quanyu.modules.channels.service import read_account_id


def router(materials: MaterialShelf) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/materials``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/materials", tags=["account material"]
    )

    @routes.get("")
    async def list_materials(
        caller: CurrentCaller,
        account_id: str,
        kind: MaterialKind,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Materials:
        """Up to 20 of the account's permanent materials or published articles; asks the platform."""
        return await materials.list_materials(
            caller.tenant_id, read_account_id(account_id), kind, offset=offset
        )

    return routes
