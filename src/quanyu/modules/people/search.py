"""Finding people by what an operator types: an identifier, a person id, or part of a name."""

import re
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import TenantWarehouse, WarehouseUnavailable
from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import AttributeClass, Identifier
from quanyu.modules.people.names import fold
from quanyu.modules.people.sealing import token_of

# No blanks, and a digit somewhere: names and words are not looked for in history.
_LOOKS_LIKE_ORDER: Final = re.compile(r"(?=.*[0-9])[0-9A-Za-z_./#-]{3,100}")


async def search(uow: UnitOfWork, keyring: KeyRing, gate: TenantWarehouse, q: str) -> set[int]:
    """Return the profiles ``q`` finds; identifiers and order numbers must match whole, names in part.

    History is asked for an order number only where nothing else was found.
    """
    found = await _by_id(uow, q) | await _by_identifier(uow, keyring, q) | await _by_name(uow, keyring, q)
    return found or await _by_order(uow, gate, q)


async def _by_id(uow: UnitOfWork, q: str) -> set[int]:
    try:
        person_id = decode_id("per", q)
    except InvalidId:
        return set()
    if person_id >= 2**31:
        return set()
    return set((await profile_queries.find_canonical(uow, [person_id])).values())


async def _by_identifier(uow: UnitOfWork, keyring: KeyRing, q: str) -> set[int]:
    """Try ``q`` in every kind of identifier the brand has: a token cannot be searched for in part."""
    tokens = {
        token
        for namespace, scope in await profile_queries.list_scopes(uow)
        if (token := token_of(keyring, Identifier(namespace, scope, q))) is not None
    }
    return set((await profile_queries.people_by_token(uow, tokens)).values()) if tokens else set()


async def _by_order(uow: UnitOfWork, gate: TenantWarehouse, q: str) -> set[int]:
    if not _LOOKS_LIKE_ORDER.fullmatch(q):
        return set()
    try:
        people = await profile_queries.people_of_order(uow, gate, q)
    except WarehouseUnavailable:
        return set()
    return set((await profile_queries.find_canonical(uow, people)).values())


async def _by_name(uow: UnitOfWork, keyring: KeyRing, q: str) -> set[int]:
    """Take candidates by their keyed bigrams, then compare the names themselves, as they are today."""
    wanted = fold(q)
    grams = keyring.bigram_query(q) if wanted else ()
    if not grams:
        return set()
    candidates = await profile_queries.people_with_grams(uow, grams)
    canonical = await profile_queries.find_canonical(uow, candidates)
    members = await profile_queries.list_members(uow, sorted(set(canonical.values())))
    names = await profile_queries.list_attributes(uow, members, classes=[AttributeClass.NAME.value])
    return {
        one.profile
        for one in names
        if one.sealed is not None and wanted in fold(str(msgspec.json.decode(keyring.open(one.sealed))))
    }
