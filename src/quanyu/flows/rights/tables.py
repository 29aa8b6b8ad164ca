"""Counting, showing and clearing what PostgreSQL's tables hold about somebody, as ``holdings`` says."""

# ruff: noqa: S608 - statements are made of the names in holdings and of constants.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights.holdings import HOLDINGS, Fate, Holding
from quanyu.infra.unit_of_work import UnitOfWork

SHOWN_MAX: Final = 10_000  # Rows of one table in a package.
CLEARED: Final = tuple(one for one in HOLDINGS if one.fate in (Fate.ERASED, Fate.REDACTED))


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom rows are about: every id and every token they have."""

    people: Sequence[int]
    tokens: Sequence[bytes]


async def count(uow: UnitOfWork, holding: Holding, whom: Whom) -> int:
    """Return how many rows of a holding are about somebody."""
    rows = await _run(uow, f"SELECT count(*) FROM {holding.table} {_theirs(holding)}", whom)
    return int(rows.scalar_one())


async def clear(uow: UnitOfWork, holding: Holding, whom: Whom) -> int:
    """Erase or redact a holding's rows about somebody; return how many there were. Idempotent."""
    if holding.fate is Fate.ERASED:
        sql = f"DELETE FROM {holding.table} {_theirs(holding)}"
    else:
        sql = f"UPDATE {holding.table} SET {holding.sets} {_theirs(holding)}"
    return int((await _run(uow, sql, whom)).rowcount)


async def show(uow: UnitOfWork, holding: Holding, whom: Whom) -> list[dict[str, Any]]:
    """Return a holding's rows about somebody."""
    rows = await _run(uow, f"SELECT * FROM {holding.table} {_theirs(holding)} LIMIT {SHOWN_MAX}", whom)
    return [dict(row._mapping) for row in rows]


def _theirs(holding: Holding) -> str:
    ways = [f"{column} = ANY(CAST(:people AS int[]))" for column in holding.people]
    ways += [f"{column} = ANY(CAST(:tokens AS bytea[]))" for column in holding.tokens]
    return f"WHERE tenant_id = :tenant AND ({' OR '.join(ways)}) AND {holding.where}"


async def _run(uow: UnitOfWork, sql: str, whom: Whom) -> Any:
    values = {"tenant": uow.tenant_id, "people": list(whom.people), "tokens": list(whom.tokens)}
    return await uow.execute(sql, {key: value for key, value in values.items() if f":{key}" in sql})
