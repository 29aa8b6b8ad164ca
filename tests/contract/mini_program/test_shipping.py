"""Telling the shipping of paid orders, over the wire."""

import pytest

from contract.mini_program.conftest import MiniProgram
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import shipping
from quanyu.wechat.mini_program.shipping import Contact, OrderKey, Parcel, Payer

UPLOADED_AT = "2026-03-04T12:00:00.000+08:00"
PARCEL = Parcel(
    item_desc="桂花乌龙茶",
    tracking_no="SF1",
    express_company="SF",
    contact=Contact(receiver_contact="+86-138****8000"),
)


async def paid(mini: MiniProgram, number: str = "A1") -> tuple[str, str]:
    """Let a person pay; return the transaction and the payer."""
    session = await mini.logged_in(2)
    order = await mini.act(2, "orders", merchant_id="190", merchant_trade_no=number, paid_amount=6800)
    return str(order["transaction_id"]), session.openid


def shipment(transaction_id: str, openid: str, *parcels: Parcel) -> shipping.ShipRequest:
    return shipping.ShipRequest(
        order_key=OrderKey(order_number_type=2, transaction_id=transaction_id),
        logistics_type=1,
        delivery_mode=1,
        shipping_list=parcels or (PARCEL,),
        upload_time=UPLOADED_AT,
        payer=Payer(openid),
    )


async def test_an_order_is_shipped_and_asked_for(mini: MiniProgram) -> None:
    transaction_id, openid = await paid(mini)
    request = shipping.OrderRequest(transaction_id=transaction_id)
    before = (await mini.client.call(shipping.ORDER, request)).order
    assert (before.order_state, before.paid_amount, before.shipping) == (1, 6800, None)

    await mini.client.call(shipping.SHIP, shipment(transaction_id, openid))

    by_number = shipping.OrderRequest(merchant_id="190", merchant_trade_no="A1")
    after = (await mini.client.call(shipping.ORDER, by_number)).order
    assert after.order_state == 2
    assert after.shipping is not None
    assert after.shipping.finish_shipping
    assert after.shipping.shipping_list[0].tracking_no == "SF1"


async def test_only_the_payer_s_order_is_shipped(mini: MiniProgram) -> None:
    transaction_id, _ = await paid(mini)
    other = await mini.logged_in(5)

    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(shipping.SHIP, shipment(transaction_id, other.openid))
    assert caught.value.errcode == 10060031
    assert caught.value.meaning_zh


async def test_one_payment_for_several_orders(mini: MiniProgram) -> None:
    transaction_id, openid = await paid(mini)
    other_id, _ = await paid(mini, "A2")
    orders = tuple(
        shipping.SubOrder(
            order_key=OrderKey(order_number_type=2, transaction_id=one),
            logistics_type=1,
            delivery_mode=1,
            shipping_list=(PARCEL,),
        )
        for one in (transaction_id, other_id)
    )
    try:
        await mini.client.call(
            shipping.SHIP_COMBINED,
            shipping.ShipCombinedRequest(
                order_key=OrderKey(order_number_type=2, transaction_id=transaction_id),
                sub_orders=orders,
                upload_time=UPLOADED_AT,
                payer=Payer(openid),
            ),
        )
    except PlatformRefusal as error:
        raise AssertionError(f"refused: {error.errcode} {error.errmsg}") from error


async def test_orders_are_listed_page_by_page(mini: MiniProgram) -> None:
    for number in ("A1", "A2", "A3"):
        await paid(mini, number)

    first = await mini.client.call(shipping.ORDERS, shipping.OrdersRequest(order_state=1, page_size=2))
    rest = await mini.client.call(
        shipping.ORDERS,
        shipping.OrdersRequest(order_state=1, page_size=2, last_index=first.last_index),
    )

    numbers = [order.merchant_trade_no for order in (*first.order_list, *rest.order_list)]
    assert (first.has_more, rest.has_more) == (True, False)
    assert sorted(numbers) == ["A1", "A2", "A3"]


async def test_a_person_is_reminded_once(mini: MiniProgram) -> None:
    transaction_id, openid = await paid(mini)
    await mini.client.call(shipping.SHIP, shipment(transaction_id, openid))
    order = (
        await mini.client.call(shipping.ORDER, shipping.OrderRequest(transaction_id=transaction_id))
    ).order
    assert order.shipping is not None
    received = order.shipping.shipping_list[0].upload_time + 1
    request = shipping.RemindRequest(transaction_id=transaction_id, received_time=received)

    await mini.client.call(shipping.REMIND, request)

    with pytest.raises(PlatformRefusal):
        await mini.client.call(shipping.REMIND, request)


async def test_settings_and_special_orders(mini: MiniProgram) -> None:
    app = shipping.AppRequest(appid=mini.client.app_id)
    transaction_id, _ = await paid(mini)

    await mini.client.call(
        shipping.SET_JUMP_PATH, shipping.JumpPathRequest(path="pages/order/detail?from=wx")
    )
    await mini.client.call(
        shipping.REPORT_SPECIAL, shipping.SpecialOrderRequest(order_id=transaction_id, type=2)
    )

    assert isinstance((await mini.client.call(shipping.IS_MANAGED, app)).is_trade_managed, bool)
    assert isinstance((await mini.client.call(shipping.IS_CONFIRMED, app)).completed, bool)
