"""Everything that hangs on people, on a real database: what a merge moves and an unmerge gives back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from quanyu.flows.person_merge import PersonMerge
from quanyu.infra.crypto import KeyRing
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.channels.service import Channels
from quanyu.modules.community.groups.service import Groups
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.links.statistics import LinkFigures
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.ports import BrandZones, PersonVariables, Recipients
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.consent.contracts import EVERY, ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.service import MARKETING, Consent
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
    "SELECT code, person_id FROM link_code WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT id, person_id, known_as, is_repeat FROM form_answer WHERE tenant_id = :tenant ORDER BY id",
    "SELECT list_id, person_id FROM segment_list_entry WHERE tenant_id = :tenant ORDER BY 1, 2",
    "SELECT company_id, origin_person_id, person_id FROM company_contact "
    "WHERE tenant_id = :tenant ORDER BY 1, 2",
    "SELECT experiment_id, origin_person_id, person_id FROM experiment_exposure "
    "WHERE tenant_id = :tenant ORDER BY 1, 2",
    "SELECT id, inviter_id FROM live_code_state WHERE tenant_id = :tenant ORDER BY 1",
    "SELECT p.canonical_id, e.operation_id, e.purpose, e.state FROM consent_entry e JOIN person p "
    "ON p.tenant_id = e.tenant_id AND p.id = e.person_id WHERE e.tenant_id = :tenant ORDER BY 1, 2, 3",
    "SELECT id, person_id, entry_key, ordinal, cause, node, seq, status, wake_at, due_at, awaits, "
    "exit_reason, matched FROM enrolment WHERE tenant_id = :tenant ORDER BY 1",
)


@dataclass
class House:
    """Everything that hangs on people, on a real database."""

    desk: Desk
    people: People
    messaging: Messaging
    merging: PersonMerge
    sealer: Sealer
    consent: Consent

    async def say(self, person: int, purpose: str, state: ConsentState) -> None:
        """Let somebody say something of a purpose, on every channel."""
        async with self.desk.uows.system(self.desk.tenant) as uow:
            await self.consent.say(
                uow,
                Saying(
                    person_id=PersonId(person), operation_id=f"op:{new_id()}", purpose=purpose,
                    channel=ConsentChannel.ALL, state=state, text_version=None, source=ConsentSource.STAFF,
                    occurred_at=uow.clock.now(),
                ),
            )  # fmt: skip

    async def withdraw(self, person: int, purpose: str) -> None:
        await self.say(person, purpose, ConsentState.WITHDRAWN)

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
        await self.insert(
            "segment", id=number, name=f"list {number}", definition="{}", created_at=AT, updated_at=AT
        )
        await self.insert("segment_list", id=number, segment_id=number)
        await self.insert(
            "segment_list_entry", list_id=number, version=1, person_id=person, entry_token=token
        )
        await self.insert(
            "company", id=number, known_as=number, own="{}", name=f"company {number}", domain="", owner="",
            attributes="{}", created_at=AT, updated_at=AT, created_by="",
        )  # fmt: skip
        await self.insert(
            "company_contact", company_id=number, origin_person_id=person, person_id=person, roles=["buyer"],
            is_primary=False, since=AT, source="api", told_at=AT,
        )  # fmt: skip
        await self.insert(
            "experiment", id=number, name=f"experiment {number}", status="running", plan="{}", seed="",
            hash_version=2, created_at=AT, started_at=AT,
        )  # fmt: skip
        await self.insert(
            "experiment_exposure", experiment_id=number, origin_person_id=person, person_id=person,
            arm="b", exposed_at=AT, cause="api",
        )  # fmt: skip
        await self.insert(
            "form_answer", form_id=1, id=new_id(), version=1, person_id=person, known_as=person, device=b"",
            device_counts=False, once="person", answers="{}", score=0, result="", source="", seconds=0,
            submitted_at=AT,
        )  # fmt: skip
        await self.write_to(f"first:{number}", number, person)
        await self.insert(
            "enrolment", id=new_id(), journey_id=journey, version=1, person_id=person, ordinal=1,
            cause="publish:1", entered_at=AT, node=f"n{number}", seq=number, status="active",
            entered_node_at=AT, wake_at=AT + timedelta(days=number), due_at=AT + timedelta(days=number),
            awaits="Order Completed" if number % 2 else None,
        )  # fmt: skip

    async def write_to(self, key: str, number: int, person: int) -> None:
        """Record a message to the openid of a number, with a link in it."""
        message = new_id()
        await self.insert(
            "message_intent", id=message, origin_key=key, source_hash=b"", person_id=person,
            account_id=number, channel="wechat", kind="template", **{"class": "marketing"}, state="refused",
            reason="opted_out", planned_at=AT, due_at=AT, expires_at=AT, updated_at=AT,
            recipient=self.sealer.recipient_token(number, f"o{number}"),
        )  # fmt: skip
        link = new_id()
        await self.insert(
            "link",
            id=link,
            name=key,
            target="https://brand.test/",
            made_for=key,
            created_at=AT,
            updated_at=AT,
        )
        await self.insert(
            "link_code", code=f"c{message}", link_id=link, person_id=person, message_id=message, created_at=AT
        )


def build_house(desk: Desk, key_ring: KeyRing) -> House:
    """Return a house on this desk's brand."""
    people = People(key_ring, Warehouse.at("http://127.0.0.1:1"))  # Never asked.
    sealer = Sealer(key_ring)
    ports = MessagingPorts(
        recipients=cast(Recipients, None),
        variables=cast(PersonVariables, None),
        zones=cast(BrandZones, None),
        consent=LedgerConsent(Consent()),
        links=ShortLinks(key_ring, LinkFigures(Warehouse.at("http://127.0.0.1:1")), public_url=""),
    )
    messaging = Messaging(ports, sealer)
    consent = Consent()
    merging = PersonMerge(
        Channels(key_ring, _UNUSED, _UNUSED, public_url=""),
        Customers.__new__(Customers),
        CodeStates(StateSigner(key_ring)),
        Groups.__new__(Groups),
        messaging,
        Journeys(people, _UNUSED, messaging, _UNUSED),
        consent,
        ComputedAttributes.__new__(ComputedAttributes),
    )
    return House(desk, people, messaging, merging, sealer, consent)


async def move_in(house: House, count: int) -> list[int]:
    """Let so many people be known by an openid and as a colleague's customer; return who they are."""
    journey = new_id()
    await house.insert(
        "journey", id=journey, name="spring", status="active", draft="{}", version=1,
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    await house.insert(
        "form", id=1, token=f"form-{house.desk.tenant}", name="tea", kind="form", state="open", draft="{}",
        published=1, created_by="", created_at=AT, updated_at=AT,
    )  # fmt: skip
    await house.insert(
        "form_version", form_id=1, version=1, definition="{}", published_at=AT, published_by=""
    )
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
    for index, person in enumerate(people):
        if index % 3:
            await house.withdraw(person, EVERY if index % 2 else MARKETING)
    return people
