"""HTTP to the platform: explicit time-outs, bounded answers, and each failure sorted by what it means.

A failure before the request left is ``NotSent``; from the first byte on it is ``OutcomeUnknown``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from quanyu.wechat.calls import Method
from quanyu.wechat.errors import MalformedAnswer, NotSent, OutcomeUnknown

OFFICIAL_BASE_URL: Final = "https://api.weixin.qq.com"
_ANSWER_BYTES_MAX: Final = 8 * 1024 * 1024
_FILE_BYTES_MAX: Final = 32 * 1024 * 1024  # The platform's files end at 10 MB.
# Raised while the connection is made: name, route, TLS, or no free connection in time.
_NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each part of a call may take, in real seconds."""

    connect_s: float = 5.0  # Until a connection is ready, waiting for a free one included.
    read_s: float = 10.0  # Between two pieces of the answer.
    total_s: float = 20.0  # From the request's first byte to the answer's last.
    file_total_s: float = 120.0  # The same where a file goes up or comes down.
    download_total_s: float = 900.0  # The same for a file of any size, such as a bill.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many connections, and how long an idle one is kept: less than the platform keeps it."""

    connections_max: int = 100
    idle_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """What came back, whatever its HTTP status."""

    status: int
    content: bytes
    content_type: str = ""  # Without parameters, in lower case.
    filename: str = ""  # As a file was offered; empty for others.
    sent_at: datetime | None = None  # The other side's clock, in whole seconds.
    headers: Mapping[str, str] = field(default_factory=dict)  # Names in lower case.


class Transport:
    """Sends requests over one shared pool of connections."""

    def __init__(self, session: aiohttp.ClientSession, timeouts: Timeouts) -> None:
        self._session = session
        self._timeouts = timeouts

    async def send(
        self,
        method: Method,
        base_url: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
    ) -> bytes:
        """Send one request and return the body of the answer.

        Raises:
            NotSent: the request did not leave.
            OutcomeUnknown: it may have arrived.
            MalformedAnswer: the HTTP status is not 200.
        """
        received = await self.exchange(method, base_url, path, query=query, body=body)
        return require_200(received, base_url, path).content

    async def exchange(
        self,
        method: Method,
        base_url: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        content_type: str = "application/json",
        carries_file: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Send one request and return what came back; a file gets more time and room.

        Path and query are sent exactly as ``request_target`` writes them.

        Raises:
            NotSent: the request did not leave.
            OutcomeUnknown: it may have arrived.
        """
        url = URL(f"{base_url}{request_target(path, query)}", encoded=True)
        total_s = self._timeouts.file_total_s if carries_file else self._timeouts.total_s
        bytes_max = _FILE_BYTES_MAX if carries_file else _ANSWER_BYTES_MAX
        sent = {**(headers or {}), **({"Content-Type": content_type} if body is not None else {})}
        try:
            async with asyncio.timeout(self._timeouts.connect_s + total_s):
                async with self._session.request(
                    method, url, data=body, headers=sent, allow_redirects=False
                ) as response:
                    return await _receive(response, path, bytes_max)
        except _NOT_SENT as error:
            raise NotSent(f"{path}: no connection to {url.host} ({type(error).__name__})") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown(f"{path}: no answer from {url.host} ({type(error).__name__})") from error

    async def download(
        self, url: str, *, headers: Mapping[str, str], write: Callable[[bytes], object], bytes_max: int
    ) -> Received:
        """GET a file of any size and hand it on piece by piece; an error answer is returned instead.

        Raises:
            NotSent, OutcomeUnknown: the file did not come, or not whole.
            MalformedAnswer: it is larger than ``bytes_max``.
        """
        known = URL(url, encoded=True)
        try:
            async with asyncio.timeout(self._timeouts.connect_s + self._timeouts.download_total_s):
                async with self._session.get(known, headers=headers, allow_redirects=False) as response:
                    if response.status != 200:
                        return await _receive(response, known.path, _ANSWER_BYTES_MAX)
                    return await _pass_on(response, known.path, write, bytes_max)
        except _NOT_SENT as error:
            raise NotSent(f"{known.path}: no connection to {known.host} ({type(error).__name__})") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown(f"{known.path}: the file was cut short ({type(error).__name__})") from error


def request_target(path: str, query: Mapping[str, str]) -> str:
    """Return path and query as they are sent, and as signatures cover them."""
    return f"{path}?{urlencode(query)}" if query else path


async def _pass_on(
    response: aiohttp.ClientResponse, path: str, write: Callable[[bytes], object], bytes_max: int
) -> Received:
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > bytes_max:
            raise MalformedAnswer(f"{path}: the file exceeds {bytes_max} bytes")
        write(chunk)
    return Received(response.status, b"", response.content_type.lower(), headers=_headers(response))


def require_200(received: Received, base_url: str, path: str) -> Received:
    """Return ``received`` if its status is 200.

    API errors come with 200; anything else is a proxy, a wrong address or a server in trouble.

    Raises:
        MalformedAnswer: another status.
    """
    if received.status != 200:
        raise MalformedAnswer(f"{path}: {base_url} answered HTTP {received.status}", status=received.status)
    return received


async def _receive(response: aiohttp.ClientResponse, path: str, bytes_max: int) -> Received:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > bytes_max:
            raise MalformedAnswer(f"{path}: the answer exceeds {bytes_max} bytes")
    offered = response.content_disposition
    return Received(
        status=response.status,
        content=bytes(content),
        content_type=response.content_type.lower(),
        filename=(offered.filename or "") if offered else "",
        sent_at=_date(response.headers.get("Date", "")),
        headers=_headers(response),
    )


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


@asynccontextmanager
async def open_transport(
    timeouts: Timeouts | None = None, pool: Pool | None = None, *, proxy: str | None = None
) -> AsyncIterator[Transport]:
    """Open the pool and close it on leaving; ``proxy`` is a forward proxy's address."""
    limits, sizes = timeouts or Timeouts(), pool or Pool()
    connector = aiohttp.TCPConnector(
        limit=sizes.connections_max, limit_per_host=sizes.connections_max, keepalive_timeout=sizes.idle_s
    )
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.read_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy,
    )
    async with session:
        yield Transport(session, limits)
