"""Knowing who opens a public page in WeChat by the brand's official account (网页授权).

The way there is bound to the browser by a sealed cookie, so that a link with somebody else's code makes
nobody anybody (CSRF); the platform takes each code once, within five minutes.
Source: developers.weixin.qq.com, 网页授权 (read 2026): certified service accounts, and pages on the domain
the account names in its settings; elsewhere the platform shows an error in place of our page.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, TypeVar
from urllib.parse import quote

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import Fact, FactIdentifier, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries, source_of
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import UNIONID_SCOPE, AccountId
from quanyu.modules.staff.visitors.recognition import WAY_LIFE, Visit, WayOut, is_own_page
from quanyu.wechat.calls import Host
from quanyu.wechat.official_account import oauth

_log = get_logger("staff.visitors")

BACK: Final = "/v/fan"
FAN_COOKIE: Final = "quanyu_fan"
MARK: Final = "wx"  # In the query on the way back: how it went. Nobody is sent there twice for one visit.
KNOWN: Final = timedelta(days=30)
PROFILE_AUTHORISED: Final = "wechat.official_account.profile_authorised"
_WAY_CONTEXT: Final = b"visitors.fan_way"
_FAN_CONTEXT: Final = b"visitors.fan"

Asking = Literal["base", "userinfo"]


class Outcome(StrEnum):
    """How asking WeChat went."""

    KNOWN = "known"
    REFUSED = "refused"  # They did not allow it.
    SNAPSHOT = "snapshot"  # A page in snapshot mode: the platform made somebody up.
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Who looks, as WeChat says."""

    app_id: str
    openid: str = field(repr=False)
    unionid: str = field(default="", repr=False)

    @property
    def identifiers(self) -> tuple[FactIdentifier, ...]:
        """What names them, the strongest first."""
        openid = FactIdentifier(namespace="openid", scope=self.app_id, value=self.openid)
        if not self.unionid:
            return (openid,)
        return (FactIdentifier(namespace="unionid", scope=UNIONID_SCOPE, value=self.unionid), openid)


@dataclass(frozen=True, slots=True)
class Return:
    """How somebody came back, and the cookie that says who they are."""

    outcome: Outcome
    cookie: str = field(default="", repr=False)


class _Way(msgspec.Struct, frozen=True):
    tenant_id: int
    account_id: int
    asks: str
    state: str
    until_s: float


class _Kept(msgspec.Struct, frozen=True):
    tenant_id: int
    account_id: int
    app_id: str
    openid: str
    unionid: str
    asked: str
    until_s: float


_Sealed = TypeVar("_Sealed", _Way, _Kept)


