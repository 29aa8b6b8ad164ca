"""Callbacks: envelope, schedule, faults (pay.md 5, 2.1)."""

import json
from typing import Any

from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import Mailbox, Merchant
from contract.sandbox.rig import Rig

SCHEDULE = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)


async def pay(merchant: Merchant, mailbox: Mailbox, number: str = "tea-0001") -> None:
    await merchant.paid(number, notify_url=f"{mailbox.url}/paid")
    await merchant.rig.settled()


async def sent(merchant: Merchant) -> list[dict[str, Any]]:
    return list((await merchant.rig.control("GET", f"/merchants/{merchant.mchid}/callbacks"))["items"])


async def test_a_payment_is_told_encrypted_and_signed(merchant: Merchant, mailbox: Mailbox) -> None:
    await pay(merchant, mailbox)

    (headers, body), *more = mailbox.received
    envelope = json.loads(body)
    assert more == []
    assert mailbox.opened(merchant) == [await merchant.query("tea-0001")]
    assert headers["Content-Type"] == "application/json"
    assert {name: envelope[name] for name in ("create_time", "resource_type", "event_type", "summary")} == {
        "create_time": "2026-03-01T12:00:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
    }
    resource = envelope["resource"]
    assert (resource["original_type"], resource["algorithm"]) == ("transaction", "AEAD_AES_256_GCM")
    assert len(resource["nonce"]) == 12
    assert [(one["state"], len(one["attempts"])) for one in await sent(merchant)] == [("delivered", 1)]


async def test_it_comes_again_until_it_is_taken(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    mailbox.statuses = [500, 400, 302, 200]
    await pay(merchant, mailbox)
    for count, wait_s in enumerate(SCHEDULE[:3], start=1):
        rig.clock.advance(wait_s - 0.5)
        assert rig.sandbox.courier.pending == 0
        rig.clock.advance(0.5)
        await rig.settled()
        assert len(mailbox.received) == count + 1

    assert len({body for _, body in mailbox.received}) == 1
    assert len({headers["Wechatpay-Nonce"] for headers, _ in mailbox.received}) == 4
    assert len({headers["Request-ID"] for headers, _ in mailbox.received}) == 1
    (one,) = await sent(merchant)
    assert [attempt["outcome"] for attempt in one["attempts"]] == [
        "answered_500", "answered_400", "answered_302", "answered_200",
    ]  # fmt: skip


async def test_after_fifteen_retries_it_is_given_up(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    mailbox.statuses = [500] * 20
    await pay(merchant, mailbox)
    for wait_s in SCHEDULE:
        rig.clock.advance(wait_s)
        await rig.settled()
    rig.clock.advance(86_400)
    await rig.settled()

    assert (sum(SCHEDULE), len(mailbox.received)) == (86_640, 16)
    assert (await sent(merchant))[0]["state"] == "lost"


async def test_the_public_key_signs_callbacks_when_the_merchant_is_switched(
    merchant: Merchant, mailbox: Mailbox, change: Change
) -> None:
    await change(notify_public_key_bps=10_000)
    await pay(merchant, mailbox)

    assert mailbox.received[0][0]["Wechatpay-Serial"] == merchant.facts["public_key_id"]
    assert mailbox.opened(merchant)


async def test_a_probe_must_be_refused(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    rule = {"event": "TRANSACTION.SUCCESS", "wrong_signature": True, "duplicate": 2}
    await rig.control("POST", "/faults", rule)
    await pay(merchant, mailbox)
    mailbox.refuses_probes = False
    await pay(merchant, mailbox, "tea-0002")

    counts = rig.sandbox.courier.counts
    assert (counts["forged_refused"], counts["forged_accepted"], counts["duplicated"]) == (1, 1, 4)
    first, _ = await sent(merchant)
    assert [one.get("extra", "real") for one in first["attempts"]] == ["forged", "real", "copy", "copy"]


async def test_dropped_and_unheard_callbacks(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    rules = [
        {"event": "TRANSACTION.SUCCESS", "drop": True, "times": 1},
        {"event": "TRANSACTION.*", "timeout_after_effect": True, "times": 1, "after": 1},
    ]
    await rig.control("PUT", "/faults", {"rules": rules})
    await pay(merchant, mailbox)
    await pay(merchant, mailbox, "tea-0002")
    assert len(mailbox.received) == 1
    rig.clock.advance(15)
    await rig.settled()

    assert [one["state"] for one in await sent(merchant)] == ["dropped", "delivered"]
    assert len(mailbox.received) == 2


async def test_a_later_callback_may_overtake(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    await rig.control("POST", "/faults", {"event": "TRANSACTION.SUCCESS", "reorder": True, "times": 1})
    for number in ("tea-0001", "tea-0002"):
        await merchant.paid(number, notify_url=mailbox.url)
    await rig.settled()

    numbers = [one["out_trade_no"] for one in mailbox.opened(merchant)]
    assert numbers == ["tea-0002", "tea-0001"]


async def test_callbacks_under_way_go_on_after_a_restart(
    start_rig: Any, tmp_path: Any, mailbox: Mailbox
) -> None:
    state = tmp_path / "state.db"
    rig = await start_rig(state=state)
    mchid = (await rig.control("GET", "/merchants"))["items"][0]["mchid"]
    merchant = Merchant(rig, await rig.control("GET", f"/merchants/{mchid}"))
    mailbox.statuses = [500]
    await pay(merchant, mailbox)
    await rig.stop()

    again = await start_rig(state=state)
    again.clock.advance(15)
    await again.settled()

    assert len(mailbox.received) == 2
