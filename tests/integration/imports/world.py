"""What the tests of imports do again and again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quanyu.flows.imports.contracts import ImportDetail, ImportView, StartImport
from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.service import Imports
from quanyu.flows.intake import Intake
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from support.imports import ORDERS_MAP, lines


@dataclass(slots=True)
class World:
    """One brand, one worker, one directory for files."""

    uows: UnitOfWorkFactory
    tenant_id: TenantId
    worker: ImportWorker
    imports: Imports
    intake: Intake
    files: Path

    def file(self, content: str, name: str = "orders.csv") -> Path:
        path = self.files / name
        path.write_text(content, encoding="utf-8")
        return path

    async def start(
        self,
        file: Path,
        import_map: str = ORDERS_MAP,
        *,
        kind: ImportKind = ImportKind.ORDERS,
        dry_run: bool = False,
    ) -> ImportView:
        command = StartImport(kind=kind, path=str(file), map=import_map, dry_run=dry_run)
        async with self.uows.app(self.tenant_id) as uow:
            return await self.imports.start(uow, command)

    async def get(self, import_id: str) -> ImportDetail:
        async with self.uows.app(self.tenant_id) as uow:
            return await self.imports.get(uow, import_id)

    async def cancel(self, import_id: str) -> ImportView:
        async with self.uows.app(self.tenant_id) as uow:
            return await self.imports.cancel(uow, import_id)

    async def run(self, file: Path, import_map: str = ORDERS_MAP, **more: Any) -> ImportDetail:
        """Start an import and work until it ends."""
        job = await self.start(file, import_map, **more)
        assert await self.worker.run_once()
        return await self.get(job.id)

    async def log(self, columns: str = "message_id, name, source, order_id, revenue::text") -> list[Any]:
        """Return what the log holds of the brand, in the order accepted."""
        async with self.uows.system(self.tenant_id) as uow:
            found = await uow.execute(
                f"SELECT {columns} FROM log_event WHERE tenant_id = :tenant ORDER BY xid, position",
                {"tenant": self.tenant_id},
            )
            return [tuple(row) if len(row) > 1 else row[0] for row in found]


def many_orders(count: int, *, first: int = 1) -> str:
    """Return a file of ``count`` orders of two lines; the lines of an order lie far apart."""
    numbers = range(first, first + count)
    rows = [f"{number},A,红茶,{number % 5 + 1},2024-05-01 10:00,1.25,u{number % 97},UK" for number in numbers]
    rows += [f"{number},B,坚果,1,2024-05-01 10:01,0.001,u{number % 97},UK" for number in numbers]
    return lines(*rows)


def revenue_of(number: int) -> str:
    """Return what such an order comes to, with the log's four decimals."""
    return f"{(number % 5 + 1) * 1.25 + 0.001:.4f}"
