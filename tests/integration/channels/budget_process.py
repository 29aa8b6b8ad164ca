"""A process that makes calls as fast as its budget lets it, and tells how many it made.

Reads one line of JSON: ``urls``, ``tenant_id``, ``app_id``, ``path``, ``most``. Prints the count when it is
held back.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.budget_store import PostgresBudgetStore
from quanyu.wechat.budget_keeping import SLICE_MAX, Budgets
from quanyu.wechat.errors import BudgetSpent


async def main() -> None:
    start = json.loads(sys.stdin.readline())
    database = Database(DatabaseUrls(**start["urls"]), pool_size=4)
    clock = FixedClock(datetime(2026, 3, 4, 4, 0, tzinfo=UTC))
    uows = UnitOfWorkFactory(database, clock)
    budgets = Budgets(PostgresBudgetStore(uows, TenantId(start["tenant_id"])), clock, slice_max=SLICE_MAX)
    made = 0

    async def call_on() -> None:
        nonlocal made
        while made < start["most"]:
            try:
                await budgets.take(start["app_id"], start["path"])
            except BudgetSpent:
                return
            made += 1

    await asyncio.gather(*(call_on() for _ in range(5)))
    await database.close()
    print(made, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
