"""A load generator: requests made beforehand, sent over kept-alive connections from a process of its own."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, cast

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: ``make(*args)`` returns the requests, built before the clock starts."""

    port: int
    connections: int
    make: Callable[..., Sequence[bytes]]
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """When it was sent, by the clock all processes share, and how long single answers took."""

    began_at: float
    ended_at: float
    p50_ms: float
    p99_ms: float

    @property
    def seconds(self) -> float:
        return self.ended_at - self.began_at


class Sender(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, requests: Sequence[bytes], spent: list[float]) -> None:
        self._requests = iter(requests)
        self._transport: asyncio.Transport
        self._answer = b""
        self._sent_at = 0.0
        self._spent = spent
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class.
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer = self._answer + data if self._answer else data
        if not is_whole(self._answer):
            return
        if not self._answer.startswith(b"HTTP/1.1 200"):
            self._fail(RuntimeError(f"the door answered {self._answer[:300]!r}"))
            return
        self._answer = b""
        self._spent.append(time.monotonic() - self._sent_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the door closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.monotonic()
        self._transport.write(request)


def is_whole(answer: bytes) -> bool:
    """Whether an answer has arrived with all of its body."""
    head_end = answer.find(_HEAD_END)
    if head_end < 0:
        return False
    at = answer.find(_LENGTH, 0, head_end)
    length = int(answer[at + len(_LENGTH) : answer.index(b"\r\n", at)]) if at >= 0 else 0
    return len(answer) >= head_end + len(_HEAD_END) + length


def generate_load(pipe: Connection) -> None:
    """Serve orders until ``None``: build, say ``"built"``, wait for the go, send, answer with ``Sent``."""
    uvloop.run(_generate_load(pipe))


async def _generate_load(pipe: Connection) -> None:
    while (order := await asyncio.to_thread(pipe.recv)) is not None:
        requests = order.make(*order.args)
        pipe.send("built")
        await asyncio.to_thread(pipe.recv)
        pipe.send(await _send_all(order, requests))


async def _send_all(order: Order, requests: Sequence[bytes]) -> Sent:
    loop = asyncio.get_running_loop()
    spent: list[float] = []
    began_at = time.monotonic()
    connected = [
        await loop.create_connection(partial(Sender, one, spent), "127.0.0.1", order.port)
        for one in (requests[at :: order.connections] for at in range(order.connections))
    ]
    await asyncio.gather(*(sender.done for _, sender in connected))
    ended_at = time.monotonic()
    spent.sort()
    return Sent(
        began_at,
        ended_at,
        round(spent[len(spent) // 2] * 1000, 1),
        round(spent[int(len(spent) * 0.99)] * 1000, 1),
    )


def send(pipe: Connection, order: Order) -> Sent:
    """Have an order carried out and wait for it."""
    begin(pipe, order)
    return finish(pipe)


def begin(pipe: Connection, order: Order) -> None:
    """Have the requests built, then have sending begin."""
    pipe.send(order)
    pipe.recv()
    pipe.send("go")


def finish(pipe: Connection) -> Sent:
    """Wait until everything was answered."""
    sent = pipe.recv()
    assert isinstance(sent, Sent)
    return sent


def post(path: str, body: bytes, *, write_key: str) -> bytes:
    """Return one whole request of the tracking API."""
    import base64

    credential = base64.b64encode(f"{write_key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: analytics-node/2.1.0\r\nAccept: */*\r\n"
        f"Authorization: Basic {credential}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
