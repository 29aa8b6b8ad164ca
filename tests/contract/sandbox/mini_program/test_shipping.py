"""Shipping information: uploads, states, reminders, settlement events."""

from typing import Any

import pytest

from contract.sandbox.mini_program.mini import Mini
from wechat_sandbox.heartbeat import catch_up

UPLOAD = "/wxa/sec/order/upload_shipping_info"
SETTLED = "trade_manage_order_settlement"
DAY = 86400


async def order(mini: Mini, person: int = 2, number: str = "A1") -> str:
    paid = await mini.act(person, "orders", merchant_id="190", merchant_trade_no=number, paid_amount=6800)
    return str(paid["transaction_id"])


def parcel(**changes: Any) -> dict[str, Any]:
    made = {
        "tracking_no": "SF1",
        "express_company": "SF",
        "item_desc": "桂花乌龙茶",
        "contact": {"receiver_contact": "+86-138****8000"},
    }
    return made | changes


def upload(mini: Mini, transaction_id: str, **changes: Any) -> dict[str, Any]:
    made = {
        "order_key": {"order_number_type": 2, "transaction_id": transaction_id},
        "logistics_type": 1,
        "delivery_mode": 1,
        "shipping_list": [parcel()],
        "upload_time": "2026-03-01T13:29:35.120+08:00",
        "payer": {"openid": mini.openid(2)},
    }
    return made | changes


async def state_of(mini: Mini, transaction_id: str) -> dict[str, Any]:
    answer = await mini.post("/wxa/sec/order/get_order", {"transaction_id": transaction_id})
    return dict(answer["order"])


async def test_an_order_goes_from_payment_to_payout(mini: Mini) -> None:
    transaction_id = await order(mini)
    paid = await state_of(mini, transaction_id)
    assert (paid["order_state"], paid["paid_amount"], "shipping" in paid) == (1, 6800, False)
    assert await mini.code_of(UPLOAD, upload(mini, transaction_id)) == 0
    shipped = await state_of(mini, transaction_id)
    assert (shipped["order_state"], shipped["shipping"]["finish_shipping_count"]) == (2, 1)
    assert shipped["shipping"]["shipping_list"][0]["goods_desc"] == "桂花乌龙茶"
    await mini.act(2, "orders/confirm", transaction_id=transaction_id)
    assert (await state_of(mini, transaction_id))["order_state"] == 3
    mini.rig.clock.advance(DAY)
    catch_up(mini.rig.world, mini.rig.clock.now())
    assert (await state_of(mini, transaction_id))["order_state"] == 4
    foreseen, settled = await mini.events(SETTLED)
    assert foreseen["transaction_id"] == transaction_id
    assert int(foreseen["estimated_settlement_time"]) > int(foreseen["shipped_time"])
    assert (settled["confirm_receive_method"], "settlement_time" in settled) == ("1", True)
    assert "estimated_settlement_time" not in settled


async def test_time_reminds_confirms_and_settles_by_itself(mini: Mini) -> None:
    transaction_id = await order(mini)
    await order(mini, number="A2")
    mini.rig.clock.advance(2 * DAY - 1)
    catch_up(mini.rig.world, mini.rig.clock.now())
    assert [e["Event"] for e in await mini.events()] == ["trade_manage_remind_access_api"]
    assert await mini.code_of(UPLOAD, upload(mini, transaction_id)) == 0
    for _ in range(3):
        mini.rig.clock.advance(6 * DAY)
        catch_up(mini.rig.world, mini.rig.clock.now())
    reminders = await mini.events("trade_manage_remind_shipping")
    assert [reminder["merchant_trade_no"] for reminder in reminders] == ["A2"]
    last = (await mini.events(SETTLED))[-1]
    assert last["confirm_receive_method"] == "2"
    received, settled = int(last["confirm_receive_time"]), int(last["settlement_time"])
    assert (received - int(last["shipped_time"]), settled - received) == (10 * DAY, DAY)


async def test_a_shipped_order_can_be_shipped_anew_once(mini: Mini) -> None:
    transaction_id = await order(mini)
    again = upload(mini, transaction_id, shipping_list=[parcel(tracking_no="SF2")])
    codes = [await mini.code_of(UPLOAD, body) for body in (upload(mini, transaction_id), again, again)]
    assert codes == [0, 0, 10060003]
    shipping = (await state_of(mini, transaction_id))["shipping"]
    assert (shipping["finish_shipping_count"], shipping["shipping_list"][0]["tracking_no"]) == (2, "SF2")
    await mini.act(2, "orders/refund", transaction_id=transaction_id)
    assert (await state_of(mini, transaction_id))["order_state"] == 5
    assert await mini.code_of(UPLOAD, again) == 10060004


async def test_split_parcels_gather_until_all_are_on_their_way(mini: Mini) -> None:
    transaction_id = await order(mini)
    part = {"delivery_mode": 2, "is_all_delivered": False}
    assert await mini.code_of(UPLOAD, upload(mini, transaction_id, **part)) == 0
    assert (await state_of(mini, transaction_id))["order_state"] == 1
    rest = part | {"is_all_delivered": True, "shipping_list": [parcel(tracking_no="SF2")]}
    assert await mini.code_of(UPLOAD, upload(mini, transaction_id, **rest)) == 0
    whole = await state_of(mini, transaction_id)
    numbers = [one["tracking_no"] for one in whole["shipping"]["shipping_list"]]
    assert (whole["order_state"], numbers) == (2, ["SF1", "SF2"])


