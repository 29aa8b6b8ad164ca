"""Callbacks of the sandbox, opened and typed by our own code."""

import asyncio

import pytest

from contract.wecom.corp import Corp, listening
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import attachments, welcome
from quanyu.wechat.wecom.events import contacts, customers


async def test_members_changed_in_the_console(corp: Corp) -> None:
    first, *_ = await corp.staff()

    async with listening(corp, "contacts") as heard:
        await corp.control("PUT", f"/staff/{first}", {"position": "店长"})
        await corp.control("POST", f"/staff/{first}/leave")
        await heard.until(2, contacts.MemberChanged, contacts.MemberDeleted)

    changed = heard.only(contacts.MemberChanged)
    assert (changed.ChangeType, changed.UserID, changed.Position) == ("update_user", first, "店长")
    assert heard.only(contacts.MemberDeleted).UserID == first


async def test_customers_come_and_go(corp: Corp) -> None:
    first, *_ = await corp.staff()

    async with listening(corp, "customers") as heard:
        customer = await corp.add(1, first, state="channel01")
        await corp.control("PATCH", "/customers/1/edit", {"userid": first, "remark": "老客户"})
        await corp.control("POST", "/customers/1/delete-member", {"userid": first})
        await heard.until(3, customers.CustomerAdded, customers.CustomerEdited, customers.MemberRemoved)

    added = heard.only(customers.CustomerAdded)
    assert (added.ToUserName, added.FromUserName) == (corp.id, "sys")
    assert (added.UserID, added.ExternalUserID, added.State) == (first, customer, "channel01")
    assert added.WelcomeCode
    assert heard.only(customers.CustomerEdited).ExternalUserID == customer
    assert heard.only(customers.MemberRemoved).UserID == first
    assert len({one.delivery_key for one in heard.received}) == 3


async def test_adds_of_the_same_moment_are_different_events(corp: Corp) -> None:
    first, second, *_ = await corp.staff()
    pairs = [(person, staff) for person in range(1, 9) for staff in (first, second)]

    async with listening(corp, "customers") as heard:
        await asyncio.gather(*(corp.add(person, staff) for person, staff in pairs))
        added = await heard.until(len(pairs), customers.CustomerAdded)

    assert len({one.delivery_key for one in added}) == len(pairs)
    assert len({one.CreateTime for one in added}) < len(pairs)


async def test_a_welcome_goes_out_once(corp: Corp, transport: Transport) -> None:
    first, *_ = await corp.staff()
    async with listening(corp, "customers") as heard:
        await corp.add(1, first)
        (added,) = await heard.until(1, customers.CustomerAdded)
    request = welcome.WelcomeRequest(
        welcome_code=added.WelcomeCode,  # type: ignore[attr-defined]
        text=attachments.Text("欢迎"),
    )
    invented = welcome.WelcomeRequest(welcome_code="x", text=attachments.Text("欢迎"))
    client = corp.client(transport, "customers")

    await client.call(welcome.SEND, request)

    with pytest.raises(PlatformRefusal) as caught:
        await client.call(welcome.SEND, request)
    assert caught.value.errcode == welcome.ALREADY_SENT
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(welcome.SEND, invented)
    assert caught.value.errcode == welcome.EXPIRED


async def test_groups_change(corp: Corp) -> None:
    first, *_ = await corp.staff()
    await corp.add(1, first)
    customer = await corp.add(2, first)

    async with listening(corp, "customers") as heard:
        group = await corp.control("POST", "/groups", {"owner": first, "name": "一群", "customers": [1]})
        chat = group["chat_id"]
        await corp.control("POST", f"/groups/{chat}/members", {"who": 2, "scene": 3})
        await corp.control("POST", f"/groups/{chat}/members/2/leave")
        await corp.control("PATCH", f"/groups/{chat}", {"name": "二群"})
        await corp.control("POST", f"/groups/{chat}/dismiss")
        events = await heard.until(
            5, customers.GroupCreated, customers.GroupUpdated, customers.GroupDismissed
        )

    updates = {one.UpdateDetail: one for one in events if isinstance(one, customers.GroupUpdated)}
    joined, left, _ = (updates.pop(detail) for detail in ("add_member", "del_member", "change_name"))
    assert updates == {}
    assert (joined.people, left.people, joined.JoinScene) == ((customer,), (customer,), 3)
    assert joined.CurMemVer == left.LastMemVer != left.CurMemVer
    assert heard.only(customers.GroupCreated).ChatId == chat
    assert heard.only(customers.GroupDismissed).ChatId == chat
