"""A brand with tags, an official account and a company in sandboxes, and the loops between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from contract.official_account.sandbox_process import Sandbox
from contract.wecom.corp import Corp as SandboxCorp
from integration.staff.conftest import Corp
from integration.tags.conftest import Desk
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.tag_mirroring.contracts import LinkReport, LinkTag, TagLink
from quanyu.flows.tag_mirroring.links import LinkDesk
from quanyu.flows.tag_mirroring.mirror import TagMirror
from quanyu.flows.tag_mirroring.queries import LinkQueries
from quanyu.flows.tag_mirroring.standing import LinkStanding
from quanyu.flows.tag_mirroring.subscriber import MirrorSubscriber
from quanyu.flows.tag_mirroring.worker import MirrorWorker
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.followers import FollowerQueries
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.channels.syncs.worker import SyncWorker
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.modules.channels.tags.worker import TagWorker
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.people.contracts import Departure, Identifier, Merge
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import ObservedTags, RelationKey
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.rules import News, NewsKind
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.service import CorpTagDesk
from quanyu.modules.staff.tags.worker import MarkWorker
from quanyu.wechat.official_account import tags as account_calls
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import corp_tags as corp_calls
from quanyu.wechat.wecom import customers as customer_calls
from quanyu.wechat.wecom.client import WeComClient


@dataclass
class Wire:
    """``CorpClients`` with the sandbox's company; keeps the calls that mark."""

    client: WeComClient
    marks: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    async def get(self, *_: Any) -> "Wire":
        return self

    async def call(self, spec: Any, request: Any) -> Any:
        if isinstance(request, corp_calls.MarkRequest):
            self.marks.append((request.userid, request.add_tag, request.remove_tag))
        return await self.client.call(spec, request)


class _Follows:
    """What ``flows.person_merge`` does for followers and for linked tags."""

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        await FollowerQueries(uow).repoint(
            [PersonId(one.from_id) for one in merges], [PersonId(one.to_id) for one in merges]
        )
        await LinkQueries(uow).give_turns(one.to_id for one in merges)


