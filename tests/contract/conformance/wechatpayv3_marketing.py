"""What wechatpayv3 does with coupons, gifts, complaints, services on credit and guides."""

from typing import Any

from contract.conformance.cases import OutOfScope, out_of_scope
from contract.conformance.pay_world import NOTIFY, Case, PayWorld, day, moment


def marketing_image_upload(w: PayWorld) -> None:
    w.expect({"media_url": str}, "marketing_image_upload", w.picture())


# Cash coupons


def marketing_favor_stock_create(w: PayWorld) -> None:
    _stock(w)


def marketing_favor_stock_start(w: PayWorld) -> None:
    _running(w)


def marketing_favor_stock_pause(w: PayWorld) -> None:
    w.expect({"pause_time": str}, "marketing_favor_stock_pause", w.mchid, _running(w))


def marketing_favor_stock_restart(w: PayWorld) -> None:
    stock_id = _running(w)
    w.do("marketing_favor_stock_pause", w.mchid, stock_id)
    w.expect({"restart_time": str}, "marketing_favor_stock_restart", w.mchid, stock_id)


def marketing_favor_stock_send(w: PayWorld) -> None:
    _sent(w)


def marketing_favor_stock_list(w: PayWorld) -> None:
    stock_id = _stock(w)
    w.expect({"data": [{"stock_id": stock_id}]}, "marketing_favor_stock_list", w.mchid, offset=0, limit=10)


def marketing_favor_stock_detail(w: PayWorld) -> None:
    w.expect({"status": "running"}, "marketing_favor_stock_detail", w.mchid, _running(w))


def marketing_favor_stock_merchant(w: PayWorld) -> None:
    w.expect({"data": [w.mchid]}, "marketing_favor_stock_merchant", w.mchid, _stock(w))


def marketing_favor_stock_item(w: PayWorld) -> None:
    w.expect({"total_count": 0}, "marketing_favor_stock_item", w.mchid, _stock(w))


def marketing_favor_coupon_detail(w: PayWorld) -> None:
    _, coupon_id = _sent(w)
    w.expect({"status": "SENDED"}, "marketing_favor_coupon_detail", coupon_id, w.openid)


def marketing_favor_user_coupon(w: PayWorld) -> None:
    _, coupon_id = _sent(w)
    w.expect(
        {"data": [{"coupon_id": coupon_id}]},
        "marketing_favor_user_coupon",
        w.openid,
        creator_mchid=w.mchid,
    )


def marketing_favor_use_flow(w: PayWorld) -> None:
    stock_id, _ = _sent(w)
    w.paid("tea-0001")
    w.expect({"hash_type": "SHA1", "url": str}, "marketing_favor_use_flow", stock_id)


def marketing_favor_refund_flow(w: PayWorld) -> None:
    w.expect({"hash_type": "SHA1", "url": str}, "marketing_favor_refund_flow", _running(w))


def marketing_favor_callback_update(w: PayWorld) -> None:
    w.expect({"notify_url": NOTIFY}, "marketing_favor_callback_update", NOTIFY)


# Merchant coupons


def marketing_busifavor_stock_create(w: PayWorld) -> None:
    _busi(w)


def marketing_busifavor_stock_query(w: PayWorld) -> None:
    w.expect({"stock_state": "RUNNING"}, "marketing_busifavor_stock_query", _busi(w))


def marketing_busifavor_stock_modify(w: PayWorld) -> None:
    stock_id = _busi(w)
    w.expect("", "marketing_busifavor_stock_modify", stock_id, "m1", goods_name="花茶", status=204)
    w.expect({"goods_name": "花茶"}, "marketing_busifavor_stock_query", stock_id)


def marketing_busifavor_stock_budget(w: PayWorld) -> None:
    w.expect(
        {"max_coupons": 200},
        "marketing_busifavor_stock_budget",
        stock_id=_busi(w),
        modify_budget_request_no="b1",
        target_max_coupons=200,
        current_max_coupons=100,
    )


