"""Customer-acquisition links: made, tapped, paid for, told of."""

from typing import Any

from contract.sandbox.wecom.corp import Company
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.heartbeat import catch_up

ROOT = "/externalcontact/customer_acquisition"
QUOTA = "/externalcontact/customer_acquisition_quota"


async def make(company: Company, **more: Any) -> dict[str, Any]:
    body = {"link_name": "官网", "range": {"user_list": ["staff01"]}} | more
    return dict((await company.ok(f"{ROOT}/create_link", body))["link"])


async def tap(company: Company, person: int, url: str, **more: Any) -> dict[str, Any]:
    return dict(await company.control("POST", f"/customers/{person}/open-link", {"url": url} | more))


async def set_quota(company: Company, balance: int, *, days: int = 100) -> None:
    end = int(company.rig.clock.now()) + days * DAY_S
    await company.control(
        "PUT", "/acquisition-quota", {"total": 500, "batches": [{"expire_date": end, "balance": balance}]}
    )


async def test_links_are_made_read_changed_and_deleted(company: Company) -> None:
    link = await make(company, priority_option={"priority_type": 2, "priority_userid_list": ["staff02"]})
    assert link["url"] == f"https://work.weixin.qq.com/ca/{link['link_id']}"
    who = {"link_id": link["link_id"]}
    read = await company.ok(f"{ROOT}/get", who)
    assert (read["link"]["skip_verify"], read["link"]["mark_source"]) == (True, True)
    assert read["range"] == {"user_list": ["staff01"], "department_list": []}
    assert read["priority_option"] == {"priority_type": 2, "priority_userid_list": ["staff02"]}
    await company.ok(f"{ROOT}/update_link", who | {"link_name": "活动", "range": {"department_list": [2]}})
    read = await company.ok(f"{ROOT}/get", who)
    assert (read["link"]["link_name"], read["range"]["department_list"]) == ("活动", [2])
    listed = await company.ok(f"{ROOT}/list_link", {})
    assert (listed["link_id_list"], listed["next_cursor"]) == ([link["link_id"]], "")
    await company.ok(f"{ROOT}/delete_link", who)
    assert await company.code(f"{ROOT}/get", who) == 40058
    assert await company.events() == []  # Deleting by call is not told.


async def test_what_is_wrong_with_a_link_is_named(company: Company) -> None:
    good = {"link_name": "x", "range": {"user_list": ["staff01"]}}
    cases: list[tuple[dict[str, Any], int]] = [
        ({"link_name": ""}, 40058),
        ({"link_name": "长" * 31}, 40058),
        ({"range": {}}, 40058),
        ({"range": {"user_list": ["nobody"]}}, 60111),
        ({"range": {"department_list": [99]}}, 60003),
        ({"range": {"user_list": [f"u{n}" for n in range(501)]}}, 41201),
        ({"priority_option": {"priority_type": 2}}, 40058),
    ]
    for changes, expected in cases:
        assert await company.code(f"{ROOT}/create_link", good | changes) == expected, changes


async def test_a_tap_adds_with_the_channel_and_is_told_step_by_step(company: Company) -> None:
    link = await make(company)
    await tap(company, 3, f"{link['url']}?customer_channel=ad_7")
    events = await company.events()
    assert [one["ChangeType"] for one in events] == ["open_profile", "friend_request", "add_external_contact"]
    assert {(one["LinkId"], one["State"]) for one in events[:2]} == {(link["link_id"], "ad_7")}
    assert events[2]["State"] == "ad_7"
    external = events[2]["ExternalUserID"]
    read = await company.ok("/externalcontact/get", external_userid=external)
    assert (read["follow_user"][0]["add_way"], read["follow_user"][0]["state"]) == (16, "ad_7")
    listed = await company.ok(f"{ROOT}/customer", {"link_id": link["link_id"]})
    assert listed["customer_list"] == [
        {"external_userid": external, "userid": "staff01", "chat_status": 0, "state": "ad_7"}
    ]
    await company.act(3, "say", "staff01", text="你好")
    (told,) = await company.events("customer_start_chat")
    assert (told["UserID"], told["ExternalUserID"], told["LinkId"]) == ("staff01", external, link["link_id"])
    listed = await company.ok(f"{ROOT}/customer", {"link_id": link["link_id"]})
    assert listed["customer_list"][0]["chat_status"] == 1


