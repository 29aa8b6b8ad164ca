"""Cash coupons, merchant coupons, gifts after payment (pay.md 11, 12, 14)."""

from typing import Any

from contract.sandbox.pay.bodies import busi_stock, favor_stock, gift
from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import PAYER, Answer, Mailbox, Merchant
from contract.sandbox.rig import Rig

FAVOR, BUSI = "/v3/marketing/favor", "/v3/marketing/busifavor"


async def fund(merchant: Merchant, amount: int) -> None:
    await merchant.rig.control(
        "POST", f"/merchants/{merchant.mchid}/deposit", {"account": "BASIC", "amount": amount}
    )


async def running_stock(merchant: Merchant, number: str = "stock-1", **more: Any) -> str:
    made = await merchant.call("POST", f"{FAVOR}/coupon-stocks", favor_stock(merchant.mchid, number, **more))
    stock_id = str(made.json["stock_id"])
    started = await merchant.call(
        "POST", f"{FAVOR}/stocks/{stock_id}/start", {"stock_creator_mchid": merchant.mchid}
    )
    assert started.status == 200, started.content
    return stock_id


async def send(merchant: Merchant, stock_id: str, number: str = "send-1") -> Answer:
    body = {
        "stock_id": stock_id,
        "out_request_no": number,
        "appid": merchant.appid,
        "stock_creator_mchid": merchant.mchid,
    }
    return await merchant.call("POST", f"{FAVOR}/users/{merchant.rig.openid(PAYER)}/coupons", body)


async def test_a_cash_coupon_is_used_by_paying(
    rig: Rig, merchant: Merchant, mailbox: Mailbox, change: Change
) -> None:
    await change(favor_notify_url=mailbox.url, fee_bps=0)
    await fund(merchant, 1000)
    stock_id = await running_stock(merchant)
    frozen = (await merchant.balance())["BASIC"]
    coupon_id = (await send(merchant, stock_id)).json["coupon_id"]
    small = await merchant.paid("tea-0001", 400)
    paid = await merchant.paid("tea-0002", 1000)
    url = f"{FAVOR}/users/{rig.openid(PAYER)}/coupons/{coupon_id}?appid={merchant.appid}"
    coupon = (await merchant.call("GET", url)).json
    await rig.settled()

    assert frozen == {"total": 1000, "frozen": 1000, "available": 0}
    assert "promotion_detail" not in small
    assert (paid["amount"]["payer_total"], paid["promotion_detail"][0]["type"]) == (900, "CASH")
    assert paid["promotion_detail"][0]["coupon_id"] == coupon_id
    assert (coupon["status"], coupon["consume_information"]["transaction_id"]) == (
        "USED",
        paid["transaction_id"],
    )
    assert mailbox.opened(merchant, "COUPON.USE")[0]["consume_information"]["consume_amount"] == 100
    # 10.00 for the budget, 4.00 and 10.00 paid, of which 1.00 came out of the budget itself.
    assert (await merchant.balance())["BASIC"] == {"total": 2300, "frozen": 900, "available": 1400}


async def test_a_full_refund_gives_the_coupon_back(rig: Rig, merchant: Merchant, change: Change) -> None:
    await change(fee_bps=0)
    await fund(merchant, 1000)
    stock_id = await running_stock(merchant)
    coupon_id = (await send(merchant, stock_id)).json["coupon_id"]
    await merchant.paid("tea-0003", 1000)
    refund = await merchant.refund("tea-0003", "back", 1000)
    rig.clock.advance(2)
    url = f"{FAVOR}/users/{rig.openid(PAYER)}/coupons/{coupon_id}?appid={merchant.appid}"
    coupon = (await merchant.call("GET", url)).json

    assert (refund.json["amount"]["payer_refund"], coupon["status"]) == (900, "SENDED")
    assert (await merchant.balance())["BASIC"] == {"total": 1000, "frozen": 1000, "available": 0}


