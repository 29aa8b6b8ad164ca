"""Notifications: committed, then confirmed; late, repeated, out of order and forged ones end as they must."""

import asyncio
import json
from datetime import timedelta

import pytest

from integration.channels.conftest import ask
from integration.payments.conftest import Till, open_till
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.contracts import Payment
from quanyu.modules.payments.ports import LatePayment
from quanyu.modules.payments.rules import PaymentState
from support.pay_world import Notice

SUCCESS = {"code": "SUCCESS", "message": "成功"}


async def paid(till: Till) -> tuple[Payment, Notice]:
    payment = await till.ask_for()
    opened = await till.start(payment)
    till.world.pay(opened.attempt.out_trade_no)
    return payment, till.world.due_notices()[-1]


async def outcomes(till: Till) -> list[str]:
    rows = await till.rows(
        "SELECT outcome FROM payment_notice WHERE tenant_id = :tenant ORDER BY received_at, notice_id"
    )
    return [row.outcome for row in rows]


async def test_a_notification_is_committed_and_confirmed(till: Till) -> None:
    payment, notice = await paid(till)

    answer = await till.deliver(notice)

    assert (answer.status, json.loads(answer.body)) == (200, SUCCESS)
    assert (await till.detail(payment)).payment.state is PaymentState.PAID
    assert await outcomes(till) == ["applied"]


async def test_repeats_are_confirmed_and_change_nothing(till: Till) -> None:
    payment, notice = await paid(till)

    answers = await asyncio.gather(*(till.deliver(notice) for _ in range(6)))

    assert {one.status for one in answers} == {200}
    assert await outcomes(till) == ["applied"]
    assert await till.facts() == ["payments.paid"]
    assert len(await till.rows("SELECT number FROM payment_entry WHERE tenant_id = :tenant")) == 1
    assert (await till.detail(payment)).refunds == ()


async def test_a_late_notification_of_what_was_found_by_asking(till: Till) -> None:
    _, notice = await paid(till)
    await till.recover(after=timedelta(seconds=31))

    answer = await till.deliver(notice)

    assert answer.status == 200
    assert await outcomes(till) == ["unchanged"]
    assert await till.facts() == ["payments.paid"]


async def test_a_refund_told_before_its_payment_ends_the_same(till: Till) -> None:
    """Out of order: the refund's notification overtakes the answer that made it."""
    payment, notice = await paid(till)
    await till.deliver(notice)
    await till.refund(payment, 1990, "back-1")
    till.world.fault = lambda method, path: "lost_after" if "refund" in path else ""
    await till.recover()
    till.world.fault = lambda method, path: ""
    till.clock.advance(timedelta(minutes=2))
    await till.deliver_all()
    await till.recover(after=timedelta(minutes=5))

    (refund,) = (await till.detail(payment)).refunds
    assert refund.state.value == "succeeded"
    assert await till.facts() == ["payments.paid", "payments.refunded"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"key": "forger"}, 401),
        ({"serial": "PUB_KEY_ID_999"}, 401),
        ({"at": timedelta(minutes=-6)}, 401),
        ({"at": timedelta(minutes=6)}, 401),
    ],
)
async def test_forged_and_replayed_ones_leave_nothing(
    till: Till, changes: dict[str, object], status: int
) -> None:
    payment, notice = await paid(till)
    if isinstance(at := changes.get("at"), timedelta):
        changes = {"at": till.clock.now() + at}

    answer = await till.deliver(notice, **changes)

    assert (answer.status, json.loads(answer.body)["code"]) == (status, "FAIL")
    assert await outcomes(till) == []
    assert (await till.detail(payment)).payment.state is PaymentState.OPEN


async def test_another_amount_credits_nothing(till: Till) -> None:
    """ST-4: amount, currency and merchant must be ours, even under the platform's own signature."""
    payment = await till.ask_for(1990)
    opened = await till.start(payment)
    order = till.world.orders[opened.attempt.out_trade_no]
    order.body["amount"]["total"] = 1
    till.world.pay(opened.attempt.out_trade_no)

    answer = await till.deliver(till.world.due_notices()[-1])

    assert answer.status == 200
    assert await outcomes(till) == ["mismatch"]
    detail = await till.detail(payment)
    assert (detail.payment.state, detail.attempts[0].reason) == (PaymentState.OPEN, "mismatch")
    assert await till.facts() == []


async def test_a_number_that_is_not_ours_is_kept_and_confirmed(till: Till) -> None:
    _, notice = await paid(till)
    content = till.world.transaction(next(iter(till.world.orders.values()))) | {"out_trade_no": "stranger1"}
    notice.envelope["resource"] = till.world.seal(content, "transaction")

    assert (await till.deliver(notice)).status == 200
    assert await outcomes(till) == ["unknown_order"]


