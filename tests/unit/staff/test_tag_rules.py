"""One tag on one relation: wishes, looks, calls that get lost, and whose word counts."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.modules.staff.tags import rules
from quanyu.modules.staff.tags.rules import ConflictPolicy, Look, Mark, MarkState, Winner

T0 = datetime(2026, 3, 4, 9, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


def carried(*, decided: bool | None = True) -> Mark:
    """A tag we gave at second 0 and the platform took at second 1."""
    return Mark(
        carried=True, known_at=at(1), ours=decided, ours_at=None if decided is None else at(0), origin="code"
    )


def look(seen: bool, asked: int, changed: int | None = None) -> Look:
    return Look(seen=seen, asked_at=at(asked), changed_at=None if changed is None else at(changed))


def test_a_wish_is_sent_and_taken() -> None:
    mark = rules.send(rules.wish(Mark(), True, at=at(0), origin="code"))
    step = rules.done(mark, at=at(1))

    assert (mark.state, mark.sent) == (MarkState.SENDING, True)
    assert (step.mark.carried, step.mark.state, step.news) == (True, MarkState.SETTLED, True)


def test_a_wish_for_what_is_there_needs_no_call_and_is_remembered() -> None:
    mark = rules.wish(carried(decided=None), True, at=at(5), origin="console")

    assert (mark.state, mark.ours, mark.origin) == (MarkState.SETTLED, True, "console")


def test_a_wish_made_while_the_opposite_is_under_way_has_its_turn() -> None:
    mark = rules.send(rules.wish(Mark(), True, at=at(0), origin="code"))
    mark = rules.wish(mark, False, at=at(1), origin="console")

    step = rules.done(mark, at=at(2))

    assert (step.mark.carried, step.mark.state, step.mark.ours) == (True, MarkState.WAITING, False)


def test_a_lost_call_is_repeated_even_if_the_wish_was_taken_back() -> None:
    mark = rules.send(rules.wish(Mark(), True, at=at(0), origin="code"))
    mark = rules.postpone(mark, is_lost=True, reason="timeout")

    mark = rules.wish(mark, False, at=at(2), origin="console")

    assert mark.state is MarkState.WAITING  # The platform may have the tag all the same.
    assert rules.done(rules.send(mark), at=at(3)).mark.state is MarkState.SETTLED


def test_what_the_platform_changes_without_a_decision_of_ours_is_no_conflict() -> None:
    step = rules.observe(carried(decided=None), look(False, 9), ConflictPolicy.OURS)

    assert (step.mark.carried, step.news, step.winner) == (False, False, None)


@pytest.mark.parametrize(
    ("policy", "winner", "state", "ours"),
    [
        (ConflictPolicy.PLATFORM, Winner.PLATFORM, MarkState.SETTLED, None),
        (ConflictPolicy.OURS, Winner.OURS, MarkState.WAITING, True),
        (ConflictPolicy.NEWEST, Winner.PLATFORM, MarkState.SETTLED, None),
    ],
)
def test_whose_word_counts_when_a_member_takes_our_tag_away(
    policy: ConflictPolicy, winner: Winner, state: MarkState, ours: bool | None
) -> None:
    step = rules.observe(carried(), look(False, 9), policy)

    assert (step.winner, step.mark.state, step.mark.ours, step.mark.carried) == (winner, state, ours, False)


def test_the_newest_word_is_ours_if_the_edit_came_before_it() -> None:
    waiting = rules.wish(carried(decided=None), True, at=at(0), origin="code")
    waiting = rules.wish(waiting, True, at=at(6), origin="console")

    assert rules.observe(waiting, look(False, 9, changed=5), ConflictPolicy.NEWEST).winner is Winner.OURS
    assert rules.observe(waiting, look(False, 9, changed=7), ConflictPolicy.NEWEST).winner is Winner.PLATFORM
    assert rules.observe(waiting, look(False, 9), ConflictPolicy.NEWEST).winner is Winner.PLATFORM


def test_who_insists_has_it_in_the_end() -> None:
    step = rules.observe(carried(), look(False, 9), ConflictPolicy.OURS, is_insisted_on=True)

    assert (step.winner, step.mark.state, step.mark.ours) == (Winner.GAVE_UP, MarkState.SETTLED, None)


def test_a_look_from_before_our_call_ended_is_not_believed() -> None:
    step = rules.observe(carried(), look(False, 1), ConflictPolicy.PLATFORM)

    assert (step.mark, step.winner, step.asks_again) == (carried(), None, True)
    assert not rules.observe(carried(), look(True, 1), ConflictPolicy.PLATFORM).asks_again


def test_a_look_while_a_call_is_under_way_is_taken_again() -> None:
    mark = rules.send(rules.wish(Mark(), True, at=at(0), origin="code"))

    mark = rules.observe(mark, look(False, 1), ConflictPolicy.PLATFORM).mark

    assert rules.done(mark, at=at(2)).asks_again


def test_a_refusal_ends_it_until_somebody_wishes_again() -> None:
    mark = rules.send(rules.wish(Mark(), True, at=at(0), origin="code"))

    refused = rules.refuse(mark, reason="40144").mark

    assert (refused.state, refused.reason) == (MarkState.FAILED, "40144")
    assert rules.observe(refused, look(False, 9), ConflictPolicy.OURS).mark == refused
    assert rules.wish(refused, True, at=at(10), origin="console").state is MarkState.WAITING
