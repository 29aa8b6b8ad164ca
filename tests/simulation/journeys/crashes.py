"""Units of work that die: just before a commit, or just after it, when nobody learns of it any more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId


class Crash(BaseException):
    """The process ended here. No handler of errors may notice it: nobody was left to handle anything."""


class MortalUnits(UnitOfWorkFactory):
    """Opens units of work; while ``deadly``, one commit in so many is the last of its process."""

    def __init__(self, database: Database, clock: Clock, random: Random, *, one_in: int) -> None:
        super().__init__(database, clock)
        self._random = random
        self._one_in = one_in
        self.deadly = False
        self.before = 0
        self.after = 0

    @asynccontextmanager
    async def _open(self, engine: AsyncEngine, tenant_id: TenantId) -> AsyncIterator[UnitOfWork]:
        dies_after = False
        async with super()._open(engine, tenant_id) as uow:
            yield uow
            if self.deadly and self._random.randrange(self._one_in) == 0:
                dies_after = self._random.random() < 0.5
                if not dies_after:
                    self.before += 1
                    raise Crash("before a commit")
                uow._after_commit.clear()
        if dies_after:
            self.after += 1
            raise Crash("after a commit")
