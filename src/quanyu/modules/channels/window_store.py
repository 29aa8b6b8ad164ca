"""Counts of published limits in PostgreSQL: all processes of a deployment know of each other's calls."""

import asyncio
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.wechat.windows import PublishedLimits, Span, Tally

_log = get_logger("channels.windows")
_EXCHANGE_EVERY_S: Final = 2.0
# Counts are of our address and of corps, whichever brand calls.
_DEPLOYMENT: Final = TenantId(0)


class SharedWindows:
    """Tells what this process called and hears what the others did; a quiet process asks nothing."""

    def __init__(self, uows: UnitOfWorkFactory, limits: PublishedLimits) -> None:
        self._uows = uows
        self._limits = limits

    async def run(self, stopping: asyncio.Event) -> None:
        """Exchange counts until ``stopping`` is set, and a last time then."""
        while not stopping.is_set():
            await wait(stopping, _EXCHANGE_EVERY_S)
            try:
                await self.exchange()
            except Exception as error:
                _log.warning("channels.windows_not_exchanged", error=type(error).__name__)

    async def exchange(self) -> None:
        """Tell and hear once. What could not be told is told the next time; at worst it counts twice."""
        untold = self._limits.untold()
        if not untold:
            return
        ordered = sorted(untold, key=lambda one: one.window)
        async with self._uows.system(_DEPLOYMENT) as uow:
            rows = await uow.execute(
                _ADD,
                {
                    "tenant": _DEPLOYMENT,
                    "keys": [one.key for one in ordered],
                    "paths": [one.path for one in ordered],
                    "spans": [one.span.value for one in ordered],
                    "began": [one.began_at for one in ordered],
                    "used": [one.used for one in ordered],
                },
            )
            totals = [_tally(row) for row in rows]
        self._limits.heard(untold, totals)


def _tally(row: Any) -> Tally:
    return Tally(row.key, row.path, Span(row.span), row.began_at, row.used)


# In key order, so that two processes that share windows wait for each other instead of dying.
_ADD: Final = """
INSERT INTO call_window AS w (tenant_id, key, path, span, began_at, used)
SELECT :tenant, n.* FROM unnest(CAST(:keys AS text[]), CAST(:paths AS text[]), CAST(:spans AS text[]),
    CAST(:began AS timestamptz[]), CAST(:used AS int[])) AS n
ON CONFLICT (tenant_id, key, path, span) DO UPDATE SET
    used = CASE WHEN excluded.began_at > w.began_at THEN excluded.used
        WHEN excluded.began_at = w.began_at THEN w.used + excluded.used ELSE w.used END,
    began_at = greatest(w.began_at, excluded.began_at)
RETURNING w.key, w.path, w.span, w.began_at, w.used
"""
