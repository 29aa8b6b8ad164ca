"""One holder at a time for a directory, also across processes and after a crash."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from quanyu.kernel.errors import Conflict


class AlreadyLocked(Conflict):
    """Another process holds the lock."""

    code = "infra.already_locked"

    def __init__(self, path: Path, holder: str) -> None:
        who = f"process {holder}" if holder else "another process"
        super().__init__(
            f"{path.parent} is in use by {who}. Stop that one first, or choose another QUANYU_DATA.",
            message_zh=f"{path.parent} 正被进程 {holder or '(未知)'} 使用。请先停止它，或另选 QUANYU_DATA。",
            path=str(path),
            holder=holder,
        )
        self.holder = holder


class FileLock:
    """An advisory lock on a file. The kernel releases it when the holder dies, however it dies.

    The file stays behind on purpose: removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self) -> None:
        """Take the lock or say who has it.

        Raises:
            AlreadyLocked: somebody else holds it.
        """
        if self._fd is not None:
            return
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(fd, 32).decode("ascii", "replace").strip()
            os.close(fd)
            raise AlreadyLocked(self._path, holder) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
