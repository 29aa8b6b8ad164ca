"""Decisions of the governor per second, against hand-written SQL that counts and nothing else.

Everybody is to get three messages of which a cap lets two through. Ours asks consent, the blocklist, quiet
hours, windows, two caps and the duplicate rule, and takes a window and three counters for what may go. The
yardstick takes two counters per message in one statement per batch on a plain table: what any governor must
do at the least. Afterwards both must have let exactly two messages through to everybody.

Run: ``python -m bench.governor [PEOPLE]``. Prints one JSON line.
"""

import sys
import tempfile
import time
from datetime import datetime, timedelta
from datetime import time as wall_time
from pathlib import Path

import psycopg
import uvloop

from bench.messages import ACCOUNT, TENANT, Followers, openid
from bench.support import Aim, Result, WrongResult, report
from quanyu.app.migrate import migrate_postgres
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.contracts import (
    CapRule,
    CapUnit,
    MessageClass,
    MessageKind,
    MessagePolicy,
    QuietHours,
)
from quanyu.modules.messaging.governor import Draft, Reserved
from quanyu.modules.messaging.queries.ledgers import WindowOpening, open_windows
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.consent.service import Consent

ROUNDS, ALLOWED, BATCH = 3, 2, 5_000
AIM = Aim(ratio_min=0.05)
POLICY = MessagePolicy(
    # Never on while the bench runs, and asked for each message all the same.
    quiet_hours=(QuietHours(start=wall_time(3), end=wall_time(3, 1)),),
    caps=(CapRule(key="daily", limit=ALLOWED), CapRule(key="weekly", limit=9, unit=CapUnit.WEEKS)),
)

_BARE = """
INSERT INTO bare_counter AS c (name, n)
SELECT name, 1 FROM unnest(%(names)s::text[]) AS o (name) ORDER BY name
ON CONFLICT (name) DO UPDATE SET n = c.n + 1 WHERE c.n < %(limit)s RETURNING name
"""


async def bare(dsn: str, people: int) -> float:
    """Return decisions per second of one statement on a table of its own."""
    granted = 0
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("CREATE TABLE bare_counter (name text PRIMARY KEY, n int NOT NULL)")
        began = time.perf_counter()
        for _ in range(ROUNDS):
            for start in range(0, people, BATCH):
                batch = range(start, min(start + BATCH, people))
                names = [f"{kind}:{number}" for kind in ("day", "week") for number in batch]
                cursor = await connection.execute(_BARE, {"names": names, "limit": ALLOWED})
                granted += cursor.rowcount // 2
        seconds = time.perf_counter() - began
    if granted != ALLOWED * people:
        raise WrongResult(f"the yardstick let {granted} of {ALLOWED * people} through")
    return ROUNDS * people / seconds


async def ours(database: Database, people: int) -> float:
    """Return the governor's decisions per second, one transaction per batch."""
    keys, followers = KeyRing(KeyFile.new()), Followers()
    uows, sealer = UnitOfWorkFactory(database, SystemClock()), Sealer(keys)
    ports = MessagingPorts(
        recipients=followers, variables=followers, zones=followers, consent=LedgerConsent(Consent())
    )
    messaging = Messaging(ports, sealer)
    tokens = [sealer.recipient_token(ACCOUNT, openid(number)) for number in range(people)]
    async with uows.app(TENANT) as uow:
        await messaging.set_policy(uow, POLICY)
    await _open_all_windows(uows, tokens)
    expires_at = uows.clock.now() + timedelta(days=1)
    batches = [
        [
            _draft(turn, number, tokens[number], expires_at)
            for number in range(start, min(start + BATCH, people))
        ]
        for turn in range(ROUNDS)
        for start in range(0, people, BATCH)
    ]
    granted = 0
    began = time.perf_counter()
    for drafts in batches:
        async with uows.app(TENANT) as uow:
            decisions = await messaging.governor.decide(uow, drafts)
        granted += sum(isinstance(decision, Reserved) for decision in decisions)
    seconds = time.perf_counter() - began
    if granted != ALLOWED * people:
        raise WrongResult(f"the governor let {granted} of {ALLOWED * people} through")
    return ROUNDS * people / seconds


def _draft(turn: int, number: int, token: bytes, expires_at: datetime) -> Draft:
    return Draft(
        id=turn * 10_000_000 + number,
        origin_key=f"bench:{turn}:{number}",
        person_id=PersonId(number + 1),
        account_id=ACCOUNT,
        kind=MessageKind.CUSTOMER_SERVICE_TEXT,
        message_class=MessageClass.MARKETING,
        purpose="",
        journey_id=1,
        expires_at=expires_at,
        template_id=None,
        template_fields=frozenset(),
        recipient=token,
        is_subscribed=True,
        unrenderable=None,
        digest=f"{turn}".ljust(32).encode(),
        campaign="jrn_bench",
    )


async def _open_all_windows(uows: UnitOfWorkFactory, tokens: list[bytes]) -> None:
    now = uows.clock.now()
    for start in range(0, len(tokens), BATCH):
        openings = [
            WindowOpening(
                account_id=ACCOUNT,
                recipient=token,
                person_id=PersonId(start + index + 1),
                kind="message",
                opened_at=now,
                expires_at=now + timedelta(days=2),
                granted=5,
            )
            for index, token in enumerate(tokens[start : start + BATCH])
        ]
        async with uows.system(TENANT) as uow:
            await open_windows(await uow.raw(), TENANT, openings)


async def compare(server: EmbeddedPostgres, people: int) -> None:
    """Measure both on one server, check both, and print the line."""
    yardstick = await bare(server.dsn(Role.OWNER), people)
    database = Database(
        DatabaseUrls(owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP))
    )
    figure = await ours(database, people)
    await database.close()
    report(
        Result(
            name="decisions of the governor",
            figure=round(figure),
            unit="decisions/s",
            yardstick=round(yardstick),
            yardstick_name="two counters per message in hand-written SQL",
            aim=AIM,
            details={"people": people, "messages_each": ROUNDS, "allowed_each": ALLOWED},
        )
    )


def main(people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as directory:
        Path(directory).chmod(0o711)  # As root, PostgreSQL runs as a user of its own.
        with EmbeddedPostgres(Path(directory)) as server:
            migrate_postgres(server.dsn(Role.OWNER))
            uvloop.run(compare(server, people))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
