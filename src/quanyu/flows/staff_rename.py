"""What hangs on a member of the staff follows when they get another id at the company."""

from collections.abc import Sequence
from typing import Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.translation import STAFF_CHANGED
from quanyu.modules.events.contracts import LogEvent


class FollowsMembers(Protocol):
    """Keeps something under the ids of members."""

    async def follow_rename(self, uow: UnitOfWork, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Keep it under the new id; idempotent, and what is there under that id already stays."""
        ...


class StaffRenames:
    """React subscriber ``staff.renames``: idempotent. Members and their customers have followed before."""

    name: Final = "staff.renames"
    after: Final = ("staff.directory", "staff.customers")

    def __init__(self, corps: Corps, followers: Sequence[FollowsMembers]) -> None:
        self._corps = corps
        self._followers = tuple(followers)

    def wants(self, event_name: str) -> bool:
        """Changes of members."""
        return event_name == STAFF_CHANGED

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: None) -> None:
        """Pass new ids on, in the order they were given."""
        renamed = [event for event in events if event.properties.get("new_staff")]
        if not renamed:
            return
        corps = await self._corps.ids_by_corp_id(uow)
        for event in renamed:
            corp_id = corps.get(event.context.get("app", ""))
            userid, new_userid = event.context.get("staff", ""), str(event.properties["new_staff"])
            if corp_id is None or not userid or userid == new_userid:
                continue
            for follower in self._followers:
                await follower.follow_rename(uow, corp_id, userid, new_userid)
