"""The identity desk: why identifiers are one person's, taking them apart, and taking that back."""

from collections.abc import Mapping, Sequence
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people import editing, profile_queries
from quanyu.modules.people.contracts import LinkResult
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.sealing import open_value
from quanyu.modules.people.separation import queries, views
from quanyu.modules.people.separation.contracts import (
    FollowsPeople,
    KnownIdentity,
    MarkIdentity,
    PersonEvidence,
    SeparateIdentities,
    SeparationPreview,
    SeparationResult,
    Side,
)
from quanyu.modules.people.separation.errors import (
    AlreadyUndone,
    DecisionNotFound,
    NotTheirs,
    TooManyPairs,
)
from quanyu.modules.people.separation.queries import Decision, ShownIdentity
from quanyu.modules.people.service import identity_edited

PAIRS_MAX: Final = 2_000
DECISION_PREFIX: Final = "idd"


class IdentityDesk:
    """Explain who is one person, separate identifiers, mark shared ones; each decision is on record."""

    def __init__(self, keyring: KeyRing, warehouse: Warehouse, following: FollowsPeople) -> None:
        self._keyring = keyring
        self._warehouse = warehouse
        self._following = following

    async def explain(self, uow: UnitOfWork, person_id: PersonId) -> PersonEvidence:
        """Return a person's identifiers, by what they are held together, and what was decided about them.

        Raises:
            PersonNotFound: this brand has no such person.
        """
        profile = await self._profile_of(uow, person_id)
        theirs = await queries.identities_of(uow, profile)
        tokens = [one.token for one in theirs]
        edges = await queries.edges_at(uow, tokens)
        known = set(tokens)
        ends = {token for edge in edges for token in (edge.a, edge.b)} - known
        others = await queries.identities_by_token(uow, sorted(ends))
        decisions = await queries.decisions_about(uow, tokens)
        return PersonEvidence(
            person=encode_id("per", profile),
            identities=tuple(self._identity(one) for one in [*theirs, *others]),
            evidence=tuple(views.evidence(edge) for edge in edges),
            decisions=tuple(views.decision(one, DECISION_PREFIX) for one in decisions),
        )

    async def preview(self, uow: UnitOfWork, person_id: PersonId, chosen: Sequence[str]) -> SeparationPreview:
        """Do what ``separate`` would do, see what moves, and leave no trace of it.

        Raises:
            PersonNotFound, NotTheirs, TooManyPairs: as ``separate``.
        """
        ones, others = await self._sides(uow, person_id, chosen)
        connection = await uow.raw()
        tokens = [*ones, *others]
        before = {one.person_id for one in await queries.identities_by_token(uow, tokens)}
        async with connection.transaction(force_rollback=True):
            result, edges = await editing.separate(uow, ones, others, note="", source="")
            moves = await self._follow(uow, result)
            after = await queries.identities_by_token(uow, tokens)
            members = await self._members(uow, after)
        events = await self._events(uow, [one for ids in members.values() for one in ids])
        sides = tuple(
            Side(
                person=encode_id("per", person) if person in before else None,
                identities=tuple(views.identity_id(one.token) for one in after if one.canonical_id == person),
                events=None if events is None else sum(events.get(one, 0) for one in members[person]),
            )
            for person in sorted(members)
        )
        return SeparationPreview(edges=sum(1 for one in edges if one.state), sides=sides, moves=dict(moves))

    async def separate(
        self, uow: UnitOfWork, person_id: PersonId, command: SeparateIdentities, *, actor: str
    ) -> SeparationResult:
        """Hold the chosen identifiers apart from the person's others, for good, and let everything follow.

        Publishes ``people.unlinked``. ``undo`` takes it back.

        Raises:
            PersonNotFound: this brand has no such person.
            NotTheirs: an identifier is somebody else's, or all were chosen.
            TooManyPairs: more than ``PAIRS_MAX`` pairs to hold apart.
        """
        ones, others = await self._sides(uow, person_id, command.identities)
        note = f"{actor}: {command.reason}"
        result, edges = await editing.separate(uow, ones, others, note=note, source=actor)
        moves = await self._follow(uow, result)
        decision = await queries.keep_decision(
            uow, "separated", [*ones, *others], edges, actor=actor, reason=command.reason
        )
        self._publish(uow, "people.unlinked", result, actor=actor, reason=command.reason)
        return _done(decision, result, moves)

    async def mark(
        self, uow: UnitOfWork, person_id: PersonId, command: MarkIdentity, *, actor: str
    ) -> SeparationResult:
        """Mark an identifier as used by many, so that it joins nobody, or take the mark away (ID-2).

        Publishes ``people.identifier_marked``.

        Raises:
            PersonNotFound: this brand has no such person.
            NotTheirs: the identifier is somebody else's.
        """
        profile = await self._profile_of(uow, person_id)
        token = views.token_of(command.identity)
        theirs = {one.token: one for one in await queries.identities_of(uow, profile)}
        if token not in theirs:
            raise _not_theirs()
        return await self._mark(
            uow, theirs[token], is_shared=command.is_shared, actor=actor, reason=command.reason
        )

    async def undo(self, uow: UnitOfWork, decision_id: int, *, actor: str) -> SeparationResult:
        """Take a decision back: what it changed counts again as before.

        Raises:
            DecisionNotFound: there is none with this id.
            AlreadyUndone: it was taken back before.
        """
        decision = await queries.lock_decision(uow, decision_id)
        if decision is None:
            raise DecisionNotFound("there is no such decision", message_zh="没有这条身份决定")
        if decision.undone_at is not None:
            raise AlreadyUndone("this decision was taken back before", message_zh="这条决定已经撤销过")
        result = await self._take_back(uow, decision)
        moves = await self._follow(uow, result)
        await queries.mark_undone(uow, decision_id, actor=actor)
        name = "people.linked" if decision.kind == "separated" else "people.identifier_marked"
        self._publish(uow, name, result, actor=actor, reason=f"undone: {decision.reason}")
        return _done(decision_id, result, moves)

    async def _take_back(self, uow: UnitOfWork, decision: Decision) -> LinkResult:
        if decision.kind != "separated":
            (token,) = decision.tokens
            (one,) = await queries.identities_by_token(uow, [token])
            was_marked = decision.kind == "shared"
            return await editing.set_shared_token(
                uow, token, namespace=one.namespace, is_shared=not was_marked
            )
        result = await editing.restore_edges(uow, [one for one in decision.edges if one.state])
        await queries.delete_edges(uow, [one.key for one in decision.edges if not one.state])
        return result

    async def _mark(
        self, uow: UnitOfWork, one: ShownIdentity, *, is_shared: bool, actor: str, reason: str
    ) -> SeparationResult:
        result = await editing.set_shared_token(uow, one.token, namespace=one.namespace, is_shared=is_shared)
        moves = await self._follow(uow, result)
        kind = "shared" if is_shared else "not_shared"
        decision = await queries.keep_decision(uow, kind, [one.token], (), actor=actor, reason=reason)
        self._publish(uow, "people.identifier_marked", result, actor=actor, reason=reason)
        return _done(decision, result, moves)

    async def _follow(self, uow: UnitOfWork, result: LinkResult) -> Mapping[str, int]:
        return await self._following.follow(uow, result.merges, result.departures)

    def _publish(self, uow: UnitOfWork, name: str, result: LinkResult, *, actor: str, reason: str) -> None:
        uow.publish(identity_edited(name, result, actor=actor, reason=reason, at=uow.clock.now()))

    async def _sides(
        self, uow: UnitOfWork, person_id: PersonId, chosen: Sequence[str]
    ) -> tuple[list[bytes], list[bytes]]:
        profile = await self._profile_of(uow, person_id)
        theirs = [one.token for one in await queries.identities_of(uow, profile)]
        ones = sorted({views.token_of(one) for one in chosen})
        others = [token for token in theirs if token not in ones]
        if not set(ones) <= set(theirs) or not others:
            raise _not_theirs()
        if len(ones) * len(others) > PAIRS_MAX:
            raise TooManyPairs(
                f"at most {PAIRS_MAX} pairs of identifiers at once, got {len(ones) * len(others)}",
                message_zh=f"一次最多分开 {PAIRS_MAX} 对标识，本次为 {len(ones) * len(others)} 对",
            )
        return ones, others

    async def _profile_of(self, uow: UnitOfWork, person_id: PersonId) -> int:
        canonical = await profile_queries.find_canonical(uow, [person_id])
        if person_id not in canonical:
            raise PersonNotFound(
                f"there is no person {encode_id('per', person_id)}",
                message_zh=f"没有这个客户：{encode_id('per', person_id)}",
            )
        return canonical[person_id]

    async def _members(self, uow: UnitOfWork, after: Sequence[ShownIdentity]) -> dict[int, list[int]]:
        """Return the ids each of the people will be made of; a new person is made of none yet."""
        people = sorted({one.canonical_id for one in after})
        members: dict[int, list[int]] = {person: [] for person in people}
        for member in await profile_queries.list_members(uow, people):
            members[member.profile].append(member.id)
        return members

    async def _events(self, uow: UnitOfWork, people: Sequence[int]) -> Mapping[int, int] | None:
        try:
            return await profile_queries.count_events(uow, self._warehouse.for_tenant(uow.tenant_id), people)
        except WarehouseUnavailable:
            return None

    def _identity(self, one: ShownIdentity) -> KnownIdentity:
        return views.identity(one, open_value(self._keyring, one.sealed))


def _not_theirs() -> NotTheirs:
    return NotTheirs(
        "choose some of this person's identifiers, not all of them and no others",
        message_zh="请选择该客户的部分标识：不能全选，也不能选他人的标识",
    )


def _done(decision: int, result: LinkResult, moves: Mapping[str, int]) -> SeparationResult:
    people = tuple(encode_id("per", one) for one in sorted(set(result.people)))
    return SeparationResult(decision=encode_id(DECISION_PREFIX, decision), people=people, moves=dict(moves))
