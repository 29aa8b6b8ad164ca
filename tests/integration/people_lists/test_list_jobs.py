"""People put on lists and taken from them by jobs: once each, in whole versions, and taken back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from integration.people_lists.test_jobs import JOBS, address, arrived
from integration.segments.world import Api, Brand
from quanyu.app.people_lists import PeopleListServices
from quanyu.infra.crypto import KeyRing
from quanyu.infra.permits import PermissionMissing
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.web import Caller
from quanyu.kernel.ids import encode_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.people.bulk.access import require_for
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.segments.lists.contracts import ListMode, ReadFile
from quanyu.modules.segments.lists.mirror import ListMirror
from quanyu.modules.segments.lists.service import Lists

USERS = ("ada", "bo", "cy", "dee")


class Killed(Exception):
    """The process dies."""


@dataclass
class World:
    """Four people and a list of nobody."""

    brand: Brand
    api: Api
    services: PeopleListServices
    lists: Lists
    segment: int
    people: dict[str, int]

    async def job(self, *users: str, put: bool = True, size: int = 1_000) -> str:
        """Do a job whole."""
        made = await self.start(*users, put=put)
        while await self.slice(size):
            pass
        return made

    async def start(self, *users: str, put: bool = True) -> str:
        """Ask for a job."""
        deed = {"kind": "list", "segment": encode_id("seg", self.segment), "put": put}
        people = [encode_id("per", self.people[user]) for user in users]
        status, made = await self.api.call("POST", JOBS, {"audience": {"people": people}, "deed": deed})
        assert status == 202, made
        return str(made["id"])

    async def slice(self, size: int) -> int:
        """Do one slice."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            return await self.services.desk.run_slice(uow, size)

    async def dying_slice(self, size: int) -> None:
        """Do a slice and die before it is committed."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            await self.services.desk.run_slice(uow, size)
            raise Killed

    async def undo(self, job: str) -> Any:
        """Take a job back whole; return the job that does it."""
        status, made = await self.api.call("POST", f"{JOBS}/{job}/undo")
        assert status == 202, made
        while await self.slice(1_000):
            pass
        return await self.told(made["id"])

    async def told(self, job: str) -> Any:
        """Return a job."""
        return (await self.api.call("GET", f"{JOBS}/{job}"))[1]

    async def upload(self, *users: str, mode: ListMode) -> None:
        """Upload a file of addresses."""
        content = "邮箱\n" + "\n".join(f"{user}@example.com" for user in users)
        await self.lists.upload(
            self.brand.tenant,
            self.segment,
            mode=mode,
            asked=ReadFile(identifier="email", column="邮箱"),
            content=content.encode(),
            by="王芳",
        )

    async def members(self) -> set[str]:
        """Return who is on the list, as its segment has them."""
        await self.brand.refresher.refresh(self.brand.tenant, self.segment)
        async with self.brand.uows.app(self.brand.tenant) as uow:
            found = set(await self.brand.segments.member_ids(uow, self.segment))
        return {user for user, person in self.people.items() if person in found}

    async def entries(self) -> int:
        """Return how many people the list says it has."""
        async with self.brand.uows.app(self.brand.tenant) as uow:
            return (await self.lists.view(uow, self.segment)).entries

    async def link(self, a: str, b: str, *, joined: bool = True) -> None:
        """Join two users, or part them again."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            act = self.brand.people.link if joined else self.brand.people.unlink
            await act(uow, address(a), address(b), actor="小林", reason="同一人")
        await self.brand.drain()


@pytest.fixture
async def world(
    brand: Brand, api: Api, services: PeopleListServices, warehouse: Warehouse, key_ring: KeyRing
) -> World:
    lists = Lists(brand.uows, warehouse, key_ring, brand.segments)
    people: dict[str, int] = {}
    for user in USERS:
        await brand.tell(arrived(user, brand.clock.now()))
        async with brand.uows.system(brand.tenant) as uow:
            (found,) = await brand.people.people_by_identifier(uow, [address(user)])
        people[user] = int(found or 0)
    segment, _ = await lists.create_empty(brand.tenant, "回访", "")
    return World(brand, api, services, lists, segment, people)


