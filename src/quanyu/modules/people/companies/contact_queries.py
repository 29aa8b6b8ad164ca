"""Statements on ``company_contact``: one row per company and person id, as it was first said.

``origin_person_id`` is who it was said of, ``person_id`` who that is today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.companies.contracts import CompanyId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """What one call says of a person's place at a company."""

    company_id: int
    origin_id: int
    person_id: int
    roles: tuple[str, ...] | None  # None: not told, what is there stays.
    is_primary: bool | None
    at: datetime
    ended: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A person's place at a company, of all that is known of both."""

    company_id: CompanyId
    person_id: PersonId
    roles: tuple[str, ...]
    is_primary: bool
    since: datetime
    until: datetime | None


# Rows of merged people and of merged companies make one place. It is open while any of them is.
_PLACES: Final = """
SELECT m.known_as AS company_id, t.person_id,
    coalesce((SELECT array_agg(DISTINCT role ORDER BY role) FROM company_contact r
        JOIN company n ON n.tenant_id = r.tenant_id AND n.id = r.company_id, unnest(r.roles) AS role
        WHERE r.tenant_id = :tenant AND r.person_id = t.person_id AND n.known_as = m.known_as),
        '{}') AS roles,
    bool_or(t.is_primary) AS is_primary, min(t.since) AS since,
    CASE WHEN bool_or(t.until IS NULL) THEN NULL ELSE max(t.until) END AS until
FROM company_contact t JOIN company m ON m.tenant_id = t.tenant_id AND m.id = t.company_id
WHERE t.tenant_id = :tenant
"""
_GROUPED: Final = "GROUP BY m.known_as, t.person_id"
_SAY: Final = """
INSERT INTO company_contact AS t (tenant_id, company_id, origin_person_id, person_id, roles, is_primary,
    since, until, source, told_at)
VALUES (:tenant, :company, :origin, :person, coalesce(CAST(:roles AS text[]), '{}'),
    coalesce(CAST(:primary AS boolean), false), :at, CASE WHEN :ended THEN CAST(:at AS timestamptz) END,
    :source, :at)
ON CONFLICT (tenant_id, company_id, origin_person_id) DO UPDATE SET
    person_id = excluded.person_id,
    since = least(t.since, excluded.since),
    roles = CASE WHEN excluded.told_at >= t.told_at THEN coalesce(CAST(:roles AS text[]), t.roles)
        ELSE t.roles END,
    is_primary = CASE WHEN excluded.told_at >= t.told_at THEN
        coalesce(CAST(:primary AS boolean), t.is_primary) ELSE t.is_primary END,
    until = CASE WHEN excluded.told_at >= t.told_at THEN excluded.until ELSE t.until END,
    source = CASE WHEN excluded.told_at >= t.told_at THEN excluded.source ELSE t.source END,
    told_at = greatest(t.told_at, excluded.told_at)
"""


