"""The audit log over HTTP: what is noted and what is not, and a chain in which every change shows."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy.exc
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from quanyu.infra import permits, web
from quanyu.infra.embedded_postgres import EmbeddedPostgres
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import Caller, CurrentCaller, RequestUow
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL, Role
from quanyu.modules.tenants.audit import routes as audit_routes
from quanyu.modules.tenants.audit.contracts import AuditFilter
from quanyu.modules.tenants.audit.service import AuditLog


class Sent(BaseModel):
    """A body with a name, a reason and something that is nobody's business."""

    name: str
    reason: str = ""
    phone: str = ""


def _routes(uows: UnitOfWorkFactory) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/segments", dependencies=[permits.SEGMENTS])

    @routes.get("/{segment}")
    async def get_segment(uow: RequestUow, segment: str) -> str:
        return segment

    @routes.get("/{segment}/file")
    @permits.noted
    async def take_file(uow: RequestUow, segment: str) -> str:
        return segment

    @routes.post("/{segment}/preview")
    @permits.reads
    async def preview_segment(caller: CurrentCaller, segment: str) -> str:
        return segment

    @routes.post("/{segment}/publish")
    async def publish_segment(uow: RequestUow, segment: str, sent: Sent) -> str:
        if sent.name == "坏":
            raise permits.missing(permits.Permission.SEGMENTS_WRITE)
        return segment

    @routes.put("/{segment}/apart")
    async def change_apart(caller: CurrentCaller, segment: str) -> str:
        async with uows.app(caller.tenant_id):
            return segment

    people = APIRouter(prefix="/api/v1/people", dependencies=[permits.PEOPLE])

    @people.put("/{person}")
    async def change_person(uow: RequestUow, person: str, sent: Sent) -> str:
        return person

    both = APIRouter()
    both.include_router(routes)
    both.include_router(people)
    return both


