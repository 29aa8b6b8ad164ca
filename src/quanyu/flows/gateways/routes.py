"""HTTP: the gateways of a brand."""

from fastapi import APIRouter

from quanyu.flows.gateways.service import Gateways as GatewayFlow
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.contracts import Checks
from quanyu.modules.channels.gateways.contracts import (
    ConnectEmail,
    ConnectSms,
    ConnectWebhook,
    Gateway,
    Gateways,
)
from quanyu.modules.channels.gateways.service import read_gateway_id


def router(gateways: GatewayFlow) -> APIRouter:
    """Return the routes under ``/api/v1/channels/gateways``."""
    routes = APIRouter(prefix="/api/v1/channels/gateways", tags=["gateways"], dependencies=[permits.CHANNELS])

    @routes.get("")
    async def list_gateways(uow: RequestUow) -> Gateways:
        """What carries the brand's messages outside WeChat, oldest first."""
        return Gateways(items=await gateways.desk.list_gateways(uow))

    @routes.post("/sms", status_code=201)
    async def connect_sms(uow: RequestUow, command: ConnectSms) -> Gateway:
        """Connect an application of Tencent Cloud SMS, or change the one with this app id."""
        return await gateways.connect(uow, command)

    @routes.post("/email", status_code=201)
    async def connect_email(uow: RequestUow, command: ConnectEmail) -> Gateway:
        """Connect a sender of e-mail, or change the one with this address."""
        return await gateways.connect(uow, command)

    @routes.post("/webhook", status_code=201)
    async def connect_webhook(uow: RequestUow, command: ConnectWebhook) -> Gateway:
        """Connect another system by its address, or change what is known of it."""
        return await gateways.connect(uow, command)

    @routes.post("/{gateway_id}/check")
    async def check_gateway(caller: CurrentCaller, gateway_id: str) -> Checks:
        """Look at everything that can be wrong; takes as long as the other side takes to answer."""
        found = await gateways.check(caller.tenant_id, read_gateway_id(gateway_id))
        return Checks(checks=found)

    return routes
