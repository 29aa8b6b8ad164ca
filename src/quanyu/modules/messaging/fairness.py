"""Who is next, among the campaigns of one account: transactional first, then everybody in turn.

Start-time fair queueing: each campaign is charged for what it sent, and whoever was charged least goes next.
A campaign that has nothing to send costs the others nothing, and gets no credit for waiting.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Queue:
    """The due messages of one campaign, account and priority; the lower priority goes first."""

    account_id: int
    priority: int
    campaign: str  # Empty: messages that belong to none, together.


class FairShares:
    """How the slots of accounts are shared out; one for each brand and process."""

    def __init__(self) -> None:
        self._charged: dict[Queue, int] = {}

    def keep(self, queues: Sequence[Queue]) -> None:
        """Note which campaigns have something due; who comes anew starts beside the one charged least."""
        least: dict[tuple[int, int], int] = {}
        for queue in queues:
            if (charged := self._charged.get(queue)) is not None:
                group = (queue.account_id, queue.priority)
                least[group] = min(charged, least.get(group, charged))
        self._charged = {
            queue: self._charged.get(queue, least.get((queue.account_id, queue.priority), 0))
            for queue in queues
        }

    def share(
        self, queues: Iterable[Queue], slots: Mapping[int, int], caps: Mapping[Queue, int]
    ) -> dict[Queue, int]:
        """Share out each account's slots among its most urgent queues; ``caps`` bind some of them."""
        urgent: dict[int, list[Queue]] = {}
        for queue in sorted(queues):
            if caps.get(queue, 1) < 1 or slots.get(queue.account_id, 0) < 1:
                continue
            chosen = urgent.setdefault(queue.account_id, [])
            if not chosen or chosen[0].priority == queue.priority:
                chosen.append(queue)
        shares: dict[Queue, int] = {}
        for account_id, chosen in urgent.items():
            shares |= self._fill(chosen, slots[account_id], caps)
        return shares

    def _fill(self, queues: Sequence[Queue], slots: int, caps: Mapping[Queue, int]) -> dict[Queue, int]:
        if len(queues) == 1:  # The usual case.
            return {queues[0]: min(slots, caps.get(queues[0], slots))}
        shares: dict[Queue, int] = {}
        turns = [(self._charged.get(queue, 0), queue) for queue in queues]
        heapq.heapify(turns)
        for _ in range(slots):
            if not turns:
                break
            charged, queue = turns[0]
            shares[queue] = shares.get(queue, 0) + 1
            if shares[queue] >= caps.get(queue, slots):
                heapq.heappop(turns)
            else:
                heapq.heapreplace(turns, (charged + 1, queue))
        return shares

    def charge(self, taken: Mapping[Queue, int]) -> None:
        """Note what was taken of each queue."""
        for queue, count in taken.items():
            self._charged[queue] = self._charged.get(queue, 0) + count
