"""Company accounts on a real database: by hand, by group calls, merged and parted; people who merge, too."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.people.companies.calls import GroupSubscriber
from quanyu.modules.people.companies.contracts import (
    CompanyId,
    MergeCompanies,
    SaveCompany,
    SaveContact,
    TellApart,
)
from quanyu.modules.people.companies.errors import (
    CompanyInUse,
    CompanyNotFound,
    ExternalIdTaken,
    ImpossibleHierarchy,
    ImpossibleMerge,
    PersonalAttribute,
    UnknownOwner,
)
from quanyu.modules.people.companies.following import CompanyPeople
from quanyu.modules.people.companies.listing import CompanyFilter
from quanyu.modules.people.companies.resembling import Resemblances
from quanyu.modules.people.companies.service import Companies, read_company_id, read_merge_id, show_company_id
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People

ALL = CompanyFilter()


@dataclass
class Office:
    """A brand's companies, as somebody at a desk sees them."""

    uows: UnitOfWorkFactory
    tenant: TenantId
    companies: Companies
    positions: list[int] = field(default_factory=lambda: [0])

    async def make(self, name: str, **said: Any) -> CompanyId:
        async with self.uows.app(self.tenant) as uow:
            return await self.companies.create(uow, SaveCompany(name=name, **said), actor="ling")

    async def save(self, company: CompanyId, name: str, **said: Any) -> None:
        async with self.uows.app(self.tenant) as uow:
            await self.companies.save(uow, company, SaveCompany(name=name, **said))

    async def do(self, act: str, *arguments: Any, **options: Any) -> Any:
        async with self.uows.app(self.tenant) as uow:
            return await getattr(self.companies, act)(uow, *arguments, **options)

    async def people(self, *numbers: int) -> None:
        async with self.uows.system(self.tenant) as uow:
            for number in numbers:
                await uow.execute(
                    "INSERT INTO person (tenant_id, id, canonical_id, created_at, first_seen_at, "
                    "last_seen_at) VALUES (:tenant, :id, :id, :now, :now, :now)",
                    {"tenant": self.tenant, "id": number, "now": uow.clock.now()},
                )

    async def call(self, person: int | None, minute: int = 0, **properties: Any) -> LogEvent:
        """Let somebody send a group call, and return it as the subscriber got it."""
        self.positions[0] += 1
        at = self.uows.clock.now() + timedelta(minutes=minute - 60)
        who = None if person is None else PersonId(person)
        event = LogEvent(
            position=self.positions[0], person_id=who, stamped_id=who, kind="group", name="Group",
            occurred_at=at, received_at=at, source="crm", message_id=str(self.positions[0]),
            properties=properties,
        )  # fmt: skip
        await self.take([event])
        return event

    async def take(self, events: Sequence[LogEvent]) -> None:
        async with self.uows.system(self.tenant) as uow:
            await GroupSubscriber().apply(uow, events, None)

    async def named(self, name: str) -> CompanyId:
        page = await self.do("page", CompanyFilter(q=name))
        assert len(page.items) == 1, page
        return read_company_id(page.items[0].id)

    async def contacts(self, company: CompanyId, **options: Any) -> list[tuple[Any, ...]]:
        page = await self.do("contacts", company, **options)
        return [(one.person, one.roles, one.is_primary, one.until is None) for one in page.items]

    async def state(self) -> list[Any]:
        """Everything a merge may move: what counts, and where everybody stands."""
        async with self.uows.system(self.tenant) as uow:
            found = []
            for sql in (
                "SELECT id, known_as, name, domain, parent_id, owner, attributes FROM company "
                "WHERE tenant_id = :tenant AND id = known_as ORDER BY id",
                "SELECT m.known_as, t.person_id, t.roles, t.is_primary, t.since, t.until "
                "FROM company_contact t JOIN company m ON m.tenant_id = t.tenant_id AND m.id = t.company_id "
                "WHERE t.tenant_id = :tenant ORDER BY 1, 2",
            ):
                found.append([tuple(row) for row in await uow.execute(sql, {"tenant": self.tenant})])
            return found


