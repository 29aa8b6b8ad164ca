"""Sealed identifiers as the log holds them: tokens to find people by, and values only the key opens."""

import base64
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from quanyu.infra.crypto import TOKEN_BYTES, KeyRing
from quanyu.modules.people.contracts import Identifier, IdentifierLike
from quanyu.modules.people.identifiers import namespace_of, normalise

_CACHE_MAX: Final = 32_768
IDENTIFIERS_MAX: Final = 20  # Of one event; the weakest beyond it are left out.
_NOTHING: Final = (b"", None)

SealedIdentifiers = tuple[bytes, str | None]


class _Sealed(NamedTuple):
    strength: int
    token: bytes
    json: str


class IdentifierSealer:
    """Seals identifiers with one key ring and remembers: most events come from people who were just here."""

    def __init__(self, keyring: KeyRing) -> None:
        self._one = lru_cache(maxsize=_CACHE_MAX)(lambda *parts: _seal_one(keyring, Identifier(*parts)))
        self._many = lru_cache(maxsize=_CACHE_MAX)(self._seal_many)

    def seal(self, identifiers: Iterable[IdentifierLike]) -> SealedIdentifiers:
        """Return (tokens, identifiers JSON), strongest first and aligned.

        Blocked and malformed identifiers are dropped; ``(b"", None)`` when nothing usable is left. Repeated
        identifiers cost a look-up.
        """
        parts = tuple([(one.namespace, one.scope, one.value) for one in identifiers])
        return self._many(parts) if parts else _NOTHING

    def _seal_many(self, parts: tuple[tuple[str, str, str], ...]) -> SealedIdentifiers:
        found = {sealed.token: sealed for one in parts if (sealed := self._one(*one)) is not None}
        ordered = sorted(found.values(), key=lambda sealed: (-sealed.strength, sealed.token))
        ordered = ordered[:IDENTIFIERS_MAX]
        if not ordered:
            return _NOTHING
        tokens = b"".join(sealed.token for sealed in ordered)
        return tokens, f"[{','.join(sealed.json for sealed in ordered)}]"


def token_of(keyring: KeyRing, identifier: IdentifierLike) -> bytes | None:
    """Return the token of one identifier, or ``None`` when it can name nobody."""
    normal = normalise(identifier)
    return None if normal is None else keyring.blind(*normal)


def split_tokens(tokens: bytes) -> list[bytes]:
    """Cut a log row's tokens apart."""
    return [tokens[at : at + TOKEN_BYTES] for at in range(0, len(tokens), TOKEN_BYTES)]


def open_value(keyring: KeyRing, sealed: bytes) -> str:
    """Return the value of a sealed identifier."""
    return keyring.open(sealed).decode()


def _seal_one(keyring: KeyRing, identifier: Identifier) -> _Sealed | None:
    normal = normalise(identifier)
    if normal is None:
        return None
    sealed = base64.b64encode(keyring.seal(normal.value.encode())).decode()
    entry = msgspec.json.encode([normal.namespace, normal.scope, sealed]).decode()
    return _Sealed(namespace_of(normal.namespace).strength, keyring.blind(*normal), entry)
