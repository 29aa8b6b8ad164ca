"""People: who they are, what is known of them, what they did, and setting right who is who."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people import editing, graph_queries, profile_queries
from quanyu.modules.people.attributes import Teller, computed_row, write_attributes
from quanyu.modules.people.contracts import (
    AttributeClass,
    AttributeView,
    AttributeWrite,
    Identifier,
    IdentifierLike,
    IdentityView,
    LinkResult,
    PeoplePage,
    PersonProfile,
    PersonRow,
    TimelineFilter,
    TimelinePage,
)
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.errors import PersonNotFound, TooManyWrites
from quanyu.modules.people.identifiers import mask, namespace_of
from quanyu.modules.people.names import display_name, mask_attribute
from quanyu.modules.people.ports import NoEnrichment, PeopleEnrichment
from quanyu.modules.people.profile_queries import Member, Purchases, StoredAttribute
from quanyu.modules.people.sealing import open_value, token_of
from quanyu.modules.people.search import search
from quanyu.modules.people.traits import asked_instead, is_sealed_property
from quanyu.modules.people.views import milliseconds, profile_row, timeline_item, totals
from quanyu.modules.tenants.service import Tenants

__all__ = ["People", "ProfileCopier", "asked_instead", "is_sealed_property"]

WRITES_MAX: Final = 50_000
_ANYTHING: Final = TimelineFilter()
_END_OF_TIME: Final = (2**62, 2**63 - 1)
_ROW_KEYS: Final = ("city", "address.city", "phone_region", "rfm_class")

MemberSource = Sequence[int] | Callable[[UnitOfWork], Awaitable[Sequence[int]]]


class People:
    """Read people, set their computed attributes, link and unlink their identifiers."""

    def __init__(
        self, keyring: KeyRing, warehouse: Warehouse, enrichment: PeopleEnrichment | None = None
    ) -> None:
        self._keyring = keyring
        self._warehouse = warehouse
        self._enrichment: PeopleEnrichment = enrichment or NoEnrichment()
        self._tenants = Tenants()

    def enrich_with(self, enrichment: PeopleEnrichment) -> None:
        """Let higher modules add what they know; wiring calls this once."""
        self._enrichment = enrichment

    async def get_profile(self, uow: UnitOfWork, person_id: PersonId) -> PersonProfile:
        """Return everything known of a person; an id merged away answers with whom it stands for.

        Raises:
            PersonNotFound: this brand has no such person.
        """
        profile = await self._profile_of(uow, person_id)
        members = await profile_queries.list_members(uow, [profile])
        seen = (await profile_queries.seen_times(uow, members))[profile]
        attributes = await profile_queries.list_attributes(uow, members)
        extras = await self._enrichment.profile(uow, PersonId(profile))
        bought = (await self._purchases(uow, members)).get(profile)
        return PersonProfile(
            id=encode_id("per", profile),
            display_name=display_name(profile, self._names(attributes)),
            avatar_seed=encode_id("per", profile),
            first_seen_at=seen[0],
            last_seen_at=seen[1],
            attributes=tuple(self._attribute_view(one) for one in attributes),
            identities=await self._identity_views(uow, profile),
            segments=extras.segments,
            totals=None if bought is None else totals(bought),
            rfm=extras.rfm,
            lifetime=extras.lifetime,
            reachable=extras.reachable,
        )

    async def list_people(
        self,
        uow: UnitOfWork,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        q: str = "",
        within: MemberSource | None = None,
    ) -> PeoplePage:
        """Return a page of people, newest first.

        ``q`` finds an exact identifier of any kind, a person id, an order number, or part of a name.
        ``within`` keeps only the given people, for example the members of a segment.
        """
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        chosen = await self._chosen(uow, q.strip(), within)
        if chosen is None:
            found = await profile_queries.list_newest(uow, before=before, limit=size + 1)
            total = await profile_queries.count_people(uow)
        else:
            ordered = sorted(chosen, reverse=True)
            found = [one for one in ordered if before is None or one < before][: size + 1]
            total = len(ordered)
        page = found[:size]
        rows = await self.rows(uow, [PersonId(one) for one in page])
        return PeoplePage(
            items=rows, next_cursor=encode_cursor(page[-1]) if len(found) > size else None, total=total
        )

    async def search(self, uow: UnitOfWork, q: str, *, limit: int) -> tuple[PersonId, ...]:
        """Return who ``q`` finds, newest first, as in ``list_people``."""
        found = await search(uow, self._keyring, self._warehouse.for_tenant(uow.tenant_id), q)
        return tuple(PersonId(one) for one in sorted(found, reverse=True)[:limit])

    async def rows(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> tuple[PersonRow, ...]:
        """Return list rows of profiles, in the order given; unknown and merged-away ids are left out."""
        if not person_ids:
            return ()
        members = await profile_queries.list_members(uow, person_ids)
        seen = await profile_queries.seen_times(uow, members)
        shown = [one for one in person_ids if one in seen]
        clear = _by_profile(await profile_queries.list_attributes(uow, members, keys=_ROW_KEYS))
        names = await self._names_of(uow, members)
        extras = await self._enrichment.rows(uow, shown)
        bought = await self._purchases(uow, members)
        return tuple(
            profile_row(
                one,
                name=names[one],
                seen=seen[one],
                attributes={found.key: found.value for found in clear.get(one, ())},
                bought=bought.get(one),
                rfm_class=extras[one].rfm_class if one in extras else None,
                reachable=extras[one].reachable if one in extras else None,
            )
            for one in shown
        )

    async def timeline(
        self,
        uow: UnitOfWork,
        person_id: PersonId,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        wanted: TimelineFilter = _ANYTHING,
    ) -> TimelinePage:
        """Return what a person did, newest first, or what of it is wanted.

        Raises:
            PersonNotFound: this brand has no such person.
            WarehouseUnavailable: history cannot be read now.
        """
        profile = await self._profile_of(uow, person_id)
        members = await profile_queries.list_members(uow, [profile])
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int, int) if cursor else _END_OF_TIME
        gate = self._warehouse.for_tenant(uow.tenant_id)
        rows = await profile_queries.timeline(
            uow,
            gate,
            [member.id for member in members],
            wanted=wanted,
            before=(before[0], before[1]),
            limit=size + 1,
        )
        items = tuple(timeline_item(row) for row in rows[:size])
        last = rows[size - 1] if len(rows) > size else None
        return TimelinePage(
            items=items, next_cursor=None if last is None else encode_cursor(milliseconds(last[3]), last[0])
        )

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Iterable[PersonId]
    ) -> dict[PersonId, PersonId]:
        """Return who each id stands for today; unknown ids are left out."""
        found = await profile_queries.find_canonical(uow, list(dict.fromkeys(person_ids)))
        return {PersonId(one): PersonId(canonical) for one, canonical in found.items()}

    async def members_of(self, uow: UnitOfWork, person_id: PersonId) -> tuple[PersonId, ...]:
        """Return the ids somebody is made of, least first; nothing for an unknown id."""
        canonical = await profile_queries.find_canonical(uow, [person_id])
        members = await profile_queries.list_members(uow, list(canonical.values()))
        return tuple(sorted(PersonId(member.id) for member in members))

    async def count(self, uow: UnitOfWork) -> int:
        """Return how many people the brand has."""
        return await profile_queries.count_people(uow)

    async def count_new(self, uow: UnitOfWork, since: datetime) -> int:
        """Return how many people were first seen at or after ``since``."""
        return await profile_queries.count_created_since(uow, since)

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, str]:
        """Return what to call each person; ids merged away are called like whom they stand for."""
        canonical = await profile_queries.find_canonical(uow, list(person_ids))
        members = await profile_queries.list_members(uow, sorted(set(canonical.values())))
        names = await self._names_of(uow, members)
        return {PersonId(one): names[profile] for one, profile in canonical.items()}

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], keys: Sequence[str] | None = None
    ) -> dict[PersonId, dict[str, Any]]:
        """Return attributes with their values unsealed: for templates and journeys, not for pages."""
        canonical = await profile_queries.find_canonical(uow, list(person_ids))
        members = await profile_queries.list_members(uow, sorted(set(canonical.values())))
        found = _by_profile(await profile_queries.list_attributes(uow, members, keys=keys))
        return {
            PersonId(one): {stored.key: self._value(stored) for stored in found.get(profile, ())}
            for one, profile in canonical.items()
        }

    async def locate(
        self, uow: UnitOfWork, person_id: PersonId, namespace: str, scope: str | None = None
    ) -> tuple[Identifier, ...]:
        """Return a person's identifiers of one kind, oldest first; of one scope, or of all."""
        canonical = await profile_queries.find_canonical(uow, [person_id])
        if person_id not in canonical:
            return ()
        found = await profile_queries.list_sealed(
            uow, [canonical[person_id]], namespace=namespace, scope=scope
        )
        return tuple(Identifier(one[1], one[2], open_value(self._keyring, one[3])) for one in found)

    async def openids_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], scope: str
    ) -> dict[PersonId, str]:
        """Return each person's openid at the account ``scope``; people without one are left out."""
        return await self.values_of(uow, person_ids, namespace="openid", scope=scope)

    async def values_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], *, namespace: str, scope: str
    ) -> dict[PersonId, str]:
        """Return each person's identifier of one kind; the one known longest where there are several."""
        canonical = await profile_queries.find_canonical(uow, list(person_ids))
        found = await profile_queries.list_sealed(
            uow, sorted(set(canonical.values())), namespace=namespace, scope=scope
        )
        first: dict[int, bytes] = {}
        for profile, _, _, sealed, _, _ in found:
            first.setdefault(profile, sealed)
        return {
            PersonId(one): open_value(self._keyring, first[profile])
            for one, profile in canonical.items()
            if profile in first
        }

    async def people_by_identifier(
        self, uow: UnitOfWork, identifiers: Sequence[IdentifierLike]
    ) -> list[PersonId | None]:
        """Return whose each identifier is, aligned; ``None`` is nobody's."""
        tokens = [token_of(self._keyring, one) for one in identifiers]
        wanted = dict.fromkeys(token for token in tokens if token is not None)
        found = await profile_queries.people_by_token(uow, wanted) if wanted else {}
        return [PersonId(found[token]) if token is not None and token in found else None for token in tokens]

    async def set_attributes(
        self,
        uow: UnitOfWork,
        writes: Sequence[AttributeWrite],
        *,
        source: str,
        occurred_at: datetime | None = None,
        keep_past: bool = False,
    ) -> int:
        """Set attributes, at most ``WRITES_MAX`` a call; return how many profiles changed.

        The newest ``occurred_at`` wins against what events told, and repeating a computation as of the same
        instant replaces its values. Copies in the warehouse follow with the next batch of the log; facts
        published beside this call arrive after them. With ``keep_past`` the attribute's history
        shows what was there before: not for what is computed every night.

        Raises:
            TooManyWrites: split them over several units of work.
        """
        if len(writes) > WRITES_MAX:
            raise TooManyWrites(f"at most {WRITES_MAX} attributes a call, got {len(writes)}")
        connection = await uow.raw()
        await graph_queries.lock_version(connection, uow.tenant_id)
        canonical = await profile_queries.find_canonical(uow, list({one.person_id for one in writes}))
        at, position = occurred_at or uow.clock.now(), new_id()
        rows = [
            computed_row(
                self._keyring,
                Teller(canonical[one.person_id], source, at, position),
                one.key,
                one.value,
            )
            for one in writes
            if one.person_id in canonical
        ]
        changed = await write_attributes(connection, uow.tenant_id, rows, keep_past=keep_past)
        await graph_queries.note_changes(connection, uow.tenant_id, profiles=changed, remapped=())
        return len(changed)

    async def link(
        self, uow: UnitOfWork, a: IdentifierLike, b: IdentifierLike, *, actor: str, reason: str
    ) -> LinkResult:
        """State that two identifiers are one person's; limits still hold.

        Idempotent. Publishes ``people.linked``, and the edge keeps ``actor`` and ``reason``.

        Raises:
            UnusableIdentifier: one of them can name nobody.
        """
        result = await editing.link(uow, self._keyring, a, b, actor=actor, reason=reason)
        uow.publish(identity_edited("people.linked", result, actor=actor, reason=reason, at=uow.clock.now()))
        return result

    async def unlink(
        self, uow: UnitOfWork, a: IdentifierLike, b: IdentifierLike, *, actor: str, reason: str
    ) -> LinkResult:
        """State that two identifiers are not one person's: remove every edge between them, for good.

        People who were one only through it come apart, each with exactly its own history and attributes.
        Publishes ``people.unlinked``.

        Raises:
            UnusableIdentifier: one of them can name nobody.
            IdentifierNotFound: nobody has one of them.
        """
        result = await editing.unlink(uow, self._keyring, a, b, actor=actor, reason=reason)
        uow.publish(
            identity_edited("people.unlinked", result, actor=actor, reason=reason, at=uow.clock.now())
        )
        return result

    async def set_shared(
        self, uow: UnitOfWork, identifier: IdentifierLike, *, is_shared: bool, actor: str, reason: str
    ) -> LinkResult:
        """Mark a value that many use (a shop's telephone) so that it joins nobody, or take the mark away.

        Publishes ``people.identifier_marked``.

        Raises:
            UnusableIdentifier: it can name nobody.
            IdentifierNotFound: nobody has it.
        """
        result = await editing.set_shared(uow, self._keyring, identifier, is_shared=is_shared)
        name = "people.identifier_marked"
        uow.publish(identity_edited(name, result, actor=actor, reason=reason, at=uow.clock.now()))
        return result

    async def _profile_of(self, uow: UnitOfWork, person_id: PersonId) -> int:
        canonical = await profile_queries.find_canonical(uow, [person_id])
        if person_id not in canonical:
            raise PersonNotFound(
                f"there is no person {encode_id('per', person_id)}",
                message_zh=f"没有这个客户：{encode_id('per', person_id)}",
            )
        return canonical[person_id]

    async def _chosen(self, uow: UnitOfWork, q: str, within: MemberSource | None) -> set[int] | None:
        """Return the profiles a list is restricted to, or ``None`` for all."""
        chosen: set[int] | None = None
        if within is not None:
            members = await within(uow) if callable(within) else within
            chosen = set(members)
        if q:
            found = await search(uow, self._keyring, self._warehouse.for_tenant(uow.tenant_id), q)
            chosen = found if chosen is None else chosen & found
        return chosen

    async def _purchases(self, uow: UnitOfWork, members: Sequence[Member]) -> Mapping[int, Purchases]:
        """Return what people bought, or nothing while history cannot be read: the page shows the rest."""
        if not members:
            return {}
        brand = await self._tenants.get_brand(uow)
        gate = self._warehouse.for_tenant(uow.tenant_id)
        try:
            return await profile_queries.purchases(uow, gate, members, own_currency=brand.currency)
        except WarehouseUnavailable:
            return {}

    async def _names_of(self, uow: UnitOfWork, members: Sequence[Member]) -> dict[int, str]:
        found = _by_profile(
            await profile_queries.list_attributes(uow, members, classes=[AttributeClass.NAME.value])
        )
        return {
            profile: display_name(profile, self._names(found.get(profile, ())))
            for profile in {member.profile for member in members}
        }

    def _names(self, attributes: Iterable[StoredAttribute]) -> dict[str, str]:
        return {
            one.key: str(self._value(one)) for one in attributes if one.attribute_class == AttributeClass.NAME
        }

    def _value(self, attribute: StoredAttribute) -> Any:
        if attribute.sealed is None:
            return attribute.value
        return msgspec.json.decode(self._keyring.open(attribute.sealed))

    def _attribute_view(self, attribute: StoredAttribute) -> AttributeView:
        value = self._value(attribute)
        if attribute.attribute_class == AttributeClass.IDENTIFIER:
            value = mask_attribute(attribute.key, str(value))
        return AttributeView(
            key=attribute.key,
            value=value,
            source=attribute.source,
            occurred_at=attribute.occurred_at,
            classification=AttributeClass(attribute.attribute_class),
        )

    async def _identity_views(self, uow: UnitOfWork, profile: int) -> tuple[IdentityView, ...]:
        found = await profile_queries.list_sealed(uow, [profile], namespace=None, scope=None)
        evidence = await profile_queries.list_evidence(uow, [one[5] for one in found])
        views = [
            IdentityView(
                namespace=namespace,
                scope=scope,
                value_masked=mask(namespace, open_value(self._keyring, sealed)),
                strength=namespace_of(namespace).strength,
                first_seen_at=first_seen_at,
                evidence=evidence.get(token, ()),
            )
            for _, namespace, scope, sealed, first_seen_at, token in found
        ]
        return tuple(sorted(views, key=lambda view: (-view.strength, view.first_seen_at)))


def _by_profile(attributes: Iterable[StoredAttribute]) -> dict[int, list[StoredAttribute]]:
    grouped: dict[int, list[StoredAttribute]] = {}
    for one in attributes:
        grouped.setdefault(one.profile, []).append(one)
    return grouped


def identity_edited(name: str, result: LinkResult, *, actor: str, reason: str, at: datetime) -> Fact:
    """Return the fact that somebody set right who is who."""
    return Fact(
        name=name,
        message_id=f"{name}:{new_id()}",
        occurred_at=at,
        person_id=result.people[0],
        properties={
            "outcome": result.outcome.value,
            "reason": result.reason,
            "people": [encode_id("per", one) for one in result.people],
            "actor": actor,
            "note": reason,
        },
    )
