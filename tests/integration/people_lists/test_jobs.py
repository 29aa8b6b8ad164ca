"""Jobs about many people: done once each, cut short anywhere, taken back where nobody changed it since."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.segments.world import Api, Brand
from quanyu.app.people_lists import PeopleListServices
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.people.contracts import AttributeWrite, Identifier
from quanyu.modules.people.tags.contracts import NewTag, Origin, SaveTagGroup, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.tags.service import PersonTags

JOBS = "/api/v1/people-jobs"
USERS = ("ada", "bo", "cy", "dee")
HAND = Cause(origin=Origin.MANUAL, actor="小林")


class Killed(Exception):
    """The process dies."""


def address(user: str) -> Identifier:
    """Return the address a user is known by: of these one person may have several."""
    return Identifier("email", "", f"{user}@example.com")


def arrived(user: str, at: datetime) -> IntakeEvent:
    """Let a user come to be."""
    known = address(user)
    return IntakeEvent(
        kind="track",
        name="Viewed",
        source="shop",
        message_id=f"arrive:{user}",
        occurred_at=at,
        identifiers=(FactIdentifier(namespace=known.namespace, scope="", value=known.value),),
    )


@dataclass
class World:
    """Four people, an exclusive group of two tags, and the loop of jobs driven slice by slice."""

    brand: Brand
    api: Api
    services: PeopleListServices
    gold: str
    plain: str
    people: dict[str, str]

    async def number(self, user: str) -> int:
        """Return who a user is today."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            (found,) = await self.brand.people.people_by_identifier(uow, [address(user)])
        assert found is not None
        return found

    async def start(self, deed: dict[str, Any], *users: str) -> str:
        """Ask for a job about users and return its id."""
        audience = {"people": [self.people[user] for user in users]}
        status, made = await self.api.call("POST", JOBS, {"audience": audience, "deed": deed})
        assert status == 202, made
        return str(made["id"])

    async def slice(self, size: int = 1_000) -> int:
        """Do one slice."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            return await self.services.desk.run_slice(uow, size)

    async def dying_slice(self, size: int) -> None:
        """Do a slice and die before it is committed."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            await self.services.desk.run_slice(uow, size)
            raise Killed

    async def job(self, job: str) -> Any:
        """Return a job."""
        return (await self.api.call("GET", f"{JOBS}/{job}"))[1]

    async def undo(self, job: str) -> Any:
        """Take a job back whole and return the job that does it."""
        status, made = await self.api.call("POST", f"{JOBS}/{job}/undo")
        assert status == 202, made
        while await self.slice():
            pass
        return await self.job(made["id"])

    async def carried(self, user: str) -> list[tuple[str, str]]:
        """Return (tag, origin) of a user."""
        person = PersonId(await self.number(user))
        async with self.brand.uows.app(self.brand.tenant) as uow:
            found = await TagGiving().carried(uow, [person])
        return [(tag.name, tag.origin.value) for tag in found[person]]

    async def city(self, user: str) -> Any:
        """Return what counts as a user's city."""
        person = PersonId(await self.number(user))
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return (await self.brand.people.attributes_of(uow, [person], ["city"]))[person].get("city")

    async def tell_city(self, user: str, city: str) -> None:
        """Say a user's city, as a shop does, a minute later than anything before."""
        self.brand.clock.advance(timedelta(minutes=1))
        write = AttributeWrite(person_id=PersonId(await self.number(user)), key="city", value=city)
        async with self.brand.uows.system(self.brand.tenant) as uow:
            await self.brand.people.set_attributes(uow, [write], source="shop", keep_past=True)
        self.brand.clock.advance(timedelta(minutes=1))

    async def link(self, a: str, b: str, *, joined: bool = True) -> None:
        """Join two users, or part them again."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            act = self.brand.people.link if joined else self.brand.people.unlink
            await act(uow, address(a), address(b), actor="小林", reason="同一人")
        await self.brand.drain()


@pytest.fixture
async def world(brand: Brand, api: Api, services: PeopleListServices, warehouse: Warehouse) -> World:
    for user in USERS:
        await brand.tell(arrived(user, brand.clock.now()))
    tags = PersonTags(brand.gate._warehouse)
    async with brand.uows.app(brand.tenant) as uow:
        group = await tags.add_group(uow, SaveTagGroup(name="等级", is_exclusive=True))
        gold, plain = [
            await tags.add_tag(uow, NewTag(group=group, name=name), actor="小林") for name in ("金", "普通")
        ]
    world = World(brand, api, services, gold, plain, {})
    world.people = {user: encode_id("per", await world.number(user)) for user in USERS}
    return world


async def test_each_person_once_however_often_it_is_cut_short(world: World) -> None:
    job = await world.start({"kind": "attribute", "key": "city", "value": "杭州"}, *USERS)
    assert await world.slice(3) == 3
    with pytest.raises(Killed):
        await world.dying_slice(3)
    assert (await world.job(job))["done"] == 3
    assert await world.city("dee") is None

    assert await world.slice(3) == 1
    assert await world.slice(3) == 0

    done = await world.job(job)
    assert (done["state"], done["done"], done["changed"], done["failed"]) == ("done", 4, 4, 0)
    assert [await world.city(user) for user in USERS] == ["杭州"] * 4


async def test_an_attribute_comes_back_where_nobody_changed_it_since(world: World) -> None:
    await world.tell_city("ada", "上海")
    job = await world.start({"kind": "attribute", "key": "city", "value": "杭州"}, "ada", "bo", "cy")
    await world.slice()
    await world.tell_city("cy", "北京")

    undone = await world.undo(job)

    assert [await world.city(user) for user in ("ada", "bo", "cy")] == ["上海", None, "北京"]
    assert (undone["changed"], undone["failed"], undone["undoes"]) == (2, 1, job)
    status, problem = await world.api.call("POST", f"{JOBS}/{job}/undo")
    assert (status, problem["code"]) == (409, "people.cannot_undo")


async def test_tags_come_back_exactly_with_whoever_gave_them(world: World) -> None:
    ada = PersonId(await world.number("ada"))
    async with world.brand.uows.app(world.brand.tenant) as uow:
        await TagGiving().change(uow, [ada], TagChange(add=(world.plain,)), cause=HAND)
    job = await world.start({"kind": "tags", "add": [world.gold]}, "ada", "bo", "cy")
    await world.slice()
    assert await world.carried("ada") == [("金", "job")]
    cy = PersonId(await world.number("cy"))
    world.brand.clock.advance(timedelta(minutes=1))
    async with world.brand.uows.app(world.brand.tenant) as uow:
        await TagGiving().change(uow, [cy], TagChange(add=(world.plain,)), cause=HAND)

    undone = await world.undo(job)

    assert await world.carried("ada") == [("普通", "manual")]
    assert await world.carried("bo") == []
    assert await world.carried("cy") == [("普通", "manual")]
    assert (undone["changed"], undone["failed"]) == (2, 1)


async def test_people_who_merge_before_it_runs_are_treated_once(world: World) -> None:
    job = await world.start({"kind": "tags", "add": [world.gold]}, "ada", "cy")
    await world.link("ada", "cy")
    await world.slice(1)
    await world.slice(1)

    assert ((await world.job(job))["done"], (await world.job(job))["changed"]) == (2, 1)
    assert await world.carried("cy") == [("金", "job")]
    await world.link("ada", "cy", joined=False)  # It was said of who they were then: the least of them.
    assert (await world.carried("ada"), await world.carried("cy")) == ([("金", "job")], [])
    assert (await world.undo(job))["changed"] == 1
    assert await world.carried("ada") == []


async def test_merging_after_it_ran_does_not_keep_it_from_being_taken_back(world: World) -> None:
    await world.tell_city("ada", "上海")
    job = await world.start({"kind": "attribute", "key": "city", "value": "杭州"}, "ada", "cy")
    await world.slice()
    await world.link("ada", "cy")

    undone = await world.undo(job)

    assert (undone["changed"], undone["failed"]) == (2, 0)
    assert await world.city("cy") == "上海"
    await world.link("ada", "cy", joined=False)
    assert [await world.city("ada"), await world.city("cy")] == ["上海", None]


async def test_a_cancelled_job_keeps_what_is_done_and_can_be_taken_back(world: World) -> None:
    job = await world.start({"kind": "tags", "add": [world.gold]}, *USERS)
    await world.slice(2)
    status, cancelled = await world.api.call("POST", f"{JOBS}/{job}/cancel")
    assert (status, cancelled["state"], cancelled["done"]) == (200, "cancelled", 2)
    assert await world.slice() == 0
    assert (await world.api.call("POST", f"{JOBS}/{job}/cancel"))[1]["code"] == "people.job_over"
    assert [len(await world.carried(user)) for user in USERS] == [1, 1, 0, 0]
    await world.undo(job)
    assert [len(await world.carried(user)) for user in USERS] == [0, 0, 0, 0]


async def test_whoever_matches_later_is_not_meant(world: World) -> None:
    audience = {"filter": {"identity": {"namespace": "email"}}}
    assert (await world.api.call("POST", f"{JOBS}/count", audience))[1] == {"people": 4}
    deed = {"kind": "attribute", "key": "city", "value": "杭州"}
    _, made = await world.api.call("POST", JOBS, {"audience": audience, "deed": deed})
    await world.brand.tell(arrived("late", world.brand.clock.now()))
    await world.slice()
    assert (await world.job(made["id"]))["people"] == 4
    assert await world.city("late") is None


async def test_what_cannot_be_asked_changes_nothing(world: World) -> None:
    audience = {"people": [world.people["ada"]]}
    for deed, code in (
        ({"kind": "attribute", "key": "phone", "value": "1"}, "people.not_an_attribute"),
        ({"kind": "attribute", "key": "name", "value": "张三"}, "people.not_an_attribute"),
        ({"kind": "attribute", "key": "computed.spend", "value": 1}, "people.not_an_attribute"),
        ({"kind": "tags", "add": ["ptg_zzz"]}, "people.tag_not_found"),
    ):
        status, problem = await world.api.call("POST", JOBS, {"audience": audience, "deed": deed})
        assert (status // 100, problem["code"]) == (4, code)
    deed = {"kind": "attribute", "key": "city", "value": "x"}
    nobody = {"filter": {"q": "没有这个人"}}
    assert (await world.api.call("POST", JOBS, {"audience": nobody, "deed": deed}))[1]["code"] == (
        "people.nobody_meant"
    )
    assert (await world.api.call("GET", JOBS))[1] == {"items": []}


async def test_an_erased_person_is_named_as_gone(world: World) -> None:
    job = await world.start({"kind": "attribute", "key": "city", "value": "杭州"}, "ada", "bo")
    number = decode_id("per", world.people["bo"])
    async with world.brand.uows.system(world.brand.tenant) as uow:
        await uow.execute(
            "DELETE FROM person WHERE tenant_id = :tenant AND id = :id",
            {"tenant": world.brand.tenant, "id": number},
        )
    await world.slice()
    done = await world.job(job)
    assert (done["changed"], done["failed"]) == (1, 1)
    async with world.brand.uows.app(world.brand.tenant) as uow:
        assert (await world.services.desk.failures(uow, job)).decode().splitlines()[1:] == [
            f"{world.people['bo']},gone"
        ]
