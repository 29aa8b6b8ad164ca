"""The review queue: suggestions a person accepts or refuses, and taking either back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.people.matching import joining, views
from quanyu.modules.people.matching.contracts import (
    MatchDecision,
    MatchPage,
    MatchState,
    MatchView,
)
from quanyu.modules.people.matching.errors import MatchImpossible, MatchIsOver, MatchNotFound
from quanyu.modules.people.matching.model import Record
from quanyu.modules.people.matching.queries import MatchQueries
from quanyu.modules.people.matching.reading import list_values, open_records
from quanyu.modules.people.matching.suggestion_queries import Suggestion, SuggestionQueries
from quanyu.modules.people.rules import EdgeKey, edge_key
from quanyu.modules.people.separation.contracts import FollowsPeople
from quanyu.modules.people.service import People, identity_edited

MATCH_PREFIX: Final = "mat"
_PAGE_MAX: Final = 50


class MatchDesk:
    """Show who may be the same person; accepting makes an edge of the model, named with who accepted it."""

    def __init__(self, keyring: KeyRing, people: People, following: FollowsPeople) -> None:
        self._keyring = keyring
        self._people = people
        self._following = following

    async def list_matches(
        self,
        uow: UnitOfWork,
        *,
        state: MatchState = MatchState.OPEN,
        field: str = "",
        at_least: float = 0.0,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> MatchPage:
        """Return suggestions: open ones likeliest first, decided ones newest decision first.

        ``field`` keeps those that agree in it, ``at_least`` those with such a score.
        """
        size, queries = min(clamp_limit(limit), _PAGE_MAX), SuggestionQueries(uow)
        if state is MatchState.OPEN:
            likeliest = decode_cursor(cursor, float, int) if cursor else None
            found = await queries.list_open(
                field=field,
                at_least=at_least,
                before=None if likeliest is None else (likeliest[0], likeliest[1]),
                limit=size + 1,
            )
        else:
            newest = decode_cursor(cursor, str, int) if cursor else None
            found = await queries.list_decided(
                state,
                field=field,
                at_least=at_least,
                before=None if newest is None else (datetime.fromisoformat(newest[0]), newest[1]),
                limit=size + 1,
            )
        page = found[:size]
        cut = len(found) > size
        return MatchPage(items=await self._views(uow, page), next_cursor=_cursor(page[-1]) if cut else None)

    async def accept(self, uow: UnitOfWork, match_id: int, *, actor: str) -> MatchDecision:
        """Make the two one person, by an edge whose evidence is the model; everything follows.

        Publishes ``people.linked``. ``undo`` takes it back.

        Raises:
            MatchNotFound: there is no such suggestion.
            MatchIsOver: it was decided, or the two merged or changed meanwhile.
            MatchImpossible: one person would break a limit.
        """
        found = await self._lock_open(uow, match_id)
        held = await SuggestionQueries(uow).identities([found.person_a, found.person_b])
        sides = (held.get(found.person_a, []), held.get(found.person_b, []))
        reason = joining.obstacle(*sides)
        if reason:
            raise _impossible(reason)
        edge = joining.edge_between(*sides, model=found.model)
        source = encode_id(MATCH_PREFIX, found.id)
        result, united = await joining.join(uow, self._following, [edge], source=source, note=actor)
        if not united:
            raise _impossible(result.reason or "limit")
        await SuggestionQueries(uow).accept(found.id, edge[:2], actor=actor, automatic=False)
        uow.publish(
            identity_edited("people.linked", result, actor=actor, reason=found.model, at=uow.clock.now())
        )
        return _decision(found, MatchState.ACCEPTED, sorted(set(result.people)))

    async def refuse(self, uow: UnitOfWork, match_id: int, *, actor: str) -> MatchDecision:
        """Keep that these are two people: they are not suggested again, whoever else they merge with.

        Raises:
            MatchNotFound, MatchIsOver: as ``accept``.
        """
        found = await self._lock_open(uow, match_id)
        await SuggestionQueries(uow).refuse(found.id, actor=actor)
        return _decision(found, MatchState.REFUSED, [found.person_a, found.person_b])

    async def undo(self, uow: UnitOfWork, match_id: int, *, actor: str) -> MatchDecision:
        """Take a decision back: the edge is deleted and everything goes back to whose it was.

        The suggestion is open again, if it still holds. Publishes ``people.unlinked`` if people came apart.

        Raises:
            MatchNotFound: there is no such suggestion.
            MatchIsOver: nothing is decided about it.
        """
        found = await self._lock(uow, match_id)
        if found.state not in (MatchState.ACCEPTED, MatchState.REFUSED):
            raise _over()
        people = [found.person_a, found.person_b]
        if found.a is not None and found.b is not None:
            edge: EdgeKey = edge_key(found.a, found.b, found.model)
            result = await joining.part(uow, self._following, [edge])
            uow.publish(
                identity_edited(
                    "people.unlinked", result, actor=actor, reason=found.model, at=uow.clock.now()
                )
            )
        await SuggestionQueries(uow).reopen([found.id])
        await MatchQueries(uow).wait(people)
        return _decision(found, MatchState.OPEN, people)

    async def forget(self, uow: UnitOfWork, people: Sequence[PersonId]) -> None:
        """Forget whatever is kept to compare people who are erased, and what was suggested about them.

        ``people`` are all the ids somebody was made of. Idempotent; edges are the graph's to forget.
        """
        await MatchQueries(uow).forget(people)

    async def _lock(self, uow: UnitOfWork, match_id: int) -> Suggestion:
        found = await SuggestionQueries(uow).lock(match_id)
        if found is None:
            raise MatchNotFound("there is no such suggestion", message_zh="没有这条合并建议")
        return found

    async def _lock_open(self, uow: UnitOfWork, match_id: int) -> Suggestion:
        found = await self._lock(uow, match_id)
        pair = {found.person_a: found.person_a, found.person_b: found.person_b}
        if found.state != MatchState.OPEN or await profile_queries.find_canonical(uow, list(pair)) != pair:
            raise _over()
        return found

    async def _views(self, uow: UnitOfWork, found: Sequence[Suggestion]) -> tuple[MatchView, ...]:
        ids = sorted({person for one in found for person in (one.person_a, one.person_b)})
        known_as = await profile_queries.find_canonical(uow, ids)
        profiles = sorted(set(known_as.values()))
        rows = dict(
            zip(profiles, await self._people.rows(uow, [PersonId(one) for one in profiles]), strict=True)
        )
        records = open_records(self._keyring, await list_values(uow, profiles))
        sides: dict[int, tuple[PersonRow, Record]] = {
            one: (rows[profile], records.get(profile, {})) for one, profile in known_as.items()
        }
        return tuple(
            views.match(one, sides[one.person_a], sides[one.person_b], prefix=MATCH_PREFIX) for one in found
        )


def _cursor(last: Suggestion) -> str:
    if last.state == MatchState.OPEN or last.decided_at is None:
        return encode_cursor(last.score, last.id)
    return encode_cursor(last.decided_at.isoformat(), last.id)


def _decision(found: Suggestion, state: MatchState, people: Sequence[int]) -> MatchDecision:
    return MatchDecision(
        id=encode_id(MATCH_PREFIX, found.id),
        state=state,
        people=tuple(encode_id("per", one) for one in people),
    )


def _over() -> MatchIsOver:
    return MatchIsOver(
        "this suggestion was decided before, or the two people changed meanwhile",
        message_zh="这条建议已处理，或两位客户的资料已变化，请刷新",
    )


def _impossible(reason: str) -> MatchImpossible:
    return MatchImpossible(
        f"one person would break a limit ({reason}); nothing was changed",
        message_zh=f"合并后会超出标识上限（{reason}），未做任何改动",
        reason=reason,
    )
