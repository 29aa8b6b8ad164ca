"""Giving customer groups a new owner: at most 100 a call, 300 of one owner a day.

The platform changes the owner at once, or says which groups it did not change and why. After a call whose
outcome is unknown each group is asked who owns it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.inheritance import facts, rules
from quanyu.modules.staff.inheritance.contracts import ItemState, Kind
from quanyu.modules.staff.inheritance.queries.groups import GroupItem, GroupQueries, GroupSettling
from quanyu.modules.staff.inheritance.queries.items import Work
from quanyu.modules.staff.inheritance.queries.plans import PlanQueries
from quanyu.modules.staff.inheritance.reasons import Reason, reason_of
from quanyu.wechat.errors import OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import inheritance as calls
from quanyu.wechat.wecom.client import WeComClient

_WORK_MAX: Final = 20
_CLAIM: Final = timedelta(minutes=2)
_LOOKED_AT_MAX: Final = 50
_ATTEMPTS_MAX: Final = 20
_MAYBE_OURS: Final = frozenset({90504, 90508})  # The owner is that one already; passed on once already.


class GroupWorker:
    """Submits planned groups and asks after doubtful ones."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CorpClients) -> None:
        self._uows = uows
        self._clients = clients

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do what is due; return how many groups were touched."""
        touched = 0
        for state, act in ((ItemState.SUBMITTED, self._look), (ItemState.PLANNED, self._submit)):
            async with self._uows.system(tenant_id) as uow:
                due = await GroupQueries(uow).due(state, limit=_WORK_MAX)
            for work in due:
                touched += await act(tenant_id, work)
        return touched

    async def _submit(self, tenant_id: TenantId, work: Work) -> int:
        async with self._uows.system(tenant_id) as uow:
            queries, now = GroupQueries(uow), uow.clock.now()
            room = calls.GROUPS_MAX
            if work.kind is Kind.ON_JOB:
                spent = await queries.submitted_since(work.corp_id, work.handover, since=rules.day_start(now))
                room = min(room, rules.GROUPS_A_DAY - spent)
                if room <= 0:
                    return await queries.put_off(work, until=rules.next_day(now))
            until = now + business_span(uow.clock, _CLAIM)
            items = await queries.claim(work, state=ItemState.PLANNED, until=until, limit=room)
        client = await self._client(tenant_id, work, items)
        if client is None:
            return len(items)
        call = calls.RESIGNED_GROUP_TRANSFER if work.kind is Kind.RESIGNED else calls.GROUP_TRANSFER
        chat_ids = tuple(item.chat_id for item in items)
        try:
            answer = await client.call(
                call, calls.GroupTransferRequest(chat_id_list=chat_ids, new_owner=work.taker)
            )
        except WechatError as error:
            await self._not_done(tenant_id, work, items, error)
            return len(items)
        failed = {one.chat_id: one.errcode for one in answer.failed_chat_list}
        await self._settle(tenant_id, work, {item: failed.get(item.chat_id, 0) for item in items})
        return len(items)

    async def _not_done(
        self, tenant_id: TenantId, work: Work, items: Sequence[GroupItem], error: WechatError
    ) -> None:
        if isinstance(error, OutcomeUnknown):
            await self._put_back(tenant_id, work, items, error, state=ItemState.SUBMITTED)
        elif isinstance(error, PlatformRefusal) and error.action not in (
            Action.RETRY,
            Action.BACK_OFF,
            Action.QUOTA,
        ):
            await self._settle(tenant_id, work, dict.fromkeys(items, error.errcode))
        else:
            await self._put_back(tenant_id, work, items, error, state=ItemState.PLANNED)

    async def _look(self, tenant_id: TenantId, work: Work) -> int:
        """Ask who owns groups that may or may not have changed hands."""
        async with self._uows.system(tenant_id) as uow:
            until = uow.clock.now() + business_span(uow.clock, _CLAIM)
            items = await GroupQueries(uow).claim(
                work, state=ItemState.SUBMITTED, until=until, limit=_LOOKED_AT_MAX
            )
        client = await self._client(tenant_id, work, items)
        if client is None:
            return len(items)
        for item in items:
            try:
                owner = (await client.group(item.chat_id)).owner
            except WechatError as error:
                await self._not_done(tenant_id, work, [item], error)
                continue
            if owner == work.taker:
                await self._settle(tenant_id, work, {item: 0})
            elif item.code:
                await self._settle(tenant_id, work, {item: item.code}, is_final=True)
            else:
                await self._again(tenant_id, work, item)
        return len(items)

    async def _again(self, tenant_id: TenantId, work: Work, item: GroupItem) -> None:
        is_spent = item.attempts >= _ATTEMPTS_MAX
        state, reason = (ItemState.FAILED, Reason.NO_ANSWER) if is_spent else (ItemState.PLANNED, "")
        async with self._uows.system(tenant_id) as uow:
            settling = GroupSettling(chat_id=item.chat_id, state=state, due_at=uow.clock.now(), reason=reason)
            await GroupQueries(uow).settle(work.plan, [settling])

    async def _put_back(
        self,
        tenant_id: TenantId,
        work: Work,
        items: Sequence[GroupItem],
        error: WechatError,
        *,
        state: ItemState,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            due_at = retry_at(error, uow.clock.now(), attempts=max(item.attempts for item in items))
            settlings = [GroupSettling(chat_id=item.chat_id, state=state, due_at=due_at) for item in items]
            await GroupQueries(uow).settle(work.plan, settlings)
            await PlanQueries(uow).note_trouble(work.plan, error.code)

    async def _client(
        self, tenant_id: TenantId, work: Work, items: Sequence[GroupItem]
    ) -> WeComClient | None:
        if not items:
            return None
        try:
            return await self._clients.get(tenant_id, work.corp_id)
        except NotFound:
            await self._settle(tenant_id, work, dict.fromkeys(items, -1))
            return None

    async def _settle(
        self, tenant_id: TenantId, work: Work, codes: dict[GroupItem, int], *, is_final: bool = False
    ) -> None:
        """End groups by the code each got: 0 has a new owner; the day's limit only puts off.

        "Has that owner already" may be our own first try, whose answer was lost: unless ``is_final`` the
        platform is asked who owns the group.
        """
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            settlings = [_settling(item.chat_id, code, now, is_final) for item, code in codes.items()]
            fresh = await GroupQueries(uow).settle(work.plan, settlings)
            app_ids = {corp_id: app_id for app_id, corp_id in (await Corps().ids_by_corp_id(uow)).items()}
            for one in settlings:
                if one.chat_id in fresh and one.state in (ItemState.DONE, ItemState.FAILED):
                    uow.publish(
                        facts.group_passing(
                            work,
                            one.chat_id,
                            app_ids.get(work.corp_id, ""),
                            is_done=one.state is ItemState.DONE,
                            reason=one.reason,
                            at=now,
                        )
                    )


def _settling(chat_id: str, code: int, now: datetime, is_final: bool) -> GroupSettling:
    if code == 0:
        return GroupSettling(chat_id=chat_id, state=ItemState.DONE, due_at=now)
    if code in _MAYBE_OURS and not is_final:
        return GroupSettling(chat_id=chat_id, state=ItemState.SUBMITTED, due_at=now, code=code)
    reason = Reason.NO_CORP if code < 0 else reason_of(code)
    if reason is Reason.DAILY_LIMIT:
        later = rules.next_day(now)
        return GroupSettling(chat_id=chat_id, state=ItemState.PLANNED, due_at=later, reason=reason, code=code)
    return GroupSettling(
        chat_id=chat_id, state=ItemState.FAILED, due_at=now, reason=reason, code=max(code, 0)
    )