class World:
    """Both sides, driven step by step."""

    def __init__(
        self,
        desk: Desk,
        sandbox: Sandbox,
        account_id: AccountId,
        corp: Corp,
        corp_sandbox: SandboxCorp,
        transport: Transport,
        *,
        channels: Channels,
        clients: AccountClients,
    ) -> None:
        self.desk, self.sandbox, self.corp, self.corp_sandbox = desk, sandbox, corp, corp_sandbox
        self.called_before = 0
        self.account_id, self.clients, self.keys = account_id, clients, corp.keyring
        self.wire = Wire(corp_sandbox.client(transport, "app"))
        uows, corps, wire = self.uows, Corps(), cast(Any, self.wire)
        self.marks = CorpTagMarks(corps)
        self.account_tags = TagDesk(uows, clients)
        self.links = LinkDesk(
            uows, channels, corps, self.account_tags, CorpTagDesk(uows, wire, corps, self.marks)
        )
        self.standing = LinkStanding(uows, channels, corps, self.marks)
        self.worker = MirrorWorker(uows, TagMirror(desk.tags.giving, self.marks))
        self.tag_worker = TagWorker(uows, self.keys, clients)
        self.mark_worker = MarkWorker(uows, self.keys, wire, corps)
        self.sync_worker = SyncWorker(uows, self.keys, clients)
        subscriber = MirrorSubscriber()
        cast(Any, subscriber).after = ()  # The others do not run here: their tables are filled by hand.
        self.react = React(uows, subscriber, desk.brand.people.canonical_ids, BatchNames())
        cast(Any, desk.brand.resolve)._merging = _Follows()

    async def begin(self) -> "World":
        """Forget what was called before: the sandbox counts on."""
        self.called_before = await self._tagging_calls()
        return self

    @property
    def uows(self) -> UnitOfWorkFactory:
        return self.desk.brand.uows

    @property
    def tenant(self) -> TenantId:
        return self.desk.brand.tenant

    @property
    def account(self) -> str:
        return encode_id("oac", self.account_id)

    @property
    def company(self) -> str:
        return show_corp_id(self.corp.corp_id)

    async def follow(self, person: int, user: str, *, known_by: str = "user_id") -> str:
        """Let sandbox person n follow the account and be one of ours; return the openid."""
        openid = await self.sandbox.follow(person)
        app_id = self.sandbox.account["appid"]
        theirs = FactIdentifier(namespace="openid", scope=app_id, value=openid)
        number = await self._identify(user, theirs, known_by=known_by)
        async with self.uows.system(self.tenant) as uow:
            await uow.execute(
                "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, person_id, "
                "subscribed, first_seen_at, info_fetched_at) "
                "VALUES (:tenant, :account, :token, :sealed, :person, true, :now, :now)",
                {
                    "tenant": self.tenant,
                    "account": self.account_id,
                    "token": self.keys.blind("openid", app_id, openid),
                    "sealed": self.keys.seal(openid.encode()),
                    "person": number,
                    "now": uow.clock.now(),
                },
            )
            await LinkQueries(uow).give_turns([number])  # As hearing "followed" does.
        return openid

    async def meet(self, person: int, user: str, staff: str) -> tuple[str, RelationKey]:
        """Let a sandbox person and a member add each other, and be one of ours."""
        external = await self.corp_sandbox.add(person, staff)
        scope = self.corp.app_id
        number = await self._identify(
            user, FactIdentifier(namespace="external_userid", scope=scope, value=external)
        )
        key = RelationKey(self.corp.corp_id, staff, self.corp.token(external))
        async with self.uows.system(self.tenant) as uow:
            news = [News(NewsKind.ADDED, self.desk.brand.clock.now())]
            await keep(uow, {key: Heard(news=news, person_id=PersonId(number))})
            sealed = self.keys.seal(external.encode())
            await ContactQueries(uow).keep_ids(key.corp_id, {key.token: sealed})
            await ContactQueries(uow).ensure(
                [(key.corp_id, key.token)], persons={(key.corp_id, key.token): PersonId(number)}
            )
            await LinkQueries(uow).give_turns([number])  # As hearing "added" does.
        return external, key

    async def _identify(self, user: str, identifier: FactIdentifier, *, known_by: str = "user_id") -> int:
        mine = FactIdentifier(namespace=known_by, scope="", value=user)
        at = self.desk.brand.clock.now()
        event = IntakeEvent(
            kind="identify",
            name="Identified",
            source="test",
            message_id=f"{user}:{identifier.value}",
            occurred_at=at,
            identifiers=(mine, identifier),
        )
        await self.desk.brand.tell(event)
        people = self.desk.brand.people
        async with self.uows.system(self.tenant) as uow:
            named = Identifier(identifier.namespace, identifier.scope, identifier.value)
            [found] = await people.people_by_identifier(uow, [named])
            assert found is not None
            return int((await people.canonical_ids(uow, [found]))[found])

    async def link(self, tag: str, account: str, platform_tag: str | None = None) -> str:
        command = LinkTag(tag=tag, account=account, platform_tag=platform_tag)
        return await self.links.link(self.tenant, command, actor="小林")

    async def unlink(self, link: str) -> None:
        async with self.uows.app(self.tenant) as uow:
            await self.links.unlink(uow, link)

    async def links_now(self) -> dict[str, TagLink]:
        async with self.uows.app(self.tenant) as uow:
            return {one.id: one for one in await self.standing.list_links(uow)}

    async def report(self, link: str) -> LinkReport:
        return await self.standing.report(self.tenant, link)

    async def reconcile(self, link: str) -> int:
        async with self.uows.app(self.tenant) as uow:
            tried = (await self.standing.reconcile(uow, link)).tried_again
        await self.settle()
        return tried

    async def hear(self) -> None:
        """Let the pipeline and the mirror do everything that waits, without a call."""
        for _ in range(50):
            await self.desk.brand.drain()
            done = await self.react.run_once(self.tenant)
            if not done + await self.worker.run_once(self.tenant):
                return
        raise AssertionError("the mirror finds no end")

    async def settle(self) -> None:
        """Let everybody work until nothing is left to do."""
        for _ in range(150):
            self.desk.brand.clock.advance(timedelta(milliseconds=10))
            await self.hear()
            called = await self.tag_worker.run_once(self.tenant)
            called += await self.mark_worker.run_once(self.tenant)
            called += await self.sync_worker.run_once(self.tenant)
            if not called:
                return
        raise AssertionError("both sides go on and on: a loop")

    async def tagged_there(self, openid: str) -> set[int]:
        client = await self.clients.client(self.tenant, self.account_id)
        request = account_calls.TagsOfRequest(openid=openid)
        return set((await client.call(account_calls.TAGS_OF, request)).tagid_list)

    async def tag_there(self, openid: str, *tags: int, wanted: bool = True) -> None:
        """Somebody changes tags in the platform's own console, and a sync finds it."""
        client = await self.clients.client(self.tenant, self.account_id)
        call = account_calls.TAG if wanted else account_calls.UNTAG
        for tag in tags:
            await client.call(call, account_calls.TaggingRequest(openid_list=(openid,), tagid=tag))
        await self.sync()

    async def sync(self) -> None:
        self.desk.brand.clock.advance(timedelta(seconds=5))
        async with self.uows.app(self.tenant) as uow:
            await AccountSyncs().start(uow, self.account_id, SyncKind.TAGS)
        while await self.sync_worker.run_once(self.tenant):
            pass

    async def tagging_calls(self) -> int:
        """How often openids were tagged or untagged since the world began."""
        return await self._tagging_calls() - self.called_before

    async def _tagging_calls(self) -> int:
        counted = (await self.sandbox.control("GET", "/counters"))["calls"]
        return sum(int(times) for path, times in counted.items() if "/tags/members/batch" in path)

    async def marked_there(self, external: str, staff: str) -> set[str]:
        request = customer_calls.CustomerRequest(external_userid=external)
        answer = await self.wire.client.call(customer_calls.GET, request)
        return {tag.tag_id for one in answer.follow_user for tag in one.tags if one.userid == staff}

    async def edit(self, external: str, staff: str, *tags: str) -> None:
        """A member sets a customer's tags in the app."""
        body = {"userid": staff, "tag_ids": list(tags)}
        await self.corp_sandbox.control("PATCH", f"/customers/{external}/edit", body)

    async def look(self, external: str, *keys: RelationKey) -> None:
        """What the details worker does after an edit."""
        self.desk.brand.clock.advance(timedelta(seconds=1))
        seen = []
        for key in keys:
            tags = await self.marked_there(external, key.userid)
            now = self.desk.brand.clock.now()
            seen.append(ObservedTags(userid=key.userid, token=key.token, tag_ids=tuple(tags), asked_at=now))
        self.desk.brand.clock.advance(timedelta(seconds=1))
        async with self.uows.system(self.tenant) as uow:
            await self.marks.observe(uow, keys[0].corp_id, seen)
