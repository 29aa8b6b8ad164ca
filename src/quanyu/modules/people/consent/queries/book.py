"""Purposes and the versions of their texts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.consent.contracts import Basis, ConsentTextView, PublishText, SavePurpose
from quanyu.modules.people.consent.rules import BUILT_IN


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose of the brand."""

    key: str
    words: SavePurpose


async def list_purposes(uow: UnitOfWork) -> list[Purpose]:
    """Return every purpose in order: those all brands have, then those of this one."""
    rows = await uow.execute(
        "SELECT key, name_zh, name_en, basis, categories, lasts_days FROM consent_purpose "
        "WHERE tenant_id = :tenant ORDER BY position, key",
        {"tenant": uow.tenant_id},
    )
    saved = {row.key: _words(row) for row in rows}
    built_in = [Purpose(key, saved.get(key, words)) for key, words in BUILT_IN.items()]
    return built_in + [Purpose(key, words) for key, words in saved.items() if key not in BUILT_IN]


async def save_purpose(uow: UnitOfWork, key: str, words: SavePurpose, *, position: int) -> None:
    """Write a purpose; one that is there keeps its place."""
    await uow.execute(
        """
        INSERT INTO consent_purpose (tenant_id, key, name_zh, name_en, basis, categories, lasts_days,
            position, updated_at)
        VALUES (:tenant, :key, :zh, :en, :basis, CAST(:categories AS text[]), :lasts, :position, :now)
        ON CONFLICT (tenant_id, key) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
            basis = excluded.basis, categories = excluded.categories, lasts_days = excluded.lasts_days,
            updated_at = excluded.updated_at
        """,
        {
            "tenant": uow.tenant_id,
            "key": key,
            "zh": words.name_zh,
            "en": words.name_en,
            "basis": str(words.basis),
            "categories": list(words.categories),
            "lasts": words.lasts_days,
            "position": position,
            "now": uow.clock.now(),
        },
    )


async def list_texts(uow: UnitOfWork, purpose: str) -> list[ConsentTextView]:
    """Return every version of a purpose's text, newest first."""
    rows = await uow.execute(
        "SELECT version, text_zh, text_en, published_by, published_at, ends_earlier FROM consent_text "
        "WHERE tenant_id = :tenant AND purpose = :purpose ORDER BY version DESC",
        {"tenant": uow.tenant_id, "purpose": purpose},
    )
    return [_text(row) for row in rows]


async def current_texts(uow: UnitOfWork) -> dict[str, ConsentTextView]:
    """Return the newest text of each purpose that has one."""
    rows = await uow.execute(
        "SELECT DISTINCT ON (purpose) * FROM consent_text WHERE tenant_id = :tenant "
        "ORDER BY purpose, version DESC",
        {"tenant": uow.tenant_id},
    )
    return {row.purpose: _text(row) for row in rows}


async def publish_text(uow: UnitOfWork, purpose: str, text: PublishText, *, actor: str, now: datetime) -> int:
    """Add the next version of a purpose's text and return its number."""
    await uow.execute(
        "SELECT pg_advisory_xact_lock(7139, :tenant)", {"tenant": uow.tenant_id}
    )  # One after the other: a version is given once.
    rows = await uow.execute(
        """
        INSERT INTO consent_text (tenant_id, purpose, version, text_zh, text_en, published_by, published_at,
            ends_earlier)
        SELECT :tenant, :purpose, coalesce(max(version), 0) + 1, :zh, :en, :actor, :now, :ends
        FROM consent_text WHERE tenant_id = :tenant AND purpose = :purpose
        RETURNING version
        """,
        {
            "tenant": uow.tenant_id,
            "purpose": purpose,
            "zh": text.text_zh,
            "en": text.text_en,
            "actor": actor,
            "now": now,
            "ends": text.ends_earlier,
        },
    )
    return int(rows.scalar_one())


def _words(row: Any) -> SavePurpose:
    return SavePurpose(
        name_zh=row.name_zh,
        name_en=row.name_en,
        basis=Basis(row.basis),
        categories=tuple(row.categories),
        lasts_days=row.lasts_days,
    )


def _text(row: Any) -> ConsentTextView:
    return ConsentTextView(
        version=row.version,
        text_zh=row.text_zh,
        text_en=row.text_en,
        published_by=row.published_by,
        published_at=row.published_at,
        ends_earlier=row.ends_earlier,
    )
