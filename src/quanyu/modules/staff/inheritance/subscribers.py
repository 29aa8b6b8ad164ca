"""React subscriber ``staff.inheritance``: hurries transfers, opens tasks when somebody leaves (GC-6)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.translation import (
    CUSTOMER_ADDED,
    CUSTOMER_DELETED_BY_STAFF,
    CUSTOMER_TRANSFER_FAILED,
)
from quanyu.modules.staff import names
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.directory.contracts import MEMBER_CHANGED, MemberChange
from quanyu.modules.staff.inheritance import facts
from quanyu.modules.staff.inheritance.queries.items import ItemQueries
from quanyu.modules.staff.inheritance.queries.plans import PlanQueries

_MOVES: Final = frozenset({CUSTOMER_TRANSFER_FAILED, CUSTOMER_DELETED_BY_STAFF, CUSTOMER_ADDED})


class InheritanceEvent(FollowerEvent, Protocol):
    """An event of the log as this subscriber reads it."""

    @property
    def properties(self) -> Mapping[str, Any]: ...


class InheritanceSubscriber:
    """Reads what the platform tells of transfers. Idempotent: the platform is asked how each stands."""

    name: Final = "staff.inheritance"
    after: Final = ()

    def wants(self, event_name: str) -> bool:
        """Refusals, hand-overs, and members who leave."""
        return event_name in _MOVES or event_name == MEMBER_CHANGED

    async def prepare(self, tenant_id: TenantId, events: Sequence[InheritanceEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[InheritanceEvent], prepared: None) -> None:
        """Have transfers asked after that something was heard of; open tasks for those who left."""
        corps = await Corps().ids_by_corp_id(uow)
        heard: dict[AccountId, set[bytes]] = {}
        for event in events:
            corp_id = corps.get(event.context.get("app", ""))
            if corp_id is None:
                continue
            if event.name == MEMBER_CHANGED:
                if event.properties.get("what") == MemberChange.LEFT:
                    await self._open(uow, corp_id, event)
            elif token := _token(event):
                heard.setdefault(corp_id, set()).add(token)
        for corp_id, tokens in heard.items():
            await ItemQueries(uow).hurry(corp_id, sorted(tokens))

    async def _open(self, uow: UnitOfWork, corp_id: AccountId, event: InheritanceEvent) -> None:
        """Open a task for somebody who left, unless they could have no customers and no groups."""
        userid = event.context.get("staff", "")
        if not userid:
            return
        held = await RelationQueries(uow).count_held(corp_id, [userid])
        if not held.get(userid) and not event.properties.get("can_serve"):
            return
        plan_id = await PlanQueries(uow).open(corp_id, userid)
        if plan_id is not None:
            uow.publish(facts.plan_fact(facts.PLAN_OPENED, plan_id, actor="quanyu", at=uow.clock.now()))


def _token(event: InheritanceEvent) -> bytes:
    """Return which customer moved, or could not; other deletions and additions are of no concern."""
    if event.name == CUSTOMER_DELETED_BY_STAFF and event.properties.get("source") != names.INHERITED:
        return b""
    text = event.context.get("customer", "")
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
