"""Counting, showing and clearing what PostgreSQL's tables hold about somebody, as ``holdings`` says."""

# ruff: noqa: S608 - statements are made of the names in holdings and of constants.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights.holdings import HOLDINGS, Fate, Holding
from quanyu.infra.unit_of_work import UnitOfWork

_KEY: Final = "package_key_"
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


async def page(
    uow: UnitOfWork, holding: Holding, whom: Whom, *, after: Sequence[str] | None, limit: int
) -> tuple[list[dict[str, Any]], list[str] | None]:
    """Return rows of a holding about somebody behind a key, and the last key where there may be more."""
    key = await _key_of(uow, holding.table)
    names = ", ".join(name for name, _ in key)
    behind = ", ".join(f"CAST(:key_{at} AS {kind})" for at, (_, kind) in enumerate(key))
    where = f"AND ({names}) > ({behind})" if after else ""
    texts = ", ".join(f"CAST({name} AS text) AS {_KEY}{at}" for at, (name, _) in enumerate(key))
    found = await _run(
        uow,
        f"SELECT *, {texts} FROM {holding.table} {_theirs(holding)} {where} ORDER BY {names} LIMIT {limit}",
        whom,
        {f"key_{at}": text for at, text in enumerate(after or ())},
    )
    rows = [dict(row._mapping) for row in found]
    keys = [[str(row.pop(f"{_KEY}{at}")) for at in range(len(key))] for row in rows]
    return rows, keys[-1] if len(rows) == limit else None


async def _key_of(uow: UnitOfWork, table: str) -> list[tuple[str, str]]:
    """Return the columns of a table's primary key and their types."""
    rows = await uow.execute(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind
        FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, at)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE i.indrelid = CAST(:name AS regclass) AND i.indisprimary ORDER BY k.at
        """,
        {"name": table},
    )
    return [(str(row.attname), str(row.kind)) for row in rows]


def _theirs(holding: Holding) -> str:
    ways = [f"{column} = ANY(CAST(:people AS int[]))" for column in holding.people]
    ways += [f"{column} = ANY(CAST(:tokens AS bytea[]))" for column in holding.tokens]
    return f"WHERE tenant_id = :tenant AND ({' OR '.join(ways)}) AND {holding.where}"


async def _run(uow: UnitOfWork, sql: str, whom: Whom, more: Mapping[str, str] | None = None) -> Any:
    values: dict[str, Any] = {"people": list(whom.people), "tokens": list(whom.tokens), **(more or {})}
    values["tenant"] = uow.tenant_id
    return await uow.execute(sql, {key: value for key, value in values.items() if f":{key}" in sql})
