"""How calls are verified and answers signed (pay.md 1, 2; check order 19.1)."""

import json
from typing import Any

import pytest
from cryptography import x509

from contract.sandbox.pay.merchant import Merchant
from contract.sandbox.rig import Rig

URL = "/v3/pay/transactions/jsapi"


async def test_every_answer_is_signed_also_an_empty_one(merchant: Merchant) -> None:
    await merchant.place("order-000001")

    closed = await merchant.call(
        "POST", "/v3/pay/transactions/out-trade-no/order-000001/close", {"mchid": merchant.mchid}
    )

    assert (closed.status, closed.content) == (204, b"")
    assert closed.reason == 0


async def test_a_signature_that_does_not_match_is_explained(merchant: Merchant) -> None:
    body = merchant.order("order-000002")
    raw = json.dumps(body, ensure_ascii=False).encode()

    answer = await merchant.send("POST", URL, raw, raw + b" ", nonce_str="NONCE")

    timestamp = int(merchant.rig.clock.now())
    message = f"POST\n{URL}\n{timestamp}\nNONCE\n".encode() + raw + b"\n"
    assert (answer.status, answer.code) == (401, "SIGN_ERROR")
    assert answer.json["detail"] == {
        "detail": {"issue": "sign not match"},
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": "POST",
            "sign_message_length": len(message),
            "truncated_sign_message": f"POST\n{URL}\n{timestamp}\nNONCE\n" + raw[:9].decode() + "\n",
            "url": URL,
        },
    }


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scheme": "WECHATPAY3"}, "认证类型"),
        ({"timestamp": "1"}, "5分钟"),
        ({"serial_no": "00AA"}, "序列号"),
        ({"mchid": "1900000000"}, "序列号"),
        ({"nonce_str": 'a",more="b'}, "格式"),
    ],
)
async def test_what_is_wrong_with_an_authorization(
    merchant: Merchant, changes: dict[str, str], says: str
) -> None:
    answer = await merchant.call("POST", URL, merchant.order("order-000003"), **changes)

    assert (answer.status, answer.code) == (401, "SIGN_ERROR")
    assert says in answer.json["message"]


async def test_a_revoked_and_a_replaced_certificate_are_refused(merchant: Merchant, change: Any) -> None:
    await change(is_revoked=True)
    revoked = await merchant.call("POST", URL, merchant.order("order-000004"))
    await change(is_revoked=False)
    await merchant.rig.control("POST", f"/merchants/{merchant.mchid}/renew-certificate")
    replaced = await merchant.call("POST", URL, merchant.order("order-000004"))

    assert ("吊销" in revoked.json["message"], "序列号" in replaced.json["message"]) == (True, True)


async def test_the_request_says_which_key_signs(merchant: Merchant) -> None:
    by_certificate = await merchant.call("POST", URL, merchant.order("order-000005"))
    by_public_key = await merchant.call("POST", URL, merchant.order("order-000006"), public_key=True)

    assert (
        by_certificate.headers["Wechatpay-Serial"] == merchant.facts["platform_certificates"][0]["serial_no"]
    )
    assert by_public_key.headers["Wechatpay-Serial"] == merchant.facts["public_key_id"]


async def test_certificates_are_downloaded_encrypted_and_rotated(rig: Rig, merchant: Merchant) -> None:
    await rig.control("POST", "/platform-certificates/rotate")
    answer = await merchant.call("GET", "/v3/certificates")
    serials = []
    for one in answer.json["data"]:
        sealed = one["encrypt_certificate"]
        assert (sealed["algorithm"], sealed["associated_data"]) == ("AEAD_AES_256_GCM", "certificate")
        certificate = x509.load_pem_x509_certificate(merchant.decrypt(sealed))
        assert f"{certificate.serial_number:040X}" == one["serial_no"]
        serials.append(one["serial_no"])
    old, new = serials
    assert answer.headers["Wechatpay-Serial"] == old

    merchant.facts = await rig.control("GET", f"/merchants/{merchant.mchid}")
    rig.clock.advance(86_400)
    later = await merchant.call("GET", "/v3/certificates")
    rig.clock.advance(86_400)
    last = await merchant.call("GET", "/v3/certificates")

    assert later.headers["Wechatpay-Serial"] == new
    assert [len(one.json["data"]) for one in (later, last)] == [2, 1]


