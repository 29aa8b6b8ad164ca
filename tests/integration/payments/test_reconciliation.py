"""The bills of every day against our ledger, to the fen, however often a fetch breaks off."""

from datetime import date, timedelta

import pytest

from integration.payments.conftest import Till
from integration.payments.test_refunds import bought
from quanyu.modules.payments import lists
from quanyu.modules.payments.contracts import (
    BillKind,
    BillState,
    Difference,
    DifferenceFilter,
    DifferenceState,
    ResolveDifference,
)
from quanyu.modules.payments.rules import DifferenceKind, EntryKind
from quanyu.modules.payments.service import read_difference_id, read_merchant_id

DAY = date(2026, 3, 4)


async def compare(till: Till, *, after: timedelta = timedelta()) -> None:
    till.clock.advance(after)
    for _ in range(20):
        if not await till.payments.reconciliation.run_once(till.tenant_id):
            return
    raise AssertionError("the comparison finds no end")


async def differences(till: Till, state: DifferenceState | None = None) -> list[Difference]:
    async with till.uows.app(till.tenant_id) as uow:
        page = await lists.page_differences(uow, DifferenceFilter(state=state), cursor=None, limit=50)
    return list(page.items)


async def bills(till: Till) -> dict[tuple[BillKind, date], tuple[BillState, str, int, int, int]]:
    async with till.uows.app(till.tenant_id) as uow:
        found = await lists.list_bills(uow, limit=100)
    return {
        (one.kind, one.day): (one.state, one.note, one.lines, one.income_minor, one.spent_minor)
        for one in found
    }


async def a_day(till: Till) -> None:
    """Three payments, a part of one given back."""
    payments = [await bought(till, amount) for amount in (1990, 5, 100_000)]
    await till.refund(payments[0], 990, "back-1")
    await till.recover()
    await till.recover(after=timedelta(minutes=5))


async def test_a_day_that_agrees(till: Till) -> None:
    await a_day(till)

    await compare(till, after=timedelta(days=1))

    done = (BillState.DONE, "", 4, 101_995, 990)
    assert await bills(till) == {(BillKind.TRADE, DAY): done, (BillKind.FUND_FLOW, DAY): done}
    assert await differences(till) == []


async def test_a_bill_is_not_asked_for_before_it_is_made(till: Till) -> None:
    await a_day(till)

    await compare(till, after=timedelta(hours=20))

    assert await bills(till) == {}


async def test_a_day_without_a_bill(till: Till) -> None:
    await compare(till, after=timedelta(days=1))

    assert set((await bills(till)).values()) == {(BillState.DONE, "no_bill", 0, 0, 0)}


async def test_what_only_the_bill_knows(till: Till) -> None:
    await a_day(till)
    await till.rows("SELECT 1")
    async with till.uows.system(till.tenant_id) as uow:
        await uow.execute(
            "DELETE FROM payment_entry WHERE tenant_id = :tenant AND amount_minor = 5",
            {"tenant": till.tenant_id},
        )

    await compare(till, after=timedelta(days=1))

    found = await differences(till)
    assert {(one.bill, one.kind, one.entry, one.ours_minor, one.bill_minor) for one in found} == {
        (kind, DifferenceKind.NOT_IN_LEDGER, EntryKind.PAYMENT, None, 5) for kind in BillKind
    }


async def test_what_only_our_ledger_knows_goes_once_a_bill_has_it(till: Till) -> None:
    await a_day(till)
    hidden = till.world.ledger.pop(0)
    await compare(till, after=timedelta(days=1))
    missing = await differences(till)
    till.world.ledger.append(hidden)

    async with till.uows.app(till.tenant_id) as uow:
        for kind in BillKind:
            merchant = read_merchant_id(till.merchant_id)
            assert await till.payments.compare_again(uow, merchant, kind, DAY)
    await compare(till)

    assert {(one.kind, one.ours_minor, one.bill_minor) for one in missing} == {
        (DifferenceKind.NOT_IN_BILL, 1990, None)
    }
    assert {one.state for one in await differences(till)} == {DifferenceState.GONE}


async def test_another_amount(till: Till) -> None:
    await a_day(till)
    till.world.ledger[2].amount -= 1

    await compare(till, after=timedelta(days=1))

    assert {(one.kind, one.ours_minor, one.bill_minor) for one in await differences(till)} == {
        (DifferenceKind.AMOUNT_DIFFERS, 100_000, 99_999)
    }


async def test_a_bill_that_does_not_add_up(till: Till) -> None:
    await a_day(till)
    honest = till.world.bill
    till.world.bill = lambda kind, day: honest(kind, day).replace(  # type: ignore[method-assign]
        b"`1019.95", b"`1019.96"
    )

    await compare(till, after=timedelta(days=1))

    found = {(one.bill, one.number, one.ours_minor, one.bill_minor) for one in await differences(till)}
    assert (BillKind.TRADE, "订单总金额", 101_995, 101_996) in found
    assert (BillKind.FUND_FLOW, "收入金额", 101_995, 101_996) in found


async def test_a_refund_on_its_way_is_no_difference(till: Till) -> None:
    payment = await bought(till)
    await till.refund(payment, 990, "back-1")
    await till.recover()
    till.clock.advance(timedelta(minutes=5))
    till.world.settle()  # It has arrived; nobody has told us, nor have we asked.

    await compare(till, after=timedelta(days=1))

    assert await differences(till) == []


async def test_whatever_breaks_off_is_begun_again(till: Till) -> None:
    await a_day(till)
    faults = iter(["lost", "", "lost", "", "", "trouble"])
    till.world.fault = lambda method, path: next(faults, "")

    await compare(till, after=timedelta(days=1))
    for _ in range(6):
        await compare(till, after=timedelta(minutes=11))

    assert {one[0] for one in (await bills(till)).values()} == {BillState.DONE}
    assert await differences(till) == []


async def test_a_process_that_dies_while_reading_leaves_the_bill_due(till: Till) -> None:
    class Killed(BaseException):
        pass

    await a_day(till)

    def kill(method: str, path: str) -> str:
        if path == "/v3/billdownload/file":
            raise Killed
        return ""

    till.world.fault = kill
    with pytest.raises(Killed):
        await compare(till, after=timedelta(days=1))
    till.world.fault = lambda method, path: ""

    await compare(till, after=timedelta(minutes=21))

    assert {one[2] for one in (await bills(till)).values()} == {4}


async def test_a_person_resolves_a_difference_for_good(till: Till) -> None:
    await a_day(till)
    till.world.ledger.pop(0)
    await compare(till, after=timedelta(days=1))
    first = (await differences(till))[0]

    async with till.uows.app(till.tenant_id) as uow:
        note = ResolveDifference(note="客服已核对")
        resolved = await till.payments.resolve(uow, read_difference_id(first.id), note)
        assert await till.payments.resolve(uow, 1, note) is None
    async with till.uows.app(till.tenant_id) as uow:
        await till.payments.compare_again(uow, read_merchant_id(till.merchant_id), first.bill, DAY)
    await compare(till)

    assert resolved is not None
    (kept,) = await differences(till, DifferenceState.RESOLVED)
    assert (kept.id, kept.note) == (first.id, "客服已核对")


async def test_every_day_since_the_merchant_was_connected_is_compared_once(till: Till) -> None:
    await a_day(till)

    await compare(till, after=timedelta(days=5))
    calls = len(till.world.calls)
    await compare(till)

    assert len(await bills(till)) == 10
    assert len(till.world.calls) == calls
