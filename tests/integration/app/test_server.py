"""The HTTP server: what an application sends arrives whole, in order, and when it is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from quanyu.app.server import Server

Application = Callable[[Any, Any, Any], Awaitable[None]]
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"x-mark", b"1")]}


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


async def open_server(application: Application) -> tuple[Server, int]:
    server = Server(application, host="127.0.0.1", port=0)
    await server.__aenter__()
    assert server._socket is not None
    return server, server._socket.getsockname()[1]


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
    return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)


async def test_a_head_does_not_wait_for_a_body_that_takes_its_time() -> None:
    go_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await send(HEAD)
        await go_on.wait()
        await send(body(b"late"))

    server, port = await open_server(slow)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = await ask(reader, writer)  # Comes while the application still waits.
        assert b"x-mark: 1" in head
        go_on.set()
        assert b"late" in await reader.readuntil(b"late")
        writer.close()
    await server.__aexit__()


async def test_answers_on_one_connection_keep_their_order_and_bytes() -> None:
    async def parts(scope: Any, receive: Any, send: Any) -> None:
        await send({**HEAD, "headers": [(b"content-length", b"9")]})
        for part in (b"one", b"two"):
            await send(body(part, more=True))
        await send(body(b"six"))

    server, port = await open_server(parts)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            await ask(reader, writer)
            assert await reader.readexactly(9) == b"onetwosix"
        writer.close()
    await server.__aexit__()


async def test_an_empty_answer_is_sent() -> None:
    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({**HEAD, "status": 204})
        await send(body(b""))

    server, port = await open_server(nothing)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await ask(reader, writer)).startswith(b"HTTP/1.1 204")
        writer.close()
    await server.__aexit__()
