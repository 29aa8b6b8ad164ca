"""Journeys as one would explain them: one person after the other, everything from the beginning.

Shares nothing with the engine but the graph's own words. ``tick`` by ``tick``, the brand hears of some
events (in order), and now and then looks at everybody.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

HOUR = 3600.0


@dataclass(frozen=True)
class Event:
    """Times are seconds since the beginning of the story."""

    position: int
    person: int
    name: str
    at: float


@dataclass
class Passage:
    """Somebody's way through the graph so far."""

    person: int
    node: str
    at: float
    by: int | None
    seq: int = 0
    status: str = "active"
    steps: list[tuple[int, str, float, float, str]] = field(default_factory=list)
    sends: list[tuple[int, str, float, int | None]] = field(default_factory=list)
    changes: list[tuple[int, str]] = field(default_factory=list)
    matched: int | None = None
    entered_at: float = 0.0
    entered_by: int = 0
    over_by: str | None = None
    goal_at: float | None = None


class Story:
    """What should have happened."""

    def __init__(self, graph: dict[str, Any], answers: Any, journey_id: int = 0) -> None:
        self.graph = graph
        self.journey_id = journey_id
        self.answers = answers
        self.heard: list[Event] = []
        self.passages: list[Passage] = []

    def hear(self, event: Event, now: float) -> None:
        self.heard.append(event)
        for passage in self.passages:  # One event may end a passage, and begin the next.
            self._end(passage, event, now)
        if event.name == self.graph["entry"]["event"]:
            at = max(event.at, now - HOUR)
            if self._lets_in(event.person, at):
                by = event.position
                start = self.graph["start"]
                self.passages.append(
                    Passage(event.person, start, at, by, entered_at=at, entered_by=event.position)
                )

    def _end(self, one: Passage, event: Event, now: float) -> None:
        """What ends a journey does so whoever is on the way, and for good; a goal counts once."""
        after = event.at > one.entered_at or (event.at == one.entered_at and event.position > one.entered_by)
        if event.person != one.person or not after:
            return
        reason = None
        goal = self.graph.get("goal")
        if goal and event.name == goal["event"] and event.at <= one.entered_at + goal["within_s"]:
            one.goal_at = event.at if one.goal_at is None else one.goal_at
            reason = "goal" if goal["leaves"] else None
        if reason is None and any(rule["event"] == event.name for rule in self.graph.get("exits", ())):
            reason = "exit_event"
        if reason is None or one.over_by is not None:
            return
        one.over_by = reason
        if one.status == "active":
            one.steps.append((one.seq, one.node, one.at, now, reason))
            one.seq += 1
            one.status = "exited"

    def _lets_in(self, person: int, at: float) -> bool:
        mine = [passage for passage in self.passages if passage.person == person]
        if not mine:
            return True
        reentry = self.graph["entry"]["reentry"]
        entered = mine[-1].steps[0][2] if mine[-1].steps else mine[-1].at
        if mine[-1].status == "active" or at < entered + 1:
            return False
        if reentry["mode"] == "cool_down":
            return bool(at >= entered + reentry["cool_down_s"])
        if reentry["mode"] == "per_period":
            return len([one for one in mine if at < one.entered_at + reentry["period_s"]]) < reentry["times"]
        return bool(reentry["mode"] == "after_exit")

    def look(self, now: float) -> None:
        for passage in self.passages:
            while passage.status == "active" and self._step(passage, now):
                pass

    def _step(self, one: Passage, now: float) -> bool:
        node = self.graph["nodes"][one.node]
        event = None
        match node["kind"]:
            case "end":
                one.steps.append((one.seq, one.node, one.at, now, "end"))
                one.seq += 1
                one.status = "completed"
                return False
            case "wait":
                outcome, leaves = "next", one.at + node["seconds"]
            case "update":
                outcome, leaves = "next", one.at
                one.changes.append((one.seq, one.node))
            case "send":
                outcome, leaves = "next", now
                one.sends.append((one.seq, one.node, now, one.matched))
            case "condition":
                outcome = "yes" if self.answers(node["test"], one.person) else "no"
                leaves = one.at
            case "split":
                outcome, target, leaves = "otherwise", node["otherwise"], one.at
                for branch in reversed(node["branches"]):
                    if self.answers(branch["test"], one.person):
                        outcome, target = branch["name"], branch["next"]
                node = {outcome: target}
            case "repeat":
                rounds = [step for step in one.steps if step[1] == one.node and step[4] == "again"]
                outcome, leaves = ("again" if len(rounds) < node["times"] else "next"), one.at
            case "wait_until":
                over = self._over(one, node["until"])
                outcome = "missing" if over is None else "next"
                leaves = one.at if over is None else max(one.at, over)
            case "random":
                outcome, target = self._drawn(one, node)
                node, leaves = {outcome: target}, one.at
            case _:
                event = self._awaited(one, node)
                outcome = "matched" if event else "timeout"
                leaves = event.at if event else one.at + node["timeout_s"]
        if leaves > now:
            return False
        one.steps.append((one.seq, one.node, one.at, now, outcome))
        by = event.position if event else (one.by if leaves == one.at else None)
        caught_up = max(leaves, now - HOUR)
        one.by = by if caught_up == leaves else None
        one.at, one.seq, one.node = caught_up, one.seq + 1, node[outcome]
        if event:
            one.matched = event.position
        return True

    def _over(self, one: Passage, until: dict[str, Any]) -> float | None:
        """Seconds of the story; it begins at noon of Wednesday, so that a clock shows noon at 0 (JN-8)."""
        if until["kind"] == "day":
            return _shown(until["at"])
        if until["kind"] == "window":
            minute = one.at
            while not _is_open(until, minute):
                minute = minute // 60 * 60 + 60
            return minute
        due = {1: 300.0, 2: -12 * HOUR}.get(one.person)  # Five past noon; midnight.
        if due is None:
            return None
        if until["unit"] == "days":
            return _shown(until["at"]) + until["offset"] * 24 * HOUR
        return due + until["offset"] * (60 if until["unit"] == "minutes" else HOUR)

    def _drawn(self, one: Passage, node: dict[str, Any]) -> tuple[str, str]:
        """Put a straw for each unit of weight in a row; the hash of who draws where points at one (JN-10)."""
        straws = [(way["name"], way["next"]) for way in node["ways"] for _ in range(way["weight"])]
        said = f"{self.journey_id}:{one.person}:{one.node}"
        return straws[int(sha256(said.encode()).hexdigest()[:16], 16) * len(straws) // 2**64]

    def _awaited(self, one: Passage, node: dict[str, Any]) -> Event | None:
        for event in self.heard:  # Heard in the order of what happened.
            mine = event.person == one.person and event.name == node["event"]
            in_time = one.at <= event.at <= one.at + node["timeout_s"]
            again = event.at == one.at and one.by is not None and event.position <= one.by
            if mine and in_time and not again:
                return event
        return None


def _shown(wall: str) -> float:
    """Return when a clock shows it on the story's first day."""
    return (int(wall[:2]) - 12) * HOUR + int(wall[3:]) * 60


def _is_open(window: dict[str, Any], at: float) -> bool:
    days, wall = divmod(at + 12 * HOUR, 24 * HOUR)
    today = (2 + int(days)) % 7 + 1
    opens, closes = (_shown(window[name]) + 12 * HOUR for name in ("opens", "closes"))
    if opens < closes:
        return today in window["weekdays"] and opens <= wall < closes
    yesterday = (today - 2) % 7 + 1
    return (today in window["weekdays"] and wall >= opens) or (
        yesterday in window["weekdays"] and wall < closes
    )
