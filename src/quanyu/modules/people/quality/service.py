"""Counts how good attributes are, and finds the people behind a fault."""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.quality import queries
from quanyu.modules.people.quality.contracts import (
    KEYS_MAX,
    SHARED_MAX,
    AttributeTally,
    Finding,
    FromSource,
    PeopleTally,
)
from quanyu.modules.people.quality.judging import Judge, folded
from quanyu.modules.people.quality.queries import Freshness, Value

CHUNK: Final = 5_000  # People of one transaction.
LOOK_MAX: Final = 40  # Chunks that one page of people may look through.
_TOKEN_BYTES: Final = 8

OnShare = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose people are wanted: an attribute and what is wrong with it."""

    key: str
    finding: Finding
    shared_tokens: frozenset[str] = frozenset()


class PeopleQuality:
    """Reads what is known of people in stretches; nothing is written."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing) -> None:
        self._uows = uows
        self._keyring = keyring

    async def tally(
        self, tenant_id: TenantId, judge: Judge, freshness: Freshness, on_share: OnShare
    ) -> PeopleTally:
        """Count everybody's attributes; ``on_share`` hears how far it is, 0 to 1."""
        found = PeopleTally()
        tokens: dict[str, array[int]] = {}
        async with self._uows.system(tenant_id) as uow:
            total = await _count(uow)
        after = 0
        while True:
            async with self._uows.system(tenant_id) as uow:
                stretch = await queries.next_stretch(uow, after, CHUNK)
                if stretch is None:
                    break
                values = await queries.values(uow, stretch, freshness)
                unlike = await queries.disagreements(uow, stretch)
            await asyncio.to_thread(self._add, found, tokens, judge, values)
            for key, (conflicts, overwritten) in unlike.items():
                if key in found.attributes:
                    found.attributes[key].conflicts += conflicts
                    found.attributes[key].overwritten += overwritten
            found.people += stretch.people
            after = stretch.high
            on_share(min(1.0, found.people / max(1, total)))
        for key, told in tokens.items():
            await asyncio.to_thread(_share, found.attributes[key], told)
        return _most_used(found)

    async def find(
        self,
        uow: UnitOfWork,
        judge: Judge,
        freshness: Freshness,
        wanted: Wanted,
        *,
        after: int,
        limit: int,
    ) -> tuple[list[PersonId], int | None]:
        """Return people of a finding in the order of ids, and where to go on; ``None`` at the end.

        Looks through a bounded number of people at a time: there may be fewer than ``limit`` and yet more.
        """
        found: list[int] = []
        for _ in range(LOOK_MAX):
            stretch = await queries.next_stretch(uow, after, CHUNK)
            if stretch is None:
                return [PersonId(one) for one in found], None
            those = await self._of_stretch(uow, stretch, judge, freshness, wanted)
            found += those[: limit - len(found)]
            if len(found) == limit:
                return [PersonId(one) for one in found], found[-1]
            after = stretch.high
        return [PersonId(one) for one in found], after

    async def _of_stretch(
        self,
        uow: UnitOfWork,
        stretch: queries.Stretch,
        judge: Judge,
        freshness: Freshness,
        wanted: Wanted,
    ) -> list[int]:
        if wanted.finding is Finding.CONFLICT:
            return sorted(await queries.in_conflict(uow, stretch, wanted.key))
        values = await queries.values_of_key(uow, stretch, wanted.key, freshness)
        if wanted.finding is Finding.MISSING:
            return [one for one in await queries.profiles(uow, stretch) if one not in values]
        if wanted.finding is Finding.STALE:
            return sorted(one for one, value in values.items() if value.stale)
        if wanted.finding is Finding.SHARED:
            return sorted(
                one for one, value in values.items() if f"{self._token(value):x}" in wanted.shared_tokens
            )
        return sorted(
            one
            for one, value in values.items()
            if judge.fault(wanted.key, self._open(value)) is wanted.finding
        )

    def _add(
        self, found: PeopleTally, tokens: dict[str, "array[int]"], judge: Judge, values: Sequence[Value]
    ) -> None:
        for value in values:
            attribute_class = AttributeClass(value.attribute_class)
            tally = found.attributes.setdefault(value.key, AttributeTally(value.key, attribute_class))
            tally.filled += value.people
            tally.stale += value.stale
            source = tally.sources.setdefault(value.source, FromSource())
            source.filled += value.people
            fault = judge.fault(value.key, self._open(value))
            if fault is not None:
                tally.faults[fault] += value.people
                source.faulty += value.people
            elif value.sealed is not None and attribute_class is AttributeClass.IDENTIFIER:
                tokens.setdefault(value.key, array("Q")).append(self._token(value))

    def _open(self, value: Value) -> object:
        return value.value if value.sealed is None else msgspec.json.decode(self._keyring.open(value.sealed))

    def _token(self, value: Value) -> int:
        told = self._keyring.blind("quality", value.key, folded(self._open(value)))
        return int.from_bytes(told[:_TOKEN_BYTES])


async def _count(uow: UnitOfWork) -> int:
    found = await uow.execute(
        "SELECT count(*) FROM person WHERE tenant_id = :tenant AND canonical_id = id",
        {"tenant": uow.tenant_id},
    )
    return int(found.scalar_one())


def _share(tally: AttributeTally, told: "array[int]") -> None:
    """Count values that several people have; sorting takes less room than counting each by itself."""
    lengths = ((sum(1 for _ in same), token) for token, same in groupby(sorted(told)))
    several = sorted(((people, token) for people, token in lengths if people > 1), key=lambda one: -one[0])
    tally.shared = sum(people for people, _ in several)
    tally.shared_tokens = tuple(f"{token:x}" for _, token in several[:SHARED_MAX])


def _most_used(found: PeopleTally) -> PeopleTally:
    kept = sorted(found.attributes.values(), key=lambda one: (-one.filled, one.key))[:KEYS_MAX]
    return PeopleTally(found.people, {one.key: one for one in kept})
