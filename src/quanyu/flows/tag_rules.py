"""Tags by rule: a segment of their own decides who carries them, and is followed as its members change.

A rule is dry-run before it is kept, back-filled by the first evaluation, and kept up by every later one. What
people say by hand counts before it: the claims of both are kept apart, and ``people.tags`` weighs them.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import TenantId, decode_id, encode_id
from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.people.tags.errors import TagInUse
from quanyu.modules.people.tags.ruling import RuledTags, TagRow
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.segments.contracts import SaveSegment, SegmentStatus, Standing
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import All, Condition, Tag, conditions_of, dump_definition

CHUNK: Final = 2_000  # People of one commit.
_LISTED: Final = 5  # Names a refusal tells.


class CircularRule(InvalidInput):
    """A tag's rule would ask, perhaps through other tags, about the tag itself."""

    code = "people.circular_tag_rule"


class TagRule(BaseModel):
    """The rule of a tag. ``settled``: everybody it names was given the tag, as of ``as_of``."""

    model_config = ConfigDict(frozen=True)

    definition: dict[str, Any]
    members: int
    as_of: datetime | None
    settled: bool
    error: str | None


class RulePreview(BaseModel):
    """Whom a rule would name now; ``carrying`` of them carry the tag already."""

    model_config = ConfigDict(frozen=True)

    count: int
    carrying: int
    as_of: datetime
    sample: tuple[PersonRow, ...]


class TagRules:
    """Set, try and take away the rules of tags; delete tags nobody asks about."""

    def __init__(self, uows: UnitOfWorkFactory, tags: PersonTags, segments: Segments) -> None:
        self._uows = uows
        self._tags = tags
        self._segments = segments

    async def find(self, uow: UnitOfWork, tag: str) -> TagRule | None:
        """Return a tag's rule, ``None`` where it has none.

        Raises:
            TagNotFound: there is no such tag.
        """
        row = await self._ruled(uow).get(tag)
        if row.rule_segment_id is None:
            return None
        standing = (await self._segments.standing(uow))[row.rule_segment_id]
        view = standing.view
        is_current = view.status is SegmentStatus.READY and row.rule_generation == standing.generation
        return TagRule(
            definition=view.definition,
            members=view.count,
            as_of=view.as_of,
            settled=is_current,
            error=view.error,
        )

    async def set(self, uow: UnitOfWork, tag: str, raw: dict[str, Any]) -> None:
        """Give a tag a rule, or another one; who meets it follows within a minute. Idempotent.

        Raises:
            TagNotFound, InvalidDefinition
            CircularRule: it asks about the tag itself.
        """
        definition = self._segments.read(raw)
        ruled = self._ruled(uow)
        row = await ruled.get(tag)
        _check_not_circular(row.id, definition, await self._rules(uow))
        command = SaveSegment(name=_owner(row.id), definition=dump_definition(definition))
        if row.rule_segment_id is not None:
            await self._segments.update(uow, row.rule_segment_id, command, owner=_owner(row.id))
            return
        made = await self._segments.create(uow, command, owner=_owner(row.id))
        await ruled.set(row, decode_id("seg", made.id))

    async def clear(self, uow: UnitOfWork, tag: str) -> None:
        """Take a tag's rule away; what it gave is taken back, what people gave stays. Idempotent.

        Raises:
            TagNotFound: there is no such tag.
        """
        ruled = self._ruled(uow)
        row = await ruled.get(tag)
        if row.rule_segment_id is not None:
            await ruled.set(row, None)
            await self._segments.delete(uow, row.rule_segment_id, owner=_owner(row.id))

    async def delete(self, uow: UnitOfWork, tag: str) -> None:
        """Delete a tag with its rule; it is taken from everybody in the background.

        Raises:
            TagNotFound: there is no such tag.
            TagInUse: a segment, or the rule of another tag, asks about it.
        """
        ruled = self._ruled(uow)
        row = await ruled.get(tag)
        await self._check_unasked(uow, row)
        await self.clear(uow, tag)
        await ruled.delete(row)

    async def preview(self, tenant_id: TenantId, tag: str, raw: dict[str, Any]) -> RulePreview:
        """Try a rule: count whom it would name and show some; nothing is saved (a dry run).

        Raises:
            TagNotFound, InvalidDefinition, CircularRule
            WarehouseUnavailable: history cannot be read now.
        """
        definition = self._segments.read(raw)
        async with self._uows.app(tenant_id) as uow:
            row = await self._ruled(uow).get(tag)
            _check_not_circular(row.id, definition, await self._rules(uow))
        found = await self._segments.preview(self._uows, tenant_id, definition)
        both = All(kind="all", of=(definition, Tag(kind="tag", tags=(encode_id(TAG_PREFIX, row.id),))))
        at = await self._segments.evaluation(self._uows, tenant_id, as_of=found.as_of)
        carrying = await self._segments.select(tenant_id, both, at)
        return RulePreview(count=found.count, carrying=carrying.count, as_of=found.as_of, sample=found.sample)

    async def _check_unasked(self, uow: UnitOfWork, row: TagRow) -> None:
        asking = [
            standing.name
            for standing in (await self._segments.standing(uow)).values()
            if standing.owner != _owner(row.id) and row.id in _tags_in(self._read(standing))
        ]
        if asking:
            named = "、".join(asking[:_LISTED])
            raise TagInUse(
                f"{len(asking)} segments or rules ask about this tag: {named}",
                message_zh=f"有 {len(asking)} 个人群或规则使用该标签：{named}",
            )

    async def _rules(self, uow: UnitOfWork) -> dict[int, frozenset[int]]:
        """Return, for each tag with a rule, the tags its rule asks about."""
        standing = await self._segments.standing(uow)
        return {
            row.id: _tags_in(self._read(standing[row.rule_segment_id]))
            for row in await self._ruled(uow).ruled()
            if row.rule_segment_id in standing
        }

    def _read(self, standing: Standing) -> Condition:
        return self._segments.read(standing.view.definition)

    def _ruled(self, uow: UnitOfWork) -> RuledTags:
        return RuledTags(uow, self._tags.giving)


