"""Transfers to people: confirmed, allowed for good, and the former batches (pay.md 10)."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract.sandbox.pay.conftest import Change
from contract.sandbox.pay.merchant import PAYER, Answer, Mailbox, Merchant
from contract.sandbox.rig import Rig

ROOT = "/v3/fund-app/mch-transfer"
BILLS = f"{ROOT}/transfer-bills"
INFOS = [
    {"info_type": "活动名称", "info_content": "新会员有礼"},
    {"info_type": "奖励说明", "info_content": "注册抽奖"},
]


def transfer(merchant: Merchant, number: str, amount: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "appid": merchant.appid,
        "out_bill_no": number,
        "transfer_scene_id": "1000",
        "openid": merchant.rig.openid(PAYER),
        "transfer_amount": amount,
        "transfer_remark": "奖励",
        "transfer_scene_report_infos": INFOS,
    } | more


async def make(merchant: Merchant, number: str, amount: int = 100, **more: Any) -> Answer:
    return await merchant.call("POST", BILLS, transfer(merchant, number, amount, **more))


async def state(merchant: Merchant, number: str) -> dict[str, Any]:
    return dict((await merchant.call("GET", f"{BILLS}/out-bill-no/{number}")).json)


async def operation(merchant: Merchant) -> int:
    return int((await merchant.balance())["OPERATION"]["total"])


async def test_the_person_confirms(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    before = await operation(merchant)
    made = await make(merchant, "bill1", notify_url=mailbox.url)
    waiting = await rig.control("GET", f"/people/{PAYER}/transfers")
    await rig.act(PAYER, "confirm-transfer", package_info=made.json["package_info"])
    during = await state(merchant, "bill1")
    rig.clock.advance(1)
    done = await state(merchant, "bill1")
    await rig.settled()

    assert (made.json["state"], waiting["items"][0]["amount"]) == ("WAIT_USER_CONFIRM", 100)
    assert (during["state"], done["state"]) == ("TRANSFERING", "SUCCESS")
    assert await operation(merchant) == before - 100
    (told,) = mailbox.opened(merchant, "MCHTRANSFER.BILL.FINISHED")
    assert told == {
        "out_bill_no": "bill1",
        "transfer_bill_no": done["transfer_bill_no"],
        "state": "SUCCESS",
        "mch_id": merchant.mchid,
        "transfer_amount": 100,
        "openid": rig.openid(PAYER),
        "create_time": "2026-03-01T12:00:00+08:00",
        "update_time": "2026-03-01T12:00:01+08:00",
    }
    by_id = await merchant.call("GET", f"{BILLS}/transfer-bill-no/{done['transfer_bill_no']}")
    assert by_id.json == done


async def test_nobody_confirms_for_a_day(rig: Rig, merchant: Merchant) -> None:
    before = await operation(merchant)
    await make(merchant, "bill2")
    rig.clock.advance(86_400)
    done = await state(merchant, "bill2")

    assert (done["state"], done["fail_reason"], await operation(merchant)) == (
        "FAIL",
        "OVERDUE_CLOSE",
        before,
    )


async def test_cancelled_before_it_is_confirmed(rig: Rig, merchant: Merchant) -> None:
    before = await operation(merchant)
    await make(merchant, "bill3")
    first = await merchant.call("POST", f"{BILLS}/out-bill-no/bill3/cancel")
    rig.clock.advance(1)
    again = await merchant.call("POST", f"{BILLS}/out-bill-no/bill3/cancel")

    assert (first.json["state"], again.json["state"]) == ("CANCELING", "CANCELLED")
    assert await operation(merchant) == before
    made = await make(merchant, "bill4")
    await rig.act(PAYER, "confirm-transfer", package_info=made.json["package_info"])
    late = await merchant.call("POST", f"{BILLS}/out-bill-no/bill4/cancel")
    assert late.code == "INVALID_REQUEST"


async def test_a_transfer_may_fail_after_it_was_confirmed(rig: Rig, merchant: Merchant) -> None:
    before = await operation(merchant)
    made = await make(merchant, "bill5")
    await rig.control(
        "POST", f"/merchants/{merchant.mchid}/next-transfer", {"fail_reason": "REAL_NAME_CHECK_FAIL"}
    )
    await rig.act(PAYER, "confirm-transfer", package_info=made.json["package_info"])
    rig.clock.advance(1)
    done = await state(merchant, "bill5")

    assert (done["state"], done["fail_reason"]) == ("FAIL", "REAL_NAME_CHECK_FAIL")
    assert await operation(merchant) == before


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"transfer_amount": 9}, 400, "PARAM_ERROR"),
        ({"transfer_amount": 200_000}, 400, "PARAM_ERROR"),
        ({"transfer_amount": 10**7}, 403, "NOT_ENOUGH"),
        ({"out_bill_no": "not-allowed"}, 400, "PARAM_ERROR"),
        ({"transfer_scene_id": "9999"}, 400, "INVALID_REQUEST"),
        ({"transfer_scene_report_infos": INFOS[:1]}, 400, "PARAM_ERROR"),
        ({"user_recv_perception": "劳务报酬"}, 400, "INVALID_REQUEST"),
        ({"appid": "wx00"}, 400, "APPID_MCHID_NOT_MATCH"),
    ],
)
async def test_what_is_refused(
    rig: Rig, merchant: Merchant, changes: dict[str, Any], status: int, code: str
) -> None:
    if code == "NOT_ENOUGH":
        left = await operation(merchant)
        await rig.control(
            "POST", f"/merchants/{merchant.mchid}/deposit", {"account": "OPERATION", "amount": -left}
        )
        changes = changes | {"user_name": merchant.secret("张三")}
    body = transfer(merchant, "bill6") | changes

    answer = await merchant.call("POST", BILLS, body, public_key=True)

    assert (answer.status, answer.code) == (status, code)
    assert (await merchant.call("GET", f"{BILLS}/out-bill-no/bill6")).code == "NOT_FOUND"


async def test_the_same_number_again(merchant: Merchant) -> None:
    sealed = {"user_name": merchant.secret("张三")}
    first = await merchant.call("POST", BILLS, transfer(merchant, "bill7", **sealed), public_key=True)
    other_seal = {"user_name": merchant.secret("张三")}
    second = await merchant.call("POST", BILLS, transfer(merchant, "bill7", **other_seal), public_key=True)
    third = await make(merchant, "bill7", 200)

    assert first.json == second.json
    assert third.code == "ALREADY_EXISTS"
    assert merchant.reveal((await state(merchant, "bill7"))["user_name"]) == "张三"


async def test_a_receipt(rig: Rig, merchant: Merchant) -> None:
    made = await make(merchant, "bill8")
    early = await merchant.call("POST", f"{ROOT}/elecsign/out-bill-no", {"out_bill_no": "bill8"})
    await rig.act(PAYER, "confirm-transfer", package_info=made.json["package_info"])
    rig.clock.advance(1)
    asked = await merchant.call("POST", f"{ROOT}/elecsign/out-bill-no", {"out_bill_no": "bill8"})
    rig.clock.advance(1)
    ready = (await merchant.call("GET", f"{ROOT}/elecsign/out-bill-no/bill8")).json
    parts = urlsplit(ready["download_url"])
    file = await merchant.call("GET", f"{parts.path}?{parts.query}", verify=False)

    assert (early.code, asked.json["state"], ready["state"]) == ("INVALID_REQUEST", "GENERATING", "FINISHED")
    assert file.content.startswith(b"%PDF-")
    assert hashlib.sha256(file.content).hexdigest() == ready["hash_value"]


async def test_allowed_once_and_paid_without_asking(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    asked = await merchant.call(
        "POST",
        f"{ROOT}/user-confirm-authorization",
        {
            "out_authorization_no": "leave1",
            "appid": merchant.appid,
            "openid": rig.openid(PAYER),
            "transfer_scene_id": "1000",
            "user_display_name": "张*",
            "authorization_notify_url": mailbox.url,
        },
    )
    body = transfer(merchant, "bill9", out_authorization_no="leave1")
    del body["openid"]
    early = await merchant.call("POST", f"{BILLS}/transfer", body)
    await rig.act(PAYER, "allow-transfers", package_info=asked.json["package_info"])
    taken = await merchant.call("POST", f"{BILLS}/transfer", body)
    rig.clock.advance(1)
    done = await state(merchant, "bill9")
    url = f"{ROOT}/user-confirm-authorization/out-authorization-no/leave1"
    leave = (await merchant.call("GET", url)).json
    closed = (await merchant.call("POST", f"{url}/close")).json
    await rig.settled()

    assert (early.code, taken.json["state"], done["state"]) == ("INVALID_REQUEST", "ACCEPTED", "SUCCESS")
    assert (leave["state"], closed["close_info"]["close_reason"]) == ("TAKING_EFFECT", "CLOSE_VIA_MCH_API")
    assert (leave["transfer_scene_id"], "package_info" in leave) == ("1000", False)
    assert [one["state"] for one in mailbox.opened(merchant)] == ["TAKING_EFFECT", "CLOSED"]


async def test_confirming_a_transfer_may_allow_later_ones(rig: Rig, merchant: Merchant) -> None:
    info = {
        "user_display_name": "张*",
        "out_authorization_no": "leave2",
        "authorization_notify_url": "http://127.0.0.1:9/x",
    }
    made = await merchant.call(
        "POST",
        f"{BILLS}/pre-transfer-with-authorization",
        transfer(merchant, "bill10", authorization_info=info),
    )
    await rig.act(PAYER, "confirm-transfer", package_info=made.json["package_info"])
    url = f"{ROOT}/user-confirm-authorization/out-authorization-no/leave2"

    assert (await merchant.call("GET", url)).json["state"] == "TAKING_EFFECT"


def batch(merchant: Merchant, number: str) -> dict[str, Any]:
    details = [
        {
            "out_detail_no": f"d{person}",
            "transfer_amount": 100,
            "transfer_remark": "报销",
            "openid": merchant.rig.openid(person),
        }
        for person in range(3)
    ]
    return {
        "appid": merchant.appid,
        "out_batch_no": number,
        "batch_name": "报销",
        "batch_remark": "报销",
        "total_amount": 300,
        "total_num": 3,
        "transfer_detail_list": details,
    }


async def test_the_former_batches(rig: Rig, merchant: Merchant, change: Change) -> None:
    closed = await merchant.call("POST", "/v3/transfer/batches", batch(merchant, "batch1"))
    await change(old_transfers=True)
    before = await operation(merchant)
    await rig.control("POST", f"/merchants/{merchant.mchid}/next-transfer", {"fail_reason": "OPENID_INVALID"})
    made = await merchant.call("POST", "/v3/transfer/batches", batch(merchant, "batch1"))
    rig.clock.advance(1)
    url = "/v3/transfer/batches/out-batch-no/batch1"
    found = (await merchant.call("GET", f"{url}?need_query_detail=true&detail_status=FAIL")).json
    detail = (await merchant.call("GET", f"{url}/details/out-detail-no/d0")).json

    assert (closed.status, closed.code, made.json["batch_status"]) == (403, "NO_AUTH", "ACCEPTED")
    whole = found["transfer_batch"]
    assert (whole["batch_status"], whole["success_num"], whole["fail_amount"]) == ("FINISHED", 2, 100)
    assert [one["out_detail_no"] for one in found["transfer_detail_list"]] == ["d0"]
    assert (detail["detail_status"], detail["fail_reason"]) == ("FAIL", "OPENID_INVALID")
    assert await operation(merchant) == before - 200
