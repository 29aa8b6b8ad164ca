"""Corp tags against the sandbox: the list mirrored, customers marked, the platform's side heard."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from contract.wecom.corp import Corp as SandboxCorp
from contract.wecom.corp import running_corp
from integration.staff.conftest import Corp
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import ObservedTags, RelationKey
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.rules import News, NewsKind
from quanyu.modules.staff.tags.contracts import Arrange, CorpTagging, CorpTagGroup, NewTags, PersonCorpTag
from quanyu.modules.staff.tags.errors import NotOurTag
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.tags import TagQueries
from quanyu.modules.staff.tags.rules import ConflictPolicy, Winner
from quanyu.modules.staff.tags.service import CorpTagDesk
from quanyu.modules.staff.tags.subscribers import CorpTagSubscriber
from quanyu.modules.staff.tags.sync import TagListWorker
from quanyu.modules.staff.tags.worker import MarkWorker
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from quanyu.wechat.wecom import customers as customer_calls
from quanyu.wechat.wecom.client import WeComClient

PERSON = PersonId(7)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxCorp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture(scope="module")
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@dataclass
class Wire:
    """``CorpClients`` with the sandbox's company; counts the calls that mark."""

    client: WeComClient
    marks: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    async def get(self, *_: Any) -> "Wire":
        return self

    async def call(self, spec: Any, request: Any) -> Any:
        if hasattr(request, "add_tag"):
            self.marks.append((request.add_tag, request.remove_tag))
        return await self.client.call(spec, request)


@dataclass
class Brand:
    """A brand with a company, one of whose members has one customer."""

    corp: Corp
    sandbox: SandboxCorp
    wire: Wire
    uows: UnitOfWorkFactory
    clock: FixedClock
    staff: str = ""
    external: str = ""

    def __post_init__(self) -> None:
        corps, clients = Corps(), cast(Any, self.wire)
        self.marks = CorpTagMarks(corps)
        self.desk = CorpTagDesk(self.uows, clients, corps, self.marks)
        self.lists = TagListWorker(self.uows, clients, corps)
        self.marker = MarkWorker(self.uows, self.corp.keyring, clients, corps)
        self.subscriber = CorpTagSubscriber(corps)

    @property
    def tenant_id(self) -> TenantId:
        return self.corp.tenant_id

    @property
    def relation(self) -> RelationKey:
        return RelationKey(self.corp.corp_id, self.staff, self.corp.token(self.external))

    async def meet(self, person: int) -> None:
        """Let the first member and a person add each other, and know of it."""
        self.staff = (await self.sandbox.staff())[0]
        self.external = await self.sandbox.add(person, self.staff)
        key = self.relation
        async with self.uows.system(self.tenant_id) as uow:
            news = [News(NewsKind.ADDED, self.clock.now())]
            await keep(uow, {key: Heard(news=news, person_id=PERSON)})
            sealed = self.corp.keyring.seal(self.external.encode())
            await ContactQueries(uow).keep_ids(key.corp_id, {key.token: sealed})

    async def make(self, group: str, *names: str) -> CorpTagGroup:
        """Create tags from our side."""
        command = NewTags(corp=show_corp_id(self.corp.corp_id), group_name=group, names=names)
        return await self.desk.create(self.tenant_id, self.corp.corp_id, command)

    async def mark(self, *add: str, remove: tuple[str, ...] = ()) -> None:
        self.clock.advance(timedelta(seconds=1))
        async with self.uows.app(self.tenant_id) as uow:
            await self.marks.mark(uow, self.relation, add, remove, why="code:lvc_1")

    async def work(self, *, after: timedelta = timedelta()) -> None:
        """Carry out what is due until nothing is."""
        self.clock.advance(after)
        for _ in range(20):
            if not await self.marker.run_once(self.tenant_id):
                return
        raise AssertionError("the worker finds no end")

    async def read_list(self) -> None:
        self.clock.advance(timedelta(minutes=1))
        while await self.lists.run_once(self.tenant_id):
            pass

    async def there(self) -> set[str]:
        """What the platform says the relation carries."""
        self.clock.advance(timedelta(seconds=1))
        request = customer_calls.CustomerRequest(external_userid=self.external)
        answer = await self.wire.client.call(customer_calls.GET, request)
        return {tag.tag_id for one in answer.follow_user for tag in one.tags if one.userid == self.staff}

    async def edit(self, *tags: str) -> None:
        """The member sets the customer's tags in the app."""
        await self.sandbox.control(
            "PATCH", f"/customers/{self.external}/edit", {"userid": self.staff, "tag_ids": list(tags)}
        )

    async def look(self) -> None:
        """What the details worker does after an edit."""
        seen = await self.there()
        self.clock.advance(timedelta(seconds=1))
        key, now = self.relation, self.clock.now()
        observed = ObservedTags(userid=key.userid, token=key.token, tag_ids=tuple(seen), asked_at=now)
        async with self.uows.system(self.tenant_id) as uow:
            await self.marks.observe(uow, key.corp_id, [observed])

    async def here(self) -> dict[str, PersonCorpTag]:
        async with self.uows.app(self.tenant_id) as uow:
            return {one.name: one for one in await self.desk.tags_of(uow, PERSON)}

    async def policy(self, policy: ConflictPolicy) -> None:
        async with self.uows.app(self.tenant_id) as uow:
            await self.desk.set_policy(uow, self.corp.corp_id, policy)

    async def winners(self) -> list[Winner]:
        async with self.uows.app(self.tenant_id) as uow:
            page = await self.desk.conflicts(uow, self.corp.corp_id, cursor=None, limit=50)
        return [one.winner for one in page.items]

    async def facts(self) -> list[tuple[str, str, str]]:
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT name, properties FROM log_event WHERE tenant_id = :tenant "
                "AND name LIKE 'staff.customer_%tagged' ORDER BY position",
                {"tenant": self.tenant_id},
            )
            return [(row.name, row.properties["tag"], row.properties["origin"]) for row in rows]

    async def groups(self) -> dict[str, dict[str, bool]]:
        """Names of tags by group, in order, with whether they are ours."""
        async with self.uows.app(self.tenant_id) as uow:
            listed = await self.desk.list_tags(uow, self.corp.corp_id)
        return {group.name: {tag.name: tag.is_own for tag in group.tags} for group in listed.groups}


