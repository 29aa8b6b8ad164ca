"""Migrations: see what one would do, start it, and the loop that carries it out in parts."""

import asyncio
from collections.abc import Mapping
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId, encode_id, new_id
from quanyu.modules.journeys import crossing
from quanyu.modules.journeys.definition import Definition, dump_definition
from quanyu.modules.journeys.errors import (
    JourneyNotFound,
    MigrationRunning,
    NoSuchTarget,
    VersionNotFound,
    WrongStatus,
)
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.migrating import queries, rules
from quanyu.modules.journeys.migrating.contracts import (
    JourneyMigration,
    JourneyMigrations,
    MigrateJourney,
    MigrationNode,
    MigrationPreview,
    MigrationState,
)
from quanyu.modules.journeys.migrating.queries import MigrationRow
from quanyu.modules.journeys.queries import awaited, journeys
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.rules import Exit

PREFIX: Final = "jmg"
PART: Final = 1_000
SHOWN_MAX: Final = 20
_log = get_logger("journeys.migrating")


class Migrations:
    """The use cases of migrations."""

    def __init__(self, uows: UnitOfWorkFactory, *, part: int = PART) -> None:
        self._uows = uows
        self._part = part
        self._graphs = Graphs()

    async def preview(self, uow: UnitOfWork, journey_id: int, command: MigrateJourney) -> MigrationPreview:
        """Tell what a migration would do now: whom it moves where, and who would go on at once.

        Raises:
            JourneyNotFound, WrongStatus, VersionNotFound, NoSuchTarget: as ``start``.
        """
        row = await journeys.find(uow, journey_id)
        before, after = await self._graphs_of(uow, row, journey_id, command)
        to = rules.targets(before, after, command.nodes)
        delays = {
            node: None if target is None else rules.delay_s(after.nodes[target])
            for node, target in to.items()
        }
        now = uow.clock.now()
        standing = await queries.count_standing(uow, journey_id, command.before, delays, now=now)
        shown = dump_definition(before)["nodes"]
        nodes = [
            _node(node, shown.get(node), to.get(node), standing[node], before=before, after=after)
            for node in [*(one for one in before.nodes if one in standing), *_strays(standing, before)]
        ]
        return MigrationPreview(
            before=command.before,
            after=row.version if row else 0,
            people=sum(node.people for node in nodes),
            nodes=tuple(nodes),
        )

    async def start(
        self, uow: UnitOfWork, journey_id: int, command: MigrateJourney, *, actor: str
    ) -> JourneyMigration:
        """Begin to move everybody of a version to the present one, in the background.

        Raises:
            JourneyNotFound: this brand has no such journey.
            WrongStatus: it was ended, or never published.
            VersionNotFound: people are not on the way in this version, for it is none or the present one.
            NoSuchTarget: a node people should go on at is none of the present version.
            MigrationRunning: one of this journey is not over yet.
        """
        row = await journeys.lock(uow, journey_id)
        before, after = await self._graphs_of(uow, row, journey_id, command)
        assert row is not None
        now = uow.clock.now()
        standing = await queries.count_standing(uow, journey_id, command.before, {}, now=now)
        started = MigrationRow(
            id=new_id(),
            journey_id=journey_id,
            before=command.before,
            after=row.version,
            nodes=rules.targets(before, after, command.nodes),
            spread_s=command.spread_s,
            state=MigrationState.RUNNING,
            people=sum(people for people, _ in standing.values()),
            moved=0,
            let_out=0,
            actor=actor,
            created_at=now,
            finished_at=None,
        )
        if not await queries.add(uow, started):
            raise MigrationRunning(
                "a migration of this journey is not over yet; wait for it",
                message_zh="这个旅程还有一次迁移没有完成，请等它结束",
            )
        return _view(started)

    async def list_of(self, uow: UnitOfWork, journey_id: int) -> JourneyMigrations:
        """Return a journey's latest migrations, the newest first."""
        rows = await queries.list_of(uow, journey_id, SHOWN_MAX)
        return JourneyMigrations(items=tuple(_view(row) for row in rows))

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Carry out what was started, until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_next(tenant_id), failed="journeys.migration_failed")

    async def run_next(self, tenant_id: TenantId) -> int:
        """Move one part of the oldest migration in one commit; return how many were, 0 if none runs.

        Whoever was moved is in the new version, so a crash anywhere loses nobody and moves nobody twice.
        """
        async with self._uows.system(tenant_id) as uow:
            await awaited.join_turn(uow)
            row = await queries.take(uow)
            if row is None:
                return 0
            moved, out, state = await self._move(uow, row)
            now = uow.clock.now()
            await queries.note_progress(uow, row.id, moved=moved, let_out=out, state=state, now=now)
        if state is not MigrationState.RUNNING:
            _log.info("journeys.migrated", journey=encode_id("jrn", row.journey_id), state=state.value)
        return max(1, moved + out)

    async def _move(self, uow: UnitOfWork, row: MigrationRow) -> tuple[int, int, MigrationState]:
        if await queries.hold_journey(uow, row.journey_id) == "stopped":
            return 0, 0, MigrationState.CANCELLED
        people = await queries.lock_standing(uow, row.journey_id, row.before, self._part)
        if not people:
            return 0, 0, MigrationState.DONE
        before = await self._graphs.of(uow, row.journey_id, row.before)
        after = await self._graphs.of(uow, row.journey_id, row.after)
        now = uow.clock.now()
        staying = [(one, to) for one in people if (to := row.nodes.get(one.node)) is not None]
        moved = [rules.rehome(one, before, after, to, now=now, spread_s=row.spread_s) for one, to in staying]
        await queries.rehome(uow, row.journey_id, row.after, moved, now=now)
        leaving = {one.id for one in people} - {one.id for one, _ in staying}
        out = await crossing.let_out(uow, sorted(leaving), Exit.NODE_REMOVED) if leaving else []
        return len(moved), len(out), MigrationState.RUNNING

    async def _graphs_of(
        self, uow: UnitOfWork, row: JourneyRow | None, journey_id: int, command: MigrateJourney
    ) -> tuple[Definition, Definition]:
        if row is None:
            journey = encode_id("jrn", journey_id)
            raise JourneyNotFound(f"there is no journey {journey}", message_zh=f"没有旅程 {journey}")
        if row.status not in ("active", "paused"):
            raise WrongStatus(
                f"the journey is {row.status}; people are moved while it is active or paused",
                message_zh=f"旅程当前状态为 {row.status}，只有进行中或已暂停时才能迁移",
            )
        if command.before >= row.version:
            raise VersionNotFound(
                f"people are moved from a version before {row.version}, the present one",
                message_zh=f"只能从第 {row.version} 版（当前版本）之前的版本迁移",
            )
        before = await self._graphs.of(uow, journey_id, command.before)
        after = await self._graphs.of(uow, journey_id, row.version)
        _require_targets(after, command.nodes)
        return before, after


