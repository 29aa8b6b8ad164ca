"""React subscriber ``flows.tag_mirroring``: hears whose tags may differ from the platform's now."""

from collections.abc import Sequence
from typing import Final

from quanyu.flows.tag_mirroring.queries import LinkQueries
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.facts import FOLLOWER_TAGGED, FOLLOWER_UNTAGGED
from quanyu.modules.channels.followers import FollowerSubscriber
from quanyu.modules.channels.translation import FOLLOWED, UNFOLLOWED, USER_INFO_FETCHED
from quanyu.modules.channels.wecom.translation import (
    CUSTOMER_ADDED,
    CUSTOMER_DELETED_BY_STAFF,
    CUSTOMER_DETAILS_FETCHED,
    STAFF_DELETED_BY_CUSTOMER,
)
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.tags.facts import CUSTOMER_TAGGED, CUSTOMER_UNTAGGED
from quanyu.modules.staff.tags.subscribers import CorpTagSubscriber

_LEFT: Final = frozenset({UNFOLLOWED, CUSTOMER_DELETED_BY_STAFF, STAFF_DELETED_BY_CUSTOMER})
_MAY_DIFFER: Final = frozenset(
    {
        "people.tag_added",
        "people.tag_removed",
        FOLLOWER_TAGGED,
        FOLLOWER_UNTAGGED,
        CUSTOMER_TAGGED,
        CUSTOMER_UNTAGGED,
        FOLLOWED,
        USER_INFO_FETCHED,
        CUSTOMER_ADDED,
        CUSTOMER_DETAILS_FETCHED,
    }
)


class MirrorSubscriber:
    """Gives turns to people; which side changed is seen by looking at both, so any order will do."""

    name: Final = "flows.tag_mirroring"
    after: Final = (FollowerSubscriber.name, CustomerSubscriber.name, CorpTagSubscriber.name)

    def wants(self, event_name: str) -> bool:
        """Tags given and taken on either side, and people who come and go."""
        return event_name in _MAY_DIFFER or event_name in _LEFT

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: None) -> None:
        """Write whose turn it is; forget what was agreed on with whoever left."""
        queries = LinkQueries(uow)
        left = [event.context for event in events if event.name in _LEFT]
        tokens = [(one.get("customer") or one.get("follower", ""), one.get("staff", "")) for one in left]
        await queries.part([(bytes.fromhex(token), userid) for token, userid in tokens if token])
        await queries.give_turns(int(event.person_id) for event in events if event.person_id is not None)
