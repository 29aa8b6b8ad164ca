"""Callbacks per second through the door, durable in PostgreSQL, against WeRoBot's door, which stores nothing.

Each door runs under uvicorn with uvloop in a process of its own (ours as the platform sets it up) and gets
the same kinds of deliveries over the same number of kept-alive connections from a third process. WeRoBot's
view is the one it brings for other frameworks, written as ASGI, with a handler that has nothing to say.
Rounds alternate. Afterwards the log must hold each of our deliveries exactly once.

Run: ``python -m bench.callback_door [DELIVERIES] [CONNECTIONS]``.
"""

import asyncio
import contextlib
import gc
import multiprocessing
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import psycopg
import uvicorn
import uvloop

from bench.support import Aim, Result, free_port, report
from quanyu.app.migrate import migrate_postgres
from quanyu.app.server import Server
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.door import CallbackDoor
from quanyu.modules.channels.service import Channels
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.wechat.callbacks.crypto import MessageCrypt, sign
from quanyu.wechat.transport import open_transport

AIM = Aim(ratio_min=1, figure_min=5_000)
TENANT = TenantId(1)
TOKEN, APP_ID = "benchtoken", "wxba5fad812f8e6fb9"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ROUNDS, WARM_UP, PEOPLE = 3, 2_000, 2_000
DELIVERIES, CONNECTIONS = 20_000, 256
_LENGTH = re.compile(rb"content-length: (\d+)")
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Place:
    """Where our door keeps things."""

    urls: DatabaseUrls
    keys: KeyFile


# --- the doors ---


def serve_ours(pipe: Connection, place: Place) -> None:
    """Serve our door until the pipe closes; the first message is (port, path)."""
    uvloop.run(_serve_ours(pipe, place))


async def _serve_ours(pipe: Connection, place: Place) -> None:
    database, clock, keyring = Database(place.urls), SystemClock(), KeyRing(place.keys)
    uows, log = UnitOfWorkFactory(database, clock), Log()

    intake = Intake(log, Collector(log, database.connect_system, clock), keyring)
    callback_log = CallbackLog(
        database.connect_system, clock, seal=intake.seal, append=log.append, announce=log.announce
    )
    async with open_transport() as transport, callback_log:
        door = CallbackDoor(
            uows=uows, keyring=keyring, clock=clock, new_event=IntakeEvent, keeper=callback_log
        )
        clients = AccountClients(uows, keyring, transport)
        channels = Channels(keyring, clients, transport, public_url="http://127.0.0.1")
        async with uows.app(TENANT) as uow:
            connected = await channels.connect(
                uow,
                ConnectOfficialAccount(
                    app_id=APP_ID, app_secret="0" * 32, token=TOKEN, encoding_aes_key=AES_KEY
                ),
            )
        port, path = free_port(), connected.setup.url.removeprefix("http://127.0.0.1")
        async with Server(door, host="127.0.0.1", port=port):
            await _until_told(pipe, port, path)
    await database.close()


def serve_werobot(pipe: Connection, _: Place) -> None:
    """Serve WeRoBot's door until the pipe closes."""
    uvloop.run(_serve(_werobot_view(), pipe, "/robot"))


def _werobot_view() -> Any:
    warnings.simplefilter("ignore")
    from werobot.replies import SuccessReply
    from werobot.robot import BaseRoBot

    robot = BaseRoBot(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID, enable_session=False)
    robot.add_handler(lambda message: SuccessReply(message=message))

    async def view(scope: Any, receive: Any, send: Any) -> None:
        query = dict(parse_qsl(scope["query_string"].decode()))
        status, answer = 403, b"signature"
        if robot.check_signature(query["timestamp"], query["nonce"], query["signature"]):
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            message = robot.parse_message(
                body,
                timestamp=query["timestamp"],
                nonce=query["nonce"],
                msg_signature=query["msg_signature"],
            )
            status, answer = 200, robot.get_encrypted_reply(message).encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return view


async def _serve(app: Any, pipe: Connection, path: str) -> None:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off", backlog=2048
    )
    listener = config.bind_socket()
    listener.listen(2048)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    await _until_told(pipe, listener.getsockname()[1], path)
    server.should_exit = True
    await serving


async def _until_told(pipe: Connection, port: int, path: str) -> None:
    # What is there now stays: collections need not look at it with every few hundred requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    pipe.send((port, path))
    await asyncio.to_thread(_wait_for_end, pipe)


def _wait_for_end(pipe: Connection) -> None:
    try:
        pipe.recv()
    except EOFError:
        return


# --- the load ---


def make_requests(port: int, path: str, *, first: int, count: int) -> list[bytes]:
    """Return ``count`` whole HTTP requests, numbered from ``first``: texts, menu taps and views in turn."""
    crypt = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    return [_request(crypt, port, path, number) for number in range(first, first + count)]


