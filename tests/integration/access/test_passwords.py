"""Signing in by password: who gets in, what others learn, how guessing slows down, what ends sessions."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Role
from quanyu.modules.tenants.access.passwords.hashing import Hasher

from .conftest import PASSWORD, Join, Open, code_of, id_of, invite

NEW = "春茶 竹篮 细雨 石桥"
SIGN_IN = "/api/v1/sign-in"


@pytest.fixture(autouse=True)
async def _fresh_pace(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    """Failures are counted for the whole deployment: others' do not count here."""
    async with uows.system(tenant_id) as uow:
        await uow.execute("DELETE FROM sign_in_pace")
        await uow.execute("DELETE FROM member_link WHERE tenant_id <> :tenant", {"tenant": tenant_id})
        await uow.execute("UPDATE user_account SET email = NULL WHERE tenant_id <> :t", {"t": tenant_id})


async def _sign_in(
    client: httpx.AsyncClient, email: str = "lin@example.com", password: str = PASSWORD, **more: Any
) -> httpx.Response:
    return await client.post(SIGN_IN, json={"email": email, "password": password} | more)


async def test_a_member_signs_in_and_a_stranger_learns_nothing(join: Join, stranger: Open) -> None:
    await join("lin@example.com")
    browser = await stranger()
    answer = await _sign_in(browser, " LIN@example.com ")
    assert (answer.status_code, answer.json()) == (200, {"step": "signed_in", "brands": []})
    assert answer.headers["cache-control"] == "no-store"
    assert (await browser.get("/api/v1/session")).json()["user"]["name"] == "lin"

    other = await stranger()
    wrong = await _sign_in(other, password="不是这一个密码")
    unknown = await _sign_in(other, "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "access.wrong_credentials"
    assert "set-cookie" not in wrong.headers


async def test_an_unknown_address_takes_as_much_work(
    stranger: Open, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join("lin@example.com")
    done: list[bool] = []
    real = Hasher.matches

    async def counting(self: Hasher, password: str, phc: str | None) -> bool:
        done.append(phc is not None)
        return await real(self, password, phc)

    monkeypatch.setattr(Hasher, "matches", counting)
    browser = await stranger()
    await _sign_in(browser, password="不是这一个密码")
    await _sign_in(browser, "nobody@example.com")
    assert done == [True, False]


async def test_disabled_and_invited_members_do_not_get_in(
    owner: httpx.AsyncClient, join: Join, stranger: Open
) -> None:
    lin = await join("lin@example.com")
    await owner.post(f"/api/v1/members/{await id_of(lin)}/disable")
    await invite(owner, "zhou@example.com", Role.STAFF)
    browser = await stranger()
    assert (await _sign_in(browser)).status_code == 401
    assert (await _sign_in(browser, "zhou@example.com")).status_code == 401


async def test_guessing_slows_down_and_signing_in_forgets_it(
    join: Join, stranger: Open, clock: FixedClock
) -> None:
    await join("lin@example.com")
    browser = await stranger()
    for _ in range(5):
        assert (await _sign_in(browser, password="不是这一个密码")).status_code == 401
    slowed = await _sign_in(browser)  # Even the right one has to wait.
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "10")
    assert slowed.json()["code"] == "access.too_many_attempts"
    assert "10 秒" in slowed.json()["detail_zh"]
    clock.advance(timedelta(seconds=10))
    assert (await _sign_in(browser, password="不是这一个密码")).status_code == 401
    assert (await _sign_in(browser)).headers["retry-after"] == "20"
    clock.advance(timedelta(seconds=20))
    assert (await _sign_in(browser)).status_code == 200
    for _ in range(5):
        assert (await _sign_in(browser, password="不是这一个密码")).status_code == 401


async def test_unknown_addresses_slow_down_alike(stranger: Open) -> None:
    browser = await stranger()
    answers = [(await _sign_in(browser, "nobody@example.com")).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


async def test_guesses_sent_at_once_count_one_by_one(join: Join, stranger: Open) -> None:
    await join("lin@example.com")
    browser = await stranger()
    answers = await asyncio.gather(*(_sign_in(browser, password="不是这一个密码") for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [401] * 5 + [429] * 7


async def test_one_machine_cannot_try_every_address(stranger: Open) -> None:
    browser = await stranger()
    answers = [(await _sign_in(browser, f"p{number}@example.com")).status_code for number in range(31)]
    assert answers == [401] * 30 + [429]


async def test_a_page_of_others_cannot_sign_in(join: Join, stranger: Open) -> None:
    await join("lin@example.com")
    sent = {"email": "lin@example.com", "password": PASSWORD}
    answer = await (await stranger()).post(SIGN_IN, json=sent, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "quanyu.foreign_page")


async def test_an_address_in_several_brands_asks_which(
    join: Join, stranger: Open, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await join("lin@example.com")
    other = TenantId(tenant_id + 200_000)
    async with uows.system(other) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (:id, :key, '第二', :now)",
            {"id": other, "key": f"second-{other}", "now": uow.clock.now()},
        )
        await uow.execute(
            "INSERT INTO user_account (tenant_id, id, name, email, role, password_phc, created_at) "
            "VALUES (:id, 5, '林', 'lin@example.com', 'staff', :phc, :now)",
            {"id": other, "phc": await Hasher().hash(PASSWORD), "now": uow.clock.now()},
        )
    browser = await stranger()
    asked = (await _sign_in(browser)).json()
    assert asked["step"] == "choose_brand"
    assert [one["name"] for one in asked["brands"]] == [f"Brand {tenant_id}", "第二"]
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert (await _sign_in(browser, brand=f"second-{other}")).json()["step"] == "signed_in"
    assert (await browser.get("/api/v1/session")).json()["brand"]["name"] == "第二"
    assert (await _sign_in(browser, brand="nowhere")).status_code == 401


async def test_a_new_password_asks_the_old_one_and_ends_other_sessions(join: Join, stranger: Open) -> None:
    lin = await join("lin@example.com")
    elsewhere = await stranger()
    await _sign_in(elsewhere)

    at = "/api/v1/account/password"
    assert (await lin.put(at, json={"old": "不是这一个密码", "new": NEW})).json()[
        "code"
    ] == "access.wrong_password"
    assert (await lin.put(at, json={"new": NEW})).status_code == 403
    assert (await lin.put(at, json={"old": PASSWORD, "new": "1234567890"})).status_code == 422
    assert (await elsewhere.get("/api/v1/session")).status_code == 200
    assert (await lin.put(at, json={"old": PASSWORD, "new": NEW})).status_code == 204
    assert (await lin.get("/api/v1/session")).status_code == 200
    assert (await elsewhere.get("/api/v1/session")).status_code == 401
    assert (await _sign_in(elsewhere)).status_code == 401
    assert (await _sign_in(elsewhere, password=NEW)).status_code == 200


async def test_the_machines_owner_takes_an_address_and_a_password(
    owner: httpx.AsyncClient, stranger: Open, join: Join
) -> None:
    await join("lin@example.com")
    assert (await owner.get("/api/v1/account")).json() == {
        "name": "admin",
        "email": None,
        "has_password": False,
    }
    taken = await owner.put("/api/v1/account", json={"name": "老板", "email": "LIN@example.com"})
    assert (taken.status_code, taken.json()["code"]) == (409, "access.email_taken")
    change = {"name": "老板", "email": "boss@example.com"}
    assert (await owner.put("/api/v1/account", json=change)).status_code == 204
    assert (await owner.put("/api/v1/account/password", json={"new": NEW})).status_code == 204
    assert (await _sign_in(await stranger(), "boss@example.com", NEW)).status_code == 200
    moved = change | {"email": "other@example.com"}
    assert (await owner.put("/api/v1/account", json=moved)).status_code == 403
    assert (await owner.put("/api/v1/account", json=moved | {"password": NEW})).status_code == 204
    local = {"authorization": "Bearer local-token"}
    assert (await (await stranger()).get("/api/v1/account", headers=local)).status_code == 403


async def test_a_link_sets_a_password_once_and_signs_nobody_in(
    owner: httpx.AsyncClient, join: Join, stranger: Open, clock: FixedClock
) -> None:
    lin = await join("lin@example.com")
    at = f"/api/v1/members/{await id_of(lin)}/password-reset"
    old = code_of((await owner.post(at)).json()["url"])
    code = code_of((await owner.post(at)).json()["url"])
    browser = await stranger()
    assert (await browser.post("/api/v1/password-reset/look", json={"code": old})).status_code == 404
    seen = (await browser.post("/api/v1/password-reset/look", json={"code": code})).json()
    assert seen["email"] == "lin@example.com"
    done = await browser.post("/api/v1/password-reset", json={"code": code, "password": NEW})
    assert done.status_code == 204
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert (await lin.get("/api/v1/session")).status_code == 401
    again = await browser.post("/api/v1/password-reset", json={"code": code, "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (404, "access.invalid_link")
    assert (await _sign_in(browser, password=NEW)).status_code == 200
    late = code_of((await owner.post(at)).json()["url"])
    clock.advance(timedelta(hours=24))
    assert (await browser.post("/api/v1/password-reset/look", json={"code": late})).status_code == 404


async def test_an_administrator_does_not_become_an_owner_by_a_link(
    owner: httpx.AsyncClient, join: Join, stranger: Open
) -> None:
    boss = await id_of(await join("boss@example.com", Role.OWNER))
    admin = await join("lin@example.com", Role.ADMIN)
    refused = await admin.post(f"/api/v1/members/{boss}/password-reset")
    assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_reach")
    by_email = "/api/v1/members/password-reset"
    assert (await owner.post(by_email, json={"email": "boss@example.com"})).status_code == 403
    local = {"authorization": "Bearer local-token"}
    made = await owner.post(by_email, json={"email": "Boss@example.com"}, headers=local)
    assert (made.status_code, made.json()["member"]) == (201, boss)
    unknown = await owner.post(by_email, json={"email": "no@example.com"}, headers=local)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "access.unknown_member")


async def test_a_password_hashed_long_ago_is_hashed_anew(
    join: Join, stranger: Open, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    await join("lin@example.com")
    old = Argon2id(salt=b"s" * 16, length=32, iterations=1, lanes=1, memory_cost=8192)
    async with uows.app(tenant_id) as uow:
        await uow.execute(
            "UPDATE user_account SET password_phc = :phc WHERE tenant_id = :t AND email = 'lin@example.com'",
            {"phc": old.derive_phc_encoded(PASSWORD.encode()), "t": tenant_id},
        )
    assert (await _sign_in(await stranger())).status_code == 200
    async with uows.app(tenant_id) as uow:
        found = await uow.execute(
            "SELECT password_phc FROM user_account WHERE tenant_id = :t AND email = 'lin@example.com'",
            {"t": tenant_id},
        )
        assert found.scalar_one().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await _sign_in(await stranger())).status_code == 200
