"""Every part of the API refuses in one way: problem details in both languages, nothing of our inside."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from quanyu.app.api import console, session
from quanyu.infra import web
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import RequestUow
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId, decode_id
from quanyu.kernel.paging import decode_cursor
from quanyu.modules.tenants.service import Tenants

HAN = re.compile(r"[\u4e00-\u9fff]")
LOCAL = {"authorization": "Bearer local-token"}
PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def client(
    uows: UnitOfWorkFactory, tenant_id: TenantId, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """The command line, at an API with a few odd addresses and a built console."""
    (tmp_path / "index.html").write_text("<!doctype html>the console")
    (tmp_path / "robots.txt").write_text("nobody")
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        brand = await tenants.get_brand(uow)
    app = FastAPI()
    known = session.authenticator(tenants, uows, "local-token", brand, public_url="http://inside")
    web.install(app, authenticate=known, uows=uows)
    app.include_router(session.router(tenants, uows, SystemClock(), "http://inside"))

    @app.get("/api/v1/things/{thing}")
    async def thing(thing: str, uow: RequestUow, cursor: str = "") -> dict[str, Any]:
        if cursor:
            decode_cursor(cursor, int)
        return {"id": decode_id("seg", thing)}

    @app.get("/api/v1/asked")
    async def asked(uow: RequestUow, sql: str, text: str = "") -> None:
        await uow.execute(sql, {"text": text} if ":text" in sql else None)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError("a secret of ours")

    app.include_router(console.router(tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside", headers=LOCAL) as client:
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """Check that an answer is problem details with words of both languages."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert HAN.search(told["detail_zh"])
    assert not HAN.search(told["detail"])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "http.404"),
        ("/assets/%00.js", 404, "http.404"),
        ("/api/v1/things/jrn_1", 422, "quanyu.invalid_id"),
        ("/api/v1/things/seg_!", 422, "quanyu.invalid_id"),
        ("/api/v1/things/seg_zzzzzzzzzzzzz", 422, "quanyu.invalid_id"),
        ("/api/v1/things/seg_1?cursor=x", 422, "quanyu.invalid_cursor"),
        ("/api/v1/things/seg_1?cursor=WyJhIl0", 422, "quanyu.invalid_cursor"),
        ("/api/v1/asked?sql=SELECT+:text&text=%00", 422, "quanyu.invalid_input"),
        ("/api/v1/asked?sql=SELECT+%27%22%5Cu0000%22%27::jsonb", 422, "quanyu.invalid_input"),
        ("/api/v1/asked?sql=SELECT+1/0", 500, "quanyu.internal_error"),
        ("/api/v1/asked?sql=nonsense", 500, "quanyu.internal_error"),
        ("/api/v1/broken", 500, "quanyu.internal_error"),
    ],
)
async def test_refusals_are_problems_in_both_languages(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await client.get(path)

    assert_problem(answer, status, code)
    assert "secret" not in answer.text
    assert "Error" not in answer.json()["detail"]


async def test_a_nul_is_refused_and_nothing_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/settings/tracking", json={"name": "a\0b", "source": "shop"})

    assert_problem(answer, 422, "quanyu.invalid_input")
    assert (await client.get("/api/v1/settings/tracking")).json()["write_keys"] == []


async def test_a_method_that_is_not_served_is_told_with_those_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/v1/session")

    assert_problem(answer, 405, "http.405")
    assert answer.headers["allow"] == "GET"


async def test_an_unknown_address_of_the_api_is_unknown_for_every_method(client: httpx.AsyncClient) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert_problem(await client.request(method, "/api/v1/nowhere"), 404, "http.404")


async def test_what_is_wrong_with_a_field_is_told_in_both_languages(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/settings/tracking", json={"source": "shop"})

    assert_problem(answer, 422, "quanyu.invalid_input")
    assert answer.json()["detail_zh"] == "请求内容有误：body.name：缺少此字段"


async def test_a_body_nested_without_end_is_refused(client: httpx.AsyncClient) -> None:
    json = {"content-type": "application/json"}
    answer = await client.post("/api/v1/settings/tracking", content=b"[" * 100_000, headers=json)

    assert_problem(answer, 400, "http.400")


@pytest.mark.parametrize("path", ["/healthz", "/ready", "/.well-known/x", "/wp-login.php"])
async def test_what_programs_look_for_is_not_the_console(client: httpx.AsyncClient, path: str) -> None:
    assert_problem(await client.get(path), 404, "http.404")
    assert_problem(await client.get(path, headers={"accept": "application/json"}), 404, "http.404")


async def test_pages_and_files_of_the_console_are_served(client: httpx.AsyncClient) -> None:
    for path, headers in (("/", {}), ("/segments/seg_1", PAGE), ("/", PAGE)):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (200, "<!doctype html>the console")
    assert (await client.get("/robots.txt")).text == "nobody"
