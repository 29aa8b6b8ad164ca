"""Orders from placing to paid or closed (pay.md 2.6, 4)."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contract.sandbox.pay.merchant import PAYER, Merchant
from contract.sandbox.rig import Rig

ROOT = "/v3/pay/transactions"
H5 = {"payer_client_ip": "10.0.0.1", "h5_info": {"type": "Wap"}}


async def test_an_order_is_paid(rig: Rig, merchant: Merchant) -> None:
    prepay_id = await merchant.place("tea-0001", 1234, attach="店一")
    before = await merchant.query("tea-0001")
    await rig.act(PAYER, "pay", mark=prepay_id, bank_type="CMB_DEBIT")
    after = await merchant.query("tea-0001")

    assert (prepay_id[:2], len(prepay_id)) == ("wx", 36)
    assert (before["trade_state"], "transaction_id" in before) == ("NOTPAY", False)
    assert after | {"transaction_id": ""} == {
        "appid": merchant.appid,
        "mchid": merchant.mchid,
        "out_trade_no": "tea-0001",
        "transaction_id": "",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "CMB_DEBIT",
        "attach": "店一",
        "success_time": "2026-03-01T12:00:00+08:00",
        "payer": {"openid": rig.openid(PAYER)},
        "amount": {"total": 1234, "payer_total": 1234, "currency": "CNY", "payer_currency": "CNY"},
    }
    assert (after["transaction_id"][:4], len(after["transaction_id"])) == ("4200", 28)
    by_id = await merchant.call("GET", f"{ROOT}/id/{after['transaction_id']}?mchid={merchant.mchid}")
    assert by_id.json == after


async def test_the_same_number_again(rig: Rig, merchant: Merchant) -> None:
    first = await merchant.place("tea-0002")
    second = await merchant.place("tea-0002")
    other = await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0002", 2000))
    await rig.act(PAYER, "pay", mark=first)
    paid = await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0002"))

    assert first != second
    assert (other.status, other.code, other.reason) == (400, "INVALID_REQUEST", 268498688)
    assert (paid.status, paid.code) == (400, "ORDER_PAID")


async def test_closing_ends_an_order_and_may_be_repeated(merchant: Merchant) -> None:
    await merchant.place("tea-0003")
    url = f"{ROOT}/out-trade-no/tea-0003/close"
    closed = [(await merchant.call("POST", url, {"mchid": merchant.mchid})).status for _ in range(2)]
    again = await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0003"))

    assert closed == [204, 204]
    assert (await merchant.query("tea-0003"))["trade_state"] == "CLOSED"
    assert again.code == "ORDER_CLOSED"


async def test_a_paid_order_is_not_closed(merchant: Merchant) -> None:
    await merchant.paid("tea-0004")

    refused = await merchant.call("POST", f"{ROOT}/out-trade-no/tea-0004/close", {"mchid": merchant.mchid})

    assert (refused.status, refused.code) == (400, "ORDER_PAID")
    assert (await merchant.query("tea-0004"))["trade_state"] == "SUCCESS"


async def test_unknown_orders(merchant: Merchant) -> None:
    found = await merchant.call("GET", f"{ROOT}/out-trade-no/nobody-0001?mchid={merchant.mchid}")
    foreign = await merchant.call("GET", f"{ROOT}/out-trade-no/nobody-0001?mchid=1900000000")

    assert (found.status, found.code, found.reason) == (404, "ORDER_NOT_EXIST", 268512771)
    assert (foreign.status, foreign.reason) == (400, 268447843)


async def test_app_h5_and_native(rig: Rig, merchant: Merchant) -> None:
    def order(number: str, **more: Any) -> dict[str, Any]:
        body = merchant.order(number, **more)
        del body["payer"]
        return body

    app = await merchant.call("POST", f"{ROOT}/app", order("tea-0005"))
    h5 = await merchant.call("POST", f"{ROOT}/h5", order("tea-0006", scene_info=H5))
    native = await merchant.call("POST", f"{ROOT}/native", order("tea-0007"))
    for answer, number, kind in (
        (app.json["prepay_id"], "tea-0005", "APP"),
        (h5.json["h5_url"], "tea-0006", "MWEB"),
        (native.json["code_url"], "tea-0007", "NATIVE"),
    ):
        await rig.act(7, "pay", mark=answer)
        paid = await merchant.query(number)
        assert (paid["trade_type"], paid["payer"]["openid"]) == (kind, rig.openid(7))

    assert native.json["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")


async def test_an_h5_address_leads_to_the_cashier_for_five_minutes(rig: Rig, merchant: Merchant) -> None:
    body = merchant.order("tea-0022", scene_info=H5)
    del body["payer"]
    url = urlsplit((await merchant.call("POST", f"{ROOT}/h5", body)).json["h5_url"])
    status, _, headers = await rig.fetch(f"{url.path}?{url.query}")
    asked = {"mark": parse_qs(url.query)["prepay_id"][0], "package": parse_qs(url.query)["package"][0]}
    shown = await rig.control("GET", "/cashier", **asked)
    rig.clock.advance(301)
    late, refusal = await rig.request("GET", "/sandbox/cashier", params=asked)

    assert (status, headers["Location"]) == (302, f"/sandbox/web/cashier.html?{url.query}")
    assert (shown["total"], late, refusal["error"]) == (1000, 400, "支付链接无效或已过期")


async def test_the_client_checks_the_signature_it_is_invoked_with(rig: Rig, merchant: Merchant) -> None:
    prepay_id = await merchant.place("tea-0008")
    package = f"prepay_id={prepay_id}"
    given = {
        "appId": merchant.appid,
        "timeStamp": "1",
        "nonceStr": "n",
        "package": package,
        "signType": "RSA",
    }
    message = f"{merchant.appid}\n1\nn\n{package}\n".encode()

    status, refused = await rig.request(
        "POST", f"/sandbox/people/{PAYER}/pay", json={"invocation": given | {"paySign": merchant.sign(b"x")}}
    )
    assert (status, refused["error"]) == (400, "支付验证签名失败")
    assert (await merchant.query("tea-0008"))["trade_state"] == "NOTPAY"
    await rig.act(PAYER, "pay", invocation=given | {"paySign": merchant.sign(message)})
    assert (await merchant.query("tea-0008"))["trade_state"] == "SUCCESS"


async def test_an_app_is_invoked_with_the_bare_prepay_id(rig: Rig, merchant: Merchant) -> None:
    body = merchant.order("tea-0009")
    del body["payer"]
    prepay_id = (await merchant.call("POST", f"{ROOT}/app", body)).json["prepay_id"]
    signature = merchant.sign(f"{merchant.appid}\n1\nn\n{prepay_id}\n".encode())
    given = {
        "appid": merchant.appid,
        "partnerid": merchant.mchid,
        "prepayid": prepay_id,
        "package": "Sign=WXPay",
        "noncestr": "n",
        "timestamp": "1",
        "sign": signature,
    }

    paid = await rig.act(PAYER, "pay", invocation=given)

    assert (paid["state"], paid["trade_type"]) == ("SUCCESS", "APP")


async def test_who_may_pay_and_until_when(rig: Rig, merchant: Merchant) -> None:
    prepay_id = await merchant.place("tea-0010", time_expire="2026-03-01T13:00:00+08:00")
    status, other = await rig.request("POST", "/sandbox/people/5/pay", json={"mark": prepay_id})
    rig.clock.advance(3600)
    late_status, late = await rig.request("POST", f"/sandbox/people/{PAYER}/pay", json={"mark": prepay_id})

    assert (status, other["error"]) == (400, "下单用户与支付用户不一致")
    assert (late_status, late["error"]) == (400, "订单已过期,请重新下单")


async def test_a_prepay_id_ends_after_two_hours_and_the_order_after_seven_days(
    rig: Rig, merchant: Merchant
) -> None:
    old = await merchant.place("tea-0011")
    rig.clock.advance(2 * 3600)
    status, _ = await rig.request("POST", f"/sandbox/people/{PAYER}/pay", json={"mark": old})
    new = await merchant.place("tea-0011")
    state = (await rig.control("GET", "/cashier", mark=new))["state"]
    rig.clock.advance(7 * 86_400)

    assert (status, state) == (400, "NOTPAY")
    assert (await merchant.query("tea-0011"))["trade_state"] == "CLOSED"


async def test_a_person_may_go_away_and_pay_later(rig: Rig, merchant: Merchant) -> None:
    prepay_id = await merchant.place("tea-0012")
    for outcome in ("cancel", "fail"):
        left = await rig.act(PAYER, "pay", mark=prepay_id, outcome=outcome)
        assert left["state"] == "NOTPAY"
    waiting = await rig.control("GET", f"/people/{PAYER}/payments")
    paid = await rig.act(PAYER, "pay", mark=prepay_id)

    assert [one["number"] for one in waiting["items"]] == ["tea-0012"]
    assert [one["outcome"] for one in paid["attempts"]] == ["cancel", "fail", "paid"]
    assert (await rig.control("GET", f"/people/{PAYER}/payments"))["items"] == []


async def test_a_payment_code_is_good_once_and_for_a_minute(rig: Rig, merchant: Merchant) -> None:
    async def scan(number: str, code: str) -> Any:
        body = merchant.order(number, payer={"auth_code": code}, scene_info={"store_info": {"id": "1"}})
        del body["notify_url"]
        return await merchant.call("POST", f"{ROOT}/codepay", body)

    code = (await rig.act(4, "payment-code"))["code"]
    paid, again = await scan("tea-0013", code), await scan("tea-0014", code)
    asking = (await rig.act(4, "payment-code", asks_password=True))["code"]
    waiting = await scan("tea-0015", asking)
    old = (await rig.act(4, "payment-code"))["code"]
    rig.clock.advance(61)
    late = await scan("tea-0016", old)

    assert (paid.status, paid.json["trade_state"], paid.json["trade_type"]) == (200, "SUCCESS", "MICROPAY")
    assert (again.code, late.code) == ("AUTH_CODE_INVALID", "AUTH_CODE_EXPIRE")
    assert (waiting.status, waiting.json["trade_state"]) == (202, "USERPAYING")
    closing = await merchant.call("POST", f"{ROOT}/out-trade-no/tea-0013/close", {"mchid": merchant.mchid})
    names = {"appid": merchant.appid, "mchid": merchant.mchid}
    back = await merchant.call("POST", f"{ROOT}/out-trade-no/tea-0013/reverse", names)
    assert (closing.reason, back.json) == (268449641, names | {"out_trade_no": "tea-0013"})
    assert (await merchant.query("tea-0013"))["trade_state"] == "REVOKED"
    assert (await merchant.balance())["BASIC"]["total"] == 0


async def test_a_payment_by_code_is_reversed_once_and_never_twice(rig: Rig, merchant: Merchant) -> None:
    names = {"appid": merchant.appid, "mchid": merchant.mchid}
    await merchant.paid("tea-0020", 5000)

    async def by_code(number: str, **more: Any) -> None:
        code = (await rig.act(4, "payment-code"))["code"]
        scene = {"store_info": {"id": "1"}}
        body = merchant.order(number, payer={"auth_code": code}, scene_info=scene, **more)
        del body["notify_url"]
        assert (await merchant.call("POST", f"{ROOT}/codepay", body)).status == 200

    async def reverse(number: str) -> Any:
        return await merchant.call("POST", f"{ROOT}/out-trade-no/{number}/reverse", names)

    before = (await merchant.balance())["BASIC"]
    await by_code("tea-0021", settle_info={"profit_sharing": True})
    first, again = await reverse("tea-0021"), await reverse("tea-0021")
    after = (await merchant.balance())["BASIC"]
    await by_code("tea-0022")
    await merchant.refund("tea-0022", "back-22", 400)
    refunded = await reverse("tea-0022")
    await by_code("tea-0023")
    rig.clock.advance(8 * 86_400)
    late = await reverse("tea-0023")

    assert (first.status, again.status, after) == (200, 200, before)
    assert (refunded.code, late.code) == ("INVALID_REQUEST", "INVALID_REQUEST")


async def test_an_order_says_what_it_is_not_paid_with(rig: Rig, merchant: Merchant) -> None:
    prepay_id = await merchant.place("tea-0030", 1000, limit_pay=["no_credit", "no_balance"])
    for bank_type in ("ICBC_CREDIT", "OTHERS"):
        with pytest.raises(AssertionError):
            await rig.act(PAYER, "pay", mark=prepay_id, bank_type=bank_type)
    await rig.act(PAYER, "pay", mark=prepay_id, bank_type="CMB_DEBIT")
    balance = await merchant.paid("tea-0031", 1000, limit_pay=["balance_only"])

    assert (await merchant.query("tea-0030"))["bank_type"] == "CMB_DEBIT"
    assert balance["bank_type"] == "OTHERS"


async def test_money_less_the_fee_is_the_merchants(merchant: Merchant) -> None:
    await merchant.paid("tea-0017", 1000)

    assert (await merchant.balance())["BASIC"] == {"total": 994, "frozen": 0, "available": 994}


@pytest.mark.parametrize("code", ["SYSTEM_ERROR", "BANK_ERROR", "FREQUENCY_LIMITED"])
async def test_a_call_goes_wrong_on_command(rig: Rig, merchant: Merchant, code: str) -> None:
    await rig.control("POST", "/faults", {"path": f"{ROOT}/jsapi", "code": code, "times": 1})

    refused = await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0018"))

    assert refused.code == code
    assert (await rig.control("GET", f"/merchants/{merchant.mchid}/orders"))["items"] == []
    assert await merchant.place("tea-0018")


async def test_an_order_takes_effect_though_the_answer_is_lost(rig: Rig, merchant: Merchant) -> None:
    rule = {"path": f"{ROOT}/jsapi", "drop_after_effect": True, "times": 1, "appid": merchant.mchid}
    await rig.control("POST", "/faults", rule)
    started = time.monotonic()
    with pytest.raises(Exception, match=r".*"):
        await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0019"))

    assert time.monotonic() - started < 5
    assert (await merchant.query("tea-0019"))["trade_state"] == "NOTPAY"


async def test_an_answer_may_be_signed_wrongly(rig: Rig, merchant: Merchant) -> None:
    await rig.control("POST", "/faults", {"path": f"{ROOT}/*", "wrong_signature": True, "times": 1})

    answer = await merchant.call("POST", f"{ROOT}/jsapi", merchant.order("tea-0020"), verify=False)

    with pytest.raises(Exception, match=r".*"):
        merchant.verify(answer.headers, answer.content)


async def test_orders_survive_a_restart(start_rig: Any, tmp_path: Any) -> None:
    state = tmp_path / "state.db"
    rig = await start_rig(state=state)
    mchid = (await rig.control("GET", "/merchants"))["items"][0]["mchid"]
    merchant = Merchant(rig, await rig.control("GET", f"/merchants/{mchid}"))
    prepay_id = await merchant.place("tea-0021")
    await rig.stop()

    again = await start_rig(state=state)
    later = Merchant(again, await again.control("GET", f"/merchants/{mchid}"))
    await again.act(PAYER, "pay", mark=prepay_id)

    assert (await later.query("tea-0021"))["trade_state"] == "SUCCESS"
