"""Calls of the platform's own API from within: the same gates, checks and audit log as from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

Shape = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Called:
    """What the API answered."""

    status: int
    text: str  # JSON.

    @property
    def is_success(self) -> bool:
        """Whether the API did what was asked."""
        return 200 <= self.status < 300

    @classmethod
    def refused(cls, en: str, zh: str) -> "Called":
        """Return a refusal of our own."""
        body = {"code": "mcp.invalid_call", "detail": en, "detail_zh": zh}
        return cls(422, msgspec.json.encode(body).decode())

    def shown(self, shape: Shape) -> "Called":
        """Return what of the answer leaves."""
        body = shape(msgspec.json.decode(self.text)) if self.text else None
        return Called(self.status, msgspec.json.encode(body).decode())


class Api:
    """Calls an ASGI application."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Called:
        """Call one route as the caller with this token."""
        content = b"" if body is None else msgspec.json.encode(body)
        status, pieces = 500, bytearray()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": urlencode(query or {}).encode(),
            "headers": [
                (b"host", b"mcp"),
                (b"authorization", f"Bearer {token}".encode("latin-1", "replace")),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(content)).encode()),
            ],
            "client": ("mcp", 0),
            "server": ("mcp", 80),
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.extend(message.get("body", b""))

        await self._app(scope, receive, send)
        return Called(status, pieces.decode())
