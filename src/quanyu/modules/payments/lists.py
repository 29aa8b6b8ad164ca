"""What the console and the API read of payments; nothing here changes anything."""

import csv
import io
from collections.abc import Sequence

from quanyu.infra.spreadsheet import plain_cell
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.kernel.paging import decode_cursor, encode_cursor
from quanyu.modules.payments import views
from quanyu.modules.payments.contracts import (
    PAYMENT_PREFIX,
    Bill,
    Difference,
    DifferenceFilter,
    DifferencePage,
    ListFilter,
    Merchant,
    PaymentDetail,
    PaymentId,
    PaymentPage,
    RefundPage,
)
from quanyu.modules.payments.errors import UnknownPayment
from quanyu.modules.payments.queries.lists import ListQueries
from quanyu.modules.payments.queries.payments import PaymentQueries
from quanyu.modules.payments.queries.refunds import RefundQueries

EXPORT_MAX = 10_000  # Lines of one file.
_COLUMNS = (
    *("账单日", "商户号", "账单", "差异", "类型", "微信单号", "商户单号"),
    *("系统金额(元)", "账单金额(元)", "状态", "说明", "发现时间"),
)


async def get(uow: UnitOfWork, payment_id: PaymentId) -> PaymentDetail:
    """Return a payment with its attempts, notifications and refunds.

    Raises:
        UnknownPayment: there is none.
    """
    queries, lists = PaymentQueries(uow), ListQueries(uow)
    payment = await queries.find(payment_id)
    if payment is None:
        raise UnknownPayment(f"no payment {encode_id(PAYMENT_PREFIX, payment_id)}", message_zh="没有这笔支付")
    back = await lists.money_back([payment_id])
    return PaymentDetail(
        payment=views.show_payment(payment, back.get(payment_id)),
        attempts=tuple(views.show_attempt(one) for one in await queries.attempts(payment_id)),
        notices=tuple(views.show_notice(row) for row in await lists.notices(payment_id)),
        refunds=tuple(views.show_refund(one) for one in await RefundQueries(uow).of_payment(payment_id)),
    )


async def page_payments(
    uow: UnitOfWork, wanted: ListFilter, *, cursor: str | None, limit: int
) -> PaymentPage:
    """Return payments, newest first."""
    lists = ListQueries(uow)
    found = await lists.payments(wanted, before=_before(cursor), limit=limit + 1)
    back = await lists.money_back([one.payment_id for one in found[:limit]])
    return PaymentPage(
        items=tuple(views.show_payment(one, back.get(one.payment_id)) for one in found[:limit]),
        next_cursor=_next([one.payment_id for one in found], limit),
    )


async def page_refunds(uow: UnitOfWork, wanted: ListFilter, *, cursor: str | None, limit: int) -> RefundPage:
    """Return refunds, newest first."""
    found = await ListQueries(uow).refunds(wanted, before=_before(cursor), limit=limit + 1)
    return RefundPage(
        items=tuple(views.show_refund(one) for one in found[:limit]),
        next_cursor=_next([one.refund_id for one in found], limit),
    )


async def list_bills(uow: UnitOfWork, *, limit: int) -> tuple[Bill, ...]:
    """Return the last bills, newest first."""
    return tuple(views.show_bill(row) for row in await ListQueries(uow).bills(limit=limit))


async def page_differences(
    uow: UnitOfWork, wanted: DifferenceFilter, *, cursor: str | None, limit: int
) -> DifferencePage:
    """Return where bills and our ledger disagree, newest first."""
    rows = await ListQueries(uow).differences(wanted, before=_before(cursor), limit=limit + 1)
    return DifferencePage(
        items=tuple(views.show_difference(row) for row in rows[:limit]),
        next_cursor=_next([row.id for row in rows], limit),
    )


async def export_differences(uow: UnitOfWork, wanted: DifferenceFilter, merchants: Sequence[Merchant]) -> str:
    """Return differences as CSV that spreadsheets open: the newest ``EXPORT_MAX``, amounts in yuan."""
    rows = await ListQueries(uow).differences(wanted, before=None, limit=EXPORT_MAX)
    numbers = {one.id: one.mch_id for one in merchants}
    written = io.StringIO()
    written.write("\ufeff")  # Without the mark spreadsheets take the file for another encoding.
    table = csv.writer(written)
    table.writerow(_COLUMNS)
    for row in rows:
        table.writerow(_exported(views.show_difference(row), numbers))
    return written.getvalue()


def yuan(fen: int | None) -> str:
    """Write an amount of fen in yuan: no float on the way."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def _exported(one: Difference, numbers: dict[str, str]) -> tuple[str, ...]:
    # Numbers of the platform are longer than what a spreadsheet keeps of a number: a tab keeps them text.
    return (
        one.day.isoformat(),
        f"{numbers.get(one.merchant_id, one.merchant_id)}\t",
        one.bill.value,
        one.kind.value,
        one.entry.value,
        f"{one.number}\t",
        f"{one.own_number}\t",
        yuan(one.ours_minor),
        yuan(one.bill_minor),
        one.state.value,
        plain_cell(one.note),
        one.found_at.isoformat(timespec="seconds"),
    )


def _before(cursor: str | None) -> int | None:
    return int(decode_cursor(cursor, int)[0]) if cursor else None


def _next(ids: Sequence[int], limit: int) -> str | None:
    return encode_cursor(ids[limit - 1]) if len(ids) > limit else None
