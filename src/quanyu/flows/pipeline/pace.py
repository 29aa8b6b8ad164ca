"""How much one transaction may take on: as much as it has been seen to manage, on this machine, today."""

from typing import Final

TARGET_S: Final = 1.5  # A transaction has five seconds; what takes longer is undone.
LEAST: Final = 100


class Pace:
    """The size of a brand's next batch.

    Full batches that were quick let it grow, slow ones shrink it, one that failed shrinks it much: what
    failed for its length would fail again, and behind a larger backlog for ever.
    """

    def __init__(self, most: int, *, least: int = LEAST) -> None:
        self._most = most
        self._least = least
        self._size = most

    @property
    def size(self) -> int:
        """How many events the next batch may hold."""
        return self._size

    def took(self, count: int, seconds: float) -> None:
        """Note that a batch of ``count`` events went through in ``seconds``."""
        if seconds > TARGET_S and count:
            self._set(round(count * TARGET_S / seconds))
        elif seconds < TARGET_S / 2 and count >= self._size:
            self._set(2 * self._size)

    def failed(self) -> None:
        """Note that a batch did not go through."""
        self._set(self._size // 4)

    def _set(self, size: int) -> None:
        self._size = max(self._least, min(self._most, size))