@pytest.fixture
async def brand(
    sandbox: SandboxCorp,
    transport: Transport,
    corp: Corp,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
) -> Brand:
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")
    clock.advance(datetime.now(UTC) - clock.now())
    opened = Brand(corp, sandbox, Wire(sandbox.client(transport, "app")), uows, clock)
    await opened.meet(1)
    return opened


async def test_the_list_is_mirrored_and_only_our_own_tags_can_be_changed(brand: Brand) -> None:
    made = await brand.sandbox.control("POST", "/tags", {"group_name": "等级", "names": ["VIP"]})
    vip = str(made["tags"][0]["id"])
    ours = await brand.make("来源", "门店", "官网", "门店")
    await brand.read_list()
    assert await brand.groups() == {"等级": {"VIP": False}, "来源": {"门店": True, "官网": True}}

    by_name = {tag.name: tag.id for tag in ours.tags}
    await brand.desk.rename(brand.tenant_id, brand.corp.corp_id, by_name["门店"], "线下门店")
    order = Arrange(corp=show_corp_id(brand.corp.corp_id), ids=(by_name["官网"], by_name["门店"]))
    await brand.desk.arrange(brand.tenant_id, brand.corp.corp_id, order)
    await brand.read_list()
    assert list((await brand.groups())["来源"]) == ["官网", "线下门店"]

    with pytest.raises(NotOurTag):
        await brand.desk.rename(brand.tenant_id, brand.corp.corp_id, vip, "贵宾")
    async with brand.uows.app(brand.tenant_id) as uow:
        await TagQueries(uow).set_own(brand.corp.corp_id, [vip], is_own=True)
    with pytest.raises(NotOurTag):  # The platform says so, and it is remembered.
        await brand.desk.delete(brand.tenant_id, brand.corp.corp_id, vip)
    assert (await brand.groups())["等级"] == {"VIP": False}


async def test_tags_of_one_relation_go_in_one_call_and_are_stated(brand: Brand) -> None:
    group = await brand.make("来源", "门店", "官网")
    store, site = (tag.id for tag in group.tags)
    await brand.mark(store, site)
    await brand.work()
    await brand.mark(site, remove=(store,))
    await brand.work()
    await brand.work()

    assert await brand.there() == {site}
    assert [len(add) + len(remove) for add, remove in brand.wire.marks] == [2, 1]
    assert sorted(await brand.facts()) == [
        ("staff.customer_tagged", "官网", "code:lvc_1"),
        ("staff.customer_tagged", "门店", "code:lvc_1"),
        ("staff.customer_untagged", "门店", "code:lvc_1"),
    ]


async def test_one_tag_that_is_refused_does_not_hold_up_the_others(brand: Brand) -> None:
    good, bad = (tag.id for tag in (await brand.make("来源", "好", "坏")).tags)
    await brand.desk.delete(brand.tenant_id, brand.corp.corp_id, bad)
    await brand.mark(good, bad)
    await brand.work()

    async with brand.uows.app(brand.tenant_id) as uow:
        [failure] = await brand.desk.failures(uow, brand.corp.corp_id)
    assert await brand.there() == {good}
    assert (failure.tag_id, failure.reason, failure.wanted) == (bad, "40068", True)
    assert "标签 ID 不合法" in failure.detail_zh


async def test_a_busy_customer_is_left_alone_for_a_moment(brand: Brand) -> None:
    """45035: somebody else is changing this customer."""
    [tag] = (await brand.make("来源", "门店")).tags
    fault = {"path": "/cgi-bin/externalcontact/mark_tag", "errcode": 45035, "times": 1}
    await brand.sandbox.control("POST", "/faults", fault)
    await brand.mark(tag.id)
    await brand.work()
    assert await brand.there() == set()
    assert (await brand.here())["门店"].wanted is True

    await brand.work(after=timedelta(seconds=5))

    assert await brand.there() == {tag.id}


