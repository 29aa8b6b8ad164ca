"""Web pages of the brand that use WeChat's functions: what such a page configures itself with."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.service import read_account_id


class SignPage(BaseModel):
    """Sign one page for ``wx.config``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    # As the browser has it, with query; what follows # does not count.
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=2_048)]


class PageConfig(BaseModel):
    """The arguments of ``wx.config``, less ``jsApiList``; spelt as the platform's script wants them."""

    model_config = ConfigDict(frozen=True)

    app_id: str = Field(serialization_alias="appId")
    timestamp: int
    nonce: str = Field(serialization_alias="nonceStr")
    signature: str


def router(clients: AccountClients) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/pages``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/pages",
        tags=["web pages"],
        dependencies=[permits.CHANNELS],
    )

    @routes.post("/sign")
    @permits.reads
    async def sign_page(caller: CurrentCaller, account_id: str, command: SignPage) -> PageConfig:
        """Sign a page for the JS-SDK.

        All processes share one ticket; it is asked for when there is none that lasts.
        """
        sdk = await clients.js_sdk(caller.tenant_id, read_account_id(account_id))
        config = await sdk.config(command.url)
        return PageConfig(
            app_id=config.appId,
            timestamp=config.timestamp,
            nonce=config.nonceStr,
            signature=config.signature,
        )

    return routes
