"""Sending hits to the product's tracking API, as a Segment library would.

Hits wait in a bounded queue, go out in batches, and are repeated with the same ``messageId`` until
the product acknowledges them. A full queue drops new hits and counts them.
"""

import asyncio
import base64
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from wechat_sandbox.callbacks import KEEP_ALIVE_S
from wechat_sandbox.clock import Clock, iso
from wechat_sandbox.storage import Storage

BATCH_MAX = 100
_GATHER_S = 0.1
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One call of the tracking specification."""

    type: str
    message_id: str
    person: int
    at: float
    event: str = ""
    body: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        stamp = iso(self.at)
        return self.body | {
            "type": self.type,
            "messageId": self.message_id,
            "timestamp": stamp,
            "originalTimestamp": stamp,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerRules:
    """Limits of the client."""

    queue_max: int = 20_000
    in_flight_max: int = 4
    hits_per_s_max: float = 2_000.0  # Real seconds.
    answer_s: float = 10.0


class Tracker:
    """A tracking client: offer hits, they arrive once."""

    def __init__(
        self, store: Storage, clock: Clock, *, url: str, write_key: str, rules: TrackerRules | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.rules = rules or TrackerRules()
        self.url = url.rstrip("/")
        credentials = base64.b64encode(f"{write_key}:".encode()).decode()
        self._headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
        self.counts: dict[str, int] = {}
        self.last_error = ""
        self._queue: deque[Hit] = deque()
        self._arrived = asyncio.Event()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=self.rules.answer_s),
        )
        self._loop_task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        tasks = [task for task in (self._loop_task, *self._in_flight) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def pending(self) -> int:
        """Hits waiting or on their way."""
        return len(self._queue) + len(self._in_flight) * BATCH_MAX

    def offer(self, hit: Hit) -> bool:
        """Queue a hit; False when there is no product to tell or the queue is full."""
        if not self.url:
            return False
        if len(self._queue) >= self.rules.queue_max:
            self._count("dropped")
            return False
        self._count("offered")
        self._queue.append(hit)
        self._arrived.set()
        return True

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await asyncio.sleep(_GATHER_S)
            while self._queue:
                if len(self._in_flight) >= self.rules.in_flight_max:
                    await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
                    continue
                batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
                task = asyncio.create_task(self._deliver(batch))
                self._in_flight.add(task)
                task.add_done_callback(self._in_flight.discard)
                await asyncio.sleep(len(batch) / self.rules.hits_per_s_max)

    async def _deliver(self, batch: Sequence[Hit]) -> None:
        """Send one batch until it is acknowledged or refused for good."""
        for attempt in itertools.count():
            status, refused = await self._send(batch)
            if 200 <= status < 300:
                taken = [hit for index, hit in enumerate(batch) if index not in refused]
                self._count("acknowledged", len(taken))
                self._count("refused", len(batch) - len(taken))
                self.store.append_hits(
                    (hit.message_id, hit.type, hit.event, hit.person, hit.at) for hit in taken
                )
                return
            if 400 <= status < 500 and status not in (408, 425, 429):
                self._count("refused", len(batch))
                return
            self._count("retried")
            await asyncio.sleep(_BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)])

    async def _send(self, batch: Sequence[Hit]) -> tuple[int, frozenset[int]]:
        """Return the HTTP status, 0 when there was no answer, and the places of refused hits."""
        assert self._session is not None, "start() comes first"
        body = {"batch": [hit.wire() for hit in batch], "sentAt": iso(self.clock.now())}
        try:
            async with self._session.post(
                f"{self.url}/v1/batch",
                data=msgspec.json.encode(body),
                headers=self._headers,
            ) as answer:
                text = await answer.text()
                refused = _refused_in(text)
                if answer.status >= 300 or refused:
                    self.last_error = f"{answer.status} {text[:500]}"
                return answer.status, refused
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.last_error = repr(error)
            return 0, frozenset()

    def _count(self, name: str, by: int = 1) -> None:
        if by:
            self.counts[name] = self.counts.get(name, 0) + by


def _refused_in(text: str) -> frozenset[int]:
    """Return the places a partly accepted batch names under ``rejected``."""
    try:
        body = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return frozenset()
    items = body.get("rejected") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return frozenset()
    return frozenset(
        item["index"] for item in items if isinstance(item, dict) and isinstance(item.get("index"), int)
    )