@pytest.mark.parametrize(
    ("policy", "winner", "ends"),
    [
        (ConflictPolicy.PLATFORM, Winner.PLATFORM, False),
        (ConflictPolicy.OURS, Winner.OURS, True),
        (ConflictPolicy.NEWEST, Winner.PLATFORM, False),
    ],
)
async def test_what_a_member_undoes_is_decided_by_the_policy_and_written_down(
    brand: Brand, policy: ConflictPolicy, winner: Winner, ends: bool
) -> None:
    [tag] = (await brand.make("来源", "门店")).tags
    await brand.policy(policy)
    await brand.mark(tag.id)
    await brand.work()
    await brand.look()

    await brand.edit()
    await brand.look()
    await brand.work()
    await brand.look()
    await brand.work()

    assert (await brand.there() == {tag.id}) is ends
    assert ("门店" in await brand.here()) is ends
    assert await brand.winners() == [winner]
    assert len(brand.wire.marks) == 1 + ends  # Nothing loops.


async def test_tags_members_give_are_known_and_stated_but_not_those_from_before(brand: Brand) -> None:
    old, new = (await brand.make("等级", "老客", "VIP")).tags
    await brand.edit(old.id)
    await brand.look()
    await brand.edit(old.id, new.id)
    await brand.look()

    assert {name: one.carried for name, one in (await brand.here()).items()} == {"老客": True, "VIP": True}
    assert await brand.facts() == [("staff.customer_tagged", "VIP", "platform")]
    assert await brand.winners() == []


async def test_people_are_tagged_by_their_relations_and_others_are_counted(brand: Brand) -> None:
    [tag] = (await brand.make("来源", "门店")).tags
    people = (encode_id("per", PERSON), encode_id("per", 8))
    asked = CorpTagging(corp=show_corp_id(brand.corp.corp_id), people=people, add=(tag.id,))
    async with brand.uows.app(brand.tenant_id) as uow:
        taken = await brand.desk.change_people(uow, brand.corp.corp_id, asked)
    await brand.work()

    assert (taken.waiting, taken.without_relation) == (1, 1)
    assert await brand.there() == {tag.id}


async def test_a_tag_deleted_over_there_is_gone_here_once_it_is_heard_of(brand: Brand) -> None:
    keep_it, drop_it = (await brand.make("来源", "门店", "官网")).tags
    await brand.mark(keep_it.id, drop_it.id)
    await brand.work()
    await brand.read_list()
    await brand.sandbox.control("DELETE", f"/tags/{drop_it.id}")
    event = brand.corp.event("customer_tag_deleted", "", at=0, id=drop_it.id, type="tag")
    async with brand.uows.system(brand.tenant_id) as uow:
        await brand.subscriber.apply(uow, [event], None)
    await brand.read_list()

    assert await brand.groups() == {"来源": {"门店": True}}
    assert set(await brand.here()) == {"门店"}


async def test_what_was_carried_ends_when_the_member_deletes_the_customer(brand: Brand) -> None:
    [tag] = (await brand.make("来源", "门店")).tags
    await brand.policy(ConflictPolicy.OURS)
    await brand.mark(tag.id)
    await brand.work()
    seconds = int((brand.clock.now() - datetime(2026, 3, 4, 9, tzinfo=UTC)).total_seconds()) + 5
    event = brand.corp.event("customer_deleted_by_staff", brand.staff, brand.external, at=seconds)
    async with brand.uows.system(brand.tenant_id) as uow:
        await brand.subscriber.apply(uow, [event], None)
    brand.clock.advance(timedelta(minutes=1))
    await brand.edit()
    await brand.look()
    await brand.work()

    assert await brand.winners() == []
    assert await brand.there() == set()


async def test_a_customer_whose_id_is_on_its_way_is_waited_for(brand: Brand) -> None:
    [tag] = (await brand.make("来源", "门店")).tags
    key = brand.relation
    async with brand.uows.system(brand.tenant_id) as uow:
        rows = await uow.execute(
            "UPDATE external_contact c SET sealed = NULL FROM external_contact o WHERE c.tenant_id = :tenant "
            "AND o.tenant_id = c.tenant_id AND o.corp_id = c.corp_id AND o.token = c.token "
            "RETURNING o.sealed",
            {"tenant": brand.tenant_id},
        )
        sealed = bytes(rows.one().sealed)
    await brand.mark(tag.id)
    await brand.work()
    assert brand.wire.marks == []

    async with brand.uows.system(brand.tenant_id) as uow:
        await ContactQueries(uow).keep_ids(key.corp_id, {key.token: sealed})
    await brand.work(after=timedelta(seconds=5))

    assert await brand.there() == {tag.id}