async def test_events_of_other_products_are_kept(till: Till) -> None:
    _, notice = await paid(till)
    notice.envelope["event_type"] = "COUPON.SEND"
    content = {"coupon_code": "c", "stock_id": "s"}
    notice.envelope["resource"] = till.world.seal(content, "coupon")

    assert (await till.deliver(notice)).status == 200
    assert await outcomes(till) == ["kept"]


async def test_what_cannot_be_read_is_asked_for_again(till: Till) -> None:
    _, notice = await paid(till)
    notice.envelope["resource"] = till.world.seal({"out_trade_no": 5}, "transaction")

    assert (await till.deliver(notice)).status == 400
    assert await outcomes(till) == []


@pytest.mark.parametrize("path", ["/callbacks/pay/", "/callbacks/pay/nobody", f"/callbacks/pay/{'x' * 65}"])
async def test_nobody_s_address_is_not_found(till: Till, path: str) -> None:
    answer = await till.post(path, b"{}", {})

    assert answer.status == 404


async def test_the_door_bounds_what_it_reads(till: Till) -> None:
    _, notice = await paid(till)
    path = notice.url.removeprefix("https://brand.example")

    assert (await ask(till.payments.door, "GET", path)).status == 405
    assert (await ask(till.payments.door, "POST", path, body=b"x" * 300_000)).status == 413
    assert (await ask(till.payments.door, "POST", path, body=b"{", cut_short=True)).status == 400


async def test_what_is_paid_after_the_close_goes_back(till: Till) -> None:
    """ST-4: never paid with what was released; the money goes back by itself."""
    payment = await till.ask_for(minutes=10)
    opened = await till.start(payment)
    order = till.world.orders[opened.attempt.out_trade_no]
    await till.recover(after=timedelta(minutes=11))
    order.state = "NOTPAY"  # The platform had taken the payment in the same moment.
    order.expires_at += timedelta(hours=1)
    till.world.pay(opened.attempt.out_trade_no)
    await till.deliver_all()
    await till.recover()
    await till.recover(after=timedelta(minutes=3))

    detail = await till.detail(payment)

    assert detail.payment.state is PaymentState.CLOSED
    assert [(one.cause.value, one.state.value, one.amount_minor) for one in detail.refunds] == [
        ("late", "succeeded", 1990)
    ]
    assert await till.facts() == ["payments.closed", "payments.late_payment", "payments.refunded"]


class TakesAll:
    """A module above that can still deliver."""

    async def accept(self, uow: UnitOfWork, late: LatePayment) -> bool:
        return late.key == "order-1" and late.amount.amount_minor == 1990


async def test_what_can_still_be_had_is_taken_late(
    uows: UnitOfWorkFactory, key_ring: KeyRing, tenant_id: TenantId, clock: FixedClock
) -> None:
    """ST-4: when everything can be reserved again, the late payment counts."""
    till = await open_till(uows, key_ring, tenant_id, clock, late=TakesAll())
    payment = await till.ask_for(minutes=10)
    opened = await till.start(payment)
    order = till.world.orders[opened.attempt.out_trade_no]
    await till.recover(after=timedelta(minutes=11))
    order.state, order.expires_at = "NOTPAY", order.expires_at + timedelta(hours=1)
    till.world.pay(opened.attempt.out_trade_no)
    await till.deliver_all()

    detail = await till.detail(payment)

    assert (detail.payment.state, detail.refunds) == (PaymentState.PAID, ())
    assert await till.facts() == ["payments.closed", "payments.paid"]


async def test_with_certificates_a_new_one_is_found_by_the_first_notification(
    uows: UnitOfWorkFactory, key_ring: KeyRing, tenant_id: TenantId, clock: FixedClock
) -> None:
    till = await open_till(uows, key_ring, tenant_id, clock, public_key_id="", public_key="")
    till.world.signs_with, till.world.certificates = "first", {"first": "0A01"}
    payment, notice = await paid(till)
    clock.advance(timedelta(minutes=2))
    till.world.certificates["second"], till.world.signs_with = "0A02", "second"

    answer = await till.deliver(notice)

    assert answer.status == 200
    assert (await till.detail(payment)).payment.state is PaymentState.PAID
    serials = await till.rows("SELECT serial FROM pay_certificate WHERE tenant_id = :tenant ORDER BY serial")
    assert [row.serial for row in serials] == ["A01", "A02"]


async def test_what_cannot_be_verified_now_is_to_be_delivered_again(
    uows: UnitOfWorkFactory, key_ring: KeyRing, tenant_id: TenantId, clock: FixedClock
) -> None:
    till = await open_till(uows, key_ring, tenant_id, clock)
    payment, notice = await paid(till)
    till.world.signs_with, till.world.certificates = "first", {"first": "0A01"}
    till.world.fault = lambda method, path: "lost" if path == "/v3/certificates" else ""

    assert (await till.deliver(notice)).status == 500

    till.world.fault = lambda method, path: ""
    clock.advance(timedelta(minutes=2))
    assert (await till.deliver(notice)).status == 200
    assert (await till.detail(payment)).payment.state is PaymentState.PAID
