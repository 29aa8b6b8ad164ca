"""Money goes back once for each key, never more than was paid, and is looked after until it has arrived."""

import asyncio
from datetime import timedelta

import pytest

from integration.payments.conftest import Till
from quanyu.modules.payments.contracts import Payment
from quanyu.modules.payments.errors import KeyUsed, NotRefundable, UnknownPayment
from quanyu.modules.payments.rules import RefundState
from quanyu.modules.payments.service import read_refund_id
from quanyu.wechat.errors import OutcomeUnknown


async def bought(till: Till, amount: int = 1990) -> Payment:
    payment = await till.ask_for(amount)
    opened = await till.start(payment)
    till.world.pay(opened.attempt.out_trade_no)
    await till.deliver_all()
    return payment


async def states(till: Till, payment: Payment) -> list[str]:
    return [one.state.value for one in (await till.detail(payment)).refunds]


async def test_a_part_goes_back_and_then_the_rest(till: Till) -> None:
    """ST-5: partial refunds, a minute apart, never more than paid."""
    payment = await bought(till)
    await till.refund(payment, 1000, "back-1")
    await till.refund(payment, 990, "back-2")
    await till.recover()
    assert len(till.world.refunds) == 1  # The second waits for its minute.

    await till.recover(after=timedelta(minutes=1))
    await till.recover(after=timedelta(minutes=5))

    detail = await till.detail(payment)
    assert await states(till, payment) == ["succeeded", "succeeded"]
    assert (detail.payment.refunded_minor, detail.payment.refunding_minor) == (1990, 1990)
    assert await till.facts() == ["payments.paid", "payments.refunded", "payments.refunded"]
    entries = await till.rows(
        "SELECT amount_minor FROM payment_entry WHERE tenant_id = :tenant ORDER BY amount_minor"
    )
    assert [row.amount_minor for row in entries] == [-1000, -990, 1990]


async def test_more_than_paid_is_refused_and_changes_nothing(till: Till) -> None:
    """ST-5: cumulative ≤ paid."""
    payment = await bought(till)
    await till.refund(payment, 1000, "back-1")

    with pytest.raises(NotRefundable, match="more than paid"):
        await till.refund(payment, 991, "back-2")

    assert (await till.detail(payment)).payment.refunding_minor == 1000


async def test_many_at_once_never_exceed_what_was_paid(till: Till) -> None:
    """ST-5 under competition."""
    payment = await bought(till, 1000)

    results = await asyncio.gather(
        *(till.refund(payment, 300, f"back-{number}") for number in range(8)), return_exceptions=True
    )

    assert sum(not isinstance(one, BaseException) for one in results) == 3
    assert (await till.detail(payment)).payment.refunding_minor == 900


async def test_the_same_key_and_content_is_the_same_refund(till: Till) -> None:
    payment = await bought(till)
    first = await till.refund(payment, 500, "back-1")

    assert (await till.refund(payment, 500, "back-1")).id == first.id
    with pytest.raises(KeyUsed):
        await till.refund(payment, 501, "back-1")
    other = await bought(till)
    with pytest.raises(KeyUsed):
        await till.refund(other, 500, "back-1")
    assert await states(till, payment) == ["planned"]


async def test_what_is_not_paid_cannot_go_back(till: Till) -> None:
    payment = await till.ask_for()

    with pytest.raises(NotRefundable, match="nothing was paid"):
        await till.refund(payment, 1, "back-1")
    with pytest.raises(UnknownPayment):
        await till.refund(payment.model_copy(update={"id": "pay_1"}), 1, "back-2")


async def test_after_a_year_it_is_too_late(till: Till) -> None:
    payment = await bought(till)
    till.clock.advance(timedelta(days=366))

    with pytest.raises(NotRefundable, match="too late"):
        await till.refund(payment, 1, "back-1")


@pytest.mark.parametrize("fault", ["not_sent", "lost", "lost_after", "trouble", "trouble_after", "unsigned"])
async def test_an_unknown_outcome_is_asked_for_before_anything_is_repeated(till: Till, fault: str) -> None:
    payment = await bought(till)
    refund = await till.refund(payment, 1990, "back-1")
    till.world.fault = lambda method, path: fault if method == "POST" else ""
    await till.recover()
    till.world.fault = lambda method, path: ""
    till.world.calls.clear()

    await till.recover(after=timedelta(minutes=5))
    await till.recover(after=timedelta(minutes=5))

    assert till.world.calls[0] == ("GET", f"/v3/refund/domestic/refunds/{refund.out_refund_no}")
    assert list(till.world.refunds) == [refund.out_refund_no]
    assert await states(till, payment) == ["succeeded"]


