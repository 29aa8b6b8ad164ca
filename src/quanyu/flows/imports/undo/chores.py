"""The loop that takes imports back."""

import asyncio

from quanyu.flows.imports.undo.service import ImportUndos
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId


class UndoChores:
    """A loop of one brand; each piece is a transaction of its own."""

    def __init__(self, undos: ImportUndos) -> None:
        self._undos = undos

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set; a piece that fails is tried again."""
        await work_until(stopping, lambda: self._undos.run_once(tenant_id), failed="imports.undo_failed")
