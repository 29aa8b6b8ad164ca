"""The HTTP boundary: platform paths to the desk, ``/sandbox`` to the control API, faults in between."""

import asyncio

from aiohttp import web

from wechat_sandbox.endpoints import Desk, Reply
from wechat_sandbox.faults import Fault, FaultPlan
from wechat_sandbox.wire.errors import PlatformError

BODY_BYTES_MAX = 32 * 1024 * 1024  # Media and its form; smaller limits are the endpoints' own.


class PlatformDoor:
    """Answers every platform path."""

    def __init__(self, desk: Desk, faults: FaultPlan) -> None:
        self.desk = desk
        self.faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        fault = self._pick_fault(request) if self.faults.in_force else None
        if fault is not None:
            refusal = await self._before(fault, request, raw)
            if refusal is not None:
                return refusal
        reply = self.desk.answer(
            request.method,
            request.path,
            request.query,
            raw,
            content_type=request.headers.get("Content-Type", ""),
            cookies=request.cookies,
        )
        if fault is not None:
            await _after(fault, request)
        return _response(reply)

    def _pick_fault(self, request: web.Request) -> Fault | None:
        account = self.desk.find_account(request.query.get("access_token", ""))
        return self.faults.pick(request.path, account.appid if account else "")

    async def _before(self, fault: Fault, request: web.Request, raw: bytes) -> web.StreamResponse | None:
        """Apply what happens before a call takes effect; a response ends the call."""
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.drop:
            _cut(request)
            return web.Response(status=500)
        if fault.http_status is not None:
            return web.Response(status=fault.http_status, text="Service Unavailable")
        if fault.errcode is not None:
            error = PlatformError(fault.errcode)
            body = self.desk.refuse(error, path=request.path, query=request.query, raw=raw)
            return _response(Reply(body=body))
        return None


def _response(reply: Reply) -> web.Response:
    headers = {"Content-Type": reply.content_type, "Server": "nginx"} | dict(reply.headers)
    return web.Response(body=reply.body, status=reply.status, headers=headers)


async def _after(fault: Fault, request: web.Request) -> None:
    """Apply what happens after a call took effect: the caller never hears of it."""
    if fault.timeout_after_effect:
        await asyncio.sleep(fault.hold_s)
    if fault.timeout_after_effect or fault.drop_after_effect:
        _cut(request)


def _cut(request: web.Request) -> None:
    transport = request.transport
    if transport is not None:
        transport.abort()


def build_app(door: PlatformDoor, control_routes: list[web.RouteDef]) -> web.Application:
    """Return the web application."""
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    app.router.add_routes(control_routes)
    app.router.add_route("*", "/{path:.*}", door.handle)
    return app
