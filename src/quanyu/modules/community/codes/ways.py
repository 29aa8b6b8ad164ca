"""Carrying join ways to the platform, and learning what it made of them.

A way's row is written before the platform is asked, with the state only it gives (CW-9). There is no list of
join ways to look a lost one up in: a call without an answer counts as one used up and is made anew.
What a way should lead to follows the groups: full and dismissed ones leave it, those the platform opened
come in. Changes overwrite everything, so the platform's own running number is read first.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.community.codes import rules
from quanyu.modules.community.codes.contracts import WayDraft
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode, KeptTarget
from quanyu.modules.community.codes.service import limits_of, options_of
from quanyu.modules.community.codes.way_queries import WayQueries
from quanyu.modules.community.groups import facts
from quanyu.modules.community.groups.contracts import GroupId
from quanyu.modules.community.groups.reading import GroupReading
from quanyu.modules.community.ports import CorpRef, Corps
from quanyu.wechat.errors import NotSent, OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import customer_groups
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("community.codes")
_CLAIM: Final = timedelta(minutes=2)
_RECONCILE: Final = timedelta(hours=24)
_FIRST_LOOK: Final = timedelta(minutes=1)  # Groups may have changed while a way was made.
_UNKNOWN_WAY: Final = frozenset({40058, 41044, 41043})
_ASKING: Final = "asking"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a way should be."""

    chats: tuple[str, ...]
    draft: WayDraft
    state: str
    remark: str

    @property
    def text(self) -> str:
        return json.dumps(
            [self.chats, self.draft.auto_create, self.draft.base_name, self.remark, self.state],
            ensure_ascii=False,
        )


