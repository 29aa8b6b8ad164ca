"""Members sign in through WeCom, and get a session that opens this page alone.

The way there is bound to the browser by a sealed cookie, so a link with somebody else's code signs nobody in;
the platform takes each code once, within five minutes.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId, decode_id, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id, show_corp_id
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.sidebar.contracts import StaffCaller
from quanyu.modules.staff.sidebar.errors import SignInRefused
from quanyu.modules.staff.sidebar.queries import DeedQueries, SessionQueries, tenant_of
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import oauth

BACK: Final = "/api/v1/sidebar/back"
WAY_LIFE: Final = timedelta(minutes=10)
_BRAND_PREFIX: Final = "brd"
_CONTEXT: Final = b"sidebar.way"


class _Way(msgspec.Struct, frozen=True):
    """Where a sign-in began; travels in a sealed cookie."""

    tenant_id: int
    corp_id: int
    state: str
    until_s: float


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where to send the browser, and the cookie that proves on its way back that it is the same one."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and the page to go on to."""

    token: str
    page: str


def page_of(tenant_id: TenantId, corp_id: AccountId) -> str:
    """Return the path of a company's page."""
    return f"/sidebar/{encode_id(_BRAND_PREFIX, tenant_id)}/{show_corp_id(corp_id)}"


class SidebarSessions:
    """``flows.staff_rename.FollowsMembers`` for those who are signed in."""

    async def follow_rename(self, uow: UnitOfWork, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Let a member who has another id now stay signed in; idempotent."""
        await SessionQueries(uow).rename(corp_id, userid, new_userid)


class SidebarDoor:
    """Lets members in."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: CorpClients, *, public_url: str
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._public_url = public_url

    async def begin(self, brand: str, corp: str) -> WayOut:
        """Return the way to WeCom's page that says who looks.

        Raises:
            InvalidId, UnknownCorp: there is no such page.
        """
        tenant_id, corp_id = TenantId(decode_id(_BRAND_PREFIX, brand)), read_corp_id(corp)
        async with self._uows.app(tenant_id) as uow:
            found = await Corps().get(uow, corp_id)
        now = self._uows.clock.now()
        way = _Way(
            tenant_id,
            corp_id,
            secrets.token_hex(24),
            (now + business_span(self._uows.clock, WAY_LIFE)).timestamp(),
        )
        url = oauth.authorise_url(
            found.corp_id,
            f"{self._public_url}{BACK}",
            agent_id=found.agent_id,
            state=way.state,
            base_url=found.base_url,
        )
        sealed = self._keyring.seal(msgspec.json.encode(way), context=_CONTEXT)
        return WayOut(url, sealed.hex())

    async def finish(self, cookie: str, *, code: str, state: str) -> SignedIn:
        """Change the code for a session.

        Raises:
            SignInRefused: another browser began, it took too long, the code is used or is none, or whoever
                looks is no member of the company.
            WechatError: the platform cannot be asked now.
        """
        way = self._open(cookie)
        if way is None or not hmac.compare_digest(way.state.encode(), state.encode()) or not code:
            raise _refused(
                "browser", "this sign-in did not begin in this browser", "登录请求不是从本浏览器发起的"
            )
        if datetime.fromtimestamp(way.until_s, UTC) <= self._uows.clock.now():
            raise _refused("late", "this sign-in took too long", "登录已超时")
        tenant_id, corp_id = TenantId(way.tenant_id), AccountId(way.corp_id)
        userid = await self._userid(tenant_id, corp_id, code)
        async with self._uows.app(tenant_id) as uow:
            member = (await DirectoryQueries(uow).by_userids(corp_id, [userid])).get(userid)
            if member is not None and member.has_left:
                raise _refused("left", "they have left the company", "该成员已离职")
            token = await SessionQueries(uow).begin(corp_id, userid)
            caller = StaffCaller(tenant_id=tenant_id, corp_id=corp_id, userid=userid)
            await DeedQueries(uow).intend(caller, "signed_in", state="done")
        return SignedIn(token, page_of(tenant_id, corp_id))

    async def _userid(self, tenant_id: TenantId, corp_id: AccountId, code: str) -> str:
        client = await self._clients.get(tenant_id, corp_id)
        try:
            identity = await client.call(oauth.IDENTITY, oauth.CodeRequest(code=code))
        except PlatformRefusal as error:
            raise _refused(
                "code", f"WeCom does not take this code: {error.errcode}", error.message_zh
            ) from error
        if not identity.userid:
            raise _refused("outsider", "only members of the company may look here", "仅限本企业成员访问")
        return identity.userid

    def _open(self, cookie: str) -> _Way | None:
        try:
            opened = self._keyring.open(bytes.fromhex(cookie), context=_CONTEXT)
            return msgspec.json.decode(opened, type=_Way)
        except (ValueError, AppError, msgspec.DecodeError):
            return None

    async def caller(self, token: str) -> StaffCaller | None:
        """Return whose session it is; ``None`` if it is none, has ended, or they left meanwhile."""
        tenant_id = tenant_of(token)
        if tenant_id is None:
            return None
        async with self._uows.app(tenant_id) as uow:
            caller = await SessionQueries(uow).find(token)
            if caller is None:
                return None
            known = await DirectoryQueries(uow).by_userids(caller.corp_id, [caller.userid])
            member = known.get(caller.userid)
            if member is not None and member.has_left:
                await SessionQueries(uow).end_all_of(caller.corp_id, caller.userid)
                return None
        return caller

    async def leave(self, token: str) -> None:
        """End a session; idempotent."""
        tenant_id = tenant_of(token)
        if tenant_id is not None:
            async with self._uows.app(tenant_id) as uow:
                await SessionQueries(uow).end(token)


def _refused(why: str, message: str, message_zh: str) -> SignInRefused:
    return SignInRefused(message, message_zh=message_zh, why=why)