class TagRuleKeeper:
    """Follows the members of rules: gives and takes tags in commits of ``CHUNK`` people."""

    def __init__(self, uows: UnitOfWorkFactory, tags: PersonTags, segments: Segments) -> None:
        self._uows = uows
        self._tags = tags
        self._segments = segments

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="flows.tag_rules_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Bring every rule whose members changed up to date; return how many rules that were.

        What a crash interrupts is compared again: giving and taking by rule are idempotent.
        """
        async with self._uows.system(tenant_id) as uow:
            rows = await RuledTags(uow, self._tags.giving).ruled()
            standing = await self._segments.standing(uow) if rows else {}
        done = 0
        for row in rows:
            segment = None if row.rule_segment_id is None else standing.get(row.rule_segment_id)
            if row.rule_segment_id is None:
                await self._follow(tenant_id, row, members=set(), generation=None)
            elif segment is None or segment.view.as_of is None or segment.generation == row.rule_generation:
                continue  # Gone meanwhile, never evaluated, or nothing new.
            else:
                async with self._uows.system(tenant_id) as uow:
                    members = set(await self._segments.member_ids(uow, row.rule_segment_id))
                # Members that change after ``standing`` was read raise the number again.
                await self._follow(tenant_id, row, members=members, generation=segment.generation)
            done += 1
        return done

    async def _follow(
        self, tenant_id: TenantId, row: TagRow, *, members: set[int], generation: int | None
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            named = await RuledTags(uow, self._tags.giving).named(row)
        gone = [person for person, profile in named if profile not in members]
        new = sorted(members - {profile for _, profile in named})
        for part in _chunks(gone):
            async with self._uows.system(tenant_id) as uow:
                await RuledTags(uow, self._tags.giving).drop(row, part)
        for part in _chunks(new):
            async with self._uows.system(tenant_id) as uow:
                await RuledTags(uow, self._tags.giving).add(row, part)
        async with self._uows.system(tenant_id) as uow:
            await RuledTags(uow, self._tags.giving).settle(row, generation)


def _check_not_circular(tag_id: int, definition: Condition, rules: dict[int, frozenset[int]]) -> None:
    waiting, seen = list(_tags_in(definition)), set[int]()
    while waiting:
        asked = waiting.pop()
        if asked == tag_id:
            raise CircularRule(
                "the rule asks about the tag itself, perhaps through the rule of another tag",
                message_zh="规则引用了该标签自身（可能经由其他标签的规则）",
            )
        if asked not in seen:
            seen.add(asked)
            waiting.extend(rules.get(asked, ()))


def _tags_in(definition: Condition) -> frozenset[int]:
    return frozenset(
        number for node in conditions_of(definition) if isinstance(node, Tag) for number in node.numbers
    )


def _owner(tag_id: int) -> str:
    return f"tag:{encode_id(TAG_PREFIX, tag_id)}"


def _chunks(people: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]
