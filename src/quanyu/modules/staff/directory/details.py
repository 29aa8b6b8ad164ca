"""Asking the platform about members after something was told of them, or a sync listed them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError, NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.directory import rules
from quanyu.modules.staff.directory.contracts import Member
from quanyu.modules.staff.directory.keeping import keep
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.wecom import members as wire
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("staff.directory")

_BATCH: Final = 40
_AT_ONCE: Final = 8
_CLAIM: Final = timedelta(minutes=2)
_ATTEMPTS_MAX: Final = 8
_NO_SUCH_MEMBER: Final = frozenset({60111, 40003})  # userid not found; not a valid userid.


class MemberWorker:
    """Keeps what the platform knows of members up to date, batch by batch."""

    def __init__(self, uows: UnitOfWorkFactory, corps: Corps, clients: CorpClients) -> None:
        self._uows = uows
        self._corps = corps
        self._clients = clients

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.members_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Ask about one batch; return how many members were asked about."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            claimed = await DirectoryQueries(uow).claim_due(now=now, until=until, limit=_BATCH)
        for corp_id in sorted({one.corp_id for one in claimed}):
            theirs = [one for one in claimed if one.corp_id == corp_id]
            await self._ask_about(tenant_id, corp_id, theirs, until)
        return len(claimed)

    async def _ask_about(
        self, tenant_id: TenantId, corp_id: AccountId, claimed: Sequence[Member], until: datetime
    ) -> None:
        try:
            client = await self._clients.get(tenant_id, corp_id)
            serving = frozenset(await client.follow_users())
            found: dict[str, wire.Member | None] = {}
            for start in range(0, len(claimed), _AT_ONCE):
                chunk = claimed[start : start + _AT_ONCE]
                answers = await asyncio.gather(*(_ask(client, one.userid) for one in chunk))
                found |= {one.userid: answer for one, answer in zip(chunk, answers, strict=True)}
        except (WechatError, NotFound) as error:
            await self._postpone(tenant_id, claimed, error)
            return
        await self._keep(tenant_id, corp_id, found, serving, until)

    async def _keep(
        self,
        tenant_id: TenantId,
        corp_id: AccountId,
        found: dict[str, wire.Member | None],
        serving: frozenset[str],
        until: datetime,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            corp = await self._corps.get(uow, corp_id)
            known = await DirectoryQueries(uow).lock([(corp_id, userid) for userid in found])
            now = uow.clock.now()
            changes: list[tuple[Member | None, Member]] = []
            for before in known.values():
                # Who was told of anew while we asked stays due.
                due = None if before.details_due_at == until else before.details_due_at
                after = described(before, found[before.userid], serving, now=now)
                changes.append((before, replace(after, details_due_at=due, details_attempts=0)))
            await keep(uow, corp.corp_id, changes, at=now)

    async def _postpone(self, tenant_id: TenantId, claimed: Sequence[Member], error: AppError) -> None:
        """Try later, ever less often; in the end not until something new is told."""
        _log.warning("staff.members_refused", error=str(error))
        async with self._uows.system(tenant_id) as uow:
            queries = DirectoryQueries(uow)
            known = await queries.lock([(one.corp_id, one.userid) for one in claimed])
            now = uow.clock.now()
            await queries.save(
                [replace(one, details_due_at=_next(one, error, now)) for one in known.values()]
            )


def described(before: Member, found: wire.Member | None, serving: frozenset[str], *, now: datetime) -> Member:
    """Return a member as the platform describes them; ``found`` is ``None`` for whom it does not know."""
    if found is None:
        return replace(before, left_at=rules.later(before.left_at, now), can_serve=False)
    joined_at = before.joined_at
    if before.left_at is not None and (joined_at is None or joined_at <= before.left_at):
        joined_at = now  # They are there: they came back, and nobody told.
    return replace(
        before,
        name=found.name if found.name != found.userid else "",
        avatar=found.thumb_avatar or found.avatar,
        position=found.position,
        departments=found.department,
        leads=tuple(
            number for number, leads in zip(found.department, found.is_leader_in_dept, strict=False) if leads
        ),
        status=rules.status_of(found.status),
        can_serve=before.userid in serving,
        joined_at=joined_at,
    )


async def _ask(client: WeComClient, userid: str) -> wire.Member | None:
    try:
        return await client.member(userid)
    except PlatformRefusal as error:
        if error.errcode in _NO_SUCH_MEMBER:
            return None
        raise


def _next(member: Member, error: AppError, now: datetime) -> datetime | None:
    if not isinstance(error, WechatError):
        return now + timedelta(hours=1)
    if member.details_attempts >= _ATTEMPTS_MAX and not is_about_pace(error):
        return None
    return retry_at(error, now, attempts=member.details_attempts)
