"""Syncing customers: everything the platform says of them, or only who has whom.

Both reconcile (EV-3): what is listed and unknown here comes in, what is known here and not listed ends. A
customer who deleted a member stays in the member's list, so such a loss only a callback tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.syncs.contracts import SyncKind, SyncStage, SyncState
from quanyu.modules.channels.syncs.queries import KeptSync, SyncQueries
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import Corp
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.answers import Answered, AnswerKeeper, epoch
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import customers as wire
from quanyu.wechat.wecom.client import NO_RELATION, WeComClient

_CURSOR: Final = b"staff.customer_sync_cursor"
_PAGE: Final = 100
_LISTS_AT_ONCE: Final = 5  # Members whose lists are compared in one step.
_DENIED_MAX: Final = 1_000
_KNOWN: Final = frozenset({RelationStatus.ACTIVE, RelationStatus.DELETED_BY_CUSTOMER})


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sync of customers is."""

    left: tuple[str, ...]  # Members whose turn is still to come.
    batch: tuple[str, ...] = ()  # Those whose customers are being read.
    cursor: str = ""
    began: float = 0.0  # When the batch's first page was asked for, as Unix seconds.
    unread: tuple[str, ...] = ()  # Of the batch: the platform does not tell of them.
    is_dropping: bool = False  # All pages were seen; who was not on them is no customer any more.


@dataclass(frozen=True, slots=True)
class _Page:
    answer: wire.BatchAnswer
    asked_at: datetime


class CustomerSync:
    """The steps of both kinds of syncs of customers."""

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

    async def step(self, tenant_id: TenantId, sync: KeptSync) -> None:
        """Take the next step."""
        client = await self._clients.get(tenant_id, sync.account_id)
        if sync.cursor is None:
            await self._begin(tenant_id, sync, client)
            return
        place = msgspec.json.decode(self._keyring.open(sync.cursor, context=_CURSOR), type=Place)
        if place.is_dropping:
            await self._drop(tenant_id, sync, place)
        elif not place.left and not place.batch:
            async with self._uows.system(tenant_id) as uow:
                await SyncQueries(uow).finish(sync, SyncState.DONE)
        elif sync.kind is SyncKind.CUSTOMER_LISTS:
            await self._compare_lists(tenant_id, sync, place, client)
        else:
            await self._read_page(tenant_id, sync, place, client)

    async def _begin(self, tenant_id: TenantId, sync: KeptSync, client: WeComClient) -> None:
        serving = tuple(sorted(set(await client.follow_users())))
        async with self._uows.system(tenant_id) as uow:
            await self._move(uow, sync, Place(left=serving), total=len(serving))

    async def _read_page(
        self, tenant_id: TenantId, sync: KeptSync, place: Place, client: WeComClient
    ) -> None:
        now = self._uows.clock.now()
        if not place.batch:
            batch = place.left[: wire.MEMBERS_MAX]
            place = Place(left=place.left[len(batch) :], batch=batch, began=now.timestamp())
        page = await _page(client, place, now)
        async with self._uows.system(tenant_id) as uow:
            corp = await self._corps.get(uow, sync.account_id)
            answer = page.answer
            keys = await self._keeper.keep(
                uow,
                corp,
                [one.external_contact for one in answer.external_contact_list],
                [_answered(one) for one in answer.external_contact_list],
                asked_at=page.asked_at,
            )
            await RelationQueries(uow).mark_listed(keys, sync_id=sync.sync_id)
            following = msgspec.structs.replace(
                place,
                cursor=answer.next_cursor,
                unread=tuple(sorted({*place.unread, *answer.fail_info.unlicensed_userid_list})),
                is_dropping=not answer.next_cursor,
            )
            await self._move(uow, sync, following)

    async def _drop(self, tenant_id: TenantId, sync: KeptSync, place: Place) -> None:
        """End what the batch's pages did not list; as of when its first page was asked for."""
        async with self._uows.system(tenant_id) as uow:
            corp = await self._corps.get(uow, sync.account_id)
            queries = RelationQueries(uow)
            read = sorted(set(place.batch) - set(place.unread))
            keys = await queries.unlisted(corp.id, read, sync_id=sync.sync_id, limit=_DENIED_MAX)
            await self._keeper.deny(uow, corp, keys, asked_at=epoch(int(place.began)))
            await queries.mark_listed(keys, sync_id=sync.sync_id)
            if len(keys) == _DENIED_MAX:
                await self._move(uow, sync, place)
            else:
                await self._move(uow, sync, Place(left=place.left), listed=len(place.batch))

    async def _compare_lists(
        self, tenant_id: TenantId, sync: KeptSync, place: Place, client: WeComClient
    ) -> None:
        members = place.left[:_LISTS_AT_ONCE]
        lists = [(userid, self._uows.clock.now(), await client.customers_of(userid)) for userid in members]
        async with self._uows.system(tenant_id) as uow:
            corp = await self._corps.get(uow, sync.account_id)
            for userid, asked_at, listed in lists:
                await self._compare(uow, corp, sync, userid, listed, asked_at)
            await self._move(uow, sync, Place(left=place.left[len(members) :]), listed=len(members))

    async def _compare(
        self,
        uow: UnitOfWork,
        corp: Corp,
        sync: KeptSync,
        userid: str,
        listed: Sequence[str],
        asked_at: datetime,
    ) -> None:
        """Have customers asked about whom we do not hold, and end relations that are not listed."""
        queries = RelationQueries(uow)
        by_token = {self._keeper.token(corp, one): one for one in listed}
        known = await queries.statuses(corp.id, userid)
        news = {token: one for token, one in by_token.items() if known.get(token) not in _KNOWN}
        await self._keeper.keep_ids(uow, corp, list(news.values()))
        await ContactQueries(uow).ask_about([(corp.id, token) for token in news])
        gone = [
            RelationKey(corp.id, userid, token)
            for token, status in known.items()
            if status is RelationStatus.ACTIVE and token not in by_token
        ]
        await self._keeper.deny(uow, corp, gone, asked_at=asked_at)

    async def _move(
        self, uow: UnitOfWork, sync: KeptSync, place: Place, *, total: int | None = None, listed: int = 0
    ) -> None:
        await SyncQueries(uow).move(
            sync,
            stage=SyncStage.CUSTOMERS,
            cursor=self._keyring.seal(msgspec.json.encode(place), context=_CURSOR),
            next_step_at=uow.clock.now(),
            total=total,
            listed=listed,
        )


async def _page(client: WeComClient, place: Place, now: datetime) -> _Page:
    request = wire.BatchRequest(userid_list=place.batch, cursor=place.cursor, limit=_PAGE)
    try:
        return _Page(await client.call(wire.BATCH, request), now)
    except PlatformRefusal as error:
        if error.errcode == NO_RELATION:  # None of them has anybody.
            return _Page(wire.BatchAnswer(), now)
        raise


def _answered(found: wire.Followed) -> Answered:
    info = found.follow_info
    return Answered(
        userid=info.userid,
        external_userid=found.external_contact.external_userid,
        created_at=epoch(info.createtime),
        add_way=info.add_way,
        state=info.state,
        brought_by=info.oper_userid,
        remark=info.remark,
        tag_ids=info.tag_id,
    )
