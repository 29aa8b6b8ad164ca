"""One ASGI application in front: the hot doors by path, everything else to the API and console."""

from typing import Any, Final

_TRACKING: Final = "/v1/"
_CALLBACKS: Final = "/callbacks/"
_MCP: Final = "/mcp"
_SHORT_LINKS: Final = "/s/"
_PAY: Final = "/callbacks/pay/"


class Doors:
    """Hands each request to the door its path names."""

    def __init__(self, *, tracking: Any, callbacks: Any, pay: Any, mcp: Any, links: Any, rest: Any) -> None:
        self._tracking = tracking
        self._callbacks = callbacks
        self._pay = pay
        self._mcp = mcp
        self._links = links
        self._rest = rest

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith(_TRACKING):
                await self._tracking(scope, receive, send)
                return
            if path.startswith(_SHORT_LINKS):
                await self._links(scope, receive, send)
                return
            if path.startswith(_PAY):
                await self._pay(scope, receive, send)
                return
            if path.startswith(_CALLBACKS):
                await self._callbacks(scope, receive, send)
                return
            if path == _MCP:
                await self._mcp(scope, receive, send)
                return
        await self._rest(scope, receive, send)
