"""Statistics of what members did with their customers."""

from contract.sandbox.wecom.corp import Company

PATH = "/externalcontact/get_user_behavior_data"
DAY = 86_400


async def test_a_day_with_customers_is_counted(company: Company) -> None:
    await company.add(1, "staff01")
    await company.add(2, "staff01", half=True)
    await company.add(3, "staff02")
    await company.act(1, "say", "staff01", text="在吗")
    company.rig.clock.advance(300)
    await company.act(1, "hear", "staff01", text="在")
    await company.act(3, "say", "staff02", text="在吗")
    await company.act(3, "delete-member", "staff02")
    now = int(company.rig.clock.now())
    span = {"start_time": now - DAY, "end_time": now}
    quiet, busy = (await company.ok(PATH, span | {"userid": ["staff01", "staff02"]}))["behavior_data"]
    assert quiet == {
        "stat_time": busy["stat_time"] - DAY,
        "chat_cnt": 0,
        "message_cnt": 0,
        "negative_feedback_cnt": 0,
        "new_apply_cnt": 0,
        "new_contact_cnt": 0,
    }
    assert busy == {
        "stat_time": busy["stat_time"],
        "chat_cnt": 2,
        "message_cnt": 1,
        "reply_percentage": 50.0,
        "avg_reply_time": 5,
        "negative_feedback_cnt": 1,
        "new_apply_cnt": 1,
        "new_contact_cnt": 2,
    }
    (alone,) = (await company.ok(PATH, {"userid": ["staff02"], "start_time": now, "end_time": now}))[
        "behavior_data"
    ]
    assert (alone["chat_cnt"], alone["reply_percentage"], alone["negative_feedback_cnt"]) == (1, 0.0, 1)
    by_party = await company.ok(PATH, {"partyid": [1], "start_time": now, "end_time": now})
    assert by_party["behavior_data"][0]["chat_cnt"] == 2


async def test_spans_and_members_are_checked(company: Company) -> None:
    now = int(company.rig.clock.now())
    span = {"start_time": now, "end_time": now}
    assert await company.code(PATH, span) == 40035
    assert await company.code(PATH, span | {"userid": ["nobody"]}) == 60111
    assert await company.code(PATH, {"userid": ["staff01"]}) == 40058
    assert await company.code(PATH, span | {"userid": ["staff01"], "end_time": now + 30 * DAY}) == 40058
    old = {"start_time": now - 181 * DAY, "end_time": now - 181 * DAY}
    assert await company.code(PATH, old | {"userid": ["staff01"]}) == 40058
