"""JSON to addresses that a brand may choose: the inner network is not reached by it, no redirect followed.

Every address a name has is judged just before the connection is made to it, so that a name that changes its
address in between reaches nothing either.
"""

import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

ANSWER_BYTES_MAX: Final = 1024 * 1024
_CONNECT_S: Final = 5.0


class OutboundFailed(Exception):
    """Nothing usable came back; ``reason`` is one of a closed set."""

    def __init__(self, reason: str, detail: str = "", *, left: bool = True) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason  # inner_network | no_connection | timeout | too_large | no_json
        self.detail = detail
        self.left = left  # Whether the request may have arrived.


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, whatever its status."""

    status: int
    body: Any


class Outbound:
    """Posts JSON. ``inner_hosts`` are names or addresses of the inner network that the operator allows."""

    def __init__(self, inner_hosts: Sequence[str] = ()) -> None:
        self._inner = frozenset(host.lower() for host in inner_hosts)

    async def post(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str], timeout_s: float
    ) -> Answered:
        """Post once; redirects are not followed.

        Raises:
            OutboundFailed: says why.
        """
        async with self._asked(url, msgspec.json.encode(body), headers, timeout_s) as answer:
            content = await _read(answer)
            return Answered(answer.status, _decoded(content))

    async def deliver(self, url: str, content: bytes, *, headers: Mapping[str, str], timeout_s: float) -> int:
        """Post some JSON once and return the status; what else the answer says is not read.

        Raises:
            OutboundFailed: says why.
        """
        async with self._asked(url, content, headers, timeout_s) as answer:
            return answer.status

    @asynccontextmanager
    async def _asked(
        self, url: str, content: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        host = (urlsplit(url).hostname or "").lower()
        is_inner = host in self._inner
        if not is_inner and _is_address(host) and not _is_outside(host):
            raise OutboundFailed("inner_network", host, left=False)
        resolver = _Guarded(allows_inner=is_inner)
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=_CONNECT_S)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(resolver=resolver), timeout=timeout
                ) as session,
                session.post(
                    url,
                    data=content,
                    headers={**headers, "content-type": "application/json"},
                    allow_redirects=False,
                ) as answer,
            ):
                yield answer
        except aiohttp.ConnectionTimeoutError as error:
            raise OutboundFailed("timeout", left=False) from error
        except TimeoutError as error:
            raise OutboundFailed("timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            if resolver.refused:
                raise OutboundFailed("inner_network", host, left=False) from error
            left = not isinstance(error, aiohttp.ClientConnectorError)
            raise OutboundFailed("no_connection", type(error).__name__, left=left) from error


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        content += piece
        if len(content) > ANSWER_BYTES_MAX:
            raise OutboundFailed("too_large")
    return bytes(content)


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise OutboundFailed("no_json") from error


class _Guarded(AbstractResolver):
    """Resolves names, and refuses those with an address that is not of the outside world."""

    def __init__(self, *, allows_inner: bool) -> None:
        self._inner = ThreadedResolver()
        self._allows_inner = allows_inner
        self.refused = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._allows_inner and not all(_is_outside(one["host"]) for one in found):
            self.refused = True
            raise OSError(f"{host} is on the inner network")
        return found

    async def close(self) -> None:
        await self._inner.close()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_outside(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not (mapped or found).is_multicast