def _require_targets(after: Definition, nodes: Mapping[str, str | None]) -> None:
    missing = sorted({to for to in nodes.values() if to is not None and to not in after.nodes})
    if missing:
        raise NoSuchTarget(
            f"the present version has no node {', '.join(missing)}",
            message_zh=f"当前版本没有节点 {'、'.join(missing)}",
        )


def _strays(standing: Mapping[str, object], before: Definition) -> list[str]:
    """Return nodes people stand at that their version does not have; the engine lets them out."""
    return sorted(node for node in standing if node not in before.nodes)


def _node(
    node: str,
    definition: dict[str, object] | None,
    to: str | None,
    counted: tuple[int, int],
    *,
    before: Definition,
    after: Definition,
) -> MigrationNode:
    people, due = counted
    keeps = to is not None and rules.keeps(before, after, node, to)
    return MigrationNode(
        node=node,
        definition=definition,
        people=people,
        to=to,
        keeps=keeps,
        at_once=0 if keeps or to is None else due,
    )


def _view(row: MigrationRow) -> JourneyMigration:
    return JourneyMigration(
        id=encode_id(PREFIX, row.id),
        before=row.before,
        after=row.after,
        state=MigrationState(row.state),
        people=row.people,
        moved=row.moved,
        let_out=row.let_out,
        actor=row.actor,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
