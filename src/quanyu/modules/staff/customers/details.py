"""Asking the platform about customers after something new was told of them.

Claim a batch → ask (no transaction is open) → write the answers. A crash in between leaves the claim to run
out, and the batch is asked again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError, NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.answers import Answered, AnswerKeeper, epoch
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Contact, RelationKey
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.wecom.client import NO_RELATION
from quanyu.wechat.wecom.customers import CustomerAnswer

_log = get_logger("staff.details")
_ASKED: Final = Counter("quanyu_customer_details_total", "Customers asked about, by outcome", ["outcome"])

_BATCH: Final = 40
_AT_ONCE: Final = 8
_CLAIM: Final = timedelta(minutes=2)
_ATTEMPTS_MAX: Final = 12


class DetailsWorker:
    """Keeps customers' details and relations up to date, batch by batch."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        corps: Corps,
        clients: CorpClients,
        keeper: AnswerKeeper,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._corps = corps
        self._clients = clients
        self._keeper = keeper

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.details_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Ask about one batch; return how many customers were asked about."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            claimed = await ContactQueries(uow).claim_due(now=now, until=until, limit=_BATCH)
        for start in range(0, len(claimed), _AT_ONCE):
            chunk = claimed[start : start + _AT_ONCE]
            await asyncio.gather(*(self._ask(tenant_id, one, until) for one in chunk))
        return len(claimed)

    async def _ask(self, tenant_id: TenantId, contact: Contact, until: datetime) -> None:
        assert contact.sealed is not None, "only who can be asked about is claimed"
        external_userid = self._keyring.open(contact.sealed).decode()
        asked_at = self._uows.clock.now()
        try:
            client = await self._clients.get(tenant_id, contact.corp_id)
            answer = await client.customer(external_userid)
        except PlatformRefusal as error:
            if error.errcode == NO_RELATION:
                await self._keep(tenant_id, contact, None, asked_at, until)
            else:
                await self._postpone(tenant_id, contact, error)
        except (WechatError, NotFound) as error:
            await self._postpone(tenant_id, contact, error)
        else:
            await self._keep(tenant_id, contact, answer, asked_at, until)

    async def _keep(
        self,
        tenant_id: TenantId,
        contact: Contact,
        answer: CustomerAnswer | None,
        asked_at: datetime,
        until: datetime,
    ) -> None:
        """Write the answer: who has the customer, and who has them no longer."""
        async with self._uows.system(tenant_id) as uow:
            corp = await self._corps.get(uow, contact.corp_id)
            listed: tuple[RelationKey, ...] = ()
            if answer is None:
                await ContactQueries(uow).settle(contact, claimed_until=until)
            else:
                listed = await self._keeper.keep(
                    uow,
                    corp,
                    [answer.external_contact],
                    relations_in(answer),
                    asked_at=asked_at,
                    claimed_until=until,
                )
            missing = await _unlisted(RelationQueries(uow), contact, listed)
            await self._keeper.deny(uow, corp, missing, asked_at=asked_at)
        _ASKED.labels("none" if answer is None else "answered").inc()

    async def _postpone(self, tenant_id: TenantId, contact: Contact, error: AppError) -> None:
        """Try later, ever less often; in the end not until something new is told."""
        _ASKED.labels("failed").inc()
        _log.warning("staff.details_refused", corp=contact.corp_id, error=str(error))
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            due_at: datetime | None = now + timedelta(hours=1)
            if isinstance(error, WechatError):
                due_at = retry_at(error, now, attempts=contact.details_attempts)
            is_pace = isinstance(error, WechatError) and is_about_pace(error)
            if contact.details_attempts >= _ATTEMPTS_MAX and not is_pace:
                due_at = None
            await ContactQueries(uow).postpone(contact, due_at=due_at)


def relations_in(answer: CustomerAnswer) -> tuple[Answered, ...]:
    """Return the relations of one customer's details; tags of the corp alone."""
    return tuple(
        Answered(
            userid=one.userid,
            external_userid=answer.external_contact.external_userid,
            created_at=epoch(one.createtime),
            add_way=one.add_way,
            state=one.state,
            brought_by=one.oper_userid,
            remark=one.remark,
            tag_ids=tuple(tag.tag_id for tag in one.tags if tag.tag_id),
        )
        for one in answer.follow_user
    )


async def _unlisted(
    queries: RelationQueries, contact: Contact, listed: Sequence[RelationKey]
) -> list[RelationKey]:
    """Return relations we hold that the answer does not list."""
    known = (await queries.of_customers(contact.corp_id, [contact.token])).get(contact.token, ())
    gone = {RelationStatus.ACTIVE, RelationStatus.DELETED_BY_STAFF}  # The latter may be disputed.
    return [one.key for one in known if one.key not in set(listed) and one.status in gone]
