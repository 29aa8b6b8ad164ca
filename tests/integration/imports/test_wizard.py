"""The wizard over HTTP: upload, look, preview, try, run, refused rows, saved mappings, tags and consent."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from integration.imports.world import World
from quanyu.flows.imports.routes import router
from quanyu.flows.imports.wizard import service as wizard_service
from quanyu.flows.imports.wizard import shelf
from quanyu.flows.imports.wizard.routes import router as wizard_router
from quanyu.flows.imports.wizard.service import ImportDesk
from quanyu.infra import web
from quanyu.infra.web import Caller
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL
from quanyu.modules.tenants.service import Tenants

LIST = (
    "姓名;手机号;等级;客户标签;同意营销\n张三;13800138000;金卡;常客、茶友;是\n"
    "李四;138;银卡;茶友;否\n王五;;铜卡;;\n"
)
FILES = "/api/v1/imports/files"


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async def authenticate(request: Request) -> Caller:
        brand = TenantId(int(request.headers.get("x-brand", world.tenant_id)))
        return Caller(brand, 1, "小美", permissions=ALL)

    desk = ImportDesk(world.uows, world.imports, WorkPool(), directory=world.worker.directory)
    app = FastAPI()
    web.install(app, authenticate=authenticate, uows=world.uows)
    app.include_router(wizard_router(desk))
    app.include_router(router(world.imports, Tenants(), world.uows))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://quanyu") as opened:
        yield opened


async def upload(client: httpx.AsyncClient, content: bytes, name: str = "客户.csv") -> dict[str, Any]:
    answer = await client.post(FILES, params={"name": name}, content=content)
    assert answer.status_code == 201, answer.text
    examined: dict[str, Any] = answer.json()
    return examined


async def run(
    world: World, client: httpx.AsyncClient, examined: dict[str, Any], plan: dict[str, Any], *, dry_run: bool
) -> dict[str, Any]:
    started = await client.post(
        f"{FILES}/{examined['file']['id']}/start", json={"plan": plan, "dry_run": dry_run}
    )
    assert started.status_code == 202, started.text
    while True:  # Other tests leave imports waiting, and the oldest is worked on first.
        assert await world.worker.run_once()
        shown: dict[str, Any] = (await client.get(f"/api/v1/imports/{started.json()['id']}")).json()
        if shown["finished_at"] is not None:
            return shown


async def test_a_list_is_read_proposed_tried_run_and_its_refused_rows_brought_again(
    world: World, client: httpx.AsyncClient
) -> None:
    examined = await upload(client, LIST.encode("gbk"))
    assert (examined["choice"]["encoding"], examined["choice"]["delimiter"]) == ("gb18030", ";")
    assert [one["proposal"]["role"] for one in examined["columns"]] == [
        "attribute", "identifier", "attribute", "tags", "consent",
    ]  # fmt: skip
    plan = {**examined["proposal"], "source": "crm", "at": "2024-05-01T00:00:00Z"}

    shown = (await client.post(f"{FILES}/{examined['file']['id']}/preview", json=plan)).json()["rows"]
    assert [row["row"] for row in shown] == [2, 3, 4]
    assert shown[0]["tags"] == {"客户标签": ["常客", "茶友"]}
    assert "标识" in shown[2]["problem_zh"]

    tried = await run(world, client, examined, plan, dry_run=True)
    assert (tried["status"], tried["rows_total"], tried["rows_rejected"]) == ("completed", 3, 1)
    assert await world.log("name") == []

    done = await run(world, client, examined, plan, dry_run=False)
    assert (done["status"], done["actor"], done["name"], done["has_rejects"]) == (
        "completed", "小美", "客户.csv", True,
    )  # fmt: skip
    assert sorted(await world.log("name")) == [
        "Consent Granted", "Consent Withdrawn", "Identify", "Identify",
        "imports.tags_stated", "imports.tags_stated",
    ]  # fmt: skip

    refused = await client.get(f"/api/v1/imports/{done['id']}/rejects")
    assert refused.headers["content-type"].startswith("text/csv")
    corrected = refused.text.replace("王五,,铜卡", "王五,13800138009,铜卡")
    again = await upload(client, corrected.encode(), "rejects.csv")
    assert (again["is_rejects"], [one["name"] for one in again["columns"]]) == (
        True,
        ["姓名", "手机号", "等级", "客户标签", "同意营销"],
    )
    last = await run(world, client, again, {**plan, "file": again["choice"]}, dry_run=False)
    assert (last["rows_total"], last["events_written"]) == (1, 1)


async def test_the_same_plan_of_the_same_file_runs_once_at_a_time(
    world: World, client: httpx.AsyncClient
) -> None:
    examined = await upload(client, LIST.encode())
    start = f"{FILES}/{examined['file']['id']}/start"

    first = await client.post(start, json={"plan": examined["proposal"]})
    second = await client.post(start, json={"plan": examined["proposal"]})

    assert first.json()["id"] == second.json()["id"]
    assert first.json()["dry_run"] is True


async def test_a_mapping_is_kept_recognised_and_dropped(client: httpx.AsyncClient) -> None:
    examined = await upload(client, LIST.encode())
    saved = await client.put(
        "/api/v1/imports/mappings", json={"name": "门店名单", "plan": examined["proposal"]}
    )
    (kept,) = saved.json()["items"]
    assert (kept["name"], kept["actor"], kept["plan"]) == ("门店名单", "小美", examined["proposal"])

    assert (await upload(client, LIST.encode()))["mapping"] == kept["id"]
    assert (await upload(client, "手机号\n13800138000\n".encode()))["mapping"] is None

    assert (await client.delete(f"/api/v1/imports/mappings/{kept['id']}")).status_code == 204
    assert (await client.delete(f"/api/v1/imports/mappings/{kept['id']}")).status_code == 404
    assert (await client.get("/api/v1/imports/mappings")).json() == {"items": []}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": [{"column": "姓名", "role": "attribute", "target": "name"}]}, "标识"),
        ({"columns": [{"column": "不存在", "role": "identifier", "target": "phone"}]}, "不存在"),
        ({"time_zone": "Mars/Olympus"}, "时区"),
        ({"source": "Not A Source"}, ""),
    ],
)
async def test_a_plan_that_does_not_fit_says_why_before_anything_runs(
    client: httpx.AsyncClient, change: dict[str, Any], said: str
) -> None:
    examined = await upload(client, LIST.encode())

    answer = await client.post(
        f"{FILES}/{examined['file']['id']}/preview", json={**examined["proposal"], **change}
    )

    assert answer.status_code == 422
    assert said in answer.json()["detail_zh"]
    assert "uploads" not in answer.text


async def test_what_cannot_be_read_is_not_kept(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "UPLOAD_BYTES_MAX", 1_000)
    for content, status, code in (
        (b"", 422, "imports.file_unusable"),
        (b"x" * 1_001, 413, "imports.file_too_large"),
        (b"PK\x03\x04nonsense", 422, "imports.file_unusable"),
    ):
        answer = await client.post(FILES, params={"name": "a.xlsx"}, content=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert list((world.worker.directory / "uploads").iterdir()) == []


async def test_the_oldest_files_make_room_but_none_an_import_still_reads(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wizard_service, "BRAND_BYTES_MAX", len(LIST.encode()) * 2)
    first, second = [await upload(client, LIST.encode()) for _ in range(2)]
    await client.post(f"{FILES}/{first['file']['id']}/start", json={"plan": first["proposal"]})

    await upload(client, LIST.encode())

    assert (await client.get(f"{FILES}/{first['file']['id']}")).status_code == 200
    gone = await client.get(f"{FILES}/{second['file']['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "imports.file_gone")


async def test_a_file_is_its_own_brands(world: World, client: httpx.AsyncClient) -> None:
    examined = await upload(client, LIST.encode())
    other = {"x-brand": str(world.tenant_id + 1_000_000)}

    foreign = await client.get(f"{FILES}/{examined['file']['id']}", headers=other)

    assert (foreign.status_code, foreign.json()["code"]) == (404, "imports.file_gone")
