"""Carrying tag changes to the platform: 50 people a call, the latest wish for each.

Tagging twice is tagging once, so a claim that ran out is simply made again. What the platform refuses for
one person is found by halving, so that the other 49 are not held up.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.facts import follower_tag
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.tags.queries import TagQueries, TagWish, WishGroup
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.official_account import tags as calls
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.refusals import Action

_log = get_logger("channels.tags")
_CHANGED: Final = Counter(
    "quanyu_account_tag_changes_total", "Tag changes of followers, by outcome", ["outcome"]
)
_GROUPS_MAX: Final = 20
_CLAIM: Final = timedelta(minutes=2)
_ATTEMPTS_MAX: Final = 8


class TagWorker:
    """Makes the changes people and source codes ask for."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="channels.tags_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Make one call for each due kind of change; return how many changes were taken."""
        async with self._uows.system(tenant_id) as uow:
            groups = await TagQueries(uow).due_groups(now=uow.clock.now(), limit=_GROUPS_MAX)
        return sum([await self._run_group(tenant_id, group) for group in groups])

    async def _run_group(self, tenant_id: TenantId, group: WishGroup) -> int:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            wishes = await TagQueries(uow).claim(
                group, now=now, until=now + business_span(uow.clock, _CLAIM), limit=calls.TAGGING_MAX
            )
        if not wishes:
            return 0
        try:
            client = await self._clients.client(tenant_id, group.account_id)
        except NotFound:
            await self._fail(tenant_id, group, wishes, "no_account")
            return len(wishes)
        await self._ask(tenant_id, client, group, wishes)
        return len(wishes)

    async def _ask(
        self,
        tenant_id: TenantId,
        client: OfficialAccountClient,
        group: WishGroup,
        wishes: Sequence[TagWish],
    ) -> None:
        openids = tuple(self._keyring.open(wish.openid_sealed).decode() for wish in wishes)
        call = calls.TAG if group.wanted else calls.UNTAG
        try:
            await client.call(call, calls.TaggingRequest(openid_list=openids, tagid=group.tag_id))
        except WechatError as error:
            await self._refused(tenant_id, client, group, wishes, error)
            return
        await self._done(tenant_id, group, wishes, openids)

    async def _refused(
        self,
        tenant_id: TenantId,
        client: OfficialAccountClient,
        group: WishGroup,
        wishes: Sequence[TagWish],
        error: WechatError,
    ) -> None:
        if is_about_pace(error) or not isinstance(error, PlatformRefusal) or error.action is Action.RETRY:
            await self._postpone(tenant_id, group, wishes, error)
        elif len(wishes) > 1:
            middle = len(wishes) // 2
            for half in (wishes[:middle], wishes[middle:]):
                await self._ask(tenant_id, client, group, half)
        else:
            await self._fail(tenant_id, group, wishes, str(error.errcode))

    async def _done(
        self, tenant_id: TenantId, group: WishGroup, wishes: Sequence[TagWish], openids: Sequence[str]
    ) -> None:
        _CHANGED.labels("done").inc(len(wishes))
        async with self._uows.system(tenant_id) as uow:
            queries = TagQueries(uow)
            news = set(await queries.done(group, wishes))
            name = (await queries.names(group.account_id)).get(group.tag_id, "")
            app_id = await self._app_id(uow, group)
            for wish, openid in zip(wishes, openids, strict=True):
                if wish.key.token in news:
                    about = {"tag": name, "tag_id": group.tag_id, "origin": wish.origin}
                    uow.publish(
                        follower_tag(
                            wish.key.token, app_id, openid, about, added=group.wanted, at=uow.clock.now()
                        )
                    )

    async def _app_id(self, uow: UnitOfWork, group: WishGroup) -> str:
        account = await AccountQueries(uow, self._keyring).find(group.account_id)
        assert account is not None
        return account.app_id

    async def _postpone(
        self, tenant_id: TenantId, group: WishGroup, wishes: Sequence[TagWish], error: WechatError
    ) -> None:
        if max(wish.attempts for wish in wishes) >= _ATTEMPTS_MAX and not is_about_pace(error):
            await self._fail(tenant_id, group, wishes, "no_answer")
            return
        _CHANGED.labels("postponed").inc(len(wishes))
        async with self._uows.system(tenant_id) as uow:
            due_at: datetime = retry_at(error, uow.clock.now(), attempts=wishes[0].attempts)
            await TagQueries(uow).settle(group, wishes, state="waiting", reason=error.code, due_at=due_at)

    async def _fail(
        self, tenant_id: TenantId, group: WishGroup, wishes: Sequence[TagWish], reason: str
    ) -> None:
        _CHANGED.labels("refused").inc(len(wishes))
        async with self._uows.system(tenant_id) as uow:
            await TagQueries(uow).settle(group, wishes, state="failed", reason=reason)