async def test_a_merchant_with_the_public_key_alone_has_no_certificate(
    merchant: Merchant, change: Any
) -> None:
    await change(verification="public_key")

    answer = await merchant.call("GET", "/v3/certificates")

    assert (answer.status, answer.code) == (404, "RESOURCE_NOT_EXISTS")
    assert answer.headers["Wechatpay-Serial"] == merchant.facts["public_key_id"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"description": None}, 268435461),
        ({"out_trade_no": "short"}, 268435461),
        ({"out_trade_no": "not allowed!"}, 268435461),
        ({"amount": {"total": 0}}, 268435464),
        ({"amount": {"total": "1"}}, 268435461),
        ({"amount": {"total": 1, "currency": "XYZ"}}, 268435461),
        ({"notify_url": "https://shop.example/pay?x=1"}, 268435461),
        ({"time_expire": "2020-01-01T00:00:00+08:00"}, 268435461),
        ({"time_expire": "tomorrow"}, 268435461),
        ({"never_heard_of": 1}, 270924358),
        ({"payer": {"openid": "o-nobody"}}, 268501013),
    ],
)
async def test_a_field_that_is_wrong(merchant: Merchant, changed: dict[str, Any], reason: int) -> None:
    body = {name: value for name, value in (merchant.order("order-000007") | changed).items() if value}

    answer = await merchant.call("POST", URL, body)

    assert (answer.status, answer.code, answer.reason) == (400, "PARAM_ERROR", reason)


async def test_the_two_shapes_of_a_field_error(merchant: Merchant) -> None:
    text = await merchant.call("POST", URL, merchant.order("order-000008", out_trade_no="x"))
    whole = await merchant.call("POST", URL, merchant.order("order-000008", amount={"total": 0}))

    assert text.json["detail"] == {"location": "body", "value": 1}
    assert "/body/out_trade_no" in text.json["message"]
    assert {"location": "body", "field": "/amount/total", "value": 0}.items() <= whole.json["detail"].items()


async def test_an_unbound_appid_and_an_unknown_route(merchant: Merchant) -> None:
    unbound = await merchant.call("POST", URL, merchant.order("order-000009", appid="wx00"))
    unknown = await merchant.call("GET", "/v3/nothing/here")

    assert (unbound.status, unbound.code, unbound.reason) == (400, "APPID_MCHID_NOT_MATCH", 268445527)
    assert (unknown.status, unknown.code) == (404, "NOT_FOUND")


async def test_more_than_five_hundred_orders_a_second_are_too_many(rig: Rig, merchant: Merchant) -> None:
    desk = rig.sandbox.pay_desk
    key = f"{merchant.mchid} POST {URL}"
    for _ in range(500):
        assert desk.paces.takes(key, at=rig.clock.now(), seconds=1, limit=500)

    refused = await merchant.call("POST", URL, merchant.order("order-000010"))
    rig.clock.advance(1)
    taken = await merchant.call("POST", URL, merchant.order("order-000010"))

    assert (refused.status, refused.code, refused.reason) == (429, "FREQUENCY_LIMITED", 268447840)
    assert taken.status == 200


async def test_merchants_survive_a_restart(start_rig: Any, tmp_path: Any) -> None:
    state = tmp_path / "state.db"
    first = await start_rig(state=state)
    made = await first.control("POST", "/merchants", {"name": "第二家", "fee_bps": 100})
    await first.stop()

    second = await start_rig(state=state)
    found = await second.control("GET", f"/merchants/{made['mchid']}")

    assert (found["serial_no"], found["fee_bps"], found["name"]) == (made["serial_no"], 100, "第二家")
    assert found["public_key_pem"] == made["public_key_pem"]
