"""WeCom's server API, typed.

``call`` makes any declared call of this package with the token of one secret; the named methods are those
with something to add: pages put together, and refusals that are answers.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.kernel.clock import Clock
from quanyu.wechat.budget_keeping import Budgets
from quanyu.wechat.calls import Call, Host, Nothing
from quanyu.wechat.client import Credentials, PlatformClient
from quanyu.wechat.errors import BudgetSpent, PlatformRefusal
from quanyu.wechat.tokens import AccessToken, TokenStore
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import credentials as corp_credentials
from quanyu.wechat.wecom import customer_groups, customers, departments, limits, members
from quanyu.wechat.wecom.kf import messages as kf_messages
from quanyu.wechat.windows import PublishedLimits

OFFICIAL_BASE_URL: Final = f"https://{Host.WECOM}"
NO_RELATION: Final = 84061
_WRONG_SECRET: Final = frozenset({40001, 40013, 40091})
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpCredentials:
    """One secret of a corp, and where the platform is: the real one or a sandbox."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: int = 0  # The app whose secret it is; 0 for those of contacts, customers, service and archive.
    base_url: str = OFFICIAL_BASE_URL


class WeComClient(PlatformClient):
    """Calls the platform with one secret of one corp."""

    def __init__(
        self,
        transport: Transport,
        known: CorpCredentials,
        store: TokenStore,
        clock: Clock,
        *,
        holder: str,
        budgets: Budgets | None = None,
        published: PublishedLimits | None = None,
        source: str = "this address",
    ) -> None:
        """``source`` names the address our calls come from: the platform limits it as a whole.

        ``published`` is one for all clients of a process.
        """
        base = Credentials(app_id=known.corp_id, secret=known.secret, base_url=known.base_url)
        super().__init__(transport, base, store, clock, holder=holder, budgets=budgets)
        self._agent_id = known.agent_id
        self._source = source
        self._published = published or PublishedLimits(clock)
        self._wrong_secret_pause = timedelta()
        self._wrong_secret_until: datetime | None = None

    @property
    def agent_id(self) -> int:
        """The app whose secret this client holds; 0 if it is another secret."""
        return self._agent_id

    async def fetch_token(self, force: bool = False) -> AccessToken:
        """Ask the platform for a token, past the cache; it repeats the present one while that lives.

        After a wrong secret we wait, longer each time: too many attempts block our address for an hour.

        Raises:
            BudgetSpent: the secret was refused a moment ago.
            PlatformRefusal: the platform knows corp or secret not, or our address is not trusted.
        """
        asked_at = self._clock.now()
        if self._wrong_secret_until is not None and asked_at < self._wrong_secret_until:
            raise BudgetSpent(corp_credentials.TOKEN.path, self._wrong_secret_until)
        try:
            answer = await self.call(corp_credentials.TOKEN, Nothing())
        except PlatformRefusal as error:
            if error.errcode in _WRONG_SECRET:
                self._wrong_secret_pause = min(
                    max(self._wrong_secret_pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE
                )
                self._wrong_secret_until = asked_at + self._wrong_secret_pause
            raise
        self._wrong_secret_pause, self._wrong_secret_until = timedelta(), None
        return AccessToken(
            value=answer.access_token,
            fetched_at=asked_at,
            expires_at=asked_at + timedelta(seconds=answer.expires_in),
        )

    async def _hold_back(self, call: Call[Any, Any]) -> None:
        app_key = f"{self.app_id}:{self._agent_id}"
        self._published.take(limits.rules_of(call, source=self._source, corp_id=self.app_id, app_key=app_key))
        await super()._hold_back(call)

    async def member(self, userid: str) -> members.Member:
        """Return one member."""
        return await self.call(members.GET, members.UserId(userid=userid))

    async def departments(self) -> tuple[departments.Department, ...]:
        """Return every department the secret may see."""
        return (await self.call(departments.LIST, departments.Below())).department

    async def member_id_pages(self) -> AsyncIterator[tuple[members.Placed, ...]]:
        """Yield who is in which department; one member appears once for each of theirs."""
        cursor = ""
        while True:
            page = await self.call(members.LIST_IDS, members.IdsRequest(cursor=cursor, limit=10_000))
            yield page.dept_user
            if not (cursor := page.next_cursor):
                return

    async def follow_users(self) -> tuple[str, ...]:
        """Return the members who may have customers."""
        return (await self.call(customers.FOLLOW_USERS, Nothing())).follow_user

    async def customers_of(self, userid: str) -> tuple[str, ...]:
        """Return the customers of a member; none is an answer, though the platform calls it an error."""
        try:
            return (await self.call(customers.LIST, customers.OfMember(userid=userid))).external_userid
        except PlatformRefusal as error:
            if error.errcode == NO_RELATION:
                return ()
            raise

    async def customer(self, external_userid: str) -> customers.CustomerAnswer:
        """Return one customer with all followers, whatever their number."""
        answer = await self.call(customers.GET, customers.CustomerRequest(external_userid=external_userid))
        followers, cursor = list(answer.follow_user), answer.next_cursor
        while cursor:
            request = customers.CustomerRequest(external_userid=external_userid, cursor=cursor)
            page = await self.call(customers.GET, request)
            followers += page.follow_user
            cursor = page.next_cursor
        return customers.CustomerAnswer(
            external_contact=answer.external_contact, follow_user=tuple(followers)
        )

    async def customer_pages(self, userids: Sequence[str]) -> AsyncIterator[customers.BatchAnswer]:
        """Yield the customers of up to ``customers.MEMBERS_MAX`` members, with what each says of theirs."""
        assert len(userids) <= customers.MEMBERS_MAX, f"at most {customers.MEMBERS_MAX}, got {len(userids)}"
        cursor = ""
        while True:
            request = customers.BatchRequest(userid_list=tuple(userids), cursor=cursor, limit=100)
            try:
                page = await self.call(customers.BATCH, request)
            except PlatformRefusal as error:
                if error.errcode == NO_RELATION:
                    return
                raise
            yield page
            if not (cursor := page.next_cursor):
                return

    async def group_pages(
        self, *, owners: Sequence[str] = (), status: int = 0
    ) -> AsyncIterator[tuple[customer_groups.ListedGroup, ...]]:
        """Yield the customer groups, of everybody or of up to 100 owners."""
        owned = customer_groups.Owners(userid_list=tuple(owners)) if owners else None
        cursor = ""
        while True:
            request = customer_groups.ListRequest(
                status_filter=status, owner_filter=owned, cursor=cursor, limit=1000
            )
            page = await self.call(customer_groups.LIST, request)
            yield page.group_chat_list
            if not (cursor := page.next_cursor):
                return

    async def group(self, chat_id: str) -> customer_groups.Group:
        """Return one customer group with its people and their names."""
        request = customer_groups.GroupRequest(chat_id=chat_id, need_name=1)
        return (await self.call(customer_groups.GET, request)).group_chat

    async def kf_message_pages(
        self, open_kfid: str, *, cursor: str, token: str = ""
    ) -> AsyncIterator[kf_messages.SyncAnswer]:
        """Yield what was said since ``cursor``; keep each page's ``next_cursor`` once the page is safe.

        ``token`` is the one of the callback, good for ten minutes: without it the platform answers seldom.
        Rows may come again: they are one if their ``msgid`` is.
        """
        while True:
            request = kf_messages.SyncRequest(cursor=cursor, token=token, open_kfid=open_kfid)
            page = await self.call(kf_messages.SYNC, request)
            yield page
            if not page.has_more or not page.next_cursor or page.next_cursor == cursor:
                return
            cursor = page.next_cursor
