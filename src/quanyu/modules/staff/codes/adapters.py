"""The ports of live codes, fed by the directory and by who serves whom."""

from collections.abc import Mapping, Sequence

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.ports import Bond, Colleague, Named
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Relation
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.directory.contracts import MemberStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries


class DirectoryColleagues:
    """``ports.Colleagues`` from the directory and the relations."""

    async def standing(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Colleague]:
        """Return those of these members who exist or existed."""
        members = await DirectoryQueries(uow).by_userids(corp_id, userids)
        held = await RelationQueries(uow).count_held(corp_id, sorted(members)) if members else {}
        return {
            userid: Colleague(
                userid=userid,
                name=member.shown_name,
                is_active=member.status is MemberStatus.ACTIVE and not member.has_left,
                can_serve=member.can_serve,
                is_online=member.is_online,
                held=held.get(userid, 0),
                store=member.store or "",
            )
            for userid, member in members.items()
        }


class RelationBonds:
    """``ports.Bonds`` from the relations."""

    async def of_customers(
        self, uow: UnitOfWork, corp_id: AccountId, tokens: Sequence[bytes]
    ) -> Mapping[bytes, tuple[Bond, ...]]:
        """Return every bond of each customer, the oldest first."""
        found = await RelationQueries(uow).of_customers(corp_id, tokens)
        return {token: tuple(map(_bond, relations)) for token, relations in found.items()}

    async def of_person(self, uow: UnitOfWork, corp_id: AccountId, person_id: PersonId) -> tuple[Bond, ...]:
        """Return a person's bonds that last, the oldest first."""
        relations = await RelationQueries(uow).of_people([person_id])
        bonds = [_bond(one) for one in relations if one.key.corp_id == corp_id]
        return tuple(sorted((bond for bond in bonds if bond.is_active), key=lambda bond: bond.since))


class ContactNames:
    """``ports.Names`` from the customers' details."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def of_customer(self, uow: UnitOfWork, corp_id: AccountId, token: bytes) -> Named | None:
        """Return a customer, ``None`` while their id is not known."""
        contact = (await ContactQueries(uow).find(corp_id, [token])).get(token)
        if contact is None or contact.sealed is None:
            return None
        name = "" if contact.name_sealed is None else self._keyring.open(contact.name_sealed).decode()
        return Named(self._keyring.open(contact.sealed).decode(), name)


def _bond(relation: Relation) -> Bond:
    start = relation.told.start
    return Bond(
        relation.key.userid,
        0.0 if start is None else start.timestamp(),
        relation.status is RelationStatus.ACTIVE,
    )
