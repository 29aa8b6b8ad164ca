"""The chain: each entry's digest covers its content and the digest before it. Pure.

Whoever changes, inserts or removes an entry has to write all later digests anew, and then the last no longer
is the one that was noted elsewhere (``quanyu audit --anchor``).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

START: Final = b""
# The form of what is digested; a later one gets another number, and old entries keep theirs.
_FORM: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What of a stored entry the chain covers."""

    id: int
    at: datetime
    user_id: int
    actor: str
    role: str
    address: str
    method: str
    path: str
    action: str
    permission: str
    objects: Mapping[str, Any]
    fields: tuple[str, ...]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An entry at its place."""

    entry: Entry
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place where a chain is not what it was."""

    number: int
    reason: str
    reason_zh: str


def digest_of(entry: Entry, number: int, previous: bytes) -> bytes:
    """Return the digest of an entry at ``number`` behind the digest ``previous``."""
    said = msgspec.to_builtins(entry) | {"at": entry.at.astimezone(UTC).isoformat()}
    content = msgspec.json.encode([_FORM, number, said], order="deterministic")
    return hashlib.sha256(previous + content).digest()


def seal(entries: Iterable[Entry], *, after: int, previous: bytes) -> Iterator[Sealed]:
    """Give entries their places behind number ``after``, whose digest is ``previous``."""
    for number, entry in enumerate(entries, start=after + 1):
        previous = digest_of(entry, number, previous)
        yield Sealed(entry=entry, number=number, digest=previous)


def find_break(stored: Iterable[Sealed], *, after: int, previous: bytes) -> Break | None:
    """Return where stored entries stop being what was sealed behind number ``after``."""
    expected = after
    for one in stored:
        expected += 1
        if one.number != expected:
            return Break(
                number=expected,
                reason=f"entry {expected} is missing; the next one is {one.number}",
                reason_zh=f"缺少第 {expected} 条，其后是第 {one.number} 条",
            )
        previous = digest_of(one.entry, one.number, previous)
        if previous != one.digest:
            return Break(
                number=expected,
                reason=f"entry {expected} is not what was sealed, or one before it was put in or taken out",
                reason_zh=f"第 {expected} 条与封存时不一致，或其前有增删",
            )
    return None
