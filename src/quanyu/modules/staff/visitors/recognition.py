"""Knowing who opens a public page in WeChat, without asking them: through the company's app (CW-10, GC-4).

WeCom tells an app which customer came, but only on the app's trusted domain; elsewhere it shows an error in
place of our page. So nobody is sent there before a member has signed in that way, which proves the domain.
Source: developer.work.weixin.qq.com, 构造网页授权链接 (path 91022), 获取访问用户身份 (91023); read 2026.
"""

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import quote

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.visitors.tickets import PersonTickets
from quanyu.wechat.wecom import oauth

_log = get_logger("staff.visitors")

BACK: Final = "/v/back"
PERSON_COOKIE: Final = "quanyu_person"  # A ticket: who it is.
UNKNOWN_COOKIE: Final = "quanyu_unknown"  # Nobody knows; asked a short while ago.
ASKED: Final = "asked"  # In the query on the way back: a browser without cookies is not asked for ever.
WAY_LIFE: Final = timedelta(minutes=10)
_CONTEXT: Final = b"visitors.way"
_OWN_PAGE: Final = re.compile(r"^/[fgl]/[\w.-]{1,80}(\?[!-~]{0,600})?\Z")


class DomainProof(Protocol):
    """Tells whether the app's trusted domain is this platform's."""

    async def __call__(self, uow: UnitOfWork, corp_id: AccountId, /) -> bool: ...


class CanonicalPeople(Protocol):
    """Tells who people are known as today."""

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a request says of the browser it came from."""

    page: str  # The path and query that was asked for.
    agent: str
    cookies: Mapping[str, str]
    was_asked: bool  # They come from there.
    was_marked: bool = False  # They come from the official account's page.


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where to send the browser, and the cookie that proves on its way back that it is the same one."""

    url: str
    cookie: str = field(repr=False)
    back: str = BACK  # Where they come back to: the cookie goes there alone.


class _Way(msgspec.Struct, frozen=True):
    tenant_id: int
    corp_id: int
    state: str
    until_s: float


class Recognition:
    """Finds out who looks."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: CorpClients,
        people: CanonicalPeople,
        is_proven: DomainProof,
        *,
        public_url: str,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._people = people
        self._is_proven = is_proven
        self._public_url = public_url.rstrip("/")
        self.tickets = PersonTickets(keyring)

    async def person(self, uow: UnitOfWork, cookies: Mapping[str, str]) -> PersonId | None:
        """Return who was recognised in this browser before, as they are known today."""
        found = self.tickets.read(uow.tenant_id, cookies.get(PERSON_COOKIE, ""))
        if found is None:
            return None
        return (await self._people.canonical_ids(uow, [found])).get(found, found)

    async def way(self, uow: UnitOfWork, corp_id: AccountId, visit: Visit) -> WayOut | None:
        """Return where to send a browser to learn who looks; ``None`` if it is known or cannot be."""
        if visit.was_asked or {PERSON_COOKIE, UNKNOWN_COOKIE} & visit.cookies.keys():
            return None
        if "MicroMessenger" not in visit.agent or not _OWN_PAGE.match(visit.page):
            return None
        if not await self._is_proven(uow, corp_id):
            return None
        corp = await Corps().get(uow, corp_id)
        until = uow.clock.now() + business_span(uow.clock, WAY_LIFE)
        way = _Way(uow.tenant_id, corp_id, secrets.token_hex(24), until.timestamp())
        url = oauth.authorise_url(
            corp.corp_id,
            f"{self._public_url}{BACK}?to={quote(visit.page, safe='')}",
            agent_id=corp.agent_id,
            state=way.state,
            base_url=corp.base_url,
        )
        return WayOut(url, self._keyring.seal(msgspec.json.encode(way), context=_CONTEXT).hex())

    async def finish(self, cookie: str, *, code: str, state: str) -> str:
        """Return the ticket of who came back with this code; empty if nobody knows them. Never fails."""
        way = self._open(cookie)
        if way is None or not code or not hmac.compare_digest(way.state.encode(), state.encode()):
            return ""
        if way.until_s <= self._uows.clock.now().timestamp():
            return ""
        tenant_id, corp_id = TenantId(way.tenant_id), AccountId(way.corp_id)
        try:
            person_id = await self._who(tenant_id, corp_id, code)
        except AppError as error:
            _log.info("staff.visitors.not_told", error=error.code)
            return ""
        return "" if person_id is None else self.tickets.issue(tenant_id, person_id)

    async def _who(self, tenant_id: TenantId, corp_id: AccountId, code: str) -> PersonId | None:
        client = await self._clients.get(tenant_id, corp_id)
        identity = await client.call(oauth.IDENTITY, oauth.CodeRequest(code=code))
        if not identity.external_userid:
            return None  # A member, or nobody's customer.
        async with self._uows.system(tenant_id) as uow:
            corp = await Corps().get(uow, corp_id)
            token = self._keyring.blind("external_userid", corp.corp_id, identity.external_userid)
            contact = (await ContactQueries(uow).find(corp_id, [token])).get(token)
        return None if contact is None or contact.person_id is None else PersonId(contact.person_id)

    def _open(self, cookie: str) -> _Way | None:
        try:
            opened = self._keyring.open(bytes.fromhex(cookie), context=_CONTEXT)
            return msgspec.json.decode(opened, type=_Way)
        except (ValueError, AppError, msgspec.DecodeError):
            return None


def is_own_page(path: str) -> bool:
    """Whether an address is one of the pages people are recognised on: nobody is sent elsewhere."""
    return _OWN_PAGE.match(path) is not None
