"""What the console reads of payments: found by any number, with what may still be given back."""

import csv
import io
from datetime import timedelta

import pytest

from integration.payments.conftest import Till
from integration.payments.test_reconciliation import compare
from integration.payments.test_refunds import bought
from quanyu.modules.payments import lists
from quanyu.modules.payments.contracts import DifferenceFilter, DifferenceState, ListFilter, Payment
from quanyu.modules.payments.rules import PaymentState, RefundState
from quanyu.modules.payments.service import read_merchant_id


async def found(till: Till, **wanted: object) -> list[str]:
    async with till.uows.app(till.tenant_id) as uow:
        page = await lists.page_payments(uow, ListFilter(**wanted), cursor=None, limit=50)  # type: ignore[arg-type]
    return [one.key for one in page.items]


async def found_refunds(till: Till, **wanted: object) -> list[int]:
    async with till.uows.app(till.tenant_id) as uow:
        page = await lists.page_refunds(uow, ListFilter(**wanted), cursor=None, limit=50)  # type: ignore[arg-type]
    return [one.amount_minor for one in page.items]


async def settled(till: Till) -> Payment:
    """A payment of which a part has gone back."""
    payment = await bought(till)
    await till.refund(payment, 990, "back-1")
    await till.recover()
    await till.recover(after=timedelta(minutes=5))
    await till.deliver_all()
    return payment


async def test_a_payment_is_found_by_every_number_it_has(till: Till) -> None:
    payment, other = await settled(till), await till.ask_for(5)
    detail = await till.detail(payment)
    [attempt], [refund] = detail.attempts, detail.refunds

    numbers = (
        payment.key,
        attempt.out_trade_no,
        attempt.transaction_id,
        refund.out_refund_no,
        refund.refund_id,
    )
    for number in numbers:
        assert await found(till, number=number) == [payment.key]
        assert await found_refunds(till, number=number) == [990]
    assert await found(till, number=attempt.out_trade_no[:-1]) == []
    assert await found(till) == [other.key, payment.key]


async def test_lists_are_narrowed_by_state_and_merchant(till: Till) -> None:
    payment, other = await settled(till), await till.ask_for(5)
    merchant = read_merchant_id(till.merchant_id)

    assert await found(till, state=PaymentState.PAID, merchant=merchant) == [payment.key]
    assert await found(till, state=PaymentState.OPEN) == [other.key]
    assert await found(till, merchant=merchant + 1) == []
    assert await found_refunds(till, state=RefundState.ABNORMAL) == []
    assert await found_refunds(till, state=RefundState.SUCCEEDED, merchant=merchant) == [990]


async def test_the_list_says_what_went_back_and_what_may_still_go(till: Till) -> None:
    """ST-5: cumulative ≤ paid."""
    await settled(till)

    async with till.uows.app(till.tenant_id) as uow:
        page = await lists.page_payments(uow, ListFilter(), cursor=None, limit=50)

    shown = page.items[0]
    assert (shown.refunded_minor, shown.refunding_minor, shown.refundable_minor) == (990, 990, 1000)


async def test_a_payment_shows_the_notifications_about_it_and_its_refunds(till: Till) -> None:
    payment = await settled(till)
    await bought(till)

    detail = await till.detail(payment)

    shown = [(one.event_type, one.number, one.outcome) for one in detail.notices]
    assert shown == [
        ("TRANSACTION.SUCCESS", detail.attempts[0].out_trade_no, "applied"),
        ("REFUND.SUCCESS", detail.refunds[0].out_refund_no, "unchanged"),  # It had been asked for before.
    ]


async def test_differences_are_exported_in_yuan(till: Till) -> None:
    payment = await bought(till, 1990)
    transaction = (await till.detail(payment)).attempts[0].transaction_id
    await till.rows("UPDATE payment_entry SET amount_minor = 5 WHERE tenant_id = :tenant RETURNING 1")
    await compare(till, after=timedelta(days=1))

    async with till.uows.app(till.tenant_id) as uow:
        text = await lists.export_differences(
            uow, DifferenceFilter(state=DifferenceState.OPEN), await till.payments.list_merchants(uow)
        )

    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [len(line) for line in lines] == [12, 12, 12]
    assert {(line[3], line[5].strip(), line[7], line[8], line[9]) for line in lines[1:]} == {
        ("amount_differs", transaction, "0.05", "19.90", "open")
    }


@pytest.mark.parametrize(
    ("fen", "written"),
    [(None, ""), (0, "0.00"), (5, "0.05"), (1990, "19.90"), (-100, "-1.00"), (-7, "-0.07")],
)
def test_yuan_is_written_without_a_float(fen: int | None, written: str) -> None:
    assert lists.yuan(fen) == written
