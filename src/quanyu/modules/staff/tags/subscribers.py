"""React subscriber ``staff.tags``: hears that tags or relations changed on the platform."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.translation import CUSTOMER_DELETED_BY_STAFF, CUSTOMER_EDITED, PREFIX
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags import rules
from quanyu.modules.staff.tags.contracts import KeptMark
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.tags.queries.tags import TagQueries

_LIST_CHANGED: Final = f"{PREFIX}customer_tag_"
_COALESCE: Final = timedelta(seconds=1)  # A burst of changes is read once.

Times = dict[RelationKey, datetime]


class CorpTagSubscriber:
    """Has the list read when tags changed, and notes when relations were edited or ended.

    Idempotent and tolerant of any order: of several times for one relation the latest counts.
    """

    name: Final = "staff.tags"
    after: Final = ()

    def __init__(self, corps: Corps) -> None:
        self._corps = corps

    def wants(self, event_name: str) -> bool:
        """Changes of tags, edits of relations, and relations that ended."""
        return event_name.startswith(_LIST_CHANGED) or event_name in (
            CUSTOMER_EDITED,
            CUSTOMER_DELETED_BY_STAFF,
        )

    async def prepare(self, tenant_id: TenantId, events: Sequence[FollowerEvent]) -> None:
        """Nothing is needed from outside: the workers ask the platform later."""

    async def apply(self, uow: UnitOfWork, events: Sequence[FollowerEvent], prepared: None) -> None:
        """Write what is due and when it happened."""
        corps = await self._corps.ids_by_corp_id(uow)
        changed: set[AccountId] = set()
        edited: Times = {}
        ended: Times = {}
        for event in events:
            corp_id = corps.get(event.context.get("app", ""))
            if corp_id is None:
                continue
            if event.name.startswith(_LIST_CHANGED):
                changed.add(corp_id)
                continue
            staff, token = event.context.get("staff", ""), event.context.get("customer", "")
            if staff and token:
                times = edited if event.name == CUSTOMER_EDITED else ended
                key = RelationKey(corp_id, staff, bytes.fromhex(token))
                times[key] = max(times.get(key, event.occurred_at), event.occurred_at)
        if changed:
            await TagQueries(uow).ask_for_list(sorted(changed), due_at=uow.clock.now() + _COALESCE)
        if edited:
            await MarkQueries(uow).edited(edited)
        if ended:
            await _part(uow, ended)


async def _part(uow: UnitOfWork, ended: Times) -> None:
    queries = MarkQueries(uow)
    await queries.lock(ended)
    marks = await queries.of_relations(sorted(ended))
    parted = [
        KeptMark(key=key, tag_id=tag_id, mark=rules.part(mark, at=ended[key]))
        for (key, tag_id), mark in marks.items()
    ]
    await queries.save([one for one in parted if one.mark != marks[one.key, one.tag_id]])
