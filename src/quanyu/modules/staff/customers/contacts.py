"""Every statement on ``external_contact``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import Contact

ContactKey = tuple[AccountId, bytes]


class ContactQueries:
    """Customers of connected companies, one row each, however many members have them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def ensure(self, keys: Sequence[ContactKey], *, persons: Mapping[ContactKey, PersonId]) -> None:
        """Have a row for each key, and the person behind it where one is known. Idempotent."""
        ordered = sorted(set(keys))
        if not ordered:
            return
        await self._uow.execute(
            _ENSURE,
            {
                "tenant": self._uow.tenant_id,
                "corps": [key[0] for key in ordered],
                "tokens": [key[1] for key in ordered],
                "persons": [persons.get(key) for key in ordered],
                "now": self._uow.clock.now(),
            },
        )

    async def ask_about(self, keys: Sequence[ContactKey]) -> None:
        """Have the platform asked about these customers; whoever waits already goes on waiting."""
        ordered = sorted(set(keys))
        if not ordered:
            return
        await self._uow.execute(
            "UPDATE external_contact c SET details_due_at = :now, details_attempts = 0 "
            "FROM unnest(CAST(:corps AS bigint[]), CAST(:tokens AS bytea[])) AS k (corp_id, token) "
            "WHERE c.tenant_id = :tenant AND c.corp_id = k.corp_id AND c.token = k.token "
            "AND (c.details_due_at IS NULL OR c.details_due_at > :now)",
            {
                "tenant": self._uow.tenant_id,
                "corps": [key[0] for key in ordered],
                "tokens": [key[1] for key in ordered],
                "now": self._uow.clock.now(),
            },
        )

    async def keep_ids(self, corp_id: AccountId, sealed: Mapping[bytes, bytes]) -> None:
        """Keep the sealed external user ids by their tokens, where none is kept yet. Idempotent."""
        await self._uow.execute(
            KEEP_ID_SQL,
            {
                "tenant": self._uow.tenant_id,
                "corps": [corp_id] * len(sealed),
                "tokens": sorted(sealed),
                "sealed": [sealed[token] for token in sorted(sealed)],
                "now": self._uow.clock.now(),
            },
        )

    async def find(self, corp_id: AccountId, tokens: Sequence[bytes]) -> Mapping[bytes, Contact]:
        rows = await self._uow.execute(
            "SELECT * FROM external_contact WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND token = ANY(:tokens)",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "tokens": list(tokens)},
        )
        return {bytes(row.token): contact_of(row) for row in rows}

    async def claim_due(self, *, now: datetime, until: datetime, limit: int) -> tuple[Contact, ...]:
        """Take customers to be asked about; until ``until`` nobody else takes them."""
        rows = await self._uow.execute(
            _CLAIM, {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit}
        )
        return tuple(contact_of(row) for row in rows)

    async def postpone(self, contact: Contact, *, due_at: datetime | None) -> None:
        await self._uow.execute(
            "UPDATE external_contact SET details_due_at = :due "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND token = :token",
            {
                "tenant": self._uow.tenant_id,
                "corp": contact.corp_id,
                "token": contact.token,
                "due": due_at,
            },
        )

    async def settle(self, contact: Contact, *, claimed_until: datetime) -> None:
        """Close a question nobody asked anew meanwhile."""
        await self._uow.execute(
            "UPDATE external_contact SET details_due_at = NULL, details_attempts = 0 "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND token = :token AND details_due_at = :until",
            {
                "tenant": self._uow.tenant_id,
                "corp": contact.corp_id,
                "token": contact.token,
                "until": claimed_until,
            },
        )

    async def save_details(self, contacts: Sequence[Contact], *, claimed_until: datetime | None) -> None:
        """Keep what the platform answered.

        With ``claimed_until`` the question is settled, unless it was asked anew meanwhile; without, a sync
        answered it, and whoever waits for an answer of their own goes on waiting.
        """
        if not contacts:
            return
        ordered = sorted(contacts, key=lambda one: (one.corp_id, one.token))
        await self._uow.execute(
            _DETAILS,
            {
                "tenant": self._uow.tenant_id,
                "corps": [one.corp_id for one in ordered],
                "tokens": [one.token for one in ordered],
                "names": [one.name_sealed for one in ordered],
                "avatars": [one.avatar for one in ordered],
                "types": [one.type for one in ordered],
                "genders": [one.gender for one in ordered],
                "corp_names": [one.corp_name for one in ordered],
                "unionids": [one.unionid_sealed for one in ordered],
                "first": [one.first_added_at for one in ordered],
                "fetched": [one.details_fetched_at for one in ordered],
                "digests": [one.details_digest for one in ordered],
                "claimed_until": claimed_until,
            },
        )

    async def repoint(self, from_ids: Sequence[PersonId], to_ids: Sequence[PersonId]) -> None:
        """Give the customers of merged people to who they are now."""
        for table in ("external_contact", "staff_customer", "staff_alert"):
            await self._uow.execute(
                f"UPDATE {table} t SET person_id = m.to_id "  # noqa: S608 - the names above.
                "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id) "
                "WHERE t.tenant_id = :tenant AND t.person_id = m.from_id",
                {"tenant": self._uow.tenant_id, "from_ids": list(from_ids), "to_ids": list(to_ids)},
            )

    async def part(self, departures: Sequence[tuple[bytes, int, int]]) -> int:
        """Give customers who left a person (token, from, to) to who they are; return how many relations."""
        relations = 0
        for table, token in (
            ("external_contact", "token"),
            ("staff_customer", "customer_token"),
            ("staff_alert", "customer_token"),
        ):
            moved = await self._uow.execute(
                f"UPDATE {table} t SET person_id = d.to_id "  # noqa: S608 - the names above.
                "FROM unnest(CAST(:tokens AS bytea[]), CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) "
                "AS d (token, from_id, to_id) "
                f"WHERE t.tenant_id = :tenant AND t.person_id = d.from_id AND t.{token} = d.token",
                {
                    "tenant": self._uow.tenant_id,
                    "tokens": [one for one, _, _ in departures],
                    "from_ids": [old for _, old, _ in departures],
                    "to_ids": [new for _, _, new in departures],
                },
            )
            relations += moved.rowcount if table == "staff_customer" else 0
        return relations


