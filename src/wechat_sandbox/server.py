"""The HTTP boundary: platform paths to the desk, ``/sandbox`` to the control API, faults in between."""

import asyncio

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.endpoints import Desk, Reply
from wechat_sandbox.faults import Fault, FaultPlan, drops
from wechat_sandbox.wire.errors import PlatformError

BODY_BYTES_MAX = 32 * 1024 * 1024  # Media and its form; smaller limits are the endpoints' own.


class PlatformDoor:
    """Answers every platform path."""

    def __init__(self, desk: Desk, faults: FaultPlan) -> None:
        self.desk = desk
        self.faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if not self.faults.in_force:
            return _response(self._answer(request, raw))
        account = self._find_account(request)
        appid = account.appid if account else ""
        fault = self.faults.pick(request.path, appid)
        response = await self._answer_with(fault, account, request, raw)
        self.faults.done(request.path, appid)
        return response

    def _answer(self, request: web.Request, raw: bytes) -> Reply:
        return self.desk.answer(
            request.method,
            request.path,
            request.query,
            raw,
            content_type=request.headers.get("Content-Type", ""),
            cookies=request.cookies,
        )

    def _find_account(self, request: web.Request) -> Account | None:
        """Return the account a call is about: by its token, or by the appid it names."""
        by_token = self.desk.find_account(request.query.get("access_token", ""))
        return by_token or self.desk.world.accounts.get(request.query.get("appid", ""))

    async def _answer_with(
        self, fault: Fault | None, account: Account | None, request: web.Request, raw: bytes
    ) -> web.StreamResponse:
        if fault is None:
            return _response(self._answer(request, raw))
        refusal = await self._before(fault, account, request, raw)
        if refusal is not None:
            return refusal
        reply = self._answer(request, raw)
        for _ in range(fault.duplicate):
            reply = self._answer(request, raw)
        await _after(fault, request)
        if fault.drip_bytes_per_s:
            return await _drip(reply, request, fault.drip_bytes_per_s)
        return _response(reply)

    async def _before(
        self, fault: Fault, account: Account | None, request: web.Request, raw: bytes
    ) -> web.StreamResponse | None:
        """Apply what happens before a call takes effect; a response ends the call."""
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.reorder:
            await self.faults.wait_for_next(fault)
        if fault.drop:
            _cut(request)
            return web.Response(status=500)
        if fault.http_status is not None:
            return web.Response(status=fault.http_status, text="Service Unavailable")
        if account is not None and fault.token_revoked:
            self.desk.world.books[account.appid].void_current(self.desk.clock.now())
            self.desk.world.save_book(account.appid)
        if account is not None and fault.quota_exhausted:
            self.desk.exhaust_quota(account, request.path)
        if fault.errcode is not None:
            error = PlatformError(fault.errcode)
            body = self.desk.refuse(error, path=request.path, query=request.query, raw=raw)
            return _response(Reply(body=body))
        return None


def _response(reply: Reply) -> web.Response:
    return web.Response(body=reply.body, status=reply.status, headers=_headers(reply))


def _headers(reply: Reply) -> dict[str, str]:
    return {"Content-Type": reply.content_type, "Server": "nginx"} | dict(reply.headers)


async def _drip(reply: Reply, request: web.Request, bytes_per_s: float) -> web.StreamResponse:
    """Send an answer so slowly that a caller without a limit of its own waits for very long."""
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = len(reply.body)
    await response.prepare(request)
    for piece, pause_s in drops(reply.body, bytes_per_s):
        await response.write(piece)
        await asyncio.sleep(pause_s)
    await response.write_eof()
    return response


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
