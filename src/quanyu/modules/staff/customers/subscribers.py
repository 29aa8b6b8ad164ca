"""React subscriber ``staff.customers``: relations follow from the log."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.wecom import translation as told
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff import names
from quanyu.modules.staff.customers import facts
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import News, NewsKind, latest

_NEWS: Final = {
    told.CUSTOMER_ADDED: NewsKind.ADDED,
    told.CUSTOMER_HALF_ADDED: NewsKind.HALF_ADDED,
    told.CUSTOMER_EDITED: NewsKind.EDITED,
    told.CUSTOMER_DELETED_BY_STAFF: NewsKind.DELETED_BY_STAFF,
    told.STAFF_DELETED_BY_CUSTOMER: NewsKind.DELETED_BY_CUSTOMER,
}
_ADDS: Final = frozenset({NewsKind.ADDED, NewsKind.HALF_ADDED})


class CustomerEvent(FollowerEvent, Protocol):
    """An event of the log as this subscriber reads it."""

    @property
    def properties(self) -> Mapping[str, Any]: ...


class CustomerSubscriber:
    """Keeps relations in step with the log; idempotent and tolerant of any order, see ``rules.hear``."""

    name: Final = "staff.customers"
    after: Final = ()

    def wants(self, event_name: str) -> bool:
        """Everything that tells who has whom, and who a customer is."""
        return event_name in _NEWS or event_name in (told.CUSTOMER_DETAILS_FETCHED, told.STAFF_CHANGED)

    async def prepare(self, tenant_id: TenantId, events: Sequence[CustomerEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[CustomerEvent], prepared: None) -> None:
        """Write relations and the people behind them; state the losses."""
        corps = await Corps().ids_by_corp_id(uow)
        known_as = {corp_id: app_id for app_id, corp_id in corps.items()}
        for event in events:
            corp_id = corps.get(event.context.get("app", ""))
            if corp_id is not None and (renamed := str(event.properties.get("new_staff") or "")):
                userid = event.context.get("staff", "")
                await RelationQueries(uow).rename_member(corp_id, userid, renamed)
        heard = _by_relation(events, corps)
        changes = await keep(uow, heard)
        for change in changes:
            lost = facts.customer_lost(change.after, known_as[change.after.key.corp_id])
            if lost is not None and change.has_ended:
                uow.publish(lost)
        persons = _persons(events, corps)
        await ContactQueries(uow).ensure(list(persons), persons=persons)


def _by_relation(events: Sequence[CustomerEvent], corps: Mapping[str, AccountId]) -> dict[RelationKey, Heard]:
    heard: dict[RelationKey, Heard] = {}
    for event in events:
        corp_id = corps.get(event.context.get("app", ""))
        userid, token = event.context.get("staff", ""), event.context.get("customer", "")
        if corp_id is None or not token or not userid or event.name not in _NEWS:
            continue
        _add(heard.setdefault(RelationKey(corp_id, userid, bytes.fromhex(token)), Heard()), event)
    return heard


def _add(heard: Heard, event: CustomerEvent) -> None:
    kind = _NEWS[event.name]
    if kind is NewsKind.DELETED_BY_STAFF and event.properties.get("source") == names.INHERITED:
        kind = NewsKind.TRANSFERRED
    if not (kind is NewsKind.DELETED_BY_STAFF and _is_guess(event)):
        heard.news.append(News(kind, event.occurred_at))
    else:
        # A sync found the relation gone and has written so itself; it knows neither when nor why.
        heard.news.append(News(NewsKind.DENIED, event.occurred_at))
    heard.person_id = event.person_id if event.person_id is not None else heard.person_id
    heard.asks = heard.asks or kind is NewsKind.EDITED
    if kind not in _ADDS:
        return
    if kind is NewsKind.ADDED:
        heard.announced_at = latest(heard.announced_at, event.occurred_at)
    if heard.state_at is None or event.occurred_at >= heard.state_at:
        heard.state_at = event.occurred_at
        heard.state = str(event.properties.get("state") or "")
        if way := event.properties.get("add_way"):
            heard.add_way = int(way)


def _is_guess(event: CustomerEvent) -> bool:
    return bool(event.properties.get("synthetic"))


def _persons(
    events: Sequence[CustomerEvent], corps: Mapping[str, AccountId]
) -> dict[tuple[AccountId, bytes], PersonId]:
    """Return who each customer is, as far as these events tell."""
    persons: dict[tuple[AccountId, bytes], PersonId] = {}
    for event in events:
        corp_id, token = corps.get(event.context.get("app", "")), event.context.get("customer", "")
        if corp_id is not None and token and event.person_id is not None:
            persons[corp_id, bytes.fromhex(token)] = event.person_id
    return persons
