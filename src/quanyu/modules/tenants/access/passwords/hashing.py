"""Argon2id (RFC 9106), off the event loop and a few at a time: each takes 19 MiB and tens of milliseconds.

Parameters are the first recommendation of the OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1; read
2026-11-23). The PHC string keeps those a password was hashed with; ``is_dated`` tells when they have changed.
"""

import asyncio
import os
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_MEMORY_KIB: Final = 19_456
_ITERATIONS: Final = 2
_LANES: Final = 1
_LENGTH: Final = 32
_AT_ONCE: Final = 4
_FORM: Final = f"$argon2id$v=19$m={_MEMORY_KIB},t={_ITERATIONS},p={_LANES}$"


class Hasher:
    """Hashes and compares passwords, a few at a time in this process."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        # What is compared when there is no account: the answer must take as long.
        self._nobody = _hash(os.urandom(16).hex())

    async def hash(self, password: str) -> str:
        """Return the PHC string to store."""
        async with self._turns:
            return await asyncio.to_thread(_hash, password)

    async def matches(self, password: str, phc: str | None) -> bool:
        """Whether ``password`` is the one ``phc`` was made of; without ``phc`` just as slowly no."""
        async with self._turns:
            same = await asyncio.to_thread(_matches, password, phc or self._nobody)
        return same and phc is not None


def is_dated(phc: str) -> bool:
    """Whether a password was hashed with other parameters than those of today."""
    return not phc.startswith(_FORM)


def _hash(password: str) -> str:
    kdf = Argon2id(
        salt=os.urandom(16), length=_LENGTH, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB
    )
    return kdf.derive_phc_encoded(password.encode())


def _matches(password: str, phc: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), phc)
    except InvalidKey:
        return False
    return True
