"""Payments and their attempts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.payments.contracts import AttemptId, AttemptKind, MerchantId, PaymentId
from quanyu.modules.payments.rules import AttemptState, PaymentState

_SELECT: Final = "SELECT * FROM payment"
_SELECT_ATTEMPT: Final = "SELECT * FROM payment_attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPayment:
    """A row of ``payment``."""

    payment_id: PaymentId
    merchant_id: MerchantId
    key: str
    amount_minor: int
    currency: str
    description: str
    state: PaymentState
    expires_at: datetime
    close_asked_at: datetime | None
    paid_at: datetime | None
    closed_at: datetime | None
    created_at: datetime

    def is_wanted(self, now: datetime) -> bool:
        """Whether a person may still pay."""
        return self.close_asked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAttempt:
    """A row of ``payment_attempt``."""

    attempt_id: AttemptId
    payment_id: PaymentId
    merchant_id: MerchantId
    out_trade_no: str
    kind: AttemptKind
    app_id: str
    payer_sealed: bytes = field(repr=False)
    state: AttemptState
    reason: str
    transaction_id: str
    paid_at: datetime | None
    paid_minor: int
    refunding_minor: int
    refunded_minor: int
    looks: int
    created_at: datetime


class PaymentQueries:
    """Statements on ``payment`` and ``payment_attempt``. A payment is locked before its attempts."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, payment: KeptPayment) -> bool:
        """Write a new payment; false if its key is taken."""
        done = await self._uow.execute(
            "INSERT INTO payment (tenant_id, id, merchant_id, payment_key, amount_minor, currency, "
            "description, state, expires_at, created_at, updated_at) VALUES (:tenant, :id, :merchant, :key, "
            ":amount, :currency, :description, :state, :expires_at, :now, :now) ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "id": payment.payment_id,
                "merchant": payment.merchant_id,
                "key": payment.key,
                "amount": payment.amount_minor,
                "currency": payment.currency,
                "description": payment.description,
                "state": payment.state,
                "expires_at": payment.expires_at,
                "now": payment.created_at,
            },
        )
        return done.rowcount == 1

    async def find(self, payment_id: PaymentId) -> KeptPayment | None:
        return await self._one("id = :id", {"id": payment_id})

    async def find_by_key(self, key: str) -> KeptPayment | None:
        return await self._one("payment_key = :key", {"key": key})

    async def lock(self, payment_id: PaymentId) -> KeptPayment | None:
        """Return a payment that nobody else changes until the commit."""
        return await self._one("id = :id", {"id": payment_id}, tail="FOR UPDATE")

    async def ask_to_close(self, payment_id: PaymentId, now: datetime) -> None:
        """Want no payment any more: live attempts are closed at the platform first."""
        params = {"tenant": self._uow.tenant_id, "id": payment_id, "now": now}
        await self._uow.execute(
            "UPDATE payment SET close_asked_at = coalesce(close_asked_at, :now), updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            params,
        )
        await self.close_live(payment_id, now)

    async def close_live(self, payment_id: PaymentId, now: datetime) -> None:
        """Let every live attempt be closed at the platform, as soon as possible."""
        await self._uow.execute(
            "UPDATE payment_attempt SET state = 'closing', check_at = :now, looks = 0, updated_at = :now "
            "WHERE tenant_id = :tenant AND payment_id = :id AND state IN ('planned', 'open')",
            {"tenant": self._uow.tenant_id, "id": payment_id, "now": now},
        )

    async def set_state(self, payment_id: PaymentId, state: PaymentState, at: datetime) -> None:
        await self._uow.execute(
            "UPDATE payment SET state = CAST(:state AS text), updated_at = :at, "
            "paid_at = CASE WHEN :state = 'paid' THEN CAST(:at AS timestamptz) END, "
            "closed_at = CASE WHEN :state = 'closed' THEN CAST(:at AS timestamptz) END "
            "WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": payment_id, "state": state, "at": at},
        )

    async def expired(self, now: datetime, limit: int) -> tuple[PaymentId, ...]:
        """Return open payments whose time is over and that no attempt keeps."""
        rows = await self._uow.execute(
            "SELECT id FROM payment p WHERE tenant_id = :tenant AND state = 'open' AND expires_at <= :now "
            "AND NOT EXISTS (SELECT FROM payment_attempt a WHERE a.tenant_id = p.tenant_id "
            "AND a.payment_id = p.id AND a.state IN ('planned', 'open', 'closing')) "
            "ORDER BY expires_at LIMIT :limit",
            {"tenant": self._uow.tenant_id, "now": now, "limit": limit},
        )
        return tuple(PaymentId(row.id) for row in rows)

    async def insert_attempt(self, attempt: KeptAttempt, *, check_at: datetime) -> None:
        await self._uow.execute(
            "INSERT INTO payment_attempt (tenant_id, id, payment_id, merchant_id, out_trade_no, kind, "
            "app_id, payer_sealed, state, check_at, created_at, updated_at) VALUES (:tenant, :id, :payment, "
            ":merchant, :out_trade_no, :kind, :app_id, :payer, :state, :check_at, :now, :now)",
            {
                "tenant": self._uow.tenant_id,
                "id": attempt.attempt_id,
                "payment": attempt.payment_id,
                "merchant": attempt.merchant_id,
                "out_trade_no": attempt.out_trade_no,
                "kind": attempt.kind,
                "app_id": attempt.app_id,
                "payer": attempt.payer_sealed,
                "state": attempt.state,
                "check_at": check_at,
                "now": attempt.created_at,
            },
        )

    async def attempts(self, payment_id: PaymentId) -> tuple[KeptAttempt, ...]:
        """Return a payment's attempts, oldest first."""
        rows = await self._uow.execute(
            "SELECT * FROM payment_attempt WHERE tenant_id = :tenant AND payment_id = :id ORDER BY id",
            {"tenant": self._uow.tenant_id, "id": payment_id},
        )
        return tuple(_attempt(row) for row in rows)

    async def find_attempt(self, attempt_id: AttemptId) -> KeptAttempt | None:
        return await self._one_attempt("id = :id", {"id": attempt_id})

    async def find_by_number(self, merchant_id: MerchantId, out_trade_no: str) -> KeptAttempt | None:
        return await self._one_attempt(
            "merchant_id = :merchant AND out_trade_no = :number",
            {"merchant": merchant_id, "number": out_trade_no},
        )

    async def claim_due(self, *, now: datetime, until: datetime, limit: int) -> tuple[KeptAttempt, ...]:
        """Take attempts that are to be looked at; nobody else takes them before ``until``."""
        rows = await self._uow.execute(
            "UPDATE payment_attempt SET check_at = :until, looks = looks + 1 WHERE tenant_id = :tenant "
            "AND id IN (SELECT id FROM payment_attempt WHERE tenant_id = :tenant AND check_at <= :now "
            "ORDER BY check_at LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING *",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit},
        )
        return tuple(_attempt(row) for row in rows)

    async def move(
        self, attempt: KeptAttempt, state: AttemptState, *, check_at: datetime | None, reason: str
    ) -> None:
        """Write where an attempt stands and when to look again."""
        await self._uow.execute(
            "UPDATE payment_attempt SET state = :state, check_at = :check_at, reason = :reason, "
            "looks = CASE WHEN state = :state THEN looks ELSE 0 END, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "id": attempt.attempt_id,
                "state": state,
                "check_at": check_at,
                "reason": reason,
                "now": self._uow.clock.now(),
            },
        )

    async def paid(
        self, attempt: KeptAttempt, state: AttemptState, *, transaction_id: str, at: datetime, amount: int
    ) -> None:
        """Write that an attempt was paid, and the line of the ledger with it."""
        params = {
            "tenant": self._uow.tenant_id,
            "id": attempt.attempt_id,
            "merchant": attempt.merchant_id,
            "own": attempt.out_trade_no,
            "state": state,
            "number": transaction_id,
            "at": at,
            "amount": amount,
            "now": self._uow.clock.now(),
        }
        await self._uow.execute(
            "UPDATE payment_attempt SET state = :state, transaction_id = :number, paid_at = :at, "
            "paid_minor = :amount, check_at = NULL, reason = '', updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            params,
        )
        await self._uow.execute(
            "INSERT INTO payment_entry (tenant_id, merchant_id, kind, number, own_number, amount_minor, "
            "attempt_id, occurred_at, recorded_at) VALUES (:tenant, :merchant, 'payment', :number, :own, "
            ":amount, :id, :at, :now) ON CONFLICT DO NOTHING",
            params,
        )

    async def _one(self, condition: str, params: dict[str, Any], tail: str = "") -> KeptPayment | None:
        rows = await self._uow.execute(
            f"{_SELECT} WHERE tenant_id = :tenant AND {condition} {tail}",
            {"tenant": self._uow.tenant_id, **params},
        )
        row = rows.first()
        return None if row is None else payment_of(row)

    async def _one_attempt(self, condition: str, params: dict[str, Any]) -> KeptAttempt | None:
        rows = await self._uow.execute(
            f"{_SELECT_ATTEMPT} WHERE tenant_id = :tenant AND {condition}",
            {"tenant": self._uow.tenant_id, **params},
        )
        row = rows.first()
        return None if row is None else _attempt(row)