def per(number: int) -> str:
    return encode_id("per", number)


@pytest.fixture
def office(uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: Any) -> Office:
    people = People(key_ring, Warehouse.at("http://127.0.0.1:1"))  # Never asked here.
    return Office(uows, tenant_id, Companies(people))


async def test_a_company_is_made_found_changed_and_deleted(office: Office) -> None:
    top = await office.make("青山集团", external_id="C-0", domain="https://www.qingshan.com/")
    below = await office.make(
        "青山茶业", parent=show_company_id(top), attributes={"industry": "茶", "employees": 120}
    )

    found = await office.do("get", below)
    assert (found.row.name, found.row.parent.name, [one.name for one in found.path]) == (
        "青山茶业",
        "青山集团",
        ["青山集团"],
    )
    assert [(one.key, one.value, one.source) for one in found.attributes] == [
        ("employees", 120, "console"),
        ("industry", "茶", "console"),
    ]
    by_domain = await office.do("page", CompanyFilter(q="QINGSHAN"))
    assert [(one.name, one.domain, one.children) for one in by_domain.items] == [
        ("青山集团", "qingshan.com", 1)
    ]
    for wanted, names in (
        (CompanyFilter(attribute="industry", value="茶"), ["青山茶业"]),
        (CompanyFilter(attribute="industry", value="酒"), []),
        (CompanyFilter(is_top=True), ["青山集团"]),
        (CompanyFilter(parent=top), ["青山茶业"]),
        (CompanyFilter(has_contacts=True), []),
        (CompanyFilter(q="100%"), []),
        (ALL, ["青山茶业", "青山集团"]),
    ):
        assert [one.name for one in (await office.do("page", wanted)).items] == names

    await office.save(below, "青山茶业", attributes={"employees": 130})
    found = await office.do("get", below)
    assert found.row.parent is None
    assert [one.value for one in found.attributes] == [130]
    await office.do("delete", below)
    with pytest.raises(CompanyNotFound):
        await office.do("get", below)


async def test_what_cannot_be_is_refused_and_changes_nothing(office: Office) -> None:
    top = await office.make("A", external_id="C-0")
    below = await office.make("B", parent=show_company_id(top))
    before = await office.state()
    with pytest.raises(ImpossibleHierarchy):
        await office.save(top, "A", external_id="C-0", parent=show_company_id(below))
    with pytest.raises(ImpossibleHierarchy):
        await office.save(top, "A", external_id="C-0", parent=show_company_id(top))
    with pytest.raises(ExternalIdTaken):
        await office.save(below, "B", external_id="C-0", parent=show_company_id(top))
    with pytest.raises(PersonalAttribute):
        await office.make("C", attributes={"电话联系": "13812345678"})
    with pytest.raises(UnknownOwner):
        await office.make("C", owner="stf_1")
    with pytest.raises(CompanyInUse):
        await office.do("delete", top)
    with pytest.raises(PersonNotFound):
        await office.do("set_contact", top, PersonId(77), SaveContact())
    assert await office.state() == before


async def test_group_calls_make_companies_with_parents_and_contacts(office: Office) -> None:
    await office.people(11, 12)
    await office.call(11, group_id="C-2", name="青山茶业", parent_id="C-1", industry="茶", role="采购")
    await office.call(12, group_id="C-1", name="青山集团", roles=["老板"], is_primary=True)
    event = await office.call(None, group_id="C-2", city="杭州")
    await office.take([event, event])  # Seen again after a crash: nothing changes.

    company = await office.named("青山茶业")
    found = await office.do("get", company)
    assert [one.name for one in found.path] == ["青山集团"]
    assert {one.key: one.value for one in found.attributes} == {"industry": "茶", "city": "杭州"}
    assert await office.contacts(company) == [(per(11), ("采购",), False, True)]
    parent = await office.named("青山集团")
    assert await office.contacts(parent, with_below=True) == [
        (per(12), ("老板",), True, True),
        (per(11), ("采购",), False, True),
    ]
    assert (await office.do("get", parent)).everybody == 2