class Meddler:
    """Whoever holds the machine, past every policy."""

    def __init__(self, dsn: str, tenant_id: TenantId) -> None:
        self._dsn = dsn
        self._tenant_id = tenant_id

    def __call__(self, deed: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            changed = connection.execute(f"{deed} AND tenant_id = %s", [self._tenant_id])  # type: ignore[arg-type]
            assert changed.rowcount == 1


@pytest.fixture
def meddle(postgres: EmbeddedPostgres, database_name: str, tenant_id: TenantId) -> Meddler:
    """Change the stored log behind everybody's back."""
    return Meddler(postgres.superuser_dsn(database_name), tenant_id)


@pytest.fixture
def audit(uows: UnitOfWorkFactory) -> AuditLog:
    """The log."""
    return AuditLog(uows)


@pytest.fixture
async def client(
    uows: UnitOfWorkFactory, tenant_id: TenantId, audit: AuditLog
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may do everything; ``x-role`` makes them somebody else."""
    app = FastAPI()

    async def authenticate(request: Request) -> Caller:
        role = request.headers.get("x-role", Role.OWNER)
        return Caller(
            tenant_id, 7, "陈店长", role=role, permissions=ALL if role == Role.OWNER else frozenset()
        )

    web.install(app, authenticate=authenticate, uows=uows, note=audit.note)
    app.include_router(_routes(uows))
    app.include_router(audit_routes.router(audit))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        yield client


async def _entries(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_changes_and_marked_readings_are_noted_and_nothing_else(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/segments/seg_1")
    await client.post("/api/v1/segments/seg_1/preview")
    assert await _entries(client) == []

    sent = {"name": "高价值", "reason": "新版", "phone": "13800000000"}
    assert (await client.post("/api/v1/segments/seg_1/publish", json=sent)).status_code == 200
    await client.put("/api/v1/segments/seg_2/apart")
    await client.get("/api/v1/segments/seg_3/file")

    entries = await _entries(client)
    assert [one["action"] for one in entries] == ["take_file", "change_apart", "publish_segment"]
    last = entries[2]
    assert (last["actor"], last["role"], last["method"]) == ("陈店长", "owner", "POST")
    assert last["path"] == "/api/v1/segments/{segment}/publish"
    assert last["permission"] == "segments.write"
    assert last["objects"] == {"segment": "seg_1"}
    assert last["fields"] == ["name", "reason", "phone"]
    assert last["said"] == {"name": "高价值", "reason": "新版"}


async def test_what_was_refused_or_failed_is_not_noted(client: httpx.AsyncClient) -> None:
    publish = "/api/v1/segments/seg_1/publish"
    assert (await client.post(publish, json={"name": "坏"})).status_code == 403
    assert (await client.post(publish, json={"reason": "没有名字"})).status_code == 422
    assert (await client.post(publish, json={"name": "好"}, headers={"x-role": "staff"})).status_code == 403
    assert await _entries(client) == []


async def test_names_of_people_are_not_kept(client: httpx.AsyncClient) -> None:
    await client.put("/api/v1/people/per_1", json={"name": "王小明", "reason": "来电更正"})
    (entry,) = await _entries(client)
    assert entry["said"] == {"reason": "来电更正"}
    assert entry["fields"] == ["name", "reason"]


async def test_entries_are_filtered_and_come_in_pages(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await client.put(f"/api/v1/segments/seg_{number}/apart")
    await client.put("/api/v1/people/per_1", json={"name": "王小明"})

    assert len(await _entries(client, area="segments")) == 5
    assert [one["action"] for one in await _entries(client, object="per_1")] == ["change_person"]
    assert await _entries(client, object="per_%") == []
    assert len(await _entries(client, member="店长")) == 6
    assert await _entries(client, member="李") == []
    assert await _entries(client, until="2020-01-01T00:00:00Z") == []
    first = (await client.get("/api/v1/audit", params={"limit": 4})).json()
    rest = (await client.get("/api/v1/audit", params={"limit": 4, "cursor": first["next_cursor"]})).json()
    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert len(ids) == len(set(ids)) == 6
    assert rest["next_cursor"] is None


async def test_the_file_holds_every_entry_and_no_formula(
    client: httpx.AsyncClient, audit: AuditLog, tenant_id: TenantId
) -> None:
    await client.post("/api/v1/segments/seg_1/publish", json={"name": "=1+1", "reason": "=cmd()"})
    await audit.seal(tenant_id)
    lines = (await client.get("/api/v1/audit/file")).text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("number,at,actor")
    assert [line.split(",")[5] for line in lines[1:]] == ["export_audit_entries", "publish_segment"]
    assert lines[2].startswith("1,")
    assert not any(cell.startswith("=") for cell in lines[2].split(","))


async def test_changed_and_removed_entries_show(
    client: httpx.AsyncClient, audit: AuditLog, tenant_id: TenantId, meddle: Meddler
) -> None:
    for number in range(4):
        await client.put(f"/api/v1/segments/seg_{number}/apart")
    assert (await audit.verify(tenant_id)).unsealed == 4
    assert await audit.seal(tenant_id) == 4
    whole = (await client.get("/api/v1/audit/chain")).json()
    assert (whole["intact"], whole["entries"], whole["unsealed"]) == (True, 4, 0)
    anchor = {"number": whole["head_number"], "digest": whole["head_digest"]}
    await client.put("/api/v1/segments/seg_9/apart")
    await audit.seal(tenant_id)
    assert (await client.get("/api/v1/audit/chain", params=anchor)).json()["intact"]
    other = {"number": 2, "digest": "0" * 64}
    assert (await client.get("/api/v1/audit/chain", params=other)).json()["broken_at"] == 2

    meddle("UPDATE audit_entry SET actor = '别人' WHERE number = 3")
    broken = (await client.get("/api/v1/audit/chain")).json()
    assert (broken["intact"], broken["broken_at"]) == (False, 3)
    assert "第 3 条" in broken["reason_zh"]
    meddle("DELETE FROM audit_entry WHERE number = 1")
    broken = (await client.get("/api/v1/audit/chain")).json()
    assert (broken["intact"], broken["broken_at"]) == (False, 1)


async def test_neither_door_nor_platform_may_change_or_remove_an_entry(
    client: httpx.AsyncClient, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await client.put("/api/v1/segments/seg_1/apart")
    for open_as in (uows.app, uows.system):
        for deed in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"):
                async with open_as(tenant_id) as uow:
                    await uow.execute(deed)


async def test_another_brand_sees_nothing_of_it_and_has_a_chain_of_its_own(
    client: httpx.AsyncClient, uows: UnitOfWorkFactory, audit: AuditLog, tenant_id: TenantId
) -> None:
    await client.put("/api/v1/segments/seg_1/apart")
    await audit.seal(tenant_id)
    other = TenantId(tenant_id + 1)
    async with uows.app(other) as uow:
        page = await audit.list_entries(uow, AuditFilter(), cursor=None, limit=None)
    assert page.items == ()
    assert (await audit.verify(other)).entries == 0


async def test_two_sealers_make_one_chain(
    client: httpx.AsyncClient, audit: AuditLog, tenant_id: TenantId
) -> None:
    for number in range(30):
        await client.put(f"/api/v1/segments/seg_{number}/apart")
    sealed = await asyncio.gather(*(audit.seal(tenant_id) for _ in range(4)))
    assert sum(sealed) == 30
    report = await audit.verify(tenant_id)
    assert (report.intact, report.entries) == (True, 30)
