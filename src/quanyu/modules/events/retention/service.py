"""Rules of how long events are kept: seen, tried, set."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.retention import queries, rules
from quanyu.modules.events.retention.contracts import (
    EventUse,
    HeldEvents,
    Keep,
    RetentionPreview,
    RetentionView,
    SaveKeep,
)
from quanyu.modules.events.retention.errors import InvalidRetention, KeptForGood, RetentionInUse
from quanyu.modules.events.retention.history import EventHistory, HeldName
from quanyu.modules.events.retention.ports import EventReaders
from quanyu.modules.events.retention.rules import EVERY_OTHER

_NAMED = 3  # Of who asks, in a refusal.


class Retention:
    """The rules of a brand. ``kept`` names are read by the platform without a window and never go."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        readers: EventReaders,
        *,
        kept: Collection[str],
        log_days: int,
    ) -> None:
        self._uows = uows
        self._history = EventHistory(warehouse)
        self._readers = readers
        self._kept = frozenset(kept)
        self._log_days = log_days

    async def view(self, tenant_id: TenantId) -> RetentionView:
        """Return the rules, what is held of each name, most rows first, and the latest run.

        Raises:
            WarehouseUnavailable: what is held cannot be counted now.
        """
        held = await self._history.held(tenant_id)
        async with self._uows.app(tenant_id) as uow:
            kept = await queries.list_rules(uow)
            dropped = await queries.list_dropped(uow)
            run = await queries.get_run(uow)
            archive = await queries.held_archive(uow)
        names = sorted(held, key=lambda name: (-held[name].events, name))
        return RetentionView(
            rules=tuple(kept.values()),
            held=tuple(self._held(name, held[name], dropped.get(name, (None, 0))[1]) for name in names),
            archive=archive,
            log_days=self._log_days,
            run=run[0] if run else None,
        )

    def _held(self, name: str, held: HeldName, dropped: int) -> HeldEvents:
        return HeldEvents(
            name=name,
            events=held.events,
            size_bytes=held.size_bytes,
            oldest_at=held.oldest_at,
            is_kept_for_good=name in self._kept,
            dropped=dropped,
        )

    async def preview(self, tenant_id: TenantId, name: str | None, keep: Keep) -> RetentionPreview:
        """Tell what a rule would remove today, and who asks further back; changes nothing.

        Raises:
            KeptForGood, InvalidRetention: such a rule cannot hold.
            WarehouseUnavailable: what is held cannot be counted now.
        """
        self._check(name, keep)
        held = await self._history.held(tenant_id)
        async with self._uows.app(tenant_id) as uow:
            keeps = await queries.list_keeps(uow)
            uses = await self._further_back(uow, name, keep, keeps)
            today = rules.day_of(uow.clock.now())
            archive = None
            if keep.archive_days is not None:
                archive = await queries.held_archive(uow, before=today - timedelta(days=keep.archive_days))
        about = self._is_about(name, held, keeps)
        cuts = rules.warehouse_cuts(dict.fromkeys(about, keep), self._kept, today)
        due = await self._history.due(tenant_id, cuts, passed=2**63 - 1)
        gone: dict[str, int] = {}
        for month in due.values():
            for one, events in month.items():
                gone[one] = gone.get(one, 0) + events
        size = sum(held[one].size_bytes * events // held[one].events for one, events in gone.items())
        return RetentionPreview(
            events=sum(gone.values()),
            size_bytes=size,
            names=tuple(sorted(gone)),
            archive_files=archive.files if archive else 0,
            archive_events=archive.events - archive.retired if archive else 0,
            uses=uses,
        )

    async def save(self, uow: UnitOfWork, name: str | None, keep: SaveKeep, *, by: str) -> None:
        """Set a rule; it holds from the next run on, which begins within a minute. Idempotent.

        Raises:
            KeptForGood, InvalidRetention: such a rule cannot hold.
            RetentionInUse: somebody asks further back, and the command does not say that this is known.
        """
        self._check(name, keep)
        if not keep.despite_uses:
            uses = await self._further_back(uow, name, keep, await queries.list_keeps(uow))
            if uses:
                raise _in_use(uses)
        await queries.save_rule(uow, _row(name), keep, by=by)
        await queries.ask_for_run(uow)

    async def forget(self, uow: UnitOfWork, name: str | None) -> None:
        """Let the rule of all others hold for a name; what is gone stays gone. Idempotent."""
        await queries.delete_rule(uow, _row(name))

    def _check(self, name: str | None, keep: Keep) -> None:
        if name is not None and (not name or name in self._kept):
            raise KeptForGood(
                f"{name} is read by the platform however old it is; it is kept for good",
                message_zh=f"「{name}」由平台长期读取（同意、关注、入群等关系），永久保留，不能设置期限",
            )
        if keep.archive_days is not None and keep.archive_days < self._log_days:
            raise InvalidRetention(
                f"the log keeps events for {self._log_days} days, so the archive keeps at least as many",
                message_zh=f"日志本身保留 {self._log_days} 天，归档期限不能更短",
            )

    async def _further_back(
        self, uow: UnitOfWork, name: str | None, keep: Keep, keeps: Mapping[str, Keep]
    ) -> tuple[EventUse, ...]:
        uses = await self._readers.uses(uow)
        about = self._is_about(name, [one.event for one in uses], keeps)
        return rules.further_back(uses, keep, about)

    def _is_about(self, name: str | None, names: Collection[str], keeps: Mapping[str, Keep]) -> Sequence[str]:
        return [name] if name is not None else rules.names_without_rule(names, keeps, self._kept)


def _row(name: str | None) -> str:
    return EVERY_OTHER if name is None else name


def _in_use(uses: Sequence[EventUse]) -> RetentionInUse:
    named = ", ".join(dict.fromkeys(one.name for one in uses[: _NAMED * 2]))
    return RetentionInUse(
        f"{len(uses)} of segments, metrics, boards and others ask further back: {named}",
        message_zh=f"有 {len(uses)} 处（人群、指标、看板等）需要更早的事件：{named}",
        uses=[one.model_dump() for one in uses],
    )
