"""ID-1: an unmerge gives everybody back what hung on them; what happened since goes with its identifier."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest

from quanyu.flows.person_merge import PersonMerge
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.channels.service import Channels
from quanyu.modules.community.groups.service import Groups
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.messaging.contracts import OptOutScope
from quanyu.modules.messaging.ports import BrandZones, PersonVariables, Recipients
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.contracts import LinkResult
from quanyu.modules.people.service import People
from quanyu.modules.staff.codes.states import CodeStates, StateSigner
from quanyu.modules.staff.customers.service import Customers

from .conftest import AT, Desk, identifier

_UNUSED: Any = cast(Any, None)  # Following people asks nobody but the database.
_WHO = {"actor": "user:ling", "reason": "at the counter"}
_HANGS_ON_PEOPLE = (
    "SELECT token, person_id, canonical_id FROM identity WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT id, canonical_id, first_seen_at, last_seen_at FROM person WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT person_id, key, value FROM person_attribute WHERE tenant_id = :tenant ORDER BY 1, 2",
    "SELECT openid_token, person_id FROM follower WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT token, person_id FROM external_contact WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT customer_token, person_id FROM staff_customer WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT token, person_id FROM group_member WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT origin_key, person_id FROM message_intent WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT id, inviter_id FROM live_code_state WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT person_id, scope, since FROM message_optout WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT id, person_id, entry_key, ordinal, cause, node, seq, status, wake_at, due_at, awaits, "
    "exit_reason, matched FROM enrolment WHERE tenant_id = :tenant ORDER BY 1",
)


class _Ports:
    """What messaging asks of people."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def members_of(self, uow: UnitOfWork, person_id: PersonId) -> Sequence[PersonId]:
        return await self._people.members_of(uow, person_id)


@dataclass
class House:
    """Everything that hangs on people, on a real database."""

    desk: Desk
    people: People
    messaging: Messaging
    merging: PersonMerge
    sealer: Sealer

    async def edit(self, how: str, a: str, b: str) -> LinkResult:
        """Link or unlink, and let everything follow."""
        async with self.desk.uows.system(self.desk.tenant) as uow:
            act = self.people.link if how == "link" else self.people.unlink
            result = await act(uow, identifier(a), identifier(b), **_WHO)
            await self.merging.follow(uow, result.merges, result.departures)
        await self.desk.check()
        return result

    async def insert(self, table: str, **row: Any) -> None:
        row = {"tenant_id": self.desk.tenant, **row}
        async with self.desk.uows.system(self.desk.tenant) as uow:
            await uow.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{one}' for one in row)})",
                row,
            )

    async def snapshot(self) -> list[Any]:
        return [await self.desk.query(sql) for sql in _HANGS_ON_PEOPLE]

    async def settle_in(self, number: int, person: int, *, journey: int) -> None:
        """Let a person follow, be a colleague's customer, sit in a group, be written to, be on the way."""
        corp, token = 100 + number, self.desk.token(f"external_userid@corp{number}:e{number}")
        for account, app in ((number, f"wx{number}"), (corp, f"corp{number}")):
            await self.insert(
                "official_account", id=account, app_id=app, name=app, base_url="", secret_sealed=b"",
                account_key=f"{self.desk.tenant}-{app}", token_sealed=b"", aes_key_sealed=b"",
                created_at=AT, updated_at=AT,
            )  # fmt: skip
        await self.insert(
            "follower", account_id=number, openid_token=self.desk.token(f"openid@wx{number}:o{number}"),
            openid_sealed=self.desk.key_ring.seal(f"o{number}".encode()), person_id=person, first_seen_at=AT,
        )  # fmt: skip
        await self.insert("external_contact", corp_id=corp, token=token, person_id=person, created_at=AT)
        await self.insert(
            "staff_customer", corp_id=corp, member_userid="ling", customer_token=token, person_id=person,
            status="active", created_at=AT, updated_at=AT,
        )  # fmt: skip
        group = new_id()
        await self.insert(
            "customer_group", id=group, corp_id=corp, chat_id=str(group), state="active",
            first_seen_at=AT, updated_at=AT,
        )  # fmt: skip
        await self.insert(
            "group_member", group_id=group, token=token, joined_at=AT, is_customer=True, person_id=person
        )
        await self.insert(
            "live_code_state", id=new_id(), corp_id=corp, code_id=1, inviter_id=person, created_at=AT
        )
        await self.write_to(f"first:{number}", number, person)
        await self.insert(
            "enrolment", id=new_id(), journey_id=journey, version=1, person_id=person, ordinal=1,
            cause="publish:1", entered_at=AT, node=f"n{number}", seq=number, status="active",
            entered_node_at=AT, wake_at=AT + timedelta(days=number), due_at=AT + timedelta(days=number),
            awaits="Order Completed" if number % 2 else None,
        )  # fmt: skip

    async def write_to(self, key: str, number: int, person: int) -> None:
        """Record a message to the openid of a number."""
        await self.insert(
            "message_intent", id=new_id(), origin_key=key, source_hash=b"", person_id=person,
            account_id=number, channel="wechat", kind="template", **{"class": "marketing"}, state="refused",
            reason="opted_out", planned_at=AT, due_at=AT, expires_at=AT, updated_at=AT,
            recipient=self.sealer.recipient_token(number, f"o{number}"),
        )  # fmt: skip


