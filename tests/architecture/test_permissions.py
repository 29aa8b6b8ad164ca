"""No route without a word about who may pass it, and the answer each role gets, as the catalogue says.

The application is the real one, with every router; the permission of each route is read from it.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from quanyu.app.application import build_app
from quanyu.app.settings import Settings
from quanyu.app.wiring import build_services
from quanyu.infra import permits, web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.web import Caller
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import AREAS, ROLE_WORDS, ROLES, WORDS, Permission, Role
from quanyu.modules.tenants.contracts import Brand

# Doors for people without an account: the console's own files, signing in, joining, pages for customers and
# the page of staff, which has callers of its own.
PUBLIC = re.compile(
    r"/(login$|health/|sdk/|l/|v/(back|fan)$|f/|g/|p/|preferences|\{path:page\}$|api/v1/(sidebar|join|sign-in|password-reset)(/|$))"
)
HOW_TO = """{routes}
say nothing about who may pass them. Give their router `dependencies=[permits.<AREA>]` (quanyu.infra.permits),
and mark a single route that differs with `@permits.reads` or `@permits.needs(Permission.…)` under its
decorator."""


def _routes(app: Any) -> Iterator[APIRoute]:
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from _routes(inner)


@pytest.fixture(scope="module")
async def routes(
    database: Database, warehouse: Warehouse, key_ring: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[APIRoute]]:
    """Every route of the application."""
    brand = Brand(TenantId(1), "shop", "Shop", "Asia/Shanghai", "CNY", is_demo=False)
    settings = Settings(data=DataDirectory(tmp_path_factory.mktemp("data")), clock=SystemClock())
    async with build_services(settings, database, warehouse, key_ring) as services:
        yield list(_routes(build_app(services, brand)._rest))


def test_every_route_declares_who_may_pass(routes: list[APIRoute]) -> None:
    silent = [
        f"{sorted(route.methods)} {route.path}"
        for route in routes
        if permits.gate_of(route) is None and not PUBLIC.match(route.path)
    ]
    assert not silent, HOW_TO.format(routes="\n".join(silent))
    assert len(routes) > 400


def test_every_permission_area_and_role_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Permission)
    assert set(AREAS) == {one.area for one in Permission}
    assert set(ROLE_WORDS) == set(ROLES) == set(Role)
    assert all(words.zh and words.en for words in (*WORDS.values(), *AREAS.values(), *ROLE_WORDS.values()))


async def test_each_role_passes_exactly_what_its_permissions_allow(
    routes: list[APIRoute], uows: UnitOfWorkFactory
) -> None:
    """The gates of all routes over HTTP; behind each stands a page without effect."""
    asked = _different(routes)
    assert len(asked) > 40
    client = _client(_mirror(asked, uows))
    wrong: list[str] = []
    async with client:
        for role, allowed in ROLES.items():
            for number, (method, route) in enumerate(asked):
                gate = permits.gate_of(route)
                assert gate is not None
                needed = gate.needed(method, route.endpoint)
                answer = await client.request(method, f"/{number}", headers={"x-role": role})
                expected = 200 if needed is None or needed in allowed else 403
                if answer.status_code != expected:
                    wrong.append(f"{role}: {method} {route.path} answered {answer.status_code}")
                elif expected == 403:
                    assert needed is not None
                    assert answer.json()["details"] == {"permission": needed.value}
                    assert needed.value in answer.json()["detail_zh"]
    assert wrong == []


def _different(routes: list[APIRoute]) -> list[tuple[str, APIRoute]]:
    """One route for each gate, method and mark: others are answered by the very same code."""
    found = {
        (id(gate), method, str(route.endpoint.__dict__)): (method, route)
        for route in routes
        if (gate := permits.gate_of(route))
        for method in route.methods
    }
    return list(found.values())


def _mirror(asked: list[tuple[str, APIRoute]], uows: UnitOfWorkFactory) -> FastAPI:
    app = FastAPI()

    async def authenticate(request: Request) -> Caller:
        role = Role(request.headers["x-role"])
        return Caller(TenantId(1), 1, "somebody", role=role, permissions=ROLES[role])

    web.install(app, authenticate=authenticate, uows=uows)
    for number, (method, route) in enumerate(asked):
        app.add_api_route(
            f"/{number}", _page_like(route), methods=[method], dependencies=list(route.dependencies)
        )
    return app


def _page_like(route: APIRoute) -> Callable[[], None]:
    def page() -> None:
        return None

    page.__dict__.update(route.endpoint.__dict__)
    return page


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside")


def test_only_owners_and_administrators_manage_members() -> None:
    may = {role for role, allowed in ROLES.items() if Permission.ACCESS_MANAGE in allowed}
    assert may == {Role.OWNER, Role.ADMIN}


def test_an_auditor_changes_nothing_and_sees_no_identifier_in_full() -> None:
    assert all(one.value.endswith(".read") for one in ROLES[Role.AUDITOR])
