"""Sharing profits: receivers, shares, returns, freed rests (pay.md 9)."""

from typing import Any

from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import Answer, Mailbox, Merchant
from contract.sandbox.rig import Rig

ROOT = "/v3/profitsharing"
SHARED = {"settle_info": {"profit_sharing": True}}


async def add_person(merchant: Merchant, person: int = 5) -> str:
    openid = merchant.rig.openid(person)
    body = {"appid": merchant.appid, "type": "PERSONAL_OPENID", "account": openid, "relation_type": "STAFF"}
    assert (await merchant.call("POST", f"{ROOT}/receivers/add", body)).status == 200
    return openid


async def share(
    merchant: Merchant,
    transaction_id: str,
    number: str,
    receivers: list[dict[str, Any]],
    *,
    last: bool = False,
) -> Answer:
    body = {"transaction_id": transaction_id, "out_order_no": number, "receivers": receivers}
    return await merchant.call("POST", f"{ROOT}/orders", body | {"unfreeze_unsplit": last})


def to(account: str, amount: int, kind: str = "PERSONAL_OPENID") -> dict[str, Any]:
    return {"type": kind, "account": account, "amount": amount, "description": "分账"}


async def test_a_share_to_a_person(rig: Rig, merchant: Merchant, mailbox: Mailbox, change: Change) -> None:
    await change(sharing_notify_url=mailbox.url, fee_bps=0)
    paid = await merchant.paid("tea-0001", 1000, **SHARED)
    openid = await add_person(merchant)
    early = await share(merchant, paid["transaction_id"], "share-1", [to(openid, 100)])
    before = await merchant.balance()
    rig.clock.advance(60)
    taken = await share(merchant, paid["transaction_id"], "share-1", [to(openid, 100)])
    rig.clock.advance(1)
    url = f"{ROOT}/orders/share-1?transaction_id={paid['transaction_id']}"
    done = (await merchant.call("GET", url)).json
    left = await merchant.call("GET", f"{ROOT}/transactions/{paid['transaction_id']}/amounts")
    await rig.settled()

    assert (early.code, before["BASIC"]) == (
        "INVALID_REQUEST",
        {"total": 1000, "frozen": 1000, "available": 0},
    )
    assert (taken.json["state"], taken.json["receivers"][0]["result"]) == ("PROCESSING", "PENDING")
    assert (done["state"], done["receivers"][0]["result"], len(done["order_id"])) == (
        "FINISHED",
        "SUCCESS",
        28,
    )
    assert left.json["unsplit_amount"] == 900
    assert (await merchant.balance())["BASIC"] == {"total": 900, "frozen": 900, "available": 0}
    (told,) = mailbox.opened(merchant, "PROFITSHARING.SUCCESS")
    assert told["receiver"] == to(openid, 100)


async def test_the_cap_counts_all_shares_of_an_order(rig: Rig, merchant: Merchant) -> None:
    paid = await merchant.paid("tea-0002", 1000, ago_s=60, **SHARED)
    openid = await add_person(merchant)
    over = await share(merchant, paid["transaction_id"], "s1", [to(openid, 301)])
    first = await share(merchant, paid["transaction_id"], "s2", [to(openid, 200)])
    second = await share(merchant, paid["transaction_id"], "s3", [to(openid, 101)])

    assert (over.code, first.status, second.code) == ("INVALID_REQUEST", 200, "INVALID_REQUEST")


async def test_a_receiver_who_was_never_added_is_closed(rig: Rig, merchant: Merchant) -> None:
    paid = await merchant.paid("tea-0003", 1000, ago_s=60, **SHARED)
    await share(merchant, paid["transaction_id"], "s1", [to(rig.openid(9), 100)], last=True)
    rig.clock.advance(1)
    done = await merchant.call("GET", f"{ROOT}/orders/s1?transaction_id={paid['transaction_id']}")

    (one,) = done.json["receivers"]
    assert (one["result"], one["fail_reason"]) == ("CLOSED", "NO_RELATION")
    assert (await merchant.balance())["BASIC"] == {"total": 994, "frozen": 0, "available": 994}