class WayKeeper:
    """Makes, changes and gives back join ways; watches the pictures' ends (GC-3)."""

    def __init__(self, uows: UnitOfWorkFactory, corps: Corps) -> None:
        self._uows = uows
        self._corps = corps

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="community.ways_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Take one due target; return how many were due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            target = await WayQueries(uow).claim(now=now, until=until)
            if target is None:
                return 0
            code = await CodeQueries(uow).find(target.code_id)
            assert code is not None
            corps = {corp.account_id: corp for corp in await self._corps.list(uow)}
            if not isinstance(target.draft, WayDraft):
                await self._watch_picture(uow, code, target)
                return 1
            wanted = await self._wanted(uow, code, target)
        await self._carry(tenant_id, corps.get(code.corp_id), target, wanted)
        return 1

    async def codes_of(self, uow: UnitOfWork, states: Sequence[str]) -> Mapping[str, int]:
        """Return the code of each state a join way of ours gave."""
        return await CodeQueries(uow).codes_of_states(states) if states else {}

    async def group_seen(self, uow: UnitOfWork, group_id: GroupId, states: Sequence[str]) -> None:
        """Learn of groups that the platform opened for a way."""
        await CodeQueries(uow).add_group(states, group_id)

    async def group_changed(self, uow: UnitOfWork, group_id: GroupId) -> None:
        """Have the ways into a group compared with what they should be."""
        await CodeQueries(uow).look_at_ways_into(group_id)

    async def _wanted(self, uow: UnitOfWork, code: KeptCode, target: KeptTarget) -> _Wanted:
        assert isinstance(target.draft, WayDraft)
        assert target.way_state is not None
        option = (await options_of(uow, [target]))[target.target_id]
        leading = rules.lead(option.rooms, limits_of(code))
        groups = await GroupReading(uow).find_many(leading)
        return _Wanted(
            chats=tuple(groups[one].chat_id for one in leading),
            draft=target.draft,
            state=target.way_state,
            remark=code.name[:30],
        )

    async def _watch_picture(self, uow: UnitOfWork, code: KeptCode, target: KeptTarget) -> None:
        assert target.expires_at is not None
        now = uow.clock.now()
        if target.warned_at is None and rules.is_expiring(target.expires_at, now):
            uow.publish(
                facts.picture_expiring(code.code_id, target.target_id, at=now, ends=target.expires_at)
            )
        await WayQueries(uow).warned(target)

    async def _carry(
        self, tenant_id: TenantId, corp: CorpRef | None, target: KeptTarget, wanted: _Wanted
    ) -> None:
        try:
            if corp is None:
                raise NotFound("the corp is not connected any more")
            client = await self._corps.client(tenant_id, corp.account_id)
            if target.is_removed:
                await self._give_back(tenant_id, client, target)
            elif not target.config_id:
                await self._make(tenant_id, client, target, wanted)
            else:
                await self._compare(tenant_id, client, target, wanted)
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, target, error)

    async def _make(
        self, tenant_id: TenantId, client: WeComClient, target: KeptTarget, wanted: _Wanted
    ) -> None:
        if not wanted.chats:
            await self._settle(tenant_id, target, reason="no_group")
            return
        made = await client.call(
            customer_groups.ADD_JOIN_WAY,
            customer_groups.AddJoinWayRequest(
                scene=2,
                chat_id_list=wanted.chats,
                remark=wanted.remark,
                auto_create_room=1 if wanted.draft.auto_create else 0,
                room_base_name=wanted.draft.base_name,
                room_base_id=wanted.draft.base_number,
                state=wanted.state,
            ),
        )
        async with self._uows.system(tenant_id) as uow:
            # At once: an id the platform gave is never shown again anywhere.
            await WayQueries(uow).made(target, made.config_id, wanted.text)
        shown = await client.call(customer_groups.GET_JOIN_WAY, customer_groups.ConfigId(made.config_id))
        await self._settle(
            tenant_id, target, qr_url=shown.join_way.qr_code, actual=wanted.text, after=_FIRST_LOOK
        )

    async def _compare(
        self, tenant_id: TenantId, client: WeComClient, target: KeptTarget, wanted: _Wanted
    ) -> None:
        try:
            shown = await client.call(
                customer_groups.GET_JOIN_WAY, customer_groups.ConfigId(target.config_id)
            )
        except PlatformRefusal as error:
            if error.errcode not in _UNKNOWN_WAY:
                raise
            await self._lost(tenant_id, target)
            return
        way = shown.join_way
        is_same = way.chat_id_list == wanted.chats and target.actual == wanted.text
        if not is_same and wanted.chats:
            await client.call(
                customer_groups.UPDATE_JOIN_WAY,
                customer_groups.UpdateJoinWayRequest(
                    config_id=target.config_id,
                    scene=2,
                    chat_id_list=wanted.chats,
                    remark=wanted.remark,
                    auto_create_room=1 if wanted.draft.auto_create else 0,
                    room_base_name=wanted.draft.base_name,
                    room_base_id=max(way.room_base_id, wanted.draft.base_number),
                    state=wanted.state,
                ),
            )
        await self._settle(tenant_id, target, qr_url=way.qr_code, actual=wanted.text)

    async def _give_back(self, tenant_id: TenantId, client: WeComClient, target: KeptTarget) -> None:
        try:
            await client.call(customer_groups.DELETE_JOIN_WAY, customer_groups.ConfigId(target.config_id))
        except PlatformRefusal as error:
            if error.errcode not in _UNKNOWN_WAY:  # It is gone: an earlier answer was lost.
                raise
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).deleted(target)

    async def _lost(self, tenant_id: TenantId, target: KeptTarget) -> None:
        """Somebody deleted the way on the platform: make it anew."""
        _log.warning("community.way_gone", target_id=target.target_id)
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).forget(target)

    async def _settle(
        self,
        tenant_id: TenantId,
        target: KeptTarget,
        *,
        qr_url: str = "",
        actual: str = "",
        reason: str = "",
        after: timedelta = _RECONCILE,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            again_at = uow.clock.now() + after
            await WayQueries(uow).settled(
                target, qr_url=qr_url, actual=actual, reason=reason, again_at=again_at
            )

    async def _refused(self, tenant_id: TenantId, target: KeptTarget, error: WechatError | NotFound) -> None:
        _log.warning("community.way_refused", target_id=target.target_id, error=str(error))
        is_final = isinstance(error, NotFound) or (
            isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP and not is_about_pace(error)
        )
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        is_unknown = isinstance(error, OutcomeUnknown) and not isinstance(error, NotSent)
        async with self._uows.system(tenant_id) as uow:
            again_at = None
            if isinstance(error, WechatError) and not is_final:
                again_at = retry_at(error, uow.clock.now(), attempts=target.attempts)
            await WayQueries(uow).refused(
                target, reason, again_at=again_at, is_lost=is_unknown and not target.config_id
            )
