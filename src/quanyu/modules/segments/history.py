"""Every question segments ask the warehouse, and the memberships they keep there."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from quanyu.infra.warehouse import QueryLimits, Warehouse, WarehouseLimitExceeded
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.segments.compiler import Compiled, Evaluation, compile_definition
from quanyu.modules.segments.errors import SegmentTooHeavy
from quanyu.modules.segments.lists.errors import ListTooLarge
from quanyu.modules.segments.rules import Difference
from quanyu.modules.segments.tree import Condition

# Of memory, one question may use half of what the engine may. Who looks waits no longer than a browser does.
LOOK_LIMITS: Final = QueryLimits(time_s=25.0)
EVALUATION_LIMITS: Final = QueryLimits(time_s=60.0)
_COLUMNS: Final = ("tenant_id", "segment_id", "person", "since", "version", "member")
_CANONICAL: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64({0}), {0}))"
# The stored members as they are, and as who they are known today, in one scan.
_STORED: Final = (
    f"SELECT groupBitmapState(person), groupBitmapState({_CANONICAL.format('person')}) "  # noqa: S608
    "FROM segment_membership FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND segment_id = {segment:UInt64} AND member = 1"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """How many people a definition selects, and the first of them."""

    count: int
    people: tuple[int, ...]
    took_ms: int


class SegmentHistory:
    """One brand's side of the warehouse."""

    def __init__(self, warehouse: Warehouse, tenant_id: TenantId) -> None:
        self._warehouse = warehouse
        self._gate = warehouse.for_tenant(tenant_id)
        self._tenant_id = tenant_id

    async def select(self, definition: Condition, at: Evaluation, *, after: int = 0, limit: int) -> Selection:
        """Return the number of people selected and up to ``limit`` of them after person ``after``."""
        compiled = compile_definition(definition, at)
        started = time.perf_counter()
        rows = await self._ask(
            compiled.page_sql(),
            {**compiled.parameters, "page_after": after, "page_limit": limit},
            LOOK_LIMITS,
        )
        took_ms = round((time.perf_counter() - started) * 1000)
        count, people = rows[0]
        return Selection(int(count), tuple(people), took_ms)

    async def everybody(self, definition: Condition, at: Evaluation, *, most: int) -> list[int]:
        """Return every person a definition selects, ascending.

        Raises:
            ListTooLarge: there are more than ``most``.
        """
        compiled = compile_definition(definition, at)
        sql = compiled.select(
            "bitmapCardinality(members), if(bitmapCardinality(members) <= {most:UInt64}, "
            "arraySort(bitmapToArray(members)), CAST([], 'Array(UInt32)'))"
        )
        bound = {**compiled.parameters, "most": most}
        count, people = (await self._ask(sql, bound, EVALUATION_LIMITS))[0]
        if count > most:
            raise ListTooLarge(
                f"a list holds at most {most:,} people, these are {count:,}",
                message_zh=f"一个名单最多 {most:,} 人，当前有 {count:,} 人",
            )
        return list(people)

    async def select_among(
        self, definition: Condition, at: Evaluation, people: Sequence[int]
    ) -> frozenset[int]:
        """Return which of the given canonical people are selected."""
        if not people:
            return frozenset()
        compiled = compile_definition(definition, at)
        sql = compiled.select("bitmapToArray(bitmapAnd(members, bitmapBuild({asked:Array(UInt32)})))")
        rows = await self._ask(sql, {**compiled.parameters, "asked": list(people)}, LOOK_LIMITS)
        return frozenset(rows[0][0])

    async def among(self, definition: Condition, at: Evaluation, raw: Mapping[int, int]) -> set[int]:
        """Return who is selected of the people ``raw`` maps to, by the facts of the ids it maps from.

        ``raw`` holds every id that stands for one of them. Nothing of anybody else is read.
        """
        compiled = compile_definition(definition, at)
        facts, people = (",".join(map(str, sorted(ids))) for ids in (set(raw), set(raw.values())))
        only = {
            "events": f"person IN ({facts})",
            "segment_membership": f"person IN ({facts})",
            "company_contact": f"person IN ({facts})",
            "profiles": f"person IN ({people})",
        }
        limits = replace(EVALUATION_LIMITS, only_where=only)
        return set((await self._ask(compiled.ids_sql(), compiled.parameters, limits))[0][0])

    async def difference(self, segment_id: int, definition: Condition, at: Evaluation) -> Difference:
        """Evaluate a definition and compare it with the stored members, all in one query."""
        compiled = compile_definition(definition, at)
        rows = await self._ask(
            _difference_sql(compiled), {**compiled.parameters, "segment": segment_id}, EVALUATION_LIMITS
        )
        count, added, removed, removed_canonical, entered, left = rows[0]
        return Difference(
            count=int(count),
            added=added,
            removed=removed,
            removed_canonical=removed_canonical,
            entered=entered,
            left=left,
        )

    async def _ask(self, sql: str, bound: dict[str, Any], limits: QueryLimits) -> list[tuple[Any, ...]]:
        try:
            return await self._gate.query(sql, bound, limits=limits)
        except WarehouseLimitExceeded as error:
            raise SegmentTooHeavy(
                f"this definition needs more than {limits.time_s:.0f} s or more memory than one question may "
                "use; name events, shorten windows, or split it into segments that ask for each other",
                message_zh=f"该条件的计算超过 {limits.time_s:.0f} 秒或单次查询的内存上限，"
                "请指定事件、缩短时间范围，或拆成互相引用的人群",
            ) from error

    async def stored_members(self, segment_id: int) -> dict[int, int]:
        """Return the members the warehouse knows, with the millisecond since when."""
        rows = await self._gate.query(
            "SELECT person, toUnixTimestamp64Milli(since) FROM segment_membership FINAL "
            "WHERE tenant_id = {tenant:UInt32} AND segment_id = {segment:UInt64} AND member = 1",
            {"segment": segment_id},
        )
        return {int(person): int(since) for person, since in rows}

    async def write_members(
        self, segment_id: int, *, added: Mapping[int, datetime], removed: Sequence[int], at: datetime
    ) -> None:
        """Write changed memberships, with since when; the newest version of a row counts."""
        version = new_id()  # Time-ordered, also across a restore of PostgreSQL to an earlier state.
        head = f"{int(self._tenant_id)}\t{segment_id}\t"
        lines = [f"{head}{person}\t{_stamp(since)}\t{version}\t1\n" for person, since in added.items()]
        lines += [f"{head}{person}\t{_stamp(at)}\t{version}\t0\n" for person in removed]
        if lines:
            await self._warehouse.insert_tsv("segment_membership", _COLUMNS, "".join(lines).encode())

    async def forget(self, segment_id: int) -> None:
        """Remove a deleted segment's memberships."""
        await self._gate.command(
            "DELETE FROM segment_membership "
            "WHERE tenant_id = {tenant:UInt32} AND segment_id = {segment:UInt64}",
            {"segment": segment_id},
        )

    async def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Ask something else of this brand's history."""
        return await self._gate.query(sql, parameters)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")


def _difference_sql(compiled: Compiled) -> str:
    stored = ", ".join(
        (
            f"({_STORED}) AS both",
            "tupleElement(both, 1) AS stored",
            "tupleElement(both, 2) AS stored_canonical",
            "bitmapToArray(bitmapAndnot(stored, members)) AS removed",
        )
    )
    columns = ", ".join(
        (
            "bitmapCardinality(members)",
            "bitmapToArray(bitmapAndnot(members, stored))",
            "removed",
            f"arrayMap(one -> {_CANONICAL.format('one')}, removed)",
            "bitmapToArray(bitmapAndnot(members, stored_canonical))",
            "bitmapToArray(bitmapAndnot(stored_canonical, members))",
        )
    )
    return compiled.select(columns, extra=stored)