def contact_of(row: Any) -> Contact:
    """Return the row of a customer."""
    return Contact(
        corp_id=AccountId(row.corp_id),
        token=bytes(row.token),
        sealed=row.sealed and bytes(row.sealed),
        person_id=row.person_id,
        name_sealed=row.name_sealed and bytes(row.name_sealed),
        avatar=row.avatar,
        type=row.type,
        gender=row.gender,
        corp_name=row.corp_name,
        unionid_sealed=row.unionid_sealed and bytes(row.unionid_sealed),
        first_added_at=row.first_added_at,
        details_attempts=row.details_attempts,
        details_fetched_at=row.details_fetched_at,
        details_digest=row.details_digest and bytes(row.details_digest),
    )


_ENSURE: Final = """
INSERT INTO external_contact AS c (tenant_id, corp_id, token, person_id, created_at)
SELECT :tenant, k.corp_id, k.token, k.person_id, :now
FROM unnest(CAST(:corps AS bigint[]), CAST(:tokens AS bytea[]), CAST(:persons AS int[]))
    AS k (corp_id, token, person_id)
ORDER BY k.corp_id, k.token
ON CONFLICT (tenant_id, corp_id, token) DO UPDATE SET
    person_id = coalesce(excluded.person_id, c.person_id)
    WHERE excluded.person_id IS DISTINCT FROM c.person_id AND excluded.person_id IS NOT NULL
"""
KEEP_ID_SQL: Final = """
INSERT INTO external_contact AS c (tenant_id, corp_id, token, sealed, created_at)
SELECT :tenant, k.corp_id, k.token, k.sealed, :now
FROM unnest(CAST(:corps AS bigint[]), CAST(:tokens AS bytea[]), CAST(:sealed AS bytea[]))
    AS k (corp_id, token, sealed)
ORDER BY k.corp_id, k.token
ON CONFLICT (tenant_id, corp_id, token) DO UPDATE SET sealed = excluded.sealed WHERE c.sealed IS NULL
"""
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT corp_id, token FROM external_contact
    WHERE tenant_id = :tenant AND details_due_at <= :now AND sealed IS NOT NULL
    ORDER BY details_due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE external_contact c SET details_due_at = :until, details_attempts = c.details_attempts + 1
FROM due
WHERE c.tenant_id = :tenant AND c.corp_id = due.corp_id AND c.token = due.token
RETURNING c.*
"""
_DETAILS: Final = """
UPDATE external_contact c SET
    name_sealed = d.name_sealed, avatar = d.avatar, type = d.type, gender = d.gender,
    corp_name = d.corp_name, unionid_sealed = coalesce(d.unionid_sealed, c.unionid_sealed),
    first_added_at = least(c.first_added_at, d.first_added_at), details_fetched_at = d.fetched_at,
    details_digest = d.digest, details_attempts = 0,
    details_due_at = CASE WHEN c.details_due_at = :claimed_until THEN NULL ELSE c.details_due_at END
FROM unnest(
    CAST(:corps AS bigint[]), CAST(:tokens AS bytea[]), CAST(:names AS bytea[]), CAST(:avatars AS text[]),
    CAST(:types AS int[]), CAST(:genders AS int[]), CAST(:corp_names AS text[]),
    CAST(:unionids AS bytea[]), CAST(:first AS timestamptz[]), CAST(:fetched AS timestamptz[]),
    CAST(:digests AS bytea[])
) AS d (corp_id, token, name_sealed, avatar, type, gender, corp_name, unionid_sealed, first_added_at,
    fetched_at, digest)
WHERE c.tenant_id = :tenant AND c.corp_id = d.corp_id AND c.token = d.token
"""
