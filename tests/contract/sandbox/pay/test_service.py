"""Complaints, PayScore and smart guide (pay.md 15, 16, 17)."""

from contract.sandbox.pay.bodies import service_order
from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import PAYER, Mailbox, Merchant
from contract.sandbox.rig import Rig

COMPLAINTS = "/v3/merchant-service/complaints-v2"
SCORE = "/v3/payscore/serviceorder"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def test_a_complaint_is_answered_and_settled(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    address = "/v3/merchant-service/complaint-notifications"
    made = await merchant.call("POST", address, {"url": f"{mailbox.url}/complaints"})
    twice = await merchant.call("POST", address, {"url": f"{mailbox.url}/complaints"})
    paid = await merchant.paid("tea-0001", 1000)
    said = await rig.act(PAYER, "complain", transaction_id=paid["transaction_id"], refund_amount=500)
    url = f"{COMPLAINTS}/{said['complaint_id']}"
    listed = await merchant.call("GET", f"{COMPLAINTS}?begin_date=2026-03-01&end_date=2026-03-01")
    early = await merchant.call("POST", f"{url}/complete", {"complainted_mchid": merchant.mchid})
    picture = await merchant.upload("/v3/merchant-service/images/upload", PNG, "a.png")
    answered = await merchant.call(
        "POST",
        f"{url}/response",
        {
            "complainted_mchid": merchant.mchid,
            "response_content": "马上处理",
            "response_images": [picture.json["media_id"]],
        },
    )
    decided = await merchant.call(
        "POST", f"{url}/update-refund-progress", {"action": "APPROVE", "launch_refund_day": 0}
    )
    settled = await merchant.call("POST", f"{url}/complete", {"complainted_mchid": merchant.mchid})
    await rig.act(PAYER, "complain-more", complaint_id=said["complaint_id"])
    history = (await merchant.call("GET", f"{url}/negotiation-historys")).json
    await rig.settled()

    assert (made.json["url"], twice.code) == (f"{mailbox.url}/complaints", "RESOURCE_ALREADY_EXISTS")
    (one,) = listed.json["data"]
    assert (one["complaint_state"], one["problem_type"], one["apply_refund_amount"]) == (
        "PENDING",
        "REFUND",
        500,
    )
    assert (early.code, answered.status, decided.status, settled.status) == ("INVALID_REQUEST", 204, 204, 204)
    assert [entry["operate_type"] for entry in history["data"]] == [
        "USER_CONTINUE_COMPLAINT",
        "MERCHANT_CONFIRM_COMPLETE",
        "MERCHANT_APPROVE_REFUND",
        "MERCHANT_RESPONSE",
        "USER_CREATE_COMPLAINT",
    ]
    assert history["data"][3]["image_list"] == [picture.json["media_id"]]
    file = await merchant.call("GET", f"/v3/merchant-service/images/{picture.json['media_id']}", verify=False)
    assert (file.content, file.headers["Content-Type"]) == (PNG, "image/png")
    # What the merchant did itself is not told to it.
    assert [one["action_type"] for one in mailbox.opened(merchant)] == [
        "CREATE_COMPLAINT",
        "CONTINUE_COMPLAINT",
    ]


async def test_a_complaint_knows_what_became_of_the_money(
    rig: Rig, merchant: Merchant, mailbox: Mailbox, change: Change
) -> None:
    await change(complaint_notify_url=mailbox.url)
    await merchant.paid("tea-0003", 5000)  # So that there is money to give back.
    paid = await merchant.paid("tea-0001", 1000)
    other = await merchant.paid("tea-0002", 1000)
    own = await rig.act(PAYER, "complain", transaction_id=other["transaction_id"], immediate=True)
    said = await rig.act(PAYER, "complain", transaction_id=paid["transaction_id"], refund_amount=1000)
    url = f"{COMPLAINTS}/{said['complaint_id']}"
    await merchant.call(
        "POST", f"{url}/update-refund-progress", {"action": "APPROVE", "launch_refund_day": 0}
    )
    for number in ("tea-0001", "tea-0002"):
        assert (await merchant.refund(number, f"back-{number}", 1000)).status == 200
    rig.clock.advance(5)
    agreed = (await merchant.call("GET", url)).json
    unasked = (await merchant.call("GET", f"{COMPLAINTS}/{own['complaint_id']}")).json
    history = (await merchant.call("GET", f"{COMPLAINTS}/{own['complaint_id']}/negotiation-historys")).json
    await rig.settled()

    assert (agreed["complaint_full_refunded"], unasked["complaint_full_refunded"]) == (True, True)
    assert unasked["need_immediate_service"] is True
    assert history["data"][0]["operate_type"] == "COMPLAINT_FULL_REFUNDED_SYSTEM_MESSAGE"
    # Only the refund that was promised in the complaint is told.
    told = [one["action_type"] for one in mailbox.opened(merchant)]
    assert told == ["CREATE_COMPLAINT", "CREATE_COMPLAINT", "REFUND_SUCCESS"]


async def test_the_service_of_the_platform_steps_in(
    rig: Rig, merchant: Merchant, mailbox: Mailbox, change: Change
) -> None:
    await change(complaint_notify_url=mailbox.url)
    paid = await merchant.paid("tea-0001", 1000)
    said = await rig.act(PAYER, "complain", transaction_id=paid["transaction_id"])
    path = f"/complaints/{said['complaint_id']}/platform-service"
    steps = [await rig.control("POST", path, {"act": act}) for act in ("apply", "respond", "finish")]
    await rig.settled()

    assert [one["in_platform_service"] for one in steps] == [True, True, False]
    assert [one["action_type"] for one in mailbox.opened(merchant)][1:] == [
        "USER_APPLY_PLATFORM_SERVICE",
        "RESPONSE_BY_PLATFORM",
        "PLATFORM_SERVICE_FINISHED",
    ]


async def test_a_service_order_runs_and_is_paid(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    body = service_order(merchant.appid, "svc-0001", mailbox.url)
    made = await merchant.call("POST", SCORE, body)
    await rig.act(PAYER, "service-order", package=made.json["package"])
    names = {"appid": merchant.appid, "service_id": "500001"}
    sums = names | {"post_payments": [{"name": "租金", "amount": 600}], "total_amount": 600}
    wrong = await merchant.call("POST", f"{SCORE}/svc-0001/complete", sums | {"total_amount": 601})
    over = await merchant.call(
        "POST",
        f"{SCORE}/svc-0001/complete",
        names | {"post_payments": [{"name": "租金", "amount": 1001}], "total_amount": 1001},
    )
    done = await merchant.call("POST", f"{SCORE}/svc-0001/complete", sums)
    refused = await merchant.call("POST", f"{SCORE}/svc-0001/cancel", names | {"reason": "不用了"})
    rig.clock.advance(2)
    query = f"{SCORE}?service_id=500001&out_order_no=svc-0001&appid={merchant.appid}"
    paid = (await merchant.call("GET", query)).json
    await rig.settled()

    assert made.json["state"] == "CREATED"
    assert (wrong.code, over.code, refused.code) == ("PARAM_ERROR", "PARAM_ERROR", "INVALID_REQUEST")
    assert (done.json["state"], done.json["collection"]["state"]) == ("DOING", "USER_PAYING")
    assert (paid["state"], paid["collection"]["details"][0]["amount"]) == ("DONE", 600)
    events = [one["state"] for one in mailbox.opened(merchant)]
    assert events == ["DOING", "DONE"]
    assert (await merchant.balance())["BASIC"]["total"] == 596


async def test_a_service_order_nobody_confirms_expires(rig: Rig, merchant: Merchant) -> None:
    await merchant.call("POST", SCORE, service_order(merchant.appid, "svc-0002", "http://a.example/x"))
    rig.clock.advance(30 * 86_400)
    query = f"{SCORE}?service_id=500001&out_order_no=svc-0002&appid={merchant.appid}"

    assert (await merchant.call("GET", query)).json["state"] == "EXPIRED"


async def test_a_finished_service_is_lowered_and_paid_elsewhere(
    rig: Rig, merchant: Merchant, change: Change
) -> None:
    await change(payscore_deducts=False)
    body = service_order(merchant.appid, "svc-0003", "http://127.0.0.1:9/x", openid=rig.openid(PAYER))
    await merchant.call("POST", SCORE, body | {"need_user_confirm": False})
    names = {"appid": merchant.appid, "service_id": "500001"}

    def sums(amount: int) -> dict[str, object]:
        return names | {"post_payments": [{"name": "租金", "amount": amount}], "total_amount": amount}

    await merchant.call("POST", f"{SCORE}/svc-0003/complete", sums(600))
    higher = await merchant.call("POST", f"{SCORE}/svc-0003/modify", sums(700) | {"reason": "错"})
    lower = await merchant.call("POST", f"{SCORE}/svc-0003/modify", sums(500) | {"reason": "错"})
    synced = await merchant.call(
        "POST",
        f"{SCORE}/svc-0003/sync",
        names | {"type": "Order_Paid", "detail": {"paid_time": "20260301120000"}},
    )

    assert (higher.code, lower.json["total_amount"]) == ("INVALID_REQUEST", 500)
    assert (synced.json["state"], synced.json["collection"]["details"][0]["paid_type"]) == ("DONE", "MCH")


async def test_a_guide_is_shown_after_payment(rig: Rig, merchant: Merchant) -> None:
    root = "/v3/smartguide/guides"
    body = {
        "corpid": "ww1",
        "store_id": 7,
        "userid": "li",
        "name": merchant.secret("李四"),
        "mobile": merchant.secret("13800000000"),
        "qr_code": "https://work.weixin.qq.com/ca/1",
        "avatar": "https://a.example/a.png",
    }
    made = await merchant.call("POST", root, body, public_key=True)
    await merchant.place("tea-0002")
    assigned = await merchant.call(
        "POST", f"{root}/{made.json['guide_id']}/assign", {"out_trade_no": "tea-0002"}
    )
    await rig.act(PAYER, "pay", out_trade_no="tea-0002")
    paid = await merchant.query("tea-0002")
    card = await rig.control("GET", "/guide-card", transaction_id=paid["transaction_id"])
    listed = (await merchant.call("GET", f"{root}?store_id=7")).json

    assert (assigned.status, card["name"]) == (204, "李四")
    assert merchant.reveal(listed["data"][0]["mobile"]) == "13800000000"