async def test_a_merchant_gives_back_what_it_received(rig: Rig, merchant: Merchant) -> None:
    other = await rig.control("POST", "/merchants", {"name": "供应商"})
    receiver = {
        "appid": merchant.appid,
        "type": "MERCHANT_ID",
        "account": other["mchid"],
        "relation_type": "SUPPLIER",
    }
    added = await merchant.call(
        "POST", f"{ROOT}/receivers/add", receiver | {"name": merchant.secret("供应商")}, public_key=True
    )
    wrong = await merchant.call(
        "POST", f"{ROOT}/receivers/add", receiver | {"name": merchant.secret("别家")}, public_key=True
    )
    paid = await merchant.paid("tea-0004", 1000, ago_s=60, **SHARED)
    await share(merchant, paid["transaction_id"], "s1", [to(other["mchid"], 300, "MERCHANT_ID")], last=True)
    rig.clock.advance(1)
    body = {
        "out_order_no": "s1",
        "out_return_no": "r1",
        "return_mchid": other["mchid"],
        "amount": 200,
        "description": "退",
    }
    back = await merchant.call("POST", f"{ROOT}/return-orders", body)
    more = await merchant.call("POST", f"{ROOT}/return-orders", body | {"out_return_no": "r2"})
    found = await merchant.call("GET", f"{ROOT}/return-orders/r1?out_order_no=s1")

    assert (merchant.reveal(added.json["name"]), wrong.code) == ("供应商", "INVALID_REQUEST")
    assert (back.json["result"], more.code, found.json) == ("SUCCESS", "INVALID_REQUEST", back.json)
    theirs = await rig.control("GET", f"/merchants/{other['mchid']}/balance")
    assert (theirs["BASIC"]["total"], (await merchant.balance())["BASIC"]["total"]) == (100, 894)


async def test_the_rest_is_freed_by_hand_or_after_thirty_days(rig: Rig, merchant: Merchant) -> None:
    first = await merchant.paid("tea-0005", 1000, ago_s=60, **SHARED)
    body = {"transaction_id": first["transaction_id"], "out_order_no": "free-1", "description": "解冻"}
    await merchant.call("POST", f"{ROOT}/orders/unfreeze", body)
    rig.clock.advance(1)
    freed = await merchant.balance()
    await merchant.paid("tea-0006", 1000, **SHARED)
    during = await merchant.balance()
    rig.clock.advance(30 * 86_400)
    after = await merchant.balance()

    assert [one["BASIC"]["frozen"] for one in (freed, during, after)] == [0, 994, 0]


async def test_a_refund_takes_from_the_frozen_part_first(rig: Rig, merchant: Merchant) -> None:
    await merchant.paid("tea-0007", 1000, **SHARED)
    refund = await merchant.refund("tea-0007", "back", 1000)

    assert refund.status == 200
    assert (await merchant.balance())["BASIC"] == {"total": 0, "frozen": 0, "available": 0}


async def test_what_is_refused(rig: Rig, merchant: Merchant) -> None:
    ordinary = await merchant.paid("tea-0008", ago_s=60)
    openid = await add_person(merchant)
    unmarked = await share(merchant, ordinary["transaction_id"], "s1", [to(openid, 1)])
    twice = await share(merchant, ordinary["transaction_id"], "s1", [to(openid, 1), to(openid, 2)])
    unknown = await share(merchant, "4200", "s1", [to(openid, 1)])

    assert (unmarked.code, twice.code) == ("INVALID_REQUEST", "INVALID_REQUEST")
    assert (unknown.status, unknown.code) == (404, "RESOURCE_NOT_EXISTS")


async def test_receivers_get_nothing_for_a_reason(rig: Rig, merchant: Merchant, change: Change) -> None:
    await change(fee_bps=0)
    openid = await add_person(merchant)
    await rig.control(
        "POST", f"/merchants/{merchant.mchid}/next-share", {"fail_reason": "RECEIVER_HIGH_RISK"}
    )
    results = []
    # At most two hundred thousand yuan a month for one person.
    for number, amount in enumerate((100, 19_999_900, 200)):
        paid = await merchant.paid(f"tea-002{number}", 100_000_000, ago_s=60, **SHARED)
        await share(merchant, paid["transaction_id"], f"s{number}", [to(openid, amount)])
        rig.clock.advance(1)
        url = f"{ROOT}/orders/s{number}?transaction_id={paid['transaction_id']}"
        (one,) = (await merchant.call("GET", url)).json["receivers"]
        left = await merchant.call("GET", f"{ROOT}/transactions/{paid['transaction_id']}/amounts")
        results.append((one["result"], one.get("fail_reason"), left.json["unsplit_amount"]))

    assert results == [
        ("CLOSED", "RECEIVER_HIGH_RISK", 100_000_000),
        ("SUCCESS", None, 80_000_100),
        ("CLOSED", "RECEIVER_RECEIPT_LIMIT", 100_000_000),
    ]
