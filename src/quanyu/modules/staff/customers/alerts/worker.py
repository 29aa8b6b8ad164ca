"""Telling members of alerts, by messages of the company's app.

Alerts are taken and their messages written in one commit; each message is then sent at least once: after an
answer that never came the very same message is sent again, and the platform makes repetitions within four
hours one. Later than that it is given up rather than told twice.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.customers.alerts import wording
from quanyu.modules.staff.customers.alerts.contracts import (
    Alert,
    AlertKind,
    AlertRules,
    Notice,
    NoticeId,
    TellMode,
)
from quanyu.modules.staff.customers.alerts.queries import AlertQueries, NoticeQueries
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.directory.contracts import Department, Member
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.directory.rules import leaders_of
from quanyu.modules.staff.zones import day_start
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import app_messages
from quanyu.wechat.wecom.message_parts import Text

_log = get_logger("staff.alerts")
_SENT: Final = Counter(
    "quanyu_staff_notices_total", "Messages to members about alerts, by outcome", ["outcome"]
)

_TAKE_MAX: Final = 200
_DIGEST_MAX: Final = 2_000
_CLAIM: Final = timedelta(minutes=2)
_MADE_ONE: Final = timedelta(seconds=14_400)  # Within this the platform makes repetitions one.
_CONTEXT: Final = b"staff.notice"


class AlertTeller:
    """Writes messages about untold alerts, and sends them."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, tenants: Tenants, clients: CorpClients
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenants = tenants
        self._clients = clients

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.alerts_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Write what is to be told, and send one message; return whether there was something to do."""
        async with self._uows.system(tenant_id) as uow:
            written = 0
            for corp_id in await AlertQueries(uow).corps_with_untold():
                written += await self._write(uow, corp_id)
        return written + await self._send_next(tenant_id)

    async def _write(self, uow: UnitOfWork, corp_id: AccountId) -> int:
        rules = await AlertQueries(uow).rules(corp_id)
        zone = (await self._tenants.get_brand(uow)).time_zone
        by_mode: dict[TellMode, list[AlertKind]] = {}
        for kind in AlertKind:
            by_mode.setdefault(rules.telling(kind).mode, []).append(kind)
        queries = AlertQueries(uow)
        silent = await queries.take_untold(corp_id, by_mode.get(TellMode.SILENT, []), limit=_TAKE_MAX)
        at_once = await queries.take_untold(corp_id, by_mode.get(TellMode.IMMEDIATE, []), limit=_TAKE_MAX)
        await self._tell(uow, corp_id, rules, at_once, zone=zone, is_digest=False)
        told = len(silent) + len(at_once)
        due = day_start(uow.clock.now(), zone) + timedelta(hours=rules.digest_hour)
        if uow.clock.now() >= due:
            daily = by_mode.get(TellMode.DIGEST, [])
            gathered = await queries.take_untold(corp_id, daily, limit=_DIGEST_MAX, before=due)
            await self._tell(uow, corp_id, rules, gathered, zone=zone, is_digest=True)
            told += len(gathered)
        return told

    async def _tell(
        self,
        uow: UnitOfWork,
        corp_id: AccountId,
        rules: AlertRules,
        alerts: Sequence[Alert],
        *,
        zone: str,
        is_digest: bool,
    ) -> None:
        """Write one message for all who are told of the same alerts."""
        if not alerts:
            return
        queries = DirectoryQueries(uow)
        departments = {one.department_id: one for one in await queries.departments(corp_id)}
        members = await queries.by_userids(corp_id, sorted({one.userid for one in alerts}))
        told: dict[str, list[Alert]] = {}
        for one in alerts:
            for receiver in receivers_of(one, rules, members.get(one.userid), departments):
                told.setdefault(receiver, []).append(one)
        names = {userid: member.shown_name for userid, member in members.items()}
        customers = await self._customer_names(uow, corp_id, alerts)
        together: dict[str, list[str]] = {}
        for receiver, theirs in told.items():
            text = (
                wording.digest(theirs, names)
                if is_digest
                else wording.immediate(theirs, names, customers, zone)
            )
            together.setdefault(text, []).append(receiver)
        for text, receivers in together.items():
            for start in range(0, len(receivers), app_messages.MEMBERS_MAX):
                chunk = sorted(receivers)[start : start + app_messages.MEMBERS_MAX]
                sealed = self._keyring.seal(text.encode(), context=_CONTEXT)
                await NoticeQueries(uow).add(NoticeId(new_id()), corp_id, chunk, sealed)

    async def _customer_names(
        self, uow: UnitOfWork, corp_id: AccountId, alerts: Sequence[Alert]
    ) -> dict[bytes, str]:
        tokens = [one.token for one in alerts if one.token is not None]
        found = await ContactQueries(uow).find(corp_id, tokens)
        return {
            token: self._keyring.open(contact.name_sealed).decode()
            for token, contact in found.items()
            if contact.name_sealed is not None
        }

    async def _send_next(self, tenant_id: TenantId) -> int:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            notice = await NoticeQueries(uow).claim(now=now, until=now + business_span(uow.clock, _CLAIM))
        if notice is None:
            return 0
        if notice.first_tried_at is not None and now - notice.first_tried_at >= _MADE_ONE:
            await self._settle(tenant_id, notice, "failed", "too_late")
            return 1
        try:
            client = await self._clients.get(tenant_id, notice.corp_id)
            await client.call(app_messages.SEND, self._message(client.agent_id, notice))
        except NotFound:
            await self._settle(tenant_id, notice, "failed", "no_account")
        except WechatError as error:
            await self._refused(tenant_id, notice, error)
        else:
            await self._settle(tenant_id, notice, "sent")
        return 1

    def _message(self, agent_id: int, notice: Notice) -> app_messages.TextMessage:
        text = self._keyring.open(notice.content_sealed, context=_CONTEXT).decode()
        return app_messages.TextMessage(
            agentid=agent_id,
            touser=app_messages.joined(*notice.receivers),
            text=Text(content=text),
            enable_duplicate_check=1,
            duplicate_check_interval=int(_MADE_ONE.total_seconds()),
        )

    async def _refused(self, tenant_id: TenantId, notice: Notice, error: WechatError) -> None:
        refused = isinstance(error, PlatformRefusal)
        is_final = isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        _log.warning("staff.notice_refused", notice=notice.notice_id, refused=refused, error=str(error))
        if is_final and not is_about_pace(error):
            await self._settle(tenant_id, notice, "failed", reason)
            return
        async with self._uows.system(tenant_id) as uow:
            at: datetime = retry_at(error, uow.clock.now(), attempts=notice.attempts)
            await NoticeQueries(uow).again(notice, at=at, reason=reason)
        _SENT.labels("again").inc()

    async def _settle(self, tenant_id: TenantId, notice: Notice, state: str, reason: str = "") -> None:
        async with self._uows.system(tenant_id) as uow:
            await NoticeQueries(uow).settle(notice, state=state, reason=reason)
        _SENT.labels(state).inc()


def receivers_of(
    alert: Alert, rules: AlertRules, member: Member | None, departments: dict[int, Department]
) -> tuple[str, ...]:
    """Return who is told of an alert, by user id. Who is suspected is not told of it."""
    telling = rules.telling(alert.kind)
    found = set(telling.members)
    if telling.staff and (member is None or not member.has_left):
        found.add(alert.userid)
    if telling.leaders and member is not None:
        found |= set(leaders_of(member, departments))
    if alert.kind in (AlertKind.MANY_DELETIONS, AlertKind.DELETED_BEFORE_LEAVING):
        found.discard(alert.userid)
    return tuple(sorted(found))
