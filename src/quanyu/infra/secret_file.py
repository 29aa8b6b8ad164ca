"""Small files only their owner may read, written whole or not at all."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from quanyu.kernel.errors import InvalidInput

SECRET_MAX_BYTES = 64 * 1024


class InsecureSecretFile(InvalidInput):
    """A secret lies open to other users of the machine."""

    code = "infra.insecure_secret_file"


def read_secret(path: Path) -> bytes:
    """Read a secret file after checking that nobody else can.

    Raises:
        FileNotFoundError: there is none.
        InsecureSecretFile: group or others may read or write it.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        mode = os.fstat(fd).st_mode & 0o077
        if mode:
            raise InsecureSecretFile(
                f"{path} can be read by others (mode bits {mode:03o}). Run: chmod 600 {path}",
                message_zh=f"{path} 对其他用户开放，请运行：chmod 600 {path}",
            )
        return file.read(SECRET_MAX_BYTES)


def write_secret(path: Path, content: bytes) -> None:
    """Replace a secret file durably; a crash leaves the old content or the new, never half of it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    _write_new(temporary, content)
    temporary.replace(path)
    _sync_directory(path.parent)


def read_or_create_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the secret, made by ``make`` when there is none. Safe when two processes start at once."""
    try:
        return read_secret(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    _write_new(temporary, make())
    try:
        # A link fails when the name exists, so the first writer wins and everyone reads the same secret.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    _sync_directory(path.parent)
    return read_secret(path)


def _write_new(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
