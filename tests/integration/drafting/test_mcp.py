"""Assistants over MCP: the SDK's own client on real HTTP, with the permissions of who calls (K4)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from quanyu.app.mcp.tools import TOOLS
from quanyu.kernel.ids import encode_id

from .conftest import Shop

READING = {"list_segments", "list_journeys", "get_journey", "list_metrics", "person_summary"}


@asynccontextmanager
async def _served(shop: Shop) -> AsyncIterator[str]:
    """Serve the application on a free port."""
    server = uvicorn.Server(uvicorn.Config(shop.app, port=0, log_level="warning", lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody.
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def url(shop: Shop) -> AsyncIterator[str]:
    async with _served(shop) as address:
        yield address


@asynccontextmanager
async def _client(url: str, token: str) -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


async def _use(client: Client, tool: str, **arguments: Any) -> Any:
    """Return what a tool says; fail if it refuses."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return json.loads(result.content[0].text)


async def _refused(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return dict(json.loads(result.content[0].text))


async def test_an_assistant_reads_drafts_previews_and_explains(shop: Shop, url: str) -> None:
    person = encode_id("per", await shop.brand.person("u-1"))
    async with _client(url, shop.token) as client:
        listed = (await client.list_tools()).tools
        assert {tool.name for tool in listed} == {tool.name for tool in TOOLS}
        assert {
            tool.name for tool in listed if tool.annotations and tool.annotations.read_only_hint
        } > READING

        draft = await _use(client, "draft_segment", text="最近30天下单至少2次且在杭州")
        assert (draft["source"], draft["unknown"]) == ("rules", [])
        preview = await _use(client, "preview_segment", definition=draft["definition"])
        assert (preview["count"], set(preview)) == (1, {"count", "as_of", "took_ms"})
        why = await _use(client, "explain_segment", definition=draft["definition"], person=person)
        assert why["tree"]["met"] is True
        assert "person" not in why

        journey = await _use(client, "draft_journey", text="关注后等1天，3天内下单就结束")
        assert (await _use(client, "check_journey", definition=journey["definition"]))["findings"] == []
        saved = await _use(client, "save_journey_draft", name="助手起草", definition=journey["definition"])
        assert saved["status"] == "draft"
        assert [one["name"] for one in await _use(client, "list_journeys")] == ["助手起草"]
        assert (await _use(client, "get_journey", journey=saved["id"]))["published"] is None
        assert await _use(client, "list_segments") == []
        assert await _use(client, "explain_messages", person=person) == []
        assert (await _use(client, "list_metrics"))["items"]


async def test_of_people_only_figures_leave(shop: Shop, url: str) -> None:
    person = encode_id("per", await shop.brand.person("u-1"))
    async with _client(url, shop.token) as client:
        summary = await _use(client, "person_summary", person=person)
    assert summary["id"] == person
    assert not {"display_name", "identities", "attributes"} & set(summary)


async def test_each_tool_asks_for_the_callers_permission(shop: Shop, url: str) -> None:
    person = encode_id("per", await shop.brand.person("u-1"))
    staff, analyst = await shop.sign_in("staff"), await shop.sign_in("analyst")
    everyone: dict[str, Any] = {"kind": "all", "of": []}
    asked: dict[str, dict[str, Any]] = {
        "list_segments": {},
        "list_journeys": {},
        "get_journey": {"journey": "jrn_00000000000"},
        "list_journey_templates": {},
        "fill_journey_template": {"template": "welcome"},
        "list_metrics": {},
        "draft_segment": {"text": "下过单"},
        "draft_journey": {"text": "下单后发感谢消息"},
        "save_journey_draft": {"name": "x", "definition": {}},
        "preview_segment": {"definition": everyone},
        "check_journey": {"definition": {}},
        "explain_segment": {"definition": everyone, "person": person},
        "explain_messages": {"person": person},
    }
    assert set(asked) | {"person_summary"} == {tool.name for tool in TOOLS}
    async with _client(url, staff) as client:
        for tool, arguments in asked.items():
            refused = await _refused(client, tool, **arguments)
            assert refused["code"] == "access.forbidden", (tool, refused)
        assert (await _use(client, "person_summary", person=person))["id"] == person
    async with _client(url, analyst) as client:
        assert (await _use(client, "draft_segment", text="下过单"))["source"] == "rules"
        assert (await _refused(client, "save_journey_draft", name="x", definition={}))["status"] == 403
    assert (await shop.call("/api/v1/journeys", method="GET"))[1]["items"] == []


async def test_wrong_arguments_are_refused_in_both_languages(url: str, shop: Shop) -> None:
    async with _client(url, shop.token) as client:
        assert (await _refused(client, "drop_everything"))["code"] == "mcp.invalid_call"
        wrong = await _refused(client, "draft_segment", sentence="下过单")
        assert (wrong["detail"], wrong["detail_zh"]) == (
            "draft_segment takes text",
            "draft_segment 的参数应为：text",
        )
        assert (await _refused(client, "person_summary", person="../session"))["status"] in (404, 422)
        assert (await _refused(client, "preview_segment", definition={"kind": "sql"}))["status"] == 422


async def test_without_a_token_nobody_comes_in(url: str, shop: Shop) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"accept": "application/json, text/event-stream"}
    async with httpx.AsyncClient() as http:
        for headers in ({}, {"authorization": "Bearer nobody"}, {"cookie": f"quanyu_session={shop.token}"}):
            answer = await http.post(url, json=hello, headers={**accept, **headers})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert answer.json()["detail_zh"]
