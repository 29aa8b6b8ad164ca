"""React subscriber ``staff.directory``: who came, changed and left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.syncs.contracts import SyncId, SyncKind, SyncStage
from quanyu.modules.channels.syncs.queries import SyncQueries
from quanyu.modules.channels.wecom import translation
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff import names
from quanyu.modules.staff.directory import rules
from quanyu.modules.staff.directory.contracts import Member
from quanyu.modules.staff.directory.keeping import keep, new_member
from quanyu.modules.staff.directory.queries import DirectoryQueries

_MEMBERS: Final = frozenset({translation.STAFF_JOINED, translation.STAFF_CHANGED, translation.STAFF_LEFT})


class DirectoryEvent(FollowerEvent, Protocol):
    """An event of the log as this subscriber reads it."""

    @property
    def properties(self) -> Mapping[str, Any]: ...


class DirectorySubscriber:
    """Keeps members in step with the log; what an event does not say, ``MemberWorker`` asks for.

    Idempotent and tolerant of any order: coming and leaving are the latest instants of each.
    """

    name: Final = "staff.directory"
    after: Final = ()

    def wants(self, event_name: str) -> bool:
        """Members and departments."""
        return event_name in _MEMBERS or event_name.startswith(names.DEPARTMENT)

    async def prepare(self, tenant_id: TenantId, events: Sequence[DirectoryEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[DirectoryEvent], prepared: None) -> None:
        """Write members, have them asked about, and have changed departments read again."""
        corps = await Corps().ids_by_corp_id(uow)
        for app_id, corp_id in sorted(corps.items()):
            theirs = [event for event in events if event.context.get("app") == app_id]
            await self._members(uow, app_id, corp_id, [one for one in theirs if one.name in _MEMBERS])
            if any(one.name.startswith(names.DEPARTMENT) for one in theirs):
                await SyncQueries(uow).start(
                    SyncId(new_id()), corp_id, SyncKind.DEPARTMENTS, SyncStage.DEPARTMENTS, by_hand=False
                )

    async def _members(
        self, uow: UnitOfWork, app_id: str, corp_id: AccountId, events: Sequence[DirectoryEvent]
    ) -> None:
        told: dict[str, list[DirectoryEvent]] = {}
        for event in events:
            userid = event.context.get("staff", "")
            if renamed := str(event.properties.get("new_staff") or ""):
                await DirectoryQueries(uow).rename(corp_id, userid, renamed)
                userid = renamed
            if userid:
                told.setdefault(userid, []).append(event)
        known = await DirectoryQueries(uow).lock([(corp_id, userid) for userid in told])
        changes = []
        for userid, about in told.items():
            before = known.get((corp_id, userid))
            changes.append((before, _after(before or new_member(uow, corp_id, userid), about, uow)))
        # The instant of the news, not of its reading: the same news twice states one fact.
        at = max((event.occurred_at for event in events), default=uow.clock.now())
        await keep(uow, app_id, changes, at=at)


def _after(before: Member, events: Sequence[DirectoryEvent], uow: UnitOfWork) -> Member:
    after = before
    for event in events:
        if event.name == translation.STAFF_LEFT:
            after = replace(after, left_at=rules.later(after.left_at, event.occurred_at))
        elif event.name == translation.STAFF_JOINED:
            after = replace(after, joined_at=rules.later(after.joined_at, event.occurred_at))
    if after.has_left:
        return replace(after, details_due_at=None)
    return replace(after, details_due_at=uow.clock.now(), details_attempts=0)