class FanRecognition:
    """Finds out who looks."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients, *, public_url: str
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._public_url = public_url.rstrip("/")

    def fan(self, tenant_id: TenantId, cookies: Mapping[str, str]) -> Fan | None:
        """Return who was recognised in this browser before."""
        kept = self._kept(tenant_id, cookies)
        return None if kept is None else _fan(kept)

    async def way(
        self, tenant_id: TenantId, account_id: AccountId, visit: Visit, asks: Asking
    ) -> WayOut | None:
        """Return where to send a browser in WeChat; ``None`` if who looks is known, or it went wrong before.

        Who was only asked silently is sent again where the profile is wanted.
        """
        if visit.was_marked or not is_in_wechat(visit.agent) or not is_own_page(visit.page):
            return None
        kept = self._kept(tenant_id, visit.cookies)
        if kept is not None and kept.account_id == account_id and (asks == "base" or kept.asked == asks):
            return None
        account = await self._account(tenant_id, account_id)
        if account is None:
            return None
        clock = self._uows.clock
        until = clock.now() + business_span(clock, WAY_LIFE)
        way = _Way(tenant_id, account_id, asks, secrets.token_hex(24), until.timestamp())
        url = oauth.authorise_url(
            account.app_id,
            f"{self._public_url}{BACK}?to={quote(visit.page, safe='')}",
            scope="snsapi_userinfo" if asks == "userinfo" else "snsapi_base",
            state=way.state,
            base_url=account.credentials.base_url_of(Host.SIGN_IN),
        )
        cookie = self._keyring.seal(msgspec.json.encode(way), context=_WAY_CONTEXT).hex()
        return WayOut(url, cookie, back=BACK)

    async def finish(self, cookie: str, *, code: str, state: str) -> Return:
        """Return who came back with this code. Never fails.

        Publishes ``wechat.official_account.profile_authorised`` where they showed their profile.
        """
        way = self._way(cookie)
        if way is None or not hmac.compare_digest(way.state.encode(), state.encode()):
            return Return(Outcome.FAILED)
        if way.until_s <= self._uows.clock.now().timestamp():
            return Return(Outcome.FAILED)
        if not code:
            return Return(Outcome.REFUSED)
        try:
            return await self._who(way, code)
        except AppError as error:
            _log.info("staff.visitors.fan_not_told", error=error.code, account=way.account_id)
            return Return(Outcome.FAILED)

    async def _who(self, way: _Way, code: str) -> Return:
        tenant_id, account_id = TenantId(way.tenant_id), AccountId(way.account_id)
        client = await self._clients.client(tenant_id, account_id)
        token = await client.call(oauth.EXCHANGE, oauth.CodeRequest(code=code))
        if token.is_snapshotuser:
            return Return(Outcome.SNAPSHOT)
        clock = self._uows.clock
        kept = _Kept(
            way.tenant_id,
            way.account_id,
            client.app_id,
            token.openid,
            token.unionid,
            way.asks,
            (clock.now() + business_span(clock, KNOWN)).timestamp(),
        )
        if "snsapi_userinfo" in token.scope:
            ask = oauth.ProfileRequest(access_token=token.access_token, openid=token.openid, lang="zh_CN")
            profile = await client.call(oauth.PROFILE, ask)
            kept = msgspec.structs.replace(kept, unionid=profile.unionid or kept.unionid)
            await self._tell(tenant_id, _fan(kept), nickname=profile.nickname, state=way.state)
        sealed = self._keyring.seal(msgspec.json.encode(kept), context=_FAN_CONTEXT)
        return Return(Outcome.KNOWN, sealed.hex())

    async def _tell(self, tenant_id: TenantId, fan: Fan, *, nickname: str, state: str) -> None:
        async with self._uows.app(tenant_id) as uow:
            now = uow.clock.now()
            uow.publish(profile_authorised(fan, nickname=nickname, message_id=f"web:{state}", at=now))

    async def _account(self, tenant_id: TenantId, account_id: AccountId) -> Account | None:
        async with self._uows.system(tenant_id) as uow:
            account = await AccountQueries(uow, self._keyring).find(account_id)
        return account if account is not None and account.kind is AccountKind.OFFICIAL_ACCOUNT else None

    def _kept(self, tenant_id: TenantId, cookies: Mapping[str, str]) -> _Kept | None:
        kept = self._open(cookies.get(FAN_COOKIE, ""), _FAN_CONTEXT, _Kept)
        if kept is None or kept.tenant_id != tenant_id:
            return None
        return kept if kept.until_s > self._uows.clock.now().timestamp() else None

    def _way(self, cookie: str) -> _Way | None:
        return self._open(cookie, _WAY_CONTEXT, _Way)

    def _open(self, text: str, context: bytes, kind: type[_Sealed]) -> _Sealed | None:
        try:
            return msgspec.json.decode(self._keyring.open(bytes.fromhex(text), context=context), type=kind)
        except (ValueError, AppError, msgspec.DecodeError):
            return None


def profile_authorised(fan: Fan, *, nickname: str, message_id: str, at: datetime) -> Fact:
    """State that somebody showed an official account's page who they are."""
    return Fact(
        name=PROFILE_AUTHORISED,
        message_id=message_id,
        occurred_at=at,
        identifiers=fan.identifiers,
        traits={"nickname": nickname} if nickname else {},
        context={"channel": "h5", "app": fan.app_id},
        source=source_of(fan.app_id),
    )


def is_in_wechat(agent: str) -> bool:
    """Whether a browser is WeChat's own; WeCom's says it is WeChat's too, and cannot ask for fans."""
    return "MicroMessenger" in agent and "wxwork" not in agent


def _fan(kept: _Kept) -> Fan:
    return Fan(app_id=kept.app_id, openid=kept.openid, unionid=kept.unionid)
