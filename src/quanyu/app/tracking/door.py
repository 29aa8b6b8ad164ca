"""The tracking door as a bare ASGI application: the hottest path bypasses the web framework.

An answer of 200 means the events are durable. A request that is refused leaves nothing behind.
"""

import base64
import binascii
import time
import zlib
from datetime import datetime
from typing import Any, Final

import msgspec
from prometheus_client import Counter

from quanyu.app.tracking import pixel
from quanyu.app.tracking.gate import PlanGate
from quanyu.app.tracking.protocol import BODY_BYTES_MAX, Reader, Rejected, write_key_in
from quanyu.app.tracking.refusals import (
    KINDS,
    BodyTooLarge,
    InvalidBody,
    InvalidEvent,
    NoSuchCall,
    Reason,
    Refusal,
    UnknownWriteKey,
    WrongMethod,
)
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.telemetry import get_logger
from quanyu.infra.web import status_of
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.modules.events.contracts import AcceptOutcome
from quanyu.modules.tenants.contracts import WriteKeyOwner
from quanyu.modules.tenants.service import WriteKeys

_log = get_logger("tracking.door")
_REFUSED: Final = Counter("quanyu_tracking_refused_total", "Tracking requests or events refused", ["reason"])
_TAKEN: Final = Counter("quanyu_tracking_events_total", "Tracking events by outcome", ["outcome"])
_TAKEN_AS: Final = {outcome: _TAKEN.labels(outcome.value) for outcome in AcceptOutcome}
# What SDKs call the same: analytics.js by first letters, those before 2016 the batch an import.
_SHORT: Final = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": "batch",
    "import": "batch",
}
_RETRY_AFTER: Final = (b"retry-after", b"1")
_ORIGIN: Final = (b"access-control-allow-origin", b"*")
_JSON: Final = (b"content-type", b"application/json; charset=utf-8")


class NothingTaken(AppError):
    """No event of a batch can be taken: told as the first of them, with all of them beside it."""

    code = InvalidEvent.code

    def __init__(self, rejected: list[Rejected]) -> None:
        first = rejected[0]
        super().__init__(
            first.message,
            message_zh=first.message_zh,
            reason=first.reason,
            rejected=[msgspec.to_builtins(item) for item in rejected[:50]],
        )


