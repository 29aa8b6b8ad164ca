"""What remembers an erasure without remembering anybody: keyed tokens and ids that stand for nobody.

Old data that comes again, in a file or from a slow device, stays nobody's; what somebody does later makes
them known anew.
"""

from collections.abc import Sequence
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.contracts import ResolveRow
from quanyu.modules.people.sealing import split_tokens

# What is left of an event in the log: that something happened, when, and for how much.
REDACTED = (
    "tokens = ''::bytea, identifiers = NULL, sealed = NULL, person_id = NULL, properties = '{}', "
    "context = '{}', trace = '', message_id = 'erased'"
)


class Tombstones:
    """Asked before events find their people."""

    async def strip(self, uow: UnitOfWork, rows: Sequence[ResolveRow]) -> list[ResolveRow]:
        """Return the rows, those of people who were erased after them as nobody's.

        These are redacted in the log, in the same transaction. Cheap for a brand that erased nobody.
        """
        if not await _has_any(uow):
            return list(rows)
        erased = await _erased_tokens(uow, {token for row in rows for token in split_tokens(row.tokens)})
        gone = await _erased_people(uow, {row.person_id for row in rows if row.person_id is not None})
        hit = {
            row.position
            for row in rows
            if row.person_id in gone
            or any(row.occurred_at <= erased[one] for one in split_tokens(row.tokens) if one in erased)
        }
        if not hit:
            return list(rows)
        await uow.execute(
            f"UPDATE log_event SET {REDACTED} WHERE tenant_id = :tenant "  # noqa: S608 - a constant.
            "AND position = ANY(CAST(:positions AS bigint[]))",
            {"tenant": uow.tenant_id, "positions": sorted(hit)},
        )
        return [_nobody(row) if row.position in hit else row for row in rows]


async def bury(uow: UnitOfWork, people: Sequence[int], tokens: Sequence[bytes], at: datetime) -> None:
    """Remember that these people were erased at an instant. Idempotent."""
    values = {"tenant": uow.tenant_id, "now": at}
    await uow.execute(
        "INSERT INTO erased_token (tenant_id, token, erased_at) "
        "SELECT :tenant, token, :now FROM unnest(CAST(:tokens AS bytea[])) AS t (token) ORDER BY token "
        "ON CONFLICT (tenant_id, token) DO UPDATE "
        "SET erased_at = greatest(erased_token.erased_at, excluded.erased_at)",
        {**values, "tokens": list(tokens)},
    )
    await uow.execute(
        "INSERT INTO erased_person (tenant_id, person_id, erased_at) "
        "SELECT :tenant, id, :now FROM unnest(CAST(:people AS int[])) AS p (id) ORDER BY id "
        "ON CONFLICT DO NOTHING",
        {**values, "people": list(people)},
    )


async def _has_any(uow: UnitOfWork) -> bool:
    rows = await uow.execute(
        "SELECT EXISTS (SELECT FROM erased_person WHERE tenant_id = :tenant)", {"tenant": uow.tenant_id}
    )
    return bool(rows.scalar_one())


async def _erased_tokens(uow: UnitOfWork, tokens: set[bytes]) -> dict[bytes, datetime]:
    rows = await uow.execute(
        "SELECT e.token, e.erased_at FROM unnest(CAST(:tokens AS bytea[])) AS t (token) "
        "JOIN erased_token e ON e.tenant_id = :tenant AND e.token = t.token",
        {"tenant": uow.tenant_id, "tokens": sorted(tokens)},
    )
    return {bytes(row.token): row.erased_at for row in rows}


async def _erased_people(uow: UnitOfWork, people: set[int]) -> set[int]:
    rows = await uow.execute(
        "SELECT e.person_id FROM unnest(CAST(:people AS int[])) AS p (id) "
        "JOIN erased_person e ON e.tenant_id = :tenant AND e.person_id = p.id",
        {"tenant": uow.tenant_id, "people": sorted(people)},
    )
    return {row.person_id for row in rows}


def _nobody(row: ResolveRow) -> ResolveRow:
    return ResolveRow(row.position, row.kind, row.occurred_at, row.source)
