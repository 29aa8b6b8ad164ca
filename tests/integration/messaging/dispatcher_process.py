"""A dispatcher as a process of its own, to be killed. Reads its settings as JSON from standard input."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from integration.messaging.world import Neighbours
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.messaging.adapters import LedgerConsent, OfficialAccountSender
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.governor import Governor
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.ports import SendClient
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.people.consent.service import Consent
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Pool, open_transport


class OneProcessTokens:
    """A token store for a single process."""

    def __init__(self) -> None:
        self._token: AccessToken | None = None

    async def find(self) -> AccessToken | None:
        return self._token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        return True

    async def save(self, holder: str, token: AccessToken) -> None:
        self._token = token

    async def give_lease_back(self, holder: str) -> None:
        return None


class OneAccount:
    """Gives the one client there is."""

    def __init__(self, client: SendClient) -> None:
        self._client = client

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient:
        return self._client


async def main(settings: dict[str, Any]) -> None:
    database = Database(DatabaseUrls(**settings["urls"]), pool_size=4)
    clock = SystemClock()
    keys = KeyRing(KeyFile.parse(settings["keys"].encode()))
    uows = UnitOfWorkFactory(database, clock)
    log = Log()
    collector = Collector(log, database.connect_system, clock)
    uows.write_facts_with(Intake(log, collector, keys).write_facts)
    neighbours = Neighbours()
    outbox = Outbox(Governor(neighbours, LedgerConsent(Consent()), neighbours), neighbours, Sealer(keys))
    tenant_id = TenantId(settings["tenant_id"])

    async def tenants() -> Sequence[TenantId]:
        return [tenant_id]

    async with open_transport(pool=Pool(connections_max=settings["concurrency"])) as transport:
        credentials = Credentials(app_id="wxtiny", secret="s" * 32, base_url=settings["base_url"])
        client = OfficialAccountClient(transport, credentials, OneProcessTokens(), clock, holder="tiny")
        dispatcher = Dispatcher(
            uows,
            outbox,
            OneAccount(OfficialAccountSender(client)),
            WorkerLease(database),
            tenants,
            DispatcherSettings(concurrency=settings["concurrency"], recover_every_s=0.2),
        )
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        print("ready", flush=True)
        await dispatcher.run(stop)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.readline())))