async def test_an_empty_account_is_waited_for_with_the_same_number(till: Till) -> None:
    payment = await bought(till)
    refund = await till.refund(payment, 1990, "back-1")
    till.world.balance = 0
    await till.recover()
    (waiting,) = (await till.detail(payment)).refunds
    till.world.balance = 10_000

    await till.recover(after=timedelta(minutes=5))
    await till.recover(after=timedelta(minutes=5))

    assert (waiting.state, waiting.note) == (RefundState.PLANNED, "NOT_ENOUGH")
    assert list(till.world.refunds) == [refund.out_refund_no]
    assert await states(till, payment) == ["succeeded"]


async def test_a_refund_the_platform_refuses_frees_its_amount(till: Till) -> None:
    payment = await bought(till)
    till.world.orders[next(iter(till.world.orders))].refunded = 1990  # Refunded in the merchant console.
    await till.refund(payment, 1990, "back-1")

    await till.recover()

    (refused,) = (await till.detail(payment)).refunds
    assert (refused.state, refused.note) == (RefundState.REFUSED, "INVALID_REQUEST")
    assert (await till.detail(payment)).payment.refunding_minor == 0
    assert await till.facts() == ["payments.paid", "payments.refund_failed"]


async def test_a_refund_the_platform_closes_may_be_asked_for_anew(till: Till) -> None:
    payment = await bought(till)
    till.world.refund_ending = lambda: "CLOSED"
    await till.refund(payment, 1990, "back-1")
    await till.recover()
    await till.recover(after=timedelta(minutes=5))
    till.world.refund_ending = lambda: "SUCCESS"
    await till.refund(payment, 1990, "back-2")
    await till.recover(after=timedelta(minutes=5))
    await till.recover(after=timedelta(minutes=5))

    assert await states(till, payment) == ["closed", "succeeded"]
    assert (await till.detail(payment)).payment.refunded_minor == 1990


async def test_an_abnormal_refund_waits_for_a_person(till: Till) -> None:
    payment = await bought(till)
    till.world.refund_ending = lambda: "ABNORMAL"
    refund = await till.refund(payment, 1990, "back-1")
    await till.recover()
    till.clock.advance(timedelta(minutes=5))
    await till.deliver_all()
    await till.recover(after=timedelta(days=1))
    abnormal = await states(till, payment)

    till.world.fault = lambda method, path: "lost_after"
    with pytest.raises(OutcomeUnknown):
        await till.payments.reroute_refund(till.tenant_id, read_refund_id(refund.id))
    till.world.fault = lambda method, path: ""
    await till.recover()
    rerouted = await states(till, payment)
    await till.recover(after=timedelta(minutes=5))

    assert (abnormal, rerouted) == (["abnormal"], ["processing"])
    assert await states(till, payment) == ["succeeded"]
    assert await till.facts() == ["payments.paid", "payments.refund_failed", "payments.refunded"]
    with pytest.raises(NotRefundable):
        await till.payments.reroute_refund(till.tenant_id, read_refund_id(refund.id))


async def test_what_must_go_back_is_tried_under_new_numbers(till: Till) -> None:
    """ST-4: a late payment does not stay because one refund failed."""
    payment = await till.ask_for(minutes=10)
    opened = await till.start(payment)
    order = till.world.orders[opened.attempt.out_trade_no]
    await till.recover(after=timedelta(minutes=11))
    order.state, order.expires_at = "NOTPAY", order.expires_at + timedelta(hours=1)
    endings = iter(["CLOSED", "CLOSED", "SUCCESS"])
    till.world.refund_ending = lambda: next(endings)
    till.world.pay(opened.attempt.out_trade_no)
    await till.deliver_all()

    for _ in range(8):
        await till.recover(after=timedelta(minutes=5))

    assert await states(till, payment) == ["closed", "closed", "succeeded"]
    assert order.refunded == 1990
