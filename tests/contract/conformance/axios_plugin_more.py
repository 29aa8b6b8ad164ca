"""More calls that users of wechatpay-axios-plugin chain: whole families, endpoint by endpoint."""

from typing import Any

from contract.conformance.axios_plugin_cases import CHAINS, Chain, call, paid
from contract.conformance.pay_world import INFOS, NOTIFY, PayWorld, day, moment

BUSI, FAVOR = "v3/marketing/busifavor", "v3/marketing/favor"


def _combined(w: PayWorld, number: str, **more: Any) -> dict[str, Any]:
    subs = [
        {
            "mchid": w.mchid,
            "attach": "店一",
            "amount": {"total_amount": 500, "currency": "CNY"},
            "out_trade_no": f"{number}-{part}",
            "description": "茶",
        }
        for part in (1, 2)
    ]
    names = {"combine_appid": w.appid, "combine_mchid": w.mchid, "combine_out_trade_no": number}
    return names | {"sub_orders": subs, "notify_url": NOTIFY} | more


def combined(w: PayWorld) -> None:
    root = "v3/combine-transactions"
    payer = {"combine_payer_info": {"openid": w.openid}}
    scene = {"payer_client_ip": "10.0.0.1", "device_id": "d1"}
    mark = call(w, {"prepay_id": str}, "post", f"{root}/jsapi", _combined(w, "whole-1", **payer))["prepay_id"]
    w.act("pay", mark=mark)
    whole = call(w, {"sub_orders": [{"trade_state": "SUCCESS"}] * 2}, "get", f"{root}/out-trade-no/whole-1")
    assert whole["combine_payer_info"] == {"openid": w.openid}
    call(w, {"code_url": str}, "post", f"{root}/native", _combined(w, "whole-2"))
    call(w, {"prepay_id": str}, "post", f"{root}/app", _combined(w, "whole-3"))
    page = {"scene_info": scene | {"h5_info": {"type": "Wap"}}}
    call(w, {"h5_url": str}, "post", f"{root}/h5", _combined(w, "whole-4", **page))
    named = [{"mchid": w.mchid, "out_trade_no": f"whole-2-{part}"} for part in (1, 2)]
    body = {"combine_appid": w.appid, "sub_orders": named}
    call(w, "", "post", f"{root}/out-trade-no/whole-2/close", body, status=204)


def money_flows(w: PayWorld) -> None:
    paid(w, "tea-0001", ago_s=2 * 86_400)
    call(w, {"hash_type": "SHA1"}, "get", "v3/bill/fundflowbill", bill_date=day(-2))
    call(w, {"code": "NO_STATEMENT_EXIST"}, "get", "v3/bill/tradebill", bill_date=day(-40), status=400)
    call(w, {"code": "INVALID_REQUEST"}, "get", "v3/bill/tradebill", bill_date=day(0), status=400)


def sharing_orders(w: PayWorld) -> None:
    root = "v3/profitsharing"
    receiver = {"type": "PERSONAL_OPENID", "account": w.openid}
    call(
        w, receiver, "post", f"{root}/receivers/add", receiver | {"appid": w.appid, "relation_type": "STAFF"}
    )
    transaction_id = paid(w, "tea-0001", ago_s=120, settle_info={"profit_sharing": True})
    whose = {"transaction_id": transaction_id}
    share = receiver | {"amount": 100, "description": "分账"}
    body = whose | {"out_order_no": "share-1", "receivers": [share], "unfreeze_unsplit": False}
    call(w, {"state": "PROCESSING"}, "post", f"{root}/orders", body)
    call(w, {"out_order_no": "share-1"}, "get", f"{root}/orders/share-1", transaction_id=transaction_id)
    call(w, {"unsplit_amount": int}, "get", f"{root}/transactions/{transaction_id}/amounts")
    rest = whose | {"out_order_no": "share-2", "description": "解冻"}
    call(w, {"out_order_no": "share-2"}, "post", f"{root}/orders/unfreeze", rest)
    # ``receivers/delete`` cannot be chained: its last part is a verb of the plugin.


