"""The client against the platform's side of the protocol, over real HTTP, in both verification modes."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox
from contract.pay.conftest import keys_of
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.calls import File, Nothing, Sensitive
from quanyu.wechat.errors import OutcomeUnknown
from quanyu.wechat.pay import (
    bills,
    busifavor_stocks,
    combined,
    complaints,
    favor,
    orders,
    payscore,
    profit_sharing,
    refunds,
    smart_guide,
    transfers,
)
from quanyu.wechat.pay.amounts import OrderAmount
from quanyu.wechat.pay.bill_files import CHINA, read_fund_flow_bill, read_trade_bill
from quanyu.wechat.pay.bills import download_bill
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import PayRefusal, UnverifiedAnswer
from quanyu.wechat.pay.invocation import invoke_jsapi
from quanyu.wechat.pay.keys import MemoryCertificateStore
from quanyu.wechat.pay.uploads import meta_of
from quanyu.wechat.transport import Transport

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def order(sandbox: Sandbox, client: PayClient, openid: str, **changes: Any) -> orders.JsapiRequest:
    known: dict[str, Any] = {
        "appid": sandbox.account["appid"],
        "mchid": client.mch_id,
        "description": "一杯茶, 热的",
        "out_trade_no": "tea-0001",
        "notify_url": "https://brand.example/callbacks/pay/k",
        "amount": OrderAmount(total=1990),
        "payer": orders.JsapiPayer(openid=openid),
    }
    return orders.JsapiRequest(**(known | changes))


def query(client: PayClient, number: str = "tea-0001") -> orders.ByOutTradeNo:
    return orders.ByOutTradeNo(out_trade_no=number, mchid=client.mch_id)


async def pay(
    sandbox: Sandbox, client: PayClient, openid: str, number: str = "tea-0001", **how: Any
) -> orders.Transaction:
    """Make an order, and let the person pay it with what our page would hand over."""
    changes = {"settle_info": how.pop("settle_info")} if "settle_info" in how else {}
    made = await client.call(orders.JSAPI, order(sandbox, client, openid, out_trade_no=number, **changes))
    opened = invoke_jsapi(
        client.signer, appid=sandbox.account["appid"], prepay_id=made.prepay_id, at=datetime.now(UTC)
    )
    invocation = {name: getattr(opened, name) for name in opened.__slots__}
    await sandbox.control("POST", "/people/1/pay", {"invocation": invocation, **how})
    return await client.call(orders.QUERY, query(client, number))


async def test_an_order_is_paid_with_our_signature(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    paid = await pay(sandbox, client, openid)

    by_id = await client.call(
        orders.QUERY_BY_ID,
        orders.ByTransactionId(transaction_id=paid.transaction_id, mchid=client.mch_id),
    )
    assert (paid.trade_state, by_id.out_trade_no) == ("SUCCESS", "tea-0001")
    assert paid.payer == orders.Payer(openid=openid)
    assert paid.amount is not None
    assert paid.amount.total == 1990


async def test_every_kind_of_order_is_made_and_closed(
    sandbox: Sandbox, client: PayClient, openid: str
) -> None:
    common = order(sandbox, client, openid)
    fields = {
        name: getattr(common, name) for name in ("appid", "mchid", "description", "notify_url", "amount")
    }
    scene = orders.SceneInfo(payer_client_ip="203.0.113.9", h5_info=orders.H5Info(type="Wap"))

    app = await client.call(orders.APP, orders.OrderRequest(out_trade_no="app-0001", **fields))
    page = await client.call(
        orders.H5, orders.OrderRequest(out_trade_no="h5-00001", scene_info=scene, **fields)
    )
    picture = await client.call(orders.NATIVE, orders.OrderRequest(out_trade_no="nat-0001", **fields))

    assert app.prepay_id
    assert page.h5_url.startswith("http")
    assert picture.code_url.startswith("weixin://wxpay/")
    for number in ("app-0001", "h5-00001", "nat-0001"):
        await client.call(orders.CLOSE, query(client, number))
        assert (await client.call(orders.QUERY, query(client, number))).trade_state == "CLOSED"


async def test_refusals_are_the_platform_s(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    async def refused(make: Any) -> str:
        with pytest.raises(PayRefusal) as error:
            await make
        return error.value.pay_code

    assert await refused(client.call(orders.QUERY, query(client))) == "ORDER_NOT_EXIST"
    await pay(sandbox, client, openid)
    assert await refused(client.call(orders.CLOSE, query(client))) == "ORDER_PAID"
    assert await refused(client.call(orders.JSAPI, order(sandbox, client, openid, appid="wx0000000000"))) in (
        "APPID_MCHID_NOT_MATCH",
        "INVALID_REQUEST",
    )


async def test_an_answer_that_is_not_signed_by_the_platform_does_not_count(
    sandbox: Sandbox, client: PayClient, openid: str
) -> None:
    await client.call(orders.JSAPI, order(sandbox, client, openid))
    await sandbox.fault("/v3/pay/transactions/*", wrong_signature=True)

    with pytest.raises(OutcomeUnknown):
        await client.call(orders.QUERY, query(client))


async def test_a_stranger_s_key_is_refused(
    sandbox: Sandbox, merchant: dict[str, Any], transport: Transport
) -> None:
    from support.pay_keys import private_pem

    keys = keys_of(sandbox, {**merchant, "private_key_pem": private_pem("stranger")}, public_key=True)
    stranger = PayClient(transport, keys, MemoryCertificateStore(), SystemClock())

    with pytest.raises(PayRefusal) as refused:
        await stranger.call(orders.QUERY, query(stranger))
    assert (refused.value.status, refused.value.pay_code) == (401, "SIGN_ERROR")


async def test_a_part_goes_back_once_for_each_number(
    sandbox: Sandbox, client: PayClient, openid: str
) -> None:
    await pay(sandbox, client, openid)
    request = refunds.RefundRequest(
        out_refund_no="back-0001",
        out_trade_no="tea-0001",
        reason="七天无理由",
        amount=refunds.RefundAmount(refund=990, total=1990, currency="CNY"),
    )

    first = await client.call(refunds.REFUND, request)
    again = await client.call(refunds.REFUND, request)
    found = await client.call(refunds.QUERY, refunds.ByOutRefundNo(out_refund_no="back-0001"))

    assert first.refund_id == again.refund_id == found.refund_id
    assert found.amount is not None
    assert found.amount.money.amount_minor == 990


async def test_bills_of_an_earlier_day_are_read_to_the_fen(
    sandbox: Sandbox, client: PayClient, openid: str
) -> None:
    two_days = int(timedelta(days=2).total_seconds())
    await pay(sandbox, client, openid, ago_s=two_days)
    day = (datetime.now(CHINA) - timedelta(days=2)).date().isoformat()

    trade = await client.call(bills.TRADE, bills.TradeBillRequest(bill_date=day, tar_type="GZIP"))
    flow = await client.call(bills.FUND_FLOW, bills.FundFlowBillRequest(bill_date=day))
    trade_file, flow_file = io.BytesIO(), io.BytesIO()
    await download_bill(client, trade, trade_file, compressed=True)
    await download_bill(client, flow, flow_file, compressed=False)

    trade_file.seek(0)
    flow_file.seek(0)
    *lines, totals = read_trade_bill(trade_file)
    *moves, sums = read_fund_flow_bill(flow_file)
    assert [(one["商户订单号"], one.fen("订单金额")) for one in lines] == [("tea-0001", 1990)]
    assert (totals.count("总交易单数"), totals.fen("订单总金额")) == (1, 1990)
    assert (sums.count("资金流水总笔数"), sums.fen("收入金额")) == (len(moves), 1990)


async def test_combined_orders(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    parts = tuple(
        combined.SubOrder(
            mchid=client.mch_id,
            attach="x",
            amount=combined.SubAmount(total_amount=100 * number, currency="CNY"),
            out_trade_no=f"part-000{number}",
            description="茶",
        )
        for number in (1, 2)
    )
    request = combined.CombinedRequest(
        combine_appid=sandbox.account["appid"],
        combine_mchid=client.mch_id,
        combine_out_trade_no="both-0001",
        sub_orders=parts,
        notify_url="https://brand.example/callbacks/pay/k",
        scene_info=orders.SceneInfo(payer_client_ip="203.0.113.9"),
        combine_payer_info=combined.CombinedPayer(openid=openid),
    )

    made = await client.call(combined.JSAPI, request)
    await sandbox.control("POST", "/people/1/pay", {"mark": made.prepay_id})
    found = await client.call(combined.QUERY, combined.ByCombinedNo(combine_out_trade_no="both-0001"))

    assert sorted((one.out_trade_no, one.trade_state) for one in found.sub_orders) == [
        ("part-0001", "SUCCESS"),
        ("part-0002", "SUCCESS"),
    ]


async def test_a_share_needs_a_receiver(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    receiver = profit_sharing.AddReceiverRequest(
        appid=sandbox.account["appid"],
        type="PERSONAL_OPENID",
        account=openid,
        relation_type="PARTNER",
        name=Sensitive("张三"),
    )

    added = await client.call(profit_sharing.ADD_RECEIVER, receiver)
    paid = await pay(sandbox, client, openid, settle_info=orders.SettleInfo(profit_sharing=True), ago_s=120)
    left = await client.call(
        profit_sharing.AMOUNTS, profit_sharing.AmountsRequest(transaction_id=paid.transaction_id)
    )

    assert (added.account, added.relation_type) == (openid, "PARTNER")
    assert 0 < left.unsplit_amount <= 1990


async def test_a_transfer_waits_for_the_person(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    await sandbox.control(
        "POST", f"/merchants/{client.mch_id}/deposit", {"account": "OPERATION", "amount": 100_000}
    )
    made = await client.call(
        transfers.TRANSFER,
        transfers.TransferRequest(
            appid=sandbox.account["appid"],
            out_bill_no="bill0001",
            transfer_scene_id="1000",
            openid=openid,
            transfer_amount=100,
            transfer_remark="茶会奖励",
            transfer_scene_report_infos=tuple(
                transfers.SceneReport(info_type=name, info_content="茶会")
                for name in transfers.REPORTS["1000"]
            ),
        ),
    )
    found = await client.call(transfers.QUERY, transfers.ByOutBillNo(out_bill_no="bill0001"))

    assert made.transfer_bill_no == found.transfer_bill_no
    assert found.state in ("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM")


async def test_other_families_answer(sandbox: Sandbox, client: PayClient, openid: str) -> None:
    today = datetime.now(CHINA).date()
    asked = complaints.ComplaintsRequest(
        begin_date=(today - timedelta(days=1)).isoformat(), end_date=today.isoformat()
    )
    picture = File(PNG, "a.png", "image/png")

    uploaded = await client.call(
        complaints.UPLOAD_IMAGE, complaints.ImageRequest(meta=meta_of(picture), file=picture)
    )
    image = await client.call(complaints.IMAGE, complaints.MediaRequest(media_id=uploaded.media_id))
    address = complaints.AddressRequest(url="https://brand.example/callbacks/pay/k")
    kept = await client.call(complaints.SET_ADDRESS, address)
    await client.call(complaints.DELETE_ADDRESS, Nothing())
    stocks = await client.call(
        favor.STOCKS, favor.StocksRequest(offset=0, limit=10, stock_creator_mchid=client.mch_id)
    )

    assert (await client.call(complaints.COMPLAINTS, asked)).total_count == 0
    assert image.file is not None
    assert image.file.content == PNG
    assert kept.url == address.url
    assert stocks.total_count == 0


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        (favor.STOCK, favor.StockRequest(stock_id="99999999", stock_creator_mchid="1")),
        (busifavor_stocks.STOCK, busifavor_stocks.StockRequest(stock_id="99999999")),
        (complaints.COMPLAINT, complaints.ComplaintRequest(complaint_id="200201820200101080076610000")),
        (payscore.PERMISSION, payscore.ByAuthorizationCode(authorization_code="x", service_id="1")),
        (
            smart_guide.ASSIGN,
            smart_guide.AssignRequest(guide_id="LLA3WJ6DSZUfiaZDS79FH5Wm", out_trade_no="t00001"),
        ),
    ],
    ids=["favor", "busifavor", "complaints", "payscore", "smart_guide"],
)
async def test_what_does_not_exist_is_refused_not_unknown(
    client: PayClient, call: Any, request_: Any
) -> None:
    with pytest.raises(PayRefusal) as refused:
        await client.call(call, request_)
    assert 400 <= refused.value.status < 500


async def test_a_new_platform_certificate_is_found(
    sandbox: Sandbox, merchant: dict[str, Any], transport: Transport, openid: str
) -> None:
    keys = keys_of(sandbox, merchant, public_key=False)
    store = MemoryCertificateStore()
    client = PayClient(transport, keys, store, SystemClock())
    await client.call(orders.JSAPI, order(sandbox, client, openid))
    await sandbox.control("POST", "/platform-certificates/rotate", {"after_s": 0})

    # A client that starts now knows neither: it finds both by the first answer.
    fresh = PayClient(transport, keys, MemoryCertificateStore(), SystemClock())
    assert (await fresh.call(orders.QUERY, query(fresh))).trade_state == "NOTPAY"
    # The one that looked a moment ago waits its minute rather than asking for every serial it meets.
    with pytest.raises(UnverifiedAnswer):
        await client.call(orders.QUERY, query(client))
