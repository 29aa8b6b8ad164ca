"""Corp tags end equal on both sides, whatever happens in between and whoever wins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.modules.staff.tags import rules
from quanyu.modules.staff.tags.rules import ConflictPolicy, Look, Mark, MarkState

T0 = datetime(2026, 3, 4, 9, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


@dataclass
class World:
    """A platform, our mark of one tag on one relation, looks under way and callbacks not yet heard."""

    policy: ConflictPolicy
    mark: Mark = field(default_factory=Mark)
    there: bool = False
    second: int = 0
    edited_at: datetime | None = None
    looks: list[Look] = field(default_factory=list)
    observed_at: datetime | None = None
    to_ask: int = 0
    calls: int = 0

    def now(self) -> datetime:
        self.second += 1
        return at(self.second)

    def wish(self, wanted: bool) -> None:
        self.mark = rules.wish(self.mark, wanted, at=self.now(), origin="code")

    def edit(self, value: bool, *, is_told: bool) -> None:
        if self.there != value:
            self.there, edited = value, self.now()
            if is_told:
                self.edited_at = edited
                self.to_ask += 1

    def ask(self) -> None:
        """Begin to look: the answer holds what is there now, and arrives later."""
        self.to_ask = max(0, self.to_ask - 1)
        self.looks.append(Look(seen=self.there, asked_at=self.now(), changed_at=self.edited_at))

    def hear(self, which: int) -> None:
        if not self.looks:
            return
        look = self.looks.pop(which % len(self.looks))
        if self.observed_at is not None and look.asked_at <= self.observed_at:
            return
        self.observed_at = look.asked_at
        self._take(rules.observe(self.mark, look, self.policy))

    def call(self, outcome: str, wanted: bool) -> None:
        """Call the platform; ``lost``: it did it or not and did not say. A wish comes in meanwhile."""
        if self.mark.state is not MarkState.WAITING:
            return
        self.calls += 1
        self.mark = rules.send(self.mark)
        if outcome == "racing":
            self.ask()
            self.hear(len(self.looks) - 1)
            self.wish(wanted)
        if outcome == "refused":
            self.mark = rules.postpone(self.mark, is_lost=False, reason="45035")
            return
        if outcome != "lost_before":
            assert self.mark.sent is not None
            self.there = self.mark.sent
        if outcome.startswith("lost"):
            self.mark = rules.postpone(self.mark, is_lost=True, reason="timeout")
            return
        self._take(rules.done(self.mark, at=self.now()))

    def drain(self) -> None:
        """Let everything arrive, reconcile, and repeat until nothing is to be done."""
        while self.looks:
            self.hear(0)
        for _ in range(10):
            before = self.mark
            while self.mark.state is MarkState.WAITING:
                self.call("taken", False)
            self.ask()
            self.hear(0)
            if self.mark == before and not self.to_ask:
                return
        raise AssertionError("it loops")

    def _take(self, step: rules.Step) -> None:
        self.mark = step.mark
        self.to_ask += step.asks_again


def _step() -> st.SearchStrategy[Callable[[World], None]]:
    value = st.booleans()
    outcome = st.sampled_from(("taken", "racing", "refused", "lost_before", "lost_after"))
    return st.one_of(
        value.map(lambda one: lambda world: world.wish(one)),
        st.tuples(value, value).map(lambda one: lambda world: world.edit(one[0], is_told=one[1])),
        st.just(lambda world: world.ask()),
        st.integers(0, 3).map(lambda one: lambda world: world.hear(one)),
        st.tuples(outcome, value).map(lambda one: lambda world: world.call(*one)),
    )


@pytest.mark.parametrize("policy", list(ConflictPolicy))
@settings(max_examples=150, deadline=None)
@given(steps=st.lists(_step(), max_size=25))
def test_both_sides_end_equal_whatever_order_things_come_in(
    policy: ConflictPolicy, steps: list[Callable[[World], None]]
) -> None:
    """Wishes, edits over there, looks that arrive late and calls that get lost; then one reconciliation."""
    world = World(policy)
    for step in steps:
        step(world)

    world.drain()

    assert world.mark.carried == world.there
    assert world.mark.ours in (None, world.there)
    assert world.mark.state is MarkState.SETTLED
    settled = world.calls
    world.ask()
    world.hear(0)
    assert world.calls == settled  # Reconciling again does nothing.
    assert world.mark.state is MarkState.SETTLED