def marketing_busifavor_couponcode_upload(w: PayWorld) -> None:
    stock_id = _busi(w, mode="MERCHANT_UPLOAD")
    w.expect({"success_count": 2}, "marketing_busifavor_couponcode_upload", stock_id, "u1", ["A1", "A2"])


def marketing_busifavor_user_coupon(w: PayWorld) -> None:
    code, _ = _received(w)
    w.expect({"data": [{"coupon_code": code}]}, "marketing_busifavor_user_coupon", w.openid)


def marketing_busifavor_coupon_detail(w: PayWorld) -> None:
    code, _ = _received(w)
    w.expect({"coupon_state": "SENDED"}, "marketing_busifavor_coupon_detail", code, w.openid)


def marketing_busifavor_coupon_use(w: PayWorld) -> None:
    _used(w)


def marketing_busifavor_coupon_return(w: PayWorld) -> None:
    code, stock_id = _used(w)
    gives = {"wechatpay_return_time": str}
    w.expect(gives, "marketing_busifavor_coupon_return", code, stock_id, "r1")


def marketing_busifavor_coupon_deactivate(w: PayWorld) -> None:
    code, stock_id = _received(w)
    gives = {"wechatpay_deactivate_time": str}
    w.expect(gives, "marketing_busifavor_coupon_deactivate", code, stock_id, "d1")


def marketing_busifavor_coupon_associate(w: PayWorld) -> None:
    code, stock_id = _used(w)
    gives = {"wechatpay_associate_time": str}
    w.expect(gives, "marketing_busifavor_coupon_associate", stock_id, code, "tea-0001", "a1")


def marketing_busifavor_coupon_disassociate(w: PayWorld) -> None:
    code, stock_id = _used(w)
    w.do("marketing_busifavor_coupon_associate", stock_id, code, "tea-0001", "a1")
    gives = {"wechatpay_disassociate_time": str}
    w.expect(gives, "marketing_busifavor_coupon_disassociate", stock_id, code, "tea-0001", "a2")


def marketing_busifavor_callback_update(w: PayWorld) -> None:
    w.expect({"notify_url": NOTIFY}, "marketing_busifavor_callback_update", None, NOTIFY)


def marketing_busifavor_callback_query(w: PayWorld) -> None:
    w.do("marketing_busifavor_callback_update", None, NOTIFY)
    w.expect({"notify_url": NOTIFY}, "marketing_busifavor_callback_query")


def marketing_busifavor_subsidy_pay(w: PayWorld) -> None:
    _subsidy(w)


def marketing_busifavor_subsidy_query(w: PayWorld) -> None:
    receipt_id = _subsidy(w)["subsidy_receipt_id"]
    w.expect({"status": "SUCCESS"}, "marketing_busifavor_subsidy_query", receipt_id)


def marketing_card_send(w: PayWorld) -> None:
    w.expect({"card_code": str}, "marketing_card_send", _busi(w), w.openid, "c1", moment())


# Gifts after payment


def marketing_paygift_activity_create(w: PayWorld) -> None:
    _gift(w)


def marketing_paygift_activity_detail(w: PayWorld) -> None:
    w.expect({"activity_status": "ONGOING_ACT_STATUS"}, "marketing_paygift_activity_detail", _gift(w))


def marketing_paygift_merchants_list(w: PayWorld) -> None:
    w.expect({"data": [{"mchid": w.mchid}]}, "marketing_paygift_merchants_list", _gift(w))


def marketing_paygift_goods_list(w: PayWorld) -> None:
    w.expect({"total_count": 0}, "marketing_paygift_goods_list", _gift(w))


def marketing_paygift_merchant_add(w: PayWorld) -> None:
    gives = {"invalid_merchant_id_list": [{"mchid": "1900000000"}]}
    w.expect(gives, "marketing_paygift_merchant_add", _gift(w), "a1", ["1900000000"])


