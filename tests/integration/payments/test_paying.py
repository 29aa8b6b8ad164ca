"""From asking for an amount to having it, whatever is lost on the way."""

import asyncio
from datetime import timedelta

import pytest

from integration.payments.conftest import Till
from quanyu.kernel.errors import AppError
from quanyu.modules.payments.contracts import AttemptKind
from quanyu.modules.payments.errors import (
    KeyUsed,
    MissingPayer,
    NotPayable,
    OutcomeOpen,
    UnknownMerchant,
    UnknownPayment,
)
from quanyu.modules.payments.rules import AttemptState, PaymentState
from quanyu.modules.payments.service import read_payment_id
from quanyu.wechat.pay.errors import PayRefusal
from support.pay_keys import private_pem


async def test_a_payment_is_asked_for_once_paid_and_stated(till: Till) -> None:
    payment = await till.ask_for(1990)
    opened = await till.start(payment)
    till.world.pay(opened.attempt.out_trade_no)
    await till.deliver_all()

    detail = await till.detail(payment)

    assert opened.parameters["package"].startswith("prepay_id=wx")
    assert detail.payment.state is PaymentState.PAID
    assert [one.state for one in detail.attempts] == [AttemptState.PAID]
    assert await till.facts() == ["payments.paid"]
    (entry,) = await till.rows("SELECT kind, amount_minor FROM payment_entry WHERE tenant_id = :tenant")
    assert tuple(entry) == ("payment", 1990)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (AttemptKind.JSAPI, {"appId", "timeStamp", "nonceStr", "package", "paySign", "signType"}),
        (
            AttemptKind.APP,
            {"appid", "partnerid", "prepayid", "noncestr", "timestamp", "sign", "package"},
        ),
        (AttemptKind.H5, set()),
        (AttemptKind.NATIVE, set()),
    ],
)
async def test_each_way_to_pay_gives_the_front_end_what_it_needs(
    till: Till, kind: AttemptKind, named: set[str]
) -> None:
    opened = await till.start(await till.ask_for(), kind)

    assert set(opened.parameters) == named
    assert bool(opened.url) == (not named)


async def test_the_same_key_and_content_is_the_same_payment(till: Till) -> None:
    first = await till.ask_for(1990, key="order-7")

    assert (await till.ask_for(1990, key="order-7")).id == first.id
    with pytest.raises(KeyUsed):
        await till.ask_for(1991, key="order-7")
    assert len(await till.rows("SELECT id FROM payment WHERE tenant_id = :tenant")) == 1


async def test_two_that_ask_at_once_get_one_payment(till: Till) -> None:
    made = await asyncio.gather(*(till.ask_for(key="order-8") for _ in range(8)))

    assert len({one.id for one in made}) == 1


async def test_starting_again_is_the_same_order(till: Till) -> None:
    payment = await till.ask_for()

    first = await till.start(payment)
    second = await till.start(payment)

    assert first.attempt.out_trade_no == second.attempt.out_trade_no
    assert list(till.world.orders) == [first.attempt.out_trade_no]


async def test_another_way_to_pay_closes_the_one_before(till: Till) -> None:
    payment = await till.ask_for()
    page = await till.start(payment)
    picture = await till.start(payment, AttemptKind.NATIVE)

    await till.recover()

    assert till.world.orders[page.attempt.out_trade_no].state == "CLOSED"
    assert till.world.orders[picture.attempt.out_trade_no].state == "NOTPAY"
    assert (await till.detail(payment)).payment.state is PaymentState.OPEN


async def test_who_pays_twice_gets_the_second_back(till: Till) -> None:
    payment = await till.ask_for(1990)
    page = await till.start(payment)
    picture = await till.start(payment, AttemptKind.NATIVE)
    till.world.pay(page.attempt.out_trade_no)  # Before it was closed.
    till.world.pay(picture.attempt.out_trade_no)
    await till.deliver_all()
    await till.recover()
    await till.recover(after=timedelta(minutes=5))

    detail = await till.detail(payment)

    assert detail.payment.state is PaymentState.PAID
    assert sorted(one.state for one in detail.attempts) == [AttemptState.PAID, AttemptState.SURPLUS]
    assert [(one.amount_minor, one.cause.value, one.state.value) for one in detail.refunds] == [
        (1990, "surplus", "succeeded")
    ]


@pytest.mark.parametrize("fault", ["lost", "lost_after", "trouble_after", "unsigned", "not_sent"])
async def test_a_lost_answer_is_repeated_with_the_same_number(till: Till, fault: str) -> None:
    payment = await till.ask_for()
    till.world.fault = lambda method, path: fault
    with pytest.raises(OutcomeOpen):
        await till.start(payment)
    till.world.fault = lambda method, path: ""

    opened = await till.start(payment)

    assert list(till.world.orders) == [opened.attempt.out_trade_no]
    assert len((await till.detail(payment)).attempts) == 1


async def test_what_was_never_received_is_closed_and_may_be_started_anew(till: Till) -> None:
    payment = await till.ask_for()
    till.world.fault = lambda method, path: "lost"
    with pytest.raises(OutcomeOpen):
        await till.start(payment)
    till.world.fault = lambda method, path: ""

    await till.recover(after=timedelta(minutes=3))
    opened = await till.start(payment)

    states = [one.state for one in (await till.detail(payment)).attempts]
    assert states == [AttemptState.CLOSED, AttemptState.OPEN]
    assert list(till.world.orders) == [opened.attempt.out_trade_no]


