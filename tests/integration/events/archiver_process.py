"""An archiver in a process of its own, which dies by SIGKILL where it is told to.

Run as ``python archiver_process.py DSN DIRECTORY NOW POINT``; a POINT is ``module attribute`` and whether to
die ``before`` or ``after`` the call, and at the how-manieth. ``-`` lives.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.modules.events.archive import files, queries
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.service import Archiver


def arm(point: str) -> None:
    """Replace a function by one that kills this process before or after its nth call."""
    name, when, times = point.split(":")
    owner: Any = files.PartFile if hasattr(files.PartFile, name) else queries
    original, calls = getattr(owner, name), 0

    def die() -> None:
        nonlocal calls
        calls += 1
        if calls == int(times):
            os.kill(os.getpid(), signal.SIGKILL)

    async def mortal(*args: Any, **more: Any) -> Any:
        if when == "before":
            die()
        result = await original(*args, **more)
        if when == "after":
            die()
        return result

    def mortal_now(*args: Any, **more: Any) -> Any:
        if when == "before":
            die()
        result = original(*args, **more)
        if when == "after":
            die()
        return result

    setattr(owner, name, mortal if asyncio.iscoroutinefunction(original) else mortal_now)


async def main(dsn: str, directory: str, now: str, point: str) -> None:
    if point != "-":
        arm(point)
    database = Database(DatabaseUrls(owner=dsn, system=dsn, app=dsn))
    uows = UnitOfWorkFactory(database, FixedClock(datetime.fromisoformat(now)))
    settings = ArchiveSettings(directory=Path(directory), part_rows=40, chunk_rows=10)
    states = await Archiver(uows, database, settings, consumers=("react:reader",)).run_once(asyncio.Event())
    await database.close()
    print(",".join(states.values()))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