async def test_what_was_used_and_given_back_is_listed_by_day(
    rig: Rig, merchant: Merchant, change: Change
) -> None:
    await change(fee_bps=0)
    await fund(merchant, 1000)
    stock_id = await running_stock(merchant)
    coupon_id = (await send(merchant, stock_id)).json["coupon_id"]
    paid = await merchant.paid("tea-0003", 1000)
    await send(merchant, stock_id, "send-2")
    rig.clock.advance(86_400)
    await merchant.refund("tea-0003", "back", 1000)
    rig.clock.advance(86_400)

    async def listed(name: str) -> list[str]:
        answer = await merchant.call("GET", f"{FAVOR}/stocks/{stock_id}/{name}")
        assert answer.status == 200, answer.content
        if "by-day" in name:
            (count,) = (value for name, value in answer.json.items() if name.endswith("_count"))
        target = answer.json["url"].partition("/v3/")[2]
        file = await merchant.call("GET", f"/v3/{target}", verify=False)
        rows = file.content.decode().split("\r\n")[1:-1]
        assert "by-day" not in name or count == str(len(rows))
        return rows

    async def code(day: str) -> str:
        url = f"{FAVOR}/stocks/{stock_id}/use-flow-by-day?bill_date={day}"
        return (await merchant.call("GET", url)).code

    assert await listed("use-flow") == await listed("use-flow-by-day?bill_date=2026-03-01") == []
    (row,) = await listed("refund-flow-by-day?bill_date=2026-03-02")
    assert row.split(",")[1:5] == [f"`{coupon_id}", "`NORMAL", "`1.00", f"`{paid['transaction_id']}"]
    assert [row] == await listed("refund-flow")
    assert await listed("refund-flow-by-day?bill_date=2026-03-01") == []
    assert (await code("2026-03-03"), await code("yesterday")) == ("INVALID_REQUEST", "PARAM_ERROR")


async def test_a_coupon_holds_only_where_and_when_its_rule_says(
    rig: Rig, merchant: Merchant, mailbox: Mailbox, change: Change
) -> None:
    await change(favor_notify_url=mailbox.url)
    await fund(merchant, 10_000)
    rule = {"fixed_normal_coupon": {"coupon_amount": 100, "transaction_minimum": 500}}
    rules: list[dict[str, Any]] = [
        {"trade_type": ["MICROAPP"]},
        {"limit_pay": ["ICBC_CREDIT"]},
        {"coupon_available_time": {"second_day_available": True}},
        {"coupon_available_time": {"fix_available_time": {"available_week_day": [1, 2]}}},
        {"coupon_available_time": {"fix_available_time": {"begin_time": 0, "end_time": 3600}}},
        {"available_items": ["oolong"], "trade_type": ["OTHER"]},
    ]
    for number, one in enumerate(rules):
        stock_id = await running_stock(merchant, f"stock-{number}", coupon_use_rule=rule | one)
        assert (await send(merchant, stock_id, f"send-{number}")).status == 200
    plain = await merchant.paid("tea-0001", 1000)
    goods = {"merchant_goods_id": "oolong", "quantity": 2, "unit_price": 40}
    named = await merchant.paid("tea-0002", 1000, detail={"goods_detail": [goods]})
    rig.clock.advance(86_400)  # Monday, and the day after the coupons were received.
    prepay_id = await merchant.place("tea-0003", 1000)
    await rig.act(PAYER, "pay", mark=prepay_id, bank_type="ICBC_CREDIT")
    monday = await merchant.query("tea-0003")
    await rig.settled()

    assert "promotion_detail" not in plain
    (item,) = named["promotion_detail"]
    off = {"goods_id": "oolong", "quantity": 2, "unit_price": 40, "discount_amount": 80, "goods_remark": ""}
    assert (item["scope"], item["goods_detail"]) == ("SINGLE", [off])
    told = mailbox.opened(merchant, "COUPON.USE")[0]["consume_information"]["goods_detail"]
    assert told == [{"goods_id": "oolong", "quantity": 2, "discount_amount": 80, "price": 40}]
    assert len(monday["promotion_detail"]) == 1


async def test_a_person_gets_five_thousand_yuan_a_month_at_most(rig: Rig, merchant: Merchant) -> None:
    await fund(merchant, 2_000_000)
    rules = favor_stock(merchant.mchid, "s", amount=90_000, minimum=100_000)["stock_use_rule"]
    rules["max_coupons_per_user"] = 10
    stock_id = await running_stock(merchant, amount=90_000, minimum=100_000, stock_use_rule=rules)
    answers = [await send(merchant, stock_id, f"send-{one}") for one in range(6)]

    assert [one.status for one in answers] == [200] * 5 + [403]
    assert answers[5].code == "RULE_LIMIT"


async def test_stocks_run_pause_and_end(rig: Rig, merchant: Merchant) -> None:
    poor = await merchant.call("POST", f"{FAVOR}/coupon-stocks", favor_stock(merchant.mchid, "s"))
    creator = {"stock_creator_mchid": merchant.mchid}
    url = f"{FAVOR}/stocks/{poor.json['stock_id']}"
    refused = await merchant.call("POST", f"{url}/start", creator)
    await fund(merchant, 1000)
    await merchant.call("POST", f"{url}/start", creator)
    await merchant.call("POST", f"{url}/pause", creator)
    paused = await send(merchant, poor.json["stock_id"])
    await merchant.call("POST", f"{url}/restart", creator)
    sent = [(await send(merchant, poor.json["stock_id"], f"n{one}")).status for one in range(3)]
    again = await send(merchant, poor.json["stock_id"], "n0")
    rig.clock.advance(31 * 86_400)
    over = await merchant.call("GET", f"{url}?stock_creator_mchid={merchant.mchid}")

    assert (refused.status, refused.code, paused.code) == (403, "NOT_ENOUGH", "INVALID_REQUEST")
    assert (sent, again.status, over.json["status"]) == ([200, 200, 403], 200, "stoped")
    assert (await merchant.balance())["BASIC"] == {"total": 1000, "frozen": 0, "available": 1000}


