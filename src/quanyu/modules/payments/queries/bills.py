"""Bills, their lines, and how they compare with our ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.payments.contracts import BillKind, BillState, MerchantId
from quanyu.modules.payments.rules import DifferenceKind, EntryKind

_DIFFERENCES_MAX: Final = (
    10_000  # Of one bill: beyond that something else is wrong, and the rest follows later.
)


@dataclass(frozen=True, slots=True)
class BillKey:
    """One bill."""

    merchant_id: MerchantId
    kind: BillKind
    day: date


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of a bill. Money that leaves the merchant is negative."""

    line: int
    entry: EntryKind
    number: str
    own_number: str
    amount_minor: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDifference:
    """Where a bill and the ledger disagree."""

    kind: DifferenceKind
    entry: EntryKind
    number: str
    own_number: str
    ours_minor: int | None
    bill_minor: int | None


# What the bill of the day says, a number at a time, beside what the ledger says of it on any day. A refund
# that is still on its way stands in a trade bill before it stands in our ledger: that is no difference.
_BILL_SIDE: Final = """
SELECT b.entry, b.number, b.own_number, b.amount AS bill, e.amount_minor AS ours
FROM (
    SELECT entry, number, max(own_number) AS own_number, CAST(sum(amount_minor) AS bigint) AS amount
    FROM payment_bill_line
    WHERE tenant_id = :tenant AND merchant_id = :merchant AND kind = :kind AND day = :day AND entry <> 'other'
    GROUP BY entry, number
) b
LEFT JOIN payment_entry e ON e.tenant_id = :tenant AND e.merchant_id = :merchant
    AND e.kind = b.entry AND e.number = b.number
WHERE e.amount_minor IS DISTINCT FROM b.amount
AND NOT (e.number IS NULL AND b.entry = 'refund' AND EXISTS (
    SELECT FROM payment_refund r WHERE r.tenant_id = :tenant AND r.merchant_id = :merchant
    AND r.out_refund_no = b.own_number AND - r.amount_minor = b.amount
    AND r.state IN ('planned', 'processing', 'abnormal')))
ORDER BY b.entry, b.number LIMIT :limit
"""
# What our ledger says of the day and no bill of any day does.
_LEDGER_SIDE: Final = """
SELECT e.kind AS entry, e.number, e.own_number, e.amount_minor AS ours
FROM payment_entry e
WHERE e.tenant_id = :tenant AND e.merchant_id = :merchant
AND e.occurred_at >= :start AND e.occurred_at < :end
AND NOT EXISTS (SELECT FROM payment_bill_line b WHERE b.tenant_id = :tenant
    AND b.merchant_id = :merchant AND b.kind = :kind AND b.entry = e.kind AND b.number = e.number)
ORDER BY e.kind, e.number LIMIT :limit
"""
# Open differences that are explained by now: both sides say the same, or neither says anything.
_FORGET: Final = """
UPDATE payment_difference d SET state = 'gone', updated_at = :now
WHERE d.tenant_id = :tenant AND d.merchant_id = :merchant AND d.bill = :kind AND d.state = 'open'
AND d.entry <> 'other'
AND (SELECT sum(b.amount_minor) FROM payment_bill_line b WHERE b.tenant_id = :tenant
    AND b.merchant_id = :merchant AND b.kind = :kind AND b.entry = d.entry AND b.number = d.number)
IS NOT DISTINCT FROM
    (SELECT e.amount_minor FROM payment_entry e WHERE e.tenant_id = :tenant
    AND e.merchant_id = :merchant AND e.kind = d.entry AND e.number = d.number)
"""


