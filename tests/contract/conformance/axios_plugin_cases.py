"""Calls that users of wechatpay-axios-plugin chain: one for each endpoint it can reach, by its path."""

from typing import Any

from contract.conformance.pay_world import INFOS, NOTIFY, Case, PayWorld, day, moment

Chain = dict[str, Case]


def call(
    w: PayWorld, gives: Any, verb: str, path: str, body: Any = None, *, status: int = 200, **params: Any
) -> Any:
    """Make a call by its path and hold the answer to what it should be."""
    asked: dict[str, Any] = {"verb": verb, "path": path, "body": body, "params": params}
    return w.expect(gives, path, status=status, **asked)


def place(w: PayWorld, number: str, **more: Any) -> str:
    body = {
        "appid": w.appid,
        "mchid": w.mchid,
        "description": "茶",
        "out_trade_no": number,
        "notify_url": NOTIFY,
        "amount": {"total": 1000},
        "payer": {"openid": w.openid},
    } | more
    return str(call(w, {"prepay_id": str}, "post", "v3/pay/transactions/jsapi", body)["prepay_id"])


def paid(w: PayWorld, number: str, ago_s: float = 0.0, **more: Any) -> str:
    prepay_id = place(w, number, **more)
    return str(w.act("pay", mark=prepay_id, ago_s=ago_s)["items"][0]["transaction_id"])


def orders(w: PayWorld) -> None:
    transaction_id = paid(w, "tea-0001")
    root = "v3/pay/transactions"
    gives = {"trade_state": "SUCCESS"}
    call(w, gives, "get", f"{root}/id/{transaction_id}", mchid=w.mchid)
    call(w, gives, "get", f"{root}/out-trade-no/tea-0001", mchid=w.mchid)
    place(w, "tea-0002")
    call(w, "", "post", f"{root}/out-trade-no/tea-0002/close", {"mchid": w.mchid}, status=204)
    refused = call(
        w,
        {"code": "ORDER_PAID"},
        "post",
        f"{root}/out-trade-no/tea-0001/close",
        {"mchid": w.mchid},
        status=400,
    )
    assert refused["message"]


def refunds(w: PayWorld) -> None:
    paid(w, "tea-0001")
    body = {
        "out_trade_no": "tea-0001",
        "out_refund_no": "back-1",
        "amount": {"refund": 100, "total": 1000, "currency": "CNY"},
    }
    call(w, {"status": "PROCESSING"}, "post", "v3/refund/domestic/refunds", body)
    call(w, {"status": "SUCCESS"}, "get", "v3/refund/domestic/refunds/back-1")


def bills(w: PayWorld) -> None:
    """The plugin reads a bill with its own parser."""
    paid(w, "tea-0001", ago_s=2 * 86_400)
    offered = call(w, {"hash_type": "SHA1"}, "get", "v3/bill/tradebill", bill_date=day(-2))
    token = offered["download_url"].partition("token=")[2]
    asked = {"verb": "get", "path": "v3/billdownload/file", "params": {"token": token}, "binary": True}
    _, file = w.do("v3/billdownload/file", **asked)
    read = w.do("$bill", file["base64"])
    assert [row["商户订单号"] for row in read["rows"]] == ["tea-0001"]
    assert read["summary"]["订单总金额"] == "10.00"


def transfers(w: PayWorld) -> None:
    root = "v3/fund-app/mch-transfer/transfer-bills"
    body = {
        "appid": w.appid,
        "out_bill_no": "bill1",
        "transfer_scene_id": "1000",
        "openid": w.openid,
        "transfer_amount": 200_000,
        "transfer_remark": "奖励",
        "user_name": w.do("$seal", "张三"),
        "transfer_scene_report_infos": INFOS,
    }
    made = call(w, {"state": "WAIT_USER_CONFIRM"}, "post", root, body)
    w.act("confirm-transfer", package_info=made["package_info"])
    found = call(w, {"state": "SUCCESS"}, "get", f"{root}/out-bill-no/bill1")
    assert w.do("$reveal", found["user_name"]) == "张三"


def sharing(w: PayWorld) -> None:
    body = {"appid": w.appid, "type": "PERSONAL_OPENID", "account": w.openid, "relation_type": "STAFF"}
    call(w, {"account": w.openid}, "post", "v3/profitsharing/receivers/add", body)


def coupons(w: PayWorld) -> None:
    times = {"available_begin_time": moment(), "available_end_time": moment(30)}
    body = {
        "stock_name": "八折券",
        "belong_merchant": w.mchid,
        "goods_name": "茶",
        "stock_type": "NORMAL",
        "coupon_use_rule": {
            "coupon_available_time": times,
            "fixed_normal_coupon": {"discount_amount": 100, "transaction_minimum": 500},
            "use_method": "OFF_LINE",
        },
        "stock_send_rule": {"max_coupons": 100, "max_coupons_per_user": 3},
        "out_request_no": "stock-1",
        "coupon_code_mode": "WECHATPAY_MODE",
    }
    stock_id = call(w, {"stock_id": str}, "post", "v3/marketing/busifavor/stocks", body)["stock_id"]
    url = f"v3/marketing/busifavor/stocks/{stock_id}"
    call(w, "", "patch", url, {"out_request_no": "m1", "comment": "好"}, status=204)
    call(w, {"comment": "好"}, "get", url)


def complaints(w: PayWorld) -> None:
    said = w.act("complain", transaction_id=paid(w, "tea-0001"))
    root = "v3/merchant-service/complaints-v2"
    call(w, {"total_count": 1}, "get", root, begin_date=day(-1), end_date=day(0))
    body = {"complainted_mchid": w.mchid, "response_content": "马上处理"}
    call(w, "", "post", f"{root}/{said['complaint_id']}/response", body, status=204)
    call(w, {"total_count": 2}, "get", f"{root}/{said['complaint_id']}/negotiation-historys")
    address = "v3/merchant-service/complaint-notifications"
    call(w, {"url": NOTIFY}, "post", address, {"url": NOTIFY})
    call(w, {"url": NOTIFY}, "put", address, {"url": NOTIFY})
    call(w, "", "delete", address, status=204)


def in_memory(w: PayWorld) -> None:
    """The plugin signs what a client is invoked with."""
    prepay_id = place(w, "tea-0001")
    package = f"prepay_id={prepay_id}"
    signature = w.do("$pay-sign", w.appid, "1", "n", package)
    given = {"appId": w.appid, "timeStamp": "1", "nonceStr": "n", "package": package, "signType": "RSA"}
    assert w.act("pay", invocation=given | {"paySign": signature})["state"] == "SUCCESS"


CHAINS: Chain = {
    one.__name__: one for one in (orders, refunds, bills, transfers, sharing, coupons, complaints, in_memory)
}