async def test_a_budget_that_does_not_add_up(merchant: Merchant) -> None:
    body = favor_stock(merchant.mchid, "s")
    body["stock_use_rule"]["max_amount"] = 999

    answer = await merchant.call("POST", f"{FAVOR}/coupon-stocks", body)

    assert (answer.status, answer.code) == (400, "PARAM_ERROR")


async def test_a_merchant_coupon_lives(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    await merchant.call("POST", f"{BUSI}/callbacks", {"notify_url": f"{mailbox.url}/coupons"})
    stock = await merchant.call("POST", f"{BUSI}/stocks", busi_stock(merchant.mchid, "stock-1"))
    stock_id = stock.json["stock_id"]
    received = await rig.act(PAYER, "receive-coupon", stock_id=stock_id, channel="MINIAPP")
    code = received["coupon_code"]
    use = {
        "coupon_code": code,
        "stock_id": stock_id,
        "appid": merchant.appid,
        "use_time": "2026-03-01T12:00:00+08:00",
        "use_request_no": "use-1",
    }
    used = await merchant.call("POST", f"{BUSI}/coupons/use", use)
    repeated = await merchant.call("POST", f"{BUSI}/coupons/use", use)
    twice = await merchant.call("POST", f"{BUSI}/coupons/use", use | {"use_request_no": "use-2"})
    back = await merchant.call(
        "POST",
        f"{BUSI}/coupons/return",
        {"coupon_code": code, "stock_id": stock_id, "return_request_no": "r1"},
    )
    gone = await merchant.call(
        "POST",
        f"{BUSI}/coupons/deactivate",
        {"coupon_code": code, "stock_id": stock_id, "deactivate_request_no": "d1"},
    )
    url = f"{BUSI}/users/{rig.openid(PAYER)}/coupons/{code}/appids/{merchant.appid}"
    found = (await merchant.call("GET", url)).json
    await rig.settled()

    assert (len(code), used.json["openid"], used.json) == (22, rig.openid(PAYER), repeated.json)
    assert (twice.code, back.status, gone.status) == ("INVALID_REQUEST", 200, 200)
    assert found["coupon_state"] == "DEACTIVATED"
    (told,) = mailbox.opened(merchant, "COUPON.SEND")
    assert (told["event_type"], told["send_channel"]) == (
        "EVENT_TYPE_BUSICOUPON_SEND",
        "BUSICOUPON_SEND_CHANNEL_MINIAPP",
    )
    counted = (await merchant.call("GET", f"{BUSI}/stocks/{stock_id}")).json["send_count_information"]
    assert counted["total_send_num"] == 1


async def test_a_subsidy_is_paid_and_comes_back(rig: Rig, merchant: Merchant, change: Change) -> None:
    await change(fee_bps=0)
    payee = Merchant(rig, await rig.control("POST", "/merchants", {"appids": [merchant.appid], "fee_bps": 0}))
    await fund(merchant, 1000)
    stock = await merchant.call("POST", f"{BUSI}/stocks", busi_stock(merchant.mchid, "stock-1"))
    stock_id = stock.json["stock_id"]
    code = (await rig.act(PAYER, "receive-coupon", stock_id=stock_id))["coupon_code"]
    coupon = {"coupon_code": code, "stock_id": stock_id}
    used_at = {"use_time": "2026-03-01T12:00:00+08:00", "use_request_no": "use-1", "appid": merchant.appid}
    paid = await payee.paid("tea-0009", 900)
    subsidy = coupon | {
        "transaction_id": paid["transaction_id"],
        "payer_merchant": merchant.mchid,
        "payee_merchant": payee.mchid,
        "amount": 100,
        "description": "满减",
    }
    root = f"{BUSI}/subsidy"
    early = await merchant.call("POST", f"{root}/pay-receipts", subsidy | {"out_subsidy_no": "sub-1"})
    await merchant.call("POST", f"{BUSI}/coupons/use", coupon | used_at)
    given = await merchant.call("POST", f"{root}/pay-receipts", subsidy | {"out_subsidy_no": "sub-1"})
    again = await merchant.call("POST", f"{root}/pay-receipts", subsidy | {"out_subsidy_no": "sub-1"})
    listed = await merchant.call("GET", f"{root}/pay-receipts?stock_id={stock_id}&coupon_code={code}")
    refund = (await payee.refund("tea-0009", "back-9", 900, 900)).json
    back = subsidy | {"refund_id": refund["refund_id"], "out_subsidy_return_no": "ret-1"}
    returned = await merchant.call("POST", f"{root}/return-receipts", back)
    too_much = await merchant.call(
        "POST", f"{root}/return-receipts", back | {"out_subsidy_return_no": "ret-2", "amount": 1}
    )

    assert (early.code, given.json["status"], again.json) == ("INVALID_REQUEST", "SUCCESS", given.json)
    assert [one["amount"] for one in listed.json["pay_receipt_list"]] == [100]
    receipt = returned.json["subsidy_return_receipt_id"]
    assert returned.json["subsidy_receipt_id"] == given.json["subsidy_receipt_id"] != receipt
    assert (await merchant.call("GET", f"{root}/return-receipts/{receipt}")).json == returned.json
    assert too_much.code == "INVALID_REQUEST"
    assert ((await merchant.balance())["BASIC"]["total"], (await payee.balance())["BASIC"]["total"]) == (
        1000,
        0,
    )


async def test_codes_the_merchant_brings(rig: Rig, merchant: Merchant) -> None:
    body = busi_stock(merchant.mchid, "stock-2", coupon_code_mode="MERCHANT_UPLOAD")
    stock_id = (await merchant.call("POST", f"{BUSI}/stocks", body)).json["stock_id"]
    codes = {"coupon_code_list": ["A1", "A2", "A1"], "upload_request_no": "u1"}
    first = await merchant.call("POST", f"{BUSI}/stocks/{stock_id}/couponcodes", codes)
    second = await merchant.call("POST", f"{BUSI}/stocks/{stock_id}/couponcodes", codes)
    received = await rig.act(PAYER, "receive-coupon", stock_id=stock_id)
    listed = (await merchant.call("GET", f"{BUSI}/stocks/{stock_id}/couponcodes")).json
    one = (await merchant.call("GET", f"{BUSI}/stocks/{stock_id}/couponcodes/A1")).json
    assert [(row["code"], "openid" in row) for row in listed["data"]] == [("A1", True), ("A2", False)]
    assert one["code_information"] == listed["data"][0]
    assert (one["code_information"]["openid"], one["coupon_information"]["coupon_state"]) == (
        rig.openid(PAYER),
        "SENDED",
    )
    dropped = await merchant.call("DELETE", f"{BUSI}/stocks/{stock_id}/couponcodes/A2")
    taken = await merchant.call("DELETE", f"{BUSI}/stocks/{stock_id}/couponcodes/A1")

    assert (first.json["success_codes"], first.json["duplicate_codes"]) == (["A1", "A2"], ["A1"])
    assert (second.json["success_count"], received["coupon_code"]) == (0, "A1")
    assert (dropped.status, taken.code) == (200, "RESOURCE_NOT_EXISTS")


async def test_an_activity_is_told_by_its_kind(merchant: Merchant) -> None:
    stock = await merchant.call("POST", f"{BUSI}/stocks", busi_stock(merchant.mchid, "stock-1"))
    root = "/v3/marketing/paygiftactivity"
    body = gift(stock.json["stock_id"], "gift-1", merchant.mchid)
    made = (await merchant.call("POST", f"{root}/unique-threshold-activity", body)).json
    one = (await merchant.call("GET", f"{root}/activities/{made['activity_id']}")).json
    listed = (await merchant.call("GET", f"{root}/activities?offset=0&limit=10")).json

    assert one["award_send_rule"] == {"full_send_rule": body["award_send_rule"]}
    assert [row["activity_id"] for row in listed["data"]] == [made["activity_id"]]


async def test_a_gift_after_payment(rig: Rig, merchant: Merchant) -> None:
    stock = await merchant.call("POST", f"{BUSI}/stocks", busi_stock(merchant.mchid, "stock-3"))
    root = "/v3/marketing/paygiftactivity"
    made = await merchant.call(
        "POST", f"{root}/unique-threshold-activity", gift(stock.json["stock_id"], "gift-1", merchant.mchid)
    )
    await merchant.paid("tea-0004", 999)
    nothing = (await rig.control("GET", f"/people/{PAYER}/coupons"))["items"]
    await merchant.paid("tea-0005", 1000)
    one = (await rig.control("GET", f"/people/{PAYER}/coupons"))["items"]
    ended = await merchant.call("POST", f"{root}/activities/{made.json['activity_id']}/terminate")
    await merchant.paid("tea-0006", 1000)
    still = (await rig.control("GET", f"/people/{PAYER}/coupons"))["items"]

    assert (nothing, len(one), ended.status, len(still)) == ([], 1, 200, 1)