class TrackingDoor:
    """Serves ``POST /v1/{track,identify,page,screen,group,alias,batch}`` and ``GET /v1/pixel/<kind>``.

    ``import`` is ``batch``, and first letters stand for the calls: older and browser SDKs use both.
    """

    def __init__(self, intake: Intake, write_keys: WriteKeys, clock: Clock, gate: PlanGate) -> None:
        self._gate = gate
        self._intake = intake
        self._write_keys = write_keys
        self._clock = clock
        self._reader = Reader()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["method"] == "OPTIONS":
            await _send_preflight(send)
            return
        if scope["method"] == "GET" and scope["path"].startswith(pixel.PATH):
            await self._serve_pixel(scope, send)
            return
        try:
            status, answer = 200, await self._serve(scope, receive)
        except AppError as error:
            _REFUSED.labels(error.code).inc()
            status, answer = _status(error), _refusal(error)
        await _send(send, status, msgspec.json.encode(answer))

    async def _serve_pixel(self, scope: Any, send: Any) -> None:
        """Take an event out of the address of a picture; the answer is the picture in any case."""
        try:
            call, body = pixel.read(scope["path"], scope["query_string"])
            await self._take(call, body, await self._owner({}, body))
            status = 200
        except AppError as error:
            _REFUSED.labels(error.code).inc()
            status = _status(error)
        await pixel.send(send, status)

    async def _serve(self, scope: Any, receive: Any) -> dict[str, Any]:
        path = scope["path"].removeprefix("/v1/")
        call = _SHORT.get(path, path)
        if call != "batch" and call not in KINDS:
            raise NoSuchCall(Reason.NO_SUCH_CALL)
        if scope["method"] != "POST":
            raise WrongMethod(Reason.WRONG_METHOD)
        headers = dict(scope["headers"])
        body = _inflate(await _read(receive, headers), headers.get(b"content-encoding", b""))
        return await self._take(call, body, await self._owner(headers, body))

    async def _take(self, call: str, body: bytes, owner: WriteKeyOwner) -> dict[str, Any]:
        received_at = self._clock.now()
        judge = await self._gate.judge_of(owner)
        try:
            if call == "batch":
                events, rejected = self._reader.read_batch(
                    body, source=owner.source, received_at=received_at, judge=judge
                )
            else:
                event = self._reader.read_one(call, body, source=owner.source, received_at=received_at)
                if judge is not None:
                    judge(event)
                events = [event]
                rejected = []
        except Refusal as refusal:
            self._gate.note_refusal(owner, refusal.reason.value)
            raise
        for one in rejected:
            self._gate.note_refusal(owner, one.reason)
        return await self._accept(owner, events, rejected, received_at)

    async def _owner(self, headers: dict[bytes, bytes], body: bytes) -> WriteKeyOwner:
        secret = _basic_user(headers.get(b"authorization", b"")) or write_key_in(body)
        owner = await self._write_keys.find_owner(secret, monotonic_s=time.monotonic()) if secret else None
        if owner is None:
            raise UnknownWriteKey(Reason.WRITE_KEY)
        return owner

    async def _accept(
        self,
        owner: WriteKeyOwner,
        events: list[IntakeEvent],
        rejected: list[Rejected],
        received_at: datetime,
    ) -> dict[str, Any]:
        if rejected and not events:
            raise NothingTaken(rejected)
        outcomes = await self._intake.accept(owner.tenant_id, events)
        self._gate.note_answers(owner, events, outcomes, received_at)
        answer: dict[str, Any] = {"success": True}
        if len(outcomes) == 1 and not rejected:
            _TAKEN_AS[outcomes[0]].inc()
            if outcomes[0] is AcceptOutcome.QUARANTINED:
                answer["quarantined"] = 1
            elif outcomes[0] is not AcceptOutcome.ACCEPTED:
                answer["duplicate"] = outcomes[0].value
            return answer
        for outcome in AcceptOutcome:
            count = outcomes.count(outcome)
            _TAKEN_AS[outcome].inc(count)
            if count or outcome is not AcceptOutcome.QUARANTINED:
                answer[outcome.value] = count
        if rejected:
            _REFUSED.labels(InvalidEvent.code).inc(len(rejected))
            answer["rejected"] = [msgspec.to_builtins(item) for item in rejected[:50]]
        return answer


async def _read(receive: Any, headers: dict[bytes, bytes]) -> bytes:
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and int(stated) > BODY_BYTES_MAX:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidBody(Reason.BODY_CUT_SHORT)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _inflate(body: bytes, encoding: bytes) -> bytes:
    if encoding in (b"", b"identity"):
        return body
    if encoding != b"gzip":
        raise InvalidBody(Reason.ENCODING, value=encoding.decode("latin-1"))
    inflater = zlib.decompressobj(31)
    try:
        plain = inflater.decompress(body, BODY_BYTES_MAX)
    except zlib.error as error:
        raise InvalidBody(Reason.GZIP) from error
    # Left-over input means that more than the limit would come out: refused before it is unpacked.
    if inflater.unconsumed_tail:
        raise _too_large()
    if not inflater.eof:
        raise InvalidBody(Reason.BODY_CUT_SHORT)
    return plain


def _basic_user(header: bytes) -> str:
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(Reason.BODY_TOO_LARGE, limit=BODY_BYTES_MAX)


def _status(error: AppError) -> int:
    if isinstance(error, WrongMethod):
        return 405
    return 400 if error.kind is ErrorKind.INVALID else status_of(error)


def _refusal(error: AppError) -> dict[str, Any]:
    return {
        "success": False,
        "code": error.code,
        "message": error.message,
        "message_zh": error.message_zh or error.message,
        **error.details,
    }


async def _send(send: Any, status: int, body: bytes) -> None:
    headers = [_JSON, _ORIGIN, (b"content-length", str(len(body)).encode())]
    if status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    if status == 503:
        headers.append(_RETRY_AFTER)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_preflight(send: Any) -> None:
    headers = [
        _ORIGIN,
        (b"access-control-allow-methods", b"POST, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
        (b"access-control-max-age", b"86400"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
