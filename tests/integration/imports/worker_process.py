"""An import worker as a process of its own, to be killed. Reads its settings as JSON from standard input."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log


async def main() -> None:
    settings = json.loads(sys.stdin.readline())
    database = Database(DatabaseUrls(**settings["urls"]), pool_size=4)
    clock = SystemClock()
    log = Log()
    intake = Intake(
        log,
        Collector(log, database.connect_system, clock),
        KeyRing(KeyFile.parse(settings["keys"].encode())),
    )
    worker = ImportWorker(
        UnitOfWorkFactory(database, clock),
        intake,
        connect=database.connect_system,
        directory=Path(settings["directory"]),
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await worker.run(stop)
    await database.close()


asyncio.run(main())
