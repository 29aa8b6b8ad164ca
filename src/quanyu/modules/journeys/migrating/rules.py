"""Where somebody goes on in another version, and when; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.modules.journeys.definition import Definition, Node, Wait, WaitEvent

MIGRATED: Final = "migrated"  # The outcome of the step somebody was moved from.
# What may differ while a stay goes on as it is: how a node is called, and where it leads.
_ASIDE: Final = frozenset({"label", "next", "yes", "no", "matched", "timeout"})
_SPREADING: Final = 2_654_435_761  # Knuth's multiplier: neighbours among ids come far apart.


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody on the way in the older version."""

    id: int
    node: str
    seq: int
    came_at: datetime
    is_matched: bool  # What they waited for happened; the engine is about to move them on.


@dataclass(frozen=True, slots=True)
class Rehomed:
    """Their place in the new version. ``keeps``: timers and what they wait for stay.

    Otherwise they stand there as if they had come at ``came_at``, and are looked at at ``due_at``.
    """

    standing: Standing
    node: str
    keeps: bool
    wake_at: datetime
    due_at: datetime


def targets(before: Definition, after: Definition, chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return where the people of every node go on: as chosen, else at the node of the same id."""
    same = {node: node if node in after.nodes else None for node in before.nodes}
    return {**same, **{node: to for node, to in chosen.items() if node in before.nodes}}


def keeps(before: Definition, after: Definition, node: str, to: str) -> bool:
    """Whether a stay goes on untouched: the same node, waiting for the same."""
    return node == to and _stay(before.nodes[node]) == _stay(after.nodes[to])


def rehome(
    one: Standing, before: Definition, after: Definition, to: str, *, now: datetime, spread_s: int
) -> Rehomed:
    """Return somebody's place in the new version.

    Their time at the node goes on: a wait ends so long after they came as the new version says. Whoever
    would go on at once does so at a moment of their own within ``spread_s``.
    """
    if keeps(before, after, one.node, to) or _is_answered(one, before, after, to):
        return Rehomed(one, to, keeps=True, wake_at=one.came_at, due_at=now)
    node = after.nodes[to]
    delay = delay_s(node)
    wake_at = one.came_at + timedelta(seconds=delay or 0)
    if delay is None or wake_at <= now:
        return Rehomed(one, to, keeps=False, wake_at=one.came_at, due_at=_own_moment(one.id, now, spread_s))
    if isinstance(node, Wait):
        return Rehomed(one, to, keeps=False, wake_at=wake_at, due_at=wake_at)
    return Rehomed(one, to, keeps=False, wake_at=one.came_at, due_at=now)  # Begins to wait at once.


def delay_s(node: Node) -> int | None:
    """Return how many seconds a stay at a node lasts at most; ``None`` where that is no fixed time."""
    match node:
        case Wait():
            return node.seconds
        case WaitEvent():
            return node.timeout_s
        case _:
            return None


def _is_answered(one: Standing, before: Definition, after: Definition, to: str) -> bool:
    """Whether the event somebody waited for happened, and is what they would wait for still."""
    old, new = before.nodes.get(one.node), after.nodes[to]
    is_same_event = isinstance(old, WaitEvent) and isinstance(new, WaitEvent) and old.event == new.event
    return one.is_matched and is_same_event


def _stay(node: Node) -> dict[str, object]:
    return {key: value for key, value in node.model_dump(mode="json").items() if key not in _ASIDE}


def _own_moment(enrolment_id: int, now: datetime, spread_s: int) -> datetime:
    share = (enrolment_id * _SPREADING % 2**32) / 2**32
    return now + timedelta(seconds=spread_s) * share
