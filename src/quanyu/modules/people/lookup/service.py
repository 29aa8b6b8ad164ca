"""Whose many identifiers are: for lists of people that come as files. Nothing is created or linked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.sealing import token_of

PERSON: Final = "person"  # Not an identifier of theirs, but our own id of somebody (per_…).
_PERSON_MAX: Final = 2**31


class Miss(StrEnum):
    """Why a value stands for nobody in particular."""

    UNUSABLE = "unusable"  # It cannot be such an identifier.
    UNKNOWN = "unknown"  # Nobody is known by it.
    AMBIGUOUS = "ambiguous"  # Several people are, at different accounts or by different kinds.
    SHARED = "shared"  # A value that many use, such as a shop's telephone.


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody found.

    ``person`` is the id to keep, ``known_as`` who that is today. With a ``token``, the identifier has no id
    of its own: whatever is kept for it goes where the identifier goes.
    """

    person: int
    known_as: int
    token: bytes | None = None


Found = Hit | Miss


class IdentifierLookup:
    """Looks up identifiers of one kind, or of whatever kind they are."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def find(
        self, uow: UnitOfWork, values: Sequence[str], *, namespace: str | None, scope: str | None = None
    ) -> list[Found]:
        """Return whose each value is, aligned.

        ``namespace`` ``None`` tries every kind the brand has, ``scope`` ``None`` every account. ``PERSON``
        asks for ids of ours.
        """
        if namespace == PERSON:
            return await self._by_id(uow, values)
        found = await self._by_token(uow, values, namespace, scope)
        if namespace is None:
            ids = await self._by_id(uow, values)
            return [mine if isinstance(mine, Hit) else other for mine, other in zip(ids, found, strict=True)]
        return found

    async def _by_id(self, uow: UnitOfWork, values: Sequence[str]) -> list[Found]:
        ids = [_person_of(value) for value in values]
        known = await profile_queries.find_canonical(uow, sorted({one for one in ids if one is not None}))
        return [
            Miss.UNUSABLE if one is None else Hit(one, known[one]) if one in known else Miss.UNKNOWN
            for one in ids
        ]

    async def _by_token(
        self, uow: UnitOfWork, values: Sequence[str], namespace: str | None, scope: str | None
    ) -> list[Found]:
        kinds = [
            (kind, place)
            for kind, place in await profile_queries.list_scopes(uow)
            if namespace in (None, kind) and scope in (None, place)
        ]
        if not kinds:  # Nobody is known by anything of the kind; a value may still be no such identifier.
            kinds = [(namespace, scope or "")] if namespace is not None else []
        tokens = [
            [token for kind in kinds if (token := token_of(self._keyring, Identifier(*kind, value)))]
            for value in values
        ]
        rows = await _identities(uow, {token for some in tokens for token in some})
        return [_one_of(some, rows) for some in tokens]


def _person_of(value: str) -> int | None:
    try:
        person = decode_id("per", value.strip())
    except InvalidId:
        return None
    return person if person < _PERSON_MAX else None


async def _identities(uow: UnitOfWork, tokens: set[bytes]) -> dict[bytes, Any]:
    if not tokens:
        return {}
    found = await uow.execute(
        "SELECT i.token, i.person_id, i.canonical_id, i.flag "
        "FROM unnest(CAST(:tokens AS bytea[])) AS w (token) "
        "JOIN identity i ON i.tenant_id = :tenant AND i.token = w.token",
        {"tenant": uow.tenant_id, "tokens": list(tokens)},
    )
    return {bytes(row.token): row for row in found}


def _one_of(tokens: Sequence[bytes], rows: Mapping[bytes, Any]) -> Found:
    if not tokens:
        return Miss.UNUSABLE
    found = [(token, rows[token]) for token in tokens if token in rows]
    usable = [(token, row) for token, row in found if row.flag is None]
    if not usable:
        return Miss.SHARED if found else Miss.UNKNOWN
    if len({row.canonical_id for _, row in usable}) > 1:
        return Miss.AMBIGUOUS
    token, row = usable[0]
    if row.person_id is not None:
        return Hit(row.person_id, row.canonical_id)
    return Hit(row.canonical_id, row.canonical_id, token)
