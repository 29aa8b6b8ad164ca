"""People of companies (SG): contacts with roles, of companies that say so, of segments of companies."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from integration.segments.test_following import looked
from integration.segments.test_membership import create, members, merge, on_device
from integration.segments.world import Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.people.companies.contracts import CompanyId, MergeCompanies, SaveCompany, SaveContact
from quanyu.modules.people.companies.service import Companies, show_company_id
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.segments.accounts.contracts import SaveAccountSegment
from quanyu.modules.segments.accounts.copying import ContactCopy
from quanyu.modules.segments.accounts.keeping import AccountKeeper
from quanyu.modules.segments.accounts.service import AccountSegmentDesk
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.segments.errors import InvalidDefinition, SegmentAsked
from quanyu.modules.segments.insights.contracts import ExplainSegment
from quanyu.modules.segments.insights.service import SegmentInsights

__all__ = ["looked"]

CONTACT: dict[str, Any] = {"kind": "company_contact"}
BUYER = {**CONTACT, "roles": ["采购 'A\\B'"]}
GOLD = {**CONTACT, "where": [{"key": "plan", "op": "eq", "value": "gold"}]}
LARGE = {**CONTACT, "where": [{"key": "seats", "op": "gte", "value": 10}]}
BOUGHT = {"kind": "contacts", "who": {"kind": "event", "name": "Bought"}}


@dataclass
class Firms:
    """A brand with companies whose contacts are stored and copied."""

    brand: Brand
    companies: Companies
    desk: AccountSegmentDesk
    keeper: AccountKeeper
    asked: frozenset[int] = frozenset()

    async def bring(self) -> None:
        at = await self.brand.segments.evaluation(self.brand.uows, self.brand.tenant)
        await self.keeper.bring(self.brand.tenant, at, asked=self.asked)

    async def company(self, name: str, **attributes: Any) -> CompanyId:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return await self.companies.create(
                uow, SaveCompany(name=name, attributes=attributes), actor="ling"
            )

    async def save(self, company: CompanyId, name: str, **attributes: Any) -> None:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            await self.companies.save(uow, company, SaveCompany(name=name, attributes=attributes))

    async def contact(self, company: CompanyId, user: str, *roles: str, **more: Any) -> None:
        person = PersonId(await self.brand.person(user))
        async with self.brand.uows.app(self.brand.tenant) as uow:
            await self.companies.set_contact(uow, company, person, SaveContact(roles=roles, **more))

    async def select(self, definition: dict[str, Any]) -> list[int]:
        """Return whom a definition selects now, counted as on a page."""
        read = self.brand.segments.read(definition)
        at = await self.brand.segments.evaluation(self.brand.uows, self.brand.tenant)
        found = await self.brand.segments.select(self.brand.tenant, read, at, limit=100)
        assert found.count == len(found.people)
        return list(found.people)

    async def segment(self, name: str, definition: dict[str, Any]) -> str:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return (await self.desk.save(uow, SaveAccountSegment(name=name, definition=definition))).id


@pytest.fixture
async def firms(brand: Brand, warehouse: Warehouse) -> Firms:
    companies = Companies(brand.people)
    desk = AccountSegmentDesk(brand.uows, warehouse, companies, brand.segments)
    made = Firms(brand, companies, desk, AccountKeeper(brand.uows, warehouse))
    now = brand.clock.now()
    await brand.tell(*(happened("Seen", user, now) for user in "abcd"), happened("Bought", "c", now))
    return made


async def test_contacts_are_told_by_role_and_by_what_the_same_company_says(firms: Firms) -> None:
    red = await firms.company("红 'R' \\ 店", plan="gold", seats=5, remote=True)
    blue = await firms.company("蓝", plan="free", seats=20)
    await firms.contact(red, "a", "采购 'A\\B'", "老板")
    await firms.contact(blue, "b", "采购 'A\\B'")
    await firms.contact(blue, "a")
    await firms.bring()
    ids = firms.brand.ids
    assert await firms.select(CONTACT) == await ids("a", "b")
    assert await firms.select(BUYER) == await ids("a", "b")
    assert await firms.select(GOLD) == await ids("a")
    assert await firms.select({**BUYER, **LARGE}) == await ids("b")  # a is a buyer elsewhere.
    assert await firms.select({**CONTACT, "where": [*GOLD["where"], *LARGE["where"]]}) == []
    assert await firms.select({"kind": "not", "of": CONTACT}) == await ids("c", "d")
    named = {**CONTACT, "where": [{"key": "name", "op": "eq", "value": "红 'R' \\ 店"}]}
    assert await firms.select(named) == await ids("a")


async def test_who_comes_and_goes_with_companies_is_followed(firms: Firms, looked: list[bool]) -> None:
    brand = firms.brand
    red = await firms.company("红", plan="gold")
    gold = await create(brand, GOLD, "gold")
    soon = brand.clock.now() + timedelta(hours=1)
    await firms.contact(red, "a", until=soon)
    steps: list[list[str]] = []

    async def see(*expected: str) -> None:
        await firms.bring()
        await brand.refresher.refresh(brand.tenant, gold)
        assert await members(brand, gold) == await brand.ids(*expected) == await firms.select(GOLD)
        brand.clock.advance(timedelta(minutes=1))
        steps.append(list(expected))

    await see("a")
    await firms.contact(red, "b")
    await see("a", "b")
    await firms.save(red, "红", plan="free")
    await see()
    await firms.save(red, "红", plan="gold")
    await see("a", "b")
    brand.clock.advance(timedelta(hours=1))
    await see("b")  # The end that was set for a is past.
    async with brand.uows.app(brand.tenant) as uow:
        await firms.companies.remove_contact(uow, red, PersonId(await brand.person("b")))
    await see()
    await firms.contact(red, "c")
    await see("c")
    async with brand.uows.app(brand.tenant) as uow:
        await firms.companies.delete(uow, red)
    await see()
    assert looked == [False] + [True] * (len(steps) - 1)


async def test_segments_of_companies_have_stored_members_that_people_are_asked_by(firms: Firms) -> None:
    brand = firms.brand
    red, blue = await firms.company("红", plan="gold"), await firms.company("蓝", plan="gold")
    for company, user in ((red, "a"), (red, "c"), (blue, "b")):
        await firms.contact(company, user)
    buying = await firms.segment("有成交", BOUGHT)
    people = await create(brand, {**CONTACT, "segment": buying}, "people of buying firms")
    await firms.bring()
    assert await firms.select({**CONTACT, "segment": buying}) == await brand.ids("a", "c")
    assert await brand.refresher.tick(brand.tenant) == 1
    assert await members(brand, people) == await brand.ids("a", "c")

    # What their people do tells with the next evaluation of the firms: in a minute, as they are asked about.
    await brand.tell(happened("Bought", "b", brand.clock.now()))
    await firms.bring()
    assert len(await firms.select({**CONTACT, "segment": buying})) == 2
    firms.asked = frozenset({decode_id("aseg", buying)})
    brand.clock.advance(timedelta(seconds=61))
    await firms.bring()
    assert await firms.select({**CONTACT, "segment": buying}) == await brand.ids("a", "b", "c")

    # A changed definition counts at once.
    async with brand.uows.app(brand.tenant) as uow:
        named = {"kind": "company", "key": "name", "op": "eq", "value": "蓝"}
        saved = await firms.desk.save(
            uow, SaveAccountSegment(name="有成交", definition=named), segment=buying
        )
    assert saved.as_of is None
    await firms.bring()
    assert await firms.select({**CONTACT, "segment": buying}) == await brand.ids("b")
    async with brand.uows.app(brand.tenant) as uow:
        now = await firms.desk.get(uow, buying)
    assert (now.size, now.as_of) == (1, brand.clock.now())


async def test_circles_over_companies_are_refused_and_what_is_asked_stays(firms: Firms) -> None:
    brand = firms.brand
    viewers = await create(brand, {"kind": "event", "name": "Seen"}, "viewers")
    asks_viewers = {"kind": "contacts", "who": {"kind": "segment", "segment": encode_id("seg", viewers)}}
    firm = await firms.segment("有人看过", asks_viewers)
    of_firm = {**CONTACT, "segment": firm}
    async with brand.uows.app(brand.tenant) as uow:
        with pytest.raises(InvalidDefinition, match="circle"):
            await brand.segments.update(uow, viewers, SaveSegment(name="viewers", definition=of_firm))
        with pytest.raises(SegmentAsked, match="有人看过"):
            await brand.segments.delete(uow, viewers)
    contacts = await create(brand, of_firm, "contacts")
    async with brand.uows.app(brand.tenant) as uow:
        with pytest.raises(SegmentAsked, match="contacts"):
            await firms.desk.delete(uow, firm)
        circle = {"kind": "contacts", "who": {"kind": "segment", "segment": encode_id("seg", contacts)}}
        with pytest.raises(InvalidDefinition, match="circle"):
            await firms.desk.save(uow, SaveAccountSegment(name="有人看过", definition=circle), segment=firm)
        await brand.segments.delete(uow, contacts)
    async with brand.uows.app(brand.tenant) as uow:
        await firms.desk.delete(uow, firm)


async def test_merged_people_and_companies_keep_their_places(firms: Firms) -> None:
    brand = firms.brand
    red, blue = await firms.company("红", plan="gold"), await firms.company("蓝", plan="free")
    await brand.tell(*(on_device(user, brand.clock.now()) for user in "xy"))
    async with brand.uows.system(brand.tenant) as uow:
        device = Identifier("device", "", "y-phone")
        (y,) = await brand.people.people_by_identifier(uow, [device])
        assert y is not None
        await firms.companies.set_contact(uow, red, y, SaveContact(roles=("采购",)))
    await firms.contact(blue, "b")
    await firms.bring()
    kept = await merge(brand, "x", "y")
    assert await firms.select(GOLD) == [kept]  # Before the copy was told who y is.
    async with brand.uows.app(brand.tenant) as uow:
        taken = MergeCompanies(other=show_company_id(red))
        await firms.companies.merge(uow, blue, taken, actor="ling")
    await firms.bring()
    assert await firms.select(CONTACT) == sorted([kept, await brand.person("b")])
    assert await firms.select({**CONTACT, "roles": ["采购"]}) == [kept]


async def test_why_somebody_is_a_contact_is_told(firms: Firms) -> None:
    brand = firms.brand
    red = await firms.company("红", plan="gold")
    await firms.contact(red, "a")
    await firms.bring()
    insights = SegmentInsights(brand.segments._warehouse, brand.people, brand.segments)
    told = []
    for user in "ab":
        command = ExplainSegment(definition=GOLD, person=encode_id("per", await brand.person(user)))
        tree = (await insights.explain(brand.uows, brand.tenant, command)).tree
        told.append((tree.met, tree.found))
    assert told == [(True, "红"), (False, None)]


async def test_what_has_not_changed_is_not_written_again(firms: Firms) -> None:
    red = await firms.company("红", plan="gold")
    await firms.contact(red, "a")
    await firms.bring()
    count = "SELECT count() FROM company_contact WHERE tenant_id = {tenant:UInt32}"
    before = await firms.brand.gate.query(count)
    firms.keeper._copied.clear()  # As after a start of the program.
    await firms.bring()
    assert await firms.brand.gate.query(count) == before == [(1,)]


async def test_a_copy_that_fails_holds_up_no_segment(firms: Firms, monkeypatch: pytest.MonkeyPatch) -> None:
    brand = firms.brand
    seen = await create(brand, {"kind": "event", "name": "Seen"}, "seen")

    async def fails(*_: Any) -> int:
        raise RuntimeError("what nobody foresaw")

    monkeypatch.setattr(ContactCopy, "bring", fails)
    assert await brand.refresher.tick(brand.tenant) == 1
    assert len(await members(brand, seen)) == 4