class ContactQueries:
    """Contacts of the brand's companies."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def say(self, rows: Sequence[ContactRow]) -> None:
        """Keep what calls say, in order; what is older than what is there only moves the beginning back."""
        said = [
            {
                "tenant": self._uow.tenant_id,
                "company": row.company_id,
                "origin": row.origin_id,
                "person": row.person_id,
                "roles": None if row.roles is None else list(row.roles),
                "primary": row.is_primary,
                "at": row.at,
                "ended": row.ended,
                "source": row.source,
            }
            for row in rows
        ]
        if said:
            await self._uow.execute_many(_SAY, said)

    async def replace(self, place: Place, *, source: str) -> None:
        """Set a person's place by hand, in whichever rows it lies."""
        params = self._of(place.company_id, place.person_id) | {
            "roles": list(place.roles), "primary": place.is_primary, "since": place.since,
            "until": place.until, "source": source, "now": self._uow.clock.now(),
        }  # fmt: skip
        changed = await self._uow.execute(
            "UPDATE company_contact t SET roles = :roles, is_primary = :primary, since = :since, "  # noqa: S608
            "until = :until, source = :source, told_at = greatest(t.told_at, :now) FROM company m "
            f"WHERE {_ROWS}",
            params,
        )
        if changed.rowcount == 0:
            await self._uow.execute(
                "INSERT INTO company_contact (tenant_id, company_id, origin_person_id, person_id, roles, "
                "is_primary, since, until, source, told_at) VALUES (:tenant, :company, :person, :person, "
                ":roles, :primary, :since, :until, :source, :now)",
                params,
            )

    async def keep_one_primary(self, company_id: CompanyId, person_id: PersonId) -> None:
        """Let nobody else be the primary contact of a company."""
        await self._uow.execute(
            "UPDATE company_contact t SET is_primary = false FROM company m WHERE t.tenant_id = :tenant "
            "AND m.tenant_id = :tenant AND m.id = t.company_id AND m.known_as = :company "
            "AND t.person_id <> :person AND t.is_primary",
            self._of(company_id, person_id),
        )

    async def remove(self, company_id: CompanyId, person_id: PersonId) -> int:
        """Forget that somebody was a contact of a company; return how many rows that were."""
        gone = await self._uow.execute(
            f"DELETE FROM company_contact t USING company m WHERE {_ROWS}",  # noqa: S608
            self._of(company_id, person_id),
        )
        return gone.rowcount

    async def find(self, company_id: CompanyId, person_id: PersonId) -> Place | None:
        """Return somebody's place at a company."""
        rows = await self._uow.execute(
            f"{_PLACES} AND m.known_as = :company AND t.person_id = :person {_GROUPED}",
            self._of(company_id, person_id),
        )
        row = rows.one_or_none()
        return None if row is None else _place(row)

    async def of_companies(
        self, companies: Sequence[int], *, offset: int, limit: int
    ) -> tuple[list[Place], int]:
        """Return places at some companies, those of today first, and how many there are."""
        params = {
            "tenant": self._uow.tenant_id, "ids": list(companies), "now": self._uow.clock.now(),
            "offset": offset, "limit": limit,
        }  # fmt: skip
        of = f"{_PLACES} AND m.known_as = ANY(CAST(:ids AS bigint[])) {_GROUPED}"
        total = await self._uow.execute(f"SELECT count(*) FROM ({of}) p", params)  # noqa: S608
        rows = await self._uow.execute(
            f"SELECT * FROM ({of}) p ORDER BY (until IS NOT NULL AND until <= :now), "  # noqa: S608
            "NOT is_primary, since, company_id, person_id OFFSET :offset LIMIT :limit",
            params,
        )
        return [_place(row) for row in rows], int(total.scalar_one())

    async def of_person(self, person_id: PersonId, limit: int) -> list[Place]:
        """Return the places of one person, those of today first."""
        rows = await self._uow.execute(
            f"SELECT * FROM ({_PLACES} AND t.person_id = :person {_GROUPED}) p "  # noqa: S608
            "ORDER BY (until IS NOT NULL AND until <= :now), since DESC, company_id LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "person": person_id,
                "now": self._uow.clock.now(),
                "limit": limit,
            },
        )
        return [_place(row) for row in rows]

    async def people_now(self, companies: Sequence[int], limit: int) -> list[PersonId]:
        """Return who are contacts of some companies now, each once."""
        rows = await self._uow.execute(
            "SELECT DISTINCT t.person_id FROM company_contact t JOIN company m ON m.tenant_id = t.tenant_id "
            "AND m.id = t.company_id WHERE t.tenant_id = :tenant AND (t.until IS NULL OR t.until > :now) "
            "AND m.known_as = ANY(CAST(:ids AS bigint[])) ORDER BY 1 LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "ids": list(companies),
                "now": self._uow.clock.now(),
                "limit": limit,
            },
        )
        return [PersonId(row.person_id) for row in rows]

    async def now(self) -> list[tuple[CompanyId, PersonId, list[str]]]:
        """Return who is a contact of which company now, with their roles; a pair may come more than once."""
        rows = await self._uow.execute(
            "SELECT m.known_as, t.person_id, t.roles FROM company_contact t JOIN company m "
            "ON m.tenant_id = t.tenant_id AND m.id = t.company_id "
            "WHERE t.tenant_id = :tenant AND (t.until IS NULL OR t.until > :now)",
            {"tenant": self._uow.tenant_id, "now": self._uow.clock.now()},
        )
        return [(CompanyId(row.known_as), PersonId(row.person_id), row.roles) for row in rows]

    async def mark_of_now(self) -> str:
        """Return a text that differs whenever the contacts of now do."""
        rows = await self._uow.execute(
            "SELECT count(*), coalesce(bit_xor(hashtextextended((company_id, origin_person_id, person_id, "
            "roles)::text, 0)), 0) FROM company_contact "
            "WHERE tenant_id = :tenant AND (until IS NULL OR until > :now)",
            {"tenant": self._uow.tenant_id, "now": self._uow.clock.now()},
        )
        return "{}:{}".format(*rows.one())

    async def follow_merges(self, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give places of merged people to who they are now; idempotent."""
        await self._uow.execute(
            "UPDATE company_contact t SET person_id = m.to_id "
            "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id) "
            "WHERE t.tenant_id = :tenant AND t.person_id = m.from_id",
            {
                "tenant": self._uow.tenant_id,
                "from_ids": list(known_as),
                "to_ids": list(known_as.values()),
            },
        )

    async def follow_splits(self, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give the places of (person id, from, to) back to who came apart; count them. Idempotent."""
        moved = await self._uow.execute(
            "UPDATE company_contact t SET person_id = s.to_id FROM unnest(CAST(:own AS int[]), "
            "CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS s (own_id, from_id, to_id) "
            "WHERE t.tenant_id = :tenant AND t.person_id = s.from_id AND t.origin_person_id = s.own_id "
            "AND s.from_id <> s.to_id",
            {
                "tenant": self._uow.tenant_id,
                "own": [own for own, _, _ in splits],
                "from_ids": [old for _, old, _ in splits],
                "to_ids": [new for _, _, new in splits],
            },
        )
        return moved.rowcount

    def _of(self, company_id: CompanyId, person_id: PersonId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "company": company_id, "person": person_id}


_ROWS: Final = (
    "t.tenant_id = :tenant AND m.tenant_id = :tenant AND m.id = t.company_id AND m.known_as = :company "
    "AND t.person_id = :person"
)


def _place(row: Any) -> Place:
    return Place(
        company_id=CompanyId(row.company_id),
        person_id=PersonId(row.person_id),
        roles=tuple(row.roles),
        is_primary=row.is_primary,
        since=row.since,
        until=row.until,
    )
