"""B9: identifiers in full, to those who may, for a reason, written down, and no more than one may."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from quanyu.infra import web
from quanyu.infra.web import Caller
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import encode_id
from quanyu.kernel.permissions import ROLES, Permission, Role
from quanyu.modules.people.reveal import routes
from quanyu.modules.people.reveal.service import LIMITS, Reveals

from .conftest import Desk

PHONE = "+8613812345678"


@dataclass
class Door:
    """The routes, asked by somebody of a role."""

    client: httpx.AsyncClient
    person: str
    permissions: frozenset[Permission]
    user_id: int = 1

    async def ask(self, *fields: str, reason: str = "回拨客户", person: str = "") -> httpx.Response:
        body = {"fields": fields, "reason": reason}
        return await self.client.post(f"/api/v1/people/{person or self.person}/reveal", json=body)

    async def notes(self) -> Any:
        answer = await self.client.get(f"/api/v1/people/{self.person}/reveals")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


@pytest.fixture
async def door(desk: Desk) -> AsyncIterator[Door]:
    resolved = await desk.resolve(
        desk.row(
            "user_id:u1",
            "openid@wx1:oAbcdefghijklmnop",
            f"phone:{PHONE}",
            traits={"email": "ann@example.com", "name": "林知夏", "city": "杭州"},
        )
    )
    app = FastAPI()

    async def authenticate(_: Request) -> Caller:
        return Caller(desk.tenant, made.user_id, "小林", permissions=made.permissions)

    web.install(app, authenticate=authenticate, uows=desk.uows)
    app.include_router(routes.router(Reveals(desk.key_ring)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        made = Door(client, encode_id("per", resolved.person_ids[0] or 0), ROLES[Role.OWNER])
        yield made


async def test_fields_are_shown_in_full_and_who_saw_them_is_written_down(door: Door) -> None:
    answer = await door.ask("phone", "openid", "email", "nothing")

    shown = {(one["field"], one["scope"], one["value"]) for one in answer.json()["items"]}
    assert ("phone", "", PHONE) in shown
    assert ("openid", "wx1", "oAbcdefghijklmnop") in shown
    assert ("email", "", "ann@example.com") in shown
    assert {field for field, *_ in shown} == {"phone", "openid", "email"}  # Nothing that was not asked for.
    [note] = await door.notes()
    assert (note["actor"], note["reason"]) == ("小林", "回拨客户")
    assert note["fields"] == ["phone", "openid", "email", "nothing"]
    assert PHONE not in str(note)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.SERVICE, Role.STAFF, Role.AUDITOR])
async def test_who_may_not_sees_nothing_and_leaves_no_trace(door: Door, role: Role) -> None:
    door.permissions = ROLES[role]
    answer = await door.ask("phone")

    assert (answer.status_code, answer.json()["code"]) == (403, "access.forbidden")
    assert answer.json()["details"]["permission"] == "people.reveal"
    door.permissions = ROLES[Role.AUDITOR]
    assert await door.notes() == []


async def test_without_a_reason_or_a_person_nothing_is_shown(door: Door) -> None:
    assert (await door.ask("phone", reason="  ")).status_code in (400, 422)
    assert (await door.ask(*(f"f{n}" for n in range(11)))).status_code in (400, 422)
    assert (await door.ask("phone", person=encode_id("per", 999_999))).status_code == 404
    assert await door.notes() == []


async def test_nobody_sees_more_people_than_one_may(door: Door, clock: FixedClock) -> None:
    hour, most = LIMITS[0]
    for _ in range(most):
        assert (await door.ask("phone")).status_code == 200
    refused = await door.ask("phone")
    assert (refused.status_code, refused.json()["code"]) == (429, "people.too_many_reveals")
    door.user_id = 2
    assert (await door.ask("phone")).status_code == 200  # A colleague's count is their own.

    door.user_id = 1
    clock.advance(hour + timedelta(seconds=1))
    assert (await door.ask("phone")).status_code == 200
