"""The HTTP face of imports: who may start one, and what is shown of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from integration.imports.world import World
from quanyu.flows.imports.routes import router
from quanyu.infra import web
from quanyu.infra.web import Caller
from quanyu.kernel.permissions import ALL
from quanyu.modules.tenants.service import Tenants
from support.imports import ORDERS_MAP, lines

ROW = "536365,85123A,HEART,6,2010-12-01 08:26,2.55,17850,United Kingdom"
LOCAL = {"authorization": "Bearer local"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async def authenticate(request: Request) -> Caller:
        is_local = request.headers.get("authorization") == LOCAL["authorization"]
        return Caller(world.tenant_id, 0 if is_local else 1, "somebody", is_local=is_local, permissions=ALL)

    app = FastAPI()
    web.install(app, authenticate=authenticate, uows=world.uows)
    app.include_router(router(world.imports, Tenants(), world.uows))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://quanyu") as opened:
        yield opened


def command(world: World, **more: Any) -> dict[str, Any]:
    file = world.file(lines(ROW))
    return {"kind": "orders", "path": str(file), "map": ORDERS_MAP, **more}


async def test_an_import_is_started_watched_and_listed(world: World, client: httpx.AsyncClient) -> None:
    started = await client.post("/api/v1/imports/local", json=command(world), headers=LOCAL)
    assert started.status_code == 202
    job = started.json()
    assert (job["status"], job["phase"], job["rows_total"]) == ("queued", "waiting", None)

    await world.worker.run_once()

    shown = (await client.get(f"/api/v1/imports/{job['id']}")).json()
    assert (shown["status"], shown["events_written"]) == ("completed", 1)
    assert shown["sample_events"][0]["order_id"] == "536365"
    assert shown["rejects_path"] is None
    listed = (await client.get("/api/v1/imports", params={"limit": 10})).json()
    assert [one["id"] for one in listed["items"]] == [job["id"]]
    late = await client.post(f"/api/v1/imports/{job['id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "imports.finished")


async def test_only_the_local_command_line_names_paths_and_brands(
    world: World, client: httpx.AsyncClient
) -> None:
    refused = await client.post("/api/v1/imports/local", json=command(world))
    assert (refused.status_code, refused.json()["code"]) == (403, "quanyu.local_only")
    refused = await client.get("/api/v1/imports", params={"brand": f"brand-{world.tenant_id}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "quanyu.local_only")
    allowed = await client.get("/api/v1/imports", params={"brand": f"brand-{world.tenant_id}"}, headers=LOCAL)
    assert (allowed.status_code, allowed.json()) == (200, {"items": [], "next_cursor": None})


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"map": "kind = 1"}, 422, "imports.map_invalid"),
        ({"kind": "people"}, 422, "imports.map_invalid"),
        ({"path": "/nowhere/at/all.csv"}, 422, "imports.file_unusable"),
        ({"map_path": "/nowhere.toml"}, 422, "quanyu.invalid_input"),
        ({"kind": "sales"}, 422, "quanyu.invalid_input"),
        ({"extra": 1}, 422, "quanyu.invalid_input"),
    ],
)
async def test_wrong_commands_are_refused_at_once(
    world: World, client: httpx.AsyncClient, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post("/api/v1/imports/local", json=command(world, **change), headers=LOCAL)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail_zh"]
    assert (await client.get("/api/v1/imports")).json()["items"] == []


async def test_unknown_ids_are_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/imports/imp_1")).status_code == 404
    assert (await client.get("/api/v1/imports/seg_1")).status_code == 422


async def test_a_nul_in_a_brands_key_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/imports", params={"brand": "\0"}, headers=LOCAL)

    assert (answer.status_code, answer.json()["code"]) == (422, "quanyu.invalid_input")
