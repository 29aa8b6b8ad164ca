"""Finding who and what can be passed on: from what we know, and from what only the platform knows."""

from collections import Counter
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE
from quanyu.modules.staff.customers.contracts import Relation
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.inheritance.contracts import CUSTOMERS_MAX, CustomerFilter
from quanyu.modules.staff.inheritance.errors import TooMany
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import inheritance as calls
from quanyu.wechat.wecom.client import WeComClient

_PAGE: Final = 1_000
_PAGES_MAX: Final = 200
_GROUPS_SHOWN_MAX: Final = 300
_NO_GROUPS: Final = 84061


@dataclass(frozen=True, slots=True)
class Passed:
    """A customer that can be passed on."""

    token: bytes
    external_userid: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A customer group as the platform tells of it."""

    chat_id: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who left, and how many of their customers nobody has taken over."""

    userid: str
    customers: int
    left_at: datetime | None


async def unassigned(client: WeComClient) -> AsyncIterator[calls.Unassigned]:
    """Yield the customers of those who left whom nobody has taken over."""
    cursor = ""
    for _ in range(_PAGES_MAX):
        request = calls.UnassignedRequest(cursor=cursor, page_size=_PAGE)
        page = await client.call(calls.UNASSIGNED, request)
        for one in page.info:
            yield one
        cursor = page.next_cursor
        if page.is_last or not cursor:
            return


async def who_left(client: WeComClient) -> list[Left]:
    """Return everybody who left customers behind, who left last first."""
    counts: Counter[str] = Counter()
    times: dict[str, int] = {}
    async for one in unassigned(client):
        counts[one.handover_userid] += 1
        times[one.handover_userid] = one.dimission_time
    found = [
        Left(userid, count, datetime.fromtimestamp(times[userid], UTC) if times[userid] else None)
        for userid, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-times[one.userid], one.userid))


async def left_behind(client: WeComClient, keyring: KeyRing, handover: str) -> list[Passed]:
    """Return the customers somebody left behind.

    Raises:
        TooMany: they are more than a plan may hold.
    """
    found = []
    async for one in unassigned(client):
        if one.handover_userid == handover:
            token = keyring.blind(CUSTOMER_NAMESPACE, client.app_id, one.external_userid)
            found.append(Passed(token, one.external_userid))
            _limit(len(found))
    return found


async def held_by(uow: UnitOfWork, keyring: KeyRing, corp_id: AccountId, userid: str) -> list[Passed]:
    """Return the present customers of a member.

    Raises:
        TooMany: they are more than a plan may hold.
    """
    found: list[Passed] = []
    while True:
        after = found[-1].token if found else b""
        page = await RelationQueries(uow).served_by(keyring, corp_id, userid, after=after, limit=_PAGE)
        found += [Passed(one.relation.key.token, one.external_userid) for one in page]
        _limit(len(found))
        if len(page) < _PAGE:
            return found


def _limit(count: int) -> None:
    if count > CUSTOMERS_MAX:
        raise TooMany(
            f"more than {CUSTOMERS_MAX} customers: narrow the choice and make several plans",
            message_zh=f"客户超过 {CUSTOMERS_MAX} 位，请缩小筛选范围分多次继承",
        )


async def narrowed(
    uow: UnitOfWork,
    corp_id: AccountId,
    handover: str,
    passed: list[Passed],
    wanted: CustomerFilter,
    tagged: Collection[bytes] | None,
) -> list[Passed]:
    """Return those whose relation with who hands over fits; ``tagged`` holds who carries a wanted tag."""
    if wanted == CustomerFilter():
        return passed
    relations = await RelationQueries(uow).of_customers(corp_id, [one.token for one in passed])
    theirs = {
        token: one for token, several in relations.items() for one in several if one.key.userid == handover
    }
    return [
        one
        for one in passed
        if (tagged is None or one.token in tagged) and fits(theirs.get(one.token), wanted)
    ]


def fits(relation: Relation | None, wanted: CustomerFilter) -> bool:
    """Whether a relation fits the conditions on it; one we know nothing of fits only where none is set."""
    asked = (wanted.added_from, wanted.added_to, wanted.add_ways, wanted.states)
    if relation is None:
        return not any(asked)
    if wanted.add_ways and relation.add_way not in wanted.add_ways:
        return False
    if wanted.states and relation.state not in wanted.states:
        return False
    if wanted.added_from is None and wanted.added_to is None:
        return True
    added_at = relation.added_at
    if added_at is None:
        return False
    after = wanted.added_from is None or added_at >= wanted.added_from
    return after and (wanted.added_to is None or added_at < wanted.added_to)


async def groups_of(client: WeComClient, owner: str) -> tuple[list[Owned], bool]:
    """Return the customer groups of somebody, with names, and whether there are more than are told."""
    chat_ids: list[str] = []
    try:
        async for page in client.group_pages(owners=[owner]):
            chat_ids += [one.chat_id for one in page]
            if len(chat_ids) > _GROUPS_SHOWN_MAX:
                break
    except PlatformRefusal as error:
        if error.errcode != _NO_GROUPS:
            raise
    groups = [await client.group(chat_id) for chat_id in chat_ids[:_GROUPS_SHOWN_MAX]]
    owned = [Owned(one.chat_id, one.name, len(one.member_list)) for one in groups]
    return owned, len(chat_ids) > _GROUPS_SHOWN_MAX
