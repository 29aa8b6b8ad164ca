"""What wechatpayv3 does with money: orders, refunds, bills, shares, transfers."""

from typing import Any

from contract.conformance.cases import OutOfScope, out_of_scope
from contract.conformance.pay_world import INFOS, NOTIFY, Case, PayWorld, day

SCENE = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
SHARED = {"settle_info": {"profit_sharing": True}}


def pay(w: PayWorld) -> None:
    w.expect({"prepay_id": str}, "pay", **_order(w, "tea-0001", payer={"openid": w.openid}))
    for kind, gives in (("APP", "prepay_id"), ("NATIVE", "code_url")):
        w.expect({gives: str}, "pay", **_order(w, f"tea-{kind}", pay_type={"$type": kind}))
    w.expect({"h5_url": str}, "pay", **_order(w, "tea-h5", pay_type={"$type": "H5"}, scene_info=SCENE))
    code = w.act("payment-code")["code"]
    scanned = _order(w, "tea-code", pay_type={"$type": "CODEPAY"}, payer={"auth_code": code})
    w.expect({"trade_state": "SUCCESS"}, "pay", **scanned, scene_info={"store_info": {"id": "1"}})


def close(w: PayWorld) -> None:
    w.order("tea-0001")
    w.expect("", "close", "tea-0001", status=204)
    w.expect({"trade_state": "CLOSED"}, "query", out_trade_no="tea-0001")


def query(w: PayWorld) -> None:
    transaction_id = w.paid("tea-0001")
    for marks in ({"out_trade_no": "tea-0001"}, {"transaction_id": transaction_id}):
        w.expect({"trade_state": "SUCCESS", "transaction_id": transaction_id}, "query", **marks)
    w.expect({"code": "ORDER_NOT_EXIST"}, "query", out_trade_no="nobody", status=404)


def codepay_reverse(w: PayWorld) -> None:
    code = w.act("payment-code")["code"]
    scanned = _order(w, "tea-code", pay_type={"$type": "CODEPAY"}, payer={"auth_code": code})
    w.do("pay", **scanned, scene_info={"store_info": {"id": "1"}})
    w.expect({"out_trade_no": "tea-code"}, "codepay_reverse", "tea-code")


def refund(w: PayWorld) -> None:
    w.paid("tea-0001")
    w.expect({"status": "PROCESSING", "refund_id": str}, "refund", **_refund("back-1", 300))
    w.expect({"code": "INVALID_REQUEST"}, "refund", **_refund("back-1", 200), status=400)


def query_refund(w: PayWorld) -> None:
    w.paid("tea-0001")
    w.do("refund", **_refund("back-1", 300))
    w.expect({"status": "SUCCESS", "amount": {"refund": 300}}, "query_refund", "back-1")


def abnormal_refund(w: PayWorld) -> None:
    w.paid("tea-0001")
    w.owner("next-refund", status="ABNORMAL")
    _, made = w.do("refund", **_refund("back-1", 300))
    w.expect({"status": "ABNORMAL"}, "query_refund", "back-1")
    card = {"bank_type": "ICBC_DEBIT", "bank_account": "6222", "real_name": "张三"}
    w.expect(
        {"status": "PROCESSING"},
        "abnormal_refund",
        made["refund_id"],
        "back-1",
        "USER_BANK_CARD",
        **card,
    )


def trade_bill(w: PayWorld) -> None:
    w.paid("tea-0001", ago_s=2 * 86_400)
    w.expect({"hash_type": "SHA1", "download_url": str}, "trade_bill", day(-2))
    w.expect({"code": "NO_STATEMENT_EXIST"}, "trade_bill", day(-5), status=400)


def fundflow_bill(w: PayWorld) -> None:
    w.paid("tea-0001", ago_s=2 * 86_400)
    w.expect({"hash_type": "SHA1", "download_url": str}, "fundflow_bill", day(-2))


def download_bill(w: PayWorld) -> None:
    w.paid("tea-0001", ago_s=2 * 86_400)
    _, offered = w.do("trade_bill", day(-2))
    body = w.expect({"base64": str}, "download_bill", offered["download_url"])
    assert body["base64"].startswith("H4sI")  # gzip


def combine_pay(w: PayWorld) -> None:
    w.expect({"prepay_id": str}, "combine_pay", **_combined(w))