def marketing_paygift_merchant_delete(w: PayWorld) -> None:
    w.expect({"delete_time": str}, "marketing_paygift_merchant_delete", _gift(w), [w.mchid], "d1")


def marketing_paygift_activity_terminate(w: PayWorld) -> None:
    w.expect({"terminate_time": str}, "marketing_paygift_activity_terminate", _gift(w))


# Complaints


def complaint_list_query(w: PayWorld) -> None:
    found = _complaint(w)
    gives = {"data": [{"complaint_id": found}]}
    w.expect(gives, "complaint_list_query", day(-1), day(0), complainted_mchid=w.mchid)


def complaint_detail_query(w: PayWorld) -> None:
    body = w.expect({"complaint_state": "PENDING"}, "complaint_detail_query", _complaint(w))
    if "payer_phone" in body:
        assert w.do("decrypt", body["payer_phone"]).isdecimal()


def complaint_history_query(w: PayWorld) -> None:
    w.expect({"total_count": 1}, "complaint_history_query", _complaint(w))


def complaint_response(w: PayWorld) -> None:
    w.expect("", "complaint_response", _complaint(w), "马上处理", status=204)


def complaint_complete(w: PayWorld) -> None:
    found = _complaint(w)
    w.do("complaint_response", found, "马上处理")
    w.expect("", "complaint_complete", found, status=204)


def complaint_update_refund(w: PayWorld) -> None:
    w.expect("", "complaint_update_refund", _complaint(w), "APPROVE", 0, status=204)


def complaint_image_upload(w: PayWorld) -> None:
    w.expect({"media_id": str}, "complaint_image_upload", w.picture())


def complaint_image_download(w: PayWorld) -> None:
    _, made = w.do("complaint_image_upload", w.picture())
    path = f"/v3/merchant-service/images/{made['media_id']}"
    found = w.do("complaint_image_download", path)
    assert found[1]["base64"].startswith("iVBOR"), found  # PNG


def complaint_notification_create(w: PayWorld) -> None:
    w.expect({"url": NOTIFY}, "complaint_notification_create", NOTIFY)


def complaint_notification_query(w: PayWorld) -> None:
    w.do("complaint_notification_create", NOTIFY)
    w.expect({"url": NOTIFY}, "complaint_notification_query")


def complaint_notification_update(w: PayWorld) -> None:
    w.do("complaint_notification_create", NOTIFY)
    w.expect({"url": f"{NOTIFY}/2"}, "complaint_notification_update", f"{NOTIFY}/2")


def complaint_notification_delete(w: PayWorld) -> None:
    w.do("complaint_notification_create", NOTIFY)
    w.expect("", "complaint_notification_delete", status=204)


# Services on credit, and guides


def payscore_create(w: PayWorld) -> None:
    _service(w)


def payscore_query(w: PayWorld) -> None:
    _service(w)
    w.expect({"state": "CREATED"}, "payscore_query", "500001", "svc-0001")


def payscore_cancel(w: PayWorld) -> None:
    _service(w)
    w.expect({"out_order_no": "svc-0001"}, "payscore_cancel", "svc-0001", "500001", "不用了")


def payscore_complete(w: PayWorld) -> None:
    _finished(w)


def payscore_modify(w: PayWorld) -> None:
    _finished(w)
    w.expect({"total_amount": 500}, "payscore_modify", "svc-0001", "500001", _sum(500), 500, "错")


def payscore_pay(w: PayWorld) -> None:
    _finished(w)
    w.expect({"out_order_no": "svc-0001"}, "payscore_pay", "svc-0001", "500001")


def payscore_sync(w: PayWorld) -> None:
    _finished(w)
    paid = {"paid_time": "20260301120000"}
    w.expect({"state": "DONE"}, "payscore_sync", "svc-0001", "500001", detail=paid)


def payscore_permission(w: PayWorld) -> None:
    w.expect({"apply_permissions_token": str}, "payscore_permission", "500001", "leave-1")


