"""What the resolver remembers between batches, so that people seen before cost a look-up and no statement.

Everything here holds as long as the stamp of ``identity_version`` is the one this process wrote or read: a
rolled-back batch or another writer leaves a different stamp, and then everything is forgotten.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# "Last seen" is kept to the minute: writing it for each of a person's clicks would cost more than the clicks.
SEEN_STEP: Final = timedelta(minutes=1)
GENERATION_MAX: Final = 65_536


class Recent(Generic[Key, Value]):
    """A bounded mapping that keeps what was used recently, in two generations.

    When the young generation is full it becomes the old one, and the old one is dropped. That costs one
    dictionary look-up per hit, where a list ordered by use costs several steps.
    """

    __slots__ = ("_generation_max", "old", "young")

    def __init__(self, generation_max: int = GENERATION_MAX) -> None:
        self._generation_max = generation_max
        self.young: dict[Key, Value] = {}
        self.old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Return what is remembered of ``key``."""
        value = self.young.get(key)
        if value is None:
            value = self.old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Remember ``value``."""
        if len(self.young) >= self._generation_max:
            self.old, self.young = self.young, {}
        self.young[key] = value

    def __len__(self) -> int:
        return len(self.young) + len(self.old)


class KnownPerson:
    """A person id events are stamped with, who that is today, and when it was seen as far as stored."""

    __slots__ = ("__weakref__", "canonical_id", "first_seen_at", "id", "last_seen_at", "seen_due_at")

    def __init__(
        self, person_id: int, *, canonical_id: int, first_seen_at: datetime, last_seen_at: datetime
    ) -> None:
        self.id = person_id
        self.canonical_id = canonical_id
        self.seen(first_seen_at, last_seen_at)

    def seen(self, first_seen_at: datetime, last_seen_at: datetime) -> None:
        """Note the times as stored; the next time worth storing lies a step later."""
        self.first_seen_at = first_seen_at
        self.last_seen_at = last_seen_at
        self.seen_due_at = last_seen_at + SEEN_STEP


class KnownTokens:
    """One combination of identifiers, as events carry it: whose it is, and that its edges are stored.

    An event older than ``since`` may make one of its edges older, which can matter; it takes the slow path.
    """

    __slots__ = ("person", "since")

    def __init__(self, person: KnownPerson, since: datetime) -> None:
        self.person = person
        self.since = since


class Memory:
    """One brand's share."""

    def __init__(self, stamp: int, generation_max: int = GENERATION_MAX) -> None:
        self.stamp = stamp
        self.tokens: Recent[bytes, KnownTokens] = Recent(generation_max)
        self.people: Recent[int, KnownPerson] = Recent(generation_max)
        self.scopes: set[tuple[str, str]] = set()
        # One object per id, however many combinations lead to it, so that a merge is told to all of them.
        self._objects: WeakValueDictionary[int, KnownPerson] = WeakValueDictionary()

    def person(
        self, person_id: int, *, canonical_id: int, first_seen_at: datetime, last_seen_at: datetime
    ) -> KnownPerson:
        """Return the one object of a person, made or brought up to date."""
        known = self._objects.get(person_id)
        if known is None:
            known = self._objects[person_id] = KnownPerson(
                person_id,
                canonical_id=canonical_id,
                first_seen_at=first_seen_at,
                last_seen_at=last_seen_at,
            )
        known.canonical_id = canonical_id
        return known

    def remap(self, person_id: int, canonical_id: int) -> None:
        """Note who ``person_id`` is from now on."""
        known = self._objects.get(person_id)
        if known is not None:
            known.canonical_id = canonical_id