def _request(crypt: MessageCrypt, port: int, path: str, number: int) -> bytes:
    at = 1714112445 + number // PEOPLE
    encrypted = crypt.seal(_document(number, at).encode())
    timestamp, nonce = str(at), str(number)
    body = (
        "<xml>\n    <ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n"
        f"    <Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>\n"
    )
    query = (
        f"signature={sign(TOKEN, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}"
        f"&openid={_openid(number)}&encrypt_type=aes"
        f"&msg_signature={crypt.sign_sealed(encrypted, timestamp=timestamp, nonce=nonce)}"
    )
    return (
        f"POST {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: Mozilla/4.0\r\n"
        f"Accept: */*\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _document(number: int, at: int) -> str:
    kinds = (
        "<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[请问今天下午几点关门？]]></Content>\n"
        f"<MsgId>{23456789012345678 + number}</MsgId>\n",
        "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[VIEW]]></Event>\n"
        "<EventKey><![CDATA[https://shop.example.com/tea?from=menu]]></EventKey>\n<MenuId>468489431</MenuId>\n",
        "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[CLICK]]></Event>\n"
        "<EventKey><![CDATA[points]]></EventKey>\n",
    )
    return (
        "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n"
        f"<FromUserName><![CDATA[{_openid(number)}]]></FromUserName>\n"
        f"<CreateTime>{at}</CreateTime>\n{kinds[number % 3]}</xml>"
    )


def _openid(number: int) -> str:
    return f"o{number % PEOPLE:027d}"


class Sender(asyncio.Protocol):
    """One connection that sends its requests one after the other, as the platform does."""

    def __init__(self, requests: list[bytes]) -> None:
        self._requests = iter(requests)
        self._transport: asyncio.Transport
        self._answer = b""
        self.accepted = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class.
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length and len(body) == int(length[1]) and head.startswith(b"HTTP/1.1 200"):
            self.accepted += 1
            self._answer = b""
            self._next()
        elif not self.done.done() and not self._answer.startswith(b"HTTP/1.1 200"[: len(self._answer)]):
            self.done.set_exception(RuntimeError(f"the door answered {self._answer[:200]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the door closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(request)


def generate_load(pipe: Connection) -> None:
    """Send what the pipe asks for: (port, path, first, count, connections) → seconds taken."""
    uvloop.run(_generate_load(pipe))


async def _generate_load(pipe: Connection) -> None:
    while (order := await asyncio.to_thread(pipe.recv)) is not None:
        port, path, first, count, connections = order
        requests = make_requests(port, path, first=first, count=count)
        start = time.perf_counter()
        senders = await asyncio.gather(
            *(_connect(port, requests[at::connections]) for at in range(connections))
        )
        await asyncio.gather(*(sender.done for sender in senders))
        spent_s = time.perf_counter() - start
        assert sum(sender.accepted for sender in senders) == count
        pipe.send(spent_s)


async def _connect(port: int, requests: list[bytes]) -> Sender:
    _, sender = await asyncio.get_running_loop().create_connection(
        lambda: Sender(requests), "127.0.0.1", port
    )
    return sender


# --- the run ---


@contextmanager
def running(target: Any, *args: Any) -> Iterator[Connection]:
    """Run ``target`` in a process of its own."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=target, args=(theirs, *args), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        with contextlib.suppress(BrokenPipeError):
            ours.send(None)
        ours.close()
        process.join(20)
        if process.is_alive():
            process.kill()


@contextmanager
def running_postgres() -> Iterator[Place]:
    """Run PostgreSQL with its ordinary, durable settings, and one brand in it."""
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "data") as server:
            urls = DatabaseUrls(
                owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP)
            )
            migrate_postgres(urls.owner)
            with psycopg.connect(urls.system) as connection:
                connection.execute(
                    "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (1, 'bench', 'Bench', now())"
                )
            yield Place(urls, KeyFile.new())


def measure(place: Place, *, deliveries: int, connections: int) -> dict[str, float]:
    """Return the best throughput of each door, after checking what ours kept."""
    best = {"ours": 0.0, "werobot": 0.0}
    with (
        running(serve_ours, place) as ours,
        running(serve_werobot, place) as werobot,
        running(generate_load) as load,
    ):
        doors = {"ours": ours.recv(), "werobot": werobot.recv()}
        sent = 0
        for count in [WARM_UP, *[deliveries] * ROUNDS]:
            for name, (port, path) in doors.items():
                load.send((port, path, sent, count, connections))
                per_s = count / load.recv()
                if count != WARM_UP:
                    best[name] = max(best[name], per_s)
            sent += count
    check_kept(place, sent)
    return best


def check_kept(place: Place, sent: int) -> None:
    """A throughput whose result is wrong counts as zero."""
    with psycopg.connect(place.urls.system) as connection:
        for table in ("log_event", "raw_callback"):
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row == (sent,), f"{table} holds {row}, {sent} were accepted"
        row = connection.execute("SELECT count(*) FROM follower").fetchone()
        assert row == (PEOPLE,), f"{row} followers, {PEOPLE} people wrote"


def main() -> None:
    """Run and print one line of JSON."""
    deliveries = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else CONNECTIONS
    with running_postgres() as place:
        best = measure(place, deliveries=deliveries, connections=connections)
    report(
        Result(
            name="callback door, durable",
            figure=round(best["ours"]),
            unit="callbacks/s",
            yardstick=round(best["werobot"]),
            yardstick_name=f"WeRoBot 1.13.1's door, storing nothing, {connections} connections",
            aim=AIM,
        )
    )


if __name__ == "__main__":
    main()
