"""Pure decisions: which tags somebody carries, given everything said of them, and the facts of a change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.tags.contracts import GROUP_PREFIX, TAG_PREFIX, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing said: this person id carries this tag (or, by hand only, that it does not)."""

    person_id: int
    tag_id: int
    by_rule: bool
    holds: bool
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tag stands."""

    group_id: int
    is_exclusive: bool
    position: int


def carried(claims: Iterable[Claim], places: Mapping[int, Place]) -> frozenset[int]:
    """Return the tags one person carries, given the claims on everybody they are known as.

    For each tag a word by hand counts before its rule, and the latest of several. Of an exclusive group one
    tag is carried: by hand before by rule, then the latest by hand, the first in order by rule.
    """
    said: dict[int, Claim] = {}
    for claim in sorted(claims, key=lambda one: (one.by_rule, -one.given_at.timestamp(), one.person_id)):
        said.setdefault(claim.tag_id, claim)
    chosen: dict[tuple[bool, int], Claim] = {}
    for claim in sorted((one for one in said.values() if one.holds), key=lambda one: _rank(one, places)):
        place = places[claim.tag_id]
        key = (True, place.group_id) if place.is_exclusive else (False, claim.tag_id)
        chosen.setdefault(key, claim)
    return frozenset(claim.tag_id for claim in chosen.values())


def _rank(claim: Claim, places: Mapping[int, Place]) -> tuple[bool, int, float, int]:
    position = places[claim.tag_id].position if claim.by_rule else 0
    return claim.by_rule, position, -claim.given_at.timestamp(), claim.tag_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """A row of ``carried``: one tag one profile carries, and who says so."""

    profile: int
    tag_id: int
    group_id: int
    tag: str
    group: str
    color: str
    origin: str
    actor: str
    given_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why tags change now: what the facts say."""

    origin: Origin
    actor: str = ""
    about: str = ""  # The job, the platform, or whatever else asked.


def tag_fact(one: Carrying, *, added: bool, cause: Cause, at: datetime, change_id: int) -> Fact:
    """State that a person carries a tag now, or no longer; ``change_id`` is the change that did it."""
    name = "people.tag_added" if added else "people.tag_removed"
    tag = encode_id(TAG_PREFIX, one.tag_id)
    properties = {
        "tag_id": tag,
        "tag": one.tag,
        "group_id": encode_id(GROUP_PREFIX, one.group_id),
        "group": one.group,
        "source": cause.origin.value,
        "actor": cause.actor,
        "about": cause.about,
        "expires_at": one.expires_at.isoformat() if added and one.expires_at else "",
    }
    return Fact(
        name=name,
        message_id=f"{name}:{tag}:{one.profile}:{change_id}",
        occurred_at=at,
        person_id=PersonId(one.profile),
        properties={key: value for key, value in properties.items() if value},
    )
