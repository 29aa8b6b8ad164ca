"""The ASGI door at ``/mcp``: streamable HTTP without sessions, for callers with a bearer token.

Cookies are no way in: no page of another site can make somebody's browser call a tool. The SDK is loaded by
the first call, so that starting the platform does not wait for it.
"""

import asyncio
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import Headers

from quanyu import __version__
from quanyu.app.mcp.calling import Api, Called
from quanyu.app.mcp.tools import TOOLS, by_name
from quanyu.infra.web import problem

if TYPE_CHECKING:
    from mcp.server.lowlevel.server import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

BODY_BYTES_MAX: Final = 256 * 1024
_INSTRUCTIONS: Final = (
    "Quanyu is a brand's customer platform. Tools read, draft, preview and explain; none publishes, sends or "
    "deletes. Drafts are for people to look over in the console. Ids look like seg_…, jrn_…, per_…."
)


class McpDoor:
    """Hands tools to assistants; every call goes through the API as its caller."""

    def __init__(self, api: Any) -> None:
        self._api = Api(api)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        token = _bearer(Headers(scope=scope))
        signed_in = await self._api.call("GET", "/api/v1/session", token=token) if token else None
        if signed_in is None or signed_in.status != HTTPStatus.OK:
            answer = problem(
                401,
                "quanyu.unauthenticated",
                "give a session token of somebody of the brand: Authorization: Bearer …",
                detail_zh="请提供品牌成员的会话令牌：Authorization: Bearer …",
            )
            answer.headers["www-authenticate"] = "Bearer"
            await answer(scope, receive, send)
            return
        await asyncio.to_thread(import_module, "mcp.server.streamable_http_manager")  # Once; then at hand.
        manager = _manager(self._server(token))
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _server(self, token: str) -> "Server[Any]":
        """Return a server for one request of one caller."""
        from mcp import types
        from mcp.server.lowlevel.server import Server

        async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
            return types.ListToolsResult(
                tools=[
                    types.Tool(
                        name=tool.name,
                        description=tool.description,
                        input_schema=tool.schema(),
                        annotations=types.ToolAnnotations(
                            read_only_hint=not tool.saves, destructive_hint=False, open_world_hint=False
                        ),
                    )
                    for tool in TOOLS
                ]
            )

        async def call_tool(_: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
            called = await self._call(asked.name, asked.arguments or {}, token)
            return types.CallToolResult(
                content=[types.TextContent(type="text", text=called.text)], is_error=not called.is_success
            )

        return Server(
            "quanyu",
            version=__version__,
            instructions=_INSTRUCTIONS,
            on_list_tools=list_tools,
            on_call_tool=call_tool,
        )

    async def _call(self, name: str, arguments: dict[str, Any], token: str) -> Called:
        tool = by_name(name)
        if tool is None:
            return Called.refused(f"there is no tool {name[:80]!r}", f"没有名为 {name[:80]!r} 的工具")
        wrong = tool.problem(arguments)
        if wrong:
            return Called.refused(*wrong)
        path, query, body = tool.request(arguments)
        called = await self._api.call(tool.method, path, token=token, query=query, body=body)
        return called.shown(tool.shows) if called.is_success else called


def _manager(server: "Server[Any]") -> "StreamableHTTPSessionManager":
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    return StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, max_request_body_size=BODY_BYTES_MAX
    )


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
