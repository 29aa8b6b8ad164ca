"""Groups and tags as stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.tags.errors import TagNameTaken, TagNotFound

_TAG: Final = (
    "SELECT t.id, t.group_id, t.name, t.description, t.position, t.lasts_days, t.rule_segment_id, "
    "t.rule_generation, t.created_by, t.changed_at, g.is_exclusive "
    "FROM person_tag t JOIN person_tag_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id "
    "WHERE t.tenant_id = :tenant AND t.deleted_at IS NULL "
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A row of ``person_tag_group``."""

    id: int
    name: str
    color: str
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class TagRow:
    """A row of ``person_tag``, with what its group says."""

    id: int
    group_id: int
    name: str
    description: str
    position: int
    lasts_days: int | None
    rule_segment_id: int | None
    rule_generation: int | None
    created_by: str
    changed_at: datetime | None
    is_exclusive: bool


class BookQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def groups(self) -> list[GroupRow]:
        """Return every group, in order."""
        found = await self._run(
            "SELECT id, name, color, is_exclusive FROM person_tag_group WHERE tenant_id = :tenant "
            "ORDER BY position, id"
        )
        return [GroupRow(*row) for row in found]

    async def tags(self) -> list[TagRow]:
        """Return every tag, in order."""
        return [TagRow(*row) for row in await self._run(_TAG + "ORDER BY t.position, t.id")]

    async def get_many(self, tag_ids: Sequence[int]) -> dict[int, TagRow]:
        """Return tags.

        Raises:
            TagNotFound: the brand has not all of them.
        """
        found = await self._run(_TAG + "AND t.id = ANY(CAST(:ids AS bigint[]))", ids=list(tag_ids))
        rows = {row.id: TagRow(*row) for row in found}
        if len(rows) < len(set(tag_ids)):
            raise _unknown()
        return rows

    async def get(self, tag_id: int) -> TagRow:
        """Return a tag.

        Raises:
            TagNotFound: there is none.
        """
        return (await self.get_many([tag_id]))[tag_id]

    async def get_group(self, group_id: int) -> GroupRow:
        """Return a group, and hold it until the end of the transaction.

        Raises:
            TagNotFound: there is none.
        """
        found = await self._run(
            "SELECT id, name, color, is_exclusive FROM person_tag_group "
            "WHERE tenant_id = :tenant AND id = :id FOR UPDATE",
            id=group_id,
        )
        row = found.first()
        if row is None:
            raise _unknown()
        return GroupRow(*row)

    async def lock_groups(self, group_ids: Sequence[int]) -> None:
        """Hold groups, so that nobody else changes who carries their tags meanwhile."""
        await self._run(
            "SELECT id FROM person_tag_group WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[])) "
            "ORDER BY id FOR UPDATE",
            ids=sorted(set(group_ids)),
        )

    async def add_group(self, group_id: int, values: Mapping[str, Any]) -> None:
        """Add a group after the others."""
        await self._write(
            "INSERT INTO person_tag_group (tenant_id, id, name, color, is_exclusive, position, created_at) "
            "SELECT :tenant, :id, :name, :color, :is_exclusive, coalesce(max(position), 0) + 1, :now "
            "FROM person_tag_group WHERE tenant_id = :tenant",
            id=group_id,
            now=self._uow.clock.now(),
            **values,
        )

    async def save_group(self, group_id: int, values: Mapping[str, Any]) -> None:
        """Replace a group."""
        await self._write(
            "UPDATE person_tag_group SET name = :name, color = :color, is_exclusive = :is_exclusive "
            "WHERE tenant_id = :tenant AND id = :id",
            id=group_id,
            **values,
        )

    async def drop_group(self, group_id: int) -> bool:
        """Remove a group without tags; return whether it had none."""
        found = await self._run(
            "DELETE FROM person_tag_group g WHERE tenant_id = :tenant AND id = :id AND NOT EXISTS "
            "(SELECT FROM person_tag t WHERE t.tenant_id = g.tenant_id AND t.group_id = g.id)",
            id=group_id,
        )
        return bool(found.rowcount)

    async def is_carried(self, group_id: int) -> bool:
        """Tell whether anything was said of a tag of the group."""
        found = await self._run(
            "SELECT EXISTS (SELECT FROM person_tag t JOIN person_tag_claim c "
            "ON c.tenant_id = t.tenant_id AND c.tag_id = t.id "
            "WHERE t.tenant_id = :tenant AND t.group_id = :id)",
            id=group_id,
        )
        return bool(found.scalar_one())

    async def add_tag(self, tag_id: int, values: Mapping[str, Any]) -> None:
        """Add a tag after the others of its group."""
        await self._write(
            "INSERT INTO person_tag (tenant_id, id, group_id, name, description, position, lasts_days, "
            "created_by, created_at) "
            "SELECT :tenant, :id, :group_id, :name, :description, coalesce(max(position), 0) + 1, "
            ":lasts_days, :created_by, :now "
            "FROM person_tag WHERE tenant_id = :tenant AND group_id = :group_id",
            id=tag_id,
            now=self._uow.clock.now(),
            **values,
        )

    async def save_tag(self, tag_id: int, values: Mapping[str, Any]) -> None:
        """Replace a tag's words and how long it lasts."""
        await self._write(
            "UPDATE person_tag SET name = :name, description = :description, lasts_days = :lasts_days "
            "WHERE tenant_id = :tenant AND id = :id",
            id=tag_id,
            **values,
        )

    async def set_rule(self, tag_id: int, segment_id: int | None, *, generation: int | None) -> None:
        """Say which segment decides, if any, and which change of its members was compared last."""
        await self._run(
            "UPDATE person_tag SET rule_segment_id = :segment, rule_generation = :generation "
            "WHERE tenant_id = :tenant AND id = :id",
            id=tag_id,
            segment=segment_id,
            generation=generation,
        )

    async def settle_rule(self, tag_id: int, segment_id: int | None, generation: int | None) -> None:
        """Note that the claims are those of this change of the members, unless the rule is another by now."""
        await self._run(
            "UPDATE person_tag SET rule_generation = CAST(:generation AS bigint) "
            "WHERE tenant_id = :tenant AND id = :id "
            "AND rule_segment_id IS NOT DISTINCT FROM CAST(:segment AS bigint)",
            id=tag_id,
            segment=segment_id,
            generation=generation,
        )

    async def arrange_groups(self, ids: Sequence[int]) -> None:
        """Put groups in order; those left out keep their place after them."""
        await self._run(_ARRANGE.format(table="person_tag_group"), ids=list(ids))

    async def arrange_tags(self, ids: Sequence[int]) -> None:
        """Put tags in order; those left out keep their place after them."""
        await self._run(_ARRANGE.format(table="person_tag"), ids=list(ids))

    async def mark_deleted(self, tag_id: int) -> None:
        """Hide a tag; who carries it loses it in the background."""
        await self._run(
            "UPDATE person_tag SET deleted_at = :now, rule_segment_id = NULL "
            "WHERE tenant_id = :tenant AND id = :id",
            id=tag_id,
            now=self._uow.clock.now(),
        )

    async def deleted(self) -> list[tuple[int, int]]:
        """Return (tag, group) of tags that still have to be taken from people."""
        found = await self._run(
            "SELECT id, group_id FROM person_tag WHERE tenant_id = :tenant AND deleted_at IS NOT NULL "
            "ORDER BY id LIMIT 100"
        )
        return [(row.id, row.group_id) for row in found]

    async def forget(self, tag_id: int) -> None:
        """Remove a tag nobody carries for good."""
        await self._run("DELETE FROM person_tag WHERE tenant_id = :tenant AND id = :id", id=tag_id)

    async def touch(self, tag_ids: Sequence[int]) -> None:
        """Note that who carries these tags changed now."""
        await self._run(
            "UPDATE person_tag SET changed_at = :now FROM (SELECT id FROM person_tag "
            "WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[])) ORDER BY id "
            "FOR NO KEY UPDATE) AS held "
            "WHERE person_tag.tenant_id = :tenant AND person_tag.id = held.id",
            ids=list(tag_ids),
            now=self._uow.clock.now(),
        )

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})

    async def _write(self, sql: str, **values: Any) -> None:
        try:
            await self._run(sql, **values)
        except IntegrityError as error:
            raise TagNameTaken(
                f"the name {values['name']!r} is taken", message_zh=f"名称“{values['name']}”已存在"
            ) from error


_ARRANGE: Final = """
UPDATE {table} AS kept SET position = wanted.place
FROM (
    SELECT one.id, row_number() OVER (
        ORDER BY array_position(CAST(:ids AS bigint[]), one.id) NULLS LAST, one.position, one.id
    ) AS place
    FROM {table} one WHERE one.tenant_id = :tenant
) AS wanted
WHERE kept.tenant_id = :tenant AND kept.id = wanted.id AND kept.position <> wanted.place
"""


def _unknown() -> TagNotFound:
    return TagNotFound("there is no such tag or group", message_zh="没有这个标签或标签组")
