"""Writing what is told of relations, from whoever hears it: callbacks, details and syncs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.staff.customers import rules
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Change, Relation, RelationKey
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import News


@dataclass(slots=True, kw_only=True)
class Heard:
    """What one source tells of one relation."""

    news: list[News] = field(default_factory=list)
    person_id: PersonId | None = None
    announced_at: datetime | None = None  # The log holds an add of that time.
    add_way: int | None = None
    state: str | None = None
    state_at: datetime | None = None  # Of several adds the latest one's state counts.
    brought_by: str | None = None
    remark_sealed: bytes | None = None
    asks: bool = False  # Only the platform can tell the rest.


async def keep(
    uow: UnitOfWork, heard: Mapping[RelationKey, Heard], *, asks: bool = True
) -> tuple[Change, ...]:
    """Write what was heard and return what changed; idempotent, and the same in any order.

    A relation that is new, or that only the platform can settle, has its customer asked about, unless the
    platform's own answer is what was heard (``asks`` false).
    """
    queries, contacts = RelationQueries(uow), ContactQueries(uow)
    persons = {
        (key.corp_id, key.token): one.person_id for key, one in heard.items() if one.person_id is not None
    }
    await contacts.ensure([(key.corp_id, key.token) for key in heard], persons=persons)
    known = await queries.lock(heard)
    changes = [_change(known[key], one) for key, one in heard.items()]
    news = [change for change in changes if change.after != change.before]
    await queries.save([change.after for change in news])
    if asks:
        await contacts.ask_about(
            [
                (change.after.key.corp_id, change.after.key.token)
                for change in changes
                if heard[change.after.key].asks or _is_open(change)
            ]
        )
    return tuple(news)


def _change(before: Relation, heard: Heard) -> Change:
    told = rules.hear(before.told, heard.news)
    now = rules.standing(told)
    after = replace(
        before,
        told=told,
        status=now.status,
        ended_at=now.ended_at,
        person_id=heard.person_id if heard.person_id is not None else before.person_id,
        announced_at=rules.latest(before.announced_at, heard.announced_at),
        add_way=before.add_way if heard.add_way is None else heard.add_way,
        state=_state(before, heard),
        brought_by=before.brought_by if heard.brought_by is None else heard.brought_by,
        remark_sealed=heard.remark_sealed or before.remark_sealed,
    )
    return Change(before, after)


def _state(before: Relation, heard: Heard) -> str:
    if heard.state is None or heard.state_at is None:
        return before.state
    known_at = before.told.start
    return heard.state if known_at is None or heard.state_at >= known_at else before.state


def _is_open(change: Change) -> bool:
    """Whether the platform is to be asked: the relation began, or its order is disputed."""
    if rules.standing(change.after.told).is_disputed:
        return True
    before, after = change.before, change.after
    began = before is None or before.told.start != after.told.start
    return began and after.ended_at is None
