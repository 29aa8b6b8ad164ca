"""Where linked tags of people stand: every openid in linked accounts, every relation in linked companies."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from quanyu.flows.tag_mirroring.queries import LinkQueries, LinkRow, PlaceKey
from quanyu.flows.tag_mirroring.rules import Place
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.tags.standing import FollowerTag, FollowerTagStanding
from quanyu.modules.people.tags.queries.claims import ClaimQueries
from quanyu.modules.staff.tags.standing import RelationTag, RelationTagStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """One place of one link."""

    link: LinkRow
    standing: FollowerTag | RelationTag
    agreed: bool | None

    @property
    def key(self) -> PlaceKey:
        key = self.standing.key
        return PlaceKey(self.link.id, key.token, getattr(key, "userid", ""))

    @property
    def person_id(self) -> int:
        return self.standing.person_id

    @property
    def has(self) -> bool:
        """What the platform has, or will have, or what it refused: a refusal is not the platform's word."""
        return self.standing.carried if self.standing.wanted is None else self.standing.wanted

    @property
    def is_on_its_way(self) -> bool:
        return self.standing.wanted is not None and not self.standing.is_failed

    @property
    def for_rules(self) -> Place:
        return Place(has=self.has, agreed=self.agreed)


@dataclass(slots=True)
class Found:
    """The places of some people."""

    ready: list[FoundPlace] = field(default_factory=list)
    unknown: list[FoundPlace] = field(default_factory=list)  # The platform was not asked about them yet.
    left: list[FoundPlace] = field(default_factory=list)  # They follow no more, or are no customer.

    def by_tag(self) -> dict[tuple[int, int], list[FoundPlace]]:
        """Return the places that count by person and tag of ours, in all accounts."""
        sets: dict[tuple[int, int], list[FoundPlace]] = defaultdict(list)
        for one in self.ready:
            sets[one.person_id, one.link.tag_id].append(one)
        return sets


async def find_places(uow: UnitOfWork, links: Sequence[LinkRow], people: Sequence[int]) -> Found:
    """Return where the linked tags of these people stand; links whose platform tag is gone have no places."""
    standings = await _standings(uow, links, people)
    tokens = [one.key.token for _, one in standings]
    agreed = await LinkQueries(uow).agreements([link.id for link in links], tokens)
    found = Found()
    for link, standing in standings:
        place = FoundPlace(link=link, standing=standing, agreed=None)
        if not standing.is_active:
            found.left.append(place)
        elif not standing.is_known:
            found.unknown.append(place)
        else:
            known = FoundPlace(link=link, standing=standing, agreed=agreed.get(place.key))
            found.ready.append(known)
    return found


async def _standings(
    uow: UnitOfWork, links: Sequence[LinkRow], people: Sequence[int]
) -> list[tuple[LinkRow, FollowerTag | RelationTag]]:
    followers = {(link.account, int(link.platform_tag)): link for link in links if not link.is_wecom}
    relations = {(link.account, link.platform_tag): link for link in links if link.is_wecom}
    found: list[tuple[LinkRow, FollowerTag | RelationTag]] = []
    if followers:
        for one in await FollowerTagStanding(uow).read(people, list(followers)):
            found.append((followers[one.key.account_id, one.tag_id], one))
    if relations:
        for other in await RelationTagStanding(uow).read(people, list(relations)):
            found.append((relations[other.key.corp_id, other.tag_id], other))
    return found


async def everybody(uow: UnitOfWork, link: LinkRow, *, after: int, limit: int) -> list[int]:
    """Return who carries, or is to carry, either tag of a link, behind a person id, in order."""
    ours = await ClaimQueries(uow).given(link.tag_id, after=after, limit=limit)
    if link.is_wecom:
        relations = RelationTagStanding(uow)
        theirs = await relations.people(link.account, link.platform_tag, after=after, limit=limit)
    else:
        followers, tag_id = FollowerTagStanding(uow), int(link.platform_tag)
        theirs = await followers.people(link.account, tag_id, after=after, limit=limit)
    return sorted({*ours, *theirs})[:limit]
