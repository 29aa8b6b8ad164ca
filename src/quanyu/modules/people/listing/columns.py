"""The chosen columns of a list, read for the people of one page; identifiers come masked on every page."""

from collections.abc import Iterable, Sequence

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import AttributeClass, PersonRow
from quanyu.modules.people.identifiers import mask
from quanyu.modules.people.listing.contracts import ATTRIBUTE, IDENTITY, ListRow, ShownIdentity, ShownValue
from quanyu.modules.people.names import mask_attribute
from quanyu.modules.people.profile_queries import StoredAttribute
from quanyu.modules.people.sealing import open_value
from quanyu.modules.people.tags.contracts import CarriedTag
from quanyu.modules.people.tags.giving import TagGiving


class ChosenColumns:
    """Reads what operators chose to see."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring
        self._tags = TagGiving()

    async def beside(
        self,
        uow: UnitOfWork,
        rows: Sequence[PersonRow],
        people: Sequence[int],
        columns: Sequence[str],
        *,
        unmasked: bool = False,
    ) -> tuple[ListRow, ...]:
        """Return the rows with the columns; ``people`` are profiles, more than the rows' do no harm.

        Identifiers are in clear only in a file somebody was allowed to ask for so.
        """
        attributes = await self.attributes(uow, people, _of_kind(columns, ATTRIBUTE), unmasked=unmasked)
        identities = await self.identities(uow, people, _of_kind(columns, IDENTITY), unmasked=unmasked)
        tags: dict[PersonId, list[CarriedTag]] = {}
        if "tags" in columns:
            tags = await self._tags.carried(uow, [PersonId(one) for one in people])
        known = {encode_id("per", one): one for one in people}
        return tuple(
            ListRow(
                **row.model_dump(),
                attributes=tuple(attributes.get(known[row.id], ())),
                tags=tuple(tags.get(PersonId(known[row.id]), ())),
                identities=tuple(identities.get(known[row.id], ())),
            )
            for row in rows
        )

    async def attributes(
        self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str], *, unmasked: bool
    ) -> dict[int, list[ShownValue]]:
        """Return the values that count, by profile, in the order of ``keys``."""
        if not keys or not people:
            return {}
        members = await profile_queries.list_members(uow, people)
        found: dict[int, dict[str, ShownValue]] = {}
        for one in await profile_queries.list_attributes(uow, members, keys=keys):
            value = ShownValue(key=one.key, value=self._value(one, unmasked))
            found.setdefault(one.profile, {})[one.key] = value
        return {profile: [values[key] for key in keys if key in values] for profile, values in found.items()}

    async def identities(
        self, uow: UnitOfWork, people: Sequence[int], namespaces: Sequence[str], *, unmasked: bool
    ) -> dict[int, list[ShownIdentity]]:
        """Return identifiers of some kinds, by profile, those known longest first."""
        found: dict[int, list[ShownIdentity]] = {}
        for wanted in namespaces if people else ():
            for profile, namespace, scope, sealed, _, _ in await profile_queries.list_sealed(
                uow, people, namespace=wanted, scope=None
            ):
                value = open_value(self._keyring, sealed)
                shown = value if unmasked else mask(namespace, value)
                found.setdefault(profile, []).append(
                    ShownIdentity(namespace=namespace, scope=scope, value_masked=shown)
                )
        return found

    def _value(self, one: StoredAttribute, unmasked: bool) -> object:
        if one.sealed is None:
            return one.value
        value = msgspec.json.decode(self._keyring.open(one.sealed))
        if one.attribute_class == AttributeClass.IDENTIFIER and not unmasked:
            return mask_attribute(one.key, str(value))
        return value


def _of_kind(columns: Iterable[str], prefix: str) -> list[str]:
    return [one.removeprefix(prefix) for one in dict.fromkeys(columns) if one.startswith(prefix)]
