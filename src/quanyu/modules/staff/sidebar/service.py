"""What a member sees of their own customers beside a chat, and what they may change."""

from dataclasses import asdict
from urllib.parse import urlsplit

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.paging import clamp_limit, encode_cursor
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.people.contracts import TimelineFilter
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Contact, Relation, RelationKey, StateNames
from quanyu.modules.staff.customers.listing import ListingQueries, place_of, wanted
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.errors import UnknownMember
from quanyu.modules.staff.sidebar import facts, views
from quanyu.modules.staff.sidebar.contracts import (
    CorpTagChoices,
    CustomerCard,
    FoundCustomer,
    MarkTags,
    Notes,
    OwnCustomers,
    ShownEvents,
    ShownMessage,
    SidebarConfig,
    SidebarSession,
    StaffCaller,
    StaffTasks,
    WriteNotes,
)
from quanyu.modules.staff.sidebar.errors import ForeignAddress, NotTheirCustomer
from quanyu.modules.staff.sidebar.ports import CustomerTags, Errands, PersonMessages
from quanyu.modules.staff.sidebar.queries import DeedQueries
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.errors import WechatError
from quanyu.wechat.wecom import customers as calls

HELD = (RelationStatus.ACTIVE, RelationStatus.HALF)
LOST = (RelationStatus.DELETED_BY_CUSTOMER,)
_MESSAGES = 10
_TASKS = 100


