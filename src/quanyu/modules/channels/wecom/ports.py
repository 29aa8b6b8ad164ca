"""What others plug into a corp's callback door."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import psycopg

from quanyu.modules.channels.accounts import Account
from quanyu.wechat.wecom.events.base import Callback


class CallbackHook(Protocol):
    """Writes rows of its own in the very commit that makes a callback durable.

    For who must act within seconds; everybody else reads the log.
    """

    def prepare(
        self, corp: Account, callback: Callback, *, delivery: bytes, received_at: datetime
    ) -> Any | None:
        """Return what to write about a callback, or ``None`` if it is of no concern.

        Pure and fast: the platform waits. ``delivery`` has 16 bytes, the same when it delivers again.
        """
        ...

    async def write(self, connection: psycopg.AsyncConnection[Any], rows: Sequence[Any]) -> None:
        """Write rows inside the open transaction: set-based, of any brand, idempotent by delivery.

        Only callbacks the log did not hold yet come here. What this raises keeps the callbacks from being
        taken, and the platform delivers again.
        """
        ...

    def committed(self) -> None:
        """Called after a commit that held rows of this hook; wakes its worker."""
        ...
