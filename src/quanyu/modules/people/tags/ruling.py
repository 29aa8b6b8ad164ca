"""Tags by rule, as whoever keeps the rules needs them: which tags have one, and what it said of whom.

The rule itself is a segment, above us. Here is only its number, and the claims made in its name.
"""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.queries.book import BookQueries, TagRow
from quanyu.modules.people.tags.queries.claims import ClaimQueries

__all__ = ["TO_CLEAR", "RuledTags", "TagRow"]

TO_CLEAR: Final = -1  # ``rule_generation`` of a tag whose rule is gone, while its claims are taken back.


class RuledTags:
    """Reads and writes of one unit of work about tags with rules."""

    def __init__(self, uow: UnitOfWork, giving: TagGiving) -> None:
        self._uow = uow
        self._giving = giving
        self._book = BookQueries(uow)
        self._claims = ClaimQueries(uow)

    async def get(self, tag: str) -> TagRow:
        """Return a tag.

        Raises:
            TagNotFound: there is none.
        """
        return await self._book.get(decode_id(TAG_PREFIX, tag))

    async def ruled(self) -> list[TagRow]:
        """Return the tags that have a rule, or whose rule has to be cleared."""
        return [
            row
            for row in await self._book.tags()
            if row.rule_segment_id is not None or row.rule_generation == TO_CLEAR
        ]

    async def set(self, row: TagRow, segment_id: int | None) -> None:
        """Say which segment decides from now on; without one, what the rule gave is taken back."""
        await self._book.set_rule(row.id, segment_id, generation=None if segment_id else TO_CLEAR)

    async def settle(self, row: TagRow, generation: int | None) -> None:
        """Note that the claims are those of this change of the members, or that all are taken back."""
        await self._book.settle_rule(row.id, row.rule_segment_id, generation)

    async def named(self, row: TagRow) -> list[tuple[int, int]]:
        """Return (person id, whose profile it is today) of everybody the rule has named."""
        return await self._claims.by_rule(row.id)

    async def add(self, row: TagRow, people: Sequence[int]) -> int:
        """Say by rule that people carry the tag; return for how many that changed something."""
        return await self._giving.set_by_rule(self._uow, row, named=people)

    async def drop(self, row: TagRow, people: Sequence[int]) -> int:
        """Take back what the rule said of these person ids; return for how many that changed something."""
        return await self._giving.unset_by_rule(self._uow, row, people=people)

    async def delete(self, row: TagRow) -> None:
        """Hide the tag; it is taken from everybody in the background."""
        await self._book.mark_deleted(row.id)