class SidebarDesk:
    """Everything is asked for one signed-in member, and answered about their own customers only."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: CorpClients,
        directory: Directory,
        people: People,
        tenants: Tenants,
        *,
        public_url: str,
        messages: PersonMessages,
        errands: Errands,
        tags: CustomerTags | None = None,
        state_names: StateNames | None = None,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._directory = directory
        self._people = people
        self._tenants = tenants
        self._public_url = public_url
        self._messages = messages
        self._errands = errands
        self._tags = tags
        self._state_names = state_names

    async def session(self, uow: UnitOfWork, caller: StaffCaller) -> SidebarSession:
        """Return who is signed in."""
        corp = await Corps().get(uow, caller.corp_id)
        known = await DirectoryQueries(uow).by_userids(caller.corp_id, [caller.userid])
        member = known.get(caller.userid)
        return SidebarSession(
            userid=caller.userid,
            name=member.shown_name if member else caller.userid,
            avatar=member.avatar if member else "",
            corp_name=corp.name,
            is_online=member.is_online if member else False,
            time_zone=(await self._tenants.get_brand(uow)).time_zone,
            now=uow.clock.now(),
        )

    async def page_config(self, caller: StaffCaller, url: str) -> SidebarConfig:
        """Sign our own page for the client's functions; tickets are shared by all processes.

        Raises:
            ForeignAddress: the page is not ours: signing it would lend others the app's rights.
            WechatError: no ticket could be had.
        """
        ours, asked = urlsplit(self._public_url), urlsplit(url)
        if (asked.scheme, asked.netloc) != (ours.scheme, ours.netloc) or not asked.path.startswith(
            "/sidebar/"
        ):
            raise ForeignAddress(
                f"only pages below {self._public_url}/sidebar/ are signed",
                message_zh=f"只能为 {self._public_url}/sidebar/ 下的页面签名，请通过该地址打开",
            )
        sdk = await self._clients.js_sdk(caller.tenant_id, caller.corp_id)
        client = await self._clients.get(caller.tenant_id, caller.corp_id)
        agent = await sdk.agent_config(url, agent_id=client.agent_id)
        return SidebarConfig(corp=asdict(await sdk.corp_config(url)), agent=asdict(agent))

    async def customers(
        self, uow: UnitOfWork, caller: StaffCaller, *, lost: bool, cursor: str | None, limit: int | None
    ) -> OwnCustomers:
        """Return the member's customers, or those who deleted them."""
        asked = wanted(corp_id=caller.corp_id, userid=caller.userid, statuses=LOST if lost else HELD)
        size = clamp_limit(limit)
        queries = ListingQueries(uow)
        found = await queries.page(asked, before=views.place(cursor), limit=size + 1)
        shown = found[:size]
        contacts = await ContactQueries(uow).find(caller.corp_id, [one.key.token for one in shown])
        following = None
        if len(found) > size:
            at, userid, token = place_of(shown[-1])
            following = encode_cursor(at.isoformat(), userid, token.hex())
        return OwnCustomers(
            items=tuple(views.own_customer(one, contacts.get(one.key.token), self._keyring) for one in shown),
            next_cursor=following,
            total=await queries.count(asked),
        )

    async def find(self, uow: UnitOfWork, caller: StaffCaller, external_userid: str) -> FoundCustomer:
        """Return the id on this page of the customer a chat is with.

        Raises:
            NotTheirCustomer: the member has nothing to do with them.
        """
        app_id = (await Corps().get(uow, caller.corp_id)).corp_id
        token = self._keyring.blind(CUSTOMER_NAMESPACE, app_id, external_userid)
        await self._relation(uow, caller, token)
        return FoundCustomer(customer=token.hex())

    async def card(self, uow: UnitOfWork, caller: StaffCaller, customer: str) -> CustomerCard:
        """Return what is known of a customer of the member.

        Raises:
            NotTheirCustomer: the member has nothing to do with them.
        """
        relation, contact = await self._own(uow, caller, customer)
        token = relation.key.token
        several = await RelationQueries(uow).of_customers(caller.corp_id, [token], active_only=True)
        others = [one for one in several.get(token, ()) if one.key.userid != caller.userid]
        userids = [one.key.userid for one in others] + ([relation.brought_by] if relation.brought_by else [])
        members = await DirectoryQueries(uow).by_userids(caller.corp_id, userids)
        profile = None
        messages: tuple[ShownMessage, ...] = ()
        if relation.person_id is not None:
            profile = await self._people.get_profile(uow, relation.person_id)
            messages = await self._messages.latest(uow, relation.person_id, limit=_MESSAGES)
        return views.card(
            relation,
            contact,
            others,
            members,
            profile,
            messages,
            name=views.name_of(contact, self._keyring),
            source=await self._source(uow, relation),
        )

    async def _source(self, uow: UnitOfWork, relation: Relation) -> str:
        """Return what the code is called they came by; a state that is not ours is shown as it is."""
        if not relation.state or self._state_names is None:
            return relation.state
        names = await self._state_names(uow, relation.key.corp_id, [relation.state])
        return names.get(relation.state, relation.state)

    async def timeline(
        self, uow: UnitOfWork, caller: StaffCaller, customer: str, *, orders: bool, cursor: str | None
    ) -> ShownEvents:
        """Return what a customer of the member did, or bought.

        Raises:
            NotTheirCustomer: the member has nothing to do with them.
            WarehouseUnavailable: history cannot be read now.
        """
        relation, _ = await self._own(uow, caller, customer)
        if relation.person_id is None:
            return ShownEvents(items=(), next_cursor=None)
        name = "Order Completed" if orders else ""
        wanted = TimelineFilter(name=name)
        page = await self._people.timeline(uow, relation.person_id, cursor=cursor, limit=20, wanted=wanted)
        return ShownEvents(items=tuple(views.event(one) for one in page.items), next_cursor=page.next_cursor)

    async def notes(self, caller: StaffCaller, customer: str) -> Notes:
        """Return what the member noted of a customer, as the platform has it now.

        Raises:
            NotTheirCustomer: the member does not have them (any more).
            WechatError: the platform cannot be asked now.
        """
        external_userid = await self._external(caller, customer)
        client = await self._clients.get(caller.tenant_id, caller.corp_id)
        answer = await client.customer(external_userid)
        own = next((one for one in answer.follow_user if one.userid == caller.userid), None)
        if own is None:
            raise _not_theirs()
        return views.notes(own)

    async def write_notes(self, caller: StaffCaller, customer: str, command: WriteNotes) -> Notes:
        """Write the member's notes to the platform, in the member's name, and return them as they are then.

        The deed is on record before the call. Writing the same again changes nothing, so what came to an
        unknown end may simply be done again.

        Raises:
            NotTheirCustomer: the member does not have them (any more).
            WechatError: the platform refused, or did not answer.
        """
        external_userid = await self._external(caller, customer)
        token = bytes.fromhex(customer)
        async with self._uows.app(caller.tenant_id) as uow:
            relation = await self._relation(uow, caller, token)
            deed = await DeedQueries(uow).intend(
                caller, "notes", token=token, person_id=relation.person_id, fields=command.fields
            )
        client = await self._clients.get(caller.tenant_id, caller.corp_id)
        request = calls.RemarkRequest(
            userid=caller.userid,
            external_userid=external_userid,
            remark=command.remark,
            description=command.description,
            remark_company=command.company,
            # The platform clears them by one empty number.
            remark_mobiles=None if command.mobiles is None else (command.mobiles or ("",)),
        )
        try:
            await client.call(calls.REMARK, request)
        except WechatError as error:
            async with self._uows.app(caller.tenant_id) as uow:
                await DeedQueries(uow).settle(deed, views.outcome_of(error), error.code)
            raise
        async with self._uows.app(caller.tenant_id) as uow:
            await DeedQueries(uow).settle(deed, "done")
            # The platform reports changes made in its client, not ours: have it asked.
            await ContactQueries(uow).ask_about([(caller.corp_id, token)])
            fact = facts.about_customer(
                facts.CUSTOMER_NOTED, deed, app_id=client.app_id, external_userid=external_userid
            )
            uow.publish(fact)
        return await self.notes(caller, customer)

    async def tag_choices(self, uow: UnitOfWork, caller: StaffCaller) -> CorpTagChoices:
        """Return the tags that can be given."""
        if self._tags is None:
            return CorpTagChoices(items=(), can_mark=False)
        return CorpTagChoices(items=await self._tags.choices(uow, caller.corp_id), can_mark=True)

    async def mark(self, uow: UnitOfWork, caller: StaffCaller, customer: str, command: MarkTags) -> None:
        """Have tags given and taken; they reach the platform within seconds.

        Raises:
            NotTheirCustomer: the member does not have them (any more).
        """
        relation, contact = await self._own(uow, caller, customer, held=True)
        if self._tags is None or contact is None or contact.sealed is None:
            raise _not_theirs()
        await self._tags.mark(uow, caller, relation.key.token, add=command.add, remove=command.remove)
        fields = [f"+{tag}" for tag in command.add] + [f"-{tag}" for tag in command.remove]
        deed = await DeedQueries(uow).intend(
            caller,
            "tags",
            token=relation.key.token,
            person_id=relation.person_id,
            fields=fields,
            state="done",
        )
        fact = facts.about_customer(
            facts.CUSTOMER_TAGS_ASKED,
            deed,
            app_id=(await Corps().get(uow, caller.corp_id)).corp_id,
            external_userid=self._keyring.open(contact.sealed).decode(),
        )
        uow.publish(fact)

    async def tasks(self, uow: UnitOfWork, caller: StaffCaller) -> StaffTasks:
        """Return what the member should know or do."""
        return StaffTasks(items=await self._errands.of(uow, caller, limit=_TASKS))

    async def switch(self, uow: UnitOfWork, caller: StaffCaller, *, is_online: bool) -> None:
        """Take new customers, or none for now (CW-12). Repeating it changes nothing.

        Raises:
            UnknownMember: the directory does not know them yet.
        """
        member = await self._directory.find(uow, caller.corp_id, caller.userid)
        if member is None:
            raise UnknownMember(f"no member {caller.userid} yet", message_zh="通讯录中还没有该成员")
        if member.is_online != is_online:
            await self._directory.switch_online(
                uow, member.member_id, is_online=is_online, reason=f"staff:{caller.userid}"
            )
            what = "online" if is_online else "offline"
            await DeedQueries(uow).intend(caller, what, state="done")

    async def _external(self, caller: StaffCaller, customer: str) -> str:
        async with self._uows.app(caller.tenant_id) as uow:
            _, contact = await self._own(uow, caller, customer, held=True)
        if contact is None or contact.sealed is None:
            raise _not_theirs()
        return self._keyring.open(contact.sealed).decode()

    async def _own(
        self, uow: UnitOfWork, caller: StaffCaller, customer: str, *, held: bool = False
    ) -> tuple[Relation, Contact | None]:
        token = views.token_of(customer)
        if token is None:
            raise _not_theirs()
        relation = await self._relation(uow, caller, token)
        if held and relation.status not in HELD:
            raise _not_theirs()
        return relation, (await ContactQueries(uow).find(caller.corp_id, [token])).get(token)

    async def _relation(self, uow: UnitOfWork, caller: StaffCaller, token: bytes) -> Relation:
        """Return the member's relation: present, or ended by the customer. Others' customers are nobody."""
        key = RelationKey(caller.corp_id, caller.userid, token)
        relation = await RelationQueries(uow).find(key)
        if relation is None or relation.status not in (*HELD, *LOST):
            raise _not_theirs()
        return relation


def _not_theirs() -> NotTheirCustomer:
    return NotTheirCustomer("this is no customer of yours", message_zh="该联系人不是你的客户")
