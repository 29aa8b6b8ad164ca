"""/api/v1/api-tokens: tokens by which programs call this API."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.tenants.access.api_tokens.contracts import ApiTokenDraft, ApiTokenList, MadeApiToken
from quanyu.modules.tenants.access.api_tokens.service import ApiTokens
from quanyu.modules.tenants.access.roles.service import catalogue


def router(tokens: ApiTokens) -> APIRouter:
    """Return the routes of API tokens."""
    routes = APIRouter(prefix="/api/v1/api-tokens", tags=["access"], dependencies=[permits.PERSON])

    @routes.get("")
    async def list_api_tokens(caller: CurrentCaller, uow: RequestUow) -> ApiTokenList:
        """List one's own valid tokens, newest first; for those who manage members, everybody's."""
        return ApiTokenList(items=await tokens.list_tokens(uow, caller), catalogue=catalogue())

    @routes.post("", status_code=201)
    async def create_api_token(caller: CurrentCaller, uow: RequestUow, draft: ApiTokenDraft) -> MadeApiToken:
        """Make a token that may do at most what its maker may; the secret is shown only here."""
        return await tokens.make(uow, caller, draft)

    @routes.delete("/{token}", status_code=204)
    async def revoke_api_token(caller: CurrentCaller, uow: RequestUow, token: str) -> None:
        """End a token, from its next request on."""
        await tokens.revoke(uow, caller, decode_id("tok", token))

    return routes