def payscore_permission_query(w: PayWorld) -> None:
    _, made = w.do("payscore_permission", "500001", "leave-1")
    w.act("service", apply_permissions_token=made["apply_permissions_token"])
    gives = {"authorization_state": "AVAILABLE"}
    w.expect(gives, "payscore_permission_query", "500001", authorization_code="leave-1")
    w.expect(gives, "payscore_permission_query", "500001", openid=w.openid)


def payscore_permission_terminate(w: PayWorld) -> None:
    _, made = w.do("payscore_permission", "500001", "leave-1")
    w.act("service", apply_permissions_token=made["apply_permissions_token"])
    w.expect("", "payscore_permission_terminate", "500001", "不用了", openid=w.openid, status=204)


def payscore_refund(w: PayWorld) -> None:
    transaction_id = w.paid("tea-0001")
    sums = {"refund": 100, "total": 1000, "currency": "CNY"}
    w.expect({"status": "PROCESSING"}, "payscore_refund", transaction_id, "back-1", sums)


def payscore_refund_query(w: PayWorld) -> None:
    payscore_refund(w)
    w.expect({"status": "SUCCESS"}, "payscore_refund_query", "back-1")


def guides_register(w: PayWorld) -> None:
    _guide(w)


def guides_query(w: PayWorld) -> None:
    guide_id = _guide(w)
    body = w.expect({"data": [{"guide_id": guide_id}]}, "guides_query", 7)
    assert w.do("decrypt", body["data"][0]["name"]) == "李四"


def guides_update(w: PayWorld) -> None:
    w.expect("", "guides_update", _guide(w), name="王五", status=204)


def guides_assign(w: PayWorld) -> None:
    guide_id = _guide(w)
    w.order("tea-0001")
    w.expect("", "guides_assign", guide_id, "tea-0001", status=204)


# What cases need


def _stock(w: PayWorld) -> str:
    body = w.expect(
        {"stock_id": str},
        "marketing_favor_stock_create",
        stock_name="满减券",
        belong_merchant=w.mchid,
        available_begin_time=moment(),
        available_end_time=moment(30),
        stock_use_rule={
            "max_coupons": 10,
            "max_amount": 1000,
            "max_coupons_per_user": 2,
            "natural_person_limit": False,
            "prevent_api_abuse": False,
        },
        coupon_use_rule={
            "fixed_normal_coupon": {"coupon_amount": 100, "transaction_minimum": 500},
            "available_merchants": [w.mchid],
        },
        no_cash=True,  # The SDK sends it only when it is true.
        stock_type="NORMAL",
        out_request_no="stock-1",
    )
    return str(body["stock_id"])


def _running(w: PayWorld) -> str:
    w.owner("deposit", account="BASIC", amount=1000)
    stock_id = _stock(w)
    w.expect({"start_time": str}, "marketing_favor_stock_start", w.mchid, stock_id)
    return stock_id


def _sent(w: PayWorld) -> tuple[str, str]:
    stock_id = _running(w)
    made = w.expect(
        {"coupon_id": str},
        "marketing_favor_stock_send",
        stock_id=stock_id,
        openid=w.openid,
        out_request_no="send-1",
        stock_creator_mchid=w.mchid,
    )
    return stock_id, str(made["coupon_id"])


def _busi(w: PayWorld, *, mode: str = "WECHATPAY_MODE") -> str:
    body = w.expect(
        {"stock_id": str},
        "marketing_busifavor_stock_create",
        stock_name="八折券",
        belong_merchant=w.mchid,
        goods_name="茶",
        stock_type="NORMAL",
        coupon_use_rule={
            "coupon_available_time": {
                "available_begin_time": moment(),
                "available_end_time": moment(30),
            },
            "fixed_normal_coupon": {"discount_amount": 100, "transaction_minimum": 500},
            "use_method": "OFF_LINE",
        },
        stock_send_rule={"max_coupons": 100, "max_coupons_per_user": 3},
        out_request_no="stock-1",
        coupon_code_mode=mode,
    )
    return str(body["stock_id"])


