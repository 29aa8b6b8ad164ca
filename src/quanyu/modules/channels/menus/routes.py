"""HTTP: menus of an account."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.channels.menus.contracts import (
    MatchOutcome,
    MatchTrial,
    Menu,
    MenuDraft,
    Menus,
    Publications,
)
from quanyu.modules.channels.menus.service import MenuDesk, read_menu_id
from quanyu.modules.channels.service import Channels, read_account_id


class Pulled(BaseModel):
    """How many menus were taken over from the platform."""

    model_config = ConfigDict(frozen=True)

    taken: int


def router(channels: Channels, menus: MenuDesk) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/menus``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/menus",
        tags=["menus"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("")
    async def list_menus(uow: RequestUow, account_id: str) -> Menus:
        """The default menu, then the conditional ones."""
        await channels.get_account(uow, read_account_id(account_id))
        return Menus(items=await menus.list_menus(uow, read_account_id(account_id)))

    @routes.post("", status_code=201)
    async def create_menu(uow: RequestUow, account_id: str, draft: MenuDraft) -> Menu:
        """Keep a draft: of the default menu, or with ``match`` a new conditional one. Publishes nothing."""
        await channels.get_account(uow, read_account_id(account_id))
        return await menus.save(uow, read_account_id(account_id), None, draft)

    @routes.get("/history")
    async def list_publications(uow: RequestUow, account_id: str) -> Publications:
        """What was published and withdrawn, newest first, with the menu as it was."""
        return Publications(items=await menus.history(uow, read_account_id(account_id)))

    @routes.post("/pull")
    async def pull_menus(caller: CurrentCaller, account_id: str) -> Pulled:
        """Take over the menus the platform shows now."""
        return Pulled(taken=await menus.pull(caller.tenant_id, read_account_id(account_id)))

    @routes.post("/match")
    @permits.reads
    async def match_menu(caller: CurrentCaller, account_id: str, trial: MatchTrial) -> MatchOutcome:
        """Ask the platform which menu a person sees."""
        person = decode_id("per", trial.person_id)
        return await menus.match(caller.tenant_id, read_account_id(account_id), person)

    @routes.put("/{menu_id}")
    async def change_menu(uow: RequestUow, account_id: str, menu_id: str, draft: MenuDraft) -> Menu:
        """Change a draft. Publishes nothing."""
        return await menus.save(uow, read_account_id(account_id), read_menu_id(menu_id), draft)

    @routes.delete("/{menu_id}", status_code=204)
    async def delete_menu(uow: RequestUow, account_id: str, menu_id: str) -> Response:
        """Delete a draft that is not published."""
        await menus.delete(uow, read_account_id(account_id), read_menu_id(menu_id))
        return Response(status_code=204)

    @routes.post("/{menu_id}/publish")
    async def publish_menu(caller: CurrentCaller, account_id: str, menu_id: str) -> Menu:
        """Publish the draft as it is; people see it within five minutes."""
        return await menus.publish(
            caller.tenant_id, read_account_id(account_id), read_menu_id(menu_id), actor=caller.name
        )

    @routes.post("/{menu_id}/withdraw")
    async def withdraw_menu(caller: CurrentCaller, account_id: str, menu_id: str) -> Menu:
        """Take the menu off the platform; with the default one go all conditional ones."""
        return await menus.withdraw(
            caller.tenant_id, read_account_id(account_id), read_menu_id(menu_id), actor=caller.name
        )

    return routes
