"""Whose clock counts: a person's own, where the brand knows it, or the brand's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.contracts import MessagePolicy
from quanyu.modules.messaging.ports import BrandZones, PersonVariables


@dataclass(frozen=True, slots=True)
class Zones:
    """The brand's zone, and those of people who live elsewhere."""

    brand: ZoneInfo
    people: Mapping[PersonId, ZoneInfo] = field(default_factory=dict)

    def of(self, person_id: PersonId) -> ZoneInfo:
        """Return where a person lives."""
        return self.people.get(person_id, self.brand)


async def load_zones(
    uow: UnitOfWork,
    brands: BrandZones,
    variables: PersonVariables,
    policy: MessagePolicy,
    people: Sequence[PersonId],
) -> Zones:
    """Return the zones that count for ``people``; a value that names no zone counts as none."""
    brand = ZoneInfo(await brands.zone_of(uow))
    if policy.zone_attribute is None:
        return Zones(brand)
    known = await variables.load(uow, sorted(set(people)))
    named = {person: _zone(str(values.get(policy.zone_attribute, ""))) for person, values in known.items()}
    return Zones(brand, {person: zone for person, zone in named.items() if zone is not None})


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # Unknown, not a relative path, or a directory.
        return None