async def test_a_late_call_changes_nothing_newer_and_a_circle_does_not_count(office: Office) -> None:
    await office.people(11)
    await office.call(11, minute=10, group_id="C-1", name="新名", role="老板")
    await office.call(11, minute=1, group_id="C-1", name="旧名", city="杭州", role="采购")
    await office.call(None, minute=2, group_id="C-2", parent_id="C-1")
    await office.call(None, minute=3, group_id="C-1", parent_id="C-2")  # A circle.

    company = await office.named("新名")
    found = await office.do("get", company)
    assert (found.row.parent, [one.value for one in found.attributes]) == (None, ["杭州"])
    assert await office.contacts(company) == [(per(11), ("老板",), False, True)]
    await office.call(11, minute=20, group_id="C-1", contact_ended=True)
    assert await office.contacts(company) == [(per(11), ("老板",), False, False)]
    assert (await office.do("get", company)).row.contacts == 0


async def test_undoing_a_merge_gives_everything_back_and_keeps_what_came_since(office: Office) -> None:
    await office.people(11, 12, 13)
    await office.call(11, group_id="C-1", name="青山茶业", city="杭州", role="采购")
    await office.call(12, group_id="C-2", name="青山茶业有限公司", plan="gold", role="财务")
    await office.call(12, minute=1, group_id="C-1", role="老板")
    await office.call(None, group_id="C-3", name="西湖门店", parent_id="C-2")
    into, other = await office.named("C-1"), await office.named("C-2")
    before = await office.state()

    await office.do("merge", into, MergeCompanies(other=show_company_id(other), reason="same"), actor="ling")
    found = await office.do("get", other)  # Whoever asks for it is told who it is now.
    assert found.row.id == show_company_id(into)
    assert {one.key: one.value for one in found.attributes} == {"city": "杭州", "plan": "gold"}
    assert (found.row.contacts, found.row.children) == (2, 1)
    assert await office.contacts(into) == [
        (per(11), ("采购",), False, True),
        (per(12), ("老板", "财务"), False, True),
    ]
    assert await office.named("C-2") == into
    merge = read_merge_id(found.merged[0].id)
    await office.do("undo_merge", merge, actor="ling")
    assert await office.state() == before
    with pytest.raises(ImpossibleMerge):
        await office.do("undo_merge", merge, actor="ling")

    await office.do("merge", into, MergeCompanies(other=show_company_id(other)), actor="ling")
    await office.call(13, minute=5, group_id="C-2", plan="silver")  # Still said of the one that was taken.
    found = await office.do("get", into)
    assert {one.key: one.value for one in found.attributes}["plan"] == "silver"
    await office.do("undo_merge", read_merge_id(found.merged[0].id), actor="ling")
    assert [one[0] for one in await office.contacts(other)] == [per(12), per(13)]
    assert [one[0] for one in await office.contacts(into)] == [per(11), per(12)]


async def test_a_company_is_not_taken_into_one_below_it(office: Office) -> None:
    top = await office.make("A")
    below = await office.make("B", parent=show_company_id(top))
    with pytest.raises(ImpossibleMerge):
        await office.do("merge", below, MergeCompanies(other=show_company_id(top)), actor="ling")
    await office.do("merge", top, MergeCompanies(other=show_company_id(below)), actor="ling")
    found = await office.do("get", top)
    assert (found.row.parent, found.row.children) == (None, 0)
    await office.do("undo_merge", read_merge_id(found.merged[0].id), actor="ling")
    assert (await office.do("get", below)).row.parent.name == "A"