class BillQueries:
    """Statements on ``payment_bill``, ``payment_bill_line`` and ``payment_difference``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add_days(self, merchant_id: MerchantId, *, first: date, last: date, now: datetime) -> None:
        """Have the bills of these days fetched; those known already stay as they are."""
        await self._uow.execute(
            "INSERT INTO payment_bill (tenant_id, merchant_id, kind, day, state, check_at) "
            "SELECT :tenant, :merchant, k.kind, CAST(d.day AS date), 'waiting', :now FROM "
            "generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d (day), "
            "(VALUES ('trade'), ('fund_flow')) AS k (kind) ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "merchant": merchant_id,
                "first": first,
                "last": last,
                "now": now,
            },
        )

    async def claim_due(
        self, *, now: datetime, until: datetime, limit: int
    ) -> tuple[tuple[BillKey, int], ...]:
        """Take bills to fetch, with how often they were tried; nobody else takes them before ``until``."""
        rows = await self._uow.execute(
            "UPDATE payment_bill SET check_at = :until, looks = looks + 1 WHERE tenant_id = :tenant "
            "AND (merchant_id, kind, day) IN (SELECT merchant_id, kind, day FROM payment_bill "
            "WHERE tenant_id = :tenant AND check_at <= :now ORDER BY day, kind LIMIT :limit "
            "FOR UPDATE SKIP LOCKED) RETURNING merchant_id, kind, day, looks",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit},
        )
        return tuple((_key(row), row.looks) for row in rows)

    async def clear_lines(self, key: BillKey) -> None:
        """Forget what was read of a bill: an attempt that broke off is read anew."""
        await self._uow.execute(
            "DELETE FROM payment_bill_line WHERE tenant_id = :tenant AND merchant_id = :merchant "
            "AND kind = :kind AND day = :day",
            self._of(key),
        )

    async def add_lines(self, key: BillKey, lines: Sequence[BillLine]) -> None:
        """Keep lines; one that is there already stays."""
        connection = await self._uow.raw()
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO payment_bill_line (tenant_id, merchant_id, kind, day, line, entry, number, "
                "own_number, amount_minor, occurred_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                [
                    (
                        self._uow.tenant_id,
                        key.merchant_id,
                        key.kind.value,
                        key.day,
                        one.line,
                        one.entry.value,
                        one.number,
                        one.own_number,
                        one.amount_minor,
                        one.occurred_at,
                    )
                    for one in lines
                ],
            )

    async def postpone(self, key: BillKey, state: BillState, *, at: datetime | None, note: str) -> None:
        await self._uow.execute(
            "UPDATE payment_bill SET state = :state, check_at = :at, note = :note WHERE tenant_id = :tenant "
            "AND merchant_id = :merchant AND kind = :kind AND day = :day",
            {**self._of(key), "state": state, "at": at, "note": note},
        )

    async def done(self, key: BillKey, *, note: str) -> None:
        """Write that a bill is read and compared, with its sums."""
        await self._uow.execute(
            "UPDATE payment_bill b SET state = 'done', check_at = NULL, note = :note, compared_at = :now, "
            "lines = s.lines, income_minor = s.income, spent_minor = s.spent FROM ("
            "SELECT count(*) AS lines, coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) "
            "AS income, coalesce(- sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS spent "
            "FROM payment_bill_line WHERE tenant_id = :tenant AND merchant_id = :merchant "
            "AND kind = :kind AND day = :day) s WHERE b.tenant_id = :tenant "
            "AND b.merchant_id = :merchant AND b.kind = :kind AND b.day = :day",
            {**self._of(key), "note": note, "now": self._uow.clock.now()},
        )

    async def compare(self, key: BillKey, *, start: datetime, end: datetime) -> tuple[FoundDifference, ...]:
        """Return where the bill and our ledger of that day disagree."""
        params = {**self._of(key), "start": start, "end": end, "limit": _DIFFERENCES_MAX}
        billed = await self._uow.execute(_BILL_SIDE, params)
        found = [
            FoundDifference(
                kind=DifferenceKind.NOT_IN_LEDGER if row.ours is None else DifferenceKind.AMOUNT_DIFFERS,
                entry=EntryKind(row.entry),
                number=row.number,
                own_number=row.own_number,
                ours_minor=row.ours,
                bill_minor=row.bill,
            )
            for row in billed
        ]
        missing = await self._uow.execute(_LEDGER_SIDE, params)
        found += [
            FoundDifference(
                kind=DifferenceKind.NOT_IN_BILL,
                entry=EntryKind(row.entry),
                number=row.number,
                own_number=row.own_number,
                ours_minor=row.ours,
                bill_minor=None,
            )
            for row in missing
        ]
        return tuple(found)

    async def keep_differences(self, key: BillKey, found: Sequence[FoundDifference]) -> None:
        """Write differences, one for each number; what a person has resolved stays so."""
        for one in found:
            await self._uow.execute(
                "INSERT INTO payment_difference AS d (tenant_id, id, merchant_id, bill, day, kind, entry, "
                "number, own_number, ours_minor, bill_minor, state, found_at, updated_at) VALUES (:tenant, "
                ":id, :merchant, :kind, :day, :difference, :entry, :number, :own, :ours, :bill, 'open', "
                ":now, :now) ON CONFLICT (tenant_id, merchant_id, bill, entry, number) DO UPDATE SET "
                "kind = excluded.kind, ours_minor = excluded.ours_minor, bill_minor = excluded.bill_minor, "
                "state = CASE WHEN d.state = 'gone' THEN 'open' ELSE d.state END, updated_at = :now",
                {
                    **self._of(key),
                    "id": new_id(),
                    "difference": one.kind,
                    "entry": one.entry,
                    "number": one.number,
                    "own": one.own_number,
                    "ours": one.ours_minor,
                    "bill": one.bill_minor,
                    "now": self._uow.clock.now(),
                },
            )

    async def forget_explained(self, key: BillKey) -> None:
        """Let differences go that later lines or later entries have explained."""
        await self._uow.execute(_FORGET, {**self._of(key), "now": self._uow.clock.now()})

    async def resolve(self, difference_id: int, note: str) -> Any | None:
        """Write that a person has looked into a difference; return the row, if there is one."""
        rows = await self._uow.execute(
            "UPDATE payment_difference SET state = 'resolved', note = :note, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id RETURNING *",
            {
                "tenant": self._uow.tenant_id,
                "id": difference_id,
                "note": note,
                "now": self._uow.clock.now(),
            },
        )
        return rows.first()

    async def again(self, key: BillKey) -> bool:
        """Have a bill fetched and compared once more; false if it is not known."""
        done = await self._uow.execute(
            "UPDATE payment_bill SET state = 'waiting', check_at = :now, looks = 0 WHERE tenant_id = :tenant "
            "AND merchant_id = :merchant AND kind = :kind AND day = :day",
            {**self._of(key), "now": self._uow.clock.now()},
        )
        return done.rowcount == 1

    def _of(self, key: BillKey) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "merchant": key.merchant_id,
            "kind": key.kind.value,
            "day": key.day,
        }


def _key(row: Any) -> BillKey:
    return BillKey(MerchantId(row.merchant_id), BillKind(row.kind), row.day)
