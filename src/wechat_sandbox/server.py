"""The HTTP boundary: platform paths to the desk, ``/sandbox`` to the control API, faults in between."""

import asyncio
from dataclasses import replace

from aiohttp import web

from wechat_sandbox.endpoints import Desk, Reply
from wechat_sandbox.endpoints.pay.desk import PREFIX, PayDesk
from wechat_sandbox.endpoints.registry import Request
from wechat_sandbox.endpoints.sms.desk import ACTION, SmsDesk, SmsError
from wechat_sandbox.endpoints.wecom.desk import CorpDesk
from wechat_sandbox.faults import Fault, FaultPlan, drops
from wechat_sandbox.hosts import PLATFORM_HOSTS, SMS_HOST, WECOM_HOST
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.pay.errors import PayError

AnyDesk = Desk | CorpDesk | PayDesk | SmsDesk
BODY_BYTES_MAX = 32 * 1024 * 1024  # Media and its form; smaller limits are the endpoints' own.


class PlatformDoor:
    """Answers every platform path, at the desk of the platform it belongs to."""

    def __init__(
        self, desk: Desk, corp_desk: CorpDesk, pay_desk: PayDesk, sms_desk: SmsDesk, faults: FaultPlan
    ) -> None:
        self.desk = desk
        self.corp_desk = corp_desk
        self.pay_desk = pay_desk
        self.sms_desk = sms_desk
        self.faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        host, path = _address(request)
        asked = Request(
            request.method,
            path,
            request.query,
            await request.read(),
            request.headers.get("Content-Type", ""),
            request.cookies,
            request.remote or "",
            request.headers,
            _address_as_sent(request, host),
        )
        desk = self._desk_of(host, asked)
        if not self.faults.in_force:
            return _response(desk.answer(asked))
        owner = desk.owner_of(asked)
        fault = self.faults.pick(path, owner)
        response = await self._answer_with(fault, desk, owner, request, asked)
        self.faults.done(path, owner)
        return response

    def _desk_of(self, host: str, asked: Request) -> AnyDesk:
        """Choose by the name the call went to; without one by its path, then by whose token it bears."""
        if asked.path.startswith(PREFIX):
            return self.pay_desk
        if asked.path == "/" and (host == SMS_HOST or ACTION in asked.headers):
            return self.sms_desk
        if host:
            return self.corp_desk if host == WECOM_HOST else self._desk_by_path(asked)
        return self._desk_by_path(asked)

    def _desk_by_path(self, asked: Request) -> Desk | CorpDesk:
        if self.corp_desk.registry.find(asked.path) is None:
            return self.desk
        if self.desk.registry.find(asked.path) is None:
            return self.corp_desk
        return self.corp_desk if self.corp_desk.owner_of(asked) else self.desk

    async def _answer_with(
        self, fault: Fault | None, desk: AnyDesk, owner: str, request: web.Request, asked: Request
    ) -> web.StreamResponse:
        if fault is None:
            return _response(desk.answer(asked))
        refusal = await self._before(fault, desk, owner, request, asked)
        if refusal is not None:
            return refusal
        reply = desk.answer(asked)
        for _ in range(fault.duplicate):
            reply = desk.answer(asked)
        await _after(fault, request)
        if fault.wrong_signature:
            reply = _spoilt(reply)
        if fault.drip_bytes_per_s:
            return await _drip(reply, request, fault.drip_bytes_per_s)
        return _response(reply)

    async def _before(
        self, fault: Fault, desk: AnyDesk, owner: str, request: web.Request, asked: Request
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
        if isinstance(desk, PayDesk):
            return _response(desk.refuse(PayError(fault.code), asked)) if fault.code else None
        if isinstance(desk, SmsDesk):
            return _response(desk.refuse(SmsError("InternalError"), asked)) if fault.errcode else None
        if owner and fault.token_revoked:
            desk.revoke(owner)
        if owner and fault.quota_exhausted:
            desk.exhaust_quota(owner, asked.path)
        if fault.errcode is not None:
            return _response(desk.refuse(PlatformError(fault.errcode), asked))
        return None


def _address(request: web.Request) -> tuple[str, str]:
    """Return the platform's name a call went to, empty for our own, and the path behind it.

    A program that cannot be led to us by name may put the name in front of the path instead.
    """
    first, separator, rest = request.path[1:].partition("/")
    if separator and first in PLATFORM_HOSTS:
        return first, f"/{rest}"
    name = request.host.partition(":")[0].lower()
    return (name if name in PLATFORM_HOSTS else ""), request.path


def _address_as_sent(request: web.Request, host: str) -> str:
    """Return path and query as they were signed: not decoded, without a name put in front."""
    return request.raw_path.removeprefix(f"/{host}") if host else request.raw_path


def _spoilt(reply: Reply) -> Reply:
    """Return an answer whose signature is of the right form and wrong."""
    name = "Wechatpay-Signature"
    signature = reply.headers.get(name, "")
    changed = ("B" if signature.startswith("A") else "A") + signature[1:]
    return replace(reply, headers={**reply.headers, name: changed}) if signature else reply


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
