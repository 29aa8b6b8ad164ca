"""What an import did to tags: noted while it is done, and put back where nobody said anything since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.tags.contracts import TAG_PREFIX, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.queries.book import BookQueries
from quanyu.modules.people.tags.queries.claims import ClaimQueries
from quanyu.modules.people.tags.rules import Cause


@dataclass(frozen=True, slots=True)
class PutBack:
    """How many tags of people stand as before, and of how many something newer was said."""

    people: frozenset[int]
    tags: int
    newer: int


class TagNotes:
    """Gives tags for imports and takes them back."""

    def __init__(self, giving: TagGiving) -> None:
        self._giving = giving

    async def give(
        self, uow: UnitOfWork, import_id: int, people: Sequence[PersonId], tag: str, *, cause: Cause
    ) -> None:
        """Give a tag and note what was said of it, and of its rivals, before. Idempotent."""
        book, claims = BookQueries(uow), ClaimQueries(uow)
        rows = {row.id: row for row in await book.tags()}
        given = rows[decode_id(TAG_PREFIX, tag)]
        touched = [given.id]
        if given.is_exclusive:
            touched = [row.id for row in rows.values() if row.group_id == given.group_id]
        canonical = await profile_queries.find_canonical(uow, list(people))
        profiles = sorted(set(canonical.values()))
        await book.lock_groups([given.group_id])
        before = await claims.by_hand(profiles, touched)
        await self._giving.change(uow, people, TagChange(add=(tag,)), cause=cause)
        after = await claims.by_hand(profiles, touched)
        changed = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
        if changed:
            await _note(uow, import_id, [(key, before.get(key), after.get(key)) for key in changed])

    async def put_back(
        self, uow: UnitOfWork, import_id: int, people: Sequence[int], *, cause: Cause
    ) -> PutBack:
        """Let what was said before the import stand again, where nobody said anything since.

        What was noted is forgotten, so that doing it again does nothing.
        """
        noted = await _take_notes(uow, import_id, people)
        if not noted:
            return PutBack(frozenset(), 0, 0)
        book, claims = BookQueries(uow), ClaimQueries(uow)
        rows = {row.id: row for row in await book.tags()}
        canonical = await profile_queries.find_canonical(uow, sorted({person for person, _ in noted}))
        profiles = sorted(set(canonical.values()))
        groups = sorted({rows[tag].group_id for _, tag in noted if tag in rows})
        async with self._giving.changing(uow, profiles, groups, cause):
            said = await claims.by_hand(profiles, sorted({tag for _, tag in noted}))
            back = {
                key: before
                for key, (before, after) in noted.items()
                if key[1] in rows and key[0] in canonical and said.get(key) == after
            }
            if back:
                await claims.put_back(back)
        return PutBack(frozenset(person for person, _ in back), len(back), len(noted) - len(back))


async def count_noted(uow: UnitOfWork, import_id: int, people: Sequence[int]) -> int:
    """Return how many tags of these person ids an import changed."""
    found = await uow.execute(
        "SELECT count(*) FROM import_step WHERE tenant_id = :tenant AND import_id = :import "
        "AND person_id = ANY(CAST(:people AS int[]))",
        {"tenant": uow.tenant_id, "import": import_id, "people": list(people)},
    )
    return int(found.scalar_one())


async def _note(uow: UnitOfWork, import_id: int, steps: Sequence[tuple[tuple[int, int], Any, Any]]) -> None:
    await uow.execute(
        """
        INSERT INTO import_step (tenant_id, import_id, person_id, tag_id, before, after)
        SELECT :tenant, :import, s.person_id, s.tag_id, s.before::jsonb, s.after::jsonb
        FROM unnest(CAST(:people AS int[]), CAST(:tags AS bigint[]), CAST(:befores AS text[]),
            CAST(:afters AS text[])) AS s (person_id, tag_id, before, after)
        ON CONFLICT (tenant_id, import_id, person_id, tag_id) DO UPDATE SET after = excluded.after
        """,
        {
            "tenant": uow.tenant_id,
            "import": import_id,
            "people": [person for (person, _), *_ in steps],
            "tags": [tag for (_, tag), *_ in steps],
            "befores": [_json(before) for _, before, _ in steps],
            "afters": [_json(after) for *_, after in steps],
        },
    )


async def _take_notes(
    uow: UnitOfWork, import_id: int, people: Sequence[int]
) -> dict[tuple[int, int], tuple[Any, Any]]:
    found = await uow.execute(
        "DELETE FROM import_step WHERE tenant_id = :tenant AND import_id = :import "
        "AND person_id = ANY(CAST(:people AS int[])) RETURNING person_id, tag_id, before, after",
        {"tenant": uow.tenant_id, "import": import_id, "people": list(people)},
    )
    return {(row.person_id, row.tag_id): (row.before, row.after) for row in found}


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
