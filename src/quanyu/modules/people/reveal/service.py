"""Showing identifiers of one person in full."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import Caller
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.profile_queries import Member, StoredAttribute
from quanyu.modules.people.reveal.contracts import (
    REVEALS_SHOWN,
    Reveal,
    Revealed,
    RevealedValue,
    RevealNote,
    RevealNotes,
)
from quanyu.modules.people.reveal.errors import TooManyReveals
from quanyu.modules.people.reveal.queries import RevealQueries
from quanyu.modules.people.sealing import open_value

# How often one user sees somebody in full: enough to serve people, too little to copy a brand.
LIMITS: Final = ((timedelta(hours=1), 60), (timedelta(days=1), 300))


class Reveals:
    """Shows identifiers and names in full, and who saw them."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def reveal(
        self, uow: UnitOfWork, person_id: PersonId, command: Reveal, *, caller: Caller
    ) -> Revealed:
        """Return what a person has of the fields named, in full, and write down who saw it and why.

        Raises:
            PersonNotFound
            TooManyReveals: the caller saw as many as one may.
        """
        members = await self._members(uow, person_id)
        await self._check_pace(uow, caller)
        fields = tuple(dict.fromkeys(command.fields))
        await RevealQueries(uow).add(
            members[0].profile,
            user_id=caller.user_id,
            actor=caller.name,
            fields=fields,
            reason=command.reason,
        )
        found = [*await self._attributes(uow, members, fields), *await self._identities(uow, members, fields)]
        values = {(one.field, one.scope, one.value): one for one in found}  # A telephone number may be both.
        return Revealed(items=tuple(sorted(values.values(), key=lambda one: fields.index(one.field))))

    async def notes(self, uow: UnitOfWork, person_id: PersonId) -> RevealNotes:
        """Return who saw what of a person in full, newest first.

        Raises:
            PersonNotFound
        """
        people = [member.id for member in await self._members(uow, person_id)]
        rows = await RevealQueries(uow).of_people(people, limit=REVEALS_SHOWN)
        return RevealNotes(
            items=tuple(
                RevealNote(fields=tuple(row.fields), reason=row.reason, actor=row.actor, at=row.at)
                for row in rows
            )
        )

    async def _members(self, uow: UnitOfWork, person_id: PersonId) -> Sequence[Member]:
        canonical = await profile_queries.find_canonical(uow, [person_id])
        members = await profile_queries.list_members(uow, list(canonical.values()))
        if not members:
            shown = encode_id("per", person_id)
            raise PersonNotFound(f"there is no person {shown}", message_zh=f"没有这个客户：{shown}")
        return members

    async def _check_pace(self, uow: UnitOfWork, caller: Caller) -> None:
        queries, now = RevealQueries(uow), uow.clock.now()
        await queries.lock(caller.user_id)
        for span, most in LIMITS:
            if await queries.count_since(caller.user_id, now - span) >= most:
                hours = span // timedelta(hours=1)
                raise TooManyReveals(
                    f"identifiers in full were shown to you {most} times within {hours} h; try again later, "
                    "or ask for an export",
                    message_zh=f"您在 {hours} 小时内已查看完整信息 {most} 次，请稍后再试；批量需求请使用导出",
                )

    async def _attributes(
        self, uow: UnitOfWork, members: Sequence[Member], fields: Sequence[str]
    ) -> list[RevealedValue]:
        classes = [AttributeClass.IDENTIFIER.value, AttributeClass.NAME.value]
        found = await profile_queries.list_attributes(uow, members, keys=fields, classes=classes)
        return [RevealedValue(field=one.key, scope="", value=str(self._value(one))) for one in found]

    async def _identities(
        self, uow: UnitOfWork, members: Sequence[Member], fields: Sequence[str]
    ) -> list[RevealedValue]:
        profile = members[0].profile
        found = await profile_queries.list_sealed(uow, [profile], namespace=None, scope=None)
        return [
            RevealedValue(field=namespace, scope=scope, value=open_value(self._keyring, sealed))
            for _, namespace, scope, sealed, *_ in found
            if namespace in fields
        ]

    def _value(self, attribute: StoredAttribute) -> Any:
        if attribute.sealed is None:
            return attribute.value
        return msgspec.json.decode(self._keyring.open(attribute.sealed))