async def test_people_come_on_a_list_with_the_last_slice_and_once(world: World) -> None:
    await world.upload("ada", mode=ListMode.REPLACE)
    job = await world.start("ada", "bo", "cy")
    assert await world.slice(2) == 2
    assert await world.members() == {"ada"}, "a version counts whole"
    world.brand.clock.advance(timedelta(hours=2))
    await ListMirror(world.brand.uows, world.brand.gate._warehouse).tidy(world.brand.tenant)
    with pytest.raises(Killed):
        await world.dying_slice(2)
    while await world.slice(2):
        pass

    assert await world.members() == {"ada", "bo", "cy"}
    told = await world.told(job)
    assert (told["done"], told["changed"], told["state"]) == (3, 2, "done")
    async with world.brand.uows.app(world.brand.tenant) as uow:
        newest = (await world.lists.view(uow, world.segment)).versions[0]
    assert (newest.origin, newest.mode, newest.made_by) == ("job", "add", "测试")
    assert (newest.lines, newest.matched, newest.entries) == (3, 2, 3)
    assert (await world.told(await world.job("bo")))["changed"] == 0, "nobody twice"


async def test_taken_from_a_list_and_put_back_however_they_came_on_it(world: World) -> None:
    await world.upload("ada", "bo", mode=ListMode.REPLACE)
    await world.job("cy")
    job = await world.job("ada", "cy", "dee", put=False)
    assert await world.members() == {"bo"}
    assert (await world.told(job))["changed"] == 2
    assert await world.entries() == 1

    await world.upload("cy", mode=ListMode.ADD)
    assert await world.members() == {"bo", "cy"}, "the last word counts"
    undone = await world.undo(job)
    assert await world.members() == {"ada", "bo", "cy"}
    assert (undone["changed"], undone["failed"]) == (2, 0)
    assert await world.entries() == 3, "cy counts once, by whichever entry"


async def test_a_job_is_taken_back_where_nothing_came_later(world: World) -> None:
    await world.upload("ada", mode=ListMode.REPLACE)
    job = await world.job("ada", "bo", "cy")
    assert (await world.undo(job))["changed"] == 2
    assert await world.members() == {"ada"}, "who was on it before stays"

    replaced = await world.job("dee")
    await world.upload("bo", "dee", mode=ListMode.REPLACE)
    undone = await world.undo(replaced)
    assert (undone["changed"], undone["failed"]) == (0, 1)
    assert await world.members() == {"bo", "dee"}


async def test_what_a_stopped_job_did_counts(world: World) -> None:
    job = await world.start(*USERS)
    await world.slice(3)
    await world.api.call("POST", f"{JOBS}/{job}/cancel")
    assert await world.members() == {"ada", "bo", "cy"}
    assert (await world.undo(job))["changed"] == 3
    assert await world.members() == set()


async def test_of_people_who_became_one_all_go_and_come_back(world: World) -> None:
    await world.upload("ada", "bo", "cy", mode=ListMode.REPLACE)
    await world.link("ada", "bo")
    job = await world.job("ada", put=False)
    assert await world.members() == {"cy"}
    await world.link("ada", "bo", joined=False)
    assert await world.members() == {"cy"}, "both sides were taken from it"
    await world.undo(job)
    assert await world.members() == {"ada", "bo", "cy"}


async def test_what_is_no_list_is_refused_and_a_deleted_one_changes_nobody(world: World) -> None:
    async with world.brand.uows.app(world.brand.tenant) as uow:
        conditions = {"kind": "event", "name": "Viewed"}
        other = await world.brand.segments.create(uow, SaveSegment(name="看过", definition=conditions))
    deed = {"kind": "list", "segment": other.id, "put": True}
    people = {"people": [encode_id("per", world.people["ada"])]}
    status, told = await world.api.call("POST", JOBS, {"audience": people, "deed": deed})
    assert (status, told["code"]) == (409, "segments.not_a_list")

    job = await world.start("ada")
    async with world.brand.uows.app(world.brand.tenant) as uow:
        await world.brand.segments.delete(uow, world.segment)
    assert await world.slice(10) == 1
    assert (await world.told(job))["changed"] == 0


def test_lists_and_journeys_need_their_own_permission() -> None:
    def caller(*permissions: Permission) -> Caller:
        return Caller(None, 1, "小林", permissions=frozenset({Permission.PEOPLE_WRITE, *permissions}))  # type: ignore[arg-type]

    require_for(caller(), "tags")
    for kind, needed in (("list", Permission.SEGMENTS_WRITE), ("journey", Permission.JOURNEYS_WRITE)):
        with pytest.raises(PermissionMissing):
            require_for(caller(), kind)
        require_for(caller(needed), kind)
