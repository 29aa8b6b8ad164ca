"""Where one is signed in: listed, ended one by one or all at once, and noted in the audit log."""

import httpx

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.audit.contracts import AuditFilter
from quanyu.modules.tenants.audit.service import AuditLog

from .conftest import PASSWORD, Join, Open

PATH = "/api/v1/account/sessions"


async def signed_in_again(stranger: Open, email: str, agent: str) -> httpx.AsyncClient:
    client = await stranger()
    sent = {"email": email, "password": PASSWORD}
    answer = await client.post("/api/v1/sign-in", json=sent, headers={"user-agent": agent})
    assert answer.json()["step"] == "signed_in", answer.text
    return client


async def test_sessions_are_listed_and_ended(join: Join, stranger: Open) -> None:
    desk = await join("op@example.com")
    phone = await signed_in_again(stranger, "op@example.com", "Phone/1")
    tablet = await signed_in_again(stranger, "op@example.com", "Tablet/1")
    others = await join("other@example.com")

    listed = (await desk.get(PATH)).json()["items"]
    assert [one["is_current"] for one in listed].count(True) == 1
    by_agent = {one["user_agent"]: one for one in listed}
    assert len(listed) == 3

    assert (await others.delete(f"{PATH}/{by_agent['Phone/1']['id']}")).status_code == 404
    assert (await desk.delete(f"{PATH}/{by_agent['Phone/1']['id']}")).status_code == 204
    assert (await phone.get("/api/v1/session")).status_code == 401
    gone = await desk.delete(f"{PATH}/{by_agent['Phone/1']['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "access.unknown_session")

    assert (await desk.delete(PATH)).status_code == 204
    assert (await tablet.get("/api/v1/session")).status_code == 401
    assert len((await desk.get(PATH)).json()["items"]) == 1
    assert (await others.get("/api/v1/session")).status_code == 200


async def test_every_sign_in_is_noted(
    join: Join, stranger: Open, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await join("noted@example.com")
    await signed_in_again(stranger, "noted@example.com", "Phone/1")
    async with uows.app(tenant_id) as uow:
        page = await AuditLog(uows).list_entries(uow, AuditFilter(), cursor=None, limit=50)
    noted = [(one.actor, one.said["way"]) for one in page.items if one.action == "sign_in"]
    assert noted == [("noted", "password"), ("noted", "invitation"), ("admin", "link")]
    assert page.items[0].said["user_agent"] == "Phone/1"