def authorizations(w: PayWorld) -> None:
    root, bills = (
        "v3/fund-app/mch-transfer/user-confirm-authorization",
        "v3/fund-app/mch-transfer/transfer-bills",
    )
    asked = {
        "out_authorization_no": "leave1",
        "appid": w.appid,
        "openid": w.openid,
        "transfer_scene_id": "1000",
        "user_display_name": "张*",
        "authorization_notify_url": NOTIFY,
    }
    made = call(w, {"state": "WAIT_USER_CONFIRM"}, "post", root, asked)
    w.act("allow-transfers", package_info=made["package_info"])
    url = f"{root}/out-authorization-no/leave1"
    call(w, {"state": "TAKING_EFFECT", "transfer_scene_id": "1000"}, "get", url)
    transfer = {
        "appid": w.appid,
        "out_bill_no": "bill2",
        "transfer_scene_id": "1000",
        "transfer_amount": 100,
        "transfer_remark": "奖励",
        "transfer_scene_report_infos": INFOS,
    }
    given = transfer | {"out_authorization_no": "leave1"}
    call(w, {"out_bill_no": "bill2"}, "post", f"{bills}/transfer", given)
    info = {
        "user_display_name": "张*",
        "out_authorization_no": "leave2",
        "authorization_notify_url": NOTIFY,
    }
    both = transfer | {"out_bill_no": "bill3", "openid": w.openid, "authorization_info": info}
    call(w, {"package_info": str}, "post", f"{bills}/pre-transfer-with-authorization", both)
    closed = {"state": "CLOSED", "close_info": {"close_reason": "CLOSE_VIA_MCH_API"}}
    call(w, closed, "post", f"{url}/close", {})


def cash_coupons(w: PayWorld) -> None:
    rule = {"fixed_normal_coupon": {"coupon_amount": 100, "transaction_minimum": 500}}
    body = {
        "stock_name": "满减券",
        "belong_merchant": w.mchid,
        "available_begin_time": moment(),
        "available_end_time": moment(30),
        "stock_use_rule": {
            "max_coupons": 10,
            "max_amount": 1000,
            "max_coupons_per_user": 2,
            "natural_person_limit": False,
            "prevent_api_abuse": False,
        },
        "coupon_use_rule": rule | {"available_items": ["oolong"], "available_merchants": [w.mchid]},
        "no_cash": True,
        "stock_type": "NORMAL",
        "out_request_no": "stock-1",
    }
    stock = call(w, {"stock_id": str}, "post", f"{FAVOR}/coupon-stocks", body)["stock_id"]
    url, own = f"{FAVOR}/stocks/{stock}", {"stock_creator_mchid": w.mchid}
    call(w, {"stock_id": stock}, "post", f"{url}/start", own)
    call(w, {"stock_id": stock}, "post", f"{url}/pause", own)
    call(w, {"stock_id": stock}, "post", f"{url}/restart", own)
    call(w, {"stock_id": stock}, "post", f"{url}/modify-goods-id", own | {"add_goods_id_list": ["green"]})
    call(w, {"data": ["oolong", "green"]}, "get", f"{url}/items", offset=0, limit=10, **own)
    for flow, name in (("use", "useflow"), ("refund", "refundflow")):
        gives = {"url": str, f"stock_{name}_hash": str, f"stock_{name}_count": "0"}
        call(w, gives, "get", f"{url}/{flow}-flow-by-day", bill_date=day(-1))
    where = {"mchid": w.mchid, "notify_url": NOTIFY, "switch": True}
    call(w, {"notify_url": NOTIFY}, "post", f"{FAVOR}/callbacks", where)
    call(w, {"mchid": w.mchid, "notify_url": NOTIFY}, "get", f"{FAVOR}/callbacks", mchid=w.mchid)


def merchant_codes(w: PayWorld) -> None:
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
        "coupon_code_mode": "MERCHANT_UPLOAD",
    }
    stock = call(w, {"stock_id": str}, "post", f"{BUSI}/stocks", body)["stock_id"]
    url = f"{BUSI}/stocks/{stock}/couponcodes"
    codes = {"coupon_code_list": ["c001", "c002"], "upload_request_no": "u1"}
    call(w, {"success_count": 2}, "post", url, codes)
    call(w, {"total_count": 2}, "get", url, offset=0, limit=10)
    call(w, {"code_information": {"code": "c001"}}, "get", f"{url}/c001")
    call(w, {"stock_id": stock}, "delete", f"{url}/c001", delete_request_no="d1")
    call(w, {"data": [{"code": "c002"}]}, "get", url, offset=0, limit=10)


def gifts(w: PayWorld) -> None:
    root = "v3/marketing/paygiftactivity"
    call(w, {"total_count": 0}, "get", f"{root}/activities", offset=0, limit=10)


CHAINS_OF_ALL: Chain = CHAINS | {
    one.__name__: one
    for one in (combined, money_flows, sharing_orders, authorizations, cash_coupons, merchant_codes, gifts)
}