def combine_query(w: PayWorld) -> None:
    _, made = w.do("combine_pay", **_combined(w))
    w.act("pay", mark=made["prepay_id"])
    states = [{"trade_state": "SUCCESS"}, {"trade_state": "SUCCESS"}]
    w.expect({"combine_out_trade_no": "whole-1", "sub_orders": states}, "combine_query", "whole-1")


def combine_close(w: PayWorld) -> None:
    w.do("combine_pay", **_combined(w))
    subs = [{"mchid": w.mchid, "out_trade_no": f"part-{one}0"} for one in "ab"]
    w.expect("", "combine_close", "whole-1", subs, status=204)


# Profit sharing


def profitsharing_add_receiver(w: PayWorld) -> None:
    w.expect({"account": w.openid}, "profitsharing_add_receiver", "PERSONAL_OPENID", w.openid, "STAFF")


def profitsharing_delete_receiver(w: PayWorld) -> None:
    w.expect({"account": w.openid}, "profitsharing_delete_receiver", "PERSONAL_OPENID", w.openid)


def profitsharing_order(w: PayWorld) -> None:
    _share(w)


def profitsharing_order_query(w: PayWorld) -> None:
    transaction_id = _share(w)
    w.expect({"order_id": str}, "profitsharing_order_query", transaction_id, "share-1")


def profitsharing_unfreeze(w: PayWorld) -> None:
    transaction_id = w.paid("tea-0001", ago_s=61, **SHARED)
    w.expect({"state": "PROCESSING"}, "profitsharing_unfreeze", transaction_id, "free-1", "解冻")


def profitsharing_amount_query(w: PayWorld) -> None:
    transaction_id = w.paid("tea-0001", ago_s=61, **SHARED)
    w.expect({"unsplit_amount": 994}, "profitsharing_amount_query", transaction_id)


def profitsharing_config_query(w: PayWorld) -> None:
    w.expect({"max_ratio": 3000}, "profitsharing_config_query", w.mchid)


def profitsharing_return(w: PayWorld) -> None:
    _share(w)
    gives = {"code": "INVALID_REQUEST"}  # A person gives nothing back.
    w.expect(gives, "profitsharing_return", "ret-1", w.mchid, 10, "退", None, "share-1", status=400)


def profitsharing_return_query(w: PayWorld) -> None:
    w.expect({"code": "RESOURCE_NOT_EXISTS"}, "profitsharing_return_query", "share-1", "ret-1", status=404)


def profitsharing_bill(w: PayWorld) -> None:
    w.expect({"code": "NO_STATEMENT_EXIST"}, "profitsharing_bill", day(-2), status=400)


# Transfers


def mch_transfer_bills(w: PayWorld) -> None:
    made = _transfer(w)
    assert made["state"] == "WAIT_USER_CONFIRM"


def mch_transfer_bills_cancel(w: PayWorld) -> None:
    _transfer(w)
    w.expect({"state": "CANCELING"}, "mch_transfer_bills_cancel", "bill1")


def mch_transfer_bills_query(w: PayWorld) -> None:
    made = _paid_transfer(w)
    for marks in ({"out_bill_no": "bill1"}, {"transfer_bill_no": made["transfer_bill_no"]}):
        w.expect({"state": "SUCCESS"}, "mch_transfer_bills_query", **marks)


def mch_transfer_elecsign(w: PayWorld) -> None:
    made = _paid_transfer(w)
    for marks in ({"out_bill_no": "bill1"}, {"transfer_bill_no": made["transfer_bill_no"]}):
        w.expect({"state": "GENERATING"}, "mch_transfer_elecsign", **marks)


def mch_transfer_elecsign_query(w: PayWorld) -> None:
    made = _paid_transfer(w)
    w.do("mch_transfer_elecsign", "bill1")
    for marks in ({"out_bill_no": "bill1"}, {"transfer_bill_no": made["transfer_bill_no"]}):
        w.expect({"create_time": str}, "mch_transfer_elecsign_query", **marks)


def transfer_batch(w: PayWorld) -> None:
    _batch(w)


def transfer_query_out_batch_no(w: PayWorld) -> None:
    _batch(w)
    w.expect({"transfer_batch": {"batch_status": "FINISHED"}}, "transfer_query_out_batch_no", "batch1", True)


def transfer_query_batchid(w: PayWorld) -> None:
    w.expect({"transfer_batch": {"total_num": 1}}, "transfer_query_batchid", _batch(w)["batch_id"])


