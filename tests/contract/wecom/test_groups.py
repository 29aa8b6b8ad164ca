"""Customer groups, join ways, hand-overs, mass messages and moments, over the wire."""

import asyncio
from typing import Any

import pytest

from contract.wecom.corp import Corp
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import (
    attachments,
    customer_groups,
    inheritance,
    mass_messages,
    moments,
    statistics,
)
from quanyu.wechat.wecom.client import WeComClient
from support.processes import SEEN_LIMIT_S


async def group_of(corp: Corp, owner: str, *people: int, name: str = "一群") -> str:
    for person in people:
        await corp.add(person, owner)
    made = await corp.control("POST", "/groups", {"owner": owner, "name": name, "customers": list(people)})
    return str(made["chat_id"])


async def patiently(attempt: Any) -> Any:
    """Repeat what the platform asks to repeat: it is still dispatching."""
    async with asyncio.timeout(SEEN_LIMIT_S):
        while True:
            try:
                return await attempt()
            except PlatformRefusal as error:
                if error.action is not Action.RETRY:
                    raise
            await asyncio.sleep(0.2)


async def test_groups_with_their_people(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    chat = await group_of(corp, first, 1, 2)

    listed = [one async for page in customers.group_pages(owners=[first]) for one in page]
    group = await customers.group(chat)

    assert [one.chat_id for one in listed] == [chat]
    assert (group.name, group.owner, len(group.member_list)) == ("一群", first, 3)
    assert [one.type for one in group.member_list] == [1, 2, 2]
    assert all(one.name for one in group.member_list)
    figures = await customers.call(
        statistics.GROUPS_BY_OWNER,
        statistics.GroupsRequest(
            day_begin_time=group.create_time, owner_filter=customer_groups.Owners((first,))
        ),
    )
    assert [(one.owner, one.data.chat_total) for one in figures.items] == [(first, 1)]
    await corp.control("POST", f"/groups/{chat}/dismiss")
    with pytest.raises(PlatformRefusal) as caught:
        await customers.group(chat)
    assert caught.value.errcode == 49008


async def test_a_join_way_brings_its_state(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    chat = await group_of(corp, first, 1)
    added = await customers.call(
        customer_groups.ADD_JOIN_WAY,
        customer_groups.AddJoinWayRequest(scene=2, chat_id_list=(chat,), state="store1", auto_create_room=0),
    )

    await corp.control("POST", f"/join-ways/{added.config_id}/scan", {"who": 5})

    way = await customers.call(
        customer_groups.GET_JOIN_WAY, customer_groups.ConfigId(config_id=added.config_id)
    )
    assert (way.join_way.chat_id_list, way.join_way.state) == ((chat,), "store1")
    assert way.join_way.qr_code.startswith("http")
    joined = (await customers.group(chat)).member_list[-1]
    assert (joined.state, joined.join_scene) == ("store1", 3)


async def test_groups_are_handed_over(corp: Corp, customers: WeComClient) -> None:
    first, second, *_ = await corp.staff()
    chat = await group_of(corp, first, 1)
    request = inheritance.GroupTransferRequest(chat_id_list=(chat, "wrnothing"), new_owner=second)

    moved = await customers.call(inheritance.GROUP_TRANSFER, request)

    assert [(one.chat_id, one.errcode) for one in moved.failed_chat_list] == [("wrnothing", 90501)]
    assert (await customers.group(chat)).owner == second


async def test_a_mass_message_waits_for_its_member(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    reached = [await corp.add(person, first) for person in (1, 2)]
    created = await customers.call(
        mass_messages.CREATE,
        mass_messages.CreateRequest(
            external_userid=(*reached, "wmnobody"), sender=first, text=attachments.Text("上新")
        ),
    )
    tasks = mass_messages.TasksRequest(msgid=created.msgid)

    (task,) = (await patiently(lambda: customers.call(mass_messages.TASKS, tasks))).task_list
    assert created.fail_list == ("wmnobody",)
    assert (task.userid, task.status) == (first, 0)
    await corp.control("POST", f"/staff/{first}/tasks/{created.msgid}/confirm")

    results = await customers.call(
        mass_messages.RESULTS, mass_messages.ResultsRequest(msgid=created.msgid, userid=first)
    )
    assert {one.external_userid: one.status for one in results.send_list} == dict.fromkeys(
        reached, mass_messages.SendStatus.SENT
    )
    (done,) = (await customers.call(mass_messages.TASKS, tasks)).task_list
    assert (done.status, done.send_time > 0) == (2, True)


async def test_a_moment_is_published_by_its_member(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    customer = await corp.add(1, first)
    started = await customers.call(
        moments.CREATE,
        moments.CreateRequest(
            text=moments.MomentText("新茶"),
            visible_range=moments.Range(sender_list=moments.Senders(user_list=(first,))),
        ),
    )

    async def finished() -> moments.Job:
        async with asyncio.timeout(SEEN_LIMIT_S):
            job = await customers.call(moments.JOB, moments.JobRequest(jobid=started.jobid))
            while job.status != 3:
                await asyncio.sleep(0.2)
                job = await customers.call(moments.JOB, moments.JobRequest(jobid=started.jobid))
            return job

    moment_id = (await finished()).result.moment_id
    await corp.control("POST", f"/staff/{first}/moments/{moment_id}/publish")
    await corp.control("POST", f"/staff/{first}/moments/{moment_id}/react", {"who": 1, "text": "好"})

    tasks = await customers.call(moments.TASKS, moments.TasksRequest(moment_id=moment_id))
    reactions = await customers.call(
        moments.COMMENTS, moments.CommentsRequest(moment_id=moment_id, userid=first)
    )
    assert [(one.userid, one.publish_status) for one in tasks.task_list] == [(first, 1)]
    assert [one.external_userid for one in reactions.comment_list] == [customer]
