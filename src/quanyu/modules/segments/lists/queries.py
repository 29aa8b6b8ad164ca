"""Every query of lists on PostgreSQL."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.contracts import Departure

VERSIONS_SHOWN: Final = 100
# Entries that count: of finished versions, from the one that last replaced everything on, that no version
# took away since.
_CURRENT: Final = (
    "FROM segment_list l JOIN segment_list_version v ON v.tenant_id = l.tenant_id AND v.list_id = l.id "
    "AND v.version >= l.base AND v.state = 'done' JOIN segment_list_entry e ON e.tenant_id = l.tenant_id "
    "AND e.list_id = l.id AND e.version = v.version AND e.taken_by IS NULL "
    "WHERE l.tenant_id = :tenant AND l.id = :list"
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of ``segment_list``."""

    id: int
    segment_id: int
    version: int
    base: int
    entries: int
    changed: int
    mirrored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What is known of a version before its entries are written."""

    mode: str
    origin: str
    detail: dict[str, Any]
    as_of: datetime
    made_by: str


class ListQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def insert(self, list_id: int, segment_id: int) -> None:
        """Add an empty list."""
        await self._do(
            "INSERT INTO segment_list (tenant_id, id, segment_id) VALUES (:tenant, :list, :segment)",
            list=list_id,
            segment=segment_id,
        )

    async def find(self, list_id: int, *, lock: bool = False) -> ListRow | None:
        """Return a list, held until the end of the transaction if asked."""
        found = await self._do(
            "SELECT id, segment_id, version, base, entries, changed, mirrored FROM segment_list "  # noqa: S608
            f"WHERE tenant_id = :tenant AND id = :list{' FOR UPDATE' if lock else ''}",
            list=list_id,
        )
        row = found.first()
        return None if row is None else ListRow(*row)

    async def lists_of(self, segment_id: int) -> list[int]:
        """Return the lists of a segment: one, or none."""
        found = await self._do(
            "SELECT id FROM segment_list WHERE tenant_id = :tenant AND segment_id = :segment",
            segment=segment_id,
        )
        return [row.id for row in found]

    async def begin(self, list_id: int, new: NewVersion) -> int:
        """Add a version whose entries are still to be written; return its number."""
        found = await self._do(
            "UPDATE segment_list SET version = version + 1 WHERE tenant_id = :tenant AND id = :list "
            "RETURNING version",
            list=list_id,
        )
        version = int(found.scalar_one())
        await self._do(
            "INSERT INTO segment_list_version (tenant_id, list_id, version, mode, origin, state, detail, "
            "as_of, made_by, made_at) VALUES (:tenant, :list, :version, :mode, :origin, 'writing', "
            "CAST(:detail AS jsonb), :as_of, :made_by, :now)",
            list=list_id,
            version=version,
            mode=new.mode,
            origin=new.origin,
            detail=json.dumps(new.detail, ensure_ascii=False),
            as_of=new.as_of,
            made_by=new.made_by,
            now=self._uow.clock.now(),
        )
        return version

    async def add(self, list_id: int, version: int, people: Sequence[tuple[int, bytes | None]]) -> None:
        """Write entries of a version: a person, and the identifier that named them where it matters."""
        await self._do(
            "INSERT INTO segment_list_entry (tenant_id, list_id, version, person_id, entry_token) "
            "SELECT :tenant, :list, :version, e.person, e.token "
            "FROM unnest(CAST(:people AS int[]), CAST(:tokens AS bytea[])) AS e (person, token)",
            list=list_id,
            version=version,
            people=[person for person, _ in people],
            tokens=[token for _, token in people],
        )

    async def settle(
        self,
        list_id: int,
        version: int,
        *,
        state: str,
        lines: int,
        matched: int,
        repeated: int,
        rejected: dict[str, int],
        sealed: bytes | None,
    ) -> None:
        """Say what became of a version."""
        await self._do(
            "UPDATE segment_list_version SET state = :state, lines = :lines, matched = :matched, "
            "repeated = :repeated, rejected = CAST(:rejected AS jsonb), rejects_sealed = :sealed "
            "WHERE tenant_id = :tenant AND list_id = :list AND version = :version",
            list=list_id,
            version=version,
            state=state,
            lines=lines,
            matched=matched,
            repeated=repeated,
            rejected=json.dumps(rejected),
            sealed=sealed,
        )

    async def publish(self, list_id: int, version: int, *, replaces: bool) -> None:
        """Let a finished version count, and have its segment evaluated again."""
        await self._do(
            "UPDATE segment_list SET changed = changed + 1, "
            "base = CASE WHEN :replaces THEN greatest(base, CAST(:version AS int)) ELSE base END "
            "WHERE tenant_id = :tenant AND id = :list",
            list=list_id,
            version=version,
            replaces=replaces,
        )
        found = await self._do(
            f"UPDATE segment_list SET entries = (SELECT count(DISTINCT e.person_id) {_CURRENT}) "  # noqa: S608
            "WHERE tenant_id = :tenant AND id = :list RETURNING entries, segment_id",
            list=list_id,
        )
        entries, segment = found.one()
        await self._do(
            "UPDATE segment_list_version SET entries = :entries "
            "WHERE tenant_id = :tenant AND list_id = :list AND version = :version",
            list=list_id,
            version=version,
            entries=entries,
        )
        await self._do(
            "UPDATE segment SET revision = revision + 1, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :segment",
            segment=segment,
            now=self._uow.clock.now(),
        )

    async def current(self, list_id: int) -> list[int]:
        """Return the person of every entry that counts, each once."""
        found = await self._do(
            f"SELECT coalesce(array_agg(DISTINCT e.person_id), '{{}}') {_CURRENT}",
            list=list_id,
        )
        return list(found.scalar_one())

    async def among(self, list_id: int, people: Sequence[int]) -> set[int]:
        """Return which of the person ids have entries that count."""
        found = await self._do(
            f"SELECT DISTINCT e.person_id {_CURRENT} AND e.person_id = ANY(CAST(:people AS int[]))",
            list=list_id,
            people=list(people),
        )
        return {row.person_id for row in found}

    async def take(
        self, list_id: int, version: int, people: Sequence[int], *, of: int | None = None
    ) -> set[int]:
        """Take entries of person ids away, or those alone a version wrote; return whose they were."""
        return await self._mark(
            "SET taken_by = :version",
            "e.taken_by IS NULL AND (CAST(:of AS int) IS NULL OR e.version = :of)",
            list_id,
            people,
            version=version,
            of=of,
        )

    async def give_back(self, list_id: int, taken_by: int, people: Sequence[int]) -> set[int]:
        """Let entries of person ids count again that a version took away; return whose they are."""
        return await self._mark("SET taken_by = NULL", "e.taken_by = :taken", list_id, people, taken=taken_by)

    async def _mark(
        self, sets: str, which: str, list_id: int, people: Sequence[int], **more: Any
    ) -> set[int]:
        found = await self._do(
            f"UPDATE segment_list_entry e {sets} FROM segment_list l, segment_list_version v "
            "WHERE l.tenant_id = :tenant AND l.id = :list AND v.tenant_id = l.tenant_id "
            "AND v.list_id = l.id AND v.version >= l.base AND v.state = 'done' AND e.tenant_id = l.tenant_id "
            "AND e.list_id = l.id AND e.version = v.version "
            f"AND e.person_id = ANY(CAST(:people AS int[])) AND {which} RETURNING e.person_id",
            list=list_id,
            people=list(people),
            **more,
        )
        return {row.person_id for row in found}

    async def version_of_job(self, list_id: int, job: str) -> int | None:
        """Return the version a job writes or wrote."""
        found = await self._do(
            "SELECT version FROM segment_list_version WHERE tenant_id = :tenant AND list_id = :list "
            "AND origin = 'job' AND detail ->> 'job' = :job",
            list=list_id,
            job=job,
        )
        version: int | None = found.scalar_one_or_none()
        return version

    def by_job(self, mode: str, job: str, actor: str) -> NewVersion:
        """Return what is known of a version a job is to write."""
        return NewVersion(
            mode=mode, origin="job", detail={"job": job}, as_of=self._uow.clock.now(), made_by=actor
        )

    async def versions(self, list_id: int) -> list[Any]:
        """Return the newest versions."""
        found = await self._do(
            "SELECT version, mode, origin, state, detail, lines, matched, repeated, rejected, "
            "rejects_sealed IS NOT NULL AS has_rejects, entries, as_of, made_by, made_at "
            "FROM segment_list_version WHERE tenant_id = :tenant AND list_id = :list "
            "ORDER BY version DESC LIMIT :most",
            list=list_id,
            most=VERSIONS_SHOWN,
        )
        return list(found)

    async def find_version(self, list_id: int, version: int) -> Any:
        """Return (state, matched) of a version, or ``None``; the list is held until the transaction ends."""
        await self.find(list_id, lock=True)
        found = await self._do(
            "SELECT state, matched FROM segment_list_version "
            "WHERE tenant_id = :tenant AND list_id = :list AND version = :version",
            list=list_id,
            version=version,
        )
        return found.first()

    async def is_lookalike(self, list_id: int) -> bool:
        """Tell whether a search for people like others fills the list."""
        found = await self._do(
            "SELECT count(*) FROM segment_lookalike WHERE tenant_id = :tenant AND list_id = :list",
            list=list_id,
        )
        return bool(found.scalar_one())

    async def touch(self, list_id: int) -> None:
        """Have the copy looked at again, and what no longer counts taken away."""
        await self._do(
            "UPDATE segment_list SET changed = changed + 1 WHERE tenant_id = :tenant AND id = :list",
            list=list_id,
        )

    async def rejects(self, list_id: int, version: int) -> bytes | None:
        """Return the sealed rows of a version that named nobody in particular."""
        found = await self._do(
            "SELECT rejects_sealed FROM segment_list_version "
            "WHERE tenant_id = :tenant AND list_id = :list AND version = :version",
            list=list_id,
            version=version,
        )
        sealed = found.scalar_one_or_none()
        return None if sealed is None else bytes(sealed)

    async def note_mirrored(self, list_id: int, changed: int) -> None:
        """Note that the warehouse has the entries as of a change."""
        await self._do(
            "UPDATE segment_list SET mirrored = :changed WHERE tenant_id = :tenant AND id = :list",
            list=list_id,
            changed=changed,
        )

    async def distrust(self) -> None:
        """Have every list's copy compared with the entries before it is used again."""
        await self._do("UPDATE segment_list SET mirrored = -1 WHERE tenant_id = :tenant")

    async def follow_departures(self, departures: Sequence[Departure]) -> int:
        """Entries that name an identifier go where it went; return how many did."""
        return await self._follow(
            "UPDATE segment_list_entry e SET person_id = d.person "
            "FROM unnest(CAST(:keys AS bytea[]), CAST(:people AS int[])) AS d (token, person) "
            "WHERE e.tenant_id = :tenant AND e.entry_token = d.token AND e.person_id <> d.person "
            "RETURNING e.list_id",
            [one.token for one in departures],
            [one.to_id for one in departures],
        )

    async def follow_merges(self, known_as: dict[PersonId, PersonId]) -> int:
        """Entries that name an identifier are those of whoever it belongs to; return how many moved."""
        return await self._follow(
            "UPDATE segment_list_entry e SET person_id = m.person "
            "FROM unnest(CAST(:keys AS int[]), CAST(:people AS int[])) AS m (before, person) "
            "WHERE e.tenant_id = :tenant AND e.entry_token IS NOT NULL AND e.person_id = m.before "
            "RETURNING e.list_id",
            list(known_as),
            list(known_as.values()),
        )

    async def _follow(self, sql: str, keys: Sequence[Any], people: Sequence[int]) -> int:
        moved = [row.list_id for row in await self._do(sql, keys=list(keys), people=list(people))]
        if moved:
            await self._do(
                "UPDATE segment_list SET changed = changed + 1 "
                "WHERE tenant_id = :tenant AND id = ANY(CAST(:lists AS bigint[]))",
                lists=sorted(set(moved)),
            )
        return len(moved)

    async def drop_replaced(self, list_id: int, limit: int) -> int:
        """Remove some entries that no longer count; return how many."""
        return await self._drop(
            "AND (e.version < (SELECT base FROM segment_list WHERE tenant_id = :tenant AND id = :list) "
            "OR EXISTS (SELECT 1 FROM segment_list_version v WHERE v.tenant_id = :tenant "
            "AND v.list_id = :list AND v.version = e.version "
            "AND v.state IN ('refused', 'failed', 'dropped')))",
            list_id,
            limit,
        )

    async def drop_entries(self, list_id: int, limit: int) -> int:
        """Remove some entries of a list that goes; return how many."""
        return await self._drop("", list_id, limit)

    async def _drop(self, which: str, list_id: int, limit: int) -> int:
        found = await self._do(
            "DELETE FROM segment_list_entry WHERE ctid = ANY(ARRAY(SELECT e.ctid FROM segment_list_entry e "  # noqa: S608
            f"WHERE e.tenant_id = :tenant AND e.list_id = :list {which} LIMIT :limit))",
            list=list_id,
            limit=limit,
        )
        return int(found.rowcount)

    async def forget(self, list_id: int) -> None:
        """Remove a list without entries for good."""
        await self._do("DELETE FROM segment_lookalike WHERE tenant_id = :tenant AND list_id = :list",
                       list=list_id)  # fmt: skip
        await self._do("DELETE FROM segment_list_version WHERE tenant_id = :tenant AND list_id = :list",
                       list=list_id)  # fmt: skip
        await self._do("DELETE FROM segment_list WHERE tenant_id = :tenant AND id = :list", list=list_id)

    async def give_up(self, before: datetime) -> None:
        """Mark versions whose writer is gone: they count for nothing. Jobs go on by themselves."""
        await self._do(
            "UPDATE segment_list_version SET state = 'failed' "
            "WHERE tenant_id = :tenant AND state = 'writing' AND origin <> 'job' AND made_at < :before",
            before=before,
        )

    async def forget_rejects(self, before: datetime) -> None:
        """Empty rejected rows that were kept long enough."""
        await self._do(
            "UPDATE segment_list_version SET rejects_sealed = NULL "
            "WHERE tenant_id = :tenant AND rejects_sealed IS NOT NULL AND made_at < :before",
            before=before,
        )

    async def _do(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._tenant, **values})
