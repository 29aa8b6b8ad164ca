"""What waits to be sent for one brand, and how much of it one process may send now.

Which campaigns have something due is looked up a few times a second, and again before a process calls it a
day. The rate of an account, and of a campaign somebody slowed down, is shared by all processes: each leases
a slice of what may go at once.
"""

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.messaging.fairness import FairShares, Queue
from quanyu.modules.messaging.lanes import Breaker, Slice, lease
from quanyu.modules.messaging.queries import queues as queue_queries
from quanyu.modules.messaging.queries import sending
from quanyu.modules.messaging.settings import DispatcherSettings

_LOOK_EVERY_S: Final = 0.25  # Which campaigns have something due, which accounts are paused.
_LOOK_AGAIN_S: Final = 0.01  # The same, when what was known is used up.
_LEASE_S: Final = 0.25  # A slice is what may go in this time,
_LEASE_LIFE_S: Final = 4.0  # and ends after this; it is renewed at half of it.


@dataclass(slots=True)
class Lane:
    """The sending of one account."""

    account_id: int
    breaker: Breaker
    rate_per_s: float
    is_paused: bool = False
    has_repeats: bool = False
    in_flight: int = 0
    slice: Slice = field(default_factory=Slice)


class Backlog:
    """The queues and rates of one brand, as one process knows them."""

    def __init__(self, settings: DispatcherSettings) -> None:
        self._settings = settings
        self._lanes: dict[int, Lane] = {}
        self._due: dict[Queue, float | None] = {}  # With the most its campaign may send in a second.
        self._slow: dict[str, Slice] = defaultdict(Slice)  # By campaign.
        self._shares = FairShares()
        self._looked_at_s = float("-inf")
        self._is_short = False

    def lane(self, account_id: int) -> Lane:
        """Return the lane of an account something was claimed for."""
        return self._lanes[account_id]

    @property
    def has_work(self) -> bool:
        """Tell whether something is known to be due."""
        return bool(self._due) or any(lane.has_repeats for lane in self._lanes.values())

    @property
    def is_used_up(self) -> bool:
        """Tell whether there are slots for more than is known to be due."""
        return self._is_short or not self._due

    def waits_for_rate(self, now_s: float) -> bool:
        """Tell whether something is due that only the rate of its account keeps back."""
        return any(
            not lane.slice.available(now_s) and self._has_due(account_id)
            for account_id, lane in self._lanes.items()
        )

    def forget(self) -> None:
        """Look again at the next turn: something may be due."""
        self._looked_at_s = float("-inf")

    def wants_look(self, now_s: float) -> bool:
        """Tell whether it is time to look what is due."""
        age_s = now_s - self._looked_at_s
        return age_s >= _LOOK_EVERY_S or (self._is_short and age_s >= _LOOK_AGAIN_S)

    async def look(self, uow: UnitOfWork, now_s: float) -> None:
        """Read what is due, and lease what may go at once. A short transaction of its own: it locks rates."""
        self._looked_at_s, self._is_short = now_s, False
        connection = await uow.raw()
        for row in await sending.list_lanes(connection, uow.tenant_id, now=uow.clock.now()):
            lane = self._lanes.get(row.account_id)
            if lane is None:
                breaker = Breaker(self._settings.breaker_threshold, self._settings.breaker_cooldown_s)
                lane = self._lanes[row.account_id] = Lane(row.account_id, breaker, self._settings.rate_per_s)
            lane.rate_per_s = row.rate_per_s or self._settings.rate_per_s
            lane.is_paused, lane.has_repeats = row.is_paused, row.has_repeats
        going = [account_id for account_id, lane in self._lanes.items() if not lane.is_paused]
        found = await queue_queries.list_due(connection, uow.tenant_id, going, now=uow.clock.now())
        self._due = {one.queue: one.rate_per_s for one in found}
        self._shares.keep(list(self._due))
        await self._lease(uow, now_s)

    async def _lease(self, uow: UnitOfWork, now_s: float) -> None:
        wanted: dict[str, tuple[Slice, float, int]] = {}
        busy = {queue.account_id for queue in self._due}
        for lane in self._lanes.values():
            if lane.is_paused or (lane.account_id not in busy and not lane.has_repeats):
                continue
            wanted[f"lane:{lane.account_id}"] = (lane.slice, lane.rate_per_s, self._settings.concurrency)
        for queue, rate in self._due.items():
            if rate is not None:
                name = f"campaign:{queue.campaign}"
                wanted[name] = (self._slow[queue.campaign], rate, self._settings.concurrency)
        needy = {
            name: (slice_, rate, most)
            for name, (slice_, rate, most) in wanted.items()
            if slice_.available(now_s + _LEASE_LIFE_S / 2) < min(most, math.ceil(rate * _LEASE_S))
        }
        if not needy:
            return
        connection = await uow.raw()
        stocks = await queue_queries.lock_stocks(connection, uow.tenant_id, sorted(needy))
        saved = {}
        for name, (slice_, rate, most) in needy.items():
            saved[name], slice_.left = lease(
                stocks[name],
                rate_per_s=rate,
                asked=max(most, math.ceil(rate * _LEASE_S)),
                returned=slice_.left,
                now_s=time.time(),
            )
            slice_.ends_s = time.monotonic() + _LEASE_LIFE_S
        await queue_queries.save_stocks(connection, uow.tenant_id, saved)

    def slots(self, freed: Mapping[int, int], now_s: float) -> dict[int, int]:
        """Return how many messages each account may have claimed now, counting the slots just freed."""
        slots: dict[int, int] = {}
        for account_id, lane in self._lanes.items():
            wanted = self._settings.concurrency + freed.get(account_id, 0) - lane.in_flight
            allowed = lane.breaker.allowance(now_s, max(0, min(wanted, lane.slice.available(now_s))))
            if allowed and not lane.is_paused:
                slots[account_id] = allowed
            self._is_short |= wanted > 0 and not lane.slice.available(now_s) and self._has_due(account_id)
        return slots

    def take_repeats(self, account_id: int) -> bool:
        """Tell whether an account has repeats, once for each look."""
        lane = self._lanes[account_id]
        found, lane.has_repeats = lane.has_repeats, False
        return found

    def _has_due(self, account_id: int) -> bool:
        return any(queue.account_id == account_id for queue in self._due)

    def shares(self, slots: Mapping[int, int], now_s: float) -> dict[Queue, int]:
        """Share the slots out among what is known to be due; when nothing is, it is time to look again."""
        caps = {
            queue: self._slow[queue.campaign].available(now_s)
            for queue, rate in self._due.items()
            if rate is not None
        }
        shares = self._shares.share(self._due, slots, caps)
        self._is_short |= bool(slots) and not shares
        return shares

    def took(self, asked: Mapping[Queue, int], taken: Mapping[Queue, int]) -> None:
        """Note what was found of what was asked for: a queue that gave less has nothing more for now."""
        self._shares.charge(taken)
        for queue, count in taken.items():
            if queue.campaign in self._slow:
                self._slow[queue.campaign].left -= count
        for queue, count in asked.items():
            if taken.get(queue, 0) < count:
                self._due.pop(queue, None)

    def began(self, account_id: int) -> None:
        """Note that a call is being made."""
        lane = self._lanes[account_id]
        lane.in_flight += 1
        lane.slice.left -= 1
        lane.breaker.began(1)

    def ended(self, account_ids: Sequence[int]) -> None:
        """Note that the outcomes of calls are written."""
        for account_id in account_ids:
            self._lanes[account_id].in_flight -= 1
