"""The ports of welcomes, answered by the folders beside them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import CODE_PREFIX
from quanyu.modules.staff.codes.states import CodeStates
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.welcomes.ports import CodeOrigin, Greeter, KnownCustomer
from quanyu.modules.tenants.service import Tenants


class Neighbours:
    """``CodeBook``, ``StaffBook``, ``CustomerBook`` and ``Zones`` in one."""

    def __init__(self, keyring: KeyRing, states: CodeStates, tenants: Tenants) -> None:
        self._keyring = keyring
        self._states = states
        self._tenants = tenants

    async def resolve(
        self, uow: UnitOfWork, corp_id: AccountId, states: Mapping[str, datetime]
    ) -> Mapping[str, CodeOrigin]:
        """Return those of ``states`` that count at the instant beside them."""
        found = await self._states.resolve_all(uow, corp_id, states)
        return {
            state: CodeOrigin(
                code=encode_id(CODE_PREFIX, one.code_id),
                source=one.source,
                campaign=one.campaign,
                store=one.store,
            )
            for state, one in found.items()
        }

    async def greeters(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Greeter]:
        """Return what the directory knows of these members."""
        members = await DirectoryQueries(uow).by_userids(corp_id, userids)
        return {
            userid: Greeter(name=member.name, store=member.store or "") for userid, member in members.items()
        }

    async def known(
        self, uow: UnitOfWork, corp_id: AccountId, tokens: Sequence[bytes]
    ) -> Mapping[bytes, KnownCustomer]:
        """Return what is kept of these customers."""
        contacts = await ContactQueries(uow).find(corp_id, tokens)
        return {
            token: KnownCustomer(
                name=self._keyring.open(one.name_sealed).decode() if one.name_sealed else "",
                person_id=one.person_id,
            )
            for token, one in contacts.items()
        }

    async def tokens_of(
        self, uow: UnitOfWork, corp_id: AccountId | None, person_id: PersonId
    ) -> Sequence[bytes]:
        """Return the tokens a person has in this corp, or in all."""
        relations = await RelationQueries(uow).of_people([person_id])
        return sorted({one.key.token for one in relations if corp_id in (None, one.key.corp_id)})

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the brand's time zone."""
        return (await self._tenants.get_brand(uow)).time_zone