def transfer_query_out_detail_no(w: PayWorld) -> None:
    _batch(w)
    w.expect({"detail_status": "SUCCESS"}, "transfer_query_out_detail_no", "d1", "batch1")


def transfer_query_detail_id(w: PayWorld) -> None:
    batch_id = _batch(w)["batch_id"]
    _, found = w.do("transfer_query_out_detail_no", "d1", "batch1")
    w.expect({"out_detail_no": "d1"}, "transfer_query_detail_id", batch_id, found["detail_id"])


def transfer_query_bill_receipt(w: PayWorld) -> None:
    _batch(w)
    w.expect({"signature_status": "FINISHED"}, "transfer_query_bill_receipt", "batch1")


_CASES = (
    pay, close, query, codepay_reverse, refund, query_refund, abnormal_refund, trade_bill, fundflow_bill,
    download_bill, combine_pay, combine_query, combine_close, profitsharing_add_receiver,
    profitsharing_delete_receiver, profitsharing_order, profitsharing_order_query, profitsharing_unfreeze,
    profitsharing_amount_query, profitsharing_config_query, profitsharing_return, profitsharing_return_query,
    profitsharing_bill, mch_transfer_bills, mch_transfer_bills_cancel, mch_transfer_bills_query,
    mch_transfer_elecsign, mch_transfer_elecsign_query, transfer_batch, transfer_query_out_batch_no,
    transfer_query_batchid, transfer_query_out_detail_no, transfer_query_detail_id,
    transfer_query_bill_receipt,
)  # fmt: skip
MONEY: dict[str, Case | OutOfScope] = {
    **{case.__name__: case for case in _CASES},
    **out_of_scope("service providers, who act for other merchants", "submch_fundflow_bill"),
    **out_of_scope(
        "the SDK passes a parameter its own request does not have",
        "transfer_bill_receipt",
        "transfer_detail_receipt",
    ),
    **out_of_scope("receipts of single payments of a batch: undocumented", "transfer_query_receipt"),
}


def _order(w: PayWorld, number: str, **more: Any) -> dict[str, Any]:
    return {"description": "茶", "out_trade_no": number, "amount": {"total": 1000}} | more


def _refund(number: str, amount: int) -> dict[str, Any]:
    sums = {"refund": amount, "total": 1000, "currency": "CNY"}
    return {"out_refund_no": number, "amount": sums, "out_trade_no": "tea-0001"}


def _combined(w: PayWorld) -> dict[str, Any]:
    subs = [
        {
            "mchid": w.mchid,
            "attach": "店",
            "amount": {"total_amount": 100, "currency": "CNY"},
            "out_trade_no": f"part-{one}0",
            "description": "茶",
        }
        for one in "ab"
    ]
    payer = {"openid": w.openid}
    return {"combine_out_trade_no": "whole-1", "sub_orders": subs, "combine_payer_info": payer}


def _share(w: PayWorld) -> str:
    transaction_id = w.paid("tea-0001", ago_s=61, **SHARED)
    w.do("profitsharing_add_receiver", "PERSONAL_OPENID", w.openid, "STAFF")
    share = {"type": "PERSONAL_OPENID", "account": w.openid, "amount": 100, "description": "分"}
    w.expect({"state": "PROCESSING"}, "profitsharing_order", transaction_id, "share-1", [share], False)
    return transaction_id


def _transfer(w: PayWorld) -> Any:
    return w.expect(
        {"package_info": str},
        "mch_transfer_bills",
        "bill1",
        "1000",
        w.openid,
        100,
        "奖励",
        user_name="张三",
        transfer_scene_report_infos=INFOS,
        notify_url=NOTIFY,
    )


def _paid_transfer(w: PayWorld) -> Any:
    made = _transfer(w)
    w.act("confirm-transfer", package_info=made["package_info"])
    w.expect({"state": "SUCCESS"}, "mch_transfer_bills_query", "bill1")
    return made


def _batch(w: PayWorld) -> Any:
    detail = {"out_detail_no": "d1", "transfer_amount": 100, "transfer_remark": "报销", "openid": w.openid}
    return w.expect(
        {"batch_status": "ACCEPTED"},
        "transfer_batch",
        "batch1",
        "报销",
        "报销",
        100,
        1,
        [detail | {"user_name": "张三"}],
    )