@pytest.fixture
def house(desk: Desk, key_ring: KeyRing) -> House:
    people = People(key_ring, Warehouse.at("http://127.0.0.1:1"))  # Never asked.
    sealer = Sealer(key_ring)
    ports = MessagingPorts(
        recipients=cast(Recipients, None),
        variables=cast(PersonVariables, _Ports(people)),
        zones=cast(BrandZones, None),
    )
    messaging = Messaging(ports, sealer)
    merging = PersonMerge(
        Channels(key_ring, _UNUSED, _UNUSED, public_url=""),
        Customers.__new__(Customers),
        CodeStates(StateSigner(key_ring)),
        Groups.__new__(Groups),
        messaging,
        Journeys(people, _UNUSED, messaging),
    )
    return House(desk, people, messaging, merging, sealer)


async def move_in(house: House, count: int) -> list[int]:
    """Let so many people be known by an openid and as a colleague's customer; return who they are."""
    journey = new_id()
    await house.insert(
        "journey", id=journey, name="spring", status="active", draft="{}", version=1,
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    people = []
    for number in range(1, count + 1):
        result = await house.desk.resolve(
            house.desk.row(
                f"openid@wx{number}:o{number}", f"external_userid@corp{number}:e{number}",
                traits={"city": f"city {number}", f"only_{number}": number},
            ),
            house.desk.row(f"external_userid@corp{number}:e{number}"),
        )  # fmt: skip
        person = result.canonical_ids[1]
        assert person is not None
        await house.settle_in(number, person, journey=journey)
        people.append(person)
    async with house.desk.uows.system(house.desk.tenant) as uow:
        for index, person in enumerate(people):
            if index % 3:
                scope = OptOutScope.ALL if index % 2 else OptOutScope.MARKETING
                await house.messaging.opt_out(uow, PersonId(person), scope)
    return people


@pytest.mark.parametrize("seed", range(3))
async def test_unmerging_every_merge_in_any_order_leaves_everything_as_it_was(
    house: House, seed: int
) -> None:
    dice, count = random.Random(seed), 5
    await move_in(house, count)
    before = await house.snapshot()
    pairs = [tuple(sorted(dice.sample(range(1, count + 1), 2))) for _ in range(7)]
    names = list(
        {
            tuple(dice.choice([f"openid@wx{n}:o{n}", f"external_userid@corp{n}:e{n}"]) for n in pair): None
            for pair in pairs
        }
    )
    for a, b in names:
        await house.edit("link", a, b)
    assert await house.snapshot() != before
    dice.shuffle(names)
    for a, b in names:
        await house.edit("unlink", a, b)
    assert await house.snapshot() == before


async def test_merging_again_after_an_unmerge_is_the_same_merge(house: House) -> None:
    await move_in(house, 2)
    pair = ("openid@wx1:o1", "openid@wx2:o2")
    await house.edit("link", *pair)
    merged = await house.snapshot()
    await house.edit("unlink", *pair)
    await house.edit("link", *pair)
    assert await house.snapshot() == merged


async def test_what_happened_since_goes_with_the_identifier_it_happened_to(house: House) -> None:
    one, two = await move_in(house, 2)
    pair = ("external_userid@corp1:e1", "external_userid@corp2:e2")
    await house.edit("link", *pair)
    await house.write_to("since:1", 1, one)
    await house.write_to("since:2", 2, one)
    await house.desk.query("DELETE FROM follower WHERE tenant_id = :tenant RETURNING 1")
    for number in (1, 2):
        await house.insert(
            "follower", account_id=number, openid_token=house.desk.token(f"openid@wx{number}:o{number}"),
            openid_sealed=house.desk.key_ring.seal(f"o{number}".encode()), person_id=one, first_seen_at=AT,
        )  # fmt: skip
    async with house.desk.uows.system(house.desk.tenant) as uow:
        await house.messaging.opt_in(uow, PersonId(one))
        await house.messaging.opt_out(uow, PersonId(one), OptOutScope.ALL)

    await house.edit("unlink", *pair)

    followers = await house.desk.query(
        "SELECT account_id, person_id FROM follower WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert followers == [(1, one), (2, two)]
    messages = await house.desk.query(
        "SELECT origin_key, person_id FROM message_intent WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert messages == [("first:1", one), ("first:2", two), ("since:1", one), ("since:2", two)]
    # Nobody can tell who of the two did not want to be written to any more: neither is.
    optouts = await house.desk.query(
        "SELECT person_id, scope FROM message_optout WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert optouts == [(one, "all"), (two, "all")]


async def test_an_identifier_that_never_owned_an_event_takes_along_what_is_its_own(house: House) -> None:
    (person,) = await move_in(house, 1)
    # The openid is the stronger of the two, so the event was its: the customer id owned one of its own.
    await house.desk.resolve(house.desk.row("openid@wx1:o1", "external_userid@corp9:e9"))
    await house.insert(
        "official_account", id=109, app_id="corp9", name="", base_url="", secret_sealed=b"",
        account_key=f"{house.desk.tenant}-9", token_sealed=b"", aes_key_sealed=b"", created_at=AT,
        updated_at=AT,
    )  # fmt: skip
    token = house.desk.token("external_userid@corp9:e9")
    await house.insert("external_contact", corp_id=109, token=token, person_id=person, created_at=AT)
    result = await house.edit("unlink", "openid@wx1:o1", "external_userid@corp9:e9")
    _, alone = result.people
    assert alone != person
    rows = await house.desk.query(
        "SELECT corp_id, person_id FROM external_contact WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert rows == [(101, person), (109, alone)]
