"""Files sealed frame by frame: what a crash left half written is cut off, and nothing else.

A frame is its length in four bytes and what ``KeyRing.seal`` made of a piece. Reading and writing hold one
frame in memory, however large the file is. A frame opens only as this place of this file.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId

_LENGTH: Final = struct.Struct(">I")


class SealedFiles:
    """The files of one purpose, of all brands, each brand's in a folder of its own."""

    def __init__(self, directory: Path, keyring: KeyRing, *, purpose: str) -> None:
        self._directory = directory
        self._keyring = keyring
        self._purpose = purpose

    def append(self, tenant_id: TenantId, number: int, content: bytes, *, at: int) -> int:
        """Write a piece behind the first ``at`` bytes, dropping what follows them; return the new size."""
        path = self._path(tenant_id, number)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        frame = self._keyring.seal(content, context=self._context(tenant_id, number, at))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(at)
            file.seek(at)
            file.write(_LENGTH.pack(len(frame)) + frame)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def read(self, tenant_id: TenantId, number: int, *, size: int) -> Iterator[bytes]:
        """Return the pieces of the first ``size`` bytes, opened.

        Raises:
            FileNotFoundError: the file is gone.
            CannotOpen: somebody changed it.
        """
        file = self._path(tenant_id, number).open("rb")
        return self._pieces(file, tenant_id, number, size)

    def _pieces(self, file: BinaryIO, tenant_id: TenantId, number: int, size: int) -> Iterator[bytes]:
        with file:
            while (at := file.tell()) < size:
                (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
                yield self._keyring.open(file.read(length), context=self._context(tenant_id, number, at))

    def delete(self, tenant_id: TenantId, number: int) -> None:
        """Remove a file. Idempotent."""
        self._path(tenant_id, number).unlink(missing_ok=True)

    def _path(self, tenant_id: TenantId, number: int) -> Path:
        return self._directory / str(int(tenant_id)) / f"{number}.sealed"

    def _context(self, tenant_id: TenantId, number: int, at: int) -> bytes:
        return f"{self._purpose}:{int(tenant_id)}:{number}:{at}".encode()
