"""Refunds, and what of an attempt's money is spoken for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.payments.contracts import AttemptId, MerchantId, PaymentId, RefundId
from quanyu.modules.payments.rules import RefundCause, RefundState

_SELECT: Final = "SELECT * FROM payment_refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRefund:
    """A row of ``payment_refund``."""

    refund_id: RefundId
    payment_id: PaymentId
    attempt_id: AttemptId
    merchant_id: MerchantId
    key: str
    out_refund_no: str
    amount_minor: int
    reason: str
    cause: RefundCause
    state: RefundState
    note: str
    platform_id: str
    looks: int
    succeeded_at: datetime | None
    created_at: datetime


class RefundQueries:
    """Statements on ``payment_refund``. The payment is locked by whoever changes one."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, refund: KeptRefund, *, check_at: datetime) -> None:
        """Write a new refund and take its amount out of what can be refunded."""
        params = {
            "tenant": self._uow.tenant_id,
            "id": refund.refund_id,
            "payment": refund.payment_id,
            "attempt": refund.attempt_id,
            "merchant": refund.merchant_id,
            "key": refund.key,
            "number": refund.out_refund_no,
            "amount": refund.amount_minor,
            "reason": refund.reason,
            "cause": refund.cause,
            "state": refund.state,
            "check_at": check_at,
            "now": refund.created_at,
        }
        await self._uow.execute(
            "UPDATE payment_attempt SET refunding_minor = refunding_minor + :amount, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :attempt",
            params,
        )
        await self._uow.execute(
            "INSERT INTO payment_refund (tenant_id, id, payment_id, attempt_id, merchant_id, refund_key, "
            "out_refund_no, amount_minor, reason, cause, state, due_at, check_at, created_at, "
            "updated_at) VALUES "
            "(:tenant, :id, :payment, :attempt, :merchant, :key, :number, :amount, :reason, :cause, :state, "
            ":check_at, :check_at, :now, :now)",
            params,
        )

    async def find(self, refund_id: RefundId) -> KeptRefund | None:
        return await self._one("id = :id", {"id": refund_id})

    async def find_by_key(self, key: str) -> KeptRefund | None:
        return await self._one("refund_key = :key", {"key": key})

    async def find_by_number(self, merchant_id: MerchantId, out_refund_no: str) -> KeptRefund | None:
        return await self._one(
            "merchant_id = :merchant AND out_refund_no = :number",
            {"merchant": merchant_id, "number": out_refund_no},
        )

    async def of_payment(self, payment_id: PaymentId) -> tuple[KeptRefund, ...]:
        """Return a payment's refunds, oldest first."""
        rows = await self._uow.execute(
            "SELECT * FROM payment_refund WHERE tenant_id = :tenant AND payment_id = :id ORDER BY id",
            {"tenant": self._uow.tenant_id, "id": payment_id},
        )
        return tuple(refund_of(row) for row in rows)

    async def claim_due(self, *, now: datetime, until: datetime, limit: int) -> tuple[KeptRefund, ...]:
        """Take refunds that are to be carried out or looked at; nobody else takes them before ``until``."""
        rows = await self._uow.execute(
            "UPDATE payment_refund SET check_at = :until, looks = looks + 1 WHERE tenant_id = :tenant "
            "AND id IN (SELECT id FROM payment_refund WHERE tenant_id = :tenant AND check_at <= :now "
            "ORDER BY check_at LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING *",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit},
        )
        return tuple(refund_of(row) for row in rows)

    async def move(
        self,
        refund: KeptRefund,
        state: RefundState,
        *,
        check_at: datetime | None,
        note: str,
        platform_id: str = "",
    ) -> None:
        """Write where a refund stands and when to look again."""
        await self._uow.execute(
            "UPDATE payment_refund SET state = :state, check_at = :check_at, note = :note, "
            "updated_at = :now, "
            "refund_id = CASE WHEN CAST(:platform AS text) = '' THEN refund_id ELSE :platform END "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "id": refund.refund_id,
                "state": state,
                "check_at": check_at,
                "note": note,
                "platform": platform_id,
                "now": self._uow.clock.now(),
            },
        )

    async def settle(self, refund: KeptRefund, *, platform_id: str, at: datetime) -> None:
        """Write that the money has arrived, and the line of the ledger with it."""
        params = {
            "tenant": self._uow.tenant_id,
            "id": refund.refund_id,
            "attempt": refund.attempt_id,
            "merchant": refund.merchant_id,
            "own": refund.out_refund_no,
            "number": platform_id,
            "amount": refund.amount_minor,
            "at": at,
            "now": self._uow.clock.now(),
        }
        await self._uow.execute(
            "UPDATE payment_refund SET state = 'succeeded', check_at = NULL, note = '', refund_id = :number, "
            "succeeded_at = :at, updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            params,
        )
        await self._uow.execute(
            "UPDATE payment_attempt SET refunded_minor = refunded_minor + :amount, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :attempt",
            params,
        )
        await self._uow.execute(
            "INSERT INTO payment_entry (tenant_id, merchant_id, kind, number, own_number, amount_minor, "
            "attempt_id, refund_id, occurred_at, recorded_at) VALUES (:tenant, :merchant, 'refund', :number, "
            ":own, - CAST(:amount AS bigint), :attempt, :id, :at, :now) ON CONFLICT DO NOTHING",
            params,
        )

    async def release(self, refund: KeptRefund) -> None:
        """Give the amount of a refund that will not happen back to what can be refunded."""
        await self._uow.execute(
            "UPDATE payment_attempt SET refunding_minor = refunding_minor - :amount, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :attempt",
            {
                "tenant": self._uow.tenant_id,
                "attempt": refund.attempt_id,
                "amount": refund.amount_minor,
                "now": self._uow.clock.now(),
            },
        )

    async def count_of(self, attempt_id: AttemptId) -> tuple[int, datetime | None]:
        """Return how many refunds an attempt has, and when the last is or was to be asked for."""
        rows = await self._uow.execute(
            "SELECT count(*) AS refunds, max(due_at) AS last_at FROM payment_refund "
            "WHERE tenant_id = :tenant AND attempt_id = :id",
            {"tenant": self._uow.tenant_id, "id": attempt_id},
        )
        row = rows.one()
        return row.refunds, row.last_at

    async def _one(self, condition: str, params: dict[str, Any]) -> KeptRefund | None:
        rows = await self._uow.execute(
            f"{_SELECT} WHERE tenant_id = :tenant AND {condition}",
            {"tenant": self._uow.tenant_id, **params},
        )
        row = rows.first()
        return None if row is None else refund_of(row)


def refund_of(row: Any) -> KeptRefund:
    """Read a row of ``payment_refund``."""
    return KeptRefund(
        refund_id=RefundId(row.id),
        payment_id=PaymentId(row.payment_id),
        attempt_id=AttemptId(row.attempt_id),
        merchant_id=MerchantId(row.merchant_id),
        key=row.refund_key,
        out_refund_no=row.out_refund_no,
        amount_minor=row.amount_minor,
        reason=row.reason,
        cause=RefundCause(row.cause),
        state=RefundState(row.state),
        note=row.note,
        platform_id=row.refund_id,
        looks=row.looks,
        succeeded_at=row.succeeded_at,
        created_at=row.created_at,
    )