async def test_merges_are_undone_last_first(office: Office) -> None:
    one, two, three = [await office.make(name) for name in ("A", "B", "C")]
    await office.do("merge", two, MergeCompanies(other=show_company_id(three)), actor="ling")
    first = read_merge_id((await office.do("get", two)).merged[0].id)
    await office.do("merge", one, MergeCompanies(other=show_company_id(two)), actor="ling")
    with pytest.raises(ImpossibleMerge):
        await office.do("undo_merge", first, actor="ling")
    second = read_merge_id((await office.do("get", one)).merged[0].id)
    assert await office.do("undo_merge", second, actor="ling") == two
    assert await office.do("undo_merge", first, actor="ling") == three
    assert (await office.do("page", ALL)).total == 3


async def test_contacts_follow_people_who_merge_and_go_back(office: Office) -> None:
    """ID-1: what hangs on a person follows both ways."""
    await office.people(11, 12)
    await office.call(11, group_id="C-1", role="采购")
    await office.call(12, group_id="C-1", role="财务")
    await office.call(12, group_id="C-2", role="老板")
    company = await office.named("C-1")
    before = await office.state()

    async with office.uows.system(office.tenant) as uow:
        await CompanyPeople().follow_merges(uow, {PersonId(12): PersonId(11)})
    assert await office.contacts(company) == [(per(11), ("财务", "采购"), False, True)]
    assert [one.company.name for one in (await office.do("of_person", PersonId(11))).items] == ["C-1", "C-2"]
    async with office.uows.system(office.tenant) as uow:
        assert await CompanyPeople().follow_splits(uow, [(12, 11, 12), (11, 11, 11)]) == 2
    assert await office.state() == before


async def test_one_contact_is_the_primary_one_and_one_who_left_has_an_end(office: Office) -> None:
    await office.people(11, 12)
    company = await office.make("A")
    await office.do("set_contact", company, PersonId(11), SaveContact(roles=("采购",), is_primary=True))
    await office.do("set_contact", company, PersonId(12), SaveContact(roles=("财务",), is_primary=True))
    assert await office.contacts(company) == [
        (per(12), ("财务",), True, True),
        (per(11), ("采购",), False, True),
    ]
    left = SaveContact(roles=("财务",), until=office.uows.clock.now())
    await office.do("set_contact", company, PersonId(12), left)
    assert await office.contacts(company) == [
        (per(11), ("采购",), False, True),
        (per(12), ("财务",), False, False),
    ]
    await office.do("remove_contact", company, PersonId(12))
    assert [one[0] for one in await office.contacts(company)] == [per(11)]


async def test_what_is_told_apart_is_not_suggested_again(office: Office) -> None:
    one = await office.make("青山茶业有限公司")
    two = await office.make("青山茶业（集团）")
    await office.make("云海贸易")
    resemblances = Resemblances(office.companies)
    async with office.uows.app(office.tenant) as uow:
        found = await resemblances.suggest(uow)
        assert [(pair.a.name, pair.b.name, pair.score) for pair in found.items] == [
            ("青山茶业有限公司", "青山茶业（集团）", 100)
        ]
        apart = TellApart(a=show_company_id(two), b=show_company_id(one))
        await resemblances.tell_apart(uow, apart, actor="ling")
        assert (await resemblances.suggest(uow, one)).items == ()


async def test_thousands_of_calls_fit_one_transaction(office: Office) -> None:
    await office.people(11)
    at = office.uows.clock.now()
    events = [
        LogEvent(
            position=number, person_id=PersonId(11), stamped_id=PersonId(11), kind="group", name="Group",
            occurred_at=at, received_at=at, source="import:crm", message_id=str(number),
            properties={"group_id": f"C-{number}", "name": f"企业{number}", "parent_id": f"P-{number % 50}"},
        )
        for number in range(2_000)
    ]  # fmt: skip
    await office.take(events)
    assert (await office.do("page", ALL)).total == 2_050