def _received(w: PayWorld) -> tuple[str, str]:
    stock_id = _busi(w)
    return str(w.act("receive-coupon", stock_id=stock_id)["coupon_code"]), stock_id


def _used(w: PayWorld) -> tuple[str, str]:
    code, stock_id = _received(w)
    w.expect(
        {"openid": w.openid},
        "marketing_busifavor_coupon_use",
        coupon_code=code,
        stock_id=stock_id,
        use_time=moment(),
        use_request_no="use-1",
    )
    return code, stock_id


def _subsidy(w: PayWorld) -> Any:
    transaction_id = w.paid("tea-0001")
    code, stock_id = _used(w)
    return w.expect(
        {"status": "SUCCESS"},
        "marketing_busifavor_subsidy_pay",
        stock_id=stock_id,
        coupon_code=code,
        transaction_id=transaction_id,
        payer_merchant=w.mchid,
        payee_merchant=w.mchid,
        amount=100,
        description="补差",
        out_subsidy_no="sub-1",
    )


def _gift(w: PayWorld) -> str:
    base = {
        "activity_name": "满十元送",
        "activity_second_title": "送券",
        "merchant_logo_url": "https://wxpaylogo.qpic.cn/a",
        "begin_time": moment(),
        "end_time": moment(30),
        "out_request_no": "gift-1",
        "delivery_purpose": "OFF_LINE_PAY",
    }
    rule = {
        "transaction_amount_minimum": 1000,
        "send_content": "SINGLE_COUPON",
        "award_type": "BUSIFAVOR",
        "award_list": [{"stock_id": _busi(w)}],
        "merchant_option": "MANUAL_INPUT_MERCHANT",
        "merchant_id_list": [w.mchid],
    }
    made = w.expect({"activity_id": str}, "marketing_paygift_activity_create", base, rule)
    return str(made["activity_id"])


def _complaint(w: PayWorld) -> str:
    said = w.act("complain", transaction_id=w.paid("tea-0001"), refund_amount=100)
    return str(said["complaint_id"])


def _service(w: PayWorld) -> Any:
    return w.expect(
        {"package": str},
        "payscore_create",
        "svc-0001",
        "500001",
        "充电宝",
        {"start_time": "OnAccept"},
        {"name": "DEPOSIT", "amount": 1000},
        notify_url=NOTIFY,
    )


def _finished(w: PayWorld) -> None:
    w.act("service-order", package=_service(w)["package"])
    w.expect({"state": "DOING"}, "payscore_complete", "svc-0001", "500001", _sum(600), 600)


def _sum(amount: int) -> list[dict[str, Any]]:
    return [{"name": "租金", "amount": amount}]


def _guide(w: PayWorld) -> str:
    avatar, code = "https://a.example/a.png", "https://work.weixin.qq.com/ca/1"
    made = w.expect({"guide_id": str}, "guides_register", "ww1", 7, "li", "李四", "13800000000", code, avatar)
    return str(made["guide_id"])


def _cases() -> dict[str, Case]:
    begins = ("marketing_", "complaint_", "payscore_", "guides_")
    return {name: one for name, one in globals().items() if name.startswith(begins)}


MARKETING: dict[str, Case | OutOfScope] = {
    **_cases(),
    **out_of_scope("the SDK misspells business_type", "marketing_partnership_build"),
    **out_of_scope("the SDK signs the query before it is encoded", "marketing_partnership_query"),
    **out_of_scope("the SDK posts where the platform wants GET", "marketing_paygift_activity_list"),
    **out_of_scope("the SDK leaves /v3 out of the path", "payscore_direct_complete"),
    **out_of_scope("encrypted bills of PayScore, of which nothing is documented", "payscore_merchant_bill"),
}
