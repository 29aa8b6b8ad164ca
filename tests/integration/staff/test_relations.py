"""Who serves whom follows from the log, whatever order it comes in (EV-2, EV-4)."""

import itertools
import random
from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.directory.contracts import MemberStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.directory.subscribers import DirectorySubscriber

from .conftest import START, Corp

Row = tuple[str, str, RelationStatus, int | None, int | None, str]


async def tell(uows: UnitOfWorkFactory, corp: Corp, events: Sequence[LogEvent]) -> list[str]:
    """Hand events to the subscriber in one batch; return the facts it states."""
    async with uows.system(corp.tenant_id) as uow:
        await CustomerSubscriber().apply(uow, events, None)
        stated = [fact.message_id for fact in uow.facts]
        uow.facts.clear()
    return stated


async def relations(uows: UnitOfWorkFactory, corp: Corp, customers: Sequence[str]) -> list[Row]:
    names = {corp.token(customer): customer for customer in customers}
    async with uows.app(corp.tenant_id) as uow:
        found = await RelationQueries(uow).of_customers(corp.corp_id, list(names))
    return sorted(
        (
            one.key.userid,
            names[one.key.token],
            one.status,
            None if one.added_at is None else int((one.added_at - START).total_seconds()),
            None if one.ended_at is None else int((one.ended_at - START).total_seconds()),
            one.state,
        )
        for relations_of_one in found.values()
        for one in relations_of_one
    )


def story(corp: Corp, customer: str) -> list[LogEvent]:
    """Half added, accepted, edited, deleted, added again by another code, deleted by the customer."""
    return [
        corp.event("customer_half_added", "ann", customer, at=0, state="s1"),
        corp.event("customer_added", "ann", customer, at=10, state="s1"),
        corp.event("customer_edited", "ann", customer, at=20),
        corp.event("customer_deleted_by_staff", "ann", customer, at=30),
        corp.event("customer_added", "ann", customer, at=40, state="s2"),
        corp.event("staff_deleted_by_customer", "ann", customer, at=50),
        corp.event("customer_added", "bob", customer, at=25),
        corp.event("customer_deleted_by_staff", "bob", customer, at=60, source="DELETE_BY_TRANSFER"),
    ]


async def test_any_order_any_repetition_any_batching_end_alike(uows: UnitOfWorkFactory, corp: Corp) -> None:
    """EV-4."""
    rng = random.Random(7)
    for number in range(12):
        customer = f"wm{number:03d}"
        events = story(corp, customer)
        disturbed = [*events, *rng.choices(events, k=4)]
        if number:
            rng.shuffle(disturbed)
        while disturbed:
            size = rng.randint(1, 5)
            await tell(uows, corp, disturbed[:size])
            del disturbed[:size]

        assert await relations(uows, corp, [customer]) == [
            ("ann", customer, RelationStatus.DELETED_BY_CUSTOMER, 40, 50, "s2"),
            ("bob", customer, RelationStatus.TRANSFERRED, 25, 60, ""),
        ]


async def test_delete_before_add_in_two_batches(uows: UnitOfWorkFactory, corp: Corp) -> None:
    """EV-4: the delete is known before anybody heard of the add, and is not forgotten when it comes."""
    await tell(uows, corp, [corp.event("customer_deleted_by_staff", "ann", "wmA", at=50)])
    await tell(uows, corp, [corp.event("customer_added", "ann", "wmA", at=10)])

    assert await relations(uows, corp, ["wmA"]) == [
        ("ann", "wmA", RelationStatus.DELETED_BY_STAFF, 10, 50, "")
    ]


async def test_a_loss_is_stated_once(uows: UnitOfWorkFactory, corp: Corp) -> None:
    """EV-2: hearing of a loss again states nothing; a hand-over is no loss."""
    added = corp.event("customer_added", "ann", "wmB", at=10)
    lost = corp.event("staff_deleted_by_customer", "ann", "wmB", at=50)
    cleared = corp.event("customer_deleted_by_staff", "ann", "wmB", at=70)
    moved = corp.event("customer_deleted_by_staff", "ann", "wmC", at=50, source="DELETE_BY_TRANSFER")

    assert await tell(uows, corp, [added]) == []
    first = await tell(uows, corp, [lost])
    assert len(first) == 1
    assert first[0].startswith(f"customer_lost:{corp.app_id}:ann:{corp.token('wmB').hex()}:")
    assert await tell(uows, corp, [lost, added, cleared]) == []
    assert await tell(uows, corp, [moved]) == []


async def test_relations_know_the_person(uows: UnitOfWorkFactory, corp: Corp) -> None:
    corp.persons["wmD"] = PersonId(41)
    await tell(uows, corp, [corp.event("customer_added", "ann", "wmD", at=0)])

    async with uows.app(corp.tenant_id) as uow:
        found = await RelationQueries(uow).of_people([PersonId(41)])

    assert [one.key.userid for one in found] == ["ann"]


async def test_members_come_and_leave_in_any_order(uows: UnitOfWorkFactory, corp: Corp) -> None:
    events = [
        corp.event("staff_joined", "cat", at=0),
        corp.event("staff_changed", "cat", at=5),
        corp.event("staff_left", "cat", at=9),
    ]
    for number, order in enumerate(itertools.permutations(events)):
        for one in order:
            one.context["staff"] = f"cat{number}"
            async with uows.system(corp.tenant_id) as uow:
                await DirectorySubscriber().apply(uow, [one], None)
                uow.facts.clear()

    async with uows.app(corp.tenant_id) as uow:
        assert await DirectoryQueries(uow).members(corp.corp_id) == ()
        gone = await DirectoryQueries(uow).members(corp.corp_id, with_left=True)
    assert [(one.has_left, one.status) for one in gone] == [(True, MemberStatus.UNKNOWN)] * 6


async def test_a_member_with_a_new_id_keeps_their_customers(uows: UnitOfWorkFactory, corp: Corp) -> None:
    renamed = corp.event("staff_changed", "dan", at=20, new_staff="daniel")
    events = [
        corp.event("staff_joined", "dan", at=0),
        corp.event("customer_added", "dan", "wmE", at=5),
        renamed,
        renamed,
    ]
    for one in events:
        async with uows.system(corp.tenant_id) as uow:
            about_staff = [one] if "staff_" in one.name else []
            await DirectorySubscriber().apply(uow, about_staff, None)
            await CustomerSubscriber().apply(uow, [one], None)
            uow.facts.clear()

    assert await relations(uows, corp, ["wmE"]) == [("daniel", "wmE", RelationStatus.ACTIVE, 5, None, "")]
    async with uows.app(corp.tenant_id) as uow:
        assert [one.userid for one in await DirectoryQueries(uow).members(corp.corp_id)] == ["daniel"]