async def test_a_refusal_is_told_and_leaves_the_payment_open(till: Till) -> None:
    payment = await till.ask_for()
    till.world.fault = lambda method, path: "limited"
    with pytest.raises(PayRefusal):
        await till.start(payment)
    till.world.fault = lambda method, path: ""

    detail = await till.detail(payment)

    assert (detail.payment.state, detail.attempts[0].state) == (PaymentState.OPEN, AttemptState.REFUSED)
    assert detail.attempts[0].reason == "FREQUENCY_LIMITED"
    assert (await till.start(payment)).attempt.state is AttemptState.OPEN


async def test_a_payment_that_was_made_meanwhile_is_found_when_starting_again(till: Till) -> None:
    payment = await till.ask_for()
    opened = await till.start(payment)
    till.world.pay(opened.attempt.out_trade_no)  # The notification is still on its way.

    with pytest.raises(NotPayable):
        await till.start(payment)

    assert (await till.detail(payment)).payment.state is PaymentState.PAID


async def test_a_lost_notification_is_made_good_by_asking(till: Till) -> None:
    payment = await till.ask_for()
    opened = await till.start(payment)
    till.world.pay(opened.attempt.out_trade_no)

    await till.recover(after=timedelta(seconds=31))

    assert (await till.detail(payment)).payment.state is PaymentState.PAID
    assert await till.facts() == ["payments.paid"]


async def test_closing_asks_the_platform_first(till: Till) -> None:
    """ST-3: the order at the platform is closed before anything is released."""
    payment = await till.ask_for()
    opened = await till.start(payment)
    await till.close(payment)
    closing = await till.detail(payment)

    await till.recover()

    assert (closing.payment.state, closing.payment.closing) == (PaymentState.OPEN, True)
    assert till.world.orders[opened.attempt.out_trade_no].state == "CLOSED"
    assert [path.rpartition("/")[2] for _, path in till.world.calls[-2:]] == [
        opened.attempt.out_trade_no,
        "close",
    ]
    assert (await till.detail(payment)).payment.state is PaymentState.CLOSED
    assert await till.facts() == ["payments.closed"]


async def test_who_pays_before_the_close_has_paid(till: Till) -> None:
    payment = await till.ask_for()
    opened = await till.start(payment)
    await till.close(payment)
    till.world.pay(opened.attempt.out_trade_no)

    await till.recover()

    assert (await till.detail(payment)).payment.state is PaymentState.PAID
    assert await till.facts() == ["payments.paid"]


async def test_a_payment_expires_by_itself(till: Till) -> None:
    never_started = await till.ask_for(minutes=10)
    started = await till.ask_for(minutes=10)
    await till.start(started)

    await till.recover(after=timedelta(minutes=11))
    await till.recover(after=timedelta(minutes=1))

    for payment in (never_started, started):
        assert (await till.detail(payment)).payment.state is PaymentState.CLOSED
        with pytest.raises(NotPayable):
            await till.start(payment)
    assert await till.facts() == ["payments.closed", "payments.closed"]


async def test_nothing_is_decided_while_the_platform_is_silent(till: Till) -> None:
    payment = await till.ask_for(minutes=10)
    await till.start(payment)
    till.world.fault = lambda method, path: "lost"

    await till.recover(after=timedelta(minutes=11))
    silent = (await till.detail(payment)).payment
    till.world.fault = lambda method, path: ""
    await till.recover(after=timedelta(hours=1))

    assert silent.state is PaymentState.OPEN
    assert (await till.detail(payment)).payment.state is PaymentState.CLOSED


async def test_what_is_missing_is_named(till: Till) -> None:
    payment = await till.ask_for()

    with pytest.raises(MissingPayer):
        await till.start(payment, openid="")
    with pytest.raises(UnknownPayment):
        await till.payments.start(till.tenant_id, read_payment_id("pay_1"), _native())
    till.merchant_id = "mch_1"
    with pytest.raises(UnknownMerchant):
        await till.ask_for()
    assert (await till.detail(payment)).attempts == ()


def _native():  # type: ignore[no-untyped-def]
    from quanyu.modules.payments.contracts import StartAttempt

    return StartAttempt(kind=AttemptKind.NATIVE, app_id="wxpay0001")


async def test_a_payment_cannot_begin_in_the_past(till: Till) -> None:
    with pytest.raises(NotPayable):
        await till.ask_for(minutes=-1)


async def test_connecting_reads_every_key_and_keeps_the_address(till: Till) -> None:
    from integration.payments.conftest import connecting

    async with till.uows.app(till.tenant_id) as uow:
        (before,) = await till.payments.list_merchants(uow)
        again = await till.payments.connect(uow, connecting(name="旗舰店"))
    with pytest.raises(AppError, match="public key"):
        async with till.uows.app(till.tenant_id) as uow:
            await till.payments.connect(uow, connecting(public_key="nonsense"))

    assert (again.id, again.notify_url, again.name) == (before.id, before.notify_url, "旗舰店")
    (row,) = await till.rows("SELECT private_key_sealed FROM pay_merchant WHERE tenant_id = :tenant")
    assert b"PRIVATE KEY" not in bytes(row.private_key_sealed)


async def test_a_check_says_what_is_wrong(till: Till) -> None:
    from integration.payments.conftest import connecting
    from quanyu.modules.payments.service import read_merchant_id

    merchant_id = read_merchant_id(till.merchant_id)
    good = await till.payments.check(till.tenant_id, merchant_id)
    async with till.uows.app(till.tenant_id) as uow:
        await till.payments.connect(uow, connecting(private_key=private_pem("stranger")))
    bad = await till.payments.check(till.tenant_id, merchant_id)
    till.world.fault = lambda method, path: "not_sent"
    lost = await till.payments.check(till.tenant_id, merchant_id)

    assert {one.name: one.ok for one in good} == {
        "reachable": True,
        "signing": True,
        "verification": None,
        "notifications": None,
    }
    assert {one.name: one.ok for one in bad}["signing"] is False
    assert {one.name: one.ok for one in lost}["reachable"] is False
