"""Tokens by which programs call the API: never more than their maker may, never longer than told."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.permissions import Permission, Role

from .conftest import Join, Open, id_of

READS = [Permission.PEOPLE_READ, Permission.SEGMENTS_READ]


async def make(client: httpx.AsyncClient, *permissions: str, days: int = 30, name: str = "ERP 同步") -> Any:
    sent = {"name": name, "permissions": permissions or READS, "days": days}
    answer = await client.post("/api/v1/api-tokens", json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def program(stranger: Open) -> httpx.AsyncClient:
    """A program without a cookie."""
    return await stranger()


def by(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def asks(program: httpx.AsyncClient, token: str, path: str = "/api/v1/session") -> httpx.Response:
    return await program.get(path, headers=by(token))


async def test_a_token_may_do_what_it_was_given_and_no_more(
    owner: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    made = await make(owner)
    who = (await asks(program, made["token"])).json()
    assert who["permissions"] == sorted(READS)
    assert who["user"]["name"] == "admin · ERP 同步"
    refused = await asks(program, made["token"], "/api/v1/members")
    assert (refused.status_code, refused.json()["code"]) == (403, "access.forbidden")


async def test_nobody_gives_a_token_more_than_they_have(join: Join) -> None:
    operator = await join("op@example.com", Role.OPERATOR)
    sent = {"name": "x", "permissions": [Permission.ACCESS_MANAGE], "days": 1}
    refused = await operator.post("/api/v1/api-tokens", json=sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_reach")


async def test_a_token_loses_what_its_maker_loses(
    owner: httpx.AsyncClient, join: Join, program: httpx.AsyncClient
) -> None:
    operator = await join("op@example.com", Role.OPERATOR)
    token = (await make(operator, Permission.PEOPLE_READ, Permission.JOURNEYS_WRITE))["token"]
    member = await id_of(operator)
    changed = await owner.put(f"/api/v1/members/{member}/role", json={"role": Role.ANALYST})
    assert changed.status_code == 204
    assert Permission.JOURNEYS_WRITE not in (await asks(program, token)).json()["permissions"]
    assert (await owner.post(f"/api/v1/members/{member}/disable")).status_code == 204
    assert (await asks(program, token)).status_code == 401
    assert (await owner.delete(f"/api/v1/members/{member}")).status_code == 204
    assert (await owner.get("/api/v1/api-tokens")).json()["items"] == []


async def test_a_token_is_no_person_and_no_owner(
    owner: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    token = (await make(owner, Permission.ACCESS_MANAGE))["token"]
    for method, path in (
        ("GET", "/api/v1/account"),
        ("GET", "/api/v1/account/sessions"),
        ("GET", "/api/v1/api-tokens"),
        ("POST", "/api/v1/session/logout"),
    ):
        refused = await program.request(method, path, headers=by(token))
        assert (refused.status_code, refused.json()["code"]) == (403, "access.people_only"), path
    sent = {"email": "new@example.com", "role": Role.OWNER}
    refused = await program.post("/api/v1/members", json=sent, headers=by(token))
    assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_reach")


async def test_a_token_expires_and_is_revoked(
    owner: httpx.AsyncClient, program: httpx.AsyncClient, clock: FixedClock
) -> None:
    short, long = await make(owner, days=1), await make(owner, days=90)
    assert (await asks(program, short["token"])).status_code == 200
    clock.advance(timedelta(days=1))
    assert (await asks(program, short["token"])).status_code == 401
    (left,) = (await owner.get("/api/v1/api-tokens")).json()["items"]
    assert (left["id"], left["last_used_at"]) == (long["id"], None)
    assert long["token"] not in str(left)
    assert (await owner.delete(f"/api/v1/api-tokens/{long['id']}")).status_code == 204
    assert (await asks(program, long["token"])).status_code == 401
    again = await owner.delete(f"/api/v1/api-tokens/{long['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "access.unknown_token")


async def test_everybody_sees_their_own_and_managers_see_all(owner: httpx.AsyncClient, join: Join) -> None:
    operator = await join("op@example.com", Role.OPERATOR)
    mine, others = await make(operator), await make(owner)
    assert [one["id"] for one in (await operator.get("/api/v1/api-tokens")).json()["items"]] == [mine["id"]]
    assert (await operator.delete(f"/api/v1/api-tokens/{others['id']}")).status_code == 404
    listed = (await owner.get("/api/v1/api-tokens")).json()["items"]
    assert {one["id"]: one["is_mine"] for one in listed} == {mine["id"]: False, others["id"]: True}
    assert (await owner.delete(f"/api/v1/api-tokens/{mine['id']}")).status_code == 204


async def test_calls_are_counted_and_too_many_told_when_to_come_again(
    owner: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    token = (await make(owner))["token"]
    first = await asks(program, token)
    limit = int(first.headers["ratelimit-limit"])
    assert int(first.headers["ratelimit-remaining"]) == limit - 1
    answers = [await asks(program, token, "/api/v1/members") for _ in range(limit * 3)]
    refused = next(one for one in answers if one.status_code == 429)
    assert refused.json()["code"] == "access.too_many_calls"
    assert int(refused.headers["retry-after"]) >= 1
    assert "ratelimit-limit" not in (await owner.get("/api/v1/session")).headers


async def test_tokens_of_other_brands_and_nonsense_open_nothing(
    owner: httpx.AsyncClient, program: httpx.AsyncClient, uows: UnitOfWorkFactory
) -> None:
    token = (await make(owner))["token"]
    kind, tenant, secret = token.split("_", 2)
    for wrong in (
        f"{kind}_{int(tenant) + 1}_{secret}",
        f"qs_{tenant}_{secret}",
        f"{kind}_{tenant}_{'x' * 32}",
    ):
        assert (await asks(program, wrong)).status_code == 401
