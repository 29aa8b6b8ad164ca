"""The door of template synchronisation: fetch an account's templates from the platform, now."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from quanyu.flows.template_sync import TemplateSync
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.messaging.capabilities import read_any_account_id
from quanyu.modules.messaging.contracts import TemplateRecord


class RefreshTemplates(BaseModel):
    """Which account to ask about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str  # ``oac_…`` or ``mpa_…``.


class RefreshedTemplates(BaseModel):
    """The account's templates, as the platform lists them."""

    model_config = ConfigDict(frozen=True)

    items: tuple[TemplateRecord, ...]


def router(templates: TemplateSync) -> APIRouter:
    """Build the route."""
    routes = APIRouter(
        prefix="/api/v1/messages/templates", tags=["messages"], dependencies=[permits.MESSAGES]
    )

    @routes.post("/refresh")
    async def refresh_templates(caller: CurrentCaller, command: RefreshTemplates) -> RefreshedTemplates:
        """Fetch an account's templates; what the platform no longer lists is withdrawn. Idempotent."""
        account_id = AccountId(read_any_account_id(command.account))
        return RefreshedTemplates(items=await templates.run(caller.tenant_id, account_id))

    return routes
