"""Running syncs page by page. Each page and the place of the next are one commit, so a killed process
costs at most the page it was at, and reading a page twice changes nothing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.facts import follower_tag
from quanyu.modules.channels.syncs.contracts import SyncKind, SyncStage, SyncState
from quanyu.modules.channels.syncs.queries import KeptSync, SyncQueries
from quanyu.modules.channels.syncs.running import SyncRunner
from quanyu.modules.channels.tags.contracts import TagId
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.wechat.calls import Nothing
from quanyu.wechat.official_account import tags as tag_calls
from quanyu.wechat.official_account.client import OfficialAccountClient

_CHUNK: Final = 1_000  # Rows per statement, and openids sealed between two breaths of the event loop.
_MISSING_MAX: Final = 5_000
_ASKING_LOOK: Final = timedelta(seconds=1)
_CURSOR: Final = b"channels.sync_cursor"


class _TagPlace(msgspec.Struct, frozen=True):
    """Where a sync of tags is: these tags are left, the first of them from ``next_openid`` on."""

    left: tuple[int, ...]
    next_openid: str = ""
    is_dropping: bool = False  # All pages were seen; who was not on them carries the tag no longer.


class SyncWorker:
    """Takes one step of one sync at a time."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._runner = SyncRunner(uows, {SyncKind.FOLLOWERS: self._step, SyncKind.TAGS: self._step})

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await self._runner.run(tenant_id, stopping)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Take one step of the sync that is due; return how many steps were taken."""
        return await self._runner.run_once(tenant_id)

    async def _step(self, tenant_id: TenantId, sync: KeptSync) -> None:
        if sync.stage is SyncStage.LISTING:
            await self._list_page(tenant_id, sync)
        elif sync.stage is SyncStage.MISSING:
            await self._ask_about_missing(tenant_id, sync)
        elif sync.stage is SyncStage.ASKING:
            await self._look_at_asking(tenant_id, sync)
        else:
            await self._tag_page(tenant_id, sync)

    async def _list_page(self, tenant_id: TenantId, sync: KeptSync) -> None:
        client = await self._clients.client(tenant_id, sync.account_id)
        page = await client.followers(self._open_cursor(sync.cursor))
        openids = page.data.openid
        async with self._uows.system(tenant_id) as uow:
            app_id = await self._app_id(uow, sync.account_id)
            await self._keep_openids(uow, sync, app_id, openids)
            is_last = not openids or not page.next_openid
            await SyncQueries(uow).move(
                sync,
                stage=SyncStage.MISSING if is_last else SyncStage.LISTING,
                cursor=None if is_last else self._seal_cursor(page.next_openid.encode()),
                next_step_at=uow.clock.now(),
                total=page.total,
                listed=len(openids),
            )

    async def _keep_openids(
        self, uow: UnitOfWork, sync: KeptSync, app_id: str, openids: Sequence[str]
    ) -> None:
        queries = SyncQueries(uow)
        for start in range(0, len(openids), _CHUNK):
            chunk = openids[start : start + _CHUNK]
            tokens = [self._keyring.blind("openid", app_id, openid) for openid in chunk]
            known = await queries.known_tokens(sync.account_id, tokens)
            sealed = [
                None if token in known else self._keyring.seal(openid.encode())
                for token, openid in zip(tokens, chunk, strict=True)
            ]
            await queries.list_followers(sync, tokens, sealed)
            await asyncio.sleep(0)

    async def _ask_about_missing(self, tenant_id: TenantId, sync: KeptSync) -> None:
        async with self._uows.system(tenant_id) as uow:
            queries = SyncQueries(uow)
            found = await queries.ask_about_missing(sync, limit=_MISSING_MAX)
            stage = SyncStage.MISSING if found == _MISSING_MAX else SyncStage.ASKING
            await queries.move(sync, stage=stage, cursor=None, next_step_at=uow.clock.now())

    async def _look_at_asking(self, tenant_id: TenantId, sync: KeptSync) -> None:
        """``UserInfoWorker`` asks; this only waits until nobody is left."""
        async with self._uows.system(tenant_id) as uow:
            queries = SyncQueries(uow)
            if await queries.count_to_ask(sync.account_id) == 0:
                await queries.finish(sync, SyncState.DONE)
                return
            look = uow.clock.now() + business_span(uow.clock, _ASKING_LOOK)
            await queries.move(sync, stage=sync.stage, cursor=None, next_step_at=look)

    async def _tag_page(self, tenant_id: TenantId, sync: KeptSync) -> None:
        client = await self._clients.client(tenant_id, sync.account_id)
        if sync.cursor is None:
            await self._list_tags(tenant_id, sync, client)
            return
        place = msgspec.json.decode(self._open_cursor(sync.cursor), type=_TagPlace)
        if not place.left:
            async with self._uows.system(tenant_id) as uow:
                await SyncQueries(uow).finish(sync, SyncState.DONE)
        elif place.is_dropping:
            await self._drop_page(tenant_id, sync, place)
        else:
            await self._see_page(tenant_id, sync, place, client)

    async def _list_tags(self, tenant_id: TenantId, sync: KeptSync, client: OfficialAccountClient) -> None:
        listed = (await client.call(tag_calls.LIST, Nothing())).tags
        async with self._uows.system(tenant_id) as uow:
            queries = TagQueries(uow)
            for tag in listed:
                await queries.save_tag(sync.account_id, TagId(tag.id), tag.name, tag.count)
            for gone in (await queries.names(sync.account_id)).keys() - {tag.id for tag in listed}:
                await queries.delete_tag(sync.account_id, gone)
            place = _TagPlace(tuple(tag.id for tag in listed))
            await self._move_tags(uow, sync, place, total=len(listed))

    async def _see_page(
        self, tenant_id: TenantId, sync: KeptSync, place: _TagPlace, client: OfficialAccountClient
    ) -> None:
        tag_id = TagId(place.left[0])
        page = await client.call(
            tag_calls.TAGGED, tag_calls.TaggedRequest(tagid=tag_id, next_openid=place.next_openid)
        )
        openids = page.data.openid
        async with self._uows.system(tenant_id) as uow:
            app_id = await self._app_id(uow, sync.account_id)
            by_token = {self._keyring.blind("openid", app_id, openid): openid for openid in openids}
            news = []
            tokens = list(by_token)
            for start in range(0, len(tokens), _CHUNK):
                chunk = tokens[start : start + _CHUNK]
                news += await TagQueries(uow).see_page(sync.account_id, tag_id, chunk, sync_id=sync.sync_id)
            fresh = [by_token[token] for token in news]
            await self._state_changes(uow, sync.account_id, app_id, tag_id, fresh, added=True)
            is_last = not openids or not page.next_openid
            following = _TagPlace(place.left, "" if is_last else page.next_openid, is_dropping=is_last)
            await self._move_tags(uow, sync, following)

    async def _drop_page(self, tenant_id: TenantId, sync: KeptSync, place: _TagPlace) -> None:
        tag_id = TagId(place.left[0])
        async with self._uows.system(tenant_id) as uow:
            gone = await TagQueries(uow).drop_unseen(
                sync.account_id, tag_id, sync_id=sync.sync_id, before=sync.started_at, limit=_MISSING_MAX
            )
            sealed = await TagQueries(uow).sealed_openids(sync.account_id, gone)
            openids = [self._keyring.open(one).decode() for one in sealed.values()]
            app_id = await self._app_id(uow, sync.account_id)
            await self._state_changes(uow, sync.account_id, app_id, tag_id, openids, added=False)
            is_done = len(gone) < _MISSING_MAX
            following = _TagPlace(place.left[1:]) if is_done else place
            await self._move_tags(uow, sync, following, listed=1 if is_done else 0)

    async def _move_tags(
        self, uow: UnitOfWork, sync: KeptSync, place: _TagPlace, *, total: int | None = None, listed: int = 0
    ) -> None:
        await SyncQueries(uow).move(
            sync,
            stage=SyncStage.TAGS,
            cursor=self._seal_cursor(msgspec.json.encode(place)),
            next_step_at=uow.clock.now(),
            total=total,
            listed=listed,
        )

    async def _state_changes(
        self,
        uow: UnitOfWork,
        account_id: AccountId,
        app_id: str,
        tag_id: TagId,
        openids: Sequence[str],
        *,
        added: bool,
    ) -> None:
        name = (await TagQueries(uow).names(account_id)).get(tag_id, "")
        about = {"tag": name, "tag_id": tag_id, "origin": "platform"}
        for openid in openids:
            token = self._keyring.blind("openid", app_id, openid)
            uow.publish(follower_tag(token, app_id, openid, about, added=added, at=uow.clock.now()))

    async def _app_id(self, uow: UnitOfWork, account_id: AccountId) -> str:
        account = await AccountQueries(uow, self._keyring).find(account_id)
        assert account is not None, "a sync's account cannot be deleted"
        return account.app_id

    def _seal_cursor(self, text: bytes) -> bytes:
        return self._keyring.seal(text, context=_CURSOR)

    def _open_cursor(self, sealed: bytes | None) -> str:
        return "" if sealed is None else self._keyring.open(sealed, context=_CURSOR).decode()