async def test_a_combined_payment_is_shipped_whole_or_not_at_all(mini: Mini) -> None:
    await order(mini)
    await order(mini, number="A2")

    def sub(number: str, **changes: Any) -> dict[str, Any]:
        key = {"order_number_type": 1, "mchid": "190", "out_trade_no": number}
        made = {"order_key": key, "logistics_type": 4, "delivery_mode": 1}
        return made | {"shipping_list": [{"item_desc": "到店自提"}]} | changes

    body = upload(mini, "", sub_orders=[sub("A1"), sub("A2", shipping_list=[{}])])
    path = "/wxa/sec/order/upload_combined_shipping_info"
    assert await mini.code_of(path, body) == 10060008
    listed = await mini.post("/wxa/sec/order/get_order_list", {})
    assert [row["order_state"] for row in listed["order_list"]] == [1, 1]
    assert await mini.code_of(path, body | {"sub_orders": [sub("A1"), sub("A2")]}) == 0
    listed = await mini.post("/wxa/sec/order/get_order_list", {"order_state": 2})
    assert [row["merchant_trade_no"] for row in listed["order_list"]] == ["A2", "A1"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_key": {"order_number_type": 2, "transaction_id": "x"}}, 10060001),
        ({"order_key": {"order_number_type": 3}}, 268485194),
        ({"order_key": {"order_number_type": 2}}, 268485195),
        ({"order_key": {"order_number_type": 1}}, 268485196),
        ({"order_key": {"order_number_type": 1, "mchid": "190"}}, 268485197),
        ({"payer": {"openid": "oOther"}}, 10060031),
        ({"upload_time": "2026-03-01 13:29:35"}, 268485216),
        ({"upload_time": "2026-13-01T13:29:35+08:00"}, 268485216),
        ({"logistics_type": 9}, 10060005),
        ({"delivery_mode": 3}, 268485224),
        ({"delivery_mode": 2, "logistics_type": 3}, 10060006),
        ({"delivery_mode": 2}, 10060007),
        ({"shipping_list": []}, 10060014),
        ({"shipping_list": [parcel(), parcel()]}, 268485228),
        ({"shipping_list": [parcel()] * 16, "delivery_mode": 2, "is_all_delivered": True}, 10060024),
        ({"shipping_list": [parcel(item_desc="茶" * 121)]}, 10060009),
        ({"shipping_list": [parcel(tracking_no="")]}, 268485226),
        ({"shipping_list": [parcel(express_company="")]}, 268485227),
        ({"shipping_list": [parcel(contact={})]}, 10060014),
        ({"shipping_list": [parcel(contact={"receiver_contact": "138****80**"})]}, 10060014),
    ],
)
async def test_what_is_wrong_with_an_upload_is_named(mini: Mini, changes: dict[str, Any], code: int) -> None:
    transaction_id = await order(mini)
    assert await mini.code_of(UPLOAD, upload(mini, transaction_id, **changes)) == code
    assert (await state_of(mini, transaction_id))["order_state"] == 1


async def test_a_receipt_is_reminded_of_once_with_the_path_set(mini: Mini) -> None:
    transaction_id = await order(mini)
    body = {"transaction_id": transaction_id, "received_time": int(mini.rig.clock.now())}
    path = "/wxa/sec/order/notify_confirm_receive"
    assert await mini.code_of(path, body) == 10060028
    assert await mini.code_of("/wxa/sec/order/set_msg_jump_path", {"path": "pages/order?from=wx"}) == 0
    await mini.code_of(UPLOAD, upload(mini, transaction_id))
    assert await mini.code_of(path, body | {"received_time": 1}) == 10060029
    assert [await mini.code_of(path, body) for _ in range(2)] == [0, 10060030]
    [line] = (await mini.rig.control("GET", "/messages"))["items"]
    assert line["body"]["page"] == (
        f"pages/order?from=wx&transaction_id={transaction_id}&merchant_id=190&merchant_trade_no=A1"
    )


async def test_orders_come_in_pages(mini: Mini) -> None:
    for number in range(5):
        await order(mini, number=f"A{number}")
    path, seen, after = "/wxa/sec/order/get_order_list", [], ""
    while True:
        page = await mini.post(path, {"page_size": 2, "last_index": after})
        seen += [row["merchant_trade_no"] for row in page["order_list"]]
        after = page["last_index"]
        if not page["has_more"]:
            break
    assert seen == ["A4", "A3", "A2", "A1", "A0"]
    assert await mini.code_of(path, {"last_index": "x"}) == 10060011
    assert (await mini.post(path, {"openid": mini.openid(3)}))["order_list"] == []


async def test_special_orders_are_shipped_later_or_never(mini: Mini) -> None:
    presale, test = await order(mini), await order(mini, number="A2")
    path, now = "/wxa/sec/order/opspecialorder", mini.rig.clock.now()
    soon = {"order_id": presale, "type": 1, "delay_to": int(now + 3 * DAY)}
    assert await mini.code_of(path, soon) == 40097
    assert await mini.code_of(path, soon | {"delay_to": int(now + 20 * DAY)}) == 0
    assert await mini.code_of(path, {"order_id": test, "type": 2}) == 0
    mini.rig.clock.advance(19 * DAY)
    catch_up(mini.rig.world, mini.rig.clock.now())
    assert await mini.events("trade_manage_remind_shipping") == []
    mini.rig.clock.advance(DAY)
    catch_up(mini.rig.world, mini.rig.clock.now())
    assert len(await mini.events("trade_manage_remind_shipping")) == 1


async def test_the_service_is_on_for_ones_own_account(mini: Mini) -> None:
    own = {"appid": mini.account.appid}
    assert (await mini.post("/wxa/sec/order/is_trade_managed", own))["is_trade_managed"] is True
    path = "/wxa/sec/order/is_trade_management_confirmation_completed"
    assert (await mini.post(path, own))["completed"] is True
    assert await mini.code_of(path, {"appid": "wx0"}) == 40013
