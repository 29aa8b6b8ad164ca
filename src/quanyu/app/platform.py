"""The whole platform in one process: databases, pipeline, workers and doors, started and stopped in order."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

from quanyu.app.application import build_app
from quanyu.app.database import PostgresHandle, start_postgres
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.app.run_file import remove_run_file, write_run_file
from quanyu.app.server import Server
from quanyu.app.settings import Settings
from quanyu.app.wiring import Services, build_services
from quanyu.infra.crypto import open_key_ring
from quanyu.infra.postgres import Database
from quanyu.infra.telemetry import get_logger
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.modules.events.reader import note_epoch
from quanyu.modules.tenants.contracts import NO_TENANT, Brand

_log = get_logger("platform")

Report = Callable[[str, str], None]


# Objects made between two looks for garbage: a batch of events makes tens of thousands that go by themselves.
_LOOK_AFTER: Final = (20_000, 20, 50)


def _spare_collector() -> None:
    """Let the garbage collector pass over what was imported and built: it lives as long as the process.

    Looking through all of it again and again took a fifth of the time of accepting events.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_LOOK_AFTER)
    gc.enable()


def silent(_zh: str, _en: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class BrandSpec:
    """The brand a fresh deployment begins with."""

    key: str = "main"
    name: str = "我的品牌"
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    is_demo: bool = False


class Platform:
    """Starts everything in order and stops it in reverse; also after a crash of the last run."""

    def __init__(self, settings: Settings, brand: BrandSpec, *, report: Report = silent) -> None:
        self.settings = settings
        self._spec = brand
        self._report = report
        self._stack = AsyncExitStack()
        self.is_serving = asyncio.Event()
        self.services: Services
        self.brand: Brand
        self._postgres: PostgresHandle

    async def __aenter__(self) -> "Platform":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._report("正在停止", "Stopping")
        await self._stack.aclose()

    async def _start(self) -> None:
        data = self.settings.data
        data.prepare()
        data.require_free_space()
        lock = data.lock()
        lock.acquire()
        self._stack.callback(lock.release)
        keyring = open_key_ring(data)
        self._postgres = postgres = await start_postgres(self.settings, self._report)
        self._stack.push_async_callback(postgres.stop)
        await self._migrate(postgres)
        database = Database(postgres.urls)
        self._stack.push_async_callback(database.close)
        warehouse = await self._open_warehouse()
        self.services = await self._stack.enter_async_context(
            build_services(self.settings, database, warehouse, keyring)
        )
        self.brand = await self.services.tenants.ensure_brand(
            self.services.uows,
            Brand(
                NO_TENANT,
                self._spec.key,
                self._spec.name,
                self._spec.time_zone,
                self._spec.currency,
                self._spec.is_demo,
            ),
        )

        async with self.services.uows.system(NO_TENANT) as uow:
            await note_epoch(await uow.raw(), now=uow.clock.now())
        await self._erase_again()

    async def _erase_again(self) -> None:
        """Forget again whom a restored database brought back, before anybody can ask for them."""
        services = self.services
        erased = await services.rights.again.catch_up(await services.tenants.list_ids(services.uows))
        if erased:
            self._report(
                f"已按删除登记重新删除恢复带回的 {erased} 人",
                f"Erased again {erased} that a restored backup had brought back",
            )

    async def _migrate(self, postgres: PostgresHandle) -> None:
        self._report("正在升级数据库结构", "Migrating PostgreSQL")
        await asyncio.to_thread(migrate_postgres, postgres.urls.owner)

    async def _open_warehouse(self) -> Warehouse:
        self._report("正在打开数据仓库", "Opening the warehouse")
        address = self.settings.warehouse_url or f"chdb://{self.settings.data.warehouse}"
        warehouse = Warehouse.at(address)
        self._stack.push_async_callback(warehouse.close)
        warehouse.prepare_with(migrate_warehouse)
        try:
            await warehouse.prepare()
        except WarehouseUnavailable as error:
            # Events are accepted all the same; the first statement that finds it back migrates it.
            _log.warning("platform.warehouse_unavailable", error=str(error))
        return warehouse

    async def serve(self, stopping: asyncio.Event) -> None:
        """Open the doors and work until ``stopping`` is set.

        Raises:
            StartFailed: the database ended and cannot be started again; everything else was stopped in order.
            DiskFull: as above, because there is no room left.
        """
        app = build_app(self.services, self.brand)
        server = Server(app, host=self.settings.host, port=self.settings.port)
        async with server:
            write_run_file(self.settings.data, url=self._local_url(), clock=self.settings.clock.to_env())
            self._stack.callback(remove_run_file, self.settings.data)
            await self.services.workers.start()
            _spare_collector()
            self.is_serving.set()
            try:
                await self._until(stopping)
            finally:
                await self.services.workers.stop()

    async def _until(self, stopping: asyncio.Event) -> None:
        watching = asyncio.ensure_future(self._postgres.watch())
        told = asyncio.ensure_future(stopping.wait())
        await asyncio.wait({watching, told}, return_when=asyncio.FIRST_COMPLETED)
        for task in (watching, told):
            task.cancel()
        await asyncio.gather(told, return_exceptions=True)
        with suppress(asyncio.CancelledError):
            await watching

    def _local_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    async def login_link(self) -> str:
        """Return a link that signs the administrator in once."""
        tenants = self.services.tenants
        async with self.services.uows.app(self.brand.tenant_id) as uow:
            user = await tenants.ensure_user(uow, "admin")
            code = await tenants.make_login_code(uow, user)
        return f"{self.settings.url}/login?code={code}"