async def test_later_messages_come_with_a_key_to_the_chat(company: Company) -> None:
    link = await make(company)
    await tap(company, 3, link["url"])
    for number in range(10):
        await company.act(3, "say", "staff01", text=str(number))
    told = await company.events("message_from_customer")
    assert len(told) == 3  # The third, the fifth and the tenth.
    assert set(told[0]) >= {"LinkId", "ChatKey"}
    assert "UserID" not in told[0]
    chat = await company.ok(f"{ROOT}/get_chat_info", {"chat_key": told[0]["ChatKey"]})
    assert (chat["userid"], chat["chat_info"]["recv_msg_cnt"]) == ("staff01", 10)
    company.rig.clock.advance(1800)
    assert await company.code(f"{ROOT}/get_chat_info", {"chat_key": told[0]["ChatKey"]}) == 40058


async def test_each_new_customer_costs_one_of_the_quota(company: Company) -> None:
    link = await make(company)
    await set_quota(company, 21)
    for person in range(21):
        await tap(company, person, link["url"])
    where = f"/sandbox/corps/{company.corp.corpid}/customers/30/open-link"
    status, answer = await company.rig.request("POST", where, json={"url": link["url"]})
    assert (status, answer["error"][:5]) == (400, "41200")
    quota = await company.ok(QUOTA)
    assert (quota["total"], quota["balance"]) == (500, 0)
    told = [one["ChangeType"] for one in await company.events("balance_low", "balance_exhausted")]
    assert told == ["balance_low", "balance_exhausted"]
    await set_quota(company, 5)
    assert len(await company.events("balance_increased")) == 1
    assert (await company.ok(QUOTA, {}))["balance"] == 5  # By POST as well.
    company.rig.clock.advance(101 * DAY_S)
    assert (await company.ok(QUOTA))["balance"] == 0


async def test_quota_that_ends_soon_is_told_before(company: Company) -> None:
    await set_quota(company, 50, days=15)
    heard = []
    for _ in range(16):
        company.rig.clock.advance(DAY_S)
        catch_up(company.rig.world, company.rig.clock.now())
        heard = await company.events("quota_expire_soon")
    assert len(heard) == 5
    assert {one["ExpireQuotaNum"] for one in heard} == {"50"}


async def test_taps_and_adds_are_counted_per_person(company: Company) -> None:
    link = await make(company)
    for person in (1, 1, 2):
        await tap(company, person, link["url"])
    await tap(company, 3, link["url"], adds=False)
    now = int(company.rig.clock.now())
    body = {"link_id": link["link_id"], "start_time": now, "end_time": now}
    figures = await company.ok(f"{ROOT}/statistic", body)
    assert (figures["click_link_customer_cnt"], figures["new_customer_cnt"]) == (3, 2)
    asked = {name: str(value) for name, value in body.items()}
    assert (await company.ok(f"{ROOT}/statistic", **asked))["click_link_customer_cnt"] == 3
    assert await company.code(f"{ROOT}/statistic", body | {"start_time": now - 31 * DAY_S}) == 40058


async def test_a_link_that_leads_to_nobody_is_told_once(company: Company) -> None:
    link = await make(company)
    await company.control("POST", "/staff/staff01/leave")
    where = f"/sandbox/corps/{company.corp.corpid}/customers/3/open-link"
    for _ in range(2):
        status, _answer = await company.rig.request("POST", where, json={"url": link["url"]})
        assert status == 400
    assert [one["LinkId"] for one in await company.events("link_unavailable")] == [link["link_id"]]
    await company.control("DELETE", f"/acquisition-links/{link['link_id']}")
    assert [one["LinkId"] for one in await company.events("delete_link")] == [link["link_id"]]


async def test_a_link_prefers_who_already_has_the_customer(company: Company) -> None:
    await company.add(3, "staff04")
    users = {"user_list": ["staff01", "staff02", "staff04"]}
    link = await make(company, range=users, priority_option={"priority_type": 1})
    assert (await tap(company, 3, link["url"]))["userid"] == "staff04"


async def test_a_link_may_ask_first(company: Company) -> None:
    link = await make(company, skip_verify=False)
    assert (await tap(company, 3, link["url"]))["link"] is None
    before = (await company.ok(QUOTA))["balance"]
    await company.act(3, "be-accepted", "staff01")
    assert (await company.ok(QUOTA))["balance"] == before - 1
    (event,) = await company.events("add_external_contact")
    read = await company.ok("/externalcontact/get", external_userid=event["ExternalUserID"])
    assert read["follow_user"][0]["add_way"] == 16


async def test_a_browser_can_follow_a_link(company: Company) -> None:
    link = await make(company)
    path = f"/ca/{link['link_id']}"
    query = {"person": "5", "confirm": "1", "customer_channel": "web"}
    status, _, _ = await company.rig.fetch(path, **query)
    assert status == 200
    (event,) = await company.events("add_external_contact")
    assert event["State"] == "web"
