"""Every statement on ``customer_group`` that keeps it in step with the platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.community.groups.contracts import GroupId, GroupRecord, GroupState


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGroup:
    """A row of ``customer_group``."""

    group_id: GroupId
    corp_id: int
    chat_id: str
    name: str
    owner: str
    notice: str
    state: GroupState
    handover: int
    members: int
    customers: int
    record: GroupRecord
    welcome_id: int | None
    opened_at: datetime | None
    dismissed_at: datetime | None
    fetched_at: datetime | None
    fetch_due_at: datetime | None
    fetch_attempts: int
    changes: int
    event_at: datetime | None
    quit_at: datetime | None
    quit_scenes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNews:
    """What events said of one group: look into it, and what is worth remembering until then."""

    corp_id: int
    chat_id: str
    first_at: datetime
    quit_at: datetime | None = None
    quit_scenes: int = 0
    dismissed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedGroup:
    """What the platform answered about a group."""

    name: str
    owner: str
    notice: str
    opened_at: datetime | None
    member_version: str
    members: int
    customers: int


class GroupQueries:
    """Groups and when to look into them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def note(self, news: Sequence[GroupNews], *, due_at: datetime) -> None:
        """Have these groups looked into; new ones get a row. Idempotent."""
        ordered = sorted(news, key=lambda one: (one.corp_id, one.chat_id))
        await self._uow.execute(
            _NOTE,
            {
                "tenant": self._uow.tenant_id,
                "ids": [new_id() for _ in ordered],
                "corps": [one.corp_id for one in ordered],
                "chats": [one.chat_id for one in ordered],
                "firsts": [one.first_at for one in ordered],
                "quits": [one.quit_at for one in ordered],
                "scenes": [one.quit_scenes for one in ordered],
                "ends": [one.dismissed_at for one in ordered],
                "due": due_at,
                "now": self._uow.clock.now(),
            },
        )

    async def rename_owner(self, corp_id: int, userid: str, new_userid: str, *, due_at: datetime) -> None:
        """Give an owner's groups the id they have now, and have their members read again; idempotent."""
        await self._uow.execute(
            "UPDATE customer_group SET owner = :new, fetch_due_at = coalesce(fetch_due_at, :due), "
            "fetch_attempts = 0 WHERE tenant_id = :tenant AND corp_id = :corp AND owner = :old",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "old": userid,
                "new": new_userid,
                "due": due_at,
            },
        )

    async def listed(self, corp_id: int, sync_id: int, chats: Sequence[tuple[str, int]]) -> None:
        """Have groups of the platform's list looked into, with how their hand-over stands."""
        ordered = sorted(chats)
        await self._uow.execute(
            _LISTED,
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "sync": sync_id,
                "ids": [new_id() for _ in ordered],
                "chats": [chat for chat, _ in ordered],
                "handovers": [handover for _, handover in ordered],
                "now": self._uow.clock.now(),
            },
        )

    async def ask_about_missing(self, corp_id: int, sync_id: int, *, started_at: datetime) -> int:
        """Have those looked into that were not listed: only the platform can say that they are gone."""
        done = await self._uow.execute(
            "UPDATE customer_group SET fetch_due_at = coalesce(fetch_due_at, :now), sync_id = :sync "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND state = 'active' "
            "AND sync_id IS DISTINCT FROM :sync AND first_seen_at < :started",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "sync": sync_id,
                "started": started_at,
                "now": self._uow.clock.now(),
            },
        )
        return int(done.rowcount)

    async def count_due(self, corp_id: int) -> int:
        rows = await self._uow.execute(
            "SELECT count(*) FROM customer_group WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND fetch_due_at IS NOT NULL",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        return int(rows.scalar_one())

    async def claim(self, *, now: datetime, until: datetime, limit: int) -> tuple[KeptGroup, ...]:
        """Take groups that are due, those with news before those a sync listed."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM customer_group "
            "WHERE tenant_id = :tenant AND fetch_due_at <= :now "
            "ORDER BY event_at IS NULL, fetch_due_at LIMIT :limit FOR UPDATE SKIP LOCKED) "
            "UPDATE customer_group g SET fetch_due_at = :until, fetch_attempts = g.fetch_attempts + 1 "
            "FROM due WHERE g.tenant_id = :tenant AND g.id = due.id RETURNING g.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit},
        )
        return tuple(kept_group(row) for row in rows)

    async def lock(self, group_id: GroupId) -> KeptGroup | None:
        rows = await self._uow.execute(
            "SELECT * FROM customer_group WHERE tenant_id = :tenant AND id = :id FOR UPDATE",
            {"tenant": self._uow.tenant_id, "id": group_id},
        )
        row = rows.first()
        return None if row is None else kept_group(row)

    async def fetched(self, asked: KeptGroup, found: FetchedGroup, *, at: datetime) -> None:
        """Write the answer. What happened since we asked keeps the group due."""
        await self._uow.execute(
            _FETCHED,
            {
                **self._of(asked.group_id),
                "name": found.name,
                "owner": found.owner,
                "notice": found.notice,
                "opened": found.opened_at,
                "version": found.member_version,
                "members": found.members,
                "customers": found.customers,
                "asked": asked.changes,
                "at": at,
                "now": self._uow.clock.now(),
            },
        )

    async def dismissed(self, group_id: GroupId, *, at: datetime) -> None:
        """Write that a group is no more."""
        await self._uow.execute(
            "UPDATE customer_group SET state = 'dismissed', dismissed_at = coalesce(dismissed_at, :at), "
            "members = 0, customers = 0, fetch_due_at = NULL, fetch_attempts = 0, fetch_reason = '', "
            "event_at = NULL, quit_at = NULL, quit_scenes = 0, fetched_at = :at, updated_at = :at "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(group_id), "at": at},
        )

    async def not_fetched(self, group_id: GroupId, reason: str, *, again_at: datetime | None) -> None:
        """Write why the group could not be looked into; without ``again_at`` only news ask again."""
        await self._uow.execute(
            "UPDATE customer_group SET fetch_due_at = :again, fetch_reason = :reason "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(group_id), "again": again_at, "reason": reason},
        )

    async def owned_by(self, corp_id: int, owners: Sequence[str]) -> tuple[KeptGroup, ...]:
        """Return the active groups of these owners, locked."""
        rows = await self._uow.execute(
            "SELECT * FROM customer_group WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND owner = ANY(:owners) AND state = 'active' ORDER BY id FOR UPDATE",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "owners": list(owners)},
        )
        return tuple(kept_group(row) for row in rows)

    async def with_owner_gone(self, corp_id: int, sync_id: int) -> tuple[KeptGroup, ...]:
        """Return the groups this sync listed as left behind by their owner."""
        rows = await self._uow.execute(
            "SELECT * FROM customer_group WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND sync_id = :sync AND handover = 1 AND state = 'active' ORDER BY id FOR UPDATE",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "sync": sync_id},
        )
        return tuple(kept_group(row) for row in rows)

    def _of(self, group_id: GroupId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": group_id}


def kept_group(row: Any) -> KeptGroup:
    """Read a row of ``customer_group``."""
    record = GroupRecord(
        source_channel=row.source_channel,
        member_attribute=row.member_attribute,
        behaviour_type=row.behaviour_type,
        funnel_stage=row.funnel_stage,
        purpose=row.purpose,
        rules_text=row.rules_text,
        store=row.store,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
    )
    return KeptGroup(
        group_id=GroupId(row.id),
        corp_id=row.corp_id,
        chat_id=row.chat_id,
        name=row.name,
        owner=row.owner,
        notice=row.notice,
        state=GroupState(row.state),
        handover=row.handover,
        members=row.members,
        customers=row.customers,
        record=record,
        welcome_id=row.welcome_id,
        opened_at=row.opened_at,
        dismissed_at=row.dismissed_at,
        fetched_at=row.fetched_at,
        fetch_due_at=row.fetch_due_at,
        fetch_attempts=row.fetch_attempts,
        changes=row.changes,
        event_at=row.event_at,
        quit_at=row.quit_at,
        quit_scenes=row.quit_scenes,
    )


# What is due stays due at its own time; a claimed group is asked about again through ``changes``.
_NOTE: Final = """
INSERT INTO customer_group AS g (tenant_id, id, corp_id, chat_id, state, event_at, quit_at, quit_scenes,
    dismissed_at, changes, fetch_due_at, first_seen_at, updated_at)
SELECT :tenant, n.id, n.corp, n.chat, 'active', n.first, n.quit, n.scenes, n.ended, 1, :due, :now, :now
FROM unnest(CAST(:ids AS bigint[]), CAST(:corps AS bigint[]), CAST(:chats AS text[]),
    CAST(:firsts AS timestamptz[]), CAST(:quits AS timestamptz[]), CAST(:scenes AS int[]),
    CAST(:ends AS timestamptz[])) AS n (id, corp, chat, first, quit, scenes, ended)
ON CONFLICT (tenant_id, corp_id, chat_id) DO UPDATE SET
    event_at = least(coalesce(g.event_at, excluded.event_at), excluded.event_at),
    quit_at = greatest(g.quit_at, excluded.quit_at),
    quit_scenes = g.quit_scenes | excluded.quit_scenes,
    dismissed_at = coalesce(g.dismissed_at, excluded.dismissed_at),
    changes = g.changes + 1, fetch_attempts = 0,
    fetch_due_at = coalesce(g.fetch_due_at, excluded.fetch_due_at)
    WHERE g.state = 'active'
"""
_LISTED: Final = """
INSERT INTO customer_group AS g (tenant_id, id, corp_id, chat_id, state, handover, sync_id, fetch_due_at,
    first_seen_at, updated_at)
SELECT :tenant, n.id, :corp, n.chat, 'active', n.handover, :sync, :now, :now, :now
FROM unnest(CAST(:ids AS bigint[]), CAST(:chats AS text[]), CAST(:handovers AS int[]))
    AS n (id, chat, handover)
ON CONFLICT (tenant_id, corp_id, chat_id) DO UPDATE SET
    handover = excluded.handover, sync_id = excluded.sync_id, fetch_attempts = 0,
    fetch_due_at = coalesce(g.fetch_due_at, excluded.fetch_due_at)
"""
_FETCHED: Final = """
UPDATE customer_group SET name = :name, owner = :owner, notice = :notice,
    opened_at = coalesce(:opened, opened_at), state = 'active', dismissed_at = NULL,
    member_version = :version, members = :members, customers = :customers,
    fetch_attempts = 0, fetch_reason = '', fetched_at = :at, updated_at = :at,
    fetch_due_at = CASE WHEN changes = :asked THEN NULL ELSE :now END,
    event_at = CASE WHEN changes = :asked THEN NULL ELSE event_at END,
    quit_at = CASE WHEN changes = :asked THEN NULL ELSE quit_at END,
    quit_scenes = CASE WHEN changes = :asked THEN 0 ELSE quit_scenes END
WHERE tenant_id = :tenant AND id = :id
"""
