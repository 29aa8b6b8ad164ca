"""Looking into groups that changed: who came, who went, whose the group is.

Events give counts; only the group itself says who. Groups come due by events and by syncs; one fetch answers
all events until then. A fetch that failed comes due again, later each time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.community.groups import facts, rules
from quanyu.modules.community.groups.contracts import GroupId, GroupState
from quanyu.modules.community.groups.keeping import MemberKeeper, customer_token, member_token
from quanyu.modules.community.groups.member_queries import MemberQueries
from quanyu.modules.community.groups.queries import FetchedGroup, GroupQueries, KeptGroup
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey, SeenMember
from quanyu.modules.community.ports import CorpRef, Corps
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.wecom import customer_groups

_log = get_logger("community.groups")
_FETCHED: Final = Counter("quanyu_customer_group_fetches_total", "Customer groups looked into", ["outcome"])
_BATCH: Final = 20
_CLAIM: Final = timedelta(minutes=2)
_ATTEMPTS_MAX: Final = 12
_DISMISSED: Final = 49008
_NOT_OURS: Final = frozenset({90501, 84061})  # No customer group, or none the secret may see.
_CUSTOMER: Final = 2


class WayBook(Protocol):
    """Which group code a join way belongs to."""

    async def codes_of(self, uow: UnitOfWork, states: Sequence[str]) -> Mapping[str, int]:
        """Return the code of each state a join way of ours gave."""
        ...

    async def group_seen(self, uow: UnitOfWork, group_id: GroupId, states: Sequence[str]) -> None:
        """Learn which ways lead into a group: the platform opens new ones by itself (GC-1)."""
        ...

    async def group_changed(self, uow: UnitOfWork, group_id: GroupId) -> None:
        """Have the ways into a group looked at: it filled, emptied or is no more (GC-2, GC-6)."""
        ...


class GroupFetcher:
    """Asks the platform about due groups."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, corps: Corps, ways: WayBook) -> None:
        self._uows = uows
        self._keyring = keyring
        self._corps = corps
        self._ways = ways

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="community.groups_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Look into one batch of due groups; return how many were due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            due = await GroupQueries(uow).claim(now=now, until=until, limit=_BATCH)
            corps = {corp.account_id: corp for corp in await self._corps.list(uow)} if due else {}
        for group in due:
            await self._look_into(tenant_id, corps.get(group.corp_id), group)
        return len(due)

    async def _look_into(self, tenant_id: TenantId, corp: CorpRef | None, group: KeptGroup) -> None:
        if corp is None:
            await self._give_up(tenant_id, group, "no_corp")
            return
        asked_at = self._uows.clock.now()
        try:
            client = await self._corps.client(tenant_id, corp.account_id)
            found = await client.group(group.chat_id)
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, corp, group, error)
            return
        _FETCHED.labels("answered").inc()
        await self._keep(tenant_id, corp, group, found, asked_at)

    async def _keep(
        self,
        tenant_id: TenantId,
        corp: CorpRef,
        asked: KeptGroup,
        found: customer_groups.Group,
        asked_at: datetime,
    ) -> None:
        seen = self._seen(corp, found)
        async with self._uows.system(tenant_id) as uow:
            before = await GroupQueries(uow).lock(asked.group_id)
            if before is None:
                return
            keeper = MemberKeeper(uow, self._keyring, corp, before)
            codes = await self._ways.codes_of(uow, sorted({one.way_state for one in seen if one.way_state}))
            changes = rules.compare(await MemberQueries(uow).stays(before.group_id), seen)
            await keeper.joined(changes.joined, codes, event_at=asked.event_at)
            await MemberQueries(uow).returned(before.group_id, changes.returned)
            ends = {key: rules.left_at(key.joined_at, asked.quit_at, asked_at) for key in changes.left}
            await keeper.left(ends, rules.leave_scene(asked.quit_scenes))
            await self._owner(uow, corp, before, found.owner, asked_at)
            await GroupQueries(uow).fetched(asked, _fetched(found, seen), at=asked_at)
            if codes:
                await self._ways.group_seen(uow, before.group_id, sorted(codes))
            await self._ways.group_changed(uow, before.group_id)

    async def _owner(
        self, uow: UnitOfWork, corp: CorpRef, before: KeptGroup, owner: str, at: datetime
    ) -> None:
        if before.owner and owner and before.owner != owner:
            uow.publish(facts.owner_changed(corp.corp_id, before.chat_id, before.owner, owner, at=at))
        await MemberQueries(uow).close_handover(before.group_id, owner)

    def _seen(self, corp: CorpRef, found: customer_groups.Group) -> tuple[SeenMember, ...]:
        members = []
        for one in found.member_list:
            is_customer = one.type == _CUSTOMER
            blind = customer_token if is_customer else member_token
            token = blind(self._keyring, corp.corp_id, one.userid)
            members.append(
                SeenMember(
                    key=MemberKey(token, datetime.fromtimestamp(one.join_time, UTC)),
                    is_customer=is_customer,
                    userid=one.userid,
                    unionid=one.unionid,
                    name=one.group_nickname or one.name,
                    join_scene=one.join_scene,
                    invitor=one.invitor.userid if one.invitor else "",
                    way_state=one.state,
                )
            )
        return tuple(members)

    async def _refused(
        self, tenant_id: TenantId, corp: CorpRef, group: KeptGroup, error: WechatError | NotFound
    ) -> None:
        if isinstance(error, PlatformRefusal) and error.errcode == _DISMISSED:
            _FETCHED.labels("dismissed").inc()
            await self._dismiss(tenant_id, corp, group)
            return
        if isinstance(error, PlatformRefusal) and error.errcode in _NOT_OURS:
            await self._give_up(tenant_id, group, str(error.errcode))
            return
        is_pace = isinstance(error, WechatError) and is_about_pace(error)
        if not isinstance(error, WechatError) or (group.fetch_attempts >= _ATTEMPTS_MAX and not is_pace):
            await self._give_up(tenant_id, group, error.code)
            return
        _FETCHED.labels("postponed").inc()
        _log.warning("community.group_not_fetched", group_id=group.group_id, error=str(error))
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        async with self._uows.system(tenant_id) as uow:
            again_at = retry_at(error, uow.clock.now(), attempts=group.fetch_attempts)
            await GroupQueries(uow).not_fetched(group.group_id, reason, again_at=again_at)

    async def _give_up(self, tenant_id: TenantId, group: KeptGroup, reason: str) -> None:
        _FETCHED.labels("refused").inc()
        async with self._uows.system(tenant_id) as uow:
            await GroupQueries(uow).not_fetched(group.group_id, reason, again_at=None)

    async def _dismiss(self, tenant_id: TenantId, corp: CorpRef, asked: KeptGroup) -> None:
        async with self._uows.system(tenant_id) as uow:
            before = await GroupQueries(uow).lock(asked.group_id)
            if before is None or before.state is GroupState.DISMISSED:
                return
            at = before.dismissed_at or uow.clock.now()
            stays = await MemberQueries(uow).stays(before.group_id)
            ends = {key: max(at, key.joined_at) for key, lasts in stays.items() if lasts}
            await MemberKeeper(uow, self._keyring, corp, before).left(ends, LeaveScene.DISMISSED)
            about = {"owner": before.owner, "customers": before.customers}
            uow.publish(facts.group_dismissed(corp.corp_id, before.chat_id, at=at, about=about))
            await MemberQueries(uow).close_handover(before.group_id, "")
            await GroupQueries(uow).dismissed(before.group_id, at=at)
            await self._ways.group_changed(uow, before.group_id)


def _fetched(found: customer_groups.Group, seen: Sequence[SeenMember]) -> FetchedGroup:
    return FetchedGroup(
        name=found.name,
        owner=found.owner,
        notice=found.notice,
        opened_at=datetime.fromtimestamp(found.create_time, UTC) if found.create_time else None,
        member_version=found.member_version,
        members=len(seen),
        customers=sum(one.is_customer for one in seen),
    )