def payment_of(row: Any) -> KeptPayment:
    """Read a row of ``payment``."""
    return KeptPayment(
        payment_id=PaymentId(row.id),
        merchant_id=MerchantId(row.merchant_id),
        key=row.payment_key,
        amount_minor=row.amount_minor,
        currency=row.currency,
        description=row.description,
        state=PaymentState(row.state),
        expires_at=row.expires_at,
        close_asked_at=row.close_asked_at,
        paid_at=row.paid_at,
        closed_at=row.closed_at,
        created_at=row.created_at,
    )


def _attempt(row: Any) -> KeptAttempt:
    return KeptAttempt(
        attempt_id=AttemptId(row.id),
        payment_id=PaymentId(row.payment_id),
        merchant_id=MerchantId(row.merchant_id),
        out_trade_no=row.out_trade_no,
        kind=AttemptKind(row.kind),
        app_id=row.app_id,
        payer_sealed=bytes(row.payer_sealed),
        state=AttemptState(row.state),
        reason=row.reason,
        transaction_id=row.transaction_id,
        paid_at=row.paid_at,
        paid_minor=row.paid_minor,
        refunding_minor=row.refunding_minor,
        refunded_minor=row.refunded_minor,
        looks=row.looks,
        created_at=row.created_at,
    )
