"""What the lists and pages show: found by state, merchant and number, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.payments.contracts import DifferenceFilter, ListFilter, PaymentId
from quanyu.modules.payments.queries.payments import KeptPayment, payment_of
from quanyu.modules.payments.queries.refunds import KeptRefund, refund_of

_PAYMENTS: Final = """
SELECT * FROM payment WHERE tenant_id = :tenant AND (CAST(:state AS text) IS NULL OR state = :state)
AND (CAST(:merchant AS bigint) IS NULL OR merchant_id = :merchant)
AND (CAST(:before AS bigint) IS NULL OR id < :before)
"""
_REFUNDS: Final = """
SELECT * FROM payment_refund WHERE tenant_id = :tenant AND (CAST(:state AS text) IS NULL OR state = :state)
AND (CAST(:merchant AS bigint) IS NULL OR merchant_id = :merchant)
AND (CAST(:before AS bigint) IS NULL OR id < :before)
"""
_LAST: Final = "ORDER BY id DESC LIMIT :limit"
# A number is one of the caller's, of ours, or of the platform's: each has an index.
_PAYMENTS_OF_NUMBER: Final = """
AND id IN (
    SELECT id FROM payment WHERE tenant_id = :tenant AND payment_key = :number
    UNION ALL SELECT payment_id FROM payment_attempt WHERE tenant_id = :tenant
        AND (out_trade_no = :number OR transaction_id = :number)
    UNION ALL SELECT payment_id FROM payment_refund WHERE tenant_id = :tenant
        AND (out_refund_no = :number OR refund_id = :number))
"""
_REFUNDS_OF_NUMBER: Final = """
AND id IN (
    SELECT id FROM payment_refund WHERE tenant_id = :tenant
        AND (refund_key = :number OR out_refund_no = :number OR refund_id = :number)
    UNION ALL SELECT r.id FROM payment_refund r JOIN payment_attempt a
        ON a.tenant_id = r.tenant_id AND a.id = r.attempt_id
        WHERE a.tenant_id = :tenant AND (a.out_trade_no = :number OR a.transaction_id = :number)
    UNION ALL SELECT r.id FROM payment_refund r JOIN payment p
        ON p.tenant_id = r.tenant_id AND p.id = r.payment_id
        WHERE p.tenant_id = :tenant AND p.payment_key = :number)
"""
_MONEY_BACK: Final = """
SELECT payment_id, CAST(sum(refunded_minor) AS bigint) AS refunded,
    CAST(sum(refunding_minor) AS bigint) AS refunding,
    CAST(coalesce(sum(paid_minor - refunding_minor) FILTER (WHERE state = 'paid'), 0) AS bigint) AS refundable
FROM payment_attempt WHERE tenant_id = :tenant AND payment_id = ANY(:ids) GROUP BY payment_id
"""
_NOTICES: Final = """
SELECT notice_id, event_type, number, outcome, received_at FROM payment_notice
WHERE tenant_id = :tenant AND number IN (
    SELECT out_trade_no FROM payment_attempt WHERE tenant_id = :tenant AND payment_id = :id
    UNION ALL SELECT out_refund_no FROM payment_refund WHERE tenant_id = :tenant AND payment_id = :id)
ORDER BY received_at, notice_id LIMIT 200
"""
_DIFFERENCES: Final = """
SELECT * FROM payment_difference WHERE tenant_id = :tenant
AND (CAST(:state AS text) IS NULL OR state = :state)
AND (CAST(:merchant AS bigint) IS NULL OR merchant_id = :merchant)
AND (CAST(:day AS date) IS NULL OR day = :day)
AND (CAST(:before AS bigint) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit
"""
_BILLS: Final = """
SELECT b.*, (SELECT count(*) FROM payment_difference d WHERE d.tenant_id = b.tenant_id
    AND d.merchant_id = b.merchant_id AND d.bill = b.kind AND d.day = b.day AND d.state = 'open')
    AS differences
FROM payment_bill b WHERE b.tenant_id = :tenant ORDER BY b.day DESC, b.merchant_id, b.kind LIMIT :limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """What of a payment has gone back, that with what is on its way, and what may still go."""

    refunded_minor: int = 0
    refunding_minor: int = 0
    refundable_minor: int = 0


class ListQueries:
    """Statements that only read."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def payments(
        self, wanted: ListFilter, *, before: int | None, limit: int
    ) -> tuple[KeptPayment, ...]:
        """Return payments, newest first."""
        rows = await self._newest(_PAYMENTS, _PAYMENTS_OF_NUMBER, wanted, before, limit)
        return tuple(payment_of(row) for row in rows)

    async def refunds(self, wanted: ListFilter, *, before: int | None, limit: int) -> tuple[KeptRefund, ...]:
        """Return refunds, newest first."""
        rows = await self._newest(_REFUNDS, _REFUNDS_OF_NUMBER, wanted, before, limit)
        return tuple(refund_of(row) for row in rows)

    async def money_back(self, payment_ids: Sequence[PaymentId]) -> dict[PaymentId, MoneyBack]:
        """Return what has gone back of payments; one that nobody began to pay is missing."""
        rows = await self._uow.execute(_MONEY_BACK, {"tenant": self._uow.tenant_id, "ids": list(payment_ids)})
        return {
            PaymentId(row.payment_id): MoneyBack(
                refunded_minor=row.refunded,
                refunding_minor=row.refunding,
                refundable_minor=row.refundable,
            )
            for row in rows
        }

    async def notices(self, payment_id: PaymentId) -> Sequence[Any]:
        """Return the notifications about a payment and its refunds, oldest first."""
        rows = await self._uow.execute(_NOTICES, {"tenant": self._uow.tenant_id, "id": payment_id})
        return rows.all()

    async def bills(self, *, limit: int) -> Sequence[Any]:
        """Return the bills of the last days, newest first, with how many open differences each has."""
        return (await self._uow.execute(_BILLS, {"tenant": self._uow.tenant_id, "limit": limit})).all()

    async def differences(self, wanted: DifferenceFilter, *, before: int | None, limit: int) -> Sequence[Any]:
        """Return differences, newest first."""
        rows = await self._uow.execute(
            _DIFFERENCES,
            {"tenant": self._uow.tenant_id, **wanted.model_dump(), "before": before, "limit": limit},
        )
        return rows.all()

    async def _newest(
        self, select: str, of_number: str, wanted: ListFilter, before: int | None, limit: int
    ) -> Sequence[Any]:
        numbered = of_number if wanted.number else ""
        rows = await self._uow.execute(
            f"{select} {numbered} {_LAST}",
            {"tenant": self._uow.tenant_id, **wanted.model_dump(), "before": before, "limit": limit},
        )
        return rows.all()
