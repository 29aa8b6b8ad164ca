"""Adding up what became of people. Pure; tallies of parts are merged into that of the whole."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.journeys.replay.living import ON_THE_WAY, Passage
from quanyu.modules.messaging.rehearsal import Say, Verdict

SAMPLE: Final = 200  # People kept behind each figure.


@dataclass(slots=True)
class Tally:
    """Figures of some people."""

    people: int = 0
    entries: int = 0
    goals: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)  # By day.
    sent: Counter[str] = field(default_factory=Counter)  # By node.
    held: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent_on: Counter[tuple[str, int]] = field(default_factory=Counter)  # By day and account.
    refused_on: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    conflicts: Counter[int] = field(default_factory=Counter)  # Messages by journey; 0: of none.
    conflicting: Counter[int] = field(default_factory=Counter)  # People.
    samples: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def lived(self, person: int, passages: Sequence[Passage], zone: ZoneInfo) -> None:
        """Add a person's passages."""
        if not passages:
            return
        self.people += 1
        self._keep("entered", person)
        for one in passages:
            self.entries += 1
            self.entered[str(one.entered_at.astimezone(zone).date())] += 1
            self.outcomes[one.outcome] += 1
            self._keep(f"outcome:{one.outcome}", person)
            for node, way in one.steps:
                self.ways[node, way] += 1
                self._keep(f"way:{node}:{way}", person)
            if one.outcome == ON_THE_WAY and one.stands_at is not None:
                self.standing[one.stands_at] += 1
                self._keep(f"standing:{one.stands_at}", person)
            if one.goal_at is not None:
                self.goals += 1
                self._keep("goal", person)

    def judged(self, person: int, verdict: Verdict, say: Say, zone: ZoneInfo) -> None:
        """Add what became of a message."""
        local = verdict.at.astimezone(zone)
        node, day = verdict.draft.say, str(local.date())
        if verdict.reason is not None:
            self.refused[node, verdict.reason] += 1
            self.refused_on[day] += 1
            self._keep(f"refused:{node}:{verdict.reason}", person)
            return
        self.sent[node] += 1
        self.held[node] += verdict.was_held
        self.sent_on[day, say.account_id] += 1
        self.hours[local.hour] += 1
        self._keep(f"sent:{node}", person)

    def conflicted(self, person: int, journey: int, messages: int) -> None:
        """Add messages a person really got around the same time."""
        self.conflicts[journey] += messages
        self.conflicting[journey] += 1
        self._keep(f"conflict:{journey}", person)

    def add(self, other: "Tally") -> None:
        """Add the figures of other people."""
        self.people += other.people
        self.entries += other.entries
        self.goals += other.goals
        for mine, theirs in zip(self._counters(), other._counters(), strict=True):
            mine.update(theirs)
        for name, people in other.samples.items():
            self.samples[name] = (self.samples[name] + people)[:SAMPLE]

    def _counters(self) -> tuple[Counter, ...]:  # type: ignore[type-arg]  # Of different keys.
        return (
            self.outcomes, self.ways, self.standing, self.entered, self.sent, self.held, self.refused,
            self.sent_on, self.refused_on, self.hours, self.conflicts, self.conflicting,
        )  # fmt: skip

    def _keep(self, name: str, person: int) -> None:
        kept = self.samples[name]
        if len(kept) < SAMPLE and (not kept or kept[-1] != person):
            kept.append(person)
