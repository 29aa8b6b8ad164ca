"""Members and roles over HTTP: who may give what to whom, and that it counts from the next request (M3)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ROLES, Role

from .conftest import PASSWORD, Join, Open, code_of, id_of, invite

MEMBERS = "/api/v1/members"
ROLES_AT = "/api/v1/roles"


async def _members(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    answer = await client.get(MEMBERS)
    assert answer.status_code == 200, answer.text
    return {one["email"] or one["name"]: one for one in answer.json()["items"]}


async def _make_role(client: httpx.AsyncClient, name: str, *permissions: str) -> httpx.Response:
    return await client.post(ROLES_AT, json={"name": name, "permissions": permissions})


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_somebody_invited_joins_once_and_is_signed_in(owner: httpx.AsyncClient, stranger: Open) -> None:
    link = await invite(owner, " Lin@Example.com ", Role.ANALYST)
    assert link["url"].startswith("http://inside:8080/join?code=qi_")
    waiting = (await _members(owner))["lin@example.com"]
    assert (waiting["state"], waiting["name"], waiting["role"]) == ("invited", "", "analyst")

    browser = await stranger()
    sent = {"code": code_of(link["url"]), "name": " 林知夏 ", "password": PASSWORD}
    look = (await browser.post("/api/v1/join/look", json={"code": sent["code"]})).json()
    assert (look["email"], look["role"]) == ("lin@example.com", "analyst")
    answer = await browser.post("/api/v1/join", json=sent)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    seen = (await browser.get("/api/v1/session")).json()
    assert (seen["user"]["name"], set(seen["permissions"])) == ("林知夏", set(ROLES[Role.ANALYST]))
    assert (await _members(owner))["lin@example.com"]["state"] == "active"

    assert _code(await (await stranger()).post("/api/v1/join", json=sent)) == (404, "access.invalid_link")


@pytest.mark.parametrize("password", ["short", "password1234", "lin@example.com", "qwertyuiop"])
async def test_a_weak_password_does_not_spend_the_invitation(
    owner: httpx.AsyncClient, stranger: Open, password: str
) -> None:
    code = code_of((await invite(owner, "lin@example.com", Role.STAFF))["url"])
    browser = await stranger()
    sent = {"code": code, "name": "林", "password": password}
    assert _code(await browser.post("/api/v1/join", json=sent)) == (422, "access.unfit_password")
    assert (await browser.post("/api/v1/join", json=sent | {"password": PASSWORD})).status_code == 204


async def test_an_invitation_is_replaced_revoked_and_expires(
    owner: httpx.AsyncClient, stranger: Open, clock: FixedClock
) -> None:
    first = await invite(owner, "lin@example.com", Role.STAFF)
    again = (await owner.post(f"{MEMBERS}/{first['member']}/invitation")).json()
    browser = await stranger()

    async def look(link: dict[str, str]) -> int:
        return (await browser.post("/api/v1/join/look", json={"code": code_of(link["url"])})).status_code

    assert (await look(first), await look(again)) == (404, 200)
    clock.advance(timedelta(days=7))
    assert await look(again) == 404
    third = (await owner.post(f"{MEMBERS}/{first['member']}/invitation")).json()
    assert await look(third) == 200
    assert (await owner.delete(f"{MEMBERS}/{first['member']}")).status_code == 204
    assert await look(third) == 404
    assert "lin@example.com" not in await _members(owner)


async def test_an_address_belongs_to_one_member(owner: httpx.AsyncClient) -> None:
    await invite(owner, "lin@example.com", Role.STAFF)
    again = await owner.post(MEMBERS, json={"email": "LIN@example.com", "role": "staff"})
    assert _code(again) == (409, "access.email_taken")
    wrong = await owner.post(MEMBERS, json={"email": "lin at example", "role": "staff"})
    assert _code(wrong) == (422, "access.invalid_email")
    unknown = await owner.post(MEMBERS, json={"email": "zhou@example.com", "role": "nobody"})
    assert _code(unknown) == (404, "access.unknown_role")
    assert len(await _members(owner)) == 2


async def test_pages_of_others_cannot_sign_a_browser_in(owner: httpx.AsyncClient, stranger: Open) -> None:
    code = code_of((await invite(owner, "lin@example.com", Role.STAFF))["url"])
    sent = {"code": code, "name": "林", "password": PASSWORD}
    answer = await (await stranger()).post(
        "/api/v1/join", json=sent, headers={"sec-fetch-site": "cross-site"}
    )
    assert _code(answer) == (403, "quanyu.foreign_page")


async def test_roles_disabling_and_removal_count_from_the_next_request(
    owner: httpx.AsyncClient, join: Join
) -> None:
    lin = await join("lin@example.com", Role.ADMIN)
    at = f"{MEMBERS}/{await id_of(lin)}"
    assert (await lin.get(MEMBERS)).status_code == 200
    assert (await owner.put(f"{at}/role", json={"role": "staff"})).status_code == 204
    assert _code(await lin.get(MEMBERS)) == (403, "access.forbidden")

    assert (await owner.post(f"{at}/disable")).status_code == 204
    assert (await lin.get("/api/v1/session")).status_code == 401
    assert (await _members(owner))["lin@example.com"]["state"] == "disabled"
    assert (await owner.post(f"{at}/enable")).status_code == 204
    assert (await lin.get("/api/v1/session")).status_code == 401  # The session ended for good.
    assert (await owner.delete(at)).status_code == 204
    assert _code(await owner.delete(at)) == (404, "access.unknown_member")


async def test_owners_alone_make_and_change_owners(owner: httpx.AsyncClient, join: Join) -> None:
    admin = await join("lin@example.com", Role.ADMIN)
    boss, lin = await id_of(owner), await id_of(admin)
    for answer in (
        await admin.put(f"{MEMBERS}/{lin}/role", json={"role": "owner"}),
        await admin.post(MEMBERS, json={"email": "zhou@example.com", "role": "owner"}),
        await admin.put(f"{MEMBERS}/{boss}/role", json={"role": "staff"}),
        await admin.post(f"{MEMBERS}/{boss}/disable"),
        await admin.delete(f"{MEMBERS}/{boss}"),
    ):
        assert _code(answer) == (403, "access.out_of_reach")
    seen = await _members(admin)
    assert (seen["admin"]["role"], seen["admin"]["is_changeable"]) == ("owner", False)
    assert set(seen) == {"admin", "lin@example.com"}

    assert (await owner.put(f"{MEMBERS}/{lin}/role", json={"role": "owner"})).status_code == 204
    assert (await admin.put(f"{MEMBERS}/{boss}/role", json={"role": "staff"})).status_code == 204
    assert (await owner.get(MEMBERS)).status_code == 403


async def test_the_last_active_owner_stays(owner: httpx.AsyncClient, join: Join) -> None:
    boss = await id_of(owner)
    await invite(owner, "zhou@example.com", Role.OWNER)  # Has not joined: does not count.
    refused = await owner.put(f"{MEMBERS}/{boss}/role", json={"role": "admin"})
    assert _code(refused) == (409, "access.last_owner")
    local = {"authorization": "Bearer local-token"}
    assert _code(await owner.delete(f"{MEMBERS}/{boss}", headers=local)) == (409, "access.last_owner")
    await join("lin@example.com", Role.OWNER)
    assert (await owner.put(f"{MEMBERS}/{boss}/role", json={"role": "admin"})).status_code == 204


async def test_nobody_locks_themselves_out(owner: httpx.AsyncClient, join: Join) -> None:
    await join("lin@example.com", Role.OWNER)
    boss = await id_of(owner)
    assert _code(await owner.post(f"{MEMBERS}/{boss}/disable")) == (409, "access.unfit_member")
    assert _code(await owner.delete(f"{MEMBERS}/{boss}")) == (409, "access.unfit_member")


async def test_a_role_of_the_brand_is_made_given_changed_and_removed(
    owner: httpx.AsyncClient, join: Join
) -> None:
    key = (await _make_role(owner, "夜班", "people.read", "access.manage")).json()["key"]
    lin = await join("lin@example.com", key)
    seen = (await lin.get("/api/v1/session")).json()
    assert seen["permissions"] == ["access.manage", "people.read"]
    assert seen["user"]["role_name"] == "夜班"
    listed = {one["key"]: one for one in (await owner.get(ROLES_AT)).json()["items"]}
    assert (listed[key]["members"], listed[key]["is_built_in"]) == (1, False)
    assert set(listed) == {*Role, key}

    assert _code(await owner.delete(f"{ROLES_AT}/{key}")) == (409, "access.role_in_use")
    draft = {"name": "夜班", "permissions": ["people.read"]}
    assert (await owner.put(f"{ROLES_AT}/{key}", json=draft)).status_code == 204
    assert (await lin.get(MEMBERS)).status_code == 403
    assert (await owner.put(f"{MEMBERS}/{await id_of(lin)}/role", json={"role": "staff"})).status_code == 204
    assert (await owner.delete(f"{ROLES_AT}/{key}")).status_code == 204
    assert _code(await owner.delete(f"{ROLES_AT}/{key}")) == (404, "access.unknown_role")


async def test_nobody_gives_what_they_lack(owner: httpx.AsyncClient, join: Join) -> None:
    small = (await _make_role(owner, "小管理", "people.read", "access.manage")).json()["key"]
    large = (await _make_role(owner, "大管理", "people.read", "settings.write")).json()["key"]
    manager = await join("lin@example.com", small)
    other = await id_of(await join("zhou@example.com", large))
    for answer in (
        await _make_role(manager, "新角色", "settings.write"),
        await manager.put(f"{ROLES_AT}/{small}", json={"name": "小", "permissions": ["settings.write"]}),
        await manager.put(f"{ROLES_AT}/{large}", json={"name": "大", "permissions": ["people.read"]}),
        await manager.delete(f"{ROLES_AT}/{large}"),
        await manager.post(MEMBERS, json={"email": "chen@example.com", "role": "admin"}),
        await manager.post(MEMBERS, json={"email": "chen@example.com", "role": large}),
        await manager.put(f"{MEMBERS}/{other}/role", json={"role": small}),
        await manager.post(f"{MEMBERS}/{other}/disable"),
    ):
        assert _code(answer) == (403, "access.out_of_reach")
    listed = {one["key"]: one["is_givable"] for one in (await manager.get(ROLES_AT)).json()["items"]}
    assert (listed[small], listed[large], listed["admin"]) == (True, False, False)
    assert (await invite(manager, "chen@example.com", small))["url"]


async def test_names_of_roles_differ_and_those_built_in_stay(owner: httpx.AsyncClient) -> None:
    key = (await _make_role(owner, "Night shift", "people.read")).json()["key"]
    other = (await _make_role(owner, "白班", "people.read")).json()["key"]
    for name in (" night  SHIFT ", "管理员", "Owner", " "):
        assert _code(await _make_role(owner, name, "people.read")) == (409, "access.role_taken")
    taken = {"name": "NIGHT SHIFT", "permissions": []}
    assert _code(await owner.put(f"{ROLES_AT}/{other}", json=taken)) == (409, "access.role_taken")
    assert (await owner.put(f"{ROLES_AT}/{key}", json=taken)).status_code == 204
    assert _code(await owner.put(f"{ROLES_AT}/owner", json=taken | {"name": "王"})) == (
        404,
        "access.unknown_role",
    )
    assert (await _make_role(owner, "飞行", "fly.high")).status_code == 422


async def test_somebody_named_like_the_machines_owner_is_somebody_else(
    owner: httpx.AsyncClient, stranger: Open, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    code = code_of((await invite(owner, "lin@example.com", Role.STAFF))["url"])
    browser = await stranger()
    sent = {"code": code, "name": "admin", "password": PASSWORD}
    assert (await browser.post("/api/v1/join", json=sent)).status_code == 204
    local = {"authorization": "Bearer local-token"}
    url = (await browser.post("/api/v1/session/links", headers=local)).json()["url"]
    other = await stranger()
    await other.get("/login", params={"code": code_of(url)})
    assert await id_of(other) == await id_of(owner)
    assert (await browser.get("/api/v1/session")).json()["user"]["role"] == "staff"


async def test_members_of_another_brand_are_out_of_sight(
    owner: httpx.AsyncClient, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    other = TenantId(tenant_id + 100_000)
    async with uows.system(other) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (:id, :key, '第二', :now)",
            {"id": other, "key": f"second-{other}", "now": uow.clock.now()},
        )
        await uow.execute(
            "INSERT INTO user_account (tenant_id, id, name, email, role, created_at) "
            "VALUES (:id, 5, '别人', 'lin@example.com', 'owner', :now)",
            {"id": other, "now": uow.clock.now()},
        )
    assert set(await _members(owner)) == {"admin"}
    assert _code(await owner.delete(f"{MEMBERS}/usr_5")) == (404, "access.unknown_member")
    await invite(owner, "lin@example.com", Role.STAFF)


async def test_use_is_noted_every_few_minutes(owner: httpx.AsyncClient, clock: FixedClock) -> None:
    first = (await _members(owner))["admin"]["last_seen_at"]
    clock.advance(timedelta(minutes=4))
    assert (await _members(owner))["admin"]["last_seen_at"] == first
    clock.advance(timedelta(minutes=1))
    assert (await _members(owner))["admin"]["last_seen_at"] > first
