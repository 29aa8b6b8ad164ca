"""Every statement on ``drafting_model`` and ``drafting_usage``."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from quanyu.flows.drafting.model.contracts import SaveModel, UsageRow
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork

_CONTEXT: Final = b"drafting.model"
USAGE_ROWS_MAX: Final = 100
_SAVE: Final = """
INSERT INTO drafting_model (tenant_id, base_url, model, api_key_sealed, timeout_s, price_in, price_out,
    currency, daily_tokens_max, updated_at)
VALUES (:tenant, :base_url, :model, :key, :timeout_s, :price_in, :price_out, :currency, :most, :now)
ON CONFLICT (tenant_id) DO UPDATE SET base_url = excluded.base_url, model = excluded.model,
    api_key_sealed = excluded.api_key_sealed, timeout_s = excluded.timeout_s, price_in = excluded.price_in,
    price_out = excluded.price_out, currency = excluded.currency,
    daily_tokens_max = excluded.daily_tokens_max, updated_at = excluded.updated_at
"""
_COUNT: Final = """
INSERT INTO drafting_usage AS u (tenant_id, day, what, calls, failures, tokens_in, tokens_out, cost)
VALUES (:tenant, :day, :what, 1, :failures, :tokens_in, :tokens_out, :cost)
ON CONFLICT (tenant_id, day, what) DO UPDATE SET
    calls = u.calls + 1, failures = u.failures + excluded.failures,
    tokens_in = u.tokens_in + excluded.tokens_in, tokens_out = u.tokens_out + excluded.tokens_out,
    cost = u.cost + excluded.cost
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """The chosen model with its key."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    timeout_s: int
    price_in: Decimal
    price_out: Decimal
    currency: str
    daily_tokens_max: int
    updated_at: datetime


async def find_model(uow: UnitOfWork, keyring: KeyRing) -> KeptModel | None:
    """Return the brand's model, its key opened."""
    rows = await uow.execute(
        "SELECT base_url, model, api_key_sealed, timeout_s, price_in, price_out, currency, daily_tokens_max, "
        "updated_at FROM drafting_model WHERE tenant_id = :tenant",
        {"tenant": uow.tenant_id},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    sealed = row.api_key_sealed
    return KeptModel(
        base_url=row.base_url,
        model=row.model,
        api_key="" if sealed is None else keyring.open(bytes(sealed), context=_CONTEXT).decode(),
        timeout_s=row.timeout_s,
        price_in=row.price_in,
        price_out=row.price_out,
        currency=row.currency,
        daily_tokens_max=row.daily_tokens_max,
        updated_at=row.updated_at,
    )


async def save_model(uow: UnitOfWork, keyring: KeyRing, command: SaveModel, *, api_key: str) -> None:
    """Choose a model, or change it."""
    await uow.execute(
        _SAVE,
        {
            "tenant": uow.tenant_id,
            "base_url": command.base_url,
            "model": command.model,
            "key": keyring.seal(api_key.encode(), context=_CONTEXT) if api_key else None,
            "timeout_s": command.timeout_s,
            "price_in": command.price_in,
            "price_out": command.price_out,
            "currency": command.currency,
            "most": command.daily_tokens_max,
            "now": uow.clock.now(),
        },
    )


async def delete_model(uow: UnitOfWork) -> None:
    """Draft by rules alone from now on; what was used stays counted."""
    await uow.execute("DELETE FROM drafting_model WHERE tenant_id = :tenant", {"tenant": uow.tenant_id})


async def count_call(uow: UnitOfWork, row: UsageRow) -> None:
    """Add one call to its day."""
    await uow.execute(_COUNT, {"tenant": uow.tenant_id, **row.model_dump(exclude={"calls"})})


async def tokens_of(uow: UnitOfWork, day: date) -> int:
    """Return how many tokens a day has used."""
    rows = await uow.execute(
        "SELECT coalesce(sum(tokens_in + tokens_out), 0) FROM drafting_usage "
        "WHERE tenant_id = :tenant AND day = :day",
        {"tenant": uow.tenant_id, "day": day},
    )
    return int(rows.scalar_one())


async def list_usage(uow: UnitOfWork, since: date) -> tuple[UsageRow, ...]:
    """Return what was used since a day, newest first."""
    rows = await uow.execute(
        "SELECT day, what, calls, failures, tokens_in, tokens_out, cost FROM drafting_usage "
        "WHERE tenant_id = :tenant AND day >= :since ORDER BY day DESC, what LIMIT :limit",
        {"tenant": uow.tenant_id, "since": since, "limit": USAGE_ROWS_MAX},
    )
    return tuple(UsageRow(**row._mapping) for row in rows)
