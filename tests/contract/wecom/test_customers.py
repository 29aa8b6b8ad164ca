"""Customers, corp tags, contact ways, acquisition links and hand-overs, over the wire."""

import time

import pytest

from contract.wecom.corp import Corp, listening
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import acquisition, contact_ways, corp_tags, inheritance
from quanyu.wechat.wecom import customers as customer_calls
from quanyu.wechat.wecom.client import WeComClient
from quanyu.wechat.wecom.events.customers import CustomerAdded


async def test_who_has_which_customers(corp: Corp, customers: WeComClient) -> None:
    first, second, *_ = await corp.staff()
    mine, shared = await corp.add(1, first, state="s1"), await corp.add(2, first)
    await corp.add(2, second)

    known = await customers.customer(shared)
    rows = [
        (row.external_contact.external_userid, row.follow_info.userid)
        async for page in customers.customer_pages([first, second])
        for row in page.external_contact_list
    ]

    assert {first, second} <= set(await customers.follow_users())
    assert set(await customers.customers_of(first)) == {mine, shared}
    assert {one.userid for one in known.follow_user} == {first, second}
    assert known.external_contact.unionid
    assert set(rows) == {(mine, first), (shared, first), (shared, second)}
    assert len(rows) == 3
    (follower,) = (await customers.customer(mine)).follow_user
    assert (follower.state, follower.createtime > 0) == ("s1", True)


async def test_a_member_without_customers_has_none(corp: Corp, customers: WeComClient) -> None:
    *_, last = await corp.staff()

    assert await customers.customers_of(last) == ()


async def test_a_remark_changes_what_it_names_and_nothing_else(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    customer = await corp.add(1, first)

    async def remark(**changed: object) -> customer_calls.Follower:
        known = {"userid": first, "external_userid": customer, **changed}
        await customers.call(customer_calls.REMARK, customer_calls.RemarkRequest(**known))  # type: ignore[arg-type]
        return (await customers.customer(customer)).follow_user[0]

    assert (await remark(remark="老王", remark_mobiles=("13800000000",))).remark == "老王"
    described = await remark(description="爱喝茶")
    assert (described.remark, described.description, described.remark_mobiles) == (
        "老王",
        "爱喝茶",
        ("13800000000",),
    )
    assert (await remark(remark_mobiles=("",))).remark_mobiles == ()


async def test_tags_are_made_given_and_taken(corp: Corp, customers: WeComClient) -> None:
    first, *_ = await corp.staff()
    customer = await corp.add(1, first)
    wanted = corp_tags.AddRequest(group_name="等级", tag=(corp_tags.NewTag("金"), corp_tags.NewTag("银")))

    group = (await customers.call(corp_tags.ADD, wanted)).tag_group
    again = (await customers.call(corp_tags.ADD, wanted)).tag_group
    ids = {one.name: one.id for one in group.tag}

    async def mark(**changed: tuple[str, ...]) -> set[str]:
        await customers.call(
            corp_tags.MARK, corp_tags.MarkRequest(userid=first, external_userid=customer, **changed)
        )
        return {one.tag_name for one in (await customers.customer(customer)).follow_user[0].tags}

    assert {one.name: one.id for one in again.tag} == ids
    assert await mark(add_tag=(ids["金"], ids["银"])) == {"金", "银"}
    assert await mark(remove_tag=(ids["金"],)) == {"银"}
    await customers.call(corp_tags.DELETE, corp_tags.DeleteRequest(tag_id=tuple(ids.values())))
    listed = await customers.call(corp_tags.LIST, corp_tags.ListRequest())
    assert group.group_id not in {one.group_id for one in listed.tag_group}


async def test_a_contact_way_brings_its_state(corp: Corp, customers: WeComClient) -> None:
    first, second, *_ = await corp.staff()
    added = await customers.call(
        contact_ways.ADD,
        contact_ways.AddRequest(type=2, scene=2, user=(first,), state="store1", remark="门店"),
    )
    await customers.call(
        contact_ways.UPDATE, contact_ways.UpdateRequest(config_id=added.config_id, user=(second,))
    )

    async with listening(corp, "customers") as heard:
        await corp.control("POST", "/customers/3/scan", {"code": added.config_id})
        (event,) = await heard.until(1, CustomerAdded)

    assert (event.UserID, event.State) == (second, "store1")  # type: ignore[attr-defined]
    way = await customers.call(contact_ways.GET, contact_ways.ConfigId(config_id=added.config_id))
    assert (way.contact_way.user, way.contact_way.state, way.contact_way.remark) == (
        (second,),
        "store1",
        "门店",
    )
    await customers.call(contact_ways.DELETE, contact_ways.ConfigId(config_id=added.config_id))
    with pytest.raises(PlatformRefusal) as caught:
        await customers.call(contact_ways.GET, contact_ways.ConfigId(config_id=added.config_id))
    assert caught.value.errcode == 41044


async def test_an_acquisition_link_brings_its_channel_and_costs_quota(
    corp: Corp, customers: WeComClient
) -> None:
    first, *_ = await corp.staff()
    made = await customers.call(
        acquisition.CREATE,
        acquisition.CreateRequest(link_name="直播", range=acquisition.LinkRange(user_list=(first,))),
    )
    before = await customers.call(acquisition.QUOTA, acquisition.Nothing())

    url = acquisition.link_with_channel(made.link.url, "店 1")
    await corp.control("POST", "/customers/4/open-link", {"url": url})

    after = await customers.call(acquisition.QUOTA, acquisition.Nothing())
    rows = await customers.call(
        acquisition.CUSTOMERS, acquisition.CustomersRequest(link_id=made.link.link_id)
    )
    now = int(time.time())
    figures = await customers.call(
        acquisition.STATISTIC,
        acquisition.StatisticRequest(
            link_id=made.link.link_id, start_time=now - 86_400, end_time=now + 3_600
        ),
    )
    assert before.balance - after.balance == 1
    assert [(one.userid, one.state) for one in rows.customer_list] == [(first, "店 1")]
    assert figures.new_customer_cnt == 1


async def test_customers_are_handed_over_one_by_one(corp: Corp, customers: WeComClient) -> None:
    first, second, *_ = await corp.staff()
    mine = await corp.add(1, first)
    pair = {"handover_userid": first, "takeover_userid": second}
    request = inheritance.TransferRequest(**pair, external_userid=(mine, "wmnobody"))

    started = await customers.call(inheritance.TRANSFER, request)
    again = await customers.call(inheritance.TRANSFER, request)
    waiting = await customers.call(inheritance.RESULT, inheritance.ResultRequest(**pair))
    await corp.control("POST", "/customers/1/refuse-transfer")
    refused = await customers.call(inheritance.RESULT, inheritance.ResultRequest(**pair))

    codes = {one.external_userid: one.errcode for one in started.customer}
    assert codes[mine] == 0
    assert codes["wmnobody"] == 40096
    assert {one.errcode for one in again.customer if one.external_userid == mine} <= {40100, 40129}
    assert [one.status for one in waiting.customer] == [inheritance.TransferStatus.WAITING]
    assert [one.status for one in refused.customer] == [inheritance.TransferStatus.REFUSED]
