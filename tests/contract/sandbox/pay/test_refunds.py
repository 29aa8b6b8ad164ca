"""Refunds: states, parts, limits and money (pay.md 6)."""

from typing import Any

from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import Mailbox, Merchant
from contract.sandbox.rig import Rig

ROOT = "/v3/refund/domestic/refunds"


async def test_a_refund_is_processing_and_then_done(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    await merchant.paid("tea-0001", 1000)
    await rig.control("POST", f"/merchants/{merchant.mchid}/deposit", {"account": "BASIC", "amount": 500})

    made = await merchant.refund("tea-0001", "back-1", 1000, notify_url=f"{mailbox.url}/refunds")
    rig.clock.advance(2)
    done = await merchant.call("GET", f"{ROOT}/back-1")
    await rig.settled()

    assert (made.status, made.json["status"], len(made.json["refund_id"])) == (200, "PROCESSING", 29)
    assert (done.json["status"], done.json["success_time"]) == ("SUCCESS", "2026-03-01T12:00:02+08:00")
    assert done.json["amount"] == {
        "total": 1000,
        "refund": 1000,
        "from": [],
        "payer_total": 1000,
        "payer_refund": 1000,
        "settlement_refund": 1000,
        "settlement_total": 1000,
        "discount_refund": 0,
        "currency": "CNY",
        "refund_fee": 6,
    }
    (told,) = mailbox.opened(merchant, "REFUND.SUCCESS")
    assert told == {
        "mchid": merchant.mchid,
        "out_trade_no": "tea-0001",
        "transaction_id": done.json["transaction_id"],
        "out_refund_no": "back-1",
        "refund_id": done.json["refund_id"],
        "refund_status": "SUCCESS",
        "success_time": "2026-03-01T12:00:02+08:00",
        "user_received_account": done.json["user_received_account"],
        "amount": {"total": 1000, "refund": 1000, "payer_total": 1000, "payer_refund": 1000},
    }
    assert (await merchant.query("tea-0001"))["trade_state"] == "REFUND"
    assert (await merchant.balance())["BASIC"]["total"] == 500


async def test_parts_sum_to_the_whole(rig: Rig, merchant: Merchant) -> None:
    await merchant.paid("tea-0002", 1000)
    fees = []
    for number, amount in enumerate((333, 333, 334)):
        made = await merchant.refund("tea-0002", f"part-{number}", amount)
        fees.append(made.json["amount"]["refund_fee"])
        rig.clock.advance(60)
    more = await merchant.refund("tea-0002", "part-9", 1)

    assert (sum(fees), more.code) == (6, "INVALID_REQUEST")
    assert (await merchant.balance())["BASIC"]["total"] == 0


async def test_two_refunds_of_an_order_are_a_minute_apart(rig: Rig, merchant: Merchant) -> None:
    await merchant.paid("tea-0003", 1000)
    await merchant.refund("tea-0003", "one", 100)
    rig.clock.advance(59)
    early = await merchant.refund("tea-0003", "two", 100)
    rig.clock.advance(1)
    later = await merchant.refund("tea-0003", "two", 100)

    assert (early.status, early.code, later.status) == (429, "FREQUENCY_LIMITED", 200)


async def test_at_most_fifty(rig: Rig, merchant: Merchant) -> None:
    await merchant.paid("tea-0004", 1000)
    for number in range(50):
        assert (await merchant.refund("tea-0004", f"n-{number}", 1)).status == 200
        rig.clock.advance(60)

    assert (await merchant.refund("tea-0004", "n-50", 1)).code == "INVALID_REQUEST"


async def test_the_same_number_returns_the_refund_there_is(merchant: Merchant) -> None:
    await merchant.paid("tea-0005", 1000)
    first = await merchant.refund("tea-0005", "same", 100)
    second = await merchant.refund("tea-0005", "same", 100)
    other = await merchant.refund("tea-0005", "same", 200)

    assert first.json == second.json
    assert (other.status, other.code, other.reason) == (400, "INVALID_REQUEST", 268498688)


async def test_what_is_refused(rig: Rig, merchant: Merchant) -> None:
    await merchant.place("tea-0006")
    unpaid = await merchant.refund("tea-0006", "r1", 100)
    unknown = await merchant.refund("tea-none", "r2", 100)
    paid = await merchant.paid("tea-0007")
    other_total = await merchant.refund("tea-0007", "r3", 100, total=999)
    await rig.control("POST", f"/merchants/{merchant.mchid}/deposit", {"account": "BASIC", "amount": -994})
    poor = await merchant.refund("tea-0007", "r4", 1000)
    rig.clock.advance(366 * 86_400)
    late = await merchant.refund("tea-0007", "r5", 1000, transaction_id=paid["transaction_id"])
    query = await merchant.call("GET", f"{ROOT}/r9")

    assert (unpaid.code, other_total.code, late.code) == ("INVALID_REQUEST",) * 3
    assert (unknown.status, unknown.code) == (404, "RESOURCE_NOT_EXISTS")
    assert (poor.status, poor.code) == (403, "NOT_ENOUGH")
    assert (query.status, query.code) == (404, "RESOURCE_NOT_EXISTS")


async def test_an_abnormal_refund_goes_to_another_card(
    rig: Rig, merchant: Merchant, mailbox: Mailbox
) -> None:
    await merchant.paid("tea-0008")
    await rig.control("POST", f"/merchants/{merchant.mchid}/next-refund", {"status": "ABNORMAL"})
    made = await merchant.refund("tea-0008", "odd", 1000, notify_url=mailbox.url)
    rig.clock.advance(2)
    stuck = await merchant.call("GET", f"{ROOT}/odd")
    url = f"{ROOT}/{made.json['refund_id']}/apply-abnormal-refund"
    card = {
        "out_refund_no": "odd",
        "type": "USER_BANK_CARD",
        "bank_type": "ICBC_DEBIT",
        "bank_account": merchant.secret("6222000011112222"),
        "real_name": merchant.secret("张三"),
    }
    unread = await merchant.call("POST", url, card)
    retried = await merchant.call("POST", url, card, public_key=True)
    rig.clock.advance(2)
    done = await merchant.call("GET", f"{ROOT}/odd")
    await rig.settled()

    assert (stuck.json["status"], unread.code) == ("ABNORMAL", "PARAM_ERROR")
    assert (retried.json["status"], retried.json["user_received_account"]) == ("PROCESSING", "ICBC_DEBIT2222")
    assert (done.json["status"], done.json["channel"]) == ("SUCCESS", "OTHER_BANKCARD")
    assert [one["refund_status"] for one in mailbox.opened(merchant)] == ["ABNORMAL", "SUCCESS"]


async def test_a_closed_refund_gives_the_money_back(rig: Rig, merchant: Merchant, change: Change) -> None:
    await change(fee_bps=0)
    await merchant.paid("tea-0009")
    await rig.control("POST", f"/merchants/{merchant.mchid}/next-refund", {"status": "CLOSED"})
    await merchant.refund("tea-0009", "shut", 1000)
    during: Any = await merchant.balance()
    rig.clock.advance(2)
    closed = await merchant.call("GET", f"{ROOT}/shut")

    assert (during["BASIC"]["total"], closed.json["status"]) == (0, "CLOSED")
    assert (await merchant.balance())["BASIC"]["total"] == 1000
