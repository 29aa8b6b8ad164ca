"""Finding people by what an operator types: an identifier, a person id, or part of a name."""

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import AttributeClass, Identifier
from quanyu.modules.people.names import fold
from quanyu.modules.people.sealing import token_of


async def search(uow: UnitOfWork, keyring: KeyRing, q: str) -> set[int]:
    """Return the profiles ``q`` finds; identifiers must match whole, names in part."""
    return await _by_id(uow, q) | await _by_identifier(uow, keyring, q) | await _by_name(uow, keyring, q)


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
