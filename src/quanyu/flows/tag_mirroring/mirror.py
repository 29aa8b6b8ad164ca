"""Bringing both sides of linked tags together, some people at a time, without asking the platform anything.

What goes to the platform is written as a wish; the workers of account tags and corp tags carry it out, at the
pace the platform allows, and again where a call was lost.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quanyu.flows.tag_mirroring import rules
from quanyu.flows.tag_mirroring.contracts import LINK_PREFIX
from quanyu.flows.tag_mirroring.places import Found, FoundPlace, find_places
from quanyu.flows.tag_mirroring.queries import LinkQueries, LinkRow
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.channels.tags.standing import FollowerTag, FollowerTagStanding, TagWanted
from quanyu.modules.people import profile_queries
from quanyu.modules.people.tags.contracts import TAG_PREFIX, Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.queries.claims import ClaimQueries
from quanyu.modules.people.tags.rules import Carrying, Cause
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.queries.marks import MarkQueries

Carried = Mapping[int, Sequence[Carrying]]
_WHY: Final = "mirror:"


@dataclass(frozen=True, slots=True, kw_only=True)
class HereChange:
    """Somebody is to begin or cease to carry a tag of ours, since the platform says so."""

    person: int
    link: LinkRow
    carries: bool


class TagMirror:
    """Compares what people carry here and there, and makes both the same."""

    def __init__(self, giving: TagGiving, marks: CorpTagMarks) -> None:
        self._giving = giving
        self._marks = marks

    async def settle(self, uow: UnitOfWork, people: Sequence[int]) -> frozenset[int]:
        """Make both sides the same for some people; idempotent. Return of whom the platform is to tell more.

        What changed over there since both agreed changes our tags, with the source "platform"; what changed
        here is wished there. Whoever left is met anew when they come back.
        """
        links = await LinkQueries(uow).links()
        canonical = await profile_queries.find_canonical(uow, [PersonId(one) for one in people])
        profiles = sorted({int(one) for one in canonical.values()})
        if not links or not profiles:
            return frozenset()
        found = await find_places(uow, links, profiles)
        await LinkQueries(uow).part([(one.key.token, one.key.userid) for one in found.left])
        changes = changes_here(found, await carried_by(uow, profiles))
        await self._change_here(uow, changes)
        await self._change_there(uow, found.ready, await carried_by(uow, profiles))
        return frozenset(one.person_id for one in found.unknown)

    async def _change_here(self, uow: UnitOfWork, changes: Sequence[HereChange]) -> None:
        """Give and take; what is given last counts in an exclusive group: the first in its order."""
        sets: dict[tuple[int, int, bool], list[HereChange]] = defaultdict(list)
        for change in changes:
            sets[change.link.group_id, -change.link.position, change.carries].append(change)
        for key in sorted(sets):
            by_link: dict[int, list[HereChange]] = defaultdict(list)
            for change in sets[key]:
                by_link[change.link.id].append(change)
            for some in by_link.values():
                link, tag = some[0].link, encode_id(TAG_PREFIX, some[0].link.tag_id)
                asked = TagChange(add=(tag,)) if some[0].carries else TagChange(remove=(tag,))
                cause = Cause(origin=Origin.PLATFORM, about=encode_id(LINK_PREFIX, link.id))
                await self._giving.change(uow, [PersonId(one.person) for one in some], asked, cause=cause)

    async def _change_there(self, uow: UnitOfWork, places: Sequence[FoundPlace], carried: Carried) -> None:
        ours = {(person, one.tag_id) for person, tags in carried.items() for one in tags}
        wanted = {one.key: (one.person_id, one.link.tag_id) in ours for one in places}
        differing = [one for one in places if one.has != wanted[one.key]]
        await FollowerTagStanding(uow).wish(
            [
                TagWanted(
                    key=one.standing.key,
                    tag_id=one.standing.tag_id,
                    wanted=wanted[one.key],
                    origin=_origin(one.link),
                )
                for one in differing
                if isinstance(one.standing, FollowerTag)
            ]
        )
        await self._mark(uow, [(one, wanted[one.key]) for one in differing if one.link.is_wecom])
        news = {one.key: wanted[one.key] for one in places if one.agreed != wanted[one.key]}
        await LinkQueries(uow).agree(news)

    async def _mark(self, uow: UnitOfWork, asked: Sequence[tuple[FoundPlace, bool]]) -> None:
        by_wish: dict[tuple[int, bool], list[FoundPlace]] = defaultdict(list)
        for place, wanted in asked:
            by_wish[place.link.id, wanted].append(place)
        # All at once and in order, or two who mark the same relations might wait for each other.
        await MarkQueries(uow).lock([_relation(place) for place, _ in asked])
        for (_, wanted), places in by_wish.items():
            link = places[0].link
            keys = [_relation(place) for place in places]
            await self._marks.mark_all(uow, keys, {link.platform_tag: wanted}, why=_origin(link))


def changes_here(found: Found, carried: Carried) -> list[HereChange]:
    """Return what the platform's side changes of what these people carry."""
    ours = {(person, one.tag_id) for person, tags in carried.items() for one in tags}
    groups = {(person, one.group_id) for person, tags in carried.items() for one in tags}
    changes = []
    for (person, tag_id), places in found.by_tag().items():
        link, carries = places[0].link, (person, tag_id) in ours
        has_rival = link.is_exclusive and not carries and (person, link.group_id) in groups
        told = [one.for_rules for one in places]
        if rules.decide(ours=carries, places=told, has_rival=has_rival) != carries:
            mover = next(one.link for one in places if one.has != carries)
            changes.append(HereChange(person=person, link=mover, carries=not carries))
    return changes


async def carried_by(uow: UnitOfWork, profiles: Sequence[int]) -> Carried:
    """Return what people carry, with the group of each tag."""
    carried: dict[int, list[Carrying]] = defaultdict(list)
    for one in await ClaimQueries(uow).carried(profiles):
        carried[one.profile].append(one)
    return carried


def _origin(link: LinkRow) -> str:
    return _WHY + encode_id(LINK_PREFIX, link.id)


def _relation(place: FoundPlace) -> RelationKey:
    key = place.standing.key
    assert isinstance(key, RelationKey)
    return key
