"""Mass messages, over the wire."""

import asyncio

import pytest

from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import mass, tags
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.mass import Filter, Text


async def follow(sandbox: Sandbox, count: int) -> tuple[str, ...]:
    return tuple([await sandbox.follow(person) for person in range(count)])


async def state_after(client: OfficialAccountClient, msg_id: int) -> str:
    for _ in range(1000):
        state = await client.call(mass.STATE, mass.MassIdRequest(msg_id=msg_id))
        assert state.msg_id == msg_id
        if state.msg_status != "SENDING":
            return state.msg_status
        await asyncio.sleep(0.01)
    raise AssertionError("sending does not end")


async def reached(sandbox: Sandbox) -> int:
    listed = (await sandbox.control("GET", "/messages"))["items"]
    return sum(line["kind"].startswith("mass:") for line in listed)


async def test_a_message_to_all_is_sent_once_per_key(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    await follow(sandbox, 4)
    message = mass.ToFilter(
        msgtype="text", text=Text("新茶到了"), filter=Filter(is_to_all=True), clientmsgid="send-1"
    )

    sent = await client.call(mass.SEND_TO_ALL, message)
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(mass.SEND_TO_ALL, message)

    assert mass.sent_before(caught.value) == sent.msg_id
    assert await state_after(client, sent.msg_id) == "SEND_SUCCESS"
    assert await reached(sandbox) == 4


async def test_a_message_to_a_tag_reaches_who_carries_it(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openids = await follow(sandbox, 4)
    tag = (await client.call(tags.CREATE, tags.CreateTagRequest(tag=tags.NewTag("茶友")))).tag.id
    await client.call(tags.TAG, tags.TaggingRequest(openid_list=openids[:3], tagid=tag))

    sent = await client.call(
        mass.SEND_TO_ALL,
        mass.ToFilter(msgtype="text", text=Text("茶友专享"), filter=Filter(is_to_all=False, tag_id=tag)),
    )

    await state_after(client, sent.msg_id)
    assert await reached(sandbox) == 3


async def test_a_message_to_a_list(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = await follow(sandbox, 3)

    sent = await client.call(
        mass.SEND_TO_LIST, mass.ToList(msgtype="text", text=Text("您好"), touser=openids[:2])
    )
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(
            mass.SEND_TO_LIST, mass.ToList(msgtype="text", text=Text("您好"), touser=openids[:1])
        )

    assert caught.value.errcode == 40130
    await state_after(client, sent.msg_id)
    assert await reached(sandbox) == 2


async def test_a_preview_goes_to_one(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = await follow(sandbox, 2)

    await client.call(mass.PREVIEW, mass.Preview(msgtype="text", text=Text("看看"), touser=openids[0]))

    (line,) = (await sandbox.control("GET", "/messages"))["items"]
    assert line["kind"] == "preview:text"


async def test_the_speed_is_set_and_read(client: OfficialAccountClient) -> None:
    await client.call(mass.SET_SPEED, mass.SpeedRequest(speed=3))

    speed = await client.call(mass.SPEED, Nothing())

    assert (speed.speed, speed.realspeed) == (3, 30)


async def test_a_text_cannot_be_deleted(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    await follow(sandbox, 2)
    sent = await client.call(
        mass.SEND_TO_ALL, mass.ToFilter(msgtype="text", text=Text("x"), filter=Filter(is_to_all=True))
    )
    await state_after(client, sent.msg_id)

    with pytest.raises(PlatformRefusal):
        await client.call(mass.DELETE, mass.DeleteRequest(msg_id=sent.msg_id))
