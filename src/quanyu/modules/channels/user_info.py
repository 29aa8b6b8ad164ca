"""Asking the platform who followers are: unionid, by which way they came, whether they still follow.

Claim a batch → ask (no transaction is open) → write the answers and state them as facts. A crash in
between leaves the claim to run out, and the batch is asked again. The digest of the last answer is kept
with the follower in the transaction that states the fact, so hearing the same again states nothing.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import Fact, FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels import rules
from quanyu.modules.channels.accounts import Account, AccountQueries, source_of
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import UNIONID_SCOPE, AccountId
from quanyu.modules.channels.facts import follower_tag
from quanyu.modules.channels.followers import Follower, FollowerKey, FollowerQueries
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.modules.channels.translation import USER_INFO_FETCHED
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.official_account.client import USER_INFO_BATCH_MAX, OfficialAccountClient
from quanyu.wechat.official_account.users import UserInfo

_log = get_logger("channels.user_info")
_ASKED: Final = Counter("quanyu_user_info_total", "Followers asked about, by outcome", ["outcome"])

# Longer than the slowest call with its repeats: what outlives its claim is only done twice.
_CLAIM: Final = timedelta(minutes=1)
_RETRY_FIRST: Final = timedelta(minutes=1)
_ATTEMPTS_MAX: Final = 12  # With doubling up to a day: about five days.
_RETRY_LONGEST: Final = timedelta(days=1)
_NOT_THIS_PERSON: Final = frozenset({40003, 46004})  # Not an openid of this account; nobody.
# unionid is scoped to the open-platform account; a brand has one.


class UserInfoWorker:
    """Keeps what the platform knows about followers up to date, batch by batch."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        # Accounts the platform lets nobody be asked about until then. A restart asks once more.
        self._closed_until: dict[AccountId, datetime] = {}

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="channels.user_info_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Ask about one batch of each account; return how many followers were asked about."""
        async with self._uows.system(tenant_id) as uow:
            accounts = await FollowerQueries(uow).accounts_with_due_info(now=uow.clock.now())
        return sum([await self._run_account(tenant_id, account_id) for account_id in accounts])

    async def _run_account(self, tenant_id: TenantId, account_id: AccountId) -> int:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            if now < self._closed_until.get(account_id, now):
                return 0
            claimed = await FollowerQueries(uow).claim_due_info(
                account_id, now=now, until=now + business_span(uow.clock, _CLAIM), limit=USER_INFO_BATCH_MAX
            )
        if not claimed:
            return 0
        openids = {self._openid(follower): follower for follower in claimed}
        asked_at = self._uows.clock.now()
        try:
            client = await self._clients.client(tenant_id, account_id)
            answers = await _ask(client, list(openids))
        except (WechatError, NotFound) as error:
            _ASKED.labels("failed").inc(len(claimed))
            _log.warning("channels.user_info_refused", account_id=account_id, error=str(error))
            if isinstance(error, WechatError) and is_about_pace(error):
                await self._close(tenant_id, account_id, claimed, error)
            else:
                await self._postpone(tenant_id, claimed)
            return 0
        found = [(openids[info.openid].key, info) for info in answers if info.openid in openids]
        await self._keep(tenant_id, account_id, found, asked_at)
        _ASKED.labels("answered").inc(len(found))
        missing = [openids[openid] for openid in openids.keys() - {info.openid for info in answers}]
        if missing:
            await self._postpone(tenant_id, missing)
        return len(found)

    async def _keep(
        self,
        tenant_id: TenantId,
        account_id: AccountId,
        found: Sequence[tuple[FollowerKey, UserInfo]],
        asked_at: datetime,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
            assert account is not None
            known = await FollowerQueries(uow).lock_followers([key for key, _ in found])
            saved = []
            for key, info in found:
                before = known[key]
                after = self._after(before, info, asked_at)
                if after.info_digest != before.info_digest:
                    uow.publish(_fact(account.app_id, key, info, asked_at))
                saved.append(after)
            await FollowerQueries(uow).save(saved)
            await FollowerQueries(uow).was_asked(account_id, [key.token for key, _ in found])
            await self._keep_tags(uow, account, {key.token: info for key, info in found}, asked_at)

    async def _keep_tags(
        self, uow: UnitOfWork, account: Account, found: Mapping[bytes, UserInfo], asked_at: datetime
    ) -> None:
        """Remember the account tags each person carries; who left carries none."""
        carried = {token: info.tagid_list if info.subscribe else () for token, info in found.items()}
        tags = TagQueries(uow)
        added, removed = await tags.replace_tags_of(account.account_id, carried)
        names = await tags.names(account.account_id) if added or removed else {}
        changes = [(change, True) for change in added] + [(change, False) for change in removed]
        for (token, tag_id), is_added in changes:
            about = {"tag": names.get(tag_id, ""), "tag_id": tag_id, "origin": "platform"}
            openid = found[token].openid
            uow.publish(follower_tag(token, account.app_id, openid, about, added=is_added, at=asked_at))

    async def _close(
        self, tenant_id: TenantId, account_id: AccountId, claimed: Sequence[Follower], error: WechatError
    ) -> None:
        """Ask nothing of this account until the platform's limits allow it again."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            await FollowerQueries(uow).unclaim(claimed, now=now)
        self._closed_until[account_id] = retry_at(error, now)

    def _after(self, follower: Follower, info: UserInfo, asked_at: datetime) -> Follower:
        since = rules.epoch(info.subscribe_time) if info.subscribe_time else None
        settled = rules.reconcile(follower.state, rules.Asked(asked_at, info.subscribe, since))
        sealed = self._keyring.seal(info.unionid.encode()) if info.unionid else follower.unionid_sealed
        return replace(
            follower,
            state=settled.state,
            unionid_sealed=sealed,
            info_due_at=settled.ask_again_at,
            info_attempts=0,
            info_fetched_at=asked_at,
            info_digest=hashlib.blake2b(msgspec.json.encode(info), digest_size=16).digest(),
        )

    async def _postpone(self, tenant_id: TenantId, followers: Sequence[Follower]) -> None:
        """Try later, ever less often; in the end not until the person does something again."""
        async with self._uows.system(tenant_id) as uow:
            queries = FollowerQueries(uow)
            known = await queries.lock_followers([follower.key for follower in followers])
            now = uow.clock.now()
            await queries.save(
                [
                    replace(follower, info_due_at=_next_try(follower.info_attempts, now=now))
                    for follower in known.values()
                ]
            )
            # A sync is over when everybody was asked about once; who did not answer is tried again anyway.
            for key in known:
                await queries.was_asked(key.account_id, [key.token])

    def _openid(self, follower: Follower) -> str:
        assert follower.openid_sealed is not None
        return self._keyring.open(follower.openid_sealed).decode()


async def _ask(client: OfficialAccountClient, openids: Sequence[str]) -> Sequence[UserInfo]:
    """Ask about followers; whoever the platform refuses to talk about is found by halving and left out.

    One openid it does not take (of an account that was moved, or made up) refuses the whole call.
    """
    try:
        return await client.users_info(openids)
    except PlatformRefusal as error:
        if error.errcode not in _NOT_THIS_PERSON:
            raise
        if len(openids) == 1:
            return []
        middle = len(openids) // 2
        return [*await _ask(client, openids[:middle]), *await _ask(client, openids[middle:])]


def _next_try(attempts: int, *, now: datetime) -> datetime | None:
    if attempts >= _ATTEMPTS_MAX:
        return None
    delay: timedelta = min(_RETRY_FIRST * 2 ** max(0, attempts - 1), _RETRY_LONGEST)
    return now + delay


def _fact(app_id: str, key: FollowerKey, info: UserInfo, asked_at: datetime) -> Fact:
    properties: dict[str, Any] = {"subscribed": info.subscribe}
    if info.subscribe:
        properties |= {
            "subscribed_at": rules.epoch(info.subscribe_time).isoformat(),
            "subscribe_scene": info.subscribe_scene,
            "qr_scene": info.qr_scene_str or (str(info.qr_scene) if info.qr_scene else ""),
            "tags": list(info.tagid_list),
        }
    identifiers = [FactIdentifier(namespace="openid", scope=app_id, value=info.openid)]
    if info.unionid:
        identifiers.append(FactIdentifier(namespace="unionid", scope=UNIONID_SCOPE, value=info.unionid))
    return Fact(
        name=USER_INFO_FETCHED,
        message_id=f"user_info:{key.token.hex()}:{asked_at.timestamp():.3f}",
        occurred_at=asked_at,
        identifiers=tuple(identifiers),
        properties={name: value for name, value in properties.items() if value not in ("", [])},
        traits=_traits(info),
        context={"channel": "official_account", "app": app_id, "follower": key.token.hex()},
        source=source_of(app_id),
    )


def _traits(info: UserInfo) -> dict[str, Any]:
    if not info.subscribe:
        return {}
    traits = {
        "wechat_language": info.language,
        "wechat_subscribe_scene": info.subscribe_scene,
        "wechat_subscribed_at": rules.epoch(info.subscribe_time).isoformat() if info.subscribe_time else "",
    }
    return {name: value for name, value in traits.items() if value}
