"""React subscriber ``staff.alerts``: losses, and what looks suspicious about them, become alerts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.alerts.contracts import Alert, AlertId, AlertKind, AlertRules
from quanyu.modules.staff.customers.alerts.queries import AlertQueries
from quanyu.modules.staff.customers.contracts import CUSTOMER_LOST
from quanyu.modules.staff.customers.subscribers import CustomerEvent
from quanyu.modules.staff.directory.contracts import MEMBER_CHANGED, Member, MemberChange
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.zones import day_of, day_start
from quanyu.modules.tenants.service import Tenants

# Older losses come from a history brought over: they are figures, nobody has to act on them.
_FRESH: Final = timedelta(days=7)
_KINDS: Final = {"customer": AlertKind.LOST_BY_CUSTOMER, "staff": AlertKind.LOST_BY_STAFF}


class AlertSubscriber:
    """Writes alerts; idempotent, for an alert's key says what it is about."""

    name: Final = "staff.alerts"
    after: Final = ("staff.customers", "staff.directory")

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    def wants(self, event_name: str) -> bool:
        """Losses, and members who leave."""
        return event_name in (CUSTOMER_LOST, MEMBER_CHANGED)

    async def prepare(self, tenant_id: TenantId, events: Sequence[CustomerEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[CustomerEvent], prepared: None) -> None:
        """Write what is worth a word."""
        corps = await Corps().ids_by_corp_id(uow)
        zone = (await self._tenants.get_brand(uow)).time_zone
        for corp_id in sorted(corps.values()):
            theirs = [one for one in events if corps.get(one.context.get("app", "")) == corp_id]
            if theirs:
                await _OfCorp(uow, corp_id, zone).hear(theirs)


class _OfCorp:
    """Alerts of one company."""

    def __init__(self, uow: UnitOfWork, corp_id: AccountId, zone: str) -> None:
        self._uow = uow
        self._corp_id = corp_id
        self._zone = zone
        self._queries = AlertQueries(uow)

    async def hear(self, events: Sequence[CustomerEvent]) -> None:
        rules = await self._queries.rules(self._corp_id)
        fresh = [one for one in events if one.occurred_at > self._uow.clock.now() - _FRESH]
        losses = [one for one in fresh if one.name == CUSTOMER_LOST]
        await self._queries.add([self._lost(one) for one in losses])
        deleted = [one for one in losses if one.properties.get("by") == "staff"]
        days = {(one.context.get("staff", ""), day_of(one.occurred_at, self._zone)): one for one in deleted}
        for one in days.values():
            await self._many(one, rules)
        left = {
            one.context.get("staff", "")
            for one in fresh
            if one.name == MEMBER_CHANGED and one.properties.get("what") == MemberChange.LEFT
        }
        suspects = sorted(left | {one.context.get("staff", "") for one in deleted})
        members = await DirectoryQueries(self._uow).by_userids(self._corp_id, suspects)
        for userid in suspects:
            if (member := members.get(userid)) is not None and member.has_left:
                await self._before_leaving(member, rules)

    def _lost(self, event: CustomerEvent) -> Alert:
        userid, token = event.context.get("staff", ""), event.context.get("customer", "")
        return Alert(
            alert_id=AlertId(new_id()),
            corp_id=self._corp_id,
            kind=_KINDS[str(event.properties.get("by"))],
            key=f"{userid}:{token}:{event.occurred_at.timestamp():.0f}",
            userid=userid,
            token=bytes.fromhex(token),
            person_id=event.person_id,
            happened_at=event.occurred_at,
        )

    async def _many(self, event: CustomerEvent, rules: AlertRules) -> None:
        userid = event.context.get("staff", "")
        begin = day_start(event.occurred_at, self._zone)
        count = await self._queries.count_deletions(
            self._corp_id, userid, since=begin, until=begin + timedelta(days=1)
        )
        if count >= rules.deletions_per_day:
            day = day_of(event.occurred_at, self._zone).isoformat()
            await self._add(AlertKind.MANY_DELETIONS, userid, f"{userid}:{day}", count, event)

    async def _before_leaving(self, member: Member, rules: AlertRules) -> None:
        left_at = member.left_at or member.updated_at
        count = await self._queries.count_deletions(
            self._corp_id,
            member.userid,
            since=left_at - timedelta(days=rules.leaving_days),
            until=left_at + timedelta(seconds=1),
        )
        if count >= rules.leaving_deletions:
            key = f"{member.userid}:{left_at.timestamp():.0f}"
            alert = Alert(
                alert_id=AlertId(new_id()),
                corp_id=self._corp_id,
                kind=AlertKind.DELETED_BEFORE_LEAVING,
                key=key,
                userid=member.userid,
                count=count,
                happened_at=left_at,
            )
            await self._queries.add([alert])

    async def _add(self, kind: AlertKind, userid: str, key: str, count: int, event: CustomerEvent) -> None:
        alert = Alert(
            alert_id=AlertId(new_id()),
            corp_id=self._corp_id,
            kind=kind,
            key=key,
            userid=userid,
            count=count,
            happened_at=event.occurred_at,
        )
        await self._queries.add([alert])
